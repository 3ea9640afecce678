/* Of a signed request: what its claim says, for sigv4.c and sigv4_canonical.c. */
#ifndef STAGER_NET_SIGV4_PARTS_H
#define STAGER_NET_SIGV4_PARTS_H

#include <stdbool.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/http_auth.h"

#define PARTS_MAX 64 /* fields of SignedHeaders, parameters of a query */

/* What the Authorization field or the query says. */
struct claim {
	bool presigned;
	struct http_text credential, headers, signature, date, expires;
	struct buf decoded; /* holds credential and headers where they stood in a query */
	char access[SIGV4_ACCESS_MAX + 1];
	char scope[SIGV4_SCOPE_MAX + 1]; /* DATE/REGION/s3/aws4_request */
};

static inline int
bad(struct err *e, const char *why)
{
	return err_set(e, ERR_INPUT, "signature: %s", why);
}

static inline struct http_text
text_of(const char *s)
{
	return (struct http_text){s, strlen(s)};
}

static inline bool
same(struct http_text a, struct http_text b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* SHA-256 of the canonical request, made anew from what came. ERR_INPUT where the claim does not sign what it must. */
int sigv4_canonical(const struct http_request *r, const struct claim *c, struct http_text payload,
    uint8_t out[static DIGEST_LEN], struct err *e) MUST_CHECK;

#endif
