/*
 * A policy from its resolved form, as strict as the reading of what people wrote.
 *
 * The resolved form is canonical JSON with every default filled in:
 *
 * {"policy": 1, "name", "project", "pseudonym": {"domain", "key": n}, "dates": {"order": ["yyyy-MM-dd",
 * ...]}, "text": {"language": ["nl", "en"], "default": "tag" | "blank", KIND: "tag" | "blank" | "keep" for each of
 * the nine kinds of finds (keep: age, date, institution, location, url), "age" also {"cap": years}, "bsn": {"do": "tag" |
 * "blank", "context": "any" | "near"}, "extra": [{"kind", "pattern"}], "keep_words", "names", "places", "institutions":
 * [words]}, "files": [RULE], "accept": {"files": SHARE, "records": SHARE, ["review": {"letters", "scans", "found"}]},
 *  "sets": {NAME: {"hold": [countries], "open": [sites], "evidence": "none", "results": "none" | "sealed"}},
 *  "shards": {"size": bytes, "order": "source" | "shuffled", "names": "generated"}}
 *
 * With `subject` in the policy there is also "subject": {"from": GLOB, "key": {"column", "pattern": text | null, "pad":
 * n}, "exclude": [names], "unmatched": "hold" | "drop"}, and every RULE but drop has "subject".
 *
 * SHARE   {"count": n} or {"ppm": n}: that many may be held, or that many in a million.
 * RULE    {"match", "format": "csv", "subject": COLUMN | null, "csv": {"delimiter", "decimal", "missing":
 * ["", ...]}, "columns": [{"name", "action"}]}
 *         {"match", "format": "fixed", as csv, "fixed": [{"at", "width"}], one a column}
 *         {"match", "format": "jsonl", "subject": PATH | null, "sample": "record" | "file",
 *          "fields": [{"name": PATH, "action"}]}
 *         {"match", "format": "json", as jsonl, "sample": "record"}
 *         {"match", "format": "dicom", "subject": "PatientID" | null, "sample": "file", "modality": [..;
 * none: any], "burned_in": "hold" | "keep", "tags": [{"tag": "(gggg,eeee)", "do": "keep" | "drop" |
 * "blank"}]}
 *         {"match", "format": "opaque", "ext"}: with `subject` in the policy also "subject": GLOB | null
 *         {"match", "format": "text"}: the same; and {"match", "format": "drop"}
 * ACTION  {"do": "drop" | "blank" | "pseudonym" | "year" | "text"}, {"keep": "code", "pattern"},
 *         {"keep": "number", "range": ["low", "high"] | null}, {"keep": "enum", "values": [..]},
 *         {"first": n, "pattern": text | null}, {"do": "pseudonym", "reference": [types]}
 *
 * Names of columns and fields stand in lists, not as keys: keys of canonical JSON are ASCII.
 */
#include "stager/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy_decode.h"
#include "policy_form.h"
#include "stager/json.h"
#include "stager/pattern.h"

int
decode_bad(struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "resolved policy: %s is not of the form it must have", what);
}

char *
decode_string(const struct json *j, const char *key, bool (*ok)(const char *), struct err *e)
{
	const char *text = json_need_string(j, key, "resolved policy", e);
	char *copy;

	if (text == NULL)
		return NULL;
	if (ok != NULL && !ok(text)) {
		decode_bad(e, key);
		return NULL;
	}
	if ((copy = strdup(text)) == NULL)
		err_sys(e, "resolved policy");
	return copy;
}

const struct json *
decode_list(const struct json *j, const char *key, size_t min, size_t max, struct err *e)
{
	const struct json *list = json_need(j, key, JSON_ARRAY, "resolved policy", e);

	if (list != NULL && (list->count < min || list->count > max)) {
		decode_bad(e, key);
		return NULL;
	}
	return list;
}

