/* A range of one of the house's own bodies: sums, places and MACs are checked segment by segment. */
#include "open.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "stager/c4gh.h"
#include "stager/digest.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/secret.h"
#include "stager/upload.h"

/* A body of the most segments that there may be, all of it. */
#define SUMS_MAX ((size_t)C4GH_SEGMENTS_MAX * SUM_LEN)

static const char what[] = "sealed range";

struct range {
	int64_t body, offset, len;
	uint64_t segments, plain; /* of the whole body */
	struct buf sums;          /* of the segments from first to last */
	bool sample;
	int fd, out;
};

static int
range_take(const struct wire_message *m, struct range *r, struct err *e)
{
	static const char *const keys[] = {"body", "offset", "len", "sums", "sample", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	const struct json *sample;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "body", 1, JSON_INT_MAX, what, &r->body, e) == -1 ||
	    json_need_int(j, "offset", 0, JSON_INT_MAX, what, &r->offset, e) == -1 ||
	    json_need_int(j, "len", 1, JSON_INT_MAX, what, &r->len, e) == -1 ||
	    (sample = json_need(j, "sample", JSON_BOOL, what, e)) == NULL ||
	    json_need_base64(j, "sums", &r->sums, what, e) == -1 ||
	    c4gh_body_shape((uint64_t)r->body, &r->segments, &r->plain, e) == -1)
		goto out;
	r->sample = sample->boolean;
	if ((uint64_t)r->offset > r->plain || (uint64_t)r->len > r->plain - (uint64_t)r->offset)
		err_set(e, ERR_INPUT, "%s: past the body's end", what);
	else if (r->sums.len / SUM_LEN != (uint64_t)(r->offset + r->len - 1) / C4GH_PLAIN_MAX -
					      (uint64_t)r->offset / C4GH_PLAIN_MAX + 1 ||
		 r->sums.len % SUM_LEN != 0)
		err_set(e, ERR_INPUT, "%s: not a sum for each segment", what);
	else
		rc = 0;
out:
	json_free(j);
	return rc;
}

/* What a review's sample is drawn by: of the index's own data key, which nobody chose. */
static int
give_sample_key(const struct packets *p, int out, struct err *e)
{
	static const char label[] = "stager review sample v1";
	struct secret *key =
	    digest_subkey(p->keys, label, (const struct digest_part[]){{label, strlen(label)}}, 1, e);
	int rc = key == NULL ? -1 : io_write(out, key->bytes, key->len, what, e);

	secret_free(key);
	return rc;
}

/* The segments that the range lies in, and of each what the range wants. */
static int
range_open(
    struct range *r, struct c4gh *c, struct sums *sums, uint8_t *segment, uint8_t *plain, struct err *e)
{
	uint64_t first = (uint64_t)r->offset / C4GH_PLAIN_MAX, count = r->sums.len / SUM_LEN;
	uint64_t end = (uint64_t)(r->offset + r->len);

	for (uint64_t i = 0; i < count; i++) {
		uint64_t index = first + i, at = index * C4GH_SEGMENT_MAX, start = index * C4GH_PLAIN_MAX;
		uint64_t left = (uint64_t)r->body - at;
		size_t len = left < C4GH_SEGMENT_MAX ? (size_t)left : C4GH_SEGMENT_MAX, from = 0, to;
		uint8_t sum[SUM_LEN];
		ssize_t n = io_pread(r->fd, segment, len, at, what, e);

		if (n == -1)
			return -1;
		if ((size_t)n != len)
			return err_set(e, ERR_FORGED, "%s: the body is cut short", what);
		if (sums_segment(sums, segment, len, sum, e) == -1)
			return -1;
		if (memcmp(sum, r->sums.data + i * SUM_LEN, SUM_LEN) != 0)
			return err_set(e, ERR_FORGED, "%s: segment %llu is not what its sum says", what,
			    (unsigned long long)index);
		if (c4gh_open(c, index, index + 1 == r->segments, segment, len, plain, e) == -1)
			return -1;
		to = len - C4GH_NONCE_LEN - C4GH_MAC_LEN;
		if (start < (uint64_t)r->offset)
			from = (size_t)((uint64_t)r->offset - start);
		if (start + to > end)
			to = (size_t)(end - start);
		if (io_write(r->out, plain + from, to - from, what, e) == -1)
			return -1;
	}
	return 0;
}

int
open_sealed(struct wire_message *m, struct err *e)
{
	struct range r = {.fd = m->fds[FILE_AT], .out = m->fds[PLAIN_AT]};
	uint8_t *segment = malloc(C4GH_SEGMENT_MAX), *plain = malloc(C4GH_PLAIN_MAX);
	struct packets p = {.keys = NULL};
	struct json *done = NULL;
	struct sums *sums = NULL;
	struct c4gh *c = NULL;
	int rc = -1;

	buf_init(&r.sums, SUMS_MAX);
	if (segment == NULL || plain == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", what);
		goto out;
	}
	for (size_t i = 0; i < FDS; i++) {
		if (m->fds[i] == -1) {
			err_set(e, ERR_INPUT, "control message: not three descriptors");
			goto out;
		}
	}
	if (range_take(m, &r, e) == -1 || packets_take(m->fds[KEYS_AT], &p, e) == -1)
		goto out;
	io_close(&m->fds[KEYS_AT]);
	if (p.key_count != 1) {
		err_set(e, ERR_INPUT, "%s: not one data key", what);
		goto out;
	}
	if ((c = c4gh_new(p.keys, false, e)) == NULL || (sums = sums_new(e)) == NULL ||
	    (r.sample && give_sample_key(&p, r.out, e) == -1) ||
	    range_open(&r, c, sums, segment, plain, e) == -1)
		goto out;
	/* The pipe's end means something to its reader only once this is said. */
	io_close(&m->fds[PLAIN_AT]);
	done = json_object();
	rc = wire_send(WIRE_FD, WIRE_DONE, done, NULL, 0, e);
out:
	json_free(done);
	if (plain != NULL)
		sodium_memzero(plain, C4GH_PLAIN_MAX);
	free(plain);
	free(segment);
	sums_free(sums);
	c4gh_free(c);
	packets_free(&p);
	buf_free(&r.sums);
	return rc;
}
