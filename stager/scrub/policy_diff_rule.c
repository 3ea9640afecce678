/* What a change of one rule lets out: its format, its columns and fields and what is done with each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_diff.h"
#include "stager/json.h"

#define WHERE_MAX 1024

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

/* How much of a value is left by an action, from nothing to all of it. */
enum rest { REST_NONE, REST_ALIAS, REST_COARSE, REST_PART, REST_TEXT, REST_VALUE, REST_UNKNOWN };

static enum rest
rest_of(const struct json *action)
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
	if (json_get(action, "attribute") != NULL)
		return REST_COARSE;
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
	change_list(c, where, json_get(before, "reference"), json_get(after, "reference"), DANGER_LOOSER,
	    "references to one type more pass: %s", DANGER_TIGHTER,
	    "references to a type no longer pass: %s");
	change_rest(c, where, before, after, (const char *const[]){"first", "pattern", "reference", NULL});
}

static void
change_action(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	enum rest was = rest_of(before), is = rest_of(after);
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
	else if (is < was)
		change_add(c, DANGER_TIGHTER, where, "less leaves: %s, no longer %s", now, then);
	else
		change_add(c, was <= REST_ALIAS ? DANGER_OUT : DANGER_LOOSER, where, "%s: %s, no longer %s",
		    is == REST_VALUE ? "the value leaves as it is" : "more of the value leaves", now, then);
}

static const struct json *
named(const struct json *list, const char *name)
{
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++)
		if (strcmp(text_of(list->items[i], "name"), name) == 0)
			return list->items[i];
	return NULL;
}

/* "" is the set of what names none. */
static void
change_set(struct changes *c, const char *where, const char *before, const char *after)
{
	if (strcmp(before, after) != 0)
		change_add(c, strcmp(after, "domestic") == 0 ? DANGER_TIGHTER : DANGER_OUT, where,
		    "it goes to the set \"%s\", no longer to \"%s\"", *after == '\0' ? "abroad" : after,
		    *before == '\0' ? "abroad" : before);
}

/* "columns" and "fields" are lists of {"name","action"}, some with "set". */
static void
change_fields(struct changes *c, const char *rule, const char *what, const struct json *before,
    const struct json *after)
{
	char where[WHERE_MAX], words[80];

	for (size_t i = 0; after != NULL && after->type == JSON_ARRAY && i < after->count; i++) {
		const char *name = text_of(after->items[i], "name");
		const struct json *then = named(before, name), *action = json_get(after->items[i], "action");

		(void)snprintf(where, sizeof(where), "%s, %s %s", rule, what, name);
		change_words(action, words);
		if (then != NULL) {
			change_set(c, where, text_of(then, "set"), text_of(after->items[i], "set"));
			change_action(c, where, json_get(then, "action"), action);
		} else if (before != NULL && rest_of(action) == REST_NONE)
			change_add(c, DANGER_LOOSER, where,
			    "new, and removed (%s): what has it is no longer held", words);
		else if (before != NULL)
			change_add(c, DANGER_OUT, where, "new, and it leaves: %s", words);
	}
	for (size_t i = 0; before != NULL && before->type == JSON_ARRAY && i < before->count; i++) {
		const char *name = text_of(before->items[i], "name");

		(void)snprintf(where, sizeof(where), "%s, %s %s", rule, what, name);
		if (named(after, name) == NULL)
			change_add(c, DANGER_TIGHTER, where, "no longer named: what has it is held");
	}
}

/* DICOM attributes, a list of {"tag","do"}: what is not named is done by the profile. */
static const char *
tag_do(const struct json *tags, const char *tag)
{
	for (size_t i = 0; tags != NULL && tags->type == JSON_ARRAY && i < tags->count; i++)
		if (strcmp(text_of(tags->items[i], "tag"), tag) == 0)
			return text_of(tags->items[i], "do");
	return "";
}

static void
change_tags(struct changes *c, const char *rule, const struct json *before, const struct json *after)
{
	char where[WHERE_MAX];

	for (int pass = 0; pass < 2; pass++) {
		const struct json *tags = pass == 0 ? after : before;

		for (size_t i = 0; tags != NULL && tags->type == JSON_ARRAY && i < tags->count; i++) {
			const char *tag = text_of(tags->items[i], "tag"), *was = tag_do(before, tag),
				   *is = tag_do(after, tag);

			if (strcmp(was, is) == 0 || (pass == 1 && *is != '\0'))
				continue;
			(void)snprintf(where, sizeof(where), "%.900s, tag %s", rule, tag);
			if (strcmp(was, "drop") == 0 || strcmp(was, "blank") == 0 ||
			    strcmp(is, "drop") == 0 || strcmp(is, "blank") == 0 || strcmp(is, "keep") == 0 ||
			    strcmp(was, "keep") == 0)
				change_add(c,
				    strcmp(is, "keep") == 0    ? DANGER_OUT
				    : strcmp(was, "keep") == 0 ? DANGER_TIGHTER
				    : *is == '\0'              ? DANGER_LOOSER
							       : DANGER_TIGHTER,
				    where, "done with this attribute: %s, no longer %s",
				    *is == '\0' ? "what the profile says" : is,
				    *was == '\0' ? "what the profile says" : was);
			else
				change_add(c, DANGER_LOOK, where,
				    "done with this attribute: %s, no longer %s", is, was);
		}
	}
}

