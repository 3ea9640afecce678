/* Numbers said less exactly: rounded to multiples, and cut off at the top and the bottom. stager/scrub only. */
#ifndef SCRUB_COARSE_H
#define SCRUB_COARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COARSE_FIGURES_MAX 80  /* of a number without its exponent */
#define COARSE_LEN_MAX 96      /* bytes of a number that was made */
#define COARSE_STEP_FIGURES 12 /* of what is rounded to */

/* A decimal number, exact: the figures are a whole number without zeros in front (0 has none), places of them decimal places. */
struct decimal {
	bool negative;
	size_t count, places;
	char figures[COARSE_FIGURES_MAX]; /* 0 to 9, the first highest */
};

/*
 * Read [+-]?[0-9]+(D[0-9]+)?([eE][+-]?[0-9]+)?, D being the decimal separator; at most 64 characters. NULL, or the reason:
 * "value-type" where it is none, "value-range" where it has more than COARSE_FIGURES_MAX figures when written out.
 */
const char *decimal_read(struct decimal *d, char separator, const char *value, size_t len);
/* -1, 0, 1. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* What is done to a number; each may be left out. Made by coarse_init from texts of the policy, [-]?[0-9]+(\.[0-9]+)?. */
struct coarse {
	bool has_round, has_top, has_bottom, has_range;
	struct decimal round; /* more than 0, at most COARSE_STEP_FIGURES figures */
	struct decimal top, bottom;
	struct decimal least, most; /* of has_range: what is outside is refused */
	char top_text[COARSE_LEN_MAX], bottom_text[COARSE_LEN_MAX];
};

/* NULL stands for left out; range: two texts, or NULL. False where they are none, the bottom is not below the top, or all are NULL. */
bool coarse_init(
    struct coarse *c, const char *round, const char *top, const char *bottom, const char *const *range);

/*
 * A number made less exact, with the same decimal separator:
 *
 * - rounded to the nearest multiple, a half away from zero (2.5 to 3 and -2.5 to -3, as commerce and conventional rounding
 *   have it), in exact decimal arithmetic, and written with as many decimal places as the policy's step has;
 * - then, from `top` on, top itself; and down from `bottom`, bottom itself: a number still, as sdcMicro's topBotCoding has
 *   it, and not ">=90", which no column of numbers can hold;
 * - and where none of the two applies as it was written.
 *
 * out  receives *out_len bytes
 *
 * NULL, or the reason as for decimal_read, or "value-range" outside of the range.
 */
const char *coarse_make(const struct coarse *c, char separator, const char *value, size_t len,
    char out[static COARSE_LEN_MAX], size_t *out_len);

#endif
