/* Receipts that nodes send. stager/house/receipt.c. */
#ifndef STAGER_HOUSE_RECEIPT_H
#define STAGER_HOUSE_RECEIPT_H

#include "stager/house.h"

struct json;
struct line;

/*
 * A "receipt" line that was heard: proven (the job key of its request signed it, over a release that there was, about shards
 * of that release), logged, kept, and answered with "kept". One that is kept already is answered so again; another one for
 * the same part of the same release is refused, an alarm.
 */
int receipt_take(struct house *h, struct line *l, const struct json *heard, struct err *e) MUST_CHECK;
/* Every row of the ledger: as its entry has it, signed, and of a release. */
int verify_receipts(struct house *h, struct err *e) MUST_CHECK;

#endif
