/* What the files that find institutions share (institution.c, institution_told.c). */
#ifndef SCRUB_HOUSE_H
#define SCRUB_HOUSE_H

#include "name.h"

/* In capitals throughout, two letters or more. */
bool house_capitals(const struct token *t);
/* One space or dash between two tokens, or the end of a line, or an apostrophe behind a space; and nothing else. */
bool house_next(const struct work *w, const struct token *a, const struct token *b);
/* A line's end between them. */
bool house_breaks(const struct work *w, const struct token *a, const struct token *b);
/* The last token of the name that goes on behind t: words in capitals, with small ones between them. */
const struct token *house_name_end(const struct work *w, const struct token *t);
/* The last token of a place of the list behind t; NULL where there is none. */
const struct token *house_place_after(const struct work *w, const struct token *t);
/* The first of the words before the generic one that belong to its name: "Maasstad Ziekenhuis", "Sint Jans Gasthuis". */
const struct token *house_name_before(const struct work *w, const struct token *t);
/* A word of the dictionary; of two such words in one only where it is not spelt like a name. */
bool house_everyday(const struct work *w, const struct token *t);
int house_put(struct work *w, const struct token *first, const struct token *last, const char *rule,
    uint8_t score, struct err *e) MUST_CHECK;

/* "Jansen B.V.": t is a token of W_FIRM. */
int house_firm(struct work *w, const struct token *t, struct err *e) MUST_CHECK;
/* "werkt bij X", "Werkgever: X", from a token of W_WORKS on. *behind: the token to go on with, where one was found. */
int house_told(struct work *w, const struct token *t, const struct token **behind, struct err *e) MUST_CHECK;
/* "Sint-Martinusschool", "St. Jozefschool": the saint before t, or t. */
const struct token *house_saint_before(const struct work *w, const struct token *t);
/* "School (Het Palet, ...": the last token of the name in the brackets behind t; NULL: there is none. */
const struct token *house_in_brackets(const struct work *w, const struct token *t);
/* "groep 6 De Wegwijzer": the last token of the name two behind t; NULL: there is none. */
const struct token *house_of_class(const struct work *w, const struct token *t);
/*
 * An institution that the words before its name tell, and nothing in it ("in De Zandstee", "via ZuidZorg"): from the
 * capital at token i on. How many tokens it has; 0: none.
 */
long house_capital(const struct work *w, long i);

#endif
