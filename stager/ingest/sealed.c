/* Sealed bodies: plaintext in pieces of any size into a ring's slots, sealed there by its workers, written in order. */
#include "sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "stager/io.h"
#include "stager/io_aligned.h"
#include "stager/manifest.h"
#include "stager/ring.h"
#include "stager/secret.h"

#define BATCH 8        /* segments of a slot: 512 KiB, so that two slots stay in a core's own cache */
#define SUMS_BATCH 128 /* sums written at a time */

/* Who seals: the ring, and what each of its threads has for itself. */
struct sealer {
	struct ring *ring;
	unsigned workers;
	struct sums *sums[RING_WORKERS_MAX];
};

struct sealed {
	struct sealer *sealer;
	struct c4gh *key[RING_WORKERS_MAX]; /* one for each worker */
	struct shard_line line; /* its body, segments and sums are the writer's until the ring is drained */
	uint8_t header[HEADER_LEN];

	/* The reader's: the slot being filled. It goes when more bytes come than it holds, for only the end says
	 * whether its last segment is the last. */
	struct ring_slot *slot;
	uint64_t given; /* segments in slots before it */
	uint64_t plain;

	/* The writer's. */
	int body, sums_fd;
	struct io_aligned *out; /* to body */
	struct sums *sums;      /* of the sums file */
	size_t sum_count;
	uint8_t sum[SUMS_BATCH][SUM_LEN];
};

/* What a slot carries: segments lie side by side in its data, as they will in the body. */
struct batch {
	struct sealed *to;
	uint64_t first; /* number of its first segment */
	size_t plain;   /* bytes; all segments are full but the last */
	bool last;      /* its last segment is the body's */
	uint8_t sum[BATCH][SUM_LEN];
};

