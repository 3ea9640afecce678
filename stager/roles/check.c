/* stager-check: scrubbed entries in, scanned a second time, and out again where nothing was found. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stager/check.h"
#include "stager/context.h"
#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/report.h"
#include "stager/sandbox.h"
#include "stager/wire.h"

#define ENTRIES_IN 4
#define ENTRIES_OUT 5                             /* and from there on, one a set */
#define CONTEXT_FD (ENTRIES_OUT + ENTRY_SETS_MAX) /* with the argument "context" */
#define PIECE_LEN (256u << 10)
#define OVERLAP 4096
#define RAW_LEN ENCODED_MOST(ENTRY_BUFFERED_MAX)
/* The member, as it came where it is in another encoding, and, of JSON, its text without escapes; and what libc
 * needs; and of each set what its file's numbers were. */
#define MEMORY_MAX (UINT64_C(320) << 20)

static const char program[] = "stager-check";

struct check {
	struct entry_reader in;
	struct entry_writer sets[ENTRY_SETS_MAX], *out; /* out: that of the entry in hand */
	uint8_t *held[ENTRY_SETS_MAX];                  /* small members on their way out */
	size_t set_count;
	struct report *report;
	uint8_t *data; /* ENTRY_BUFFERED_MAX bytes */
	size_t dirty;  /* of them were written to, and are wiped in the end */
	uint8_t *raw;  /* NULL until text in another encoding comes: RAW_LEN bytes, of which */
	size_t raw_dirty;
	bool withheld; /* the first entry of this sample */
	struct check_share
	    *share[ENTRY_SETS_MAX]; /* of the file in hand, of each set: other columns are other numbers */
	uint64_t share_file;
	struct context *context; /* NULL: the policy has no subject table */
	struct check_known *known;
	struct json *canaries; /* what must be gone of those that were planted; NULL until they are wanted */
};

/* len bytes of the open entry to the front of data: all of them, unless the stream is cut. */
static int
take(struct check *c, size_t len, struct err *e)
{
	size_t have = 0, got;

	if (c->dirty < len)
		c->dirty = len;
	for (; have < len; have += got)
		if (entry_read(&c->in, c->data + have, len - have, &got, e) == -1)
			return -1;
	return 0;
}

static size_t
piece_of(uint64_t left)
{
	return left < PIECE_LEN ? (size_t)left : PIECE_LEN;
}

/* What is left of an entry that does not go on. */
static int
pass_over(struct check *c, struct err *e)
{
	while (c->in.left > 0)
		if (take(c, piece_of(c->in.left), e) == -1)
			return -1;
	return 0;
}

/* What is left of an entry whose head went on; tail, where there is one, says what it may be. */
static int
pass_on(struct check *c, struct check_tail *tail, struct err *e)
{
	size_t len;

	while ((len = piece_of(c->in.left)) > 0) {
		if (take(c, len, e) == -1)
			return -1;
		/* Half of the member is gone already: it cannot be withheld, only the push be stopped. */
		if (tail != NULL &&
		    (!check_tail_feed(tail, c->data, len) || (c->in.left == 0 && !check_tail_end(tail))))
			return err_set(e, ERR_FORGED,
			    "entry %llu: its pixel data do not end where the member does",
			    (unsigned long long)c->in.entries);
		if (entry_write(c->out, c->data, len, e) == -1)
			return -1;
	}
	return 0;
}

/* A DICOM member past the buffer: its head is walked, and what follows is pixel data or stops everything. */
static int
large_dicom(struct check *c, const struct entry *entry, const char **reason, struct err *e)
{
	struct check_tail tail;
	size_t used;

	if (take(c, CHECK_DICOM_HEAD_MAX, e) == -1)
		return -1;
	if (check_dicom_head(c->data, CHECK_DICOM_HEAD_MAX, entry->size, &used, &tail, reason) != 0)
		return 0;
	if (check_known_member(c->known, RESCAN_DICOM, entry->subject, c->data, used, reason, e) != 0)
		return *reason != NULL ? 0 : -1;
	if (!check_tail_feed(&tail, c->data + used, CHECK_DICOM_HEAD_MAX - used)) {
		*reason = "check-dicom";
		return 0;
	}
	if (entry_begin(c->out, entry, e) == -1 ||
	    entry_write(c->out, c->data, CHECK_DICOM_HEAD_MAX, e) == -1)
		return -1;
	return pass_on(c, &tail, e);
}

