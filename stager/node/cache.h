/*
 * Plaintext blocks in memory, for many readers at once: each block is opened once while it is here, read ahead for who
 * reads on, dropped so that who reads more than fits finds a part of it again. stager/node/cache.c. DESIGN.md, "The gateway".
 */
#ifndef NODE_CACHE_H
#define NODE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/c4gh.h"
#include "stager/err.h"

#define CACHE_SEGMENTS 8 /* of a block: 512 KiB */
#define CACHE_BLOCK ((size_t)CACHE_SEGMENTS * C4GH_PLAIN_MAX)
#define CACHE_BLOCKS_MIN 32
#define CACHE_WORKERS_MAX 64

struct cache;
struct cache_block;

struct cache_use {
	uint64_t memory;  /* bytes of all blocks; at least CACHE_BLOCKS_MIN of them */
	unsigned workers; /* threads that read ahead, 1 to CACHE_WORKERS_MAX */
	unsigned ahead;   /* blocks read ahead for one reader, at most */
	void *ctx;
	/*
	 * Block number `block` of object `object`: exactly len bytes into out, all of them proven. From several threads at
	 * once, never twice at once for one block. -1 with e: what is in out is wiped.
	 */
	int (*fill)(void *ctx, uint64_t object, uint64_t block, uint8_t *out, size_t len, struct err *e);
};

/* A part of one object on its way to one reader. */
struct cache_reader {
	uint64_t object, len; /* its bytes */
	uint64_t until;       /* byte before which it will read on: blocks before it are read ahead */
};

/* Starts the threads: after confinement, with SANDBOX_THREADS. Blocks are locked as far as the limit of locked memory
 * goes, but for 8 MiB left to keys. Caller frees. */
struct cache *cache_new(const struct cache_use *use, struct err *e) MUST_CHECK;
/* No reader may be left. Joins the threads and wipes every block. Takes NULL. */
void cache_free(struct cache *c);

/* Readers are counted, so that reading ahead for many does not drive out what others are about to read. */
void cache_enter(struct cache *c);
void cache_leave(struct cache *c);
/*
 * The block with this number of reader's object, held until cache_release: waited for, or opened in the caller's own
 * thread. A reader holds one at a time. -1 with the fault of `fill`, which is tried again with the next call.
 */
int cache_get(struct cache *c, const struct cache_reader *reader, uint64_t block, struct cache_block **out,
    struct err *e) MUST_CHECK;
/* Its bytes: *len of them, valid while it is held. */
const uint8_t *cache_data(const struct cache_block *b, size_t *len);
void cache_release(struct cache *c, struct cache_block *b);
/* Blocks that were opened so far. */
uint64_t cache_fills(struct cache *c);
/* Bytes of blocks that are locked in memory. */
uint64_t cache_locked(struct cache *c);

#endif
