/*
 * Disclosure control: which rows of a table may be shown as they are, so that whoever knows somebody's
 * quasi-identifiers finds at least k rows, and among them at least l values of each sensitive attribute.
 * stager/scrub/anonymity.c.
 *
 * A row is a tuple of codes, one for each quasi-identifier and then one for each sensitive attribute; whoever
 * calls keeps the dictionary from values to codes. Rows that show the same quasi-identifiers are a class. Rows
 * of classes that are too small are widened step by step, one attribute after the other, as long as steps are left; then
 * all their quasi-identifiers are blanked. The blanked rows are a class too: where they alone are too few,
 * the smallest class joins them. So every class that is shown, the blanked one too, has k rows and l values: that
 * is the promise, and it is exact.
 *
 * Memory: what struct anonymity says, a byte a row, and the dictionaries. Rows are never stored: they are read
 * again, several times, always in the same order. Deterministic: it depends on nothing but rows and rules.
 * Source: Sweeney 2002 (k-anonymity); Machanavajjhala et al. 2007 (distinct l-diversity).
 */
#ifndef STAGER_ANONYMITY_H
#define STAGER_ANONYMITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

#define ANONYMITY_QUASI_MAX 16
#define ANONYMITY_SENSITIVE_MAX 4
#define ANONYMITY_K_MAX 1000000
#define ANONYMITY_L_MAX 64
#define ANONYMITY_STEPS_MAX 32
#define ANONYMITY_ROWS_MAX UINT32_MAX
#define ANONYMITY_MEMORY_MIN (128u << 10)
/* All quasi-identifiers' codes of a row, packed, have at most so many bits. */
#define ANONYMITY_KEY_BITS 64

struct anonymity_quasi {
	uint32_t
	    values; /* its codes are 0 to values - 1, those that only widening makes among them; 4 bytes each are used */
	/* Of an attribute that is widened: the next wider code of each code, itself at the top. Else NULL. */
	const uint32_t *wider;
};

struct anonymity_sensitive {
	uint32_t l; /* 2 to ANONYMITY_L_MAX. Code 0 is a missing value, and counts as no value */
};

struct anonymity {
	uint32_t k; /* 1 to ANONYMITY_K_MAX */
	size_t quasi_count, sensitive_count;
	struct anonymity_quasi quasi[ANONYMITY_QUASI_MAX];
	struct anonymity_sensitive sensitive[ANONYMITY_SENSITIVE_MAX];
	unsigned steps; /* of widening; 0: none */
	uint8_t turn
	    [ANONYMITY_STEPS_MAX]; /* which quasi-identifier each step widens by one; all that have `wider`, no other */
	uint32_t max_blank; /* share of rows that may be blanked, in parts per million */
	size_t
	    memory; /* bytes for counting; at least ANONYMITY_MEMORY_MIN. More of it means fewer readings */
};

/* Rows that can be read again. */
struct anonymity_rows {
	void *ctx;
	uint64_t count; /* at most ANONYMITY_ROWS_MAX */
	/*
	 * Each stands for several that are alike: as many as one more code behind its others says, at least 1. All of them are `total`,
	 * at most ANONYMITY_ROWS_MAX, and every count below is of those.
	 */
	bool weighted;
	uint64_t total; /* where weighted */
	/* Go back before the first row. */
	int (*rewind)(void *ctx, struct err *e);
	/*
	 * The next rows into codes, up to max of them, each quasi_count + sensitive_count codes long, weighted ones by one more; *got says
	 * how many, 0 only behind the last. -1 with e set stops all.
	 */
	int (*next)(void *ctx, uint32_t *codes, size_t max, size_t *got, struct err *e);
};

/* What became of a row: so many steps wider, or this. */
#define ANONYMITY_BLANK 255

struct anonymity_shown {
	uint32_t values;   /* different codes that are still shown */
	uint32_t smallest; /* rows of the rarest of them; 0 where none is shown */
};

struct anonymity_result {
	/* More is blanked than may be, or nothing helps: all is blanked, and the blanked rows fail k or l. A person must look. */
	bool held;
	uint64_t below;   /* rows whose class was too small, or too uniform, as they came */
	uint64_t widened; /* rows shown with an attribute widened */
	uint64_t blanked;
	uint64_t classes;  /* that are shown, the blanked rows not among them */
	uint32_t smallest; /* rows of the smallest class, the blanked rows' too; 0 where there is no row */
	struct anonymity_shown shown[ANONYMITY_QUASI_MAX];
	uint64_t readings; /* of all rows */
};

/*
 * Decide for each row. decisions: rows->count bytes, row by row; whole also where result->held is
 * set: the promise holds of what is shown. 0, or -1 with e set: ERR_LIMIT past a limit above, ERR_INPUT where a code
 * is not one of its attribute or the rows are not as many as before, ERR_SYSTEM.
 */
int anonymity_run(const struct anonymity *a, const struct anonymity_rows *rows, uint8_t *decisions,
    struct anonymity_result *result, struct err *e) MUST_CHECK;

#endif
