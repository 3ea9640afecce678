/* A policy's actions and patterns, as people write them, checked and resolved. */
#include "policy_resolve.h"

#include <string.h>

#include "coarse.h"
#include "policy_form.h"
#include "stager/pattern.h"

int
resolve_pattern(const struct yaml_node *n, const char *what, bool empty, struct err *e)
{
	const char *text = yaml_need_text(n, what, e);
	struct pattern *p;
	struct err why = {0};
	bool takes_empty;

	if (text == NULL)
		return -1;
	if ((p = pattern_compile(text, &why)) == NULL)
		return yaml_bad(n, e, "%s", why.text);
	takes_empty = pattern_match(p, "", 0);
	pattern_free(p);
	if (takes_empty && !empty)
		return yaml_bad(n, e, "%s: a pattern that takes the empty value", what);
	return 0;
}

static int
resolve_keep(const struct yaml_node *n, const char *keep, struct json *out, struct err *e)
{
	const struct yaml_node *pattern = yaml_get(n, "pattern"), *range = yaml_get(n, "range"),
			       *values = yaml_get(n, "values");
	struct json *list;
	double low, high;

	json_set_string(out, "keep", keep);
	if (strcmp(keep, "code") == 0) {
		if (range != NULL || values != NULL)
			return yaml_bad(
			    range != NULL ? range : values, e, "`keep: code` takes a `pattern` alone");
		if (pattern == NULL)
			return yaml_bad(n, e, "`keep: code` wants a `pattern`");
		if (resolve_pattern(pattern, "`pattern`", true, e) == -1)
			return -1;
		json_set_string(out, "pattern", pattern->text);
		return 0;
	}
	if (strcmp(keep, "number") == 0) {
		if (pattern != NULL || values != NULL)
			return yaml_bad(
			    pattern != NULL ? pattern : values, e, "`keep: number` takes a `range` alone");
		if (range == NULL) {
			json_set(out, "range", json_null());
			return 0;
		}
		if (range->kind != YAML_LIST || range->count != 2 || range->items[0]->kind != YAML_TEXT ||
		    range->items[1]->kind != YAML_TEXT || !policy_number(range->items[0]->text, &low) ||
		    !policy_number(range->items[1]->text, &high) || low > high)
			return yaml_bad(range, e, "`range` is not [lowest, highest]");
		list = json_array();
		json_push(list, json_string(range->items[0]->text));
		json_push(list, json_string(range->items[1]->text));
		json_set(out, "range", list);
		return 0;
	}
	if (strcmp(keep, "enum") != 0)
		return yaml_bad(n, e, "`keep` is not code, number or enum");
	if (pattern != NULL || range != NULL)
		return yaml_bad(pattern != NULL ? pattern : range, e, "`keep: enum` takes `values` alone");
	if (values == NULL)
		return yaml_bad(n, e, "`keep: enum` wants `values`");
	if (yaml_need_list(values, 1, "`values`", e) == -1)
		return -1;
	if (values->count > POLICY_LIST_MAX)
		return yaml_bad(values, e, "`values` has more than %d entries", POLICY_LIST_MAX);
	list = json_array();
	json_set(out, "values", list);
	for (size_t i = 0; i < values->count; i++) {
		if (yaml_need_text(values->items[i], "a value", e) == NULL)
			return -1;
		json_push(list, json_string(values->items[i]->text));
	}
	return 0;
}

static int
resolve_word(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	static const char *const words[] = {"drop", "blank", "pseudonym", "year", "text", "shift"};
	const char *text = yaml_need_text(n, "`do`", e);

	if (text == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			if (strcmp(text, "shift") == 0 && !linking->shift)
				return yaml_bad(n, e, "`shift` wants `shift: {step, max}` under `dates`");
			json_set_string(out, "do", text);
			return 0;
		}
	}
	if (strcmp(text, "keep") == 0)
		return yaml_bad(n, e,
		    "`keep` wants a type: {keep: code, pattern: ...}, {keep: number} or {keep: enum, "
		    "values: [...]}");
	return yaml_bad(n, e, "unknown action `%.64s`", text);
}

