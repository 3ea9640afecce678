/* One JSON record: walked along the policy's paths, changed values replaced, everything else byte for byte.
 */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "stager/apart.h"
#include "stager/entry.h"
#include "stager/utf8.h"

/* A key that only .* names: [A-Za-z_][A-Za-z0-9_]{0,63}, with figures for a number but not for a person's. */
#define WILD_KEY_MAX 64
#define WILD_KEY_FIGURES_MAX 6
static int value(struct jsonl_record *r, const struct jsonl_place *at, struct err *e);

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
dropped_by(const struct jsonl_record *r, const struct jsonl_place *at, bool inside)
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

/*
 * Whether the value at this place is another set's: as dropped_by, but that what is around something of this set stays. What is
 * neither's is looked into, and held, by the set that has a path to it.
 */
static bool
away(const struct jsonl_record *r, const struct jsonl_place *at, bool inside)
{
	bool all = true;

	for (size_t i = at->from; i < at->to; i++) {
		const struct jsonl_node *node = &r->paths->nodes[r->active[i]];

		if (node->action != NULL && !inside)
			return !policy_action_in(node->action, r->set);
		all = all && node->away;
	}
	return all;
}

/*
 * The place of the value at r->at: of a member (key given, and taken) or of an element; held where no path leads there.
 */
static int
step(struct jsonl_record *r, const struct jsonl_place *at, const struct jsonl_string *key,
    struct jsonl_place *child, struct err *e)
{
	const struct jsonl_paths *paths = r->paths;
	bool named = child->to > child->from;
	int rc;

	if (at->gone)
		return 1;

	for (size_t i = at->from; i < at->to; i++) {
		const struct jsonl_node *node = &paths->nodes[r->active[i]];
		uint32_t next = key != NULL ? node->any_key : node->any_element;

		if (next != 0)
			r->active[child->to++] = next;
	}
	r->active_count = child->to;
	if (child->to == child->from)
		return jsonl_held(r, "field-unnamed");
	if (paths->chosen && away(r, child, r->s[r->at] == '{' || r->s[r->at] == '[')) {
		child->gone = true;
		return 1;
	}
	if (dropped_by(r, child, r->s[r->at] == '{' || r->s[r->at] == '[')) {
		r->actions[ACTION_DROP]++;
		child->gone = true;
		return 1;
	}
	if (key == NULL || named)
		return 1;
	if (!plain_key(key))
		return jsonl_held(r, "field-unnamed");
	if ((rc = text_wild_name(r->scrub, (const char *)key->bytes, key->len, e)) == 1)
		return jsonl_held(r, "field-unnamed");
	return rc == -1 ? -1 : 1;
}

/* An object being read. */
struct object {
	uint64_t serial;         /* no other has it */
	size_t first, keys_text; /* of its keys that no path names */
	uint32_t before;         /* the node of the named key before; 0: none */
	bool repeats;            /* a key that a path names */
};

/*
 * The parent's child of that name, 0 where it has none. Objects mostly have their keys in one order, so the one that came behind the
 * same key the last time is looked at first.
 */
static inline uint32_t
child_of(struct jsonl_record *r, uint32_t parent, struct object *o, const struct jsonl_string *key)
{
	uint32_t *guess = o->before == 0 ? &r->met[parent].first : &r->met[o->before].next, node = *guess;

	if (node == 0 || r->paths->nodes[node].name_len != key->len ||
	    !jsonl_same(r->paths->nodes[node].name, key->bytes, key->len)) {
		if ((node = jsonl_paths_child(r->paths, parent, key->bytes, key->len)) == 0)
			return 0;
		*guess = node;
	}
	o->before = node;
	return node;
}

/*
 * The children with this name of the nodes of the object's path, into r->active behind them. Whether a key stands there twice is told by
 * its node, which has met the object's serial then; keys without one are kept and compared.
 */
static int
take_key(struct jsonl_record *r, struct object *o, const struct jsonl_place *at,
    const struct jsonl_string *key, struct jsonl_place *child, struct err *e)
{
	const struct jsonl_paths *paths = r->paths;
	uint32_t node = 0;

	if (!at->gone && (node = child_of(r, r->active[at->from], o, key)) != 0) {
		o->repeats = o->repeats || r->met[node].serial == o->serial;
		r->met[node].serial = o->serial;
		r->active[child->to++] = node;
	} else if (jsonl_keys_push(r, key, e) == -1) {
		return -1;
	}
	for (size_t i = at->from + 1; i < at->to && !at->gone; i++)
		if ((node = jsonl_paths_child(paths, r->active[i], key->bytes, key->len)) != 0)
			r->active[child->to++] = node;
	return 0;
}

/*
 * The members of an object or the elements of an array, r->at behind its opening. What is dropped leaves with
 * one comma: the one before it where something stays before it, else the one behind it.
 */
