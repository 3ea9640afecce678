/*
 * DSSE envelopes v1: a payload, its type, and Ed25519 signatures over
 * PAE = "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload (lengths in ASCII decimal).
 * JSON: {"payload": base64, "payloadType": type, "signatures": [{"keyid", "sig": base64}]}, canonical here.
 */
#ifndef STAGER_DSSE_H
#define STAGER_DSSE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/sign.h"

struct secret;

/* Every kind of thing that is signed in a house, so that no signature of one kind can pass for another. */
#define DSSE_MANIFEST "application/vnd.in-toto+json"
#define DSSE_REPORT "application/vnd.stager.report+json"   /* a steward accepts a version on this report */
#define DSSE_REQUEST "application/vnd.stager.request+json" /* a steward approves this request */
#define DSSE_STEWARD "application/vnd.stager.steward+json" /* a steward admits another steward */
#define DSSE_ASK "application/vnd.stager.ask+json"         /* a node asks for its headers, with the job key */
#define DSSE_ANSWER "application/vnd.stager.answer+json"   /* the house's answer to a node */
#define DSSE_RECEIPT "application/vnd.stager.receipt+json" /* what a node has opened, with the job key */
#define DSSE_DELIVERY \
	"application/vnd.stager.delivery+json" /* the house's record of what stands at an endpoint */

#define DSSE_SIGNATURES_MAX 16
#define DSSE_TYPE_MAX 128
#define DSSE_PAYLOAD_MAX (1u << 20)
#define DSSE_PAE_MAX (DSSE_PAYLOAD_MAX + DSSE_TYPE_MAX + 64) /* room for what is signed */

struct dsse {
	char *type;
	struct buf payload;
	size_t count;
	struct {
		char keyid[SIGN_KEYID_LEN + 1]; /* a hint, unproven; "" where there was none */
		uint8_t signature[SIGNATURE_LEN];
	} signatures[DSSE_SIGNATURES_MAX];
};

/* The bytes that are signed. */
int dsse_pae(const char *type, const void *payload, size_t len, struct buf *out, struct err *e) MUST_CHECK;
/* An envelope with one signature, as canonical JSON. */
int dsse_encode(const char *type, const void *payload, size_t len, const uint8_t key[static SIGN_PUBLIC_LEN],
    const uint8_t signature[static SIGNATURE_LEN], struct buf *out, struct err *e) MUST_CHECK;
/* Sign payload with seed and append the envelope: dsse_pae, sign_make, dsse_encode. */
int dsse_sign(const struct secret *seed, const char *type, const void *payload, size_t len, struct buf *out,
    struct err *e) MUST_CHECK;
/*
 * NULL with ERR_INPUT (form) or ERR_LIMIT. Nothing is proven yet. Caller frees with dsse_free. Other
 * producers' JSON need not be canonical: any order and white space, keyid left out or empty; but no other
 * keys, standard base64 only, signatures of 64 bytes, a payload that is not empty.
 */
struct dsse *dsse_decode(const void *data, size_t len, const char *what, struct err *e) MUST_CHECK;
void dsse_free(struct dsse *d);
/* 0 where the type is `type` and one of the signatures is key's and good; else ERR_FORGED. */
int dsse_check(const struct dsse *d, const char *type, const uint8_t key[static SIGN_PUBLIC_LEN],
    const char *what, struct err *e) MUST_CHECK;

#endif