/* A type of FHIR resource, or a list of them. */
static int
resolve_reference(const struct yaml_node *n, struct json *out, struct err *e)
{
	const char *text;
	struct json *list;

	if (strcmp(json_get(out, "do")->string, "pseudonym") != 0)
		return yaml_bad(n, e, "`reference` goes with `do: pseudonym`");
	if (n->kind == YAML_LIST) {
		list = resolve_list(n, "`reference`", 1, POLICY_TYPES_MAX, policy_resource_ok,
		    "a type of FHIR resource, such as Patient", e);
	} else {
		if ((text = yaml_need_text(n, "`reference`", e)) == NULL)
			return -1;
		if (!policy_resource_ok(text))
			return yaml_bad(
			    n, e, "`reference` is not a type of FHIR resource, such as Patient, or a list");
		list = json_array();
		json_push(list, json_string(text));
	}
	if (list == NULL)
		return -1;
	json_set(out, "reference", list);
	return 0;
}

static int
resolve_do(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *reference = yaml_get(n, "reference");

	if (resolve_word(yaml_get(n, "do"), linking, out, e) == -1)
		return -1;
	return reference == NULL ? 0 : resolve_reference(reference, out, e);
}

static int
resolve_kept(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	const char *text = yaml_need_text(yaml_get(n, "keep"), "`keep`", e);

	(void)linking;
	return text == NULL ? -1 : resolve_keep(n, text, out, e);
}

static int
resolve_shown(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	const char *name;

	if (resolve_attribute_use(yaml_get(n, "attribute"), linking, false, &name, e) == -1)
		return -1;
	json_set_string(out, "attribute", name);
	return 0;
}

static int
resolve_first(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *first = yaml_get(n, "first"), *pattern = yaml_get(n, "pattern");
	const char *text = yaml_need_text(first, "`first`", e);
	int64_t count;

	(void)linking;
	if (text == NULL)
		return -1;
	if (!policy_integer(text, 1, POLICY_FIRST_MAX, &count))
		return yaml_bad(first, e, "`first` is not between 1 and %d", POLICY_FIRST_MAX);
	if (pattern != NULL && resolve_pattern(pattern, "`pattern`", true, e) == -1)
		return -1;
	json_set_int(out, "first", count);
	json_set(out, "pattern", pattern == NULL ? json_null() : json_string(pattern->text));
	return 0;
}

static int
resolve_listed(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	return resolve_hierarchy(n, linking, out, NULL, e);
}

/* {round, top, bottom, range}, of which each may be left out, but not all three. */
static int
resolve_coarse(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	static const char *const keys[] = {"round", "top", "bottom"};
	const struct yaml_node *range = yaml_get(n, "range");
	const char *text[3] = {NULL}, *limits[2] = {NULL};
	struct coarse coarse;
	struct json *list;

	(void)linking;
	for (size_t i = 0; i < 3; i++) {
		const struct yaml_node *one = yaml_get(n, keys[i]);
		double unused;

		if (one != NULL && (text[i] = yaml_need_text(one, keys[i], e)) == NULL)
			return -1;
		if (one != NULL && !policy_number(text[i], &unused))
			return yaml_bad(one, e, "`%s` is not a decimal number", keys[i]);
		json_set(out, keys[i], one == NULL ? json_null() : json_string(text[i]));
	}
	json_set(out, "range", json_null());
	if (text[0] != NULL && !coarse_init(&coarse, text[0], NULL, NULL, NULL))
		return yaml_bad(yaml_get(n, "round"), e, "`round` is a number above 0 of at most %d figures",
		    COARSE_STEP_FIGURES);
	if (!coarse_init(&coarse, text[0], text[1], text[2], NULL))
		return yaml_bad(n, e, "`bottom` is not below `top`");
	if (range == NULL)
		return 0;
	if (yaml_need_list(range, 2, "`range`", e) == -1)
		return -1;
	json_set(out, "range", list = json_array());
	for (size_t i = 0; i < range->count; i++) {
		if (i == 2 || (limits[i] = yaml_need_text(range->items[i], "`range`", e)) == NULL)
			return yaml_bad(range, e, "`range` is not [lowest, highest]");
		json_push(list, json_string(limits[i]));
	}
	if (!coarse_init(&coarse, text[0], text[1], text[2], limits))
		return yaml_bad(range, e, "`range` is not [lowest, highest]");
	return 0;
}

