/* YAML to a tree: libyaml's events, with everything refused that would make a policy mean more than it says.
 */
#include "yaml_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

struct builder {
	yaml_parser_t parser;
	size_t nodes;
	struct err *e;
};

static int
bad_line(struct err *e, size_t line, const char *why)
{
	return err_set(e, ERR_INPUT, "line %zu: %s", line, why);
}

int
yaml_bad(const struct yaml_node *n, struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return bad_line(e, n->line, text);
}

void
yaml_tree_free(struct yaml_node *n)
{
	if (n == NULL)
		return;
	/* As deep as YAML_DEPTH_MAX. */
	for (size_t i = 0; i < n->count; i++) {
		if (n->keys != NULL)
			yaml_tree_free(n->keys[i]);
		yaml_tree_free(n->items[i]);
	}
	free(n->keys);
	free(n->items);
	free(n->text);
	free(n);
}

/* The next event; the caller deletes it. */
static int
next_event(struct builder *b, yaml_event_t *event)
{
	size_t line;

	if (yaml_parser_parse(&b->parser, event) == 1)
		return 0;
	memset(event, 0, sizeof(*event));
	if (b->parser.error == YAML_MEMORY_ERROR)
		return err_set(b->e, ERR_SYSTEM, "policy: out of memory");
	line = b->parser.error == YAML_READER_ERROR ? b->parser.mark.line : b->parser.problem_mark.line;
	return bad_line(b->e, line + 1, b->parser.problem != NULL ? b->parser.problem : "not YAML");
}

static struct yaml_node *
node_new(struct builder *b, enum yaml_kind kind, size_t line)
{
	struct yaml_node *n;

	if (b->nodes++ == YAML_NODES_MAX) {
		bad_line(b->e, line, "more than 100000 values");
		return NULL;
	}
	if ((n = calloc(1, sizeof(*n))) == NULL) {
		err_sys(b->e, "policy");
		return NULL;
	}
	n->kind = kind;
	n->line = line;
	return n;
}

/* n owns key (NULL in a list) and item from here on, also where it fails. */
static int
node_add(struct builder *b, struct yaml_node *n, struct yaml_node *key, struct yaml_node *item)
{
	size_t cap = n->cap == 0 ? 8 : n->cap * 2;
	struct yaml_node **items, **keys;

	if (item == NULL)
		goto fail;
	if (n->count == n->cap) {
		if ((items = reallocarray(n->items, cap, sizeof(*items))) == NULL)
			goto no_memory;
		n->items = items;
		if (n->kind == YAML_MAP) {
			if ((keys = reallocarray(n->keys, cap, sizeof(*keys))) == NULL)
				goto no_memory;
			n->keys = keys;
		}
		n->cap = cap;
	}
	if (n->kind == YAML_MAP)
		n->keys[n->count] = key;
	n->items[n->count++] = item;
	return 0;
no_memory:
	err_sys(b->e, "policy");
fail:
	yaml_tree_free(key);
	yaml_tree_free(item);
	return -1;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct yaml_node *const *x = a, *const *y = b;
	int order = strcmp((*x)->text, (*y)->text);

	if (order != 0)
		return order;
	return (*x)->line < (*y)->line ? -1 : (*x)->line > (*y)->line;
}

static int
check_repeated(struct builder *b, const struct yaml_node *n)
{
	struct yaml_node **sorted;
	int rc = 0;

	if (n->count < 2)
		return 0;
	if ((sorted = calloc(n->count, sizeof(struct yaml_node *))) == NULL)
		return err_sys(b->e, "policy");
	memcpy(sorted, n->keys, n->count * sizeof(struct yaml_node *));
	qsort(sorted, n->count, sizeof(struct yaml_node *), compare_keys);
	for (size_t i = 1; rc == 0 && i < n->count; i++)
		if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0)
			rc = yaml_bad(sorted[i], b->e, "the key `%.64s` stands twice, first in line %zu",
			    sorted[i]->text, sorted[i - 1]->line);
	free(sorted);
	return rc;
}

static struct yaml_node *
build_text(struct builder *b, const yaml_event_t *event, size_t line)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct yaml_node *n;

	if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
		bad_line(b->e, line,
		    event->data.scalar.tag != NULL ? "tags (!) are refused" : "anchors (&) are refused");
		return NULL;
	}
	if (len > YAML_TEXT_MAX || memchr(value, '\0', len) != NULL) {
		bad_line(b->e, line,
		    len > YAML_TEXT_MAX ? "a value is longer than 4096 bytes" : "a value holds a NUL");
		return NULL;
	}
	if ((n = node_new(b, YAML_TEXT, line)) == NULL)
		return NULL;
	if ((n->text = strndup(value, len)) == NULL) {
		err_sys(b->e, "policy");
		yaml_tree_free(n);
		return NULL;
	}
	return n;
}

static struct yaml_node *build(struct builder *b, yaml_event_t *event, unsigned depth);

/* The items of a list or mapping up to its end. */
static int
build_items(struct builder *b, struct yaml_node *n, unsigned depth)
{
	yaml_event_type_t end = n->kind == YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	struct yaml_node *key, *item;
	yaml_event_t event;
	bool done;

	for (;;) {
		if (next_event(b, &event) == -1)
			return -1;
		done = event.type == end;
		item = done ? NULL : build(b, &event, depth + 1);
		yaml_event_delete(&event);
		if (done)
			return n->kind == YAML_MAP ? check_repeated(b, n) : 0;
		if (item == NULL)
			return -1;
		key = NULL;
		if (n->kind == YAML_MAP) {
			key = item;
			item = NULL;
			if (key->kind != YAML_TEXT) {
				yaml_bad(key, b->e, "a key that is not a plain word");
			} else if (next_event(b, &event) == 0) {
				item = build(b, &event, depth + 1);
				yaml_event_delete(&event);
			}
		}
		if (node_add(b, n, key, item) == -1)
			return -1;
	}
}

