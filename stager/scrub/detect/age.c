/* Ages: "45 jaar", "45-jarige", "6 weken oud", "leeftijd: 45"; told apart from durations by the words around. */
#include "name.h"

#define AGE_MOST 120
#define CHILD_MOST 25   /* "(7)" behind a name, near a word for a child */
#define FAMILY_REACH 12 /* tokens */
#define NAME_REACH 7    /* tokens of a name */

/* What stands behind the first `skip` bytes of a token, for token_is. */
static struct token
token_rest(const struct work *w, const struct token *t, size_t skip)
{
	struct token rest = {.start = t->start + (uint32_t)skip, .len = t->len - (uint32_t)skip};

	for (size_t i = 0; i < rest.len && i < 8; i++)
		rest.first |= (uint64_t)(w->in.s[rest.start + i] | 0x20) << 8 * i;
	return rest;
}

static bool
token_among(const struct work *w, const struct token *t, const char *const *words)
{
	for (; t->len > 0 && *words != NULL; words++)
		if (token_is(w, t, *words))
			return true;
	return false;
}

/* One to three digits at the front of a token: how many, and their value; 0 where it does not begin so. */
static inline size_t
small_number(const struct token *t, unsigned *value)
{
	static const uint8_t worth[4][3] = {{0, 0, 0}, {1, 0, 0}, {10, 1, 0}, {100, 10, 1}};
	const size_t n = t->figures <= 3 ? t->figures : 0;

	*value = (unsigned)(t->first & 15) * worth[n][0] + (unsigned)(t->first >> 8 & 15) * worth[n][1] +
		 (unsigned)(t->first >> 16 & 15) * worth[n][2];
	return n;
}

/* Between two tokens there is nothing but one or two spaces, a dash, or the end of a line. */
static bool
close_by(const struct work *w, const struct token *a, const struct token *b)
{
	size_t gap = b->start - token_end(a);
	uint8_t c = text_at(&w->in, token_end(a));

	if (gap == 2 && text_at(&w->in, token_end(a) + 1) != ' ' && text_at(&w->in, token_end(a) + 1) != '\n')
		return false;
	return b->len > 0 && gap <= 2 && (gap == 0 || c == ' ' || c == '-' || c == '\n' || c == '\r');
}

/* "45 jaar": a duration where the words before or behind make it one; but "van ongeveer 40 jaar" is none. */
static bool
duration(const struct token *number, const struct token *behind, bool near, bool comma)
{
	if (near && behind->classes & W_AFTER)
		return true;
	/* "4 jaar in gebruik" */
	if (near && behind->len == 2 && behind->classes & W_CUE && behind[1].classes & W_SPENT)
		return true;
	if (number[-1].classes & W_ABOUT && comma)
		return false; /* "onbekende vrouw, ca. 45 jaar" */
	if (number[-1].classes & W_ABOUT && number[-2].len == 3 && !(number[-2].classes & W_DURATION))
		return false;
	return (number[-1].classes & W_DURATION) != 0;
}

/* "Kind: Jip de Wit, ": a label for a child in this line, and names only behind it. */
static bool
child_before(const struct work *w, const struct token *t)
{
	for (int i = 1; i <= NAME_REACH && t - i > w->store && t[-i].len > 0; i++) {
		if (t[-i].classes & W_FAMILY && text_at(&w->in, token_end(t - i)) == ':')
			return i > 1;
		if (t[-i].shape & TOKEN_DIGIT || text_at(&w->in, token_end(t - i)) == '\n')
			return false;
	}
	return false;
}

