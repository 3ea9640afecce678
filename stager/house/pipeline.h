/* The chain scrub > check > seal over all units of a push.
 * stager/house/pipeline.c. */
#ifndef STAGER_HOUSE_PIPELINE_H
#define STAGER_HOUSE_PIPELINE_H

#include "stager/house.h"

struct plan;
struct shard_line;

/* An exclusion list, open at its front. */
struct exclusion {
	const char *name; /* as in the policy */
	int fd;
};

/* One set of shards of the version that is made. */
struct pipeline_set {
	const char *name;        /* the caller's */
	int staging;             /* descriptor of staging/VERSION-ID/SET; not used in a dry run */
	uint64_t first, samples; /* shards and samples that are there already: numbers go on behind them */
	uint64_t shards, members, bytes; /* sealed; in a dry run members and bytes that would have been */
	struct shard_line *lines;        /* of its shards, by number, from first on */
	size_t line_cap;
	struct buf
	    table; /* the shard table, made here once all is sealed: shards, then the index; empty where there is none */
};

struct pipeline {
	struct house *house;
	const struct plan *plan;   /* of what is scrubbed */
	const struct plan *tables; /* where the subject table is looked for; NULL: the same */
	uint64_t numbered;         /* files that reports count before the first of these */
	const struct json *policy; /* resolved */
	const char *holder;
	const char *dataset_id;
	const char *version_id;
	struct pipeline_set
	    *sets; /* in the order of the policy: by name. Lines and tables are the caller's to free */
	size_t set_count;
	unsigned jobs; /* units in the making at once, 1 to HOUSE_JOBS_MAX; what comes of it is the same */
	unsigned
	    stall; /* seconds without anything that moves, after which a program is taken to hang; 0: never */
	bool dry;  /* scrub and check alone: ids, staging, tables and shards are not used */
	struct json *report;                /* added up here */
	const struct exclusion *exclusions; /* one for each name of the policy's, in its order */
	size_t exclusion_count;
	const struct buf *withdrawn; /* marks of who was withdrawn from the dataset; NULL or empty: nobody */
	const char *withdrawn_from;  /* the dataset's id, by whose key they are made */
	/* Of the subject table (rows.h): rows that the version has which this one adds to; in their place those of this table. NULL: nobody asks */
	struct buf *rows;
	bool rows_differ; /* something else is shown of one of those, or nobody can tell; made here */
	/* What the first pass came to, made here: {"context","exclusions": [{"commitment","keys","name","salt"}],
	 * "subjects"}; NULL without one. */
	struct json *gathered;
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total);
	void *ctx;
};

/*
 * Run it all. Shards' bodies and sums are in staging, synced; their rows (line, wrapped key) in the ledger;
 * the index is each table's last row. On failure no child is left; files and rows are the caller's to remove.
 */
int pipeline_run(struct pipeline *p, struct err *e) MUST_CHECK;

#endif
