/* A push between its parts: push_read.c (what it is about), push_version.c (its rows and files), push_try.c (a dry run) and
 * push.c (what is done when). */
#ifndef STAGER_HOUSE_PUSH_H
#define STAGER_HOUSE_PUSH_H

#include <pthread.h>

#include "children.h"
#include "pipeline.h"
#include "pushed.h"
#include "stager/digest.h"
#include "stager/house.h"

struct append;
struct json;
struct origin;
struct plan;

#define PUSH_META_MAX 65536

/* What a push is about, once its arguments are read. */
struct push_job {
	struct house *h;
	const struct push *push;
	struct plan *plan;
	struct json *policy, *meta;
	struct buf policy_text, meta_text;
	char holder[MANIFEST_NAME_MAX + 1];
	char dataset_id[MANIFEST_ID_LEN + 1];
	struct exclusion *exclusions; /* in the policy's order */
	size_t exclusion_count;
	struct append *append;           /* append.h; NULL: a push of all of it */
	char source[2 * DIGEST_LEN + 1]; /* of the sources and the exclusion lists */
	char ruleset[2 * DIGEST_LEN + 1];
	struct buf withdrawn; /* marks of those who were withdrawn from the dataset */
	char withdrawn_from[MANIFEST_ID_LEN + 1];
	struct pushed
	    pushed; /* files in the plan's order, then the lists, once they were read; rows once they were gathered */
	/* push_content.c: what all sources and lists hold; "" until it is known. */
	char content[2 * DIGEST_LEN + 1];
	struct helper content_helper; /* the dataset's digests; started when it is first needed */
	pthread_t content_thread;
	bool content_running;
	int content_pid_fd; /* of its program, while it runs */
	_Atomic(bool) content_stop;
	int content_rc;
	struct err content_err;
	struct pipeline_set sets[MANIFEST_SETS_MAX]; /* by name; what is in them is made by a run */
	size_t set_count;
};

/* Holder, policy, meta, sources and exclusion lists; policy_text and meta_text are there already. push_read.c */
int push_read(struct push_job *job, struct err *e) MUST_CHECK;

/* dataset_id, that of a new one, becomes that of the one of this holder and name, where there is one. push_version.c */
int push_dataset(struct push_job *job, struct err *e) MUST_CHECK;
/* What an earlier run of the same push has come to: 1 and its state, or 0. ERR_FORGED where that it was the same is not proven. */
int push_find(struct push_job *job, struct push_result *result, struct err *e) MUST_CHECK;
/* A new row, or an old one of a run that a crash cut, emptied. */
int push_begin(struct push_job *job, const char *id, bool again, struct err *e) MUST_CHECK;
/* From staging into the vault, and what was counted into the ledger. */
int push_settle(struct push_job *job, struct pipeline *p, const char *id, struct push_result *result,
    struct err *e) MUST_CHECK;
/* Nothing half-visible is left of a push that failed or was killed: the files, then the rows, all at once. */
int push_undo(struct push_job *job, const char *id, struct err *e) MUST_CHECK;
/* What killed pushes of other sources left of this dataset, which is locked: nobody will go on with it. */
int push_sweep(struct push_job *job, const char *keep, struct err *e) MUST_CHECK;

/*
 * A version whose sources held the same, under other times: where there is one, push_find finds it from now on. Nothing is
 * read where none can be. push_content.c
 */
int push_content_find(struct push_job *job, struct err *e) MUST_CHECK;
/* What all of them hold, now. */
int push_content_read(struct push_job *job, struct err *e) MUST_CHECK;
/* Digests, in a thread beside the push, and its end; not wanted: it only stops. content is known then. */
int push_content_begin(struct push_job *job, struct err *e) MUST_CHECK;
int push_content_end(struct push_job *job, bool wanted, struct err *e) MUST_CHECK;
/* ERR_FORGED where what the ledger has of version id is not what was proven: no push is answered by it. */
int push_content_check(struct push_job *job, const char *id, struct origin *o, struct err *e) MUST_CHECK;
/* What this push makes of version id, for origin_keep in the transaction that seals it. */
int push_content_prove(struct push_job *job, const char *id, struct origin *o, struct err *e) MUST_CHECK;

/* What both a push and a dry run have of the job, with an empty report; ids and `dry` are to be set. push.c */
struct pipeline push_pipeline(struct push_job *job);
/* What a push would come to: scrub and check, into nothing. push_try.c */
int push_try(struct push_job *job, struct push_result *result, struct err *e) MUST_CHECK;

#endif