/* The age that a number begins; *end receives where it ends. */
static bool
age_unit(const struct work *w, const struct token *t, size_t digits, size_t *end, unsigned *years_in)
{
	static const char *const of_years[] = {"jarig", "jarige", "jarigen", NULL};
	static const char *const years[] = {"jaar", "jr", "jaren", NULL};
	static const char *const months[] = {"maand", "maanden", "mnd", "mnden", NULL};
	static const char *const weeks[] = {"week", "weken", "wk", "wkn", NULL};
	static const char *const days[] = {"dag", "dagen", "dgn", NULL};
	struct token joined = token_rest(w, t, digits);
	const struct token *unit = joined.len > 0 ? &joined : t + 1;
	const struct token *next = joined.len > 0 ? t + 1 : t + 2;

	if (joined.len == 0 && !close_by(w, t, unit))
		return false;
	/* "> 8 jr.", "<65 jaar": a rule about anybody */
	for (size_t back = 1; back <= 2; back++) {
		uint8_t c = text_before(&w->in, t->start, back);

		if (c == '>' || c == '<')
			return false;
		if (c != ' ')
			break;
	}
	/* units are known words, so that most numbers are done with here */
	if (!(unit->classes & W_UNIT) && joined.len == 0)
		return false;
	*end = token_end(unit);
	if (token_among(w, unit, of_years))
		return true;
	/* "12j", "9 j.": nothing else is written so */
	if (token_is(w, unit, "j") && !(unit->shape & TOKEN_UPPER) && text_at(&w->in, token_end(t)) != '\n' &&
	    (joined.len == 1 || text_at(&w->in, token_end(unit)) == '.' ||
		text_at(&w->in, token_end(unit)) == ')' || text_at(&w->in, token_end(unit)) == ','))
		return true;
	if (close_by(w, unit, next) && token_is(w, next, "oud")) {
		unsigned in_a_year = token_among(w, unit, years)    ? 1
				     : token_among(w, unit, months) ? 12
				     : token_among(w, unit, weeks)  ? 52
				     : token_among(w, unit, days)   ? 365
								    : 0;

		if (in_a_year == 0)
			return false;
		*years_in /= in_a_year;
		*end = token_end(next);
		return true;
	}
	if (token_is(w, unit, "y") && text_at(&w->in, token_end(unit)) == '/' && token_is(w, next, "o")) {
		*end = token_end(next);
		return true;
	}
	if (w->with->rules->english &&
	    (token_is(w, unit, "year") || token_is(w, unit, "years") || token_is(w, unit, "yr")) &&
	    close_by(w, unit, next) && (token_is(w, next, "old") || token_is(w, next, "of"))) {
		*end = token_is(w, next, "old") ? token_end(next) : token_end(unit);
		return true;
	}
	/* "Ze is 15 maanden en" */
	if (token_is(w, t - 1, "is") && t->start == token_end(t - 1) + 1 &&
	    (token_among(w, unit, months) || token_among(w, unit, weeks)) && !token_is(w, next, "zwanger") &&
	    (token_is(w, t - 2, "ze") || token_is(w, t - 2, "zij") || token_is(w, t - 2, "hij"))) {
		*years_in = 0;
		return true;
	}
	/* "Jip, 18 mnd, koorts", "Kind: Jip de Wit, 18 mnd." */
	if (text_before(&w->in, t->start, 2) == ',' && t[-1].start + t[-1].len + 2 == t->start &&
	    (token_among(w, unit, months) || token_among(w, unit, weeks)) &&
	    ((t[-1].shape & TOKEN_TITLE && name_flags(t[-1].hash) & NAME_FIRST) || child_before(w, t)) &&
	    (text_at(&w->in, *end) == ',' || text_at(&w->in, *end) == '.' || text_at(&w->in, *end) == ')' ||
		text_at(&w->in, *end) == ':')) {
		*years_in = 0;
		return true;
	}
	if (!token_among(w, unit, years) ||
	    duration(t, next, close_by(w, unit, next), text_before(&w->in, t[-1].start, 2) == ','))
		return false;
	*end += token_is(w, unit, "jr") && text_at(&w->in, *end) == '.';
	return true;
}

/* "leeftijd: 54", "lft 54", "aged 54". */
static bool
age_word(const struct work *w, const struct token *t, size_t digits, size_t *end)
{
	uint8_t behind = text_at(&w->in, token_end(t));

	*end = token_end(t);
	/* the next item of a list */
	if (behind == ')' && text_before(&w->in, t->start, 1) == '\n')
		return false;
	if (!(t[-1].classes & W_AGE) || digits != t->len || t->start - token_end(t - 1) > 30 || behind == '%')
		return false;
	/* "9;2": years and months */
	if (behind == ';' && t[1].shape == TOKEN_DIGIT && t[1].len <= 2 && t[1].start == *end + 1) {
		*end = token_end(t + 1);
		return true;
	}
	return !((behind == '-' || behind == ',' || behind == '.' || behind == '/') &&
		 class_at(&w->in, *end + 1) & IS_DIGIT);
}

/* "mevr. X", "dhr. Van der X": a title leads the capitals that end here. */
static bool
title_before(const struct token *t)
{
	if (!(t->shape & TOKEN_TITLE) || t->shape & TOKEN_DIGIT)
		return false;
	for (int i = 1; i <= 6 && t[-i].len > 0 && !(t[-i].shape & TOKEN_DIGIT); i++) {
		uint32_t flags = name_flags(t[-i].hash);

		if (flags & NAME_TITLE)
			return true;
		if (!(t[-i].shape & TOKEN_TITLE) && !(flags & NAME_INTERFIX))
			return false;
	}
	return false;
}

