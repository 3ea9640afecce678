/*
 * Withdrawing people from what is sealed already. stager/house/withdraw*.c. DESIGN.md, "Withdrawal".
 *
 * A version without them is made of the shards of another: those that hold nothing of them are shared, the others are opened and
 * sealed anew inside the house, by confined programs. Then the old version is WITHDRAWN: its keys and bodies go, its requests end.
 */
#ifndef STAGER_WITHDRAW_H
#define STAGER_WITHDRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/house.h"

struct json;

#define WITHDRAW_LINES_MAX 20 /* lines of unknown keys that are told */

struct withdraw {
	const char *
	    what; /* a version's id; or a dataset's name: its latest version that is neither rejected, withdrawn nor erased */
	const char *holder;   /* of the dataset, where `what` is a name; NULL: the only one there is */
	const char *subjects; /* path of the list: a key a line */
	bool unknown;         /* keys that nobody in it has are taken, too: for later pushes */
	bool
	    alone; /* no new version is made: also of versions that cannot be told apart (version_attributable) */
	/*
	 * Not NULL, an array: nothing is withdrawn. What would be is looked for, which the log knows of, and refused as it would be;
	 * result has keys, unknown, shards, touched, members, records and existed; each version that would be WITHDRAWN is added
	 * (preview.h), that of which a new one would be made first.
	 */
	struct json *preview;
	/* Called now and then with the bytes opened so far, and of how many; may be NULL. */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total);
	/* Called once before it waits for a push of the same dataset; may be NULL. */
	void (*waits)(void *ctx);
	void *ctx;
};

struct withdraw_result {
	char version_id[MANIFEST_ID_LEN + 1]; /* without them; empty where none was made */
	char state[16];                       /* of it: LOGGED or HELD */
	char holder[MANIFEST_NAME_MAX + 1], dataset[MANIFEST_NAME_MAX + 1];
	bool existed;                       /* nothing was to be done: they are not in it (any more) */
	bool nothing_left;                  /* all of it was theirs: there is no new version */
	uint64_t keys;                      /* on the list, each once */
	uint64_t unknown;                   /* of them, that nobody has, and that were not withdrawn before */
	uint64_t lines[WITHDRAW_LINES_MAX]; /* the first of these, as their lines in the list */
	uint64_t shards, touched;           /* of the old version; of them, opened and not shared */
	uint64_t members, records;          /* taken out: whole members; records of members */
	uint64_t versions;                  /* that are WITHDRAWN by this */
	uint64_t others;   /* living versions of the dataset that were left, where a version was named */
	uint64_t requests; /* ended */
	uint8_t salt[DIGEST_LEN],
	    commitment[DIGEST_LEN]; /* SHA-256(salt | list); the house does not keep the salt */
};

/*
 * 0 where they are in no version that was to be withdrawn from any more. ERR_REFUSED with result->lines for unknown keys; ERR_REFUSED where
 * records cannot be told apart, or the version is none to withdraw from; ERR_REMOTE while it is being sent. Runs again from
 * wherever it was cut.
 */
int house_withdraw(
    struct house *h, const struct withdraw *ask, struct withdraw_result *result, struct err *e) MUST_CHECK;

/*
 * Before a push of this dataset: the marks of all who were withdrawn from it (withdrawn.h), appended to marks. ERR_REFUSED where there
 * are any and the policy could not tell who they are: it has no `subject`, or its keys are of another form. dataset_id: whose key
 * makes them; "" where there are none.
 */
int house_withdrawn(struct house *h, const char *holder, const char *dataset, const struct json *policy,
    struct buf *marks, char dataset_id[static MANIFEST_ID_LEN + 1], struct err *e) MUST_CHECK;

#endif
