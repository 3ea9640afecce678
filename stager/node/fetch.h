/* Between fetch.c (documents and sums) and fetch_body.c. */
#ifndef NODE_FETCH_H
#define NODE_FETCH_H

#include <stdbool.h>

#include "stager/fetch.h"
#include "stager/manifest.h"
#include "store.h"

/* What a fetch works on, once manifest and table are proven. */
struct fetching {
	const struct fetch *f;
	struct fetch_result *result;
	struct shard_table *table;
	uint64_t *rows; /* ascending; the index last */
	size_t row_count;
	uint64_t total, done; /* bytes of bodies; done: the writer's alone */
};

/* "SET/NAME.EXT" */
void fetch_name(
    const struct fetching *x, uint64_t row, const char *ext, char out[static NODE_STORE_NAME_MAX]);
/* A row's sums file from our own folder, proven; *out is the caller's to free. 1; 0 where it is not there or not the
 * one; -1 with ERR_SYSTEM. */
int fetch_own_sums(const struct fetching *x, uint64_t row, uint8_t **out, struct err *e) MUST_CHECK;
/* All bodies; their sums are there. */
int fetch_bodies(struct fetching *x, struct err *e) MUST_CHECK;

#endif
