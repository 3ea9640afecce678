/* Tables of a rule that writes to several sets: each record once for each of them, in parts that end with the same record. */
#include "csv_reader.h"

#include "stager/policy.h"

int
csv_tables_open(struct csv_tables *t, const struct scrub *s, const struct csv_scan *scan,
    const struct csv_record *header, size_t part_max, struct buf *rows, const char **reason, struct err *e)
{
	const struct rule *rule = s->rule;
	int done;

	t->count = rule->set_count > 1 ? rule->set_count : 1;
	for (size_t i = 0; i < t->count; i++) {
		t->set[i] = i == 0 ? rule->set : rule->sets[i];
		if ((done = csv_table_open(&t->of[i], s, t->set[i], scan, header, &rows[i], reason, e)) != 1)
			return done;
		t->texts = t->texts || t->of[i].texts > 0;
		t->header_len[i] = t->before[i] = rows[i].len;
		if (t->header_len[i] >= part_max) {
			*reason = "record-too-long";
			return 0;
		}
		t->room[i] = t->of[i].room = part_max - t->header_len[i];
	}
	return 1;
}

void
csv_tables_close(struct csv_tables *t)
{
	for (size_t i = 0; i < t->count; i++)
		csv_table_free(&t->of[i]);
}

int
csv_tables_record(struct csv_tables *t, const struct csv_scan *scan, const struct csv_record *record,
    struct buf *out, struct text_finds *finds, const char **reason, struct err *e)
{
	int done = 1;

	t->wrong = NULL;
	for (size_t i = 0; i < t->count; i++)
		t->before[i] = out[i].len;
	for (size_t i = 0; i < t->count && done == 1; i++) {
		done = csv_table_record(&t->of[i], scan, record, &out[i], finds, reason, e);
		t->wrong = t->of[i].wrong;
		if (done == 0 && subject_drops(*reason))
			done = CSV_DROPPED;
		if (done == 1 && out[i].len - t->before[i] > t->room[i]) {
			*reason = "record-too-long";
			done = 0;
		}
	}
	/* What one set does not get, none gets. */
	for (size_t i = 0; i < t->count && done != 1; i++)
		out[i].len = t->before[i];
	return done;
}
