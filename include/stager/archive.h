/*
 * The members of an archive, one after the other, as sources. By libarchive, with exactly these enabled: tar
 * (ustar, pax, GNU) plain or in gzip, xz or zstd; zip through its central directory, members stored or
 * deflated. Which it is, the first bytes say.
 *
 * Anything that is not a plain file or a folder in a plain place refuses the whole archive (DESIGN.md,
 * "Sources"): see archive_next.
 */
#ifndef STAGER_ARCHIVE_H
#define STAGER_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct archive_reader;
struct source;

#define ARCHIVE_MAGIC_LEN 512       /* bytes that archive_magic wants to see, where there are so many */
#define ARCHIVE_MEMBERS_MAX 1000000 /* folders counted too */
#define ARCHIVE_MEMBER_MAX (UINT64_C(16) << 30)
#define ARCHIVE_PIPED_ZIP_MAX (UINT64_C(256) << 20)
#define ARCHIVE_RATIO_MAX 100              /* bytes out for each byte of the archive ... */
#define ARCHIVE_SLACK (UINT64_C(16) << 20) /* ... and these on top, for small ones */

struct archive_limits {
	uint64_t members;
	uint64_t member_bytes;
	uint64_t ratio, slack;
};

/* The first bytes of a file are those of an archive or a compressed file of the kinds above. */
bool archive_magic(const uint8_t *head, size_t len);

/*
 * Load whatever libarchive would open later (character sets), by reading small archives from memory. Call it
 * once, after setlocale(LC_CTYPE, "C.UTF-8") and before the program confines itself. ERR_SYSTEM where the
 * character set is not UTF-8 or the archives cannot be read.
 */
int archive_warm(struct err *e) MUST_CHECK;

/*
 * fd       borrowed; a file, read from its front, or a pipe, of which a zip, whose list of members stands at
 *          its end, is read into memory: ERR_LIMIT over ARCHIVE_PIPED_ZIP_MAX
 * size     of the file; a file that turns out shorter has changed: ERR_INPUT
 * prefix   a folder before the members' names (name_check's form), or ""
 * number   the counter that members take their numbers from: ++*number each; it outlives the reader
 *
 * NULL with ERR_INPUT where it is no archive of these kinds, ERR_SYSTEM. Caller frees with archive_close.
 */
struct archive_reader *archive_open(
    int fd, uint64_t size, const char *prefix, uint64_t *number, struct err *e) MUST_CHECK;
/* Other limits than the above, for tests. Before the first archive_next. */
void archive_set_limits(struct archive_reader *r, const struct archive_limits *limits);

/*
 * The next file in the archive: 1 and *member, which belongs to the reader and lives until the next call; 0
 * after the last; -1 with e set, and the archive must be refused whole, also for what it gave before. What is
 * left unread of the member before is read here, so that every byte is checked.
 *
 * Texts read "archive: member 12: REASON"; 12 counts folders too, and no name appears. ERR_INPUT: a name that
 * name_check refuses (a leading "./" is taken off first), or that came before; links, devices, pipes,
 * sockets; encrypted and sparse members; zip members neither stored nor deflated; a member that is an archive
 * itself; damage; an archive cut short, a missing end-of-archive mark of a tar included; bytes other than
 * members and zeros in a tar. (A zip's pipe counts as a file, and a zip made on FAT may part names by
 * backslashes: what libarchive makes of them is checked.) ERR_LIMIT: the limits above. Reading the member can
 * fail in the same ways.
 */
int archive_next(struct archive_reader *r, struct source **member, struct err *e) MUST_CHECK;
void archive_close(struct archive_reader *r);

#endif
