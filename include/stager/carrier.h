/*
 * The parent's side of stager-send, the program that holds the network: it has transport credentials and sealed bytes,
 * never a key and never plaintext; the parent has keys or the ledger, and no socket. stager/stream/carrier.c.
 */
#ifndef STAGER_CARRIER_H
#define STAGER_CARRIER_H

#include <stddef.h>
#include <stdint.h>

#include "stager/endpoint.h"
#include "stager/err.h"

struct carrier;

/*
 * Start stager-send for one endpoint, with the environment that transports know (AWS_*, https_proxy, ...) and nothing
 * else of ours. Before the parent confines itself: after that no call here opens, forks or connects.
 */
int carrier_start(
    const char *url, const struct endpoint_options *options, struct carrier **out, struct err *e) MUST_CHECK;
/* Ends it, whatever is under way. Takes NULL. */
void carrier_free(struct carrier *c);

/*
 * As in endpoint.h, each waiting for its answer; from many threads at once, up to options.streams of them at work at
 * the same time. A stager-send that died is ERR_REMOTE for all.
 */
int carrier_get(
    struct carrier *c, const char *name, uint64_t offset, uint8_t *out, size_t len, struct err *e) MUST_CHECK;
/* 1, 0 where there is no such object, -1. */
int carrier_head(struct carrier *c, const char *name, struct endpoint_info *out, struct err *e) MUST_CHECK;
/*
 * The whole of an open file as one object, in parts side by side; sha256 (32 bytes) of what must be in it, or NULL.
 * sent, where not NULL, is told how many bytes went out since it was called last, now and then.
 */
int carrier_put(struct carrier *c, const char *name, int fd, uint64_t size, const uint8_t *sha256,
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e) MUST_CHECK;
int carrier_list(struct carrier *c, const char *prefix,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct err *e) MUST_CHECK;
int carrier_remove(struct carrier *c, const char *name, struct err *e) MUST_CHECK;

#endif
