/* Reading gzip (RFC 1952) with its checksums compared, which libarchive's own filter does not do. By zlib. */
#ifndef INGEST_GUNZIP_H
#define INGEST_GUNZIP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stager/err.h"

struct gunzip;

/* Give up to len bytes of the packed file; 0 at its end, -1 with e set. */
typedef ssize_t (*gunzip_pull)(void *ctx, void *out, size_t len, struct err *e);

/* NULL with e set. Caller frees. */
struct gunzip *gunzip_new(gunzip_pull pull, void *ctx, struct err *e) MUST_CHECK;
void gunzip_free(struct gunzip *g); /* wipes; takes NULL */
/*
 * Up to len unpacked bytes: the count, 0 at the end of all members (one after the other is one file, RFC 1952 2.2), -1 with
 * ERR_INPUT: damaged, cut short, a checksum or a length that is not the data's, or other bytes than zeros behind the end.
 */
ssize_t gunzip_read(struct gunzip *g, void *out, size_t len, struct err *e) MUST_CHECK;

#endif
