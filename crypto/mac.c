/* HMAC-SHA-256 of short messages under one key. */
#include "stager/mac.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sha256_x86.h"

#define BLOCK 64
/* What follows the message in the last block: the byte 0x80 and the length in bits. */
#define TAIL 9

_Static_assert(sizeof(crypto_auth_hmacsha256_state) <= MAC_SLOW_LEN, "libsodium's state fits");

/* FIPS 180-4, 5.3.3 */
static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* SHA-256 that has taken in the key, padded and with `with` added to each byte. */
static void
take_key(uint32_t state[static 8], const uint8_t *key, size_t len, uint8_t with)
{
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = (uint8_t)((i < len ? key[i] : 0) ^ with);
	memcpy(state, initial, sizeof(initial));
	sha256_x86_blocks(state, block, 1);
	sodium_memzero(block, sizeof(block));
}

void
mac_prepare(struct mac *m, const uint8_t *key, size_t key_len, const void *prefix, size_t prefix_len)
{
	crypto_auth_hmacsha256_state *slow = (crypto_auth_hmacsha256_state *)(void *)m->slow;

	if (key_len < 1 || key_len > MAC_KEY_MAX || prefix_len > MAC_PREFIX_MAX)
		abort();
	m->fast = sha256_x86_can();
	m->prefix_len = (uint8_t)prefix_len;
	memcpy(m->prefix, prefix, prefix_len);
	if (m->fast) {
		take_key(m->inner, key, key_len, 0x36);
		take_key(m->outer, key, key_len, 0x5c);
	}
	(void)crypto_auth_hmacsha256_init(slow, key, key_len);
	(void)crypto_auth_hmacsha256_update(slow, prefix, prefix_len);
}

static void
put_state(uint8_t out[static MAC_LEN], const uint32_t state[static 8])
{
	for (size_t i = 0; i < MAC_LEN; i++)
		out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* The last block, or two, of what is `total` bytes long with the key's block: used of them stand in block. */
static void
finish(uint32_t state[static 8], uint8_t block[static 2 * BLOCK], size_t used, uint64_t total)
{
	size_t len = used + TAIL <= BLOCK ? BLOCK : 2 * BLOCK;

	memset(block + used, 0, len - used);
	block[used] = 0x80;
	for (size_t i = 0; i < 8; i++)
		block[len - 1 - i] = (uint8_t)(total * 8 >> (8 * i));
	sha256_x86_blocks(state, block, len / BLOCK);
}

static void
make_fast(struct mac *m, const uint8_t *message, size_t len, uint8_t out[static MAC_LEN])
{
	uint32_t *state = (uint32_t *)(void *)m->work;
	uint8_t block[2 * BLOCK];
	size_t used = m->prefix_len, take;
	uint64_t total = BLOCK + used + len;

	memcpy(state, m->inner, sizeof(m->inner));
	memcpy(block, m->prefix, MAC_PREFIX_MAX);
	/* Whole blocks leave as they fill, so what is left is less than one. */
	while (used + len >= BLOCK) {
		take = BLOCK - used;
		memcpy(block + used, message, take);
		sha256_x86_blocks(state, block, 1);
		message += take;
		len -= take;
		used = 0;
	}
	if (len > 0)
		memcpy(block + used, message, len);
	finish(state, block, used + len, total);
	put_state(block, state);
	memcpy(state, m->outer, sizeof(m->outer));
	finish(state, block, MAC_LEN, BLOCK + MAC_LEN);
	put_state(out, state);
	sodium_memzero(block, sizeof(block));
}

void
mac_make(struct mac *m, const void *message, size_t len, uint8_t out[static MAC_LEN])
{
	if (m->fast) {
		make_fast(m, message, len, out);
		return;
	}
	memcpy(m->work, m->slow, sizeof(m->work));
	(void)crypto_auth_hmacsha256_update((crypto_auth_hmacsha256_state *)(void *)m->work, message, len);
	(void)crypto_auth_hmacsha256_final((crypto_auth_hmacsha256_state *)(void *)m->work, out);
}
