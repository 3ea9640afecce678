/* Bodies and sums: what another program sealed is opened, and nothing else is. */
#include "vectors.h"
#include "stager/c4gh.h"
#include "stager/header.h"

static struct err e;

static uint8_t plain[2 * C4GH_PLAIN_MAX], out[2 * C4GH_PLAIN_MAX], sealed[2 * C4GH_SEGMENT_MAX + 1];

static bool
all_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* tests/peer_c4gh.py wrote these: byte i of the plaintext is 7i + 3(i >> 8). */
static void
test_vector(const char *name, size_t len)
{
	struct secret *reader = vector_secret("c4gh/reader.hex"), *shared = NULL, *key = NULL;
	uint8_t writer[X25519_LEN], sum[SUM_LEN], running[SUM_LEN], whole[SUM_LEN];
	uint64_t segments = 0, plain_len = 0;
	struct buf file, sums_file;
	struct sums *sums = NULL;
	struct c4gh *c = NULL, *back = NULL;
	char path[64];
	size_t body_len;

	(void)snprintf(path, sizeof(path), "c4gh/%s.c4gh", name);
	CHECK_OK(vector_read(path, &file, &e));
	(void)snprintf(path, sizeof(path), "c4gh/%s.sums", name);
	CHECK_OK(vector_read(path, &sums_file, &e));
	body_len = file.len - HEADER_LEN;
	CHECK_OK(header_writer(file.data, writer, &e));
	CHECK((shared = header_shared_reader(reader, writer, &e)) != NULL);
	CHECK((key = header_open(shared, writer, file.data, &e)) != NULL);
	CHECK_OK(c4gh_body_shape(body_len, &segments, &plain_len, &e));
	CHECK(plain_len == len && segments == (len + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX);
	CHECK(sums_file.len == SUM_LEN * segments);
	CHECK((c = c4gh_new(key, false, &e)) != NULL && (back = c4gh_new(key, true, &e)) != NULL);
	CHECK((sums = sums_new(&e)) != NULL);
	for (size_t i = 0; i < len; i++)
		plain[i] = (uint8_t)(7 * i + 3 * (i >> 8));
	for (uint64_t i = 0; i < segments; i++) {
		const uint8_t *segment = file.data + HEADER_LEN + i * C4GH_SEGMENT_MAX;
		bool last = i + 1 == segments;
		size_t stored = last ? body_len - i * C4GH_SEGMENT_MAX : C4GH_SEGMENT_MAX;

		/* A running digest does not mind the segments hashed in between. */
		CHECK_OK(sums_update(sums, sums_file.data + i * SUM_LEN, SUM_LEN, &e));
		CHECK_OK(sums_segment(sums, segment, stored, sum, &e));
		CHECK(memcmp(sum, sums_file.data + i * SUM_LEN, SUM_LEN) == 0);
		CHECK_OK(c4gh_open(c, i, last, segment, stored, out, &e));
		CHECK(memcmp(out, plain + i * C4GH_PLAIN_MAX, stored - 28) == 0);
		/* ChaCha20-Poly1305 under a fixed nonce gives one result: ours is theirs, byte for byte. */
		CHECK_OK(c4gh_seal(back, i, last, plain + i * C4GH_PLAIN_MAX, stored - 28, sealed, &e));
		CHECK(memcmp(sealed, segment, stored) == 0);
	}
	CHECK_OK(sums_final(sums, running, &e));
	CHECK_OK(sums_segment(sums, sums_file.data, sums_file.len, whole, &e));
	CHECK(memcmp(running, whole, SUM_LEN) == 0);
	CHECK_OK(sums_final(sums, running, &e));
	CHECK_OK(sums_segment(sums, plain, 0, whole, &e));
	CHECK(memcmp(running, whole, SUM_LEN) == 0);
	sums_free(sums);
	c4gh_free(c);
	c4gh_free(back);
	secret_free(key);
	secret_free(shared);
	secret_free(reader);
	buf_free(&file);
	buf_free(&sums_file);
}

/* A stock writer's random nonces prove no order: refused, though the MAC is good. */
static void
test_stock(void)
{
	struct secret *key = vector_secret("c4gh/data-key.hex");
	struct c4gh *c = c4gh_new(key, false, &e);
	struct buf file;

	CHECK_OK(vector_read("c4gh/stock.c4gh", &file, &e));
	CHECK_ERR(c4gh_open(c, 0, true, file.data + HEADER_LEN, file.len - HEADER_LEN, out, &e), ERR_FORGED);
	buf_free(&file);
	c4gh_free(c);
	secret_free(key);
}

static void
test_refused(void)
{
	struct secret *key = vector_secret("c4gh/data-key.hex"), *other = vector_secret("c4gh/writer.hex");
	struct c4gh *seal = c4gh_new(key, true, &e), *c = c4gh_new(key, false, &e);
	struct c4gh *wrong = c4gh_new(other, false, &e);
	uint8_t *first = sealed, *second = sealed + C4GH_SEGMENT_MAX;
	static uint8_t third[4096 + 28];
	const size_t short_len = 40 + 28;

	CHECK_OK(c4gh_seal(seal, 0, false, plain, C4GH_PLAIN_MAX, first, &e));
	CHECK_OK(c4gh_seal(seal, 1, true, plain, 40, second, &e));
	CHECK_OK(c4gh_open(c, 0, false, first, C4GH_SEGMENT_MAX, out, &e));
	CHECK_OK(c4gh_open(c, 1, true, second, short_len, out, &e));
	/* Swapped, repeated, the end too early, no end, past the end. */
	CHECK_ERR(c4gh_open(c, 1, false, first, C4GH_SEGMENT_MAX, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, 0, true, second, short_len, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, 0, true, first, C4GH_SEGMENT_MAX, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, 2, true, second, short_len, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, 1, false, second, short_len, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, UINT64_C(1) << 32 | 1, true, second, short_len, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(wrong, 1, true, second, short_len, out, &e), ERR_FORGED);
	/* Each bit of a short segment; every so often a bit of a full one; each cut. */
	for (size_t i = 0; i < 8 * short_len; i++) {
		memset(out, 0xaa, short_len);
		second[i / 8] ^= (uint8_t)(1 << i % 8);
		CHECK_ERR(c4gh_open(c, 1, true, second, short_len, out, &e), ERR_FORGED);
		/* Past the nonce the cipher ran: what it wrote is gone. */
		CHECK(i / 8 < C4GH_NONCE_LEN ? out[0] == 0xaa : all_zero(out, 40));
		second[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/* Each byte of one that is not so short. */
	CHECK_OK(c4gh_seal(seal, 2, true, plain, 4096, third, &e));
	for (size_t i = 0; i < 4096 + 28; i++) {
		third[i] ^= (uint8_t)(1 << i % 8);
		CHECK_ERR(c4gh_open(c, 2, true, third, 4096 + 28, out, &e), ERR_FORGED);
		third[i] ^= (uint8_t)(1 << i % 8);
	}
	CHECK_OK(c4gh_open(c, 2, true, third, 4096 + 28, out, &e));
	for (size_t i = 0; i < C4GH_SEGMENT_MAX; i += 61) {
		first[i] ^= 0x10;
		CHECK_ERR(c4gh_open(c, 0, false, first, C4GH_SEGMENT_MAX, out, &e), ERR_FORGED);
		first[i] ^= 0x10;
	}
	for (size_t len = 0; len < short_len; len++)
		CHECK_ERR(c4gh_open(c, 1, true, second, len, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, 0, false, first, C4GH_SEGMENT_MAX - 1, out, &e), ERR_FORGED);
	CHECK_ERR(c4gh_open(c, 0, false, first, C4GH_SEGMENT_MAX + 1, out, &e), ERR_FORGED);
	/* A context that refused still opens what is good. */
	CHECK_OK(c4gh_open(c, 1, true, second, short_len, out, &e));
	CHECK(memcmp(out, plain, 40) == 0);
	c4gh_free(seal);
	c4gh_free(c);
	c4gh_free(wrong);
	secret_free(key);
	secret_free(other);
}

static void
test_limits(void)
{
	struct secret *key = vector_secret("c4gh/data-key.hex"), *narrow = secret_of("short", 5);
	struct c4gh *seal = c4gh_new(key, true, &e), *c = c4gh_new(key, false, &e);
	const uint64_t full = C4GH_SEGMENT_MAX;
	uint64_t segments, len;

	CHECK(c4gh_new(narrow, true, &e) == NULL && e.code == ERR_INPUT);
	CHECK_ERR(c4gh_seal(seal, 0, true, plain, 0, sealed, &e), ERR_LIMIT);
	CHECK_ERR(c4gh_seal(seal, 0, false, plain, C4GH_PLAIN_MAX - 1, sealed, &e), ERR_LIMIT);
	CHECK_ERR(c4gh_seal(seal, 0, true, plain, C4GH_PLAIN_MAX + 1, sealed, &e), ERR_LIMIT);
	CHECK_ERR(c4gh_seal(seal, C4GH_INDEX_MAX, true, plain, 1, sealed, &e), ERR_LIMIT);
	CHECK_OK(c4gh_seal(seal, C4GH_INDEX_MAX - 1, true, plain, 1, sealed, &e));
	CHECK_OK(c4gh_open(c, C4GH_INDEX_MAX - 1, true, sealed, 29, out, &e));
	CHECK_ERR(c4gh_seal(c, 0, true, plain, 1, sealed, &e), ERR_SYSTEM);
	CHECK_ERR(c4gh_open(seal, 0, true, sealed, 29, out, &e), ERR_SYSTEM);

	CHECK_OK(c4gh_body_shape(29, &segments, &len, &e));
	CHECK(segments == 1 && len == 1);
	CHECK_OK(c4gh_body_shape(full, &segments, &len, &e));
	CHECK(segments == 1 && len == C4GH_PLAIN_MAX);
	CHECK_OK(c4gh_body_shape(full + 29, &segments, &len, &e));
	CHECK(segments == 2 && len == C4GH_PLAIN_MAX + 1);
	CHECK_OK(c4gh_body_shape(full * C4GH_SEGMENTS_MAX, &segments, &len, &e));
	CHECK(segments == C4GH_SEGMENTS_MAX && len == UINT64_C(1) << 36);
	for (uint64_t i = 0; i <= 28; i++) {
		CHECK_ERR(c4gh_body_shape(i, &segments, &len, &e), ERR_INPUT);
		if (i > 0)
			CHECK_ERR(c4gh_body_shape(full + i, &segments, &len, &e), ERR_INPUT);
	}
	CHECK_ERR(c4gh_body_shape(full * C4GH_SEGMENTS_MAX + 29, &segments, &len, &e), ERR_INPUT);
	CHECK_ERR(c4gh_body_shape(UINT64_MAX, &segments, &len, &e), ERR_INPUT);
	c4gh_free(seal);
	c4gh_free(c);
	c4gh_free(NULL);
	sums_free(NULL);
	secret_free(narrow);
	secret_free(key);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	test_vector("1", 1);
	test_vector("65536", 65536);
	test_vector("70001", 70001);
	test_stock();
	test_refused();
	test_limits();
	return check_done();
}
