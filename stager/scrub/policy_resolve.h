/* From the tree of a policy's YAML to the resolved form: the parts, each with its defaults filled in. */
#ifndef SCRUB_POLICY_RESOLVE_H
#define SCRUB_POLICY_RESOLVE_H

#include "stager/json.h"
#include "yaml_tree.h"

/* The list under `files`. NULL with ERR_INPUT ("line N: ..."). Caller frees. */
struct json *resolve_files(const struct yaml_node *files, struct err *e) MUST_CHECK;
/* An action, a word or a mapping. NULL with ERR_INPUT. Caller frees. policy_action.c. */
struct json *resolve_action(const struct yaml_node *n, struct err *e) MUST_CHECK;
/* A text that is a pattern; one that takes the empty value only where that is allowed. */
int resolve_pattern(const struct yaml_node *n, const char *what, bool empty, struct err *e) MUST_CHECK;

#endif
