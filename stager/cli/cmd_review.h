/* Between cmd_review.c and the prompt. */
#ifndef STAGER_CLI_REVIEW_H
#define STAGER_CLI_REVIEW_H

#include "stager/err.h"

struct house_review;

/* Standard input and output are a terminal. From the first member that nothing was said of. 1 where the steward stops. */
int review_prompt(struct house_review *r, struct err *e) MUST_CHECK;

#endif
