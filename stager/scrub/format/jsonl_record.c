/* One JSON record: walked along the policy's paths, changed values replaced, everything else byte for byte.
 */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "../reference.h"
#include "stager/entry.h"
#include "stager/utf8.h"

/* A key that only .* names: [A-Za-z_][A-Za-z0-9_]{0,63}, with figures for a number but not for a person's. */
#define WILD_KEY_MAX 64
#define WILD_KEY_FIGURES_MAX 6
/* A number under `text` that has more figures could be a telephone number without its zero, or anything. */
#define TEXT_NUMBER_FIGURES_MAX 7

/* Where a value stands. */
struct place {
	size_t from, to; /* r->active[from..to): the nodes of its path */
	int subject;     /* so many steps of the subject's path lead here; -1: none */
	bool gone;       /* inside of what is dropped */
	unsigned depth;
};

static int value(struct jsonl_record *r, const struct place *at, struct err *e);

static int
held(struct jsonl_record *r, const char *reason)
{
	r->reason = reason;
	return 0;
}

/* Copy what has not been copied yet, up to an offset of the record. */
static int
copy_to(struct jsonl_record *r, size_t offset, struct err *e)
{
	if (offset > r->copied && buf_put(&r->out, r->s + r->copied, offset - r->copied, e) == -1)
		return -1;
	r->copied = offset;
	return 0;
}

/* Put something else in the place of a token. */
static int
replace(struct jsonl_record *r, size_t start, size_t end, const uint8_t *bytes, size_t len, bool quote,
    struct err *e)
{
	if (copy_to(r, start, e) == -1)
		return -1;
	if (quote ? jsonl_quote(&r->out, bytes, len, e) == -1 : buf_put(&r->out, bytes, len, e) == -1)
		return -1;
	r->copied = end;
	return 0;
}

static const struct action *
action_of(const struct jsonl_record *r, const struct place *at)
{
	for (size_t i = at->from; i < at->to; i++)
		if (r->paths->nodes[r->active[i]].action != NULL)
			return r->paths->nodes[r->active[i]].action;
	return NULL;
}

/* Is this the place of the subject's key? */
static bool
is_subject(const struct jsonl_record *r, const struct place *at)
{
	return at->subject >= 0 && (size_t)at->subject == r->paths->subject_count;
}

static int
note_subject(struct jsonl_record *r, const struct place *at, const uint8_t *bytes, size_t len, struct err *e)
{
	const char *key = (const char *)bytes;
	bool blank = true;

	if (!is_subject(r, at) || r->scrub->subject != NULL)
		return 0;
	/* What is no reference is held by its action. */
	if (len > 0 && reference_key(r->scrub->rule, &key, &len))
		bytes = (const uint8_t *)key;
	for (size_t i = 0; i < len; i++)
		blank = blank && bytes[i] == ' ';
	if (blank)
		return 0;
	r->has_subject = true;
	buf_clear(&r->subject);
	return buf_put(&r->subject, bytes, len, e);
}

/* A string or a number: the action on its text. */
static int
apply(struct jsonl_record *r, const struct place *at, const struct action *a, size_t start, size_t end,
    const uint8_t *bytes, size_t len, struct err *e)
{
	int rc;

	/* The key's pseudonym is that of its one form, not of how it is spelled here. */
	buf_clear(&r->made);
	if ((a->kind == ACTION_PSEUDONYM || a->kind == ACTION_REFERENCE) && r->scrub->subject != NULL &&
	    is_subject(r, at) && r->has_subject)
		rc = action_subject(r->scrub, a, (const char *)bytes, len, &r->made, e) == -1 ? -1 : 1;
	else
		rc = action_apply(r->scrub, a, len == 0 ? "" : (const char *)bytes, len, &r->made, &r->finds,
		    &r->reason, e);
	if (rc != 1)
		return rc;
	if (r->made.len == len && (len == 0 || memcmp(r->made.data, bytes, len) == 0))
		return 1;
	return replace(r, start, end, r->made.data, r->made.len, true, e) == -1 ? -1 : 1;
}

/* What is to be done with a leaf: 1 with *a, which is NULL where what is around it leaves whole; 0: held. */
static inline int
leaf_action(struct jsonl_record *r, const struct place *at, const struct action **a)
{
	*a = NULL;
	if (at->gone)
		return 1;
	if ((*a = action_of(r, at)) == NULL)
		return held(r, "field-unnamed");
	r->actions[(*a)->kind]++;
	return 1;
}

