/*
 * The entry stream: scrubbed members on a pipe, from scrub to check to seal. Writer and reader:
 * stager/ingest/entry.c.
 *
 * Each entry: u32 LE magic | u8 version 4 | u8 rescan | u8 flags | u8 encoding | u8 set | u8 subject length |
 * u8 ext length | u64 LE size | u64 LE file | subject | ext | size bytes. Set: which of the policy's, by name, from 0. The stream ends between two entries; that it is whole is told by
 * the counts in the DONE messages (wire.h), which the supervisor compares.
 */
#ifndef STAGER_ENTRY_H
#define STAGER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stager/err.h"

#define ENTRY_SUBJECT_MAX 64
#define ENTRY_EXT_MAX 16
/* A member whose bytes are made in memory (text, a part of a table, a record) has at most this many. */
#define ENTRY_BUFFERED_MAX (32u << 20)
/* Any member: what one body can hold (C4GH_SEGMENTS_MAX segments) is a little less than this. */
#define ENTRY_SIZE_MAX (UINT64_C(1) << 36)
#define ENTRY_FILE_MAX ((UINT64_C(1) << 40) - 1)
/* The number of no file: a member with planted values, which check looks through and drops. */
#define ENTRY_FILE_CANARY ENTRY_FILE_MAX
#define ENTRY_CANARY_MAX (4u << 20) /* bytes of such a member */
#define ENTRY_SETS_MAX 8
/* Bytes before the subject, and of the longest head. */
#define ENTRY_FIXED_LEN 27
#define ENTRY_HEAD_MAX (ENTRY_FIXED_LEN + ENTRY_SUBJECT_MAX + ENTRY_EXT_MAX)

/* How check must read the member again. */
enum rescan {
	RESCAN_TEXT = 1,  /* plain text: everything is matched */
	RESCAN_CSV = 2,   /* a table with a header row */
	RESCAN_JSONL = 3, /* one or more JSON records, a line each */
	RESCAN_DICOM = 4,
	RESCAN_NONE =
	    5, /* opaque: passed as it is because the policy says so, and counted as not re-scanned */
	RESCAN_XML = 6, /* one document */
};

struct entry {
	enum rescan rescan;
	uint8_t encoding; /* an enum encoding (encoding.h), of text, tables, records and XML; else 0 */
	bool
	    continues; /* belongs to the sample of the entry before it, under the same stem and in the same set */
	uint8_t set;                         /* a reader's, below ENTRY_SETS_MAX; a writer stamps its own */
	char subject[ENTRY_SUBJECT_MAX + 1]; /* pseudonym in [a-z0-9], or "x" */
	char ext[ENTRY_EXT_MAX + 1];         /* [a-z0-9]{1,16}, by content: csv, json, txt, dcm, ... */
	uint64_t size;
	uint64_t
	    file; /* number of the source file it comes from, for reports; a reader's, a writer stamps its own */
};

/* Fill e; aborts on a subject or ext that is not of the form above (they are made by us). */
void entry_init(struct entry *entry, const char *subject, const char *ext, enum rescan rescan, uint64_t size);

#define ENTRY_HELD_LEN 65536

struct entry_writer {
	int fd;        /* borrowed */
	bool nowhere;  /* nothing is written */
	uint64_t left; /* bytes of the open entry that are still owed */
	uint64_t entries;
	uint64_t bytes; /* of content */
	uint64_t file;  /* number of the source file that is being read: every entry is stamped with it */
	uint8_t set;    /* that what comes next belongs to, the same */
	uint8_t head[ENTRY_HEAD_MAX];
	size_t head_len; /* of a head that waits to leave with the first bytes of its entry */
	uint8_t *held;   /* NULL, or ENTRY_HELD_LEN bytes, of which held_len wait to leave together */
	size_t held_len;
	/* NULL, or what entry_put asks for the bytes to write: may change all but the first. */
	int (*recode)(void *ctx, struct entry *entry, const void **data, size_t *len, struct err *e);
	void *recode_ctx;
};

void entry_writer_init(struct entry_writer *w, int fd);
/* One whose entries go nowhere: who only counts what would be made. */
void entry_writer_nowhere(struct entry_writer *w);
/*
 * Let small entries leave together, in one write of many: where they are a kilobyte each, a write for every one
 * costs more than all else. held: ENTRY_HELD_LEN bytes, borrowed, and the caller's to wipe. Nothing may be
 * counted on to have left before entry_flush.
 */
void entry_writer_hold(struct entry_writer *w, uint8_t *held);
int entry_flush(struct entry_writer *w, struct err *e) MUST_CHECK;
/*
 * Begin an entry, then give exactly entry->size bytes, in any number of calls. ERR_LIMIT past ENTRY_SIZE_MAX;
 * ERR_SYSTEM where the entry before it is still owed bytes, or where more bytes come than it has.
 */
int entry_begin(struct entry_writer *w, const struct entry *entry, struct err *e) MUST_CHECK;
int entry_write(struct entry_writer *w, const void *data, size_t len, struct err *e) MUST_CHECK;
/* Begin and write in one. entry->size must be len. */
int entry_put(struct entry_writer *w, const struct entry *entry, const void *data, size_t len,
    struct err *e) MUST_CHECK;

#define ENTRY_READ_AHEAD 32768

struct entry_reader {
	int fd; /* borrowed; read ahead of the entries, so nobody else can read from it */
	/* NULL, or what gives the stream's bytes in the descriptor's place: as read(2), -1 with e set. */
	ssize_t (*pull)(void *ctx, void *out, size_t len, struct err *e);
	void *pull_ctx;
	uint64_t left;
	uint64_t entries;
	uint64_t bytes;
	char subject[ENTRY_SUBJECT_MAX + 1]; /* of the entry before */
	uint8_t set;                         /* the same */
	size_t start, end;                   /* what is left in ahead: [start, end) */
	uint8_t ahead[ENTRY_READ_AHEAD];
};

void entry_reader_init(struct entry_reader *r, int fd);
/* The same over whatever pull gives. */
void entry_reader_pulling(
    struct entry_reader *r, ssize_t (*pull)(void *ctx, void *out, size_t len, struct err *e), void *ctx);
/* Wipes the bytes that were read ahead. */
void entry_reader_free(struct entry_reader *r);
/*
 * The next entry's head: 1, 0 at the end of the stream, or -1 with ERR_INPUT (not of the form above, or an
 * entry that continues nothing or another subject) or ERR_LIMIT (ENTRY_SIZE_MAX). The last entry must have
 * been read up (ERR_SYSTEM).
 */
int entry_next(struct entry_reader *r, struct entry *entry, struct err *e) MUST_CHECK;
/* Up to len bytes of the open entry, at least 1 while any are left; 0 at its end. A cut stream is ERR_INPUT.
 */
int entry_read(struct entry_reader *r, void *out, size_t len, size_t *got, struct err *e) MUST_CHECK;

#endif
