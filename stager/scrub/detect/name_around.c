/* What stands between tokens and before a name: gaps, initials, interfixes, titles, labels, the ends of sentences. */
#include "name.h"

#include <string.h>

#define SIGN_BACK 14 /* tokens that are looked through for a closing formula */

const struct token name_no_token;

uint32_t
name_of(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	uint32_t *memo = name_note(w, i);

	if ((*memo & NAME_WHOLE) == 0)
		*memo |= (t->len == 0 ? 0 : name_look(w->in.s + t->start, t->len, t->hash)) | NAME_LOOKED |
			 NAME_WHOLE;
	return *memo & ~(uint32_t)NAME_NOTES;
}

int
name_like_of(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	return name_like(w->in.s + t->start, t->len);
}

const uint8_t name_gap_of[256] = {[' '] = GAP_SPACE,
    ['\t'] = GAP_SPACE,
    ['\n'] = GAP_WRAP,
    ['-'] = GAP_HYPHEN,
    ['.'] = GAP_DOT,
    [','] = GAP_COMMA,
    [':'] = GAP_COLON,
    ['\''] = GAP_QUOTE,
    ['`'] = GAP_QUOTE,
    ['/'] = GAP_SLASH};

enum gap
name_gap_wide(const struct text_in *in, const struct token *t, const struct token *next)
{
	size_t from = token_end(t), len = next->start - from;
	const uint8_t *s = in->s + from;
	size_t spaces = 0, lines = 0, colons = 0, quotes = 0;

	if (len == 0)
		return GAP_NONE;
	/* What most are. */
	if (len == 2 && s[1] == ' ' && (s[0] == '.' || s[0] == ',' || s[0] == ':'))
		return s[0] == '.' ? GAP_DOT_SPACE : s[0] == ',' ? GAP_COMMA : GAP_COLON;
	if (len > 60)
		return GAP_BREAK;
	for (size_t k = 0; k < len; k++) {
		spaces += s[k] == ' ' || s[k] == '\t';
		lines += s[k] == '\n';
		colons += s[k] == ':';
		quotes += s[k] == '"';
	}
	if (spaces == len)
		return len <= 2 ? GAP_SPACE : GAP_COLON;
	if (lines == 1 && (spaces == len - 1 || (spaces == len - 2 && s[0] == '\r')))
		return GAP_WRAP;
	/* From: "Slagmolen, P." */
	if (colons == 1 && quotes <= 1 && spaces + quotes == len - 1)
		return GAP_COLON;
	if (len == 3 && s[0] == '.' && s[1] == ' ' && s[2] == '\'')
		return GAP_DOT_SPACE; /* "mw. 't Hoen" */
	if (len <= 4 && s[0] == '.' && spaces == len - 1)
		return GAP_DOT_SPACE;
	if (len == 2 && s[0] == '.' && s[1] == '-')
		return GAP_DOT; /* J.-P. */
	if (len == 2 && s[0] == ',' && s[1] == ' ')
		return GAP_COMMA;
	if (len == 2 && s[0] == ' ' && (s[1] == '\'' || s[1] == '`'))
		return GAP_QUOTE;
	if (len == 2 && s[0] == '.' && s[1] == '\n')
		return GAP_BREAK;
	return GAP_BREAK;
}

bool
name_shouted(const struct work *w, long i)
{
	return name_token(w, i)->len >= 2 &&
	       (name_token(w, i)->shape & (TOKEN_UPPER | TOKEN_LOWER | TOKEN_DIGIT)) == TOKEN_UPPER &&
	       !(name_token(w, i)->len == 2 && w->in.s[name_token(w, i)->start] >= 0xc3);
}

bool
name_initial(const struct work *w, long i)
{
	static const char *const forms[] = {
	    "chr", "th", "ph", "joh", "fr", "jac", "ij", "wm", "tj", "st", "sj", NULL};
	const struct token *t = name_token(w, i);

	if (!name_capital(w, i))
		return false;
	if (t->len == 1 || (t->len == 2 && w->in.s[t->start] >= 0xc3))
		return true;
	if (t->len > 3 || text_at(&w->in, token_end(t)) != '.')
		return false;
	for (const char *const *form = forms; *form != NULL; form++)
		if (token_is(w, t, *form))
			return true;
	return false;
}