static int
leaf_string(struct jsonl_record *r, const struct place *at, struct err *e)
{
	const struct action *a;
	struct jsonl_string string;
	int rc;

	if ((rc = jsonl_string(r, &string, e)) != 1)
		return rc;
	if (note_subject(r, at, string.bytes, string.len, e) == -1)
		return -1;
	if ((rc = leaf_action(r, at, &a)) != 1 || a == NULL)
		return rc;
	if (a->kind == ACTION_BLANK)
		return replace(r, string.start, string.end, (const uint8_t *)"null", 4, false, e) == -1 ? -1
													: 1;
	return apply(r, at, a, string.start, string.end, string.bytes, string.len, e);
}

static int
leaf_number(struct jsonl_record *r, const struct place *at, struct err *e)
{
	const struct action *a;
	const char *spelling;
	size_t start = r->at, len, figures = 0;
	int rc;

	if (!jsonl_number(r))
		return held(r, "json-broken");
	spelling = (const char *)r->s + start;
	len = r->at - start;
	if (note_subject(r, at, r->s + start, len, e) == -1)
		return -1;
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
		return held(r, "value-type");
	case ACTION_TEXT:
		if ((rc = apply(r, at, a, start, r->at, r->s + start, len, e)) != 1)
			return rc;
		for (size_t i = start; r->copied < r->at && i < r->at; i++)
			figures += r->s[i] >= '0' && r->s[i] <= '9';
		return figures <= TEXT_NUMBER_FIGURES_MAX ? 1 : held(r, "value-type");
	case ACTION_BLANK:
		return replace(r, start, r->at, (const uint8_t *)"null", 4, false, e) == -1 ? -1 : 1;
	default:
		return apply(r, at, a, start, r->at, r->s + start, len, e);
	}
}

/* true, false, null. */
static int
leaf_word(struct jsonl_record *r, const struct place *at, const char *word, struct err *e)
{
	const struct action *a;
	size_t start = r->at, len = strlen(word);
	int rc;

	if (r->len - r->at < len || memcmp(r->s + r->at, word, len) != 0)
		return held(r, "json-broken");
	r->at += len;
	if ((rc = leaf_action(r, at, &a)) != 1 || a == NULL)
		return rc;
	if (*word == 'n')
		return 1; /* not known, whatever the field */
	if (a->kind == ACTION_ATTRIBUTE)
		return apply(r, at, a, start, r->at, r->s + start, len, e);
	if (a->kind == ACTION_BLANK)
		return replace(r, start, r->at, (const uint8_t *)"null", 4, false, e) == -1 ? -1 : 1;
	if (a->kind == ACTION_KEEP_ENUM)
		for (size_t i = 0; i < a->value_count; i++)
			if (strcmp(a->values[i], word) == 0)
				return 1;
	return held(r, "value-type");
}

