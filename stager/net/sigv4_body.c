/* aws-chunked bodies: chunks with a chain of signatures, and a trailer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/http_auth.h"
#include "stager/secret.h"

struct sigv4_body {
	const struct sigv4 *of;
	struct http_body body;
	uint64_t size;
	struct sums *sums;            /* of the open chunk's data */
	bool open;                    /* there is such a chunk */
	uint8_t claimed[DIGEST_LEN];  /* its signature, to be compared at its end */
	uint8_t previous[DIGEST_LEN]; /* the signature before it */
	struct buf trailer;           /* its canonical form */
	bool trailer_signed;
};

static int
wrong(struct err *e)
{
	return err_set(e, ERR_REFUSED, "signature: a chunk's does not match");
}

/* The signature over these lines, in the chain. */
static void
sign_next(struct sigv4_body *b, const char *kind, const char *middle, const uint8_t digest[static DIGEST_LEN],
    uint8_t out[static DIGEST_LEN])
{
	char before[DIGEST_HEX_LEN + 1], hex[DIGEST_HEX_LEN + 1], text[512];
	int len;

	hex_encode(b->previous, DIGEST_LEN, before);
	hex_encode(digest, DIGEST_LEN, hex);
	len = snprintf(
	    text, sizeof(text), "%s\n%s\n%s\n%s\n%s%s", kind, b->of->date, b->of->scope, before, middle, hex);
	digest_hmac(b->of->signing->bytes, DIGEST_LEN, &(struct digest_part){text, (size_t)len}, 1, out);
}

/* The open chunk is whole: its data must have the signature that stood before it. */
static int
close_chunk(struct sigv4_body *b, struct err *e)
{
	static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";
	uint8_t digest[DIGEST_LEN], made[DIGEST_LEN];

	if (!b->open)
		return 0;
	b->open = false;
	if (sums_final(b->sums, digest, e) == -1)
		return -1;
	sign_next(b, "AWS4-HMAC-SHA256-PAYLOAD", empty, digest, made);
	if (!digest_equal(made, b->claimed))
		return wrong(e);
	memcpy(b->previous, made, DIGEST_LEN);
	return 0;
}

static int
on_chunk(void *ctx, uint64_t size, struct http_text extension, struct err *e)
{
	static const char name[] = ";chunk-signature=";
	const size_t name_len = sizeof(name) - 1;
	char hex[DIGEST_HEX_LEN + 1];
	struct sigv4_body *b = ctx;

	if (size > b->size - b->body.total)
		return err_set(e, ERR_INPUT, "request body: more than x-amz-decoded-content-length says");
	if (b->of->payload == SIGV4_UNSIGNED_TRAILER)
		return 0;
	if (close_chunk(b, e) == -1)
		return -1;
	if (extension.len != name_len + DIGEST_HEX_LEN || memcmp(extension.at, name, name_len) != 0)
		return err_set(e, ERR_INPUT, "signature: a chunk without one");
	memcpy(hex, extension.at + name_len, DIGEST_HEX_LEN);
	hex[DIGEST_HEX_LEN] = '\0';
	if (hex_decode(hex, b->claimed, DIGEST_LEN, "signature", e) == -1)
		return -1;
	b->open = true;
	return size == 0 ? close_chunk(b, e) : 0;
}

/* name:value, each with a newline; the last one is their signature, where chunks have one. */
static int
on_trailer(void *ctx, struct http_text name, struct http_text value, struct err *e)
{
	uint8_t digest[DIGEST_LEN], made[DIGEST_LEN], claimed[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];
	struct sigv4_body *b = ctx;

	if (b->of->payload == SIGV4_CHUNKS || b->trailer_signed)
		return err_set(e, ERR_INPUT, "request body: a trailer where none may be");
	if (!http_text_is(name, "x-amz-trailer-signature")) {
		for (size_t i = 0; i < name.len; i++)
			if (buf_put_u8(&b->trailer,
				(uint8_t)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] + 32
										 : name.at[i]),
				e) == -1)
				return -1;
		return buf_put_u8(&b->trailer, ':', e) == -1 ||
			       buf_put(&b->trailer, value.at, value.len, e) == -1
			   ? -1
			   : buf_put_u8(&b->trailer, '\n', e);
	}
	if (b->of->payload != SIGV4_CHUNKS_TRAILER || value.len != DIGEST_HEX_LEN)
		return err_set(e, ERR_INPUT, "signature: a trailer's of a bad form");
	memcpy(hex, value.at, DIGEST_HEX_LEN);
	hex[DIGEST_HEX_LEN] = '\0';
	if (hex_decode(hex, claimed, DIGEST_LEN, "signature", e) == -1)
		return -1;
	digest_bytes(b->trailer.data, b->trailer.len, digest);
	sign_next(b, "AWS4-HMAC-SHA256-TRAILER", "", digest, made);
	if (!digest_equal(made, claimed))
		return wrong(e);
	b->trailer_signed = true;
	return 0;
}

struct sigv4_body *
sigv4_body_new(const struct sigv4 *of, uint64_t size, struct err *e)
{
	struct sigv4_body *b = NULL;

	if (of->payload != SIGV4_CHUNKS && of->payload != SIGV4_CHUNKS_TRAILER &&
	    of->payload != SIGV4_UNSIGNED_TRAILER) {
		err_set(e, ERR_INPUT, "signature: it says nothing of chunks");
		return NULL;
	}
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		err_set(e, ERR_SYSTEM, "request body: out of memory");
		return NULL;
	}
	b->of = of;
	b->size = size;
	memcpy(b->previous, of->seed, DIGEST_LEN);
	buf_init(&b->trailer, HTTP_TRAILER_MAX);
	http_body_init_chunked(&b->body);
	b->body.on_chunk = on_chunk;
	b->body.on_trailer = on_trailer;
	b->body.ctx = b;
	if ((b->sums = sums_new(e)) == NULL) {
		sigv4_body_free(b);
		return NULL;
	}
	return b;
}

int
sigv4_body_feed(struct sigv4_body *b, const void *in, size_t len, size_t *used, const uint8_t **out,
    size_t *out_len, struct err *e)
{
	int rc = http_body_feed(&b->body, in, len, used, out, out_len, e);

	if (rc == -1)
		return -1;
	if (b->open && *out_len > 0 && sums_update(b->sums, *out, *out_len, e) == -1)
		return -1;
	if (rc == 0)
		return 0;
	if (b->body.total != b->size)
		return err_set(e, ERR_INPUT, "request body: less than x-amz-decoded-content-length says");
	if (b->of->payload == SIGV4_CHUNKS_TRAILER && !b->trailer_signed)
		return err_set(e, ERR_REFUSED, "signature: the trailer has none");
	return 1;
}

void
sigv4_body_free(struct sigv4_body *b)
{
	if (b == NULL)
		return;
	sums_free(b->sums);
	buf_free(&b->trailer);
	free(b);
}
