/* The manifest: an in-toto Statement v1 about one version's shard tables and indexes. */
#include "stager/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/json.h"

#include "fields.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE "urn:stager:manifest:1"
#define TEXT_MAX 256 /* licence, legal basis, retention */
#define WORD_MAX 64  /* evidence, results, purposes, version of the scrubber */
#define SUBJECT_MAX (MANIFEST_NAME_MAX + 16)

static const char what[] = "manifest";

enum item_kind { ITEM_COUNTRY, ITEM_SITE, ITEM_PURPOSE };

/* ISO 3166-1 alpha-2; a site's name; a DUO code such as "DUO:0000007". */
static bool
item_ok(enum item_kind kind, const char *text)
{
	if (kind == ITEM_SITE)
		return manifest_name_ok(text);
	if (kind == ITEM_COUNTRY)
		return strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' &&
		       text[1] <= 'Z';
	return field_printable_ok(text, WORD_MAX);
}

static void
list_free(char **list, size_t count)
{
	for (size_t i = 0; list != NULL && i < count; i++)
		free(list[i]);
	free(list);
}

static struct json *
list_encode(char *const *list, size_t count)
{
	struct json *j = json_array();

	for (size_t i = 0; i < count; i++)
		json_push(j, json_string(list[i]));
	return j;
}

/* A list of least to MANIFEST_LIST_MAX different items. *out and *count are the caller's also on failure. */
static int
list_decode(const struct json *j, const char *key, enum item_kind kind, size_t least, char ***out,
    size_t *count, struct err *e)
{
	const struct json *list = json_need(j, key, JSON_ARRAY, what, e);

	if (list == NULL)
		return -1;
	if (list->count < least || list->count > MANIFEST_LIST_MAX)
		return err_set(e, ERR_INPUT, "%s: %s has too few or too many items", what, key);
	if (list->count == 0)
		return 0;
	if ((*out = calloc(list->count, sizeof(**out))) == NULL)
		return err_sys(e, "%s", what);
	for (size_t i = 0; i < list->count; i++) {
		const struct json *item = list->items[i];

		if (item->type != JSON_STRING || !item_ok(kind, item->string))
			return err_set(e, ERR_INPUT, "%s: bad item in %s", what, key);
		for (size_t k = 0; k < i; k++)
			if (strcmp((*out)[k], item->string) == 0)
				return err_set(e, ERR_INPUT, "%s: the same item twice in %s", what, key);
		if (((*out)[i] = strdup(item->string)) == NULL)
			return err_sys(e, "%s", what);
		*count = i + 1;
	}
	return 0;
}

static int
text_decode(const struct json *j, const char *key, size_t max, char **out, struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (!field_text_ok(text, max))
		return err_set(e, ERR_INPUT, "%s: %s is too long or holds control characters", what, key);
	if ((*out = strdup(text)) == NULL)
		return err_sys(e, "%s", what);
	return 0;
}

/* ---- sets ---- */

static struct json *
set_encode(const struct manifest_set *set, struct err *e)
{
	struct json *j = json_object();

	json_set(j, "hold", list_encode(set->hold, set->hold_count));
	json_set(j, "open", list_encode(set->open, set->open_count));
	json_set_string(j, "evidence", set->evidence);
	json_set_string(j, "results", set->results);
	if (field_set_u64(j, "shards", set->shards, e) == -1 ||
	    field_set_u64(j, "members", set->members, e) == -1) {
		json_free(j);
		return NULL;
	}
	return j;
}

