/* Bodies that others sealed for the house: opened whole or refused, and never a byte of a segment that is not good. */
#include "vectors.h"
#include "stager/upload.h"

#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

static struct err e;
static struct secret *keys[3];

#define SEGMENTS 4
#define LAST 1000
#define PLAIN ((SEGMENTS - 1) * C4GH_PLAIN_MAX + LAST)
#define BODY (PLAIN + 28 * SEGMENTS)

static uint8_t plain[PLAIN], body[BODY + C4GH_SEGMENT_MAX], spare[sizeof(body)], got[sizeof(body)];

static int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("upload", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "file", &e) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

static void
nonce_stream(uint8_t *nonce, uint64_t index, bool last)
{
	memset(nonce, 0, 12);
	nonce[0] = (uint8_t)index;
	nonce[8] = last;
}

static void
nonce_foreign(uint8_t *nonce, uint64_t index)
{
	memset(nonce, 0xa7, 12);
	nonce[3] = (uint8_t)index;
}

/* Segment number i of len bytes under key k and the nonce that stands in it. */
static void
seal(uint8_t *segment, size_t i, size_t len, size_t k)
{
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    segment + 12, NULL, plain + i * C4GH_PLAIN_MAX, len, NULL, 0, NULL, segment, keys[k]->bytes);
}

static size_t
len_of(size_t i)
{
	return i + 1 == SEGMENTS ? LAST : C4GH_PLAIN_MAX;
}

/* The body anew: foreign nonces or ours; segments by keys in turn. */
static void
make(bool foreign, size_t key_count)
{
	for (size_t i = 0; i < SEGMENTS; i++) {
		uint8_t *at = body + i * C4GH_SEGMENT_MAX;

		if (foreign)
			nonce_foreign(at, i);
		else
			nonce_stream(at, i, i + 1 == SEGMENTS);
		seal(at, i, len_of(i), i % key_count);
	}
}

static struct packets
packets_of(size_t key_count, const uint64_t *edits, size_t edit_count)
{
	struct packets p = {.key_count = key_count,
	    .data_packets = key_count,
	    .one_writer = true,
	    .edited = edit_count > 0,
	    .edit_count = edit_count};

	buf_init(&p.others, 1);
	if ((p.keys = secret_new(key_count * C4GH_KEY_LEN, &e)) == NULL ||
	    (edit_count > 0 && (p.edits = calloc(edit_count, sizeof(*edits))) == NULL))
		abort();
	for (size_t i = 0; i < key_count; i++)
		memcpy(p.keys->bytes + 32 * i, keys[i]->bytes, 32);
	if (edit_count > 0)
		memcpy(p.edits, edits, edit_count * sizeof(*edits));
	return p;
}

/* Open len bytes, of which it is told that they are `says`. What came out stands in got; *out_len. */
static int
open_len(
    const struct packets *p, const uint8_t *data, size_t len, uint64_t says, size_t *out_len, bool *ordered)
{
	int fd = file_of(data, len), out = file_of("", 0), rc;
	ssize_t n;

	rc = upload_open(p, fd, says, out, ordered, &e);
	n = pread(out, got, sizeof(got), 0);
	*out_len = n < 0 ? 0 : (size_t)n;
	(void)close(fd);
	(void)close(out);
	return rc;
}

static int
open_it(const struct packets *p, const uint8_t *data, size_t len, size_t *out_len, bool *ordered)
{
	return open_len(p, data, len, len, out_len, ordered);
}

/* Refused with this code, and of the plaintext the first `good` segments came out, alone. */
static void
refused(const struct packets *p, const uint8_t *data, size_t len, enum err_code code, size_t good)
{
	size_t out = 0;
	bool ordered;
	int rc = open_it(p, data, len, &out, &ordered);

	CHECK(rc == -1 && e.code == code);
	if (rc != -1 || e.code != code)
		fprintf(stderr, "%zu bytes: %d: code %d, %s\n", len, rc, e.code, e.text);
	CHECK(out == good * C4GH_PLAIN_MAX && memcmp(got, plain, out) == 0);
}

