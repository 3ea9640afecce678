/* Names of compressed files, which count with the end that says so and without it. stager/scrub only. */
#ifndef SCRUB_PACKED_H
#define SCRUB_PACKED_H

#include <stdbool.h>

#include "stager/policy.h"

/* As policy_rule; where no rule takes the name of a compressed file, by the name of what it holds: *inner. */
const struct rule *packed_rule(const struct policy *p, const char *name, bool *several, bool *inner);
/* As policy_glob, by either name. */
bool packed_glob(const char *glob, const char *name);

#endif