long
name_interfix_back(const struct work *w, long i)
{
	long start = i;

	while (start > 0 && i - start < 4) {
		enum gap gap = name_gap(w, start - 1);

		if ((gap != GAP_SPACE && gap != GAP_QUOTE && gap != GAP_DOT && gap != GAP_DOT_SPACE &&
			!(gap == GAP_SLASH && name_van_der(w, start - 1))) ||
		    (name_of_light(w, start - 1) & NAME_INTERFIX) == 0)
			break;
		/* "v.d. Berg": only letters that stand alone take a dot */
		if ((gap == GAP_DOT || gap == GAP_DOT_SPACE) && name_token(w, start - 1)->len > 2)
			break;
		start--;
	}
	/* "t.n.v. Altrecht": the end of an abbreviation */
	while (start < i && start > 0 &&
	       (name_gap(w, start - 1) == GAP_DOT || name_gap(w, start - 1) == GAP_QUOTE ||
		   name_gap(w, start - 1) == GAP_SLASH) &&
	       !(name_of_light(w, start - 1) & NAME_TITLE) && name_token(w, start)->len == 1)
		start++;
	return start;
}

/* An abbreviation that ends no sentence. */
static bool
goes_on(const struct work *w, long i)
{
	static const char *const words[] = {"evt", "bv", "ivm", "iom", "cq", "nl", "resp", "incl", "ca",
	    "obv", "dmv", "tav", "gem", "ass", "superv", "fam", NULL};

	if (name_token(w, i)->shape & (TOKEN_DIGIT | TOKEN_UPPER))
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return name_token(w, i)->len == 1;
}

bool
name_begins(const struct work *w, long i)
{
	size_t at = name_token(w, i)->start, least = at > 8 ? at - 8 : 0;
	const uint8_t *s = w->in.s;

	while (at > least && (s[at - 1] == ' ' || s[at - 1] == '\t' || s[at - 1] == '-' || s[at - 1] == '*' ||
				 s[at - 1] == '"' || s[at - 1] == '\''))
		at--;
	if (at == 0 || s[at - 1] == '\n' || s[at - 1] == '\r' || s[at - 1] == '!' || s[at - 1] == '?' ||
	    s[at - 1] == ':' || s[at - 1] == ';')
		return true;
	if (s[at - 1] != '.')
		return false;
	/* "i.o.m. Jansen", "evt. Jansen" */
	return i == 0 || token_end(name_token(w, i - 1)) + 1 != at || !goes_on(w, i - 1);
}

/* Whether any token that is looked through can close a letter, by a few bits of its hash: mostly none can. */
static bool
signs_near(const struct work *w, long i)
{
	long last = i > SIGN_BACK ? i - SIGN_BACK : 0;

	for (long back = i - 1; back >= last; back--)
		if (name_may_sign(w->tokens[back].hash))
			return true;
	return false;
}

/* A closing formula ends on a line before this one, at most three lines up. */
static bool
signs(const struct work *w, long i)
{
	size_t lines = 0, from;

	if (!signs_near(w, i))
		return false;
	for (long back = i - 1; back >= 0 && i - back <= SIGN_BACK; back--) {
		from = token_end(name_token(w, back));
		for (size_t at = from; at < name_token(w, back + 1)->start && lines <= 6; at++)
			lines += w->in.s[at] == '\n';
		if (lines > 6)
			return false;
		if (name_of_light(w, back) & NAME_SIGN)
			return lines > 0 || name_gap(w, back) == GAP_COMMA || back == i - 1;
	}
	return false;
}

