/* Characters that stand for ASCII: other figures, other styles of letters, letters of other scripts that look the same, odd
 * spaces and dashes, and what has no width. */
#include "fold.h"

/* Where ten figures begin (Unicode 15, general category Nd). */
static const uint32_t zeros[] = {0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6,
    0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
    0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};

/* Letters that look like one of ours: Greek, Cyrillic, Armenian, small capitals, raised letters, others of Latin. In order. */
static const struct {
	uint32_t code;
	char letter;
} alike[] = {{0x250, 'a'}, {0x251, 'a'}, {0x261, 'g'}, {0x262, 'G'}, {0x26a, 'I'}, {0x274, 'N'}, {0x280, 'R'},
    {0x28f, 'Y'}, {0x299, 'B'}, {0x29c, 'H'}, {0x29f, 'L'}, {0x2b0, 'h'}, {0x2b2, 'j'}, {0x2b3, 'r'},
    {0x2b7, 'w'}, {0x2b8, 'y'}, {0x2e1, 'l'}, {0x2e2, 's'}, {0x2e3, 'x'}, {0x391, 'A'}, {0x392, 'B'},
    {0x395, 'E'}, {0x396, 'Z'}, {0x397, 'H'}, {0x399, 'I'}, {0x39a, 'K'}, {0x39c, 'M'}, {0x39d, 'N'},
    {0x39f, 'O'}, {0x3a1, 'P'}, {0x3a4, 'T'}, {0x3a5, 'Y'}, {0x3a7, 'X'}, {0x3b1, 'a'}, {0x3b9, 'i'},
    {0x3ba, 'k'}, {0x3bd, 'v'}, {0x3bf, 'o'}, {0x3c1, 'p'}, {0x3c4, 't'}, {0x3c5, 'u'}, {0x3c7, 'x'},
    {0x3f2, 'c'}, {0x3f3, 'j'}, {0x3f9, 'C'}, {0x405, 'S'}, {0x406, 'I'}, {0x408, 'J'}, {0x410, 'A'},
    {0x412, 'B'}, {0x415, 'E'}, {0x41a, 'K'}, {0x41c, 'M'}, {0x41d, 'H'}, {0x41e, 'O'}, {0x420, 'P'},
    {0x421, 'C'}, {0x422, 'T'}, {0x423, 'Y'}, {0x425, 'X'}, {0x430, 'a'}, {0x435, 'e'}, {0x43a, 'k'},
    {0x43c, 'm'}, {0x43d, 'h'}, {0x43e, 'o'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'}, {0x443, 'y'},
    {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'}, {0x4ae, 'Y'}, {0x4af, 'y'}, {0x4ba, 'H'},
    {0x4bb, 'h'}, {0x4c0, 'I'}, {0x4cf, 'l'}, {0x501, 'd'}, {0x51b, 'q'}, {0x51d, 'w'}, {0x555, 'O'},
    {0x570, 'h'}, {0x578, 'n'}, {0x57d, 'u'}, {0x581, 'g'}, {0x585, 'o'}, {0x1d00, 'A'}, {0x1d04, 'C'},
    {0x1d05, 'D'}, {0x1d07, 'E'}, {0x1d0a, 'J'}, {0x1d0b, 'K'}, {0x1d0d, 'M'}, {0x1d0f, 'O'}, {0x1d18, 'P'},
    {0x1d1b, 'T'}, {0x1d1c, 'U'}, {0x1d20, 'V'}, {0x1d21, 'W'}, {0x1d22, 'Z'}, {0x1d2c, 'A'}, {0x1d2e, 'B'},
    {0x1d30, 'D'}, {0x1d31, 'E'}, {0x1d33, 'G'}, {0x1d34, 'H'}, {0x1d35, 'I'}, {0x1d36, 'J'}, {0x1d37, 'K'},
    {0x1d38, 'L'}, {0x1d39, 'M'}, {0x1d3a, 'N'}, {0x1d3c, 'O'}, {0x1d3e, 'P'}, {0x1d3f, 'R'}, {0x1d40, 'T'},
    {0x1d41, 'U'}, {0x1d42, 'W'}, {0x1d43, 'a'}, {0x1d47, 'b'}, {0x1d48, 'd'}, {0x1d49, 'e'}, {0x1d4d, 'g'},
    {0x1d4f, 'k'}, {0x1d50, 'm'}, {0x1d52, 'o'}, {0x1d56, 'p'}, {0x1d57, 't'}, {0x1d58, 'u'}, {0x1d5b, 'v'},
    {0x1d62, 'i'}, {0x1d63, 'r'}, {0x1d64, 'u'}, {0x1d65, 'v'}, {0x1d9c, 'c'}, {0x1da0, 'f'}, {0x1dbb, 'z'},
    {0x2071, 'i'}, {0x207f, 'n'}, {0x2090, 'a'}, {0x2091, 'e'}, {0x2092, 'o'}, {0x2093, 'x'}, {0x2095, 'h'},
    {0x2096, 'k'}, {0x2097, 'l'}, {0x2098, 'm'}, {0x2099, 'n'}, {0x209a, 'p'}, {0x209b, 's'}, {0x209c, 't'},
    {0x2102, 'C'}, {0x210a, 'g'}, {0x210b, 'H'}, {0x210c, 'H'}, {0x210d, 'H'}, {0x210e, 'h'}, {0x2110, 'I'},
    {0x2111, 'I'}, {0x2112, 'L'}, {0x2113, 'l'}, {0x2115, 'N'}, {0x2119, 'P'}, {0x211a, 'Q'}, {0x211b, 'R'},
    {0x211c, 'R'}, {0x211d, 'R'}, {0x2124, 'Z'}, {0x2128, 'Z'}, {0x212a, 'K'}, {0x212c, 'B'}, {0x212d, 'C'},
    {0x212f, 'e'}, {0x2130, 'E'}, {0x2131, 'F'}, {0x2133, 'M'}, {0x2134, 'o'}, {0x2139, 'i'}, {0x2c7c, 'j'},
    {0xa730, 'F'}, {0xa731, 'S'}};

static int
figure_of(uint32_t c)
{
	if (c < 0x660)
		return FOLD_SAME;
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]) && zeros[i] <= c; i++)
		if (c - zeros[i] < 10)
			return (int)('0' + (c - zeros[i]));
	if (c >= 0x1d7ce && c <= 0x1d7ff) /* mathematical, five styles */
		return (int)('0' + (c - 0x1d7ce) % 10);
	/* in circles, in brackets, with a full stop, white on black */
	if ((c >= 0x2460 && c <= 0x2468) || (c >= 0x2474 && c <= 0x247c) || (c >= 0x2488 && c <= 0x2490))
		return (int)('1' + (c - 0x2460) % 20);
	if (c >= 0x24f5 && c <= 0x24fd)
		return (int)('1' + (c - 0x24f5));
	if (c >= 0x2776 && c <= 0x2792 && (c - 0x2776) % 10 < 9)
		return (int)('1' + (c - 0x2776) % 10);
	return c == 0x24ea || c == 0x24ff ? '0' : FOLD_SAME;
}

