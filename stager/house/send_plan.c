/* What there is to send of a version, proven by its manifest, and whether it may go there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sending.h"
#include "stager/c4gh.h"
#include "stager/dsse.h"
#include "stager/io.h"

#define TABLE_MAX (64u << 20)

static bool
listed(char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* The residency that was signed: the country that may hold it, the site that may open it. */
static int
check_residency(const struct manifest_set *set, const struct place *p, struct err *e)
{
	if (strcmp(set->name, SET_DOMESTIC) == 0)
		return err_set(e, ERR_REFUSED, "send: the set domestic never leaves the house");
	if (!listed(set->hold, set->hold_count, p->country))
		return err_set(e, ERR_REFUSED,
		    "send: the set %s may not be held in %s, where endpoint %s stands", set->name, p->country,
		    p->name);
	if (!listed(set->open, set->open_count, p->site))
		return err_set(e, ERR_REFUSED, "send: the set %s is not for the site %s, of endpoint %s",
		    set->name, p->site, p->name);
	return 0;
}

/* State and acceptance: the ledger's word alone is not enough. */
static int
check_accepted(struct house *h, const struct version *v, struct err *e)
{
	struct steward by;
	struct dsse *d;
	int rc = -1;

	if (strcmp(v->state, "ACCEPTED") != 0 && strcmp(v->state, "SENT") != 0)
		return err_set(e, ERR_REFUSED,
		    "version %s: it is %s; only what a steward has accepted is sent", v->id, v->state);
	if ((d = dsse_decode(v->acceptance.data, v->acceptance.len, "acceptance", e)) == NULL ||
	    version_check_acceptance(h, v, d, &by, e) == -1)
		e->code = ERR_FORGED;
	else
		rc = 0;
	dsse_free(d);
	return rc;
}

static struct object *
add_object(
    struct sending *s, const char *name, uint64_t size, const uint8_t sha256[static DIGEST_LEN], bool body)
{
	struct object *o = &s->objects[s->count++];

	(void)snprintf(o->name, sizeof(o->name), "%s", name);
	o->size = size;
	o->body = body;
	memcpy(o->sha256, sha256, DIGEST_LEN);
	s->result->objects++;
	s->result->bytes += size;
	return o;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(struct object *const *)a)->name, (*(struct object *const *)b)->name);
}

struct object *
sending_object(const struct sending *s, const char *name)
{
	struct object key, *at = &key, **found;

	if (strlen(name) >= sizeof(key.name))
		return NULL;
	(void)snprintf(key.name, sizeof(key.name), "%s", name);
	found = bsearch(&at, s->by_name, s->count, sizeof(struct object *), compare_names);
	return found == NULL ? NULL : *found;
}

/* Each shard's body and sums, the index's, the table, and last of all what makes a whole of them. */
static int
list_objects(struct sending *s, const struct shard_table *table, const struct buf *text, struct err *e)
{
	const struct version *v = s->v;
	char name[ENDPOINT_NAME_MAX + 1];
	uint8_t digest[DIGEST_LEN];

	if ((s->objects = calloc(2 * table->count + 2, sizeof(*s->objects))) == NULL ||
	    (s->by_name = calloc(2 * table->count + 2, sizeof(struct object *))) == NULL)
		return err_set(e, ERR_SYSTEM, "send: out of memory");
	for (size_t i = 0; i < table->count; i++) {
		const struct shard_line *line = &table->shards[i];

		(void)snprintf(name, sizeof(name), "%s/%s/%s.body", v->id, s->result->set, line->name);
		(void)add_object(s, name, line->body, line->sums, true);
		(void)snprintf(name, sizeof(name), "%s/%s/%s.sums", v->id, s->result->set, line->name);
		(void)add_object(s, name, line->segments * SUM_LEN, line->sums, false);
	}
	(void)snprintf(name, sizeof(name), "%s/%s/shards.jsonl", v->id, s->result->set);
	(void)add_object(s, name, text->len, s->table, false);
	digest_bytes(v->manifest.data, v->manifest.len, digest);
	(void)snprintf(name, sizeof(name), "%s/manifest.json", v->id);
	(void)add_object(s, name, v->manifest.len, digest, false);
	for (size_t i = 0; i < s->count; i++)
		s->by_name[i] = &s->objects[i];
	qsort(s->by_name, s->count, sizeof(struct object *), compare_names);
	return 0;
}

