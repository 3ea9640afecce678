/* stager-crypt4gh encrypt: standard input sealed by all processors, in the order in which it came. */
#include <stdlib.h>
#include <sys/uio.h>

#include "crypt4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/io_aligned.h"
#include "stager/ring.h"
#include "stager/secret.h"

#define BATCH 4 /* segments of a slot: a few slots stay in a processor's own cache */
#define MORE (C4GH_NONCE_LEN + C4GH_MAC_LEN)

struct sealing {
	struct c4gh *key[RING_WORKERS_MAX];
	unsigned workers;
	uint64_t limit; /* bytes still to be read at most; UINT64_MAX: all */
	/* A file is read by the thread that seals, so that it stays in its processor's cache; all else by one reader. */
	bool seekable;
	uint64_t offset, number; /* of a file: where what comes next stands, and its first segment's number */
	struct io_aligned *out;
};

/* What a slot carries: segments a stride apart, the plaintext of each where its ciphertext will be. */
struct batch {
	uint64_t first;  /* number of its first segment */
	uint64_t offset; /* in the file, where it is one */
	size_t plain;    /* bytes; all segments are full but the last */
	bool last;       /* its last segment is the body's */
};

static uint8_t *
segment_at(const struct ring_slot *slot, size_t i)
{
	return slot->data + i * C4GH_STRIDE + C4GH_LEAD;
}

/* A file's bytes to where they will be sealed, by one call. */
static int
read_batch(struct ring_slot *slot, struct err *e)
{
	const struct batch *b = slot->note;
	struct iovec parts[BATCH];
	size_t count = 0;
	ssize_t n;

	for (size_t left = b->plain, len; left > 0; left -= len, count++) {
		len = left < C4GH_PLAIN_MAX ? left : C4GH_PLAIN_MAX;
		parts[count] = (struct iovec){segment_at(slot, count) + C4GH_NONCE_LEN, len};
	}
	if ((n = io_pread_parts(0, parts, count, b->offset, crypt4gh_in, e)) == -1)
		return -1;
	return (size_t)n == b->plain
		   ? 0
		   : err_set(e, ERR_SYSTEM, "%s: it got shorter while it was read", crypt4gh_in);
}

static int
seal_batch(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct sealing *s = ctx;
	const struct batch *b = slot->note;

	if (s->seekable && read_batch(slot, e) == -1)
		return -1;
	for (size_t i = 0, left = b->plain; left > 0; i++) {
		uint8_t *segment = segment_at(slot, i);
		size_t len = left < C4GH_PLAIN_MAX ? left : C4GH_PLAIN_MAX;

		left -= len;
		if (c4gh_seal(s->key[worker], b->first + i, b->last && left == 0, segment + C4GH_NONCE_LEN,
			len, segment, e) == -1)
			return -1;
	}
	slot->wipe = 0;
	return 0;
}

static int
write_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	const struct batch *b = slot->note;
	struct iovec parts[BATCH];
	struct sealing *s = ctx;
	size_t count = 0;

	if (slot->failed)
		return -1;
	for (size_t left = b->plain, len; left > 0; left -= len, count++) {
		len = left < C4GH_PLAIN_MAX ? left : C4GH_PLAIN_MAX;
		parts[count] = (struct iovec){segment_at(slot, count), len + MORE};
	}
	return io_aligned_write(s->out, parts, count, e);
}

/* Of a file: the next slot's share. */
static int
next_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct sealing *s = ctx;
	struct batch *b = slot->note;

	(void)e;
	slot->wipe = (size_t)BATCH * C4GH_STRIDE;
	b->plain =
	    s->limit < (size_t)BATCH * C4GH_PLAIN_MAX ? (size_t)s->limit : (size_t)BATCH * C4GH_PLAIN_MAX;
	b->offset = s->offset;
	b->first = s->number;
	s->offset += b->plain;
	s->limit -= b->plain;
	s->number += BATCH;
	b->last = s->limit == 0;
	return b->plain > 0;
}

