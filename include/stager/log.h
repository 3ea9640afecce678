/*
 * The append-only log on disk: C2SP tlog-tiles below one folder. manifests/log.c reads,
 * manifests/log_append.c writes.
 *
 * tile/L/N[.p/W] (height 8), tile/entries/N[.p/W] (u16 BE length | entry), checkpoint. The checkpoint is
 * written last and is the truth: whatever stands past it is the rest of an append that a crash cut, and is
 * written over.
 */
#ifndef STAGER_LOG_H
#define STAGER_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/note.h"
#include "stager/tree.h"

struct secret;
struct log;

#define LOG_ENTRY_MAX 1024
#define LOG_BATCH_MAX 256

/*
 * Open the log in the folder dirfd (borrowed) and check the checkpoint's signature; an empty folder is a log
 * of no entries, whose checkpoint has size 0 and the empty root. ERR_FORGED where the signature or the name
 * is wrong.
 */
struct log *log_open(
    int dirfd, const char *origin, const uint8_t key[static SIGN_PUBLIC_LEN], struct err *e) MUST_CHECK;
void log_free(struct log *log);
const struct checkpoint *log_checkpoint(const struct log *log); /* lives as long as log */
/* The checkpoint's text as it stands; nothing at all where nothing was ever appended. */
int log_note(const struct log *log, struct buf *out, struct err *e) MUST_CHECK;
/* Entry number index, as it was appended, appended to out. Checked against its leaf hash. */
int log_entry(struct log *log, uint64_t index, struct buf *out, struct err *e) MUST_CHECK;
int log_inclusion(struct log *log, uint64_t index, struct tree_proof *out, struct err *e) MUST_CHECK;
int log_consistency(struct log *log, uint64_t old_size, struct tree_proof *out, struct err *e) MUST_CHECK;
/*
 * Re-read every entry and every tile, and recompute all of it up to the checkpoint's root: each byte of every
 * tile that the checkpoint covers is proven. ERR_FORGED names the tile. A reader may do so while a writer
 * appends: what its checkpoint covers stays.
 */
int log_verify(struct log *log, struct err *e) MUST_CHECK;

/*
 * Append count entries (1 to LOG_BATCH_MAX): entries, tiles, fsync of files and folders, then the checkpoint,
 * signed with seed, by rename. *first is the index of the first one. On failure nothing was appended for a
 * reader; where the checkpoint itself could not be put in place (ERR_SYSTEM) the log must be opened again,
 * which shows what stands. ERR_LIMIT on count or an entry's length, ERR_REFUSED where seed is another key's, ERR_REMOTE where
 * somebody else has appended since the log was opened. One writer at a time is for the caller to see to.
 */
int log_append(struct log *log, const struct secret *seed, const struct view *entries, size_t count,
    uint64_t *first, struct err *e) MUST_CHECK;

#endif
