/*
 * The writer of sealed shards: entries in, tar files out, padded and sealed, and an index of their members.
 * stager/ingest/shard.c. DESIGN.md, "Sealed shards".
 */
#ifndef STAGER_SHARD_H
#define STAGER_SHARD_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/header.h"
#include "stager/manifest.h"

struct entry;
struct secret;
struct shard_writer;

#define SHARD_TARGET_MIN (UINT64_C(1) << 20)
#define SHARD_TARGET_MAX (UINT64_C(5) << 30)
#define SHARD_SAMPLE_MAX 64 /* members of one sample */
#define SHARD_LANES 8       /* shards that are open at once where samples are shuffled */
#define SHARD_ORDER_KEY_LEN 32
/* What the index will say of shards that wait for one before them is kept in memory up to so many bytes, some 50 a member; past
 * that the first of them is finished, however small it is. */
#define SHARD_WAITING_MAX (UINT64_C(256) << 20)

/* Where shards go. */
struct shard_sink {
	void *ctx;
	/* Two new files for "shard-00000", "shard-00001", ... or "index", open for writing; they become the
	 * writer's. 0 or -1. */
	int (*open)(void *ctx, const char *name, int *body, int *sums, struct err *e);
	/* It is whole, and both files are closed. header: its data key for the vault. Shards in order, where they are
	 * not shuffled, then the index. 0 or -1. */
	int (*done)(
	    void *ctx, const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct err *e);
};

/*
 * Starts threads that seal, as many as there are processors, up to 8: sinks are called in the caller's own.
 * target   bytes of plaintext at which a shard is full: a sample begins a new one where its first member
 * would go past it. A sample stays in one shard, so a shard can be larger. vault    who can open the headers
 * sink     copied
 */
struct shard_writer *shard_new(uint64_t target, const uint8_t vault[static X25519_LEN],
    const struct shard_sink *sink, struct err *e) MUST_CHECK;
/*
 * Before the first entry: each sample goes to one of SHARD_LANES open shards, which one is a keyed hash of its number. Same
 * samples and key: same shards. key: SHARD_ORDER_KEY_LEN bytes, borrowed. waiting_max: SHARD_WAITING_MAX, or a test's own.
 */
int shard_shuffle(
    struct shard_writer *w, const struct secret *key, uint64_t waiting_max, struct err *e) MUST_CHECK;
/* Before the first entry: so many shards and samples are there already, and numbers go on behind them. */
int shard_continue(struct shard_writer *w, uint64_t shards, uint64_t samples, struct err *e) MUST_CHECK;
/*
 * Begin a member, then give exactly entry->size bytes. It is named SUBJECT/NNNNNN.EXT; NNNNNN counts samples
 * over all shards, from 000001 or what shard_continue said. ERR_INPUT where it continues nothing, another subject's sample, or one that
 * has such an EXT already; ERR_LIMIT past SHARD_SAMPLE_MAX, MANIFEST_SHARDS_MAX, or what a body can hold;
 * ERR_SYSTEM where the member before it is still owed bytes.
 */
int shard_entry(struct shard_writer *w, const struct entry *entry, struct err *e) MUST_CHECK;
int shard_write(struct shard_writer *w, const void *data, size_t len, struct err *e) MUST_CHECK;
/*
 * The same without a copy: where the open member's next bytes may be put, and how many: 0 once it is whole. Then say
 * how many were put there.
 */
int shard_space(struct shard_writer *w, uint8_t **space, size_t *room, struct err *e) MUST_CHECK;
int shard_filled(struct shard_writer *w, size_t len, struct err *e) MUST_CHECK;
/* Finish the last shard and the index. Without a single entry there is neither. */
int shard_finish(struct shard_writer *w, struct err *e) MUST_CHECK;
uint64_t shard_entries(const struct shard_writer *w);
uint64_t shard_bytes(const struct shard_writer *w); /* of members' content */
/* What is unfinished stays as it is: the one who opened the files removes them. Takes NULL. */
void shard_free(struct shard_writer *w);

/*
 * One body out of bytes that come down a pipe: of a shard that was sifted (sift.h), or an index. stager/ingest/stream.c.
 *
 * new      name: "shard-00000", "index"; body and sums become its own, also where this fails
 * fill     reads in to its end
 * len      bytes so far; whether they were all, in does not say
 * finish   as sealed: all of line but its members. There must have been a byte
 */
struct shard_stream;
struct shard_stream *shard_stream_new(
    const char *name, int body, int sums, const uint8_t vault[static X25519_LEN], struct err *e) MUST_CHECK;
int shard_stream_fill(struct shard_stream *s, int in, struct err *e) MUST_CHECK;
uint64_t shard_stream_len(const struct shard_stream *s);
int shard_stream_finish(struct shard_stream *s, struct shard_line *line, uint8_t header[static HEADER_LEN],
    struct err *e) MUST_CHECK;
void shard_stream_free(struct shard_stream *s); /* takes NULL */

#endif
