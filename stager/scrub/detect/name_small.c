/* Names in small letters: only where a title, a kinship or a label leads them. */
#include "name.h"

#define LETTERS_MIN 3

#define BARRED                                                                                    \
	(NAME_STOP | NAME_VERB | NAME_PREP | NAME_ROLE | NAME_TITLE | NAME_DISEASE | NAME_NEVER | \
	    NAME_EPONYM | NAME_GREET | NAME_LABEL)

static bool
is_small(const struct work *w, long i)
{
	return name_token(w, i)->len > 0 && (name_token(w, i)->shape & (TOKEN_UPPER | TOKEN_DIGIT)) == 0;
}

/* Nothing but a name can be meant. */
static bool
is_name(const struct work *w, long i, bool interfix)
{
	uint32_t flags = name_of(w, i);

	if (flags & BARRED && !(interfix && (flags & BARRED) == NAME_EPONYM) &&
	    !(flags & NAME_LAST && (flags & BARRED) == NAME_INST))
		return false;
	return (flags & (NAME_FIRST | NAME_LAST)) != 0 && !(flags & (NAME_COMMON | NAME_FIRM)) &&
	       (!(flags & NAME_PLACE) || interfix);
}

/* Token i ends its line, or a comma or bracket follows. */
static bool
ends_item(const struct work *w, long i)
{
	size_t at = token_end(name_token(w, i));
	uint8_t c;

	while (text_at(&w->in, at) == ' ')
		at++;
	c = text_at(&w->in, at);
	return c == 0 || c == '\n' || c == '\r' || c == ',' || c == ';' || c == '/' || c == '|' || c == '(' ||
	       c == '<';
}

/* Behind initials with dots in small letters: "j.p. ", "j. p. ". */
static long
small_initials(const struct work *w, long i)
{
	long k = i;

	while (k - i < 6 && name_token(w, k)->len <= 2 && is_small(w, k) &&
	       text_at(&w->in, token_end(name_token(w, k))) == '.' &&
	       (name_token(w, k)->len == 1 || w->in.s[name_token(w, k)->start] >= 0xc3) &&
	       (name_gap(w, k) == GAP_DOT || name_gap(w, k) == GAP_DOT_SPACE))
		k++;
	/* the last of a group needs no dot: "m.r wit" */
	if (k > i && name_gap(w, k - 1) == GAP_DOT && name_token(w, k)->len == 1 && is_small(w, k) &&
	    name_gap(w, k) == GAP_SPACE)
		k++;
	return k;
}

/* A word that can be the first of a name here. */
static bool
first_word(const struct work *w, long i, uint32_t lead, bool firm, bool interfix, bool initials)
{
	uint32_t flags = name_of(w, i), barred = flags & BARRED;
	bool everyday = (flags & NAME_COMMON) != 0, van;

	/* "de heer de groot", "geachte mevrouw van haren"; but "mw op de stoel", "mw van de trap gevallen" */
	if (lead & NAME_TITLE && interfix && !name_interfix_weak(w, i - 1) && (flags & NAME_LAST))
		barred &= ~(uint32_t)NAME_STOP;
	van = interfix && token_is(w, name_token(w, i - 1), "van");

	if (!is_small(w, i) || name_token(w, i)->len < LETTERS_MIN)
		return false;
	if (interfix || initials || ((flags & NAME_LAST) && (lead & (NAME_TITLE | NAME_LABEL))))
		barred &= ~(uint32_t)NAME_EPONYM;
	if (barred && !(barred == NAME_INST && (flags & NAME_LAST) && (interfix || initials)))
		return false;
	if (initials)
		return true;
	if (lead & NAME_TITLE)
		return firm || (flags & (NAME_FIRST | NAME_LAST)) || (flags & (NAME_PROPER | NAME_GUESSED)) ||
		       (van && flags & NAME_PLACE) ||
		       ((flags & NAME_COMMON) == 0 && name_token(w, i)->len > 3) ||
		       ((flags & NAME_PLACE) == 0 && name_token(w, i)->len > 5 && name_like_of(w, i) >= 0);
	if ((lead & NAME_LABEL) && (flags & NAME_LAST) && ends_item(w, i))
		return true;
	if (flags & NAME_PLACE && (!(flags & NAME_FIRST) || interfix))
		return false;
	if (!everyday)
		return (flags & (NAME_FIRST | NAME_LAST)) != 0 && !(flags & NAME_FIRM);
	/* "fysio bas", "vpk merel" */
	if ((lead & NAME_ROLE) && !interfix && (flags & NAME_FIRST) && ends_item(w, i))
		return true;
	/* "patient roos vermeulen", "patient de boer" */
	if (interfix)
		return (flags & NAME_LAST) && (firm || ends_item(w, i));
	return (flags & NAME_FIRST) && name_gap(w, i) == GAP_SPACE && is_small(w, i + 1) &&
	       (name_of(w, i + 1) & NAME_LAST) && !(name_of(w, i + 1) & (NAME_COMMON | BARRED));
}

