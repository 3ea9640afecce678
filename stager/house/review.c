/* A steward's session with a sample of a version: opened, shown, closed. Nothing of a member passes through here. */
#include "review.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define TABLE_MAX (64u << 20)

const char *const review_kinds[] = {
    "person", "location", "institution", "date", "age", "phone", "email", "url", "id", "other", NULL};

/* Nobody looks who may not decide. */
static int
check_reviewer(struct house *h, const struct version *v, const char *person, struct err *e)
{
	struct steward *stewards;
	size_t count = 0;
	bool there = false;

	if ((stewards = house_stewards(h, v->holder, &count, e)) == NULL)
		return -1;
	for (size_t i = 0; i < count; i++)
		there = there || strcmp(stewards[i].person, person) == 0;
	free(stewards);
	return there ? 0 : err_set(e, ERR_REFUSED, "review: no steward of %s is called that", v->holder);
}

static int
check_state(const struct version *v, struct err *e)
{
	if (strcmp(v->state, "HELD") == 0 || strcmp(v->state, "LOGGED") == 0)
		return 0;
	return err_set(e, ERR_REFUSED,
	    "version %s: it is %s; only what waits for a decision (HELD, LOGGED) is reviewed", v->id,
	    v->state);
}

/* The named set, or the only one; it has shards. */
static int
find_set(struct house_review *r, const char *set, struct err *e)
{
	struct ledger_query *q = ledger_query(r->h->ledger, e,
	    "SELECT name FROM shard_set WHERE version = ?1 AND shards > 0 AND (?2 IS NULL OR name = ?2)",
	    "ss", r->v->id, set);
	int more = ledger_next(q, e);

	if (more == 1) {
		(void)snprintf(r->set, sizeof(r->set), "%s", ledger_text(q, 0));
		if ((more = ledger_next(q, e)) == 1)
			more = err_set(
			    e, ERR_USAGE, "review: the version has several sets: name one with --set");
		else if (more == 0)
			more = 1;
	} else if (more == 0) {
		err_set(e, set == NULL ? ERR_REFUSED : ERR_USAGE,
		    "review: version %s has no such set with shards in it", r->v->id);
	}
	ledger_end(q);
	return more == 1 ? 0 : -1;
}

struct review_effect {
	const char *version, *set;
};

static int
session_effect(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct review_effect *x = ctx;

	return ledger_run(h->ledger, e,
	    "INSERT INTO review VALUES (?, ?, NULL, NULL, NULL, ?) ON CONFLICT DO NOTHING", "ssi", x->version,
	    x->set, (int64_t)index);
}

/* No entry, no look: before a key leaves stager-key. */
static int
log_session(struct house_review *r, const int64_t *want, struct err *e)
{
	struct review_effect x = {.version = r->v->id, .set = r->set};
	struct json *j = json_object();
	int rc;

	json_set_string(j, "version-id", r->v->id);
	json_set_string(j, "set", r->set);
	json_set_string(j, "person", r->person);
	for (size_t i = 0; i < REVIEW_STRATA; i++)
		json_set_int(j, review_strata[i], want[i]);
	rc = house_record(
	    r->h, "review", j, r->v->id, (struct effect){.run = session_effect, .ctx = &x}, NULL, e);
	json_free(j);
	return rc;
}

static int
load_table(struct house_review *r, struct err *e)
{
	char name[2 * MANIFEST_NAME_MAX];
	struct buf text;
	int rc = -1;

	buf_init(&text, TABLE_MAX);
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", r->set);
	if (version_read(r->h, r->v->id, name, &text, e) == 0) {
		if ((r->table = table_decode(text.data, text.len, e)) != NULL && r->table->count >= 2)
			rc = 0;
		else
			err_set(e, ERR_FORGED, "version %s: its shard table is damaged", r->v->id);
	}
	buf_free(&text);
	return rc;
}

