/* A copy in memory that ends where it ends, so that the address sanitizer sees a reader go one byte too far. */
#ifndef TESTS_EXACT_H
#define TESTS_EXACT_H

#include <stdlib.h>
#include <string.h>

/* Caller frees. Never NULL. */
static inline void *
exact_copy(const void *data, size_t len)
{
	void *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

#endif
