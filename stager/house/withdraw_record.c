/* What a withdrawal leaves in ledger, log and vault: who was withdrawn, as marks; the old version ended, the new one begun, at once. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "push.h"
#include "pushed.h"
#include "request.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/withdrawn.h"
#include "withdraw.h"

#define REPORT_MAX (16u << 20)
/* States in which a version may be opened, or may come to be. */
#define LIVING "('HELD', 'SEALED', 'LOGGED', 'ACCEPTED', 'SENT')"

/* The version that was made of a withdrawn one: its log entry says which. 1, 0, -1. */
static int
successor(struct house *h, const char *id, char out[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT json FROM opening WHERE type = 'withdraw' AND about = ? AND place IS NOT NULL", "s", id);
	int more = ledger_next(q, e);
	const struct json *next;
	struct json *j = NULL;
	const void *text;
	size_t len;

	if (more == 1) {
		text = ledger_blob(q, 0, &len);
		j = json_parse(text, len, "opening", e);
		next = json_get(j, "successor");
		more = j == NULL ? -1 : next != NULL && next->type == JSON_STRING;
		if (more == 1)
			(void)snprintf(out, MANIFEST_ID_LEN + 1, "%s", next->string);
	}
	json_free(j);
	ledger_end(q);
	return more;
}

/* The only holder, or the one that was named. */
static int
latest_of(struct withdrawal *w, char id[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(w->h->ledger, e,
	    "SELECT count(*), (SELECT v.id FROM version v WHERE v.dataset = d.id AND v.state IN " LIVING
	    " ORDER BY v.number DESC LIMIT 1) FROM dataset d WHERE d.name = ?1 AND (?2 IS NULL OR d.holder = "
	    "?2)",
	    "ss", w->ask->what, w->ask->holder);
	int more = ledger_next(q, e), rc = -1;

	if (more == 1 && ledger_int(q, 0) == 0)
		err_set(e, ERR_UNKNOWN,
		    "withdraw: there is no version and no dataset %.64s (see stager list)", w->ask->what);
	else if (more == 1 && ledger_int(q, 0) > 1)
		err_set(e, ERR_USAGE,
		    "withdraw: several holders have a dataset of that name: name one with --holder");
	else if (more == 1 && ledger_null(q, 1))
		err_set(e, ERR_REFUSED,
		    "withdraw: dataset %.64s has no version that anything could be withdrawn from",
		    w->ask->what);
	else if (more == 1) {
		(void)snprintf(id, MANIFEST_ID_LEN + 1, "%s", ledger_text(q, 1));
		rc = 0;
	}
	ledger_end(q);
	return rc;
}

static bool
living(const char *state)
{
	static const char *const states[] = {"HELD", "SEALED", "LOGGED", "ACCEPTED", "SENT"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

int
withdraw_base(struct withdrawal *w, bool *named, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "";
	struct ledger_query *q =
	    ledger_query(w->h->ledger, e, "SELECT id FROM version WHERE id = ?", "s", w->ask->what);
	int more = ledger_next(q, e);

	*named = more == 1;
	if (more == 1)
		(void)snprintf(id, sizeof(id), "%s", ledger_text(q, 0));
	ledger_end(q);
	if (more == -1 || (more == 0 && latest_of(w, id, e) == -1))
		return -1;
	/* One that was withdrawn from before goes on as what was made of it. */
	do {
		version_free(w->base);
		if ((w->base = version_load(w->h, id, e)) == NULL)
			return -1;
		more = strcmp(w->base->state, "WITHDRAWN") == 0 ? successor(w->h, w->base->id, id, e) : 0;
	} while (more == 1);
	if (more == -1)
		return -1;
	if (!living(w->base->state))
		return err_set(e, ERR_REFUSED, "version %s: it is %s: there is nothing to withdraw from",
		    w->base->id, w->base->state);
	if (*named && w->ask->holder != NULL && strcmp(w->ask->holder, w->base->holder) != 0)
		return err_set(e, ERR_REFUSED, "version %s: it is not %.64s's", w->base->id, w->ask->holder);
	if (w->base->shards == 0)
		return err_set(e, ERR_REFUSED, "version %s: there is no shard in it: reject it", w->base->id);
	(void)snprintf(w->result->holder, sizeof(w->result->holder), "%s", w->base->holder);
	(void)snprintf(w->result->dataset, sizeof(w->result->dataset), "%s", w->base->dataset);
	return 0;
}

int
withdraw_next(struct withdrawal *w, char id[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(w->h->ledger, e,
	    "SELECT id FROM version WHERE dataset = ? AND id > ? AND id <> ? AND id <> ? AND state IN " LIVING
	    " ORDER BY id LIMIT 1",
	    "ssss", w->base->dataset_id, id, w->base->id, w->id);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(id, MANIFEST_ID_LEN + 1, "%s", ledger_text(q, 0));
	ledger_end(q);
	return more;
}

/* ---- who ---- */

struct new_list {
	struct withdrawal *w;
	const struct buf *marks;
};

static int
insert_list(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct new_list *n = ctx;

	return ledger_run(h->ledger, e, "INSERT INTO withdrawal VALUES (?, ?, ?, ?, ?)", "isbbi",
	    (int64_t)index, n->w->base->dataset_id, n->w->form.data, n->w->form.len, n->marks->data,
	    n->marks->len, (int64_t)time(NULL));
}

static int
compare_marks(const void *a, const void *b)
{
	return memcmp(a, b, WITHDRAWN_MARK_LEN);
}

int
withdraw_record_list(struct withdrawal *w, struct err *e)
{
	struct new_list n = {.w = w};
	uint8_t digest[DIGEST_LEN], form[DIGEST_LEN];
	struct buf before, fresh;
	struct json *j;
	int rc = -1;

	buf_init(&before, (size_t)WITHDRAWN_MAX * WITHDRAWN_MARK_LEN);
	buf_init(&fresh, (size_t)WITHDRAWN_MAX * WITHDRAWN_MARK_LEN);
	if (withdraw_marks(w->h, w->base->dataset_id, &before, e) == -1)
		goto out;
	if (before.len > 0)
		qsort(before.data, before.len / WITHDRAWN_MARK_LEN, WITHDRAWN_MARK_LEN, compare_marks);
	for (size_t at = 0; at < w->marks.len; at += WITHDRAWN_MARK_LEN)
		if ((before.len == 0 ||
			bsearch(w->marks.data + at, before.data, before.len / WITHDRAWN_MARK_LEN,
			    WITHDRAWN_MARK_LEN, compare_marks) == NULL) &&
		    buf_put(&fresh, w->marks.data + at, WITHDRAWN_MARK_LEN, e) == -1)
			goto out;
	if (fresh.len + before.len > (size_t)WITHDRAWN_MAX * WITHDRAWN_MARK_LEN) {
		err_set(e, ERR_LIMIT, "withdraw: more than %d people of one dataset", WITHDRAWN_MAX);
		goto out;
	}
	rc = 0;
	if (fresh.len == 0)
		goto out;
	/* Their order must not say in which order the list had them, nor how it goes with that of pseudonyms. */
	qsort(fresh.data, fresh.len / WITHDRAWN_MARK_LEN, WITHDRAWN_MARK_LEN, compare_marks);
	n.marks = &fresh;
	digest_bytes(fresh.data, fresh.len, digest);
	j = json_object();
	/* Whose list it is stays so, whatever the ledger comes to call the dataset. */
	json_set_string(j, "dataset-id", w->base->dataset_id);
	json_set_string(j, "holder", w->base->holder);
	json_set_string(j, "dataset", w->base->dataset);
	digest_bytes(w->form.data, w->form.len, form);
	json_set_hex(j, "form", form, DIGEST_LEN);
	json_set_hex(j, "commitment", w->result->commitment, DIGEST_LEN);
	json_set_int(j, "keys", (int64_t)(fresh.len / WITHDRAWN_MARK_LEN));
	json_set_hex(j, "marks", digest, DIGEST_LEN);
	rc = house_record(w->h, "withdraw-list", j, w->base->dataset_id,
	    (struct effect){.run = insert_list, .ctx = &n}, NULL, e);
	json_free(j);
out:
	buf_free(&before);
	buf_free(&fresh);
	return rc;
}

/* ---- the new version ---- */

int
withdraw_begin(struct withdrawal *w, struct err *e)
{
	struct ledger *l = w->h->ledger;
	uint8_t salts[2][32];

	version_new_id(w->id);
	randombytes_buf(salts, sizeof(salts));
	if (ledger_begin(l, e) == -1)
		return -1;
	/* Until it is whole it is no push's: its source is told at the end. */
	if (ledger_run(l, e,
		"INSERT INTO version SELECT ?1, b.dataset, (SELECT max(number) + 1 FROM version WHERE "
		"dataset = "
		"b.dataset), 'RECEIVED', '', b.policy, ?2, NULL, ?3, b.scrubber, b.ruleset, b.meta, (SELECT "
		"digest FROM "
		"version WHERE dataset = b.dataset AND digest IS NOT NULL AND state IN ('LOGGED', "
		"'ACCEPTED', 'SENT', "
		"'WITHDRAWN') ORDER BY number DESC LIMIT 1), NULL, NULL, NULL, ?4 FROM version b WHERE b.id "
		"= ?5",
		"sbbis", w->id, salts[0], (size_t)32, salts[1], (size_t)32, (int64_t)time(NULL),
		w->base->id) == -1 ||
	    ledger_run(l, e,
		"INSERT INTO shard_set SELECT ?1, name, 0, 0, 0 FROM shard_set WHERE version = ?2", "ss",
		w->id, w->base->id) == -1 ||
	    ledger_commit(l, e) == -1) {
		ledger_rollback(l);
		w->id[0] = '\0';
		return -1;
	}
	return 0;
}

struct ending {
	struct withdrawal *w;
	struct origin origin; /* of the new version */
	struct buf report;
	char state[16];
};

static int
insert_set(struct withdrawal *w, const struct old_set *set, struct err *e)
{
	struct ledger *l = w->h->ledger;
	uint64_t shards = set->row_count == 0 ? 0 : set->row_count - 1;
	struct buf line;
	int rc = -1;

	buf_init(&line, 4096);
	if (ledger_run(l, e,
		"UPDATE shard_set SET shards = ?, members = ?, bytes = ? WHERE version = ? AND name = ?",
		"iiiss", (int64_t)shards, (int64_t)set->members, (int64_t)set->bytes, w->id, set->name) == -1)
		goto out;
	for (size_t i = 0; i < set->row_count; i++) {
		const struct new_row *row = &set->rows[i];

		buf_clear(&line);
		if (table_encode_line(&row->line, &line, e) == -1 ||
		    ledger_run(l, e, "INSERT INTO shard VALUES (?, ?, ?, ?, ?, ?)", "ssisbb", w->id,
			set->name, (int64_t)i, row->line.name, line.data, line.len, row->wrapped,
			sizeof(row->wrapped)) == -1)
			goto out;
	}
	rc = 0;
out:
	buf_free(&line);
	return rc;
}

/* In the transaction of the entry. The keys of the old version go: secure_delete overwrites them. */
static int
end_version(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	struct ending *x = ctx;
	struct withdrawal *w = x->w;

	(void)index;
	if (version_set_state(h, w->base->id, "WITHDRAWN", e) == -1 ||
	    ledger_run(h->ledger, e, "DELETE FROM shard WHERE version = ?", "s", w->base->id) == -1)
		return -1;
	if (w->id[0] == '\0')
		return 0;
	for (size_t i = 0; i < w->carry.set_count; i++)
		if (insert_set(w, &w->carry.sets[i], e) == -1)
			return -1;
	/* What it was pushed from, so that the same push gives this one. */
	if (origin_keep(h, &x->origin, e) == -1 || pushed_copy(h, w->base->id, w->id, e) == -1)
		return -1;
	return ledger_run(h->ledger, e, "UPDATE version SET report = ?1, state = ?2 WHERE id = ?3", "bss",
	    x->report.data, x->report.len, x->state, w->id);
}

/* From staging into the vault. */
static int
move_files(struct withdrawal *w, struct err *e)
{
	char from[128], to[128];

	(void)snprintf(from, sizeof(from), "staging/%s", w->id);
	(void)snprintf(to, sizeof(to), "vault/%s", w->id);
	if (renameat(w->h->folder, from, w->h->folder, to) == -1)
		return err_sys(e, "%s: move into the vault", from);
	return io_sync_parent(w->h->folder, from, e) == -1 || io_sync_parent(w->h->folder, to, e) == -1 ? -1
													: 0;
}

/* Nobody has decided on it meanwhile. */
static int
still_living(struct withdrawal *w, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(w->h->ledger, e, "SELECT state FROM version WHERE id = ?", "s", w->base->id);
	int rc = ledger_next(q, e) == 1 ? 0 : -1;

	if (rc == 0 && !living(ledger_text(q, 0)))
		rc =
		    err_set(e, ERR_REFUSED, "version %s: it is %.16s by now", w->base->id, ledger_text(q, 0));
	ledger_end(q);
	return rc;
}

int
withdraw_record(struct withdrawal *w, struct err *e)
{
	struct ending x = {.w = w};
	struct json *report = NULL, *j = NULL;
	int rc = -1, versions = -1, requests = -1;
	uint64_t shards = 0;

	buf_init(&x.report, REPORT_MAX);
	for (size_t i = 0; i < w->carry.set_count; i++)
		shards += w->carry.sets[i].row_count == 0 ? 0 : w->carry.sets[i].row_count - 1;
	/* Whoever decides on the version, and whoever releases it, holds these. */
	if ((versions = house_lock(w->h, VERSION_LOCK, e)) == -1 ||
	    (requests = house_lock(w->h, REQUEST_LOCK, e)) == -1 || still_living(w, e) == -1)
		goto out;
	j = json_object();
	if (w->id[0] != '\0') {
		report = withdraw_report(w);
		if (move_files(w, e) == -1 ||
		    version_previous(w->h, w->id, &w->base->policy_text, report, e) == -1 ||
		    json_encode(report, &x.report, e) == -1)
			goto out;
		(void)snprintf(x.state, sizeof(x.state), "%s",
		    version_must_hold(w->base->policy, report, shards) ? "HELD" : "SEALED");
		x.origin = w->origin;
		(void)snprintf(x.origin.version_id, sizeof(x.origin.version_id), "%s", w->id);
		if (origin_prove(&w->digest, &x.origin, e) == -1)
			goto out;
		json_set_string(j, "successor", w->id);
	} else {
		json_set(j, "successor", json_null());
	}
	json_set_string(j, "version-id", w->base->id);
	json_set_string(j, "dataset-id", w->base->dataset_id);
	json_set_hex(j, "list", w->result->commitment, DIGEST_LEN);
	rc = house_record(
	    w->h, "withdraw", j, w->base->id, (struct effect){.run = end_version, .ctx = &x}, NULL, e);
	if (rc == 0)
		w->result->versions++;
out:
	json_free(j);
	json_free(report);
	buf_free(&x.report);
	io_close(&requests);
	io_close(&versions);
	return rc;
}

/* ---- what follows ---- */

/* The next one of a query with one parameter: 1 and its text, 0, -1. */
static int
next_of(struct house *h, const char *sql, const char *dataset_id, const char *after,
    char out[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e, sql, "ss", dataset_id, after);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(out, MANIFEST_ID_LEN + 1, "%s", ledger_text(q, 0));
	ledger_end(q);
	return more;
}

/* Those that are sealed, and of which the log knows nothing yet. */
static int
finish_all(struct house *h, const char *dataset_id, struct err *e)
{
	int lock = house_lock(h, VERSION_LOCK, e), more = -1;
	char id[MANIFEST_ID_LEN + 1] = "";

	if (lock == -1)
		return -1;
	while ((more = next_of(h,
		    "SELECT id FROM version WHERE dataset = ? AND id > ? AND state = 'SEALED' ORDER BY id "
		    "LIMIT 1",
		    dataset_id, id, id, e)) == 1)
		if (version_finish(h, id, e) == -1) {
			more = -1;
			break;
		}
	io_close(&lock);
	return more;
}

int
withdraw_follow(struct house *h, const char *dataset_id, uint64_t *requests, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "", path[128];
	int more;

	if (finish_all(h, dataset_id, e) == -1)
		return -1;
	while ((more = next_of(h,
		    "SELECT r.id FROM request r JOIN version v ON v.id = r.version WHERE v.dataset = ? AND "
		    "r.id > ? AND "
		    "v.state = 'WITHDRAWN' AND r.state <> 'CANCELLED' ORDER BY r.id LIMIT 1",
		    dataset_id, id, id, e)) == 1) {
		if (house_cancel(h, id, e) == -1)
			return -1;
		(*requests)++;
	}
	if (more == -1)
		return -1;
	id[0] = '\0';
	while ((more = next_of(h,
		    "SELECT id FROM version WHERE dataset = ? AND id > ? AND state = 'WITHDRAWN' ORDER BY id "
		    "LIMIT 1",
		    dataset_id, id, id, e)) == 1) {
		(void)snprintf(path, sizeof(path), "vault/%s", id);
		if (io_remove_tree(h->folder, path, e) == -1)
			return -1;
	}
	return more;
}
