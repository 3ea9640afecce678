/* JSON Lines, read a record at a time and written record by record or in parts; and JSON documents, a record each. */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "stager/entry.h"
#include "stager/report.h"
#include "stager/source.h"

#define READ_STEP (256u << 10)
#define WINDOW (JSONL_RECORD_MAX + 2 + READ_STEP) /* a record, CR and LF, and what the last read brought */
#define REASONS_MAX 24

struct run {
	struct scrub *scrub;
	struct source *in;
	struct jsonl_paths paths;
	struct jsonl_record record;
	uint8_t *window;
	size_t start, scanned, filled,
	    most; /* the next line; no LF before `scanned`; bytes there; ever there */
	struct buf part;
	uint64_t bytes, seen, passed, members;
	uint64_t excluded, unmatched; /* dropped with their subjects */
	uint64_t actions[JSONL_ACTIONS];
	struct text_finds finds;
	struct {
		const char *reason;
		uint64_t count;
	} held[REASONS_MAX];
	const char *file_held;
};

static int
put_member(struct run *r, const char *subject, const char *ext, const struct buf *bytes, struct err *e)
{
	struct entry entry;

	entry_init(&entry, subject, ext, RESCAN_JSONL, bytes->len);
	if (entry_put(r->scrub->out, &entry, bytes->data, bytes->len, e) == -1)
		return -1;
	r->members++;
	return 0;
}

static int
put_part(struct run *r, struct err *e)
{
	if (r->part.len == 0)
		return 0;
	if (put_member(r, "x", "jsonl", &r->part, e) == -1)
		return -1;
	buf_clear(&r->part);
	return 0;
}

static bool
is_document(const struct run *r)
{
	return r->scrub->rule->format == FORMAT_JSON;
}

/* A record that passed: its line, LF included, as a member or at the end of the part; or the document as it is. */
static int
put_record(struct run *r, struct err *e)
{
	struct jsonl_record *record = &r->record;
	char subject[PSEUDONYM_LEN + 1] = "x";

	if (!is_document(r)) {
		record->out.limit++;
		if (buf_put_u8(&record->out, '\n', e) == -1)
			return -1;
		record->out.limit--;
	}
	if (r->scrub->rule->sample_record) {
		if (r->scrub->subject != NULL)
			memcpy(subject, record->person.pseudonym, sizeof(subject));
		else if (record->has_subject)
			pseudonym_make(
			    r->scrub->key, (const char *)record->subject.data, record->subject.len, subject);
		return put_member(r, subject, "json", &record->out, e);
	}
	if (r->part.len + record->out.len > JSONL_PART_MAX && put_part(r, e) == -1)
		return -1;
	return buf_put(&r->part, record->out.data, record->out.len, e);
}

static int
take_record(struct run *r, const uint8_t *line, size_t len, struct err *e)
{
	int rc;

	if (len > JSONL_RECORD_MAX) {
		r->file_held = "record-too-long";
		return 0;
	}
	r->seen++;
	if ((rc = jsonl_record_scrub(&r->record, line, len, e)) == -1)
		return -1;
	if (rc == JSONL_DROPPED) {
		if (strcmp(r->record.reason, "excluded") == 0)
			r->excluded++;
		else
			r->unmatched++;
		return 0;
	}
	if (rc == 0) {
		for (size_t i = 0; i < REASONS_MAX; i++) {
			if (r->held[i].reason == NULL)
				r->held[i].reason = r->record.reason;
			if (strcmp(r->held[i].reason, r->record.reason) == 0) {
				r->held[i].count++;
				return 0;
			}
		}
		return err_set(e, ERR_SYSTEM, "records: held for more than %d reasons", REASONS_MAX);
	}
	r->passed++;
	for (size_t i = 0; i < JSONL_ACTIONS; i++)
		r->actions[i] += r->record.actions[i];
	for (size_t i = 0; i < SPAN_TYPES; i++)
		r->finds.count[i] += r->record.finds.count[i];
	return put_record(r, e);
}

static int
take_line(struct run *r, const uint8_t *line, size_t len, struct err *e)
{
	size_t blank = 0;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	while (blank < len && (line[blank] == ' ' || line[blank] == '\t'))
		blank++;
	return blank == len ? 0 : take_record(r, line, len, e);
}

/* Byte order marks: that of UTF-8 is passed over; with another one the file is not what we read. */
static void
take_mark(struct run *r)
{
	if (r->filled >= 2 &&
	    (memcmp(r->window, "\xff\xfe", 2) == 0 || memcmp(r->window, "\xfe\xff", 2) == 0))
		r->file_held = "not-utf8";
	else if (r->filled >= 3 && memcmp(r->window, "\xef\xbb\xbf", 3) == 0)
		r->start = r->scanned = 3;
}

