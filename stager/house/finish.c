/* From SEALED to LOGGED: the manifest is made from the ledger, signed, put in the vault, and entered in the
 * log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

/* A list of strings from JSON into a manifest's list. */
static int
take_list(const struct json *list, char ***out, size_t *count, struct err *e)
{
	if (list == NULL)
		return 0;
	if (list->type != JSON_ARRAY)
		return err_set(e, ERR_INPUT, "no list where one is wanted");
	if (list->count == 0)
		return 0;
	if (list->count > MANIFEST_LIST_MAX)
		return err_set(e, ERR_LIMIT, "manifest: a list of more than %d", MANIFEST_LIST_MAX);
	if ((*out = calloc(list->count, sizeof(**out))) == NULL)
		return err_set(e, ERR_SYSTEM, "manifest: out of memory");
	for (; *count < list->count; (*count)++) {
		if (list->items[*count]->type != JSON_STRING)
			return err_set(e, ERR_INPUT, "manifest: a list of other things than strings");
		if (((*out)[*count] = strdup(list->items[*count]->string)) == NULL)
			return err_set(e, ERR_SYSTEM, "manifest: out of memory");
	}
	return 0;
}

static int
take_string(const struct json *object, const char *key, char **out, struct err *e)
{
	const struct json *value = json_get(object, key);

	if (value == NULL)
		return 0;
	if (value->type != JSON_STRING)
		return err_set(e, ERR_INPUT, "%s is no string", key);
	if ((*out = strdup(value->string)) == NULL)
		return err_set(e, ERR_SYSTEM, "manifest: out of memory");
	return 0;
}

/* What the pusher says of how the data may be used: the same before a push as after it. */
static int
fill_meta(const struct json *meta, struct manifest *m, struct err *e)
{
	if (take_string(meta, "licence", &m->licence, e) == -1 ||
	    take_string(meta, "legal-basis", &m->legal_basis, e) == -1 ||
	    take_string(meta, "retention", &m->retention, e) == -1 ||
	    take_list(json_get(meta, "purposes"), &m->purposes, &m->purpose_count, e) == -1)
		return err_context(e, "meta");
	return 0;
}

/* What the policy says of one more set, the same. */
static struct manifest_set *
fill_terms(const struct json *policy, const char *set_name, struct manifest *m, struct err *e)
{
	const struct json *rules = json_get(json_get(policy, "sets"), set_name);
	struct manifest_set *set = &m->sets[m->set_count];

	if (m->set_count == MANIFEST_SETS_MAX) {
		err_set(e, ERR_LIMIT, "policy: more than %d sets", MANIFEST_SETS_MAX);
		return NULL;
	}
	m->set_count++;
	(void)snprintf(set->name, sizeof(set->name), "%s", set_name);
	if (take_list(json_get(rules, "hold"), &set->hold, &set->hold_count, e) == -1 ||
	    take_list(json_get(rules, "open"), &set->open, &set->open_count, e) == -1 ||
	    take_string(rules, "evidence", &set->evidence, e) == -1 ||
	    take_string(rules, "results", &set->results, e) == -1) {
		(void)err_context(e, "policy: set %s", set_name);
		return NULL;
	}
	return set;
}

int
version_check_terms(const struct json *policy, const struct json *meta, struct err *e)
{
	static const char id[] = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
	const struct json *sets = json_need(policy, "sets", JSON_OBJECT, "policy", e);
	struct manifest_set *set;
	struct manifest *m = calloc(1, sizeof(*m));
	struct buf out;
	int rc = -1;

	if (m == NULL)
		return err_set(e, ERR_SYSTEM, "manifest: out of memory");
	buf_init(&out, MANIFEST_MAX);
	m->version = 1;
	(void)snprintf(m->house, sizeof(m->house), "x");
	(void)snprintf(m->holder, sizeof(m->holder), "x");
	(void)snprintf(m->dataset, sizeof(m->dataset), "x");
	(void)snprintf(m->dataset_id, sizeof(m->dataset_id), "%s", id);
	(void)snprintf(m->version_id, sizeof(m->version_id), "%s", id);
	if ((m->scrubber = strdup(SCRUBBER)) == NULL) {
		err_set(e, ERR_SYSTEM, "manifest: out of memory");
		goto out;
	}
	if (sets == NULL || fill_meta(meta, m, e) == -1)
		goto out;
	for (size_t i = 0; i < sets->count; i++) {
		if ((set = fill_terms(policy, sets->keys[i], m, e)) == NULL)
			goto out;
		set->shards = set->members = 1;
	}
	rc = manifest_encode(m, &out, e);
out:
	manifest_free(m);
	buf_free(&out);
	return rc;
}

/* The set's digests, from the shard table as it stands in the vault. */
static int
fill_set(struct house *h, const struct version *v, const struct version_set *counted,
    struct manifest_set *set, struct err *e)
{
	struct shard_table *table = NULL;
	char name[2 * MANIFEST_NAME_MAX];
	struct buf text;
	int rc = -1;

	buf_init(&text, 64u << 20);
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", counted->name);
	if (version_read(h, v->id, name, &text, e) == -1 ||
	    (table = table_decode(text.data, text.len, e)) == NULL)
		goto out;
	if ((int64_t)table->count != counted->shards + 1) {
		err_set(e, ERR_FORGED,
		    "version %s: the shard table of set %s has another number of shards than the ledger",
		    v->id, counted->name);
		goto out;
	}
	digest_bytes(text.data, text.len, set->table);
	memcpy(set->index_sums, table->shards[table->count - 1].sums, DIGEST_LEN);
	set->shards = (uint64_t)counted->shards;
	set->members = (uint64_t)counted->members;
	rc = 0;
out:
	table_free(table);
	buf_free(&text);
	return rc;
}

