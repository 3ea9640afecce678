/* What a change of one rule lets out: its format, its columns and fields and what is done with each. */
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

static const struct json *
named(const struct json *list, const char *name)
{
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++)
		if (strcmp(text_of(list->items[i], "name"), name) == 0)
			return list->items[i];
	return NULL;
}

/* The set that a name says; "" is that of what names none: abroad, or the one that there is. */
static const char *
set_name(const struct json *sets, const char *name)
{
	return *name != '\0'                                                   ? name
	       : sets != NULL && sets->type == JSON_OBJECT && sets->count == 1 ? sets->keys[0]
									       : "abroad";
}

/* Is all of that list in the other? */
static bool
within(const struct json *list, const struct json *other)
{
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++) {
		bool found = false;

		for (size_t k = 0; other != NULL && other->type == JSON_ARRAY && k < other->count; k++)
			found = found || change_same(list->items[i], other->items[k]);
		if (!found)
			return false;
	}
	return true;
}

/* May nobody and nothing of that set do more than of the other: hold it, open it with less evidence, send results? */
static bool
no_wider(const struct json *set, const struct json *other)
{
	const char *evidence = text_of(other, "evidence"), *results = text_of(set, "results");

	return within(json_get(set, "hold"), json_get(other, "hold")) &&
	       within(json_get(set, "open"), json_get(other, "open")) &&
	       (strcmp(evidence, "none") == 0 || strcmp(evidence, text_of(set, "evidence")) == 0) &&
	       (strcmp(results, "none") == 0 || strcmp(results, text_of(other, "results")) == 0);
}

/* Only domestic is never sent; besides, it hangs on who may have the one set and the other. */
static void
change_set(struct changes *c, const char *where, const char *before, const char *after)
{
	const struct json *was, *is;
	bool leaves, left;

	before = set_name(c->sets[0], before);
	after = set_name(c->sets[1], after);
	if (strcmp(before, after) == 0)
		return;
	was = json_get(c->sets[0], before);
	is = json_get(c->sets[1], after);
	left = strcmp(before, "domestic") != 0;
	leaves = strcmp(after, "domestic") != 0;
	if (leaves && !left)
		change_add(c, DANGER_OUT, where,
		    "it goes to the set \"%s\", no longer to \"%s\", which is never sent", after, before);
	else if (!no_wider(is, was))
		change_add(c, DANGER_OUT, where,
		    "it goes to the set \"%s\", no longer to \"%s\", which did not allow all that this one "
		    "does "
		    "(hold, open, evidence, results)",
		    after, before);
	else
		change_add(c, leaves == left && no_wider(was, is) ? DANGER_LOOK : DANGER_TIGHTER, where,
		    "it goes to the set \"%s\", no longer to \"%s\"", after, before);
}

/* One that is not named any more: another path may take what it took. */
static void
change_gone(struct changes *c, const char *where, const char *what, bool xml, const struct json *gone,
    const struct json *after)
{
	bool taken = false;

	for (size_t i = 0; strcmp(what, "field") == 0 && after != NULL && i < after->count; i++) {
		const struct json *other = after->items[i];

		if (!change_paths_meet(text_of(gone, "name"), text_of(other, "name"), xml))
			continue;
		taken = true;
		change_set(c, where, text_of(gone, "set"), text_of(other, "set"));
		change_action(c, where, json_get(gone, "action"), json_get(other, "action"));
	}
	if (taken)
		change_add(c, DANGER_LOOK, where, "no longer named: a path with wildcards takes it");
	else
		change_add(c, DANGER_TIGHTER, where, "no longer named: %s",
		    strcmp(what, "header") == 0 ? "it goes" : "what has it is held");
}

/* The set of one column or field: where it is that of its rule in both policies, the rule's line has said it for all of them. */
static void
change_field_set(struct changes *c, const char *where, const struct json *const rules[static 2],
    const struct json *before, const struct json *after)
{
	const struct json *const fields[2] = {before, after};
	bool said = true;

	for (int i = 0; i < 2; i++)
		said = said && strcmp(set_name(c->sets[i], text_of(fields[i], "set")),
				   set_name(c->sets[i], text_of(rules[i], "set"))) == 0;
	if (said)
		return;
	if (change_rest_of(json_get(after, "action")) != REST_NONE)
		change_set(c, where, text_of(before, "set"), text_of(after, "set"));
	else if (strcmp(text_of(before, "set"), text_of(after, "set")) != 0)
		change_add(c, DANGER_LOOK, where, "its set is another; nothing of it leaves");
}

