/* References of HTML in text that is none: what a browser would show. */
#include "fold.h"

#include <string.h>

/* By their numbers from U+00A0 on; and some of ASCII and of no width. */
static const char latin[] = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg "
			    "macr deg plusmn sup2 sup3 acute "
			    "micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave "
			    "Aacute Acirc Atilde Auml Aring "
			    "AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde "
			    "Ograve Oacute Ocirc Otilde Ouml "
			    "times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc "
			    "atilde auml aring aelig ccedil "
			    "egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute "
			    "ocirc otilde ouml divide oslash "
			    "ugrave uacute ucirc uuml yacute thorn yuml ";
static const struct {
	const char *name;
	uint32_t code;
} others[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"commat", '@'},
    {"period", '.'}, {"comma", ','}, {"colon", ':'}, {"num", '#'}, {"lowbar", '_'}, {"hyphen", '-'},
    {"dash", '-'}, {"sol", '/'}, {"ast", '*'}, {"verbar", '|'}, {"plus", '+'}, {"lpar", '('}, {"rpar", ')'},
    {"Tab", '\t'}, {"NewLine", '\n'}, {"ensp", 0x2002}, {"emsp", 0x2003}, {"thinsp", 0x2009}, {"zwj", 0x200d},
    {"zwnj", 0x200c}, {"lrm", 0x200e}, {"rlm", 0x200f}, {"ndash", 0x2013}, {"mdash", 0x2014},
    {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"Scaron", 0x160}, {"scaron", 0x161}, {"Ccaron", 0x10c},
    {"ccaron", 0x10d}, {"Zcaron", 0x17d}, {"zcaron", 0x17e}, {"cacute", 0x107}, {"lstrok", 0x142},
    {"inodot", 0x131}, {"gbreve", 0x11f}, {"scedil", 0x15f}};
#define NAME_MAX_LEN 8

static uint32_t
named(const char *name, size_t len)
{
	uint32_t code = 0xa0;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strlen(others[i].name) == len && memcmp(others[i].name, name, len) == 0)
			return others[i].code;
	for (const char *at = latin, *space; (space = strchr(at, ' ')) != NULL; at = space + 1, code++)
		if ((size_t)(space - at) == len && memcmp(at, name, len) == 0)
			return code;
	return 0;
}

static int
digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 16;
}

size_t
fold_reference(const uint8_t *s, size_t len, uint32_t *code)
{
	unsigned base = 10;
	size_t at = 1, from;

	if (len < 4 || s[0] != '&')
		return 0;
	if (s[1] == '#') {
		at = 2;
		if ((s[2] | 0x20) == 'x') {
			base = 16;
			at = 3;
		}
		for (*code = 0, from = at; at < len && at - from < 8 && (unsigned)digit_of(s[at]) < base;
		     at++)
			*code = *code * base + (unsigned)digit_of(s[at]);
		if (at == from || at == len || s[at] != ';' || *code == 0 || *code > 0x10ffff ||
		    (*code >= 0xd800 && *code <= 0xdfff))
			return 0;
		return at + 1;
	}
	while (at < len && at <= NAME_MAX_LEN &&
	       ((s[at] >= '0' && s[at] <= '9') || ((s[at] | 0x20) >= 'a' && (s[at] | 0x20) <= 'z')))
		at++;
	if (at == 1 || at == len || s[at] != ';' || (*code = named((const char *)s + 1, at - 1)) == 0)
		return 0;
	return at + 1;
}
