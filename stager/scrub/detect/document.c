/* Passports, identity cards and residence documents, as RvIG and IND number them. */
#include "detect.h"

/* Without a keyword a document's number has at least so many, and goes so often from letters to digits or back. */
#define DIGITS_ALONE 4
#define SWITCHES_ALONE 3

static bool
found(struct find *f, const struct text_in *in, size_t start, size_t end, const char *rule, uint8_t score)
{
	*f = (struct find){.start = start, .end = end, .type = SPAN_DOCUMENT, .rule = rule, .score = score};
	f->value = text_value(in->s + start, end - start, " -/");
	return true;
}

static size_t
digits_of(const struct text_in *in, const struct token *t)
{
	size_t digits = 0;

	for (size_t i = 0; i < t->len; i++)
		digits += detect_class[in->s[t->start + i]] & IS_DIGIT;
	return digits;
}

static size_t
switches(const struct text_in *in, const struct token *t)
{
	size_t count = 0;

	for (size_t i = 1; i < t->len; i++)
		count += ((detect_class[in->s[t->start + i]] ^ detect_class[in->s[t->start + i - 1]]) &
			     IS_DIGIT) != 0;
	return count;
}

/* [A-Z]{2}[A-Z0-9]{6}[0-9], and no letter O. */
static bool
passport(const struct number *n, struct find *f)
{
	const struct token *t = n->token;
	const uint8_t *s = n->in->s + t->start;
	bool keyword = (n->context & W_DOCUMENT) != 0;

	if (t->len != 9 || t->shape & TOKEN_WIDE || (t->shape & TOKEN_LOWER && !keyword) ||
	    !(detect_class[s[0]] & detect_class[s[1]] & IS_LETTER) || !(detect_class[s[8]] & IS_DIGIT))
		return false;
	for (size_t i = 0; i < t->len; i++)
		if ((s[i] | 0x20) == 'o')
			return false;
	if (!keyword && (digits_of(n->in, t) < DIGITS_ALONE || switches(n->in, t) < SWITCHES_ALONE))
		return false;
	return found(f, n->in, t->start, token_end(t), keyword ? "document/keyword" : "document/form",
	    keyword ? 95 : 60);
}

/* "V-12AB34CD", "III/ABCD1234": eight characters, no letter O, behind the kind of residence. */
static bool
residence(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	const struct token *t = n->token, *kind = t - 1;
	uint8_t gap = text_at(in, token_end(kind));

	if (t->len != 8 || t->shape & (TOKEN_LOWER | TOKEN_WIDE) || kind->len == 0 ||
	    kind->start < in->floor || kind->start + kind->len + 1 != t->start || kind->shape & TOKEN_LOWER ||
	    (gap != '/' && (gap != '-' || !token_is(n->w, kind, "v"))) ||
	    (!token_is(n->w, kind, "iii") && !token_is(n->w, kind, "iv") && !token_is(n->w, kind, "v")))
		return false;
	for (size_t i = 0; i < t->len; i++)
		if (in->s[t->start + i] == 'O')
			return false;
	return found(f, in, kind->start, token_end(t), "document/residence", 80);
}

bool
document_find(const struct number *n, struct find *f)
{
	return n->token->start >= n->in->floor && (passport(n, f) || residence(n, f));
}
