/* One run of stager withdraw, between withdraw.c (what is done when), withdraw_who.c (who), withdraw_find.c (where), withdraw_seal.c
 * (the new version's shards) and withdraw_record.c (ledger, log, files). */
#ifndef STAGER_HOUSE_WITHDRAW_H
#define STAGER_HOUSE_WITHDRAW_H

#include "carry.h"
#include "origin.h"
#include "stager/withdraw.h"
#include "version.h"

/* A version under the withdrawal. */
struct withdrawal {
	struct house *h;
	const struct withdraw *ask;
	struct withdraw_result *result;
	struct version *base;
	char id[MANIFEST_ID_LEN + 1];       /* of the new version */
	struct carry carry;                 /* base's shards into it */
	struct helper digest;               /* "digest", with the key of what versions were pushed from */
	struct origin origin;               /* of base, proven */
	int list;                           /* memory: the pseudonyms of the list, for stager-sift */
	int64_t keys, spellings;            /* of these other ones, behind them */
	struct json *others;                /* types of references that name nobody */
	struct json *lines;                 /* of the list, in that order */
	struct buf marks;                   /* in the same */
	struct buf form;                    /* of the keys, as the ledger keeps it */
	bool wide;                          /* records of others may name them */
	uint64_t touched, members, records; /* what goes of it */
	uint64_t bytes, total;              /* opened, to be opened */
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
/* The dataset's marks, as the log has them; appended. Where a crash cut a list, this run may be what mends it. withdraw_log.c */
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
