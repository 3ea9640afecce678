/* A push, from its sources to a version in the log; started again after a crash it goes on or starts clean.
 */
#include "push.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "append.h"
#include "children.h"
#include "plan.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/memory.h"
#include "stager/report.h"
#include "stager/ring.h"
#include "stager/withdraw.h"
#include "stager/withdrawn.h"
#include "version.h"
#include "withdraw.h"

/* What a unit in the making may come to: scrub's memory and check's, and what waits of it for its turn. */
#define UNIT_MEMORY (UINT64_C(1536) << 20)

/* Units at once: one a processor, where there is memory for them. */
static unsigned
jobs_of(const struct push *push)
{
	const uint64_t room = memory_available() / UNIT_MEMORY;
	const unsigned processors = ring_processors();

	if (push->jobs != 0)
		return push->jobs < HOUSE_JOBS_MAX ? push->jobs : HOUSE_JOBS_MAX;
	return room < 1 ? 1 : room < processors ? (unsigned)room : processors;
}

struct pipeline
push_pipeline(struct push_job *job)
{
	struct report *empty = report_new();
	struct pipeline p = {.house = job->h,
	    .plan = job->plan,
	    .policy = job->policy,
	    .report = report_json(empty),
	    .holder = job->holder,
	    .dataset_id = job->dataset_id,
	    .sets = job->sets,
	    .set_count = job->set_count,
	    .jobs = jobs_of(job->push),
	    .stall = job->push->stall,
	    .exclusions = job->exclusions,
	    .exclusion_count = job->exclusion_count,
	    .withdrawn = &job->withdrawn,
	    .withdrawn_from = job->withdrawn_from,
	    .rows = job->push->dry && job->append == NULL ? NULL : &job->pushed.rows,
	    .progress = job->push->progress,
	    .ctx = job->push->ctx};

	report_free(empty);
	if (job->append != NULL) {
		const struct json *seen = json_get(json_get(job->append->base->report, "files"), "seen");

		p.plan = job->append->part;
		p.tables = job->plan;
		p.numbered = seen == NULL || seen->type != JSON_INT ? 0 : (uint64_t)seen->integer;
	}
	return p;
}

/* Nothing is new: the version that would be added to is what there is. */
static void
has_all(struct push_job *job, struct push_result *result)
{
	const struct version *base = job->append->base;

	(void)snprintf(result->version_id, sizeof(result->version_id), "%s", base->id);
	(void)snprintf(result->state, sizeof(result->state), "%s", base->state);
	result->existed = true;
}

