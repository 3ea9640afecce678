/* JSON Lines, read a record at a time and written record by record or in parts; and JSON documents, a record each. */
#include "jsonl_reader.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "../record.h"
#include "batch.h"
#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"

#define READ_STEP (256u << 10)
/* Longer lines are for one thread: room for them in every batch would be 16 MiB and more a thread. */
#define THREAD_LINE_MAX (1u << 20)

/* These bytes as a member of one of the rule's sets. */
static int
put_member(struct jsonl_run *r, size_t i, const char *subject, const char *ext, const uint8_t *data,
    size_t len, struct err *e)
{
	const uint8_t own = r->scrub->out->set;
	struct entry entry;
	int rc;

	entry_init(&entry, subject, ext, RESCAN_JSONL, len);
	encoded_taken(r->scrub->out, r->in, r->ahead - (r->filled - r->start));
	r->scrub->out->set = r->records.of[i].set;
	rc = entry_put(r->scrub->out, &entry, data, len, e);
	r->scrub->out->set = own;
	r->members++;
	return rc;
}

static int
put_part(struct jsonl_run *r, struct err *e)
{
	for (size_t i = 0; i < r->records.count; i++) {
		struct buf *part = &r->part[i];

		if (part->len > 0 && put_member(r, i, "x", "jsonl", part->data, part->len, e) == -1)
			return -1;
		buf_clear(part);
	}
	return 0;
}

/* One of the parts has no room for it: all end with the same line. */
static bool
part_full(const struct jsonl_run *r, const struct jsonl_line *lines)
{
	for (size_t i = 0; i < r->records.count; i++)
		if (r->part[i].len + lines[i].len > r->limits->part_max)
			return true;
	return false;
}

int
jsonl_put(struct jsonl_run *r, const char *subject, const struct jsonl_line *lines, struct err *e)
{
	bool alone = r->scrub->rule->sample_record;

	if (!alone && part_full(r, lines) && put_part(r, e) == -1)
		return -1;
	for (size_t i = 0; i < r->records.count; i++)
		if (alone ? put_member(r, i, subject, "json", lines[i].at, lines[i].len, e) == -1
			  : buf_put(&r->part[i], lines[i].at, lines[i].len, e) == -1)
			return -1;
	return 0;
}

/* 1; 0 where the file is held; -1. */
static int
take_line(struct jsonl_run *r, const uint8_t *line, size_t len, struct err *e)
{
	struct jsonl_record *record = &r->records.of[0];
	struct jsonl_line lines[ENTRY_SETS_MAX] = {0};
	char subject[PSEUDONYM_LEN + 1] = "x";
	int rc = jsonl_tally_line(record, r->limits, &r->all, line, len, e);

	if (rc == JSONL_TOO_LONG) {
		r->file_held = "record-too-long";
		return 0;
	}
	if (rc != 1)
		return rc == -1 ? -1 : 1;
	if (record->tuple != NULL && record_take(r->scrub, record->tuple, e) == -1)
		return -1;
	if (r->scrub->rule->sample_record)
		jsonl_tally_subject(record, subject);
	for (size_t i = 0; i < r->records.count; i++)
		lines[i] = (struct jsonl_line){r->records.of[i].out.data, r->records.of[i].out.len};
	return jsonl_put(r, subject, lines, e) == -1 ? -1 : 1;
}

/* All that the window has, as the last line. */
static int
take_rest(struct jsonl_run *r, struct err *e)
{
	size_t start = r->start;

	r->start = r->filled;
	return take_line(r, r->window + start, r->filled - start, e);
}

/* Byte order marks: that of UTF-8 is passed over; with another one the file is not what we read. */
static void
take_mark(struct jsonl_run *r)
{
	if (r->filled >= 2 &&
	    (memcmp(r->window, "\xff\xfe", 2) == 0 || memcmp(r->window, "\xfe\xff", 2) == 0))
		r->file_held = "not-utf8";
	else if (r->filled >= 3 && memcmp(r->window, "\xef\xbb\xbf", 3) == 0)
		r->start = r->scanned = 3;
}

/* More bytes behind those that are there: how many, or -1. */
static ssize_t
fill(struct jsonl_run *r, struct err *e)
{
	size_t want;
	ssize_t n;

	if (r->start > 0) {
		memmove(r->window, r->window + r->start, r->filled - r->start);
		r->filled -= r->start;
		r->scanned -= r->start;
		r->start = 0;
	}
	want = r->window_len - r->filled < r->limits->window ? r->window_len - r->filled : r->limits->window;
	if (r->filled + want > r->most)
		r->most = r->filled + want;
	n = source_read_full(r->in, r->window + r->filled, want, e);
	if (n > 0) {
		r->filled += (size_t)n;
		r->ahead = r->bytes += (uint64_t)n;
	}
	return n;
}

int
jsonl_take_lines(struct jsonl_run *r, struct err *e)
{
	const uint8_t *end;
	int rc;

	while ((end = memchr(r->window + r->scanned, '\n', r->filled - r->scanned)) != NULL) {
		size_t start = r->start, at = (size_t)(end - r->window);

		r->start = r->scanned = at + 1;
		if ((rc = take_line(r, r->window + start, at - start, e)) == 1)
			continue;
		/* One that is too long is taken by nobody, whether its end is there or not. */
		r->start = start;
		return rc;
	}
	r->scanned = r->filled;
	/* The CR before its LF may be there already. */
	if (r->filled - r->start <= r->limits->record_max + 1)
		return 1;
	r->file_held = "record-too-long";
	return 0;
}

