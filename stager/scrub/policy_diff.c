/* What a change of policy lets out: the parts of a policy, one after the other. */
#include "stager/policy_diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_diff.h"
#include "stager/json.h"

#define WHERE_MAX 1024
#define TEXT_MAX 1024

void
change_add(struct changes *c, enum danger danger, const char *where, const char *text, ...)
{
	static const char *const words[] = {"out", "looser", "look", "tighter"};
	struct json *j = json_object();
	char line[TEXT_MAX];
	va_list args;

	va_start(args, text);
	(void)vsnprintf(line, sizeof(line), text, args);
	va_end(args);
	json_set_string(j, "danger", words[danger]);
	json_set_string(j, "where", where);
	json_set_string(j, "text", line);
	json_push(c->found[danger], j);
}

bool
change_same(const struct json *a, const struct json *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return a->boolean == b->boolean;
	case JSON_INT:
		return a->integer == b->integer;
	case JSON_STRING:
		return strcmp(a->string, b->string) == 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!change_same(a->items[i], a->type == JSON_ARRAY ? b->items[i] : json_get(b, a->keys[i])))
			return false;
	return true;
}

void
change_words(const struct json *j, char out[static 80])
{
	struct json *copy;
	struct buf text;
	struct err e = {.code = ERR_NONE};
	size_t len = 60;

	if (j == NULL) {
		(void)snprintf(out, 80, "nothing");
		return;
	}
	copy = json_copy(j);
	buf_init(&text, 16u << 20);
	if (json_encode(copy, &text, &e) == -1) {
		(void)snprintf(out, 80, "(a value)");
	} else if (text.len <= len) {
		(void)snprintf(out, 80, "%.*s", (int)text.len, (const char *)text.data);
	} else {
		/* Not in the middle of a character. */
		while (len > 0 && (text.data[len] & 0xc0) == 0x80)
			len--;
		(void)snprintf(out, 80, "%.*s ...", (int)len, (const char *)text.data);
	}
	buf_free(&text);
	json_free(copy);
}

void
change_any(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	char was[80], is[80];

	if (change_same(before, after))
		return;
	change_words(before, was);
	change_words(after, is);
	if (before == NULL)
		change_add(c, DANGER_LOOK, where, "new: %s", is);
	else if (after == NULL)
		change_add(c, DANGER_LOOK, where, "gone; it was %s", was);
	else
		change_add(c, DANGER_LOOK, where, "was %s, is %s", was, is);
}

static bool
listed(const char *const *list, const char *key)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, key) == 0)
			return true;
	return false;
}

void
change_rest(struct changes *c, const char *where, const struct json *before, const struct json *after,
    const char *const *known)
{
	char path[WHERE_MAX];

	for (int pass = 0; pass < 2; pass++) {
		const struct json *keys = pass == 0 ? before : after;

		for (size_t i = 0; keys != NULL && keys->type == JSON_OBJECT && i < keys->count; i++) {
			if (listed(known, keys->keys[i]) ||
			    (pass == 1 && json_get(before, keys->keys[i]) != NULL))
				continue;
			(void)snprintf(
			    path, sizeof(path), "%s%s%s", where, *where == '\0' ? "" : ".", keys->keys[i]);
			change_any(c, path, json_get(before, keys->keys[i]), json_get(after, keys->keys[i]));
		}
	}
}

static bool
holds(const struct json *list, const struct json *item)
{
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++)
		if (change_same(list->items[i], item))
			return true;
	return false;
}

/* The words around a string's place: text has one %s. */
static void
say_with(struct changes *c, enum danger danger, const char *where, const char *text, const struct json *item)
{
	const char *mark = strstr(text, "%s");
	char value[80];

	change_words(item, value);
	change_add(c, danger, where, "%.*s%s%s", (int)(mark - text), text, value, mark + 2);
}

void
change_list(struct changes *c, const char *where, const struct json *before, const struct json *after,
    enum danger came, const char *more, enum danger went, const char *less)
{
	for (size_t i = 0; after != NULL && after->type == JSON_ARRAY && i < after->count; i++)
		if (!holds(before, after->items[i]))
			say_with(c, came, where, more, after->items[i]);
	for (size_t i = 0; before != NULL && before->type == JSON_ARRAY && i < before->count; i++)
		if (!holds(after, before->items[i]))
			say_with(c, went, where, less, before->items[i]);
}

/* --- one part of the policy each --- */

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

