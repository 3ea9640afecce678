/* What is known of a subject, in that subject's own texts. stager/scrub only. */
#ifndef SCRUB_LINKAGE_H
#define SCRUB_LINKAGE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/detect.h"
#include "stager/err.h"
#include "subject.h"

/*
 * The places of a text where the subject's known values stand, as spans of type SPAN_KNOWN (extra: the kind), sorted, not overlapping.
 * out must be empty, and is freed with spans_free.
 */
int linkage_find(
    const struct subject *s, const char *text, size_t len, struct spans *out, struct err *e) MUST_CHECK;
/* Put known spans among the others: where two overlap one takes all of both, as a known one. */
int linkage_join(struct spans *spans, const struct spans *known, struct err *e) MUST_CHECK;

#endif
