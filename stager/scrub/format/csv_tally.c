/* Records of a table, counted: what passed, what was held and why. */
#include "csv_reader.h"

#include <string.h>

/* Of a record held for this reason nobody knows how many it was. */
static bool
quotes_wrong(const char *reason)
{
	return strcmp(reason, "quote-stray") == 0 || strcmp(reason, "quote-records") == 0 ||
	       strcmp(reason, "field-count") == 0;
}

int
csv_tally_record(struct csv_tables *tables, const struct csv_scan *scan, const struct csv_record *record,
    struct buf *out, struct tally *t, struct text_finds *finds, struct err *e)
{
	const char *reason = NULL;
	uint64_t records = 1;
	int done;

	t->seen++;
	if (tables->texts)
		*finds = (struct text_finds){0};
	done = csv_tables_record(tables, scan, record, out, finds, &reason, e);
	if (done == CSV_DROPPED) {
		tally_drop(t, reason);
		return 0;
	}
	if (done != 0)
		return done;
	/* Where quotes went wrong, each line in them was a record, as far as anybody can tell. */
	if (quotes_wrong(reason)) {
		records += record->lines;
		t->seen += record->lines;
	}
	tally_hold(t, reason, records);
	tally_hold_field(t, reason, tally_field(tables->of[0].scrub->rule, tables->wrong), records);
	return 0;
}
