/* What is done with a value, out of a policy's resolved form. */
#include "policy_decode.h"

#include <stdlib.h>

#include "coarse.h"
#include "policy_form.h"
#include "stager/json.h"
#include "stager/pattern.h"

static int
decode_range(struct action *a, const struct json *j, struct err *e)
{
	const struct json *range = json_get(j, "range");

	if (range == NULL)
		return decode_bad(e, "range");
	if (range->type == JSON_NULL)
		return 0;
	if (range->type != JSON_ARRAY || range->count != 2 || range->items[0]->type != JSON_STRING ||
	    range->items[1]->type != JSON_STRING || !policy_number(range->items[0]->string, &a->min) ||
	    !policy_number(range->items[1]->string, &a->max) || a->min > a->max)
		return decode_bad(e, "range");
	a->has_range = true;
	return 0;
}

static int
decode_keep(struct action *a, const struct json *j, struct err *e)
{
	static const char *const kinds[] = {"code", "number", "enum", NULL};
	static const char *const code_keys[] = {"keep", "pattern", NULL},
				 *const number_keys[] = {"keep", "range", NULL},
				 *const enum_keys[] = {"keep", "values", NULL};

	switch (decode_choice(j, "keep", kinds, e)) {
	case 0:
		a->kind = ACTION_KEEP_CODE;
		if (json_expect_keys(j, code_keys, "resolved policy: keep", e) == -1)
			return -1;
		return (a->pattern = decode_pattern(j, true, e)) == NULL ? -1 : 0;
	case 1:
		a->kind = ACTION_KEEP_NUMBER;
		if (json_expect_keys(j, number_keys, "resolved policy: keep", e) == -1)
			return -1;
		return decode_range(a, j, e);
	case 2:
		a->kind = ACTION_KEEP_ENUM;
		if (json_expect_keys(j, enum_keys, "resolved policy: keep", e) == -1)
			return -1;
		return decode_strings(j, "values", 1, POLICY_LIST_MAX, NULL, &a->values, &a->value_count, e);
	default:
		return -1;
	}
}

static int
decode_first(struct action *a, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"first", "pattern", NULL};
	const struct json *pattern = json_get(j, "pattern");
	int64_t n;

	a->kind = ACTION_FIRST;
	if (json_expect_keys(j, keys, "resolved policy: first", e) == -1 ||
	    json_need_int(j, "first", 1, POLICY_FIRST_MAX, "resolved policy", &n, e) == -1)
		return -1;
	a->first = (size_t)n;
	if (pattern == NULL)
		return decode_bad(e, "first");
	if (pattern->type != JSON_NULL && (a->pattern = decode_pattern(j, true, e)) == NULL)
		return -1;
	return 0;
}

int
decode_action_attribute(const struct policy *p, const struct json *j, size_t *attribute, struct err *e)
{
	static const char *const keys[] = {"attribute", "tag", NULL};
	const char *name;

	if (json_expect_keys(j, keys, "resolved policy: attribute", e) == -1 ||
	    (name = json_need_string(j, "attribute", "resolved policy", e)) == NULL)
		return -1;
	return decode_attribute_use(p, name, false, attribute, e);
}

/* {"round","top","bottom","range"}, each a text or null, but for the range two. */
static int
decode_coarse(struct action *a, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"round", "top", "bottom", "range", NULL};
	const struct json *range = json_get(j, "range");
	const char *text[3] = {NULL}, *limits[2] = {NULL};

	a->kind = ACTION_COARSE;
	if (json_expect_keys(j, keys, "resolved policy: round", e) == -1)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		const struct json *one = json_get(j, keys[i]);

		if (one == NULL || (one->type != JSON_NULL && one->type != JSON_STRING))
			return decode_bad(e, keys[i]);
		text[i] = one->string;
	}
	if (range == NULL || (range->type != JSON_NULL && range->type != JSON_ARRAY))
		return decode_bad(e, "range");
	for (size_t i = 0; range->type == JSON_ARRAY && i < 2; i++) {
		if (range->count != 2 || range->items[i]->type != JSON_STRING)
			return decode_bad(e, "range");
		limits[i] = range->items[i]->string;
	}
	if ((a->coarse = calloc(1, sizeof(*a->coarse))) == NULL)
		return err_sys(e, "resolved policy");
	return coarse_init(a->coarse, text[0], text[1], text[2], range->type == JSON_NULL ? NULL : limits)
		   ? 0
		   : decode_bad(e, "round");
}

static int
decode_hierarchy(struct action *a, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"hierarchy", "level", "other", NULL};

	a->kind = ACTION_HIERARCHY;
	if (json_expect_keys(j, keys, "resolved policy: hierarchy", e) == -1)
		return -1;
	return decode_hierarchy_use(p, j, &a->hierarchy, &a->level, &a->other_blank, e);
}

int
decode_action(struct action *a, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"do", "reference", NULL}, *const words[] = {"drop", "blank",
									 "pseudonym", "year", "text", "shift",
									 NULL};
	static const enum action_kind kinds[] = {
	    ACTION_DROP, ACTION_BLANK, ACTION_PSEUDONYM, ACTION_YEAR, ACTION_TEXT, ACTION_SHIFT};
	int word;

	if (j == NULL || j->type != JSON_OBJECT)
		return decode_bad(e, "action");
	if (json_get(j, "keep") != NULL)
		return decode_keep(a, j, e);
	if (json_get(j, "first") != NULL)
		return decode_first(a, j, e);
	if (json_get(j, "round") != NULL)
		return decode_coarse(a, j, e);
	if (json_get(j, "hierarchy") != NULL)
		return decode_hierarchy(a, p, j, e);
	if (json_get(j, "attribute") != NULL) {
		a->kind = ACTION_ATTRIBUTE;
		return decode_action_attribute(p, j, &a->attribute, e);
	}
	if (json_expect_keys(j, keys, "resolved policy: action", e) == -1 ||
	    (word = decode_choice(j, "do", words, e)) == -1)
		return -1;
	a->kind = kinds[word];
	if (json_get(j, "reference") != NULL) {
		if (a->kind != ACTION_PSEUDONYM)
			return decode_bad(e, "reference");
		a->kind = ACTION_REFERENCE;
		return decode_strings(
		    j, "reference", 1, POLICY_TYPES_MAX, policy_resource_ok, &a->values, &a->value_count, e);
	}
	return a->kind == ACTION_SHIFT && p->shift_step == 0 ? decode_bad(e, "shift") : 0;
}

void
decode_action_clear(struct action *a)
{
	pattern_free(a->pattern);
	free(a->coarse);
	decode_strings_free(a->values, a->value_count);
}
