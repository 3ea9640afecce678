/*
 * Single files that are compressed (NAME.gz, NAME.xz, NAME.zst): read as what they hold, called NAME. stager/ingest/unpack.c.
 *
 * gzip by zlib, its checksums compared; xz and zstd by libarchive, one filter and no format. What they are their first bytes must say.
 */
#ifndef STAGER_UNPACK_H
#define STAGER_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/err.h"
#include "stager/source.h"

/* The length of the name without the end that says that it is compressed, of whatever case; 0 where it has none. By the name alone. */
size_t unpack_name(const char *name);
enum packing { PACKED_GZIP, PACKED_XZ, PACKED_ZSTD };
/* As unpack_name; *kind where it is not 0. */
size_t unpack_kind(const char *name, enum packing *kind);

struct unpacked;
/*
 * A source over another one, borrowed, whose name has such an end. Its name is the shorter one, its size is not known. NULL with e
 * set. Caller frees.
 *
 * Reading fails with ERR_INPUT where the file is damaged, cut short or no such file, or holds an archive or a compressed file once
 * more; ERR_LIMIT past ARCHIVE_RATIO_MAX times its size plus ARCHIVE_SLACK, or past ARCHIVE_MEMBER_MAX.
 */
struct unpacked *unpack_new(struct source *inner, struct err *e) MUST_CHECK;
struct source *unpack_source(struct unpacked *u);
/* What no reader wanted is read, so that all of it is checked. 0, or -1 as reading. */
int unpack_finish(struct unpacked *u, struct err *e) MUST_CHECK;
void unpack_free(struct unpacked *u); /* wipes; takes NULL */

#endif