/* "hun kinderen Noor (6) en Pleuni (4)", "Tante Anna (60)": in brackets behind a name, or where a relative is in sight. */
static bool
age_bracket(const struct work *w, const struct token *t, size_t digits, size_t *end)
{
	const struct token *before = t - 1;
	bool known;

	*end = token_end(t);
	/* "Mohammed A. (15)": the name is the one before the letter */
	if (before->len == 1 && before->shape & TOKEN_TITLE && text_at(&w->in, token_end(before)) == '.' &&
	    t->start == token_end(before) + 3 && before->start == token_end(before - 1) + 1 &&
	    digits == t->len && digits <= 2 && before[-1].shape & TOKEN_TITLE &&
	    text_before(&w->in, t->start, 1) == '(' && text_at(&w->in, *end) == ')' &&
	    name_flags(before[-1].hash) & NAME_FIRST)
		return true;
	if (digits != t->len || digits > 2 || text_before(&w->in, t->start, 1) != '(' ||
	    text_at(&w->in, *end) != ')' || before->len < 2 || before->shape & TOKEN_DIGIT ||
	    before->classes & W_NOAGE || t->start - token_end(before) > 3)
		return false;
	known =
	    (name_flags(before->hash) & (NAME_FIRST | NAME_LAST | NAME_STOP | NAME_PLACE | NAME_MED |
					    NAME_EPONYM | NAME_COMMON)) != 0 &&
	    (name_flags(before->hash) & (NAME_STOP | NAME_PLACE | NAME_MED | NAME_EPONYM | NAME_COMMON)) == 0;
	/* "Mevr. Wind, (73)", "Vera  (72)" */
	if (t->start != token_end(before) + 2) {
		uint8_t c = text_at(&w->in, token_end(before));

		if (t->start != token_end(before) + 3 || text_at(&w->in, token_end(before) + 1) != ' ' ||
		    (c != ',' && c != ' ') || !(known || title_before(before)))
			return false;
		return digits == 2 || known;
	}
	/* "katja (4)", "HOFFMANN (8)" */
	if (known && before->len >= 3)
		return true;
	if (before->len >= 3 && before->classes == 0 &&
	    (before->shape & (TOKEN_TITLE | TOKEN_LOWER)) == (TOKEN_TITLE | TOKEN_LOWER))
		return true;
	for (int i = 1; i <= FAMILY_REACH && t - i >= w->store; i++)
		if (t[-i].classes & W_FAMILY)
			return true;
	return false;
}

/* "Fleur (4 mnd)", "baby Abel (5 maanden)", "Pim (8;4)": in brackets behind a name. */
static bool
age_bracket_unit(const struct work *w, const struct token *t, size_t digits, size_t *end)
{
	static const char *const units[] = {"mnd", "maand", "maanden", "wk", "wkn", "weken", "week", "dagen",
	    "dgn", "m", "mndn", "mnden", NULL};
	struct token joined = token_rest(w, t, digits);
	const struct token *unit = joined.len > 0 ? &joined : t + 1, *before = t - 1;

	if (text_before(&w->in, t->start, 1) != '(' || digits > 2 || t->start != token_end(before) + 2 ||
	    text_before(&w->in, t->start, 2) != ' ' || before->len < 2 || before->shape & TOKEN_DIGIT ||
	    !(before->shape & TOKEN_TITLE || w->caseless) || before->classes & (W_NOAGE | W_MONTH) ||
	    name_flags(before->hash) & (NAME_STOP | NAME_MED | NAME_EPONYM | NAME_OTHER))
		return false;
	/* "8;4": years and months */
	if (joined.len == 0 && text_at(&w->in, token_end(t)) == ';' && t[1].shape == TOKEN_DIGIT &&
	    t[1].start == token_end(t) + 1 && t[1].len <= 2 && text_at(&w->in, token_end(t + 1)) == ')') {
		*end = token_end(t + 1);
		return true;
	}
	if (!token_among(w, unit, units) || !close_by(w, t, unit) ||
	    text_at(&w->in, token_end(unit)) != ')' ||
	    (name_look(w->in.s + before->start, before->len, before->hash) & (NAME_COMMON | NAME_FIRST)) ==
		NAME_COMMON)
		return false;
	*end = token_end(unit);
	return true;
}

