/* One run of stager withdraw, between withdraw.c (what is done when), withdraw_who.c (who), withdraw_find.c (where), withdraw_seal.c
 * (the new version's shards) and withdraw_record.c (ledger, log, files). */
#ifndef STAGER_HOUSE_WITHDRAW_H
#define STAGER_HOUSE_WITHDRAW_H

#include "children.h"
#include "stager/keystore.h"
#include "stager/manifest.h"
#include "stager/withdraw.h"
#include "version.h"

/* A shard of the old version. */
struct old_shard {
	uint8_t wrapped[WRAPPED_LEN];
	uint64_t members, listed; /* as the index says; listed: theirs */
	bool look;                /* it may hold records of theirs */
	bool touched;
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
	struct new_row *rows;
	size_t row_count;
	uint64_t members, bytes; /* of the new set */
};

/* A version under the withdrawal. */
struct withdrawal {
	struct house *h;
	const struct withdraw *ask;
	struct withdraw_result *result;
	struct version *base;
	char id[MANIFEST_ID_LEN + 1]; /* of the new version */
	struct helper key;            /* "open", with the dataset's KEK */
	struct helper sift, open, open_index, seal, seal_index;
	int list; /* memory: the pseudonyms of the list, for stager-sift */
	int64_t keys;
	struct json *lines; /* of the list, in that order */
	struct buf marks;   /* in the same */
	struct buf form;    /* of the keys, as the ledger keeps it */
	bool wide;          /* records of others may name them */
	struct old_set sets[MANIFEST_SETS_MAX];
	size_t set_count;
	uint64_t touched, members, records; /* what goes of it */
	uint64_t bytes, total;              /* opened, to be opened */
	const char *at;                     /* the body that was opened last; lives as long as its set */
	uint64_t *unknown; /* lines of keys that nobody has and that were not withdrawn before, in order */
	size_t unknown_count;
};

void withdrawal_init(
    struct withdrawal *w, struct house *h, const struct withdraw *ask, struct withdraw_result *result);
void withdrawal_free(struct withdrawal *w);

/* Who: the list's pseudonyms under w->base's policy, and the marks. withdraw_who.c */
int withdraw_who(struct withdrawal *w, struct err *e) MUST_CHECK;
/* The form of a policy's keys, as it is kept; ERR_REFUSED where it has no `subject`. */
int withdraw_form(const struct json *policy, struct buf *out, struct err *e) MUST_CHECK;
/* Whether whose a record is can be told of what the policy lets out; and whether others' records may name somebody. */
int withdraw_attributable(const struct json *policy, bool *wide, struct err *e) MUST_CHECK;
/* The dataset's marks; appended. */
int withdraw_marks(struct house *h, const char *dataset_id, struct buf *marks, struct err *e) MUST_CHECK;

/* A pipe with the key of a dataset's marks, for one program: *reader, the caller's. */
int withdraw_mark_key(struct house *h, struct helper *pseudonym, const char *holder, const char *dataset_id,
    int *reader, struct err *e) MUST_CHECK;
/* An empty file in memory. */
int withdraw_memory(const char *name, struct err *e) MUST_CHECK;

/* Where: fills sets. w->touched shards hold something of theirs. withdraw_find.c */
int withdraw_find(struct withdrawal *w, struct err *e) MUST_CHECK;
/* Those of the list that nobody has, and whom the dataset has not withdrawn before: w->unknown. */
int withdraw_unknown(struct withdrawal *w, struct err *e) MUST_CHECK;

/* A question with descriptors, and its answer; json is freed. NULL: as helper_ask. */
struct json *withdraw_ask(struct helper *x, enum wire_type ask, struct json *json, const int *fds,
    size_t count, enum wire_type answer, struct err *e) MUST_CHECK;
/* A shard of the old version, or its index, opened by x: *plain, the caller's, gives its plaintext. Then, when it was read, its end. */
int withdraw_open(struct withdrawal *w, struct helper *x, const struct old_set *set, size_t row, int *plain,
    struct err *e) MUST_CHECK;
int withdraw_opened(struct helper *x, const struct shard_line *line, struct err *e) MUST_CHECK;
/* After one of them failed: what the first of them that died of something of its own said. Returns -1. */
int withdraw_failed(struct withdrawal *w, struct err *e);

/* The new version's files in staging, and its rows. withdraw_seal.c */
int withdraw_seal(struct withdrawal *w, struct err *e) MUST_CHECK;

/* What the new version's report says: the old one's, and what went since. Caller frees. withdraw_report.c */
struct json *withdraw_report(struct withdrawal *w);

/* ---- withdraw_record.c ---- */

/* The version to withdraw from into w->base; *named: it was named by its id. */
int withdraw_base(struct withdrawal *w, bool *named, struct err *e) MUST_CHECK;
/* The next living version of its dataset after this id ("" at first), other than w->base, into id: 1, 0, -1. */
int withdraw_next(struct withdrawal *w, char id[static MANIFEST_ID_LEN + 1], struct err *e) MUST_CHECK;
/* The list's entry, where one of its marks is new. */
int withdraw_record_list(struct withdrawal *w, struct err *e) MUST_CHECK;
/* The new version's row, RECEIVED. */
int withdraw_begin(struct withdrawal *w, struct err *e) MUST_CHECK;
/* The old one WITHDRAWN, and (where w->id says one) the new one sealed, at once, with the entry. */
int withdraw_record(struct withdrawal *w, struct err *e) MUST_CHECK;
/*
 * What follows from versions of the dataset that are WITHDRAWN: requests cancelled, files removed; and a new version that was not entered
 * yet is.
 */
int withdraw_follow(struct house *h, const char *dataset_id, uint64_t *requests, struct err *e) MUST_CHECK;

#endif
