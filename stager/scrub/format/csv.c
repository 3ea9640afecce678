/* CSV: a table read window by window, scrubbed record by record, and written in parts that each have the
 * header row. */
#include "csv_reader.h"

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

#define CSV_WINDOW (256u << 10)
#define CSV_RECORD_MAX (1u << 20)
#define CSV_PART_MAX (16u << 20)
/* A part, the record that makes it too large, and what is kept free for that record while it is made (csv_table.c). */
#define CSV_PART_ROOM (2 * CSV_PART_MAX + (16u << 20))
/* So much of a file that has no header row is looked at to say what it is. */
#define CSV_SNIFF 4096
/* What is unread goes to the front of the window, and more comes behind it. */
static int
window_fill(struct csv_run *r, struct err *e)
{
	size_t left = (size_t)(r->scan.end - r->scan.at);
	ssize_t n;

	memmove(r->window, r->scan.at, left);
	if ((n = source_read_full(r->in, r->window + left, r->limits->window, e)) == -1)
		return -1;
	r->ahead = r->bytes += (uint64_t)n;
	if (r->filled < left + (size_t)n)
		r->filled = left + (size_t)n;
	csv_scan_window(&r->scan, r->window, r->window + left + (size_t)n, (size_t)n < r->limits->window);
	return 0;
}

int
csv_part_write(struct csv_run *r, bool whole, struct err *e)
{
	const uint8_t own = r->scrub->out->set;
	struct entry entry;
	int rc = 0;

	encoded_taken(r->scrub->out, r->in, r->ahead - (uint64_t)(r->scan.end - r->scan.at));
	for (size_t i = 0; i < r->tables.count && rc == 0; i++) {
		struct buf *part = &r->part[i];
		size_t header_len = r->tables.header_len[i], len = whole ? part->len : r->tables.before[i];

		if (len <= header_len)
			continue;
		entry_init(&entry, "x", r->scan.delimiter == '\t' ? "tsv" : "csv", RESCAN_CSV, len);
		r->scrub->out->set = r->tables.set[i];
		rc = entry_put(r->scrub->out, &entry, part->data, len, e);
		r->members++;
		memmove(part->data + header_len, part->data + len, part->len - len);
		part->len -= len - header_len;
		r->tables.before[i] = header_len;
	}
	r->scrub->out->set = own;
	r->all.passed += r->part_records;
	r->part_records = 0;
	tally_finds(&r->all.finds, &r->part_finds);
	r->part_finds = (struct text_finds){0};
	return rc;
}

/* With the record in hand one of the parts has become too large: all end with the record before. */
static bool
part_full(const struct csv_run *r)
{
	for (size_t i = 0; i < r->tables.count; i++)
		if (r->part[i].len > r->limits->part_max)
			return true;
	return false;
}

static int
take_record(struct csv_run *r, const struct csv_record *record, struct err *e)
{
	struct text_finds finds;
	int done = csv_tally_record(&r->tables, &r->scan, record, r->part, &r->all, &finds, e);

	if (done != 1)
		return done;
	if (part_full(r) && csv_part_write(r, false, e) == -1)
		return -1;
	if (csv_quasi_tuple(&r->tables.of[0]) != NULL &&
	    record_take(r->scrub, csv_quasi_tuple(&r->tables.of[0]), e) == -1)
		return -1;
	r->part_records++;
	if (r->tables.texts)
		tally_finds(&r->part_finds, &finds);
	return 0;
}

/* The header row. A file that has none lacks its columns. */
static int
take_header(struct csv_run *r, const struct csv_record *header, struct err *e)
{
	int done = csv_tables_open(
	    &r->tables, r->scrub, &r->scan, header, r->limits->part_max, r->part, &r->file_held, e);

	return done == 1 ? csv_threads_open(r, header, e) : done;
}

static bool
begins(const struct csv_run *r, const char *with, size_t len)
{
	return (size_t)(r->scan.end - r->scan.at) >= len && memcmp(r->scan.at, with, len) == 0;
}

/* Byte order marks: that of UTF-8 is passed over; with another one the file is no table we read. */
static void
take_mark(struct csv_run *r)
{
	/* UTF-32's little-endian mark begins with that of UTF-16. */
	if (begins(r, "\xff\xfe", 2) || begins(r, "\xfe\xff", 2) || begins(r, "\0\0\xfe\xff", 4))
		r->file_held = "kind-unknown";
	else if (begins(r, "\xef\xbb\xbf", 3))
		csv_scan_window(&r->scan, r->scan.at + 3, r->scan.end, r->scan.last);
}

/* A header row without an end may be no text at all. So much of it is there at every window size. */
static const char *
no_header(const struct csv_run *r, const char *reason)
{
	size_t len = (size_t)(r->scan.end - r->scan.at);

	if (len > r->limits->record_max)
		len = r->limits->record_max;
	if (len > CSV_SNIFF)
		len = CSV_SNIFF;
	return memchr(r->scan.at, '\0', len) != NULL ? "kind-unknown" : reason;
}

int
csv_take_records(struct csv_run *r, struct err *e)
{
	struct csv_record record;

	for (;;) {
		switch (csv_scan_next(&r->scan, &record)) {
		case CSV_RECORD:
			if (take_record(r, &record, e) == -1)
				return -1;
			break;
		case CSV_MORE:
			return 1;
		case CSV_END:
			return csv_part_write(r, true, e);
		case CSV_QUOTE_OPEN:
			r->file_held = "quote-open";
			return 0;
		case CSV_TOO_LONG:
			r->file_held = "record-too-long";
			return 0;
		}
	}
}

