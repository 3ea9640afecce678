/* Crypt4GH headers: what the reference tool wrote opens; what is altered, injected or past a limit does not. */
#include "vectors.h"
#include "stager/crypt4gh.h"

#include <sodium.h>
#include <unistd.h>

static struct err e;
static struct secret *reader, *writer, *stranger;
static uint8_t reader_public[X25519_LEN], writer_public[X25519_LEN], stranger_public[X25519_LEN];

static uint32_t
u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* How long the header at the front of a file is, by its lengths. */
static size_t
header_len(const struct buf *file)
{
	size_t at = 16;

	for (uint32_t i = u32(file->data + 12); i > 0; i--)
		at += u32(file->data + at);
	return at;
}

/* A header by hand: packets of any content, by any writer, for any reader. */
struct made {
	struct buf b;
	uint32_t count;
};

static void
made_start(struct made *m)
{
	buf_init(&m->b, 1u << 25);
	m->count = 0;
	CHECK_OK(buf_put(&m->b, "crypt4gh\1\0\0\0\0\0\0\0", 16, &e));
}

static void
made_put(struct made *m, const struct secret *by, const uint8_t *to, uint32_t method, const void *plain,
    size_t len)
{
	struct secret *shared = header_shared_writer(by, to, &e);
	uint8_t by_public[X25519_LEN], nonce[12], *room;

	randombytes_buf(nonce, sizeof(nonce));
	CHECK_OK(header_public(by, by_public, &e));
	CHECK_OK(buf_put_u32le(&m->b, (uint32_t)len + 68, &e));
	CHECK_OK(buf_put_u32le(&m->b, method, &e));
	CHECK_OK(buf_put(&m->b, by_public, sizeof(by_public), &e));
	CHECK_OK(buf_put(&m->b, nonce, sizeof(nonce), &e));
	CHECK((room = buf_reserve(&m->b, len + 16, &e)) != NULL);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    room, NULL, plain, len, NULL, 0, NULL, nonce, shared->bytes);
	m->b.len += len + 16;
	m->count++;
	for (unsigned i = 0; i < 4; i++)
		m->b.data[12 + i] = (uint8_t)(m->count >> 8 * i);
	secret_free(shared);
}

/* The packet of a data key, all bytes of it `fill`; method of the data. */
static void
made_key(struct made *m, const struct secret *by, uint8_t fill, uint32_t method)
{
	uint8_t plain[40] = {0};

	plain[4] = (uint8_t)method;
	memset(plain + 8, fill, 32);
	made_put(m, by, reader_public, 0, plain, sizeof(plain));
}

static void
made_edits(struct made *m, const struct secret *by, uint32_t says, uint32_t has)
{
	uint8_t *plain = calloc(1, 8 + 8 * (size_t)has);

	plain[0] = 1;
	for (unsigned i = 0; i < 4; i++)
		plain[4 + i] = (uint8_t)(says >> 8 * i);
	for (uint32_t i = 0; i < has; i++)
		plain[8 + 8 * i] = (uint8_t)(i + 1);
	made_put(m, by, reader_public, 0, plain, 8 + 8 * (size_t)has);
	free(plain);
}

/* Opens what was made, frees it; 0 or -1. */
static int
made_open(struct made *m, struct packets *p)
{
	uint8_t *exact = malloc(m->b.len); /* so that a sanitizer sees a read past it */
	int rc;

	memcpy(exact, m->b.data, m->b.len);
	rc = packets_open(exact, m->b.len, reader, NULL, p, &e);
	free(exact);
	buf_free(&m->b);
	return rc;
}

