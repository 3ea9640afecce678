/* Ages that stand among others: "(v, 31)", "(vrouw, 38, Delfzijl)", "Hylke Dijkstra (72, Hommerts)", "Jayden 11, Liv 7", "(2, 5 en 9
 * jaar)", "zij (88)", "was ik 17". */
#include "name.h"

#define YEARS_MOST 109
#define CHILD_MOST 25
#define FAMILY_REACH 14 /* tokens */
#define LIST_MOST 6

static bool
among(const struct work *w, long i, const char *const *words)
{
	for (; name_token(w, i)->len > 0 && *words != NULL; words++)
		if (token_is(w, name_token(w, i), *words))
			return true;
	return false;
}

/* The token is one or two figures, or three: their value; -1 for anything else. */
static int
years_of(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	int years = 0;

	if (t->shape != TOKEN_DIGIT || t->len == 0 || t->len > 3 || (t->len > 1 && w->in.s[t->start] == '0'))
		return -1;
	for (size_t k = 0; k < t->len; k++)
		years = years * 10 + (w->in.s[t->start + k] - '0');
	return years <= YEARS_MOST ? years : -1;
}

/* A bracket, a comma or a sentence ends there, and no figures go on. */
static bool
ends(const struct work *w, size_t at)
{
	uint8_t c = text_at(&w->in, at), next = text_at(&w->in, at + 1);

	if (c == 0 || c == '\n' || c == '\r' || c == ')')
		return true;
	return (c == ',' || c == ';' || c == '.') &&
	       (next == ' ' || next == '\n' || next == '\r' || next == 0);
}

static int
put(struct work *w, long i, size_t end, unsigned years, struct err *e)
{
	struct find f = {.start = name_token(w, i)->start,
	    .end = end,
	    .type = SPAN_AGE,
	    .rule = "age/group",
	    .score = 62,
	    .age = years};

	f.value = text_value(w->in.s + f.start, f.end - f.start, "");
	return find_add(w, &f, e);
}

/* "(v, 31)", "(man/42)", "(m, 10 mnd)", "(vrouw, 38, Delfzijl)"; "(38, v)", "(72/m)". */
static size_t
with_sex(const struct work *w, long i, unsigned *years)
{
	static const char *const sexes[] = {"v", "m", "vrouw", "man", "meisje", "jongen", "vr", "x", NULL};
	static const char *const months[] = {"mnd", "maanden", "wk", "wkn", "weken", "dgn", NULL};
	static const char *const whole[] = {"jr", "jaar", "j", NULL};
	const struct token *t = name_token(w, i), *before = name_token(w, i - 1),
			   *behind = name_token(w, i + 1);
	size_t end = token_end(t);
	enum gap gap;

	if (text_before(&w->in, t->start, 1) == '(') {
		gap = name_gap(w, i);
		return (gap == GAP_COMMA || gap == GAP_SLASH) && among(w, i + 1, sexes) &&
			       text_at(&w->in, token_end(behind)) == ')'
			   ? end
			   : 0;
	}
	gap = name_gap(w, i - 1);
	if ((gap != GAP_COMMA && gap != GAP_SLASH && (gap != GAP_SPACE || before->len < 3)) ||
	    text_before(&w->in, before->start, 1) != '(' || !among(w, i - 1, sexes))
		return 0;
	if (name_gap(w, i) == GAP_SPACE && (among(w, i + 1, months) || among(w, i + 1, whole))) {
		if (among(w, i + 1, months))
			*years = 0;
		end = token_end(behind);
	}
	return ends(w, end) ? end : 0;
}

/* "zij (88) blind", "opa (91)", "pt (34)". */
static bool
with_someone(const struct work *w, long i)
{
	static const char *const who[] = {"zij", "ze", "hij", "opa", "oma", "vader", "moeder", "echtgenoot",
	    "echtgenote", "partner", "broer", "zus", "zoon", "dochter", "patiënt", "patiënte", "cliënt",
	    "cliënte", "verdachte", "slachtoffer", "getuige", "bewoner", "bewoonster", "jongen", "meisje",
	    "vrouw", "man", NULL};
	const struct token *t = name_token(w, i), *before = name_token(w, i - 1);

	return t->start == token_end(before) + 2 && text_before(&w->in, t->start, 1) == '(' &&
	       text_before(&w->in, t->start, 2) == ' ' && text_at(&w->in, token_end(t)) == ')' &&
	       t->len == 2 && among(w, i - 1, who);
}