/* [number, shard, offset, size, extension] */
static int
take_member(
    struct house_review *r, enum review_stratum stratum, const struct json *list, size_t i, struct err *e)
{
	struct review_member *m = &r->members[r->count++];
	const struct json *one = list->items[i];
	int64_t *const numbers[] = {&m->number, &m->shard, &m->offset, &m->size};

	m->stratum = stratum;
	m->rank = (int64_t)i + 1;
	if (one->type != JSON_ARRAY || one->count != 5 || one->items[4]->type != JSON_STRING ||
	    strlen(one->items[4]->string) > REVIEW_EXTENSION_MAX ||
	    one->items[4]->string[strspn(one->items[4]->string, "abcdefghijklmnopqrstuvwxyz0123456789")] !=
		'\0')
		return err_set(e, ERR_INPUT, "stager-review: a member of no good form");
	for (size_t k = 0; k < 4; k++) {
		if (one->items[k]->type != JSON_INT || one->items[k]->integer < 0)
			return err_set(e, ERR_INPUT, "stager-review: a member of no good form");
		*numbers[k] = one->items[k]->integer;
	}
	if ((size_t)m->shard + 1 >= r->table->count)
		return err_set(e, ERR_INPUT, "stager-review: a member of a shard that is none");
	(void)snprintf(m->extension, sizeof(m->extension), "%s", one->items[4]->string);
	return 0;
}

static int
take_drawn(struct house_review *r, const struct json *j, const int64_t *want, struct err *e)
{
	if ((r->members = calloc((size_t)(want[0] + want[1]) + 1, sizeof(*r->members))) == NULL)
		return err_set(e, ERR_SYSTEM, "review: out of memory");
	for (size_t s = 0; s < REVIEW_STRATA; s++) {
		const struct json *one = json_need(j, review_strata[s], JSON_OBJECT, "stager-review", e),
				  *list = one == NULL
					      ? NULL
					      : json_need(one, "members", JSON_ARRAY, "stager-review", e);

		if (list == NULL || json_need_int(one, "population", 0, JSON_INT_MAX, "stager-review",
					&r->population[s], e) == -1)
			return -1;
		if ((int64_t)list->count > want[s])
			return err_set(e, ERR_INPUT, "stager-review: more members than were asked for");
		for (size_t i = 0; i < list->count; i++)
			if (take_member(r, (enum review_stratum)s, list, i, e) == -1)
				return -1;
	}
	return json_need_int(j, "others", 0, JSON_INT_MAX, "stager-review", &r->population[REVIEW_OTHERS], e);
}

/* The same index gives the same numbers each time; the first time they are kept. */
static int
keep_population(struct house_review *r, struct err *e)
{
	struct ledger_query *q;
	int more;

	if (ledger_run(r->h->ledger, e,
		"UPDATE review SET letters = ?, scans = ?, others = ? WHERE version = ? AND set_name = ? AND "
		"letters IS NULL",
		"iiiss", r->population[REVIEW_LETTERS], r->population[REVIEW_SCANS],
		r->population[REVIEW_OTHERS], r->v->id, r->set) == -1)
		return -1;
	q = ledger_query(r->h->ledger, e,
	    "SELECT 1 FROM review WHERE version = ? AND set_name = ? AND letters = ? AND scans = ? AND "
	    "others = ?",
	    "ssiii", r->v->id, r->set, r->population[REVIEW_LETTERS], r->population[REVIEW_SCANS],
	    r->population[REVIEW_OTHERS]);
	more = ledger_next(q, e);
	ledger_end(q);
	if (more == 0)
		err_set(e, ERR_FORGED, "ledger: version %s has another number of members than its index",
		    r->v->id);
	return more == 1 ? 0 : -1;
}

