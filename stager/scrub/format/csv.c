/* CSV: a table read window by window, scrubbed record by record, and written in parts that each have the
 * header row. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "stager/entry.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"

#define CSV_WINDOW (256u << 10)
#define CSV_RECORD_MAX (1u << 20)
#define CSV_PART_MAX (16u << 20)
/* So much of a file that has no header row is looked at to say what it is. */
#define CSV_SNIFF 4096
#define CSV_REASONS 16

struct held {
	const char *reason;
	uint64_t count;
};

struct run {
	struct scrub *scrub;
	struct source *in;
	const struct csv_limits *limits;
	struct csv_scan scan;
	struct csv_table table;
	char *window; /* record_max + window bytes, and the slack */
	size_t filled;
	struct buf part;   /* begins with the header row */
	size_t header_len; /* 0 until it has been read */
	/* Of the part in the making; they count once it is written. */
	uint64_t part_records;
	struct text_finds part_finds;
	/* Of the file. */
	uint64_t bytes, seen, passed, members;
	uint64_t excluded, unmatched; /* dropped with their subjects */
	struct text_finds finds;
	struct held held[CSV_REASONS];
	const char *file_held; /* the reason, once there is one */
};

static void
finds_add(struct text_finds *to, const struct text_finds *more)
{
	for (unsigned i = 0; i < SPAN_TYPES; i++)
		to->count[i] += more->count[i];
}

static void
hold_record(struct run *r, const char *reason, uint64_t records)
{
	size_t i = 0;

	/* Reasons are constants of the code, far fewer than there is room for. */
	while (i < CSV_REASONS - 1 && r->held[i].reason != NULL && strcmp(r->held[i].reason, reason) != 0)
		i++;
	r->held[i].reason = reason;
	r->held[i].count += records;
}

/* What is unread goes to the front of the window, and more comes behind it. */
static int
window_fill(struct run *r, struct err *e)
{
	size_t left = (size_t)(r->scan.end - r->scan.at);
	ssize_t n;

	memmove(r->window, r->scan.at, left);
	if ((n = source_read_full(r->in, r->window + left, r->limits->window, e)) == -1)
		return -1;
	r->bytes += (uint64_t)n;
	if (r->filled < left + (size_t)n)
		r->filled = left + (size_t)n;
	csv_scan_window(&r->scan, r->window, r->window + left + (size_t)n, (size_t)n < r->limits->window);
	return 0;
}

/* Write the first len bytes of the part as a member, and keep the header row for the next. */
static int
part_write(struct run *r, size_t len, struct err *e)
{
	struct entry entry;

	if (len > r->header_len) {
		entry_init(&entry, "x", r->scan.delimiter == '\t' ? "tsv" : "csv", RESCAN_CSV, len);
		if (entry_put(r->scrub->out, &entry, r->part.data, len, e) == -1)
			return -1;
		r->members++;
		memmove(r->part.data + r->header_len, r->part.data + len, r->part.len - len);
		r->part.len -= len - r->header_len;
	}
	r->passed += r->part_records;
	r->part_records = 0;
	finds_add(&r->finds, &r->part_finds);
	r->part_finds = (struct text_finds){0};
	return 0;
}

/* Of a record held for this reason nobody knows how many it was. */
static bool
quotes_wrong(const char *reason)
{
	return strcmp(reason, "quote-stray") == 0 || strcmp(reason, "quote-records") == 0 ||
	       strcmp(reason, "field-count") == 0;
}

static int
take_record(struct run *r, const struct csv_record *record, struct err *e)
{
	struct text_finds finds;
	size_t before = r->part.len;
	const char *reason = NULL;
	uint64_t records = 1;
	int done;

	r->seen++;
	if (r->table.texts > 0)
		finds = (struct text_finds){0};
	done = csv_table_record(&r->table, &r->scan, record, &r->part, &finds, &reason, e);
	if (done == -1)
		return -1;
	if (done == CSV_DROPPED) {
		if (strcmp(reason, "excluded") == 0)
			r->excluded++;
		else
			r->unmatched++;
		return 0;
	}
	if (done == 1 && r->part.len - before > r->limits->part_max - r->header_len) {
		/* No part could take it. */
		r->part.len = before;
		reason = "record-too-long";
		done = 0;
	}
	if (done == 0) {
		/* Where quotes went wrong, each line in them was a record, as far as anybody can tell. */
		if (quotes_wrong(reason)) {
			records += record->lines;
			r->seen += record->lines;
		}
		hold_record(r, reason, records);
		return 0;
	}
	if (r->part.len > r->limits->part_max && part_write(r, before, e) == -1)
		return -1;
	r->part_records++;
	if (r->table.texts > 0)
		finds_add(&r->part_finds, &finds);
	return 0;
}

/* The header row. A file that has none lacks its columns. */
static int
take_header(struct run *r, const struct csv_record *header, struct err *e)
{
	int done;

	done = csv_table_open(&r->table, r->scrub, &r->scan, header, &r->part, &r->file_held, e);
	if (done != 1)
		return done;
	r->header_len = r->part.len;
	if (r->header_len >= r->limits->part_max)
		r->file_held = "record-too-long";
	return 0;
}

static bool
begins(const struct run *r, const char *with, size_t len)
{
	return (size_t)(r->scan.end - r->scan.at) >= len && memcmp(r->scan.at, with, len) == 0;
}

