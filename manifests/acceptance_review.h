/* The part of a report's document that says who looked at what: its form, and in plain words. manifests/acceptance_review.c. */
#ifndef MANIFESTS_ACCEPTANCE_REVIEW_H
#define MANIFESTS_ACCEPTANCE_REVIEW_H

#include "stager/buf.h"
#include "stager/err.h"

struct json;

int acceptance_review_check(const struct json *review, struct err *e) MUST_CHECK;
/* Lines appended to out; review may be NULL: nothing. */
int acceptance_review_describe(const struct json *review, struct buf *out, struct err *e) MUST_CHECK;

#endif
