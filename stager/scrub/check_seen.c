/*
 * What a text looks like to who reads it, for the second scan: characters that look like others as those, what shows nothing left
 * out, references read, letters that stand apart together. Its tables and rules are its own: it shares nothing with detect/fold*.c.
 *
 * What holds a form together (quotes, commas, semicolons, bars, tabs, line ends) is never made of anything else.
 */
#include <stdlib.h>
#include <string.h>

#include "check_parts.h"
#include "stager/utf8.h"

#define APART_LEAST 3
#define MIRROR_MAX 200
#define SIGNS_MAX 2

/* Each character, and the ASCII that it is taken for. */
static const char *const alike[] = {"\u0430a", "\u0435e", "\u043eo", "\u0440p", "\u0441c", "\u0443y",
    "\u0445x", "\u0456i", "\u0458j", "\u0455s", "\u04bbh", "\u0501d", "\u051bq", "\u051dw", "\u0410A",
    "\u0412B", "\u0415E", "\u041aK", "\u041cM", "\u041dH", "\u041eO", "\u0420P", "\u0421C", "\u0422T",
    "\u0423Y", "\u0425X", "\u0405S", "\u0406I", "\u0408J", "\u043ak", "\u043cm", "\u0442t", "\u043dh",
    "\u0391A", "\u0392B", "\u0395E", "\u0396Z", "\u0397H", "\u0399I", "\u039aK", "\u039cM", "\u039dN",
    "\u039fO", "\u03a1P", "\u03a4T", "\u03a5Y", "\u03a7X", "\u03b1a", "\u03b9i", "\u03bak", "\u03bdv",
    "\u03bfo", "\u03c1p", "\u03c4t", "\u03c5u", "\u03c7x", "\u0251a", "\u0261g", "\u0269i", "\u026aI",
    "\u0274N", "\u0280R", "\u028fY", "\u0299B", "\u029cH", "\u029fL", "\u1d00A", "\u1d04C", "\u1d05D",
    "\u1d07E", "\u1d0aJ", "\u1d0bK", "\u1d0dM", "\u1d0fO", "\u1d18P", "\u1d1bT", "\u1d1cU", "\u1d20V",
    "\u1d21W", "\u1d22Z", "\ua730F", "\ua731S",
    "\u00b2"
    "2",
    "\u00b3"
    "3",
    "\u00b9"
    "1",
    "\u2070"
    "0",
    "\u212aK", "\u2113l", "\u210eh"};

/* The first of ten figures, in other scripts. */
static const uint32_t tens[] = {0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6,
    0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0x2080, 0xa620, 0xa8d0, 0xff10, 0x1fbf0};

enum { SAME = -1, NOTHING = -2 };

static uint32_t
read_code(const uint8_t *s, size_t n)
{
	uint32_t code = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		code = code << 6 | (s[i] & 0x3f);
	return code;
}

static bool
within(uint32_t c, uint32_t from, uint32_t to)
{
	return c >= from && c <= to;
}

static int
figure(uint32_t c)
{
	for (size_t i = 0; i < sizeof(tens) / sizeof(tens[0]); i++)
		if (within(c, tens[i], tens[i] + 9))
			return (int)('0' + (c - tens[i]));
	if (within(c, 0x1d7ce, 0x1d7ff))
		return (int)('0' + (c - 0x1d7ce) % 10);
	if (within(c, 0x2074, 0x2079))
		return (int)('4' + (c - 0x2074));
	if (within(c, 0x2460, 0x2468))
		return (int)('1' + (c - 0x2460));
	return c == 0x24ea ? '0' : SAME;
}

