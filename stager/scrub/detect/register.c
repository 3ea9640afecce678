/* Numbers by which anybody finds a person in a public register: judgements and parcels. */
#include "detect.h"

#define JUDGEMENT_LEN_MAX 25 /* the last part of an ECLI */

static bool
found(struct find *f, const struct text_in *in, size_t start, size_t end, const char *rule)
{
	*f = (struct find){.start = start, .end = end, .type = SPAN_NUMBER, .rule = rule, .score = 90};
	f->value = text_value(in->s + start, end - start, " :.");
	return true;
}

/* "ECLI:NL:RBGEL:2023:4417" (Council conclusions 2011/C 127/01): country, court, year, and what the court calls it. */
static bool
judgement(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	const struct token *year = n->token, *first = year - 3;
	size_t end = token_end(year) + 1;

	if (year->len != 4 || year->shape != TOKEN_DIGIT || text_before(in, year->start, 1) != ':' ||
	    text_at(in, end - 1) != ':' || !token_is(n->w, first, "ecli") || first->start < in->floor ||
	    year[-2].len != 2 || token_end(first) + 1 != year[-2].start ||
	    token_end(year - 2) + 1 != year[-1].start || token_end(year - 1) + 1 != year->start)
		return false;
	while (
	    end - token_end(year) <= JUDGEMENT_LEN_MAX &&
	    (class_at(in, end) & IS_ALNUM || (text_at(in, end) == '.' && class_at(in, end + 1) & IS_ALNUM)))
		end++;
	return end > token_end(year) + 1 && found(f, in, first->start, end, "number/ecli");
}

/* "HRV00 D 3381": the municipality of the land register, a section, a parcel. */
static bool
parcel(const struct number *n, struct find *f)
{
	const struct token *town = n->token, *section = town + 1, *number = town + 2;
	const uint8_t *s = n->in->s + town->start;

	return town->len == 5 && town->shape == (TOKEN_TITLE | TOKEN_UPPER | TOKEN_DIGIT) &&
	       town->start >= n->in->floor &&
	       detect_class[s[0]] & detect_class[s[1]] & detect_class[s[2]] & IS_UPPER &&
	       detect_class[s[3]] & detect_class[s[4]] & IS_DIGIT && section->len >= 1 && section->len <= 2 &&
	       section->shape == (TOKEN_TITLE | TOKEN_UPPER) && section->start == token_end(town) + 1 &&
	       number->shape == TOKEN_DIGIT && number->len >= 2 && number->len <= 5 &&
	       number->start == token_end(section) + 1 && text_at(n->in, token_end(town)) == ' ' &&
	       text_at(n->in, token_end(section)) == ' ' &&
	       found(f, n->in, town->start, token_end(number), "number/parcel");
}

bool
register_find(const struct number *n, struct find *f)
{
	return judgement(n, f) || parcel(n, f);
}
