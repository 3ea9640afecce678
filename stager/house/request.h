/* A request with all that was said of it, as release and verify need it. stager/house/request.c. */
#ifndef STAGER_HOUSE_REQUEST_H
#define STAGER_HOUSE_REQUEST_H

#include "stager/house.h"

#define APPROVALS_MAX 8
/* Whoever approves, cancels or releases holds this lock, and looks at the request's state under it. */
#define REQUEST_LOCK "request.lock"

struct dsse;

struct case_file {
	struct request request;
	struct buf text; /* its canonical bytes */
	char state[16];
	struct steward *stewards; /* of its holder */
	size_t steward_count;
	struct dsse *approvals[APPROVALS_MAX];
	struct buf envelopes[APPROVALS_MAX]; /* the same, as they came */
	size_t approval_count;
};

/* ERR_REFUSED where there is no such request; ERR_FORGED where its row was altered. Caller frees. */
struct case_file *case_load(struct house *h, const char *request_id, struct err *e) MUST_CHECK;
void case_free(struct case_file *c);
/*
 * seen: the size of the last checkpoint in stager-key's journal. ERR_FORGED where the ledger knows of a release after it: then
 * the journal is an older one. stager/house/release.c.
 */
int release_journal_check(struct house *h, int64_t seen, struct err *e) MUST_CHECK;

#endif
