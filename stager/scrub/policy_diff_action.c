/* What a change of one action lets out: how much of a value was left by it, and how much is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_diff.h"
#include "stager/json.h"

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

enum rest
change_rest_of(const struct json *action)
{
	static const struct {
		const char *word;
		enum rest rest;
	} words[] = {{"drop", REST_NONE}, {"blank", REST_NONE}, {"tag", REST_NONE}, {"pseudonym", REST_ALIAS},
	    {"year", REST_COARSE}, {"attribute", REST_COARSE}, {"hierarchy", REST_COARSE},
	    {"round", REST_COARSE}, {"shift", REST_PART}, {"text", REST_TEXT}, {"keep", REST_VALUE}};
	const char *word =
	    action != NULL && action->type == JSON_STRING ? action->string : text_of(action, "do");

	if (json_get(action, "keep") != NULL)
		return REST_VALUE;
	if (json_get(action, "first") != NULL)
		return REST_PART;
	if (json_get(action, "attribute") != NULL || json_get(action, "hierarchy") != NULL)
		return REST_COARSE;
	/* Between its bounds a number that is not rounded leaves as it is. */
	if (json_get(action, "round") != NULL)
		return json_get(action, "round")->type == JSON_NULL ? REST_PART : REST_COARSE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].rest;
	return REST_UNKNOWN;
}

/* The numbers of a range, which are text. */
static bool
range_of(const struct json *action, double *low, double *high)
{
	const struct json *range = json_get(action, "range");

	if (range == NULL || range->type != JSON_ARRAY || range->count != 2 ||
	    range->items[0]->type != JSON_STRING || range->items[1]->type != JSON_STRING)
		return false;
	*low = strtod(range->items[0]->string, NULL);
	*high = strtod(range->items[1]->string, NULL);
	return true;
}

static void
change_number(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	double low[2], high[2];
	bool had = range_of(before, &low[0], &high[0]), has = range_of(after, &low[1], &high[1]);

	if (had && has)
		change_add(c, low[1] < low[0] || high[1] > high[0] ? DANGER_LOOSER : DANGER_TIGHTER, where,
		    "numbers from %g to %g pass, no longer from %g to %g", low[1], high[1], low[0], high[0]);
	else if (had)
		change_add(c, DANGER_LOOSER, where,
		    "every number passes, no longer those from %g to %g alone", low[0], high[0]);
	else
		change_add(c, DANGER_TIGHTER, where, "numbers have limits now");
}

/* What a number of the policy, a text, says; false where there is none. */
static bool
number_of(const struct json *action, const char *key, double *number)
{
	const struct json *j = json_get(action, key);

	if (j == NULL || j->type != JSON_STRING)
		return false;
	*number = strtod(j->string, NULL);
	return true;
}

/* A bound or a step: more is less, or the other way about (sign: 1 where a larger number lets more out). */
static void
change_bound(struct changes *c, const char *where, const char *key, int sign, const struct json *before,
    const struct json *after)
{
	double was, is;
	bool had = number_of(before, key, &was), has = number_of(after, key, &is);

	if (!had && !has)
		return;
	if (had && has && was != is)
		change_add(c, (is > was) == (sign > 0) ? DANGER_LOOSER : DANGER_TIGHTER, where,
		    "`%s` is %g, no longer %g", key, is, was);
	else if (had != has)
		change_add(
		    c, had ? DANGER_LOOSER : DANGER_TIGHTER, where, "`%s` is %s", key, had ? "gone" : "new");
}

static void
change_coarse(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	if (!change_same(json_get(before, "range"), json_get(after, "range")))
		change_number(c, where, before, after);
	change_bound(c, where, "round", -1, before, after);
	change_bound(c, where, "top", 1, before, after);
	change_bound(c, where, "bottom", -1, before, after);
}

static void
change_level(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	const struct json *was = json_get(before, "level"), *is = json_get(after, "level");

	if (strcmp(text_of(before, "hierarchy"), text_of(after, "hierarchy")) == 0 && was != NULL &&
	    is != NULL && was->type == JSON_INT && is->type == JSON_INT && was->integer != is->integer)
		change_add(c, is->integer < was->integer ? DANGER_LOOSER : DANGER_TIGHTER, where,
		    "level %lld of the hierarchy leaves, no longer level %lld", (long long)is->integer,
		    (long long)was->integer);
	else
		change_rest(c, where, before, after, (const char *const[]){"level", "other", NULL});
	if (strcmp(text_of(before, "other"), text_of(after, "other")) != 0)
		change_add(c, strcmp(text_of(after, "other"), "hold") == 0 ? DANGER_TIGHTER : DANGER_LOOSER,
		    where, "what is not in the hierarchy: %s, no longer %s", text_of(after, "other"),
		    text_of(before, "other"));
}

static bool
has_list(const struct json *action, const char *key)
{
	const struct json *j = json_get(action, key);

	return j != NULL && j->type == JSON_ARRAY && j->count > 0;
}