static void
test_good(void)
{
	static const uint64_t even[] = {70000, 100, 3, 5}, odd[] = {1, 2, 131072}, none[] = {INT64_MAX};
	struct packets p;
	uint64_t size;
	size_t out;
	bool ordered;

	for (size_t key_count = 1; key_count <= 3; key_count++) {
		for (int foreign = key_count > 1; foreign < 2; foreign++) {
			p = packets_of(key_count, NULL, 0);
			make(foreign, key_count);
			CHECK_OK(upload_size(&p, BODY, &size, &e));
			CHECK(size == PLAIN);
			CHECK_OK(open_it(&p, body, BODY, &out, &ordered));
			CHECK(out == PLAIN && memcmp(got, plain, PLAIN) == 0 && ordered == !foreign);
			packets_free(&p);
			/* Edit lists. */
			p = packets_of(key_count, even, 4);
			CHECK_OK(upload_size(&p, BODY, &size, &e));
			CHECK_OK(open_it(&p, body, BODY, &out, &ordered));
			CHECK(size == 105 && out == 105 && memcmp(got, plain + 70000, 100) == 0 &&
			      memcmp(got + 100, plain + 70103, 5) == 0);
			packets_free(&p);
			p = packets_of(key_count, odd, 3);
			CHECK_OK(upload_size(&p, BODY, &size, &e));
			CHECK_OK(open_it(&p, body, BODY, &out, &ordered));
			CHECK(size == 2 + PLAIN - 131075 && out == size && memcmp(got, plain + 1, 2) == 0 &&
			      memcmp(got + 2, plain + 131075, PLAIN - 131075) == 0);
			packets_free(&p);
		}
	}
	/* Every length of a short body; and none at all where an edit list says so. */
	p = packets_of(1, NULL, 0);
	for (size_t len = 1; len < 100; len++) {
		nonce_stream(body, 0, true);
		seal(body, 0, len, 0);
		CHECK_OK(upload_size(&p, len + 28, &size, &e));
		CHECK_OK(open_it(&p, body, len + 28, &out, &ordered));
		CHECK(size == len && out == len && memcmp(got, plain, len) == 0 && ordered);
	}
	for (size_t len = 0; len <= 28; len++)
		CHECK_ERR(upload_size(&p, len, &size, &e), ERR_FORGED);
	CHECK_OK(upload_size(&p, C4GH_SEGMENT_MAX + 29, &size, &e));
	CHECK(size == C4GH_PLAIN_MAX + 1);
	CHECK_ERR(upload_size(&p, C4GH_SEGMENT_MAX + 28, &size, &e), ERR_FORGED);
	refused(&p, body, 0, ERR_FORGED, 0);
	packets_free(&p);
	p = packets_of(1, none, 1);
	CHECK_OK(upload_size(&p, 0, &size, &e));
	CHECK_OK(open_it(&p, body, 0, &out, &ordered));
	CHECK(size == 0 && out == 0);
	packets_free(&p);
}

/* Every byte around each boundary, one in some thousand elsewhere: not one byte of that segment leaves. */
static void
test_damage(bool foreign)
{
	struct packets p = packets_of(1, NULL, 0);
	static const uint64_t edits[] = {0, 10};
	struct packets cut = packets_of(1, edits, 2);
	size_t out;
	bool ordered;

	make(foreign, 1);
	for (size_t at = 0; at < BODY; at++) {
		size_t in = at % C4GH_SEGMENT_MAX, segment = at / C4GH_SEGMENT_MAX;

		if (in > 20 && in < C4GH_SEGMENT_MAX - 20 && at < BODY - 20 && at % 9001 != 0)
			continue;
		body[at] ^= (uint8_t)(1u << at % 8);
		refused(&p, body, BODY, ERR_FORGED, segment);
		/* What the edit list leaves out is opened, too. */
		if (at % 5 == 0)
			CHECK(open_it(&cut, body, BODY, &out, &ordered) == -1 && e.code == ERR_FORGED &&
			      out <= 10);
		body[at] ^= (uint8_t)(1u << at % 8);
	}
	/* Cut at every length near a boundary. Nobody can tell that a foreign file lacks whole segments. */
	for (size_t k = 0; k <= SEGMENTS; k++) {
		for (long d = -33; d <= 33; d++) {
			long at = (long)(k * C4GH_SEGMENT_MAX) + d;

			if (at < 0 || at >= BODY || (foreign && at > 0 && d == 0))
				continue;
			/* The one that ends it is refused; ours also where it stands whole, without the flag. */
			refused(&p, body, (size_t)at, ERR_FORGED,
			    at == 0 ? 0 : (size_t)(at - (d == 0)) / C4GH_SEGMENT_MAX);
		}
	}
	packets_free(&cut);
	packets_free(&p);
}

