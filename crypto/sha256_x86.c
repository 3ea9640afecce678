/* SHA-256 blocks by the SHA extensions of x86 (Intel, "SHA Extensions", 2013), found out at run time. */
#include "sha256_x86.h"

#include <stdlib.h>

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

/* FIPS 180-4, 4.2.2 */
static const uint32_t round_constants[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
    0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74,
    0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3,
    0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354,
    0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
    0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
    0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

bool
sha256_x86_can(void)
{
	unsigned a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

__attribute__((target("sha,ssse3,sse4.1"))) static inline __m128i
load(const uint8_t *at)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), swap);
}

/* Four rounds: the instruction does two, with two words each. abef and cdgh are the state in its order. */
__attribute__((target("sha,ssse3,sse4.1"))) static inline void
four_rounds(__m128i *abef, __m128i *cdgh, __m128i words, unsigned round)
{
	__m128i sum =
	    _mm_add_epi32(words, _mm_loadu_si128((const __m128i *)(const void *)(round_constants + round)));

	*cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
	*abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

__attribute__((target("sha,ssse3,sse4.1"))) void
sha256_x86_blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count)
{
	__m128i abcd = _mm_loadu_si128((const __m128i *)(const void *)state);
	__m128i efgh = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
	__m128i abef, cdgh, begin[2], w[4];

	/* Words lie lowest first in memory; the instructions want a highest: f e b a, h g d c. */
	abcd = _mm_shuffle_epi32(abcd, 0xb1);
	efgh = _mm_shuffle_epi32(efgh, 0x1b);
	abef = _mm_alignr_epi8(abcd, efgh, 8);
	cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
	for (; count > 0; count--, blocks += 64) {
		begin[0] = abef;
		begin[1] = cdgh;
		for (unsigned i = 0; i < 4; i++) {
			w[i] = load(blocks + 16 * i);
			four_rounds(&abef, &cdgh, w[i], 4 * i);
		}
		/* The schedule: four words of the sixteen before them. */
		for (unsigned round = 16; round < 64; round += 4) {
			__m128i next =
			    _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]), _mm_alignr_epi8(w[3], w[2], 4));

			next = _mm_sha256msg2_epu32(next, w[3]);
			w[0] = w[1];
			w[1] = w[2];
			w[2] = w[3];
			w[3] = next;
			four_rounds(&abef, &cdgh, next, round);
		}
		abef = _mm_add_epi32(abef, begin[0]);
		cdgh = _mm_add_epi32(cdgh, begin[1]);
	}
	abcd = _mm_shuffle_epi32(abef, 0x1b);
	efgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(abcd, efgh, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(efgh, abcd, 8));
}

#else

bool
sha256_x86_can(void)
{
	return false;
}

void
sha256_x86_blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count)
{
	(void)state;
	(void)blocks;
	(void)count;
	abort();
}

#endif
