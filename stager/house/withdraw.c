/* stager withdraw: a version without some people, made of the shards of another; and the end of that one. */
#include "withdraw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "push.h"
#include "sending.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/preview.h"

#define FORM_MAX 65536

void
withdrawal_init(
    struct withdrawal *w, struct house *h, const struct withdraw *ask, struct withdraw_result *result)
{
	*w = (struct withdrawal){.h = h, .ask = ask, .result = result, .digest = HELPER_NONE, .list = -1};
	carry_init(&w->carry, h);
	buf_init(&w->marks, WIRE_PAYLOAD_MAX);
	buf_init(&w->form, FORM_MAX);
}

void
withdrawal_free(struct withdrawal *w)
{
	carry_free(&w->carry);
	helper_kill(&w->digest);
	io_close(&w->list);
	json_free(w->lines);
	json_free(w->others);
	buf_free(&w->marks);
	buf_free(&w->form);
	free(w->unknown);
	version_free(w->base);
}

/* Only lines that both have: somebody whom another version knows is known. */
static void
both_unknown(struct withdrawal *w, const struct withdrawal *other)
{
	size_t to = 0, at = 0;

	for (size_t i = 0; i < w->unknown_count; i++) {
		while (at < other->unknown_count && other->unknown[at] < w->unknown[i])
			at++;
		if (at < other->unknown_count && other->unknown[at] == w->unknown[i])
			w->unknown[to++] = w->unknown[i];
	}
	w->unknown_count = to;
}

/* A living version of the dataset beside the one that goes on: whether it holds anything of theirs. */
static int
look_at_other(struct withdrawal *w, struct withdrawal *other, const char *id, struct err *e)
{
	struct withdraw_result *own = calloc(1, sizeof(*own));
	struct err why = {.code = ERR_NONE};
	int rc = -1;

	if (own == NULL)
		return err_set(e, ERR_SYSTEM, "withdraw: out of memory");
	*own = *w->result;
	withdrawal_init(other, w->h, w->ask, own);
	if ((other->base = version_load(w->h, id, e)) == NULL)
		goto out;
	if (other->base->shards == 0) {
		rc = 0;
		goto out;
	}
	if (withdraw_who(other, &why) == -1 || withdraw_find(other, &why) == -1) {
		/* Where nobody can tell, it goes. */
		if (why.code != ERR_REFUSED) {
			*e = why;
			goto out;
		}
		other->touched = 1;
		rc = 0;
		goto out;
	}
	if (withdraw_unknown(other, e) == -1)
		goto out;
	both_unknown(w, other);
	rc = 0;
out:
	other->result = w->result;
	free(own);
	return rc;
}

/* Other versions: each that holds something of theirs is to go, too. *list: their ids, count of them; the caller's. */
static int
look_at_others(struct withdrawal *w, char (**list)[MANIFEST_ID_LEN + 1], size_t *count, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "";
	struct withdrawal other;
	void *more_room;
	int more, rc;

	while ((more = withdraw_next(w, id, e)) == 1) {
		rc = look_at_other(w, &other, id, e);
		if (rc == 0 && other.touched > 0) {
			if ((more_room = reallocarray(*list, *count + 1, sizeof(**list))) == NULL) {
				rc = err_set(e, ERR_SYSTEM, "withdraw: out of memory");
			} else {
				*list = more_room;
				memcpy((*list)[(*count)++], id, sizeof(id));
			}
		}
		withdrawal_free(&other);
		if (rc == -1)
			return -1;
	}
	return more;
}

/* One of them, without a successor. */
static int
end_other(struct withdrawal *w, const char *id, struct err *e)
{
	struct withdrawal other;
	int rc = -1;

	withdrawal_init(&other, w->h, w->ask, w->result);
	if ((other.base = version_load(w->h, id, e)) != NULL && sending_idle(w->h, id, e) == 0)
		rc = withdraw_record(&other, e);
	withdrawal_free(&other);
	return rc;
}

static int
refuse_unknown(struct withdrawal *w, struct err *e)
{
	struct withdraw_result *r = w->result;
	char lines[WITHDRAW_LINES_MAX * 21 + 1] = "";
	size_t at = 0;

	r->unknown = w->unknown_count;
	for (size_t i = 0; i < w->unknown_count && i < WITHDRAW_LINES_MAX; i++) {
		r->lines[i] = w->unknown[i];
		at += (size_t)snprintf(lines + at, sizeof(lines) - at, "%s%llu", i == 0 ? "" : ", ",
		    (unsigned long long)w->unknown[i]);
	}
	if (r->unknown == 0 || w->ask->unknown || w->ask->alone)
		return 0;
	return err_set(e, ERR_REFUSED,
	    "subjects: line %s%s: nobody in it has such a key; nothing was withdrawn. Mend the list, or take "
	    "such keys, "
	    "too, for later pushes: --unknown",
	    lines, r->unknown > WITHDRAW_LINES_MAX ? " and more" : "");
}

