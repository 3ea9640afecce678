/* A policy as people write it, checked and resolved; its rules for files are in policy_rules.c. */
#include "stager/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/json.h"
#include "yaml_tree.h"

int
resolve_keys(const struct yaml_node *n, const struct yaml_key *keys, const char *where, struct err *e)
{
	return n == NULL ? 0 : yaml_expect_keys(n, keys, where, e);
}

const char *
resolve_one_of(const struct yaml_node *map, const char *key, const char *const *words,
    const char *const *later, struct err *e)
{
	const struct yaml_node *n = yaml_get(map, key);
	const char *text;

	if (n == NULL)
		return words[0];
	if ((text = yaml_need_text(n, key, e)) == NULL)
		return NULL;
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return *words;
	for (; later != NULL && *later != NULL; later++) {
		if (strcmp(text, *later) == 0) {
			yaml_bad(n, e, "`%s: %s` is not done by this version", key, *later);
			return NULL;
		}
	}
	yaml_bad(n, e, "`%.64s` is not a value that `%s` can have", text, key);
	return NULL;
}

/* The value of a key that must be a name. */
static const char *
name_of(const struct yaml_node *map, const char *key, const char *where, struct err *e)
{
	const struct yaml_node *n = yaml_need(map, key, where, e);
	const char *text = n == NULL ? NULL : yaml_need_text(n, key, e);

	if (text != NULL && !policy_name_ok(text)) {
		yaml_bad(n, e,
		    "`%s` is not a name: a-z, 0-9, dots and dashes, at most 64, a letter or digit first",
		    key);
		return NULL;
	}
	return text;
}

static int
resolve_pseudonym(const struct yaml_node *root, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"domain", false}, {"key", false}, {NULL, false}};
	const struct yaml_node *n = yaml_need(root, "pseudonym", "the policy", e), *key;
	struct json *j;
	const char *domain, *text;
	int64_t generation = 1;

	if (n == NULL || resolve_keys(n, keys, "`pseudonym`", e) == -1 ||
	    (domain = name_of(n, "domain", "`pseudonym`", e)) == NULL)
		return -1;
	if ((key = yaml_get(n, "key")) != NULL) {
		if ((text = yaml_need_text(key, "key", e)) == NULL)
			return -1;
		if (!policy_integer(text, 1, POLICY_GENERATION_MAX, &generation))
			return yaml_bad(key, e, "`key` is not a generation: 1, 2, ... 1000000");
	}
	j = json_object();
	json_set_string(j, "domain", domain);
	json_set_int(j, "key", generation);
	json_set(out, "pseudonym", j);
	return 0;
}

struct json *
resolve_list(const struct yaml_node *n, const char *what, size_t min, size_t max, bool (*ok)(const char *),
    const char *form, struct err *e)
{
	struct json *list = json_array();

	if (yaml_need_list(n, min, what, e) == -1)
		goto fail;
	if (n->count > max) {
		yaml_bad(n, e, "%s has more than %zu entries", what, max);
		goto fail;
	}
	for (size_t i = 0; i < n->count; i++) {
		const char *text = yaml_need_text(n->items[i], what, e);

		if (text == NULL)
			goto fail;
		if (!ok(text)) {
			yaml_bad(n->items[i], e, "`%.64s` in %s is not %s", text, what, form);
			goto fail;
		}
		for (size_t k = 0; k < list->count; k++) {
			if (strcmp(list->items[k]->string, text) == 0) {
				yaml_bad(n->items[i], e, "`%.64s` stands twice in %s", text, what);
				goto fail;
			}
		}
		json_push(list, json_string(text));
	}
	return list;
fail:
	json_free(list);
	return NULL;
}

static bool
date_order_ok(const char *text)
{
	return strcmp(text, "dd-MM-yyyy") == 0 || strcmp(text, "yyyy-MM-dd") == 0 ||
	       strcmp(text, "MM-dd-yyyy") == 0;
}

/* {step, max}, in days. */
static int
resolve_shift(const struct yaml_node *n, struct json *dates, struct err *e)
{
	static const struct yaml_key keys[] = {{"step", false}, {"max", false}, {NULL, false}};
	const struct yaml_node *step, *max;
	int64_t days[2];
	struct json *shift;

	if (n == NULL)
		return 0;
	if (yaml_expect_keys(n, keys, "`shift`", e) == -1 ||
	    (step = yaml_need(n, "step", "`shift`", e)) == NULL ||
	    yaml_need_text(step, "`step`", e) == NULL || (max = yaml_need(n, "max", "`shift`", e)) == NULL ||
	    yaml_need_text(max, "`max`", e) == NULL)
		return -1;
	if (!policy_integer(step->text, 1, POLICY_SHIFT_MAX, &days[0]))
		return yaml_bad(step, e, "`step` is not between 1 and %d days", POLICY_SHIFT_MAX);
	if (!policy_integer(max->text, days[0], POLICY_SHIFT_MAX, &days[1]))
		return yaml_bad(max, e, "`max` is not between `step` and %d days", POLICY_SHIFT_MAX);
	shift = json_object();
	json_set_int(shift, "step", days[0]);
	json_set_int(shift, "max", days[1]);
	json_set(dates, "shift", shift);
	return 0;
}

