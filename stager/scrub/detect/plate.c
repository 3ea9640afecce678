/* Dutch licence plates: three groups of digits or letters, six characters in all, in the series of RDW. */
#include "detect.h"

#include <string.h>

/* X a letter, 9 a digit: the series 1 to 14 of cars, and those of mopeds and trailers among them. */
static const char series[][7] = {"XX9999", "9999XX", "99XX99", "XX99XX", "XXXX99", "99XXXX", "99XXX9",
    "9XXX99", "XX999X", "X999XX", "XXX99X", "X99XXX", "9XX999", "999XX9"};
static const uint8_t groups[][3] = {{2, 2, 2}, {2, 2, 2}, {2, 2, 2}, {2, 2, 2}, {2, 2, 2}, {2, 2, 2},
    {2, 3, 1}, {1, 3, 2}, {2, 3, 1}, {1, 3, 2}, {3, 2, 1}, {1, 2, 3}, {1, 2, 3}, {3, 2, 1}};
#define SERIES (sizeof(series) / sizeof(series[0]))

/* One of its groups is of letters that RDW does not give. */
static bool
banned(const char *six, size_t which)
{
	static const char *const never[] = {
	    "GVD", "KKK", "NSB", "PKK", "PSV", "TBS", "PVV", "SGP", "VVD", "SS", "SD"};
	size_t at = 0;

	for (size_t g = 0; g < 3; at += groups[which][g++])
		for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
			if (strlen(never[i]) == groups[which][g] &&
			    memcmp(six + at, never[i], groups[which][g]) == 0)
				return true;
	return false;
}

/* Six characters are of a series; its number, or SERIES. */
static size_t
series_of(const char *six)
{
	for (size_t i = 0; i < SERIES; i++) {
		size_t k = 0;

		while (k < 6 && ((series[i][k] == '9') == ((detect_class[(uint8_t)six[k]] & IS_DIGIT) != 0)))
			k++;
		if (k == 6)
			return i;
	}
	return SERIES;
}

static bool
found(struct find *f, size_t start, size_t end, const char *six, bool keyword)
{
	*f = (struct find){.start = start, .end = end, .type = SPAN_PLATE, .score = keyword ? 95 : 80};
	f->rule = keyword ? "kenteken/keyword" : "kenteken/series";
	f->value = text_value((const uint8_t *)six, 6, "");
	return true;
}

/* Three tokens from t on, with a dash between (behind a keyword a space will do). */
static bool
grouped(const struct number *n, const struct token *t, bool keyword, struct find *f)
{
	const struct text_in *in = n->in;
	char six[7];
	size_t len = 0, which;

	for (int i = 0; i < 3; i++) {
		uint8_t gap = text_at(in, token_end(&t[i]));

		if (t[i].len == 0 || t[i].len > 3 || len + t[i].len > 6 || t[i].shape & TOKEN_WIDE)
			return false;
		if (!keyword && t[i].shape & TOKEN_LOWER)
			return false;
		if (i < 2 &&
		    (t[i + 1].start != token_end(&t[i]) + 1 || (gap != '-' && (!keyword || gap != ' '))))
			return false;
		if (i > 0 && i < 2 && gap != text_at(in, token_end(&t[0])))
			return false;
		for (size_t k = 0; k < t[i].len; k++) {
			uint8_t c = in->s[t[i].start + k];

			six[len++] = (char)(detect_class[c] & IS_LOWER ? c & 0xdf : c);
		}
	}
	six[len] = '\0';
	if (len != 6 || t->start < in->floor || (which = series_of(six)) == SERIES || banned(six, which))
		return false;
	for (int i = 0; i < 3; i++)
		if (t[i].len != groups[which][i])
			return false;
	/* part of a longer number? */
	if ((text_before(in, t->start, 1) == '-' && word_before(in, t->start - 1)) ||
	    (text_at(in, token_end(&t[2])) == '-' && word_at(in, token_end(&t[2]) + 1)))
		return false;
	return found(f, t->start, token_end(&t[2]), six, keyword);
}

bool
plate_find(const struct number *n, struct find *f)
{
	const struct token *t = n->token;
	char six[7];
	size_t which;

	/* "kenteken 12 AB 34": of so short a number nobody asked what stands before it */
	if (t->len <= 3 && n->context == 0 && t[1].len > 0 && t[1].len <= 3 && t[2].len > 0 &&
	    t[2].len <= 3 && (t[1].shape & (TOKEN_UPPER | TOKEN_LOWER | TOKEN_DIGIT)) == TOKEN_UPPER &&
	    t[2].shape == TOKEN_DIGIT && t[1].start == token_end(t) + 1 &&
	    text_at(n->in, token_end(t)) == ' ' && context_before(n->w, t) & W_PLATE &&
	    grouped(n, t, true, f))
		return true;
	/* Most numbers are neither beside a dash nor behind such a word. */
	if (!(n->context & W_PLATE) && text_at(n->in, token_end(t)) != '-' &&
	    text_before(n->in, t->start, 1) != '-')
		return false;
	/* The digits may stand in the first group, the second, or (XX-XX-99) the third. */
	if (t->len > 6)
		return false;
	for (int back = 0; back <= 2; back++) {
		const struct token *first = t - back;
		bool keyword;

		if (first->len == 0 || first->len > 3)
			break;
		keyword = (context_before(n->w, first) & W_PLATE) != 0;
		if (grouped(n, first, keyword, f))
			return true;
	}
	if (t->len != 6 || !(n->context & W_PLATE) || t->start < n->in->floor || t->shape & TOKEN_WIDE)
		return false;
	for (size_t i = 0; i < 6; i++) {
		uint8_t c = n->in->s[t->start + i];

		six[i] = (char)(detect_class[c] & IS_LOWER ? c & 0xdf : c);
	}
	six[6] = '\0';
	which = series_of(six);
	if (which == SERIES || banned(six, which))
		return false;
	return found(f, t->start, token_end(t), six, true);
}