/* How much of a find is left: by its word, or {"cap"} and {"attribute"} of an age; -1 where that is not known. */
static int
find_rest(const struct json *what)
{
	static const char *const words[] = {"blank", "tag", "shift", "cap", "keep"};

	for (size_t i = 0; what != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (what->type == JSON_STRING ? strcmp(what->string, words[i]) == 0
					      : json_get(what, words[i]) != NULL)
			return (int)i;
	return json_get(what, "attribute") != NULL ? 2 : -1;
}

/* What becomes of one kind of find. */
static void
diff_find(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	const struct json *had = json_get(before, "cap"), *has = json_get(after, "cap");
	int then = find_rest(before), now = find_rest(after);
	char was[80], is[80];

	change_words(before, was);
	change_words(after, is);
	if (had != NULL && has != NULL && had->type == JSON_INT && has->type == JSON_INT)
		change_add(c, has->integer > had->integer ? DANGER_LOOSER : DANGER_TIGHTER, where,
		    "ages stay up to %lld, no longer up to %lld", (long long)has->integer,
		    (long long)had->integer);
	else if (now == then || then == -1 || now == -1 ||
		 (had != NULL && json_get(after, "attribute") != NULL))
		/* And bands may go on above the limit of an age. */
		change_add(c, DANGER_LOOK, where, "was %s, is %s", was, is);
	else
		change_add(c, now < then ? DANGER_TIGHTER : DANGER_LOOSER, where,
		    "%s of it stays: was %s, is %s", now < then ? "less" : "more", was, is);
}

static void
diff_text(struct changes *c, const struct json *before, const struct json *after)
{
	static const char *const known[] = {
	    "bsn", "extra", "default", "keep_words", "names", "places", "institutions", NULL};
	static const char *const own[] = {"names", "places", "institutions"};
	const struct json *b = json_get(before, "bsn"), *a = json_get(after, "bsn");
	const struct json *old = json_get(before, "extra"), *new = json_get(after, "extra");
	char was[80], is[80];

	if (strcmp(text_of(b, "context"), "any") == 0 && strcmp(text_of(a, "context"), "near") == 0)
		change_add(c, DANGER_LOOSER, "text.bsn.context",
		    "a number that passes the 11-test is replaced only near a word like BSN, no longer "
		    "wherever it stands");
	else if (strcmp(text_of(b, "context"), "near") == 0 && strcmp(text_of(a, "context"), "any") == 0)
		change_add(c, DANGER_TIGHTER, "text.bsn.context",
		    "every number that passes the 11-test is replaced");
	change_rest(c, "text.bsn", b, a, (const char *const[]){"context", NULL});
	change_list(c, "text.extra", old, new, DANGER_TIGHTER, "a pattern more is searched for: %s",
	    DANGER_OUT, "a pattern is no longer searched for: %s");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		char where[32];

		(void)snprintf(where, sizeof(where), "text.%s", own[i]);
		change_list(c, where, json_get(before, own[i]), json_get(after, own[i]), DANGER_TIGHTER,
		    "found wherever it stands: %s", DANGER_OUT,
		    "no longer found by the policy's own list: %s");
	}
	change_list(c, "text.keep_words", json_get(before, "keep_words"), json_get(after, "keep_words"),
	    DANGER_LOOSER, "words more stay where they look like a name: %s", DANGER_TIGHTER,
	    "a list of words that stay is gone: %s");
	if (!change_same(json_get(before, "default"), json_get(after, "default")))
		change_add(c, strcmp(text_of(after, "default"), "blank") == 0 ? DANGER_TIGHTER : DANGER_LOOK,
		    "text.default", "finds are replaced by \"%s\", no longer by \"%s\"",
		    text_of(after, "default"), text_of(before, "default"));
	/* Whatever else a kind of find can be told. */
	for (size_t i = 0; after != NULL && i < after->count; i++) {
		const struct json *now = after->items[i], *then = json_get(before, after->keys[i]);
		char where[WHERE_MAX];

		if (listed(known, after->keys[i]) || change_same(then, now))
			continue;
		(void)snprintf(where, sizeof(where), "text.%s", after->keys[i]);
		change_words(then, was);
		change_words(now, is);
		if (strstr(is, "\"keep\"") != NULL || strstr(is, "\"off\"") != NULL ||
		    strstr(is, "\"no\"") != NULL)
			change_add(
			    c, DANGER_OUT, where, "what it finds stays in the text: was %s, is %s", was, is);
		else
			diff_find(c, where, then, now);
	}
	for (size_t i = 0; before != NULL && i < before->count; i++) {
		char where[WHERE_MAX];

		if (listed(known, before->keys[i]) || json_get(after, before->keys[i]) != NULL)
			continue;
		(void)snprintf(where, sizeof(where), "text.%s", before->keys[i]);
		change_words(before->items[i], was);
		change_add(c, DANGER_LOOSER, where, "gone; it was %s", was);
	}
}

