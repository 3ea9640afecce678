/*
 * Writing a file so that the system caches it in large pieces.
 *
 * Linux takes memory for a file's pages in pieces as large as a write is, but only where the write begins at a multiple of
 * that size. A sealed body is written in batches of 65,564-byte segments, none of which does: its pages come one by one
 * and in small groups, and whoever reads them again (a send, a release, a decryption) pays some 7% more. So all writes but
 * the first and the last are made to begin and end at a multiple of IO_ALIGN, and what is left over waits for the next.
 */
#ifndef STAGER_IO_ALIGNED_H
#define STAGER_IO_ALIGNED_H

#include <stddef.h>

#include "stager/err.h"

#define IO_ALIGN ((size_t)256 * 1024)

struct iovec;
struct io_aligned;

/*
 * fd is written where it stands (with O_APPEND: at its end), by nobody else meanwhile; it is not closed. What is no
 * regular file gets each write at once. what: the thing, for messages; it outlives the writer. NULL with e set.
 * Not for plaintext or keys: what waits is not wiped.
 */
struct io_aligned *io_aligned_new(int fd, const char *what, struct err *e) MUST_CHECK;
/* All of the pieces, one behind the other; changes what parts says of them. -1 as io_write. */
int io_aligned_write(struct io_aligned *w, struct iovec *parts, size_t count, struct err *e) MUST_CHECK;
/* Write what waits. Nothing of the file may be relied on before. */
int io_aligned_flush(struct io_aligned *w, struct err *e) MUST_CHECK;
/* Forgets what waits; takes NULL. */
void io_aligned_free(struct io_aligned *w);

#endif
