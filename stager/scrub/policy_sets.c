/* The part `sets` of a policy, and `set` wherever it stands, as people write them, checked and resolved. */
#include <stdlib.h>
#include <string.h>

#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/policy.h"

/* The name of one of the policy's sets. NULL with e set. */
static const char *
set_name(const struct yaml_node *n, const struct linking *linking, struct err *e)
{
	const char *text = yaml_need_text(n, "`set`", e);

	if (text == NULL)
		return NULL;
	if (yaml_get(linking->sets, text) != NULL)
		return text;
	(void)yaml_bad(n, e, "there is no set `%.64s` under `sets`", text);
	return NULL;
}

int
resolve_rule_set(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_get(rule, "set");
	const char *name;

	if (n == NULL)
		return 0;
	if ((name = set_name(n, linking, e)) == NULL)
		return -1;
	json_set_string(out, "set", name);
	return 0;
}

int
resolve_field_set(const struct yaml_node *n, const struct linking *linking, struct json *field, struct err *e)
{
	struct yaml_node bare = *n;
	struct json *action = NULL;
	const char *name = NULL;

	if (n->kind == YAML_MAP && yaml_get(n, "set") != NULL) {
		if ((name = set_name(yaml_get(n, "set"), linking, e)) == NULL)
			return -1;
		/* The same mapping without `set`, which actions know nothing of. */
		bare.keys = calloc(n->count, sizeof(*bare.keys));
		bare.items = calloc(n->count, sizeof(*bare.items));
		if (bare.keys == NULL || bare.items == NULL) {
			free(bare.keys);
			free(bare.items);
			return err_sys(e, "policy");
		}
		bare.count = 0;
		for (size_t i = 0; i < n->count; i++) {
			if (strcmp(n->keys[i]->text, "set") == 0)
				continue;
			bare.keys[bare.count] = n->keys[i];
			bare.items[bare.count++] = n->items[i];
		}
	}
	action = resolve_action(&bare, linking, e);
	if (name != NULL) {
		free(bare.keys);
		free(bare.items);
	}
	if (action == NULL)
		return -1;
	json_set(field, "action", action);
	if (name == NULL)
		return 0;
	if (json_get(action, "do") != NULL && strcmp(json_get(action, "do")->string, "drop") == 0)
		return yaml_bad(yaml_get(n, "set"), e, "what is dropped goes to no `set`");
	json_set_string(field, "set", name);
	return 0;
}

static int
resolve_set(const struct yaml_node *set, struct json *one, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"hold", false}, {"open", false}, {"evidence", false}, {"results", false}, {NULL, false}};
	static const char *const evidence[] = {"none", NULL}, *const results[] = {"none", "sealed", NULL};
	const struct yaml_node *hold, *open;
	const char *least, *back;
	struct json *list;

	if (yaml_expect_keys(set, keys, "a set", e) == -1 ||
	    (hold = yaml_need(set, "hold", "the set", e)) == NULL ||
	    (open = yaml_need(set, "open", "the set", e)) == NULL ||
	    (least = resolve_one_of(set, "evidence", evidence, NULL, e)) == NULL ||
	    (back = resolve_one_of(set, "results", results, NULL, e)) == NULL)
		return -1;
	if ((list = resolve_list(hold, "`hold`", 1, POLICY_SITES_MAX, policy_country_ok,
		 "an ISO 3166 country code", e)) == NULL)
		return -1;
	json_set(one, "hold", list);
	if ((list = resolve_list(open, "`open`", 1, POLICY_SITES_MAX, policy_name_ok, "a site's name", e)) ==
	    NULL)
		return -1;
	json_set(one, "open", list);
	json_set_string(one, "evidence", least);
	json_set_string(one, "results", back);
	return 0;
}

/* The fields of a rule, under either name; NULL where it has none. */
static const struct json *
fields_of(const struct json *rule)
{
	const struct json *columns = json_get(rule, "columns");

	return columns != NULL ? columns : json_get(rule, "fields");
}

