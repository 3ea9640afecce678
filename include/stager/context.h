/*
 * The context of a dataset: what the first pass (gather) learned of each subject, for every scrub process of the
 * second. Writer and reader stand in stager/scrub/context.c; DESIGN.md, "The context", is the format.
 *
 * It lives in a memfd, never on disk. The writer appends to it; whoever made it seals it then, and each reader maps it
 * for reading only.
 */
#ifndef STAGER_CONTEXT_H
#define STAGER_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/digest.h"
#include "stager/err.h"
#include "stager/scrub.h"

struct context;
struct context_maker;

#define CONTEXT_SUBJECTS_MAX 10000000
#define CONTEXT_BYTES_MAX (UINT64_C(8) << 30)
#define CONTEXT_BODY_MAX 16384 /* of one subject */

enum subject_state {
	SUBJECT_GOOD,
	SUBJECT_EXCLUDED, /* on an exclusion list, whether the table has it or not */
	SUBJECT_REPEATED, /* several rows of the table: nobody knows which one is right */
	SUBJECT_BROKEN,   /* its row holds what no context can: a value that is too long */
};

/*
 * fd: an empty memfd, written from its front; borrowed. NULL with e set. Caller frees with context_maker_free.
 */
struct context_maker *context_maker_new(int fd, struct err *e) MUST_CHECK;
void context_maker_free(struct context_maker *m);
/*
 * One subject.
 *
 * pseudonym  its key's
 * state      EXCLUDED holds against whatever else is said of it; two that are not EXCLUDED make it REPEATED
 * body       what is known of a GOOD one (subject.h), len at most CONTEXT_BODY_MAX
 *
 * ERR_LIMIT past CONTEXT_SUBJECTS_MAX or CONTEXT_BYTES_MAX; ERR_SYSTEM.
 */
int context_add(struct context_maker *m, const char pseudonym[static PSEUDONYM_LEN], enum subject_state state,
    const void *body, size_t len, struct err *e) MUST_CHECK;
/* How many there are, of any state: the number that the next new one gets, from 0. */
uint64_t context_count(const struct context_maker *m);
/*
 * Each GOOD subject, by its number, in their order. visit may change the body where it stands: 1 where it did, 0; -1 with e set
 * ends it.
 */
int context_each(struct context_maker *m,
    int (*visit)(void *ctx, uint64_t number, uint8_t *body, size_t len, struct err *e), void *ctx,
    struct err *e) MUST_CHECK;
/* Write the index behind the subjects. digest: SHA-256 of all bytes; *subjects: how many there are, of any state. */
int context_finish(
    struct context_maker *m, uint8_t digest[static DIGEST_LEN], uint64_t *subjects, struct err *e) MUST_CHECK;

/* The file can be neither written, nor made shorter or longer, nor unsealed, by anybody. ERR_INPUT where it can. */
int context_sealed(int fd, struct err *e) MUST_CHECK;
/* Map it. NULL with ERR_INPUT where it is no context. fd may be closed afterwards. Caller frees with context_close. */
struct context *context_open(int fd, struct err *e) MUST_CHECK;
void context_close(struct context *c);
/* SHA-256 of all bytes. */
void context_digest(const struct context *c, uint8_t digest[static DIGEST_LEN]);
/* Is anybody in it excluded? Most contexts have none, and nobody need be looked for then. */
bool context_excludes(const struct context *c);
/* False for nobody who is excluded, and for most others: without a look at the table. */
bool context_may_exclude(const struct context *c, const char pseudonym[static PSEUDONYM_LEN]);
/*
 * Look a subject up. False where there is none. *body lives as long as the context; it is NULL unless *state is
 * SUBJECT_GOOD.
 */
bool context_find(const struct context *c, const char pseudonym[static PSEUDONYM_LEN],
    enum subject_state *state, const uint8_t **body, size_t *len);

#endif