/* A word that goes on with it. */
static bool
next_word(const struct work *w, long i, uint32_t before, bool interfix)
{
	uint32_t flags = name_of(w, i);

	if (!is_small(w, i) || name_token(w, i)->len < LETTERS_MIN || (flags & BARRED))
		return false;
	if (flags & NAME_COMMON)
		return (flags & NAME_LAST) && ((before & NAME_FIRST) || interfix);
	if (flags & (NAME_FIRST | NAME_LAST | NAME_PROPER))
		return true;
	return (before & NAME_FIRST) && (flags & NAME_PLACE) == 0 && name_token(w, i)->len > 3;
}

/* The name has this word; where it ends. */
static long
goes_on_to(const struct work *w, long word)
{
	bool van, firm;
	uint32_t before;
	enum gap gap;
	long k, from = word;

	for (;;) {
		before = name_of(w, word);
		k = word + 1;
		gap = name_gap(w, word);
		if (k - from > 8 || (gap != GAP_SPACE && gap != GAP_HYPHEN))
			return k;
		word = name_interfix_end(w, k, &van, &firm);
		if (!next_word(w, word, before, word > k))
			return k;
	}
}

/* Behind a label: "van de pas, m.a.", and "darwin pourier <": what follows says that any words are a name. Where it ends; 0: it does
 * not say so. */
static long
told_behind(const struct work *w, long k, long word)
{
	long i = word, last = word + 1;

	if (is_small(w, word) && name_token(w, word)->len > 1 && name_gap(w, word) == GAP_COMMA) {
		while (last - word < 7 && is_small(w, last) && name_token(w, last)->len == 1 &&
		       text_at(&w->in, token_end(name_token(w, last))) == '.' &&
		       (last == word + 1 || name_gap(w, last - 1) == GAP_DOT ||
			   name_gap(w, last - 1) == GAP_DOT_SPACE))
			last++;
		if (last > word + 1)
			return last;
	}
	while (i - k < 6 && is_small(w, i)) {
		size_t at = token_end(name_token(w, i));

		if (text_at(&w->in, at) == ' ' && text_at(&w->in, at + 1) == '<')
			return i + 1;
		if (name_gap(w, i) != GAP_SPACE && name_gap(w, i) != GAP_DOT &&
		    name_gap(w, i) != GAP_DOT_SPACE && name_gap(w, i) != GAP_HYPHEN)
			return 0;
		i++;
	}
	return 0;
}

