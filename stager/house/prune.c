/* stager prune: from what was sent and is to be nowhere any more, to the proof that it is gone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sending.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/prune.h"

#define SHARDS_MAX 10000000

/* A delivery that is to go, and its place. */
struct removal {
	int64_t place;
	char version[MANIFEST_ID_LEN + 1];
	char set[MANIFEST_NAME_MAX + 1];
	char url[DELIVERY_URL_MAX + 1];
	char state[16];
	struct place at; /* name and gateway alone */
	uint64_t removed;
};

static int
keep(char *out, size_t size, const char *text, struct err *e)
{
	if (strlen(text) >= size)
		return err_set(e, ERR_FORGED, "ledger: a delivery's row is damaged");
	(void)snprintf(out, size, "%s", text);
	return 0;
}

/* Whether p->to means it. */
static bool
is_meant(const struct prune *p, const struct removal *r)
{
	size_t len;

	if (p->to == NULL || strcmp(p->to, r->at.name) == 0)
		return true;
	len = strlen(p->to);
	while (len > 0 && p->to[len - 1] == '/')
		len--;
	return strchr(p->to, ':') != NULL && strncmp(r->url, p->to, len) == 0 &&
	       (r->url[len] == '\0' || r->url[len] == '/');
}

/* The next delivery behind place `after`: 1, 0, -1. */
static int
next_removal(struct house *h, const struct prune *p, int64_t after, struct removal *r, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT d.place, d.version, d.set_name, d.url, d.state, d.endpoint, p.gateway FROM delivery d "
	    "JOIN "
	    "endpoint p ON p.name = d.endpoint JOIN version v ON v.id = d.version JOIN dataset s ON s.id = "
	    "v.dataset "
	    "WHERE v.state IN ('ERASED', 'WITHDRAWN') AND d.state != 'REMOVED' AND d.place > ?1 AND (?2 IS "
	    "NULL OR "
	    "(s.holder = ?2 AND s.name = ?3)) ORDER BY d.place",
	    "iss", after, p->holder, p->dataset);
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		memset(r, 0, sizeof(*r));
		r->place = ledger_int(q, 0);
		if (keep(r->version, sizeof(r->version), ledger_text(q, 1), e) == -1 ||
		    keep(r->set, sizeof(r->set), ledger_text(q, 2), e) == -1 ||
		    keep(r->url, sizeof(r->url), ledger_text(q, 3), e) == -1 ||
		    keep(r->state, sizeof(r->state), ledger_text(q, 4), e) == -1 ||
		    keep(r->at.name, sizeof(r->at.name), ledger_text(q, 5), e) == -1 ||
		    keep(r->at.gateway, sizeof(r->at.gateway), ledger_text(q, 6), e) == -1) {
			more = -1;
			break;
		}
		if (is_meant(p, r))
			break;
	}
	ledger_end(q);
	return more;
}

static int
mark(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct removal *r = ctx;

	(void)index;
	return ledger_run(
	    h->ledger, e, "UPDATE delivery SET state = ? WHERE place = ?", "si", r->state, r->place);
}

/* The entry, and the state that follows from it. */
static int
enter(struct house *h, struct removal *r, const char *type, const char *state, struct err *e)
{
	struct json *j = json_object();
	int rc;

	(void)snprintf(r->state, sizeof(r->state), "%s", state);
	json_set_string(j, "version-id", r->version);
	json_set_string(j, "set", r->set);
	json_set_string(j, "endpoint", r->at.name);
	json_set_string(j, "url", r->url);
	if (strcmp(type, "removed") == 0)
		json_set_int(j, "objects", (int64_t)r->removed);
	rc = house_record(h, type, j, r->version, (struct effect){.run = mark, .ctx = r}, NULL, e);
	json_free(j);
	return rc;
}

static void
add_name(struct sending *s, const char *set, const char *name)
{
	struct object *o = &s->objects[s->count];

	(void)snprintf(o->name, sizeof(o->name), "%s%s%s/%s", s->v->id, set == NULL ? "" : "/",
	    set == NULL ? "" : set, name);
	s->by_name[s->count++] = o;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(struct object *const *)a)->name, (*(struct object *const *)b)->name);
}

