/* What takes its place where a rule or a path of a policy is gone: whether two patterns with wildcards can mean the same thing. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "policy_diff.h"
#include "stager/json.h"

#define TOKENS_MAX 1024
#define WHERE_MAX 1024

/* A character, or one of the wildcards: any one, any in one part, any at all. */
enum { ONE = 256, SOME, ALL };

struct tokens {
	size_t count;
	unsigned short of[TOKENS_MAX];
};

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

/* A pattern and what follows it. What an XML path asks of an attribute is left out, for more than it asks is met without. false: too long. */
static bool
tokens_make(struct tokens *t, const char *pattern, const char *end)
{
	t->count = 0;
	for (const char *parts[] = {pattern, end}, **part = parts; part < parts + 2; part++)
		for (const char *c = *part; *c != '\0'; c++) {
			if (t->count == TOKENS_MAX)
				return false;
			if (strncmp(c, "[@", 2) == 0 && strchr(c, ']') != NULL) {
				c = strchr(c, ']');
			} else if (strncmp(c, "**", 2) == 0 || strncmp(c, ".**", 3) == 0) {
				/* None at all, too: with the slash behind it, or the dot before it. */
				c += *c == '.' ? 2 : 1;
				c += c[1] == '/' ? 1 : 0;
				t->of[t->count++] = ALL;
			} else {
				t->of[t->count++] = *c == '*' ? SOME : *c == '?' ? ONE : (unsigned char)*c;
			}
		}
	return true;
}

static bool
repeats(unsigned short token)
{
	return token == SOME || token == ALL;
}

/* Does a wildcard take what the other token is? */
static bool
takes(unsigned short wildcard, unsigned short token, const char *ends)
{
	return wildcard == ALL || token >= ONE || strchr(ends, token) == NULL;
}

/* From the ends to the beginnings: can what is left of the one and of the other be the same? */
static bool
tokens_meet(const struct tokens *a, const struct tokens *b, const char *ends)
{
	bool rows[2][TOKENS_MAX + 1];

	for (size_t i = a->count + 1; i-- > 0;) {
		bool *row = rows[i % 2], *next = rows[(i + 1) % 2];

		for (size_t k = b->count + 1; k-- > 0;) {
			const unsigned short *x = i < a->count ? &a->of[i] : NULL,
					     *y = k < b->count ? &b->of[k] : NULL;

			row[k] = x == NULL && y == NULL;
			if (x != NULL && repeats(*x))
				row[k] = next[k] || (y != NULL && takes(*x, *y, ends) && row[k + 1]);
			if (y != NULL && repeats(*y))
				row[k] =
				    row[k] || row[k + 1] || (x != NULL && takes(*y, *x, ends) && next[k]);
			if (x != NULL && y != NULL && !repeats(*x) && !repeats(*y))
				row[k] = next[k + 1] && (*x == *y || (*x == ONE && takes(*x, *y, ends)) ||
							    (*y == ONE && takes(*y, *x, ends)));
		}
	}
	return rows[0][0];
}

/* Patterns that are too long to say may. */
static bool
meet(const char *one, const char *other, const char *end, const char *ends)
{
	struct tokens a, b;

	return !tokens_make(&a, one, "") || !tokens_make(&b, other, end) || tokens_meet(&a, &b, ends);
}

/* A file's name is looked for without the ending of what it is packed in, too. */
static bool
matches_meet(const char *one, const char *other)
{
	static const char *const packed[] = {"", ".gz", ".bz2", ".xz", ".zst", ".c4gh", ".gz.c4gh"};

	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
		if (meet(one, other, packed[i], "/") || meet(other, one, packed[i], "/"))
			return true;
	return false;
}

static size_t
rules_of(const struct json *rules, const char *match)
{
	size_t count = 0;

	for (size_t i = 0; rules != NULL && rules->type == JSON_ARRAY && i < rules->count; i++)
		count += strcmp(text_of(rules->items[i], "match"), match) == 0 ? 1 : 0;
	return count;
}

void
change_rules_gone(struct changes *c, const struct json *before, const struct json *after)
{
	char where[WHERE_MAX];

	for (size_t i = 0; before != NULL && before->type == JSON_ARRAY && i < before->count; i++) {
		const char *match = text_of(before->items[i], "match");
		size_t left = rules_of(after, match);
		bool taken = false;

		/* Each match once. */
		for (size_t k = 0; k < i && left < SIZE_MAX; k++)
			if (strcmp(text_of(before->items[k], "match"), match) == 0)
				left = SIZE_MAX;
		if (left > 0 && left >= rules_of(before, match))
			continue;
		(void)snprintf(where, sizeof(where), "files %s", match);
		/* What two rules take is held. */
		for (size_t k = 0; after != NULL && after->type == JSON_ARRAY && k < after->count; k++) {
			const char *other = text_of(after->items[k], "match");

			if (!matches_meet(match, other))
				continue;
			taken = true;
			change_add(c,
			    strcmp(text_of(after->items[k], "format"), "drop") == 0 ? DANGER_LOOSER
										    : DANGER_OUT,
			    where,
			    "this rule is gone: files that \"%.200s\" takes, too, were held for that, and "
			    "now "
			    "go by it alone",
			    other);
		}
		if (!taken)
			change_add(c, DANGER_TIGHTER, where,
			    "this rule is gone: such files are held, for no other rule takes them");
	}
}

bool
change_paths_meet(const char *gone, const char *path, bool xml)
{
	/* A path without wildcards is the most exact one, and had its own before, but for what another asks of an attribute. */
	if (strchr(path, '*') == NULL && !(xml && strchr(gone, '@') != NULL))
		return false;
	return meet(gone, path, "", xml ? "" : ".[");
}