/* What a mapping may be: it has one of the first key's sort, and nothing but what goes with it. */
static const struct sort {
	const char *keys[6]; /* NULL ends them */
	const char *takes;
	int (*resolve)(
	    const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e);
} sorts[] = {
    {{"keep", "pattern", "range", "values", NULL}, "a type's own key alone", resolve_kept},
    {{"first", "pattern", NULL}, "a `pattern` alone", resolve_first},
    {{"do", "reference", NULL}, "nothing beside it, `do: pseudonym` a `reference`", resolve_do},
    {{"attribute", NULL}, "nothing beside it", resolve_shown},
    {{"hierarchy", "level", "other", NULL}, "`level` and `other`", resolve_listed},
    {{"round", "top", "bottom", "range", NULL}, "`top`, `bottom` and `range`", resolve_coarse},
    {{"top", "bottom", "range", NULL}, "`round`, `bottom` and `range`", resolve_coarse},
    {{"bottom", "range", NULL}, "`round`, `top` and `range`", resolve_coarse},
};

/* NULL with e set. */
static const struct sort *
sort_of(const struct yaml_node *n, struct err *e)
{
	const struct sort *found = NULL;
	size_t k;

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		if (yaml_get(n, sorts[i].keys[0]) == NULL)
			continue;
		if (found == NULL)
			found = &sorts[i];
		else if (found->resolve != resolve_coarse || sorts[i].resolve != resolve_coarse)
			goto several;
	}
	if (found == NULL)
		goto several;
	for (size_t i = 0; i < n->count; i++) {
		for (k = 0; found->keys[k] != NULL && strcmp(found->keys[k], n->keys[i]->text) != 0; k++)
			continue;
		if (found->keys[k] == NULL && strcmp(n->keys[i]->text, "reference") == 0) {
			yaml_bad(n->keys[i], e, "`reference` goes with `do: pseudonym`");
			return NULL;
		}
		if (found->keys[k] == NULL) {
			yaml_bad(n->keys[i], e, "`%s` takes %s", found->keys[0], found->takes);
			return NULL;
		}
	}
	return found;
several:
	yaml_bad(n, e,
	    "an action wants one of `keep`, `first`, `attribute`, `hierarchy`, `round`, `top`, `bottom` and "
	    "`do`");
	return NULL;
}

struct json *
resolve_action(const struct yaml_node *n, const struct linking *linking, struct err *e)
{
	static const struct yaml_key keys[] = {{"keep", false}, {"pattern", false}, {"range", false},
	    {"values", false}, {"first", false}, {"do", false}, {"attribute", false}, {"reference", false},
	    {"round", false}, {"top", false}, {"bottom", false}, {"hierarchy", false}, {"level", false},
	    {"other", false}, {"set", true}, {NULL, false}};
	struct json *out = json_object();
	const struct sort *sort;

	if (n->kind == YAML_TEXT) {
		if (resolve_word(n, linking, out, e) == 0)
			return out;
	} else if (yaml_expect_keys(n, keys, "an action", e) == 0 && (sort = sort_of(n, e)) != NULL &&
		   sort->resolve(n, linking, out, e) == 0) {
		return out;
	}
	json_free(out);
	return NULL;
}
