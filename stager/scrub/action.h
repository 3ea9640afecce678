/* The typed keeps one by one, for readers that check many values in place: stager/scrub only. */
#ifndef SCRUB_ACTION_H
#define SCRUB_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/policy.h"
#include "stager/scrub.h"

/* No number of a table has more characters; a longer run of digits is something else. */
#define NUMBER_LEN_MAX 64

/* The value stands for "not known": it is empty, or one of the rule's `missing`. Exact, unlike trimming. */
bool action_missing(const struct rule *rule, const char *value, size_t len);

/*
 * ACTION_KEEP_NUMBER: an optional sign, digits, optionally the decimal separator and digits, optionally an
 * exponent; nothing else, no separators of thousands; inside the range where there is one. NULL where it
 * passes, else the reason: "value-type" or "value-range".
 */
const char *action_number(const struct action *a, char decimal, const char *value, size_t len);

/* ACTION_KEEP_CODE, _NUMBER, _ENUM: NULL where the value passes as it is, or is missing; else the reason. */
const char *action_keep(const struct rule *rule, const struct action *a, const char *value, size_t len);

/* ACTION_YEAR: the year of a date in one of the policy's orders; false where the value is none. */
bool action_year(const struct policy *policy, const char *value, size_t len, unsigned *year);
/* Its four figures. */
void action_year_text(unsigned year, char out[static 4]);

/* ACTION_FIRST: *len becomes what stays of the value. NULL, or the reason why it does not pass. */
const char *action_first(const struct action *a, const char *value, size_t *len);

/*
 * ACTION_PSEUDONYM: *len becomes the pseudonym's, or 0 where the value is nothing but spaces, which is nobody. NULL, or the reason why
 * the record leaves with somebody whom the value names (subject_drops).
 */
const char *action_pseudonym(
    const struct scrub *s, const char *value, size_t *len, char out[static PSEUDONYM_LEN + 1]);

/*
 * PSEUDONYM or REFERENCE on the value that names the subject in hand, which was found: its pseudonym is that of its key's one
 * form, however it is spelled here. Appends to out.
 */
struct buf;
int action_subject(const struct scrub *s, const struct action *a, const char *value, size_t len,
    struct buf *out, struct err *e) MUST_CHECK;

/* The word under which the report counts it: "keep", "drop", "blank", "pseudonym", "year", "first", "text".
 */
const char *action_word(enum action_kind kind);

#endif