/* Up to the header row and with it, or why the file is held. */
static int
read_header(struct csv_run *r, struct err *e)
{
	static const struct csv_record empty = {.at = ""};
	struct csv_record record;

	r->scan.at = r->scan.end = r->window;
	if (window_fill(r, e) == -1)
		return -1;
	take_mark(r);
	while (r->file_held == NULL) {
		switch (csv_scan_next(&r->scan, &record)) {
		case CSV_RECORD:
			return take_header(r, &record, e);
		case CSV_MORE:
			if (window_fill(r, e) == -1)
				return -1;
			break;
		case CSV_END:
			return take_header(r, &empty, e);
		case CSV_QUOTE_OPEN:
			r->file_held = no_header(r, "quote-open");
			break;
		case CSV_TOO_LONG:
			r->file_held = no_header(r, "record-too-long");
			break;
		}
	}
	return 0;
}

static int
read_table(struct csv_run *r, struct err *e)
{
	int more;

	if (read_header(r, e) == -1)
		return -1;
	if (r->file_held != NULL)
		return 0;
	if (r->workers != NULL)
		return csv_threads_read(r, e);
	while ((more = csv_take_records(r, e)) == 1)
		if (window_fill(r, e) == -1)
			return -1;
	/* As many bytes as with threads, which are ahead. */
	while (more == 0 && !r->scan.last) {
		r->scan.at = r->scan.end;
		if (window_fill(r, e) == -1)
			return -1;
	}
	return more;
}

static void
report(struct csv_run *r)
{
	const struct csv_table *table = &r->tables.of[0];
	struct report *report = r->scrub->report;
	uint64_t held = 0;

	report_add(report, "bytes", "in", r->bytes);
	report_add(report, "records", "seen", r->all.seen);
	report_add(report, "records", "passed", r->all.passed);
	report_add(report, "members", "out", r->members);
	/* Each record that passed had each column's action applied once. */
	for (size_t i = 0; i < table->count && r->all.passed > 0; i++)
		report_add(report, "actions", action_word(table->columns[i].action->kind), r->all.passed);
	text_finds_report(&r->all.finds, report);
	tally_report_subjects(&r->all, r->scrub);
	for (size_t i = 0; i < TALLY_REASONS && r->all.held[i].reason != NULL; i++) {
		report_hold(report, HOLD_RECORD, r->all.held[i].reason, r->in->number, r->all.held[i].count);
		held += r->all.held[i].count;
	}
	tally_report_fields(&r->all, report);
	if (r->file_held != NULL) {
		if (strncmp(r->file_held, "column-", 7) == 0)
			report_hold_column(report, r->file_held, r->in->number, table->wrong_column);
		else
			report_hold(report, HOLD_FILE, r->file_held, r->in->number, 1);
		/* Read, but in a part that was never written: each record is passed or held. */
		held += r->all.excluded + r->all.unmatched + r->all.carried;
		if (r->all.seen > r->all.passed + held)
			report_hold(report, HOLD_RECORD, r->file_held, r->in->number,
			    r->all.seen - r->all.passed - held);
	}
}

/* Room for a part at once, as far as the file can fill one: to grow costs copies, and wiping them. */
static int
part_reserve(struct csv_run *r, struct err *e)
{
	size_t most = r->limits->part_max + r->limits->window;

	if (!r->in->size_known)
		return 0;
	return buf_reserve(&r->part[0], r->in->size < most ? (size_t)r->in->size : most, e) == NULL ? -1 : 0;
}

int
csv_scrub_limits(struct scrub *s, struct source *in, const struct csv_limits *limits, struct err *e)
{
	struct csv_run r = {.scrub = s, .in = in, .limits = limits};
	unsigned char delimiter = (unsigned char)s->rule->delimiter;
	int rc = -1;

	if (delimiter == '\0' || delimiter == '"' || delimiter == '\r' || delimiter == '\n' ||
	    delimiter >= 0x80)
		return err_set(e, ERR_INPUT, "policy: a delimiter that no table can have");
	if (s->rule->field_count > CSV_COLUMNS_MAX)
		return err_set(e, ERR_LIMIT, "policy: more than %d columns", CSV_COLUMNS_MAX);
	for (size_t i = 0; i < ENTRY_SETS_MAX; i++)
		buf_init_wiped(&r.part[i], CSV_PART_ROOM);
	r.scan = (struct csv_scan){.delimiter = s->rule->delimiter,
	    .record_max = limits->record_max,
	    .field_max = s->rule->field_count + 1};
	r.window = malloc(2 * limits->record_max + limits->window + CSV_SLACK);
	r.scan.fields = calloc(r.scan.field_max, sizeof(*r.scan.fields));
	if (r.window == NULL || r.scan.fields == NULL) {
		err_set(e, ERR_SYSTEM, "file: out of memory for a window");
		goto out;
	}
	if (part_reserve(&r, e) == -1)
		goto out;
	if (s->context != NULL && s->rule->subject != NULL)
		s->subject = &r.tables.of[0].subject;
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
	csv_threads_close(&r);
	csv_tables_close(&r.tables);
	for (size_t i = 0; i < ENTRY_SETS_MAX; i++)
		buf_free(&r.part[i]);
	return rc;
}

int
csv_scrub(struct scrub *s, struct source *in, struct err *e)
{
	static const struct csv_limits limits = {.window = CSV_WINDOW,
	    .record_max = CSV_RECORD_MAX,
	    .part_max = CSV_PART_MAX,
	    .out_max = 4 * CSV_WINDOW,
	    .threads_from = BATCH_SIZE_MIN};

	return csv_scrub_limits(s, in, &limits, e);
}
