/* The part `subject` out of a policy's resolved form. */
#include <stdlib.h>
#include <string.h>

#include "policy_decode.h"
#include "policy_form.h"
#include "stager/json.h"
#include "stager/pattern.h"

static bool
glob_ok(const char *text)
{
	return policy_glob_wrong(text) == NULL;
}

static int
decode_key(struct subject_rules *s, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"column", "pattern", "pad", NULL};
	const struct json *pattern = json_get(j, "pattern");
	int64_t pad;

	if (json_expect_keys(j, keys, "resolved policy: key", e) == -1 ||
	    (s->column = decode_string(j, "column", policy_column_ok, e)) == NULL ||
	    json_need_int(j, "pad", 0, POLICY_PAD_MAX, "resolved policy", &pad, e) == -1)
		return -1;
	s->pad = (size_t)pad;
	if (pattern == NULL)
		return decode_bad(e, "pattern");
	if (pattern->type != JSON_NULL && (s->pattern = decode_pattern(j, false, e)) == NULL)
		return -1;
	return 0;
}

/* The rule that takes the table, as resolve_subject finds it, with the key for its subject. */
static int
find_table(struct policy *p, struct subject_rules *s, struct err *e)
{
	const bool wild = strpbrk(s->from, "*?") != NULL;

	for (size_t i = 0; i < p->rule_count; i++) {
		const struct rule *r = &p->rules[i];

		if (strcmp(r->match, s->from) != 0 && (wild || !policy_glob(r->match, s->from)))
			continue;
		if (s->table != NULL || (r->format != FORMAT_CSV && r->format != FORMAT_FIXED) ||
		    r->subject == NULL || strcmp(r->subject, s->column) != 0)
			return decode_bad(e, "from");
		s->table = r;
	}
	return s->table == NULL ? decode_bad(e, "from") : 0;
}

static int
decode_age(struct attribute *a, const struct json *j, struct err *e)
{
	const struct json *bands = decode_list(j, "bands", 1, POLICY_BANDS_MAX, e), *day = json_get(j, "day");

	a->kind = ATTRIBUTE_AGE;
	if (bands == NULL)
		return -1;
	if (json_get(j, "at") != NULL) {
		if ((a->at = decode_string(j, "at", policy_column_ok, e)) == NULL)
			return -1;
	} else {
		if (day == NULL || day->type != JSON_INT || day->integer < -1000000 || day->integer > 3000000)
			return decode_bad(e, "day");
		a->at_days = (long)day->integer;
	}
	if ((a->bands = calloc(bands->count, sizeof(*a->bands))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < bands->count; i++) {
		const struct json *band = bands->items[i];

		if (band->type != JSON_INT || band->integer < 0 || band->integer > 130 ||
		    (i == 0 ? band->integer != 0 : band->integer <= bands->items[i - 1]->integer))
			return decode_bad(e, "bands");
		a->bands[a->band_count++] = (unsigned)band->integer;
	}
	return 0;
}

static bool
value_ok(const char *text)
{
	return strlen(text) <= POLICY_ATTRIBUTE_VALUE_MAX;
}

/* Ever fewer characters. */
static int
decode_wider(struct attribute *a, const struct json *j, struct err *e)
{
	const struct json *list = decode_list(j, "wider", 1, ANONYMITY_STEPS_MAX, e);
	size_t last = a->prefix;

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->type != JSON_INT || list->items[i]->integer < 1 ||
		    (size_t)list->items[i]->integer >= last)
			return decode_bad(e, "wider");
		last = a->wider[a->wider_count++] = (size_t)list->items[i]->integer;
	}
	return 0;
}

static int
decode_attribute(struct attribute *a, const struct json *j, struct err *e)
{
	static const char *const keys[] = {
	    "name", "from", "at", "day", "bands", "prefix", "wider", "keys", "values", "other", NULL};
	static const char *const others[] = {"hold", "blank", NULL};
	int64_t prefix;
	int other;

	if (json_expect_keys(j, keys, "resolved policy: attribute", e) == -1 ||
	    (a->name = decode_string(j, "name", policy_name_ok, e)) == NULL ||
	    (a->from = decode_string(j, "from", policy_column_ok, e)) == NULL)
		return -1;
	if (json_get(j, "bands") != NULL)
		return decode_age(a, j, e);
	if (json_get(j, "prefix") != NULL) {
		a->kind = ATTRIBUTE_PREFIX;
		if (json_need_int(j, "prefix", 1, POLICY_PREFIX_MAX, "resolved policy", &prefix, e) == -1)
			return -1;
		a->prefix = (size_t)prefix;
		return json_get(j, "wider") == NULL ? 0 : decode_wider(a, j, e);
	}
	a->kind = ATTRIBUTE_MAP;
	if (decode_strings(j, "keys", 1, POLICY_LIST_MAX, NULL, &a->keys, &a->key_count, e) == -1 ||
	    decode_strings(j, "values", 1, POLICY_LIST_MAX, value_ok, &a->values, &a->value_count, e) == -1 ||
	    (other = decode_choice(j, "other", others, e)) == -1)
		return -1;
	a->other_blank = other == 1;
	return a->key_count == a->value_count ? 0 : decode_bad(e, "values");
}

