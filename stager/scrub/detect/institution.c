/*
 * Institutions: names that are known, generic words with the name beside them ("basisschool De Regenboog", "Maasstad
 * Ziekenhuis", "gemeente Ede"), compounds ("Catharinaziekenhuis"), and firms by their form ("Jansen B.V.").
 */
#include "house.h"

#include <string.h>

#define NAME_TOKENS_MAX 6

static bool
small(const struct token *t)
{
	return (t->shape & (TOKEN_UPPER | TOKEN_LOWER)) == TOKEN_LOWER;
}

bool
house_capitals(const struct token *t)
{
	return (t->shape & (TOKEN_UPPER | TOKEN_LOWER)) == TOKEN_UPPER && t->len > 1;
}

int
house_put(struct work *w, const struct token *first, const struct token *last, const char *rule,
    uint8_t score, struct err *e)
{
	struct find f = {.start = first->start,
	    .end = token_end(last),
	    .type = SPAN_INSTITUTION,
	    .rule = rule,
	    .score = score};

	/* B.V. */
	f.end +=
	    last->len == 1 && text_at(&w->in, f.end) == '.' && text_before(&w->in, last->start, 1) == '.';
	/* 't Kwetternest, 's-Hertogenbosch */
	if (f.start >= 2 && first->len == 1 && w->in.s[f.start - 1] == '\'' &&
	    !word_before(&w->in, f.start - 1))
		f.start--;
	f.value = text_value(w->in.s + f.start, f.end - f.start, " -.\n");
	return find_add(w, &f, e);
}

/* One space or dash between two tokens, or the end of a line, or an apostrophe behind a space; and nothing else. */
bool
house_next(const struct work *w, const struct token *a, const struct token *b)
{
	size_t from = token_end(a), gap = b->start - from;
	uint8_t c = text_at(&w->in, from), d = text_at(&w->in, from + 1);

	if (a->len == 0 || b->len == 0)
		return false;
	if (gap == 1)
		return c == ' ' || c == '-' || c == '\n' || c == '&' || c == '\'';
	if (gap == 2)
		return (c == ' ' && (d == '\'' || d == '"' || d == ' ')) ||
		       (c == '.' && d == ' ' && (a->len <= 3 || token_is(w, a, "gebr"))) ||
		       (c == '\r' && d == '\n');
	return gap == 3 && c == ' ' && (d == '&' || d == '\'');
}

/* A line's end between them. */
bool
house_breaks(const struct work *w, const struct token *a, const struct token *b)
{
	return memchr(w->in.s + token_end(a), '\n', b->start - token_end(a)) != NULL;
}

/*
 * The last token of the name that goes on behind t: words in capitals, with small ones between them. Where the text is
 * in one case only what is known as a name, or one word.
 */
const struct token *
house_name_end(const struct work *w, const struct token *t)
{
	const struct token *head = t, *last = t;
	bool caps = house_capitals(t) && house_capitals(t + 1);
	const struct token *sight =
	    w->tokens + w->token_count + TOKEN_PAD - 2; /* t and the next are in sight */

	for (int i = 0;
	     i < NAME_TOKENS_MAX && t < sight && house_next(w, t, t + 1) && !(t[1].shape & TOKEN_DIGIT);
	     i++) {
		/* A name goes on over a line's end only in its midst. */
		if (house_breaks(w, t, t + 1) && (last == t || last == head || caps))
			break;
		t++;
		if ((t->classes & W_STOP && !(i == 0 && token_is(w, t, "ons") && t->shape & TOKEN_TITLE)) ||
		    token_is(w, t, "te"))
			break;
		if (t->shape & TOKEN_TITLE && (!caps || house_capitals(t)))
			last = t;
		else if (!(t->classes & (W_INSIDE | W_NAMEWORD)) && !(t->len == 1))
			break;
	}
	return last;
}

/* In small letters throughout: an article and a word, or a place, or a word before the end of the line or a sign. */
static const struct token *
small_end(const struct work *w, const struct token *t)
{
	const struct token *next = t + 1;
	size_t start, end;
	uint8_t mark;

	if (!house_next(w, t, next) || house_breaks(w, t, next) || next->shape & TOKEN_DIGIT)
		return t;
	/* "geeft de school de schuld" */
	if (next->classes & W_ARTICLE && !(t[-1].classes & W_ARTICLE) && house_next(w, next, next + 1) &&
	    small(next + 1) && next[1].len > 3 && !(next[1].classes & W_STOP))
		return next + 1;
	if (place_at(w, next, &start, &end, &mark) ||
	    (next[0].len == 1 && place_at(w, next + 1, &start, &end, &mark))) {
		while (next->len > 0 && token_end(next) < end)
			next++;
		return next;
	}
	if (next->classes & W_NAMED)
		return house_next(w, next, next + 1) && next[1].classes & W_NAMED ? next + 1 : next;
	return t;
}