/*
 * Every name that the house can have put there: without its shard table, which may be gone, by the number of shards. The
 * manifest first: without it nobody takes what is left for a whole.
 */
static int
list_names(struct sending *s, const struct removal *r, struct err *e)
{
	struct ledger_query *q = ledger_query(s->h->ledger, e,
	    "SELECT shards FROM shard_set WHERE version = ? AND name = ?", "ss", r->version, r->set);
	int more = ledger_next(q, e);
	int64_t shards = more == 1 ? ledger_int(q, 0) : 0;
	char name[64];

	ledger_end(q);
	if (more == -1)
		return -1;
	if (shards < 0 || shards > SHARDS_MAX)
		return err_set(e, ERR_FORGED, "ledger: a set's row is damaged");
	if ((s->objects = calloc(2 * (size_t)shards + 4, sizeof(*s->objects))) == NULL ||
	    (s->by_name = calloc(2 * (size_t)shards + 4, sizeof(struct object *))) == NULL)
		return err_set(e, ERR_SYSTEM, "prune: out of memory");
	add_name(s, NULL, "manifest.json");
	add_name(s, r->set, "shards.jsonl");
	add_name(s, r->set, "index.body");
	add_name(s, r->set, "index.sums");
	for (int64_t i = 0; i < shards; i++) {
		(void)snprintf(name, sizeof(name), "shard-%05" PRId64 ".body", i);
		add_name(s, r->set, name);
		(void)snprintf(name, sizeof(name), "shard-%05" PRId64 ".sums", i);
		add_name(s, r->set, name);
	}
	qsort(s->by_name, s->count, sizeof(struct object *), compare_names);
	return 0;
}

/* How many objects the ledger has there still. */
static int
count_known(struct sending *s, int64_t *out, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(s->h->ledger, e, "SELECT count(*) FROM delivered WHERE delivery = ?", "i", s->place);
	int more = ledger_next(q, e);

	*out = more == 1 ? ledger_int(q, 0) : 0;
	ledger_end(q);
	return more == 1 ? 0 : -1;
}

static uint64_t
count_there(const struct sending *s)
{
	uint64_t there = 0;

	for (size_t i = 0; i < s->count; i++)
		there += s->objects[i].there;
	return there;
}

/*
 * A step. A web server does not say what it has: there may be what a killed sender put beside the name of an object that never came
 * to be, and it goes with that.
 */
