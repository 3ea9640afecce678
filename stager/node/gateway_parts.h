/* What the gateway's files tell each other. */
#ifndef NODE_GATEWAY_PARTS_H
#define NODE_GATEWAY_PARTS_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "cache.h"
#include "catalog.h"
#include "stager/gateway.h"
#include "stager/http.h"
#include "stager/http_auth.h"
#include "stager/http_serve.h"

struct gateway_row;
struct gateway_results;

#define GATEWAY_RECENT 64 /* ends of reads, to see that one goes on where another ended */

struct gateway {
	struct gateway_use use;
	char bucket[64]; /* the version's id */
	char started[HTTP_DATE_LEN + 1];
	time_t started_at;
	unsigned connections;
	struct catalog *catalog;
	struct cache *cache;
	struct gateway_results *results; /* NULL: none are taken */

	/* Shards open for reading: gateway.c. */
	pthread_mutex_t lock;
	pthread_cond_t opened;
	struct gateway_row *rows;
	size_t row_count, open_count;
	uint64_t clock;
	struct {
		uint64_t row, end;
	} recent[GATEWAY_RECENT];
	unsigned recent_at;
};

/* Where a reader of a shard's bytes [first, first + len) will want to read on: a little further where it reads in order. */
uint64_t gateway_until(struct gateway *g, uint64_t row, uint64_t shard_len, uint64_t first, uint64_t len);

/* One request on its way to its answer. */
struct gateway_call {
	struct gateway *g;
	struct http_conn *conn;
	const struct http_request *request;
	struct sigv4 proof; /* where it was signed so */
	bool is_signed;
	const char *bucket, *key; /* decoded; "" where there is none. Into path */
	struct buf path;
};

/* For http_server. gateway_http.c */
int gateway_answer(void *ctx, struct http_conn *conn, const struct http_request *r, struct err *e);
int gateway_refuse_head(void *ctx, struct http_conn *conn, int status, struct err *e);

/* An S3 error: the whole response. 0 or -1. gateway_http.c. */
int gateway_refuse(
    struct gateway_call *c, int status, const char *code, const char *text, struct err *e) MUST_CHECK;
/* For what went wrong with an error set: the response that fits its code; the fault goes to stderr. */
int gateway_fail(struct gateway_call *c, const struct err *why, struct err *e) MUST_CHECK;
/* A head with status line, Date, and what the connection does next; the caller goes on. */
int gateway_head(struct gateway_call *c, int status, struct buf *out, struct err *e) MUST_CHECK;
/* A whole response with this body; of HEAD without it. fields: more header lines, each with CRLF; or "". */
int gateway_respond(struct gateway_call *c, int status, const char *type, const char *fields,
    const void *body, size_t len, struct err *e) MUST_CHECK;
/* A query's parameter, decoded, into out (cap bytes, a NUL at its end): 1, 0 where it is not there, -1 (ERR_INPUT). */
int gateway_parameter(
    const struct http_request *r, const char *name, char *out, size_t cap, struct err *e) MUST_CHECK;
bool gateway_has(const struct http_request *r, const char *name);
/* Text for XML, or (url) percent-encoded. */
int gateway_put_text(struct buf *out, const char *text, bool url, struct err *e) MUST_CHECK;

/* gateway_list.c */
int gateway_buckets(struct gateway_call *c, struct err *e) MUST_CHECK;
int gateway_list(struct gateway_call *c, struct err *e) MUST_CHECK;
/* gateway_object.c */
int gateway_object(struct gateway_call *c, struct err *e) MUST_CHECK;
/* gateway_put.c: what stands below /results/. */
int gateway_results_new(struct gateway *g, struct gateway_results **out, struct err *e) MUST_CHECK;
void gateway_results_free(struct gateway_results *r);
int gateway_put(struct gateway_call *c, struct err *e) MUST_CHECK;
/*
 * A request's body, decoded from all its codings, to take: in order, and compared at its end with what was signed of it. digest: SHA-256 of
 * it. ERR_INPUT, ERR_REFUSED, ERR_REMOTE; the code of take.
 */
typedef int (*gateway_take_fn)(void *ctx, const uint8_t *data, size_t len, struct err *e);
int gateway_body(struct gateway_call *c, gateway_take_fn take, void *ctx, uint64_t *len,
    uint8_t digest[static DIGEST_LEN], struct err *e) MUST_CHECK;

/* gateway_seal.c: a new file, sealed for the house, that appears whole under its name or not at all. */
struct gateway_seal;
int gateway_seal_new(
    int folder, const uint8_t reader[static X25519_LEN], struct gateway_seal **out, struct err *e) MUST_CHECK;
int gateway_seal_write(void *seal, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;
/* The last segment, synced, and in place as NAME.c4gh below the folder, whatever stood there. ERR_INPUT where nothing was written. */
int gateway_seal_commit(struct gateway_seal *s, const char *name, struct err *e) MUST_CHECK;
/* Removes what was not committed; takes NULL. */
void gateway_seal_free(struct gateway_seal *s);

#endif