static int
letter_of(uint32_t c)
{
	size_t low = 0, high = sizeof(alike) / sizeof(alike[0]);

	if (c < alike[0].code)
		return FOLD_SAME;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (alike[mid].code < c)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < sizeof(alike) / sizeof(alike[0]) && alike[low].code == c)
		return alike[low].letter;
	if (c >= 0x1d400 && c <= 0x1d6a3) /* mathematical letters: A to Z, a to z, thirteen styles */
		return (
		    int)((c - 0x1d400) % 52 < 26 ? 'A' + (c - 0x1d400) % 52 : 'a' + (c - 0x1d400) % 52 - 26);
	if (c >= 0x249c && c <= 0x24b5) /* in brackets */
		return (int)('a' + (c - 0x249c));
	if (c >= 0x24b6 && c <= 0x24e9) /* in circles */
		return (int)(c < 0x24d0 ? 'A' + (c - 0x24b6) : 'a' + (c - 0x24d0));
	/* in brackets, in squares, on black */
	if (c >= 0x1f110 && c <= 0x1f189 && (c - 0x1f110) % 32 < 26)
		return (int)('A' + (c - 0x1f110) % 32);
	if (c >= 0x1f1e6 && c <= 0x1f1ff) /* for flags */
		return (int)('A' + (c - 0x1f1e6));
	return FOLD_SAME;
}

int
fold_raised(uint32_t c)
{
	if (c == 0xb2 || c == 0xb3)
		return (int)(c - 0xb0);
	if (c == 0xb9)
		return 1;
	if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079))
		return (int)(c - 0x2070);
	return c >= 0x2080 && c <= 0x2089 ? (int)(c - 0x2080) : -1;
}

int
fold_code(uint32_t c)
{
	int found;

	/* What Dutch is written with comes first: its letters stay. */
	if (c >= 0xc0 && c < 0x250)
		return FOLD_SAME;
	if (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x2800 ||
	    c == 0x3000 || c == 0x1680 || c == 0x3164 || c == 0xffa0)
		return ' ';
	/* soft hyphen, combining marks, zero width, direction marks, joiners, variation selectors, keycap */
	if (c == 0xad || (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) ||
	    (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20f0) ||
	    (c >= 0xfe20 && c <= 0xfe2f) || (c >= 0x200b && c <= 0x200f) || c == 0x61c || c == 0x115f ||
	    c == 0x1160 || (c >= 0x180b && c <= 0x180f) || (c >= 0xe0000 && c <= 0xe0fff) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb))
		return FOLD_NONE;
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe58 || c == 0xfe63 || c == 0x2043 ||
	    c == 0x2500 || c == 0x2796)
		return '-';
	if (c == 0x2018 || c == 0x2019 || c == 0x2032 || c == 0x2bc)
		return '\'';
	if (c == 0x2044 || c == 0x2215 || c == 0x29f8)
		return '/';
	if (c == 0x2024 || c == 0xfe52 || c == 0x3002)
		return '.';
	if (c == 0xb7 || c == 0x2022 || c == 0x2027 || c == 0x2219 || c == 0x22c5 || c == 0x25cf ||
	    c == 0x30fb)
		return '*';
	if (c == 0x2028 || c == 0x2029)
		return '\n';
	if (c == 0xfe6b)
		return '@';
	if (c == 0xfe5f)
		return '#';
	if (c == 0xa6 || c == 0x2502)
		return '|';
	if (c == 0x203f || c == 0xfe4d || c == 0x2017)
		return '_';
	if (c >= 0xff01 && c <= 0xff5e) /* full-width ASCII */
		return (int)(c - 0xfee0);
	if ((found = figure_of(c)) != FOLD_SAME)
		return found;
	return letter_of(c);
}