/* Byte order marks: that of UTF-8 is passed over; with another one the file is no table we read. */
static void
take_mark(struct run *r)
{
	/* UTF-32's little-endian mark begins with that of UTF-16. */
	if (begins(r, "\xff\xfe", 2) || begins(r, "\xfe\xff", 2) || begins(r, "\0\0\xfe\xff", 4))
		r->file_held = "kind-unknown";
	else if (begins(r, "\xef\xbb\xbf", 3))
		csv_scan_window(&r->scan, r->scan.at + 3, r->scan.end, r->scan.last);
}

/* A header row without an end may be no text at all. So much of it is there at every window size. */
static const char *
no_header(const struct run *r, const char *reason)
{
	size_t len = (size_t)(r->scan.end - r->scan.at);

	if (len > r->limits->record_max)
		len = r->limits->record_max;
	if (len > CSV_SNIFF)
		len = CSV_SNIFF;
	return memchr(r->scan.at, '\0', len) != NULL ? "kind-unknown" : reason;
}

static int
read_table(struct run *r, struct err *e)
{
	static const struct csv_record empty = {.at = ""};
	struct csv_record record;
	bool header = false;

	r->scan.at = r->scan.end = r->window;
	if (window_fill(r, e) == -1)
		return -1;
	take_mark(r);
	while (r->file_held == NULL) {
		switch (csv_scan_next(&r->scan, &record)) {
		case CSV_RECORD:
			if (header ? take_record(r, &record, e) == -1 : take_header(r, &record, e) == -1)
				return -1;
			header = true;
			break;
		case CSV_MORE:
			if (window_fill(r, e) == -1)
				return -1;
			break;
		case CSV_END:
			if (!header && take_header(r, &empty, e) == -1)
				return -1;
			return r->file_held == NULL ? part_write(r, r->part.len, e) : 0;
		case CSV_QUOTE_OPEN:
			r->file_held = header ? "quote-open" : no_header(r, "quote-open");
			break;
		case CSV_TOO_LONG:
			r->file_held = header ? "record-too-long" : no_header(r, "record-too-long");
			break;
		}
	}
	return 0;
}

static void
report(struct run *r)
{
	struct report *report = r->scrub->report;
	uint64_t held = 0;

	report_add(report, "bytes", "in", r->bytes);
	report_add(report, "records", "seen", r->seen);
	report_add(report, "records", "passed", r->passed);
	report_add(report, "members", "out", r->members);
	/* Each record that passed had each column's action applied once. */
	for (size_t i = 0; i < r->table.count && r->passed > 0; i++)
		report_add(report, "actions", action_word(r->table.columns[i].action->kind), r->passed);
	text_finds_report(&r->finds, report);
	if (r->scrub->context != NULL && r->passed > 0)
		report_add(
		    report, "subjects", r->scrub->rule->subject != NULL ? "linked" : "unlinked", r->passed);
	if (r->excluded > 0)
		report_add(report, "subjects", "excluded", r->excluded);
	if (r->unmatched > 0)
		report_add(report, "subjects", "unmatched", r->unmatched);
	for (size_t i = 0; i < CSV_REASONS && r->held[i].reason != NULL; i++) {
		report_hold(report, HOLD_RECORD, r->held[i].reason, r->in->number, r->held[i].count);
		held += r->held[i].count;
	}
	if (r->file_held != NULL) {
		if (strncmp(r->file_held, "column-", 7) == 0)
			report_hold_column(report, r->file_held, r->in->number, r->table.wrong_column);
		else
			report_hold(report, HOLD_FILE, r->file_held, r->in->number, 1);
		/* Read, but in a part that was never written: each record is passed or held. */
		held += r->excluded + r->unmatched;
		if (r->seen > r->passed + held)
			report_hold(
			    report, HOLD_RECORD, r->file_held, r->in->number, r->seen - r->passed - held);
	}
}

int
csv_scrub_limits(struct scrub *s, struct source *in, const struct csv_limits *limits, struct err *e)
{
	struct run r = {.scrub = s, .in = in, .limits = limits};
	unsigned char delimiter = (unsigned char)s->rule->delimiter;
	int rc = -1;

	if (delimiter == '\0' || delimiter == '"' || delimiter == '\r' || delimiter == '\n' ||
	    delimiter >= 0x80)
		return err_set(e, ERR_INPUT, "policy: a delimiter that no table can have");
	if (s->rule->field_count > CSV_COLUMNS_MAX)
		return err_set(e, ERR_LIMIT, "policy: more than %d columns", CSV_COLUMNS_MAX);
	buf_init_wiped(&r.part, ENTRY_BUFFERED_MAX);
	r.scan = (struct csv_scan){.delimiter = s->rule->delimiter,
	    .record_max = limits->record_max,
	    .field_max = s->rule->field_count + 1};
	r.window = malloc(limits->record_max + limits->window + CSV_SLACK);
	r.scan.fields = calloc(r.scan.field_max, sizeof(*r.scan.fields));
	if (r.window == NULL || r.scan.fields == NULL) {
		err_set(e, ERR_SYSTEM, "file: out of memory for a window");
		goto out;
	}
	if (s->context != NULL && s->rule->subject != NULL)
		s->subject = &r.table.subject;
	if (read_table(&r, e) == -1)
		goto out;
	report(&r);
	rc = 0;
out:
	s->subject = NULL;
	if (r.window != NULL)
		explicit_bzero(r.window, r.filled);
	free(r.window);
	free(r.scan.fields);
	csv_table_free(&r.table);
	buf_free(&r.part);
	return rc;
}

int
csv_scrub(struct scrub *s, struct source *in, struct err *e)
{
	static const struct csv_limits limits = {
	    .window = CSV_WINDOW, .record_max = CSV_RECORD_MAX, .part_max = CSV_PART_MAX};

	return csv_scrub_limits(s, in, &limits, e);
}