int
decode_attributes(struct policy *p, const struct json *root, struct err *e)
{
	const struct json *j = json_get(root, "subject"), *list;

	if (j == NULL)
		return p->shift_step == 0 ? 0 : decode_bad(e, "shift");
	if ((p->subject = calloc(1, sizeof(*p->subject))) == NULL)
		return err_sys(e, "resolved policy");
	if ((list = decode_list(j, "attributes", 0, POLICY_ATTRIBUTES_MAX, e)) == NULL)
		return -1;
	if ((p->subject->attributes = calloc(list->count + 1, sizeof(*p->subject->attributes))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		struct attribute *a = &p->subject->attributes[p->subject->attribute_count++];

		if (decode_attribute(a, list->items[i], e) == -1)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->subject->attributes[k].name, a->name) == 0)
				return decode_bad(e, "attributes");
	}
	return 0;
}

int
decode_attribute_use(const struct policy *p, const char *name, bool bands, size_t *attribute, struct err *e)
{
	for (size_t i = 0; p->subject != NULL && i < p->subject->attribute_count; i++) {
		const struct attribute *a = &p->subject->attributes[i];

		if (strcmp(a->name, name) != 0 || (bands && a->kind != ATTRIBUTE_AGE))
			continue;
		*attribute = i;
		return 0;
	}
	return decode_bad(e, "attribute");
}

static int
decode_known(struct subject_rules *s, const struct json *j, struct err *e)
{
	if (json_expect_keys(j, policy_known_kinds, "resolved policy: known", e) == -1)
		return -1;
	for (size_t i = 0; i < POLICY_KNOWN_KINDS; i++)
		if (json_get(j, policy_known_kinds[i]) != NULL &&
		    decode_strings(j, policy_known_kinds[i], 1, POLICY_KNOWN_MAX, policy_column_ok,
			&s->known[i], &s->known_count[i], e) == -1)
			return -1;
	return 0;
}

int
decode_subject_rules(struct policy *p, const struct json *root, struct err *e)
{
	static const char *const keys[] = {
	    "from", "key", "exclude", "unmatched", "attributes", "known", NULL};
	static const char *const words[] = {"hold", "drop", NULL};
	const struct json *j = json_get(root, "subject");
	struct subject_rules *s;
	int word;

	if (j == NULL) {
		/* Names of files say whose they are only where there is a table to look them up in. */
		for (size_t i = 0; i < p->rule_count; i++)
			if ((p->rules[i].format == FORMAT_TEXT || p->rules[i].format == FORMAT_OPAQUE) &&
			    p->rules[i].subject != NULL)
				return decode_bad(e, "subject");
		return 0;
	}
	s = p->subject;
	if (json_expect_keys(j, keys, "resolved policy: subject", e) == -1 ||
	    (s->from = decode_string(j, "from", glob_ok, e)) == NULL ||
	    decode_key(s, json_get(j, "key"), e) == -1 ||
	    decode_strings(j, "exclude", 0, POLICY_EXCLUDE_MAX, policy_name_ok, &s->exclude,
		&s->exclude_count, e) == -1 ||
	    (word = decode_choice(j, "unmatched", words, e)) == -1)
		return -1;
	s->unmatched_drop = word == 1;
	if (json_get(j, "known") != NULL && decode_known(s, json_get(j, "known"), e) == -1)
		return -1;
	return find_table(p, s, e);
}

static void
attribute_clear(struct attribute *a)
{
	for (size_t i = 0; i < a->key_count; i++)
		free(a->keys[i]);
	for (size_t i = 0; i < a->value_count; i++)
		free(a->values[i]);
	free(a->keys);
	free(a->values);
	free(a->bands);
	free(a->name);
	free(a->from);
	free(a->at);
}

void
decode_subject_rules_free(struct subject_rules *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->exclude_count; i++)
		free(s->exclude[i]);
	free(s->exclude);
	for (size_t i = 0; i < s->attribute_count; i++)
		attribute_clear(&s->attributes[i]);
	for (size_t k = 0; k < POLICY_KNOWN_KINDS; k++) {
		for (size_t i = 0; i < s->known_count[k]; i++)
			free(s->known[k][i]);
		free(s->known[k]);
	}
	free(s->attributes);
	free(s->from);
	free(s->column);
	pattern_free(s->pattern);
	free(s);
}
