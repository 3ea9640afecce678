/*
 * The key store: each purpose's keys in a blob of their own, sealed under a key made from the root secret.
 *
 * Blob: "stgrkey1" | u8 purpose | u32 LE generation | nonce 24 | XChaCha20-Poly1305(bytes) | MAC 16, with
 * everything before the nonce and the house name as associated data; key = digest_subkey(root, "stager
 * keystore v1", purpose, house). A KEK (one a dataset) is such a blob under the open purpose's KEK key; a
 * shard's data key, wrapped under its KEK, is nonce 24 | 32 | MAC 16 with digest_prefixed(dataset, shard,
 * commitment) as associated data.
 */
#ifndef STAGER_KEYSTORE_H
#define STAGER_KEYSTORE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/root.h"

struct secret;

#define WRAPPED_LEN 72 /* nonce 24 | data key 32 | MAC 16 */

enum key_purpose { KEY_OPEN = 1, KEY_INGEST = 2, KEY_SIGN = 3, KEY_PSEUDONYM = 4, KEY_LOG = 5, KEY_KEK = 6 };

/* A purpose's sealing key. For KEY_KEK the "root" is the open purpose's KEK key. Caller frees. */
struct secret *keystore_subkey(
    const struct secret *root, enum key_purpose purpose, const char *house, struct err *e) MUST_CHECK;
/* context: the house name; for a KEK, the dataset's id. Appends the blob to out. */
int keystore_seal(const struct secret *subkey, enum key_purpose purpose, uint32_t generation,
    const char *context, const struct secret *keys, struct buf *out, struct err *e) MUST_CHECK;
/* ERR_FORGED where the blob was altered, is for another purpose or context, or the root is another one. */
struct secret *keystore_open(const struct secret *subkey, enum key_purpose purpose, const char *context,
    const uint8_t *blob, size_t len, uint32_t *generation, struct err *e) MUST_CHECK;

/* The generation that a blob says it is of; keystore_open proves it. 0 where it is no blob. */
uint32_t keystore_generation(const uint8_t *blob, size_t len);
/* keystore_seal, and what was sealed read back: ERR_SYSTEM where it is not what went in. */
int keystore_seal_proven(const struct secret *subkey, enum key_purpose purpose, uint32_t generation,
    const char *context, const struct secret *keys, struct buf *out, struct err *e) MUST_CHECK;
/*
 * The same keys under another subkey and generation, read back before they are given out: appended to out.
 * ERR_FORGED as keystore_open.
 */
int keystore_reseal(const struct secret *from, const struct secret *to, enum key_purpose purpose,
    uint32_t generation, const char *context, const uint8_t *blob, size_t len, struct buf *out,
    struct err *e) MUST_CHECK;

int keystore_wrap(const struct secret *kek, const char *dataset, const char *shard, const uint8_t *commitment,
    const struct secret *data_key, uint8_t out[static WRAPPED_LEN], struct err *e) MUST_CHECK;
struct secret *keystore_unwrap(const struct secret *kek, const char *dataset, const char *shard,
    const uint8_t *commitment, const uint8_t wrapped[static WRAPPED_LEN], struct err *e) MUST_CHECK;

#endif
