/* What the tests of shards share: files without names, what was said of them, and their plaintext. */
#ifndef TESTS_SHARD_VAULT_H
#define TESTS_SHARD_VAULT_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "stager/c4gh.h"
#include "stager/digest.h"
#include "stager/header.h"
#include "stager/io.h"
#include "stager/secret.h"
#include "stager/shard.h"

#ifndef BODIES_MAX
#define BODIES_MAX 64
#endif

static struct err e;

/* A house of our own: files without names, and what was said of them. */
struct vault {
	struct secret *key;
	uint8_t public_key[X25519_LEN];
	size_t count, done;
	struct {
		char name[16];
		int body, sums;
		bool whole;
		struct shard_line line;
		uint8_t header[HEADER_LEN];
	} bodies[BODIES_MAX];
	size_t fail_open, fail_done; /* the n-th call fails; 0: none */
	size_t opened, finished;
};

static inline int
temp_file(void)
{
	char path[] = "/tmp/stager-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || unlink(path) == -1)
		abort();
	return fd;
}

static inline int
vault_open(void *ctx, const char *name, int *body, int *sums, struct err *err)
{
	struct vault *v = ctx;

	if (++v->opened == v->fail_open)
		return err_set(err, ERR_SYSTEM, "no more files");
	(void)snprintf(v->bodies[v->count].name, sizeof(v->bodies[0].name), "%s", name);
	v->bodies[v->count].body = temp_file();
	v->bodies[v->count].sums = temp_file();
	*body = dup(v->bodies[v->count].body);
	*sums = dup(v->bodies[v->count].sums);
	v->count++;
	return 0;
}

static inline int
vault_done(void *ctx, const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct err *err)
{
	struct vault *v = ctx;

	if (++v->finished == v->fail_done)
		return err_set(err, ERR_SYSTEM, "not taken");
	for (size_t i = 0; i < v->count; i++) {
		if (strcmp(v->bodies[i].name, line->name) != 0)
			continue;
		CHECK(!v->bodies[i].whole);
		v->bodies[i].whole = true;
		v->bodies[i].line = *line;
		memcpy(v->bodies[i].header, header, HEADER_LEN);
		v->done++;
		return 0;
	}
	return err_set(err, ERR_SYSTEM, "never opened");
}

static inline struct shard_sink
vault_init(struct vault *v)
{
	memset(v, 0, sizeof(*v));
	v->key = header_keypair(v->public_key, &e);
	return (struct shard_sink){.ctx = v, .open = vault_open, .done = vault_done};
}

static inline void
vault_free(struct vault *v)
{
	for (size_t i = 0; i < v->count; i++) {
		(void)close(v->bodies[i].body);
		(void)close(v->bodies[i].sums);
	}
	secret_free(v->key);
}

/* Open a body with all that the table and the header say of it; its plaintext into out. */
static inline void
open_body(struct vault *v, size_t n, struct buf *out)
{
	const struct shard_line *line = &v->bodies[n].line;
	struct secret *shared, *key;
	struct buf body, sums;
	struct c4gh *c;
	uint8_t writer[X25519_LEN], commitment[COMMITMENT_LEN], sum[DIGEST_LEN], plain[C4GH_PLAIN_MAX];
	uint64_t segments, plain_len;
	size_t len;

	buf_init(&body, 64 << 20);
	buf_init(&sums, 1 << 20);
	CHECK(v->bodies[n].whole);
	CHECK(lseek(v->bodies[n].body, 0, SEEK_SET) == 0 && lseek(v->bodies[n].sums, 0, SEEK_SET) == 0);
	CHECK_OK(io_read_all(v->bodies[n].body, &body, "body", &e));
	CHECK_OK(io_read_all(v->bodies[n].sums, &sums, "sums", &e));
	CHECK(body.len == line->body);
	CHECK_OK(c4gh_body_shape(body.len, &segments, &plain_len, &e));
	CHECK(segments == line->segments && plain_len == line->plain && sums.len == segments * SUM_LEN);
	digest_bytes(sums.data, sums.len, sum);
	CHECK(memcmp(sum, line->sums, DIGEST_LEN) == 0);

	CHECK_OK(header_writer(v->bodies[n].header, writer, &e));
	shared = header_shared_reader(v->key, writer, &e);
	key = header_open(shared, writer, v->bodies[n].header, &e);
	CHECK(key != NULL);
	header_commitment(key, commitment);
	CHECK(memcmp(commitment, line->commitment, COMMITMENT_LEN) == 0);
	c = c4gh_new(key, false, &e);
	for (uint64_t i = 0; i < segments; i++) {
		len = i + 1 < segments ? C4GH_SEGMENT_MAX : body.len - i * C4GH_SEGMENT_MAX;
		digest_bytes(body.data + i * C4GH_SEGMENT_MAX, len, sum);
		CHECK(memcmp(sum, sums.data + i * SUM_LEN, SUM_LEN) == 0);
		CHECK_OK(
		    c4gh_open(c, i, i + 1 == segments, body.data + i * C4GH_SEGMENT_MAX, len, plain, &e));
		CHECK_OK(buf_put(out, plain, len - C4GH_NONCE_LEN - C4GH_MAC_LEN, &e));
	}
	c4gh_free(c);
	secret_free(key);
	secret_free(shared);
	buf_free(&body);
	buf_free(&sums);
}

#endif
