/* Between verify.c (the house) and verify_version.c (a version's manifest and vault). */
#ifndef STAGER_HOUSE_VERIFY_H
#define STAGER_HOUSE_VERIFY_H

#include "stager/digest.h"
#include "stager/house.h"

struct manifest;
struct version;

struct verification {
	struct house *h;
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total);
	void *ctx;
	struct verify_result *result;
};

/* One version: state, manifest, acceptance, table, rows, wrapped keys, bodies. ERR_FORGED names what is wrong. */
int verify_version(struct verification *x, const char *id, struct err *e) MUST_CHECK;
/*
 * A version's manifest: the envelope in ledger and vault, its signature, its digest, its log entry, and the ledger's row by it. NULL with e set.
 * Caller frees. That the openings are the log's is for the caller to know (entries.h).
 */
struct manifest *verify_manifest(struct house *h, const struct version *v, struct err *e) MUST_CHECK;
/* That the log has an entry of this type about this whose JSON says key: value. */
int verify_entry(struct house *h, const char *type, const char *about, const char *key, const char *value,
    struct err *e) MUST_CHECK;
/* The same, the entry standing before place. */
int verify_entry_before(struct house *h, int64_t place, const char *type, const char *about, const char *key,
    const char *value, struct err *e) MUST_CHECK;
/* ERR_FORGED where there is no such file in the house. */
int verify_file(struct house *h, const char *path, struct err *e) MUST_CHECK;
/* That what follows from the entry at place, whose opening is text about `about`, stands in the ledger; NULL: the ledger does not say. */
int verify_effect(struct house *h, uint64_t place, const char *type, const char *about, const void *text,
    size_t len, struct err *e) MUST_CHECK;
/* The generation in force is the one that the log's last entry about it says. */
int verify_generation(struct house *h, struct err *e) MUST_CHECK;
/*
 * What each first pass came to (version_id NULL; else of that version), as its entry has it; and that a version which was entered has
 * that entry. *rows: how many there are; may be NULL.
 */
int verify_gathered(struct house *h, const char *version_id, uint64_t *rows, struct err *e) MUST_CHECK;
/* Each row of release as its entry has it. */
int verify_releases(struct house *h, struct err *e) MUST_CHECK;

/* The verdicts on a version, as far as the log has them. verify_review.c */
int verify_review(struct house *h, const char *version_id, struct err *e) MUST_CHECK;

/* What versions were pushed from (all, or of one), each as it was proven. origin.c */
int verify_origins(struct house *h, const char *version_id, struct err *e) MUST_CHECK;

/* Who was withdrawn, of all datasets: each row as its entry has it, none missing, none besides. withdraw_log.c */
int verify_withdrawals(struct house *h, struct err *e) MUST_CHECK;
/* Endpoints and deliveries, each as the log has it, and what is delivered as its record has it. */
int verify_deliveries(struct house *h, struct err *e) MUST_CHECK;
/* SHA-256 of what the ledger knows to be there (delivery.h, "listing"), and how much that is. send_record.c */
int delivery_listing(struct house *h, int64_t place, uint8_t out[static DIGEST_LEN], uint64_t *objects,
    uint64_t *bytes, struct err *e) MUST_CHECK;

#endif