/* The index passes from stager-open to stager-review, which says what it drew. */
static int
draw(struct house_review *r, const int64_t *want, struct err *e)
{
	static const char *const argv[] = {"stager-review", "draw", NULL};
	size_t row = r->table->count - 1;
	struct helper drawer = HELPER_NONE;
	struct json *j = NULL, *drawn = NULL;
	int index = -1, rc = -1;

	if (review_open_range(r, row, 0, r->table->shards[row].plain, true, &index, e) == -1)
		goto out;
	if (helper_start(&drawer, argv, (const struct spawn_fd[]){{index, 4}}, 1, e) == -1)
		goto out;
	io_close(&index);
	j = json_object();
	json_set_int(j, "bytes", (int64_t)r->table->shards[row].plain);
	json_set_int(j, "shards", (int64_t)row);
	for (size_t i = 0; i < REVIEW_STRATA; i++)
		json_set_int(j, review_strata[i], want[i]);
	drawn = helper_ask(&drawer, WIRE_REVIEW_DRAW, j, WIRE_REVIEW_DRAWN, e);
	/* Where the opener stopped in the middle, it knows why. */
	if (review_opened(r, e) == -1 || drawn == NULL || helper_end(&drawer, e) == -1)
		goto out;
	rc = take_drawn(r, drawn, want, e);
out:
	json_free(drawn);
	helper_kill(&drawer);
	io_close(&index);
	return rc;
}

/* How many of each: as asked, as the policy says, or as is usual. */
static int64_t
wanted(const struct version *v, enum review_stratum stratum, int64_t asked)
{
	static const int64_t usual[REVIEW_STRATA] = {REVIEW_LETTERS_DEFAULT, REVIEW_SCANS_DEFAULT};
	const struct json *n =
	    json_get(json_get(json_get(v->policy, "accept"), "review"), review_strata[stratum]);

	if (asked >= 0)
		return asked < REVIEW_DRAW_MAX ? asked : REVIEW_DRAW_MAX;
	return n != NULL && n->integer > 0 ? n->integer : usual[stratum];
}

static void
review_free(struct house_review *r)
{
	helper_kill(&r->show);
	helper_kill(&r->open);
	helper_kill(&r->key);
	table_free(r->table);
	version_free(r->v);
	free(r->members);
	free(r);
}

int
house_review_open(struct house *h, const char *version_id, const char *set, const char *reviewer,
    const int64_t want[static REVIEW_STRATA], struct house_review **out, struct err *e)
{
	struct house_review *r = calloc(1, sizeof(*r));
	int64_t letters_scans[REVIEW_STRATA];

	if (r == NULL)
		return err_set(e, ERR_SYSTEM, "review: out of memory");
	*r = (struct house_review){.h = h, .key = HELPER_NONE, .open = HELPER_NONE, .show = HELPER_NONE};
	if (strlen(reviewer) > RELEASE_PERSON_MAX) {
		err_set(e, ERR_USAGE, "--reviewer: a name that is too long");
		goto fail;
	}
	(void)snprintf(r->person, sizeof(r->person), "%s", reviewer);
	if ((r->v = version_load(h, version_id, e)) == NULL || check_reviewer(h, r->v, reviewer, e) == -1 ||
	    check_state(r->v, e) == -1 || find_set(r, set, e) == -1 || load_table(r, e) == -1)
		goto fail;
	for (size_t i = 0; i < REVIEW_STRATA; i++)
		letters_scans[i] = wanted(r->v, (enum review_stratum)i, want[i]);
	if (log_session(r, letters_scans, e) == -1 || house_key_start(h, "open", false, &r->key, e) == -1 ||
	    house_kek(h, &r->key, r->v->dataset_id, e) == -1 || draw(r, letters_scans, e) == -1 ||
	    keep_population(r, e) == -1 || review_load_verdicts(r, e) == -1)
		goto fail;
	*out = r;
	return 0;
fail:
	review_free(r);
	return -1;
}

