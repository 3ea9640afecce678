/* Tables of a rule that writes to several sets: each record once for each of them, in parts that end with the same record. */
#include <stdlib.h>
#include <string.h>

#include "csv_reader.h"
#include "stager/entry.h"
#include "stager/policy.h"

/* What goes to one of the other sets. */
struct csv_side {
	uint8_t set;
	struct csv_table table;
	struct buf part; /* begins with the header row */
	size_t header_len;
	size_t before; /* bytes of the part without the record in hand */
};

static size_t
side_count(const struct csv_run *r)
{
	return r->sides == NULL ? 0 : r->scrub->rule->set_count - 1;
}

int
csv_sets_open(struct csv_run *r, const struct csv_record *header, struct err *e)
{
	const struct rule *rule = r->scrub->rule;

	if (rule->set_count <= 1)
		return 1;
	if ((r->sides = calloc(rule->set_count - 1, sizeof(*r->sides))) == NULL)
		return err_set(e, ERR_SYSTEM, "file: out of memory for its sets");
	for (size_t i = 0; i < side_count(r); i++)
		buf_init_wiped(&r->sides[i].part, ENTRY_BUFFERED_MAX);
	for (size_t i = 0; i < side_count(r); i++) {
		struct csv_side *side = &r->sides[i];
		int done;

		side->set = rule->sets[1 + i];
		done = csv_table_open(
		    &side->table, r->scrub, side->set, &r->scan, header, &side->part, &r->file_held, e);
		if (done != 1)
			return done;
		r->texts = r->texts || side->table.texts > 0;
		side->header_len = side->before = side->part.len;
		if (side->header_len >= r->limits->part_max) {
			r->file_held = "record-too-long";
			return 0;
		}
	}
	return 1;
}

void
csv_sets_close(struct csv_run *r)
{
	for (size_t i = 0; i < side_count(r); i++) {
		if (r->sides[i].table.scrub != NULL)
			csv_table_free(&r->sides[i].table);
		buf_free(&r->sides[i].part);
	}
	free(r->sides);
}

int
csv_sets_record(struct csv_run *r, const struct csv_record *record, struct text_finds *finds,
    const char **reason, struct err *e)
{
	int done = 1;

	for (size_t i = 0; i < side_count(r) && done == 1; i++) {
		struct csv_side *side = &r->sides[i];

		side->before = side->part.len;
		done = csv_table_record(&side->table, &r->scan, record, &side->part, finds, reason, e);
		if (done == 1 && side->part.len - side->before > r->limits->part_max - side->header_len) {
			*reason = "record-too-long";
			done = 0;
		}
		/* What one set does not get, none gets. */
		for (size_t k = 0; done != 1 && k <= i; k++)
			r->sides[k].part.len = r->sides[k].before;
	}
	return done;
}

bool
csv_sets_full(const struct csv_run *r)
{
	for (size_t i = 0; i < side_count(r); i++)
		if (r->sides[i].part.len > r->limits->part_max)
			return true;
	return false;
}

int
csv_sets_write(struct csv_run *r, bool whole, struct err *e)
{
	const uint8_t own = r->scrub->out->set;
	struct entry entry;
	int rc = 0;

	for (size_t i = 0; i < side_count(r) && rc == 0; i++) {
		struct csv_side *side = &r->sides[i];
		size_t len = whole ? side->part.len : side->before;

		if (len <= side->header_len)
			continue;
		entry_init(&entry, "x", r->scan.delimiter == '\t' ? "tsv" : "csv", RESCAN_CSV, len);
		r->scrub->out->set = side->set;
		rc = entry_put(r->scrub->out, &entry, side->part.data, len, e);
		r->members++;
		memmove(side->part.data + side->header_len, side->part.data + len, side->part.len - len);
		side->part.len -= len - side->header_len;
		side->before = side->header_len;
	}
	r->scrub->out->set = own;
	return rc;
}
