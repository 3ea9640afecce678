/* JSON Lines of a rule that writes to several sets: each line once for each of them, in parts that end with the same line. */
#include "jsonl_reader.h"

#include <stdlib.h>

#include "stager/entry.h"
#include "stager/policy.h"

/* What goes to one of the other sets. */
struct jsonl_side {
	uint8_t set;
	struct jsonl_paths paths;
	struct jsonl_record record;
	struct buf part;
};

static size_t
side_count(const struct jsonl_run *r)
{
	return r->sides == NULL ? 0 : r->scrub->rule->set_count - 1;
}

int
jsonl_sets_open(struct jsonl_run *r, struct err *e)
{
	const struct rule *rule = r->scrub->rule;
	struct jsonl_record *before = &r->record;

	if (rule->set_count <= 1)
		return 0;
	if ((r->sides = calloc(rule->set_count - 1, sizeof(*r->sides))) == NULL)
		return err_set(e, ERR_SYSTEM, "file: out of memory for its sets");
	for (size_t i = 0; i < side_count(r); i++)
		buf_init_wiped(&r->sides[i].part, ENTRY_BUFFERED_MAX);
	jsonl_paths_choose(&r->paths, rule, rule->set);
	r->record.set = rule->set;
	for (size_t i = 0; i < side_count(r); i++) {
		struct jsonl_side *side = &r->sides[i];

		side->set = rule->sets[1 + i];
		if (jsonl_paths_make(&side->paths, rule, e) == -1)
			return -1;
		jsonl_paths_choose(&side->paths, rule, side->set);
		if (jsonl_record_init(&side->record, r->scrub, &side->paths, e) == -1)
			return -1;
		side->record.set = side->set;
		before->also = &side->record;
		before = &side->record;
	}
	return 0;
}

void
jsonl_sets_close(struct jsonl_run *r)
{
	for (size_t i = 0; i < side_count(r); i++) {
		buf_free(&r->sides[i].part);
		jsonl_record_free(&r->sides[i].record);
		jsonl_paths_free(&r->sides[i].paths);
	}
	free(r->sides);
}

bool
jsonl_sets_full(const struct jsonl_run *r)
{
	for (size_t i = 0; i < side_count(r); i++)
		if (r->sides[i].part.len + r->sides[i].record.out.len > r->limits->part_max)
			return true;
	return false;
}

int
jsonl_sets_put(struct jsonl_run *r, const char *subject, struct err *e)
{
	for (size_t i = 0; i < side_count(r); i++) {
		struct jsonl_side *side = &r->sides[i];
		const struct buf *line = &side->record.out;
		int rc = r->scrub->rule->sample_record
			     ? jsonl_put_member(r, side->set, subject, "json", line, e)
			     : buf_put(&side->part, line->data, line->len, e);

		if (rc == -1)
			return -1;
	}
	return 0;
}

int
jsonl_sets_part(struct jsonl_run *r, struct err *e)
{
	for (size_t i = 0; i < side_count(r); i++) {
		struct jsonl_side *side = &r->sides[i];

		if (side->part.len == 0)
			continue;
		if (jsonl_put_member(r, side->set, "x", "jsonl", &side->part, e) == -1)
			return -1;
		buf_clear(&side->part);
	}
	return 0;
}
