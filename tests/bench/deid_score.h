/*
 * How finds compare with gold spans.
 *
 * exact      a gold span counts as found where a find of its kind has its start and its end.
 * overlap    a gold span counts as found where a find of its kind shares at least one character with it; a find
 *            counts as right where it shares one with a gold span of its kind. One find may cover two gold spans
 *            (all three count), and two finds may lie in one.
 *
 * Recall is gold found / gold, precision finds right / finds, F1 their harmonic mean; a ratio over nothing is none,
 * printed "-". Kinds are compared without their sub-kinds. "all" adds up the kinds. "any" is by overlap with kinds
 * left out: a telephone number taken for an identifier is gone from the text all the same. covered: of the
 * characters of gold spans, the share that lies in a find of any kind; what is not covered would have stayed.
 */
#ifndef BENCH_DEID_SCORE_H
#define BENCH_DEID_SCORE_H

#include <stdint.h>

#include "deid_case.h"

struct deid_count {
	uint64_t gold, found;
	uint64_t exact;          /* gold spans, and as many finds */
	uint64_t hit, right;     /* by overlap: gold spans, finds */
	uint64_t chars, covered; /* of gold spans */
};

/* Gold spans by sub-kind ("id:bsn"), finds by rule. */
struct deid_named {
	char name[64];
	struct deid_count count;
};
struct deid_table {
	struct deid_named *items;
	size_t count;
};

struct deid_score {
	uint64_t cases, characters, repeated;
	bool kinds[DEID_KINDS]; /* those that count; the others are left out of gold and of finds */
	struct deid_count kind[DEID_KINDS], any;
	struct deid_table subs, rules;
};

/* What became of each span of one case; marks of gold and of finds, as many as there are spans. */
enum { DEID_EXACT = 1, DEID_OVERLAP = 2, DEID_ANY = 4 };
struct deid_marks {
	uint8_t *gold, *found;
	size_t cap;
};

/* Compare one case and add it up. found: by start, not overlapping, none empty. Kinds that do not count are removed
 * from both. */
int deid_score_case(struct deid_score *s, struct deid_case *c, struct deid_spans *found,
    struct deid_marks *marks, struct err *e) MUST_CHECK;
void deid_score_free(struct deid_score *s);
void deid_marks_free(struct deid_marks *m);

/* The sum of the kinds that count. */
struct deid_count deid_score_all(const struct deid_score *s);
/* In (0, 1); -1 for none. hit: what of the gold was found; right: what of the finds is right. */
double deid_ratio(uint64_t part, uint64_t whole);
double deid_f1(uint64_t hit, uint64_t gold, uint64_t right, uint64_t found);

#endif
