/* What stager-crypt4gh's commands do between standard input and standard output, confined. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "crypt4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/secret.h"

#define IN 0
#define OUT 1
#define COPY_LEN (1u << 20)

static const char in_name[] = "standard input", out_name[] = "standard output";

/* ---- moving bytes ---- */

/* len bytes of standard input passed by: by seeking where it can, else by reading. Fewer are no fault. */
static int
pass_by(uint64_t len, uint8_t *room, size_t room_len, struct err *e)
{
	ssize_t n = 1;

	if (len == 0 || (len <= INT64_MAX && lseek(IN, (off_t)len, SEEK_CUR) != -1))
		return 0;
	while (len > 0 && n > 0) {
		if ((n = io_read(IN, room, len < room_len ? (size_t)len : room_len, in_name, e)) == -1)
			return -1;
		len -= (uint64_t)n;
	}
	return 0;
}

/* At most len bytes from standard input to standard output as they are. */
static int
copy(uint64_t len, struct err *e)
{
	uint8_t *room = malloc(COPY_LEN);
	ssize_t n = 1;
	int rc = -1;

	if (room == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	while (len > 0 && n > 0) {
		if ((n = io_read(IN, room, len < COPY_LEN ? (size_t)len : COPY_LEN, in_name, e)) == -1 ||
		    io_write(OUT, room, (size_t)n, out_name, e) == -1)
			goto out;
		len -= (uint64_t)n;
	}
	rc = 0;
out:
	free(room);
	return rc;
}

static int
write_header(const struct packets *p, const struct secret *sk, const uint8_t *recipients, size_t count,
    int fd, struct err *e)
{
	struct buf header;
	int rc = -1;

	buf_init(&header, PACKETS_LEN_MAX);
	if (packets_write(p, sk, recipients, count, &header, e) == 0)
		rc = io_write(fd, header.data, header.len, fd == OUT ? out_name : "header", e);
	buf_free(&header);
	return rc;
}

/* The header on standard input, opened. */
static int
read_header(const struct secret *sk, const uint8_t *sender, struct packets *p, struct err *e)
{
	struct buf raw;
	int rc = -1;

	buf_init(&raw, PACKETS_LEN_MAX);
	if (packets_read(IN, &raw, e) == 0)
		rc = packets_open(raw.data, raw.len, sk, sender, p, e);
	buf_free(&raw);
	return rc;
}

/* Two buffers that take turns: what comes next must be known before this one's nonce can say "last". */
struct pair {
	uint8_t *now, *next;
	size_t now_len, next_len;
	size_t size;
};

static int
pair_start(struct pair *p, size_t size, struct err *e)
{
	*p = (struct pair){.size = size};
	if ((p->now = malloc(size)) == NULL || (p->next = malloc(size)) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	return 0;
}

/* limit: bytes at most. */
static int
pair_fill(uint8_t *room, size_t *len, size_t size, uint64_t *limit, struct err *e)
{
	ssize_t n = io_read(IN, room, *limit < size ? (size_t)*limit : size, in_name, e);

	if (n == -1)
		return -1;
	*len = (size_t)n;
	if (*limit != UINT64_MAX)
		*limit -= (uint64_t)n;
	return 0;
}

static void
pair_turn(struct pair *p)
{
	uint8_t *room = p->now;

	p->now = p->next;
	p->now_len = p->next_len;
	p->next = room;
	p->next_len = 0;
}

static void
pair_free(struct pair *p)
{
	if (p->now != NULL)
		sodium_memzero(p->now, p->size);
	if (p->next != NULL)
		sodium_memzero(p->next, p->size);
	free(p->now);
	free(p->next);
}

/* ---- encrypt ---- */

int
crypt4gh_encrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *recipients,
    size_t count, int header_fd, struct err *e)
{
	/* Nothing of the body, whatever it may be: an empty file, proven to be one. (The reference tool's numbers
	 * of bytes are signed.) */
	uint64_t nothing = INT64_MAX, index = 0, limit = o->len;
	struct packets p = {.key_count = 1};
	struct pair pair = {.size = 0};
	struct c4gh *c = NULL;
	uint8_t *out = NULL;
	int rc = -1;

	if ((p.keys = secret_random(C4GH_KEY_LEN, e)) == NULL || (c = c4gh_new(p.keys, true, e)) == NULL ||
	    pair_start(&pair, C4GH_PLAIN_MAX, e) == -1)
		goto out;
	if ((out = malloc(C4GH_SEGMENT_MAX)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	if (pass_by(o->start, pair.now, pair.size, e) == -1 ||
	    pair_fill(pair.now, &pair.now_len, pair.size, &limit, e) == -1)
		goto out;
	if (pair.now_len == 0) {
		p.edits = &nothing;
		p.edit_count = 1;
		p.edited = true;
	}
	if (write_header(&p, sk, recipients, count, header_fd == -1 ? OUT : header_fd, e) == -1)
		goto out;
	while (pair.now_len > 0) {
		if (pair.now_len == pair.size &&
		    pair_fill(pair.next, &pair.next_len, pair.size, &limit, e) == -1)
			goto out;
		if (c4gh_seal(c, index++, pair.next_len == 0, pair.now, pair.now_len, out, e) == -1 ||
		    io_write(OUT, out, pair.now_len + C4GH_SEGMENT_MAX - C4GH_PLAIN_MAX, out_name, e) == -1)
			goto out;
		pair_turn(&pair);
	}
	rc = 0;
out:
	c4gh_free(c);
	secret_free(p.keys);
	pair_free(&pair);
	free(out);
	return rc;
}

/* ---- decrypt ---- */

/* Seek over whole segments that the range does not reach, but never over the last: it proves the end. */
static uint64_t
seek_ahead(uint64_t start)
{
	const off_t here = lseek(IN, 0, SEEK_CUR), end = here == -1 ? -1 : lseek(IN, 0, SEEK_END);
	uint64_t segments, skipped = start / C4GH_PLAIN_MAX;

	if (end == -1 || end <= here) {
		if (end != -1)
			(void)lseek(IN, here, SEEK_SET);
		return 0;
	}
	segments = ((uint64_t)(end - here) + C4GH_SEGMENT_MAX - 1) / C4GH_SEGMENT_MAX;
	if (skipped >= segments)
		skipped = segments - 1;
	return lseek(IN, here + (off_t)(skipped * C4GH_SEGMENT_MAX), SEEK_SET) == -1 ? 0 : skipped;
}

/* What the cut keeps of an opened segment. */
static int
write_kept(struct cut *cut, const uint8_t *plain, size_t len, struct err *e)
{
	size_t n;
	bool keep;

	for (; len > 0; plain += n, len -= n) {
		n = cut_take(cut, len, &keep);
		if (keep && io_write(OUT, plain, n, out_name, e) == -1)
			return -1;
	}
	return 0;
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

/* One segment: placed, and opened where any of it goes out or it proves the end. */
static int
decrypt_segment(struct body *b, struct body_keys *keys, struct cut *cut, const struct pair *pair,
    uint8_t *plain, struct err *e)
{
	const bool end = pair->next_len == 0;
	struct place place;
	size_t len;
	bool keep;

	if (body_place(b, pair->now, pair->now_len, end, &place, e) == -1)
		return -1;
	len = pair->now_len - (C4GH_SEGMENT_MAX - C4GH_PLAIN_MAX);
	if (cut_wants(cut, len) || (end && place.order == BODY_STREAM)) {
		if (body_keys_open(keys, &place, pair->now, pair->now_len, plain, e) == -1)
			return -1;
		return write_kept(cut, plain, len, e);
	}
	for (size_t done = 0; done < len;)
		done += cut_take(cut, len - done, &keep);
	return 0;
}

int
crypt4gh_decrypt(
    const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *sender, struct err *e)
{
	uint64_t skipped, all = UINT64_MAX;
	struct packets p = {.keys = NULL};
	struct pair pair = {.size = 0};
	struct body_keys *keys = NULL;
	uint8_t *plain = NULL;
	bool noticed = false;
	struct body body;
	struct cut cut;
	int rc = -1;

	if (read_header(sk, sender, &p, e) == -1)
		return -1;
	if ((keys = body_keys_new(&p, e)) == NULL || pair_start(&pair, C4GH_SEGMENT_MAX, e) == -1)
		goto out;
	if ((plain = malloc(C4GH_PLAIN_MAX)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	skipped = p.edited || o->start < C4GH_PLAIN_MAX ? 0 : seek_ahead(o->start);
	cut_init(&cut, p.edits, p.edit_count, o->start - skipped * C4GH_PLAIN_MAX, o->len);
	body_init(&body, &p, skipped);
	if (pair_fill(pair.now, &pair.now_len, pair.size, &all, e) == -1)
		goto out;
	while (pair.now_len > 0 && !cut_done(&cut)) {
		if (pair.now_len == pair.size &&
		    pair_fill(pair.next, &pair.next_len, pair.size, &all, e) == -1)
			goto out;
		if (decrypt_segment(&body, keys, &cut, &pair, plain, e) == -1)
			goto out;
		if (!noticed)
			give_notice(o, &body);
		noticed = true;
		pair_turn(&pair);
	}
	rc = cut_done(&cut) ? 0 : body_end(&body, &cut, e);
out:
	if (plain != NULL)
		sodium_memzero(plain, C4GH_PLAIN_MAX);
	free(plain);
	pair_free(&pair);
	body_keys_free(keys);
	packets_free(&p);
	return rc;
}

/* ---- headers alone ---- */

int
crypt4gh_reencrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *recipients,
    size_t count, struct err *e)
{
	struct packets p = {.keys = NULL};
	int rc = -1;

	if (read_header(sk, NULL, &p, e) == -1)
		return -1;
	if (o->trim) {
		buf_clear(&p.others);
		p.other_count = 0;
	}
	if (write_header(&p, sk, recipients, count, OUT, e) == 0)
		rc = o->header_only ? 0 : copy(UINT64_MAX, e);
	packets_free(&p);
	return rc;
}

int
crypt4gh_rearrange(const struct crypt4gh_options *o, const struct secret *sk, struct err *e)
{
	const uint64_t first = o->start / C4GH_PLAIN_MAX;
	uint64_t edits[2] = {o->start % C4GH_PLAIN_MAX, o->len}, wanted = UINT64_MAX;
	struct packets p = {.keys = NULL}, again;
	uint8_t own[X25519_LEN], *room = NULL;
	int rc = -1;

	if (read_header(sk, NULL, &p, e) == -1)
		return -1;
	if (p.edited) {
		err_set(e, ERR_REFUSED,
		    "header: it has an edit list already, and a second one cannot be put over it");
		goto out;
	}
	/* Packets that do not open are for others, whose own edit list this would not be. */
	again = (struct packets){.keys = p.keys,
	    .key_count = p.key_count,
	    .edited = true,
	    .edits = edits,
	    .edit_count = o->len == UINT64_MAX ? 1 : 2};
	if (o->len != UINT64_MAX)
		wanted = (o->start + o->len + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX - first;
	if ((room = malloc(C4GH_SEGMENT_MAX)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	if (header_public(sk, own, e) == -1 || write_header(&again, sk, own, 1, OUT, e) == -1 ||
	    pass_by(first * C4GH_SEGMENT_MAX, room, C4GH_SEGMENT_MAX, e) == -1)
		goto out;
	rc = copy(wanted == UINT64_MAX ? wanted : wanted * C4GH_SEGMENT_MAX, e);
out:
	free(room);
	packets_free(&p);
	return rc;
}
