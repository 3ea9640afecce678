/* Ages: "45 jaar", "45-jarige", "6 weken oud"; told apart from durations by the words around. */
#include "detect.h"

#define AGE_MOST 120

static bool
token_among(const struct work *w, const struct token *t, const char *const *words)
{
	for (; t->len > 0 && *words != NULL; words++)
		if (token_is(w, t, *words))
			return true;
	return false;
}

/* One to three digits at the front of a token: how many, and their value; 0 where it does not begin so. */
static size_t
small_number(const struct work *w, const struct token *t, unsigned *value)
{
	size_t n = 0;

	*value = 0;
	for (; n < t->len && detect_class[w->in.s[t->start + n]] & IS_DIGIT; n++)
		if (n < 3)
			*value = *value * 10 + (w->in.s[t->start + n] - '0');
	return n <= 3 ? n : 0;
}

/* Between two tokens there is nothing but one space or dash, or the end of a line. */
static bool
close_by(const struct work *w, const struct token *a, const struct token *b)
{
	size_t gap = b->start - token_end(a);
	uint8_t c = text_at(&w->in, token_end(a));

	return b->len > 0 && gap <= 1 && (gap == 0 || c == ' ' || c == '-' || c == '\n');
}

/* "45 jaar": a duration where the words before or behind make it one. */
static bool
duration(const struct work *w, const struct token *number, const struct token *behind)
{
	/* clang-format off */
	static const char *const before[] = {"al", "sinds", "sedert", "over", "na", "binnen", "gedurende", "elke", "iedere",
	    "per", "afgelopen", "laatste", "voorbije", "komende", "eerste", "volgende", "ruim", "bijna", "ongeveer", "om", "voor",
	    "tot", "minstens", "minimaal", "maximaal", "circa", "ca", "nog", "de", "x", "vanaf", NULL};
	static const char *const after[] = {"geleden", "later", "lang", "terug", "daarna", "eerder", "follow", "overleving",
	    "gerookt", "roken", "getrouwd", "gehuwd", "samen", "ervaring", "garantie", "na", "voor", "bekend", "gewerkt",
	    "durend", "durende", NULL};
	/* clang-format on */

	return token_among(w, number - 1, before) || token_among(w, behind, after);
}

/* The age that a number begins; *end receives where it ends. */
static bool
age_at(const struct work *w, const struct token *t, size_t digits, size_t *end)
{
	static const char *const of_years[] = {"jarig", "jarige", NULL};
	static const char *const years[] = {"jaar", "jr", NULL};
	static const char *const months[] = {
	    "maand", "maanden", "mnd", "week", "weken", "wk", "dag", "dagen", NULL};
	struct token joined = {.start = t->start + (uint32_t)digits, .len = t->len - (uint32_t)digits};
	const struct token *unit = joined.len > 0 ? &joined : t + 1;
	const struct token *next = joined.len > 0 ? t + 1 : t + 2;

	if (joined.len == 0 && !close_by(w, t, unit))
		return false;
	*end = token_end(unit);
	if (token_among(w, unit, of_years))
		return true;
	if (close_by(w, unit, next) && token_is(w, next, "oud") &&
	    (token_among(w, unit, years) || token_among(w, unit, months))) {
		*end = token_end(next);
		return true;
	}
	return token_among(w, unit, years) && !duration(w, t, next);
}

int
age_find(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->token_count; i++) {
		const struct token *t = &w->tokens[i];
		struct find f;
		unsigned value;
		size_t digits, end;

		if (!(t->shape & TOKEN_DIGIT) || (digits = small_number(w, t, &value)) == 0 ||
		    value > AGE_MOST || !age_at(w, t, digits, &end))
			continue;
		f = (struct find){.start = t->start,
		    .end = end,
		    .type = SPAN_AGE,
		    .score = 80,
		    .rule = "age/unit",
		    .age = value};
		f.value = text_value(w->in.s + f.start, f.end - f.start, " -\n");
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}
