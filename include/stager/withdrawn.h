/*
 * Marks of those who were withdrawn from a dataset: HMAC-SHA-256(subkey, "withdrawn" | 0x00 | key in its one form)[0:16], where the
 * subkey is the dataset's own (DESIGN.md, "Withdrawal"). The ledger keeps them, so that a later push leaves these
 * people out; without the key a mark says nothing, and no pseudonym can be found by it. stager/scrub/withdrawn.c.
 */
#ifndef STAGER_WITHDRAWN_H
#define STAGER_WITHDRAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret;
struct withdrawn;

#define WITHDRAWN_MARK_LEN 16
#define WITHDRAWN_MAX 2000000 /* of one dataset */

/* marks: count of them, in any order. NULL with e set. Caller frees. For one thread at a time. */
struct withdrawn *withdrawn_new(
    const struct secret *subkey, const uint8_t *marks, size_t count, struct err *e) MUST_CHECK;
/* The same from descriptors: a file with the marks, and a pipe with the subkey. */
struct withdrawn *withdrawn_take(int marks_fd, size_t count, int key_fd, struct err *e) MUST_CHECK;
/* The same for another thread. of: with its marks, which stay its own; it lives longer. NULL with e set. Caller frees. */
struct withdrawn *withdrawn_again(const struct withdrawn *of, struct err *e) MUST_CHECK;
void withdrawn_free(struct withdrawn *w); /* wipes; takes NULL */
/* key: in its one form (subject.h). */
void withdrawn_mark(struct withdrawn *w, const char *key, size_t len, uint8_t out[static WITHDRAWN_MARK_LEN]);
/* A UUID also where the list has it in the other letters, small or capital. False where w is NULL. */
bool withdrawn_has(struct withdrawn *w, const char *key, size_t len);

#endif