/* "accept": more may be held back before a person looks. Each is {"count": n} or {"ppm": n}. */
static void
diff_accept(struct changes *c, const struct json *before, const struct json *after)
{
	static const char *const names[] = {"files", "records"};
	char where[64];

	for (size_t i = 0; i < 2; i++) {
		const struct json *b = json_get(before, names[i]), *a = json_get(after, names[i]);
		const char *unit = json_get(a, "ppm") != NULL ? "ppm" : "count";
		const struct json *then = json_get(b, unit), *now = json_get(a, unit);

		if (change_same(b, a))
			continue;
		(void)snprintf(where, sizeof(where), "accept.%s", names[i]);
		if (then == NULL || now == NULL || then->type != JSON_INT || now->type != JSON_INT)
			change_any(c, where, b, a);
		else
			change_add(c, now->integer > then->integer ? DANGER_LOOSER : DANGER_TIGHTER, where,
			    "%s %s may be held back before a steward must look: %lld%s, no longer %lld",
			    now->integer > then->integer ? "more" : "fewer", names[i],
			    (long long)now->integer, strcmp(unit, "ppm") == 0 ? " in a million" : "",
			    (long long)then->integer);
	}
	change_rest(c, "accept", before, after, (const char *const[]){"files", "records", "review", NULL});
	for (int pass = 0; pass < 2; pass++) {
		const struct json *review = json_get(pass == 0 ? before : after, "review");

		for (size_t i = 0; review != NULL && review->type == JSON_OBJECT && i < review->count; i++) {
			const struct json *then = json_get(json_get(before, "review"), review->keys[i]),
					  *now = json_get(json_get(after, "review"), review->keys[i]);
			long long was = then != NULL && then->type == JSON_INT ? then->integer : 0,
				  is = now != NULL && now->type == JSON_INT ? now->integer : 0;

			if (was == is || (pass == 1 && then != NULL))
				continue;
			(void)snprintf(where, sizeof(where), "accept.review.%.32s", review->keys[i]);
			if (strcmp(review->keys[i], "found") == 0)
				change_add(c, is > was ? DANGER_LOOSER : DANGER_TIGHTER, where,
				    "of what a person looked at %lld may show something, no longer %lld", is,
				    was);
			else
				change_add(c, is < was ? DANGER_LOOSER : DANGER_TIGHTER, where,
				    "a person must look at %lld, no longer at %lld", is, was);
		}
	}
}

static void
diff_set(struct changes *c, const char *where, const struct json *before, const struct json *after)
{
	char path[WHERE_MAX];

	(void)snprintf(path, sizeof(path), "%.900s.hold", where);
	change_list(c, path, json_get(before, "hold"), json_get(after, "hold"), DANGER_OUT,
	    "sealed shards may stand in one country more: %s", DANGER_TIGHTER,
	    "they may no longer stand in %s");
	(void)snprintf(path, sizeof(path), "%.900s.open", where);
	change_list(c, path, json_get(before, "open"), json_get(after, "open"), DANGER_OUT,
	    "one site more may open it: %s", DANGER_TIGHTER, "a site may no longer open it: %s");
	if (!change_same(json_get(before, "evidence"), json_get(after, "evidence"))) {
		(void)snprintf(path, sizeof(path), "%.900s.evidence", where);
		change_add(c,
		    strcmp(text_of(after, "evidence"), "none") == 0    ? DANGER_OUT
		    : strcmp(text_of(before, "evidence"), "none") == 0 ? DANGER_TIGHTER
								       : DANGER_LOOK,
		    path, "the least evidence that a node must give is \"%s\", no longer \"%s\"",
		    text_of(after, "evidence"), text_of(before, "evidence"));
	}
	if (!change_same(json_get(before, "results"), json_get(after, "results"))) {
		(void)snprintf(path, sizeof(path), "%.900s.results", where);
		change_add(c, strcmp(text_of(after, "results"), "none") == 0 ? DANGER_TIGHTER : DANGER_LOOSER,
		    path, "jobs may send results back: \"%s\", no longer \"%s\"", text_of(after, "results"),
		    text_of(before, "results"));
	}
	change_rest(
	    c, where, before, after, (const char *const[]){"hold", "open", "evidence", "results", NULL});
}

