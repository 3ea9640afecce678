/* Known values made ready to be looked for, and the words of a text. Only for linkage*.c. */
#ifndef SCRUB_LINKAGE_KNOWN_H
#define SCRUB_LINKAGE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subject.h"

#define WORDS_MAX 96   /* of all names of a subject */
#define WORD_MAX 40    /* bytes of a word, folded; longer ones are compared by so many */
#define PHRASES_MAX 32 /* streets and places */
#define PHRASE_WORDS 8
#define NUMBERS_MAX 32

struct word {
	bool infixed; /* of a name: a word such as "van" stands before it */
	uint8_t len;
	char text[WORD_MAX];
};

/* Everything known, folded: small letters without accents. */
struct known {
	struct word words[WORDS_MAX];
	size_t word_count, shortest, longest;
	uint32_t first, last; /* a bit for each letter that words begin and end with */
	struct {
		struct word words[PHRASE_WORDS];
		size_t count;
	} phrases[PHRASES_MAX];
	size_t phrase_count;
	struct word numbers[NUMBERS_MAX];
	size_t number_count;
};

/* A word of the text. */
struct token {
	size_t start, end;
	struct word word;
	bool capital; /* begins with one */
	bool figures; /* is a number */
	bool mixed;   /* letters and figures */
};

static inline bool
ascii_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline bool
capital(uint8_t c)
{
	return (uint8_t)(c - 'A') < 26;
}

static inline bool
letter(uint8_t c)
{
	return ascii_letter(c) || c >= 0x80;
}

static inline bool
figure(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

static inline uint32_t
letter_bit(char c)
{
	return UINT32_C(1) << ((uint8_t)c & 31);
}

/* Words that stand between the parts of a Dutch name, and are nobody's alone. */
bool linkage_infix(const struct word *w);
/* No letters, though their bytes are not ASCII: hard and thin spaces, dashes, quotes. */
size_t linkage_mark(const uint8_t *s, size_t len);
/* What shows nothing at all and stands within words: soft hyphens, characters without width, of direction. Its bytes, or 0. */
size_t linkage_unseen(const uint8_t *s, size_t len);
/* The next word from *at on. */
bool linkage_word(const uint8_t *s, size_t len, size_t *at, struct token *t);
/* linkage_spelled.c: spellings that hide a name from who compares letters.
 * "J4nsen": figures in place of letters that they look like. */
bool linkage_disguised(const struct word *w, const struct word *name);
/* A figure, and a letter that is taken for it; both small. */
bool linkage_same_figure(uint8_t c, uint8_t want);
/* "JanJansen", "jjansen", "vandenberg": nothing but names, their initials and the words between; one of the names, or NULL. */
const struct word *linkage_compound(const struct known *k, const struct word *w);
/* "J.a.n.s.e.n", "Jan-sen", "JAN SEN": a name in parts, from this token on; where it ends, or 0. */
size_t linkage_spaced(const struct known *k, const uint8_t *s, size_t len, const struct token *first);
/* Known values out of the subject's body. */
void linkage_known(struct known *k, const struct subject *s);

#endif
