/* What became of the records of a file, or of a batch of it: counted alike by every reader of records. stager/scrub/format only. */
#ifndef FORMAT_TALLY_H
#define FORMAT_TALLY_H

#include <stdint.h>

#include "stager/records.h"
#include "stager/scrub.h"

/* Reasons are constants of the code, far fewer than there is room for. */
#define TALLY_REASONS 24

struct tally {
	uint64_t seen, passed;
	uint64_t excluded, unmatched, carried; /* dropped with their subjects */
	struct text_finds finds;               /* of those that passed */
	struct record_sum sum;                 /* the same, where disclosure control counts them */
	struct tally_held {
		const char *reason; /* NULL: no more */
		uint64_t count;
	} held[TALLY_REASONS]; /* in the order in which they were met first */
};

void tally_hold(struct tally *t, const char *reason, uint64_t records);
/* One that left with its subject: a word of the report's "subjects". */
void tally_drop(struct tally *t, const char *reason);
void tally_finds(struct text_finds *to, const struct text_finds *more);
/* All but `passed`, `finds` and `sum`, which some count only once what passed is written. */
void tally_add(struct tally *to, const struct tally *more);
/* Excluded, unmatched, carried, and linked or not: who the records that passed were about. */
void tally_report_subjects(const struct tally *t, const struct scrub *s);

#endif
