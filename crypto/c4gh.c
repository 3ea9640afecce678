/* Segments of a Crypt4GH body, sealed and opened with STREAM nonces by OpenSSL. */
#include "stager/c4gh.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "stager/secret.h"

struct c4gh {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx; /* keyed once; each segment gives it a nonce */
	bool seal;
};

struct c4gh *
c4gh_new(const struct secret *data_key, bool seal, struct err *e)
{
	struct c4gh *c = NULL;

	if (data_key->len != C4GH_KEY_LEN) {
		err_set(e, ERR_INPUT, "data key: not %d bytes", C4GH_KEY_LEN);
		return NULL;
	}
	/* Before the first fetch: its own configuration is a file that a confined program cannot open. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    (c = calloc(1, sizeof(*c))) == NULL ||
	    (c->cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL)) == NULL ||
	    (c->ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    EVP_CipherInit_ex2(c->ctx, c->cipher, data_key->bytes, NULL, seal, NULL) != 1) {
		ERR_clear_error();
		err_set(e, ERR_SYSTEM, "OpenSSL: ChaCha20-Poly1305 cannot be had");
		c4gh_free(c);
		return NULL;
	}
	c->seal = seal;
	return c;
}

void
c4gh_free(struct c4gh *c)
{
	if (c == NULL)
		return;
	EVP_CIPHER_CTX_free(c->ctx); /* wipes the key */
	EVP_CIPHER_free(c->cipher);
	free(c);
}

/* u64 LE index | u32 LE last: STREAM's counter and flag. */
static void
segment_nonce(uint64_t index, bool last, uint8_t out[static C4GH_NONCE_LEN])
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(index >> 8 * i);
	out[8] = last;
	out[9] = out[10] = out[11] = 0;
}

int
c4gh_seal(
    struct c4gh *c, uint64_t index, bool last, const uint8_t *plain, size_t len, uint8_t *out, struct err *e)
{
	int done = 0, rest = 0;

	if (!c->seal)
		return err_set(e, ERR_SYSTEM, "segment: sealed with a context that opens");
	if (index >= C4GH_INDEX_MAX || len == 0 || len > C4GH_PLAIN_MAX || (!last && len != C4GH_PLAIN_MAX))
		return err_set(
		    e, ERR_LIMIT, "segment %llu: length or number out of bounds", (unsigned long long)index);
	segment_nonce(index, last, out);
	if (EVP_CipherInit_ex2(c->ctx, NULL, NULL, out, -1, NULL) != 1 ||
	    EVP_CipherUpdate(c->ctx, out + C4GH_NONCE_LEN, &done, plain, (int)len) != 1 ||
	    EVP_CipherFinal_ex(c->ctx, out + C4GH_NONCE_LEN + done, &rest) != 1 || (size_t)done != len ||
	    EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, C4GH_MAC_LEN, out + C4GH_NONCE_LEN + len) !=
		1) {
		ERR_clear_error();
		return err_set(
		    e, ERR_SYSTEM, "segment %llu: seal: OpenSSL failed", (unsigned long long)index);
	}
	return 0;
}

/* Open it under the nonce that stands in it. len is checked. */
static int
segment_open(struct c4gh *c, uint64_t index, const uint8_t *segment, size_t len, uint8_t *out, struct err *e)
{
	const size_t plain_len = len - C4GH_NONCE_LEN - C4GH_MAC_LEN;
	uint8_t mac[C4GH_MAC_LEN];
	int done = 0, rest = 0;

	/* OpenSSL takes the tag by a pointer that is not const. */
	memcpy(mac, segment + C4GH_NONCE_LEN + plain_len, sizeof(mac));
	if (EVP_CipherInit_ex2(c->ctx, NULL, NULL, segment, -1, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, C4GH_MAC_LEN, mac) != 1) {
		ERR_clear_error();
		return err_set(
		    e, ERR_SYSTEM, "segment %llu: open: OpenSSL failed", (unsigned long long)index);
	}
	if (EVP_CipherUpdate(c->ctx, out, &done, segment + C4GH_NONCE_LEN, (int)plain_len) != 1 ||
	    EVP_CipherFinal_ex(c->ctx, out + done, &rest) != 1) {
		/* The bytes were written before the MAC was known to be wrong: take them back. */
		OPENSSL_cleanse(out, plain_len);
		ERR_clear_error();
		return err_set(e, ERR_FORGED, "segment %llu: damaged or forged", (unsigned long long)index);
	}
	return 0;
}

static int
open_shape(const struct c4gh *c, uint64_t index, bool last, size_t len, struct err *e)
{
	if (c->seal)
		return err_set(e, ERR_SYSTEM, "segment: opened with a context that seals");
	if (index >= C4GH_INDEX_MAX || len <= C4GH_NONCE_LEN + C4GH_MAC_LEN || len > C4GH_SEGMENT_MAX ||
	    (!last && len != C4GH_SEGMENT_MAX))
		return err_set(
		    e, ERR_FORGED, "segment %llu: length or number out of bounds", (unsigned long long)index);
	return 0;
}

int
c4gh_open(struct c4gh *c, uint64_t index, bool last, const uint8_t *segment, size_t len, uint8_t *out,
    struct err *e)
{
	uint8_t nonce[C4GH_NONCE_LEN];

	if (open_shape(c, index, last, len, e) == -1)
		return -1;
	segment_nonce(index, last, nonce);
	if (memcmp(segment, nonce, sizeof(nonce)) != 0)
		return err_set(e, ERR_FORGED, "segment %llu: out of its place%s", (unsigned long long)index,
		    last ? ", or not the last" : ", or the last too early");
	return segment_open(c, index, segment, len, out, e);
}

int
c4gh_open_foreign(struct c4gh *c, uint64_t index, bool last, const uint8_t *segment, size_t len, uint8_t *out,
    struct err *e)
{
	return open_shape(c, index, last, len, e) == -1 ? -1 : segment_open(c, index, segment, len, out, e);
}

bool
c4gh_nonce_place(const uint8_t nonce[static C4GH_NONCE_LEN], uint64_t *index, bool *last)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n |= (uint64_t)nonce[i] << 8 * i;
	if (n >= C4GH_INDEX_MAX || nonce[8] > 1 || nonce[9] != 0 || nonce[10] != 0 || nonce[11] != 0)
		return false;
	*index = n;
	*last = nonce[8] == 1;
	return true;
}

int
c4gh_body_shape(uint64_t body_len, uint64_t *segments, uint64_t *plain_len, struct err *e)
{
	const uint64_t overhead = C4GH_NONCE_LEN + C4GH_MAC_LEN;
	uint64_t whole = body_len / C4GH_SEGMENT_MAX, rest = body_len % C4GH_SEGMENT_MAX;
	uint64_t count = whole + (rest > 0);

	if (count == 0 || count > C4GH_SEGMENTS_MAX || (rest > 0 && rest <= overhead))
		return err_set(e, ERR_INPUT, "body: no body has this length");
	*segments = count;
	*plain_len = body_len - count * overhead;
	return 0;
}
