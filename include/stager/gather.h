/*
 * The first pass: the subject table and the exclusion lists into a context. stager/scrub/gather*.c.
 *
 * What cannot be read as a whole refuses the push (ERR_INPUT, whose text says "subject table" or "exclusion list"): a
 * subject that was left out here would be nobody's later. A row that cannot be read is left out: the second pass
 * meets it again, and holds it.
 */
#ifndef STAGER_GATHER_H
#define STAGER_GATHER_H

#include <stddef.h>
#include <stdint.h>

#include "stager/digest.h"
#include "stager/err.h"

struct context_maker;
struct disclosing;
struct policy;
struct pseudonym_key;
struct report;
struct rows;
struct source;

#define EXCLUSION_LIST_MAX (256u << 20) /* bytes */

struct gather {
	const struct policy *policy; /* with subject rules */
	struct pseudonym_key *key;
	struct context_maker *maker;
	uint64_t tables;               /* found so far */
	struct disclosing *disclosing; /* where the policy has `disclosure` */
	struct rows
	    *rows; /* what a version has of the table, and will have; NULL: nobody asks. The caller's */
	struct withdrawn *
	    withdrawn; /* who was withdrawn from the dataset before: excluded, too; NULL: nobody. The caller's */
};

/* Before all else. Freed with gather_free, also where it fails. */
int gather_begin(struct gather *g, struct err *e) MUST_CHECK;
void gather_free(struct gather *g);
/*
 * An exclusion list, before any file: a key a line, spaces around it and empty lines allowed, and a first line that is the
 * name of the key's column. Anything else is ERR_INPUT with the line's number. commitment: SHA-256(salt | bytes of
 * the list); *keys: lines with a key.
 */
int gather_exclude(struct gather *g, struct source *list, const uint8_t salt[static DIGEST_LEN],
    uint8_t commitment[static DIGEST_LEN], uint64_t *keys, struct err *e) MUST_CHECK;
/*
 * The same of any list: each is called for every key in its one form, with the number of its line; -1 ends it. rules say what a key
 * looks like, what is the list in messages.
 */
struct subject_rules;
int gather_list(const char *what, const struct subject_rules *rules, struct source *list,
    const uint8_t salt[static DIGEST_LEN],
    int (*each)(void *ctx, const char *key, size_t len, uint64_t line, struct err *e), void *ctx,
    uint8_t commitment[static DIGEST_LEN], uint64_t *keys, struct err *e) MUST_CHECK;
/*
 * The other spellings that a value under `pseudonym` may have of a key in its one form, and keeps its own pseudonym by: without the zeros in
 * front that the key is filled up with, where that is a key; of an address with capitals the one that mail has; of a UUID the one in
 * small letters, and the one in capitals.
 */
int gather_spellings(const struct subject_rules *rules, const char *key, size_t len,
    int (*each)(void *ctx, const char *value, size_t len, struct err *e), void *ctx,
    struct err *e) MUST_CHECK;
/*
 * A file of the dataset: where its name is the table's it is read, else passed over unread. A second table is
 * ERR_INPUT.
 */
int gather_file(struct gather *g, struct source *in, struct err *e) MUST_CHECK;
/* After the last file: there was a table, and who stands alone in it is no longer shown so (anonymity.h), which is counted in report. */
int gather_end(struct gather *g, struct report *report, struct err *e) MUST_CHECK;

#endif
