/*
 * Sources that were sealed for the house: what stager-key ingest finds in a header goes to stager-open through a
 * pipe, and the body is opened there, all of it. crypto/handover.c, upload.c.
 */
#ifndef STAGER_UPLOAD_H
#define STAGER_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "stager/crypt4gh.h"
#include "stager/err.h"

/*
 * What a header gave, down a pipe, and from it (both to its end): u32 LE data packets | u32 LE 1 where all are by one writer |
 * u32 LE keys | u32 LE edits | keys, 32 bytes each | edits, u64 LE each. Both are programs of this build's; what is read
 * is checked all the same: ERR_INPUT. p's other packets stay behind. Caller frees with packets_free.
 */
int packets_give(const struct packets *p, int fd, struct err *e) MUST_CHECK;
int packets_take(int fd, struct packets *p, struct err *e) MUST_CHECK;

/*
 * Bytes that a body of body_len bytes opens to, after its edit list. ERR_FORGED where no body has that length, or an
 * empty one proves nothing (body_end).
 */
int upload_size(const struct packets *p, uint64_t body_len, uint64_t *size, struct err *e) MUST_CHECK;
/*
 * Open the whole body, body_len bytes from fd on and nothing behind them, to out. Every segment must open, those too
 * that the edit list leaves out, and goes out only then. *ordered: its writer's nonces prove the order.
 *
 * ERR_FORGED: damaged, cut short, out of order; ERR_INPUT: two segments under one nonce and one key, or a file that is
 * longer or shorter than body_len; ERR_LIMIT: nonces_add, and more than C4GH_SEGMENTS_MAX segments under several
 * keys; ERR_SYSTEM.
 */
int upload_open(
    const struct packets *p, int fd, uint64_t body_len, int out, bool *ordered, struct err *e) MUST_CHECK;

#endif
