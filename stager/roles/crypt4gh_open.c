/* stager-crypt4gh decrypt: segments placed in order, opened by all processors, and cut as edit list and range say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <sodium.h>

#include "crypt4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/ring.h"
#include "stager/secret.h"

#define BATCH 4 /* segments of a slot: a few slots stay in a processor's own cache */
#define MORE (C4GH_NONCE_LEN + C4GH_MAC_LEN)
#define PARTS 16 /* pieces written by one call */

struct opening {
	const struct crypt4gh_options *o;
	unsigned workers;
	struct body_keys *keys[RING_WORKERS_MAX];
	/* Where several keys may have to be tried, a segment cannot be opened where it lies. */
	uint8_t *spare[RING_WORKERS_MAX];
	/* The reader's: which segments are wanted, and when to stop. */
	struct body body;
	struct cut wanted;
	bool noticed;
	/* A file is read by the thread that opens, so that it stays in its processor's cache; all else by one reader. */
	bool seekable;
	uint64_t offset,
	    left;    /* of a file: where what comes next stands, and the bytes from there to the end */
	bool faulty; /* of a file: after what was placed comes this */
	struct err fault;
	/* The writer's: what of them goes out. */
	struct cut kept;
};

/* What a slot carries: segments as they came, a stride apart. */
struct batch {
	uint64_t offset; /* in the file, where it is one */
	size_t len;      /* bytes; all segments are full but the last */
	size_t count;    /* of segments that have their place */
	size_t good;     /* of these, that were opened or are not wanted */
	struct place place[BATCH];
	bool wanted[BATCH];
};

static size_t
segment_len(const struct batch *b, size_t i)
{
	size_t left = b->len - i * C4GH_SEGMENT_MAX;

	return left < C4GH_SEGMENT_MAX ? left : (size_t)C4GH_SEGMENT_MAX;
}

static uint8_t *
segment_at(const struct ring_slot *slot, size_t i)
{
	return slot->data + i * C4GH_STRIDE + C4GH_LEAD;
}

static int
read_part(uint8_t *to, size_t len, uint64_t offset, struct err *e)
{
	ssize_t n = io_pread(0, to, len, offset, crypt4gh_in, e);

	if (n == -1)
		return -1;
	return (size_t)n == len ? 0 : err_set(e, ERR_FORGED, "%s: cut short", crypt4gh_in);
}

/* From segment i on all that are wanted, by one call. How many of them there are whole; 0 with e set, where none is. */
static size_t
read_run(const struct ring_slot *slot, size_t i, struct err *e)
{
	const struct batch *b = slot->note;
	struct iovec parts[BATCH];
	size_t count = 0, whole = 0, len;
	ssize_t n;

	while (i + count < b->count && b->wanted[i + count]) {
		parts[count] = (struct iovec){segment_at(slot, i + count), segment_len(b, i + count)};
		count++;
	}
	if ((n = io_pread_parts(0, parts, count, b->offset + i * C4GH_SEGMENT_MAX, crypt4gh_in, e)) == -1)
		return 0;
	for (size_t left = (size_t)n; whole < count && left >= (len = segment_len(b, i + whole)); whole++)
		left -= len;
	if (whole == 0)
		err_set(e, ERR_FORGED, "%s: cut short", crypt4gh_in);
	return whole;
}

/* Open segments up to the first fault. */
static int
open_batch(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct opening *s = ctx;
	struct batch *b = slot->note;
	size_t there = 0; /* segments up to there were read */

	for (size_t i = 0; i < b->count; i++, b->good++) {
		uint8_t *segment = segment_at(slot, i), *plain = segment + C4GH_NONCE_LEN;
		const size_t len = segment_len(b, i);

		if (!b->wanted[i])
			continue;
		if (s->seekable && i >= there && (there = i + read_run(slot, i, e)) == i)
			return -1;
		if (body_keys_open(s->keys[worker], &b->place[i], segment, len,
			s->spare[worker] == NULL ? plain : s->spare[worker], e) == -1)
			return -1;
		if (s->spare[worker] != NULL)
			memcpy(plain, s->spare[worker], len - MORE);
	}
	return 0;
}