static int
remove_one(struct sending *s, struct object *o, struct err *e)
{
	int rc;

	if (!o->there && s->listed)
		return 0;
	/* What the ledger has forgotten is gone: a place that looks empty while it knows of something may be another place. */
	if (carrier_remove(s->carrier, o->name, e) == -1)
		return -1;
	(void)pthread_mutex_lock(&s->lock);
	rc = ledger_run(s->h->ledger, e, "DELETE FROM delivered WHERE delivery = ? AND name = ?", "is",
	    s->place, o->name);
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

/* The last step: with it all is gone that was there, and what the ledger knew of besides had gone before. */
static int
remove_last(struct sending *s, struct object *o, struct err *e)
{
	if (carrier_remove(s->carrier, o->name, e) == -1)
		return -1;
	return ledger_run(s->h->ledger, e, "DELETE FROM delivered WHERE delivery = ?", "i", s->place);
}

/* All of them that are there, one as the last: until then the ledger knows of it, also where a sender died before it said so. */
static int
remove_all(struct sending *s, struct err *e)
{
	size_t last = s->count;

	for (size_t i = 0; i < s->count; i++)
		if (s->objects[i].there)
			last = i;
	if (last < s->count &&
	    ledger_run(s->h->ledger, e, "INSERT INTO delivered VALUES (?, ?, ?, '') ON CONFLICT DO NOTHING",
		"isi", s->place, s->objects[last].name, (int64_t)s->objects[last].is.size) == -1)
		return -1;
	/* The manifest first: see list_names. */
	if ((last != 0 && sending_run(s, 0, 1, remove_one, e) == -1) ||
	    (last > 1 && sending_run(s, 1, last, remove_one, e) == -1) ||
	    (last + 1 < s->count && sending_run(s, last + 1, s->count, remove_one, e) == -1))
		return -1;
	return last == s->count ? 0 : sending_run(s, last, last + 1, remove_last, e);
}

/* All that is there, away; and looked at once more. */
static int
take_away(struct sending *s, const struct prune *p, struct removal *r, struct err *e)
{
	int64_t known;

	if (sending_look(s, e) == -1 || count_known(s, &known, e) == -1)
		return -1;
	r->removed = count_there(s);
	if (r->removed == 0 && known > 0 && !p->gone)
		return err_set(e, ERR_REMOTE,
		    "nothing is there of %" PRId64
		    " objects that were sent: is it mounted? (--gone, where it may be gone)",
		    known);
	if (remove_all(s, e) == -1)
		return -1;
	s->ended_well = true;
	if (sending_clean(s, e) == -1 || sending_look(s, e) == -1)
		return -1;
	if (count_there(s) > 0)
		return err_set(e, ERR_REMOTE, "%" PRIu64 " objects are still there", count_there(s));
	return 0;
}

/* Its state as it is under its lock: another one may have removed it since it was found. */
static int
state_now(struct house *h, struct removal *r, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT state FROM delivery WHERE place = ?", "i", r->place);
	int rc = ledger_next(q, e) == 1 ? keep(r->state, sizeof(r->state), ledger_text(q, 0), e) : -1;

	ledger_end(q);
	return rc;
}

/* One delivery. *fault: what the place failed by, while the house is well. */
static int
prune_one(struct house *h, const struct prune *p, struct removal *r, struct err *fault, struct err *e)
{
	struct send ask = {.stop = p->stop};
	struct version v = {.number = 0};
	struct sending s = {.h = h, .ask = &ask, .v = &v, .place = r->place};
	int rc = -1, lock = -1;

	(void)pthread_mutex_init(&s.lock, NULL);
	(void)pthread_cond_init(&s.ended, NULL);
	(void)snprintf(v.id, sizeof(v.id), "%s", r->version);
	if (list_names(&s, r, e) == -1)
		goto out;
	/* A sender that is at work on it still ends first: what it may send no more it does not begin with. */
	if ((lock = delivery_lock(h, r->version, r->url, fault)) == -1) {
		rc = 0;
		goto out;
	}
	if (state_now(h, r, e) == -1)
		goto out;
	if (strcmp(r->state, "REMOVED") == 0) {
		rc = 0;
		goto out;
	}
	if (strcmp(r->state, "REMOVING") != 0 && enter(h, r, "remove", "REMOVING", e) == -1)
		goto out;
	if (delivery_carrier(h, &r->at, r->url, &p->options, &s.carrier, fault) == -1 ||
	    take_away(&s, p, r, fault) == -1) {
		rc = 0;
		goto out;
	}
	rc = enter(h, r, "removed", "REMOVED", e);
out:
	s.v = NULL; /* not one that version_load made */
	sending_free(&s);
	io_close(&lock);
	return rc;
}

int
house_prune(struct house *h, const struct prune *p, size_t *open, struct err *e)
{
	struct removal *r = calloc(1, sizeof(*r));
	int64_t after = -1;
	int more = 0;

	*open = 0;
	if (r == NULL)
		return err_sys(e, "prune");
	while ((p->stop == NULL || *p->stop == 0) && (more = next_removal(h, p, after, r, e)) == 1) {
		struct err fault = {.code = ERR_NONE};
		struct pruned what = {
		    .version_id = r->version, .set = r->set, .endpoint = r->at.name, .url = r->url};

		after = r->place;
		if (prune_one(h, p, r, &fault, e) == -1) {
			more = -1;
			break;
		}
		what.objects = r->removed;
		what.why = fault.code == ERR_NONE ? NULL : fault.text;
		*open += what.why != NULL;
		if (p->event != NULL)
			p->event(p->ctx, &what);
	}
	free(r);
	/* What failed of itself counts for more than that it was stopped. */
	if (more != -1 && p->stop != NULL && *p->stop != 0)
		more = err_set(e, ERR_REMOTE, "prune: stopped; the same command goes on from here");
	return more;
}
