/*
 * The subject table's rows that a version has, so that an append of a table that has grown adds those alone that are new, and sees
 * whether what the older shards show of somebody is still what is shown of them. stager/scrub/rows.c. DESIGN.md, "Appending".
 *
 * A row is ROW_LEN bytes: a mark of its subject, HMAC-SHA-256(subkey, "row" | 0x00 | key in its one form)[0:16], and what is shown of it,
 * HMAC-SHA-256(subkey, "shown" | 0x00 | quasi-identifiers as they are shown, sensitive values)[0:8]; zeros where the policy
 * has no `disclosure`. The subkey is the dataset's own. The ledger keeps them, sorted; without the key they say nothing.
 */
#ifndef STAGER_ROWS_H
#define STAGER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct context_maker;
struct policy;
struct rows;

#define ROW_MARK_LEN 16
#define ROW_SHOWN_LEN 8
#define ROW_LEN (ROW_MARK_LEN + ROW_SHOWN_LEN)
#define ROWS_MAX 10000000 /* of one dataset */

/* One row of the table while it is read. */
struct row {
	uint8_t mark[ROW_MARK_LEN], sensitive[ROW_SHOWN_LEN];
	uint32_t known; /* its place among those that the version has, from 1; 0: it has none */
};

/*
 * known: a file with count rows that the version has; key: a pipe with the subkey; out: an empty file for the rows of this table, which
 * becomes its own, also where this fails. NULL with e set.
 */
struct rows *rows_take(int known, size_t count, int key, int out, struct err *e) MUST_CHECK;
void rows_free(struct rows *r); /* wipes; takes NULL */
/* A row's subject, by its key in its one form (subject.h). */
void rows_look(struct rows *r, const char *key, size_t len, struct row *row);
/* A sensitive value of it, in the policy's order. */
void rows_sensitive(struct rows *r, struct row *row, const void *value, size_t len);
/* It is withdrawn: nothing of it is in the version. */
void rows_gone(struct rows *r, const struct row *row);
/* It became the subject of this number in the context. */
int rows_put(struct rows *r, uint64_t number, const struct row *row, struct err *e) MUST_CHECK;
/*
 * After disclosure control: the rows of all good subjects go to out, *count of them. *changed: of so many that the version has something
 * else is shown now; *missing: so many of them are not there any more, or not good.
 */
int rows_finish(struct rows *r, const struct policy *policy, struct context_maker *maker, uint64_t *count,
    uint64_t *changed, uint64_t *missing, struct err *e) MUST_CHECK;

#endif
