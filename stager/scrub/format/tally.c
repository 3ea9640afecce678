/* Records counted: what passed, what was held and why. */
#include "tally.h"

#include <string.h>

#include "stager/policy.h"
#include "stager/report.h"

void
tally_hold(struct tally *t, const char *reason, uint64_t records)
{
	size_t i = 0;

	while (i < TALLY_REASONS - 1 && t->held[i].reason != NULL && strcmp(t->held[i].reason, reason) != 0)
		i++;
	t->held[i].reason = reason;
	t->held[i].count += records;
}

void
tally_hold_field(struct tally *t, const char *reason, size_t field, uint64_t records)
{
	size_t i = 0;

	if (field == 0 || !report_reason_of_field(reason))
		return;
	while (i < TALLY_FIELDS && t->fields[i].field != 0 &&
	       (t->fields[i].field != field || strcmp(t->fields[i].reason, reason) != 0))
		i++;
	if (i == TALLY_FIELDS) {
		t->fields_more = true;
		return;
	}
	t->fields[i].field = field;
	t->fields[i].reason = reason;
	t->fields[i].count += records;
}

size_t
tally_field(const struct rule *rule, const struct action *action)
{
	for (size_t i = 0; i < rule->field_count && action != NULL; i++)
		if (&rule->fields[i].action == action)
			return i + 1;
	return 0;
}

void
tally_drop(struct tally *t, const char *reason)
{
	if (strcmp(reason, "excluded") == 0)
		t->excluded++;
	else if (strcmp(reason, "carried") == 0)
		t->carried++;
	else
		t->unmatched++;
}

void
tally_finds(struct text_finds *to, const struct text_finds *more)
{
	for (unsigned i = 0; i < SPAN_TYPES; i++)
		to->count[i] += more->count[i];
}

void
tally_add(struct tally *to, const struct tally *more)
{
	to->seen += more->seen;
	to->excluded += more->excluded;
	to->unmatched += more->unmatched;
	to->carried += more->carried;
	for (size_t i = 0; i < TALLY_REASONS && more->held[i].reason != NULL; i++)
		tally_hold(to, more->held[i].reason, more->held[i].count);
	for (size_t i = 0; i < TALLY_FIELDS && more->fields[i].field != 0; i++)
		tally_hold_field(to, more->fields[i].reason, more->fields[i].field, more->fields[i].count);
}

void
tally_report_fields(const struct tally *t, struct report *report)
{
	for (size_t i = 0; i < TALLY_FIELDS && t->fields[i].field != 0; i++)
		report_hold_field(
		    report, HOLD_RECORD, t->fields[i].reason, t->fields[i].field, t->fields[i].count);
}

void
tally_report_subjects(const struct tally *t, const struct scrub *s)
{
	if (s->context != NULL && t->passed > 0)
		report_add(
		    s->report, "subjects", s->rule->subject != NULL ? "linked" : "unlinked", t->passed);
	if (t->excluded > 0)
		report_add(s->report, "subjects", "excluded", t->excluded);
	if (t->unmatched > 0)
		report_add(s->report, "subjects", "unmatched", t->unmatched);
	if (t->carried > 0)
		report_add(s->report, "subjects", "carried", t->carried);
}