static void
swap(size_t i, size_t j)
{
	memcpy(spare, body + i * C4GH_SEGMENT_MAX, C4GH_SEGMENT_MAX);
	memcpy(body + i * C4GH_SEGMENT_MAX, body + j * C4GH_SEGMENT_MAX, C4GH_SEGMENT_MAX);
	memcpy(body + j * C4GH_SEGMENT_MAX, spare, C4GH_SEGMENT_MAX);
}

static void
test_order(void)
{
	struct packets p = packets_of(1, NULL, 0), two = packets_of(2, NULL, 0);
	size_t out;
	bool ordered;

	make(false, 1);
	/* Each full one in each other's place, and doubled. */
	for (size_t i = 0; i + 1 < SEGMENTS; i++) {
		for (size_t j = 0; j + 1 < SEGMENTS; j++) {
			if (i == j)
				continue;
			swap(i, j);
			refused(&p, body, BODY, ERR_FORGED, i < j ? i : j);
			swap(i, j);
			memcpy(spare, body + i * C4GH_SEGMENT_MAX, C4GH_SEGMENT_MAX);
			memcpy(body + i * C4GH_SEGMENT_MAX, body + j * C4GH_SEGMENT_MAX, C4GH_SEGMENT_MAX);
			refused(&p, body, BODY, ERR_FORGED, i);
			memcpy(body + i * C4GH_SEGMENT_MAX, spare, C4GH_SEGMENT_MAX);
		}
	}
	/* Something behind it; a file that grew or shrank meanwhile. */
	memset(body + BODY, 7, 100);
	for (size_t n = 1; n < 100; n += 7)
		refused(&p, body, BODY + n, ERR_FORGED, SEGMENTS - 1);
	CHECK(open_len(&p, body, BODY + 1, BODY, &out, &ordered) == -1 && e.code == ERR_INPUT);
	CHECK(open_len(&p, body, BODY - 1, BODY, &out, &ordered) == -1 && e.code == ERR_INPUT);
	CHECK(out == (SEGMENTS - 1) * C4GH_PLAIN_MAX);
	/* Two keys where our order has one; another writer's packet. */
	refused(&two, body, BODY, ERR_FORGED, 0);
	p.one_writer = false;
	refused(&p, body, BODY, ERR_FORGED, 0);
	/* Ours among a foreign one's segments, and the other way round. */
	p.one_writer = true;
	make(true, 1);
	nonce_stream(body + C4GH_SEGMENT_MAX, 1, false);
	seal(body + C4GH_SEGMENT_MAX, 1, C4GH_PLAIN_MAX, 0);
	refused(&p, body, BODY, ERR_FORGED, 1);
	make(false, 1);
	nonce_foreign(body + C4GH_SEGMENT_MAX, 1);
	seal(body + C4GH_SEGMENT_MAX, 1, C4GH_PLAIN_MAX, 0);
	refused(&p, body, BODY, ERR_FORGED, 1);
	packets_free(&p);
	packets_free(&two);
}

static void
test_nonces(void)
{
	struct packets p = packets_of(1, NULL, 0), two = packets_of(2, NULL, 0);
	size_t out;
	bool ordered;

	/* A second time, wherever. */
	for (size_t i = 0; i < SEGMENTS; i++) {
		for (size_t j = i + 1; j < SEGMENTS; j++) {
			make(true, 1);
			nonce_foreign(body + j * C4GH_SEGMENT_MAX, i);
			seal(body + j * C4GH_SEGMENT_MAX, j, len_of(j), 0);
			refused(&p, body, BODY, ERR_INPUT, j);
			CHECK(strstr(e.text, "under the same key") != NULL);
		}
	}
	/* Always the same, of a form that could be ours: the reason is the nonce, not the place. */
	for (size_t i = 0; i < SEGMENTS; i++) {
		nonce_stream(body + i * C4GH_SEGMENT_MAX, 0, false);
		seal(body + i * C4GH_SEGMENT_MAX, i, len_of(i), 0);
	}
	refused(&p, body, BODY, ERR_INPUT, 1);
	CHECK(strstr(e.text, "segment 1: has the nonce") != NULL);
	/* A copy of a segment, and something under no key at all, are forged. */
	make(false, 1);
	memcpy(body + C4GH_SEGMENT_MAX, body, C4GH_SEGMENT_MAX);
	refused(&p, body, BODY, ERR_FORGED, 1);
	body[C4GH_SEGMENT_MAX + 5000] ^= 1;
	body[2 * C4GH_SEGMENT_MAX - 1] ^= 1;
	refused(&p, body, BODY, ERR_FORGED, 1);
	/* The same one under two keys is fine; under the second again it is not. */
	make(true, 2);
	nonce_foreign(body + C4GH_SEGMENT_MAX, 0);
	seal(body + C4GH_SEGMENT_MAX, 1, C4GH_PLAIN_MAX, 1);
	CHECK_OK(open_it(&two, body, BODY, &out, &ordered));
	CHECK(out == PLAIN && memcmp(got, plain, PLAIN) == 0 && !ordered);
	nonce_foreign(body + 3 * C4GH_SEGMENT_MAX, 0);
	seal(body + 3 * C4GH_SEGMENT_MAX, 3, LAST, 1);
	refused(&two, body, BODY, ERR_INPUT, 3);
	CHECK(strstr(e.text, "segment 3: ") == e.text);
	packets_free(&p);
	packets_free(&two);
}

