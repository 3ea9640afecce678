/* The ledger's openings, each proven to be what the log committed to, one after the other. stager/house/entries.c. */
#ifndef STAGER_HOUSE_ENTRIES_H
#define STAGER_HOUSE_ENTRIES_H

#include "stager/house.h"

/* One entry. about: what followed from it was about this; NULL: nothing is known to have followed. All of it lives until it returns. */
typedef int entry_fn(void *ctx, uint64_t place, const char *type, const char *about, const void *json,
    size_t len, struct err *e);

/*
 * Calls each for every entry of the log, in its order, after the opening was compared with it. What it asks the ledger itself it is
 * answered from the same moment. *size: how many there are; may be NULL. ERR_FORGED where an opening is missing, or not what was committed to:
 * it may have been heard of entries before that. Takes record.lock for a moment.
 */
int entries_each(struct house *h, entry_fn *each, void *ctx, uint64_t *size, struct err *e) MUST_CHECK;

#endif
