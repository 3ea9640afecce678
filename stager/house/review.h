/* Between the parts of a review. stager/house/review*.c. */
#ifndef STAGER_HOUSE_REVIEW_PARTS_H
#define STAGER_HOUSE_REVIEW_PARTS_H

#include "children.h"
#include "stager/house_review.h"
#include "version.h"

struct house_review {
	struct house *h;
	struct version *v;
	char set[MANIFEST_NAME_MAX + 1];
	char person[RELEASE_PERSON_MAX + 1];
	struct helper key, open;   /* stager-key open with the dataset's KEK; stager-open */
	struct helper show;        /* stager-review of the member that is open */
	struct shard_table *table; /* of the set */
	struct review_member *members;
	size_t count;
	int64_t population[REVIEW_STRATA + 1];
	size_t said; /* verdicts of this session */
};

/*
 * Bytes [offset, offset + len) of a row's plaintext, on their way into *out, a pipe's end that becomes the caller's: read it
 * to its end, then review_opened says whether that was all. sample: the 32 bytes of a sample's key come first.
 */
int review_open_range(struct house_review *r, size_t row, uint64_t offset, uint64_t len, bool sample,
    int *out, struct err *e) MUST_CHECK;
int review_opened(struct house_review *r, struct err *e) MUST_CHECK;

/* ERR_REFUSED where the version no longer waits for a decision. Under VERSION_LOCK it stays so. */
int review_check_open(struct house_review *r, struct err *e) MUST_CHECK;
/* The members with the verdicts that the ledger has. review_record.c */
int review_load_verdicts(struct house_review *r, struct err *e) MUST_CHECK;
/* The digest of all that was said of the version, and how much that is, into the log. */
int review_log_verdicts(struct house_review *r, struct err *e) MUST_CHECK;

#endif
