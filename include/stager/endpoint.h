/*
 * Where sealed objects lie outside the house: a folder, an S3 bucket, a web server. One set of operations for all of
 * them, and the same retrying, resuming and progress above them. stager/stream/. Ciphertext only: no key is ever in a
 * process that has one of these open, but the transport's own credentials.
 */
#ifndef STAGER_ENDPOINT_H
#define STAGER_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

/* Object names: "VERSION-ID/SET/shard-00000.body"; [A-Za-z0-9._-] between single slashes, no part "." or "..". */
#define ENDPOINT_NAME_MAX 200

struct endpoint;
struct endpoint_put; /* an object on its way; nobody sees it before put_commit */

struct endpoint_options {
	unsigned streams;  /* requests at once, 1 to 64; 0: the default */
	uint64_t max_rate; /* bytes a second over all streams, both ways; 0: no cap */
	uint64_t part;     /* bytes of a part of an upload; 0: the default */
	const char *ca;    /* file of certificates to trust in place of the system's; NULL */
	bool plain_http;   /* http:// may be used; without it only https:// (or loopback) is */
};

struct endpoint_info {
	uint64_t size;
	char tag[64]; /* ETag or the like, to see that an object changed; "" where there is none */
};

/*
 * All may be called from several threads at once. Faults: ERR_REMOTE where it may pass (tried again before, with
 * growing pauses), ERR_REFUSED where the other side says no (credentials, rights), ERR_INPUT where it is no such
 * endpoint, ERR_FORGED where what came back is not what was put.
 */
struct endpoint_ops {
	const char *scheme;
	/* size: of the whole object, known beforehand. sha256: of it, or NULL */
	int (*put_begin)(
	    struct endpoint *p, const char *name, uint64_t size, struct endpoint_put **out, struct err *e);
	/* Parts in any order and several at once, each of part_len bytes but the last; number from 0. */
	int (*put)(struct endpoint_put *u, unsigned number, const uint8_t *data, size_t len, struct err *e);
	int (*put_commit)(
	    struct endpoint_put *u, struct endpoint_info *out, struct err *e); /* frees u on success */
	void (*put_abandon)(struct endpoint_put *u); /* removes what was put; frees u; takes NULL */
	/* Exactly len bytes from offset. ERR_REMOTE with out->size 0 where there is no such object: see head. */
	int (*get)(
	    struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len, struct err *e);
	/* 1 with out filled, 0 where there is none, -1 with e. */
	int (*head)(struct endpoint *p, const char *name, struct endpoint_info *out, struct err *e);
	/* Each object below prefix, in any order. A -1 of each ends it. */
	int (*list)(struct endpoint *p, const char *prefix,
	    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e),
	    void *ctx, struct err *e);
	int (*remove)(
	    struct endpoint *p, const char *name, struct err *e); /* one that is not there is fine */
	void (*free)(struct endpoint *p);
};

/* Every implementation begins with this. */
struct endpoint {
	const struct endpoint_ops *ops;
	struct endpoint_options options; /* the defaults filled in */
	uint64_t part;                   /* bytes of a part, for put */
};

/* url: dir:PATH, s3://BUCKET/PREFIX, https://HOST/PATH/. Opens what it needs of files (credentials, certificates)
 * here, before confinement. ERR_INPUT, ERR_USAGE. */
int endpoint_open(
    const char *url, const struct endpoint_options *options, struct endpoint **out, struct err *e) MUST_CHECK;
void endpoint_free(struct endpoint *p); /* takes NULL */

#endif