/* It passes values of one form alone, and holds the record of any other: a code, a number, a date, a reference, what a file lists. */
static bool
holds_others(const struct json *action)
{
	const char *word =
	    action != NULL && action->type == JSON_STRING ? action->string : text_of(action, "do");

	return json_get(action, "keep") != NULL || *text_of(action, "pattern") != '\0' ||
	       json_get(action, "round") != NULL || has_list(action, "reference") ||
	       strcmp(text_of(action, "other"), "hold") == 0 || strcmp(word, "year") == 0 ||
	       strcmp(word, "shift") == 0;
}

/* The same kind of action, told something else. */
static void
change_same_kind(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	const struct json *was = json_get(before, "first"), *is = json_get(after, "first");

	if (strcmp(text_of(after, "keep"), "number") == 0 && strcmp(text_of(before, "keep"), "number") == 0) {
		change_number(c, where, before, after);
		return;
	}
	if (strcmp(text_of(after, "keep"), "enum") == 0 && strcmp(text_of(before, "keep"), "enum") == 0) {
		change_list(c, where, json_get(before, "values"), json_get(after, "values"), DANGER_LOOSER,
		    "one value more passes: %s", DANGER_TIGHTER, "a value no longer passes: %s");
		return;
	}
	if (json_get(before, "round") != NULL && json_get(after, "round") != NULL) {
		change_coarse(c, where, before, after);
		return;
	}
	if (json_get(before, "hierarchy") != NULL && json_get(after, "hierarchy") != NULL) {
		change_level(c, where, before, after);
		return;
	}
	if (was != NULL && is != NULL && was->type == JSON_INT && is->type == JSON_INT &&
	    was->integer != is->integer)
		change_add(c, is->integer > was->integer ? DANGER_OUT : DANGER_TIGHTER, where,
		    "the first %lld characters leave, no longer the first %lld", (long long)is->integer,
		    (long long)was->integer);
	if (!change_same(json_get(before, "pattern"), json_get(after, "pattern")))
		change_add(c, DANGER_LOOSER, where,
		    "another pattern, which no program can weigh: values pass that match '%.256s', no longer "
		    "those "
		    "that match '%.256s'",
		    text_of(after, "pattern"), text_of(before, "pattern"));
	if (has_list(before, "reference") && !has_list(after, "reference"))
		change_add(c, DANGER_LOOSER, where, "every value passes, no longer references alone");
	else if (!has_list(before, "reference") && has_list(after, "reference"))
		change_add(c, DANGER_LOOK, where, "references alone pass, and a reference's type leaves");
	else
		change_list(c, where, json_get(before, "reference"), json_get(after, "reference"),
		    DANGER_LOOSER, "references to one type more pass: %s", DANGER_TIGHTER,
		    "references to a type no longer pass: %s");
	change_rest(c, where, before, after, (const char *const[]){"first", "pattern", "reference", NULL});
}

void
change_action(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	enum rest was = change_rest_of(before), is = change_rest_of(after);
	char then[80], now[80];

	if (change_same(before, after))
		return;
	change_words(before, then);
	change_words(after, now);
	if (was == REST_UNKNOWN || is == REST_UNKNOWN)
		change_any(c, where, before, after);
	else if (is == was && strcmp(text_of(before, "keep"), text_of(after, "keep")) == 0 &&
		 strcmp(text_of(before, "do"), text_of(after, "do")) == 0)
		change_same_kind(c, where, before, after);
	else if (is == was)
		change_add(c, is == REST_NONE ? DANGER_TIGHTER : DANGER_LOOSER, where, "%s, no longer %s",
		    now, then);
	else if (is < was && holds_others(before))
		change_add(c, DANGER_LOOSER, where,
		    "values pass, and so records, that were held for their form: %s, no longer %s", now,
		    then);
	else if (is == REST_NONE)
		change_add(c, DANGER_TIGHTER, where, "less leaves: %s, no longer %s", now, then);
	else if (is < was)
		/* The first characters of a text leave unread; and a pseudonym tells apart what began alike. */
		change_add(c, is == REST_PART ? DANGER_LOOSER : DANGER_LOOK, where,
		    "something else of the value leaves: %s, no longer %s", now, then);
	else
		change_add(c, was <= REST_ALIAS ? DANGER_OUT : DANGER_LOOSER, where, "%s: %s, no longer %s",
		    is == REST_VALUE ? "the value leaves as it is" : "more of the value leaves", now, then);
}

void
change_hierarchies(struct changes *c, const struct json *before, const struct json *after)
{
	char where[160];

	for (int pass = 0; pass < 2; pass++) {
		const struct json *list = pass == 0 ? after : before, *other = pass == 0 ? before : after;

		for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++) {
			const char *name = text_of(list->items[i], "name");
			const struct json *then = NULL;

			for (size_t k = 0; other != NULL && other->type == JSON_ARRAY && k < other->count;
			     k++)
				if (strcmp(text_of(other->items[k], "name"), name) == 0)
					then = other->items[k];
			(void)snprintf(where, sizeof(where), "hierarchies.%.100s", name);
			/* What uses it is told where it is used. */
			if (pass == 0 && then != NULL && !change_same(then, list->items[i]))
				change_add(
				    c, DANGER_LOOK, where, "other rows, or other levels, stand in this file");
			else if (then == NULL)
				change_add(c, DANGER_LOOK, where,
				    pass == 0 ? "this file is used now" : "this file is no longer used");
		}
	}
}
