/* A pattern that few and short values match, written out: a code such as [A-Z][0-9]{2}(\.[0-9])? is two forms, of three bytes and of five. */
#ifndef SCRUB_PATTERN_FORMS_H
#define SCRUB_PATTERN_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "pattern_tree.h"

#define FORM_LEN_MAX 16
#define FORMS_MAX 8

/* Bytes low[i] to high[i] at place i; behind its end any. */
struct pattern_form {
	uint8_t low[FORM_LEN_MAX], high[FORM_LEN_MAX];
	uint8_t len;
};

struct pattern_forms {
	size_t count; /* 0: the pattern has more, longer or other ones */
	struct pattern_form of[FORMS_MAX];
};

void pattern_forms_make(struct pattern_forms *forms, const struct piece_tree *tree);

#if defined(__SSE2__)
/* Not a byte behind the value is read; what stands in their places is any. */
static inline __m128i
pattern_forms_load(const char *value, size_t len)
{
	uint64_t low = 0, high = 0, word;
	uint32_t first, last;

	if (len > 8) {
		memcpy(&low, value, 8);
		memcpy(&word, value + len - 8, 8);
		high = word >> (8 * (FORM_LEN_MAX - len));
	} else if (len == 8) {
		memcpy(&low, value, 8);
	} else if (len >= 4) {
		memcpy(&first, value, 4);
		memcpy(&last, value + len - 4, 4);
		low = first | (uint64_t)last << (8 * (len - 4));
	} else if (len > 0) {
		low = (uint64_t)(uint8_t)value[0] | (uint64_t)(uint8_t)value[len / 2] << (8 * (len / 2)) |
		      (uint64_t)(uint8_t)value[len - 1] << (8 * (len - 1));
	}
	return _mm_set_epi64x((int64_t)high, (int64_t)low);
}
#endif

/* The whole value has one of the forms, of which there are some. */
static inline bool
pattern_forms_match(const struct pattern_forms *forms, const char *value, size_t len)
{
#ifdef __SSE2__
	__m128i v;

	if (len > FORM_LEN_MAX)
		return false;
	v = pattern_forms_load(value, len);
	for (size_t i = 0; i < forms->count; i++) {
		const struct pattern_form *f = &forms->of[i];
		__m128i low = _mm_loadu_si128((const __m128i *)(const void *)f->low);
		__m128i high = _mm_loadu_si128((const __m128i *)(const void *)f->high);
		__m128i within = _mm_and_si128(
		    _mm_cmpeq_epi8(_mm_max_epu8(v, low), v), _mm_cmpeq_epi8(_mm_min_epu8(v, high), v));

		if (f->len == len && _mm_movemask_epi8(within) == 0xffff)
			return true;
	}
#else
	for (size_t i = 0; i < forms->count; i++) {
		const struct pattern_form *f = &forms->of[i];
		bool within = f->len == len;

		for (size_t k = 0; within && k < len; k++)
			within = (uint8_t)value[k] >= f->low[k] && (uint8_t)value[k] <= f->high[k];
		if (within)
			return true;
	}
#endif
	return false;
}

#endif
