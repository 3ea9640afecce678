/*
 * Several byte streams, read one after the other in the order in which they were added, while those whose turn has not
 * come are read ahead into memory, up to a limit, of which half is kept for the
 * one that is next, half of the rest for the one after that. One thread. stager/ingest/ahead.c.
 *
 * What is in memory is plaintext: it is wiped when it was read, and by ahead_free.
 */
#ifndef STAGER_AHEAD_H
#define STAGER_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stager/err.h"

#define AHEAD_STREAMS_MAX 64                  /* that wait at once, with the one that is read */
#define AHEAD_STREAM_MAX (UINT64_C(64) << 20) /* bytes of one that are read before its turn */
#define AHEAD_MAX (UINT64_C(128) << 20)       /* of all */

struct ahead;

/*
 * limit: bytes of all streams that may wait in memory, up to AHEAD_MAX; 0: none, they wait in their pipes.
 * control: a descriptor that is looked at while a stream is waited for, until ahead_end; said is called where it has
 * something to say, and may add streams. NULL with e set. Caller frees.
 */
struct ahead *ahead_new(
    uint64_t limit, int control, int (*said)(void *ctx, struct err *e), void *ctx, struct err *e) MUST_CHECK;
/* Wipes; closes what streams are left. Takes NULL. */
void ahead_free(struct ahead *a);
/* Behind the others; fd is the queue's own from here on, whatever comes of it. ERR_INPUT after ahead_end, ERR_LIMIT where too many wait. */
int ahead_add(struct ahead *a, int fd, struct err *e) MUST_CHECK;
/* No more will be added. */
void ahead_end(struct ahead *a);
/* The next stream's turn, the one before is at its end: 1 where there is one, which is waited for; 0 where no more comes; -1. */
int ahead_next(struct ahead *a, struct err *e) MUST_CHECK;
/* Up to len bytes of the stream whose turn it is: the count, 0 at its end, -1 with e set. */
ssize_t ahead_read(struct ahead *a, void *out, size_t len, struct err *e) MUST_CHECK;
/* Bytes that wait in memory now. */
uint64_t ahead_waiting(const struct ahead *a);

#endif