/* The new version, whole, and the old one's end. */
static int
replace(struct withdrawal *w, struct push_job *job, struct err *e)
{
	uint64_t left = 0;
	int rc;

	if (w->ask->alone)
		return withdraw_record(w, e);
	if (withdraw_begin(w, e) == -1)
		return -1;
	if ((rc = withdraw_seal(w, e)) == 0) {
		for (size_t i = 0; i < w->carry.set_count; i++)
			left += w->carry.sets[i].row_count;
		w->result->nothing_left = left == 0;
		if (left == 0)
			rc = push_undo(job, w->id, e);
		if (rc == 0 && left == 0)
			w->id[0] = '\0';
		if (rc == 0)
			rc = withdraw_record(w, e);
	}
	/* The first error is the one that counts. */
	if (rc == -1 && w->id[0] != '\0')
		(void)!push_undo(job, w->id, NULL);
	return rc;
}

/* What the withdrawal has come to. */
static int
fill_result(struct withdrawal *w, struct err *e)
{
	struct withdraw_result *r = w->result;
	struct version *v;

	r->touched = w->touched;
	r->members = w->members;
	r->records = w->records;
	r->existed = r->versions == 0;
	if (w->touched > 0 && w->id[0] == '\0')
		return 0;
	if ((v = version_load(w->h, w->touched > 0 ? w->id : w->base->id, e)) == NULL)
		return -1;
	(void)snprintf(r->version_id, sizeof(r->version_id), "%s", v->id);
	(void)snprintf(r->state, sizeof(r->state), "%s", v->state);
	version_free(v);
	return 0;
}

static int
count_others(struct withdrawal *w, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "";
	int more;

	while ((more = withdraw_next(w, id, e)) == 1)
		w->result->others++;
	return more;
}

/* What it would come to, and what would go. */
static int
preview(struct withdrawal *w, char (*others)[MANIFEST_ID_LEN + 1], size_t count, struct err *e)
{
	struct withdraw_result *r = w->result;

	r->touched = w->touched;
	for (size_t i = 0; i < w->carry.set_count; i++) {
		const struct old_set *set = &w->carry.sets[i];

		for (size_t k = 0; k + 1 < set->table->count; k++) {
			r->members += set->shards[k].look ? set->shards[k].dropped : set->shards[k].listed;
			r->records += set->shards[k].records;
		}
	}
	r->existed = w->touched == 0 && count == 0;
	if (w->touched > 0 && house_going(w->h, w->base->id, w->ask->preview, e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (house_going(w->h, others[i], w->ask->preview, e) == -1)
			return -1;
	return 0;
}

int
house_withdraw(struct house *h, const struct withdraw *ask, struct withdraw_result *result, struct err *e)
{
	struct push_job job = {.h = h};
	char(*others)[MANIFEST_ID_LEN + 1] = NULL;
	size_t other_count = 0;
	struct withdrawal w;
	int rc = -1, lock = -1;
	char name[128];
	bool named;

	memset(result, 0, sizeof(*result));
	randombytes_buf(result->salt, sizeof(result->salt));
	withdrawal_init(&w, h, ask, result);
	if (withdraw_base(&w, &named, e) == -1)
		goto out;
	(void)snprintf(job.dataset_id, sizeof(job.dataset_id), "%s", w.base->dataset_id);
	(void)snprintf(name, sizeof(name), "staging/%s.lock", job.dataset_id);
	/* What a run that was cut left is undone, or gone on with; then it is looked at anew. */
	if ((lock = house_lock_telling(h, name, ask->waits, ask->ctx, e)) == -1 ||
	    (ask->preview == NULL && (push_sweep(&job, "", e) == -1 ||
					 withdraw_follow(h, job.dataset_id, &result->requests, e) == -1)) ||
	    withdraw_base(&w, &named, e) == -1)
		goto out;
	/* The new version will be that of the same push. */
	if (!ask->alone && (origin_helper(h, w.base->holder, job.dataset_id, &w.digest, e) == -1 ||
			       origin_check(h, &w.digest, w.base->id, &w.origin, e) == -1))
		goto out;
	if (withdraw_who(&w, e) == -1)
		goto out;
	if (ask->alone)
		w.touched = 1;
	else if (withdraw_find(&w, e) == -1 || withdraw_unknown(&w, e) == -1)
		goto out;
	if (!named && look_at_others(&w, &others, &other_count, e) == -1)
		goto out;
	if (refuse_unknown(&w, e) == -1)
		goto out;
	if (w.touched > 0 && sending_idle(h, w.base->id, e) == -1)
		goto out;
	for (size_t i = 0; i < other_count; i++)
		if (sending_idle(h, others[i], e) == -1)
			goto out;
	if (ask->preview != NULL) {
		rc = preview(&w, others, other_count, e);
		goto out;
	}
	if (withdraw_record_list(&w, e) == -1 || (w.touched > 0 && replace(&w, &job, e) == -1))
		goto out;
	for (size_t i = 0; i < other_count; i++)
		if (end_other(&w, others[i], e) == -1)
			goto out;
	if (withdraw_follow(h, job.dataset_id, &result->requests, e) == -1 ||
	    (named && count_others(&w, e) == -1))
		goto out;
	rc = fill_result(&w, e);
out:
	withdrawal_free(&w);
	free(others);
	io_close(&lock);
	return rc;
}