/* "op zijn 16e", "sinds haar 12de", "toen ik 15 was" */
static bool
age_since(const struct work *w, const struct token *t, size_t digits, unsigned age, size_t *end)
{
	static const char *const whose[] = {"zijn", "haar", "mijn", "hun", "z'n", "uw", NULL};
	static const char *const ends[] = {"e", "ste", "de", NULL};
	static const char *const who[] = {
	    "ik", "hij", "zij", "ze", "je", "patiënt", "patiënte", "cliënt", "cliënte", "betrokkene", NULL};
	static const char *const when[] = {"op", "sinds", "vanaf", "tot", "rond", "na", "voor", NULL};
	struct token joined = token_rest(w, t, digits);

	if (digits > 2 || age < 5 || (joined.len == 0 && (t[1].len < 3 || t[1].len > 4)))
		return false;
	if (joined.len > 0 && age >= 8 && token_among(w, &joined, ends) && token_among(w, t - 1, whose) &&
	    token_among(w, t - 2, when)) {
		*end = token_end(t);
		return true;
	}
	*end = token_end(t);
	return joined.len == 0 && (token_is(w, t + 1, "was") || token_is(w, t + 1, "werd")) &&
	       t[1].start == token_end(t) + 1 && token_among(w, t - 1, who) &&
	       (token_is(w, t - 2, "toen") || token_is(w, t - 2, "tot") || token_is(w, t - 2, "sinds"));
}

/* "sinds zijn zestiende", "op haar veertiende"; but "de twaalfde", "zijn tiende sessie". */
static bool
age_ordinal(const struct work *w, const struct token *t)
{
	static const char *const whose[] = {"zijn", "haar", "mijn", "hun", "uw", "jouw", "je", NULL};
	static const char *const when[] = {"op", "sinds", "vanaf", "tot", "rond", "na", "voor", NULL};
	static const char *const years[] = {"levensjaar", "jaar", "verjaardag", NULL};

	return token_among(w, t - 2, when) && token_among(w, t - 1, whose) &&
	       t->start == token_end(t - 1) + 1 &&
	       (t[1].len == 0 || !(t[1].shape & TOKEN_LOWER) || t[1].start != token_end(t) + 1 ||
		   token_among(w, t + 1, years) || name_flags(t[1].hash) & (NAME_STOP | NAME_VERB));
}

/* "twaalfjarige": words.c has the ages; and "sinds zijn zestiende". */
static int
in_words(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]];
		struct find f = {.start = t->start,
		    .end = token_end(t),
		    .type = SPAN_AGE,
		    .rule = "age/words",
		    .score = 80};

		if ((t->classes & W_AGEWORD) != W_AGEWORD)
			continue;
		/* those of "-jarige" are ages by themselves */
		if (w->in.s[f.end - 2] == 'd' || w->in.s[f.end - 2] == 't') {
			if (!age_ordinal(w, t))
				continue;
			f.score = 65;
		}
		word_classes(w->in.s + t->start, t->len, t->hash, &f.age);
		f.value = text_value(w->in.s + f.start, t->len, "");
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}

/* "een vrouw van 62", "een meisje van 3 met koorts"; but "een man van 80 kg" */
static bool
age_of(const struct work *w, const struct token *t, size_t digits, size_t *end)
{
	static const char *const who[] = {"kind", "meisje", "jongen", "jongetje", "zoon", "dochter",
	    "zoontje", "dochtertje", "peuter", "kleuter", "baby", "vrouw", "man", "dame", "heer", "patiënt",
	    "patiënte", "cliënt", "cliënte", "puber", "tiener", "broer", "zus", "broertje", "zusje",
	    "bewoner", "bewoonster", "student", "leerling", "mevrouw", "meneer", "mw", "dhr", NULL};
	uint8_t c = text_at(&w->in, token_end(t));

	*end = token_end(t);
	return digits == t->len && digits <= 2 && t[-1].len == 3 && token_is(w, t - 1, "van") &&
	       t->start == token_end(t - 1) + 1 && token_among(w, t - 2, who) &&
	       t[-1].start == token_end(t - 2) + 1 && c != '%' && c != '-' && c != '/' &&
	       !((c == ',' || c == '.' || c == ':') && class_at(&w->in, token_end(t) + 1) & IS_DIGIT) &&
	       !(t[1].start == token_end(t) + 1 && t[1].classes & (W_UNIT | W_MONTH));
}