static void
test_vectors(void)
{
	struct secret *ssh = vector_secret("c4gh-full/ssh-plain.hex"),
		      *key = vector_secret("c4gh-full/data-key.hex");
	struct packets p;
	struct buf file;

	CHECK_OK(vector_read("c4gh-full/two-recipients.c4gh", &file, &e));
	CHECK_OK(packets_open(file.data, header_len(&file), reader, NULL, &p, &e));
	CHECK(p.key_count == 1 && p.data_packets == 1 && p.one_writer && !p.edited && p.other_count == 1);
	packets_free(&p);
	CHECK_OK(packets_open(file.data, header_len(&file), ssh, writer_public, &p, &e));
	packets_free(&p);
	CHECK_ERR(packets_open(file.data, header_len(&file), ssh, stranger_public, &p, &e), ERR_FORGED);
	CHECK_ERR(packets_open(file.data, header_len(&file), stranger, NULL, &p, &e), ERR_FORGED);
	buf_free(&file);

	CHECK_OK(vector_read("c4gh-full/edits-even.c4gh", &file, &e));
	CHECK_OK(packets_open(file.data, header_len(&file), reader, NULL, &p, &e));
	CHECK(p.edited && p.edit_count == 4 && p.edits[0] == 10 && p.edits[1] == 20 && p.edits[2] == 65500 &&
	      p.edits[3] == 100);
	CHECK(p.key_count == 1 && memcmp(p.keys->bytes, key->bytes, 32) == 0);
	packets_free(&p);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh-full/edits-odd.c4gh", &file, &e));
	CHECK_OK(packets_open(file.data, header_len(&file), reader, NULL, &p, &e));
	CHECK(p.edited && p.edit_count == 3 && p.edits[2] == 69000);
	packets_free(&p);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh-full/two-keys.c4gh", &file, &e));
	CHECK_OK(packets_open(file.data, header_len(&file), reader, NULL, &p, &e));
	CHECK(p.key_count == 2 && memcmp(p.keys->bytes, key->bytes, 32) == 0);
	packets_free(&p);
	buf_free(&file);
	secret_free(ssh);
	secret_free(key);
}

static void
test_refused(void)
{
	struct packets p;
	struct made m;

	/* The data key twice is one key, in two packets. */
	made_start(&m), made_key(&m, writer, 1, 0), made_key(&m, writer, 1, 0);
	CHECK_OK(made_open(&m, &p));
	CHECK(p.key_count == 1 && p.data_packets == 2 && p.one_writer);
	packets_free(&p);
	made_start(&m), made_key(&m, writer, 1, 0), made_key(&m, stranger, 1, 0);
	CHECK_OK(made_open(&m, &p));
	CHECK(p.key_count == 1 && p.data_packets == 2 && !p.one_writer);
	packets_free(&p);
	/* Methods unknown, and mixed, in either order. */
	made_start(&m), made_key(&m, writer, 1, 1);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0), made_key(&m, writer, 2, 1);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 1), made_key(&m, writer, 2, 0);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	/* Edit lists: one is fine; two, an empty one, one without a key, of another length, by another writer. */
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, 3, 3);
	CHECK_OK(made_open(&m, &p));
	CHECK(p.edited && p.edit_count == 3 && p.edits[2] == 3);
	packets_free(&p);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, 3, 3),
	    made_edits(&m, writer, 3, 3);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, 0, 0);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_edits(&m, writer, 3, 3);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, 3, 4);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, 4, 3);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, 0x20000000, 1);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, stranger, 3, 3);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_edits(&m, stranger, 3, 3), made_key(&m, writer, 1, 0),
	    made_key(&m, stranger, 2, 0);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	/* The longest, and one more. */
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, EDITS_MAX, EDITS_MAX);
	CHECK_OK(made_open(&m, &p));
	CHECK(p.edit_count == EDITS_MAX);
	packets_free(&p);
	made_start(&m), made_key(&m, writer, 1, 0), made_edits(&m, writer, EDITS_MAX + 1, EDITS_MAX + 1);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	/* A key too long, too short; a type that nobody knows; a packet for nobody here, of another method. */
	made_start(&m), made_key(&m, writer, 1, 0),
	    made_put(&m, writer, reader_public, 0, (uint8_t[41]){0}, 41);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0),
	    made_put(&m, writer, reader_public, 0, (uint8_t[39]){0}, 39);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0),
	    made_put(&m, writer, reader_public, 0, (uint8_t[40]){2}, 40);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0),
	    made_put(&m, writer, reader_public, 7, (uint8_t[41]){0}, 41);
	made_put(&m, writer, stranger_public, 0, (uint8_t[41]){0}, 41);
	made_put(&m, writer, reader_public, 0, (uint8_t[7]){0}, 7);
	CHECK_OK(made_open(&m, &p));
	CHECK(p.key_count == 1 && p.other_count == 3 && p.others.len == 2 * (41 + 68) + 7 + 68);
	packets_free(&p);
	/* Nothing at all. */
	made_start(&m);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	packets_free(&p);
}

