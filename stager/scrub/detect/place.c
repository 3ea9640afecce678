/* Places: behind a postcode, behind words that say so, and those of the list. */
#include "name.h"

#define PLACE_TOKENS_MAX 5

static bool
small(const struct token *t)
{
	return (t->shape & (TOKEN_UPPER | TOKEN_LOWER)) == TOKEN_LOWER;
}

static int
put(struct work *w, size_t start, size_t end, const char *rule, uint8_t score, struct err *e)
{
	struct find f = {.start = start, .end = end, .type = SPAN_PLACE, .rule = rule, .score = score};

	f.value = text_value(w->in.s + start, end - start, " -\n");
	return find_add(w, &f, e);
}

/* A space or a dash between two tokens, and no more. */
static bool
next_to(const struct work *w, const struct token *a, const struct token *b)
{
	uint8_t c = text_at(&w->in, token_end(a));

	return b->len > 0 && b->start == token_end(a) + 1 && (c == ' ' || c == '-');
}

/*
 * What follows a postcode is its place: words in capitals, with small ones between ("Alphen aan den Rijn"); in small
 * letters one word, or one of the list.
 */
static size_t
place_behind(const struct work *w, const struct token *t)
{
	size_t start, end = token_end(t);
	uint8_t mark;

	if (text_at(&w->in, end) == ':') /* the next line of a form */
		return 0;
	if (place_at(w, t, &start, &end, &mark))
		return end;
	if (small(t) && t->classes & W_INSIDE)
		return 0;
	if (small(t) || t->shape & TOKEN_DIGIT || t->len < 3)
		return 0;
	for (int i = 1; i < PLACE_TOKENS_MAX && next_to(w, t, t + 1); i++) {
		t++;
		if (t->shape & TOKEN_DIGIT)
			break;
		if (t->shape & TOKEN_TITLE)
			end = token_end(t);
		else if (!(t->classes & W_INSIDE))
			break;
	}
	return end;
}

/* The first token that begins at or behind an offset, from token i on. */
static size_t
token_behind(const struct work *w, size_t i, size_t at)
{
	while (i < w->token_count && w->tokens[i].start < at)
		i++;
	return i;
}

static int
behind_postcodes(struct work *w, struct err *e)
{
	size_t token = 0, count = w->find_count;

	for (size_t i = 0; i < count; i++) {
		size_t at = w->finds[i].end, end, gap;
		const struct token *t;

		if (w->finds[i].type != SPAN_POSTCODE)
			continue;
		token = token_behind(w, token, at);
		t = &w->tokens[token];
		gap = t->start - at;
		if (t->len == 0 || gap == 0 || gap > 4)
			continue;
		for (size_t k = at; k < t->start; k++)
			if (w->in.s[k] != ' ' && w->in.s[k] != ',' && w->in.s[k] != '\n' &&
			    w->in.s[k] != '\'' && w->in.s[k] != '\r')
				gap = 0;
		if (gap > 0 && (end = place_behind(w, t)) != 0 &&
		    put(w, t->start, end, "place/postcode", 85, e) == -1)
			return -1;
	}
	return 0;
}

static int
listed(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]];
		size_t start, end;
		uint8_t mark;
		bool cue;

		if (t->len < 2 || t->shape & TOKEN_DIGIT || !place_at(w, t, &start, &end, &mark))
			continue;
		/* behind a house's number: "Dorpsstraat 3, Hoorn" */
		cue = (t[-1].classes & W_CUE) != 0 ||
		      (t[-1].shape & TOKEN_DIGIT && t->start == token_end(t - 1) + 2 &&
			  t->shape & TOKEN_TITLE && text_at(&w->in, token_end(t - 1)) == ',');
		/* A word in capitals throughout says no more than one in small letters. */
		if (mark == '~' && !cue && (!(t->shape & TOKEN_TITLE) || !(t->shape & TOKEN_LOWER)))
			continue;
		if (mark == '?' && (!cue || !(t->shape & TOKEN_TITLE)))
			continue;
		/* "LP van Ravenswaaij", "Bril-van Ravenswaaij" */
		if (mark == '~' && token_is(w, t - 1, "van") && next_to(w, t - 1, t) &&
		    t[-2].shape & TOKEN_TITLE && !(t[-2].shape & TOKEN_DIGIT) && next_to(w, t - 2, t - 1))
			continue;
		/* "| Van Oosterhout |" */
		if (t[-1].shape & TOKEN_TITLE && t[-1].shape & TOKEN_LOWER && token_is(w, t - 1, "van") &&
		    next_to(w, t - 1, t))
			continue;
		/* "van Delft-Jansen", "Leidenaar": half of a word joined by a dash is somebody's name as a rule */
		if (text_at(&w->in, end) == '-' && word_at(&w->in, end + 1))
			continue;
		if (put(w, start, end, "place/list", mark == ' ' ? 80 : 60, e) == -1)
			return -1;
		while (i + 1 < w->mark_count && w->tokens[w->marks[i + 1]].start < end)
			i++;
	}
	return 0;
}

/* "geboren te Kumasi", "woont in Budel-Schoot": capitals behind such words are a place, on a list or not. */
static int
told(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]], *first, *last;
		size_t start, end;
		uint8_t mark;

		if (!(t->classes & W_DWELLS))
			continue;
		first = t + 1;
		/* "Raadhuisplein 239a te X": a word in small letters, a number or a sign before it; else it is a surname */
		if (token_is(w, t, "te")) {
			if (t->shape & TOKEN_UPPER || t[-1].len == 0 ||
			    (t[-1].shape & TOKEN_TITLE && text_before(&w->in, t->start, 2) != ',') ||
			    text_before(&w->in, t->start, 2) == '.' ||
			    (name_flags(t[-1].hash) & (NAME_TITLE | NAME_ROLE | NAME_LABEL)))
				continue;
			first = t;
		}
		/* "geboren (op 3 mei 1960) te", "wonende te", "woont sinds kort in" */
		for (int k = 0; k < 6 && first->len > 0 && !token_is(w, first, "te") &&
				!token_is(w, first, "in") && !token_is(w, first, "uit");
		     k++)
			first++;
		if ((!token_is(w, first, "te") && !token_is(w, first, "in") && !token_is(w, first, "uit")) ||
		    !next_to(w, first, first + 1) || first->shape & TOKEN_UPPER ||
		    (first > t && first->start - token_end(t) > 40))
			continue;
		for (size_t k = token_end(t); k < first->start; k++)
			if (w->in.s[k] == '.' || w->in.s[k] == '\n')
				goto next;
		last = ++first;
		if (!(first->shape & TOKEN_TITLE) || first->shape & TOKEN_DIGIT || first->len < 3 ||
		    first->classes & (W_MONTH | W_STOP | W_SEASON) ||
		    place_at(w, first, &start, &end, &mark) ||
		    (name_look(w->in.s + first->start, first->len, first->hash) &
			(NAME_COMMON | NAME_STOP | NAME_OTHER | NAME_INST | NAME_STREET)))
			continue;
		while (next_to(w, last, last + 1) && last[1].shape & TOKEN_TITLE &&
		       !(last[1].shape & TOKEN_DIGIT) && last - first < 2)
			last++;
		if (put(w, first->start, token_end(last), "place/told", 65, e) == -1)
			return -1;
	next:;
	}
	return 0;
}

int
place_find(struct work *w, struct err *e)
{
	return behind_postcodes(w, e) == -1 || listed(w, e) == -1 ? -1 : told(w, e);
}
