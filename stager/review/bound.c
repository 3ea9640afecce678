/* How large the share may still be that a sample showed nothing, or little, of. */
#include "stager/review.h"

#define LEFT \
	(0.05 * (1 + 1e-12)) /* the chance that is left to be wrong; where it is met exactly, it is met */
#define MILLION 1000000
#define LARGE 1e200

/*
 * P(X <= found) of `reviewed` draws at p, 0 < p < 1. Each term follows from the one before, so that their scale does not
 * matter: where they grow past what a double holds, all are made smaller.
 */
static double
at_most(int64_t found, int64_t reviewed, double p)
{
	double term = 1, low = 0, all = 0, odds = p / (1 - p);

	for (int64_t k = 0; k <= reviewed; k++) {
		all += term;
		if (k <= found)
			low += term;
		if (all > LARGE) {
			term /= LARGE;
			low /= LARGE;
			all /= LARGE;
		}
		term *= (double)(reviewed - k) / (double)(k + 1) * odds;
	}
	return low / all;
}

int64_t
review_bound_ppm(int64_t found, int64_t reviewed)
{
	int64_t low = 0, high = MILLION;

	if (reviewed <= 0 || found >= reviewed || found < 0)
		return MILLION;
	/* The lowest whole ppm at which it is no longer likely. */
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (at_most(found, reviewed, (double)middle / MILLION) > LEFT)
			low = middle;
		else
			high = middle;
	}
	return high;
}