static void
test_limits(void)
{
	static const uint8_t long_plain[65536];
	struct packets p;
	struct made m;

	made_start(&m);
	for (unsigned i = 0; i < DATA_KEYS_MAX; i++) {
		uint8_t plain[40] = {0};

		plain[8] = (uint8_t)i;
		plain[9] = (uint8_t)(i >> 8);
		made_put(&m, writer, reader_public, 0, plain, sizeof(plain));
	}
	CHECK_OK(packets_open(m.b.data, m.b.len, reader, NULL, &p, &e));
	CHECK(p.key_count == DATA_KEYS_MAX);
	packets_free(&p);
	made_key(&m, writer, 0xff, 0);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	/* Counts: 65,536 packets of nothing for anybody are read, and one more is refused. */
	made_start(&m), made_key(&m, writer, 1, 0);
	for (unsigned i = 1; i < PACKETS_MAX; i++)
		CHECK_OK(buf_put(&m.b, "\10\0\0\0\1\0\0\0", 8, &e));
	memcpy(m.b.data + 12, "\0\0\1\0", 4);
	CHECK_OK(packets_open(m.b.data, m.b.len, reader, NULL, &p, &e));
	CHECK(p.other_count == PACKETS_MAX - 1);
	packets_free(&p);
	CHECK_OK(buf_put(&m.b, "\10\0\0\0\1\0\0\0", 8, &e));
	memcpy(m.b.data + 12, "\1\0\1\0", 4);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	/* Lengths: 7 and 65,537. */
	made_start(&m), made_key(&m, writer, 1, 0);
	CHECK_OK(buf_put(&m.b, "\7\0\0\0\1\0\0", 7, &e));
	m.b.data[12] = 2;
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
	made_start(&m), made_key(&m, writer, 1, 0);
	made_put(&m, writer, stranger_public, 0, long_plain, 65536 - 68);
	CHECK_OK(packets_open(m.b.data, m.b.len, reader, NULL, &p, &e));
	packets_free(&p);
	made_put(&m, writer, stranger_public, 0, long_plain, 65536 - 67);
	CHECK_ERR(made_open(&m, &p), ERR_FORGED);
}

