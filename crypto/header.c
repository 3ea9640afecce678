/* Crypt4GH v1 headers of one packet: writing them, opening them, and the X25519 keys around them. */
#include "stager/header.h"

#include <string.h>

#include <sodium.h>

#include "stager/secret.h"

#define DATA_KEY_LEN 32

/* "crypt4gh" | version 1 | one packet | its length 108 | method 0 */
static const uint8_t header_start[24] = {
    'c', 'r', 'y', 'p', 't', '4', 'g', 'h', 1, 0, 0, 0, 1, 0, 0, 0, 108, 0, 0, 0, 0, 0, 0, 0};

#define WRITER_AT sizeof(header_start)
#define NONCE_AT (WRITER_AT + X25519_LEN)
#define SEALED_AT (NONCE_AT + crypto_aead_chacha20poly1305_ietf_NPUBBYTES)
#define PACKET_PLAIN_LEN (8 + DATA_KEY_LEN) /* u32 type 0 | u32 method 0 | data key */

_Static_assert(SEALED_AT + PACKET_PLAIN_LEN + crypto_aead_chacha20poly1305_ietf_ABYTES == HEADER_LEN,
    "the header's parts add up");
_Static_assert(crypto_box_SECRETKEYBYTES == X25519_LEN, "a key is 32 bytes");

struct secret *
header_keypair(uint8_t public_key[static X25519_LEN], struct err *e)
{
	struct secret *key = secret_random(X25519_LEN, e);

	if (key != NULL && header_public(key, public_key, e) == -1) {
		secret_free(key);
		return NULL;
	}
	return key;
}

int
header_public(const struct secret *secret_key, uint8_t public_key[static X25519_LEN], struct err *e)
{
	if (secret_key->len != X25519_LEN)
		return err_set(e, ERR_INPUT, "X25519 key: not %d bytes", X25519_LEN);
	(void)crypto_scalarmult_base(public_key, secret_key->bytes);
	return 0;
}

/* First 32 bytes of BLAKE2b-512(X25519(own, peer) | reader | writer), as in the GA4GH standard,
 * section 2.2.2. */
static struct secret *
header_shared(const struct secret *own, const uint8_t *peer, const uint8_t *reader, const uint8_t *writer,
    struct err *e)
{
	struct secret *point = NULL, *wide = NULL, *shared = NULL;
	crypto_generichash_state state;

	if ((point = secret_new(X25519_LEN, e)) == NULL ||
	    (wide = secret_new(crypto_generichash_BYTES_MAX, e)) == NULL)
		goto out;
	/* libsodium refuses points of small order: no peer can force the shared point to zero. */
	if (crypto_scalarmult(point->bytes, own->bytes, peer) != 0 ||
	    sodium_is_zero(point->bytes, point->len)) {
		err_set(e, ERR_FORGED, "header: the other side's key is no key");
		goto out;
	}
	(void)crypto_generichash_init(&state, NULL, 0, wide->len);
	(void)crypto_generichash_update(&state, point->bytes, point->len);
	(void)crypto_generichash_update(&state, reader, X25519_LEN);
	(void)crypto_generichash_update(&state, writer, X25519_LEN);
	(void)crypto_generichash_final(&state, wide->bytes, wide->len);
	sodium_memzero(&state, sizeof(state));
	if ((shared = secret_new(DATA_KEY_LEN, e)) != NULL)
		memcpy(shared->bytes, wide->bytes, DATA_KEY_LEN);
out:
	secret_free(wide);
	secret_free(point);
	return shared;
}

struct secret *
header_shared_writer(
    const struct secret *writer_secret, const uint8_t reader[static X25519_LEN], struct err *e)
{
	uint8_t writer[X25519_LEN];

	if (header_public(writer_secret, writer, e) == -1)
		return NULL;
	return header_shared(writer_secret, reader, reader, writer, e);
}

struct secret *
header_shared_reader(
    const struct secret *reader_secret, const uint8_t writer[static X25519_LEN], struct err *e)
{
	uint8_t reader[X25519_LEN];

	if (header_public(reader_secret, reader, e) == -1)
		return NULL;
	return header_shared(reader_secret, writer, reader, writer, e);
}

int
header_make(const struct secret *shared, const uint8_t writer[static X25519_LEN],
    const struct secret *data_key, uint8_t out[static HEADER_LEN], struct err *e)
{
	struct secret *plain;

	if (shared->len != DATA_KEY_LEN || data_key->len != DATA_KEY_LEN)
		return err_set(e, ERR_INPUT, "header: keys of a wrong length");
	if ((plain = secret_new(PACKET_PLAIN_LEN, e)) == NULL)
		return -1;
	memcpy(plain->bytes + 8, data_key->bytes, DATA_KEY_LEN);
	memcpy(out, header_start, sizeof(header_start));
	memcpy(out + WRITER_AT, writer, X25519_LEN);
	randombytes_buf(out + NONCE_AT, SEALED_AT - NONCE_AT);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    out + SEALED_AT, NULL, plain->bytes, plain->len, NULL, 0, NULL, out + NONCE_AT, shared->bytes);
	secret_free(plain);
	return 0;
}

struct secret *
header_open(const struct secret *shared, const uint8_t writer[static X25519_LEN],
    const uint8_t header[static HEADER_LEN], struct err *e)
{
	struct secret *plain = NULL, *data_key = NULL;
	static const uint8_t data_packet[8] = {0};

	if (shared->len != DATA_KEY_LEN) {
		err_set(e, ERR_INPUT, "header: keys of a wrong length");
		return NULL;
	}
	if (memcmp(header, header_start, sizeof(header_start)) != 0 ||
	    memcmp(header + WRITER_AT, writer, X25519_LEN) != 0) {
		err_set(e, ERR_FORGED, "header: not one packet by the writer expected");
		return NULL;
	}
	if ((plain = secret_new(PACKET_PLAIN_LEN, e)) == NULL)
		return NULL;
	if (crypto_aead_chacha20poly1305_ietf_decrypt(plain->bytes, NULL, NULL, header + SEALED_AT,
		HEADER_LEN - SEALED_AT, NULL, 0, header + NONCE_AT, shared->bytes) != 0) {
		err_set(e, ERR_FORGED, "header: the packet does not open");
		goto out;
	}
	if (memcmp(plain->bytes, data_packet, sizeof(data_packet)) != 0) {
		err_set(e, ERR_FORGED, "header: the packet holds no data key");
		goto out;
	}
	if ((data_key = secret_new(DATA_KEY_LEN, e)) != NULL)
		memcpy(data_key->bytes, plain->bytes + 8, DATA_KEY_LEN);
out:
	secret_free(plain);
	return data_key;
}

int
header_writer(const uint8_t header[static HEADER_LEN], uint8_t writer[static X25519_LEN], struct err *e)
{
	if (memcmp(header, header_start, sizeof(header_start)) != 0)
		return err_set(e, ERR_INPUT, "header: not a Crypt4GH header of one packet");
	memcpy(writer, header + WRITER_AT, X25519_LEN);
	return 0;
}

void
header_commitment(const struct secret *data_key, uint8_t out[static COMMITMENT_LEN])
{
	static const char label[] = "stager key commitment v1";
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, COMMITMENT_LEN);
	(void)crypto_generichash_update(&state, (const uint8_t *)label, sizeof(label) - 1);
	(void)crypto_generichash_update(&state, data_key->bytes, data_key->len);
	(void)crypto_generichash_final(&state, out, COMMITMENT_LEN);
	sodium_memzero(&state, sizeof(state));
}