/* "Consultatiebureau 14 mnd", "CB 9 mnd": where children come by their age; end of the unit. */
static size_t
at_clinic(const struct work *w, long i)
{
	static const char *const where[] = {"consultatiebureau", "cb", "jgz", "kinderpoli", NULL};
	static const char *const units[] = {"mnd", "maanden", "maand", "wk", "wkn", "weken", NULL};

	return name_gap(w, i - 1) == GAP_SPACE && name_gap(w, i) == GAP_SPACE && among(w, i - 1, where) &&
		       among(w, i + 1, units)
		   ? token_end(name_token(w, i + 1))
		   : 0;
}

/* "was ik 17.", "toen ben ik 61,", "mijn schoonmoeder is 93 en", "die is zelf 79": two figures, and the sentence ends. */
static bool
told_bare(const struct work *w, long i)
{
	static const char *const who[] = {"ik", "hij", "zij", "ze", "die", "vader", "moeder", "schoonvader",
	    "schoonmoeder", "oma", "opa", "tante", "oom", "echtgenoot", "echtgenote", "zoon", "dochter",
	    NULL};
	static const char *const still[] = {
	    "zelf", "nu", "al", "toen", "bijna", "inmiddels", "net", "pas", NULL};
	static const char *const being[] = {"was", "ben", "is", "werd", "word", "wordt", NULL};
	static const char *const goes[] = {"toen", "en", "maar", "dus", "geworden", "inmiddels", NULL};
	const struct token *t = name_token(w, i);
	uint8_t next = text_at(&w->in, token_end(t) + 1);

	/* "als hij 12 was geweest" */
	if (t->len == 2 && name_gap(w, i - 1) == GAP_SPACE && name_gap(w, i) == GAP_SPACE &&
	    token_is(w, name_token(w, i + 1), "was") && among(w, i - 1, who))
		return true;
	if (name_gap(w, i - 1) == GAP_SPACE && among(w, i - 1, still))
		i--;
	if (t->len != 2 || name_gap(w, i - 1) != GAP_SPACE || name_gap(w, i - 2) != GAP_SPACE ||
	    !((among(w, i - 1, who) && among(w, i - 2, being)) ||
		(among(w, i - 1, being) && among(w, i - 2, who))))
		return false;
	if (text_at(&w->in, token_end(t)) == ' ')
		return among(w, t - w->tokens + 1, goes);
	return ends(w, token_end(t)) && !(class_at(&w->in, token_end(t) + 1) & IS_DIGIT) && next != '%';
}

/* "haar zoon Kuba van 16,", "een jongen van een jaar of 17 die", ", bijna 90,", "tussen de 40 en 45,". */
static bool
told_of(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	const size_t end = token_end(t);
	long k = i - 2;

	if (t->len > 2 || name_gap(w, i - 1) != GAP_SPACE)
		return false;
	if (token_is(w, name_token(w, i - 1), "of"))
		return token_is(w, name_token(w, i - 2), "jaar") && token_is(w, name_token(w, i - 3), "een");
	if (!ends(w, end) || class_at(&w->in, end + 1) & IS_DIGIT)
		return false;
	if (token_is(w, name_token(w, i - 1), "bijna"))
		return t->len == 2 && name_gap(w, i - 2) == GAP_COMMA && text_at(&w->in, end) == ',';
	if (token_is(w, name_token(w, i - 1), "en"))
		return t->len == 2 && token_is(w, name_token(w, i - 3), "de") &&
		       token_is(w, name_token(w, i - 4), "tussen") && years_of(w, i - 2) > 9;
	if (!token_is(w, name_token(w, i - 1), "van"))
		return false;
	while (i - k <= 4 && name_gap(w, k) == GAP_SPACE && name_token(w, k)->shape & TOKEN_TITLE)
		k--;
	return k < i - 2 && name_gap(w, k) == GAP_SPACE && name_token(w, k)->classes & W_FAMILY;
}

/* "is nu 4;3", "(2,5 jr)": years and months, years and a half; where it ends, and *first where it begins. */
static size_t
in_parts(const struct work *w, long i, long *first)
{
	const struct token *t = name_token(w, i), *next = name_token(w, i + 1), *unit = name_token(w, i + 2);

	if (t->len > 2 || next->shape != TOKEN_DIGIT || next->start != token_end(t) + 1 || next->len > 2)
		return 0;
	*first = i;
	if (text_at(&w->in, token_end(t)) == ';' && next->start < w->in.len &&
	    name_gap(w, i - 1) == GAP_SPACE &&
	    (token_is(w, name_token(w, i - 1), "nu") || token_is(w, name_token(w, i - 1), "is") ||
		token_is(w, name_token(w, i - 1), "van")))
		return token_end(next);
	if (text_at(&w->in, token_end(t)) == ',' && text_before(&w->in, t->start, 1) == '(' &&
	    (token_is(w, unit, "jr") || token_is(w, unit, "jaar") || token_is(w, unit, "j")) &&
	    text_at(&w->in, token_end(unit)) == ')' && unit->start <= token_end(next) + 1)
		return token_end(unit);
	return 0;
}