static int
resolve_dates(const struct yaml_node *root, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"order", false}, {"shift", false}, {NULL, false}};
	const struct yaml_node *n = yaml_get(root, "dates"), *order = yaml_get(n, "order");
	struct json *dates, *list;

	if (resolve_keys(n, keys, "`dates`", e) == -1)
		return -1;
	if (order != NULL) {
		if ((list = resolve_list(order, "`order`", 1, 3, date_order_ok,
			 "dd-MM-yyyy, yyyy-MM-dd or MM-dd-yyyy", e)) == NULL)
			return -1;
	} else {
		list = json_array();
		json_push(list, json_string("yyyy-MM-dd"));
		json_push(list, json_string("dd-MM-yyyy"));
	}
	dates = json_object();
	json_set(dates, "order", list);
	json_set(out, "dates", dates);
	return resolve_shift(yaml_get(n, "shift"), dates, e);
}

/* "12" or "0.1%": {"count": 12} or {"ppm": 1000}. NULL with e set. */
struct json *
resolve_share(const struct yaml_node *map, const char *key, struct err *e)
{
	const struct yaml_node *n = yaml_get(map, key);
	const char *text = n == NULL ? "0" : yaml_need_text(n, key, e), *at;
	struct json *share = json_object();
	int64_t whole = 0, part = 0, scale = 10000;
	char digits[16];
	size_t len;

	if (text == NULL)
		goto fail;
	if (policy_integer(text, 0, POLICY_ACCEPT_MAX, &whole)) {
		json_set_int(share, "count", whole);
		return share;
	}
	len = strcspn(text, ".%");
	if (len == 0 || len >= sizeof(digits))
		goto bad;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!policy_integer(digits, 0, 100, &whole))
		goto bad;
	at = text + len;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9' && scale > 1; at++) {
			scale /= 10;
			part += (*at - '0') * scale;
		}
	if (strcmp(at, "%") != 0 || at[-1] == '.' || whole * 10000 + part > 1000000)
		goto bad;
	json_set_int(share, "ppm", whole * 10000 + part);
	return share;
bad:
	yaml_bad(n, e, "`%s` is neither a count nor a percentage (0%% to 100%%, at most four decimals)", key);
fail:
	json_free(share);
	return NULL;
}

/* How many letters and scans a person must have looked at before a version is accepted, and how many of them may show something. */
static int
resolve_review(const struct yaml_node *n, struct json *accept, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"letters", false}, {"scans", false}, {"found", false}, {NULL, false}};
	struct json *review;

	if (n == NULL)
		return 0;
	json_set(accept, "review", review = json_object());
	if (yaml_expect_keys(n, keys, "`review`", e) == -1)
		return -1;
	for (size_t i = 0; keys[i].name != NULL; i++) {
		const struct yaml_node *one = yaml_get(n, keys[i].name);
		const char *text;
		int64_t number = 0;

		if (one != NULL) {
			if ((text = yaml_need_text(one, keys[i].name, e)) == NULL)
				return -1;
			if (!policy_integer(text, 0, POLICY_REVIEW_MAX, &number))
				return yaml_bad(
				    one, e, "`%s` is not between 0 and %d", keys[i].name, POLICY_REVIEW_MAX);
		}
		json_set_int(review, keys[i].name, number);
	}
	return 0;
}

static int
resolve_accept(const struct yaml_node *root, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"files", false}, {"records", false}, {"review", false}, {NULL, false}};
	const struct yaml_node *n = yaml_get(root, "accept");
	struct json *files = NULL, *records = NULL, *accept;

	if (resolve_keys(n, keys, "`accept`", e) == -1 || (files = resolve_share(n, "files", e)) == NULL ||
	    (records = resolve_share(n, "records", e)) == NULL) {
		json_free(files);
		return -1;
	}
	accept = json_object();
	json_set(accept, "files", files);
	json_set(accept, "records", records);
	json_set(out, "accept", accept);
	return resolve_review(yaml_get(n, "review"), accept, e);
}

/* "512MiB", or bytes. */
static int
resolve_size(const struct yaml_node *n, int64_t *out, struct err *e)
{
	static const struct {
		const char *suffix;
		unsigned shift;
	} units[] = {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
	const char *text = yaml_need_text(n, "`size`", e);
	char digits[16];
	size_t len;

	if (text == NULL)
		return -1;
	len = strspn(text, "0123456789");
	if (len == 0 || len >= sizeof(digits))
		return yaml_bad(n, e, "`size` is not a size such as 512MiB");
	memcpy(digits, text, len);
	digits[len] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + len, units[i].suffix) != 0)
			continue;
		if (!policy_integer(digits, 0, POLICY_SHARD_MAX >> units[i].shift, out) ||
		    *out << units[i].shift < POLICY_SHARD_MIN)
			return yaml_bad(n, e, "`size` is not between 1MiB and 5GiB");
		*out <<= units[i].shift;
		return 0;
	}
	return yaml_bad(n, e, "`size` has a unit other than KiB, MiB and GiB");
}

