/* The form of a context in its file, for its writer (context.c) and its reader (context_read.c). stager/scrub only. */
#ifndef SCRUB_CONTEXT_FORM_H
#define SCRUB_CONTEXT_FORM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stager/context.h"

/*
 * subject: pseudonym (26) | u16 LE length | body
 * index:   slots of u64 LE, as many as a power of two: 0, or offset of the subject + 1 (40 bits) | state (4) | tag (20)
 * end:     "stgrctx2" | u64 LE offset of the index | slots | subjects | those of them who are excluded
 *
 * A subject's place is its hash modulo the slots, or the next free one; the tag is the hash's upper 20 bits.
 */
#define CONTEXT_MAGIC "stgrctx2"
#define CONTEXT_END_LEN 40
#define CONTEXT_HEAD_LEN (PSEUDONYM_LEN + 2)
#define OFFSET_BITS 40
#define STATE_BITS 4
#define TAG_SHIFT (OFFSET_BITS + STATE_BITS)
#define OFFSET_MASK ((UINT64_C(1) << OFFSET_BITS) - 1)

struct context {
	const uint8_t *data;
	size_t len;
	const uint8_t *slots;
	uint64_t slot_mask, index_at, subjects, excluded;
	uint8_t *may; /* a bit for each excluded subject, by its hash; NULL where there is none */
	uint64_t may_mask;
};

static inline void
context_put64(uint8_t *to, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t
context_get64(const uint8_t *from)
{
	uint64_t v = 0;

	for (unsigned i = 8; i > 0; i--)
		v = v << 8 | from[i - 1];
	return v;
}

/* Pseudonyms are keyed: nobody can choose them so that they meet. */
static inline uint64_t
context_hash(const char *pseudonym)
{
	uint64_t a, b;

	memcpy(&a, pseudonym, 8);
	memcpy(&b, pseudonym + 8, 8);
	a = (a ^ (b << 32 | b >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
	a ^= a >> 29;
	a *= UINT64_C(0xbf58476d1ce4e5b9);
	return a ^ a >> 32;
}

#endif
