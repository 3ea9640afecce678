/* Known names in spellings that hide them: figures for letters, letters apart, names run together. */
#include "linkage_known.h"

#include <string.h>

#define DISGUISED_LEAST 4 /* letters of a name that is found so */
#define APART_LEAST 5
#define APART_SINGLE_LEAST 4 /* where each letter stands alone */
#define APART_GAP_MAX 3
#define COMPOUND_LEAST 4 /* letters of one of the names, at least */
#define PART_LEAST 3     /* of another one */

/* The letters that a figure is written for. */
static const char *
letters_of(uint8_t c)
{
	static const char *const letters[10] = {"o", "il", "z", "e", "a", "s", "g", "t", "b", "g"};

	return figure(c) ? letters[c - '0'] : "";
}

bool
linkage_disguised(const struct word *w, const struct word *name)
{
	size_t figures = 0;

	if (w->len != name->len || name->len < DISGUISED_LEAST)
		return false;
	for (size_t i = 0; i < w->len; i++) {
		if (w->text[i] == name->text[i])
			continue;
		if (name->text[i] == '\0' || strchr(letters_of((uint8_t)w->text[i]), name->text[i]) == NULL)
			return false;
		figures++;
	}
	return figures < w->len;
}

bool
linkage_same_figure(uint8_t c, uint8_t want)
{
	return figure(want) && ((want == '0' && c == 'o') || (want == '1' && (c == 'l' || c == 'i')));
}

/* The word from `at` on is a name, an initial of one, or a word between; how far this goes to its end, with a name of COMPOUND_LEAST. */
static const struct word *
compound_from(
    const struct known *k, const struct word *w, size_t at, unsigned initials, const struct word *found)
{
	const struct word *name;

	if (at == w->len)
		return found;
	for (size_t i = 0; i < k->word_count; i++) {
		const struct word *part = &k->words[i];

		if (part->len < PART_LEAST || part->len > w->len - at ||
		    memcmp(part->text, w->text + at, part->len) != 0)
			continue;
		name =
		    compound_from(k, w, at + part->len, initials, part->len >= COMPOUND_LEAST ? part : found);
		if (name != NULL)
			return name;
	}
	for (struct word between = {.len = 2}; between.len <= 3 && between.len <= w->len - at;
	     between.len++) {
		memcpy(between.text, w->text + at, between.len);
		if (linkage_infix(&between) &&
		    (name = compound_from(k, w, at + between.len, initials, found)) != NULL)
			return name;
	}
	if (initials > 0)
		for (size_t i = 0; i < k->word_count; i++)
			if (k->words[i].text[0] == w->text[at] &&
			    (name = compound_from(k, w, at + 1, initials - 1, found)) != NULL)
				return name;
	return NULL;
}

const struct word *
linkage_compound(const struct known *k, const struct word *w)
{
	/* A name and a letter more is a near spelling; a name alone has been found. */
	for (size_t i = 0; i < k->word_count; i++) {
		const struct word *part = &k->words[i];

		if (part->len < COMPOUND_LEAST || part->len >= w->len || w->len == WORD_MAX)
			continue;
		if (memcmp(part->text, w->text, part->len) == 0 ||
		    memcmp(part->text, w->text + w->len - part->len, part->len) == 0)
			return compound_from(k, w, 0, 2, NULL);
	}
	return NULL;
}

/* Little, and nothing that is part of a word. */
static bool
apart(const uint8_t *s, size_t from, size_t to)
{
	if (to - from > APART_GAP_MAX)
		return false;
	for (; from < to; from++)
		if (s[from] == '\0' || s[from] >= 0x80)
			return false;
	return true;
}

size_t
linkage_spaced(const struct known *k, const uint8_t *s, size_t len, const struct token *first)
{
	const struct word *w = &first->word;

	if (k->word_count == 0 || first->figures || w->len == 0 || (!first->capital && w->len > 1) ||
	    (letter_bit(w->text[0]) & k->first) == 0)
		return 0;
	for (size_t i = 0; i < k->word_count; i++) {
		const struct word *name = &k->words[i];
		size_t done = w->len, at = first->end, end = at;
		bool single = w->len == 1;
		struct token t;

		if (name->len < APART_SINGLE_LEAST || name->len <= w->len ||
		    memcmp(name->text, w->text, w->len) != 0)
			continue;
		while (done < name->len && linkage_word(s, len, &at, &t) && apart(s, end, t.start) &&
		       t.word.len <= name->len - done && t.word.len > 0 &&
		       memcmp(name->text + done, t.word.text, t.word.len) == 0) {
			done += t.word.len;
			single = single && t.word.len == 1;
			end = t.end;
		}
		if (done == name->len && (single || name->len >= APART_LEAST))
			return end;
	}
	return 0;
}