static int
resolve_shards(const struct yaml_node *root, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"size", false}, {"order", false}, {"names", false}, {NULL, false}};
	static const char *const orders[] = {"source", "shuffled", NULL};
	static const char *const names[] = {"generated", NULL}, *const names_later[] = {"keep", NULL};
	const struct yaml_node *n = yaml_get(root, "shards"), *size = yaml_get(n, "size");
	const char *order, *name;
	int64_t bytes = INT64_C(512) << 20;
	struct json *shards;

	if (resolve_keys(n, keys, "`shards`", e) == -1 ||
	    (size != NULL && resolve_size(size, &bytes, e) == -1) ||
	    (order = resolve_one_of(n, "order", orders, NULL, e)) == NULL ||
	    (name = resolve_one_of(n, "names", names, names_later, e)) == NULL)
		return -1;
	shards = json_object();
	json_set_int(shards, "size", bytes);
	json_set_string(shards, "order", order);
	json_set_string(shards, "names", name);
	json_set(out, "shards", shards);
	return 0;
}

static int
resolve_root(const struct yaml_node *root, struct beside *beside, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"policy", false}, {"name", false}, {"project", false},
	    {"pseudonym", false}, {"dates", false}, {"text", false}, {"files", false}, {"accept", false},
	    {"sets", false}, {"shards", false}, {"subject", false}, {"disclosure", false}, {NULL, false}};
	const struct yaml_node *version, *files;
	struct linking linking = {.beside = beside};
	struct json *rules, *subject = NULL;
	const char *text;

	if (yaml_expect_keys(root, keys, "the policy", e) == -1 ||
	    (version = yaml_need(root, "policy", "the policy", e)) == NULL ||
	    (text = yaml_need_text(version, "`policy`", e)) == NULL)
		return -1;
	if (strcmp(text, "1") != 0)
		return yaml_bad(version, e, "`policy` is not 1, the only schema that this version reads");
	json_set_int(out, "policy", 1);
	if ((text = name_of(root, "name", "the policy", e)) == NULL)
		return -1;
	json_set_string(out, "name", text);
	if ((text = name_of(root, "project", "the policy", e)) == NULL)
		return -1;
	json_set_string(out, "project", text);
	if (resolve_pseudonym(root, out, e) == -1 || resolve_dates(root, out, e) == -1)
		return -1;
	linking.sets = yaml_get(root, "sets");
	/* Where the rules for files are missing texts are looked at first all the same. */
	files = yaml_get(root, "files");
	if (files != NULL && resolve_subject(root, files, &linking, &subject, e) == -1)
		return -1;
	if (subject != NULL)
		json_set(out, "subject", subject);
	if (resolve_disclosure(root, &linking, out, e) == -1)
		return -1;
	if (resolve_text(root, &linking, out, e) == -1 ||
	    (files = yaml_need(root, "files", "the policy", e)) == NULL)
		return -1;
	if ((rules = resolve_files(files, &linking, e)) == NULL)
		return -1;
	json_set(out, "files", rules);
	if (resolve_disclosure_record(root, &linking, out, e) == -1)
		return -1;
	if (resolve_accept(root, out, e) == -1 || resolve_sets(root, out, e) == -1 ||
	    resolve_shards(root, out, e) == -1)
		return -1;
	return 0;
}

struct json *
policy_from_files(const void *yaml, size_t len, const struct policy_file *files, size_t count, struct err *e)
{
	struct yaml_node *root = yaml_tree_parse(yaml, len, e);
	struct beside beside = {.files = files, .count = count};
	struct json *resolved = NULL;
	struct policy *p = NULL;
	int rc;

	if (root == NULL)
		return NULL;
	resolved = json_object();
	beside.hierarchies = json_array();
	rc = resolve_root(root, &beside, resolved, e);
	if (beside.hierarchies->count > 0)
		json_set(resolved, "hierarchies", beside.hierarchies);
	else
		json_free(beside.hierarchies);
	/* What is resolved must be readable again: the second reading is of its own making, and checks the
	 * first. */
	if (rc == 0)
		p = policy_decode(resolved, e);
	yaml_tree_free(root);
	if (p == NULL) {
		json_free(resolved);
		return NULL;
	}
	policy_free(p);
	return resolved;
}

struct json *
policy_from_yaml(const void *yaml, size_t len, struct err *e)
{
	return policy_from_files(yaml, len, NULL, 0, e);
}
