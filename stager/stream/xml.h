/* The little of XML that S3 answers in: elements and text. No DTD, no entity but the five and numbers. */
#ifndef STREAM_XML_H
#define STREAM_XML_H

#include <stddef.h>

#include "stager/err.h"

#define XML_DEPTH_MAX 16
#define XML_PATH_MAX 256  /* of names and slashes */
#define XML_TEXT_MAX 4096 /* of one element */

/*
 * Calls each at every element's end, with its names from the root, prefixes left out ("ListBucketResult/Contents/Key"), and the
 * text in it that stands outside of its children, decoded. A -1 of each ends it. -1 with ERR_FORGED where this is not
 * well-formed or not of the subset: exactly one root, DTDs refused, NUL and other control characters refused.
 */
int xml_walk(const char *data, size_t len,
    int (*each)(void *ctx, const char *path, const char *text, struct err *e), void *ctx,
    struct err *e) MUST_CHECK;

#endif
