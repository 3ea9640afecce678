/* The key store's blobs and wrapped data keys: both XChaCha20-Poly1305, each bound to what it is for. */
#include "stager/keystore.h"

#include <string.h>

#include <sodium.h>

#include "stager/digest.h"
#include "stager/secret.h"

#define BLOB_MAGIC "stgrkey1"
#define BLOB_HEAD_LEN 13 /* magic 8 | purpose 1 | generation 4 */
#define BLOB_CONTEXT_MAX 255
#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAC_LEN crypto_aead_xchacha20poly1305_ietf_ABYTES
#define KEY_LEN crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define BLOB_KEYS_MAX 4096

_Static_assert(NONCE_LEN + 32 + MAC_LEN == WRAPPED_LEN, "a wrapped key's parts add up");

struct secret *
keystore_subkey(const struct secret *root, enum key_purpose purpose, const char *house, struct err *e)
{
	const uint8_t number = (uint8_t)purpose;
	const struct digest_part parts[] = {{&number, 1}, {house, strlen(house)}};

	return digest_subkey(root, "stager keystore v1", parts, 2, e);
}

/* head | context: what a blob is bound to. Returns its length, or 0 where the context is too long. */
static size_t
blob_bound(uint8_t out[static BLOB_HEAD_LEN + BLOB_CONTEXT_MAX], enum key_purpose purpose,
    uint32_t generation, const char *context)
{
	size_t len = strlen(context);

	if (len > BLOB_CONTEXT_MAX)
		return 0;
	memcpy(out, BLOB_MAGIC, 8);
	out[8] = (uint8_t)purpose;
	for (unsigned i = 0; i < 4; i++)
		out[9 + i] = (uint8_t)(generation >> 8 * i);
	memcpy(out + BLOB_HEAD_LEN, context, len);
	return BLOB_HEAD_LEN + len;
}

int
keystore_seal(const struct secret *subkey, enum key_purpose purpose, uint32_t generation, const char *context,
    const struct secret *keys, struct buf *out, struct err *e)
{
	uint8_t bound[BLOB_HEAD_LEN + BLOB_CONTEXT_MAX];
	size_t bound_len = blob_bound(bound, purpose, generation, context);
	uint8_t *to;

	if (bound_len == 0 || keys->len > BLOB_KEYS_MAX || subkey->len != KEY_LEN)
		return err_set(e, ERR_LIMIT, "key store: blob: a length is wrong");
	if ((to = buf_reserve(out, BLOB_HEAD_LEN + NONCE_LEN + keys->len + MAC_LEN, e)) == NULL)
		return err_context(e, "key store");
	memcpy(to, bound, BLOB_HEAD_LEN);
	randombytes_buf(to + BLOB_HEAD_LEN, NONCE_LEN);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(to + BLOB_HEAD_LEN + NONCE_LEN, NULL, keys->bytes,
	    keys->len, bound, bound_len, NULL, to + BLOB_HEAD_LEN, subkey->bytes);
	out->len += BLOB_HEAD_LEN + NONCE_LEN + keys->len + MAC_LEN;
	return 0;
}

struct secret *
keystore_open(const struct secret *subkey, enum key_purpose purpose, const char *context, const uint8_t *blob,
    size_t len, uint32_t *generation, struct err *e)
{
	uint8_t bound[BLOB_HEAD_LEN + BLOB_CONTEXT_MAX];
	struct secret *keys = NULL;
	uint32_t written = 0;
	size_t bound_len;

	if (len <= BLOB_HEAD_LEN + NONCE_LEN + MAC_LEN ||
	    len > BLOB_HEAD_LEN + NONCE_LEN + BLOB_KEYS_MAX + MAC_LEN || subkey->len != KEY_LEN) {
		err_set(e, ERR_FORGED, "key store: blob: wrong length");
		return NULL;
	}
	for (unsigned i = 0; i < 4; i++)
		written |= (uint32_t)blob[9 + i] << 8 * i;
	bound_len = blob_bound(bound, purpose, written, context);
	if (bound_len == 0 || memcmp(blob, bound, BLOB_HEAD_LEN) != 0) {
		err_set(e, ERR_FORGED, "key store: blob: for another purpose");
		return NULL;
	}
	if ((keys = secret_new(len - BLOB_HEAD_LEN - NONCE_LEN - MAC_LEN, e)) == NULL)
		return NULL;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(keys->bytes, NULL, NULL,
		blob + BLOB_HEAD_LEN + NONCE_LEN, keys->len + MAC_LEN, bound, bound_len, blob + BLOB_HEAD_LEN,
		subkey->bytes) != 0) {
		err_set(e, ERR_FORGED, "key store: blob: damaged, or under another root secret");
		secret_free(keys);
		return NULL;
	}
	if (generation != NULL)
		*generation = written;
	return keys;
}

