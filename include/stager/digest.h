/* Digests and keyed digests of small things, by libsodium. Bulk hashing of segments is sums.h. */
#ifndef STAGER_DIGEST_H
#define STAGER_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret;

#define DIGEST_LEN 32
#define DIGEST_HEX_LEN 64

struct digest_part {
	const void *data;
	size_t len;
};

/* SHA-256 (FIPS 180-4) of the parts, one after the other. */
void digest_sha256(const struct digest_part *parts, size_t count, uint8_t out[static DIGEST_LEN]);
/* The same of one run of bytes. */
void digest_bytes(const void *data, size_t len, uint8_t out[static DIGEST_LEN]);
/* SHA-256 over the parts, each led by its length as u32 big-endian: no two lists of parts collide. */
void digest_prefixed(const struct digest_part *parts, size_t count, uint8_t out[static DIGEST_LEN]);
/* HMAC-SHA-256 (RFC 2104) of the parts. key may have any length; plain bytes for salts, a secret's bytes for
 * keys. */
void digest_hmac(const uint8_t *key, size_t key_len, const struct digest_part *parts, size_t count,
    uint8_t out[static DIGEST_LEN]);
/* A 32-byte subkey: HMAC-SHA-256(master, label | 0x00 | parts each led by a u32 BE length). NULL with e set
 * on failure. */
struct secret *digest_subkey(const struct secret *master, const char *label, const struct digest_part *parts,
    size_t count, struct err *e) MUST_CHECK;
/* Constant time. */
bool digest_equal(const uint8_t a[static DIGEST_LEN], const uint8_t b[static DIGEST_LEN]);

#endif