/* The node that begins with this event. */
static struct yaml_node *
build(struct builder *b, yaml_event_t *event, unsigned depth)
{
	size_t line = event->start_mark.line + 1;
	bool map = event->type == YAML_MAPPING_START_EVENT;
	struct yaml_node *n;

	if (depth > YAML_DEPTH_MAX) {
		bad_line(b->e, line, "nested too deep");
		return NULL;
	}
	if (event->type == YAML_SCALAR_EVENT)
		return build_text(b, event, line);
	if (event->type == YAML_ALIAS_EVENT) {
		bad_line(b->e, line, "aliases (*) are refused");
		return NULL;
	}
	if (!map && event->type != YAML_SEQUENCE_START_EVENT) {
		bad_line(b->e, line, "no value where one must be");
		return NULL;
	}
	if ((map ? event->data.mapping_start.tag : event->data.sequence_start.tag) != NULL) {
		bad_line(b->e, line, "tags (!) are refused");
		return NULL;
	}
	if ((map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor) != NULL) {
		bad_line(b->e, line, "anchors (&) are refused");
		return NULL;
	}
	if ((n = node_new(b, map ? YAML_MAP : YAML_LIST, line)) == NULL)
		return NULL;
	if (build_items(b, n, depth) == -1) {
		yaml_tree_free(n);
		return NULL;
	}
	return n;
}

/* The event must be of this type; it is deleted. */
static int
expect_event(struct builder *b, yaml_event_type_t type, const char *why)
{
	yaml_event_t event;
	int rc = 0;

	if (next_event(b, &event) == -1)
		return -1;
	if (event.type != type)
		rc = bad_line(b->e, event.start_mark.line + 1, why);
	else if (type == YAML_DOCUMENT_START_EVENT && (event.data.document_start.version_directive != NULL ||
							  event.data.document_start.tag_directives.start !=
							      event.data.document_start.tag_directives.end))
		rc = bad_line(b->e, event.start_mark.line + 1, "directives (%) are refused");
	yaml_event_delete(&event);
	return rc;
}

struct yaml_node *
yaml_tree_parse(const void *yaml, size_t len, struct err *e)
{
	const unsigned char *text = len == 0 ? (const unsigned char *)"" : yaml;
	struct builder b = {.e = e};
	struct yaml_node *root = NULL;
	yaml_event_t event;
	bool done = false;

	if (len > YAML_SIZE_MAX) {
		bad_line(e, 1, "the policy is larger than 1 MiB");
		return NULL;
	}
	if (yaml_parser_initialize(&b.parser) != 1) {
		err_set(e, ERR_SYSTEM, "policy: out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	/* libyaml skips a byte order mark only where it finds out the encoding by itself, and then takes
	 * UTF-16 too. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	yaml_parser_set_input_string(&b.parser, text, len);
	if (expect_event(&b, YAML_STREAM_START_EVENT, "not YAML") == -1 ||
	    expect_event(&b, YAML_DOCUMENT_START_EVENT, "the policy is empty") == -1)
		goto out;
	if (next_event(&b, &event) == -1)
		goto out;
	root = build(&b, &event, 1);
	yaml_event_delete(&event);
	if (root == NULL || expect_event(&b, YAML_DOCUMENT_END_EVENT, "not YAML") == -1 ||
	    expect_event(&b, YAML_STREAM_END_EVENT, "a second document begins") == -1)
		goto out;
	done = true;
out:
	yaml_parser_delete(&b.parser);
	if (!done) {
		yaml_tree_free(root);
		root = NULL;
	}
	return root;
}

const struct yaml_node *
yaml_get(const struct yaml_node *n, const char *key)
{
	if (n == NULL || n->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->keys[i]->text, key) == 0)
			return n->items[i];
	return NULL;
}

int
yaml_expect_keys(const struct yaml_node *n, const struct yaml_key *keys, const char *where, struct err *e)
{
	if (n->kind != YAML_MAP)
		return yaml_bad(n, e, "%s is not a mapping (key: value)", where);
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_key *key = keys;

		while (key->name != NULL && strcmp(key->name, n->keys[i]->text) != 0)
			key++;
		if (key->name == NULL)
			return yaml_bad(n->keys[i], e, "unknown key `%.64s` in %s", n->keys[i]->text, where);
		if (key->later)
			return yaml_bad(n->keys[i], e, "`%s` is not done by this version", key->name);
	}
	return 0;
}

const struct yaml_node *
yaml_need(const struct yaml_node *map, const char *key, const char *where, struct err *e)
{
	const struct yaml_node *n = yaml_get(map, key);

	if (n == NULL)
		yaml_bad(map, e, "`%s` is missing in %s", key, where);
	return n;
}

const char *
yaml_need_text(const struct yaml_node *n, const char *what, struct err *e)
{
	if (n->kind == YAML_TEXT)
		return n->text;
	yaml_bad(n, e, "%s is not a single value", what);
	return NULL;
}

int
yaml_need_list(const struct yaml_node *n, size_t min, const char *what, struct err *e)
{
	if (n->kind != YAML_LIST)
		return yaml_bad(n, e, "%s is not a list", what);
	if (n->count < min)
		return yaml_bad(n, e, "%s is empty", what);
	return 0;
}
