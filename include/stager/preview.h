/* What would go, before anything does: for withdraw and erase without --yes. stager/house/preview.c, erase.c. */
#ifndef STAGER_PREVIEW_H
#define STAGER_PREVIEW_H

#include "stager/err.h"
#include "stager/house.h"

struct json;

/*
 * Adds to the array `list` what ends with a version: {"version-id", "version" (its number), "state", "shards", "members", "bytes",
 * "requests": [ids of those that are not cancelled], "copies": [URLs that it was sent to and not removed from]}. Nothing is opened.
 */
int house_going(struct house *h, const char *version_id, struct json *list, struct err *e) MUST_CHECK;
/* The same for each version that house_erase would erase; ERR_UNKNOWN where there is no such dataset. */
int house_erasing(
    struct house *h, const char *holder, const char *dataset, struct json *list, struct err *e) MUST_CHECK;

#endif
