/* To what a push --append adds, and what of its sources is new. */
#include "append.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/policy.h"
#include "stager/unpack.h"
#include "stager/withdrawn.h"
#include "verify.h"
#include "withdraw_log.h"

#define WHOLE "push all of it without --append"

void
append_free(struct append *a)
{
	if (a == NULL)
		return;
	carry_free(&a->carry);
	io_close(&a->lock);
	plan_free(a->part);
	pushed_free(&a->pushed);
	version_free(a->base);
	free(a);
}

int
append_dataset(struct push_job *job, struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT id FROM dataset WHERE holder = ? AND name = ?", "ss", job->holder, job->push->name);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(job->dataset_id, sizeof(job->dataset_id), "%s", ledger_text(q, 0));
	ledger_end(q);
	if (more == 0)
		return err_set(e, ERR_UNKNOWN,
		    "push: %s has no dataset %s that anything could be added to (see stager list)",
		    job->holder, job->push->name);
	return more == 1 ? 0 : -1;
}

static int
latest(struct push_job *job, char id[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT id FROM version WHERE dataset = ? AND state IN ('HELD', 'SEALED', 'LOGGED', 'ACCEPTED', "
	    "'SENT') ORDER BY number DESC LIMIT 1",
	    "s", job->dataset_id);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(id, MANIFEST_ID_LEN + 1, "%s", ledger_text(q, 0));
	ledger_end(q);
	if (more == 0)
		return err_set(e, ERR_REFUSED,
		    "push: dataset %s has no version that anything could be added to: " WHOLE,
		    job->push->name);
	return more == 1 ? 0 : -1;
}

/* Meta that is not given is the version's; one that is given must be. */
static int
same_meta(struct push_job *job, struct err *e)
{
	struct buf meta;
	int rc = -1;

	buf_init(&meta, PUSH_META_MAX);
	if (json_encode(job->append->base->meta, &meta, e) == -1)
		goto out;
	if (job->push->meta == NULL) {
		json_free(job->meta);
		job->meta = json_copy(job->append->base->meta);
		buf_clear(&job->meta_text);
		rc = buf_put(&job->meta_text, meta.data, meta.len, e);
	} else if (meta.len != job->meta_text.len || memcmp(meta.data, job->meta_text.data, meta.len) != 0) {
		err_set(e, ERR_REFUSED,
		    "push: version %s has another meta file: what it says holds for a version as a "
		    "whole: " WHOLE,
		    job->append->base->id);
	} else {
		rc = 0;
	}
out:
	buf_free(&meta);
	return rc;
}

/* One thing in a JSON text that a query found, as a number; 0 where it is not there. */
static int64_t
number_of(struct ledger_query *q, int column, const char *key)
{
	size_t len;
	const void *text = ledger_blob(q, column, &len);
	struct json *j = json_parse(text, len, "ledger", NULL);
	const struct json *n = json_get(j, key);
	int64_t value = n == NULL || n->type != JSON_INT ? 0 : n->integer;

	json_free(j);
	return value;
}

/* How many marks the first pass of a version left out of which the log has nothing yet. */
static int
unlogged_marks(struct house *h, const char *id, uint64_t *marks, struct err *e)
{
	struct ledger_query *q = ledger_query(
	    h->ledger, e, "SELECT json FROM gathered WHERE version = ? AND place IS NULL", "s", id);
	int more = ledger_next(q, e);

	if (more == 1)
		*marks += (uint64_t)number_of(q, 0, "withdrawn");
	ledger_end(q);
	return more == -1 ? -1 : 0;
}

/*
 * Nobody was withdrawn from the dataset whom the version may still hold: as many marks were left out when it was made, or taken out of what
 * it was made of, as there are. The log says so: what the ledger says of it is compared with that.
 */
static int
nobody_withdrawn(struct push_job *job, struct err *e)
{
	const struct version *base = job->append->base;
	const bool unlogged = strcmp(base->state, "HELD") == 0 || strcmp(base->state, "SEALED") == 0;
	struct manifest *m = NULL;
	struct withdraw_log log;
	uint64_t marks, rows;
	int rc = -1;

	withdraw_log_init(&log);
	if (withdraw_log_read(job->h, job->dataset_id, job->holder, job->push->name, &log, e) == -1 ||
	    withdraw_log_whole(&log, e) == -1 || withdraw_log_living(&log, base->id, e) == -1 ||
	    verify_gathered(job->h, base->id, &rows, e) == -1 ||
	    (!unlogged && (m = verify_manifest(job->h, base, e)) == NULL))
		goto out;
	if (rows == 0 && withdraw_log_gathered(&log, base->id)) {
		err_set(e, ERR_FORGED, "ledger: what was gathered of version %s is missing", base->id);
		goto out;
	}
	marks = withdraw_log_left_out(&log, base->id);
	/* Nothing is added to it before it is entered. */
	if (unlogged && unlogged_marks(job->h, base->id, &marks, e) == -1)
		goto out;
	if (marks * WITHDRAWN_MARK_LEN < log.marks.len) {
		err_set(e, ERR_REFUSED,
		    "push: people were withdrawn from dataset %s since version %s was made, which may hold "
		    "them: " WHOLE,
		    job->push->name, base->id);
		goto out;
	}
	rc = 0;
out:
	manifest_free(m);
	withdraw_log_free(&log);
	return rc;
}

/* Its sources are told apart from those of the same push without --append, and onto another version. */
static void
name_source(struct push_job *job)
{
	uint8_t digest[DIGEST_LEN];

	digest_prefixed((const struct digest_part[]){{"append", 6}, {job->append->base->id, MANIFEST_ID_LEN},
			    {job->source, strlen(job->source)}},
	    3, digest);
	hex_encode(digest, DIGEST_LEN, job->source);
}

int
append_begin(struct push_job *job, struct err *e)
{
	struct append *a = calloc(1, sizeof(*a));
	char id[MANIFEST_ID_LEN + 1];

	if (a == NULL)
		return err_set(e, ERR_SYSTEM, "push: out of memory");
	job->append = a;
	a->lock = -1;
	carry_init(&a->carry, job->h);
	pushed_init(&a->pushed);
	if (latest(job, id, e) == -1 || (a->base = version_load(job->h, id, e)) == NULL)
		return -1;
	a->carry.base = a->base;
	if (nobody_withdrawn(job, e) == -1)
		return -1;
	if (a->base->policy_text.len != job->policy_text.len ||
	    memcmp(a->base->policy_text.data, job->policy_text.data, job->policy_text.len) != 0)
		return err_set(e, ERR_REFUSED,
		    "push: version %s was made under another policy (see stager policy diff): " WHOLE, id);
	if (strcmp(a->base->scrubber, SCRUBBER) != 0 || strcmp(a->base->ruleset, job->ruleset) != 0)
		return err_set(e, ERR_REFUSED, "push: version %s was scrubbed by other rules (%.31s): " WHOLE,
		    id, a->base->scrubber);
	if (same_meta(job, e) == -1 || push_content_check(job, id, &a->origin, e) == -1 ||
	    pushed_load(job->h, id, &a->pushed, e) == -1)
		return -1;
	/* The first pass is to know which rows there are. */
	if (buf_put(&job->pushed.rows, a->pushed.rows.data, a->pushed.rows.len, e) == -1)
		return -1;
	name_source(job);
	return 0;
}

/* ---- what is new ---- */

/* The subject table, as the first pass finds it. Inside an archive its rows cannot be told apart from the rest. */
static bool
is_table(const struct push_job *job, const struct plan_file *f)
{
	const struct json *from = json_get(json_get(job->policy, "subject"), "from");
	size_t len = unpack_name(f->name);
	char *inner;
	bool is;

	if (from == NULL || f->prefix != NULL)
		return false;
	if (policy_glob(from->string, f->name))
		return true;
	if (len == 0 || (inner = strndup(f->name, len)) == NULL)
		return false;
	is = policy_glob(from->string, inner);
	free(inner);
	return is;
}

/* Nothing of it is let out, whatever it holds. */
static bool
is_dropped(const struct push_job *job, const struct plan_file *f)
{
	const struct json *files = json_get(job->policy, "files");
	bool dropped = false;

	for (size_t i = 0; files != NULL && i < files->count; i++) {
		const struct json *match = json_get(files->items[i], "match"),
				  *format = json_get(files->items[i], "format");

		if (match == NULL || match->type != JSON_STRING || !policy_glob(match->string, f->name))
			continue;
		if (format == NULL || format->type != JSON_STRING || strcmp(format->string, "drop") != 0)
			return false;
		dropped = true;
	}
	return dropped && f->prefix == NULL;
}

/* Is the file new? 1, 0, -1. */
static int
look_at(struct push_job *job, size_t i, struct err *e)
{
	const struct plan_file *f = &job->plan->files[i];
	const uint8_t *file = job->pushed.files.data + i * PUSHED_FILE_LEN,
		      *have = pushed_find(&job->append->pushed, file);

	if (have == NULL)
		return 1;
	if (memcmp(have, file, PUSHED_FILE_LEN) == 0 || is_dropped(job, f))
		return 0;
	if (is_table(job, f))
		return 1;
	return err_set(e, ERR_REFUSED,
	    "source file %zu: version %s has a file of its name that holds something else, and an append "
	    "replaces "
	    "nothing: "
	    "give what is new under a name of its own, or " WHOLE,
	    f->number, job->append->base->id);
}

/* A list that has grown names people whom the version may hold. */
static int
same_lists(struct push_job *job, struct err *e)
{
	for (size_t i = 0; i < job->exclusion_count; i++) {
		const uint8_t *list = job->pushed.files.data + (job->plan->count + i) * PUSHED_FILE_LEN,
			      *have = pushed_find(&job->append->pushed, list);

		if (have == NULL || memcmp(have, list, PUSHED_FILE_LEN) != 0)
			return err_set(e, ERR_REFUSED,
			    "exclusion list %s: it is another one than version %s was made with, which may "
			    "hold who "
			    "is on "
			    "it: take them out of that (stager withdraw) and give the list as it was, "
			    "or " WHOLE,
			    job->exclusions[i].name, job->append->base->id);
	}
	return 0;
}

int
append_plan(struct push_job *job, struct err *e)
{
	struct append *a = job->append;
	bool *wanted = NULL;
	int rc = -1, is;

	if (push_content_read(job, e) == -1)
		return -1;
	if (job->pushed.files.len != (job->plan->count + job->exclusion_count) * PUSHED_FILE_LEN)
		return err_set(e, ERR_SYSTEM, "source: not a digest for each file");
	if ((wanted = calloc(job->plan->count + 1, sizeof(*wanted))) == NULL)
		return err_set(e, ERR_SYSTEM, "source: out of memory");
	if (same_lists(job, e) == -1)
		goto out;
	for (size_t i = 0; i < job->plan->count; i++) {
		if ((is = look_at(job, i, e)) == -1)
			goto out;
		wanted[i] = is == 1;
	}
	if ((a->part = plan_part(job->plan, wanted, e)) == NULL)
		goto out;
	rc = a->part->count > 0;
	if (rc == 1 && strcmp(a->base->state, "HELD") == 0)
		rc = err_set(e, ERR_WAIT,
		    "push: version %s is HELD: before anything is added to it, a steward accepts or rejects "
		    "it",
		    a->base->id);
out:
	free(wanted);
	return rc;
}