long
name_small(const struct work *w, long i, long *start)
{
	uint32_t lead = name_of_light(w, i);
	enum gap gap = name_gap(w, i);
	bool van, firm = false;
	long k = i + 1, word, end;

	if (gap == GAP_COLON)
		lead = lead & (NAME_LABEL | NAME_ROLE | NAME_TITLE) ? NAME_ROLE | NAME_LABEL : 0;
	else if (gap == GAP_SPACE || gap == GAP_DOT_SPACE || gap == GAP_DOT)
		lead &= NAME_TITLE | NAME_ROLE | NAME_GREET;
	else
		return 0;
	if (lead == 0 || !is_small(w, k))
		return 0;
	*start = k;
	/* "dhr j. jansen"; but "v.d. berg" */
	if (!token_is(w, name_token(w, k), "v"))
		k = small_initials(w, k);
	word = name_interfix_end(w, k, &van, &firm);
	if (gap == GAP_COLON && (end = told_behind(w, *start, word)) > 0)
		return end - *start;
	if (!first_word(w, word, lead, firm, word > k, k > *start))
		return 0;
	return goes_on_to(w, word) - *start;
}

long
name_caseless(const struct work *w, long i, long *start)
{
	bool van, firm = false, line = name_begins(w, i);
	long k, word;
	uint32_t flags;

	*start = i;
	if (!is_small(w, i))
		return 0;
	k = small_initials(w, i);
	if (k > i && i > 0 && name_gap(w, i - 1) == GAP_DOT)
		return 0;
	word = name_interfix_end(w, k, &van, &firm);
	if (word > k && k == i && (van || name_interfix_weak(w, i)))
		return 0; /* comes again without it */
	flags = name_of_light(w, word);
	if (!is_small(w, word) || name_token(w, word)->len < LETTERS_MIN)
		return 0;
	if (flags & NAME_INTERFIX)
		return 0;
	if (k > i) {
		if (!is_name(w, word, true) && !((flags & NAME_LAST) && !(flags & BARRED)) &&
		    !((line || k > i + 1) && (name_of(w, word) & (NAME_COMMON | NAME_PLACE | BARRED)) == 0))
			return 0;
		return goes_on_to(w, word) - i;
	}
	if (word > k && k == i && token_is(w, name_token(w, i), "te"))
		return 0;
	if (word > i && ((name_of(w, word) & NAME_PLACE) || name_lead(w, i) == LEAD_INST))
		return 0;
	if (word > i)
		return is_name(w, word, true) || (firm && (flags & NAME_LAST) && !(flags & BARRED))
			   ? goes_on_to(w, word) - i
			   : 0;
	/* "[09:53] noor: " */
	if (text_before(&w->in, name_token(w, i)->start, 2) == ']' && name_gap(w, i) == GAP_COLON)
		return (flags & NAME_FIRST) || (name_of(w, i) & (NAME_COMMON | BARRED)) == 0 ? 1 : 0;
	if (is_name(w, i, false) &&
	    (name_token(w, i)->len > 3 || ((flags & NAME_FIRST) && is_name(w, i + 1, false))) &&
	    name_lead(w, i) != LEAD_DISEASE && name_lead(w, i) != LEAD_INST &&
	    (name_lead(w, i) != LEAD_PLACE || (flags & NAME_FIRST)) &&
	    !(name_gap(w, i) == GAP_SPACE && (name_of_light(w, i + 1) & (NAME_INST | NAME_DISEASE))))
		return goes_on_to(w, i) - i;
	/* "nel hoogeveen" on a line of its own */
	if (line && (flags & NAME_FIRST) && !(flags & BARRED) && name_gap(w, i) == GAP_SPACE &&
	    is_small(w, i + 1) && (name_of(w, i + 1) & (NAME_LAST | NAME_PLACE)) &&
	    !(name_of(w, i + 1) & BARRED) && name_gap(w, i + 1) == GAP_WRAP)
		return 2;
	/* "roos vermeulen" */
	if ((flags & NAME_FIRST) && !(flags & BARRED) && name_gap(w, i) == GAP_SPACE) {
		k = name_interfix_end(w, i + 1, &van, &firm);
		if ((is_name(w, k, k > i + 1) ||
			(k > i + 1 && !name_interfix_weak(w, i + 1) &&
			    (name_of(w, k) & (BARRED & ~(uint32_t)NAME_INST)) == 0)) &&
		    (name_of_light(w, k) & NAME_LAST))
			return goes_on_to(w, k) - i;
	}
	return 0;
}