/* The ASCII that a character is taken for; letters with an accent stay. */
static int
seen_as(const uint8_t *s, size_t n)
{
	const uint32_t c = read_code(s, n);
	int found;

	if (within(c, 0xc0, 0x24f))
		return SAME;
	if (within(c, 0x300, 0x36f) || within(c, 0x200b, 0x200f) || within(c, 0x202a, 0x202e) ||
	    within(c, 0x2060, 0x206f) || within(c, 0xfe00, 0xfe0f) || within(c, 0x20d0, 0x20f0) ||
	    within(c, 0xe0000, 0xe0fff) || c == 0xad || c == 0xfeff || c == 0x61c || c == 0x180e)
		return NOTHING;
	if (c == 0xa0 || within(c, 0x2000, 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000)
		return ' ';
	if (within(c, 0x2010, 0x2015) || c == 0x2212 || c == 0xb7 || c == 0x2022 || c == 0x2027 ||
	    c == 0x22c5)
		return '-';
	if ((found = figure(c)) != SAME)
		return found;
	if (c == 0xff20 || c == 0xfe6b)
		return '@';
	if (c == 0xff0e || c == 0x2024 || c == 0x3002)
		return '.';
	if (within(c, 0xff21, 0xff3a) || within(c, 0xff41, 0xff5a))
		return (int)(c - 0xfee0);
	if (within(c, 0x1d400, 0x1d6a3))
		return (int)((c - 0x1d400) % 52 < 26 ? 'A' + (c - 0x1d400) % 52 : 'G' + (c - 0x1d400) % 52);
	if (within(c, 0x24b6, 0x24e9))
		return (int)(c < 0x24d0 ? 'A' + (c - 0x24b6) : 'a' + (c - 0x24d0));
	if (within(c, 0x1f130, 0x1f189) && (c - 0x1f130) % 32 < 26)
		return (int)('A' + (c - 0x1f130) % 32);
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (memcmp(alike[i], s, n) == 0 && alike[i][n] != '\0' && alike[i][n + 1] == '\0')
			return alike[i][n];
	return SAME;
}

static bool
alnum(uint8_t c)
{
	return check_letter(c) || check_digit(c);
}

/* "&#74;", "&auml;" at s: bytes read, 0 where it is none; *as: a letter, a figure, or a sign that holds nothing together. */
static size_t
reference(const uint8_t *s, size_t len, uint8_t *as)
{
	static const char *const accents[] = {
	    "uml;", "acute;", "grave;", "circ;", "tilde;", "cedil;", "ring;", "slash;", "caron;"};
	static const char *const names[] = {
	    "commat;@", "period;.", "nbsp; ", "hyphen;-", "lowbar;_", "amp;&"};
	uint8_t bytes[UTF8_MAX];
	uint32_t code = 0;
	unsigned base = 10;
	size_t at = 2, from, n;
	int found;

	if (len < 4)
		return 0;
	if (s[1] == '#') {
		if ((s[2] | 0x20) == 'x') {
			base = 16;
			at++;
		}
		for (from = at; at < len && at - from < 8 && s[at] != ';'; at++) {
			unsigned digit = check_digit(s[at]) ? s[at] - 48u : (s[at] | 0x20u) - 'a' + 10;

			if (digit >= base)
				return 0;
			code = code * base + digit;
		}
		if (at == from || at >= len || s[at] != ';' || code < 0x20 || code > 0x10ffff ||
		    within(code, 0xd800, 0xdfff))
			return 0;
		n = utf8_encode(code, bytes);
		found = n == 1 ? bytes[0] : seen_as(bytes, n);
		if (found <= 0 || (!alnum((uint8_t)found) && strchr(" .-_@+*/", found) == NULL))
			return 0;
		*as = (uint8_t)found;
		return at + 1;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t name = strlen(names[i]) - 1;

		if (len > name && memcmp(s + 1, names[i], name) == 0) {
			*as = (uint8_t)names[i][name];
			return 1 + name;
		}
	}
	for (size_t i = 0; check_letter(s[1]) && i < sizeof(accents) / sizeof(accents[0]); i++)
		if (len >= 2 + strlen(accents[i]) && memcmp(s + 2, accents[i], strlen(accents[i])) == 0) {
			*as = s[1];
			return 2 + strlen(accents[i]);
		}
	return 0;
}

/* What a sign of direction mirrors, backwards, to out; its bytes, 0 where there is too much of it. */
static size_t
mirrored(const uint8_t *s, size_t len, uint8_t *out, size_t *made)
{
	uint8_t line[MIRROR_MAX];
	size_t at = 3, n, count = 0;
	int found;

	for (; at < len && s[at] != '\n' && s[at] != '"'; at += n) {
		if ((n = utf8_sequence(s + at, len - at)) == 0 || count == sizeof(line))
			return 0;
		if (n == 3 && memcmp(s + at, "\xe2\x80\xac", 3) == 0) {
			at += 3;
			break;
		}
		found = n == 1 ? s[at] : seen_as(s + at, n);
		if (found > 0)
			line[count++] = (uint8_t)found;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = line[count - 1 - i];
	*made = count;
	return at;
}

/* The characters alone, and references read. */
static size_t
plain_characters(const uint8_t *s, size_t len, uint8_t *out)
{
	size_t put = 0, n, made;
	int found;

	for (size_t at = 0; at < len; at += n) {
		n = 1;
		if (s[at] == '&' && (made = reference(s + at, len - at, &out[put])) > 0) {
			n = made;
			put++;
			continue;
		}
		if (s[at] < 0x80 || (n = utf8_sequence(s + at, len - at)) < 2) {
			n = n == 0 ? 1 : n;
			out[put++] = s[at];
			continue;
		}
		if (n == 3 && memcmp(s + at, "\xe2\x80\xae", 3) == 0) {
			size_t used = mirrored(s + at, len - at, out + put, &made);

			if (used > 0) {
				put += made;
				n = used;
				continue;
			}
		}
		if ((found = seen_as(s + at, n)) == SAME) {
			memmove(out + put, s + at, n);
			put += n;
		} else if (found != NOTHING) {
			out[put++] = (uint8_t)found;
		}
	}
	return put;
}

/*
 * Letters and figures that stand apart with the same sign between: where they end; 0: they are too few. *row_end: where such a row ends
 * all the same; what begins in the midst of it has fewer yet.
 */
static size_t
apart(const uint8_t *s, size_t len, size_t at, size_t *row_end)
{
	size_t end = at, count = 1, letters = check_letter(s[at]);
	uint8_t sign = at + 1 < len ? s[at + 1] : 0;

	*row_end = at;
	if ((at > 0 && alnum(s[at - 1])) || sign == 0 || strchr(" .-_*/~", sign) == NULL)
		return 0;
	while (end + 2 < len && s[end + 1] == sign && alnum(s[end + 2]) &&
	       (end + 3 == len || !alnum(s[end + 3]))) {
		end += 2;
		count++;
		letters += check_letter(s[end]);
	}
	*row_end = end;
	return count >= APART_LEAST && letters >= 2 ? end + 1 : 0;
}

/* What stands apart is put together, a word cut at a line's end too, and odd signs about figures are dashes. In place. */
static size_t
put_together(uint8_t *s, size_t len, bool lines)
{
	size_t put = 0, end, row_end = 0;

	for (size_t at = 0; at < len; at++) {
		uint8_t c = s[at], before = put > 0 ? s[put - 1] : 0;

		if (at >= row_end && alnum(c) && !alnum(before) && at + 2 < len && !alnum(s[at + 1]) &&
		    alnum(s[at + 2]) && (end = apart(s, len, at, &row_end)) > 0) {
			for (; at < end; at += 2)
				s[put++] = s[at];
			at = end - 1;
			continue;
		}
		if (lines && c == '-' && at + 2 < len && check_letter(before) &&
		    (s[at + 1] == '\n' || (s[at + 1] == '\r' && s[at + 2] == '\n'))) {
			end = at + (s[at + 1] == '\n' ? 2 : 3);
			if (end < len && check_letter(s[end])) {
				at = end - 1;
				continue;
			}
		}
		if (c != 0 && strchr("_*~#\\^!@$", c) != NULL && alnum(before)) {
			for (end = at + 1; end < len && end - at < SIGNS_MAX && s[end] == c;)
				end++;
			if (end < len && alnum(s[end]) && (check_digit(before) || check_digit(s[end])) &&
			    !(c == '@' && check_letter(s[end]))) {
				s[put++] = '-';
				at = end - 1;
				continue;
			}
		}
		s[put++] = c;
	}
	return put;
}

/* Something that the others above change may stand at s[at], which is no letter or figure of ASCII. */
static bool
is_odd(const uint8_t *s, size_t len, size_t at, bool lines)
{
	const uint8_t c = s[at], before = at > 0 ? s[at - 1] : 0, next = at + 1 < len ? s[at + 1] : 0;
	uint8_t as;
	size_t n;

	if (c >= 0x80) {
		if ((c & 0xc0) == 0x80 || (c >= 0xc3 && c <= 0xc8))
			return false;
		n = utf8_sequence(s + at, len - at);
		return n > 1 && seen_as(s + at, n) != SAME;
	}
	switch (c) {
	case '&':
		return reference(s + at, len - at, &as) > 0;
	case '-':
		return lines && (next == '\n' || next == '\r');
	case '_':
	case '*':
	case '~':
	case '#':
	case '\\':
	case '^':
	case '!':
	case '@':
	case '$':
		return check_digit(before) || check_digit(next) ||
		       (next == c && at + 2 < len && check_digit(s[at + 2]));
	default:
		return false;
	}
}

/* Of ASCII: letters and figures 0, what is_odd looks at 2, the others 1. */
static const char kinds[] = "1111111111111111111111111111111112122121112112110000000000111111"
			    "2000000000000000000000000001212210000000000000000000000000011121";

/* Does anything look otherwise than it is written? Of most texts nothing does. */
static bool
is_seen_otherwise(const uint8_t *s, size_t len, bool lines)
{
	size_t word = 0, singles = 0;

	for (size_t at = 0; at < len; at++) {
		const char kind = s[at] < 0x80 ? kinds[s[at]] : '2';

		if (kind == '0') {
			word++;
			continue;
		}
		if (kind == '2' && is_odd(s, len, at, lines))
			return true;
		singles = word == 1 ? singles + 1 : 0;
		if (singles >= APART_LEAST - 1 && at + 1 < len && alnum(s[at + 1]))
			return true;
		word = 0;
	}
	return false;
}

int
check_seen(const uint8_t *s, size_t len, bool lines, uint8_t **out, size_t *out_len, struct err *e)
{
	size_t plain;

	*out = NULL;
	*out_len = 0;
	if (!is_seen_otherwise(s, len, lines))
		return 0;
	if ((*out = malloc(len)) == NULL)
		return err_set(e, ERR_SYSTEM, "check: out of memory for %zu bytes", len);
	plain = plain_characters(s, len, *out);
	*out_len = put_together(*out, plain, lines);
	explicit_bzero(*out + *out_len, plain - *out_len);
	return *out_len > 0 && (*out_len != len || memcmp(s, *out, len) != 0);
}