/* In order, what stands before a fault: of each segment what is to go out. */
static int
write_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct opening *s = ctx;
	const struct batch *b = slot->note;
	struct iovec parts[PARTS];
	size_t count = 0, n;
	bool keep;

	for (size_t i = 0; i < b->good; i++) {
		uint8_t *plain = segment_at(slot, i) + C4GH_NONCE_LEN;

		for (size_t left = segment_len(b, i) - MORE; left > 0; plain += n, left -= n) {
			n = cut_take(&s->kept, left, &keep);
			if (keep)
				parts[count++] = (struct iovec){plain, n};
			if (count == PARTS) {
				if (io_write_parts(1, parts, count, crypt4gh_out, e) == -1)
					return -1;
				count = 0;
			}
		}
	}
	return io_write_parts(1, parts, count, crypt4gh_out, e);
}

static void
give_notice(const struct crypt4gh_options *o, const struct body *b)
{
	if (b->order == BODY_FOREIGN)
		(void)fprintf(stderr,
		    "%s: notice: the order of this file's segments is not proven: its writer's nonces "
		    "do not carry it\n",
		    o->called);
	else if (b->edited)
		(void)fprintf(stderr,
		    "%s: notice: an edit list cuts this file: where it begins is its writer's word\n",
		    o->called);
}

/*
 * The nonce of a segment that a worker will read: from the file where it decides what the body is, and how it ends; else
 * what it must be. body_keys_open proves it.
 */
static int
foretell(struct opening *s, uint64_t offset, uint8_t *nonce, bool last, struct err *e)
{
	if (s->body.order == BODY_UNKNOWN || last)
		return read_part(nonce, C4GH_NONCE_LEN, offset, e);
	memset(nonce, s->body.order == BODY_FOREIGN ? 0xff : 0, C4GH_NONCE_LEN);
	for (unsigned i = 0; s->body.order == BODY_STREAM && i < 8; i++)
		nonce[i] = (uint8_t)(s->body.next >> 8 * i);
	return 0;
}

/* The places of a slot's segments. end: nothing follows it. After a fault those before it stand. */
static int
place_batch(struct opening *s, struct ring_slot *slot, bool end, struct err *e)
{
	struct batch *b = slot->note;
	bool keep;

	for (size_t at = 0; at < b->len && !cut_done(&s->wanted); at += C4GH_SEGMENT_MAX) {
		const size_t i = b->count, len = segment_len(b, i);
		const bool last = end && at + len == b->len;
		uint8_t *segment = segment_at(slot, i);

		if (s->seekable && foretell(s, b->offset + at, segment, last, e) == -1)
			return -1;
		if (body_place(&s->body, segment, len, last, &b->place[i], e) == -1)
			return -1;
		/* What is not wanted is not opened; but where it proves the end, it is. */
		b->wanted[i] =
		    cut_wants(&s->wanted, len - MORE) || (last && b->place[i].order == BODY_STREAM);
		for (size_t left = len - MORE; left > 0;)
			left -= cut_take(&s->wanted, left, &keep);
		b->count++;
	}
	return 0;
}

/* Of a file: the next slot's share. What is sound before a fault goes out; then the fault is told. */
static int
next_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct opening *s = ctx;
	struct batch *b = slot->note;

	if (s->faulty) {
		*e = s->fault;
		return -1;
	}
	if (s->left == 0 || cut_done(&s->wanted))
		return 0;
	slot->wipe = (size_t)BATCH * C4GH_STRIDE;
	b->offset = s->offset;
	b->len =
	    s->left < (size_t)BATCH * C4GH_SEGMENT_MAX ? (size_t)s->left : (size_t)BATCH * C4GH_SEGMENT_MAX;
	s->offset += b->len;
	s->left -= b->len;
	s->faulty = place_batch(s, slot, s->left == 0, &s->fault) == -1;
	if (!s->noticed)
		give_notice(s->o, &s->body);
	s->noticed = true;
	return 1;
}

/* Not of a file: a slot with what comes next, NULL with e set. */
static struct ring_slot *
fill(struct ring *ring, struct err *e)
{
	struct ring_slot *slot = ring_take(ring, e);
	struct batch *b;
	ssize_t n = C4GH_SEGMENT_MAX;

	if (slot == NULL)
		return NULL;
	b = slot->note;
	slot->wipe = (size_t)BATCH * C4GH_STRIDE;
	for (size_t i = 0; i < BATCH && n == C4GH_SEGMENT_MAX; i++) {
		if ((n = io_read(0, segment_at(slot, i), C4GH_SEGMENT_MAX, crypt4gh_in, e)) == -1)
			return NULL;
		b->len += (size_t)n;
	}
	return slot;
}