static void
diff_sets(struct changes *c, const struct json *before, const struct json *after)
{
	char where[WHERE_MAX], words[80];

	for (size_t i = 0; after != NULL && i < after->count; i++) {
		const struct json *then = json_get(before, after->keys[i]);

		(void)snprintf(where, sizeof(where), "sets.%s", after->keys[i]);
		change_words(after->items[i], words);
		if (then == NULL)
			change_add(c, DANGER_OUT, where, "a new set: %s", words);
		else
			diff_set(c, where, then, after->items[i]);
	}
	for (size_t i = 0; before != NULL && i < before->count; i++) {
		(void)snprintf(where, sizeof(where), "sets.%s", before->keys[i]);
		if (json_get(after, before->keys[i]) == NULL)
			change_add(c, DANGER_TIGHTER, where, "this set is gone");
	}
}

static void
diff_dates(struct changes *c, const struct json *before, const struct json *after)
{
	if (json_get(before, "shift") != NULL && json_get(after, "shift") == NULL)
		change_add(c, DANGER_OUT, "dates.shift", "dates are no longer shifted");
	else
		change_any(c, "dates.shift", json_get(before, "shift"), json_get(after, "shift"));
	change_rest(c, "dates", before, after, (const char *const[]){"shift", NULL});
}

static const struct json *
rule_of(const struct json *rules, const char *match)
{
	for (size_t i = 0; rules != NULL && i < rules->count; i++)
		if (strcmp(text_of(rules->items[i], "match"), match) == 0)
			return rules->items[i];
	return NULL;
}

static void
diff_files(struct changes *c, const struct json *before, const struct json *after)
{
	char where[WHERE_MAX];

	for (size_t i = 0; after != NULL && after->type == JSON_ARRAY && i < after->count; i++) {
		const char *match = text_of(after->items[i], "match");
		const struct json *then = rule_of(before, match);

		(void)snprintf(where, sizeof(where), "files %s", match);
		if (then == NULL)
			change_rule_new(c, where, after->items[i]);
		else
			change_rule(c, where, then, after->items[i]);
	}
	change_rules_gone(c, before, after);
}

static void
diff_shards(struct changes *c, const struct json *before, const struct json *after)
{
	if (strcmp(text_of(before, "names"), "generated") == 0 &&
	    strcmp(text_of(after, "names"), "keep") == 0)
		change_add(c, DANGER_OUT, "shards.names", "source names are kept as names of members");
	else
		change_any(c, "shards.names", json_get(before, "names"), json_get(after, "names"));
	change_rest(c, "shards", before, after, (const char *const[]){"names", NULL});
}

static void
diff_pseudonym(struct changes *c, const struct json *before, const struct json *after)
{
	if (!change_same(json_get(before, "project"), json_get(after, "project")) ||
	    !change_same(json_get(before, "pseudonym"), json_get(after, "pseudonym")))
		change_add(c, DANGER_LOOK, "project, pseudonym",
		    "persons get other pseudonyms, or those of another project, with whose data they can "
		    "then "
		    "be joined: project \"%s\", domain \"%s\"; it was \"%s\", \"%s\"",
		    text_of(after, "project"), text_of(json_get(after, "pseudonym"), "domain"),
		    text_of(before, "project"), text_of(json_get(before, "pseudonym"), "domain"));
}

struct json *
policy_diff(const struct json *before, const struct json *after)
{
	static const struct {
		const char *name;
		void (*diff)(struct changes *c, const struct json *before, const struct json *after);
	} parts[] = {{"subject", change_subject}, {"dates", diff_dates}, {"text", diff_text},
	    {"files", diff_files}, {"disclosure", change_disclosure}, {"accept", diff_accept},
	    {"sets", diff_sets}, {"shards", diff_shards}, {"hierarchies", change_hierarchies}};
	static const char *const known[] = {"project", "pseudonym", "subject", "dates", "text", "files",
	    "disclosure", "accept", "sets", "shards", "hierarchies", NULL};
	struct json *all = json_array();
	struct changes c;

	c.sets[0] = json_get(before, "sets");
	c.sets[1] = json_get(after, "sets");
	for (size_t i = 0; i < DANGER_COUNT; i++)
		c.found[i] = json_array();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!change_same(json_get(before, parts[i].name), json_get(after, parts[i].name)))
			parts[i].diff(&c, json_get(before, parts[i].name), json_get(after, parts[i].name));
	diff_pseudonym(&c, before, after);
	change_rest(&c, "", before, after, known);
	for (size_t i = 0; i < DANGER_COUNT; i++) {
		for (size_t k = 0; k < c.found[i]->count; k++)
			json_push(all, json_copy(c.found[i]->items[k]));
		json_free(c.found[i]);
	}
	/* Whatever nobody above has seen. */
	if (all->count == 0 && !change_same(before, after)) {
		struct json *j = json_object();

		json_set_string(j, "danger", "look");
		json_set_string(j, "where", "policy");
		json_set_string(j, "text", "the policies are not the same, in a way that has no words here");
		json_push(all, j);
	}
	return all;
}