/* What goes down the pipe comes out of it; anything else does not. */
static void
test_handover(void)
{
	static const uint64_t edits[] = {1, UINT64_MAX, 0};
	struct packets p = packets_of(2, edits, 3), q, none = packets_of(1, NULL, 0);
	uint8_t bytes[256] = {0};
	size_t len;
	int fd = memfd_create("keys", MFD_CLOEXEC);

	p.data_packets = 5;
	CHECK_OK(packets_give(&p, fd, &e));
	len = (size_t)lseek(fd, 0, SEEK_CUR);
	CHECK(len == 16 + 2 * 32 + 3 * 8 && pread(fd, bytes, sizeof(bytes), 0) == (ssize_t)len);
	(void)close(fd);
	fd = file_of(bytes, len);
	CHECK_OK(packets_take(fd, &q, &e));
	CHECK(q.key_count == 2 && q.data_packets == 5 && q.one_writer && q.edited && q.edit_count == 3 &&
	      memcmp(q.edits, edits, sizeof(edits)) == 0 && memcmp(q.keys->bytes, p.keys->bytes, 64) == 0);
	packets_free(&q);
	(void)close(fd);
	for (size_t cut = 0; cut < len; cut++) {
		fd = file_of(bytes, cut);
		CHECK_ERR(packets_take(fd, &q, &e), ERR_INPUT);
		(void)close(fd);
	}
	fd = file_of(bytes, len + 1);
	CHECK_ERR(packets_take(fd, &q, &e), ERR_INPUT);
	(void)close(fd);
	for (size_t at = 0; at < 16; at++) {
		bytes[at] ^= 0x40;
		fd = file_of(bytes, len);
		if (at < 2) { /* how many packets there were: any number that is no less than the keys */
			CHECK_OK(packets_take(fd, &q, &e));
			packets_free(&q);
		} else {
			CHECK_ERR(packets_take(fd, &q, &e), ERR_INPUT);
		}
		(void)close(fd);
		bytes[at] ^= 0x40;
	}
	bytes[8] = 0;
	fd = file_of(bytes, 16);
	CHECK_ERR(packets_take(fd, &q, &e), ERR_INPUT);
	(void)close(fd);
	/* Without an edit list. */
	fd = memfd_create("keys", MFD_CLOEXEC);
	none.one_writer = false;
	CHECK_OK(packets_give(&none, fd, &e));
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK_OK(packets_take(fd, &q, &e));
	CHECK(q.key_count == 1 && !q.edited && q.edits == NULL && !q.one_writer);
	packets_free(&q);
	(void)close(fd);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	CHECK_ERR(packets_give(&none, fd, &e), ERR_SYSTEM);
	(void)close(fd);
	packets_free(&none);
	packets_free(&p);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	for (size_t i = 0; i < 3; i++)
		keys[i] = secret_random(32, &e);
	for (size_t i = 0; i < PLAIN; i++)
		plain[i] = (uint8_t)(7 * i + 3 * (i >> 8) + 5 * (i >> 16));
	test_good();
	test_damage(false);
	test_damage(true);
	test_order();
	test_nonces();
	test_handover();
	for (size_t i = 0; i < 3; i++)
		secret_free(keys[i]);
	return check_done();
}
