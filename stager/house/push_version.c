/* The rows and files of a push's version: begun, settled, or taken away again. */
#include "push.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "origin.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

int
push_dataset(struct push_job *job, struct err *e)
{
	struct ledger_query *q;
	int rc;

	q = ledger_query(job->h->ledger, e,
	    "INSERT INTO dataset VALUES (?1, ?2, ?3, ?4) ON CONFLICT (holder, name) DO UPDATE SET at = at "
	    "RETURNING id",
	    "sssi", job->dataset_id, job->holder, job->push->name, (int64_t)time(NULL));
	if ((rc = ledger_next(q, e)) == 1)
		(void)snprintf(job->dataset_id, sizeof(job->dataset_id), "%s", ledger_text(q, 0));
	if (rc == 1)
		rc = ledger_next(q, e);
	ledger_end(q);
	return rc;
}

int
push_find(struct push_job *job, struct push_result *result, struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT id, state FROM version WHERE dataset = ? AND source = ? AND policy = ? AND meta = ? AND "
	    "scrubber = ? AND state NOT IN"
	    " ('REJECTED','WITHDRAWN','ERASED') ORDER BY number DESC LIMIT 1",
	    "ssbbs", job->dataset_id, job->source, job->policy_text.data, job->policy_text.len,
	    job->meta_text.data, job->meta_text.len, SCRUBBER);
	int rc = ledger_next(q, e);
	struct origin origin;

	if (rc == 1) {
		(void)snprintf(result->version_id, sizeof(result->version_id), "%s", ledger_text(q, 0));
		(void)snprintf(result->state, sizeof(result->state), "%s", ledger_text(q, 1));
	}
	ledger_end(q);
	/* What a crash cut is done anew in any case, from the sources of this push. */
	if (rc == 1 && strcmp(result->state, "RECEIVED") != 0 &&
	    push_content_check(job, result->version_id, &origin, e) == -1)
		return -1;
	return rc;
}

static int
insert_sets(struct push_job *job, const char *id, struct err *e)
{
	for (size_t i = 0; i < job->set_count; i++)
		if (ledger_run(job->h->ledger, e, "INSERT INTO shard_set VALUES (?, ?, 0, 0, 0)", "ss", id,
			job->sets[i].name) == -1)
			return -1;
	return 0;
}

int
push_begin(struct push_job *job, const char *id, bool again, struct err *e)
{
	struct ledger *l = job->h->ledger;
	uint8_t salts[2][32];
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", i == 0 ? "staging" : "vault", id);
		if (again && io_remove_tree(job->h->folder, path, e) == -1)
			return -1;
	}
	randombytes_buf(salts, sizeof(salts));
	if (ledger_begin(l, e) == -1)
		return -1;
	if ((again && (ledger_run(l, e, "DELETE FROM shard WHERE version = ?", "s", id) == -1 ||
			  ledger_run(l, e, "DELETE FROM gathered WHERE version = ?", "s", id) == -1)) ||
	    (!again &&
		(ledger_run(l, e,
		     "INSERT INTO version SELECT ?1, ?2, coalesce(max(number), 0) + 1, 'RECEIVED', ?3, ?4, "
		     "?5, NULL, ?6, ?7, ?8, ?9,"
		     " (SELECT digest FROM version WHERE dataset = ?2 AND digest IS NOT NULL AND state IN "
		     "('LOGGED', 'ACCEPTED', 'SENT', 'WITHDRAWN')"
		     " ORDER BY number DESC LIMIT 1), NULL, NULL, NULL, ?10 FROM version WHERE dataset = ?2",
		     "sssbbbssbi", id, job->dataset_id, job->source, job->policy_text.data,
		     job->policy_text.len, salts[0], (size_t)32, salts[1], (size_t)32, SCRUBBER, job->ruleset,
		     job->meta_text.data, job->meta_text.len, (int64_t)time(NULL)) == -1 ||
		    insert_sets(job, id, e) == -1)) ||
	    ledger_commit(l, e) == -1) {
		ledger_rollback(l);
		return -1;
	}
	return 0;
}

/* Each set's table beside its shards; a set without any leaves nothing. */
static int
finish_staging(struct push_job *job, const char *id, struct err *e)
{
	char path[192];

	for (size_t i = 0; i < job->set_count; i++) {
		const struct pipeline_set *set = &job->sets[i];

		if (set->shards == 0) {
			(void)snprintf(path, sizeof(path), "staging/%s/%s", id, set->name);
			if (io_remove_tree(job->h->folder, path, e) == -1)
				return -1;
		} else if (io_replace_file(set->staging, "shards.jsonl", set->table.data, set->table.len,
			       0600, e) == -1) {
			return -1;
		} else if (fsync(set->staging) == -1) {
			return err_sys(e, "staging: sync");
		}
	}
	/* Of the folder of all sets, which is what will be moved. */
	(void)snprintf(path, sizeof(path), "staging/%s/.", id);
	return io_sync_parent(job->h->folder, path, e);
}

