/* A name, read from its first token on: initials, first names, interfixes, surnames, and what a hyphen adds. */
#include "name.h"

#include <string.h>

#define TOKENS_MAX 12
#define INTERFIX_MAX 4

bool
name_interfix_weak(const struct work *w, long i)
{
	static const char *const weak[] = {"in", "op", "aan", "bij", "uit", "over", "onder", "tot", "het",
	    "s", "am", "auf", "zu", "los", "the", NULL};

	for (const char *const *word = weak; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

bool
name_van_der(const struct work *w, long i)
{
	return token_is(w, name_token(w, i), "v") && token_is(w, name_token(w, i + 1), "d") &&
	       text_at(&w->in, token_end(name_token(w, i))) == '/' && name_gap(w, i + 1) == GAP_SPACE;
}

long
name_interfix_end(const struct work *w, long i, bool *only_van, bool *firm)
{
	long k = i;

	*only_van = false;
	*firm = false;
	while (k - i < INTERFIX_MAX && (name_of_light(w, k) & NAME_INTERFIX)) {
		enum gap gap = name_gap(w, k);

		if (gap == GAP_DOT || gap == GAP_DOT_SPACE) {
			if (name_token(w, k)->len > 3)
				return i;
		} else if (gap == GAP_SLASH && name_van_der(w, k)) {
			*firm = true;
		} else if (gap != GAP_SPACE && gap != GAP_QUOTE && gap != GAP_HYPHEN) {
			return i;
		}
		if (token_is(w, name_token(w, k), "der") || token_is(w, name_token(w, k), "den") ||
		    token_is(w, name_token(w, k), "ter") || token_is(w, name_token(w, k), "ten") ||
		    token_is(w, name_token(w, k), "el") || token_is(w, name_token(w, k), "ben") ||
		    token_is(w, name_token(w, k), "vd") || token_is(w, name_token(w, k), "vdr"))
			*firm = true;
		k++;
	}
	if (k == i || (k == i + 1 && name_interfix_weak(w, i)))
		return i;
	*only_van = k == i + 1 && token_is(w, name_token(w, i), "van");
	return k;
}

/* One group of initials from token i on; the token behind it, or i. */
static long
initials_end(const struct work *w, long i, bool *dotted)
{
	long k = i;

	while (k - i < 6 && name_initial(w, k)) {
		enum gap gap = name_gap(w, k);
		bool dot = text_at(&w->in, token_end(name_token(w, k))) == '.';

		if (gap == GAP_QUOTE && name_token(w, k)->len == 1)
			return k; /* O'Brien */
		*dotted = *dotted || dot;
		k++;
		if (gap != GAP_DOT && gap != GAP_DOT_SPACE && gap != GAP_SPACE && gap != GAP_HYPHEN)
			break;
	}
	return k;
}

static const char *const close_roles[] = {"collega", "huisarts", "zuster", "broeder", "agent", "wijkagent",
    "inspecteur", "rechter", "cardioloog", "chirurg", "neuroloog", "internist", "psychiater", "longarts",
    "uroloog", "kinderarts", "oncoloog", "radioloog", "tandarts", "fysiotherapeut", "psycholoog",
    "bedrijfsarts", "wethouder", "burgemeester", "familie", "fam", "oom", "ome", "buurman", "buurvrouw",
    "advocaat", "arts", "verpleegkundige", "assistent", "beoordelaar", "superv", "ass", "triagist",
    "geautoriseerd", "anesth", "gynaecoloog", "specialist", "orthopeed", "geriater", "patholoog",
    "reumatoloog", "dermatoloog", "verbalisant", "hoofdagent", "notaris", "officier", "griffier", "pater",
    NULL};
static uint64_t close_role_bits[4]; /* of eight bits of their hashes: most words have none of them */

void
name_parse_ready(void)
{
	for (const char *const *word = close_roles; *word != NULL; word++) {
		uint32_t hash = token_hash((const uint8_t *)*word, strlen(*word));

		close_role_bits[hash >> 6 & 3] |= UINT64_C(1) << (hash & 63);
	}
}

bool
name_close_role(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	if ((close_role_bits[t->hash >> 6 & 3] >> (t->hash & 63) & 1) == 0)
		return false;
	for (const char *const *word = close_roles; *word != NULL; word++)
		if (token_is(w, t, *word))
			return true;
	return false;
}

/* May the word stand in this name, where it stands? */
static bool
may_join(const struct work *w, long i, uint32_t flags, enum lead lead, const struct name_parts *p)
{
	bool known = (flags & NAME_ANY) != 0, led;

	led = p->words > 0 || p->initials > 0 || p->interfixes > 0 || lead == LEAD_TITLE ||
	      lead == LEAD_LABEL || lead == LEAD_GREET || lead == LEAD_SIGN || lead == LEAD_ROLE;
	if (flags & (NAME_MED | NAME_OTHER)) {
		/* Mei Lin, Augustus de Boer, de heer Augustus; Dr. Braun */
		if (flags & NAME_OTHER)
			return p->words == 0 && !name_shouted(w, i) &&
			       ((flags & NAME_FIRST) ? lead != LEAD_NONE : lead == LEAD_TITLE);
		return known && p->words == 0 &&
		       (lead == LEAD_TITLE || ((flags & NAME_LAST) && p->initials + p->interfixes > 0));
	}
	/* "Geachte heer van de Pas" */
	if (flags & NAME_STOP && lead == LEAD_TITLE && p->interfixes > 0 && p->words == 0 &&
	    !name_shouted(w, i))
		return true;
	if (flags & NAME_STOP)
		return known && (led || (flags & NAME_FIRST)) && (!name_shouted(w, i) || p->dotted);
	if ((flags & (NAME_TITLE | NAME_ROLE | NAME_GREET | NAME_LABEL)) &&
	    (flags & (NAME_FIRST | NAME_LAST)) == 0)
		return false;
	if (name_shouted(w, i) && name_token(w, i)->len <= 3 &&
	    !(led && (known || p->dotted || lead == LEAD_TITLE)))
		return false;
	/* "MW VAN KLAVEREN"; "collega Trompetter" */
	if ((flags & NAME_COMMON) && !known && p->words == 0 &&
	    ((lead == LEAD_TITLE && p->interfixes > 0) ||
		(lead == LEAD_ROLE && !name_shouted(w, i) &&
		    !(flags & (NAME_VERB | NAME_DISEASE | NAME_INST)) && name_close_role(w, p->start - 1))))
		return true;
	/* "RUTGER BOEKENSTEDE" */
	if ((flags & NAME_GUESSED) && name_shouted(w, i) && p->common == 0 &&
	    ((p->first > 0 && p->words == 1) ||
		(p->initials > 0 && p->dotted && p->words == 0 && (lead == LEAD_TITLE || lead == LEAD_ROLE))))
		return true;
	if ((flags & NAME_COMMON) && !known)
		return (!name_shouted(w, i) || (p->dotted && p->words == 0 && name_begins(w, p->start))) &&
		       p->common == 0 &&
		       (p->dotted ||
			   (p->words == 1 &&
			       (p->first + p->unknown > 0 || (p->loose > 0 && lead != LEAD_NONE))) ||
			   (p->words == 0 && (flags & NAME_GUESSED)) ||
			   (lead == LEAD_TITLE && p->words == 0) || (p->interfixes > 0 && p->words == 0) ||
			   (p->words == 0 && (flags & NAME_PROPER) &&
			       (lead == LEAD_ALSO || lead == LEAD_ROLE)));
	if ((flags & NAME_DISEASE) && !known)
		return false;
	return true;
}

static void
count_word(const struct work *w, long i, uint32_t flags, struct name_parts *p)
{
	bool common = (flags & (NAME_COMMON | NAME_STOP)) != 0;

	if (p->words++ == 0)
		p->head = flags;
	if (flags & NAME_FIRST)
		common ? p->loose++ : p->first++;
	else if (flags & NAME_LAST)
		common ? p->last_loose++ : p->last++;
	else if (flags & NAME_PROPER)
		common ? (p->common++, p->maybe++) : p->proper++;
	else if (common)
		p->common++;
	else if ((flags & (NAME_PLACE | NAME_EPONYM | NAME_MED)) == 0)
		p->unknown++;
	p->guessed += (flags & NAME_GUESSED) != 0;
	if ((flags & (NAME_FIRST | NAME_LAST)) == 0) {
		int like = name_like_of(w, i);

		p->like = like > p->like ? like : p->like;
		p->unlike = like < p->unlike ? like : p->unlike;
	}
	p->place += (flags & NAME_PLACE) || name_placed(w, i);
	p->eponym += (flags & NAME_EPONYM) != 0 && p->first == 0 && p->interfixes == 0;
	p->shouted = p->shouted || name_shouted(w, i);
	p->end = i + 1;
	p->end_at = token_end(name_token(w, i));
}

/* "JP de Vries": initials without dots. */
static bool
bare_initials(const struct work *w, long i, enum lead lead)
{
	bool led = lead == LEAD_LABEL || lead == LEAD_TITLE || lead == LEAD_SIGN || lead == LEAD_ROLE;
	uint32_t next;
	bool van, firm;
	long k = i + 1, end;

	if (!name_shouted(w, i) || name_token(w, i)->len > 3 || (name_of(w, i) != 0 && !led) ||
	    name_gap(w, i) != GAP_SPACE)
		return false;
	/* "1472 WP Haarlem" */
	if (i > 0 && (name_token(w, i - 1)->shape & TOKEN_DIGIT) && name_gap(w, i - 1) == GAP_SPACE)
		return false;
	if ((end = name_interfix_end(w, k, &van, &firm)) > k)
		k = end;
	next = name_of(w, k);
	return name_capital(w, k) && !name_shouted(w, k) && name_token(w, k)->len > 2 &&
	       (next & NAME_NEVER) == 0 &&
	       ((next & NAME_ANY) || (k > i + 1 && !(next & (NAME_STOP | NAME_PLACE))) ||
		   (led && !(next & (NAME_STOP | NAME_PLACE))) ||
		   (next & (NAME_COMMON | NAME_STOP | NAME_PLACE)) == 0);
}

static bool
take_interfixes(const struct work *w, long *i, enum lead lead, struct name_parts *p)
{
	bool van, firm;
	long k = name_interfix_end(w, *i, &van, &firm);
	uint32_t flags;

	if (k == *i || !name_capital(w, k) || (name_initial(w, k) && name_gap(w, k) != GAP_QUOTE))
		return false;
	flags = name_of(w, k);
	if ((flags & NAME_NEVER) && !(flags & NAME_LAST)) {
		p->house = p->house || ((flags & NAME_STREET) && p->words > 0 && p->initials == 0);
		return false;
	}
	if (van && (flags & NAME_FIRST) && !(flags & NAME_LAST))
		return false; /* "Jan van Piet" */
	if ((flags & NAME_PLACE) && !(flags & (NAME_LAST | NAME_PROPER)) &&
	    !(p->initials > 0 || (p->first > 0 && p->words == 1)))
		return false;
	/* "Luuk in Den Burg", "Tamminga te Den Burg" */
	if ((name_placed(w, k) || name_placed(w, k - 1)) && p->words > 0 &&
	    (token_is(w, name_token(w, *i), "te") || name_interfix_weak(w, *i)))
		return false;
	/* "Uiterwaarden te Tilburg" */
	if ((flags & NAME_PLACE) && token_is(w, name_token(w, k - 1), "te") && p->words > 0)
		return false;
	/* "Mevr. Op 't Hoog" */
	if (!firm && (flags & (NAME_COMMON | NAME_STOP)) && !(flags & NAME_ANY) && p->initials == 0 &&
	    !(lead == LEAD_TITLE && p->words == 0 && k - *i >= 2) &&
	    !((flags & NAME_GUESSED) && k - *i >= 2 &&
		p->first + p->unknown > 0)) /* "Hartmut van de Lindensloot" */
		return false;
	if (flags & (NAME_TITLE | NAME_ROLE) && !(flags & NAME_ANY))
		return false;
	p->interfixes++;
	*i = k;
	return true;
}

/* "Oude Luttikhuis", "Groot Koerkamp": a word of every day before a surname, and part of it. */
static bool
fronts(const struct work *w, long i)
{
	static const char *const words[] = {
	    "oude", "olde", "groot", "grote", "klein", "kleine", "nieuw", "lutke", "luttike", "jonge", NULL};

	if (!name_capital(w, i) || name_shouted(w, i) || name_gap(w, i) != GAP_SPACE ||
	    !name_capital(w, i + 1) || name_token(w, i + 1)->len < 4 ||
	    (name_of(w, i + 1) & (NAME_STOP | NAME_STREET | NAME_INST)))
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

/* "Aalderink  Afdeling: B4": the label of a field beside this one. */
static bool
heads_a_line(const struct work *w, long i)
{
	return name_token(w, i)->start - token_end(name_token(w, i - 1)) >= 2 &&
	       text_at(&w->in, token_end(name_token(w, i))) == ':';
}

/* "de heer Willem", and "Zwartewaal" on the next line: a first name behind a title, and a word of no list. */
static bool
wraps_on(const struct work *w, long i, enum lead lead, const struct name_parts *p)
{
	return lead == LEAD_TITLE && p->words == 1 && p->first == 1 && !name_shouted(w, i + 1) &&
	       name_token(w, i + 1)->len >= 4 && name_gap(w, i + 1) != GAP_COLON &&
	       (name_token(w, i + 1)->shape & (TOKEN_LOWER | TOKEN_DIGIT)) == TOKEN_LOWER &&
	       name_unlisted(w, i + 1);
}

bool
name_parse(const struct work *w, long i, enum lead lead, bool interfix, struct name_parts *p)
{
	long j = i, k;
	enum gap gap;

	*p = (struct name_parts){
	    .start = i, .end = i, .interfixes = interfix, .like = INT16_MIN, .unlike = INT16_MAX};
	while (j - i < TOKENS_MAX) {
		uint32_t flags;

		if (name_token(w, j)->len == 0 || name_held(w, j))
			break;
		k = initials_end(w, j, &p->dotted);
		if (k == j && p->words == 0 && bare_initials(w, j, lead))
			k = j + 1;
		if (k > j) {
			if (p->words > 0 && token_is(w, name_token(w, j + 1), "v") &&
			    (token_is(w, name_token(w, j), "b") || token_is(w, name_token(w, j), "n")) &&
			    name_gap(w, j) == GAP_DOT) {
				p->house = true; /* B.V. */
				break;
			}
			if (p->words > 0 && !p->dotted)
				break;
			p->initials++;
			p->end = k;
			p->end_at = token_end(name_token(w, k - 1)) +
				    (text_at(&w->in, token_end(name_token(w, k - 1))) == '.' ? 1 : 0);
			gap = name_gap(w, k - 1);
			if (gap != GAP_SPACE && gap != GAP_DOT && gap != GAP_DOT_SPACE && gap != GAP_HYPHEN)
				break;
			j = k;
			continue;
		}
		if (!name_capital(w, j) || (name_of_light(w, j) & NAME_INTERFIX)) {
			if (name_of_light(w, j) & NAME_INTERFIX && take_interfixes(w, &j, lead, p))
				continue;
			if (!name_capital(w, j) || !(name_of_light(w, j) & NAME_FIRST))
				break;
		}
		flags = name_of(w, j);
		if (p->words - p->initials - p->first <= 0 &&
		    (p->initials + p->first > 0 || lead == LEAD_TITLE) && fronts(w, j)) {
			j++;
			flags = name_of(w, j);
		}
		if (name_token(w, j)->len == 1 && name_gap(w, j) == GAP_QUOTE && name_capital(w, j + 1)) {
			j++; /* O'Brien */
			flags = name_of(w, j) & ~(uint32_t)(NAME_COMMON | NAME_STOP);
		}
		/* "L. Groeneweg, radioloog" */
		if ((flags & NAME_STREET) && p->words == 0 &&
		    (p->initials > 0 || lead == LEAD_TITLE || lead == LEAD_ROLE || lead == LEAD_LABEL) &&
		    !(name_token(w, j + 1)->shape & TOKEN_DIGIT))
			flags &= ~(uint32_t)NAME_STREET;
		if (flags & (NAME_STREET | NAME_INST) && !(flags & NAME_LAST) && p->words > 0 &&
		    heads_a_line(w, j))
			break;
		if (flags & (NAME_STREET | NAME_INST) && !(flags & NAME_LAST)) {
			p->house = p->words > 0 || (flags & NAME_STREET) || p->interfixes > 0;
			break;
		}
		if (!may_join(w, j, flags, lead, p))
			break;
		count_word(w, j, flags, p);
		gap = name_gap(w, j);
		if (gap == GAP_HYPHEN &&
		    (name_capital(w, j + 1) || (name_of_light(w, j + 1) & NAME_INTERFIX))) {
			p->hyphen = true;
			j++;
			continue;
		}
		if (gap == GAP_WRAP && !(name_capital(w, j + 1) && (flags & NAME_FIRST) &&
					   ((name_of(w, j + 1) & NAME_LAST) || wraps_on(w, j, lead, p))))
			break;
		if (gap != GAP_SPACE && gap != GAP_WRAP)
			break;
		j++;
	}
	return p->words > 0 || p->initials > 0;
}
