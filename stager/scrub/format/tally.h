/* What became of the records of a file, or of a batch of it: counted alike by every reader of records. stager/scrub/format only. */
#ifndef FORMAT_TALLY_H
#define FORMAT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/records.h"
#include "stager/report.h"
#include "stager/scrub.h"

/* Reasons are constants of the code, far fewer than there is room for. */
#define TALLY_REASONS 24
/* As many columns and paths, by reason, as a report has of all files. */
#define TALLY_FIELDS REPORT_FIELDS_MAX

struct tally {
	uint64_t seen, passed;
	uint64_t excluded, unmatched, carried; /* dropped with their subjects */
	struct text_finds finds;               /* of those that passed */
	struct record_sum sum;                 /* the same, where disclosure control counts them */
	struct tally_held {
		const char *reason; /* NULL: no more */
		uint64_t count;
	} held[TALLY_REASONS]; /* in the order in which they were met first */
	/* Of those the columns and paths whose values they were held for, in the same order. */
	struct tally_field {
		size_t field; /* of the rule's, from 1; 0: no more */
		const char *reason;
		uint64_t count;
	} fields[TALLY_FIELDS];
	bool fields_more; /* than there is room for: what is lacking depends on where the tally began */
};

void tally_hold(struct tally *t, const char *reason, uint64_t records);
/* Whose value it was, of what tally_hold counts; nothing for 0, and for reasons that are about no value. */
void tally_hold_field(struct tally *t, const char *reason, size_t field, uint64_t records);
/* The place, from 1, of the rule's field that has this action; 0 where none has, and for NULL. */
size_t tally_field(const struct rule *rule, const struct action *action);
/* One that left with its subject: a word of the report's "subjects". */
void tally_drop(struct tally *t, const char *reason);
void tally_finds(struct text_finds *to, const struct text_finds *more);
/* All but `passed`, `finds` and `sum`, which some count only once what passed is written. */
void tally_add(struct tally *to, const struct tally *more);
/* What was held for the value of a column or path. */
void tally_report_fields(const struct tally *t, struct report *report);
/* Excluded, unmatched, carried, and linked or not: who the records that passed were about. */
void tally_report_subjects(const struct tally *t, const struct scrub *s);

#endif
