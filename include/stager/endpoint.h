/*
 * Where sealed objects lie outside the house: a folder, an S3 bucket, a web server. One set of calls for all of them,
 * with the same trying again, resuming and pace. stager/stream/. Ciphertext only: no key is ever in a process that has
 * one of these open, but the transport's own credentials.
 */
#ifndef STAGER_ENDPOINT_H
#define STAGER_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

/* Object names: "VERSION-ID/SET/shard-00000.body"; [A-Za-z0-9._-] between single slashes, no part "." or "..", at
 * least one byte. */
#define ENDPOINT_NAME_MAX 200
bool endpoint_name_valid(const char *name);
#define ENDPOINT_STREAMS_MAX 64
#define ENDPOINT_PART_MIN (UINT64_C(5) << 20) /* S3's least, but for the last part */
#define ENDPOINT_PART_MAX (UINT64_C(1) << 30)
#define ENDPOINT_SIZE_MAX ((UINT64_C(1) << 53) - 1) /* of an object: what JSON carries */

struct endpoint;

struct endpoint_options {
	unsigned streams;  /* requests at once, 1 to 64; 0: the default */
	uint64_t max_rate; /* bytes a second over all streams, both ways; 0: no cap */
	uint64_t part;     /* bytes of a part of an upload, 5 MiB to 1 GiB; 0: the default */
	const char
	    *gateway; /* of s3://: https://HOST[:PORT], whatever the environment says; NULL: what that says */
	const char *ca; /* file of certificates to trust in place of the system's; NULL */
	/* Whose uploads these are, 16 hexadecimal digits: a web server, which lists nothing, has their temporary names by it, so
	 * that a later put or removal of the same sender's does away with what an earlier one left. NULL: a new one. */
	const char *sender;
	bool plain_http; /* http:// may be used; without it only https:// (or loopback) is */
	bool reads;      /* nothing will be put or removed: stager-send can neither */
	bool
	    foreign; /* this is another's machine: stager-send may go without Landlock, and be our own file */
	/* For tests above all; 0: the defaults. */
	unsigned tries;    /* of one request without progress */
	unsigned pause_ms; /* before the second try; it doubles */
	unsigned stall_s;  /* a transfer that moves less than 1 KiB/s for so long is cut and tried again */
};

struct endpoint_info {
	uint64_t size;
	char tag[64]; /* ETag or the like, to see that an object changed; "" where there is none */
};

/*
 * url: dir:PATH (a folder that exists), s3://BUCKET/PREFIX, https://HOST/PATH/. options are copied; NULL: all defaults.
 * Opens what it needs of files (credentials, certificates) here, before confinement; after it only sockets, threads
 * and the name resolver's files (/etc/resolv.conf, /etc/hosts, /etc/nsswitch.conf and its libraries). Not yet from two
 * threads. ERR_USAGE where it is no endpoint or an option is out of range; ERR_INPUT where it cannot be opened.
 */
int endpoint_open(
    const char *url, const struct endpoint_options *options, struct endpoint **out, struct err *e) MUST_CHECK;
void endpoint_free(struct endpoint *p); /* takes NULL; no call may be under way */
/* As they hold, the defaults filled in. Lives as long as p. */
const struct endpoint_options *endpoint_settings(const struct endpoint *p);
/* Every call under way or to come ends soon with ERR_REMOTE. From another thread or a signal handler. */
void endpoint_stop(struct endpoint *p);

/*
 * All below may be called from several threads at once. Each is tried again with growing pauses where the fault may
 * pass, and goes on from where it broke where it can. Faults: ERR_REMOTE where it did not pass, ERR_REFUSED where the
 * other side says no (credentials, rights), ERR_USAGE for a name or range that cannot be, ERR_FORGED where what came
 * back cannot be what was asked for, ERR_SYSTEM where this machine fails.
 */

/*
 * Put a whole file: size bytes from the start of fd (pread; its position is not moved), as one object that nobody sees
 * before all of it is there, and which then stands in place of what there was. In parts side by side where the endpoint
 * can, each read into memory first: streams * part bytes over all calls at once.
 *
 * S3: a put that was killed, stopped or ended by ERR_REMOTE leaves its parts there, and the next one of that name, size and
 * part length goes on with them: a part whose tag is the MD5 of what would go out is not sent again. So one put of a name at
 * a time: two are no danger to what is seen, but to each other.
 *
 * sha256   32 bytes that it must hash to, else ERR_FORGED and nothing is visible; or NULL
 * sent     told the bytes that went out since it was told last, from any thread but one at a time (what is sent again
 *          counts once); or NULL
 * out      what stands there now; may be NULL
 */
int endpoint_put(struct endpoint *p, const char *name, int fd, uint64_t size, const uint8_t *sha256,
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e) MUST_CHECK;
/*
 * The same. check (with sent's ctx) is shown each run of bytes in the memory that it goes out from, and from where in the
 * file it is, before it does; from several threads. -1 with e: it does not go, and nothing is visible.
 */
int endpoint_put_checked(struct endpoint *p, const char *name, int fd, uint64_t size, const uint8_t *sha256,
    int (*check)(void *ctx, uint64_t offset, const uint8_t *data, size_t len, struct err *e),
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e) MUST_CHECK;
/* Exactly len bytes from offset. ERR_REMOTE at once where there is no such object, ERR_FORGED where it is shorter. */
int endpoint_get(struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len,
    struct err *e) MUST_CHECK;
/* 1 with out filled, 0 where there is none, -1 with e. */
int endpoint_head(struct endpoint *p, const char *name, struct endpoint_info *out, struct err *e) MUST_CHECK;
/*
 * Each object below the folder prefix (a name, or "" for all), in any order; objects of names that are none of ours
 * are passed over. A -1 of each ends it. ERR_USAGE where the endpoint cannot list (a web server): see DESIGN.md.
 */
int endpoint_list(struct endpoint *p, const char *prefix,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct err *e) MUST_CHECK;
/* One that is not there is fine. */
int endpoint_remove(struct endpoint *p, const char *name, struct err *e) MUST_CHECK;
/*
 * Remove what killed senders left below prefix: parts and temporary files that nobody sees. For the one who knows that
 * no sender is at work there. all: also what a put of that name would go on with, and empty folders. count, where not NULL: how many.
 */
int endpoint_clean(
    struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct err *e) MUST_CHECK;

#endif
