/*
 * HMAC-SHA-256 (RFC 2104) of many short messages under one key and with one beginning: the key's part is done once.
 * crypto/mac.c.
 *
 * On x86 processors with SHA instructions by code of ours for them (crypto/sha256_x86.c); elsewhere by libsodium, whose
 * SHA-256 is plain C and five times as slow. DESIGN.md, "Keys", says why.
 */
#ifndef STAGER_MAC_H
#define STAGER_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_LEN 32
#define MAC_KEY_MAX 64
#define MAC_PREFIX_MAX 16
#define MAC_SLOW_LEN 208 /* libsodium's state */

/* Whoever has one can make MACs: it belongs in secret memory, and the caller wipes it. */
struct mac {
	bool fast; /* set by mac_prepare; tests clear it */
	uint8_t prefix_len;
	uint8_t prefix[MAC_PREFIX_MAX];
	uint32_t inner[8], outer[8]; /* fast: SHA-256 that has taken in the padded key */
	_Alignas(16) uint8_t slow[MAC_SLOW_LEN];
	_Alignas(16) uint8_t work[MAC_SLOW_LEN]; /* the copy in which a message is finished */
};

/* key: 1 to MAC_KEY_MAX bytes; every message begins with prefix, of up to MAC_PREFIX_MAX bytes. Aborts past either. */
void mac_prepare(struct mac *m, const uint8_t *key, size_t key_len, const void *prefix, size_t prefix_len);
/* HMAC-SHA-256(key, prefix | message). One thread at a time. */
void mac_make(struct mac *m, const void *message, size_t len, uint8_t out[static MAC_LEN]);

#endif
