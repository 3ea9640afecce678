/* What a change lets out of the attributes of a policy's subject: bands, prefixes, maps, hierarchies, told more or less exactly. */
#include <stdio.h>
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

static bool
is_list(const struct json *j)
{
	return j != NULL && j->type == JSON_ARRAY;
}

static const struct json *
attribute_of(const struct json *list, const char *name)
{
	for (size_t i = 0; is_list(list) && i < list->count; i++)
		if (strcmp(text_of(list->items[i], "name"), name) == 0)
			return list->items[i];
	return NULL;
}

/* How many of one list stand in the other. */
static size_t
shared(const struct json *list, const struct json *other)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < other->count; k++)
			if (change_same(list->items[i], other->items[k])) {
				count++;
				break;
			}
	return count;
}

/* A band that is cut in two says more; two that are made one say less. */
static void
change_bands(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	const struct json *was = json_get(before, "bands"), *is = json_get(after, "bands");
	char then[80], now[80];
	size_t both;

	if (!is_list(was) || !is_list(is) || change_same(was, is))
		return;
	both = shared(was, is);
	change_words(was, then);
	change_words(is, now);
	if (both == was->count)
		change_add(c, DANGER_LOOSER, where,
		    "bands are cut in smaller ones: they begin at %s, no longer at %s", now, then);
	else if (both == is->count)
		change_add(c, DANGER_TIGHTER, where,
		    "bands are made wider: they begin at %s, no longer at %s", now, then);
	else
		change_add(c, DANGER_LOOK, where,
		    "bands begin elsewhere, none within another: at %s, no longer at %s", now, then);
}

static void
change_count(struct changes *c, const char *where, const char *key, bool more_is_looser, const char *words,
    const struct json *before, const struct json *after)
{
	const struct json *was = json_get(before, key), *is = json_get(after, key);

	if (was != NULL && is != NULL && was->type == JSON_INT && is->type == JSON_INT &&
	    was->integer != is->integer)
		change_add(c, (is->integer > was->integer) == more_is_looser ? DANGER_LOOSER : DANGER_TIGHTER,
		    where, words, (long long)is->integer, (long long)was->integer);
}

/* What a map makes of a value; NULL where it has not that value. */
static const char *
mapped(const struct json *map, const char *value)
{
	const struct json *keys = json_get(map, "keys"), *values = json_get(map, "values");

	for (size_t i = 0; i < keys->count && i < values->count; i++)
		if (keys->items[i]->type == JSON_STRING && strcmp(keys->items[i]->string, value) == 0)
			return values->items[i]->type == JSON_STRING ? values->items[i]->string : NULL;
	return NULL;
}

/* Of the values that both have: two that `one` makes the same and `other` does not. */
static bool
tells_apart(const struct json *one, const struct json *other)
{
	const struct json *keys = json_get(one, "keys");

	for (size_t i = 0; i < keys->count; i++) {
		const char *a = keys->items[i]->string, *told = mapped(other, a);

		for (size_t k = 0; told != NULL && k < i; k++) {
			const char *b = keys->items[k]->string, *also = mapped(other, b);

			if (also != NULL && strcmp(mapped(one, a), mapped(one, b)) == 0 &&
			    strcmp(told, also) != 0)
				return true;
		}
	}
	return false;
}

static bool
is_map(const struct json *j)
{
	const struct json *keys = json_get(j, "keys"), *values = json_get(j, "values");

	if (!is_list(keys) || !is_list(values) || keys->count != values->count)
		return false;
	for (size_t i = 0; i < keys->count; i++)
		if (keys->items[i]->type != JSON_STRING || values->items[i]->type != JSON_STRING)
			return false;
	return true;
}

static void
change_map(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	bool split, joined;

	if (!is_map(before) || !is_map(after) ||
	    (change_same(json_get(before, "keys"), json_get(after, "keys")) &&
		change_same(json_get(before, "values"), json_get(after, "values"))))
		return;
	change_list(c, where, json_get(before, "keys"), json_get(after, "keys"), DANGER_LOOSER,
	    "one value more is told: %s", DANGER_TIGHTER, "a value is no longer told: %s");
	split = tells_apart(before, after);
	joined = tells_apart(after, before);
	if (split)
		change_add(c, DANGER_LOOSER, where, "values that were told as one are told apart");
	if (joined)
		change_add(c, DANGER_TIGHTER, where, "values that were told apart are told as one");
	if (!split && !joined)
		for (size_t i = 0; i < json_get(before, "keys")->count; i++) {
			const char *value = json_get(before, "keys")->items[i]->string,
				   *now = mapped(after, value);

			if (now != NULL && strcmp(now, mapped(before, value)) != 0) {
				change_add(c, DANGER_LOOK, where, "values are told in other words");
				return;
			}
		}
}

static void
change_attribute(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	static const char *const known[] = {
	    "name", "bands", "prefix", "keys", "values", "level", "other", NULL};
	static const char *const kinds[] = {"bands", "prefix", "keys", "hierarchy"};

	if (change_same(before, after))
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((json_get(before, kinds[i]) != NULL) != (json_get(after, kinds[i]) != NULL)) {
			change_any(c, where, before, after);
			return;
		}
	change_bands(c, where, before, after);
	change_count(c, where, "prefix", true, "the first %lld characters are told, no longer the first %lld",
	    before, after);
	if (strcmp(text_of(before, "hierarchy"), text_of(after, "hierarchy")) == 0)
		change_count(c, where, "level", false,
		    "level %lld of the hierarchy is told, no longer level %lld", before, after);
	change_map(c, where, before, after);
	if (strcmp(text_of(before, "other"), text_of(after, "other")) != 0)
		change_add(c, strcmp(text_of(after, "other"), "hold") == 0 ? DANGER_TIGHTER : DANGER_LOOSER,
		    where, "who has another value: %s, no longer %s", text_of(after, "other"),
		    text_of(before, "other"));
	change_rest(c, where, before, after, known);
}

void
change_attributes(struct changes *c, const struct json *before, const struct json *after)
{
	char where[WHERE_MAX];

	for (int pass = 0; pass < 2; pass++) {
		const struct json *list = pass == 0 ? before : after;

		for (size_t i = 0; is_list(list) && i < list->count; i++) {
			const char *name = text_of(list->items[i], "name");
			const struct json *then = attribute_of(before, name),
					  *now = attribute_of(after, name);

			(void)snprintf(where, sizeof(where), "subject.attributes.%.100s", name);
			if (pass == 0 && now != NULL)
				change_attribute(c, where, then, now);
			else if (pass == 0 || then == NULL)
				/* What shows it is told where it is shown. */
				change_any(c, where, then, now);
		}
	}
}