static int
set_decode(const char *name, const struct json *j, struct manifest_set *set, struct err *e)
{
	static const char *const keys[] = {"hold", "open", "evidence", "results", "shards", "members", NULL};

	if (!manifest_name_ok(name))
		return err_set(e, ERR_INPUT, "%s: bad name of a set", what);
	memcpy(set->name, name, strlen(name) + 1);
	if (json_expect_keys(j, keys, what, e) == -1 ||
	    list_decode(j, "hold", ITEM_COUNTRY, 0, &set->hold, &set->hold_count, e) == -1 ||
	    list_decode(j, "open", ITEM_SITE, 0, &set->open, &set->open_count, e) == -1 ||
	    text_decode(j, "evidence", WORD_MAX, &set->evidence, e) == -1 ||
	    text_decode(j, "results", WORD_MAX, &set->results, e) == -1 ||
	    field_u64(j, "shards", 1, MANIFEST_SHARDS_MAX, what, &set->shards, e) == -1 ||
	    field_u64(j, "members", 1, JSON_INT_MAX, what, &set->members, e) == -1)
		return -1;
	if (!field_word_ok(set->evidence, WORD_MAX))
		return err_set(e, ERR_INPUT, "%s: evidence is no word", what);
	if (strcmp(set->results, "sealed") != 0 && strcmp(set->results, "none") != 0)
		return err_set(e, ERR_INPUT, "%s: results is neither sealed nor none", what);
	return 0;
}

/* ---- subjects: SET/shards.jsonl and SET/index.sums of each set, sets in order of name ---- */

static void
subject_push(struct json *list, const char *set, const char *file, const uint8_t digest[static DIGEST_LEN])
{
	struct json *subject = json_object(), *digests = json_object();
	char name[SUBJECT_MAX];

	(void)snprintf(name, sizeof(name), "%s/%s", set, file);
	json_set_hex(digests, "sha256", digest, DIGEST_LEN);
	json_set_string(subject, "name", name);
	json_set(subject, "digest", digests);
	json_push(list, subject);
}

static int
subject_decode(const struct json *subject, const char *set, const char *file,
    uint8_t digest[static DIGEST_LEN], struct err *e)
{
	static const char *const keys[] = {"name", "digest", NULL}, *const digests[] = {"sha256", NULL};
	char name[SUBJECT_MAX];

	(void)snprintf(name, sizeof(name), "%s/%s", set, file);
	if (json_expect_keys(subject, keys, what, e) == -1 ||
	    field_type(subject, "name", name, what, e) == -1 ||
	    json_expect_keys(json_get(subject, "digest"), digests, what, e) == -1 ||
	    json_need_hex(json_get(subject, "digest"), "sha256", digest, DIGEST_LEN, what, e) == -1)
		return -1;
	return 0;
}

/* ---- the predicate ---- */

static struct json *
meta_encode(const struct manifest *m)
{
	struct json *j = json_object();

	if (m->licence != NULL)
		json_set_string(j, "licence", m->licence);
	if (m->legal_basis != NULL)
		json_set_string(j, "legal-basis", m->legal_basis);
	if (m->retention != NULL)
		json_set_string(j, "retention", m->retention);
	if (m->purpose_count > 0)
		json_set(j, "purposes", list_encode(m->purposes, m->purpose_count));
	return j;
}

static int
meta_decode(const struct json *j, struct manifest *m, struct err *e)
{
	static const char *const keys[] = {"licence", "purposes", "legal-basis", "retention", NULL};

	if (json_expect_keys(j, keys, what, e) == -1)
		return -1;
	if (json_get(j, "licence") != NULL && text_decode(j, "licence", TEXT_MAX, &m->licence, e) == -1)
		return -1;
	if (json_get(j, "legal-basis") != NULL &&
	    text_decode(j, "legal-basis", TEXT_MAX, &m->legal_basis, e) == -1)
		return -1;
	if (json_get(j, "retention") != NULL && text_decode(j, "retention", TEXT_MAX, &m->retention, e) == -1)
		return -1;
	if (json_get(j, "purposes") != NULL &&
	    list_decode(j, "purposes", ITEM_PURPOSE, 1, &m->purposes, &m->purpose_count, e) == -1)
		return -1;
	return 0;
}