/* In a text without capitals: one word that is no word of every day, but perhaps of two. */
static const struct token *
caseless_end(const struct work *w, const struct token *t)
{
	uint32_t flags;

	if (!house_next(w, t, t + 1) || house_breaks(w, t, t + 1) || text_at(&w->in, token_end(t)) != ' ' ||
	    !small(t + 1) || t[1].len < 4 || t[1].shape & TOKEN_DIGIT ||
	    t[1].classes & (W_STOP | W_INSIDE | W_CUE | W_FILLER | W_UNIT))
		return t;
	flags = name_look(w->in.s + t[1].start, t[1].len, t[1].hash);
	if (flags & (NAME_STOP | NAME_VERB | NAME_ROLE | NAME_TITLE | NAME_LABEL | NAME_MED | NAME_OTHER |
			NAME_PREP) ||
	    (flags & NAME_COMMON && !(flags & (NAME_GUESSED | NAME_PROPER))))
		return t;
	return t + 1;
}

/* Words before the generic one that belong to it: "Maasstad Ziekenhuis", "Sint Jans Gasthuis". */
const struct token *
house_name_before(const struct work *w, const struct token *t)
{
	const struct token *first = t;

	for (int i = 0; i < 3 && house_next(w, first - 1, first) && !house_breaks(w, first - 1, first); i++) {
		const struct token *before = first - 1;

		if (!(before->shape & TOKEN_TITLE) || before->shape & TOKEN_DIGIT ||
		    (before->classes & (W_STOP | W_INSIDE | W_LEAD) &&
			!(i > 0 && token_is(w, before, "van"))) ||
		    (house_capitals(t) != house_capitals(before) && before->len > 4) || before->len < 2)
			break;
		first = before;
	}
	return first;
}

/* A place of the list behind t, and nothing further: its last token. */
const struct token *
house_place_after(const struct work *w, const struct token *t)
{
	const struct token *last = t + 1;
	size_t start, end;
	uint8_t mark;

	if (last->len == 1 && text_before(&w->in, last->start, 1) == '\'') /* 's-Hertogenbosch */
		last++;
	if (last->len == 0 || house_breaks(w, t, last) || !place_at(w, last, &start, &end, &mark))
		return NULL;
	while (last[1].len > 0 && last[1].start < end)
		last++;
	return last;
}

/* A word of the dictionary; of two such words in one only where it is not spelt like a name. */
bool
house_everyday(const struct work *w, const struct token *t)
{
	uint32_t flags = name_look(w->in.s + t->start, t->len, t->hash);

	return flags & NAME_STOP ||
	       (flags & NAME_COMMON && !(flags & NAME_GUESSED && name_like(w->in.s + t->start, t->len) >= 0));
}

/* "HAP", "ZH", "OLV": letters that say something only before a name in capitals. */
static bool
letters_alone(const struct work *w, const struct token *t)
{
	static const char *const words[] = {"hap", "zh", "olv", "isd", "az", "zna", "uz", "fc", "vv", "kv",
	    "pi", "mee", "fpc", "fpk", "jji", NULL};

	for (const char *const *word = words; t->len <= 3 && *word != NULL; word++)
		if (token_is(w, t, *word))
			return !(house_capitals(t) && text_at(&w->in, token_end(t)) == ' ' &&
				 house_next(w, t, t + 1) && t[1].shape & TOKEN_TITLE && t[1].len > 2 &&
				 !(t[1].classes & W_STOP));
	return false;
}

/* "Orthopedisch Centrum X", "Taxi Centrale X", "Centrum voor X"; but "centrum Utrecht", "Ede Centrum". */
static bool
centre_alone(const struct work *w, const struct token *t)
{
	const struct token *before = t - 1;
	const uint8_t *end = w->in.s + token_end(before);
	size_t start, stop;
	uint8_t mark;

	if (!token_is(w, t, "centrum") && !token_is(w, t, "centrale"))
		return false;
	if (t->shape & TOKEN_TITLE && token_is(w, t + 1, "voor"))
		return false;
	if (before->len < 4 || !house_next(w, before, t) || house_breaks(w, before, t) ||
	    before->classes & W_STOP || before->shape & TOKEN_DIGIT ||
	    ((before->shape ^ t->shape) & TOKEN_TITLE))
		return true;
	return !word_same(end - 4, 4, "isch", 4) &&
	       !(t->shape & TOKEN_TITLE && !place_at(w, before, &start, &stop, &mark));
}

