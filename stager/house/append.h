/* push --append: a version of all that another has and of what its sources have besides. append.c (to what, and what is new), append_carry.c
 * (the other's shards beside the new ones), append_report.c. DESIGN.md, "Appending". */
#ifndef STAGER_HOUSE_APPEND_H
#define STAGER_HOUSE_APPEND_H

#include "carry.h"
#include "origin.h"
#include "push.h"

struct append {
	struct version *base; /* the version that is added to */
	struct origin origin; /* of it, proven */
	struct pushed pushed; /* the same */
	struct plan *part;    /* those of the plan's files that are new */
	struct carry carry;
	int lock; /* on decisions about versions, from append_carry on */
};

/* The dataset, which there must be: job->dataset_id. ERR_UNKNOWN. */
int append_dataset(struct push_job *job, struct err *e) MUST_CHECK;
/*
 * The dataset's latest living version, into job->append. ERR_REFUSED where there is none, it was made under another policy, meta or
 * scrubber, or people were withdrawn whom it may still hold. job->source becomes that of this push onto this version; meta, where
 * none was given, its own. Under the dataset's lock.
 */
int append_begin(struct push_job *job, struct err *e) MUST_CHECK;
/*
 * What of the sources is new, by reading them: 1; 0 where nothing is. ERR_REFUSED where a file or list holds something else than the one
 * of its name that the version has, but for the subject table, of which the rows are told apart, and for what the policy drops; ERR_WAIT
 * where the version waits for a decision itself.
 */
int append_plan(struct push_job *job, struct err *e) MUST_CHECK;
/* Numbers of shards and samples of version id go on behind the version's: its indexes are read, which the log knows before. */
int append_numbers(struct push_job *job, const char *id, struct err *e) MUST_CHECK;
/* After the pipeline: no member came out of what was new, and nothing was held. */
bool append_came_to_nothing(const struct push_job *job, const struct pipeline *p);
/* The version's shards in front of the new ones, in staging, table and ledger; one index of all. */
int append_carry(struct push_job *job, const char *id, struct err *e) MUST_CHECK;
/* What was counted of the version and of this push, in place of the latter. */
int append_report(struct push_job *job, struct pipeline *p, struct err *e) MUST_CHECK;
void append_free(struct append *a); /* takes NULL */

#endif