int
jsonl_take_end(struct jsonl_run *r, struct err *e)
{
	if (r->file_held == NULL && take_rest(r, e) == -1)
		return -1;
	/* Also before a line that is too long: what passed stands on its own. */
	return put_part(r, e);
}

/* How much there was is in the report, and may not hang on where the reader or its threads stopped. */
static int
read_rest(struct jsonl_run *r, struct err *e)
{
	ssize_t n;

	do
		r->start = r->scanned = r->filled;
	while ((n = fill(r, e)) > 0);
	return n == -1 ? -1 : 0;
}

static int
read_lines(struct jsonl_run *r, struct err *e)
{
	ssize_t n;
	int more = 1;

	if ((n = fill(r, e)) == -1)
		return -1;
	take_mark(r);
	if (r->file_held == NULL && (size_t)n == r->limits->window) {
		if (jsonl_threads_open(r, e) == -1)
			return -1;
		if (r->workers != NULL)
			return jsonl_threads_read(r, e);
	}
	while (r->file_held == NULL && (more = jsonl_take_lines(r, e)) == 1)
		if ((n = fill(r, e)) <= 0)
			break;
	if (more == -1 || n == -1 || jsonl_take_end(r, e) == -1)
		return -1;
	return r->file_held != NULL ? read_rest(r, e) : 0;
}

static int
read_document(struct jsonl_run *r, struct err *e)
{
	ssize_t n;

	do
		if ((n = fill(r, e)) == -1)
			return -1;
	while (n > 0 && r->filled <= r->limits->record_max + 3); /* and its mark */
	take_mark(r);
	/* A member of its own: its rule has samples of a record. */
	return r->file_held == NULL && take_rest(r, e) == -1 ? -1 : 0;
}

static void
report_run(const struct jsonl_run *r)
{
	struct report *report = r->scrub->report;
	const struct tally *t = &r->all.records;

	report_add(report, "bytes", "in", r->bytes);
	report_add(report, "records", "seen", t->seen);
	report_add(report, "records", "passed", t->passed);
	report_add(report, "members", "out", r->members);
	for (size_t i = 0; i < JSONL_ACTIONS; i++)
		if (r->all.actions[i] > 0)
			report_add(report, "actions", action_word((enum action_kind)i), r->all.actions[i]);
	text_finds_report(&t->finds, report);
	tally_report_subjects(t, r->scrub);
	for (size_t i = 0; i < TALLY_REASONS && t->held[i].reason != NULL; i++)
		report_hold(report, HOLD_RECORD, t->held[i].reason, r->in->number, t->held[i].count);
	tally_report_fields(t, report);
	if (r->file_held != NULL)
		report_hold(report, HOLD_FILE, r->file_held, r->in->number, 1);
}

int
jsonl_scrub_limits(struct scrub *s, struct source *in, const struct jsonl_limits *limits, struct err *e)
{
	struct jsonl_run r = {.scrub = s, .in = in, .limits = limits};
	int rc = -1;

	for (size_t i = 0; i < ENTRY_SETS_MAX; i++)
		buf_init_wiped(&r.part[i], ENTRY_BUFFERED_MAX);
	if (s->context != NULL && s->rule->subject != NULL)
		s->subject = &r.records.of[0].person;
	if (jsonl_records_open(&r.records, s, e) == -1)
		goto out;
	/* A record, CR and LF, and what the last read brought, or a whole batch. */
	r.window_len = limits->record_max + 2 + limits->line_max + limits->window;
	if ((r.window = malloc(r.window_len)) == NULL) {
		err_sys(e, "records: memory for a window");
		goto out;
	}
	/* Room for a part at once, as far as the file can fill one: to grow costs copies, and wiping them. */
	if (!s->rule->sample_record && in->size_known &&
	    buf_reserve(&r.part[0], in->size < limits->part_max ? (size_t)in->size : limits->part_max, e) ==
		NULL)
		goto out;
	if ((s->rule->format == FORMAT_JSON ? read_document(&r, e) : read_lines(&r, e)) == -1)
		goto out;
	report_run(&r);
	rc = 0;
out:
	s->subject = NULL;
	if (r.window != NULL)
		explicit_bzero(r.window, r.most);
	free(r.window);
	for (size_t i = 0; i < ENTRY_SETS_MAX; i++)
		buf_free(&r.part[i]);
	jsonl_threads_close(&r);
	jsonl_records_close(&r.records);
	return rc;
}

int
jsonl_scrub(struct scrub *s, struct source *in, struct err *e)
{
	static const struct jsonl_limits limits = {.window = READ_STEP,
	    .record_max = JSONL_RECORD_MAX,
	    .part_max = JSONL_PART_MAX,
	    .line_max = THREAD_LINE_MAX,
	    .out_max = 4 * READ_STEP,
	    .threads_from = BATCH_SIZE_MIN};

	return jsonl_scrub_limits(s, in, &limits, e);
}
