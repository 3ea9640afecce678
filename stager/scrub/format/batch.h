/*
 * One large file on several threads: its bytes are cut at line ends into batches, threads scrub these, and what they made
 * is taken in the order of the source. stager/scrub/format only. stager/base/ring.c moves the batches.
 */
#ifndef FORMAT_BATCH_H
#define FORMAT_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/entry.h"
#include "stager/err.h"

struct source;

/* Behind the bytes of a batch so many may be read. */
#define BATCH_SLACK 16
/* Smaller files are done before the threads have started. */
#define BATCH_SIZE_MIN (4u << 20)

struct batch {
	const char *
	    in; /* begins where a line begins, and ends behind a line's end, unless it is the last one, or a line too long */
	size_t len;
	bool last; /* nothing follows */
	/* What is made of it, for each of out_count sets: of a fixed size, so what does not fit fails with ERR_LIMIT. */
	struct buf out[ENTRY_SETS_MAX];
	size_t touched
	    [ENTRY_SETS_MAX]; /* bytes of each that may hold something, for `work` to keep right: they are wiped */
	void *note;           /* note_len bytes, zero before `work` */
};

struct batch_use {
	struct source *source;
	unsigned threads; /* 1 to RING_PROCESSORS_MAX */
	size_t window;    /* bytes read at a time */
	size_t line_max;  /* a line with more comes without its end */
	size_t out_count; /* 1 to ENTRY_SETS_MAX */
	size_t out_max, note_len;
	void *ctx;
	/* In any thread, number 0 to threads - 1: make outs and note of in. -1 with e set ends all, once all before it is written. */
	int (*work)(void *ctx, unsigned thread, struct batch *batch, struct err *e);
	/* One at a time, in order. 1; 0 where nothing more is wanted: what is left of the source is read and forgotten. -1. */
	int (*write)(void *ctx, struct batch *batch, struct err *e);
};

/*
 * From the source's present place to its end. begun: begun_len bytes that come before, which were read already; at most
 * line_max + window. Adds what was read to *bytes. Returns 0, or -1 with e set, by the first fault in order.
 */
int batch_run(const struct batch_use *use, const char *begun, size_t begun_len, uint64_t *bytes,
    struct err *e) MUST_CHECK;

#endif
