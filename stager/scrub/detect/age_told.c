/* Ages that a sentence tells: "ik was zeventien jaar", "hij was toen al 53 jaar", "een kind van 10 maanden", "Ca. 30 jr." */
#include "name.h"

#define YEARS_MOST 109

static bool
among(const struct work *w, long i, const char *const *words)
{
	for (; name_token(w, i)->len > 0 && *words != NULL; words++)
		if (token_is(w, name_token(w, i), *words))
			return true;
	return false;
}

/* One space, or a line's end, between two tokens. */
static bool
beside(const struct work *w, long i)
{
	enum gap gap = name_gap(w, i);

	return gap == GAP_SPACE || gap == GAP_WRAP;
}

/* What token i counts: figures, or a word ("zeventien", "anderhalf"); 0: nothing. */
static unsigned
count_of(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	unsigned count = 0;

	if (t->shape == TOKEN_DIGIT && t->len <= 3) {
		for (size_t k = 0; k < t->len; k++)
			count = count * 10 + (w->in.s[t->start + k] - '0');
		return count;
	}
	if (t->len < 3 || t->shape & TOKEN_DIGIT)
		return 0;
	return token_is(w, t, "anderhalf") ? 1 : number_word(w->in.s + t->start, t->len);
}

/* The sentence or the item ends behind token i, or only "oud", "en", "toen" go on. */
static bool
closes(const struct work *w, long i)
{
	static const char *const goes[] = {"oud", "en", "toen", "maar", "dus", "of", NULL};
	size_t at = token_end(name_token(w, i));
	uint8_t c = text_at(&w->in, at);

	return c == 0 || c == '.' || c == ',' || c == ';' || c == ')' || c == '!' || c == '?' || c == '\n' ||
	       c == '\r' || c == '"' || (beside(w, i) && among(w, i + 1, goes));
}

static bool
is_being(const struct work *w, long i)
{
	static const char *const verbs[] = {
	    "was", "ben", "is", "werd", "bent", "waren", "wordt", "word", NULL};

	return among(w, i, verbs);
}

/* "ik was", "was hij toen al", "ben inmiddels", and the number behind it. */
static bool
someone_is(const struct work *w, long number)
{
	static const char *const who[] = {"ik", "hij", "zij", "ze", "je", "u", NULL};
	static const char *const still[] = {"toen", "al", "pas", "net", "nog", "maar", "inmiddels", "nu",
	    "ongeveer", "rond", "bijna", "ruim", "dan", NULL};
	long i = number - 1;

	for (int skipped = 0; skipped < 2 && beside(w, i) && among(w, i, still); skipped++)
		i--;
	if (!beside(w, i))
		return false;
	if (is_being(w, i))
		return beside(w, i - 1) && among(w, i - 1, who);
	return among(w, i, who) && beside(w, i - 1) && is_being(w, i - 1);
}

static const char *const young[] = {"kind", "kindje", "meisje", "jongen", "jongetje", "zoon", "dochter",
    "zoontje", "dochtertje", "peuter", "baby", "broertje", "zusje", "kleinkind", "kleinzoon", "kleindochter",
    "jongste", "oudste", "dreumes", "zuigeling", "pasgeborene", "tweeling", NULL};

/* "een kind van", "de jongste is", "de jongste (Elif) is", "zoontje Otje is". */
static bool
child_is(const struct work *w, long number)
{
	long i = number - 1;

	if (!beside(w, i))
		return false;
	if (token_is(w, name_token(w, i), "van"))
		return beside(w, i - 1) && among(w, i - 1, young);
	if (!token_is(w, name_token(w, i), "is") || name_token(w, i - 1)->len == 0)
		return false;
	for (long k = i - 1; i - k <= 4 && name_token(w, k)->len > 0; k--) {
		if (among(w, k, young))
			return true;
		if (!name_capital(w, k))
			return false;
	}
	return false;
}