/* "wijkverpleegkundige", "MDL-arts", "kinderpsycholoog": who ends like a profession. */
bool
name_profession(const struct work *w, long i)
{
	static const struct name_tail tails[] = {TAIL("arts"), TAIL("loog"), TAIL("loge"), TAIL("therapeut"),
	    TAIL("therapeute"), TAIL("verpleegkundige"), TAIL("chirurg"), TAIL("assistent"),
	    TAIL("assistente"), TAIL("werker"), TAIL("werkster"), TAIL("begeleider"), TAIL("begeleidster"),
	    TAIL("consulent"), TAIL("coach"), TAIL("specialist"), TAIL("adviseur"), TAIL("medewerker"),
	    TAIL("medewerkster"), TAIL("deskundige"), TAIL("verzorgende"), TAIL("psychiater"),
	    TAIL("pedagoog"), TAIL("dietist"), TAIL("meester"), TAIL("leider"), TAIL("moeder"), TAIL("vader"),
	    TAIL("zoon"), TAIL("dochter"), TAIL("regisseur"), TAIL("coordinator"), TAIL("manager"),
	    TAIL("ondersteuner"), TAIL("kundige"), TAIL("drager"), TAIL("houder"), TAIL("dokter"),
	    TAIL("scopist"), TAIL("erateur"), {0}};
	const struct token *t = name_token(w, i);

	return t->len >= 6 && name_ends_in(w->in.s + t->start, t->len, tails);
}

/* "Bouwbedrijf", "thuiszorgorganisatie": what ends like a house. */
static bool
is_house(const struct work *w, long i)
{
	static const struct name_tail tails[] = {TAIL("bedrijf"), TAIL("organisatie"), TAIL("praktijk"),
	    TAIL("centrum"), TAIL("ziekenhuis"), TAIL("huis"), TAIL("stichting"), TAIL("instelling"),
	    TAIL("apotheek"), TAIL("school"), TAIL("kliniek"), TAIL("bureau"), TAIL("kantoor"),
	    TAIL("winkel"), TAIL("therapie"), TAIL("zorg"), TAIL("groep"), TAIL("dienst"), TAIL("fabriek"),
	    TAIL("opvang"), {0}};

	const struct token *t = name_token(w, i);

	return t->len > 6 && name_ends_in(w->in.s + t->start, t->len, tails);
}

/* "1234 AB", "1234AB" */
static bool
is_postcode(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	if (t->len == 6 && (t->shape & (TOKEN_DIGIT | TOKEN_UPPER)) == (TOKEN_DIGIT | TOKEN_UPPER))
		return true;
	return name_shouted(w, i) && t->len == 2 && i > 0 && (name_token(w, i - 1)->shape & TOKEN_DIGIT) &&
	       name_token(w, i - 1)->len == 4 && name_gap(w, i - 1) == GAP_SPACE;
}

/* "MS" and "MR" are no titles, and neither is a unit. */
static bool
is_title(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	if ((name_of_light(w, i) & NAME_TITLE) == 0 || (t->len == 2 && i > 0 && is_postcode(w, i)))
		return false; /* "1141 DR Arnhem" */
	if (name_shouted(w, i) && text_at(&w->in, token_end(t)) != '.' &&
	    (token_is(w, t, "ms") || token_is(w, t, "mr") || token_is(w, t, "ds") || token_is(w, t, "ing")))
		return false;
	return !(token_is(w, t, "hare") || (token_is(w, t, "ms") && (t->shape & TOKEN_TITLE) == 0));
}

