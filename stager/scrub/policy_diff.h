/* Between policy_diff.c (the whole policy) and policy_diff_rule.c (one rule and its actions). */
#ifndef STAGER_SCRUB_POLICY_DIFF_H
#define STAGER_SCRUB_POLICY_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/buf.h"

struct json;

enum danger { DANGER_OUT, DANGER_LOOSER, DANGER_LOOK, DANGER_TIGHTER, DANGER_COUNT };

struct changes {
	struct json *found[DANGER_COUNT]; /* arrays */
	const struct json *sets[2];       /* of the policy before, and after; borrowed */
};

/* Note one change. where: a path in the policy; text: printf. */
void change_add(struct changes *c, enum danger danger, const char *where, const char *text, ...)
    PRINTF_LIKE(4, 5);
/* Both there and the same, or neither. */
bool change_same(const struct json *a, const struct json *b);
/* Whatever differs between two values of which nothing more is known. */
void change_any(struct changes *c, const char *where, const struct json *before, const struct json *after);
/* Keys of both objects that are not in the list, which NULL ends: change_any of each. */
void change_rest(struct changes *c, const char *where, const struct json *before, const struct json *after,
    const char *const *known);
/* Strings of one list that are not in the other: more is said of those that came, less of those that went. %s is the string. */
void change_list(struct changes *c, const char *where, const struct json *before, const struct json *after,
    enum danger came, const char *more, enum danger went, const char *less);
/* A value in few words, as JSON, cut after 60 bytes. */
void change_words(const struct json *j, char out[static 80]);

/* "subject" and "disclosure"; either may be NULL or none. policy_diff_person.c */
void change_subject(struct changes *c, const struct json *before, const struct json *after);
void change_disclosure(struct changes *c, const struct json *before, const struct json *after);
/* "attributes" of it. policy_diff_attribute.c */
void change_attributes(struct changes *c, const struct json *before, const struct json *after);

/* Two rules for the same files. policy_diff_rule.c */
void change_rule(struct changes *c, const char *where, const struct json *before, const struct json *after);
/* A rule that is new. */
void change_rule_new(struct changes *c, const char *where, const struct json *rule);

/* Rules that are gone, and what takes their files. policy_diff_meet.c */
void change_rules_gone(struct changes *c, const struct json *before, const struct json *after);
/* May the other path take what a path took that is gone? Never no where it may. xml: paths of XML, else of JSON. */
bool change_paths_meet(const char *gone, const char *path, bool xml);

/* How much of a value is left by an action, from nothing to all of it. policy_diff_action.c. */
enum rest { REST_NONE, REST_ALIAS, REST_COARSE, REST_PART, REST_TEXT, REST_VALUE, REST_UNKNOWN };
enum rest change_rest_of(const struct json *action);
void change_action(struct changes *c, const char *where, const struct json *before, const struct json *after);
/* The files beside the policies. */
void change_hierarchies(struct changes *c, const struct json *before, const struct json *after);

#endif