static int
predicate_decode(const struct json *j, struct manifest *m, struct err *e)
{
	static const char *const keys[] = {"house", "holder", "dataset", "dataset-id", "version",
	    "version-id", "predecessor", "meta", "sets", "policy", "report", "ruleset", "scrubber", NULL};
	const struct json *predecessor, *sets;

	if (json_expect_keys(j, keys, what, e) == -1 || field_name(j, "house", m->house, what, e) == -1 ||
	    field_name(j, "holder", m->holder, what, e) == -1 ||
	    field_name(j, "dataset", m->dataset, what, e) == -1 ||
	    field_id(j, "dataset-id", m->dataset_id, what, e) == -1 ||
	    field_u64(j, "version", 1, JSON_INT_MAX, what, &m->version, e) == -1 ||
	    field_id(j, "version-id", m->version_id, what, e) == -1 ||
	    json_need_hex(j, "policy", m->policy, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "report", m->report, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "ruleset", m->ruleset, DIGEST_LEN, what, e) == -1 ||
	    text_decode(j, "scrubber", WORD_MAX, &m->scrubber, e) == -1 ||
	    meta_decode(json_get(j, "meta"), m, e) == -1)
		return -1;
	if ((predecessor = json_get(j, "predecessor")) == NULL)
		return err_set(e, ERR_INPUT, "%s: predecessor is missing", what);
	if (predecessor->type != JSON_NULL) {
		if (json_need_hex(j, "predecessor", m->predecessor, DIGEST_LEN, what, e) == -1)
			return -1;
		m->has_predecessor = true;
	}
	if (m->version == 1 && m->has_predecessor)
		return err_set(e, ERR_INPUT, "%s: the first version has a predecessor", what);
	if ((sets = json_need(j, "sets", JSON_OBJECT, what, e)) == NULL)
		return -1;
	if (sets->count < 1 || sets->count > MANIFEST_SETS_MAX)
		return err_set(e, ERR_INPUT, "%s: not 1 to %d sets", what, MANIFEST_SETS_MAX);
	for (size_t i = 0; i < sets->count; i++) {
		/* Counted first, so that manifest_free sees what a failure left behind. */
		m->set_count = i + 1;
		if (set_decode(sets->keys[i], sets->items[i], &m->sets[i], e) == -1)
			return -1;
	}
	return 0;
}

struct manifest *
manifest_decode(const void *data, size_t len, struct err *e)
{
	static const char *const keys[] = {"_type", "subject", "predicateType", "predicate", NULL};
	const struct json *subjects;
	struct manifest *m = NULL;
	struct json *j = NULL;
	int rc = -1;

	if ((m = calloc(1, sizeof(*m))) == NULL) {
		err_sys(e, "%s", what);
		return NULL;
	}
	if ((j = field_decode(data, len, MANIFEST_MAX, NULL, keys, what, e)) == NULL ||
	    field_type(j, "_type", STATEMENT_TYPE, what, e) == -1 ||
	    field_type(j, "predicateType", PREDICATE_TYPE, what, e) == -1 ||
	    (subjects = json_need(j, "subject", JSON_ARRAY, what, e)) == NULL ||
	    predicate_decode(json_get(j, "predicate"), m, e) == -1)
		goto out;
	if (subjects->count != 2 * m->set_count) {
		err_set(e, ERR_INPUT, "%s: subjects and sets differ", what);
		goto out;
	}
	for (size_t i = 0; i < m->set_count; i++) {
		struct manifest_set *set = &m->sets[i];

		if (subject_decode(subjects->items[2 * i], set->name, "shards.jsonl", set->table, e) == -1 ||
		    subject_decode(subjects->items[2 * i + 1], set->name, "index.sums", set->index_sums, e) ==
			-1)
			goto out;
	}
	rc = 0;
out:
	json_free(j);
	if (rc == -1) {
		manifest_free(m);
		m = NULL;
	}
	return m;
}

