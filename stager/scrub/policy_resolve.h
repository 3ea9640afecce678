/* From the tree of a policy's YAML to the resolved form: the parts, each with its defaults filled in. */
#ifndef SCRUB_POLICY_RESOLVE_H
#define SCRUB_POLICY_RESOLVE_H

#include "stager/json.h"
#include "yaml_tree.h"

/* What `subject` at the top means to the rules for files. */
struct linking {
	const struct yaml_node
	    *table;         /* the rule that reads the subject table; NULL: the policy has no `subject` */
	const char *column; /* of the key there */
};
/*
 * The part `subject` with its table's rule, found among files; linking is filled. *out stays NULL where the policy has
 * none. policy_subject.c.
 */
int resolve_subject(const struct yaml_node *root, const struct yaml_node *files, struct linking *linking,
    struct json **out, struct err *e) MUST_CHECK;
/* The list under `files`. NULL with ERR_INPUT ("line N: ..."). Caller frees. */
struct json *resolve_files(
    const struct yaml_node *files, const struct linking *linking, struct err *e) MUST_CHECK;
/* An action, a word or a mapping. NULL with ERR_INPUT. Caller frees. policy_action.c. */
struct json *resolve_action(const struct yaml_node *n, struct err *e) MUST_CHECK;
/* A text that is a pattern; one that takes the empty value only where that is allowed. */
int resolve_pattern(const struct yaml_node *n, const char *what, bool empty, struct err *e) MUST_CHECK;

#endif
