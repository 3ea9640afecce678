/*
 * The release of headers to a node: what is asked, what is signed, what is answered. manifests/request.c,
 * manifests/release.c. Shared by the house (stager release), stager-key open, stager-sign and stager-node:
 * DESIGN.md, "Release".
 *
 * Between node and house: one canonical JSON object a line ("\n"), each at most RELEASE_LINE_MAX bytes.
 *   node  > {"type":"hello","suite","request": hex digest of the request}
 *   house > {"type":"challenge","nonce","expiry","mac","manifest": base64 envelope,"request": base64
 * canonical JSON, "table": base64 of SET/shards.jsonl} node  >
 * {"type":"ask","slot","restart","nonce","expiry","mac","node": hex,"facts": {string:
 * string},"evidence-type","evidence": base64, "shards": [first, end) as [n, n], "envelope": base64 DSSE
 * envelope of type DSSE_ASK, payload T | SHA-256(evidence)} house > {"type":"answer","envelope": base64 DSSE
 * envelope of type DSSE_ANSWER,"headers": base64, 124 bytes a shard asked for} either >
 * {"type":"error","status": exit status,"text"}   and the conversation is over
 */
#ifndef STAGER_RELEASE_H
#define STAGER_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"
#include "stager/header.h"
#include "stager/manifest.h"
#include "stager/note.h"
#include "stager/sign.h"
#include "stager/tree.h"

struct json;

#define RELEASE_SUITE "stager-1-x25519-chacha20poly1305-ed25519"
#define RELEASE_LINE_MAX (48u << 20)
#define RELEASE_NONCE_LEN 32
#define RELEASE_CHALLENGE_SECONDS 60
#define RELEASE_SLOTS_MAX 100000
#define RELEASE_PERSON_MAX 128
#define RELEASE_ENVELOPES_MAX 16         /* approvals of one request */
#define RELEASE_FACTS_MAX 64             /* keys up to 64 bytes, values up to 256 */
#define RELEASE_EVIDENCE_MAX (64 * 1024) /* bytes */
#define RELEASE_ASK_MAX (256u * 1024)    /* an ask's line */

/*
 * A request, canonical JSON: {"type":"stager.request.1","holder","dataset","version-id","manifest": hex
 * SHA-256 of the statement, "set","site","slots","redemptions","not-before","not-after" (seconds since
 * 1970),"job-key": hex,"requester": person id,"salt": hex 16} Its digest is SHA-256 of those bytes; its id
 * the first 16 bytes of that in base32.
 */
#define REQUEST_TYPE "stager.request.1"
#define REQUEST_MAX 4096
struct request {
	char holder[MANIFEST_NAME_MAX + 1];
	char dataset[MANIFEST_NAME_MAX + 1];
	char version_id[MANIFEST_ID_LEN + 1];
	uint8_t manifest[DIGEST_LEN];
	char set[MANIFEST_NAME_MAX + 1];
	char site[MANIFEST_NAME_MAX + 1];
	uint32_t slots, redemptions; /* 1 <= slots <= redemptions <= RELEASE_SLOTS_MAX */
	int64_t not_before, not_after;
	uint8_t job_key[SIGN_PUBLIC_LEN];
	char requester[RELEASE_PERSON_MAX +
		       1]; /* printable ASCII without spaces: an e-mail address or account name */
	uint8_t salt[16];
	/* filled by request_decode and request_encode */
	uint8_t digest[DIGEST_LEN];
	char id[MANIFEST_ID_LEN + 1];
};

/* 1 to RELEASE_PERSON_MAX printable ASCII characters, no space. */
bool release_person_ok(const char *person);
int request_encode(struct request *r, struct buf *out, struct err *e) MUST_CHECK;
int request_decode(const void *data, size_t len, struct request *r, struct err *e) MUST_CHECK;

/*
 * A steward as the house and stager-key know him: {"holder","person","key": hex}. A request is approved by
 * two envelopes of type DSSE_REQUEST over exactly its bytes, by stewards of its holder, two persons, two
 * keys, neither of them the requester nor the job key. ERR_REFUSED says which of these fails; ERR_FORGED a
 * bad signature.
 */
struct steward {
	char holder[MANIFEST_NAME_MAX + 1];
	char person[RELEASE_PERSON_MAX + 1];
	uint8_t key[SIGN_PUBLIC_LEN];
};
/* The statement that admits one, signed by himself and by others (DSSE_STEWARD), canonical JSON:
 * {"type":"stager.steward.1","holder","person","key": hex} */
#define STEWARD_TYPE "stager.steward.1"
#define STEWARD_MAX 1024
int steward_encode(const struct steward *s, struct buf *out, struct err *e) MUST_CHECK;
int steward_decode(const void *data, size_t len, struct steward *s, struct err *e) MUST_CHECK;

/* bytes: what r was read from. Persons are compared without regard to case. */
struct dsse;
int request_check_approvals(const struct request *r, const void *bytes, size_t len,
    const struct steward *stewards, size_t steward_count, struct dsse *const *envelopes,
    size_t envelope_count, struct err *e) MUST_CHECK;
