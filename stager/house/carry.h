/* A version's shards on their way into another version of its dataset: those that stay are shared, others and the index are sealed
 * anew. What withdraw*.c and append*.c have in common: carry.c (opening) and carry_seal.c (the new version's files). */
#ifndef STAGER_HOUSE_CARRY_H
#define STAGER_HOUSE_CARRY_H

#include "children.h"
#include "stager/keystore.h"
#include "stager/manifest.h"
#include "version.h"

/* A shard of the old version. */
struct old_shard {
	uint8_t wrapped[WRAPPED_LEN];
	uint64_t members, listed; /* as the index says; listed: of those who are withdrawn */
	bool look;                /* it may hold records of theirs */
	bool touched;
	uint64_t dropped, records; /* that it was found to hold of theirs, where it was looked through */
};

/* A row of the new version, until they are all written at once. */
struct new_row {
	struct shard_line line;
	uint8_t wrapped[WRAPPED_LEN];
};

/* A set of the version. */
struct old_set {
	char name[MANIFEST_NAME_MAX + 1];
	struct shard_table *table; /* the last one is the index */
	struct old_shard *shards;  /* as many as the table has */
	uint64_t touched;
	struct new_row *rows; /* of the new set; the caller makes room, carry_free frees */
	size_t row_count;
	uint64_t members, bytes; /* of the new set */
};

struct carry {
	struct house *h;
	const struct version *base;   /* the old version; the caller's */
	char id[MANIFEST_ID_LEN + 1]; /* of the new one */
	struct helper key;            /* "open", with the dataset's KEK */
	struct helper sift, open, open_index, seal, seal_index;
	struct old_set sets[MANIFEST_SETS_MAX]; /* those with a shard */
	size_t set_count;
	bool logged;          /* that base is opened */
	struct shard_line at; /* the body that was opened last, by its name; "" before the first */
};

void carry_init(struct carry *c, struct house *h);
/* Ends what is left of its programs. */
void carry_free(struct carry *c);
/* base's sets as the ledger has them. */
int carry_load(struct carry *c, struct err *e) MUST_CHECK;
/*
 * key and sift, once the log has an entry of this type about base: nothing of it is opened before. entry: what it says beside
 * version and dataset; it is taken. Started once more it has one. And the good end of all programs.
 */
int carry_start(struct carry *c, const char *type, struct json *entry, struct err *e) MUST_CHECK;
int carry_end(struct carry *c, struct err *e) MUST_CHECK;
/* After one of them failed: what the first of them that died of something of its own said. Returns -1. */
int carry_failed(struct carry *c, struct err *e);

/* A question with descriptors, and its answer; json is freed. NULL: as helper_ask. */
struct json *carry_ask(struct helper *x, enum wire_type ask, struct json *json, const int *fds, size_t count,
    enum wire_type answer, struct err *e) MUST_CHECK;
/* A number that stager-sift said. */
int carry_number(const struct json *list, size_t at, uint64_t *out, struct err *e) MUST_CHECK;
/* A shard of the old version, or its index, opened by x: *plain, the caller's, gives its plaintext. Then, when it was read, its end. */
int carry_open(struct carry *c, struct helper *x, const struct old_set *set, size_t row, int *plain,
    struct err *e) MUST_CHECK;
/* The same of any body: file below the house, shard as its key was wrapped for. */
int carry_open_body(struct carry *c, struct helper *x, const char *file, const char *shard,
    const struct shard_line *line, const uint8_t wrapped[static WRAPPED_LEN], int *plain,
    struct err *e) MUST_CHECK;
int carry_opened(struct helper *x, const struct shard_line *line, struct err *e) MUST_CHECK;
/*
 * Have the set's index read: fills its shards, whose members must be as many as its table says. wide: as in sift.h.
 * samples: the highest number of a sample.
 */
int carry_read_index(
    struct carry *c, struct old_set *set, bool wide, uint64_t *samples, struct err *e) MUST_CHECK;

/* ---- carry_seal.c ---- */

/* One set in the making. */
struct making {
	struct carry *c;
	struct old_set *set;
	int folder;    /* staging/NEW/SET */
	uint64_t next; /* number of the next shard */
};

/* The new index begins: stager-sift reads the old one and writes it. files: of carry_index_end, closed by the caller. */
int carry_index_begin(struct making *m, int files[static 2], struct err *e) MUST_CHECK;
/* Shard i as it is: its files under another name, its key wrapped for that, its lines into the new index, a row more. */
int carry_keep(struct making *m, size_t i, struct err *e) MUST_CHECK;
/* Both halves of that: files, key and row under this name; lines of a shard of the index that is read, of which line says how many. */
int carry_link(struct making *m, size_t i, const char *name, struct err *e) MUST_CHECK;
int carry_lines(
    struct making *m, uint64_t shard, uint64_t as, const struct shard_line *line, struct err *e) MUST_CHECK;
/* The index ends, with as many members as the set has by now: the last row. last: of the index that was read last. */
int carry_index_end(
    struct making *m, const struct shard_line *last, int files[static 2], struct err *e) MUST_CHECK;
/* shards.jsonl out of the rows, and the folder synced. */
int carry_table(struct making *m, struct err *e) MUST_CHECK;

/* Two new files and a pipe for stager-seal; *plain, the caller's, takes the plaintext. */
int carry_seal_begin(struct making *m, struct helper *seal, const char *name, int files[static 2], int *plain,
    struct err *e) MUST_CHECK;
/* So many bytes were given to it, of so many members. Without any its files go: 0; else 1, and row is filled. */
int carry_seal_end(struct making *m, struct helper *seal, const char *name, int files[static 2],
    int64_t bytes, int64_t members, struct new_row *row, struct err *e) MUST_CHECK;

#endif