/* "verslag fysiotherapie van Doutzen Postma", "fysio Dennis van Beek": what is done, and for whom or by whom. */
static bool
someone_behind(const struct work *w, const struct token *t)
{
	static const char *const done[] = {"fysio", "fysiotherapie", "logopedie", "ergotherapie",
	    "oefentherapie", "jeugdhulp", "jeugdzorg", "thuiszorg", "kraamzorg", "notaris", "aannemer",
	    "politie", "dagbesteding", "bewindvoering", "mondzorg", "reclassering", "podotherapie",
	    "wijkverpleging", NULL};
	const struct token *name = t + 1;
	bool joint = token_is(w, name, "van") || token_is(w, name, "voor") || token_is(w, name, "door");
	uint32_t flags;

	for (const char *const *word = done;; word++) {
		if (*word == NULL)
			return false;
		if (token_is(w, t, *word))
			break;
	}
	name += joint;
	if (!(name->shape & TOKEN_TITLE) || name->shape & TOKEN_DIGIT)
		return false;
	flags = name_flags(name->hash);
	return (flags & (NAME_FIRST | NAME_COMMON | NAME_PLACE)) == NAME_FIRST &&
	       (joint || (small(t) && house_next(w, name, name + 1) &&
			     (name[1].shape & TOKEN_TITLE || name_flags(name[1].hash) & NAME_INTERFIX)));
}

/* "gemeente Ede", "ziekenhuis Gelderse Vallei", "OBS De Klimop". */
static int
generic(struct work *w, const struct token *t, const struct token **behind, struct err *e)
{
	const struct token *first = t, *last = t, *place = NULL;

	/* "POH-GGZ", "9206 MC" */
	if (text_before(&w->in, t->start, 1) == '-' ||
	    (t->len == 2 && t[-1].shape == TOKEN_DIGIT && t[-1].len == 4 && t->start == token_end(t - 1) + 1))
		return 0;
	/* "ten huize van" */
	if (token_is(w, t, "huize") && token_is(w, t - 1, "ten"))
		return 0;
	if (letters_alone(w, t) || centre_alone(w, t) || someone_behind(w, t))
		return 0;
	/* "POLITIE EENHEID X", "Politie-eenheid X": the name stands behind both */
	if (token_is(w, t, "politie") && token_is(w, t + 1, "eenheid") && house_next(w, t, t + 1) &&
	    (t[1].shape & t->shape & TOKEN_TITLE) && house_next(w, t + 1, t + 2) &&
	    t[2].shape & TOKEN_TITLE &&
	    ((place = house_place_after(w, t + 1)) == NULL || text_at(&w->in, token_end(place)) == '-')) {
		last = t + 2;
		while (house_next(w, last, last + 1) && text_at(&w->in, token_end(last)) == '-')
			last++;
		last = last == t + 2 ? house_name_end(w, t + 1) : last;
		*behind = last + 1;
		return house_put(w, t, last, "institution/generic", 80, e);
	}
	/* In capitals throughout words of every day are no names. */
	if (house_capitals(t) && house_capitals(t + 1) && !(t[1].classes & W_ARTICLE) &&
	    house_everyday(w, t + 1) && house_place_after(w, t) == NULL)
		return 0;
	/* "Geacht college", "het college van Deurne" */
	if (token_is(w, t, "college") && (token_is(w, t - 1, "geacht") || token_is(w, t + 1, "van")))
		return 0;
	if ((last = house_in_brackets(w, t)) != NULL) {
		*behind = last + 1;
		return house_put(w, t + 1, last, "institution/generic", 70, e);
	}
	last = t;
	if (house_next(w, t, t + 1) && (place = house_place_after(w, t)) != NULL) {
		last = place;
	} else if (house_next(w, t, t + 1)) {
		bool named =
		    t[1].shape & TOKEN_TITLE &&
		    (!(t[1].classes & W_STOP) || (token_is(w, t + 1, "ons") && house_next(w, t + 1, t + 2) &&
						     t[2].shape & TOKEN_TITLE));

		/* "gemeente van", "school in": small words alone are no name */
		if (named ||
		    (t[1].classes & W_NAMEWORD && house_next(w, t + 1, t + 2) && t[2].shape & TOKEN_TITLE) ||
		    (t[1].len == 1 && t[1].start > 0 && w->in.s[t[1].start - 1] == '\''))
			last = house_name_end(w, t);
		if (last == t && small(t))
			last = small_end(w, t);
		if (last == t && small(t) && w->caseless)
			last = caseless_end(w, t);
	}
	if (t->classes & W_AFTERNAME && (t->shape & TOKEN_TITLE || small(t)))
		first = house_name_before(w, t);
	if (first == t && last == t)
		return 0;
	if (first == t && t->len > 6 && (token_is(w, t, "centrum") || token_is(w, t, "centrale")) &&
	    !token_is(w, t + 1, "voor"))
		first--;
	*behind = last + 1;
	return house_put(w, first, last, "institution/generic", 80, e);
}

