/* The chain scrub > check > seal over all units of a push: starting, feeding, and serving them.
 * stager/house/pipeline.c. */
#ifndef STAGER_HOUSE_PIPELINE_H
#define STAGER_HOUSE_PIPELINE_H

#include "stager/house.h"

struct plan;

/* An exclusion list, open at its front. */
struct exclusion {
	const char *name; /* as in the policy */
	int fd;
};

struct pipeline {
	struct house *house;
	const struct plan *plan;
	const struct json *policy; /* resolved */
	const char *holder;
	const char *dataset_id;
	const char *version_id;
	const char *set;     /* the one set of shards */
	bool dry;            /* scrub and check alone: ids, staging, table and shards are not used */
	int staging;         /* descriptor of staging/VERSION-ID/SET */
	struct json *report; /* added up here */
	struct buf table;    /* the shard table, made here: shards, then the index */
	const struct exclusion *exclusions; /* one for each name of the policy's, in its order */
	size_t exclusion_count;
	/* What the first pass came to, made here: {"context","exclusions": [{"commitment","keys","name","salt"}],
	 * "subjects"}; NULL without one. */
	struct json *gathered;
	uint64_t shards, members, bytes; /* sealed */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total);
	void *ctx;
};

/*
 * Run it all. Shards' bodies and sums are in staging, synced; their rows (line, wrapped key) in the ledger;
 * the index is the table's last row. On failure no child is left; files and rows are the caller's to remove.
 */
int pipeline_run(struct pipeline *p, struct err *e) MUST_CHECK;

#endif
