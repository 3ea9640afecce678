/*
 * Bodies and sums of a version, from wherever they lie into a folder near by: whole, proven without any key, and so that
 * a fetch which was ended is gone on with. stager/node/fetch*.c. DESIGN.md, "Fetching".
 */
#ifndef STAGER_FETCH_H
#define STAGER_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/release.h"

struct node_store;

#define FETCH_TRIES 4 /* how often a segment that comes damaged is asked for, in all */

struct fetch {
	const struct house_card *card; /* pinned: its key signs the manifest */
	const char *version_id;
	const uint8_t
	    *statement;  /* SHA-256 of the manifest's statement, from a request; NULL: any that is signed */
	const char *set; /* NULL: the manifest's, where it has one alone */
	struct node_store *store; /* of the version */
	int folder;               /* the version's, into which it goes; may be written */
	const uint64_t *rows;     /* shards; the index comes with them */
	size_t row_count;         /* 0: all */
	void (*progress)(
	    void *ctx, uint64_t bytes, uint64_t total); /* of bodies; or NULL. One thread at a time */
	void *ctx;
};

struct fetch_result {
	char set[MANIFEST_NAME_MAX + 1];
	uint64_t shards;   /* with the index */
	uint64_t bytes;    /* of their bodies */
	uint64_t fetched;  /* of these: came now; the rest was there and is sound */
	uint64_t repaired; /* segments that came damaged, and sound when they were asked for again */
};

/*
 * Afterwards the folder holds manifest.json, SET/shards.jsonl, and the shards' .sums and .body, all of them proven now:
 * the manifest by the pinned key, the table by the manifest, the sums by the table, every segment by its sum. A body is
 * SET/NAME.body.part until it is whole. Starts threads.
 *
 * ERR_FORGED names what is damaged where it comes from, after FETCH_TRIES; ERR_REMOTE where the store cannot give it;
 * ERR_SYSTEM where the folder cannot hold it (a full disk). What is there by then is used by the next fetch.
 */
int node_fetch(const struct fetch *f, struct fetch_result *out, struct err *e) MUST_CHECK;

#endif
