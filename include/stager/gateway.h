/*
 * Plaintext of a released set on loopback, as S3 and as plain HTTP: shards, members and the indexes that loaders want,
 * opened in memory; and results taken in, sealed for the house before a byte of them is written. stager/node/gateway*.c,
 * catalog.c, cache.c. DESIGN.md, "The gateway".
 */
#ifndef STAGER_GATEWAY_H
#define STAGER_GATEWAY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/header.h"

struct node_release;
struct node_store;
struct secret;

#define GATEWAY_MEMORY_MIN (UINT64_C(64) << 20)
#define GATEWAY_MEMORY_MAX (UINT64_C(1) << 44)
#define GATEWAY_MEMORY_DEFAULT (UINT64_C(4) << 30)
#define GATEWAY_CONNECTIONS 512 /* at once; fewer where memory has no two blocks for each */
#define GATEWAY_ACCESS_LEN 20
#define GATEWAY_BUCKET_RESULTS "results"

/* What a client must know, made anew with every start. */
struct gateway_keys {
	char access[GATEWAY_ACCESS_LEN + 1];
	struct secret *secret; /* of S3's signatures: base32 text */
	struct secret *token;  /* Bearer, or the password of Basic: base32 text */
};
int gateway_keys_new(struct gateway_keys *k, struct err *e) MUST_CHECK;
void gateway_keys_free(struct gateway_keys *k);

/*
 * The line that tells a client all it needs, with its newline: {"access-key","bearer","bucket","pid","results":true or
 * false,"secret-key","url"}. bucket: the version's id. Caller frees.
 */
struct secret *gateway_ready(
    const struct gateway_keys *k, uint16_t port, const char *bucket, bool results, struct err *e) MUST_CHECK;

struct gateway_use {
	const struct node_release *release; /* of all rows, the index among them; the caller's */
	struct node_store *store;           /* the caller's */
	const struct gateway_keys *keys;
	uint64_t memory; /* bytes of plaintext blocks */
	int listen_fd;
	uint16_t port;
	int results;                     /* folder for sealed results; -1: none are taken */
	uint8_t results_key[X25519_LEN]; /* of the house, for whom they are sealed */
};

struct gateway;
/* Reads and proves the index, starts the threads: after confinement, with SANDBOX_THREADS, SANDBOX_SERVE, SANDBOX_SECRETS, and with results SANDBOX_OUTPUT. */
int gateway_new(const struct gateway_use *use, struct gateway **out, struct err *e) MUST_CHECK;
/* Serve until one of the signals `until`, which the caller has blocked, whose handler sets *stop. */
int gateway_serve(
    struct gateway *g, const sigset_t *until, volatile sig_atomic_t *stop, struct err *e) MUST_CHECK;
void gateway_free(struct gateway *g); /* takes NULL */
/* Address space that a gateway wants beside the rest of its program, for RLIMIT_AS. */
uint64_t gateway_address_space(uint64_t memory);

#endif
