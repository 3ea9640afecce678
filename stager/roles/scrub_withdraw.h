/* stager-scrub withdraw. stager/roles/scrub_withdraw.c. */
#ifndef ROLES_SCRUB_WITHDRAW_H
#define ROLES_SCRUB_WITHDRAW_H

#include "stager/err.h"

struct policy;
struct pseudonym_key;
struct secret;

/*
 * One list of subjects: EXCLUDE, answered with SUBJECTS; their pseudonyms and lines go to list_fd (sift.h). policy has subject rules;
 * marks: the key of the dataset's marks (withdrawn.h).
 */
int scrub_withdraw(const struct policy *policy, struct pseudonym_key *key, const struct secret *marks,
    int list_fd, struct err *e) MUST_CHECK;

#endif
