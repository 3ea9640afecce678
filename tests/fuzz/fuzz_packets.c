/* Any bytes as a Crypt4GH header; and as the content of packets that are sealed for the reader, so that they open. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/crypt4gh.h"
#include "stager/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What opened is written for the same reader and opened again: the same. */
static void
again(const struct packets *p, const struct secret *reader, const uint8_t *reader_public)
{
	struct packets q;
	struct buf out;
	struct err e;

	buf_init(&out, PACKETS_LEN_MAX);
	if (p->other_count == 0) {
		if (packets_write(p, reader, reader_public, 1, &out, &e) == -1 ||
		    packets_open(out.data, out.len, reader, NULL, &q, &e) == -1)
			abort();
		if (p->key_count != q.key_count || p->edited != q.edited || p->edit_count != q.edit_count ||
		    !q.one_writer ||
		    memcmp(p->keys->bytes, q.keys->bytes, p->key_count * C4GH_KEY_LEN) != 0 ||
		    (p->edited && memcmp(p->edits, q.edits, p->edit_count * sizeof(*p->edits)) != 0))
			abort();
		packets_free(&q);
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct secret *reader, *shared;
	static uint8_t public_key[X25519_LEN];
	static const uint8_t nonce[12] = {1};
	struct packets p;
	struct buf made;
	struct err e;
	uint32_t count = 0;

	if (reader == NULL && (secret_start(&e) == -1 || (reader = header_keypair(public_key, &e)) == NULL ||
				  (shared = header_shared_writer(reader, public_key, &e)) == NULL))
		abort();
	if (packets_open(data, len, reader, NULL, &p, &e) == 0)
		packets_free(&p);
	/* Packets: a byte how long the content is (times 8), the content. */
	buf_init(&made, PACKETS_LEN_MAX);
	if (buf_put(&made, "crypt4gh\1\0\0\0\0\0\0\0", 16, &e) == -1)
		abort();
	while (len > 0 && count < 255) {
		size_t n = 8u * data[0] < len - 1 ? 8u * data[0] : len - 1;
		uint8_t *room;

		if (buf_put_u32le(&made, (uint32_t)n + 68, &e) == -1 || buf_put_u32le(&made, 0, &e) == -1 ||
		    buf_put(&made, public_key, sizeof(public_key), &e) == -1 ||
		    buf_put(&made, nonce, sizeof(nonce), &e) == -1 ||
		    (room = buf_reserve(&made, n + 16, &e)) == NULL)
			abort();
		(void)crypto_aead_chacha20poly1305_ietf_encrypt(
		    room, NULL, data + 1, n, NULL, 0, NULL, nonce, shared->bytes);
		made.len += n + 16;
		data += 1 + n;
		len -= 1 + n;
		count++;
	}
	made.data[12] = (uint8_t)count;
	if (packets_open(made.data, made.len, reader, NULL, &p, &e) == 0) {
		again(&p, reader, public_key);
		packets_free(&p);
	}
	buf_free(&made);
	return 0;
}
