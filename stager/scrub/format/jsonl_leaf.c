/* The leaves of a JSON record: strings, numbers and words under the action of their path. */
#include "jsonl.h"

#include <string.h>

#include "../action.h"
#include "../reference.h"

/* A number under `text` that has more figures could be a telephone number without its zero, or anything. */
#define TEXT_NUMBER_FIGURES_MAX 7

int
jsonl_copy_to(struct jsonl_record *r, size_t offset, struct err *e)
{
	size_t len = offset - r->copied;

	if (offset > r->copied) {
		/* There is room but for a few times in a file. */
		if (r->out.cap - r->out.len >= len) {
			memcpy(r->out.data + r->out.len, r->s + r->copied, len);
			r->out.len += len;
		} else if (buf_put(&r->out, r->s + r->copied, len, e) == -1) {
			return -1;
		}
	}
	r->copied = offset;
	return 0;
}

/* Put something else in the place of a token. */
static int
replace(struct jsonl_record *r, size_t start, size_t end, const uint8_t *bytes, size_t len, bool quote,
    struct err *e)
{
	if (jsonl_copy_to(r, start, e) == -1)
		return -1;
	if (quote ? jsonl_quote(&r->out, bytes, len, e) == -1 : buf_put(&r->out, bytes, len, e) == -1)
		return -1;
	r->copied = end;
	return 0;
}

const struct action *
jsonl_action(const struct jsonl_record *r, const struct jsonl_place *at)
{
	for (size_t i = at->from; i < at->to && !at->gone; i++)
		if (r->paths->nodes[r->active[i]].action != NULL)
			return r->paths->nodes[r->active[i]].action;
	return NULL;
}

/* Is this value, which begins here, one that names the subject? NULL: no. Values are asked about in the record's order, each once. */
static const struct jsonl_subject_at *
as_subject(struct jsonl_record *r, size_t start)
{
	while (r->subject_at_next < r->subject_at_count && r->subject_at[r->subject_at_next].start < start)
		r->subject_at_next++;
	return r->subject_at_next < r->subject_at_count && r->subject_at[r->subject_at_next].start == start
		   ? &r->subject_at[r->subject_at_next]
		   : NULL;
}

static bool
is_reference(const struct action *a, const uint8_t *bytes, size_t len)
{
	struct reference reference;

	return len > 0 && reference_read(a, (const char *)bytes, len, &reference);
}

/* A string or a number: the action on its text. */
static int
apply(struct jsonl_record *r, const struct action *a, size_t start, size_t end, const uint8_t *bytes,
    size_t len, struct err *e)
{
	const struct jsonl_subject_at *who = NULL;
	int rc;

	/* What stays needs no copy. */
	if (a->kind <= ACTION_KEEP_ENUM) {
		r->reason = action_keep(r->scrub->rule, a, (const char *)bytes, len);
		return r->reason == NULL ? 1 : 0;
	}
	/* The key's pseudonym is that of its one form, not of how it is spelled here. */
	buf_clear(&r->made);
	if ((a->kind == ACTION_PSEUDONYM || a->kind == ACTION_REFERENCE) && r->scrub->subject != NULL)
		who = as_subject(r, start);
	/* A reference within the document leads to the subject by the subject's own id. */
	if (who != NULL && who->type > 0 && a->kind == ACTION_REFERENCE)
		rc = buf_put_str(&r->made, who->asks->values[who->type - 1], e) == -1 ||
			     buf_put_u8(&r->made, '/', e) == -1 ||
			     buf_put(&r->made, r->scrub->subject->pseudonym, PSEUDONYM_LEN, e) == -1
			 ? -1
			 : 1;
	else if (who != NULL && (a->kind == ACTION_PSEUDONYM || is_reference(a, bytes, len)))
		rc = action_subject(r->scrub, a, (const char *)bytes, len, &r->made, e) == -1 ? -1 : 1;
	else
		rc = action_apply(r->scrub, a, len == 0 ? "" : (const char *)bytes, len, &r->made, &r->finds,
		    &r->reason, e);
	if (rc != 1)
		return rc;
	if (r->made.len == len && (len == 0 || memcmp(r->made.data, bytes, len) == 0))
		return 1;
	/* A number that is only less exact is a number still. */
	return replace(r, start, end, r->made.data, r->made.len,
		   a->kind != ACTION_COARSE || r->s[start] == '"', e) == -1
		   ? -1
		   : 1;
}

