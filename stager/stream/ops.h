/* What each kind of endpoint does, once and without trying again: endpoint.c, above these, has the policy for all. */
#ifndef STREAM_OPS_H
#define STREAM_OPS_H

#include <stdatomic.h>

#include "stager/endpoint.h"

struct gate;
struct rate;

/* What one try says of itself, beside its fault; all zero before it. */
struct attempt {
	bool again;        /* it failed, and may not the next time */
	bool absent;       /* it failed for want of the object */
	unsigned after_ms; /* the other side asked for so long a pause; 0: it did not */
	size_t done;       /* get: bytes of out that stand, whether it failed or not */
	bool had;          /* put: an earlier put left this part there, and nothing went out */
};

/* Every implementation begins its own struct with this. */
struct endpoint {
	const struct endpoint_ops *ops;
	struct endpoint_options options; /* the defaults filled in; ca and sender are not kept */
	struct rate *rate;               /* takes NULL for no cap */
	struct gate *gate;               /* at most options.streams requests with bodies at once */
	atomic_bool stopped;
};

/* An object on its way; begins each implementation's own, which is ops->put_size bytes long and zero at first. */
struct endpoint_put {
	struct endpoint *p;
	char name[ENDPOINT_NAME_MAX + 1];
	uint64_t size, part_len;
	uint64_t parts; /* at least 1; all of part_len but the last */
};

/* Gives len bytes of the object from offset. -1 with e. */
typedef int (*put_read_fn)(void *ctx, uint64_t offset, uint8_t *out, size_t len, struct err *e);

struct endpoint_ops {
	size_t put_size;
	uint64_t parts_max; /* of an object; 0: any number */
	bool resumes;       /* put_begin goes on with what an earlier put of that name left */
	int (*put_begin)(struct endpoint_put *u, struct attempt *a, struct err *e);
	/* A part, number from 0; several at once. NULL where there are no parts: then put_stream is. */
	int (*put)(struct endpoint_put *u, uint64_t number, const uint8_t *data, size_t len,
	    struct attempt *a, struct err *e);
	/* All of it, from the start, in order. a->done: what went out. */
	int (*put_stream)(
	    struct endpoint_put *u, put_read_fn read, void *ctx, struct attempt *a, struct err *e);
	int (*put_commit)(
	    struct endpoint_put *u, struct endpoint_info *out, struct attempt *a, struct err *e);
	/* Removes what was put, after put_begin succeeded or not. */
	int (*put_abandon)(struct endpoint_put *u, struct attempt *a, struct err *e);
	void (*put_free)(struct endpoint_put *u); /* what u holds in memory, not u */
	/* As far as it gets: a->done. */
	int (*get)(struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len,
	    struct attempt *a, struct err *e);
	/* -1 with a->absent where there is none. */
	int (*head)(struct endpoint *p, const char *name, struct endpoint_info *out, struct attempt *a,
	    struct err *e);
	/* One page: *next is what the last one left there, NULL at first and after the last one; freed by the caller. */
	int (*list)(struct endpoint *p, const char *prefix, char **next,
	    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e),
	    void *ctx, struct attempt *a, struct err *e);
	int (*remove)(struct endpoint *p, const char *name, struct attempt *a, struct err *e);
	int (*clean)(struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct attempt *a,
	    struct err *e);
	void (*free)(struct endpoint *p);
};

/* Each takes the URL after its scheme, and leaves options and rate to endpoint_open. */
int dir_open(const char *path, struct endpoint **out, struct err *e) MUST_CHECK;
int web_open(
    const char *url, const struct endpoint_options *options, struct endpoint **out, struct err *e) MUST_CHECK;
int s3_open(const char *where, const struct endpoint_options *options, struct endpoint **out,
    struct err *e) MUST_CHECK;

/* Wait until n more bytes may pass. Takes NULL. Ends early where stopped. */
void rate_wait(struct rate *r, size_t n, const atomic_bool *stopped);
/* Sleep, in naps; ends early where stopped. until: of CLOCK_MONOTONIC, in nanoseconds. */
void pause_until(uint64_t until, const atomic_bool *stopped);
void pause_ms(uint64_t ms, const atomic_bool *stopped);
struct rate *rate_new(uint64_t bytes_a_second, struct err *e) MUST_CHECK;
void rate_free(struct rate *r);

#endif