/* A whole member of len bytes in data: by what nobody's may hold, and by what is known of its own subjects. */
static int
look(struct check *c, const struct entry *entry, size_t len, const char **reason, struct err *e)
{
	struct check_tail tail;
	size_t head = len;

	if (check_member(entry->rescan, c->data, len, reason, e) == -1)
		return -1;
	if (*reason != NULL || c->known == NULL)
		return 0;
	if (entry->rescan == RESCAN_DICOM && check_dicom_head(c->data, len, len, &head, &tail, reason) != 0)
		return 0;
	return check_known_member(c->known, entry->rescan, entry->subject, c->data, head, reason, e) == -1
		   ? -1
		   : 0;
}

/*
 * The bytes as they are, whatever encoding they are said to be in: whoever reads them may read ASCII. What is none stands
 * between lines. In pieces that overlap by more than anything that is looked for is long.
 */
static int
check_raw(struct check *c, size_t len, const char **reason, struct err *e)
{
	for (size_t from = 0, n; from < len && *reason == NULL;
	     from += n == ENTRY_BUFFERED_MAX ? n - OVERLAP : n) {
		n = len - from < ENTRY_BUFFERED_MAX ? len - from : ENTRY_BUFFERED_MAX;
		if (c->dirty < n)
			c->dirty = n;
		for (size_t i = 0; i < n; i++)
			c->data[i] =
			    c->raw[from + i] == 0 || c->raw[from + i] >= 0x80 ? '\n' : c->raw[from + i];
		if (check_member(RESCAN_TEXT, c->data, n, reason, e) == -1)
			return -1;
	}
	return 0;
}

