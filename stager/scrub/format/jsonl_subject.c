/* Whom a JSON record is about: the values at the subject's paths, looked for before the record is scrubbed. */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#include "../reference.h"

/* What it looks like inside is for the walk that follows. */
int
jsonl_skip(struct jsonl_record *r, struct err *e)
{
	struct jsonl_string string;
	size_t depth = 0;
	int rc;

	do {
		if (r->at >= r->len)
			return 0;
		switch (r->s[r->at]) {
		case '"':
			if ((rc = jsonl_string(r, &string, e)) != 1)
				return rc;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return 1; /* of what is around a number or a word */
			depth--;
			break;
		case ',':
			if (depth == 0)
				return 1;
			break;
		default:
			if (depth == 0) {
				while (r->at < r->len && r->s[r->at] != ',' && r->s[r->at] != '}' &&
				       r->s[r->at] != ']')
					r->at++;
				return 1;
			}
		}
		r->at++;
	} while (depth > 0);
	return 1;
}

int
jsonl_next_key(struct jsonl_record *r, bool first, struct jsonl_string *key, struct err *e)
{
	int rc;

	jsonl_space(r);
	if (!first) {
		if (r->at >= r->len || r->s[r->at++] != ',')
			return 0;
		jsonl_space(r);
	}
	if ((rc = jsonl_string(r, key, e)) != 1)
		return rc;
	jsonl_space(r);
	if (r->at >= r->len || r->s[r->at++] != ':')
		return 0;
	jsonl_space(r);
	return 1;
}

static bool
is(const struct jsonl_string *string, const char *text, size_t len)
{
	return string->len == len && (len == 0 || memcmp(string->bytes, text, len) == 0);
}

/* Has the object at r->at, which stays there, a member that the path's step asks for? 1, 0, -1. */
static int
asked_for(struct jsonl_record *r, const struct jsonl_step *step, struct err *e)
{
	const size_t start = r->at;
	struct jsonl_string string;
	bool first = true, has = false;
	int rc = 0;

	if (r->at < r->len && r->s[r->at++] == '{')
		for (; !has && (rc = jsonl_next_key(r, first, &string, e)) == 1; first = false) {
			has = is(&string, step->key, step->key_len);
			if (!has && (rc = jsonl_skip(r, e)) != 1)
				break;
		}
	if (has && (rc = jsonl_string(r, &string, e)) == 1 && !is(&string, step->value, step->value_len))
		rc = 0;
	if (rc != -1)
		r->reason = NULL;
	r->at = start;
	return rc;
}

/* The same person as the one that was found? As keys, where the policy says what those look like. */
static bool
same_person(const struct jsonl_record *r, const char *value, size_t len)
{
	const struct subject_rules *rules = r->scrub->policy->subject;
	const char *before = (const char *)r->subject.data;
	char one[SUBJECT_KEY_MAX], other[SUBJECT_KEY_MAX];
	size_t one_len, other_len;
	bool same;

	if (r->subject.len == len && memcmp(before, value, len) == 0)
		return true;
	if (rules == NULL)
		return false;
	same = subject_key(rules, value, len, one, &one_len) &&
	       subject_key(rules, before, r->subject.len, other, &other_len) && one_len == other_len &&
	       memcmp(one, other, one_len) == 0;
	explicit_bzero(one, sizeof(one));
	explicit_bzero(other, sizeof(other));
	return same;
}

int
jsonl_subject_same(struct jsonl_record *r, const char *value, size_t len, struct err *e)
{
	if (r->has_subject)
		return same_person(r, value, len) ? 1 : jsonl_held(r, "subject-several");
	r->has_subject = true;
	buf_clear(&r->subject);
	return buf_put(&r->subject, value, len, e) == -1 ? -1 : 1;
}

/* No key by itself: a URN, which may be that of an entry here, or what is no reference to elsewhere. */
static bool
leads_on(const struct action *reference, const char *value, size_t len)
{
	struct reference as;

	return reference != NULL &&
	       (!reference_read(reference, value, len, &as) || as.front[as.front_len - 1] == ':');
}

/* A value at one of the paths. 1, 0 where the record is held for it, -1. */
static int
found(struct jsonl_record *r, const struct action *reference, size_t start, const uint8_t *bytes, size_t len,
    struct err *e)
{
	const char *value = (const char *)bytes;
	bool asks;