/* Each byte of a header altered, each cut; from memory, and from a pipe with a body behind it. */
static void
test_damaged(void)
{
	struct packets p;
	struct made m;
	struct buf raw;
	uint8_t rest[4] = "";
	int fds[2];

	made_start(&m), made_key(&m, writer, 9, 0);
	for (size_t i = 0; i < 8 * m.b.len; i++) {
		m.b.data[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK_ERR(packets_open(m.b.data, m.b.len, reader, NULL, &p, &e), ERR_FORGED);
		m.b.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	buf_init(&raw, PACKETS_LEN_MAX);
	for (size_t len = 0; len < m.b.len; len++) {
		CHECK_ERR(packets_open(m.b.data, len, reader, NULL, &p, &e), ERR_FORGED);
		CHECK(pipe(fds) == 0 && write(fds[1], m.b.data, len) == (ssize_t)len);
		(void)close(fds[1]);
		buf_clear(&raw);
		CHECK_ERR(packets_read(fds[0], &raw, &e), ERR_FORGED);
		(void)close(fds[0]);
	}
	CHECK(pipe(fds) == 0 && write(fds[1], m.b.data, m.b.len) == (ssize_t)m.b.len &&
	      write(fds[1], "body", 4) == 4);
	(void)close(fds[1]);
	buf_clear(&raw);
	CHECK_OK(packets_read(fds[0], &raw, &e));
	CHECK(raw.len == m.b.len && memcmp(raw.data, m.b.data, raw.len) == 0);
	CHECK(read(fds[0], rest, 4) == 4 && memcmp(rest, "body", 4) == 0);
	(void)close(fds[0]);
	CHECK_OK(buf_put_u8(&m.b, 0, &e));
	CHECK_ERR(packets_open(m.b.data, m.b.len, reader, NULL, &p, &e), ERR_FORGED);
	buf_free(&raw);
	buf_free(&m.b);
}

static void
test_write(void)
{
	uint8_t to[2 * X25519_LEN], zero[X25519_LEN] = {0};
	uint64_t edits[3] = {5, UINT64_MAX, 0};
	struct packets p = {.key_count = 2, .edited = true, .edits = edits, .edit_count = 3}, got, again;
	struct secret *keys = secret_random(64, &e);
	struct buf b, second;

	p.keys = keys;
	memcpy(to, reader_public, X25519_LEN);
	memcpy(to + X25519_LEN, stranger_public, X25519_LEN);
	buf_init(&b, PACKETS_LEN_MAX);
	buf_init(&second, PACKETS_LEN_MAX);
	CHECK_OK(packets_write(&p, writer, to, 2, &b, &e));
	CHECK(b.len == 16 + 2 * (2 * 108 + 68 + 8 + 24));
	for (int i = 0; i < 2; i++) {
		CHECK_OK(packets_open(b.data, b.len, i == 0 ? reader : stranger, writer_public, &got, &e));
		CHECK(got.key_count == 2 && memcmp(got.keys->bytes, keys->bytes, 64) == 0 && got.one_writer);
		CHECK(got.edited && got.edit_count == 3 && memcmp(got.edits, edits, sizeof(edits)) == 0);
		CHECK(got.other_count == 3);
		if (i == 0)
			packets_free(&got);
	}
	/* Rewrapped by the stranger for the reader: what did not open goes along, and the keys are the same. */
	CHECK_OK(packets_write(&got, stranger, reader_public, 1, &second, &e));
	CHECK(second.len == b.len);
	CHECK_OK(packets_open(second.data, second.len, reader, stranger_public, &again, &e));
	CHECK(memcmp(again.keys->bytes, keys->bytes, 64) == 0 && again.edit_count == 3);
	packets_free(&again);
	/* Without saying whose: two edit lists. */
	CHECK_ERR(packets_open(second.data, second.len, reader, NULL, &again, &e), ERR_FORGED);
	packets_free(&got);
	CHECK_ERR(packets_write(&p, writer, to, 0, &b, &e), ERR_INPUT);
	CHECK_ERR(packets_write(&p, writer, zero, 1, &b, &e), ERR_FORGED);
	CHECK_ERR(packets_write(&p, writer, to, PACKETS_MAX / 3 + 1, &b, &e), ERR_LIMIT);
	p.key_count = 0;
	CHECK_ERR(packets_write(&p, writer, to, 1, &b, &e), ERR_INPUT);
	buf_free(&b);
	buf_free(&second);
	secret_free(keys);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	reader = vector_secret("c4gh-full/reader.hex");
	writer = vector_secret("c4gh-full/writer.hex");
	stranger = secret_random(X25519_LEN, &e);
	CHECK_OK(header_public(reader, reader_public, &e));
	CHECK_OK(header_public(writer, writer_public, &e));
	CHECK_OK(header_public(stranger, stranger_public, &e));
	test_vectors();
	test_refused();
	test_limits();
	test_damaged();
	test_write();
	secret_free(reader);
	secret_free(writer);
	secret_free(stranger);
	return check_done();
}