/* "columns", "fields" and "headers" (key) are lists of {"name","action"}, some with "set". what: one of them in words. */
static void
change_fields(struct changes *c, const char *rule, const char *what, const char *key,
    const struct json *const rules[static 2])
{
	const bool header = strcmp(what, "header") == 0; /* one that is not named goes */
	const bool xml = strcmp(text_of(rules[1], "format"), "xml") == 0;
	const struct json *before = json_get(rules[0], key), *after = json_get(rules[1], key);
	char where[WHERE_MAX], words[80];

	for (size_t i = 0; after != NULL && after->type == JSON_ARRAY && i < after->count; i++) {
		const char *name = text_of(after->items[i], "name");
		const struct json *then = named(before, name), *action = json_get(after->items[i], "action");

		(void)snprintf(where, sizeof(where), "%s, %s %s", rule, what, name);
		change_words(action, words);
		if (then != NULL) {
			change_field_set(c, where, rules, then, after->items[i]);
			change_action(c, where, json_get(then, "action"), action);
		} else if (before != NULL && change_rest_of(action) == REST_NONE && !header)
			change_add(c, DANGER_LOOSER, where,
			    "new, and removed (%s): what has it is no longer held", words);
		else if (before != NULL && change_rest_of(action) != REST_NONE)
			change_add(c, DANGER_OUT, where, "new, and it leaves: %s", words);
	}
	for (size_t i = 0; before != NULL && before->type == JSON_ARRAY && i < before->count; i++) {
		const char *name = text_of(before->items[i], "name");

		(void)snprintf(where, sizeof(where), "%s, %s %s", rule, what, name);
		if (named(after, name) == NULL)
			change_gone(c, where, what, xml, before->items[i], after);
	}
}

/* What is done with a DICOM attribute, of a list of {"tag", "do" | "attribute" | "action"}: NULL, what the profile says. */
static const struct json *
tag_action(const struct json *tags, const char *tag)
{
	for (size_t i = 0; tags != NULL && tags->type == JSON_ARRAY && i < tags->count; i++) {
		const struct json *one = tags->items[i];

		if (strcmp(text_of(one, "tag"), tag) == 0)
			return json_get(one, "action") != NULL ? json_get(one, "action") : one;
	}
	return NULL;
}

static void
tag_words(const struct json *action, char out[static 80])
{
	const char *word = text_of(action, "do");

	if (action == NULL)
		(void)snprintf(out, 80, "what the profile says");
	else if (*word != '\0')
		(void)snprintf(out, 80, "%.70s", word);
	else if (json_get(action, "attribute") != NULL)
		(void)snprintf(out, 80, "the attribute %.60s", text_of(action, "attribute"));
	else
		change_words(action, out);
}

static void
change_tags(struct changes *c, const char *rule, const struct json *before, const struct json *after)
{
	char where[WHERE_MAX], was_words[80], is_words[80];

	for (int pass = 0; pass < 2; pass++) {
		const struct json *tags = pass == 0 ? after : before;

		for (size_t i = 0; tags != NULL && tags->type == JSON_ARRAY && i < tags->count; i++) {
			const char *tag = text_of(tags->items[i], "tag"), *then, *now;
			const struct json *was = tag_action(before, tag), *is = tag_action(after, tag);

			if (change_same(was, is) || (pass == 1 && is != NULL))
				continue;
			then = text_of(was, "do");
			now = text_of(is, "do");
			tag_words(was, was_words);
			tag_words(is, is_words);
			(void)snprintf(where, sizeof(where), "%.900s, tag %s", rule, tag);
			if (was != NULL && is != NULL && *then == '\0' && *now == '\0')
				change_action(c, where, was, is);
			else
				change_add(c,
				    strcmp(now, "keep") == 0                                  ? DANGER_OUT
				    : strcmp(then, "keep") == 0                               ? DANGER_TIGHTER
				    : strcmp(now, "drop") == 0 || strcmp(now, "blank") == 0   ? DANGER_TIGHTER
				    : strcmp(then, "drop") == 0 || strcmp(then, "blank") == 0 ? DANGER_LOOSER
											      : DANGER_LOOK,
				    where, "done with this attribute: %s, no longer %s", is_words, was_words);
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
	static const char *const known[] = {"match", "format", "columns", "fields", "headers", "tags",
	    "modality", "burned_in", "face", "csv", "set", NULL};
	const struct json *const rules[2] = {before, after};
	const char *was = text_of(before, "format"), *is = text_of(after, "format");
	char path[WHERE_MAX];

	if (strcmp(was, is) != 0) {
		const enum danger danger = strcmp(was, "drop") == 0 || strcmp(is, "opaque") == 0 ? DANGER_OUT
					   : strcmp(is, "drop") == 0 || strcmp(was, "opaque") == 0
					       ? DANGER_TIGHTER
					       : DANGER_LOOK;

		if (strcmp(is, "opaque") == 0)
			change_add(c, danger, where,
			    "such files are read as \"opaque\" (unread, byte for byte), no longer as \"%s\"",
			    was);
		else
			change_add(
			    c, danger, where, "such files are read as \"%s\", no longer as \"%s\"", is, was);
		if (strcmp(was, "drop") == 0 || strcmp(is, "drop") == 0)
			return;
		change_set(c, where, text_of(before, "set"), text_of(after, "set"));
		/* Who is left out of it. */
		(void)snprintf(path, sizeof(path), "%s, subject", where);
		change_any(c, path, json_get(before, "subject"), json_get(after, "subject"));
		return;
	}
	change_set(c, where, text_of(before, "set"), text_of(after, "set"));
	change_fields(c, where, "column", "columns", rules);
	change_fields(c, where, "field", "fields", rules);
	change_fields(c, where, "header", "headers", rules);
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
