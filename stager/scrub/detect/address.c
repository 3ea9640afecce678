/* Addresses: a street with its number and what follows it, a box; and a street alone where its name is plain. */
#include "name.h"

#include <string.h>

#define NAME_TOKENS_MAX 6 /* of a street's name */
#define HOUSE_DIGITS_MAX 5

/* What a street's name ends with. plain: also in small letters, and without a number. */
#define S(text, plain)                        \
	{                                     \
		text, sizeof(text) - 1, plain \
	}
static const struct {
	const char *text;
	uint8_t len;
	bool plain;
} suffixes[] = {S("straat", true), S("laan", true), S("gracht", true), S("plein", true), S("steeg", true),
    S("singel", true), S("dreef", true), S("kade", true), S("straatje", true), S("str", false),
    S("laantje", true), S("pleintje", true), S("plantsoen", true), S("weg", false), S("dijk", false),
    S("hof", false), S("pad", false), S("park", false), S("wal", false), S("markt", false), S("baan", false),
    S("erf", false), S("akker", false), S("hoek", false), S("brink", false), S("haven", false),
    S("poort", false), S("boulevard", false), S("allee", false), S("ring", false), S("werf", false),
    S("sluis", false), S("brug", false), S("tuin", false), S("weide", false), S("meent", false),
    S("oord", false), S("zoom", false), S("zijde", false), S("vaart", false), S("wetering", false),
    S("vliet", false), S("enk", false), S("rak", false), S("passage", false), S("galerij", false),
    S("veld", false), S("berg", false), S("horst", false), S("heide", false), S("donk", false),
    S("kamp", false), S("burg", false), S("stede", false), S("einde", false), S("eind", false),
    S("dam", false), S("hoeve", false), S("bos", false), S("rijn", false), S("haghe", false),
    S("voorhout", false), S("woerd", false), S("wegje", false), S("hoven", false), S("hage", false),
    S("kwartier", false), S("plaats", false), S("kerk", false), S("schans", false), S("dwarsstraat", true),
    S("gaarde", false), S("gaard", false), S("meer", false), S("steiger", false), S("diep", false),
    S("terp", false), S("loo", false), S("mark", false), S("oever", false), S("water", false),
    S("gang", false), S("bloem", false), S("nest", false), S("singels", false), S("hagen", false)};
#undef S

static bool
among(const struct work *w, const struct token *t, const char *const *words)
{
	for (; *words != NULL; words++)
		if (token_is(w, t, *words))
			return true;
	return false;
}

static bool
small(const struct token *t)
{
	return (t->shape & (TOKEN_UPPER | TOKEN_LOWER)) == TOKEN_LOWER;
}

static bool
ends_with(const struct work *w, const struct token *t, const char *end)
{
	size_t n = strlen(end);

	return t->len >= n + 2 && word_same(w->in.s + token_end(t) - n, n, end, n);
}

/* The token ends as a street's name does. *plain: so plainly that small letters do not matter. */
static bool
street_end(const struct work *w, const struct token *t, bool *plain)
{
	const uint8_t *end;
	unsigned last;

	if (t->len < 5 || t->shape & TOKEN_DIGIT || t->classes & W_NOSTREET)
		return false;
	end = w->in.s + token_end(t);
	last = (unsigned)(end[-2] | 0x20) << 8 | (end[-1] | 0x20);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = suffixes[i].len;

		/* Most fail by their last two letters. */
		if (((unsigned)(uint8_t)suffixes[i].text[n - 2] << 8 | (uint8_t)suffixes[i].text[n - 1]) !=
			last ||
		    t->len < n + 2 || !word_same(end - n, n, suffixes[i].text, n))
			continue;
		*plain = suffixes[i].plain;
		return true;
	}
	return false;
}

/* One space, a full stop of an abbreviation, a dash or an apostrophe between; no end of a sentence. */
static bool
linked(const struct work *w, const struct token *a, const struct token *b)
{
	size_t from = token_end(a), gap = b->start - from;
	uint8_t c = text_at(&w->in, from);

	if (b->len == 0 || a->len == 0 || gap > 2)
		return false;
	if (gap == 1)
		return c == ' ' || c == '-' || c == '\'' || c == '.' || c == '\n';
	return (c == '.' && (a->len <= 6 || ends_with(w, a, "str")) && text_at(&w->in, from + 1) == ' ') ||
	       (c == ' ' && text_at(&w->in, from + 1) == ' ') ||
	       (c == ' ' && text_at(&w->in, from + 1) == '\'');
}

