/* SHA-256, HMAC-SHA-256 and subkeys over lists of parts. */
#include "stager/digest.h"

#include <string.h>

#include <sodium.h>

#include "stager/secret.h"

static void
put_u32be(uint8_t out[static 4], size_t n)
{
	out[0] = (uint8_t)(n >> 24);
	out[1] = (uint8_t)(n >> 16);
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
}

void
digest_sha256(const struct digest_part *parts, size_t count, uint8_t out[static DIGEST_LEN])
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < count; i++)
		(void)crypto_hash_sha256_update(&state, parts[i].data, parts[i].len);
	(void)crypto_hash_sha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

void
digest_bytes(const void *data, size_t len, uint8_t out[static DIGEST_LEN])
{
	(void)crypto_hash_sha256(out, data, len);
}

void
digest_prefixed(const struct digest_part *parts, size_t count, uint8_t out[static DIGEST_LEN])
{
	crypto_hash_sha256_state state;
	uint8_t len[4];

	(void)crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < count; i++) {
		put_u32be(len, parts[i].len);
		(void)crypto_hash_sha256_update(&state, len, sizeof(len));
		(void)crypto_hash_sha256_update(&state, parts[i].data, parts[i].len);
	}
	(void)crypto_hash_sha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

void
digest_hmac(const uint8_t *key, size_t key_len, const struct digest_part *parts, size_t count,
    uint8_t out[static DIGEST_LEN])
{
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, key, key_len);
	for (size_t i = 0; i < count; i++)
		(void)crypto_auth_hmacsha256_update(&state, parts[i].data, parts[i].len);
	(void)crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

struct secret *
digest_subkey(const struct secret *master, const char *label, const struct digest_part *parts, size_t count,
    struct err *e)
{
	crypto_auth_hmacsha256_state state;
	struct secret *subkey;
	uint8_t len[4];

	if ((subkey = secret_new(DIGEST_LEN, e)) == NULL)
		return NULL;
	(void)crypto_auth_hmacsha256_init(&state, master->bytes, master->len);
	/* With its NUL: no label is the beginning of another. */
	(void)crypto_auth_hmacsha256_update(&state, (const uint8_t *)label, strlen(label) + 1);
	for (size_t i = 0; i < count; i++) {
		put_u32be(len, parts[i].len);
		(void)crypto_auth_hmacsha256_update(&state, len, sizeof(len));
		(void)crypto_auth_hmacsha256_update(&state, parts[i].data, parts[i].len);
	}
	(void)crypto_auth_hmacsha256_final(&state, subkey->bytes);
	sodium_memzero(&state, sizeof(state));
	return subkey;
}

bool
digest_equal(const uint8_t a[static DIGEST_LEN], const uint8_t b[static DIGEST_LEN])
{
	return sodium_memcmp(a, b, DIGEST_LEN) == 0;
}