	while (len > 0 && *value == ' ') {
		value++;
		len--;
	}
	while (len > 0 && value[len - 1] == ' ')
		len--;
	if (len == 0)
		return 1;
	asks = leads_on(reference, value, len);
	if (!asks && !reference_key(reference, &value, &len))
		return jsonl_held(r, "reference-form");
	if (r->subject_at_count == r->subject_at_cap) {
		size_t cap = r->subject_at_cap == 0 ? 16 : r->subject_at_cap * 2;
		struct jsonl_subject_at *at = reallocarray(r->subject_at, cap, sizeof(*at));

		if (at == NULL)
			return err_sys(e, "record: memory for its subject");
		r->subject_at = at;
		r->subject_at_cap = cap;
	}
	r->subject_at[r->subject_at_count++] =
	    (struct jsonl_subject_at){.start = start, .asks = asks ? reference : NULL};
	return asks ? jsonl_bundle_ask(r, value, len, r->subject_at_count - 1, e) == -1 ? -1 : 1
		    : jsonl_subject_same(r, value, len, e);
}

static int look(struct jsonl_record *r, uint32_t paths, size_t depth, struct err *e);

/* The paths that go on at this member (or, without key, element) of a value so many steps deep. */
static uint32_t
onward(const struct jsonl_record *r, uint32_t paths, size_t depth, const struct jsonl_string *key)
{
	uint32_t on = 0;

	for (size_t i = 0; i < r->paths->subject_count; i++) {
		const struct jsonl_subject_path *p = &r->paths->subjects[i];
		const struct jsonl_step *step = depth < p->count ? &p->steps[depth] : NULL;

		if ((paths >> i & 1) != 0 && step != NULL &&
		    (key == NULL ? step->kind == STEP_ELEMENT
				 : step->kind == STEP_KEY ||
				       (step->kind == STEP_NAME && is(key, step->name, step->name_len))))
			on |= UINT32_C(1) << i;
	}
	return on;
}

/* The members of the object, or the elements of the array, at r->at. 1, 0 where it cannot be followed or is held, -1. */
static int
look_inside(struct jsonl_record *r, uint32_t paths, size_t depth, struct err *e)
{
	const bool object = r->s[r->at++] == '{';
	struct jsonl_string key;
	uint32_t on;
	int rc;

	for (bool first = true;; first = false) {
		jsonl_space(r);
		if (r->at < r->len && r->s[r->at] == (object ? '}' : ']')) {
			r->at++;
			return 1;
		}
		if (object) {
			if ((rc = jsonl_next_key(r, first, &key, e)) != 1)
				return rc;
		} else if (!first) {
			if (r->at >= r->len || r->s[r->at++] != ',')
				return 0;
			jsonl_space(r);
		}
		on = onward(r, paths, depth, object ? &key : NULL);
		if ((rc = on == 0 ? jsonl_skip(r, e) : look(r, on, depth + 1, e)) != 1)
			return rc;
		/* One path without wildcards leads to one value: the rest is not looked at. */
		if (r->paths->subject_plain && on != 0)
			return 0;
	}
}

/* The value at r->at, to which so many steps of these paths (a bit each) lead. 1, 0, -1 as above. */
static int
look(struct jsonl_record *r, uint32_t paths, size_t depth, struct err *e)
{
	const struct jsonl_subject_path *end = NULL;
	struct jsonl_string string;
	const size_t start = r->at;
	uint32_t on = 0;
	int rc;

	for (size_t i = 0; i < r->paths->subject_count; i++) {
		const struct jsonl_subject_path *p = &r->paths->subjects[i];
		const struct jsonl_step *asks = &p->asks[depth];

		if ((paths >> i & 1) == 0)
			continue;
		if (asks->key != NULL && (rc = asked_for(r, asks, e)) != 1) {
			if (rc == -1)
				return -1;
			continue;
		}
		if (depth < p->count)
			on |= UINT32_C(1) << i;
		else if (end == NULL)
			end = p;
	}
	if (r->at < r->len && (r->s[r->at] == '{' || r->s[r->at] == '['))
		return on == 0 ? jsonl_skip(r, e) : look_inside(r, on, depth, e);
	if (end == NULL)
		return jsonl_skip(r, e);
	if (r->at < r->len && r->s[r->at] == '"')
		return (rc = jsonl_string(r, &string, e)) != 1
			   ? rc
			   : found(r, end->reference, start, string.bytes, string.len, e);
	if (jsonl_number(r))
		return found(r, end->reference, start, r->s + start, r->at - start, e);
	return jsonl_skip(r, e); /* null: nobody */
}

int
jsonl_subject_read(struct jsonl_record *r, struct err *e)
{
	const size_t start = r->at;
	int rc;

	r->subject_at_count = r->subject_at_next = 0;
	jsonl_bundle_begin(r);
	rc = look(r, (UINT32_C(1) << r->paths->subject_count) - 1, 0, e);
	r->at = start;
	if (rc == -1)
		return -1;
	if (r->reason == NULL && (rc = jsonl_bundle_settle(r, e)) == -1)
		return -1;
	/* What cannot be read is the walk's to tell. */
	if (rc == 0 && r->reason != NULL && strcmp(r->reason, "reference-form") != 0 &&
	    strcmp(r->reason, "subject-several") != 0)
		r->reason = NULL;
	return r->reason == NULL ? 1 : 0;
}
