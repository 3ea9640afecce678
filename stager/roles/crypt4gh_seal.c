/* stager-crypt4gh encrypt: standard input sealed by all processors, in the order in which it came. */
#include <stdlib.h>

#include "crypt4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/ring.h"
#include "stager/secret.h"

#define BATCH 8 /* segments of a slot */
#define MORE (C4GH_NONCE_LEN + C4GH_MAC_LEN)

struct sealing {
	struct c4gh *key[RING_WORKERS_MAX];
	unsigned workers;
	uint64_t limit; /* bytes still to be read at most; UINT64_MAX: all */
	/* A file is read by the thread that seals, so that it stays in its processor's cache; all else here. */
	bool seekable;
	uint64_t offset; /* of what is to be read next */
};

/* What a slot carries: segments side by side, the plaintext of each where its ciphertext will be. */
struct batch {
	uint64_t first;  /* number of its first segment */
	uint64_t offset; /* in the file, where it is one */
	size_t plain;    /* bytes; all segments are full but the last */
	bool last;       /* its last segment is the body's */
};

static int
read_part(uint8_t *to, size_t len, uint64_t offset, struct err *e)
{
	ssize_t n = io_pread(0, to, len, offset, crypt4gh_in, e);

	if (n == -1)
		return -1;
	return (size_t)n == len ? 0
				: err_set(e, ERR_SYSTEM, "%s: it got shorter while it was read", crypt4gh_in);
}

static int
seal_batch(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct sealing *s = ctx;
	const struct batch *b = slot->note;

	for (size_t i = 0, left = b->plain; left > 0; i++) {
		uint8_t *segment = slot->data + i * C4GH_SEGMENT_MAX;
		size_t len = left < C4GH_PLAIN_MAX ? left : C4GH_PLAIN_MAX;

		left -= len;
		if (s->seekable &&
		    read_part(segment + C4GH_NONCE_LEN, len, b->offset + i * C4GH_PLAIN_MAX, e) == -1)
			return -1;
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
	size_t count = (b->plain + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX;

	(void)ctx;
	return slot->failed ? -1 : io_write(1, slot->data, b->plain + count * MORE, crypt4gh_out, e);
}

/* Plaintext from standard input to where it will be sealed; nothing at the end. */
static int
fill(struct sealing *s, struct ring_slot *slot, struct err *e)
{
	struct batch *b = slot->note;

	slot->wipe = (size_t)BATCH * C4GH_SEGMENT_MAX;
	if (s->seekable) {
		b->offset = s->offset;
		b->plain = s->limit < (size_t)BATCH * C4GH_PLAIN_MAX ? (size_t)s->limit
								     : (size_t)BATCH * C4GH_PLAIN_MAX;
		s->offset += b->plain;
		s->limit -= b->plain;
		return 0;
	}
	for (size_t i = 0; i < BATCH; i++) {
		size_t want = s->limit < C4GH_PLAIN_MAX ? (size_t)s->limit : C4GH_PLAIN_MAX;
		ssize_t n =
		    io_read(0, slot->data + i * C4GH_SEGMENT_MAX + C4GH_NONCE_LEN, want, crypt4gh_in, e);

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

/* From the first slot, which is filled, to the end. A slot goes when it is known whether another follows. */
static int
seal_all(struct sealing *s, struct ring *ring, struct ring_slot *slot, struct err *e)
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
	const struct ring_use use = {.workers = s.workers,
	    .slots = 2 * s.workers + 3,
	    .data_len = (size_t)BATCH * C4GH_SEGMENT_MAX,
	    .note_len = sizeof(struct batch),
	    .ctx = &s,
	    .work = seal_batch,
	    .write = write_batch};
	struct ring *ring = NULL;
	struct ring_slot *slot;
	int rc = -1;

	if ((p.keys = secret_random(C4GH_KEY_LEN, e)) == NULL)
		goto out;
	for (unsigned i = 0; i < s.workers; i++)
		if ((s.key[i] = c4gh_new(p.keys, true, e)) == NULL)
			goto out;
	if ((ring = ring_new(&use, e)) == NULL || (slot = ring_take(ring, e)) == NULL)
		goto out;
	if (crypt4gh_pass_by(o->start, slot->data, use.data_len, e) == -1)
		goto out;
	s.seekable = crypt4gh_seekable(&s.offset, &left);
	if (s.seekable && left < s.limit)
		s.limit = left;
	if (fill(&s, slot, e) == -1)
		goto out;
	if (((struct batch *)slot->note)->plain == 0) {
		p.edits = &nothing;
		p.edit_count = 1;
		p.edited = true;
	}
	if (crypt4gh_write_header(&p, sk, recipients, count, header_fd == -1 ? 1 : header_fd, e) == -1)
		goto out;
	rc = p.edited ? 0 : seal_all(&s, ring, slot, e);
out:
	ring_free(ring);
	for (unsigned i = 0; i < s.workers; i++)
		c4gh_free(s.key[i]);
	secret_free(p.keys);
	return rc;
}