int
decode_strings(const struct json *j, const char *key, size_t min, size_t max, bool (*ok)(const char *),
    char ***out, size_t *count, struct err *e)
{
	const struct json *list = decode_list(j, key, min, max, e);

	if (list == NULL)
		return -1;
	if ((*out = calloc(list->count + 1, sizeof(char *))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->type != JSON_STRING || (ok != NULL && !ok(list->items[i]->string)))
			return decode_bad(e, key);
		if (((*out)[i] = strdup(list->items[i]->string)) == NULL)
			return err_sys(e, "resolved policy");
		*count = i + 1;
	}
	return 0;
}

void
decode_strings_free(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

int
decode_choice(const struct json *j, const char *key, const char *const *words, struct err *e)
{
	const char *text = json_need_string(j, key, "resolved policy", e);

	if (text == NULL)
		return -1;
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return decode_bad(e, key);
}

struct pattern *
decode_pattern(const struct json *j, bool empty, struct err *e)
{
	const char *text = json_need_string(j, "pattern", "resolved policy", e);
	struct pattern *p;

	if (text == NULL)
		return NULL;
	if ((p = pattern_compile(text, e)) == NULL) {
		err_context(e, "resolved policy");
		return NULL;
	}
	if (!empty && pattern_match(p, "", 0)) {
		pattern_free(p);
		decode_bad(e, "pattern");
		return NULL;
	}
	return p;
}

static int
decode_shift(struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"step", "max", NULL};
	int64_t step, max;

	if (json_expect_keys(j, keys, "resolved policy: shift", e) == -1 ||
	    json_need_int(j, "step", 1, POLICY_SHIFT_MAX, "resolved policy", &step, e) == -1 ||
	    json_need_int(j, "max", step, POLICY_SHIFT_MAX, "resolved policy", &max, e) == -1)
		return -1;
	p->shift_step = (long)step;
	p->shift_max = (long)max;
	return 0;
}

