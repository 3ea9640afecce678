/* Numbers of credit cards: the networks' prefixes and lengths, and the check of ISO/IEC 7812-1. */
#include "detect.h"

static bool
luhn(const uint8_t *digit, size_t count)
{
	unsigned sum = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned v = digit[count - 1 - i] * (i % 2 == 0 ? 1u : 2u);

		sum += v > 9 ? v - 9 : v;
	}
	return sum % 10 == 0;
}

/* The networks' prefixes and lengths (ISO/IEC 7812 as the networks use it). */
static bool
card_prefix(const struct digits *d, size_t count, bool keyword)
{
	unsigned two = d->digit[0] * 10u + d->digit[1], four = two * 100 + d->digit[2] * 10u + d->digit[3];

	switch (count) {
	case 13:
	case 19:
		return d->digit[0] == 4 || (keyword && (two == 50 || (two >= 56 && two <= 69)));
	case 14:
		return two == 36 || two == 38 || (four >= 3000 && four <= 3059);
	case 15:
		return two == 34 || two == 37;
	case 16:
		return d->digit[0] == 4 || (two >= 51 && two <= 55) || (four >= 2221 && four <= 2720) ||
		       four == 6011 || two == 65 || (four >= 3528 && four <= 3589) ||
		       (keyword && (two == 50 || (two >= 56 && two <= 69)));
	default:
		return keyword && count >= 12 && (two == 50 || (two >= 56 && two <= 69));
	}
}

bool
card_find(const struct number *n, struct find *f)
{
	const struct digits *d = &n->d;
	bool keyword = (n->context & W_CARD) != 0;

	if (d->count < 12 || word_before(n->in, d->at[0]))
		return false;
	for (size_t count = 19; count >= 12; count--) {
		size_t end = digits_end(n, count, " -\n._*|/~#");

		/* an OV-chipkaart: 3528 and no check that is known */
		if (count == 16 && end != 0 && d->groups >= 4 && digits_value(n->in, d, 0) == 3528 &&
		    d->len[0] == 4 && d->len[1] == 4 && d->len[2] == 4 && d->len[3] == 4) {
			*f = (struct find){.start = d->at[0],
			    .end = end,
			    .type = SPAN_CARD,
			    .rule = "card/ov",
			    .score = 80,
			    .value = digits_number(d, count)};
			return true;
		}
		if (end == 0 || !card_prefix(d, count, keyword) || !luhn(d->digit, count))
			continue;
		/* in one, in fours, or 4-6-5: unless the keyword stands there */
		if (!keyword && d->len[0] != count && d->len[0] != 4)
			continue;
		*f = (struct find){.start = d->at[0],
		    .end = end,
		    .type = SPAN_CARD,
		    .rule = "card/luhn",
		    .score = keyword ? 100 : 85,
		    .value = digits_number(d, count)};
		return true;
	}
	return false;
}
