/* What the bench of de-identification prints. */
#ifndef BENCH_DEID_REPORT_H
#define BENCH_DEID_REPORT_H

#include <stdio.h>

#include "deid_score.h"

struct deid_speed {
	uint64_t bytes;
	double mb_per_second; /* of processor time, best round; 0: not measured */
};

/* The table; with subs and rules those tables, too. */
void deid_report_table(
    FILE *out, const struct deid_score *s, bool subs, bool rules, const struct deid_speed *speed);
/* The same as one JSON object on one line; ratios are numbers or null. */
void deid_report_json(FILE *out, const struct deid_score *s, const struct deid_speed *speed);
/* The misses and false alarms (by overlap) of one case, a line each, with what stands around them; bounds: also finds
 * that are right by overlap and not exact. */
void deid_report_errors(FILE *out, const struct deid_case *c, const struct deid_spans *found,
    const struct deid_marks *marks, uint64_t line, bool bounds);
/* The finds of one case, a line of JSON. */
void deid_report_spans(FILE *out, const struct deid_spans *found);

#endif
