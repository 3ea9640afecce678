/* What was said in reviews: kept in the ledger, added up for the document that is signed, and digested for the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define RECORD_MAX (64u << 20)

static bool
kind_ok(const char *kind)
{
	for (size_t i = 0; review_kinds[i] != NULL; i++)
		if (strcmp(kind, review_kinds[i]) == 0)
			return true;
	return false;
}

int
review_load_verdicts(struct house_review *r, struct err *e)
{
	struct ledger_query *q = ledger_query(r->h->ledger, e,
	    "SELECT stratum, rank, member, verdict, kind FROM verdict WHERE version = ? AND set_name = ? "
	    "ORDER BY id",
	    "ss", r->v->id, r->set);
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		for (size_t i = 0; i < r->count; i++) {
			struct review_member *m = &r->members[i];

			if (strcmp(ledger_text(q, 0), review_strata[m->stratum]) != 0 ||
			    ledger_int(q, 1) != m->rank)
				continue;
			if (ledger_int(q, 2) != m->number) {
				more = err_set(e, ERR_FORGED,
				    "ledger: a verdict on version %s is not on its sample", r->v->id);
				break;
			}
			(void)snprintf(m->verdict, sizeof(m->verdict), "%s", ledger_text(q, 3));
			(void)snprintf(m->kind, sizeof(m->kind), "%s", ledger_text(q, 4));
		}
		if (more == -1)
			break;
	}
	ledger_end(q);
	return more;
}

int
review_check_open(struct house_review *r, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(r->h->ledger, e, "SELECT state FROM version WHERE id = ?", "s", r->v->id);
	int more = ledger_next(q, e);
	bool open =
	    more == 1 && (strcmp(ledger_text(q, 0), "HELD") == 0 || strcmp(ledger_text(q, 0), "LOGGED") == 0);

	ledger_end(q);
	if (more == -1 || open)
		return more == -1 ? -1 : 0;
	return err_set(
	    e, ERR_REFUSED, "version %s: it was decided on: nothing more of it is shown, nor said", r->v->id);
}

static int
put(struct house_review *r, const struct review_member *m, const char *verdict, const char *kind,
    struct err *e)
{
	return ledger_run(r->h->ledger, e,
	    "INSERT INTO verdict (version, set_name, stratum, rank, member, verdict, kind, person, at) "
	    "VALUES (?, ?, ?, "
	    "?, ?, ?, ?, ?, ?)",
	    "sssiisssi", r->v->id, r->set, review_strata[m->stratum], m->rank, m->number, verdict, kind,
	    r->person, (int64_t)time(NULL));
}

static void
remember(struct house_review *r, struct review_member *m, const char *verdict, const char *kind)
{
	(void)snprintf(m->verdict, sizeof(m->verdict), "%s", verdict);
	(void)snprintf(m->kind, sizeof(m->kind), "%s", kind);
	r->said++;
}

static int
check_verdict(const char *verdict, const char *kind, struct err *e)
{
	if (strcmp(verdict, "ok") == 0)
		return *kind == '\0' ? 0 : err_set(e, ERR_INPUT, "verdict: ok has no kind");
	if (strcmp(verdict, "found") != 0)
		return err_set(e, ERR_INPUT, "verdict: neither ok nor found");
	return kind_ok(kind) ? 0
			     : err_set(e, ERR_INPUT, "verdict: found wants a kind: person, location, ...");
}

int
house_review_say(struct house_review *r, size_t i, const char *verdict, const char *kind, struct err *e)
{
	int lock, rc = -1;

	if (kind == NULL)
		kind = "";
	if (check_verdict(verdict, kind, e) == -1 || (lock = house_lock(r->h, VERSION_LOCK, e)) == -1)
		return -1;
	if (review_check_open(r, e) == 0 && put(r, &r->members[i], verdict, kind, e) == 0) {
		remember(r, &r->members[i], verdict, kind);
		rc = 0;
	}
	io_close(&lock);
	return rc;
}

/* One line of a file of verdicts: whose it is. */
static int
file_verdict(struct house_review *r, const struct json *one, bool *seen, size_t *at, struct err *e)
{
	static const char *const keys[] = {"member", "verdict", "kind", NULL}, *const bare[] = {
										   "member", "verdict", NULL};
	const struct json *kind = json_get(one, "kind");
	const char *verdict;
	int64_t number;

	if (one->type != JSON_OBJECT ||
	    json_expect_keys(one, kind == NULL ? bare : keys, "verdicts", e) == -1 ||
	    json_need_int(one, "member", 1, JSON_INT_MAX, "verdicts", &number, e) == -1 ||
	    (verdict = json_need_string(one, "verdict", "verdicts", e)) == NULL ||
	    (kind != NULL && kind->type != JSON_STRING))
		return e->code == ERR_NONE ? err_set(e, ERR_INPUT, "verdicts: a kind is no text") : -1;
	if (check_verdict(verdict, kind == NULL ? "" : kind->string, e) == -1)
		return -1;
	for (*at = 0; *at < r->count && r->members[*at].number != number;)
		++*at;
	if (*at == r->count)
		return err_set(
		    e, ERR_REFUSED, "verdicts: member %lld is not in the sample", (long long)number);
	if (seen[*at])
		return err_set(e, ERR_INPUT, "verdicts: member %lld stands there twice", (long long)number);
	seen[*at] = true;
	return 0;
}

