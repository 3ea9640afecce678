/*
 * The ledger: the house's own state, in SQLite (WAL, synchronous FULL, secure_delete, foreign keys).
 * manifests/ledger.c.
 *
 * It holds no secret and no dataset's content. What stands in it is worth nothing by itself: signatures, the
 * log and the key store prove it, and `stager verify` compares. The schema, with what each table is for, is
 * in manifests/ledger_schema.c.
 */
#ifndef STAGER_LEDGER_H
#define STAGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct ledger;
struct ledger_query;

/* Open, or with create make the tables. ERR_FORGED for a file that is damaged or no ledger; ERR_REMOTE where
 * it stays locked. */
struct ledger *ledger_open(const char *path, bool create, struct err *e) MUST_CHECK;
void ledger_close(struct ledger *l);

/*
 * Run a statement without rows. types: a letter a parameter: 's' const char * (NULL allowed), 'i' int64_t,
 * 'b' const void * and size_t, 'n' nothing (NULL).
 */
int ledger_run(struct ledger *l, struct err *e, const char *sql, const char *types, ...) MUST_CHECK;

/* Run one with rows: ledger_next gives 1 for each, then 0; -1 with e set. Always ledger_end it. NULL is taken
 * by all three. */
struct ledger_query *ledger_query(
    struct ledger *l, struct err *e, const char *sql, const char *types, ...) MUST_CHECK;
int ledger_next(struct ledger_query *q, struct err *e) MUST_CHECK;
void ledger_end(struct ledger_query *q);
/* Column values of the row; they live until the next ledger_next. A NULL text is "". */
const char *ledger_text(struct ledger_query *q, int column);
int64_t ledger_int(struct ledger_query *q, int column);
const void *ledger_blob(struct ledger_query *q, int column, size_t *len);
bool ledger_null(struct ledger_query *q, int column);

/* A transaction (BEGIN IMMEDIATE). ledger_rollback after a failure; it never fails itself. */
int ledger_begin(struct ledger *l, struct err *e) MUST_CHECK;
int ledger_commit(struct ledger *l, struct err *e) MUST_CHECK;
void ledger_rollback(struct ledger *l);
/* SQLite's own check of the whole file; ERR_FORGED where it finds damage. */
int ledger_check(struct ledger *l, struct err *e) MUST_CHECK;

#endif