/* A word for children or kin stands before it, in its line. */
static bool
family_before(const struct work *w, long i)
{
	for (long k = i - 1; i - k <= FAMILY_REACH && name_token(w, k)->len > 0; k--) {
		if (name_token(w, k)->classes & W_FAMILY)
			return true;
		if (text_before(&w->in, name_token(w, k)->start, 1) == '\n')
			return false;
	}
	return false;
}

/* "kinderen (2, 5 en 9 jaar)", "zoons van 4 en 7 jaar": the numbers before one that is an age. */
static int
before_age(struct work *w, const struct find *f, struct err *e)
{
	long at[LIST_MOST], i = 0;
	size_t count = 0;

	for (size_t k = 0; k < w->digit_count; k++)
		if (w->tokens[w->digits[k]].start == f->start)
			i = (long)w->digits[k];
	if (i == 0)
		return 0;
	while (count < LIST_MOST) {
		long k = i - 1;

		if (name_gap(w, k) == GAP_SPACE &&
		    (token_is(w, name_token(w, k), "en") || token_is(w, name_token(w, k), "of")) &&
		    name_gap(w, k - 1) == GAP_SPACE)
			k--;
		else if (name_gap(w, k) != GAP_COMMA || count == 0)
			break;
		if (years_of(w, k) < 0 || name_token(w, k)->len > 2)
			break;
		at[count++] = i = k;
	}
	if (count == 0 || (!family_before(w, i) && text_before(&w->in, name_token(w, i)->start, 1) != '('))
		return 0;
	for (size_t k = 0; k < count; k++)
		if (put(w, at[k], token_end(name_token(w, at[k])), (unsigned)years_of(w, at[k]), e) == -1)
			return -1;
	return 0;
}

/* Behind a person: " (72, Hommerts)"; of children in a list " 11,". */
static int
behind_person(struct work *w, const struct find *f, struct err *e)
{
	const bool bracket = text_at(&w->in, f->end) == ' ' && text_at(&w->in, f->end + 1) == '(';
	const size_t start = f->end + 1 + bracket;
	bool small = false;
	int years;

	if (text_at(&w->in, f->end) != ' ' || !(class_at(&w->in, start) & IS_DIGIT))
		return 0;
	for (size_t k = 0; k < w->digit_count; k++) {
		long i = (long)w->digits[k];
		size_t end = token_end(name_token(w, i));

		if (name_token(w, i)->start != start)
			continue;
		if ((years = years_of(w, i)) < 0)
			return 0;
		if (bracket) /* a word goes on: a place, a trade */
			return name_gap(w, i) == GAP_COMMA && years >= 4 &&
				       !(name_token(w, i + 1)->shape & TOKEN_DIGIT) &&
				       name_token(w, i + 1)->len > 1
				   ? put(w, i, end, (unsigned)years, e)
				   : 0;
		if (years == 0 || years > CHILD_MOST || !ends(w, end) || !family_before(w, i - 1))
			return 0;
		/* one word, and not in capitals alone: "EDIZ 8" is a score */
		for (size_t p = f->start; p < f->end; p++) {
			if (w->in.s[p] == ' ')
				return 0;
			small = small || (class_at(&w->in, p) & IS_LOWER) != 0;
		}
		if (!small)
			return 0;
		return put(w, i, end, (unsigned)years, e);
	}
	return 0;
}

int
age_group_find(struct work *w, struct err *e)
{
	const size_t count = w->find_count;

	if (w->digit_count == 0)
		return 0;
	for (size_t k = 0; k < count; k++) {
		const struct find f = w->finds[k];

		if ((f.type == SPAN_PERSON && behind_person(w, &f, e) == -1) ||
		    (f.type == SPAN_AGE && class_at(&w->in, f.start) & IS_DIGIT &&
			before_age(w, &f, e) == -1))
			return -1;
	}
	for (size_t k = 0; k < w->digit_count; k++) {
		const long i = (long)w->digits[k];
		const int known = years_of(w, i);
		unsigned years = (unsigned)known;
		size_t end;
		long first = i;

		if (known < 0 || i < 1)
			continue;
		if ((end = with_sex(w, i, &years)) == 0 &&
		    (with_someone(w, i) || told_bare(w, i) || told_of(w, i)))
			end = token_end(name_token(w, i));
		if (end == 0 && (end = at_clinic(w, i)) != 0)
			years = 0;
		if (end == 0)
			end = in_parts(w, i, &first);
		if (end != 0 && put(w, i, end, years, e) == -1)
			return -1;
	}
	return 0;
}