/* Text that is not in UTF-8: judged by what it says, and passed on as it came. */
static int
judge_encoded(struct check *c, const struct entry *entry, const char **reason, struct err *e)
{
	size_t len = (size_t)entry->size, have = 0, got, text;
	bool ok;

	if (entry->size > RAW_LEN) {
		*reason = "check-form";
		return 0;
	}
	if (c->raw == NULL && (c->raw = malloc(RAW_LEN)) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	if (c->raw_dirty < len)
		c->raw_dirty = len;
	for (; have < len; have += got)
		if (entry_read(&c->in, c->raw + have, len - have, &got, e) == -1)
			return -1;
	if (check_raw(c, len, reason, e) == -1)
		return -1;
	if (*reason != NULL)
		return 0;
	ok = check_decode(entry->encoding, c->raw, len, c->data, ENTRY_BUFFERED_MAX, &text);
	if (c->dirty < text)
		c->dirty = text;
	if (!ok)
		*reason = "check-text";
	else if (look(c, entry, text, reason, e) == -1)
		return -1;
	if (*reason != NULL)
		return 0;
	check_share_member(c->share[entry->set], entry->rescan, c->data, text);
	return entry_put(c->out, entry, c->raw, len, e);
}

/* Read and judge one entry: it goes on, or *reason says why not. */
static int
judge(struct check *c, const struct entry *entry, const char **reason, struct err *e)
{
	if (entry->continues && c->withheld) {
		*reason = "check-sample";
		return 0;
	}
	if (entry->rescan == RESCAN_NONE) {
		report_add(c->report, "check", "not-rescanned", 1);
		return entry_begin(c->out, entry, e) == -1 ? -1 : pass_on(c, NULL, e);
	}
	if (entry->encoding != ENCODING_UTF8)
		return judge_encoded(c, entry, reason, e);
	if (entry->size > ENTRY_BUFFERED_MAX && entry->rescan == RESCAN_DICOM)
		return large_dicom(c, entry, reason, e);
	if (entry->size > ENTRY_BUFFERED_MAX) {
		*reason = "check-form";
		return 0;
	}
	if (take(c, (size_t)entry->size, e) == -1 || look(c, entry, (size_t)entry->size, reason, e) == -1)
		return -1;
	if (*reason != NULL)
		return 0;
	check_share_member(c->share[entry->set], entry->rescan, c->data, (size_t)entry->size);
	return entry_put(c->out, entry, c->data, (size_t)entry->size, e);
}

/* A member with planted values: none of them may be in it, and it goes nowhere. */
static int
judge_canary(struct check *c, const struct entry *entry, struct err *e)
{
	const struct json *values;

	if (c->canaries == NULL && (c->canaries = wire_expect(WIRE_FD, WIRE_CANARIES, NULL, 0, e)) == NULL)
		return -1;
	if ((values = json_need(c->canaries, "values", JSON_ARRAY, "canaries", e)) == NULL)
		return -1;
	if (entry->size > ENTRY_CANARY_MAX)
		return err_set(e, ERR_INPUT, "canary: larger than any that was planted");
	if (take(c, (size_t)entry->size, e) == -1)
		return -1;
	for (size_t i = 0; i < values->count; i++) {
		const char *kind = json_need_string(values->items[i], "kind", "canaries", e),
			   *value = json_need_string(values->items[i], "value", "canaries", e);
		int there;

		if (kind == NULL || value == NULL ||
		    (there = check_canary(
			 c->data, (size_t)entry->size, entry->rescan == RESCAN_JSONL, value, e)) == -1)
			return -1;
		if (there == 1)
			return err_set(e, ERR_FORGED,
			    "a planted value (%.20s) is still there after scrubbing: this scrubber does not "
			    "work, and nothing of the push is kept",
			    kind);
	}
	report_add(c->report, "canaries", "checked", 1);
	return 0;
}

/* Another file begins, or none: what the one before had too much of. Its members are on their way, so the version waits. */
static void
end_share(struct check *c, uint64_t next)
{
	uint64_t alarms = 0;

	if (next == c->share_file)
		return;
	for (size_t i = 0; i < c->set_count; i++)
		alarms += check_share_end(c->share[i]);
	if (alarms > 0)
		report_hold(c->report, HOLD_CHECK, "check-bsn-share", c->share_file, alarms);
	c->share_file = next;
}

static int
check_entries(struct check *c, struct err *e)
{
	const char *reason;
	struct entry entry;
	int rc;

	while ((rc = entry_next(&c->in, &entry, e)) == 1) {
		/* What has no place to go belongs to no set of this push. */
		if (entry.set >= c->set_count)
			return err_set(e, ERR_INPUT, "entry %llu: of a set that there is not",
			    (unsigned long long)c->in.entries);
		c->out = &c->sets[entry.set];
		if (entry.file == ENTRY_FILE_CANARY) {
			if (judge_canary(c, &entry, e) == -1)
				return -1;
			continue;
		}
		reason = NULL;
		c->out->file = entry.file;
		end_share(c, entry.file);
		if (judge(c, &entry, &reason, e) == -1 || pass_over(c, e) == -1)
			return -1;
		report_add(c->report, "check", "members", 1);
		report_add(c->report, "check", "bytes", entry.size);
		if (reason != NULL)
			report_hold(c->report, HOLD_CHECK, reason, entry.file, 1);
		if (!entry.continues)
			c->withheld = reason != NULL;
	}
	end_share(c, UINT64_MAX);
	return rc;
}

/* END must say as many entries as came: a stream cut between two entries looks whole. */
static int
take_end(struct check *c, struct err *e)
{
	static const char *const keys[] = {"entries", NULL};
	struct json *end;
	int64_t sent;
	int rc = -1;

	/* They were sent in any case: nothing that was planted has come. */
	if (c->canaries == NULL && (c->canaries = wire_expect(WIRE_FD, WIRE_CANARIES, NULL, 0, e)) == NULL)
		return -1;
	if ((end = wire_expect(WIRE_FD, WIRE_END, NULL, 0, e)) == NULL ||
	    json_expect_keys(end, keys, "END", e) == -1 ||
	    json_need_int(end, "entries", 0, JSON_INT_MAX, "END", &sent, e) == -1)
		goto out;
	if ((uint64_t)sent != c->in.entries) {
		err_set(e, ERR_SYSTEM, "entry stream: %llu entries came, %lld were sent",
		    (unsigned long long)c->in.entries, (long long)sent);
		goto out;
	}
	rc = 0;
out:
	json_free(end);
	return rc;
}

/* As many sets as there are places to write to. */
static int
open_sets(struct check *c, struct err *e)
{
	for (; c->set_count < ENTRY_SETS_MAX; c->set_count++) {
		struct entry_writer *out = &c->sets[c->set_count];
		int fd = ENTRIES_OUT + (int)c->set_count;

		if (fcntl(fd, F_GETFD) == -1)
			break;
		if ((c->held[c->set_count] = malloc(ENTRY_HELD_LEN)) == NULL ||
		    (c->share[c->set_count] = check_share_new()) == NULL)
			return err_set(e, ERR_SYSTEM, "out of memory");
		entry_writer_init(out, fd);
		entry_writer_hold(out, c->held[c->set_count]);
		out->set = (uint8_t)c->set_count;
	}
	return 0;
}

static int
flush_sets(struct check *c, struct err *e)
{
	for (size_t i = 0; i < c->set_count; i++)
		if (entry_flush(&c->sets[i], e) == -1)
			return -1;
	return 0;
}

/* What went on, in all and of each set. */
static int
send_done(struct check *c, struct err *e)
{
	struct json *done = json_object(), *sets = json_array(), *set;
	uint64_t entries = 0, bytes = 0;
	int rc;

	json_set(done, "sets", sets);
	for (size_t i = 0; i < c->set_count; i++) {
		set = json_object();
		json_set_int(set, "entries", (int64_t)c->sets[i].entries);
		json_set_int(set, "bytes", (int64_t)c->sets[i].bytes);
		json_push(sets, set);
		entries += c->sets[i].entries;
		bytes += c->sets[i].bytes;
	}
	json_set(done, "report", report_json(c->report));
	json_set_int(done, "entries", (int64_t)entries);
	json_set_int(done, "bytes", (int64_t)bytes);
	json_set_int(done, "files", 0);
	rc = wire_send(WIRE_FD, WIRE_DONE, done, NULL, 0, e);
	json_free(done);
	return rc;
}

static int
check(bool linked, struct err *e)
{
	struct check *c = NULL;
	int rc = -1;

	if ((c = calloc(1, sizeof(*c))) == NULL || (c->data = malloc(ENTRY_BUFFERED_MAX)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	if (linked && (c->context = context_open(CONTEXT_FD, e)) == NULL)
		goto out;
	if (linked && (c->known = check_known_new(c->context)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	if (open_sets(c, e) == -1)
		goto out;
	entry_reader_init(&c->in, ENTRIES_IN);
	c->report = report_new();
	if (check_entries(c, e) == -1 || flush_sets(c, e) == -1 || take_end(c, e) == -1)
		goto out;
	rc = send_done(c, e);
out:
	if (c != NULL) {
		if (c->data != NULL)
			explicit_bzero(c->data, c->dirty);
		free(c->data);
		if (c->raw != NULL)
			explicit_bzero(c->raw, c->raw_dirty);
		free(c->raw);
		entry_reader_free(&c->in);
		for (size_t i = 0; i < ENTRY_SETS_MAX; i++) {
			if (c->held[i] != NULL)
				explicit_bzero(c->held[i], ENTRY_HELD_LEN);
			free(c->held[i]);
			check_share_free(c->share[i]);
		}
		report_free(c->report);
		check_known_free(c->known);
		context_close(c->context);
		json_free(c->canaries);
	}
	free(c);
	return rc;
}

int
main(int argc, char **argv)
{
	struct sandbox confined = {.allow = SANDBOX_PASS_FD, .folder = -1, .memory = MEMORY_MAX};
	const bool linked = argc > 1 && strcmp(argv[1], "context") == 0;
	struct err e = {0};
	struct stat st;

	sandbox_first();
	sandbox_help(argc, argv, "stager-check");
	/* It is mapped beside what is read. Seals cannot be asked for once confined. */
	if (linked) {
		if (context_sealed(CONTEXT_FD, &e) == -1)
			return err_report(program, &e);
		if (fstat(CONTEXT_FD, &st) == -1) {
			err_sys(&e, "context: stat");
			return err_report(program, &e);
		}
		confined.memory += (uint64_t)st.st_size;
	}
	if (sandbox_enter(&confined, NULL, &e) == -1)
		return err_report(program, &e);
	sandbox_prove(argc, argv);
	return check(linked, &e) == -1 ? err_report(program, &e) : 0;
}
