/* One version in the ledger, and what happens to it from push to acceptance. stager/house/version.c,
 * finish.c. */
#ifndef STAGER_HOUSE_VERSION_H
#define STAGER_HOUSE_VERSION_H

#include "stager/house.h"

struct json;

/* One of a version's sets of shards, as it was counted. */
struct version_set {
	char name[MANIFEST_NAME_MAX + 1];
	int64_t shards, members, bytes;
};

/* A row of the ledger with its dataset, owned. */
struct version {
	char id[MANIFEST_ID_LEN + 1];
	char dataset_id[MANIFEST_ID_LEN + 1];
	char dataset[MANIFEST_NAME_MAX + 1];
	char holder[MANIFEST_NAME_MAX + 1];
	char state[HOUSE_STATE_MAX];
	char scrubber[32];
	char ruleset[2 * DIGEST_LEN + 1];
	char predecessor[2 * DIGEST_LEN + 1]; /* "" for none */
	int64_t number;
	struct json *policy; /* resolved */
	struct json *meta;
	struct json *report;                 /* NULL until it is scrubbed */
	struct buf policy_text, report_text; /* exactly as in the ledger */
	uint8_t policy_salt[32], report_salt[32];
	struct buf manifest;             /* the envelope; empty until LOGGED */
	char digest[2 * DIGEST_LEN + 1]; /* of the statement; "" until then */
	struct buf acceptance;           /* the envelope; empty until ACCEPTED */
	struct version_set
	    sets[MANIFEST_SETS_MAX]; /* by name; one that came out empty is none of the manifest's */
	size_t set_count;
	int64_t shards, members, bytes; /* of all of them */
};

/* By id; ERR_USAGE where there is none, ERR_FORGED where the row is damaged. Caller frees. */
struct version *version_load(struct house *h, const char *id, struct err *e) MUST_CHECK;
void version_free(struct version *v);
/* NULL where it has none of that name. */
const struct version_set *version_set(const struct version *v, const char *name);
/* "abroad, domestic": those that are not empty, into out. */
void version_set_names(const struct version *v, char *out, size_t size);
int version_set_state(struct house *h, const char *id, const char *state, struct err *e) MUST_CHECK;
/* The same as the effect of an entry; ctx is one of these. */
struct version_state {
	const char *id, *state;
};
int version_state_effect(struct house *h, void *ctx, uint64_t index, struct err *e) MUST_CHECK;
/* 128 random bits in base32. */
void version_new_id(char out[static MANIFEST_ID_LEN + 1]);
/* SHA-256(salt 32 | bytes): a digest in the manifest that tells nobody what it is of. */
void version_salted(const uint8_t salt[static 32], const struct buf *bytes, uint8_t out[static DIGEST_LEN]);
/* VERSION-ID/NAME below vault, the whole file appended to out. */
int version_read(
    struct house *h, const char *id, const char *name, struct buf *out, struct err *e) MUST_CHECK;

/* Whoever decides on a version (finish, accept, reject) holds this lock, and looks at its state under it. */
#define VERSION_LOCK "version.lock"

/*
 * From SEALED to LOGGED: manifest made, signed, put in the vault, and its entry in the log. Runs again from
 * wherever a crash left it. Under VERSION_LOCK.
 */
int version_finish(struct house *h, const char *id, struct err *e) MUST_CHECK;
/* Whether a manifest can say what the policy and the meta file say of all sets: asked before anything is read. */
int version_check_terms(const struct json *policy, const struct json *meta, struct err *e) MUST_CHECK;
/* Whether an entry of this type about this version or request is in the log. 1, 0, -1. */
int version_logged(struct house *h, const char *type, const char *about, struct err *e) MUST_CHECK;

/* Whether more was held back than the policy accepts without a person's look. report: merged; shards: made. */
bool version_must_hold(const struct json *policy, const struct json *report, uint64_t shards);
/* For what: an array of "check" (the second scan withheld something), "nothing" (no shard), "disclosure", "files", "records" (more than
 * `accept` allows). Caller frees. */
struct json *version_held_for(const struct json *policy, const struct json *report, uint64_t shards);

/* The smallest count about people that a report tells (report_tell): 1 where the policy has no `disclosure`. */
int64_t version_least(const struct json *policy);

/*
 * Add "previous" to the report of version id, where its dataset has an earlier one that was logged:
 * {"difference": {SECTION: {KEY: now minus before, where not 0}},"policy","scrubber": "same" | "changed","version","version-id"}.
 * policy: as the ledger has it. stager/house/previous.c.
 */
int version_previous(
    struct house *h, const char *id, const struct buf *policy, struct json *report, struct err *e) MUST_CHECK;

/* The document a steward signs for v; and whether d is a signature over it by a steward of its holder (*by): accept.c. */
struct dsse;
struct steward;
int version_acceptance(struct house *h, const struct version *v, struct buf *out, struct err *e) MUST_CHECK;
int version_check_acceptance(struct house *h, const struct version *v, const struct dsse *d,
    struct steward *by, struct err *e) MUST_CHECK;

/*
 * What was looked at of v, for the document (acceptance.h, "review"); *out NULL where nobody wants or gave any. Caller frees.
 * And whether it was enough, and found no more than the policy allows: ERR_WAIT, ERR_REFUSED. review_summary.c
 */
int version_review(struct house *h, const struct version *v, struct json **out, struct err *e) MUST_CHECK;
int version_check_review(struct house *h, const struct version *v, struct err *e) MUST_CHECK;

/* What this build's rules for scrubbing are called: it changes with them. */
#define SCRUBBER "stager-scrub 0.1.2"

#endif