/*
 * The first token of the street's name that ends with `last`: capitals, ordinals and small words between them go
 * along. caps: the text is in one case, so nothing can be told by capitals.
 */
static const struct token *
name_start(const struct work *w, const struct token *last)
{
	const struct token *first = last, *t = last;

	for (int i = 0; i < NAME_TOKENS_MAX - 1; i++) {
		const struct token *before = t - 1;
		bool line = false;

		if (!linked(w, before, t) ||
		    (before->classes & W_LEAD && (!(before->classes & W_ARTICLE) || small(last))))
			break;
		for (size_t k = token_end(before); k < t->start; k++)
			line = line || w->in.s[k] == '\n';
		if (line)
			break;
		if (before->shape & TOKEN_DIGIT) { /* 1e Schansstraat */
			if (before->len <= 3 && before->shape & TOKEN_LOWER)
				first = before;
			break;
		}
		t = before;
		/* De Ruyterkade, too */
		if (before->shape & TOKEN_TITLE &&
		    (!(before->classes & W_INSIDE) || token_is(w, before, "de")))
			first = before;
		else if (!(before->classes & W_INSIDE))
			break;
	}
	return first;
}

/* The end of a house's number that begins with this token: letters, "12-III", "12 hs", "12-14". */
static size_t
house_end(const struct work *w, const struct token *t)
{
	const struct text_in *in = &w->in;
	size_t end = token_end(t);
	int more = 0;

	for (const struct token *next = t + 1; more < 2 && next->len > 0; next++, more++) {
		uint8_t gap = text_at(in, end);
		bool one = next->start == end + 1;
		bool letter = next->len == 1 && next->shape & (TOKEN_UPPER | TOKEN_LOWER);

		if (!one)
			break;
		if ((gap == '-' || gap == '/') && next->len <= 4 &&
		    (next->shape & TOKEN_DIGIT || next->classes & W_HOUSE || letter)) {
			end = token_end(next);
			continue;
		}
		if (gap != ' ')
			break;
		if (next->classes & W_HOUSE ||
		    (next->len <= 5 && next->shape & TOKEN_DIGIT && ends_with(w, next, "hoog"))) {
			end = token_end(next);
			continue;
		}
		/* "12 a", "12 B, 1234 AB" */
		if (letter && !token_is(w, next, "x") && !token_is(w, next, "m") &&
		    !(text_at(in, token_end(next)) == '.' && class_at(in, token_end(next) + 1) & IS_LETTER)) {
			const struct token *behind = next + 1;

			if (next->shape & TOKEN_UPPER || behind->len == 0 ||
			    behind->start > token_end(next) + 1 || behind->shape & TOKEN_DIGIT ||
			    text_at(in, token_end(next)) == '\n') {
				end = token_end(next);
				continue;
			}
		}
		if (next->len <= 2 && next->shape == TOKEN_DIGIT && next[1].len > 0 &&
		    next[1].start == token_end(next) + 1 && token_is(w, next + 1, "hoog")) {
			end = token_end(next + 1);
			break;
		}
		break;
	}
	return end;
}

/* One to five digits, perhaps with letters at once behind them: "12", "12a", "12bis", "4hoog". */
static bool
house_number(const struct work *w, const struct token *t)
{
	size_t digits = t->figures;

	return digits >= 1 && digits <= HOUSE_DIGITS_MAX && w->in.s[t->start] != '0' &&
	       t->len - digits <= 4 && !(t->shape & TOKEN_WIDE) && text_at(&w->in, token_end(t)) != '%' &&
	       !((text_at(&w->in, token_end(t)) == ',' || text_at(&w->in, token_end(t)) == '.' ||
		     text_at(&w->in, token_end(t)) == ':') &&
		   class_at(&w->in, token_end(t) + 1) & IS_DIGIT);
}

static int
put(struct work *w, size_t start, size_t end, const char *rule, uint8_t score, struct err *e)
{
	struct find f = {.start = start, .end = end, .type = SPAN_ADDRESS, .rule = rule, .score = score};

	f.value = text_value(w->in.s + start, end - start, " .-\n");
	return find_add(w, &f, e);
}

