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
struct tally;

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

/* Rows of the shard table to ask for: [first, end) of the shards, all of them, the index alone, or all and the index. */
struct node_want {
	enum { NODE_WANT_ALL, NODE_WANT_INDEX, NODE_WANT_RANGE, NODE_WANT_WHOLE } kind;
	uint64_t first, end; /* of NODE_WANT_RANGE */
};

/* What the house gave, proven: every header opens to the key that the manifest's table commits to. */
struct node_release {
	struct manifest *manifest;
	char set[MANIFEST_NAME_MAX + 1]; /* of the request */
	uint8_t statement[DIGEST_LEN];   /* SHA-256 of the manifest's statement */
	uint8_t table_digest[DIGEST_LEN];
	struct shard_table *table;
	uint64_t first, end; /* rows that headers are here for */
	struct buf headers;  /* HEADER_LEN bytes a row */
	uint8_t writer[X25519_LEN];
	struct secret *shared; /* opens them */
	struct answer *answer; /* as the house signed it */
	struct tally *tally;   /* of what is opened, for the receipt (courier.h); NULL: nobody counts */
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

/* ---- sealed objects, wherever they lie: stager/node/store*.c ---- */

struct carrier;
struct node_store;
struct node_object;

/*
 * One version's objects ("manifest.json", "SET/shards.jsonl", "SET/shard-00000.body", ...) below a folder, whose
 * descriptor becomes the store's on success; or below a prefix ("VERSION-ID/", or "") of what a carrier reaches, which
 * stays the caller's. All calls may come from several threads. node_store_free takes NULL; objects go before it.
 */
int node_store_folder(int folder, struct node_store **out, struct err *e) MUST_CHECK;
int node_store_carrier(struct carrier *c, const char *prefix, unsigned streams, struct node_store **out,
    struct err *e) MUST_CHECK;
void node_store_free(struct node_store *s);
/* How many reads at once pay, where each waits for a network: 1 to 64. 0: as many as there are processors. */
unsigned node_store_streams(const struct node_store *s);
/* 1 with *size, 0 where there is no such object, -1. */
int node_store_size(struct node_store *s, const char *name, uint64_t *size, struct err *e) MUST_CHECK;
/*
 * An object for reading, of exactly size bytes as the manifest says. ERR_REMOTE where it is not there, or cannot be
 * read; ERR_FORGED where it is no file or has another length (a carrier finds that out in reading).
 */
int node_object_open(struct node_store *s, const char *name, uint64_t size, struct node_object **out,
    struct err *e) MUST_CHECK;
/* Exactly len bytes from offset, into memory that nobody else can change. */
int node_object_read(
    struct node_object *o, uint64_t offset, uint8_t *out, size_t len, struct err *e) MUST_CHECK;
void node_object_free(struct node_object *o); /* takes NULL */

/* ---- a shard open for reading anywhere: stager/node/shard.c ---- */

struct node_shard;

/*
 * Open a row of the release's table. Its sums file is read whole and proven by the table; the body's length is checked
 * where the store knows it. release and store stay, and outlive it. Faults as in node_object_open; ERR_FORGED for sums
 * that are not the manifest's, ERR_USAGE for a row that was not asked for.
 */
int node_shard_open(const struct node_release *r, struct node_store *s, uint64_t row, struct node_shard **out,
    struct err *e) MUST_CHECK;
void node_shard_free(struct node_shard *s); /* takes NULL; no read may be under way */
const struct shard_line *node_shard_line(const struct node_shard *s);
/*
 * Plaintext of segments [first, first + count) of the shard: from byte first * C4GH_PLAIN_MAX on, count *
 * C4GH_PLAIN_MAX bytes of it or what there is up to the end. From any number of threads at once.
 *
 * count   1 to NODE_READ_MAX, within the shard (ERR_USAGE)
 * out     room for all of that; the caller wipes it when it is done
 * good    bytes that are there: each segment's ciphertext was read into private memory, hashed, compared with its
 *         sum, found in its place, and authenticated. On failure too: of the segments before the first faulty one;
 *         nothing else is in out then
 *
 * ERR_FORGED for a damaged segment, ERR_REMOTE where the store cannot give it.
 */
#define NODE_READ_MAX 128 /* segments: 8 MiB */
int node_shard_read(
    struct node_shard *s, uint64_t first, size_t count, uint8_t *out, size_t *good, struct err *e) MUST_CHECK;

/* ---- rows one after the other: stager/node/open.c ---- */

/* Where plaintext goes, each call from one thread or another, but one at a time, and in order. */
struct node_sink {
	void *ctx;
	/* len more bytes of a row, proven before this is called, wiped by the giver. 0 to go on, -1 with e to stop. */
	int (*write)(void *ctx, const uint8_t *data, size_t len, struct err *e);
	/* The row is whole. NULL: nobody wants to know. */
	int (*end)(void *ctx, uint64_t row, struct err *e);
};
/*
 * Open rows of the table in this order, on several threads, read ahead over node_store_streams. ERR_FORGED at the first
 * fault, and nothing of that segment or after it was written; ERR_REMOTE where something is not there or cannot be
 * read.
 */
int node_open_rows(const struct node_release *r, struct node_store *s, const uint64_t *rows, size_t count,
    const struct node_sink *sink, struct err *e) MUST_CHECK;
/* ---- the index: stager/node/index.c ---- */

/* A member; its text lives as long as the call. */
struct node_member {
	const char *name, *subject;   /* "SUBJECT/000001.csv" */
	uint64_t shard, offset, size; /* offset: of its content in the shard's plaintext */
	const char *line;             /* as it stands in the index, without its newline */
	size_t line_len;
};
typedef int (*node_member_fn)(void *ctx, const struct node_member *m, struct err *e);
/*
 * Every member of the set, in the order of the shards, from the sealed index, whose row must have been asked for. ERR_FORGED where it does
 * not agree with the table: another number of members, in the set or in a shard; members that overlap, or lie past
 * their shard's end; names of another form. -1 of each ends it.
 */
int node_read_index(const struct node_release *r, struct node_store *s, node_member_fn each, void *ctx,
    struct err *e) MUST_CHECK;

/*
 * A copy of a version may hold manifest.json and SET/shards.jsonl. The node has both from the house; where the copy
 * has them too they must be the same ones: ERR_FORGED.
 */
int node_check_copy(
    const struct node *n, const struct node_release *r, struct node_store *s, struct err *e) MUST_CHECK;

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