/* More bytes behind those that are there: how many, or -1. */
static ssize_t
fill(struct run *r, struct err *e)
{
	size_t want;
	ssize_t n;

	if (r->start > 0) {
		memmove(r->window, r->window + r->start, r->filled - r->start);
		r->filled -= r->start;
		r->scanned -= r->start;
		r->start = 0;
	}
	want = WINDOW - r->filled < READ_STEP ? WINDOW - r->filled : READ_STEP;
	if (r->filled + want > r->most)
		r->most = r->filled + want;
	n = source_read_full(r->in, r->window + r->filled, want, e);
	if (n > 0) {
		r->filled += (size_t)n;
		r->bytes += (uint64_t)n;
	}
	return n;
}

static int
read_lines(struct run *r, struct err *e)
{
	const uint8_t *end;
	ssize_t n;

	if (fill(r, e) == -1)
		return -1;
	take_mark(r);
	while (r->file_held == NULL) {
		end = memchr(r->window + r->scanned, '\n', r->filled - r->scanned);
		if (end != NULL) {
			size_t at = (size_t)(end - r->window);

			if (take_line(r, r->window + r->start, at - r->start, e) == -1)
				return -1;
			r->start = r->scanned = at + 1;
			continue;
		}
		r->scanned = r->filled;
		if (r->filled - r->start > JSONL_RECORD_MAX + 1) {
			r->file_held = "record-too-long";
			break;
		}
		if ((n = fill(r, e)) == -1)
			return -1;
		if (n == 0) {
			if (take_line(r, r->window + r->start, r->filled - r->start, e) == -1)
				return -1;
			break;
		}
	}
	/* Also before a line that is too long: what passed stands on its own. */
	return put_part(r, e);
}

static int
read_document(struct run *r, struct err *e)
{
	ssize_t n;

	do
		if ((n = fill(r, e)) == -1)
			return -1;
	while (n > 0 && r->filled <= JSONL_RECORD_MAX + 3); /* and its mark */
	take_mark(r);
	return r->file_held != NULL ? 0 : take_record(r, r->window + r->start, r->filled - r->start, e);
}

static void
report_run(const struct run *r)
{
	struct report *report = r->scrub->report;

	report_add(report, "bytes", "in", r->bytes);
	report_add(report, "records", "seen", r->seen);
	report_add(report, "records", "passed", r->passed);
	report_add(report, "members", "out", r->members);
	for (size_t i = 0; i < JSONL_ACTIONS; i++)
		if (r->actions[i] > 0)
			report_add(report, "actions", action_word((enum action_kind)i), r->actions[i]);
	text_finds_report(&r->finds, report);
	if (r->scrub->context != NULL && r->passed > 0)
		report_add(
		    report, "subjects", r->scrub->rule->subject != NULL ? "linked" : "unlinked", r->passed);
	if (r->excluded > 0)
		report_add(report, "subjects", "excluded", r->excluded);
	if (r->unmatched > 0)
		report_add(report, "subjects", "unmatched", r->unmatched);
	for (size_t i = 0; i < REASONS_MAX && r->held[i].reason != NULL; i++)
		report_hold(report, HOLD_RECORD, r->held[i].reason, r->in->number, r->held[i].count);
	if (r->file_held != NULL)
		report_hold(report, HOLD_FILE, r->file_held, r->in->number, 1);
}

int
jsonl_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct run r = {.scrub = s, .in = in};
	int rc = -1;

	buf_init_wiped(&r.part, ENTRY_BUFFERED_MAX);
	if (s->context != NULL && s->rule->subject != NULL)
		s->subject = &r.record.person;
	if (jsonl_paths_make(&r.paths, s->rule, e) == -1 ||
	    jsonl_record_init(&r.record, s, &r.paths, e) == -1)
		goto out;
	if ((r.window = malloc(WINDOW)) == NULL) {
		err_sys(e, "records: memory for a window");
		goto out;
	}
	if ((is_document(&r) ? read_document(&r, e) : read_lines(&r, e)) == -1)
		goto out;
	report_run(&r);
	rc = 0;
out:
	s->subject = NULL;
	if (r.window != NULL)
		explicit_bzero(r.window, r.most);
	free(r.window);
	buf_free(&r.part);
	jsonl_record_free(&r.record);
	jsonl_paths_free(&r.paths);
	return rc;
}
