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

/* The types that the action of a subject's field takes. */
static int
note_types(struct subject_rules *s, const struct action *reference, struct err *e)
{
	const char **grown;

	if (reference == NULL)
		return 0;
	if ((grown = reallocarray(s->types, s->type_count + reference->value_count, sizeof(*grown))) == NULL)
		return err_sys(e, "resolved policy");
	s->types = grown;
	for (size_t i = 0; i < reference->value_count; i++)
		s->types[s->type_count++] = reference->values[i];
	return 0;
}

bool
policy_type_of_subject(const struct policy *p, const char *type, size_t len)
{
	for (size_t i = 0; i < p->subject->type_count; i++)
		if (strlen(p->subject->types[i]) == len && memcmp(p->subject->types[i], type, len) == 0)
			return true;
	return p->subject->type_count == 0;
}

static int
find_types(const struct policy *p, struct subject_rules *s, struct err *e)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct rule *r = &p->rules[i];

		if (note_types(s, r->subject_reference, e) == -1)
			return -1;
		for (size_t k = 0; k < r->subject_path_count; k++)
			if (note_types(s, r->subject_paths[k].reference, e) == -1)
				return -1;
	}
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
	return find_table(p, s, e) == -1 ? -1 : find_types(p, s, e);
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
		decode_attribute_free(&s->attributes[i]);
	for (size_t k = 0; k < POLICY_KNOWN_KINDS; k++) {
		for (size_t i = 0; i < s->known_count[k]; i++)
			free(s->known[k][i]);
		free(s->known[k]);
	}
	free(s->attributes);
	free(s->types);
	free(s->from);
	free(s->column);
	pattern_free(s->pattern);
	free(s);
}
