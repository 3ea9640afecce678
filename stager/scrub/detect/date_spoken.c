/* Dates without a figure: "vier april negentienhonderd zesenveertig", "begin december", as they are dictated and told. */
#include "detect.h"

static bool
among(const struct work *w, const struct token *t, const char *const *words)
{
	for (; t->len > 0 && *words != NULL; words++)
		if (token_is(w, t, *words))
			return true;
	return false;
}

static bool
begins(const uint8_t *s, size_t len, const char *text, size_t *n)
{
	size_t i = 0;

	while (i < len && text[i] != '\0' && (s[i] | 0x20) == ((uint8_t)text[i] | 0x20))
		i++;
	*n = i;
	return text[i] == '\0';
}

unsigned
number_word(const uint8_t *s, size_t len)
{
	static const char *const ones[] = {"een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht",
	    "negen", "tien", "elf", "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien",
	    "achttien", "negentien"};
	static const char *const tens[] = {
	    "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"};
	size_t n, more;

	for (unsigned i = 19; i-- > 0;)
		if (begins(s, len, ones[i], &n) && n == len)
			return i + 1;
	for (unsigned i = 0; i < 8; i++)
		if (begins(s, len, tens[i], &n) && n == len)
			return (i + 2) * 10;
	for (unsigned i = 0; i < 9; i++) {
		if (!begins(s, len, ones[i], &n) || n == len ||
		    !(begins(s + n, len - n, "en", &more) || begins(s + n, len - n, "\303\253n", &more)))
			continue;
		n += more;
		for (unsigned k = 0; k < 8; k++)
			if (begins(s + n, len - n, tens[k], &more) && n + more == len)
				return (k + 2) * 10 + i + 1;
	}
	return 0;
}

static unsigned
number_token(const struct work *w, const struct token *t)
{
	return t->len < 3 || t->shape & TOKEN_DIGIT ? 0 : number_word(w->in.s + t->start, t->len);
}

static bool
one_space(const struct work *w, const struct token *a, const struct token *b)
{
	uint8_t c = text_at(&w->in, token_end(a));

	return a->len > 0 && b->len > 0 && b->start == token_end(a) + 1 && (c == ' ' || c == '\n');
}

/* "negentienhonderd zesenveertig", "tweeduizend vierentwintig", in one word or several: the last token; t where there is none. */
static const struct token *
year_words(const struct work *w, const struct token *t)
{
	static const char *const fronts[] = {"negentienhonderd", "tweeduizend", "achttienhonderd"};
	const uint8_t *s = w->in.s + t[1].start;
	size_t n;

	if (!one_space(w, t, t + 1))
		return t;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
		size_t en;

		if (!begins(s, t[1].len, fronts[i], &n))
			continue;
		if (n < t[1].len) {
			if (begins(s + n, t[1].len - n, "en", &en) &&
			    number_word(s + n + en, t[1].len - n - en) != 0)
				n += en;
			return number_word(s + n, t[1].len - n) != 0 ? t + 1 : t;
		}
		t++;
		if (one_space(w, t, t + 1) && token_is(w, t + 1, "en") && number_token(w, t + 2) != 0)
			t++;
		return one_space(w, t, t + 1) && number_token(w, t + 1) != 0 ? t + 1 : t;
	}
	return t;
}

int
spoken_find(struct work *w, struct err *e)
{
	static const char *const parts[] = {
	    "begin", "half", "eind", "einde", "medio", "midden", "ultimo", "primo", NULL};
	static const char *const firsts[] = {"eerste", "tweede", "derde", "vierde", "vijfde", "zesde",
	    "zevende", "achtste", "negende", "tiende", "elfde", "twaalfde", "dertiende", "veertiende",
	    "vijftiende", "zestiende", "zeventiende", "achttiende", "negentiende", "twintigste", "dertigste",
	    NULL};

	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]], *last;
		struct find f = {.type = SPAN_DATE, .score = 70, .rule = "date/spoken"};
		unsigned day;

		if (!(t->classes & W_MONTH) || !one_space(w, t - 1, t))
			continue;
		day = number_token(w, t - 1);
		/* "in een mei", "de tweede mei" */
		if (!(day >= 1 && day <= 31 && !token_is(w, t - 1, "een")) && !among(w, t - 1, firsts)) {
			if (!among(w, t - 1, parts) || t->classes & W_SHORT ||
			    (text_at(&w->in, token_end(t)) == ' ' && t[1].shape & TOKEN_DIGIT &&
				t[1].len == 4))
				continue;
			f.start = t[-1].start;
			f.end = token_end(t);
		} else {
			last = year_words(w, t);
			f.start = t[-1].start;
			f.end = token_end(last);
		}
		f.value = text_value(w->in.s + f.start, f.end - f.start, " \n");
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}
