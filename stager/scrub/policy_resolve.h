/* From the tree of a policy's YAML to the resolved form: the parts, each with its defaults filled in. */
#ifndef SCRUB_POLICY_RESOLVE_H
#define SCRUB_POLICY_RESOLVE_H

#include "stager/json.h"
#include "yaml_tree.h"

struct policy_file;

/* The files that were given with the policy, and what was read of them. */
struct beside {
	const struct policy_file *files;
	size_t count;
	struct json *hierarchies; /* in the order of their first use */
};

/* What the rest of the policy means to the rules for files. */
struct linking {
	struct beside *beside;
	const struct yaml_node
	    *table;         /* the rule that reads the subject table; NULL: the policy has no `subject` */
	const char *column; /* of the key there */
	const struct yaml_node *attributes; /* NULL: none */
	bool shift;                         /* `dates` has it */
	const struct yaml_node *sets; /* the mapping under `sets`; NULL: none, which is refused in the end */
};
/* The mapping under `attributes` of `subject`, into list. policy_attribute.c. */
int resolve_attributes(
    const struct yaml_node *n, struct linking *linking, struct json *list, struct err *e) MUST_CHECK;
/* The name of an attribute, where it is used; bands: only one that has them will do. */
int resolve_attribute_use(const struct yaml_node *n, const struct linking *linking, bool bands,
    const char **name, struct err *e) MUST_CHECK;
/*
 * The part `subject` with its table's rule, found among files; linking is filled. *out stays NULL where the policy has
 * none. policy_subject.c.
 */
int resolve_subject(const struct yaml_node *root, const struct yaml_node *files, struct linking *linking,
    struct json **out, struct err *e) MUST_CHECK;
/* The part `text`, set in out. policy_text.c. */
int resolve_text(
    const struct yaml_node *root, const struct linking *linking, struct json *out, struct err *e) MUST_CHECK;

/*
 * {hierarchy: NAME.csv, level: N, other: hold | blank} of map into out; other keys of map are not looked at. found: what was read of the
 * file, NULL where that is not wanted; it lives as long as linking->beside. policy_beside.c.
 */
int resolve_hierarchy(const struct yaml_node *map, const struct linking *linking, struct json *out,
    const struct json **found, struct err *e) MUST_CHECK;
/* A list of words of `text`, NAME.txt in it standing for those of a file. NULL with e set. Caller frees. policy_beside.c. */
struct json *resolve_words(
    const struct yaml_node *map, const char *key, const struct linking *linking, struct err *e) MUST_CHECK;

/* A mapping of the policy, with its name for messages; NULL stands for all defaults. */
int resolve_keys(
    const struct yaml_node *n, const struct yaml_key *keys, const char *where, struct err *e) MUST_CHECK;
/* One of the words, the first of which is the default; later: words that are known and not done. NULL with e
 * set. */
const char *resolve_one_of(const struct yaml_node *map, const char *key, const char *const *words,
    const char *const *later, struct err *e) MUST_CHECK;
/* A list of texts that are different, each accepted by ok, as a new array. NULL with e set. Caller frees. */
struct json *resolve_list(const struct yaml_node *n, const char *what, size_t min, size_t max,
    bool (*ok)(const char *), const char *form, struct err *e) MUST_CHECK;

/* The list under `files`. NULL with ERR_INPUT ("line N: ..."). Caller frees. */
struct json *resolve_files(
    const struct yaml_node *files, const struct linking *linking, struct err *e) MUST_CHECK;
/* The mapping `namespaces` of a rule for XML, into list. policy_xml.c. */
int resolve_namespaces(const struct yaml_node *n, struct json *list, struct err *e) MUST_CHECK;
/* The paths of a rule for XML, and of its subject (NULL: none), with those prefixes. policy_xml.c. */
int resolve_xml_paths(const struct yaml_node *fields, const struct yaml_node *subject,
    const struct json *namespaces, struct err *e) MUST_CHECK;
/* One of two words, the first of them the default; later: a third that is not done yet, or NULL. */
int resolve_rule_choice(const struct yaml_node *rule, const char *key, const char *first, const char *second,
    const char *later, struct json *out, struct err *e) MUST_CHECK;
/*
 * What `subject` says, as a text; *said is NULL where it is not said, or says none. A policy with `subject` at the top
 * has every rule say it: nothing of a person who is excluded may pass because nobody said whose it is.
 */
int resolve_rule_subject(
    const struct yaml_node *rule, const struct linking *linking, const char **said, struct err *e) MUST_CHECK;
/* What a rule of format dicom says beside its match, into out. policy_rule_dicom.c. */
int resolve_dicom(
    const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e) MUST_CHECK;
/* An action, a word or a mapping. NULL with ERR_INPUT. Caller frees. policy_action.c. */
struct json *resolve_action(
    const struct yaml_node *n, const struct linking *linking, struct err *e) MUST_CHECK;
/* `set` of a rule, where it says one, into the rule. policy_sets.c. */
int resolve_rule_set(
    const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e) MUST_CHECK;
/* An action that may have `set` beside it, into the field: "action", and "set" where it says one. */
int resolve_field_set(
    const struct yaml_node *n, const struct linking *linking, struct json *field, struct err *e) MUST_CHECK;
/* The part `sets`, after the rules, which must use each of them. */
int resolve_sets(const struct yaml_node *root, struct json *out, struct err *e) MUST_CHECK;
/* A text that is a pattern; one that takes the empty value only where that is allowed. */
int resolve_pattern(const struct yaml_node *n, const char *what, bool empty, struct err *e) MUST_CHECK;

/* A share under the key: {"count"} or {"ppm"}, 0 where there is none. NULL with ERR_INPUT. Caller frees. */
struct json *resolve_share(const struct yaml_node *map, const char *key, struct err *e) MUST_CHECK;
/* The part `disclosure`, where there is one whose unit is a subject. policy_disclosure.c. */
int resolve_disclosure(
    const struct yaml_node *root, const struct linking *linking, struct json *out, struct err *e) MUST_CHECK;
/* "subject" or "record". */
int resolve_disclosure_unit(const struct yaml_node *n, const char **unit, struct err *e) MUST_CHECK;
/* A whole number of the part under the key, or missing where n is NULL. */
int resolve_disclosure_number(const struct yaml_node *n, const char *key, int64_t min, int64_t max,
    int64_t missing, struct json *out, struct err *e) MUST_CHECK;
/*
 * {COLUMN: l}, in the same form: a column's name becomes a key, and keys are ASCII. check, with ctx: that there is such a column, and that it
 * may stand here.
 */
int resolve_disclosure_l(const struct yaml_node *n,
    int (*check)(const struct yaml_node *n, const char *name, const void *ctx, struct err *e),
    const void *ctx, struct json *out, struct err *e) MUST_CHECK;
/* {widen, then, max}, widen for the caller to do; nothing may be blanked where there is no `below`. */
int resolve_disclosure_below(const struct yaml_node *n, struct json *out, struct err *e) MUST_CHECK;
/*
 * The part `disclosure` where its unit is a record, once the rules are resolved and in out. policy_disclosure_record.c.
 */
int resolve_disclosure_record(
    const struct yaml_node *root, const struct linking *linking, struct json *out, struct err *e) MUST_CHECK;

#endif
