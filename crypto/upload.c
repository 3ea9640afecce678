/* Opening a body that somebody sealed for the house: every segment of it, in order, and no nonce twice under one key. */
#include "stager/upload.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/io.h"
#include "stager/secret.h"

#define MORE (C4GH_NONCE_LEN + C4GH_MAC_LEN)

struct upload {
	struct body body;
	struct cut cut;
	size_t count, latest; /* keys; the one that opened the last segment */
	struct c4gh *keys[DATA_KEYS_MAX];
	struct nonces *nonces[DATA_KEYS_MAX]; /* made when its key first opens something */
	uint8_t before[MORE];                 /* nonce and MAC of the segment before */
	uint8_t segment[C4GH_SEGMENT_MAX], plain[C4GH_PLAIN_MAX];
};

/* Data key number n, set up. */
static struct c4gh *
key_new(const struct packets *p, size_t n, struct err *e)
{
	struct secret *key = secret_new(C4GH_KEY_LEN, e);
	struct c4gh *c = NULL;

	if (key != NULL) {
		memcpy(key->bytes, p->keys->bytes + n * C4GH_KEY_LEN, C4GH_KEY_LEN);
		c = c4gh_new(key, false, e);
	}
	secret_free(key);
	return c;
}

static void
upload_free(struct upload *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < u->count; i++) {
		c4gh_free(u->keys[i]);
		nonces_free(u->nonces[i]);
	}
	sodium_memzero(u, sizeof(*u));
	free(u);
}

static struct upload *
upload_new(const struct packets *p, struct err *e)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (u == NULL) {
		err_set(e, ERR_SYSTEM, "body: out of memory");
		return NULL;
	}
	for (; u->count < p->key_count; u->count++) {
		if ((u->keys[u->count] = key_new(p, u->count, e)) == NULL) {
			upload_free(u);
			return NULL;
		}
	}
	body_init(&u->body, p, 0);
	cut_init(&u->cut, p->edits, p->edit_count, 0, UINT64_MAX);
	return u;
}

/* Plaintext of a body that is this long, before its edit list. */
static int
body_plain(uint64_t body_len, uint64_t *plain, struct err *e)
{
	const uint64_t rest = body_len % C4GH_SEGMENT_MAX;

	if (rest > 0 && rest <= MORE)
		return err_set(e, ERR_FORGED, "body: cut short: its last segment is too short to be any");
	*plain = body_len / C4GH_SEGMENT_MAX * C4GH_PLAIN_MAX + (rest > 0 ? rest - MORE : 0);
	return 0;
}

int
upload_size(const struct packets *p, uint64_t body_len, uint64_t *size, struct err *e)
{
	struct body nothing;
	uint64_t left = 0;
	struct cut cut;
	size_t n;
	bool keep;

	cut_init(&cut, p->edits, p->edit_count, 0, UINT64_MAX);
	body_init(&nothing, p, 0);
	if (body_len == 0 && body_end(&nothing, &cut, e) == -1)
		return -1;
	if (body_plain(body_len, &left, e) == -1)
		return -1;
	for (*size = 0; left > 0; left -= n) {
		n = cut_take(&cut, left, &keep);
		*size += keep ? n : 0;
	}
	return 0;
}

static int
repeated(uint64_t index, struct err *e)
{
	return err_set(e, ERR_INPUT,
	    "segment %llu: has the nonce of a segment before it under the same key: whoever sees both can "
	    "read and forge",
	    (unsigned long long)index);
}

/*
 * A segment that has no place here. Where the writer sealed it so, under the nonce of the one before, that is what is
 * told, for no other copy of the file will be better; a copy of the segment before is a forgery.
 */
static int
misplaced(struct upload *u, size_t len, struct err *e)
{
	const uint64_t index = u->body.next;

	if (index > 0 && memcmp(u->before, u->segment, C4GH_NONCE_LEN) == 0 &&
	    memcmp(u->before + C4GH_NONCE_LEN, u->segment + len - C4GH_MAC_LEN, C4GH_MAC_LEN) != 0 &&
	    c4gh_open_foreign(u->keys[0], index, true, u->segment, len, u->plain, NULL) == 0)
		return repeated(index, e);
	return -1;
}

/* A segment of a writer whose nonces say nothing: the key that opened the last one is tried first. */
static int
open_foreign(struct upload *u, const struct place *place, size_t len, struct err *e)
{
	size_t at = 0;
	int rc = -1;

	if (u->count > 1 && place->index >= C4GH_SEGMENTS_MAX)
		return err_set(
		    e, ERR_LIMIT, "body: more than %u segments under several data keys", C4GH_SEGMENTS_MAX);
	for (size_t i = 0; rc == -1 && i < u->count; i++) {
		at = (u->latest + i) % u->count;
		rc = c4gh_open_foreign(u->keys[at], place->index, place->last, u->segment, len, u->plain, e);
		if (rc == -1 && e != NULL && e->code != ERR_FORGED)
			return -1;
	}
	if (rc == -1)
		return -1;
	u->latest = at;
	if (u->nonces[at] == NULL && (u->nonces[at] = nonces_new(e)) == NULL)
		return -1;
	if (nonces_add(u->nonces[at], u->segment, e) == 0)
		return 0;
	/* It counts the segments of one key, where there are several of the file. */
	return u->count > 1 && e != NULL && e->code == ERR_INPUT ? repeated(place->index, e) : -1;
}

/* What of an opened segment the edit list keeps. */
static int
write_segment(struct upload *u, size_t len, int out, struct err *e)
{
	const uint8_t *at = u->plain;
	size_t n;
	bool keep;

	for (; len > 0; at += n, len -= n) {
		n = cut_take(&u->cut, len, &keep);
		if (keep && io_write(out, at, n, "plaintext", e) == -1)
			return -1;
	}
	return 0;
}

int
upload_open(const struct packets *p, int fd, uint64_t body_len, int out, bool *ordered, struct err *e)
{
	struct upload *u = upload_new(p, e);
	uint64_t left = body_len;
	struct place place;
	uint8_t more;
	ssize_t n;
	int rc = -1;

	if (u == NULL)
		return -1;
	while (left > 0) {
		const size_t len = left < C4GH_SEGMENT_MAX ? (size_t)left : C4GH_SEGMENT_MAX;

		if (io_read_exact(fd, u->segment, len, "file", e) == -1)
			goto out;
		left -= len;
		if (body_place(&u->body, u->segment, len, left == 0, &place, e) == -1) {
			(void)misplaced(u, len, e);
			goto out;
		}
		if ((place.order == BODY_STREAM
			    ? c4gh_open(u->keys[0], place.index, place.last, u->segment, len, u->plain, e)
			    : open_foreign(u, &place, len, e)) == -1 ||
		    write_segment(u, len - MORE, out, e) == -1)
			goto out;
		memcpy(u->before, u->segment, C4GH_NONCE_LEN);
		memcpy(u->before + C4GH_NONCE_LEN, u->segment + len - C4GH_MAC_LEN, C4GH_MAC_LEN);
	}
	if ((n = io_read(fd, &more, 1, "file", e)) != 0) {
		if (n == 1)
			err_set(e, ERR_INPUT, "file: longer than it was");
		goto out;
	}
	if (body_end(&u->body, &u->cut, e) == -1)
		goto out;
	*ordered = u->body.order != BODY_FOREIGN;
	rc = 0;
out:
	upload_free(u);
	return rc;
}