static int
count_sets(struct push_job *job, const char *id, struct err *e)
{
	for (size_t i = 0; i < job->set_count; i++) {
		const struct pipeline_set *set = &job->sets[i];

		if (ledger_run(job->h->ledger, e,
			"UPDATE shard_set SET shards = ?, members = ?, bytes = ? WHERE version = ? AND name "
			"= ?",
			"iiiss", (int64_t)set->shards, (int64_t)set->members, (int64_t)set->bytes, id,
			set->name) == -1)
			return -1;
	}
	return 0;
}

int
push_settle(
    struct push_job *job, struct pipeline *p, const char *id, struct push_result *result, struct err *e)
{
	struct ledger *l = job->h->ledger;
	char from[128], to[128];
	struct buf report, gathered;
	uint64_t shards = 0;
	struct origin origin;
	int rc = -1;

	buf_init(&report, 16u << 20);
	buf_init(&gathered, 1u << 20);
	for (size_t i = 0; i < job->set_count; i++)
		shards += job->sets[i].shards;
	if (finish_staging(job, id, e) == -1)
		goto out;
	(void)snprintf(from, sizeof(from), "staging/%s", id);
	(void)snprintf(to, sizeof(to), "vault/%s", id);
	if (renameat(job->h->folder, from, job->h->folder, to) == -1) {
		err_sys(e, "%s: move into the vault", from);
		goto out;
	}
	if (io_sync_parent(job->h->folder, from, e) == -1 || io_sync_parent(job->h->folder, to, e) == -1 ||
	    version_previous(job->h, id, &job->policy_text, p->report, e) == -1 ||
	    json_encode(p->report, &report, e) == -1 ||
	    (p->gathered != NULL && json_encode(p->gathered, &gathered, e) == -1) ||
	    push_content_prove(job, id, &origin, e) == -1)
		goto out;
	(void)snprintf(result->state, sizeof(result->state), "%s",
	    version_must_hold(job->policy, p->report, shards) ? "HELD" : "SEALED");
	if (ledger_begin(l, e) == -1)
		goto out;
	if ((p->gathered != NULL &&
		ledger_run(l, e, "INSERT INTO gathered VALUES (?, ?, ?, NULL)", "ssb", id,
		    json_get(p->gathered, "context")->string, gathered.data, gathered.len) == -1) ||
	    count_sets(job, id, e) == -1 || origin_keep(job->h, &origin, e) == -1 ||
	    pushed_keep(job->h, id, &job->pushed, e) == -1 ||
	    ledger_run(l, e, "UPDATE version SET report = ?, state = ? WHERE id = ?", "bss", report.data,
		report.len, result->state, id) == -1 ||
	    ledger_commit(l, e) == -1) {
		ledger_rollback(l);
		goto out;
	}
	rc = 0;
out:
	buf_free(&report);
	buf_free(&gathered);
	return rc;
}

int
push_undo(struct push_job *job, const char *id, struct err *e)
{
	struct ledger *l = job->h->ledger;
	static const char *const rows[] = {"DELETE FROM shard WHERE version = ?",
	    "DELETE FROM gathered WHERE version = ?", "DELETE FROM source_content WHERE version = ?",
	    "DELETE FROM pushed WHERE version = ?", "DELETE FROM shard_set WHERE version = ?",
	    "DELETE FROM version WHERE id = ?"};
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", i == 0 ? "staging" : "vault", id);
		if (io_remove_tree(job->h->folder, path, e) == -1)
			return -1;
	}
	if (ledger_begin(l, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (ledger_run(l, e, rows[i], "s", id) == -1)
			goto fail;
	if (ledger_commit(l, e) == 0)
		return 0;
fail:
	ledger_rollback(l);
	return -1;
}

int
push_sweep(struct push_job *job, const char *keep, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1];
	struct ledger_query *q;
	int more;

	do {
		q = ledger_query(job->h->ledger, e,
		    "SELECT id FROM version WHERE dataset = ? AND state = 'RECEIVED' AND id <> ? LIMIT 1",
		    "ss", job->dataset_id, keep);
		if ((more = ledger_next(q, e)) == 1)
			(void)snprintf(id, sizeof(id), "%s", ledger_text(q, 0));
		ledger_end(q);
		if (more == 1 && push_undo(job, id, e) == -1)
			return -1;
	} while (more == 1);
	return more;
}
