/* What a version was pushed from, and the proof that binds it to that version. stager/house/origin.c. */
#ifndef STAGER_HOUSE_ORIGIN_H
#define STAGER_HOUSE_ORIGIN_H

#include "children.h"
#include "stager/digest.h"

/* All that a push is compared by, to be given back a version that there is. */
struct origin {
	char version_id[MANIFEST_ID_LEN + 1];
	char source[DIGEST_HEX_LEN + 1];  /* fingerprint of the sources: names, sizes, times */
	char content[DIGEST_HEX_LEN + 1]; /* keyed digest of what they hold (push_content.c) */
	int64_t files, bytes;             /* of the plan; of an append of what it adds to, too */
	char scrubber[32];
	uint8_t policy[DIGEST_LEN], meta[DIGEST_LEN]; /* SHA-256 of their texts */
	uint8_t pushed[DIGEST_LEN]; /* of what an append takes nothing twice by (pushed.h) */
	uint8_t mac[DIGEST_LEN];
};

/* stager-open digest, with the key of this dataset's digests: for origins, and for what files hold. */
int origin_helper(
    struct house *h, const char *holder, const char *dataset_id, struct helper *x, struct err *e) MUST_CHECK;
/* Fills o->mac of what else stands in o; x: of its dataset. */
int origin_prove(struct helper *x, struct origin *o, struct err *e) MUST_CHECK;
/* That of a version as the ledger has it into o; ERR_FORGED where it is missing, or not what was proven. */
int origin_check(
    struct house *h, struct helper *x, const char *version_id, struct origin *o, struct err *e) MUST_CHECK;
/* Writes o, proven, in the caller's transaction: in place of what the ledger had of its version. */
int origin_keep(struct house *h, const struct origin *o, struct err *e) MUST_CHECK;

#endif
