/* Damage a canonical document in every way, and see that its reader takes none of it for the original. */
#ifndef TESTS_MUTATE_H
#define TESTS_MUTATE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/err.h"
#include "stager/json.h"
#include "vectors.h"

/* A file of tests/vectors/, whole. */
static inline struct buf
mutate_vector(const char *name)
{
	struct err e;
	struct buf b;

	if (vector_read(name, &b, &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	return b;
}

/* Did writing it again give the same bytes? 0 or 1, as take returns. */
static inline int
mutate_same(const struct buf *again, const void *data, size_t len)
{
	return again->len == len && memcmp(again->data, data, len) == 0 ? 0 : 1;
}

/* A string of len times c. */
static inline struct json *
mutate_text(size_t len, char c)
{
	char *text = malloc(len + 1);
	struct json *j;

	if (text == NULL)
		abort();
	memset(text, c, len);
	j = json_string_len(text, len);
	free(text);
	return j;
}

/* Every bit; under sanitizers, where each look takes ten times as long, one bit of every byte. */
#ifdef STAGER_SANITIZED
#define MUTATE_STEP 9
#else
#define MUTATE_STEP 1
#endif

struct mutate {
	/*
	 * Read a document: 0 where it is taken and writing it again gives the same bytes; 1 where it is taken
	 * but gives other bytes; -1 with e set where it is refused.
	 */
	int (*take)(const void *data, size_t len, struct err *e);
	const char *const *optional; /* keys that may be missing; NULL ends */
	const char *const *open;     /* keys of objects that take other keys of the same form; NULL ends */
	const struct json *root;
};

static inline bool
mutate_in(const char *const *list, const char *key)
{
	for (; list != NULL && *list != NULL; list++)
		if (key != NULL && strcmp(*list, key) == 0)
			return true;
	return false;
}

/* The document as it now stands must be refused, as a matter of form. */
static inline void
mutate_refused(const struct mutate *m, const char *what, const char *key)
{
	struct json *copy = json_copy(m->root);
	struct err e = {.code = ERR_NONE};
	struct buf text;
	int rc;

	buf_init(&text, 4 << 20);
	if (json_encode(copy, &text, &e) == -1)
		abort();
	rc = m->take(text.data, text.len, &e);
	if (rc != -1 || (e.code != ERR_INPUT && e.code != ERR_LIMIT))
		fprintf(stderr, "taken, or refused for another reason (%s): %s %s\n", e.text, what, key);
	CHECK(rc == -1 && (e.code == ERR_INPUT || e.code == ERR_LIMIT));
	buf_free(&text);
	json_free(copy);
}

/* Every key away, one key more, every value of another type, at every depth. name: the key this stands under.
 */
static inline void
mutate_tree(const struct mutate *m, struct json *j, const char *name)
{
	static struct json nothing = {.type = JSON_NULL}, yes = {.type = JSON_BOOL, .boolean = true};
	static char empty[] = "";
	static struct json string = {.type = JSON_STRING, .string = empty};
	static struct json number = {.type = JSON_INT, .integer = -1}, list = {.type = JSON_ARRAY};
	static struct json object = {.type = JSON_OBJECT};
	static struct json *const others[] = {&nothing, &yes, &string, &number, &list, &object};

	if (j->type == JSON_OBJECT) {
		size_t last = j->count - 1;

		for (size_t i = 0; i < j->count; i++) {
			struct json *item = j->items[i];
			char *key = j->keys[i];

			if (mutate_in(m->optional, key) || mutate_in(m->open, name))
				continue;
			j->items[i] = j->items[last];
			j->keys[i] = j->keys[last];
			j->count--;
			mutate_refused(m, "without", key);
			j->count++;
			j->items[last] = j->items[i];
			j->keys[last] = j->keys[i];
			j->items[i] = item;
			j->keys[i] = key;
		}
		json_set(j, "UNKNOWN KEY", json_null());
		mutate_refused(m, "one key more in", name);
		j->count--;
		free(j->keys[j->count]);
		json_free(j->items[j->count]);
	}
	for (size_t i = 0; i < j->count; i++) {
		struct json *item = j->items[i];
		const char *key = j->type == JSON_OBJECT ? j->keys[i] : name;

		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
			if (others[k]->type == item->type && item->type != JSON_INT &&
			    item->type != JSON_STRING)
				continue;
			if (others[k]->type == JSON_NULL && strcmp(key, "predecessor") == 0)
				continue;
			if (others[k]->type == JSON_STRING && item->type == JSON_STRING &&
			    mutate_in(m->open, name))
				continue;
			j->items[i] = others[k];
			mutate_refused(m, "another value of", key);
		}
		j->items[i] = item;
		mutate_tree(m, item, key);
	}
}

/* The whole of it: as it is, cut at each length, each bit changed, and the tree. */
static inline void
mutate_all(int (*take)(const void *, size_t, struct err *), const struct buf *text,
    const char *const *optional, const char *const *open)
{
	struct mutate m = {.take = take, .optional = optional, .open = open};
	struct err e = {.code = ERR_NONE};
	uint8_t *copy = malloc(text->len + 1);
	struct json *root;

	if (copy == NULL)
		abort();
	CHECK(take(text->data, text->len, &e) == 0);
	for (size_t n = 0; n < text->len; n++) {
		/* A copy of exactly this length, so that a sanitizer sees a read past it. */
		uint8_t *cut = malloc(n + (n == 0));

		if (cut == NULL)
			abort();
		memcpy(cut, text->data, n);
		CHECK(take(cut, n, &e) == -1);
		free(cut);
	}
	memcpy(copy, text->data, text->len);
	for (size_t i = 0; i < 8 * text->len; i += MUTATE_STEP) {
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		/* What is still taken is another document, whole and canonical. */
		CHECK(take(copy, text->len, &e) != 1);
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	copy[text->len] = ' ';
	CHECK(take(copy, text->len + 1, &e) == -1);
	copy[text->len] = '\n';
	CHECK(take(copy, text->len + 1, &e) == -1);
	free(copy);
	root = json_parse(text->data, text->len, "vector", &e);
	CHECK(root != NULL);
	if (root != NULL) {
		m.root = root;
		mutate_tree(&m, root, "");
	}
	json_free(root);
}

/* The first member twice: {"a":1,... becomes {"a":1,"a":1,... */
static inline void
mutate_twice(int (*take)(const void *, size_t, struct err *), const struct buf *text)
{
	struct json *root, *first;
	struct buf twice;
	struct err e;

	buf_init(&twice, 4 << 20);
	root = json_parse(text->data, text->len, "vector", &e);
	if (root == NULL)
		abort();
	first = json_object();
	json_set(first, root->keys[0], json_copy(root->items[0]));
	if (json_encode(first, &twice, &e) == -1)
		abort();
	twice.data[twice.len - 1] = ',';
	if (buf_put(&twice, text->data + 1, text->len - 1, &e) == -1)
		abort();
	CHECK(take(twice.data, twice.len, &e) == -1 && e.code == ERR_INPUT);
	json_free(first);
	json_free(root);
	buf_free(&twice);
}

/* Set the value at a path such as "predicate.sets.abroad.hold.0"; value NULL takes the last part away. */
static inline struct buf
mutate_set(const struct buf *text, const char *path, struct json *value)
{
	struct json *root, *at;
	char part[128];
	struct err e;
	struct buf out;

	buf_init(&out, 4 << 20);
	if ((root = json_parse(text->data, text->len, "vector", &e)) == NULL)
		abort();
	at = root;
	for (const char *p = path;;) {
		size_t len = strcspn(p, "."), i;

		memcpy(part, p, len);
		part[len] = '\0';
		if (at->type == JSON_ARRAY)
			i = (size_t)strtoul(part, NULL, 10);
		else
			for (i = 0; i < at->count && strcmp(at->keys[i], part) != 0; i++)
				;
		if (p[len] == '\0') {
			if (value == NULL)
				abort();
			if (i < at->count) {
				json_free(at->items[i]);
				at->items[i] = value;
			} else if (at->type == JSON_ARRAY) {
				json_push(at, value);
			} else {
				json_set(at, part, value);
			}
			break;
		}
		if (i >= at->count)
			abort();
		at = at->items[i];
		p += len + 1;
	}
	if (json_encode(root, &out, &e) == -1)
		abort();
	json_free(root);
	return out;
}

/* The document with that value must be taken (or refused). Owns value. */
static inline void
mutate_value(int (*take)(const void *, size_t, struct err *), const struct buf *text, const char *path,
    struct json *value, bool taken)
{
	struct buf out = mutate_set(text, path, value);
	struct err e = {.code = ERR_NONE};
	int rc = take(out.data, out.len, &e);

	if ((rc == 0) != taken)
		fprintf(stderr, "%s: %s\n", path, rc == 0 ? "taken" : e.text);
	CHECK((rc == 0) == taken);
	buf_free(&out);
}

#endif
