/*
 * Taking back what was sent: the house's own objects at remote places, of versions that it has no more. stager/house/prune.c.
 * DESIGN.md, "Sending".
 */
#ifndef STAGER_PRUNE_H
#define STAGER_PRUNE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/endpoint.h"
#include "stager/err.h"
#include "stager/house.h"

/* What became of one delivery. */
struct pruned {
	const char *version_id, *set, *endpoint, *url;
	uint64_t objects; /* removed by this run */
	const char *why;  /* bodies may be there still, for this reason; NULL: nothing of it is */
};

struct prune {
	const char *holder, *dataset; /* NULL both: of all */
	const char *to;               /* only of this endpoint's name, or at or below this URL; NULL: all */
	bool gone; /* where nothing of what was put is found, take it for gone; else it stays open */
	struct endpoint_options options;
	const volatile sig_atomic_t *stop; /* as in send.h; may be NULL */
	void (*event)(void *ctx, const struct pruned *what);
	void *ctx;
};

/*
 * Remove from wherever they were sent the objects of versions that are ERASED or WITHDRAWN, each place entered in the log
 * before the first object goes and after the last one. Runs again from wherever it was cut. A place that fails is told of and
 * passed over, and is tried again by the next call. Of what stands there nothing is touched but names that this house put
 * there. *open: places that hold something still. -1 where the house itself fails.
 */
int house_prune(struct house *h, const struct prune *p, size_t *open, struct err *e) MUST_CHECK;

#endif