static void
change_modality(struct changes *c, const char *rule, const struct json *before, const struct json *after)
{
	size_t had = before == NULL || before->type != JSON_ARRAY ? 0 : before->count,
	       has = after == NULL || after->type != JSON_ARRAY ? 0 : after->count;
	char where[WHERE_MAX];

	(void)snprintf(where, sizeof(where), "%s, modality", rule);
	if (had > 0 && has == 0)
		change_add(c, DANGER_OUT, where, "images of every modality pass");
	else if (had == 0 && has > 0)
		change_add(c, DANGER_TIGHTER, where, "images of the listed modalities alone pass");
	else
		change_list(c, where, before, after, DANGER_OUT, "images of one modality more pass: %s",
		    DANGER_TIGHTER, "images of a modality are held: %s");
}

/* What is held today and not tomorrow: burned_in, face. */
static void
change_hold(struct changes *c, const char *rule, const char *key, const char *text, const struct json *before,
    const struct json *after)
{
	char where[WHERE_MAX];

	if (change_same(json_get(before, key), json_get(after, key)))
		return;
	(void)snprintf(where, sizeof(where), "%s, %s", rule, key);
	if (strcmp(text_of(before, key), "hold") == 0)
		change_add(c, DANGER_OUT, where, "%s are no longer held", text);
	else
		change_add(c, strcmp(text_of(after, key), "hold") == 0 ? DANGER_TIGHTER : DANGER_LOOK, where,
		    "%s: \"%s\"", text, text_of(after, key));
}

void
change_rule(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	static const char *const known[] = {
	    "match", "format", "columns", "fields", "tags", "modality", "burned_in", "face", "csv", "set", NULL};
	const char *was = text_of(before, "format"), *is = text_of(after, "format");
	char path[WHERE_MAX];

	if (strcmp(was, is) != 0) {
		change_add(c,
		    strcmp(was, "drop") == 0 || strcmp(is, "opaque") == 0   ? DANGER_OUT
		    : strcmp(is, "drop") == 0 || strcmp(was, "opaque") == 0 ? DANGER_TIGHTER
									    : DANGER_LOOK,
		    where, "such files are read as \"%s\"%s, no longer as \"%s\"", is,
		    strcmp(is, "opaque") == 0 ? " (unread, byte for byte)" : "", was);
		return;
	}
	change_set(c, where, text_of(before, "set"), text_of(after, "set"));
	change_fields(c, where, "column", json_get(before, "columns"), json_get(after, "columns"));
	change_fields(c, where, "field", json_get(before, "fields"), json_get(after, "fields"));
	change_tags(c, where, json_get(before, "tags"), json_get(after, "tags"));
	change_modality(c, where, json_get(before, "modality"), json_get(after, "modality"));
	change_hold(c, where, "burned_in", "images with text burned in", before, after);
	change_hold(c, where, "face", "volumes that show a face", before, after);
	(void)snprintf(path, sizeof(path), "%s, csv.missing", where);
	change_list(c, path, json_get(json_get(before, "csv"), "missing"),
	    json_get(json_get(after, "csv"), "missing"), DANGER_LOOSER,
	    "one word more passes whatever the type of its column: %s", DANGER_TIGHTER,
	    "a word no longer stands for a missing value: %s");
	(void)snprintf(path, sizeof(path), "%s, csv", where);
	change_rest(
	    c, path, json_get(before, "csv"), json_get(after, "csv"), (const char *const[]){"missing", NULL});
	change_rest(c, where, before, after, known);
}

void
change_rule_new(struct changes *c, const char *where, const struct json *rule)
{
	const char *format = text_of(rule, "format");

	if (strcmp(format, "drop") == 0)
		change_add(c, DANGER_LOOSER, where, "such files are dropped, and so no longer held");
	else
		change_add(c, DANGER_OUT, where, "such files leave, as \"%s\"%s", format,
		    strcmp(format, "opaque") == 0 ? ": unread, byte for byte" : "");
}