static bool
is_short_role(const struct work *w, long i)
{
	static const char *const words[] = {"ass", "superv", "anesth", "anaesth", "voorschr", "verpl", "vpk",
	    "pat", "pt", "pte", "fam", "verr", "aanvr", "psych", "chir", "cardiol", "neur", "gyn", "uro",
	    "ha", "zr", "br", "poh", "geb", "verz", "echtgen", "partn", "wed", "bew", "cl", "clnt", "hr",
	    "sv", "int", "coass", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

/* The word before a colon says that a name follows, and nothing else. */
static bool
names_itself(const struct work *w, long i)
{
	static const char *const words[] = {"naam", "achternaam", "geslachtsnaam", "meisjesnaam",
	    "geboortenaam", "voornaam", "voornamen", "roepnaam", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return i == 0 || name_begins(w, i);
	return false;
}

bool
name_unlisted(const struct work *w, long i)
{
	const uint32_t flags = name_of(w, i) & ~(uint32_t)NAME_ANY;

	return flags == 0 || ((flags & ~(uint32_t)(NAME_COMMON | NAME_GUESSED)) == 0 &&
				 flags & NAME_GUESSED && name_like_of(w, i) >= 0);
}

/*
 * "mevrouw #Jansen", "de heer [Jansen]", "Naam | Jansen": signs that set a name apart, with a space before them. A bar is a
 * colon, the others are nothing.
 */
static enum gap
gap_signs(const struct work *w, long p)
{
	const size_t from = token_end(name_token(w, p)), to = name_token(w, p + 1)->start;
	size_t signs = 0, bars = 0;

	if (to - from < 2 || to - from > 5 || text_at(&w->in, from) != ' ')
		return GAP_BREAK;
	for (size_t at = from; at < to; at++) {
		uint8_t c = w->in.s[at];

		if (c == '|')
			bars++;
		else if (c == '#' || c == '[' || c == '{' || c == '<' || c == '*' || c == '_' || c == '~' ||
			 c == '=')
			signs++;
		else if (c != ' ')
			return GAP_BREAK;
	}
	/* the head of a table is "Naam | Functie" */
	if (bars > 0 && !(name_of_light(w, p) & NAME_TITLE) &&
	    ((name_of_light(w, p) & NAME_ROLE) || !name_unlisted(w, p + 1)))
		return GAP_BREAK;
	return bars == 1 && signs == 0 && to - from == 3 ? GAP_COLON
	       : bars + signs <= 2                       ? GAP_SPACE
							 : GAP_BREAK;
}

enum lead
name_lead(const struct work *w, long i)
{
	enum gap gap;
	uint32_t flags;
	long p = i - 1;

	if (i == 0)
		return LEAD_NONE;
	gap = name_gap(w, p);
	if (gap == GAP_QUOTE && text_at(&w->in, token_end(name_token(w, p))) == ' ')
		gap = GAP_SPACE; /* "heer 't Hoen" */
	flags = name_of_light(w, p);
	/* "Mw.\nKraaijeveld": wrapped */
	if (gap == GAP_BREAK && name_token(w, i)->start - token_end(name_token(w, p)) == 2 &&
	    name_token(w, p)->len <= 4 && text_at(&w->in, token_end(name_token(w, p))) == '.' &&
	    text_at(&w->in, token_end(name_token(w, p)) + 1) == '\n' && is_title(w, p))
		return LEAD_TITLE;
	if (gap == GAP_BREAK && flags & (NAME_TITLE | NAME_LABEL))
		gap = gap_signs(w, p);
	if ((gap == GAP_SPACE || gap == GAP_WRAP ||
		((gap == GAP_DOT_SPACE || gap == GAP_DOT) && name_token(w, p)->len <= 4)) &&
	    is_title(w, p))
		return LEAD_TITLE;
	if (gap == GAP_SPACE && is_postcode(w, p))
		return LEAD_PLACE;
	/* "Naam: Kraan": whatever the word */
	if (gap == GAP_COLON && names_itself(w, p))
		return LEAD_TITLE;
	if (gap == GAP_COLON &&
	    ((flags & NAME_LABEL) != 0 || is_title(w, p) || token_is(w, name_token(w, p), "verzekerde") ||
		token_is(w, name_token(w, p), "opgezegd")))
		return LEAD_LABEL;
	/* "Naam patiënt: X", "Naam van moeder: X" */
	if (gap == GAP_COLON && ((flags & (NAME_ROLE | NAME_TITLE)) != 0 || name_profession(w, p)))
		return LEAD_LABEL;
	/* "Contactpersoon COA: X" */
	if (gap == GAP_COLON && p > 0 && name_gap(w, p - 1) == GAP_SPACE &&
	    (name_of_light(w, p - 1) & NAME_LABEL) && !(name_of_light(w, p - 1) & NAME_INTERFIX))
		return LEAD_LABEL;
	/* "[09:53] Nurcan: " */
	if (text_before(&w->in, name_token(w, i)->start, 2) == ']' &&
	    text_before(&w->in, name_token(w, i)->start, 1) == ' ' &&
	    (name_token(w, p)->shape & (TOKEN_DIGIT | TOKEN_LOWER)))
		return LEAD_LINE;
	if (gap == GAP_SPACE || gap == GAP_DOT_SPACE) {
		/* "2x per dag Zantac" is no greeting */
		if ((flags & NAME_GREET) && name_begins(w, p))
			return LEAD_GREET;
		if ((flags & NAME_DISEASE) != 0 && gap == GAP_SPACE)
			return LEAD_DISEASE;
		/* "psycholoog. Crisiskaart": only what is cut short goes on */
		if (flags & NAME_ROLE && (gap == GAP_SPACE || is_short_role(w, p)))
			return LEAD_ROLE;
		/* e/v, w/v */
		if (token_is(w, name_token(w, p), "v") && p > 0 && name_gap(w, p - 1) == GAP_SLASH)
			return LEAD_ROLE;
		if (gap == GAP_SPACE &&
		    ((flags & NAME_INST) ||
			((flags & ~(uint32_t)(NAME_COMMON | NAME_GUESSED)) == 0 && is_house(w, p))))
			return LEAD_INST;
		if (gap == GAP_SPACE && flags & NAME_PREP)
			return LEAD_PLACE;
		if (gap == GAP_SPACE && (flags & ~(uint32_t)(NAME_COMMON | NAME_GUESSED)) == 0 &&
		    name_profession(w, p))
			return LEAD_ROLE;
	}
	/* "vader (X) was", "fysio (X)" */
	if (gap == GAP_BREAK && name_token(w, i)->start - token_end(name_token(w, p)) == 2 &&
	    text_at(&w->in, token_end(name_token(w, p))) == ' ' &&
	    text_at(&w->in, token_end(name_token(w, p)) + 1) == '(' && (flags & (NAME_ROLE | NAME_TITLE)) &&
	    !(name_token(w, p)->shape & TOKEN_DIGIT))
		return LEAD_ROLE;
	/* "i.o.m. X", "collega's X" */
	if ((gap == GAP_SPACE || gap == GAP_DOT_SPACE) && p >= 2 && name_token(w, p)->len == 1 &&
	    ((token_is(w, name_token(w, p), "m") && token_is(w, name_token(w, p - 1), "o") &&
		 token_is(w, name_token(w, p - 2), "i")) ||
		(token_is(w, name_token(w, p), "s") && name_gap(w, p - 1) == GAP_QUOTE &&
		    (name_of_light(w, p - 1) & NAME_ROLE) && !(name_of_light(w, p - 1) & NAME_FIRST))))
		return LEAD_ROLE;
	/* "Groet Tjarda" */
	if (gap == GAP_SPACE && flags & NAME_SIGN && name_begins(w, p) &&
	    (token_is(w, name_token(w, p), "groet") || token_is(w, name_token(w, p), "groetjes") ||
		token_is(w, name_token(w, p), "gr") || token_is(w, name_token(w, p), "mvg")))
		return LEAD_SIGN;
	/* "Dank, Ferry" */
	if ((gap == GAP_COMMA || gap == GAP_WRAP) &&
	    (token_is(w, name_token(w, p), "dank") || token_is(w, name_token(w, p), "thx") ||
		token_is(w, name_token(w, p), "bedankt")))
		return LEAD_SIGN;
	if (name_begins(w, i) || gap == GAP_COMMA || gap == GAP_WRAP)
		return signs(w, i) ? LEAD_SIGN : LEAD_NONE;
	return LEAD_NONE;
}

/* "volgens zoon Ben heet": a first name that is an interfix and a verb elsewhere. */
bool
name_is_ben(const struct work *w, long i)
{
	static const char *const by[] = {
	    "met", "naar", "van", "door", "en", "of", "aan", "bij", "dat", "heet", NULL};
	const struct token *before = name_token(w, i - 1);

	if (i < 1 || !token_is(w, name_token(w, i), "ben") || name_shouted(w, i) || name_capital(w, i + 1) ||
	    name_gap(w, i - 1) != GAP_SPACE || name_capital(w, i - 1))
		return false;
	for (const char *const *word = by; *word != NULL; word++)
		if (token_is(w, before, *word))
			return true;
	return (name_of_light(w, i - 1) & NAME_ROLE) != 0;
}