/* Not of a file: plaintext from standard input to where it will be sealed; nothing at the end. */
static int
fill(struct sealing *s, struct ring_slot *slot, struct err *e)
{
	struct batch *b = slot->note;

	slot->wipe = (size_t)BATCH * C4GH_STRIDE;
	for (size_t i = 0; i < BATCH; i++) {
		size_t want = s->limit < C4GH_PLAIN_MAX ? (size_t)s->limit : C4GH_PLAIN_MAX;
		ssize_t n = io_read(0, segment_at(slot, i) + C4GH_NONCE_LEN, want, crypt4gh_in, e);

		if (n == -1)
			return -1;
		b->plain += (size_t)n;
		if (s->limit != UINT64_MAX)
			s->limit -= (uint64_t)n;
		if ((size_t)n < C4GH_PLAIN_MAX)
			break;
	}
	return 0;
}

/*
 * Not of a file: from the first slot, which is filled, to the end. A slot goes when it is known whether another follows.
 */
static int
seal_stream(struct sealing *s, struct ring *ring, struct ring_slot *slot, struct err *e)
{
	struct ring_slot *next = NULL;
	struct batch *b = slot->note;
	struct err unread = {.code = ERR_NONE};
	int rc = 0;

	while (rc == 0 && !b->last) {
		next = NULL;
		if (b->plain < (size_t)BATCH * C4GH_PLAIN_MAX) {
			b->last = true;
		} else if ((next = ring_take(ring, e)) == NULL) {
			rc = -1;
			break;
		} else if ((rc = fill(s, next, &unread)) == -1) {
			/* What was read goes out, without a last segment: it is no whole file. */
		} else {
			((struct batch *)next->note)->first = b->first + BATCH;
			b->last = ((struct batch *)next->note)->plain == 0;
		}
		ring_give(ring, slot);
		if (b->last)
			break;
		slot = next;
		b = slot->note;
	}
	if (ring_drain(ring, e) == -1)
		rc = -1;
	else if (rc == -1 && e != NULL)
		*e = unread;
	return rc;
}

int
crypt4gh_encrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *recipients,
    size_t count, int header_fd, struct err *e)
{
	/* Nothing of the body, whatever it may be: an empty file, proven to be one. (The reference tool's numbers
	 * of bytes are signed.) */
	uint64_t nothing = INT64_MAX, left = 0;
	struct packets p = {.key_count = 1};
	struct sealing s = {.workers = ring_processors(), .limit = o->len};
	struct ring_use use = {.workers = s.workers,
	    .slots = 2 * s.workers + 3,
	    .data_len = (size_t)BATCH * C4GH_STRIDE,
	    .note_len = sizeof(struct batch),
	    .ctx = &s,
	    .work = seal_batch,
	    .write = write_batch};
	struct ring *ring = NULL;
	struct ring_slot *slot = NULL;
	int rc = -1;

	if ((p.keys = secret_random(C4GH_KEY_LEN, e)) == NULL)
		goto out;
	for (unsigned i = 0; i < s.workers; i++)
		if ((s.key[i] = c4gh_new(p.keys, true, e)) == NULL)
			goto out;
	if (crypt4gh_pass_by(o->start, e) == -1)
		goto out;
	if ((s.seekable = crypt4gh_seekable(&s.offset, &left))) {
		s.limit = left < s.limit ? left : s.limit;
		use.next = next_batch;
	}
	if ((ring = ring_new(&use, e)) == NULL ||
	    (!s.seekable && ((slot = ring_take(ring, e)) == NULL || fill(&s, slot, e) == -1)))
		goto out;
	if (s.seekable ? s.limit == 0 : ((struct batch *)slot->note)->plain == 0) {
		p.edits = &nothing;
		p.edit_count = 1;
		p.edited = true;
	}
	if (crypt4gh_write_header(&p, sk, recipients, count, header_fd == -1 ? 1 : header_fd, e) == -1)
		goto out;
	if ((s.out = io_aligned_new(1, crypt4gh_out, e)) == NULL)
		goto out;
	if (p.edited)
		rc = 0;
	else
		rc = s.seekable ? ring_run(ring, e) : seal_stream(&s, ring, slot, e);
	/* Also where the input failed: what was read goes out, and the first fault is the one to tell of. */
	if (io_aligned_flush(s.out, rc == 0 ? e : NULL) == -1)
		rc = -1;
out:
	io_aligned_free(s.out);
	ring_free(ring);
	for (unsigned i = 0; i < s.workers; i++)
		c4gh_free(s.key[i]);
	secret_free(p.keys);
	return rc;
}