static size_t
batch_count(const struct batch *b)
{
	return (b->plain + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX;
}

/* ---- the workers' and the writer's side ---- */

/* Seal each segment where it lies: ciphertext takes the plaintext's place. */
static int
seal_batch(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct sealer *sealer = ctx;
	struct batch *b = slot->note;
	size_t count = batch_count(b), left = b->plain;

	for (size_t i = 0; i < count; i++) {
		uint8_t *segment = slot->data + i * C4GH_SEGMENT_MAX;
		size_t len = left < C4GH_PLAIN_MAX ? left : C4GH_PLAIN_MAX;

		if (c4gh_seal(b->to->key[worker], b->first + i, b->last && i + 1 == count,
			segment + C4GH_NONCE_LEN, len, segment, e) == -1 ||
		    sums_segment(sealer->sums[worker], segment, C4GH_NONCE_LEN + len + C4GH_MAC_LEN,
			b->sum[i], e) == -1)
			return err_context(e, "%s", b->to->line.name);
		left -= len;
	}
	slot->wipe = 0;
	return 0;
}

static int
flush_sums(struct sealed *s, struct err *e)
{
	size_t len = s->sum_count * SUM_LEN;

	if (sums_update(s->sums, s->sum, len, e) == -1 || io_write(s->sums_fd, s->sum, len, "sums", e) == -1)
		return err_context(e, "%s", s->line.name);
	s->sum_count = 0;
	return 0;
}

static int
write_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct batch *b = slot->note;
	struct sealed *s = b->to;
	size_t count = batch_count(b), len = b->plain + count * (C4GH_NONCE_LEN + C4GH_MAC_LEN);
	struct iovec piece;

	(void)ctx;
	if (slot->failed)
		return -1;
	piece = (struct iovec){slot->data, len};
	if (io_aligned_write(s->out, &piece, 1, e) == -1)
		return err_context(e, "%s", s->line.name);
	s->line.segments += count;
	s->line.body += len;
	for (size_t i = 0; i < count; i++) {
		memcpy(s->sum[s->sum_count], b->sum[i], SUM_LEN);
		if (++s->sum_count == SUMS_BATCH && flush_sums(s, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- the reader's side ---- */

struct sealer *
sealer_new(unsigned workers, unsigned bodies, struct err *e)
{
	struct sealer *sealer = NULL;
	struct ring_use use = {.workers = workers,
	    .slots = 2 * workers + 1 + bodies, /* each body may have one that is half full */
	    .data_len = BATCH * C4GH_SEGMENT_MAX,
	    .note_len = sizeof(struct batch),
	    .work = seal_batch,
	    .write = write_batch};

	if ((sealer = calloc(1, sizeof(*sealer))) == NULL) {
		err_set(e, ERR_SYSTEM, "sealer: out of memory");
		return NULL;
	}
	sealer->workers = workers;
	for (unsigned i = 0; i < workers && i < RING_WORKERS_MAX; i++)
		if ((sealer->sums[i] = sums_new(e)) == NULL)
			goto fail;
	use.ctx = sealer;
	if ((sealer->ring = ring_new(&use, e)) == NULL)
		goto fail;
	return sealer;
fail:
	sealer_free(sealer);
	return NULL;
}

void
sealer_free(struct sealer *sealer)
{
	if (sealer == NULL)
		return;
	ring_free(sealer->ring);
	for (unsigned i = 0; i < RING_WORKERS_MAX; i++)
		sums_free(sealer->sums[i]);
	free(sealer);
}

/* Make the data key; leave it in OpenSSL's contexts, its commitment in line, and its wrapping in header. */
static int
make_key(struct sealed *s, const uint8_t vault[static X25519_LEN], struct err *e)
{
	struct secret *key = NULL, *writer = NULL, *shared = NULL;
	uint8_t writer_public[X25519_LEN];
	int rc = -1;

	if ((key = secret_random(C4GH_KEY_LEN, e)) == NULL ||
	    (writer = header_keypair(writer_public, e)) == NULL ||
	    (shared = header_shared_writer(writer, vault, e)) == NULL ||
	    header_make(shared, writer_public, key, s->header, e) == -1)
		goto out;
	for (unsigned i = 0; i < s->sealer->workers; i++)
		if ((s->key[i] = c4gh_new(key, true, e)) == NULL)
			goto out;
	header_commitment(key, s->line.commitment);
	rc = 0;
out:
	secret_free(shared);
	secret_free(writer);
	secret_free(key);
	return rc;
}

struct sealed *
sealed_new(struct sealer *sealer, const char *name, int body, int sums,
    const uint8_t vault[static X25519_LEN], struct err *e)
{
	struct sealed *s = NULL;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", name);
		io_close(&body);
		io_close(&sums);
		return NULL;
	}
	s->sealer = sealer;
	s->body = body;
	s->sums_fd = sums;
	(void)snprintf(s->line.name, sizeof(s->line.name), "%s", name);
	if ((s->sums = sums_new(e)) == NULL || (s->out = io_aligned_new(body, "body", e)) == NULL ||
	    make_key(s, vault, e) == -1) {
		err_context(e, "%s", name);
		sealed_free(s);
		return NULL;
	}
	return s;
}

void
sealed_free(struct sealed *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < RING_WORKERS_MAX; i++)
		c4gh_free(s->key[i]);
	sums_free(s->sums);
	io_aligned_free(s->out);
	io_close(&s->body);
	io_close(&s->sums_fd);
	free(s);
}

uint64_t
sealed_len(const struct sealed *s)
{
	return s->plain;
}

/* Hand the slot to the workers. */
static void
give(struct sealed *s, bool last)
{
	struct batch *b = s->slot->note;

	b->last = last;
	s->given += batch_count(b);
	ring_give(s->sealer->ring, s->slot);
	s->slot = NULL;
}

uint8_t *
sealed_space(struct sealed *s, size_t *room, struct err *e)
{
	struct batch *b;
	size_t in_segment;

	if (s->plain >= SEALED_PLAIN_MAX) {
		err_set(e, ERR_LIMIT, "%s: more than 64 GiB in one body", s->line.name);
		return NULL;
	}
	/* More follows, so what is in the slot is not the last. */
	if (s->slot != NULL && ((struct batch *)s->slot->note)->plain == (size_t)BATCH * C4GH_PLAIN_MAX)
		give(s, false);
	if (s->slot == NULL) {
		if ((s->slot = ring_take(s->sealer->ring, e)) == NULL)
			return NULL;
		b = s->slot->note;
		b->to = s;
		b->first = s->given;
		s->slot->wipe = (size_t)BATCH * C4GH_SEGMENT_MAX;
	}
	b = s->slot->note;
	in_segment = b->plain % C4GH_PLAIN_MAX;
	*room = C4GH_PLAIN_MAX - in_segment;
	return s->slot->data + b->plain / C4GH_PLAIN_MAX * C4GH_SEGMENT_MAX + C4GH_NONCE_LEN + in_segment;
}

void
sealed_filled(struct sealed *s, size_t len)
{
	((struct batch *)s->slot->note)->plain += len;
	s->plain += len;
}

int
sealed_write(struct sealed *s, const void *data, size_t len, struct err *e)
{
	const uint8_t *at = data;
	size_t room;
	uint8_t *to;

	if (len > SEALED_PLAIN_MAX - s->plain)
		return err_set(e, ERR_LIMIT, "%s: more than 64 GiB in one body", s->line.name);
	for (; len > 0; at += room, len -= room) {
		if ((to = sealed_space(s, &room, e)) == NULL)
			return -1;
		if (room > len)
			room = len;
		memcpy(to, at, room);
		sealed_filled(s, room);
	}
	return 0;
}

int
sealed_finish(struct sealed *s, struct shard_line *line, uint8_t header[static HEADER_LEN], struct err *e)
{
	if (s->slot == NULL || s->plain == 0)
		return err_set(e, ERR_SYSTEM, "%s: nothing to seal", s->line.name);
	give(s, true);
	/* From here on the ring holds nothing of any body: what the writer left is ours. */
	if (ring_drain(s->sealer->ring, e) == -1)
		return -1;
	if (io_aligned_flush(s->out, e) == -1 || flush_sums(s, e) == -1 ||
	    sums_final(s->sums, s->line.sums, e) == -1)
		return err_context(e, "%s", s->line.name);
	s->line.plain = s->plain;
	io_close(&s->body);
	io_close(&s->sums_fd);
	*line = s->line;
	memcpy(header, s->header, HEADER_LEN);
	return 0;
}