/* What is to be done with a leaf: 1 with *a, which is NULL where what is around it leaves whole; 0: held. */
static inline int
leaf_action(struct jsonl_record *r, const struct jsonl_place *at, const struct action **a)
{
	*a = NULL;
	if (at->gone)
		return 1;
	if ((*a = jsonl_action(r, at)) == NULL)
		return jsonl_held(r, "field-unnamed");
	/* What stands in every set is done once, as far as anybody counts. */
	if (!r->paths->second || (*a)->set != POLICY_SET_EVERY)
		r->actions[(*a)->kind]++;
	return 1;
}

int
jsonl_leaf_string(struct jsonl_record *r, const struct jsonl_place *at, struct err *e)
{
	const struct action *a;
	struct jsonl_string string;
	int rc;

	if ((rc = jsonl_string(r, &string, e)) != 1)
		return rc;
	if ((rc = leaf_action(r, at, &a)) != 1 || a == NULL)
		return rc;
	if (a->kind == ACTION_BLANK)
		return replace(r, string.start, string.end, (const uint8_t *)"null", 4, false, e) == -1 ? -1
													: 1;
	return apply(r, a, string.start, string.end, string.bytes, string.len, e);
}

int
jsonl_leaf_number(struct jsonl_record *r, const struct jsonl_place *at, struct err *e)
{
	const struct action *a;
	const char *spelling;
	size_t start = r->at, len, figures = 0;
	int rc;

	if (!jsonl_number(r))
		return jsonl_held(r, "json-broken");
	spelling = (const char *)r->s + start;
	len = r->at - start;
	if ((rc = leaf_action(r, at, &a)) != 1 || a == NULL)
		return rc;
	switch (a->kind) {
	case ACTION_KEEP_NUMBER:
		if (action_missing(r->scrub->rule, spelling, len))
			return 1;
		r->reason = action_number(a, '.', spelling, len);
		return r->reason == NULL ? 1 : 0;
	case ACTION_YEAR:
	case ACTION_FIRST:
	case ACTION_SHIFT:
	case ACTION_REFERENCE:
		return jsonl_held(r, "value-type");
	case ACTION_TEXT:
		if ((rc = apply(r, a, start, r->at, r->s + start, len, e)) != 1)
			return rc;
		for (size_t i = start; r->copied < r->at && i < r->at; i++)
			figures += r->s[i] >= '0' && r->s[i] <= '9';
		return figures <= TEXT_NUMBER_FIGURES_MAX ? 1 : jsonl_held(r, "value-type");
	case ACTION_BLANK:
		return replace(r, start, r->at, (const uint8_t *)"null", 4, false, e) == -1 ? -1 : 1;
	default:
		return apply(r, a, start, r->at, r->s + start, len, e);
	}
}

/* true, false, null. */
int
jsonl_leaf_word(struct jsonl_record *r, const struct jsonl_place *at, const char *word, struct err *e)
{
	const struct action *a;
	size_t start = r->at, len = strlen(word);
	int rc;

	if (r->len - r->at < len || memcmp(r->s + r->at, word, len) != 0)
		return jsonl_held(r, "json-broken");
	r->at += len;
	if ((rc = leaf_action(r, at, &a)) != 1 || a == NULL)
		return rc;
	if (*word == 'n')
		return 1; /* not known, whatever the field */
	if (a->kind == ACTION_ATTRIBUTE)
		return apply(r, a, start, r->at, r->s + start, len, e);
	if (a->kind == ACTION_BLANK)
		return replace(r, start, r->at, (const uint8_t *)"null", 4, false, e) == -1 ? -1 : 1;
	if (a->kind == ACTION_KEEP_ENUM)
		for (size_t i = 0; i < a->value_count; i++)
			if (strcmp(a->values[i], word) == 0)
				return 1;
	return jsonl_held(r, "value-type");
}

int
jsonl_leaf(struct jsonl_record *r, const struct jsonl_place *at, struct err *e)
{
	switch (r->s[r->at]) {
	case '"':
		return jsonl_leaf_string(r, at, e);
	case 't':
		return jsonl_leaf_word(r, at, "true", e);
	case 'f':
		return jsonl_leaf_word(r, at, "false", e);
	case 'n':
		return jsonl_leaf_word(r, at, "null", e);
	default:
		return jsonl_leaf_number(r, at, e);
	}
}
