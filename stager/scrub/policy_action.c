/* A policy's actions and patterns, as people write them, checked and resolved. */
#include "policy_resolve.h"

#include <string.h>

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

struct json *
resolve_action(const struct yaml_node *n, const struct linking *linking, struct err *e)
{
	static const struct yaml_key keys[] = {{"keep", false}, {"pattern", false}, {"range", false},
	    {"values", false}, {"first", false}, {"do", false}, {"attribute", false}, {"reference", false},
	    {"set", true}, {NULL, false}};
	const struct yaml_node *keep = yaml_get(n, "keep"), *first = yaml_get(n, "first"),
			       *word = yaml_get(n, "do"), *attribute = yaml_get(n, "attribute"),
			       *reference = yaml_get(n, "reference");
	const struct yaml_node *pattern = yaml_get(n, "pattern");
	struct json *out = json_object();
	const char *text;
	int64_t count;

	if (n->kind == YAML_TEXT) {
		if (resolve_word(n, linking, out, e) == -1)
			goto fail;
		return out;
	}
	if (yaml_expect_keys(n, keys, "an action", e) == -1)
		goto fail;
	if ((keep != NULL) + (first != NULL) + (word != NULL) + (attribute != NULL) != 1) {
		yaml_bad(n, e, "an action wants one of `keep`, `first`, `attribute` and `do`");
		goto fail;
	}
	if (keep != NULL) {
		if (reference != NULL) {
			yaml_bad(reference, e, "`reference` goes with `do: pseudonym`");
			goto fail;
		}
		if ((text = yaml_need_text(keep, "`keep`", e)) == NULL || resolve_keep(n, text, out, e) == -1)
			goto fail;
		return out;
	}
	if (attribute != NULL) {
		if (n->count != 1) {
			yaml_bad(n, e, "`attribute` takes nothing beside it");
			goto fail;
		}
		if (resolve_attribute_use(attribute, linking, false, &text, e) == -1)
			goto fail;
		json_set_string(out, "attribute", text);
		return out;
	}
	if (word != NULL) {
		if (resolve_word(word, linking, out, e) == -1 ||
		    (reference != NULL && resolve_reference(reference, out, e) == -1))
			goto fail;
		if (n->count != (reference == NULL ? 1 : 2)) {
			yaml_bad(n, e, "`do` takes nothing beside it, `do: pseudonym` a `reference`");
			goto fail;
		}
		return out;
	}
	if (yaml_get(n, "range") != NULL || yaml_get(n, "values") != NULL || reference != NULL) {
		yaml_bad(n, e, "`first` takes a `pattern` alone");
		goto fail;
	}
	if ((text = yaml_need_text(first, "`first`", e)) == NULL)
		goto fail;
	if (!policy_integer(text, 1, POLICY_FIRST_MAX, &count)) {
		yaml_bad(first, e, "`first` is not between 1 and %d", POLICY_FIRST_MAX);
		goto fail;
	}
	if (pattern != NULL && resolve_pattern(pattern, "`pattern`", true, e) == -1)
		goto fail;
	json_set_int(out, "first", count);
	json_set(out, "pattern", pattern == NULL ? json_null() : json_string(pattern->text));
	return out;
fail:
	json_free(out);
	return NULL;
}