char (*house_review_sets(
    struct house *h, const char *version_id, size_t *count, struct err *e))[MANIFEST_NAME_MAX + 1]
{
	struct version *v = version_load(h, version_id, e);
	char(*names)[MANIFEST_NAME_MAX + 1] = calloc(MANIFEST_SETS_MAX, sizeof(*names));

	*count = 0;
	if (names == NULL)
		abort();
	for (size_t i = 0; v != NULL && i < v->set_count; i++)
		if (v->sets[i].shards > 0)
			memcpy(names[(*count)++], v->sets[i].name, sizeof(*names));
	if (v != NULL && *count == 0)
		err_set(e, ERR_REFUSED, "review: there is nothing in version %s", v->id);
	version_free(v);
	if (*count == 0) {
		free(names);
		return NULL;
	}
	return names;
}

const struct review_member *
house_review_members(const struct house_review *r, size_t *count)
{
	*count = r->count;
	return r->members;
}

int64_t
house_review_population(const struct house_review *r, enum review_stratum stratum)
{
	return r->population[stratum];
}

const char *
house_review_set(const struct house_review *r)
{
	return r->set;
}

int
house_review_take(struct house_review *r, size_t i, int out, size_t columns, size_t *lines, struct err *e)
{
	static const char *const argv[] = {"stager-review", "show", NULL};
	const struct review_member *m = &r->members[i];
	uint64_t most = m->stratum == REVIEW_SCANS ? REVIEW_SCAN_MAX : REVIEW_SHOW_MAX;
	uint64_t len = (uint64_t)m->size < most ? (uint64_t)m->size : most;
	struct json *j = json_object(), *ok = NULL;
	int plain = -1, nothing[2] = {-1, -1}, rc = -1;
	int64_t n = 0;

	/* A new one for each member. */
	helper_kill(&r->show);
	/* Its keys may be gone: rejected meanwhile. */
	if (review_check_open(r, e) == -1)
		goto out;
	json_set_string(j, "extension", m->extension);
	json_set_int(j, "size", m->size);
	json_set_int(j, "columns", (int64_t)columns);
	if (helper_start(&r->show, argv, (const struct spawn_fd[]){{out, 4}}, 1, e) == -1)
		goto out;
	if (len > 0 ? review_open_range(r, (size_t)m->shard, (uint64_t)m->offset, len, false, &plain, e) == -1
		    : pipe2(nothing, O_CLOEXEC) == -1)
		goto out;
	io_close(&nothing[1]);
	if (wire_send(r->show.control, WIRE_REVIEW_TAKE, j, len > 0 ? &plain : &nothing[0], 1, e) == -1) {
		(void)helper_failed(&r->show, e);
		goto out;
	}
	io_close(&plain);
	ok = wire_expect(r->show.control, WIRE_OK, NULL, 0, e);
	/* Nothing is shown of what did not open to its end. */
	if (len > 0 && review_opened(r, e) == -1)
		goto out;
	if (ok == NULL)
		(void)helper_failed(&r->show, e);
	else
		rc = json_need_int(ok, "lines", 0, JSON_INT_MAX, "stager-review", &n, e);
	*lines = (size_t)n;
out:
	if (rc == -1)
		helper_kill(&r->show);
	json_free(ok);
	json_free(j);
	io_close(&plain);
	io_close(&nothing[0]);
	io_close(&nothing[1]);
	return rc;
}

int
house_review_page(struct house_review *r, size_t from, size_t count, struct err *e)
{
	struct json *j = json_object(), *ok;

	json_set_int(j, "from", (int64_t)from);
	json_set_int(j, "count", (int64_t)count);
	if ((ok = helper_ask(&r->show, WIRE_REVIEW_PAGE, j, WIRE_OK, e)) == NULL)
		return -1;
	json_free(ok);
	return 0;
}

int
house_review_close(struct house_review *r, struct err *e)
{
	int rc = 0;

	if (r == NULL)
		return 0;
	if (r->said > 0)
		rc = review_log_verdicts(r, e);
	review_free(r);
	return rc;
}