static int
make_statement(struct house *h, const struct version *v, struct buf *out, struct err *e)
{
	struct manifest *m = calloc(1, sizeof(*m));
	struct manifest_set *set;
	int rc = -1;

	if (m == NULL)
		return err_set(e, ERR_SYSTEM, "manifest: out of memory");
	(void)snprintf(m->house, sizeof(m->house), "%s", h->card.house);
	(void)snprintf(m->holder, sizeof(m->holder), "%s", v->holder);
	(void)snprintf(m->dataset, sizeof(m->dataset), "%s", v->dataset);
	(void)snprintf(m->dataset_id, sizeof(m->dataset_id), "%s", v->dataset_id);
	(void)snprintf(m->version_id, sizeof(m->version_id), "%s", v->id);
	m->version = (uint64_t)v->number;
	m->has_predecessor = v->predecessor[0] != '\0';
	if (m->has_predecessor &&
	    hex_decode(v->predecessor, m->predecessor, DIGEST_LEN, "predecessor", e) == -1)
		goto out;
	if (fill_meta(v->meta, m, e) == -1)
		goto out;
	version_salted(v->policy_salt, &v->policy_text, m->policy);
	version_salted(v->report_salt, &v->report_text, m->report);
	if (hex_decode(v->ruleset, m->ruleset, DIGEST_LEN, "ruleset", e) == -1)
		goto out;
	if ((m->scrubber = strdup(v->scrubber)) == NULL) {
		err_set(e, ERR_SYSTEM, "manifest: out of memory");
		goto out;
	}
	/* A set that came out empty has nothing that could be held or opened. */
	for (size_t i = 0; i < v->set_count; i++)
		if (v->sets[i].shards > 0 && ((set = fill_terms(v->policy, v->sets[i].name, m, e)) == NULL ||
						 fill_set(h, v, &v->sets[i], set, e) == -1))
			goto out;
	rc = manifest_encode(m, out, e);
out:
	manifest_free(m);
	return rc;
}

/* Sign, and keep the envelope in the ledger, so that a second run after a crash has the same manifest. */
static int
make_manifest(struct house *h, struct version *v, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	struct buf statement;
	int rc = -1;

	buf_init(&statement, MANIFEST_MAX);
	if (make_statement(h, v, &statement, e) == -1 ||
	    house_sign(h, DSSE_MANIFEST, &statement, &v->manifest, e) == -1)
		goto out;
	digest_bytes(statement.data, statement.len, digest);
	hex_encode(digest, DIGEST_LEN, v->digest);
	rc = ledger_run(h->ledger, e, "UPDATE version SET manifest = ?, digest = ? WHERE id = ?", "bss",
	    v->manifest.data, v->manifest.len, v->digest, v->id);
out:
	buf_free(&statement);
	return rc;
}

/* The place of its entry, in the row of what was gathered. */
static int
gathered_effect(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	return ledger_run(h->ledger, e, "UPDATE gathered SET place = ? WHERE version = ?", "is",
	    (int64_t)index, (const char *)ctx);
}

/* What the first pass came to, before the version itself: nothing where there was none, or where it stands already. */
static int
record_gathered(struct house *h, const char *id, struct err *e)
{
	struct ledger_query *q = ledger_query(
	    h->ledger, e, "SELECT json FROM gathered WHERE version = ? AND place IS NULL", "s", id);
	int more = ledger_next(q, e), rc = -1;
	struct json *entry = NULL;
	const void *text;
	size_t len;
	char about[MANIFEST_ID_LEN + 1];

	if (more == 1) {
		text = ledger_blob(q, 0, &len);
		entry = json_parse_canonical(text, len, "ledger: what was gathered", e);
	}
	ledger_end(q);
	if (more != 1)
		return more;
	if (entry == NULL) {
		e->code = ERR_FORGED;
		return -1;
	}
	(void)snprintf(about, sizeof(about), "%s", id);
	json_set_string(entry, "version-id", id);
	rc = house_record(
	    h, "gather", entry, id, (struct effect){.run = gathered_effect, .ctx = about}, NULL, e);
	json_free(entry);
	return rc;
}

int
version_finish(struct house *h, const char *id, struct err *e)
{
	struct version *v = version_load(h, id, e);
	struct json *entry;
	char path[128];
	int rc = -1;

	if (v == NULL)
		return -1;
	if (strcmp(v->state, "SEALED") != 0) {
		err_set(e, ERR_REFUSED, "version %s: it is %s, not SEALED", id, v->state);
		goto out;
	}
	if (record_gathered(h, id, e) == -1 || (v->manifest.len == 0 && make_manifest(h, v, e) == -1))
		goto out;
	(void)snprintf(path, sizeof(path), "vault/%s/manifest.json", id);
	if (io_replace_file(h->folder, path, v->manifest.data, v->manifest.len, 0600, e) == -1)
		goto out;
	entry = json_object();
	json_set_string(entry, "manifest", v->digest);
	json_set_string(entry, "version-id", v->id);
	json_set_string(entry, "dataset-id", v->dataset_id);
	json_set_string(entry, "holder", v->holder);
	rc = house_record(h, "manifest", entry, id,
	    (struct effect){
		.run = version_state_effect, .ctx = &(struct version_state){.id = id, .state = "LOGGED"}},
	    NULL, e);
	json_free(entry);
out:
	version_free(v);
	return rc;
}
