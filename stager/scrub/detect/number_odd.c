/* Numbers with signs between their groups that nobody writes there, so that they are not seen: "111_222_333", "06*12*34*56*78". */
#include "detect.h"

#include <string.h>

/* _ * | ~ # = \ : ; + ^ ! & @ / % $, a bit for each, of the bytes below 64 and above. */
#define LOW(c) (UINT64_C(1) << (c))
#define HIGH(c) (UINT64_C(1) << ((c)-64))
#define SIGNS_LOW                                                                                           \
	(LOW('*') | LOW('#') | LOW('=') | LOW(':') | LOW(';') | LOW('+') | LOW('!') | LOW('&') | LOW('/') | \
	    LOW('%') | LOW('$'))
#define SIGNS_HIGH (HIGH('_') | HIGH('|') | HIGH('~') | HIGH('\\') | HIGH('^') | HIGH('@'))

static inline bool
is_sign(uint8_t c)
{
	return c < 64 ? (SIGNS_LOW >> c & 1) != 0 : c < 128 && (SIGNS_HIGH >> (c - 64) & 1) != 0;
}

/* Sums, times and shares have these between figures; a citizen service number has none of them. */
#define SIGNS_ELSEWHERE "=:+%"

/* "06:12:34:56:78" may be times of a day, or a count of hours. */
static bool
times(const struct digits *d, uint8_t sign)
{
	for (size_t i = 0; i < d->groups && sign == ':'; i++)
		if (d->len[i] != 2)
			return false;
	return sign == ':';
}

static bool
phone(const struct number *n, uint8_t sign, struct find *f)
{
	const struct digits *d = &n->d;
	struct find at;

	/* a telephone's number says itself that it is one: 06, 020, 0031 */
	if (d->count < 10 || d->digit[0] != 0 || times(d, sign) || !phone_find(n, false, &at) ||
	    at.end != d->after[d->count - 1])
		return false;
	*f = at;
	f->rule = "phone/odd";
	return true;
}

/* All singles, "0*6*1*2*3*4*5*6*7*8", too. */
static bool
mobile(const struct number *n, struct find *f)
{
	const struct digits *d = &n->d;

	if (d->count != 10 || d->digit[0] != 0 || d->digit[1] != 6 || d->groups != 10)
		return false;
	*f = (struct find){.start = d->at[0],
	    .end = d->after[9],
	    .type = SPAN_PHONE,
	    .score = 80,
	    .rule = "phone/odd",
	    .value = digits_number(d, 10)};
	return true;
}

static bool
bsn(const struct number *n, uint8_t sign, struct find *f)
{
	const struct digits *d = &n->d;

	if (strchr(SIGNS_ELSEWHERE, sign) != NULL || d->count != 9 || !bsn_usual_groups(d, d->groups) ||
	    !bsn_eleven(d->digit, 9))
		return false;
	*f = (struct find){.start = d->at[0],
	    .end = d->after[8],
	    .type = SPAN_BSN,
	    .score = 60,
	    .rule = "bsn/odd",
	    .value = digits_number(d, 9)};
	return true;
}

bool
odd_find(struct number *n, bool bsn_any, struct find *f)
{
	const struct text_in *in = n->in;
	size_t first = n->d.run_end;
	uint8_t sign = text_at(in, first);

	if (!is_sign(sign))
		return false;
	while (first < n->d.run_end + 3 && text_at(in, first) == sign)
		first++;
	if (!(class_at(in, first) & IS_DIGIT) || word_before(in, n->d.at[0]) ||
	    (text_before(in, n->d.at[0], 1) == sign && class_before(in, n->d.at[0], 2) & IS_ALNUM))
		return false;
	digits_collect_odd(in, n->d.at[0], sign, &n->d);
	/* The end of it all, and no more of the like. */
	if (n->d.groups < 2 || word_at(in, n->d.after[n->d.count - 1]) ||
	    (text_at(in, n->d.after[n->d.count - 1]) == sign &&
		class_at(in, n->d.after[n->d.count - 1] + 1) & IS_ALNUM))
		return false;
	return phone(n, sign, f) || mobile(n, f) || card_find(n, f) || (bsn_any && bsn(n, sign, f));
}
