/* Folding: full-width digits, odd spaces and dashes, and what has no width, to the ASCII that detectors read.
 */
#include "detect.h"

#include <string.h>

#include "stager/utf8.h"

enum { FOLD_SAME = -1, FOLD_NONE = -2 };

/* The ASCII byte that a character stands for, FOLD_NONE where it leaves, FOLD_SAME where it is no such thing.
 */
static int
fold_code(uint32_t c)
{
	if (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x2800 ||
	    c == 0x3000)
		return ' ';
	/* soft hyphen, combining marks, zero width, direction marks, joiners, variation selectors, keycap */
	if (c == 0xad || (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || c == 0x61c ||
	    (c >= 0x180b && c <= 0x180f) || (c >= 0xe0000 && c <= 0xe0fff) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x2069) || c == 0x20e3 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff)
		return FOLD_NONE;
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe58 || c == 0xfe63)
		return '-';
	if (c == 0x2018 || c == 0x2019 || c == 0x2032 || c == 0x2bc)
		return '\'';
	if (c == 0x2044 || c == 0x2215)
		return '/';
	if (c == 0x2024 || c == 0xfe52 || c == 0x3002)
		return '.';
	if (c == 0x2028 || c == 0x2029)
		return '\n';
	if (c == 0xfe6b)
		return '@';
	if (c >= 0xff01 && c <= 0xff5e) /* full-width ASCII */
		return (int)(c - 0xfee0);
	if (c >= 0x660 && c <= 0x669)
		return (int)('0' + (c - 0x660));
	if (c >= 0x6f0 && c <= 0x6f9)
		return (int)('0' + (c - 0x6f0));
	if (c >= 0x1d400 && c <= 0x1d6a3) /* mathematical letters: A to Z, a to z, thirteen styles */
		return (
		    int)((c - 0x1d400) % 52 < 26 ? 'A' + (c - 0x1d400) % 52 : 'a' + (c - 0x1d400) % 52 - 26);
	if (c >= 0x24b6 && c <= 0x24e9) /* in circles */
		return (int)(c < 0x24d0 ? 'A' + (c - 0x24b6) : 'a' + (c - 0x24d0));
	if (c >= 0x2460 && c <= 0x2468)
		return (int)('1' + (c - 0x2460));
	if (c == 0x24ea)
		return '0';
	if (c >= 0x1d7ce && c <= 0x1d7ff) /* mathematical digits, five styles */
		return (int)('0' + (c - 0x1d7ce) % 10);
	return FOLD_SAME;
}

/* One character at the front: its length, and its fold. A byte that is not UTF-8 stands for itself. */
static size_t
fold_step(const uint8_t *s, size_t len, int *fold)
{
	size_t n = utf8_sequence(s, len);
	uint32_t code;

	*fold = FOLD_SAME;
	if (n < 2)
		return 1;
	code = s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		code = code << 6 | (s[i] & 0x3f);
	*fold = fold_code(code);
	return n;
}

/* How many bytes at the front are plain ASCII. */
static size_t
ascii_run(const uint8_t *s, size_t len)
{
	uint64_t word;
	size_t at = 0;

	for (; len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, s + at, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (at < len && s[at] < 0x80)
		at++;
	return at;
}

bool
fold_needed(const uint8_t *s, size_t len)
{
	size_t at = 0;
	int fold;

	while ((at += ascii_run(s + at, len - at)) < len) {
		at += fold_step(s + at, len - at, &fold);
		if (fold != FOLD_SAME)
			return true;
	}
	return false;
}

size_t
fold_text(const uint8_t *s, size_t len, uint8_t *out)
{
	size_t at = 0, made = 0, n;
	int fold;

	while (at < len) {
		n = ascii_run(s + at, len - at);
		memcpy(out + made, s + at, n);
		made += n;
		at += n;
		if (at == len)
			break;
		n = fold_step(s + at, len - at, &fold);
		if (fold == FOLD_SAME) {
			memcpy(out + made, s + at, n);
			made += n;
		} else if (fold != FOLD_NONE) {
			out[made++] = (uint8_t)fold;
		}
		at += n;
	}
	return made;
}

size_t
fold_original(struct fold_cursor *c, size_t folded)
{
	size_t n;
	int fold;

	while (c->folded < folded) {
		n = ascii_run(c->s + c->original, c->len - c->original);
		if (n > folded - c->folded)
			n = folded - c->folded;
		c->original += n;
		c->folded += n;
		if (c->folded == folded || c->original == c->len)
			break;
		n = fold_step(c->s + c->original, c->len - c->original, &fold);
		c->original += n;
		c->folded += fold == FOLD_SAME ? n : fold == FOLD_NONE ? 0 : 1;
	}
	return c->original;
}
