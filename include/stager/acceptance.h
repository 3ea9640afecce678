/*
 * What a steward signs to accept a version: who owns it, what it is, and the scrub report on which he
 * decides. manifests/acceptance.c. Shared by the house, which writes it and checks the signature, and
 * stager-sign, which shows it. Signed as DSSE_REPORT.
 *
 * Canonical JSON: {"type":"stager.report.1","house","holder","dataset","version-id","version": n,"state":
 * "sealed" | "held","policy": hex,"report": {the scrub report, report.h},"sets": {SET: {"shards": n,"members": n,"bytes": n}},
 * "shards": n,"members": n,"bytes": n (of all sets)}
 * And where a person was to look at some of it, or did, "review": {"wanted": {"letters","scans","found"} (of the policy),"sets": {SET:
 * {"letters","scans": {"population","reviewed","found","changed","at-most-ppm"},"others"}} (those that were opened),"by": [persons],"from",
 * "until": seconds,"digest": hex, SHA-256 of every verdict}. reviewed: those of the sample from its first on, none left
 * out; found: where a person found something; changed: where that was said first and then taken back; at-most-ppm: the
 * upper bound at 95% of the share that has something (review.h).
 */
#ifndef STAGER_ACCEPTANCE_H
#define STAGER_ACCEPTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"
#include "stager/manifest.h"

struct json;

#define ACCEPTANCE_TYPE "stager.report.1"
#define ACCEPTANCE_MAX (1u << 20) /* as much as an envelope holds */

struct acceptance_set {
	char name[MANIFEST_NAME_MAX + 1];
	uint64_t shards, members, bytes;
};

struct acceptance {
	char house[MANIFEST_NAME_MAX + 1];
	char holder[MANIFEST_NAME_MAX + 1];
	char dataset[MANIFEST_NAME_MAX + 1];
	char version_id[MANIFEST_ID_LEN + 1];
	uint64_t version;
	bool held; /* it goes past what the policy accepts without a person */
	uint8_t policy[DIGEST_LEN];
	struct acceptance_set
	    sets[MANIFEST_SETS_MAX]; /* by name; the same as in the manifest, and those that are empty */
	size_t set_count;
	uint64_t shards, members, bytes; /* of all of them: made by acceptance_decode */
	struct json *report;             /* owned where acceptance_decode made it */
	struct json *review;             /* the same; NULL: nobody was to look, and nobody did */
};

/* Appended to out. The report is copied. ERR_INPUT or ERR_LIMIT for what acceptance_decode would refuse. */
int acceptance_encode(const struct acceptance *a, struct buf *out, struct err *e) MUST_CHECK;
/* From canonical bytes; checks all forms, the report's too. On success free with acceptance_free. */
int acceptance_decode(const void *data, size_t len, struct acceptance *out, struct err *e) MUST_CHECK;
/* Frees what it owns, not a itself. */
void acceptance_free(struct acceptance *a);
/*
 * In plain words, lines of text for a terminal, appended to out: version and digests, what passed, what was
 * held back and why, what was found. digest: SHA-256 of the document.
 */
int acceptance_describe(const struct acceptance *a, const uint8_t digest[static DIGEST_LEN], struct buf *out,
    struct err *e) MUST_CHECK;

#endif
