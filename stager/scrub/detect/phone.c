/* Telephone numbers: Dutch ones by the numbering plan as libphonenumber's metadata for NL has it, others by +NN. */
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
	if (d->len[0] == 1 && d->groups >= 10 && d->digit[1] == 6) { /* "0 6 - 1 2 3 4 5 6 7 8" */
		for (size_t i = 1; i < 10; i++)
			if (d->len[i] != 1)
				return false;
		return d->groups == 10;
	}
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
	    (d->len[0] == 2 && (d->groups < 2 || d->len[1] < 3)) ||
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

/* Countries whose 00NN is a telephone's, with the digits of a whole number behind 00. */
static const struct {
	uint16_t code;
	uint8_t least, most;
} countries[] = {{1, 11, 11}, {30, 12, 12}, {32, 10, 11}, {33, 11, 11}, {34, 11, 11}, {36, 10, 11},
    {39, 10, 13}, {40, 11, 11}, {41, 11, 11}, {43, 9, 13}, {44, 11, 12}, {45, 10, 10}, {46, 9, 12},
    {47, 10, 10}, {48, 11, 11}, {49, 10, 13}, {61, 11, 11}, {62, 10, 13}, {86, 12, 13}, {90, 12, 12},
    {91, 12, 12}, {212, 12, 12}, {213, 11, 12}, {297, 10, 10}, {351, 12, 12}, {352, 9, 12}, {353, 10, 12},
    {358, 9, 13}, {380, 12, 12}, {420, 12, 12}, {597, 9, 10}, {599, 10, 11}};

static bool
country_length(const struct digits *d, size_t first, size_t count)
{
	unsigned code = 0;

	for (size_t i = first; i < first + 3 && i < d->count; i++) {
		code = code * 10 + d->digit[i];
		for (size_t k = 0; k < sizeof(countries) / sizeof(countries[0]); k++)
			if (countries[k].code == code)
				return count >= countries[k].least && count <= countries[k].most;
	}
	return false;
}

/* What may stand between two groups of one number: one byte, a bracket with a space, a dash with two. */
static bool
gap_within(const struct number *n, size_t end)
{
	size_t at = end;
	bool sign = false;

	for (; at < end + 4 && at < n->in->len && !(class_at(n->in, at) & IS_DIGIT); at++)
		sign = sign || n->in->s[at] == '(' || n->in->s[at] == ')' || n->in->s[at] == '-' ||
		       n->in->s[at] == '/';
	return at == end + 1 || sign;
}

#define WORLD_LEAST 8 /* E.164 has at most 15; what people write has 13 */
#define WORLD_MOST 13
#define WORLD_USUAL 11 /* with so many it is whole: a further group behind a space is another number */

/* "+32 475 12 34 56", "0049 30 123456". */
static bool
world_find(const struct number *n, bool plus, struct find *f)
{
	const struct digits *d = &n->d;
	size_t first = plus ? 0 : 2, end = 0;

	if ((!plus && (d->digit[0] != 0 || d->digit[1] != 0)) || d->count <= first || d->digit[first] == 0)
		return false;
	if (d->digit[first] == 3 && d->digit[first + 1] == 1)
		return false;
	for (size_t count = 1; count <= WORLD_MOST && first + count <= d->count; count++) {
		size_t last = first + count - 1;

		if (!d->group_end[last])
			continue;
		if (count >= WORLD_LEAST && (plus || country_length(d, first, count))) {
			if (end != 0 && end - first >= WORLD_USUAL && n->in->s[d->after[end - 1]] == ' ')
				break;
			end = last + 1;
		}
		if (!gap_within(n, d->after[last]))
			break;
	}
	if (end == 0 || class_at(n->in, d->after[end - 1]) & IS_DIGIT || word_at(n->in, d->after[end - 1]))
		return false;
	*f = (struct find){.start = d->at[0] - plus,
	    .end = d->after[end - 1],
	    .type = SPAN_PHONE,
	    .rule = "phone/world",
	    .score = 85};
	f->value = digits_number(d, end);
	return true;
}

/* "555-123-4567", "(555) 123 4567"; "020 7946 0958", "07700 900123": American and British forms. */
static bool
english_find(const struct number *n, struct find *f)
{
	const struct digits *d = &n->d;
	size_t start = d->at[0], count = 0;

	if (d->groups >= 3 && d->len[0] == 3 && d->len[1] == 3 && d->len[2] == 4 && d->digit[0] >= 2)
		count = 10;
	else if (d->digit[0] == 0 && d->digit[1] >= 1 && d->groups >= 2 && d->len[0] >= 3 && d->len[0] <= 5 &&
		 d->count >= 10 && (d->group_end[9] || (d->count >= 11 && d->group_end[10])))
		count = d->count >= 11 && d->group_end[10] ? 11 : 10;
	if (count == 0 || word_at(n->in, d->after[count - 1]))
		return false;
	if (start > n->in->floor && text_before(n->in, start, 1) == '(')
		start--;
	*f = (struct find){.start = start,
	    .end = d->after[count - 1],
	    .type = SPAN_PHONE,
	    .rule = "phone/english",
	    .score = 80};
	f->value = digits_number(d, count);
	return true;
}

/* Behind its keyword: a local number of six to eight digits, or an extension of three to six. */
static bool
local_find(const struct number *n, struct find *f)
{
	const struct digits *d = &n->d;
	size_t least = 6, most = 8, end = 0;
	const struct token *before = n->token - 1;

	if (!(n->context & W_PHONE))
		return false;
	if (n->context & W_EXTENSION) {
		least = 3;
		most = 6;
	} else if (before->len < 3 && text_at(n->in, token_end(before)) != ':' &&
		   text_at(n->in, token_end(before)) != '.') {
		return false; /* "t" alone */
	}
	for (size_t count = most; count >= least && end == 0; count--)
		if (digits_end(n, count, " -.") != 0)
			end = count;
	if (end == 0 || (end == 3 && digits_number(d, 3) == 112) || word_before(n->in, d->at[0]))
		return false;
	*f = (struct find){.start = d->at[0],
	    .end = d->after[end - 1],
	    .type = SPAN_PHONE,
	    .rule = "phone/keyword",
	    .score = 75};
	f->value = digits_number(d, end);
	return true;
}

/* By the Dutch plan. */
static bool
dutch_find(const struct text_in *in, const struct digits *d, struct find *f)
{
	size_t start = d->at[0], first, least, most, end = 0, closing = 0, opening = 0;
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

bool
phone_find(const struct number *n, bool english, struct find *f)
{
	const struct digits *d = &n->d;
	bool plus = d->at[0] > n->in->floor && text_before(n->in, d->at[0], 1) == '+';

	if (d->count < 3)
		return false;
	return dutch_find(n->in, d, f) || (d->count >= WORLD_LEAST && world_find(n, plus, f)) ||
	       (english && english_find(n, f)) || local_find(n, f);
}
