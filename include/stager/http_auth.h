/*
 * Who sent a request: AWS Signature Version 4 as S3 has it (Authorization field, presigned query, signed chunks) and
 * bearer tokens (RFC 6750), for one pair of keys. stager/net/sigv4*.c, token.c. Source: Amazon S3 API Reference, "Authenticating
 * Requests (AWS Signature Version 4)".
 */
#ifndef STAGER_HTTP_AUTH_H
#define STAGER_HTTP_AUTH_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "stager/digest.h"
#include "stager/err.h"
#include "stager/http.h"

struct secret;
struct sums;

#define SIGV4_ACCESS_MAX 64
#define SIGV4_SCOPE_MAX 128
#define SIGV4_DATE_LEN 16        /* "20130524T000000Z" */
#define SIGV4_SKEW (15 * 60)     /* seconds that two clocks may differ */
#define SIGV4_EXPIRES_MAX 604800 /* of a presigned request: a week */
#define SIGV4_CANONICAL_MAX 65536

enum sigv4_payload {
	SIGV4_UNSIGNED,         /* UNSIGNED-PAYLOAD: nothing is said of the body */
	SIGV4_DIGEST,           /* its SHA-256 is in digest, to be compared by whoever reads it */
	SIGV4_CHUNKS,           /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD */
	SIGV4_CHUNKS_TRAILER,   /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER */
	SIGV4_UNSIGNED_TRAILER, /* STREAMING-UNSIGNED-PAYLOAD-TRAILER: chunks without signatures */
};

/* A request that was proven, and what it says of its body. */
struct sigv4 {
	enum sigv4_payload payload;
	uint8_t digest[DIGEST_LEN];
	/* For chunks: what each one's signature is made of. */
	struct secret *signing;
	char date[SIGV4_DATE_LEN + 1], scope[SIGV4_SCOPE_MAX + 1];
	uint8_t seed[DIGEST_LEN]; /* the request's own signature */
};

/* Does it carry such a signature at all, well-formed or not? */
bool sigv4_present(const struct http_request *r);
/*
 * Prove a request. access: the one access key; key: its secret, as text. Every x-amz-* field must be signed, and Host.
 * -1 with ERR_REFUSED: another access key, a wrong signature, too old or not yet; ERR_INPUT: malformed. Signatures are
 * compared in constant time. On success sigv4_free.
 */
int sigv4_check(const struct http_request *r, const char *access, const struct secret *key, time_t now,
    struct sigv4 *out, struct err *e) MUST_CHECK;
void sigv4_free(struct sigv4 *s);

/*
 * The body of a request in aws-chunked coding: data of its chunks, each chunk's signature checked once it is whole, and
 * the trailer's. Data leaves before its chunk is proven: whoever takes it must be able to drop it all.
 */
struct sigv4_body;
/* of: must outlive it. Only for payloads SIGV4_CHUNKS and later. size: x-amz-decoded-content-length. Caller frees. */
struct sigv4_body *sigv4_body_new(const struct sigv4 *of, uint64_t size, struct err *e) MUST_CHECK;
/* As http_body_feed. ERR_REFUSED for a wrong signature, ERR_INPUT where the length is another than size. */
int sigv4_body_feed(struct sigv4_body *b, const void *in, size_t len, size_t *used, const uint8_t **out,
    size_t *out_len, struct err *e) MUST_CHECK;
void sigv4_body_free(struct sigv4_body *b); /* takes NULL */

/*
 * "Authorization: Bearer TOKEN" with this token, or Basic (RFC 7617) with it as the password of user "stager": so curl
 * sends what a netrc file says of one host alone. Compared in constant time.
 */
bool http_bearer_is(const struct http_request *r, const struct secret *token);

#endif
