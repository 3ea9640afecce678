/* Rows of codes in memory, for what tests disclosure control. */
#ifndef TESTS_ANONYMITY_ROWS_H
#define TESTS_ANONYMITY_ROWS_H

#include <string.h>

#include "stager/anonymity.h"

struct table {
	const uint32_t *codes;
	size_t width;
	uint64_t count, at;
	size_t block;    /* rows at a time at most; 0: as many as are wanted */
	int fails_after; /* so many more calls work; -1: all */
};

static int
table_call(struct table *t, struct err *e)
{
	if (t->fails_after == 0)
		return err_set(e, ERR_SYSTEM, "table: told to fail");
	t->fails_after -= t->fails_after > 0;
	return 0;
}

static int
table_rewind(void *ctx, struct err *e)
{
	struct table *t = ctx;

	t->at = 0;
	return table_call(t, e);
}

static int
table_next(void *ctx, uint32_t *codes, size_t max, size_t *got, struct err *e)
{
	struct table *t = ctx;

	*got = t->count - t->at < max ? (size_t)(t->count - t->at) : max;
	if (t->block > 0 && *got > t->block)
		*got = t->block;
	if (*got > 0)
		memcpy(codes, t->codes + t->at * t->width, *got * t->width * sizeof(*codes));
	t->at += *got;
	return table_call(t, e);
}

#endif