static int
decode_dates(struct policy *p, const struct json *root, struct err *e)
{
	static const char *const keys[] = {"order", "shift", NULL};
	static const struct {
		const char *name;
		enum date_order order;
	} orders[] = {{"dd-MM-yyyy", DATE_DMY}, {"yyyy-MM-dd", DATE_YMD}, {"MM-dd-yyyy", DATE_MDY}};
	const struct json *dates = json_get(root, "dates"), *list;
	unsigned seen = 0;

	if (json_expect_keys(dates, keys, "resolved policy: dates", e) == -1 ||
	    (list = decode_list(dates, "order", 1, 3, e)) == NULL)
		return -1;
	if ((p->date_orders = calloc(list->count, sizeof(*p->date_orders))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		size_t k = 0;

		while (k < 3 && (list->items[i]->type != JSON_STRING ||
				    strcmp(list->items[i]->string, orders[k].name) != 0))
			k++;
		if (k == 3 || (seen >> k & 1) != 0)
			return decode_bad(e, "dates");
		seen |= 1u << k;
		p->date_orders[p->date_order_count++] = orders[k].order;
	}
	return json_get(dates, "shift") == NULL ? 0 : decode_shift(p, json_get(dates, "shift"), e);
}

/* accept and shards are the supervisor's to use: here they must only have their form. */
static int
check_share(const struct json *accept, const char *key, struct err *e)
{
	const struct json *share = json_get(accept, key);
	int64_t n;

	if (share == NULL || share->type != JSON_OBJECT || share->count != 1)
		return decode_bad(e, "accept");
	if (json_get(share, "ppm") != NULL)
		return json_need_int(share, "ppm", 0, 1000000, "resolved policy", &n, e);
	return json_need_int(share, "count", 0, POLICY_ACCEPT_MAX, "resolved policy", &n, e);
}

/* Not there: nobody need look. */
static int
check_review(const struct json *accept, struct err *e)
{
	static const char *const keys[] = {"letters", "scans", "found", NULL};
	const struct json *review = json_get(accept, "review");
	int64_t n;

	if (review == NULL)
		return 0;
	if (review->type != JSON_OBJECT || json_expect_keys(review, keys, "resolved policy: review", e) == -1)
		return decode_bad(e, "review");
	for (size_t i = 0; keys[i] != NULL; i++)
		if (json_need_int(review, keys[i], 0, POLICY_REVIEW_MAX, "resolved policy", &n, e) == -1)
			return -1;
	return 0;
}

static int
check_house_part(const struct json *root, struct err *e)
{
	static const char *const accept_keys[] = {"files", "records", "review", NULL};
	static const char *const shard_keys[] = {"size", "order", "names", NULL};
	static const char *const order[] = {"source", "shuffled", NULL}, *const names[] = {"generated", NULL};
	const struct json *accept = json_get(root, "accept"), *shards = json_get(root, "shards");
	int64_t size;

	if (json_expect_keys(accept, accept_keys, "resolved policy: accept", e) == -1 ||
	    check_share(accept, "files", e) == -1 || check_share(accept, "records", e) == -1 ||
	    check_review(accept, e) == -1)
		return -1;
	if (json_expect_keys(shards, shard_keys, "resolved policy: shards", e) == -1 ||
	    json_need_int(shards, "size", POLICY_SHARD_MIN, POLICY_SHARD_MAX, "resolved policy", &size, e) ==
		-1 ||
	    decode_choice(shards, "order", order, e) == -1 || decode_choice(shards, "names", names, e) == -1)
		return -1;
	return 0;
}

static int
decode_root(struct policy *p, const struct json *root, struct err *e)
{
	static const char *const keys[] = {"policy", "name", "project", "pseudonym", "subject", "dates",
	    "text", "files", "accept", "sets", "shards", "disclosure", "hierarchies", NULL};
	static const char *const pseudonym_keys[] = {"domain", "key", NULL};
	const struct json *pseudonym = json_get(root, "pseudonym"), *files;
	int64_t n;

	if (json_expect_keys(root, keys, "resolved policy", e) == -1 ||
	    json_need_int(root, "policy", 1, 1, "resolved policy", &n, e) == -1 ||
	    (p->name = decode_string(root, "name", policy_name_ok, e)) == NULL ||
	    (p->project = decode_string(root, "project", policy_name_ok, e)) == NULL ||
	    json_expect_keys(pseudonym, pseudonym_keys, "resolved policy: pseudonym", e) == -1 ||
	    (p->domain = decode_string(pseudonym, "domain", policy_name_ok, e)) == NULL ||
	    json_need_int(pseudonym, "key", 1, POLICY_GENERATION_MAX, "resolved policy", &n, e) == -1)
		return -1;
	p->generation = (uint32_t)n;
	if (decode_dates(p, root, e) == -1 || decode_hierarchies(p, root, e) == -1 ||
	    decode_attributes(p, root, e) == -1 || decode_text(p, root, e) == -1 ||
	    check_house_part(root, e) == -1 || decode_sets(p, root, e) == -1 ||
	    (files = decode_list(root, "files", 1, POLICY_RULES_MAX, e)) == NULL)
		return -1;
	if ((p->rules = calloc(files->count, sizeof(*p->rules))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < files->count; i++) {
		p->rule_count = i + 1;
		if (decode_rule(&p->rules[i], p, files->items[i], e) == -1)
			return -1;
	}
	return decode_subject_rules(p, root, e) == -1 ? -1 : decode_disclosure(p, root, e);
}

struct policy *
policy_decode(const struct json *resolved, struct err *e)
{
	struct policy *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		err_sys(e, "resolved policy");
		return NULL;
	}
	if (decode_root(p, resolved, e) == -1) {
		policy_free(p);
		return NULL;
	}
	return p;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->rule_count; i++)
		decode_rule_free(&p->rules[i]);
	decode_sets_free(p);
	decode_text_free(&p->text);
	decode_subject_rules_free(p->subject);
	decode_disclosure_free(p->disclosure);
	decode_hierarchies_free(p);
	free(p->rules);
	free(p->date_orders);
	free(p->name);
	free(p->project);
	free(p->domain);
	free(p);
}
