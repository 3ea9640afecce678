/* IBANs of every country in the registry (ISO 13616): structure and check digits. */
#include "detect.h"

#include <stdlib.h>
#include <string.h>

/*
 * SWIFT's IBAN registry, release 101: the BBAN of each country; n digits, a letters, c either. The IBAN has
 * four more characters.
 */
static const struct country {
	char code[3];
	char bban[13];
} countries[] = {
    {"AD", "8n12c"},
    {"AE", "19n"},
    {"AL", "8n16c"},
    {"AT", "16n"},
    {"AZ", "4a20c"},
    {"BA", "16n"},
    {"BE", "12n"},
    {"BG", "4a6n8c"},
    {"BH", "4a14c"},
    {"BI", "23n"},
    {"BR", "23n1a1c"},
    {"BY", "4c4n16c"},
    {"CH", "5n12c"},
    {"CR", "18n"},
    {"CY", "8n16c"},
    {"CZ", "20n"},
    {"DE", "18n"},
    {"DJ", "23n"},
    {"DK", "14n"},
    {"DO", "4c20n"},
    {"EE", "16n"},
    {"EG", "25n"},
    {"ES", "20n"},
    {"FI", "14n"},
    {"FK", "2a12n"},
    {"FO", "14n"},
    {"FR", "10n11c2n"},
    {"GB", "4a14n"},
    {"GE", "2a16n"},
    {"GI", "4a15c"},
    {"GL", "14n"},
    {"GR", "7n16c"},
    {"GT", "24c"},
    {"HN", "4a20n"},
    {"HR", "17n"},
    {"HU", "24n"},
    {"IE", "4a14n"},
    {"IL", "19n"},
    {"IQ", "4a15n"},
    {"IS", "22n"},
    {"IT", "1a10n12c"},
    {"JO", "4a4n18c"},
    {"KW", "4a22c"},
    {"KZ", "3n13c"},
    {"LB", "4n20c"},
    {"LC", "4a24c"},
    {"LI", "5n12c"},
    {"LT", "16n"},
    {"LU", "3n13c"},
    {"LV", "4a13c"},
    {"LY", "21n"},
    {"MC", "10n11c2n"},
    {"MD", "20c"},
    {"ME", "18n"},
    {"MK", "3n10c2n"},
    {"MN", "16n"},
    {"MR", "23n"},
    {"MT", "4a5n18c"},
    {"MU", "4a19n3a"},
    {"NI", "4a20n"},
    {"NL", "4a10n"},
    {"NO", "11n"},
    {"OM", "3n16c"},
    {"PK", "4a16c"},
    {"PL", "24n"},
    {"PS", "4a21c"},
    {"PT", "21n"},
    {"QA", "4a21c"},
    {"RO", "4a16c"},
    {"RS", "18n"},
    {"RU", "14n15c"},
    {"SA", "2n18c"},
    {"SC", "4a20n3a"},
    {"SD", "14n"},
    {"SE", "20n"},
    {"SI", "15n"},
    {"SK", "20n"},
    {"SM", "1a10n12c"},
    {"SO", "19n"},
    {"ST", "21n"},
    {"SV", "4a20n"},
    {"TL", "19n"},
    {"TN", "20n"},
    {"TR", "6n16c"},
    {"UA", "6n19c"},
    {"VA", "18n"},
    {"VG", "4a16n"},
    {"XK", "16n"},
    {"YE", "4a4n18c"},
};

#define IBAN_COUNTRIES (sizeof(countries) / sizeof(countries[0]))

static int
compare_country(const void *key, const void *item)
{
	return memcmp(key, ((const struct country *)item)->code, 2);
}

/* Feed one character to the remainder: letters count as 10 to 35. */
static unsigned
mod97(unsigned rest, uint8_t c)
{
	return detect_class[c] & IS_DIGIT ? (rest * 10 + (c - '0')) % 97
					  : (rest * 100 + (c & 0xdf) - 'A' + 10) % 97;
}

/* Any sign may stand between: the check digits say what it is. */
static bool
is_gap(uint8_t c)
{
	return (c >= ' ' && c < 0x7f && !(detect_class[c] & IS_ALNUM)) || c == '\t' || c == '\n' || c == '\r';
}

/* The account part from *at on, one to three gap bytes allowed before each character; CR LF is one. */
static bool
read_bban(const struct text_in *in, const char *shape, size_t *at, unsigned *rest)
{
	while (*shape != '\0') {
		unsigned count = 0, want;

		while (detect_class[(uint8_t)*shape] & IS_DIGIT)
			count = count * 10 + (unsigned)(*shape++ - '0');
		want = *shape == 'n' ? IS_DIGIT : *shape == 'a' ? IS_LETTER : IS_ALNUM;
		shape++;
		for (; count > 0; count--) {
			int lines = 0;

			for (int gap = 0; gap < 3 && is_gap(text_at(in, *at)); gap++) {
				if (text_at(in, *at) == '\n' && lines++ == 2)
					return false;
				*at += text_at(in, *at) == '\r' && text_at(in, *at + 1) == '\n' ? 2 : 1;
			}
			if (!(class_at(in, *at) & want))
				return false;
			*rest = mod97(*rest, in->s[(*at)++]);
		}
	}
	return true;
}

static bool
dutch(const struct text_in *in, size_t at)
{
	return (text_at(in, at) & 0xdf) == 'N' && (text_at(in, at + 1) & 0xdf) == 'L';
}

bool
iban_find(const struct text_in *in, size_t at, struct find *f)
{
	size_t start = at, end = at + 2;
	const struct country *country;
	uint8_t code[2];
	unsigned rest = 0;

	if (!(class_at(in, at + 1) & IS_DIGIT))
		return false;
	if (at >= 1 && is_gap(in->s[at - 1])) { /* "NL 91 ABNA": but for ours only in capitals */
		if (at < 3 ||
		    (!(class_before(in, at, 2) & class_before(in, at, 3) & IS_UPPER) && !dutch(in, at - 3)))
			return false;
		start--;
	}
	if (start < 2 || start - 2 < in->floor || !(class_before(in, start, 1) & IS_LETTER) ||
	    !(class_before(in, start, 2) & IS_LETTER))
		return false;
	start -= 2;
	/* "IBANNL91ABNA...": ours, of which four letters stand at a fixed place, also behind other letters. */
	if (word_before(in, start) && !dutch(in, start))
		return false;
	code[0] = in->s[start] & 0xdf;
	code[1] = in->s[start + 1] & 0xdf;
	country = bsearch(code, countries, IBAN_COUNTRIES, sizeof(countries[0]), compare_country);
	if (country == NULL || !read_bban(in, country->bban, &end, &rest) || class_at(in, end) & IS_DIGIT)
		return false;
	rest = mod97(mod97(rest, code[0]), code[1]);
	rest = mod97(mod97(rest, in->s[at]), in->s[at + 1]);
	if (rest != 1)
		return false;
	*f = (struct find){.start = start, .end = end, .type = SPAN_IBAN, .score = 100, .rule = "iban/check"};
	f->value = text_value(in->s + start, end - start, " !\"#$%&'()*+,-./:;<=>?\t\r\n");
	return true;
}
