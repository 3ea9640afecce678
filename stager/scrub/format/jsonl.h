/* The parts of the JSON Lines reader: the policy's paths, and one record. Only for jsonl*.c. */
#ifndef SCRUB_JSONL_H
#define SCRUB_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/policy.h"
#include "../subject.h"
#include "stager/scrub.h"

#define JSONL_DEPTH_MAX 64
#define JSONL_RECORD_MAX (8u << 20)
#define JSONL_PART_MAX (16u << 20)
#define JSONL_ACTIONS ACTION_KINDS

/* The paths of a rule as a tree; node 0 is $. */
struct jsonl_node {
	uint32_t parent;
	uint32_t any_key, any_element; /* children; 0: none */
	const char *name;              /* of the rule; NULL for * and [*] */
	size_t name_len;
	const struct action *action; /* of the rule; NULL where no path ends here */
};

struct jsonl_paths {
	struct jsonl_node *nodes;
	size_t count, cap;
	uint32_t *table; /* named children by parent and name; 0: free */
	size_t table_cap;
	/* the subject's path: its keys, in order */
	struct {
		const char *name;
		size_t len;
	} subject[JSONL_DEPTH_MAX];
	size_t subject_count;
};

/* From rule->fields and rule->subject; -1 with ERR_INPUT for a path of another form. p is to be freed also
 * then. */
int jsonl_paths_make(struct jsonl_paths *p, const struct rule *rule, struct err *e) MUST_CHECK;
void jsonl_paths_free(struct jsonl_paths *p);
/* The child of that name; 0 where there is none. */
uint32_t jsonl_paths_child(const struct jsonl_paths *p, uint32_t parent, const uint8_t *name, size_t len);

struct jsonl_key {
	size_t at; /* in the record, or in `keys_text` where it has escapes */
	size_t len;
	bool escaped;
};

/* One record being read; the memory is used again for the next. */
struct jsonl_record {
	const struct scrub *scrub;
	const struct jsonl_paths *paths;
	const uint8_t *s; /* the line */
	size_t len, at;
	size_t copied;      /* up to here it stands in out, changed or not */
	struct buf out;     /* the scrubbed record */
	const char *reason; /* why it is held */
	bool has_subject;
	struct buf subject;
	struct subject person; /* where there is a context: whom that is */
	uint64_t actions[JSONL_ACTIONS];
	struct text_finds finds;
	/* within */
	struct buf text, made, keys_text;
	struct jsonl_key *keys;
	size_t key_count, key_cap;
	uint32_t *active; /* the nodes that the present path matches, a level behind the other */
	size_t active_count;
};

int jsonl_record_init(
    struct jsonl_record *r, const struct scrub *s, const struct jsonl_paths *paths, struct err *e) MUST_CHECK;
void jsonl_record_free(struct jsonl_record *r);
/* 1: r->out holds the scrubbed record; 0: held, r->reason says why; JSONL_DROPPED: it leaves with its subject, r->reason is
 * then a word of the report's "subjects"; -1 with e set. */
#define JSONL_DROPPED 2
int jsonl_record_scrub(struct jsonl_record *r, const uint8_t *line, size_t len, struct err *e) MUST_CHECK;

/*
 * jsonl_subject.c: the value at the subject's path into r->subject, before anything else is done with the record. r->has_subject
 * stays false where there is none, or where the record cannot be followed that far.
 */
int jsonl_subject_read(struct jsonl_record *r, struct err *e) MUST_CHECK;

/* Tokens (jsonl_token.c), at r->at. 1, or 0 with r->reason set, or -1. */
struct jsonl_string {
	size_t start, end;    /* of the token, quotes included */
	const uint8_t *bytes; /* its value: in the record, or in r->text until the next string */
	size_t len;
	bool escaped;
};
int jsonl_string(struct jsonl_record *r, struct jsonl_string *out, struct err *e) MUST_CHECK;
/* Moves past a number; false where there is none. */
bool jsonl_number(struct jsonl_record *r);
void jsonl_space(struct jsonl_record *r);
/* Append as a JSON string, quotes included. */
int jsonl_quote(struct buf *out, const uint8_t *s, size_t len, struct err *e) MUST_CHECK;

#endif