/* Names that are known, with the place or the kind behind them: "UMC Utrecht", "Erasmus MC", "Zilveren Kruis". */
static int
known(struct work *w, const struct token *t, const struct token **behind, struct err *e)
{
	const struct token *last = t;

	while (last - t < 4 && house_next(w, last, last + 1) && !house_breaks(w, last, last + 1) &&
	       last[1].classes & (W_NAMED | W_INSTITUTION | W_PLACE) && !(last[1].classes & W_STOP)) {
		if (last[1].classes & W_PLACE && !(t->classes & W_TAKESPLACE) &&
		    !(last[1].classes & (W_NAMED | W_INSTITUTION)))
			break;
		last++;
	}
	/* a name of two words wants both; a word like any other wants capitals */
	if (t->classes & W_HALF && last == t)
		return 0;
	if (t->classes & W_ORDINARY && last == t && !(t->shape & TOKEN_TITLE))
		return 0;
	*behind = last + 1;
	return house_put(w, t, last, "institution/known", 85, e);
}

/* "Catharinaziekenhuis", "Sophiakinderziekenhuis", "Montessorischool". */
static bool
compound(const struct work *w, const struct token *t)
{
	static const char *const ends[] = {"ziekenhuis", "gasthuis", "lyceum", "umc", "kliniek", "hogeschool",
	    "universiteit", "apotheek", "college"};
	static const char *const plain[] = {"streek", "kinder", "poli", "oog", "zelfstandige", "academisch",
	    "stads", "dag", "privé", "dieren", "pijn", "oncologie", "psychiatrisch", "perifeer", "thuis",
	    "universitair", "militair"};
	const uint8_t *s = w->in.s + t->start;
	size_t name = t->len - 6;

	if (t->len < 7 || !(t->shape & TOKEN_TITLE))
		return false;
	/* "Mariaschool", "Sint-Martinusschool": somebody's */
	if (t->len > 9 && word_same(s + name, 6, "school", 6)) {
		uint32_t flags = name_flags(token_hash(s, name));

		if (flags == 0 && (s[name - 1] | 0x20) == 's')
			flags = name_flags(token_hash(s, name - 1));
		return (flags & (NAME_FIRST | NAME_COMMON)) == NAME_FIRST;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]), rest;

		if (t->len < n + 3 || !word_same(s + t->len - n, n, ends[i], n))
			continue;
		rest = t->len - n;
		for (size_t k = 0; k < sizeof(plain) / sizeof(plain[0]); k++)
			if (word_same(s, rest, plain[k], strlen(plain[k])))
				return false;
		return true;
	}
	return false;
}

/* A sign or a line's end stands there. */
static bool
sign_at(const struct work *w, size_t at)
{
	uint8_t c = text_at(&w->in, at);

	return c == 0 || c == ',' || c == '.' || c == '\n' || c == ';' || c == ')';
}

/* "Inloopcentrum De Brug", "Maasgroep Elzenhagen": the end of a word says what it is, and a name follows that is nobody's. */
static const struct token *
head(const struct work *w, const struct token *t)
{
	static const char *const ends[] = {"centrum", "groep", "corporatie", "vereniging", "fonds", "blad",
	    "voorziening", "coöperatie", "stichting", "bedrijf"};
	const uint8_t *s = w->in.s + t->start;
	uint32_t flags;
	bool article = (t[1].classes & W_ARTICLE) != 0;

	if (t->len < 9 || !(t->shape & TOKEN_TITLE) || house_capitals(t) || t->shape & TOKEN_DIGIT ||
	    !house_next(w, t, t + 1) || house_breaks(w, t, t + 1) || !(t[1].shape & TOKEN_TITLE) ||
	    t[1].shape & TOKEN_DIGIT || t[1].classes & W_STOP || (t[1].len < 3 && !article) ||
	    house_capitals(t + 1))
		return NULL;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (t->len < n + 3 || !word_same(s + t->len - n, n, ends[i], n))
			continue;
		flags = name_look(w->in.s + t[1].start, t[1].len, t[1].hash);
		if (!article && ((flags & (NAME_FIRST | NAME_LAST | NAME_TITLE | NAME_ROLE | NAME_OTHER |
					      NAME_INTERFIX)) ||
				    (house_everyday(w, t + 1) && (i > 0 || !sign_at(w, token_end(t + 1))))))
			return NULL;
		return house_name_end(w, t);
	}
	return NULL;
}

