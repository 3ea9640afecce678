/* stager-open on a range of one of the house's own bodies: the very bytes, or nothing and an error. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/c4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/secret.h"
#include "stager/upload.h"
#include "stager/wire.h"

static struct err e;

#define LEN 200000
#define SEGMENTS 4
#define BODY (LEN + SEGMENTS * (C4GH_NONCE_LEN + C4GH_MAC_LEN))

static uint8_t plain[LEN], body[BODY], sums[SEGMENTS * SUM_LEN];
static struct secret *key;

static void
make_body(void)
{
	struct c4gh *c;
	struct sums *s = sums_new(&e);

	for (size_t i = 0; i < LEN; i++)
		plain[i] = (uint8_t)(i * 31 + i / 251);
	key = secret_random(C4GH_KEY_LEN, &e);
	c = c4gh_new(key, true, &e);
	if (key == NULL || c == NULL || s == NULL)
		abort();
	for (size_t i = 0; i < SEGMENTS; i++) {
		size_t at = i * C4GH_PLAIN_MAX,
		       n = LEN - at < C4GH_PLAIN_MAX ? LEN - at : (size_t)C4GH_PLAIN_MAX;

		CHECK_OK(c4gh_seal(c, i, i + 1 == SEGMENTS, plain + at, n, body + i * C4GH_SEGMENT_MAX, &e));
		CHECK_OK(sums_segment(s, body + i * C4GH_SEGMENT_MAX, n + 28, sums + i * SUM_LEN, &e));
	}
	c4gh_free(c);
	sums_free(s);
}

/* What is asked; from where it differs from a good question. */
struct question {
	size_t offset, len;
	const uint8_t *body, *sums; /* of the segments from first_sum on */
	size_t first_sum, sum_count;
	size_t body_len;
	unsigned keys;
	bool sample;
};

static struct question
good(size_t offset, size_t len)
{
	size_t first = offset / C4GH_PLAIN_MAX;

	return (struct question){.offset = offset,
	    .len = len,
	    .body = body,
	    .sums = sums,
	    .first_sum = first,
	    .sum_count = (offset + len - 1) / C4GH_PLAIN_MAX - first + 1,
	    .body_len = BODY,
	    .keys = 1};
}

static int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("body", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "file", &e) == -1)
		abort();
	return fd;
}

