/* Crypt4GH key files, written: c4gh-v1 under scrypt and chacha20_poly1305, or in the clear; and public ones. */
#include "keyfile.h"

#include <string.h>

#include <sodium.h>

#include "stager/enc.h"
#include "stager/secret.h"

#define SALT_LEN 16
#define NONCE_LEN crypto_aead_chacha20poly1305_ietf_NPUBBYTES
#define BODY_MAX (256 + KEYFILE_COMMENT_MAX) /* more than all parts together */

static const char begin[] = "-----BEGIN CRYPT4GH PRIVATE KEY-----\n",
		  end[] = "\n-----END CRYPT4GH PRIVATE KEY-----\n";

/* Appends within a secret that has the room. */
static void
put(struct secret *s, size_t *at, const void *data, size_t len)
{
	memcpy(s->bytes + *at, data, len);
	*at += len;
}

static void
put_length(struct secret *s, size_t *at, size_t len)
{
	const uint8_t bytes[2] = {(uint8_t)(len >> 8), (uint8_t)len};

	put(s, at, bytes, sizeof(bytes));
}

static void
put_string(struct secret *s, size_t *at, const void *data, size_t len)
{
	put_length(s, at, len);
	put(s, at, data, len);
}

/* kdf, its options, cipher and the key under it. */
static int
put_locked(
    struct secret *body, size_t *at, const struct secret *key, const struct secret *passphrase, struct err *e)
{
	uint8_t options[4 + SALT_LEN] = {0}, locked[LOCKED_LEN]; /* rounds are 0 with scrypt */
	struct secret *derived;
	int rc = -1;

	randombytes_buf(options + 4, SALT_LEN);
	randombytes_buf(locked, NONCE_LEN);
	if ((derived = secret_new(crypto_aead_chacha20poly1305_ietf_KEYBYTES, e)) == NULL ||
	    keyfile_scrypt(passphrase, options + 4, SALT_LEN, derived, e) == -1)
		goto out;
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    locked + NONCE_LEN, NULL, key->bytes, key->len, NULL, 0, NULL, locked, derived->bytes);
	put_string(body, at, "scrypt", 6);
	put_string(body, at, options, sizeof(options));
	put_string(body, at, "chacha20_poly1305", 17);
	put_string(body, at, locked, sizeof(locked));
	rc = 0;
out:
	secret_free(derived);
	return rc;
}

struct secret *
keyfile_write(const struct secret *key, const struct secret *passphrase, const char *comment, struct err *e)
{
	const size_t comment_len = comment == NULL ? 0 : strlen(comment);
	struct secret *body = NULL, *text = NULL;
	size_t at = 0, out = 0, digits;

	if (key->len != X25519_LEN || comment_len > KEYFILE_COMMENT_MAX) {
		err_set(e, ERR_LIMIT, "key file: a comment over %d bytes, or a key of a wrong length",
		    KEYFILE_COMMENT_MAX);
		return NULL;
	}
	if ((body = secret_new(BODY_MAX, e)) == NULL)
		return NULL;
	put(body, &at, "c4gh-v1", 7);
	if (passphrase == NULL) {
		put_string(body, &at, "none", 4);
		put_string(body, &at, "none", 4);
		put_string(body, &at, key->bytes, key->len);
	} else if (put_locked(body, &at, key, passphrase, e) == -1) {
		goto out;
	}
	if (comment != NULL)
		put_string(body, &at, comment, comment_len);
	digits = sodium_base64_ENCODED_LEN(at, sodium_base64_VARIANT_ORIGINAL) - 1;
	/* The encoding ends with a NUL, over which the last line then goes. */
	if ((text = secret_new(sizeof(begin) - 1 + digits + sizeof(end) - 1, e)) == NULL)
		goto out;
	put(text, &out, begin, sizeof(begin) - 1);
	(void)sodium_bin2base64(
	    (char *)text->bytes + out, digits + 1, body->bytes, at, sodium_base64_VARIANT_ORIGINAL);
	out += digits;
	put(text, &out, end, sizeof(end) - 1);
out:
	secret_free(body);
	return text;
}

int
keyfile_write_public(const uint8_t public_key[static X25519_LEN], struct buf *out, struct err *e)
{
	if (buf_put_str(out, "-----BEGIN CRYPT4GH PUBLIC KEY-----\n", e) == -1 ||
	    base64_encode(public_key, X25519_LEN, out, e) == -1)
		return -1;
	return buf_put_str(out, "\n-----END CRYPT4GH PUBLIC KEY-----\n", e);
}