/*
 * Before anybody signs: ERR_REFUSED where the requester is one of the stewards, or the job key one of theirs, and without them
 * no two are left who could approve. Where they are no stewards 0: others may be admitted yet.
 */
int request_check_left(
    const struct request *r, const struct steward *stewards, size_t steward_count, struct err *e) MUST_CHECK;
/* One envelope: which steward (index into stewards) signed it; -1 with e set. The rules on persons hold here
 * too. */
long request_check_approval(const struct request *r, const void *bytes, size_t len,
    const struct steward *stewards, size_t steward_count, const struct dsse *envelope,
    struct err *e) MUST_CHECK;

/* What a node asks, and T. */
struct ask {
	uint8_t house_key[SIGN_PUBLIC_LEN];
	uint8_t request[DIGEST_LEN];  /* the request's digest */
	uint8_t manifest[DIGEST_LEN]; /* SHA-256 of the statement */
	uint32_t slot, restart;
	uint8_t nonce[RELEASE_NONCE_LEN];
	int64_t expiry;
	uint8_t mac[DIGEST_LEN]; /* of the challenge; not in T */
	uint8_t node[X25519_LEN];
	uint8_t facts[DIGEST_LEN];    /* SHA-256 of the canonical facts */
	char evidence_type[32];       /* "none" */
	uint8_t evidence[DIGEST_LEN]; /* SHA-256 of the evidence */
	uint64_t first, end;          /* shards asked for: rows [first, end) of the table; not in T */
};

/*
 * T = SHA-256 over suite, house key, request, manifest, slot (u32 BE), restart (u32 BE), nonce, expiry (u64
 * BE), node, facts, evidence type, each led by its length as u32 BE (digest_prefixed).
 */
void ask_transcript(const struct ask *a, uint8_t t[static DIGEST_LEN]);
/* What the job key signs, as DSSE_ASK: T | SHA-256(evidence). */
#define ASK_PAYLOAD_LEN (2 * DIGEST_LEN)
void ask_payload(const struct ask *a, uint8_t out[static ASK_PAYLOAD_LEN]);
/* SHA-256 of the facts (an object of strings) in canonical form; ERR_INPUT where they are past the limits. */
int ask_facts(const struct json *facts, uint8_t out[static DIGEST_LEN], struct err *e) MUST_CHECK;
/* The ask as the node sends it, without the newline. facts: an object of strings. signature: by the job key
 * over PAE(DSSE_ASK, T | SHA-256(evidence)). */
int ask_encode(const struct ask *a, const struct json *facts, const void *evidence, size_t evidence_len,
    const uint8_t job_key[static SIGN_PUBLIC_LEN], const uint8_t signature[static SIGNATURE_LEN],
    struct buf *out, struct err *e) MUST_CHECK;
/*
 * Read an ask (a line without its newline) and prove that job_key signed it. house_key, request and manifest are the
 * reader's own. *facts
 * (where not NULL) receives the facts; caller frees.
 */
int ask_decode(const void *line, size_t len, const uint8_t house_key[static SIGN_PUBLIC_LEN],
    const struct request *r, struct ask *out, struct json **facts, struct err *e) MUST_CHECK;
/* ERR_REFUSED, an alarm, for a slot that the request has not. After ask_decode, so that only the job's owner is heard. */
int ask_check_slot(const struct ask *a, const struct request *r, struct err *e) MUST_CHECK;

/* The log's entry of a release, type "release": canonical JSON of what T binds, T itself, and the range.
 * Appended to out. */
int release_entry(const struct ask *a, struct buf *out, struct err *e) MUST_CHECK;

/*
 * What the house signs (DSSE_ANSWER): {"type":"stager.answer.1","t","manifest","headers": hex SHA-256 of the
 * header bytes,"writer", "checkpoint": the note,"index": of the entry,"first","end"}
 */
struct answer {
	uint8_t t[DIGEST_LEN];
	uint8_t manifest[DIGEST_LEN];
	uint8_t headers[DIGEST_LEN];
	uint8_t writer[X25519_LEN];
	char checkpoint[NOTE_MAX + 1];
	uint64_t index;
	uint64_t first, end;
};
int answer_encode(const struct answer *a, struct buf *out, struct err *e) MUST_CHECK;
int answer_decode(const void *data, size_t len, struct answer *out, struct err *e) MUST_CHECK;

/* The house's public card, HOUSE/house.json, which a node pins: {"house","ingest": hex,"key": hex,"log-key": hex,
 * "vault": hex}. */
struct house_card {
	char house[MANIFEST_NAME_MAX + 1];
	uint8_t key[SIGN_PUBLIC_LEN];     /* signs manifests and answers */
	uint8_t log_key[SIGN_PUBLIC_LEN]; /* signs checkpoints, under the origin "stager/HOUSE" */
	uint8_t vault[X25519_LEN];        /* seal wraps data keys for it */
	uint8_t ingest[X25519_LEN];       /* what holders seal for the house is sealed for it */
};
int house_card_encode(const struct house_card *c, struct buf *out, struct err *e) MUST_CHECK;
int house_card_decode(const void *data, size_t len, struct house_card *out, struct err *e) MUST_CHECK;

#endif
