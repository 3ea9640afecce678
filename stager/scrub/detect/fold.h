/*
 * Folding: what a reader takes for ASCII, to the ASCII that it stands for; what no machine reads as it stands (letters spaced
 * out, references of HTML, per cent signs, words cut at a line's end) to what it says. Never longer than it came.
 * For the detectors and linkage: each works on the folded text, and its finds come back in offsets of the original.
 */
#ifndef SCRUB_FOLD_H
#define SCRUB_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Some texts have two readings: what a sign of direction (U+202E) mirrors spells one thing as bytes and another as it
 * is seen. mirrored: the second; where it is the same as the first there is no need to look at it (fold_mirrors).
 */
bool fold_needed(const uint8_t *s, size_t len);
bool fold_mirrors(const uint8_t *s, size_t len);
/* out has room for len bytes; returns the folded length. */
size_t fold_text(const uint8_t *s, size_t len, bool mirrored, uint8_t *out);

/* From folded to original offsets; targets must not go down. */
struct fold_cursor {
	const uint8_t *s;
	size_t len;
	bool mirrored;
	size_t original, folded;
};
/* What several bytes say together belongs to a find as a whole: up to its front, or (end) to its end. */
size_t fold_original(struct fold_cursor *c, size_t folded, bool end);

enum { FOLD_SAME = -1, FOLD_NONE = -2 };
/* fold_code.c: the ASCII byte that a character stands for, FOLD_NONE where it shows nothing, FOLD_SAME where it is no such thing. */
int fold_code(uint32_t c);
/* A raised or lowered figure's value, or -1. */
int fold_raised(uint32_t c);
/* fold_reference.c: the character of a reference of HTML ("&auml;", "&#74;") at s, and how many bytes it has; 0: it is none. */
size_t fold_reference(const uint8_t *s, size_t len, uint32_t *code);

#endif
