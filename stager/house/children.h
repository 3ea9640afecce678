/* The confined programs that the house talks to in questions and answers: stager-key and stager-log.
 * stager/house/children.c. */
#ifndef STAGER_HOUSE_CHILDREN_H
#define STAGER_HOUSE_CHILDREN_H

#include <stdbool.h>

#include "stager/commitment.h"
#include "stager/house.h"
#include "stager/spawn.h"
#include "stager/wire.h"

/* One running child with its control socket. */
struct helper {
	struct child child;
	int control;       /* our end; -1: none */
	unsigned patience; /* seconds that it may take to answer, or to end; 0: for ever */
};

#define HELPER_FDS_MAX 10 /* beside its control socket */
#define HELPER_NONE ((struct helper){.child = CHILD_NONE, .control = -1})

/* Start program with a control socket as its descriptor 3 and these beside it. */
int helper_start(struct helper *x, const char *const argv[], const struct spawn_fd *fds, size_t count,
    struct err *e) MUST_CHECK;
/* It may take so many seconds (0: for ever) to answer or to end; then it is killed, and hangs, says the error. */
void helper_patience(struct helper *x, unsigned seconds);
/*
 * One question, one answer. The answer's JSON, which the caller frees. NULL: the child is gone, and e says
 * why in its own words and with its code. json is freed in any case.
 */
struct json *helper_ask(
    struct helper *x, enum wire_type ask, struct json *json, enum wire_type answer, struct err *e) MUST_CHECK;
/* Say something that has no answer. json is freed. */
int helper_tell(struct helper *x, enum wire_type type, struct json *json, struct err *e) MUST_CHECK;
/* After a broken conversation: wait for the child and put its own complaint, where it has one, in e's place.
 * Returns -1. */
int helper_failed(struct helper *x, struct err *e);
/* Close the control socket, which ends it, and wait. 0 where it ended well. Takes one that never started. */
int helper_end(struct helper *x, struct err *e) MUST_CHECK;
/* Without waiting for a good end. */
void helper_kill(struct helper *x);

/*
 * stager-key for one purpose ("open", "sign", "pseudonym", "ingest"), its blob loaded. judge: for an "open"
 * that releases or admits stewards: it gets the journal, locked until it ends, and the register. One that
 * only takes keys in needs neither.
 */
int house_key_start(
    struct house *h, const char *purpose, bool judge, struct helper *x, struct err *e) MUST_CHECK;
/* Load dataset's KEK into an "open" key; ERR_FORGED where it is missing. */
int house_kek(struct house *h, struct helper *key, const char *dataset_id, struct err *e) MUST_CHECK;
/* The same for a push, which makes the KEK of a dataset that has no shard yet. The dataset is locked. */
int house_kek_make(struct house *h, struct helper *key, const char *dataset_id, struct err *e) MUST_CHECK;
/* Have the "sign" key sign payload; the envelope is appended to out. */
int house_sign(
    struct house *h, const char *type, const struct buf *payload, struct buf *out, struct err *e) MUST_CHECK;
/* Have a "pseudonym" key write a subkey into a pipe that one new program will read: *reader, the caller's. */
int house_subkey(struct helper *key, const char *holder, const char *project, const char *domain,
    int64_t generation, int *reader, struct err *e) MUST_CHECK;
/* The one that a resolved policy names. */
int house_policy_subkey(
    struct helper *key, const struct json *policy, const char *holder, int *reader, struct err *e) MUST_CHECK;
/* stager-log with the log open; *size: its size now. */
int house_log_start(struct house *h, struct helper *x, struct err *e) MUST_CHECK;

/* The root secret on a descriptor, to be read once; where it must be asked for, it is, once a command. Caller closes. */
int house_root_fd(struct house *h, struct err *e) MUST_CHECK;

/* The stewards of a holder as the ledger lists them. Caller frees with free. */
struct steward *house_stewards(struct house *h, const char *holder, size_t *count, struct err *e) MUST_CHECK;
struct dsse;
/*
 * ERR_INPUT where an envelope is not over what `over` says ("a report"): what ("acceptance") is handed in, and what the
 * envelope is over instead, are named. type: the payload type that is due. stager/house/people.c.
 */
int house_envelope_check(
    const struct dsse *d, const char *type, const char *what, const char *over, struct err *e) MUST_CHECK;

/* Of a file that does not parse as an envelope: what it should have been is put before what is wrong with it. Returns -1. */
int house_no_envelope(struct err *e);

/* A setting of the ledger; appended to out. 1 where there is one, 0 where not, -1. And its writing. */
int house_setting(struct house *h, const char *key, struct buf *out, struct err *e) MUST_CHECK;
int house_set(struct house *h, const char *key, const void *value, size_t len, struct err *e) MUST_CHECK;

/* house_record of bytes as they are; salt receives the opening's salt, for whoever must prove the entry. */
int house_record_bytes(struct house *h, const char *type, const struct buf *text, const char *about,
    uint8_t salt[static COMMITMENT_SALT_LEN], struct effect effect, uint64_t *index,
    struct err *e) MUST_CHECK;

/* Take the lock file name in HOUSE for this process alone; closing the descriptor lets go. -1 with e set. */
int house_lock(struct house *h, const char *name, struct err *e) MUST_CHECK;
/* The same; waits is called once with ctx where another process holds it, before it is waited for. */
int house_lock_telling(
    struct house *h, const char *name, void (*waits)(void *ctx), void *ctx, struct err *e) MUST_CHECK;

/* Finish log entries whose opening stands in the ledger but whose place does not: house/record.c. */
int house_recover(struct house *h, struct err *e) MUST_CHECK;
/* The log, opened for reading. Caller frees with log_free; *folder is to be closed after it. */
struct log;
struct log *house_log(struct house *h, int *folder, struct err *e) MUST_CHECK;

#endif
