/* Account numbers in the second scan: a country, its length, and the remainder by 97 (ISO 13616, ISO 7064). */
#include "check_parts.h"

/* Our own pseudonyms are so long; see scrub.h. */
#define PSEUDONYM_CHARS 26

/*
 * The length of a country's account numbers, as the registry of ISO 13616 has it. In lower case where behind
 * the four leading characters all are digits: so a UUID that begins like a country is none.
 */
static const struct {
	char country[3];
	uint8_t len;
} lengths[] = {
    {"AD", 24},
    {"ae", 23},
    {"AL", 28},
    {"at", 20},
    {"AZ", 28},
    {"ba", 20},
    {"be", 16},
    {"BG", 22},
    {"BH", 22},
    {"bi", 27},
    {"BR", 29},
    {"BY", 28},
    {"CH", 21},
    {"cr", 22},
    {"CY", 28},
    {"cz", 24},
    {"de", 22},
    {"dj", 27},
    {"dk", 18},
    {"DO", 28},
    {"ee", 20},
    {"eg", 29},
    {"es", 24},
    {"fi", 18},
    {"FK", 18},
    {"fo", 18},
    {"FR", 27},
    {"GB", 22},
    {"GE", 22},
    {"GI", 23},
    {"gl", 18},
    {"GR", 27},
    {"GT", 28},
    {"HN", 28},
    {"hr", 21},
    {"hu", 28},
    {"IE", 22},
    {"il", 23},
    {"IQ", 23},
    {"is", 26},
    {"IT", 27},
    {"JO", 30},
    {"KW", 30},
    {"KZ", 20},
    {"LB", 28},
    {"LC", 32},
    {"LI", 21},
    {"lt", 20},
    {"LU", 20},
    {"LV", 21},
    {"ly", 25},
    {"MC", 27},
    {"MD", 24},
    {"me", 22},
    {"MK", 19},
    {"mn", 20},
    {"mr", 27},
    {"MT", 31},
    {"MU", 30},
    {"NI", 28},
    {"NL", 18},
    {"no", 15},
    {"OM", 23},
    {"PK", 24},
    {"pl", 28},
    {"PS", 29},
    {"pt", 25},
    {"QA", 29},
    {"RO", 24},
    {"rs", 22},
    {"RU", 33},
    {"SA", 24},
    {"SC", 31},
    {"sd", 18},
    {"se", 24},
    {"si", 19},
    {"sk", 24},
    {"SM", 27},
    {"so", 23},
    {"st", 25},
    {"SV", 28},
    {"tl", 23},
    {"tn", 24},
    {"TR", 26},
    {"UA", 29},
    {"va", 22},
    {"VG", 24},
    {"xk", 20},
    {"YE", 30},
};

/* Where behind the four leading characters there are four letters for the bank, and digits. */
static const char banks[] = "GBHNIEIQNLSVVG";

enum form { FORM_ANY, FORM_DIGITS, FORM_BANK };

/* The length for two letters in any case, and what may follow; 0: no country. */
static size_t
country_length(uint8_t a, uint8_t b, enum form *form)
{
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (((uint8_t)lengths[i].country[0] | 0x20) != (a | 0x20) ||
		    ((uint8_t)lengths[i].country[1] | 0x20) != (b | 0x20))
			continue;
		*form = lengths[i].country[0] < 'a' ? FORM_ANY : FORM_DIGITS;
		for (const char *p = banks; *p != '\0'; p += 2)
			if (p[0] == lengths[i].country[0] && p[1] == lengths[i].country[1])
				*form = FORM_BANK;
		return lengths[i].len;
	}
	return 0;
}

/* May c be the account number's character n? The first two are letters already. */
static bool
fits(enum form form, size_t n, uint8_t c)
{
	if (n < 4 || form == FORM_DIGITS || (form == FORM_BANK && n >= 8))
		return check_digit(c);
	return check_letter(c) || (form == FORM_ANY && check_digit(c));
}

/* 26 characters of lower-case base32 in a row: a pseudonym, of which one in some thousands would pass. */
static bool
is_pseudonym(const uint8_t *s, size_t len, size_t at)
{
	size_t n = 0;

	while (n <= PSEUDONYM_CHARS && at + n < len &&
	       ((s[at + n] >= 'a' && s[at + n] <= 'z') || (s[at + n] >= '2' && s[at + n] <= '7')))
		n++;
	return n == PSEUDONYM_CHARS &&
	       (at + n == len || !(check_digit(s[at + n]) || check_letter(s[at + n])));
}

static unsigned
step(unsigned rest, uint8_t c)
{
	return check_digit(c) ? (rest * 10 + (unsigned)(c - '0')) % 97
			      : (rest * 100 + (unsigned)((c | 0x20) - 'a') + 10) % 97;
}

/* Any sign but a quote, which ends a string. */
static size_t
gap_of(const uint8_t *s, size_t len, size_t at)
{
	if (at < len && s[at] > ' ' && s[at] < 0x7f)
		return s[at] != '"' && !check_digit(s[at]) && !check_letter(s[at]);
	return check_gap(s, len, at);
}

size_t
check_iban(const uint8_t *s, size_t len, size_t at)
{
	uint8_t front[4] = {0};
	unsigned rest = 0;
	size_t want, pos = at, gap;
	enum form form = FORM_ANY;

	if ((want = country_length(s[at], s[at + 1], &form)) == 0 || is_pseudonym(s, len, at))
		return 0;
	for (size_t n = 0; n < want; n++) {
		/* Groups are apart by one to three signs, wherever they are and whichever; over a line's end by two. */
		for (int i = 0; i < 3 && n > 1 && (gap = gap_of(s, len, pos)) > 0; i++) {
			if (i == 2 && (s[pos] == '\n' || s[pos - 1] == '\n'))
				return 0;
			pos += gap;
		}
		if (n == 2 && pos > at + 2 && (s[at] | s[at + 1]) & 0x20)
			return 0; /* "de 12 ..." in running text */
		if (pos >= len)
			return 0;
		if (n >= 2 && !fits(form, n, s[pos]))
			return 0;
		if (n < 4)
			front[n] = s[pos];
		else
			rest = step(rest, s[pos]);
		pos++;
	}
	for (size_t i = 0; i < 4; i++)
		rest = step(rest, front[i]);
	if (rest != 1 || (pos < len && (check_digit(s[pos]) || check_letter(s[pos]))))
		return 0;
	return pos;
}