/* Scrub, check, seal. */
static int
run(struct push_job *job, const char *id, struct push_result *result, struct err *e)
{
	struct pipeline p = push_pipeline(job);
	char path[192];
	int rc = -1;

	p.version_id = id;
	for (size_t i = 0; i < job->set_count; i++) {
		(void)snprintf(path, sizeof(path), "staging/%s/%s", id, job->sets[i].name);
		if (io_make_dirs(job->h->folder, path, e) == -1)
			goto out;
		job->sets[i].staging = openat(job->h->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (job->sets[i].staging == -1) {
			err_sys(e, "staging: open");
			goto out;
		}
		buf_init(&job->sets[i].table, 64u << 20);
	}
	if (push_content_begin(job, e) == -1 || (job->append != NULL && append_numbers(job, id, e) == -1) ||
	    pipeline_run(&p, e) == -1 || push_content_end(job, true, e) == -1 ||
	    plan_check(job->plan, e) == -1)
		goto out;
	/* Of a table all of whose rows stand in the version: that version has it all. */
	if (job->append != NULL && append_came_to_nothing(job, &p)) {
		/* id may be the result's own. */
		if ((rc = push_undo(job, id, e)) == 0)
			has_all(job, result);
		goto out;
	}
	if (job->append != NULL && (append_carry(job, id, e) == -1 || append_report(job, &p, e) == -1))
		goto out;
	if (push_settle(job, &p, id, result, e) == -1)
		goto out;
	rc = 0;
out:
	(void)!push_content_end(job, false, NULL);
	for (size_t i = 0; i < job->set_count; i++) {
		io_close(&job->sets[i].staging);
		buf_free(&job->sets[i].table);
		free(job->sets[i].lines);
		job->sets[i].lines = NULL;
	}
	json_free(p.report);
	json_free(p.gathered);
	return rc;
}

/* The last step, unless somebody else has taken it, or a steward has decided, meanwhile. */
static int
finish(struct push_job *job, struct push_result *result, struct err *e)
{
	int lock = house_lock(job->h, VERSION_LOCK, e), rc = -1, found;

	if (lock == -1 || (found = push_find(job, result, e)) == -1)
		goto out;
	if (found == 0) {
		err_set(e, ERR_REFUSED, "version %s: it was rejected meanwhile", result->version_id);
		goto out;
	}
	if (strcmp(result->state, "SEALED") == 0) {
		if (version_finish(job->h, result->version_id, e) == -1)
			goto out;
		(void)snprintf(result->state, sizeof(result->state), "LOGGED");
	}
	rc = 0;
out:
	io_close(&lock);
	return rc;
}

/* Without sealing. */
static int
dry(struct push_job *job, struct push_result *result, struct err *e)
{
	if (job->push->append && (append_begin(job, e) == -1 || append_plan(job, e) == -1))
		return -1;
	return house_withdrawn(job->h, job->holder, job->push->name, job->policy, &job->withdrawn,
		   job->withdrawn_from, e) == -1
		   ? -1
		   : push_try(job, result, e);
}

/* An append: to what, and whether there is anything to add: 1; 0 and the version that has it all. */
static int
onto(struct push_job *job, struct push_result *result, struct err *e)
{
	const struct version *base;
	uint64_t requests = 0;
	int rc;

	/* What a push or a withdrawal that was cut left is gone on with: it may be the version that is added to. */
	if (withdraw_follow(job->h, job->dataset_id, &requests, e) == -1 || append_begin(job, e) == -1 ||
	    (rc = append_plan(job, e)) == -1)
		return -1;
	base = job->append->base;
	(void)snprintf(result->base_id, sizeof(result->base_id), "%s", base->id);
	if (rc == 0) {
		has_all(job, result);
		rc = push_sweep(job, "", e) == -1 ? -1 : 0;
	}
	return rc;
}

int
house_push(struct house *h, const struct push *push, struct push_result *result, struct err *e)
{
	struct push_job job = {.h = h, .push = push, .content_helper = HELPER_NONE};
	int rc = -1, found, lock = -1;
	char name[128];

	*result = (struct push_result){.existed = false};
	h->patience = push->stall;
	buf_init(&job.policy_text, 16u << 20);
	buf_init(&job.meta_text, PUSH_META_MAX);
	pushed_init(&job.pushed);
	buf_init(&job.withdrawn, (size_t)WITHDRAWN_MAX * WITHDRAWN_MARK_LEN);
	if (push_read(&job, e) == -1)
		goto out;
	if (push->append && append_dataset(&job, e) == -1)
		goto out;
	if (push->dry) {
		rc = dry(&job, result, e);
		goto out;
	}
	if (!push->append) {
		version_new_id(job.dataset_id);
		if (push_dataset(&job, e) == -1)
			goto out;
	}
	/* Two pushes of one dataset wait for each other; of two datasets they do not. */
	(void)snprintf(name, sizeof(name), "staging/%s.lock", job.dataset_id);
	if ((lock = house_lock_telling(h, name, push->waits, push->ctx, e)) == -1)
		goto out;
	if (push->append && (rc = onto(&job, result, e)) != 1)
		goto out;
	rc = -1;
	if ((found = push_find(&job, result, e)) == -1)
		goto out;
	if ((found == 0 && !push->append &&
		(push_content_find(&job, e) == -1 || (found = push_find(&job, result, e)) == -1)) ||
	    push_sweep(&job, result->version_id, e) == -1)
		goto out;
	if (found == 0)
		version_new_id(result->version_id);
	if (found == 0 || strcmp(result->state, "RECEIVED") == 0) {
		if (house_withdrawn(
			h, job.holder, push->name, job.policy, &job.withdrawn, job.withdrawn_from, e) == -1 ||
		    push_begin(&job, result->version_id, found == 1, e) == -1)
			goto out;
		if (run(&job, result->version_id, result, e) == -1) {
			/* The first error is the one that counts. */
			(void)!push_undo(&job, result->version_id, NULL);
			goto out;
		}
	} else {
		result->existed = strcmp(result->state, "SEALED") != 0;
	}
	if (push->append)
		io_close(&job.append->lock);
	if (strcmp(result->state, "SEALED") == 0 && finish(&job, result, e) == -1)
		goto out;
	rc = 0;
out:
	io_close(&lock);
	for (size_t i = 0; i < job.exclusion_count; i++)
		io_close(&job.exclusions[i].fd);
	free(job.exclusions);
	helper_kill(&job.content_helper);
	plan_free(job.plan);
	json_free(job.policy);
	json_free(job.meta);
	buf_free(&job.policy_text);
	buf_free(&job.meta_text);
	buf_free(&job.withdrawn);
	pushed_free(&job.pushed);
	append_free(job.append);
	return rc;
}
