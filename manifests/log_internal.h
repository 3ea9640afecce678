/* What log.c (reading) and log_append.c (writing) share: tiles in memory, and their paths. */
#ifndef MANIFESTS_LOG_INTERNAL_H
#define MANIFESTS_LOG_INTERNAL_H

#include <stdbool.h>

#include "stager/log.h"

#define TILE_WIDTH 256    /* hashes of a full tile: its height is 8 */
#define LOG_LEVELS 8      /* level 7 of a tree of TREE_SIZE_MAX leaves has 64 hashes: always a partial tile */
#define TILE_ENTRIES (-1) /* instead of a level: the bundle of entries beside a tile of level 0 */
#define BUNDLE_MAX (TILE_WIDTH * (2 + LOG_ENTRY_MAX))
#define TILE_PATH_MAX 64 /* "tile/entries/", at most six groups of four, ".p/255" */
#define CHECKPOINT_PATH "checkpoint"

struct tile {
	bool have;
	uint64_t number; /* in its level */
	unsigned width;  /* hashes, up to TILE_WIDTH */
	uint8_t hashes[TILE_WIDTH][DIGEST_LEN];
};

struct bundle {
	bool have;
	uint64_t number;
	unsigned width;               /* entries */
	struct buf bytes;             /* as in the file */
	size_t start[TILE_WIDTH + 1]; /* of each entry's length field; start[width] is the end of the last */
};

struct log {
	int dirfd; /* borrowed */
	char origin[NOTE_NAME_MAX + 1];
	uint8_t key[SIGN_PUBLIC_LEN];
	struct checkpoint head;
	struct buf note;              /* the file's bytes; none where there is no checkpoint yet */
	bool torn;                    /* a checkpoint may or may not have been put in place: open it again */
	struct tile edge[LOG_LEVELS]; /* the partial tiles of the head, proven by its root; width 0: none */
	struct tile full[LOG_LEVELS]; /* the full tile of each level read last, proven by the tile above it */
	struct bundle bundle;         /* the bundle read last, proven by its tile of level 0 */
};

/* tile/L/N or tile/entries/N, with .p/W where width is less than TILE_WIDTH. Source: C2SP tlog-tiles. */
void tile_path(int level, uint64_t number, unsigned width, char out[static TILE_PATH_MAX]);
/* The hash above count of its hashes, a power of two of them, from the one numbered first. */
void tile_fold(const struct tile *tile, size_t first, size_t count, uint8_t out[static DIGEST_LEN]);
/* The bundle of this number, every entry checked against its leaf; lives until the next call. */
int log_bundle(struct log *log, uint64_t number, const struct bundle **out, struct err *e) MUST_CHECK;
/* A whole file of at most max bytes into b: 1, 0 where there is none, -1 with e set. */
int log_read(const struct log *log, const char *path, size_t max, struct buf *b, struct err *e) MUST_CHECK;

#endif
