/*
 * Sifting a sealed version's plaintext: which of its shards hold members or records of the persons on a list, and those
 * shards again without them. It streams, holds no key, and believes nothing that it reads: what was sealed here is of
 * one form, byte for byte, and everything else is ERR_FORGED. stager/ingest/sift*.c; the program is stager-sift. DESIGN.md, "Withdrawal".
 *
 * A member under a listed pseudonym goes. In a member of several persons ("x") a record goes that has one of the pseudonyms as a word
 * of its own (26 letters and figures with neither on either side; none that is a reference to something else, Encounter/..): csv and tsv by rows, whose header row stays, jsonl
 * by lines, each in UTF-8, Windows-1252 or UTF-16; of another kind the whole member. So does a csv or tsv of which nothing but the header
 * is left.
 */
#ifndef STAGER_SIFT_H
#define STAGER_SIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/err.h"

struct sift_list;

#define SIFT_PSEUDONYM_LEN 26
#define SIFT_LIST_MAX 1000000
#define SIFT_SPELLINGS_MAX 1000000 /* other spellings of all */
#define SIFT_SPELLING_LEN (SIFT_PSEUDONYM_LEN + 4)
#define SIFT_OTHERS_MAX 64 /* types of references that are nobody of the list */
#define SIFT_OTHER_LEN_MAX 64
/* Members up to this length are looked through; nothing that scrub makes in memory is longer, in whatever encoding it leaves. */
#define SIFT_MEMBER_MAX ENCODED_MOST(ENTRY_BUFFERED_MAX)

/* count pseudonyms of SIFT_PSEUDONYM_LEN bytes, in order, none twice; ERR_INPUT else. NULL with e set. */
struct sift_list *sift_list_new(const uint8_t *pseudonyms, size_t count, struct err *e) MUST_CHECK;
/*
 * Pseudonyms of the same persons' keys as they were spelled elsewhere: count of SIFT_SPELLING_LEN bytes, a pseudonym and its person's
 * place in the list (u32 LE), in order, none twice. Once. ERR_INPUT else.
 */
int sift_list_spellings(
    struct sift_list *l, const uint8_t *spellings, size_t count, struct err *e) MUST_CHECK;
/* A pseudonym behind TYPE and a slash names no person. ERR_INPUT past SIFT_OTHERS_MAX, or for one that is no word. */
int sift_list_other(struct sift_list *l, const char *type, struct err *e) MUST_CHECK;
void sift_list_free(struct sift_list *l);
/* Is it listed? Then it counts as met. On no list (NULL) is nobody. */
bool sift_listed(struct sift_list *l, const char pseudonym[static SIFT_PSEUDONYM_LEN]);
/* Whether the one in this place, from 0, was met; false past the last. *there: there is one. */
bool sift_met(const struct sift_list *l, size_t place, bool *there);

/* Whether one of them stands in these bytes; all that do count as met. */
bool sift_names(struct sift_list *l, const uint8_t *data, size_t len);
/*
 * Take the records that name somebody out of a member, in place.
 * ext      how it is read; of others than csv, tsv and jsonl nothing is left where it names somebody
 * records  adds those taken out (a whole member: 1)
 * Returns the bytes that are left, 0 where the member goes; ERR_FORGED (-1) where a quote is never closed.
 */
ssize_t sift_member(struct sift_list *l, const char *ext, uint8_t *data, size_t len, uint64_t *records,
    struct err *e) MUST_CHECK;

/* ---- the index and the shards: sift_index.c, sift_shard.c ---- */

/* A line of the index, read and proven to be of its one form. */
struct sift_line {
	char subject[65], name[100]; /* "SUBJECT", "000001.csv" */
	uint64_t shard, offset, size;
};
/* The lines of an index that comes down a pipe. One is read ahead. */
struct sift_index {
	int fd;
	uint64_t left; /* bytes that are still to come */
	size_t start, end;
	bool there; /* line holds the next one */
	struct sift_line line;
	uint64_t members;
	uint8_t ahead[65536];
};
/* fd gives plain bytes. Reads the first line. Wipe it when done. */
int sift_index_begin(struct sift_index *x, int fd, uint64_t plain, struct err *e) MUST_CHECK;
/* On to the next: x->there is false at the end. */
int sift_index_next(struct sift_index *x, struct err *e) MUST_CHECK;

/* What the index says of each shard. */
struct sift_found {
	uint64_t members; /* all */
	uint64_t listed;  /* of the list */
	bool look;        /* there are members of several persons, or of others who may name one of them */
};
/*
 * Read an index whole. l: NULL where nobody is looked for. shards: as many as the version has, zeroed. wide: others' records may name the listed persons, too.
 * samples: the highest number of a sample.
 */
int sift_index_read(struct sift_list *l, int fd, uint64_t plain, bool wide, struct sift_found *shards,
    size_t count, uint64_t *samples, struct err *e) MUST_CHECK;

/* Lines of the new index, on their way down a pipe. */
struct sift_writer {
	int fd;
	uint64_t members, bytes;
	size_t len;
	uint8_t held[65536];
};
int sift_write_line(struct sift_writer *w, const struct sift_line *line, struct err *e) MUST_CHECK;
int sift_write_end(struct sift_writer *w, struct err *e) MUST_CHECK;

/* One shard's tar. */
struct sift_shard {
	int in;                    /* gives plain bytes */
	uint64_t plain;            /* of them */
	uint64_t members;          /* that it has */
	bool wide;                 /* as above */
	int out;                   /* -1: it is only looked through */
	uint64_t number;           /* of the shard that is made */
	struct sift_writer *index; /* gets a line for each member of it; NULL where there is no out */
	/* Found: */
	uint64_t bytes, kept;      /* written; of members */
	uint64_t dropped, records; /* members and records that went */
	uint64_t content;          /* bytes of the members that are left */
};
/*
 * Pass a shard, without what is the listed persons'. Where no member is left nothing is written. ERR_FORGED where it is no tar of ours, or
 * has another number of members.
 */
int sift_shard_run(struct sift_list *l, struct sift_shard *s, struct err *e) MUST_CHECK;

#endif
