/* Memory on cache lines of its own. */
#include "stager/apart.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *
apart_malloc(size_t len)
{
	if (len > SIZE_MAX - APART_LINE) {
		errno = ENOMEM;
		return NULL;
	}
	return aligned_alloc(
	    APART_LINE, len == 0 ? APART_LINE : (len + APART_LINE - 1) / APART_LINE * APART_LINE);
}

void *
apart_calloc(size_t count, size_t len)
{
	void *made;

	if (count > 0 && len > SIZE_MAX / count) {
		errno = ENOMEM;
		return NULL;
	}
	if ((made = apart_malloc(count * len)) != NULL)
		memset(made, 0, count * len);
	return made;
}
