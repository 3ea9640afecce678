/* Reading the resolved form of a policy, piece by piece. */
#ifndef SCRUB_POLICY_DECODE_H
#define SCRUB_POLICY_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/err.h"
#include "stager/policy.h"

struct json;

/* "resolved policy: WHAT is not of the form it must have"; returns -1. */
int decode_bad(struct err *e, const char *what);
/* A copy of the string under the key, accepted by ok (NULL: any). Caller frees. */
char *decode_string(
    const struct json *j, const char *key, bool (*ok)(const char *), struct err *e) MUST_CHECK;
/* The list under the key, of min to max items. */
const struct json *decode_list(
    const struct json *j, const char *key, size_t min, size_t max, struct err *e) MUST_CHECK;
/* Copies of the strings under the key. *out and *count are set also where it fails half-way: the caller
 * frees. */
int decode_strings(const struct json *j, const char *key, size_t min, size_t max, bool (*ok)(const char *),
    char ***out, size_t *count, struct err *e) MUST_CHECK;
void decode_strings_free(char **strings, size_t count);
/* Which of the words, which NULL ends, stands under the key; -1 for none. */
int decode_choice(const struct json *j, const char *key, const char *const *words, struct err *e) MUST_CHECK;
/* The pattern under "pattern"; one that takes the empty value only where that is allowed. Caller frees. */
struct pattern *decode_pattern(const struct json *j, bool empty, struct err *e) MUST_CHECK;

/* The part `text`; freed also where it fails. policy_decode_text.c. */
int decode_text(struct policy *p, const struct json *root, struct err *e) MUST_CHECK;
void decode_text_free(struct text_rules *t);

/* The files beside the policy that fields and attributes use, before both. policy_decode_attribute.c. */
int decode_hierarchies(struct policy *p, const struct json *root, struct err *e) MUST_CHECK;
void decode_hierarchies_free(struct policy *p);
/* {"hierarchy","level","other"} of j; its other keys are not looked at. */
int decode_hierarchy_use(const struct policy *p, const struct json *j, const struct hierarchy **hierarchy,
    size_t *level, bool *blank, struct err *e) MUST_CHECK;
/* The attributes of the part `subject`, before the rules. */
int decode_attributes(struct policy *p, const struct json *root, struct err *e) MUST_CHECK;
void decode_attribute_free(struct attribute *a);
/* Which attribute of that name there is; bands: only one that has them will do. */
int decode_attribute_use(
    const struct policy *p, const char *name, bool bands, size_t *attribute, struct err *e) MUST_CHECK;
/* The part `subject`, behind the rules, which it points into; nothing where there is none. policy_decode_subject.c. */
int decode_subject_rules(struct policy *p, const struct json *root, struct err *e) MUST_CHECK;
void decode_subject_rules_free(struct subject_rules *s);

/* The part `sets`, before the rules. policy_decode_sets.c. */
int decode_sets(struct policy *p, const struct json *root, struct err *e) MUST_CHECK;
void decode_sets_free(struct policy *p);
/* The number of the set under "set", or missing where there is none. */
int decode_set_use(
    const struct policy *p, const struct json *j, uint8_t missing, uint8_t *set, struct err *e) MUST_CHECK;
/* sets and set_count, once fields are there. */
void decode_rule_sets(struct rule *r);

/* An action; what it holds is freed by decode_action_clear, also where it fails. policy_decode_action.c. */
int decode_action(struct action *a, const struct policy *p, const struct json *j, struct err *e) MUST_CHECK;
/* {"attribute": NAME}, perhaps with the tag that it is for. */
int decode_action_attribute(
    const struct policy *p, const struct json *j, size_t *attribute, struct err *e) MUST_CHECK;
void decode_action_clear(struct action *a);

/* One rule of "files". What it holds is freed by decode_rule_free, also where it fails. policy_decode_rule.c. */
int decode_rule(struct rule *r, const struct policy *p, const struct json *j, struct err *e) MUST_CHECK;
void decode_rule_free(struct rule *r);
/* The subject of a rule, after its fields: null, or accepted by ok. optional: it need not be said. */
int decode_rule_subject(
    struct rule *r, const struct json *j, bool optional, bool (*ok)(const char *), struct err *e) MUST_CHECK;
/* What a rule of format dicom has beside its match. policy_decode_dicom.c. */
int decode_dicom(struct rule *r, const struct policy *p, const struct json *j, struct err *e) MUST_CHECK;

/* The namespaces of a rule for XML. policy_xml.c. */
int decode_namespaces(struct rule *r, const struct json *j, struct err *e) MUST_CHECK;

/* The rest of `disclosure` where its unit is a record. policy_decode_disclosure_record.c. */
int decode_disclosure_record(struct policy *p, const struct json *j, struct err *e) MUST_CHECK;
void decode_widening_free(struct widening *w);
/* {"widen","then","max"} but for the first. policy_decode_disclosure.c. */
int decode_disclosure_below(struct disclosure *d, const struct json *j, struct err *e) MUST_CHECK;
/* After the subject rules. */
int decode_disclosure(struct policy *p, const struct json *root, struct err *e) MUST_CHECK;
void decode_disclosure_free(struct disclosure *d);

#endif