/* The predicate and the subjects, neither checked yet. NULL with e set. */
static struct json *
statement_build(const struct manifest *m, struct err *e)
{
	struct json *statement = json_object(), *p = json_object(), *sets = json_object(), *set;
	struct json *subjects = json_array();
	const struct manifest_set *order[MANIFEST_SETS_MAX] = {NULL}, *swap;
	int rc = -1;

	json_set_string(statement, "_type", STATEMENT_TYPE);
	json_set_string(statement, "predicateType", PREDICATE_TYPE);
	json_set(statement, "predicate", p);
	json_set(statement, "subject", subjects);
	json_set(p, "sets", sets);
	json_set_string(p, "house", m->house);
	json_set_string(p, "holder", m->holder);
	json_set_string(p, "dataset", m->dataset);
	json_set_string(p, "dataset-id", m->dataset_id);
	json_set_string(p, "version-id", m->version_id);
	json_set_string(p, "scrubber", m->scrubber);
	json_set(p, "meta", meta_encode(m));
	json_set_hex(p, "policy", m->policy, DIGEST_LEN);
	json_set_hex(p, "report", m->report, DIGEST_LEN);
	json_set_hex(p, "ruleset", m->ruleset, DIGEST_LEN);
	if (m->has_predecessor)
		json_set_hex(p, "predecessor", m->predecessor, DIGEST_LEN);
	else
		json_set(p, "predecessor", json_null());
	if (field_set_u64(p, "version", m->version, e) == -1)
		goto out;
	for (size_t i = 0; i < m->set_count; i++) {
		if ((set = set_encode(&m->sets[i], e)) == NULL)
			goto out;
		json_set(sets, m->sets[i].name, set);
		order[i] = &m->sets[i];
		for (size_t k = i; k > 0 && strcmp(order[k - 1]->name, order[k]->name) > 0; k--) {
			swap = order[k];
			order[k] = order[k - 1];
			order[k - 1] = swap;
		}
	}
	for (size_t i = 0; i < m->set_count; i++) {
		subject_push(subjects, order[i]->name, "shards.jsonl", order[i]->table);
		subject_push(subjects, order[i]->name, "index.sums", order[i]->index_sums);
	}
	rc = 0;
out:
	if (rc == -1) {
		json_free(statement);
		statement = NULL;
	}
	return statement;
}

int
manifest_encode(const struct manifest *m, struct buf *out, struct err *e)
{
	struct json *statement = NULL;
	struct manifest *again = NULL;
	size_t before = out->len;
	int rc = -1;

	if (m->set_count > MANIFEST_SETS_MAX || m->purpose_count > MANIFEST_LIST_MAX || m->scrubber == NULL)
		return err_set(e, ERR_INPUT, "%s: incomplete or too long", what);
	for (size_t i = 0; i < m->set_count; i++)
		if (m->sets[i].evidence == NULL || m->sets[i].results == NULL ||
		    m->sets[i].hold_count > MANIFEST_LIST_MAX || m->sets[i].open_count > MANIFEST_LIST_MAX)
			return err_set(e, ERR_INPUT, "%s: a set is incomplete or too long", what);
	if ((statement = statement_build(m, e)) == NULL ||
	    field_encode(statement, MANIFEST_MAX, what, out, e) == -1)
		goto out;
	/* Nothing is written that a reader would refuse: two sets of one name, a bad item, control
	 * characters. */
	if ((again = manifest_decode(out->data + before, out->len - before, e)) == NULL) {
		out->len = before;
		goto out;
	}
	rc = 0;
out:
	manifest_free(again);
	json_free(statement);
	return rc;
}

void
manifest_free(struct manifest *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->set_count; i++) {
		list_free(m->sets[i].hold, m->sets[i].hold_count);
		list_free(m->sets[i].open, m->sets[i].open_count);
		free(m->sets[i].evidence);
		free(m->sets[i].results);
	}
	free(m->licence);
	free(m->legal_basis);
	free(m->retention);
	list_free(m->purposes, m->purpose_count);
	free(m->scrubber);
	free(m);
}

const struct manifest_set *
manifest_set(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->set_count; i++)
		if (strcmp(m->sets[i].name, name) == 0)
			return &m->sets[i];
	return NULL;
}
