/* Ed25519 signatures, and the two PEM forms of their keys (RFC 8410). */
#include "stager/sign.h"

#include <string.h>

#include <sodium.h>

#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/secret.h"

#define PEM_MAX 4096
#define PRIVATE_BEGIN "-----BEGIN PRIVATE KEY-----"
#define PRIVATE_END "-----END PRIVATE KEY-----"
#define PUBLIC_BEGIN "-----BEGIN PUBLIC KEY-----"
#define PUBLIC_END "-----END PUBLIC KEY-----"

/* DER before the key itself: PKCS #8 version 0 and SubjectPublicKeyInfo, each with OID 1.3.101.112. */
static const uint8_t private_der[16] = {
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20};
static const uint8_t public_der[12] = {0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0};

#define PRIVATE_DER_LEN (sizeof(private_der) + SIGN_SEED_LEN)
#define PUBLIC_DER_LEN (sizeof(public_der) + SIGN_PUBLIC_LEN)

/* libsodium's secret key, seed | public, for the time of one call. Caller frees. */
static struct secret *
sign_expand(const struct secret *seed, uint8_t public_key[static SIGN_PUBLIC_LEN], struct err *e)
{
	struct secret *key;

	if (seed->len != SIGN_SEED_LEN) {
		err_set(e, ERR_INPUT, "signing key: not %d bytes", SIGN_SEED_LEN);
		return NULL;
	}
	if ((key = secret_new(crypto_sign_SECRETKEYBYTES, e)) != NULL)
		(void)crypto_sign_seed_keypair(public_key, key->bytes, seed->bytes);
	return key;
}

int
sign_public(const struct secret *seed, uint8_t out[static SIGN_PUBLIC_LEN], struct err *e)
{
	struct secret *key;

	if ((key = sign_expand(seed, out, e)) == NULL)
		return -1;
	secret_free(key);
	return 0;
}

int
sign_make(const struct secret *seed, const void *message, size_t len, uint8_t out[static SIGNATURE_LEN],
    struct err *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct secret *key;

	if ((key = sign_expand(seed, public_key, e)) == NULL)
		return -1;
	(void)crypto_sign_detached(out, NULL, message, len, key->bytes);
	secret_free(key);
	return 0;
}

int
sign_check(const uint8_t key[static SIGN_PUBLIC_LEN], const void *message, size_t len,
    const uint8_t signature[static SIGNATURE_LEN], const char *what, struct err *e)
{
	if (crypto_sign_verify_detached(signature, message, len, key) != 0)
		return err_set(e, ERR_FORGED, "%s: the signature is wrong", what);
	return 0;
}

int
sign_write_pem(const struct secret *seed, int fd, struct err *e)
{
	struct secret *der = NULL, *text = NULL;
	char *at;
	int rc = -1;

	if (seed->len != SIGN_SEED_LEN)
		return err_set(e, ERR_INPUT, "signing key: not %d bytes", SIGN_SEED_LEN);
	if ((der = secret_new(PRIVATE_DER_LEN, e)) == NULL || (text = secret_new(256, e)) == NULL)
		goto out;
	memcpy(der->bytes, private_der, sizeof(private_der));
	memcpy(der->bytes + sizeof(private_der), seed->bytes, SIGN_SEED_LEN);
	at = (char *)text->bytes;
	memcpy(at, PRIVATE_BEGIN "\n", strlen(PRIVATE_BEGIN) + 1);
	at += strlen(PRIVATE_BEGIN) + 1;
	/* libsodium's encoder runs in constant time; ours in enc.c looks its digits up in a table. */
	(void)sodium_bin2base64(at, 128, der->bytes, der->len, sodium_base64_VARIANT_ORIGINAL);
	at += strlen(at);
	memcpy(at, "\n" PRIVATE_END "\n", strlen(PRIVATE_END) + 2);
	at += strlen(PRIVATE_END) + 2;
	rc = io_write(fd, text->bytes, (size_t)(at - (char *)text->bytes), "private key", e);
out:
	secret_free(text);
	secret_free(der);
	return rc;
}

