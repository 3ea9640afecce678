/* Disclosure control at the end of the first pass: who stands alone by what the attributes show. stager/scrub only. */
#ifndef SCRUB_DISCLOSURE_H
#define SCRUB_DISCLOSURE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/anonymity.h"
#include "stager/err.h"

struct context_maker;
struct disclosing;
struct disclosure;
struct policy;
struct report;

/* policy has `disclosure`. NULL with e set. Caller frees. */
struct disclosing *disclosing_new(const struct policy *policy, struct err *e) MUST_CHECK;
void disclosing_free(struct disclosing *d);
/*
 * The sensitive value of a subject: column is which of the policy's `l`, subject its number in the context. An empty
 * value is a missing one.
 */
int disclosing_sensitive(struct disclosing *d, uint64_t subject, size_t column, const void *value, size_t len,
    struct err *e) MUST_CHECK;
/*
 * After the last subject: look at the attributes of all good ones, and write them into the context as they may be shown. Adds
 * to the report. 0, or -1 with e set.
 */
int disclosing_run(
    struct disclosing *d, struct context_maker *maker, struct report *report, struct err *e) MUST_CHECK;

/* What was decided, into the report: how many units (under that key) there were, and what became of them. */
void disclosure_tell(const struct disclosure *rules, const char *units, uint64_t count,
    const struct anonymity_result *result, struct report *report);

/* Rows as they are shown, for disclosure_sets.c. */
struct disclosed {
	const struct policy *policy;
	uint64_t rows;
	const uint32_t
	    *values; /* of each quasi-identifier: its codes are below that, and that is the blank one */
	uint32_t (*shown)(void *ctx, uint64_t row, size_t quasi);
	uint32_t (*sensitive)(void *ctx, uint64_t row, size_t column);
	uint32_t (*weight)(void *ctx, uint64_t row); /* NULL: each row is one */
	uint64_t total;                              /* where they are weighted */
	void *ctx;
	uint8_t *scratch; /* rows bytes */
	size_t memory;    /* as in struct anonymity */
};

/* Of a policy with several sets: classes, and the smallest of them, by what each set shows. Adds to the report's disclosure. */
int disclosure_sets(const struct disclosed *all, struct report *report, struct err *e) MUST_CHECK;

#endif
