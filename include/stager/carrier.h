/*
 * The parent's side of stager-send, the program that holds the network: it has transport credentials and sealed bytes,
 * never a key and never plaintext; the parent has keys or the ledger, and no socket. stager/stream/carrier*.c; the
 * other side is stager/roles/send*.c. A stager-send that was captured may lie: lengths are checked here, and what is in
 * the bytes the caller proves by sums.
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
 * else of ours. Before the parent confines itself: after that no call here opens, maps, forks or connects; a confined
 * parent needs SANDBOX_PASS_FD, and SANDBOX_WAIT. Maps at most 128 MiB, which are
 * used as far as ranges are asked for. ERR_REMOTE where it has not started after 60 seconds (options.stall_s, where that is
 * given).
 */
int carrier_start(
    const char *url, const struct endpoint_options *options, struct carrier **out, struct err *e) MUST_CHECK;
/*
 * Whatever is under way, in other threads too, ends soon with ERR_REMOTE, and what was half put and no later put could go
 * on with is removed as well as it can be; within 15 seconds (options.stall_s, where that is given), or at once where it is called again, else stager-send is killed. May be called from a signal handler. Nothing can be asked
 * after it.
 */
void carrier_stop(struct carrier *c);
/* Kills stager-send; no other call may be under way. Takes NULL. */
void carrier_free(struct carrier *c);
/* What the endpoint made of options.streams and options.part. */
unsigned carrier_streams(const struct carrier *c);
uint64_t carrier_part(const struct carrier *c);

/*
 * As in endpoint.h, each waiting for its answer; from many threads at once, up to carrier_streams of them at work at
 * the same time. A stager-send that died is ERR_REMOTE for all.
 */
/* Exactly len bytes; one range where len is at most 2 MiB (16 MiB with up to 8 streams), else several, in turn. */
int carrier_get(
    struct carrier *c, const char *name, uint64_t offset, uint8_t *out, size_t len, struct err *e) MUST_CHECK;
/* 1, 0 where there is no such object, -1. */
int carrier_head(struct carrier *c, const char *name, struct endpoint_info *out, struct err *e) MUST_CHECK;

/* An open file, and what must be in it: stager-send looks at the bytes in the memory that it sends them from. */
struct carrier_source {
	int fd;
	uint64_t size;
	const uint8_t *sha256; /* 32 bytes, of the whole; or NULL */
	int sums; /* of a body in our profile (DESIGN.md, "Sealed shards"): its sums file; else -1 */
	const uint8_t *sums_sha256; /* 32 bytes, of that; NULL where there is none */
};
/*
 * The whole of it as one object, in parts side by side. ERR_FORGED where it is not what it must be: then nothing stands
 * there, and where sums say it nothing of that part has left.
 * sent, where not NULL, is told how many bytes went out since it was called last, from this thread.
 */
int carrier_put(struct carrier *c, const char *name, const struct carrier_source *source,
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e) MUST_CHECK;
int carrier_list(struct carrier *c, const char *prefix,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct err *e) MUST_CHECK;
int carrier_remove(struct carrier *c, const char *name, struct err *e) MUST_CHECK;
/* What killed senders left: see endpoint_clean. count may be NULL. */
int carrier_clean(struct carrier *c, const char *prefix, bool all, uint64_t *count, struct err *e) MUST_CHECK;

#endif