/* "(Mustapha, 41)", "hij is 36," */
static bool
age_said(const struct work *w, const struct token *t, size_t digits, size_t *end)
{
	static const char *const after[] = {"maar", "en", "geworden", "of", "dus", "inmiddels", NULL};
	const struct token *before = t - 1;
	uint8_t c = text_at(&w->in, token_end(t));

	*end = token_end(t);
	if (digits != t->len || digits > 2 || before->len < 2)
		return false;
	if (c == ')' && t->start == token_end(before) + 2 && text_at(&w->in, token_end(before)) == ',' &&
	    before->shape & TOKEN_TITLE && before->shape & TOKEN_LOWER && before->len > 2 &&
	    !(before->classes & (W_NOAGE | W_MONTH | W_WEEKDAY))) {
		uint8_t open = text_before(&w->in, before->start, 1);

		return open == '(' || (open == ' ' && before[-1].shape & TOKEN_TITLE &&
					  text_before(&w->in, before[-1].start, 1) == '(');
	}
	/* "Shirin, 31, gevlucht uit"; at the end of a line */
	if ((c == ',' || c == '\n' || c == 0) && digits == 2 && t->start == token_end(before) + 2 &&
	    text_at(&w->in, token_end(before)) == ',' &&
	    (c != ',' || text_at(&w->in, token_end(t) + 1) == ' ') && before->shape & TOKEN_TITLE &&
	    before->len > 2 && before->classes == 0 &&
	    name_flags(before->hash) & (NAME_FIRST | (c == ',' ? 0 : NAME_LAST)) &&
	    (name_flags(before->hash) & (NAME_MED | NAME_EPONYM | NAME_STOP | NAME_PLACE)) == 0)
		return true;
	/* "omdat hij 92 is", "denkt dat ze 20 is" */
	if (digits == 2 && c == ' ' && t[1].start == *end + 1 && t->start == token_end(before) + 1 &&
	    (token_is(w, t + 1, "is") || token_is(w, t + 1, "wordt") || token_is(w, t + 1, "werd")) &&
	    (token_is(w, before, "hij") || token_is(w, before, "zij") || token_is(w, before, "ze") ||
		token_is(w, before, "ik")))
		return true;
	if (digits != 2 || !token_is(w, before, "is") ||
	    (c != ',' && c != '.' && c != ';' && c != '\n' && c != 0 &&
		!(c == ' ' && t[1].start == *end + 1 && token_among(w, t + 1, after))) ||
	    class_at(&w->in, token_end(t) + 1) & IS_DIGIT)
		return false;
	return token_is(w, before - 1, "hij") || token_is(w, before - 1, "zij") ||
	       token_is(w, before - 1, "ze");
}

int
age_find(struct work *w, struct err *e)
{
	if (in_words(w, e) == -1)
		return -1;
	for (size_t i = 0; i < w->digit_count; i++) {
		const struct token *t = &w->tokens[w->digits[i]];
		struct find f = {.start = t->start, .type = SPAN_AGE};
		size_t digits;

		/* "1,5 jaar" */
		if (t->start >= 2 && (w->in.s[t->start - 1] == ',' || w->in.s[t->start - 1] == '.') &&
		    detect_class[w->in.s[t->start - 2]] & IS_DIGIT)
			continue;
		if (!(t->shape & TOKEN_DIGIT) || (digits = small_number(t, &f.age)) == 0 || f.age > AGE_MOST)
			continue;
		if (age_unit(w, t, digits, &f.end, &f.age)) {
			f.rule = "age/unit";
			f.score = 80;
		} else if (age_word(w, t, digits, &f.end)) {
			f.rule = "age/word";
			f.score = 85;
		} else if (age_said(w, t, digits, &f.end)) {
			f.rule = "age/said";
			f.score = 65;
		} else if (age_of(w, t, digits, &f.end)) {
			f.rule = "age/of";
			f.score = 70;
		} else if (age_since(w, t, digits, f.age, &f.end)) {
			f.rule = "age/since";
			f.score = 65;
		} else if (age_bracket_unit(w, t, digits, &f.end)) {
			f.rule = "age/bracket";
			f.score = 65;
		} else if (age_bracket(w, t, digits, &f.end)) {
			f.rule = "age/child";
			f.score = 65;
		} else {
			continue;
		}
		f.value = text_value(w->in.s + f.start, f.end - f.start, " -\n\r");
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}
