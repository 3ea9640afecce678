/* Records of a table, counted: what passed, what was held and why. */
#include "csv_reader.h"

#include <string.h>

void
csv_tally_finds(struct text_finds *to, const struct text_finds *more)
{
	for (unsigned i = 0; i < SPAN_TYPES; i++)
		to->count[i] += more->count[i];
}

void
csv_tally_hold(struct csv_tally *t, const char *reason, uint64_t records)
{
	size_t i = 0;

	/* Reasons are constants of the code, far fewer than there is room for. */
	while (i < CSV_REASONS - 1 && t->held[i].reason != NULL && strcmp(t->held[i].reason, reason) != 0)
		i++;
	t->held[i].reason = reason;
	t->held[i].count += records;
}

/* Of a record held for this reason nobody knows how many it was. */
static bool
quotes_wrong(const char *reason)
{
	return strcmp(reason, "quote-stray") == 0 || strcmp(reason, "quote-records") == 0 ||
	       strcmp(reason, "field-count") == 0;
}

int
csv_tally_record(struct csv_table *table, const struct csv_scan *scan, const struct csv_record *record,
    size_t room, struct buf *out, struct csv_tally *t, struct text_finds *finds, struct err *e)
{
	size_t before = out->len;
	const char *reason = NULL;
	uint64_t records = 1;
	int done;

	t->seen++;
	if (table->texts > 0)
		*finds = (struct text_finds){0};
	done = csv_table_record(table, scan, record, out, finds, &reason, e);
	if (done == CSV_DROPPED) {
		if (strcmp(reason, "excluded") == 0)
			t->excluded++;
		else
			t->unmatched++;
		return 0;
	}
	if (done == 1 && out->len - before > room) {
		out->len = before;
		reason = "record-too-long";
		done = 0;
	}
	if (done != 0)
		return done;
	/* Where quotes went wrong, each line in them was a record, as far as anybody can tell. */
	if (quotes_wrong(reason)) {
		records += record->lines;
		t->seen += record->lines;
	}
	csv_tally_hold(t, reason, records);
	return 0;
}
