/* Whole reads and writes, and files that appear whole or not at all. */
#ifndef STAGER_IO_H
#define STAGER_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stager/buf.h"
#include "stager/err.h"

/* Write all len bytes; -1 with ERR_SYSTEM (errno kept, EPIPE among them). what: the thing, for the message.
 */
int io_write(int fd, const void *data, size_t len, const char *what, struct err *e) MUST_CHECK;
/*
 * The same into a pipe or a stream socket whose reader may stop reading: ERR_REMOTE once it has taken nothing for wait_ms, or
 * is gone. The descriptor may be a blocking one, shared with other programs.
 */
int io_write_patient(
    int fd, const void *data, size_t len, int wait_ms, const char *what, struct err *e) MUST_CHECK;
struct iovec;
/* The same of several pieces, one behind the other; changes what parts says of them. */
int io_write_parts(int fd, struct iovec *parts, size_t count, const char *what, struct err *e) MUST_CHECK;
/* Read until len bytes or the end. Returns the count (short only at the end), or -1. */
ssize_t io_read(int fd, void *data, size_t len, const char *what, struct err *e) MUST_CHECK;
/* Exactly len bytes: a shorter input is ERR_INPUT ("WHAT: cut short"). */
int io_read_exact(int fd, void *data, size_t len, const char *what, struct err *e) MUST_CHECK;
/* Like io_read at an offset, the file position unmoved. */
ssize_t io_pread(int fd, void *data, size_t len, uint64_t offset, const char *what, struct err *e) MUST_CHECK;
/* The same into several pieces, one behind the other; changes what parts says of them. */
ssize_t io_pread_parts(
    int fd, struct iovec *parts, size_t count, uint64_t offset, const char *what, struct err *e) MUST_CHECK;
/* Append all that fd gives to b; past b's limit is ERR_LIMIT. */
int io_read_all(int fd, struct buf *b, const char *what, struct err *e) MUST_CHECK;

/* A whole file into b. path is relative to dirfd (AT_FDCWD allowed); the last part may not be a symbolic
 * link. */
int io_read_file(int dirfd, const char *path, struct buf *b, struct err *e) MUST_CHECK;
/*
 * Put a file in place at once: temp file beside it, write, fsync, rename over path, fsync the folder.
 * After a crash the old file or the new one is there, whole. mode as in open(2).
 */
int io_replace_file(
    int dirfd, const char *path, const void *data, size_t len, mode_t mode, struct err *e) MUST_CHECK;
/* fsync the folder that path (relative to dirfd) stands in. */
int io_sync_parent(int dirfd, const char *path, struct err *e) MUST_CHECK;
/* Make path and its parents below dirfd (mode 0700 each), each synced. Existing folders are fine. */
int io_make_dirs(int dirfd, const char *path, struct err *e) MUST_CHECK;
/* Remove a tree below dirfd without following links; a missing one is fine. */
int io_remove_tree(int dirfd, const char *path, struct err *e) MUST_CHECK;
/* The beginning of a small file (of /proc, /sys) as text, without its last newline; "" and -1 where it cannot be read. */
int io_peek(const char *path, char *out, size_t size);
/* close(2) that forgets: closes *fd where it is not -1, and sets it to -1. */
void io_close(int *fd);
/* Let the pipe that fd is an end of hold 1 MiB: fewer switches between its ends. Where fd is no pipe, or the system says no, nothing
 * changes. */
void io_widen_pipe(int fd);

#endif