/* The statement, if the house's signature is on it and it is about this version. */
static struct manifest *
signed_manifest(struct house *h, const struct version *v, uint8_t digest[static DIGEST_LEN], struct err *e)
{
	struct dsse *d = dsse_decode(v->manifest.data, v->manifest.len, "manifest", e);
	struct manifest *m = NULL;

	if (d == NULL || dsse_check(d, DSSE_MANIFEST, h->card.key, "manifest", e) == -1 ||
	    (m = manifest_decode(d->payload.data, d->payload.len, e)) == NULL) {
		e->code = ERR_FORGED;
		goto out;
	}
	digest_bytes(d->payload.data, d->payload.len, digest);
	if (strcmp(m->version_id, v->id) != 0 || strcmp(m->house, h->card.house) != 0) {
		err_set(e, ERR_FORGED, "version %s: its manifest is another version's", v->id);
		manifest_free(m);
		m = NULL;
	}
out:
	dsse_free(d);
	return m;
}

/* The set that is asked for; where none is, the one that can leave: all but `domestic`, if that is one. */
static int
choose_set(struct sending *s, struct err *e)
{
	const struct version_set *chosen = NULL;
	char names[256];
	bool several = false;

	version_set_names(s->v, names, sizeof(names));
	for (size_t i = 0; i < s->v->set_count; i++) {
		const struct version_set *set = &s->v->sets[i];

		if (set->shards == 0 || (s->ask->set != NULL && strcmp(s->ask->set, set->name) != 0))
			continue;
		if (chosen == NULL || strcmp(chosen->name, SET_DOMESTIC) == 0)
			chosen = set;
		else if (strcmp(set->name, SET_DOMESTIC) != 0)
			several = true;
	}
	if (s->ask->set != NULL && chosen == NULL)
		return err_set(e, ERR_UNKNOWN, "version %s: it has no set %.64s; it has %s", s->v->id,
		    s->ask->set, names);
	if (several)
		return err_set(
		    e, ERR_USAGE, "send: version %s has several sets: say --set; it has %s", s->v->id, names);
	if (chosen == NULL)
		return err_set(e, ERR_REFUSED, "version %s: there is nothing in it", s->v->id);
	(void)snprintf(s->result->set, sizeof(s->result->set), "%s", chosen->name);
	return 0;
}

int
sending_plan(struct sending *s, struct err *e)
{
	const struct manifest_set *set;
	struct shard_table *table = NULL;
	char name[2 * MANIFEST_NAME_MAX];
	struct manifest *m = NULL;
	struct buf text;
	int rc = -1;

	buf_init(&text, TABLE_MAX);
	if ((s->v = version_load(s->h, s->ask->version_id, e)) == NULL)
		goto out;
	if (choose_set(s, e) == -1)
		goto out;
	if (check_accepted(s->h, s->v, e) == -1 || (m = signed_manifest(s->h, s->v, s->manifest, e)) == NULL)
		goto out;
	if ((set = manifest_set(m, s->result->set)) == NULL) {
		err_set(e, ERR_FORGED, "version %s: its manifest has no set %s", s->v->id, s->result->set);
		goto out;
	}
	if (check_residency(set, &s->result->place, e) == -1)
		goto out;
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", s->result->set);
	if (version_read(s->h, s->v->id, name, &text, e) == -1)
		goto out;
	digest_bytes(text.data, text.len, s->table);
	if (memcmp(s->table, set->table, DIGEST_LEN) != 0 ||
	    (table = table_decode(text.data, text.len, e)) == NULL) {
		err_set(e, ERR_FORGED, "version %s: its shard table is not the one that the manifest names",
		    s->v->id);
		goto out;
	}
	rc = list_objects(s, table, &text, e);
out:
	table_free(table);
	manifest_free(m);
	buf_free(&text);
	return rc;
}

void
sending_free(struct sending *s)
{
	carrier_free(s->carrier);
	version_free(s->v);
	free(s->objects);
	free(s->by_name);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->ended);
}
