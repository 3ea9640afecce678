/* Crypt4GH v1 (GA4GH): segments of a body in the profile of DESIGN.md ("Sealed shards"), by OpenSSL. */
#ifndef STAGER_C4GH_H
#define STAGER_C4GH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret;

#define C4GH_PLAIN_MAX 65536 /* plaintext bytes of a segment; only the last may have fewer */
#define C4GH_NONCE_LEN 12
#define C4GH_MAC_LEN 16
#define C4GH_SEGMENT_MAX (C4GH_NONCE_LEN + C4GH_PLAIN_MAX + C4GH_MAC_LEN)
#define C4GH_KEY_LEN 32
/* Segments side by side in memory, the text of each on a cache line of its own: copies and cipher take some 5% less
 * time than where it lies anyhow. Segment i begins at i * C4GH_STRIDE + C4GH_LEAD, its text at C4GH_LEAD + 12. */
#define C4GH_LEAD (64 - C4GH_NONCE_LEN)
#define C4GH_STRIDE (64 + C4GH_PLAIN_MAX + 64)
#define C4GH_SEGMENTS_MAX (1u << 20)       /* of a shard's body: at most 64 GiB of plaintext */
#define C4GH_INDEX_MAX (UINT64_C(1) << 40) /* of any body: 64 PiB */

struct c4gh; /* one data key, set up for many segments; not for two threads at once */

/* seal: true to seal with it, false to open. The key is copied into OpenSSL's context only. Caller frees. */
struct c4gh *c4gh_new(const struct secret *data_key, bool seal, struct err *e) MUST_CHECK;
void c4gh_free(struct c4gh *c);

/*
 * Seal one segment: nonce | ciphertext | MAC. The nonce is u64 LE index | u32 LE last (1 or 0).
 * plain   len bytes, 1 <= len <= C4GH_PLAIN_MAX; every segment but the last has C4GH_PLAIN_MAX (ERR_LIMIT)
 * out     receives len + 28 bytes; must not overlap plain, unless plain is out + C4GH_NONCE_LEN (sealed in place)
 * Never seal two different segments under one index: the nonce would repeat.
 */
int c4gh_seal(struct c4gh *c, uint64_t index, bool last, const uint8_t *plain, size_t len, uint8_t *out,
    struct err *e) MUST_CHECK;
/*
 * Open one segment that must be number index, and the last one exactly where last says so. ERR_FORGED where
 * the nonce says otherwise or the MAC is wrong; out then holds nothing of it. out receives len - 28 bytes; it must
 * not overlap segment, unless it is segment + C4GH_NONCE_LEN (opened in place).
 */
int c4gh_open(struct c4gh *c, uint64_t index, bool last, const uint8_t *segment, size_t len, uint8_t *out,
    struct err *e) MUST_CHECK;

/*
 * The same for a segment of a foreign writer: under whatever nonce stands in it. Where it belongs is then not
 * proven; index serves messages.
 */
int c4gh_open_foreign(struct c4gh *c, uint64_t index, bool last, const uint8_t *segment, size_t len,
    uint8_t *out, struct err *e) MUST_CHECK;
/* Has this nonce our profile's form? Then what it says. A random one has it once in 2^55: the 24 bits
 * over the index, 7 over the flag, and 24 behind it would all have to be zero. */
bool c4gh_nonce_place(const uint8_t nonce[static C4GH_NONCE_LEN], uint64_t *index, bool *last);

/* Segments of a body of body_len bytes, and the plaintext's length; -1 with ERR_INPUT where no body has that
 * length. */
int c4gh_body_shape(uint64_t body_len, uint64_t *segments, uint64_t *plain_len, struct err *e) MUST_CHECK;

/* SHA-256 of one stored segment, by OpenSSL: an entry of a .sums file. */
#define SUM_LEN 32
struct sums;
struct sums *sums_new(struct err *e) MUST_CHECK;
void sums_free(struct sums *s);
int sums_segment(struct sums *s, const uint8_t *segment, size_t len, uint8_t out[static SUM_LEN],
    struct err *e) MUST_CHECK;
/* A running SHA-256 over many calls, for the digest of a sums file; final ends it and starts a new one. */
int sums_update(struct sums *s, const void *data, size_t len, struct err *e) MUST_CHECK;
int sums_final(struct sums *s, uint8_t out[static SUM_LEN], struct err *e) MUST_CHECK;

#endif