/* A postcode stands behind `at`, over a comma or a line's end. */
static bool
postcode_behind(const struct work *w, size_t at)
{
	size_t i = at, digits;

	while (i - at < 6 && (text_at(&w->in, i) == ' ' || text_at(&w->in, i) == ',' ||
				 text_at(&w->in, i) == '\n' || text_at(&w->in, i) == '\r'))
		i++;
	for (digits = i; class_at(&w->in, digits) & IS_DIGIT;)
		digits++;
	if (i == at || digits - i != 4)
		return false;
	digits += text_at(&w->in, digits) == ' ';
	return class_at(&w->in, digits) & class_at(&w->in, digits + 1) & IS_LETTER &&
	       !word_at(&w->in, digits + 2);
}

/* A place of the list stands behind `at`, over a comma, "in" or "te". */
static bool
place_behind(const struct work *w, const struct token *t, size_t at)
{
	size_t start, end;
	uint8_t mark;

	for (int i = 0; i < 4 && t->len > 0 && t->start < at; i++)
		t++;
	if (t->classes & W_CUE && t->start == at + 1)
		t++;
	return t->len > 0 && t->start >= at && t->start - at <= 4 && place_at(w, t, &start, &end, &mark);
}

static bool
token_year(const struct work *w, const struct token *t)
{
	const uint8_t *s = w->in.s + t->start;

	return t->shape == TOKEN_DIGIT && t->len == 4 &&
	       ((s[0] == '1' && s[1] == '9') || (s[0] == '2' && s[1] == '0'));
}

