/* Citizen service numbers (BSN), which are also tax numbers: the 11-test, as python-stdnum's nl/bsn.py has
 * it. */
#include "detect.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define ODD_GAP_MAX 3    /* bytes of other signs between two figures */
#define KEYWORD_REACH 48 /* some 40 bytes, and the keyword itself */

static const char *const keywords[] = {
    "bsn", "burgerservicenummer", "burger service n", "sofi", "burgerservicen", NULL};

bool
bsn_eleven(const uint8_t *digit, size_t count)
{
	int sum = 0, weight = (int)count;
	bool zero = true;

	for (size_t i = 0; i < count; i++, weight--) {
		sum += digit[i] * (weight == 1 ? -1 : weight);
		zero = zero && digit[i] == 0;
	}
	return !zero && sum % 11 == 0;
}

/* The lengths, one hex digit each. */
bool
bsn_usual_groups(const struct digits *d, size_t groups)
{
	static const uint32_t usual[] = {
	    0x9, 0x333, 0x423, 0x45, 0x54, 0x234, 0x324, 0x2223, 0x3222, 0x8, 0x233, 0x323, 0x332, 0x2222};
	uint32_t shape = 0;

	for (size_t i = 0; i < groups; i++)
		shape = shape << 4 | (uint32_t)d->len[i];
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (shape == usual[i])
			return true;
	return false;
}

/* CR LF, or a line end with a space before or behind it, between group and the next. */
static bool
line_between(const struct text_in *in, const struct digits *d, size_t group)
{
	size_t lines = 0;

	for (size_t at = d->at[group] + d->len[group]; at < d->at[group + 1]; at++) {
		if (in->s[at] != '\n' && in->s[at] != '\r' && in->s[at] != ' ')
			return false;
		lines += in->s[at] == '\n';
	}
	return lines == 1;
}

/* One space, dot or dash between, or the end of a line. */
static bool
plain_gaps(const struct text_in *in, const struct digits *d, size_t groups)
{
	for (size_t i = 0; i + 1 < groups; i++) {
		uint8_t gap = digits_gap(in, d, i);

		if (gap != ' ' && gap != '.' && gap != '-' && gap != '\n' && !line_between(in, d, i))
			return false;
	}
	return true;
}

/* Nine figures may come before a letter or a line's end: what most numbers fail. */
static inline bool
nine_near(const struct text_in *in, size_t at)
{
#ifdef __SSE2__
	uint32_t digits = 0, ends = 0;

	if (in->len - at < 32)
		return true;
	for (unsigned i = 0; i < 32; i += 16) {
		const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(in->s + at + i));
		/* Compared as signed: what is no such letter or digit comes to stand below. */
		const __m128i letter = _mm_cmpgt_epi8(
		    _mm_add_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8(127 - 'z')),
		    _mm_set1_epi8(127 - 26));
		const __m128i digit =
		    _mm_cmpgt_epi8(_mm_add_epi8(x, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(127 - 10));

		digits |= (uint32_t)_mm_movemask_epi8(digit) << i;
		ends |= (uint32_t)_mm_movemask_epi8(
			    _mm_or_si128(letter, _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\n')),
						     _mm_cmpeq_epi8(x, _mm_set1_epi8('\r')))))
			<< i;
	}
	/* Figures before the first of these. */
	digits &= (ends & -ends) - 1;
	return ends == 0 || __builtin_popcount(digits) >= 9;
#else
	(void)in;
	(void)at;
	return true;
#endif
}

/* Nine figures, and between them whatever signs: "111_222_333", "111|222|333". They end at *end; false where they are no BSN. */
static bool
odd_signs(const struct text_in *in, size_t at, uint64_t *value, size_t *end)
{
	uint8_t digit[9];
	size_t count = 0, gap = 0;

	if (!nine_near(in, at))
		return false;
	for (*value = 0; at < in->len && count < 9 && gap <= ODD_GAP_MAX; at++) {
		uint8_t c = in->s[at];

		if (c >= '0' && c <= '9') {
			digit[count++] = c - '0';
			*value = *value * 10 + (c - '0');
			gap = 0;
		} else if (((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '\n' || c == '\r') {
			return false;
		} else {
			gap++;
		}
	}
	*end = at;
	return count == 9 && !(class_at(in, at) & IS_DIGIT) && bsn_eleven(digit, 9);
}

bool
bsn_find(const struct text_in *in, const struct digits *d, bool any, bool *keyword, struct find *f)
{
	size_t count = 0, end;
	uint64_t value;
	int known = -1; /* whether a keyword stands before it: not looked yet */

	*keyword = false;
	for (size_t groups = 1; groups <= d->groups && groups <= 9; groups++) {
		count += d->len[groups - 1];
		if (count > 9)
			break;
		if (count < 8 || !bsn_eleven(d->digit, count))
			continue;
		if (known == -1)
			known = text_keyword_before(in, d->at[0], KEYWORD_REACH, keywords);
		/* Behind the keyword any spelling will do. */
		if (known == 0 && (!any || !bsn_usual_groups(d, groups) || !plain_gaps(in, d, groups)))
			continue;
		*keyword = known == 1;
		*f = (struct find){.start = d->at[0], .end = d->after[count - 1], .type = SPAN_BSN};
		f->score = *keyword ? 100 : 60;
		f->rule = *keyword ? "bsn/keyword" : "bsn/eleven";
		for (size_t i = 0; i < count; i++)
			f->value = f->value * 10 + d->digit[i];
		return true;
	}
	if (d->count < 9 && odd_signs(in, d->at[0], &value, &end) &&
	    text_keyword_before(in, d->at[0], KEYWORD_REACH, keywords)) {
		*keyword = true;
		*f = (struct find){.start = d->at[0],
		    .end = end,
		    .type = SPAN_BSN,
		    .score = 100,
		    .rule = "bsn/keyword",
		    .value = value};
		return true;
	}
	return false;
}
