/* The forms of single values in a policy. */
#include "policy_form.h"

#include <stdlib.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define POLICY_GLOB_MAX 512
#define POLICY_PATH_STEPS_MAX 32

static bool
made_of(const char *text, const char *letters, size_t max)
{
	size_t len = strspn(text, letters);

	return len >= 1 && len <= max && text[len] == '\0';
}

bool
policy_name_ok(const char *text)
{
	return made_of(text, LOWER DIGITS ".-", 64) && *text != '.' && *text != '-' &&
	       strstr(text, "..") == NULL;
}

bool
policy_ext_ok(const char *text)
{
	return made_of(text, LOWER DIGITS, 16);
}

bool
policy_kind_ok(const char *text)
{
	static const char *const taken[] = {"email", "phone", "iban", "bsn", "postcode", "date"};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(taken[i], text) == 0)
			return false;
	return made_of(text, LOWER DIGITS "-", 20);
}

bool
policy_country_ok(const char *text)
{
	/* ISO 3166-1, the 249 officially assigned codes. */
	static const char codes[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI "
				    "BJ BL BM BN BO BQ BR BS BT BV BW BY "
				    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
				    "DO DZ EC EE EG EH ER ES ET FI FJ FK "
				    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
				    "HN HR HT HU ID IE IL IM IN IO IQ IR "
				    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
				    "LT LU LV LY MA MC MD ME MF MG MH MK "
				    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP "
				    "NR NU NZ OM PA PE PF PG PH PK PL PM "
				    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM "
				    "SN SO SR SS ST SV SX SY SZ TC TD TF "
				    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
				    "VN VU WF WS YE YT ZA ZM ZW ";

	if (strlen(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z')
		return false;
	for (const char *at = codes; *at != '\0'; at += 3)
		if (memcmp(at, text, 2) == 0)
			return true;
	return false;
}

bool
policy_modality_ok(const char *text)
{
	return made_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_ ", 16);
}

bool
policy_column_ok(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= POLICY_FIELD_NAME_MAX;
}

bool
policy_path_ok(const char *text, bool wildcards)
{
	size_t steps = 0, len;

	if (*text++ != '$' || strlen(text) >= POLICY_FIELD_NAME_MAX)
		return false;
	while (*text != '\0') {
		if (++steps > POLICY_PATH_STEPS_MAX)
			return false;
		if (strncmp(text, "[*]", 3) == 0 || (strncmp(text, ".*", 2) == 0)) {
			if (!wildcards)
				return false;
			text += *text == '[' ? 3 : 2;
			continue;
		}
		if (*text++ != '.')
			return false;
		len = strcspn(text, ".[]*");
		if (len == 0)
			return false;
		text += len;
	}
	return steps > 0;
}

bool
policy_number(const char *text, double *out)
{
	const char *at = text + (*text == '-');
	size_t whole = strspn(at, DIGITS), part = 0;

	if (whole == 0 || strlen(text) > 32)
		return false;
	at += whole;
	if (*at == '.') {
		part = strspn(at + 1, DIGITS);
		if (part == 0)
			return false;
		at += 1 + part;
	}
	if (*at != '\0')
		return false;
	/* The locale of numbers is C: only LC_CTYPE is ever set. */
	*out = strtod(text, NULL);
	return true;
}

bool
policy_delimiter_ok(const char *text)
{
	return text[0] != '\0' && text[1] == '\0' && strchr("\"\r\n", text[0]) == NULL;
}

const char *
policy_glob_wrong(const char *text)
{
	const char *part = text;

	if (*text == '\0')
		return "is empty";
	if (strlen(text) > POLICY_GLOB_MAX)
		return "is longer than 512 bytes";
	if (strpbrk(text, "[]\\") != NULL)
		return "holds one of [ ] \\, which is not done by this version";
	for (;;) {
		size_t len = strcspn(part, "/");

		if (len == 0)
			return "has an empty part: it is relative, with single slashes between";
		if ((len == 1 && *part == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
			return "has a part . or ..";
		for (size_t i = 0; i + 1 < len; i++)
			if (part[i] == '*' && part[i + 1] == '*' && len != 2)
				return "has ** beside other characters: it stands alone between slashes";
		if (part[len] == '\0')
			return NULL;
		part += len + 1;
	}
}

static bool
hex4(const char *text, uint16_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char c = text[i];
		int digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20) - 'a' + 10;
		else
			return false;
		*out = (uint16_t)(*out << 4 | digit);
	}
	return true;
}

bool
policy_tag(const char *text, uint16_t *group, uint16_t *element)
{
	return strlen(text) == 11 && text[0] == '(' && text[5] == ',' && text[10] == ')' &&
	       hex4(text + 1, group) && hex4(text + 6, element);
}

const char *
policy_tag_wrong(uint16_t group, uint16_t element, bool keep)
{
	if (group < 0x0008)
		return "is of the file's own frame, which is always made anew";
	if (group == 0xfffe)
		return "only delimits items";
	if (element == 0x0000)
		return "is a group length, which is always dropped";
	if (keep && group % 2 == 1)
		return "is private, and private tags cannot be kept by this version";
	return NULL;
}

bool
policy_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
	if (!made_of(text, DIGITS, 15) || (text[0] == '0' && text[1] != '\0'))
		return false;
	*out = strtoll(text, NULL, 10);
	return *out >= min && *out <= max;
}