static int
open_stream(struct opening *s, struct ring *ring, struct err *e)
{
	struct err fault = {.code = ERR_NONE};
	struct ring_slot *slot = fill(ring, &fault), *next;
	int rc = slot == NULL ? -1 : 0;

	while (rc == 0 && ((struct batch *)slot->note)->len > 0) {
		bool end = ((struct batch *)slot->note)->len < (size_t)BATCH * C4GH_SEGMENT_MAX;

		next = NULL;
		if (!end && (next = fill(ring, &fault)) == NULL)
			rc = -1;
		else if (!end)
			end = ((struct batch *)next->note)->len == 0;
		if (place_batch(s, slot, end, &fault) == -1)
			rc = -1;
		if (!s->noticed)
			give_notice(s->o, &s->body);
		s->noticed = true;
		ring_give(ring, slot);
		if (end || cut_done(&s->wanted))
			break;
		slot = next;
	}
	/* The first fault in order: in what was given, then in what was not. */
	if (ring_drain(ring, e) == -1)
		return -1;
	if (rc == -1 && e != NULL)
		*e = fault;
	return rc;
}

/* Seek over whole segments that the range does not reach, but never over the last: it proves the end. */
static uint64_t
seek_ahead(uint64_t start)
{
	const off_t here = lseek(0, 0, SEEK_CUR), end = here == -1 ? -1 : lseek(0, 0, SEEK_END);
	uint64_t segments, skipped = start / C4GH_PLAIN_MAX;

	if (end == -1 || end <= here) {
		if (end != -1)
			(void)lseek(0, here, SEEK_SET);
		return 0;
	}
	segments = ((uint64_t)(end - here) + C4GH_SEGMENT_MAX - 1) / C4GH_SEGMENT_MAX;
	if (skipped >= segments)
		skipped = segments - 1;
	return lseek(0, here + (off_t)(skipped * C4GH_SEGMENT_MAX), SEEK_SET) == -1 ? 0 : skipped;
}

int
crypt4gh_decrypt(
    const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *sender, struct err *e)
{
	struct opening s = {.o = o, .workers = ring_processors(), .fault = {.code = ERR_NONE}};
	struct ring_use use = {.workers = s.workers,
	    .slots = 2 * s.workers + 3,
	    .data_len = (size_t)BATCH * C4GH_STRIDE,
	    .note_len = sizeof(struct batch),
	    .lock = true, /* where this machine allows that much; keys always are */
	    .ctx = &s,
	    .work = open_batch,
	    .write = write_batch};
	struct packets p = {.keys = NULL};
	struct ring *ring = NULL;
	uint64_t skipped;
	int rc = -1;

	if (crypt4gh_read_header(sk, sender, &p, e) == -1)
		return -1;
	for (unsigned i = 0; i < s.workers; i++) {
		if ((s.keys[i] = body_keys_new(&p, e)) == NULL)
			goto out;
		if (p.key_count > 1 && (s.spare[i] = malloc(C4GH_PLAIN_MAX)) == NULL) {
			err_set(e, ERR_SYSTEM, "out of memory");
			goto out;
		}
	}
	skipped = p.edited || o->start < C4GH_PLAIN_MAX ? 0 : seek_ahead(o->start);
	cut_init(&s.wanted, p.edits, p.edit_count, o->start - skipped * C4GH_PLAIN_MAX, o->len);
	s.kept = s.wanted;
	body_init(&s.body, &p, skipped);
	if ((s.seekable = crypt4gh_seekable(&s.offset, &s.left)))
		use.next = next_batch;
	if ((ring = ring_new(&use, e)) == NULL ||
	    (s.seekable ? ring_run(ring, e) : open_stream(&s, ring, e)) == -1)
		goto out;
	rc = cut_done(&s.wanted) ? 0 : body_end(&s.body, &s.wanted, e);
out:
	ring_free(ring);
	for (unsigned i = 0; i < s.workers; i++) {
		body_keys_free(s.keys[i]);
		if (s.spare[i] != NULL)
			sodium_memzero(s.spare[i], C4GH_PLAIN_MAX);
		free(s.spare[i]);
	}
	packets_free(&p);
	return rc;
}
