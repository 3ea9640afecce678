/* The report of a version that people were withdrawn from. */
#include <string.h>

#include "stager/json.h"
#include "withdraw.h"

static int64_t
number_of(const struct json *report, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(report, section), key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

/* The section to be changed; made where it is not there. */
static struct json *
section_of(struct json *report, const char *name)
{
	struct json *s = json_get(report, name) == NULL ? json_object() : json_copy(json_get(report, name));

	json_set(report, name, s);
	return s;
}

/*
 * Who stands alone was counted over all who were there: a group may have lost as many as were withdrawn since, and one of its
 * different values with the first of them. Whether it may be below what the policy asks by that: then a steward must look. A smallest
 * group up to min_cell is told as that (disclosure.c): of it is known that it passed, and no more.
 */
static bool
below_policy(const struct json *policy, const struct json *report, int64_t gone)
{
	const struct json *rules = json_get(policy, "disclosure"), *k = json_get(rules, "k"),
			  *l = json_get(rules, "l"), *cell = json_get(rules, "min_cell");
	int64_t smallest = number_of(report, "disclosure", "smallest");

	if (k == NULL || k->type != JSON_INT)
		return false;
	if (cell != NULL && cell->type == JSON_INT && smallest <= cell->integer)
		smallest = k->integer;
	return (l != NULL && l->count > 0) || smallest - gone < k->integer;
}

/* The old version's report, and what was taken out since. */
struct json *
withdraw_report(struct withdrawal *w)
{
	struct json *report = json_object(), *s;
	int64_t left, subjects;

	/* What the old one was added to is no word about this one. */
	for (size_t i = 0; i < w->base->report->count; i++)
		if (strcmp(w->base->report->keys[i], "appended") != 0)
			json_set(report, w->base->report->keys[i], json_copy(w->base->report->items[i]));
	s = section_of(report, "withdrawn");
	subjects = number_of(report, "withdrawn", "subjects") + w->keys - (int64_t)w->unknown_count;
	json_set_int(s, "subjects", subjects);
	json_set_int(s, "members", number_of(report, "withdrawn", "members") + (int64_t)w->members);
	json_set_int(s, "records", number_of(report, "withdrawn", "records") + (int64_t)w->records);
	json_set_int(s, "shards", number_of(report, "withdrawn", "shards") + (int64_t)w->touched);
	left = number_of(report, "members", "out") - (int64_t)w->members;
	json_set_int(section_of(report, "members"), "out", left < 0 ? 0 : left);
	if (below_policy(w->base->policy, report, subjects))
		json_set_int(section_of(report, "disclosure"), "held", 1);
	return report;
}