static bool
is_space(char c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/*
 * The base64 between the two lines, which must be all there is but for white space at the ends, into out of
 * exactly der_len bytes.
 */
static int
pem_decode(const char *text, size_t len, const char *begin, const char *end, uint8_t *out, size_t der_len,
    const char *what, struct err *e)
{
	size_t begin_len = strlen(begin), end_len = strlen(end), got = 0;

	while (len > 0 && is_space(text[len - 1]))
		len--;
	while (len > 0 && is_space(*text)) {
		text++;
		len--;
	}
	if (len < begin_len + end_len || memcmp(text, begin, begin_len) != 0 ||
	    memcmp(text + len - end_len, end, end_len) != 0)
		return err_set(e, ERR_INPUT, "%s: no \"%s\"", what, begin);
	if (sodium_base642bin(out, der_len, text + begin_len, len - begin_len - end_len, "\r\n", &got, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    got != der_len)
		return err_set(e, ERR_INPUT, "%s: no Ed25519 key", what);
	return 0;
}

struct secret *
sign_read_pem(int fd, const char *what, struct err *e)
{
	struct secret *text = NULL, *der = NULL, *seed = NULL;
	ssize_t n;

	if ((text = secret_new(PEM_MAX + 1, e)) == NULL || (der = secret_new(PRIVATE_DER_LEN, e)) == NULL)
		goto out;
	if ((n = io_read(fd, text->bytes, PEM_MAX + 1, what, e)) == -1)
		goto out;
	if (n > PEM_MAX) {
		err_set(e, ERR_INPUT, "%s: longer than a key file", what);
		goto out;
	}
	if (pem_decode((const char *)text->bytes, (size_t)n, PRIVATE_BEGIN, PRIVATE_END, der->bytes, der->len,
		what, e) == -1)
		goto out;
	if (memcmp(der->bytes, private_der, sizeof(private_der)) != 0) {
		err_set(e, ERR_INPUT, "%s: no Ed25519 key", what);
		goto out;
	}
	if ((seed = secret_new(SIGN_SEED_LEN, e)) != NULL)
		memcpy(seed->bytes, der->bytes + sizeof(private_der), SIGN_SEED_LEN);
out:
	secret_free(der);
	secret_free(text);
	return seed;
}

int
sign_public_pem(const uint8_t key[static SIGN_PUBLIC_LEN], struct buf *out, struct err *e)
{
	uint8_t der[PUBLIC_DER_LEN];

	memcpy(der, public_der, sizeof(public_der));
	memcpy(der + sizeof(public_der), key, SIGN_PUBLIC_LEN);
	if (buf_put_str(out, PUBLIC_BEGIN "\n", e) == -1 || base64_encode(der, sizeof(der), out, e) == -1)
		return -1;
	return buf_put_str(out, "\n" PUBLIC_END "\n", e);
}

int
sign_public_from_pem(
    const char *text, size_t len, uint8_t out[static SIGN_PUBLIC_LEN], const char *what, struct err *e)
{
	uint8_t der[PUBLIC_DER_LEN];

	if (len > PEM_MAX)
		return err_set(e, ERR_INPUT, "%s: longer than a key file", what);
	if (pem_decode(text, len, PUBLIC_BEGIN, PUBLIC_END, der, sizeof(der), what, e) == -1)
		return -1;
	if (memcmp(der, public_der, sizeof(public_der)) != 0)
		return err_set(e, ERR_INPUT, "%s: no Ed25519 key", what);
	memcpy(out, der + sizeof(public_der), SIGN_PUBLIC_LEN);
	return 0;
}

void
sign_keyid(const uint8_t key[static SIGN_PUBLIC_LEN], char out[static SIGN_KEYID_LEN + 1])
{
	uint8_t digest[DIGEST_LEN];

	digest_bytes(key, SIGN_PUBLIC_LEN, digest);
	hex_encode(digest, SIGN_KEYID_LEN / 2, out);
}
