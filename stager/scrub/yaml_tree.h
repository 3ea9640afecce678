/* YAML as policies use it: a tree of texts, lists and mappings, each with its line. */
#ifndef SCRUB_YAML_TREE_H
#define SCRUB_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/err.h"

#define YAML_SIZE_MAX (1u << 20)
#define YAML_DEPTH_MAX 16
#define YAML_NODES_MAX 100000
#define YAML_TEXT_MAX 4096

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	size_t line;
	char *text; /* TEXT: UTF-8 without NUL inside */
	size_t count, cap;
	struct yaml_node **keys; /* MAP: texts, none twice */
	struct yaml_node **items;
};

/* One document; NULL with ERR_INPUT ("line N: ..."). Caller frees. */
struct yaml_node *yaml_tree_parse(const void *yaml, size_t len, struct err *e) MUST_CHECK;
void yaml_tree_free(struct yaml_node *n);

/* "line N: ..." with ERR_INPUT; returns -1. */
int yaml_bad(const struct yaml_node *n, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* NULL where n is NULL, no mapping, or has no such key. */
const struct yaml_node *yaml_get(const struct yaml_node *n, const char *key);

/* A key that a mapping may have; later: known to the schema, and not done by this version. */
struct yaml_key {
	const char *name;
	bool later;
};
/* n is a mapping, and all its keys are in the list, which a NULL name ends, and are done. where: for
 * messages. */
int yaml_expect_keys(
    const struct yaml_node *n, const struct yaml_key *keys, const char *where, struct err *e) MUST_CHECK;
/* The value under the key; NULL with "`key` is missing in WHERE". */
const struct yaml_node *yaml_need(
    const struct yaml_node *map, const char *key, const char *where, struct err *e) MUST_CHECK;
/* The text of a node that must be one; what names it in the message. NULL with e set. */
const char *yaml_need_text(const struct yaml_node *n, const char *what, struct err *e) MUST_CHECK;
/* n must be a list of min items or more. */
int yaml_need_list(const struct yaml_node *n, size_t min, const char *what, struct err *e) MUST_CHECK;

#endif