static int
file_head(struct house_review *r, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"type", "version-id", "set", "verdicts", NULL};
	const char *type, *id, *set;

	if (json_expect_keys(j, keys, "verdicts", e) == -1 ||
	    (type = json_need_string(j, "type", "verdicts", e)) == NULL ||
	    (id = json_need_string(j, "version-id", "verdicts", e)) == NULL ||
	    (set = json_need_string(j, "set", "verdicts", e)) == NULL)
		return -1;
	if (strcmp(type, REVIEW_FILE_TYPE) != 0)
		return err_set(e, ERR_INPUT, "verdicts: the file is of another type");
	if (strcmp(id, r->v->id) != 0 || strcmp(set, r->set) != 0)
		return err_set(e, ERR_REFUSED, "verdicts: they are on another version or set");
	return 0;
}

int
house_review_take_file(struct house_review *r, const void *data, size_t len, size_t *count, struct err *e)
{
	struct json *j = json_parse(data, len, "verdicts", e);
	bool *seen = calloc(r->count + 1, sizeof(*seen));
	const struct json *list;
	bool begun = false;
	int rc = -1, lock = -1;
	size_t at;

	if (seen == NULL)
		abort();
	if (j == NULL || file_head(r, j, e) == -1 ||
	    (list = json_need(j, "verdicts", JSON_ARRAY, "verdicts", e)) == NULL ||
	    (lock = house_lock(r->h, VERSION_LOCK, e)) == -1 || review_check_open(r, e) == -1)
		goto out;
	if (ledger_begin(r->h->ledger, e) == -1)
		goto out;
	begun = true;
	for (size_t i = 0; i < list->count; i++) {
		const struct json *kind = json_get(list->items[i], "kind");

		if (file_verdict(r, list->items[i], seen, &at, e) == -1 ||
		    put(r, &r->members[at], json_get(list->items[i], "verdict")->string,
			kind == NULL ? "" : kind->string, e) == -1)
			goto out;
	}
	if (ledger_commit(r->h->ledger, e) == -1)
		goto out;
	begun = false;
	*count = list->count;
	r->said += list->count;
	rc = review_load_verdicts(r, e);
out:
	if (begun)
		ledger_rollback(r->h->ledger);
	io_close(&lock);
	free(seen);
	json_free(j);
	return rc;
}

int
house_review_record(
    struct house *h, const char *version_id, int64_t most, struct buf *out, int64_t *count, struct err *e)
{
	struct json *j = json_object(), *list = json_array(), *one;
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT set_name, stratum, rank, member, verdict, kind, person, at FROM verdict WHERE version = "
	    "? ORDER BY id "
	    "LIMIT ?",
	    "si", version_id, most);
	int more, rc = -1;

	json_set_string(j, "type", "stager.review.1");
	json_set_string(j, "house", h->card.house);
	json_set_string(j, "version-id", version_id);
	json_set(j, "verdicts", list);
	while ((more = ledger_next(q, e)) == 1) {
		json_push(list, one = json_object());
		json_set_string(one, "set", ledger_text(q, 0));
		json_set_string(one, "stratum", ledger_text(q, 1));
		json_set_int(one, "rank", ledger_int(q, 2));
		json_set_int(one, "member", ledger_int(q, 3));
		json_set_string(one, "verdict", ledger_text(q, 4));
		json_set_string(one, "kind", ledger_text(q, 5));
		json_set_string(one, "person", ledger_text(q, 6));
		json_set_int(one, "at", ledger_int(q, 7));
	}
	ledger_end(q);
	if (count != NULL)
		*count = (int64_t)list->count;
	if (more == 0)
		rc = json_encode(j, out, e);
	json_free(j);
	return rc;
}

int
review_log_verdicts(struct house_review *r, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct json *j = NULL;
	struct buf record;
	int64_t count;
	int rc = -1, lock;

	buf_init(&record, RECORD_MAX);
	/* Nobody adds to it between the digest and its entry. */
	if ((lock = house_lock(r->h, VERSION_LOCK, e)) == -1 ||
	    house_review_record(r->h, r->v->id, -1, &record, &count, e) == -1)
		goto out;
	digest_bytes(record.data, record.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	j = json_object();
	json_set_string(j, "version-id", r->v->id);
	json_set_string(j, "person", r->person);
	json_set_int(j, "count", count);
	json_set_string(j, "review", hex);
	rc = house_record(r->h, "verdicts", j, r->v->id, EFFECT_NONE, NULL, e);
out:
	json_free(j);
	buf_free(&record);
	io_close(&lock);
	return rc;
}