/* Its exit status; what came out stands in out, *len bytes of it. 0 only where it also said that it was all. */
static int
ask(const struct question *q, uint8_t *out, size_t *len)
{
	struct packets p = {.key_count = q->keys, .data_packets = q->keys, .one_writer = true};
	int pair[2], keys[2], data[2], fd = file_of(q->body, q->body_len), status = -1;
	struct json *j = json_object(), *done;
	char path[4096];
	ssize_t n;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/stager-open", getenv("STAGER_BUILD"));
	CHECK_OK(wire_pair(pair, &e));
	if (pipe2(keys, O_CLOEXEC) == -1 || pipe2(data, O_CLOEXEC) == -1)
		abort();
	io_widen_pipe(data[0]);
	if ((pid = fork()) == 0) {
		if (dup2(fcntl(pair[1], F_DUPFD, 20), 3) == -1)
			_exit(99);
		(void)close(2);
		(void)execl(path, "stager-open", (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	p.keys = secret_new((size_t)q->keys * C4GH_KEY_LEN, &e);
	for (unsigned i = 0; i < q->keys; i++) {
		memcpy(p.keys->bytes + (size_t)i * C4GH_KEY_LEN, key->bytes, C4GH_KEY_LEN);
		p.keys->bytes[(size_t)i * C4GH_KEY_LEN] ^= (uint8_t)i;
	}
	json_set_int(j, "body", (int64_t)q->body_len);
	json_set_int(j, "offset", (int64_t)q->offset);
	json_set_int(j, "len", (int64_t)q->len);
	json_set(j, "sample", json_bool(q->sample));
	json_set(j, "sums", json_base64(q->sums + q->first_sum * SUM_LEN, q->sum_count * SUM_LEN));
	CHECK_OK(wire_send(pair[0], WIRE_SEALED, j, (const int[]){fd, keys[0], data[1]}, 3, &e));
	json_free(j);
	io_close(&keys[0]);
	io_close(&data[1]);
	if (packets_give(&p, keys[1], &e) == -1)
		CHECK(e.code == ERR_SYSTEM); /* it is gone already */
	io_close(&keys[1]);
	n = io_read(data[0], out, LEN + 64, "data", &e);
	*len = n < 0 ? 0 : (size_t)n;
	done = wire_expect(pair[0], WIRE_DONE, NULL, 0, &e);
	io_close(&pair[0]);
	io_close(&data[0]);
	io_close(&fd);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 99;
	CHECK((status == 0) == (done != NULL));
	json_free(done);
	secret_free(p.keys);
	return status;
}

static uint8_t out[LEN + 64], sample[32];

static void
opens(struct question q)
{
	size_t len, before = q.sample ? 32 : 0;

	CHECK(ask(&q, out, &len) == 0);
	CHECK(len == q.len + before && memcmp(out + before, plain + q.offset, q.len) == 0);
}

/* With this status, and nothing of the segment that is wrong, or after it. */
static void
refused(struct question q, int status, size_t most)
{
	size_t len;
	int got = ask(&q, out, &len);

	CHECK(got == status);
	CHECK(len <= most && memcmp(out, plain + q.offset, len) == 0);
}

static void
test_ranges(void)
{
	struct question q;

	opens(good(0, LEN));
	opens(good(0, 1));
	opens(good(LEN - 1, 1));
	opens(good(C4GH_PLAIN_MAX - 1, 2));
	opens(good(C4GH_PLAIN_MAX, C4GH_PLAIN_MAX));
	opens(good(C4GH_PLAIN_MAX + 7, LEN - C4GH_PLAIN_MAX - 9));
	q = good(5, 100);
	q.sample = true;
	opens(q);
	memcpy(sample, out, sizeof(sample));
	opens(q);
	CHECK(memcmp(out, sample, sizeof(sample)) == 0 && memcmp(sample, key->bytes, sizeof(sample)) != 0);
}

static void
test_refused(void)
{
	static uint8_t damaged[BODY + 1], other[SEGMENTS * SUM_LEN];
	struct question q = good(0, LEN);

	memcpy(damaged, body, BODY);
	damaged[C4GH_SEGMENT_MAX + 99] ^= 1;
	q.body = damaged;
	refused(q, 4, C4GH_PLAIN_MAX);
	/* Where the damage is not asked for, it does no harm. */
	q = good(0, 10);
	q.body = damaged;
	opens(q);
	/* Its sum says otherwise, or belongs to another. */
	memcpy(other, sums, sizeof(other));
	other[SUM_LEN] ^= 1;
	q = good(0, LEN);
	q.sums = other;
	refused(q, 4, C4GH_PLAIN_MAX);
	q = good(0, 10);
	q.first_sum = 1;
	refused(q, 4, 0);
	/* Two segments in each other's place, with their sums: the nonces tell. */
	memcpy(damaged, body + C4GH_SEGMENT_MAX, C4GH_SEGMENT_MAX);
	memcpy(damaged + C4GH_SEGMENT_MAX, body, C4GH_SEGMENT_MAX);
	memcpy(other, sums + SUM_LEN, SUM_LEN);
	memcpy(other + SUM_LEN, sums, SUM_LEN);
	q = good(0, 10);
	q.body = damaged;
	q.sums = other;
	refused(q, 4, 0);
	/* A body of other length, and one that ends early. */
	q = good(0, LEN);
	q.body_len = BODY - C4GH_SEGMENT_MAX;
	refused(q, 3, 0);
	q = good(0, 3 * (size_t)C4GH_PLAIN_MAX);
	q.body_len = 3 * (size_t)C4GH_SEGMENT_MAX;
	refused(q, 4, 2 * (size_t)C4GH_PLAIN_MAX);
	/* What nobody may ask. */
	q = good(0, LEN);
	q.len++;
	refused(q, 3, 0);
	q = good(0, 10);
	q.len = 0;
	refused(q, 3, 0);
	q = good(0, LEN);
	q.sum_count--;
	refused(q, 3, 0);
	q = good(0, 10);
	q.sum_count++;
	refused(q, 3, 0);
	q = good(0, 10);
	q.keys = 2;
	refused(q, 3, 0);
}

int
main(void)
{
	if (getenv("STAGER_BUILD") == NULL)
		return 77;
	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	CHECK_OK(secret_start(&e));
	make_body();
	test_ranges();
	test_refused();
	secret_free(key);
	return check_done();
}
