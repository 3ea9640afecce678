/*
 * A receipt: what one node, with one release, has opened, said by the node itself. manifests/receipt.c. It proves that
 * the job key says so, and no more.
 *
 * Between node and house, before a hello or instead of one (release.h): one canonical JSON object a line.
 *   node  > {"type":"receipt","envelope": base64 DSSE envelope of type DSSE_RECEIPT, signed by the job key}
 *   house > {"type":"kept","receipt": hex digest of the receipt}      it stands in the log; or {"type":"error",...}
 */
#ifndef STAGER_RECEIPT_H
#define STAGER_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"
#include "stager/header.h"

struct json;

#define RECEIPT_TYPE "stager.receipt.1"
#define RECEIPT_ROWS_MAX 10000           /* what was opened of more shards is told in several parts */
#define RECEIPT_PARTS_MAX 11             /* of 100,001 rows */
#define RECEIPT_MAX (512u * 1024)        /* bytes of its canonical JSON */
#define RECEIPT_LINE_MAX (1024u * 1024u) /* of the line that brings it */

/* One shard of the table: how many of its segments were opened (one that was opened twice counts twice), and when first
 * and last, in seconds after the receipt's `begun`. */
struct receipt_row {
	uint64_t row, segments;
	int64_t from, to;
};

/*
 * Canonical JSON: {"type":"stager.receipt.1","request": hex digest,"t": hex, of the release,"slot","restart","node":
 * hex,"part","parts","begun","ended" (seconds since 1970),"result": "done" or "failed","shards": [[row, segments, from,
 * to], ...] by ascending row}
 */
struct receipt {
	uint8_t request[DIGEST_LEN];
	uint8_t t[DIGEST_LEN];
	uint32_t slot, restart;
	uint8_t node[X25519_LEN];
	uint32_t part, parts; /* part < parts <= RECEIPT_PARTS_MAX */
	int64_t begun, ended; /* begun <= ended */
	bool done;            /* the node's command ended well */
	size_t count;         /* 0 where it opened nothing */
	struct receipt_row *rows;
};

/* Append the canonical bytes; ERR_LIMIT past RECEIPT_ROWS_MAX, ERR_INPUT for what a reader would refuse. */
int receipt_encode(const struct receipt *r, struct buf *out, struct err *e) MUST_CHECK;
/* ERR_INPUT, ERR_LIMIT. On success r->rows is the caller's: receipt_free. */
int receipt_decode(const void *data, size_t len, struct receipt *r, struct err *e) MUST_CHECK;
void receipt_free(struct receipt *r);
/* Sum of the segments of all rows; at most 2^53. */
uint64_t receipt_segments(const struct receipt *r);

#endif