static int
keys_push(struct jsonl_record *r, const struct jsonl_string *key, struct err *e)
{
	struct jsonl_key *grown, *k;
	size_t cap;

	if (r->key_count == r->key_cap) {
		cap = r->key_cap == 0 ? 64 : r->key_cap * 2;
		if ((grown = reallocarray(r->keys, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "record: memory for keys");
		r->keys = grown;
		r->key_cap = cap;
	}
	k = &r->keys[r->key_count];
	*k = (struct jsonl_key){.at = key->start + 1, .len = key->len, .escaped = key->escaped};
	if (key->escaped) {
		k->at = r->keys_text.len;
		if (buf_put(&r->keys_text, key->bytes, key->len, e) == -1)
			return -1;
	}
	r->key_count++;
	return 0;
}

static int
compare_keys(const void *a, const void *b, void *record)
{
	const struct jsonl_key *x = a, *y = b;
	const struct jsonl_record *r = record;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	if (x->len == 0)
		return 0;
	return memcmp((x->escaped ? r->keys_text.data : r->s) + x->at,
	    (y->escaped ? r->keys_text.data : r->s) + y->at, x->len);
}

/* Of the object whose keys begin at `first`. */
static bool
keys_repeat(struct jsonl_record *r, size_t first)
{
	struct jsonl_key *keys = r->keys + first;
	size_t count = r->key_count - first;

	if (count > 16) {
		qsort_r(keys, count, sizeof(*keys), compare_keys, r);
		for (size_t i = 1; i < count; i++)
			if (compare_keys(&keys[i - 1], &keys[i], r) == 0)
				return true;
		return false;
	}
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (compare_keys(&keys[i], &keys[k], r) == 0)
				return true;
	return false;
}

/* A key that no path names could itself say who it is about. */
static bool
plain_key(const struct jsonl_string *key)
{
	size_t figures = 0;

	if (key->len == 0 || key->len > WILD_KEY_MAX || (key->bytes[0] >= '0' && key->bytes[0] <= '9'))
		return false;
	for (size_t i = 0; i < key->len; i++) {
		uint8_t c = key->bytes[i];

		figures += c >= '0' && c <= '9';

		if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_'))
			return false;
	}
	return figures <= WILD_KEY_FIGURES_MAX;
}

/*
 * Whether the value at this place is dropped, whole. An object or array under a more exact path that goes on
 * inside it is not: with $.a.b and $.* the rest may go, and a stays to be looked into.
 */
static bool
dropped_by(const struct jsonl_record *r, const struct place *at, bool inside)
{
	for (size_t i = at->from; i < at->to; i++) {
		const struct jsonl_node *node = &r->paths->nodes[r->active[i]];

		if (node->action != NULL)
			return node->action->kind == ACTION_DROP;
		if (inside)
			return false;
	}
	return false;
}

/* The place of the value at r->at: of a member (key given) or of an element; held where no path leads there.
 */
static int
step(struct jsonl_record *r, const struct place *at, const struct jsonl_string *key, struct place *child)
{
	const struct jsonl_paths *paths = r->paths;
	bool named = false;

	*child = (struct place){.from = r->active_count,
	    .to = r->active_count,
	    .subject = -1,
	    .gone = at->gone,
	    .depth = at->depth + 1};
	if (key != NULL && at->subject >= 0 && (size_t)at->subject < paths->subject_count &&
	    paths->subject[at->subject].len == key->len &&
	    (key->len == 0 || memcmp(paths->subject[at->subject].name, key->bytes, key->len) == 0))
		child->subject = at->subject + 1;
	if (at->gone)
		return 1;
	for (size_t i = at->from; i < at->to && key != NULL; i++) {
		uint32_t next = jsonl_paths_child(paths, r->active[i], key->bytes, key->len);

		if (next != 0)
			r->active[child->to++] = next;
	}
	named = child->to > child->from;
	for (size_t i = at->from; i < at->to; i++) {
		const struct jsonl_node *node = &paths->nodes[r->active[i]];
		uint32_t next = key != NULL ? node->any_key : node->any_element;

		if (next != 0)
			r->active[child->to++] = next;
	}
	r->active_count = child->to;
	if (child->to == child->from)
		return held(r, "field-unnamed");
	if (dropped_by(r, child, r->s[r->at] == '{' || r->s[r->at] == '[')) {
		r->actions[ACTION_DROP]++;
		child->gone = true;
		return 1;
	}
	if (key != NULL && !named && !plain_key(key))
		return held(r, "field-unnamed");
	return 1;
}

/*
 * The members of an object or the elements of an array, r->at behind its opening. What is dropped leaves with
 * one comma: the one before it where something stays before it, else the one behind it.
 */
static int
container(struct jsonl_record *r, const struct place *at, bool object, struct err *e)
{
	uint8_t closing = object ? '}' : ']';
	size_t first_key = r->key_count, keys_text = r->keys_text.len, comma = 0, start;
	struct jsonl_string key = {0};
	bool stays = false, dropped;
	struct place child;
	int rc;

	if (at->depth >= JSONL_DEPTH_MAX)
		return held(r, "json-depth");
	jsonl_space(r);
	if (r->at < r->len && r->s[r->at] == closing) {
		r->at++;
		return 1;
	}
	for (;;) {
		start = r->at;
		if (object) {
			if ((rc = jsonl_string(r, &key, e)) != 1)
				return rc;
			if (keys_push(r, &key, e) == -1)
				return -1;
		}
		if (object) {
			jsonl_space(r);
			if (r->at >= r->len || r->s[r->at] != ':')
				return held(r, "json-broken");
			r->at++;
			jsonl_space(r);
		}
		if (r->at >= r->len)
			return held(r, "json-broken");
		if ((rc = step(r, at, object ? &key : NULL, &child)) != 1)
			return rc;
		if ((rc = value(r, &child, e)) != 1)
			return rc;
		r->active_count = child.from;
		dropped = child.gone && !at->gone;
		if (dropped) {
			if (copy_to(r, stays ? comma : start, e) == -1)
				return -1;
			r->copied = r->at;
		} else {
			stays = true;
		}
		jsonl_space(r);
		if (r->at >= r->len)
			return held(r, "json-broken");
		if (r->s[r->at] == closing)
			break;
		if (r->s[r->at] != ',')
			return held(r, "json-broken");
		comma = r->at++;
		jsonl_space(r);
		if (dropped && !stays)
			r->copied = r->at;
	}
	if (dropped && !stays)
		r->copied = r->at;
	r->at++;
	if (object && keys_repeat(r, first_key))
		return held(r, "json-duplicate-key");
	r->key_count = first_key;
	r->keys_text.len = keys_text;
	return 1;
}

static int
value(struct jsonl_record *r, const struct place *at, struct err *e)
{
	if (r->at >= r->len)
		return held(r, "json-broken");
	switch (r->s[r->at]) {
	case '{':
	case '[':
		r->at++;
		return container(r, at, r->s[r->at - 1] == '{', e);
	case '"':
		return leaf_string(r, at, e);
	case 't':
		return leaf_word(r, at, "true", e);
	case 'f':
		return leaf_word(r, at, "false", e);
	case 'n':
		return leaf_word(r, at, "null", e);
	default:
		return leaf_number(r, at, e);
	}
}

/* Whom the record is about, before anything of it is looked at. 1 also where nothing says so: it will be held for that. */
static int
find_person(struct jsonl_record *r, struct err *e)
{
	size_t at = r->at, len;
	const char *dropped, *key;

	if (jsonl_subject_read(r, e) == -1)
		return -1;
	r->at = at;
	if (!r->has_subject)
		return 1;
	key = (const char *)r->subject.data;
	len = r->subject.len;
	if (!reference_key(r->scrub->rule, &key, &len))
		return held(r, "reference-form");
	switch (subject_find(r->scrub, key, len, &dropped, &r->reason)) {
	case SUBJECT_TAKEN:
		return 1;
	case SUBJECT_DROPPED:
		r->reason = dropped;
		return JSONL_DROPPED;
	case SUBJECT_HELD:
		break;
	}
	return 0;
}

int
jsonl_record_scrub(struct jsonl_record *r, const uint8_t *line, size_t len, struct err *e)
{
	struct place root = {.from = 0, .to = 1};
	int rc;

	r->s = line;
	r->len = len;
	r->at = r->copied = r->key_count = r->keys_text.len = 0;
	r->reason = NULL;
	r->has_subject = false;
	r->finds = (struct text_finds){0};
	memset(r->actions, 0, sizeof(r->actions));
	buf_clear(&r->out);
	r->active[0] = 0;
	r->active_count = 1;
	if (!utf8_valid(line, len))
		return held(r, "not-utf8");
	jsonl_space(r);
	/* A line is an object; a document may be an array. */
	if (r->at >= len ||
	    (line[r->at] != '{' && !(line[r->at] == '[' && r->scrub->rule->format == FORMAT_JSON)))
		return held(r, "json-broken");
	if (r->scrub->subject != NULL && (rc = find_person(r, e)) != 1)
		return rc;
	if ((rc = value(r, &root, e)) == 1) {
		jsonl_space(r);
		if (r->at != len)
			return held(r, "json-broken");
		rc = copy_to(r, len, e) == -1 ? -1 : 1;
	}
	/* Tags are longer than what they stand for. */
	if (rc == -1 && e->code == ERR_LIMIT)
		return held(r, "record-too-long");
	if (rc == 1 && r->paths->subject_count > 0 && !r->has_subject)
		return held(r, "subject-missing");
	return rc;
}

int
jsonl_record_init(
    struct jsonl_record *r, const struct scrub *s, const struct jsonl_paths *paths, struct err *e)
{
	*r = (struct jsonl_record){.scrub = s, .paths = paths};
	buf_init_wiped(&r->out, ENTRY_BUFFERED_MAX - 1); /* and the line's end */
	buf_init_wiped(&r->made, ENTRY_BUFFERED_MAX);
	buf_init_wiped(&r->text, JSONL_RECORD_MAX);
	buf_init_wiped(&r->keys_text, JSONL_RECORD_MAX);
	buf_init_wiped(&r->subject, JSONL_RECORD_MAX);
	if ((r->active = calloc(paths->count, sizeof(*r->active))) == NULL)
		return err_sys(e, "record: memory for paths");
	return 0;
}

void
jsonl_record_free(struct jsonl_record *r)
{
	buf_free(&r->out);
	buf_free(&r->made);
	buf_free(&r->text);
	buf_free(&r->keys_text);
	buf_free(&r->subject);
	free(r->keys);
	free(r->active);
}