static int
container(struct jsonl_record *r, const struct jsonl_place *at, bool object, struct err *e)
{
	uint8_t closing = object ? '}' : ']';
	struct object o = {.serial = ++r->objects, .first = r->key_count, .keys_text = r->keys_text.len};
	struct jsonl_string key;
	bool stays = false, dropped;
	struct jsonl_place child;
	size_t comma = 0, start;
	int rc;

	if (at->depth >= JSONL_DEPTH_MAX)
		return jsonl_held(r, "json-depth");
	jsonl_space(r);
	if (r->at < r->len && r->s[r->at] == closing) {
		r->at++;
		return 1;
	}
	for (;;) {
		start = r->at;
		child = (struct jsonl_place){
		    .from = r->active_count, .to = r->active_count, .gone = at->gone, .depth = at->depth + 1};
		if (object) {
			if ((rc = jsonl_string(r, &key, e)) != 1)
				return rc;
			if (take_key(r, &o, at, &key, &child, e) == -1)
				return -1;
			jsonl_space(r);
			if (r->at >= r->len || r->s[r->at] != ':')
				return jsonl_held(r, "json-broken");
			r->at++;
			jsonl_space(r);
		}
		if (r->at >= r->len)
			return jsonl_held(r, "json-broken");
		if ((rc = step(r, at, object ? &key : NULL, &child, e)) != 1)
			return rc;
		if ((rc = value(r, &child, e)) != 1)
			return rc;
		r->active_count = child.from;
		dropped = child.gone && !at->gone;
		if (dropped) {
			if (jsonl_copy_to(r, stays ? comma : start, e) == -1)
				return -1;
			r->copied = r->at;
		} else {
			stays = true;
		}
		jsonl_space(r);
		if (r->at >= r->len)
			return jsonl_held(r, "json-broken");
		if (r->s[r->at] == closing)
			break;
		if (r->s[r->at] != ',')
			return jsonl_held(r, "json-broken");
		comma = r->at++;
		jsonl_space(r);
		if (dropped && !stays)
			r->copied = r->at;
	}
	if (dropped && !stays)
		r->copied = r->at;
	r->at++;
	if (o.repeats || (object && r->key_count > o.first && jsonl_keys_repeat(r, o.first)))
		return jsonl_held(r, "json-duplicate-key");
	r->key_count = o.first;
	r->keys_text.len = o.keys_text;
	return 1;
}

static int
value(struct jsonl_record *r, const struct jsonl_place *at, struct err *e)
{
	int rc;

	if (r->at >= r->len)
		return jsonl_held(r, "json-broken");
	switch (r->s[r->at]) {
	case '{':
	case '[':
		r->at++;
		return container(r, at, r->s[r->at - 1] == '{', e);
	default:
		rc = r->tuple == NULL ? jsonl_leaf(r, at, e) : jsonl_quasi_leaf(r, at, e);
		if (rc == 0)
			r->wrong = jsonl_action(r, at);
		return rc;
	}
}

/* Whom the record is about, before anything of it is looked at. 1 also where nothing says so: it will be held for that. */
static int
find_person(struct jsonl_record *r, struct err *e)
{
	const char *dropped;
	int rc = jsonl_subject_read(r, e);

	if (rc != 1 || !r->has_subject || r->scrub->context == NULL)
		return rc;
	switch (subject_find(r->scrub, (const char *)r->subject.data, r->subject.len, &dropped, &r->reason)) {
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
	struct jsonl_place root = {.from = 0, .to = 1};
	int rc;

	r->s = line;
	r->len = len;
	r->at = r->copied = r->key_count = r->keys_text.len = 0;
	r->reason = NULL;
	r->wrong = NULL;
	r->has_subject = false;
	r->subject_at_count = r->subject_at_next = 0;
	r->place_count = 0;
	if (r->texts)
		r->finds = (struct text_finds){0};
	memset(r->actions, 0, sizeof(r->actions));
	buf_clear(&r->out);
	r->active[0] = 0;
	r->active_count = 1;
	if (!utf8_valid(line, len))
		return jsonl_held(r, "not-utf8");
	jsonl_space(r);
	/* A line is an object; a document may be an array. */
	if (r->at >= len ||
	    (line[r->at] != '{' && !(line[r->at] == '[' && r->scrub->rule->format == FORMAT_JSON)))
		return jsonl_held(r, "json-broken");
	/* A canary is all of one subject, of whom no context knows. */
	if (r->paths->subject_count > 0 && (r->scrub->context != NULL || r->scrub->subject == NULL) &&
	    (rc = find_person(r, e)) != 1)
		return rc;
	if ((rc = value(r, &root, e)) == 1) {
		jsonl_space(r);
		if (r->at != len)
			return jsonl_held(r, "json-broken");
		rc = jsonl_copy_to(r, len, e) == -1 ? -1 : 1;
	}
	/* Tags are longer than what they stand for. */
	if (rc == -1 && e->code == ERR_LIMIT)
		return jsonl_held(r, "record-too-long");
	if (rc == 1 && r->paths->subject_count > 0 && !r->has_subject &&
	    (r->scrub->context != NULL || r->scrub->subject == NULL))
		return jsonl_held(r, "subject-missing");
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
	for (size_t i = 0; i < s->rule->field_count; i++)
		r->texts = r->texts || s->rule->fields[i].action.kind == ACTION_TEXT;
	r->active = apart_calloc(paths->count, sizeof(*r->active));
	r->met = apart_calloc(paths->count, sizeof(*r->met));
	if (r->active == NULL || r->met == NULL)
		return err_sys(e, "record: memory for paths");
	return jsonl_quasi_open(r, e);
}

void
jsonl_record_free(struct jsonl_record *r)
{
	buf_free(&r->out);
	buf_free(&r->made);
	buf_free(&r->text);
	buf_free(&r->keys_text);
	buf_free(&r->subject);
	jsonl_quasi_close(r);
	free(r->keys);
	free(r->subject_at);
	jsonl_bundle_free(r->bundle);
	free(r->active);
	free(r->met);
}
