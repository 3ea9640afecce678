/* stager-node's command line, and what its commands write. */
#ifndef ROLES_NODE_H
#define ROLES_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/node.h"

enum node_command { NODE_KEYGEN, NODE_LIST, NODE_CAT };

struct node_options {
	enum node_command command;
	bool help, json;
	const char *out, *pub;
	const char *house, *pin, *request, *job_key, *from;
	uint64_t slot, restart; /* below RELEASE_SLOTS_MAX */
	uint64_t *rows;         /* of the shards named, in that order; owned */
	size_t row_count;
	char **argv; /* of a command that runs another one: that one's words, NULL after them; not owned */
};

/* ERR_USAGE. free o->rows. */
int node_options_parse(int argc, char **argv, struct node_options *o, struct err *e) MUST_CHECK;
void node_help(void);

/* The members of all shards, by the index, on stdout: a line each, or the index's own JSON lines. */
int node_list(const struct node_release *r, struct node_store *store, bool json, struct err *e) MUST_CHECK;
/* One tar on stdout of the rows, in that order. */
int node_cat(const struct node_release *r, struct node_store *store, const uint64_t *rows, size_t count,
    struct err *e) MUST_CHECK;

#endif