/* Does anything of this rule go there? first: the set of what names none. */
static bool
rule_uses(const struct json *rule, const char *set, const char *first)
{
	const struct json *own = json_get(rule, "set"), *fields = fields_of(rule), *one;

	if (strcmp(json_get(rule, "format")->string, "drop") == 0)
		return false;
	if (strcmp(own == NULL ? first : own->string, set) == 0)
		return true;
	for (size_t i = 0; fields != NULL && i < fields->count; i++)
		if ((one = json_get(fields->items[i], "set")) != NULL && strcmp(one->string, set) == 0)
			return true;
	return false;
}

/* What is in one set must be found from another: by a pseudonym that stands in both, or that its members stand under. */
static int
check_joined(const struct yaml_node *rule, const struct json *out, struct err *e)
{
	const struct json *own = json_get(out, "set"), *fields = fields_of(out), *one, *word,
			  *subject = json_get(out, "subject"), *sample = json_get(out, "sample");
	bool several = false, joined;

	/* Members of records stand under their subject in every set. */
	joined = subject != NULL && subject->type == JSON_STRING && sample != NULL &&
		 strcmp(sample->string, "record") == 0;
	for (size_t i = 0; fields != NULL && i < fields->count; i++) {
		one = json_get(fields->items[i], "set");
		word = json_get(json_get(fields->items[i], "action"), "do");
		several = several || (one != NULL && (own == NULL || strcmp(one->string, own->string) != 0));
		joined = joined || (one == NULL && word != NULL && strcmp(word->string, "pseudonym") == 0);
	}
	if (several && strcmp(json_get(out, "format")->string, "xml") == 0)
		return yaml_bad(rule, e,
		    "a document of format xml goes whole to the `set` of its rule: its fields have none");
	return !several || joined
		   ? 0
		   : yaml_bad(rule, e,
			 "this rule has fields in several sets and nothing that joins them: give one "
			 "`pseudonym`, "
			 "without a `set`, which then stands in each of them");
}

int
resolve_sets(const struct yaml_node *root, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_need(root, "sets", "the policy", e),
			       *files = yaml_get(root, "files");
	const struct json *rules = json_get(out, "files");
	size_t order[POLICY_SETS_MAX];
	struct json *sets, *one;
	const char *first;
	bool used;

	if (n == NULL)
		return -1;
	if (n->kind != YAML_MAP || n->count == 0)
		return yaml_bad(n, e, "`sets` names no set");
	if (n->count > POLICY_SETS_MAX)
		return yaml_bad(n->keys[POLICY_SETS_MAX], e, "more than %d sets", POLICY_SETS_MAX);
	json_set(out, "sets", sets = json_object());
	for (size_t i = 0; i < n->count; i++) {
		/* By name, which is what numbers them, in whatever order people write. */
		order[i] = i;
		for (size_t k = i; k > 0 && strcmp(n->keys[order[k - 1]]->text, n->keys[order[k]]->text) > 0;
		     k--) {
			size_t before = order[k - 1];

			order[k - 1] = order[k];
			order[k] = before;
		}
		if (!policy_name_ok(n->keys[i]->text))
			return yaml_bad(n->keys[i], e,
			    "a set's name is a-z, 0-9, dots and dashes, at most 64, a letter or digit "
			    "first");
	}
	for (size_t i = 0; i < n->count; i++) {
		json_set(sets, n->keys[order[i]]->text, one = json_object());
		if (resolve_set(n->items[order[i]], one, e) == -1)
			return -1;
	}
	if (n->count > 1 && yaml_get(n, POLICY_SET_FIRST) == NULL)
		return yaml_bad(n, e,
		    "of several sets one is called `" POLICY_SET_FIRST "`: what names no `set` goes there");
	first = n->count > 1 ? POLICY_SET_FIRST : n->keys[0]->text;
	for (size_t i = 0; i < rules->count; i++)
		if (check_joined(files->items[i], rules->items[i], e) == -1)
			return -1;
	/* Whoever names a set means something by it: that nothing goes there would be found out too late. */
	for (size_t i = 0; i < n->count && n->count > 1; i++) {
		used = false;
		for (size_t k = 0; k < rules->count; k++)
			used = used || rule_uses(rules->items[k], n->keys[i]->text, first);
		if (!used)
			return yaml_bad(n->keys[i], e,
			    "nothing goes to the set `%s`: give a field or a rule `set: %s`, or leave it out",
			    n->keys[i]->text, n->keys[i]->text);
	}
	return 0;
}