/* Those of the list, with a place behind: "Amphia Breda", "Diakonessenhuis Zeist". */
static int
listed(struct work *w, const struct token *t, const struct token **behind, struct err *e)
{
	struct find f = {.type = SPAN_INSTITUTION, .rule = "institution/list", .score = 85};
	const struct token *last = t, *place;
	uint8_t mark;

	if (!house_at(w, t, &f.start, &f.end, &mark))
		return 0;
	if (mark != ' ' && (!(t->shape & TOKEN_TITLE) || (t->len > 4 && house_capitals(t))))
		return 0;
	if (mark == '~' && t->len <= 3 &&
	    (!house_capitals(t) || t[-1].shape == TOKEN_DIGIT ||
		(house_next(w, t, t + 1) && t[1].shape & TOKEN_TITLE)))
		return 0;
	/* a word of every day, but "bij Karakter" */
	if (mark == '!' &&
	    !(t[-1].len > 0 && house_next(w, t - 1, t) && !(t[-1].shape & TOKEN_TITLE) &&
		(token_is(w, t - 1, "bij") || token_is(w, t - 1, "via") || token_is(w, t - 1, "naar") ||
		    token_is(w, t - 1, "van") || token_is(w, t - 1, "door"))))
		return 0;
	while (last[1].len > 0 && last[1].start < f.end)
		last++;
	/* "DSM-5"; but "Rijnstate-Zuid" */
	if (text_at(&w->in, f.end) == '-' && class_at(&w->in, f.end + 1) & IS_ALNUM) {
		if (!(name_flags(last[1].hash) & NAME_OTHER) || last[1].start != f.end + 1 ||
		    !(last[1].shape & TOKEN_TITLE) || mark != ' ')
			return 0;
		last++;
		f.end = token_end(last);
	}
	/* "het Antonius Ziekenhuis": the other rules have more of it */
	if (house_next(w, last, last + 1) && last[1].classes & W_AFTERNAME && last[1].shape & TOKEN_TITLE) {
		last++;
		f.end = token_end(last);
	}
	if (house_next(w, last, last + 1) && last[1].shape & TOKEN_TITLE &&
	    (place = house_place_after(w, last)) != NULL) {
		last = place;
		f.end = token_end(last);
	}
	*behind = last + 1;
	f.value = text_value(w->in.s + f.start, f.end - f.start, " -.\n");
	return find_add(w, &f, e);
}

int
institution_find(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]], *behind = t + 1, *last;
		int rc = 0;

		if (t->classes & W_KNOWN)
			rc = listed(w, t, &behind, e);
		if (rc == 0 && behind == t + 1 && t->classes & W_WORKS)
			rc = house_told(w, t, &behind, e);
		if (rc == -1)
			return -1;
		if (behind != t + 1)
			;
		else if (t->classes & W_NAMED && !(t->shape & TOKEN_DIGIT))
			rc = known(w, t, &behind, e);
		else if (t->classes & W_INSTITUTION)
			rc = generic(w, t, &behind, e);
		else if (t->shape & TOKEN_TITLE && compound(w, t))
			rc = house_put(w, house_saint_before(w, t), t, "institution/compound", 80, e);
		else if (t->shape & TOKEN_TITLE && (last = head(w, t)) != NULL) {
			behind = last + 1;
			rc = house_put(w, t, last, "institution/head", 65, e);
		}
		if (rc == 0 && behind == t + 1 && t->classes & W_FIRM &&
		    (last = house_of_class(w, t)) != NULL) {
			behind = last + 1;
			rc = house_put(w, t + 2, last, "institution/generic", 70, e);
		} else if (rc == 0 && behind == t + 1 && t->classes & W_FIRM)
			rc = house_firm(w, t, e);
		if (rc == -1)
			return -1;
		while (i + 1 < w->mark_count && &w->tokens[w->marks[i + 1]] < behind)
			i++;
	}
	return 0;
}