uint32_t
keystore_generation(const uint8_t *blob, size_t len)
{
	uint32_t written = 0;

	if (len < BLOB_HEAD_LEN || memcmp(blob, BLOB_MAGIC, 8) != 0)
		return 0;
	for (unsigned i = 0; i < 4; i++)
		written |= (uint32_t)blob[9 + i] << 8 * i;
	return written;
}

int
keystore_seal_proven(const struct secret *subkey, enum key_purpose purpose, uint32_t generation,
    const char *context, const struct secret *keys, struct buf *out, struct err *e)
{
	struct secret *again;
	size_t start = out->len;
	int rc = 0;

	if (keystore_seal(subkey, purpose, generation, context, keys, out, e) == -1 ||
	    (again = keystore_open(subkey, purpose, context, out->data + start, out->len - start, NULL, e)) ==
		NULL)
		return -1;
	if (again->len != keys->len || sodium_memcmp(again->bytes, keys->bytes, keys->len) != 0)
		rc = err_set(e, ERR_SYSTEM, "key store: blob: read back, it is not what was sealed");
	secret_free(again);
	return rc;
}

int
keystore_reseal(const struct secret *from, const struct secret *to, enum key_purpose purpose,
    uint32_t generation, const char *context, const uint8_t *blob, size_t len, struct buf *out, struct err *e)
{
	struct secret *keys = keystore_open(from, purpose, context, blob, len, NULL, e);
	int rc;

	if (keys == NULL)
		return -1;
	rc = keystore_seal_proven(to, purpose, generation, context, keys, out, e);
	secret_free(keys);
	return rc;
}

/* Dataset, shard and commitment, each led by its length and hashed: what a wrapped data key is bound to. */
static void
wrap_bound(const char *dataset, const char *shard, const uint8_t *commitment, uint8_t out[static DIGEST_LEN])
{
	const struct digest_part parts[] = {
	    {dataset, strlen(dataset)}, {shard, strlen(shard)}, {commitment, DIGEST_LEN}};

	digest_prefixed(parts, 3, out);
}

int
keystore_wrap(const struct secret *kek, const char *dataset, const char *shard, const uint8_t *commitment,
    const struct secret *data_key, uint8_t out[static WRAPPED_LEN], struct err *e)
{
	uint8_t bound[DIGEST_LEN];

	if (kek->len != KEY_LEN || data_key->len != WRAPPED_LEN - NONCE_LEN - MAC_LEN)
		return err_set(e, ERR_INPUT, "wrap data key: keys of a wrong length");
	wrap_bound(dataset, shard, commitment, bound);
	randombytes_buf(out, NONCE_LEN);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_LEN, NULL, data_key->bytes,
	    data_key->len, bound, sizeof(bound), NULL, out, kek->bytes);
	return 0;
}

struct secret *
keystore_unwrap(const struct secret *kek, const char *dataset, const char *shard, const uint8_t *commitment,
    const uint8_t wrapped[static WRAPPED_LEN], struct err *e)
{
	uint8_t bound[DIGEST_LEN];
	struct secret *data_key;

	if (kek->len != KEY_LEN) {
		err_set(e, ERR_INPUT, "unwrap data key: KEK of a wrong length");
		return NULL;
	}
	if ((data_key = secret_new(WRAPPED_LEN - NONCE_LEN - MAC_LEN, e)) == NULL)
		return NULL;
	wrap_bound(dataset, shard, commitment, bound);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(data_key->bytes, NULL, NULL, wrapped + NONCE_LEN,
		WRAPPED_LEN - NONCE_LEN, bound, sizeof(bound), wrapped, kek->bytes) != 0) {
		err_set(e, ERR_FORGED, "%s: the wrapped data key does not open", shard);
		secret_free(data_key);
		return NULL;
	}
	return data_key;
}
