/* Ages that only the person before them tells: "Greet Zonnebeld, 70, belt", "abdelkarim, 28", "D. (7), S. (5)". */
#include "name.h"

#define YEARS_MOST 109

static bool
is_digit_at(const struct work *w, size_t at)
{
	return (class_at(&w->in, at) & IS_DIGIT) != 0;
}

/* One to three digits: their end, and the value. */
static size_t
years_end(const struct work *w, size_t at, unsigned *years)
{
	size_t end = at;

	for (*years = 0; end < at + 3 && is_digit_at(w, end); end++)
		*years = *years * 10 + (w->in.s[end] - '0');
	return end;
}

/* A sentence, an item or a line ends there: no number goes on, and no unit follows. */
static bool
item_ends(const struct work *w, size_t at)
{
	uint8_t c = text_at(&w->in, at), next = text_at(&w->in, at + 1);

	if (c == 0 || c == '\n' || c == '\r')
		return true;
	if (c == ')')
		return true;
	return (c == ',' || c == ';' || c == '.') &&
	       (next == ' ' || next == '\n' || next == '\r' || next == 0);
}

static int
put_age(struct work *w, size_t start, size_t end, unsigned years, struct err *e)
{
	struct find f = {
	    .start = start, .end = end, .type = SPAN_AGE, .rule = "age/beside", .score = 60, .age = years};

	f.value = text_value(w->in.s + start, end - start, "");
	return find_add(w, &f, e);
}

/* What stands behind a person: ", 70," and " (7)"; behind two words " 70,". */
static int
behind_person(struct work *w, const struct find *f, struct err *e)
{
	size_t at = f->end, end;
	bool comma = text_at(&w->in, at) == ',';
	unsigned years;

	if (text_at(&w->in, at + comma) != ' ')
		return 0;
	at += comma + 1;
	if (!comma && text_at(&w->in, at) == '(') {
		end = years_end(w, at + 1, &years);
		return end == at + 1 || end > at + 3 || text_at(&w->in, end) != ')'
			   ? 0
			   : put_age(w, at + 1, end, years, e);
	}
	if (!is_digit_at(w, at) || text_at(&w->in, at) == '0')
		return 0;
	end = years_end(w, at, &years);
	if (end < at + 2 || is_digit_at(w, end) || years > YEARS_MOST || !item_ends(w, end))
		return 0;
	if (!comma) {
		bool full = false;

		/* "Zonnebeld 70, RR 120": two words are a name with its age, one is anything with a number */
		for (size_t i = f->start; i < f->end; i++)
			full = full || w->in.s[i] == ' ';
		if (!full || years < 18 || text_at(&w->in, end) != ',')
			return 0;
	}
	return put_age(w, at, end, years, e);
}

static int
put_person(struct work *w, size_t start, size_t end, struct err *e)
{
	struct find f = {.start = start, .end = end, .type = SPAN_PERSON, .rule = "person/aged", .score = 55};

	f.value = text_value(w->in.s + start, end - start, " .-'\n\r\t");
	return find_add(w, &f, e);
}

/* "abdelkarim, 28, katatoon", "pietersen, 58 jr": a listed name in small letters that nothing else is. */
static int
small_name(struct work *w, long i, struct err *e)
{
	const struct token *t = name_token(w, i), *name = name_token(w, i - 1);
	uint32_t flags;
	unsigned years;
	size_t end;

	if (name->shape != TOKEN_LOWER || name->len < 4 || name_gap(w, i - 1) != GAP_COMMA ||
	    text_before(&w->in, t->start, 1) != ' ' || name_held(w, i - 1) || name_placed(w, i - 1))
		return 0;
	end = years_end(w, t->start, &years);
	if (end != token_end(t) || end != t->start + 2 || years < 10)
		return 0;
	flags = name_of(w, i - 1);
	if (!(flags & (NAME_FIRST | NAME_LAST)) ||
	    (flags & ~(uint32_t)(NAME_FIRST | NAME_LAST | NAME_PROPER)) != 0)
		return 0;
	if (token_is(w, name_token(w, i + 1), "jr") || token_is(w, name_token(w, i + 1), "jaar") ||
	    token_is(w, name_token(w, i + 1), "j")) {
		if (name_gap(w, i) != GAP_SPACE)
			return 0;
	} else {
		if (!item_ends(w, end))
			return 0;
		if (put_age(w, t->start, end, years, e) == -1)
			return -1;
	}
	return put_person(w, name->start, token_end(name), e);
}

/* "Kinderen: D. (7), S. (5) en R. (9 mnd)": letters with an age are children, but for "type A. (3)". */
static int
letter(struct work *w, long i, struct err *e)
{
	static const char *const units[] = {"mnd", "maanden", "wk", "weken", "jr", "jaar", "j", NULL};
	const struct token *t = name_token(w, i), *name = name_token(w, i - 1), *unit = name_token(w, i + 1);
	unsigned years;
	size_t end;

	if (name->len != 1 || !(name->shape & TOKEN_UPPER) || t->start != token_end(name) + 3 ||
	    text_at(&w->in, token_end(name)) != '.' || text_before(&w->in, t->start, 1) != '(' ||
	    text_before(&w->in, t->start, 2) != ' ' || name_held(w, i - 1) || name_takes_letters(w, i - 2) ||
	    name_gap(w, i - 2) == GAP_DOT)
		return 0;
	end = years_end(w, t->start, &years);
	if (end != token_end(t) || end > t->start + 2)
		return 0;
	if (text_at(&w->in, end) == ' ' && unit->start == end + 1) {
		bool known = false;

		for (const char *const *word = units; !known && *word != NULL; word++)
			known = token_is(w, unit, *word);
		if (!known)
			return 0;
		end = token_end(unit);
		years = token_is(w, unit, "jr") || token_is(w, unit, "jaar") || token_is(w, unit, "j") ? years
												       : 0;
	}
	if (text_at(&w->in, end) != ')' && text_at(&w->in, end) != ',' && text_at(&w->in, end) != ';')
		return 0;
	return put_age(w, t->start, end, years, e) == -1 ? -1
							 : put_person(w, name->start, token_end(name) + 1, e);
}

int
age_beside_find(struct work *w, struct err *e)
{
	size_t count = w->find_count;

	for (size_t k = 0; k < count; k++) {
		struct find f = w->finds[k];

		if (f.type == SPAN_PERSON && behind_person(w, &f, e) == -1)
			return -1;
	}
	for (size_t k = 0; k < w->digit_count; k++) {
		long i = (long)w->digits[k];

		if (i > 1 && (small_name(w, i, e) == -1 || letter(w, i, e) == -1))
			return -1;
	}
	return 0;
}
