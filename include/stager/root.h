/* The root secret: 32 bytes that open the key store, from a passphrase where they are kept in a head. */
#ifndef STAGER_ROOT_H
#define STAGER_ROOT_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret;

#define ROOT_LEN 32
#define ROOT_CHECK_LEN 16
#define ROOT_SALT_LEN 16
#define ROOT_PASSPHRASE_MAX 1024

/*
 * Argon2id (version 1.3, one lane) as libsodium has it. Passes and memory stand in the house; less than these is not
 * taken, since a house never asked for less: libsodium's MODERATE.
 */
#define ROOT_PASSES_MIN 3
#define ROOT_PASSES_MAX 16
#define ROOT_MEMORY_MIN (UINT64_C(256) << 20) /* bytes */
#define ROOT_MEMORY_MAX (UINT64_C(512) << 20)

struct root_kdf {
	uint8_t salt[ROOT_SALT_LEN];
	uint32_t passes;
	uint64_t memory;
};

/* A new salt, and the least passes and memory. */
void root_kdf_new(struct root_kdf *kdf);
/* The root secret of a passphrase of len bytes; ERR_INPUT for an empty one, ERR_LIMIT past the limits. Caller frees. */
struct secret *root_from_passphrase(
    const struct secret *passphrase, size_t len, const struct root_kdf *kdf, struct err *e) MUST_CHECK;
/*
 * What tells this house's root secret from any other, and nothing else about it: the first 16 bytes of
 * digest_subkey(root, "stager root check v1", house). It is public.
 */
int root_check(const struct secret *root, const char *house, uint8_t out[static ROOT_CHECK_LEN],
    struct err *e) MUST_CHECK;

#endif