/* A date, a time or an age begins with this number: no house's. */
static bool
something_else(const struct work *w, const struct token *t)
{
	uint8_t c = text_at(&w->in, token_end(t));
	size_t low = 0, high = w->number_count;

	if (t[1].len > 0 && t[1].start <= token_end(t) + 1 && t[1].classes & W_UNIT && t[1].len > 1)
		return true;
	if (c == ':' && class_at(&w->in, token_end(t) + 1) & IS_DIGIT)
		return true;
	/* What scan_find found stands in order, and before all else. */
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (w->finds[mid].start < t->start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < w->number_count && w->finds[low].start == t->start && w->finds[low].type != SPAN_BSN;
}

/* A number with a street before it. */
static int
numbered(struct work *w, const struct token *t, struct err *e)
{
	const struct token *name = t - 1, *first;
	bool plain = false, sure;
	size_t end, at, to;
	uint8_t mark;

	if (name->len < 2 || !linked(w, name, t) || text_at(&w->in, token_end(name)) == '-' ||
	    text_at(&w->in, token_end(name)) == '\'')
		return 0;
	if (name->classes & W_BOX || (token_is(w, name, "box") && token_is(w, name - 1, "po")))
		return put(w, token_is(w, name, "box") ? name[-1].start : name->start, token_end(t),
		    "address/box", 95, e);
	if (!house_number(w, t) || name->classes & W_MONTH || something_else(w, t))
		return 0;
	/* "Dhr Adriaanse 81j": somebody's age */
	if (t->len == t->figures + 1u && (w->in.s[token_end(t) - 1]) == 'j' && t->figures <= 2 &&
	    !(name->classes & W_STREET))
		return 0;
	if (text_at(&w->in, token_end(name)) == '.' && name->len > 4 && !ends_with(w, name, "str"))
		return 0;
	end = house_end(w, t);
	first = name_start(w, name);
	sure =
	    postcode_behind(w, end) || place_behind(w, t + 1, end) ||
	    (first[-1].len > 5 && first[-1].classes & W_LEAD && text_at(&w->in, token_end(first - 1)) == ':');
	/* "Rotterdam 2018" */
	if (!sure && (t->len == 4 && (token_year(w, t) || place_at(w, name, &at, &to, &mark))))
		return 0;
	if (name->shape & TOKEN_TITLE && name[-1].classes & W_STREETADJ && name[-1].shape & TOKEN_TITLE &&
	    linked(w, name - 1, name))
		return put(w, first->start, end, "address/street", 85, e);
	if (street_end(w, name, &plain) && (plain || sure || (name->shape & TOKEN_TITLE) || (first < name)))
		return put(w, first->start, end, "address/street", 90, e);
	/* "Van der Wal 3" is a person's, or a firm's */
	if (name->classes & W_STREET &&
	    (sure || (name->shape & TOKEN_TITLE && !(name[-1].classes & W_INSIDE))))
		return put(w, first->start, end, "address/street", 80, e);
	/* Laan van Meerdervoort 12, Achter de Kerk 3 */
	if (name->shape & TOKEN_TITLE || sure) {
		const struct token *back = name;

		for (int i = 0; i < NAME_TOKENS_MAX && linked(w, back - 1, back); i++) {
			back--;
			/* "Boulevard Bankert 9" */
			if ((i > 0 || (back->len > 6 && name->len > 3)) && back->classes & W_STREET &&
			    (back->shape & TOKEN_TITLE || sure))
				return put(w, back->start, end, "address/street-of", 85, e);
			if (!(back->classes & W_INSIDE) && !(back->shape & TOKEN_TITLE))
				break;
		}
	}
	/* "Vogelzang 280 in Leeuwarden": no word of every day */
	if (sure && name->shape & TOKEN_TITLE && name->len > 3 &&
	    (name_look(w->in.s + name->start, name->len, name->hash) &
		(NAME_STOP | NAME_MED | NAME_OTHER | NAME_ROLE | NAME_INST | NAME_TITLE | NAME_LABEL |
		    NAME_DISEASE)) == 0 &&
	    (!(name_look(w->in.s + name->start, name->len, name->hash) & NAME_COMMON) ||
		text_at(&w->in, token_end(first - 1)) == ':'))
		return put(w, first->start, end, "address/place", 70, e);
	/* Anything in capitals with a postcode behind its number. */
	if (sure && postcode_behind(w, end) && name->shape & (TOKEN_UPPER | TOKEN_LOWER) &&
	    !(name->shape & TOKEN_DIGIT) && name->len > 2 && !(name->classes & W_LEAD))
		return put(w, first->start, end, "address/postcode", 75, e);
	return 0;
}

/* A street alone: "woont in de Kerkstraat", "aan de Lindenhof". */
static int
bare(struct work *w, const struct token *t, struct err *e)
{
	const struct token *first = t->shape & TOKEN_TITLE ? name_start(w, t) : t;
	const struct token *before = first - 1;
	bool plain = false, at = before->classes & W_ARTICLE && token_is(w, before - 1, "aan");

	if ((!at && !(t->classes & W_TAIL)) || !street_end(w, t, &plain) || (!at && !plain) ||
	    (!(t->shape & TOKEN_TITLE) && !(before->classes & (W_LEAD | W_CUE))))
		return 0;
	if (t->classes & W_INSTITUTION)
		return 0;
	/* "Esmee Tersteeg": behind a first name, and no word for a place before it */
	if (first < t && !(before->classes & (W_LEAD | W_CUE | W_ARTICLE)) &&
	    (name_flags(first->hash) & NAME_FIRST) && !(t->classes & W_TAIL && ends_with(w, t, "straat")))
		return 0;
	/* the number is the other rule's */
	if (linked(w, t, t + 1) && t[1].shape & TOKEN_DIGIT)
		return 0;
	return put(w, first->start, token_end(t), "address/name", 65, e);
}

/* "12 High Street", "221b Baker St." */
static int
english(struct work *w, const struct token *t, struct err *e)
{
	static const char *const ends[] = {"street", "st", "road", "rd", "avenue", "ave", "lane", "ln",
	    "drive", "dr", "court", "ct", "square", "boulevard", "blvd", "way", "place", "close", "terrace",
	    "crescent", "gardens", NULL};
	const struct token *last = t + 1;

	if (!house_number(w, t) || t[1].classes & W_UNIT)
		return 0;
	for (int i = 0; i < 4; i++, last++) {
		if (last->len == 0 || last->start != token_end(last - 1) + 1 ||
		    text_at(&w->in, token_end(last - 1)) != ' ' || !(last->shape & TOKEN_TITLE))
			return 0;
		if (i > 0 && among(w, last, ends))
			return put(w, t->start, token_end(last), "address/english", 80, e);
	}
	return 0;
}

int
address_find(struct work *w, struct err *e)
{
	bool en = w->with->rules->english;

	w->number_count = w->find_count;
	for (size_t i = 0; i < w->digit_count; i++) {
		const struct token *t = &w->tokens[w->digits[i]];

		if (t->len <= 9 && (numbered(w, t, e) == -1 || (en && english(w, t, e) == -1)))
			return -1;
	}
	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]];

		if (t->len >= STREET_LEN_LEAST && (t->classes & W_TAIL || t[-1].classes & W_ARTICLE) &&
		    bare(w, t, e) == -1)
			return -1;
	}
	return 0;
}
