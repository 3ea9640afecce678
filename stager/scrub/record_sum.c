/* Sums of records: apart, since the house adds them up, and links no reader. */
#include "stager/records.h"

void
record_sum_add(struct record_sum *to, const struct record_sum *more)
{
	to->count += more->count;
	to->low += more->low;
	to->high += more->high + (to->low < more->low ? 1 : 0);
}

static void
put64(uint8_t *to, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get64(const uint8_t *from)
{
	uint64_t v = 0;

	for (unsigned i = 8; i > 0; i--)
		v = v << 8 | from[i - 1];
	return v;
}

void
record_sum_encode(const struct record_sum *sum, uint8_t out[static RECORDS_SUM_LEN])
{
	put64(out, sum->low);
	put64(out + 8, sum->high);
}

void
record_sum_decode(struct record_sum *sum, const uint8_t in[static RECORDS_SUM_LEN])
{
	sum->low = get64(in);
	sum->high = get64(in + 8);
}

bool
record_sum_same(const struct record_sum *a, const struct record_sum *b)
{
	return a->count == b->count && a->low == b->low && a->high == b->high;
}
