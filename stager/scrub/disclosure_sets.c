/* What is told of what was decided; and what each set shows, once it is decided how each subject may be shown: its classes, counted again by what it has of them. */
#include <stdio.h>
#include <string.h>

#include "disclosure.h"
#include "stager/policy.h"
#include "stager/report.h"

/* A count for the report: one that is too small to be told stands there as the smallest that may be. */
static uint64_t
told(const struct disclosure *rules, uint64_t count)
{
	return count > 0 && count < rules->min_cell ? rules->min_cell : count;
}

void
disclosure_tell(const struct disclosure *rules, const char *units, uint64_t count,
    const struct anonymity_result *result, struct report *report)
{
	char key[32];

	report_add(report, "disclosure", units, told(rules, count));
	report_add(report, "disclosure", "below", told(rules, result->below));
	report_add(report, "disclosure", "widened", told(rules, result->widened));
	report_add(report, "disclosure", "blanked", told(rules, result->blanked));
	report_add(report, "disclosure", "classes", result->classes);
	report_add(report, "disclosure", "smallest", told(rules, result->smallest));
	report_add(report, "disclosure", "held", result->held ? 1 : 0);
	for (size_t i = 0; i < rules->quasi_count; i++) {
		(void)snprintf(key, sizeof(key), "%zu-values", i + 1);
		report_add(report, "quasi", key, result->shown[i].values);
		(void)snprintf(key, sizeof(key), "%zu-smallest", i + 1);
		report_add(report, "quasi", key, told(rules, result->shown[i].smallest));
	}
}

/* Does anything that goes to this set show the attribute? In a text the age stands for the ages that are in it. */
static bool
rule_shows(const struct policy *p, const struct rule *r, uint8_t set, size_t attribute)
{
	const bool age = p->text.age != NULL && (size_t)(p->text.age - p->subject->attributes) == attribute;
	const bool here = r->set == set && r->format != FORMAT_DROP;

	for (size_t i = 0; i < r->field_count; i++) {
		const struct action *a = &r->fields[i].action;

		if (policy_action_in(a, set) && ((a->kind == ACTION_ATTRIBUTE && a->attribute == attribute) ||
						    (a->kind == ACTION_TEXT && age)))
			return true;
	}
	for (size_t i = 0; i < r->tag_count && here; i++)
		if (r->tags[i].action.kind == ACTION_ATTRIBUTE && r->tags[i].action.attribute == attribute)
			return true;
	return here && age && r->field_count == 0 && r->format != FORMAT_OPAQUE;
}

/* The same of the policy's quasi-identifiers, by their place. */
static bool
set_shows(const struct policy *p, uint8_t set, size_t quasi)
{
	const struct disclosure *rules = p->disclosure;
	bool shown = false;

	if (rules->rule != NULL)
		return policy_action_in(&rules->rule->fields[rules->quasi[quasi]].action, set);
	for (size_t k = 0; k < p->rule_count && !shown; k++)
		shown = rule_shows(p, &p->rules[k], set, rules->quasi[quasi]);
	return shown;
}

/* A set's part of the rows: the codes of what it shows, and the sensitive ones. */
struct part {
	const struct disclosed *all;
	size_t quasi[ANONYMITY_QUASI_MAX], count, sensitive;
	uint64_t at;
};

static int
part_rewind(void *ctx, struct err *e)
{
	(void)e;
	((struct part *)ctx)->at = 0;
	return 0;
}

static int
part_next(void *ctx, uint32_t *codes, size_t max, size_t *got, struct err *e)
{
	struct part *p = ctx;
	const struct disclosed *all = p->all;

	(void)e;
	*got = all->rows - p->at < max ? (size_t)(all->rows - p->at) : max;
	for (size_t row = 0; row < *got; row++, p->at++) {
		for (size_t i = 0; i < p->count; i++)
			*codes++ = all->shown(all->ctx, p->at, p->quasi[i]);
		for (size_t i = 0; i < p->sensitive; i++)
			*codes++ = all->sensitive(all->ctx, p->at, i);
		if (all->weight != NULL)
			*codes++ = all->weight(all->ctx, p->at);
	}
	return 0;
}

static int
check_set(const struct disclosed *all, uint8_t set, struct report *report, struct err *e)
{
	const struct disclosure *rules = all->policy->disclosure;
	struct anonymity a = {
	    .k = rules->k, .sensitive_count = rules->sensitive_count, .memory = all->memory};
	struct part part = {.all = all, .sensitive = rules->sensitive_count};
	const struct anonymity_rows rows = {.ctx = &part,
	    .count = all->rows,
	    .weighted = all->weight != NULL,
	    .total = all->total,
	    .rewind = part_rewind,
	    .next = part_next};
	struct anonymity_result result;
	char key[32];

	for (size_t i = 0; i < rules->quasi_count; i++) {
		if (!set_shows(all->policy, set, i))
			continue;
		/* One value more than there are: that which was blanked. */
		a.quasi[part.count].values = all->values[i] + 1;
		part.quasi[part.count++] = i;
	}
	if (part.count == 0)
		return 0;
	a.quasi_count = part.count;
	for (size_t i = 0; i < rules->sensitive_count; i++)
		a.sensitive[i].l = rules->l[i];
	if (anonymity_run(&a, &rows, all->scratch, &result, e) == -1)
		return -1;
	(void)snprintf(key, sizeof(key), "set-%u-classes", (unsigned)set + 1);
	report_add(report, "disclosure", key, result.classes);
	(void)snprintf(key, sizeof(key), "set-%u-smallest", (unsigned)set + 1);
	report_add(report, "disclosure", key, told(rules, result.smallest));
	/* What holds for all of it together holds for any part of it. */
	if (result.below > 0 && report_get(report, "disclosure", "held") == 0)
		report_add(report, "disclosure", "held", 1);
	return 0;
}

int
disclosure_sets(const struct disclosed *all, struct report *report, struct err *e)
{
	for (size_t i = 0; i < all->policy->set_count && all->policy->set_count > 1; i++)
		if (check_set(all, (uint8_t)i, report, e) == -1)
			return -1;
	return 0;
}
