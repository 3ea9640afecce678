/* Dutch telephone numbers, by the numbering plan as libphonenumber's metadata for NL has it. */
#include "detect.h"

static const char *const keywords[] = {"tel", "bel", "gsm", "mobiel", NULL};

/*
 * How many digits a national number that begins like this may have: from *least to *most; false for none.
 * Fixed (1[0135-8]|2[02-69]|3[0-68]|4[0135-9]|[57]\d|8[478])\d{7}, mobile 6\d{8} (the plan has 6[1-58]; but who
 * writes 06 and eight figures means a telephone), 85\d{7}, 800\d{4,7}, 90[069]\d{4,7}.
 */
static bool
national_length(const uint8_t *digit, size_t count, size_t *least, size_t *most)
{
	/* by the first digit: which second digits, as bits */
	static const uint16_t second[10] = {
	    0x000, 0x1eb, 0x27d, 0x17f, 0x3eb, 0x3ff, 0x3ff, 0x3ff, 0x1b0, 0x000};

	if (count < 3)
		return false;
	if ((digit[0] == 8 && digit[1] == 0 && digit[2] == 0) ||
	    (digit[0] == 9 && digit[1] == 0 && (digit[2] == 0 || digit[2] == 6 || digit[2] == 9))) {
		*least = 7;
		*most = 10;
		return true;
	}
	*least = *most = 9;
	return (second[digit[0]] >> digit[1] & 1) != 0;
}

/* A national number is written with its area code first: "020 ...", "0182-...", "06 ...", "(0)20", or in one.
 */
static bool
area_code_plausible(const struct text_in *in, const struct digits *d)
{
	if (d->len[0] == 1)
		return text_before(in, d->at[0], 1) == '(' && text_at(in, d->at[0] + 1) == ')';
	if (d->len[0] == 2 && d->digit[1] != 6) {
		/* all in pairs, with the same byte between */
		for (size_t i = 0; i < 5; i++)
			if (i >= d->groups || d->len[i] != 2 ||
			    (i < 4 &&
				(digits_gap(in, d, i) == 0 || digits_gap(in, d, i) != digits_gap(in, d, 0))))
				return false;
	}
	return true;
}

/* "14 020": the number of a municipality, 14 and an area code of three or four digits; near a keyword. */
static bool
municipal_find(const struct text_in *in, const struct digits *d, struct find *f)
{
	size_t count = 0;

	if (d->count < 5 || d->digit[0] != 1 || d->digit[1] != 4 || d->digit[2] != 0 ||
	    !text_keyword_before(in, d->at[0], 16, keywords))
		return false;
	for (size_t i = 5; i <= 6 && i <= d->count; i++)
		if (d->group_end[i - 1])
			count = i;
	if (count == 0)
		return false;
	*f = (struct find){.start = d->at[0], .end = d->after[count - 1], .type = SPAN_PHONE};
	f->score = 85;
	f->rule = "phone/municipal";
	for (size_t i = 0; i < count; i++)
		f->value = f->value * 10 + d->digit[i];
	return true;
}

bool
phone_find(const struct text_in *in, const struct digits *d, struct find *f)
{
	size_t start = d->groups > 0 ? d->at[0] : 0, first, least, most, end = 0, closing = 0, opening = 0;
	bool plus = start > in->floor && text_before(in, start, 1) == '+';

	if (d->count < 5)
		return false;
	if (plus && d->digit[0] == 3 && d->digit[1] == 1) {
		first = 2;
	} else if (d->digit[0] == 0 && d->digit[1] == 0 && d->digit[2] == 3 && d->digit[3] == 1) {
		first = 4;
	} else if (d->digit[0] == 0 && !plus && area_code_plausible(in, d)) {
		first = 1;
	} else {
		return municipal_find(in, d, f);
	}
	if (first > 1 && first < d->count && d->digit[first] == 0)
		first++; /* +31 (0)20 */
	if (!national_length(d->digit + first, d->count - first, &least, &most))
		return false;
	for (size_t count = most; count >= least && end == 0; count--)
		if (first + count <= d->count && d->group_end[first + count - 1])
			end = first + count;
	if (end == 0)
		return false;
	*f = (struct find){.end = d->after[end - 1], .type = SPAN_PHONE, .score = 90, .rule = "phone/plan"};
	for (size_t i = first; i < end; i++)
		f->value = f->value * 10 + d->digit[i];
	if (plus)
		start--;
	for (size_t i = start; i < f->end; i++) {
		opening += in->s[i] == '(';
		closing += in->s[i] == ')';
	}
	if (closing > opening && start > in->floor && text_before(in, start, 1) == '(')
		start--; /* (020) 123 45 67 */
	f->start = start;
	return true;
}
