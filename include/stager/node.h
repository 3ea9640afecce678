/*
 * What a compute node does: asks the house for its headers, proves every word of the answer, opens shards
 * segment by segment. stager/node/. DESIGN.md, "Release" and "Sealed shards".
 */
#ifndef STAGER_NODE_H
#define STAGER_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/header.h"
#include "stager/manifest.h"
#include "stager/release.h"
#include "stager/sign.h"

struct json;
struct secret;

/* How long the house may take for its challenge, and for its answer. */
#define NODE_CHALLENGE_MS (120 * 1000)
#define NODE_ANSWER_MS (300 * 1000)

/* What a node brings to the conversation. */
struct node {
	struct house_card card; /* pinned */
	struct request request;
	struct secret *job; /* seed of the job key; owned by the caller */
	uint32_t slot, restart;
	struct json *facts; /* an object of strings; the caller's */
	int wait_ms;        /* for each line of the house; 0: the two above */
};

/* The pinned card and the request from their files; ERR_INPUT where they are none. */
int node_read_card(const char *path, struct house_card *out, struct err *e) MUST_CHECK;
int node_read_request(const char *path, struct request *out, struct err *e) MUST_CHECK;
/* Open a job key's file: ERR_REFUSED where others may read it. The descriptor, or -1. */
int node_open_key(const char *path, struct err *e) MUST_CHECK;

/* Rows of the shard table to ask for: [first, end) of the shards, all of them, or the index alone. */
struct node_want {
	enum { NODE_WANT_ALL, NODE_WANT_INDEX, NODE_WANT_RANGE } kind;
	uint64_t first, end; /* of NODE_WANT_RANGE */
};

/* What the house gave, proven: every header opens to the key that the manifest's table commits to. */
struct node_release {
	struct manifest *manifest;
	uint8_t statement[DIGEST_LEN]; /* SHA-256 of the manifest's statement */
	uint8_t table_digest[DIGEST_LEN];
	struct shard_table *table;
	uint64_t first, end; /* rows that headers are here for */
	struct buf headers;  /* HEADER_LEN bytes a row */
	uint8_t writer[X25519_LEN];
	struct secret *shared; /* opens them */
	struct answer *answer; /* as the house signed it */
};

/*
 * One conversation with a house: hello, challenge, ask, answer.
 *
 * to, from    what the house reads and writes; from is polled, so a pipe, a socket or a terminal
 * own, key    the node's X25519 pair; own never leaves the process
 * out         filled on success only; node_release_free
 *
 * -1 with ERR_FORGED where anything that came back is not what it must be; ERR_REMOTE where the house hung up
 * or kept silent; or the code of the house's own error, its text after "the house says".
 */
int node_ask(const struct node *n, int to, int from, const struct secret *own,
    const uint8_t key[static X25519_LEN], const struct node_want *want, struct node_release *out,
    struct err *e) MUST_CHECK;
void node_release_init(struct node_release *r);
void node_release_free(struct node_release *r);

/* The data key of a row, opened and proven again; ERR_USAGE for a row that was not asked for. Caller frees. */
struct secret *node_data_key(const struct node_release *r, uint64_t row, struct err *e) MUST_CHECK;

/*
 * Where plaintext goes: one segment after the other, each proven before this is called, by threads that the giver
 * started and joins, one at a time. 0 to go on, -1 with e set to stop. data is wiped by the giver.
 */
typedef int (*node_write_fn)(void *ctx, const uint8_t *data, size_t len, struct err *e);
/*
 * Open one row of the table from folder, which holds shard-00000.body, .sums, ... of the set. The sums file
 * is proven by the table before it is used, each segment by its sum, then by its place and its MAC. ERR_FORGED
 * at the first fault, and nothing of that segment or after it was written; ERR_REMOTE where a file is not there
 * or cannot be read.
 */
int node_open_row(const struct node_release *r, int folder, uint64_t row, node_write_fn write, void *ctx,
    struct err *e) MUST_CHECK;
/*
 * A copy of a version's folder may hold manifest.json and SET/shards.jsonl. The node has both from the house;
 * where the copy has them too they must be the same ones: ERR_FORGED.
 */
int node_check_copy(const struct node *n, const struct node_release *r, int version_folder, int set_folder,
    struct err *e) MUST_CHECK;

/* Following a tar as it passes: where its members end, and where its end-of-archive mark begins. */
#define NODE_TAR_BLOCK 512
struct node_tar {
	uint64_t skip;     /* bytes of the open member that are still to pass, its padding among them */
	uint64_t pax_size; /* a pax header's size for the member after it; UINT64_MAX: none */
	size_t have;       /* of block */
	bool in_pax;       /* block collects a pax record, not a header */
	bool ended;        /* the first block of zeros was seen */
	uint8_t block[NODE_TAR_BLOCK];
};
void node_tar_init(struct node_tar *t);
/*
 * len more bytes. *keep: how many of them stand before the end-of-archive mark. ERR_FORGED where this is no tar
 * that Stager writes, or something follows the mark.
 */
int node_tar_feed(
    struct node_tar *t, const uint8_t *data, size_t len, size_t *keep, struct err *e) MUST_CHECK;
/* True where the next block is a header: a reader would take an end here for the archive's. */
bool node_tar_between(const struct node_tar *t);
/* A header of a file of 1 MiB that never comes: what a reader then meets is an error, not an early end. */
void node_tar_error(uint8_t out[static NODE_TAR_BLOCK]);

#endif
