/* A set of names, kept as short digests: has this name come before? */
#ifndef INGEST_SEEN_H
#define INGEST_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

#define SEEN_LEN 16 /* of a name's SHA-256: two of a million names meet by chance once in 2^88 */

/* All zeros is an empty set. 32 to 64 bytes a name; who adds must have a limit on the names. */
struct seen {
	uint8_t (*places)[SEEN_LEN]; /* open addressing; all zeros is an empty place */
	size_t count, cap;           /* cap is a power of two, and more than twice count */
};

/* 1 where the name is new (it is added), 0 where it came before, -1 with ERR_SYSTEM. */
int seen_add(struct seen *s, const char *name, size_t len, struct err *e) MUST_CHECK;
void seen_free(struct seen *s);

#endif
