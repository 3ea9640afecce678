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