static bool
is_age(const struct work *w, long i, bool years)
{
	static const char *const about[] = {"ca", "circa", "ongeveer", "geschat", NULL};

	if (name_gap(w, i + 1) == GAP_SPACE && name_token(w, i + 2)->classes & W_AFTER)
		return false;
	/* "een jongen van een jaar of 17" */
	if (token_is(w, name_token(w, i + 2), "of") && name_token(w, i + 3)->shape == TOKEN_DIGIT)
		return false;
	if (years && beside(w, i + 1) && token_is(w, name_token(w, i + 2), "oud"))
		return name_token(w, i)->shape != TOKEN_DIGIT && !token_is(w, name_token(w, i), "een");
	if (child_is(w, i) && closes(w, i + 1))
		return true;
	if (!years)
		return child_is(w, i);
	if (someone_is(w, i))
		return closes(w, i + 1);
	/* "Geen papieren. Ca. 30 jr." */
	return name_token(w, i)->shape == TOKEN_DIGIT && name_token(w, i)->len == 2 &&
	       among(w, i - 1, about) && name_capital(w, i - 1) && name_begins(w, i - 1) && closes(w, i + 1);
}

/* Words for years and for months, weeks and days; most units are neither. */
static bool
of_time(const struct work *w, const struct token *t, bool *years)
{
	const uint8_t *s = w->in.s + t->start;

	if (s[0] == 'j') {
		*years = true;
		return token_is(w, t, "jaar") || token_is(w, t, "jr") || token_is(w, t, "jaren");
	}
	*years = false;
	if (s[0] == 'm')
		return (s[1] == 'a' && (t->len == 5 || t->len == 7)) || token_is(w, t, "mnd");
	return (s[0] == 'w' && (token_is(w, t, "weken") || token_is(w, t, "wkn") || token_is(w, t, "wk"))) ||
	       (s[0] == 'd' && token_is(w, t, "dagen"));
}

/* "Ik ben vijfenvijftig en", "Hij was tien.": a number in words, behind who and being. */
static bool
said_in_words(const struct work *w, long i)
{
	static const char *const who[] = {"ik", "hij", "zij", "ze", NULL};
	const struct token *t = name_token(w, i + 1);

	return beside(w, i) && beside(w, i - 1) && among(w, i - 1, who) && t->len > 2 &&
	       t->shape == TOKEN_LOWER && !token_is(w, t, "een") &&
	       number_word(w->in.s + t->start, t->len) >= 4 && closes(w, i + 1);
}

/* "eind twintig", "begin 40," but "begin jaren zestig". */
static bool
about_ten(const struct work *w, long i)
{
	static const char *const tens[] = {
	    "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig", NULL};

	return beside(w, i) && among(w, i + 1, tens) && closes(w, i + 1);
}

static int
put_words(struct work *w, long first, long last, struct err *e)
{
	struct find f = {.start = name_token(w, first)->start,
	    .end = token_end(name_token(w, last)),
	    .type = SPAN_AGE,
	    .rule = "age/told",
	    .score = 62,
	    .age = count_of(w, last)};

	f.value = text_value(w->in.s + f.start, f.end - f.start, " -\n\r");
	return find_add(w, &f, e);
}

int
age_told_find(struct work *w, struct err *e)
{
	const struct token *end = w->tokens + w->token_count;

	for (const struct token *t = w->tokens; t < end; t++) {
		struct find f;
		long i;
		bool in_years;
		unsigned count;

		i = t - w->tokens;
		if ((token_is(w, t, "ben") || token_is(w, t, "was") || token_is(w, t, "is")) &&
		    said_in_words(w, i) && put_words(w, i + 1, i + 1, e) == -1)
			return -1;
		if ((token_is(w, t, "begin") || token_is(w, t, "midden") || token_is(w, t, "eind")) &&
		    about_ten(w, i) && put_words(w, i, i + 1, e) == -1)
			return -1;
		if ((t->classes & W_UNIT) == 0 || t->len < 2 || t->shape != TOKEN_LOWER ||
		    !of_time(w, t, &in_years))
			continue;
		if (!beside(w, i - 1) || (count = count_of(w, i - 1)) == 0 || count > YEARS_MOST ||
		    !is_age(w, i - 1, in_years))
			continue;
		f = (struct find){.start = name_token(w, i - 1)->start,
		    .end = token_end(t),
		    .type = SPAN_AGE,
		    .rule = "age/told",
		    .score = 65};
		if (in_years && beside(w, i) && token_is(w, name_token(w, i + 1), "oud"))
			f.end = token_end(name_token(w, i + 1));
		f.age = in_years ? count : 0;
		f.value = text_value(w->in.s + f.start, f.end - f.start, " -\n\r");
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}
