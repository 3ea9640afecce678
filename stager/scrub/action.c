/* What the policy does to one value: typed keeps that fail closed, and the ways to say less. */
#include "action.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/pattern.h"
#include "stager/scrub.h"

/* 10^22 is the largest power of ten that a double holds exactly. */
#define EXACT_POWER_MAX 22
/* Integers up to here are exact in a double. */
#define EXACT_INTEGER_MAX (UINT64_C(1) << 53)
/* "23:59:59.999999999 +01:00" and the like. */
#define TIME_LEN_MAX 32

const char *
action_word(enum action_kind kind)
{
	switch (kind) {
	case ACTION_KEEP_CODE:
	case ACTION_KEEP_NUMBER:
	case ACTION_KEEP_ENUM:
		return "keep";
	case ACTION_DROP:
		return "drop";
	case ACTION_BLANK:
		return "blank";
	case ACTION_PSEUDONYM:
		return "pseudonym";
	case ACTION_YEAR:
		return "year";
	case ACTION_FIRST:
		return "first";
	case ACTION_TEXT:
		return "text";
	}
	abort();
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
same(const char *word, const char *value, size_t len)
{
	return strlen(word) == len && memcmp(word, value, len) == 0;
}

bool
action_missing(const struct rule *rule, const char *value, size_t len)
{
	if (len == 0)
		return true;
	for (size_t i = 0; i < rule->missing_count; i++)
		if (same(rule->missing[i], value, len))
			return true;
	return false;
}

/* A value that has the form of a number, as a double: the C library's conversion, which rounds rightly. */
static double
number_slow(char decimal, const char *value, size_t len)
{
	char text[NUMBER_LEN_MAX + 1];

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(value[i] == decimal ? '.' : value[i]);
	text[len] = '\0';
	/* LC_NUMERIC is never set, so the point is a point. */
	return strtod(text, NULL);
}

const char *
action_number(const struct action *a, char decimal, const char *value, size_t len)
{
	static const double power[EXACT_POWER_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	const char *at = value, *end = value + len, *digits;
	size_t places = 0, figures;
	uint64_t whole = 0;
	bool exponent = false;
	double number;

	if (len == 0 || len > NUMBER_LEN_MAX)
		return "value-type";
	if (*at == '+' || *at == '-')
		at++;
	/* whole wraps past 19 digits: it is used only where figures says that it did not. */
	for (digits = at; at < end && digit(*at); at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == digits)
		return "value-type";
	figures = (size_t)(at - digits);
	if (at < end && *at == decimal) {
		for (digits = ++at; at < end && digit(*at); at++)
			whole = whole * 10 + (uint64_t)(*at - '0');
		if (at == digits)
			return "value-type";
		places = (size_t)(at - digits);
		figures += places;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		exponent = true;
		if (++at < end && (*at == '+' || *at == '-'))
			at++;
		for (digits = at; at < end && digit(*at); at++)
			;
		if (at == digits)
			return "value-type";
	}
	if (at != end)
		return "value-type";
	if (!a->has_range)
		return NULL;
	/* Both exact, so one division rounds once, as strtod does. */
	if (!exponent && figures <= 19 && whole <= EXACT_INTEGER_MAX && places <= EXACT_POWER_MAX) {
		number = (double)whole / power[places];
		if (*value == '-')
			number = -number;
	} else {
		number = number_slow(decimal, value, len);
	}
	return number >= a->min && number <= a->max ? NULL : "value-range";
}

static bool
enum_has(const struct action *a, const char *value, size_t len)
{
	for (size_t i = 0; i < a->value_count; i++)
		if (same(a->values[i], value, len))
			return true;
	return false;
}

/* Up to `most` digits at *at, at least `least`; moves *at past them. */
static bool
take_number(const char **at, const char *end, unsigned least, unsigned most, unsigned *out)
{
	unsigned count = 0;

	*out = 0;
	for (; *at < end && count < most && digit(**at); count++)
		*out = *out * 10 + (unsigned)(*(*at)++ - '0');
	return count >= least;
}

/* Gregorian; the year 0 is none. */
static bool
date_real(unsigned year, unsigned month, unsigned day)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (leap && month == 2 ? 1u : 0u);
}

/* What may follow a date: nothing, or a time of day after a space or T. It leaves, but free text is no time.
 */
static bool
time_form(const char *at, const char *end)
{
	static const char others[] = ":.,+-Z APMapm";

	if (at == end)
		return true;
	if ((*at != ' ' && *at != 'T') || end - at > TIME_LEN_MAX)
		return false;
	if (++at == end || !digit(*at))
		return false;
	for (; at < end; at++)
		if (!digit(*at) && memchr(others, *at, sizeof(others) - 1) == NULL)
			return false;
	return true;
}

static unsigned
two_digits(const char *at)
{
	return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

/* What most dates are: ten characters, two, two and four digits, or the other way round. False for all others. */
static bool
date_ten(enum date_order order, const char *value, unsigned part[3])
{
	const char *first = order == DATE_YMD ? value + 4 : value + 2;
	unsigned wrong = 0;
	const char *at = value;

	if ((*first != '-' && *first != '/' && *first != '.') || first[3] != *first)
		return false;
	for (size_t i = 0; i < 10; i++)
		wrong |= (unsigned)!digit(at[i]) & (unsigned)(at + i != first && at + i != first + 3);
	if (wrong != 0)
		return false;
	if (order == DATE_YMD) {
		part[0] = two_digits(value) * 100 + two_digits(value + 2);
		part[1] = two_digits(value + 5);
		part[2] = two_digits(value + 8);
	} else {
		part[0] = two_digits(value);
		part[1] = two_digits(value + 3);
		part[2] = two_digits(value + 6) * 100 + two_digits(value + 8);
	}
	return true;
}

/* The year of a date in this order; false where the value is none. */
static bool
date_year(enum date_order order, const char *value, size_t len, unsigned *year)
{
	const char *at = value, *end = value + len;
	unsigned part[3];
	char between = '-';

	if (len == 10 && date_ten(order, value, part))
		goto parts;
	if (order == DATE_YMD && len >= 8) {
		/* yyyymmdd */
		if (take_number(&at, end, 4, 4, &part[0]) && take_number(&at, end, 2, 2, &part[1]) &&
		    take_number(&at, end, 2, 2, &part[2])) {
			*year = part[0];
			return date_real(part[0], part[1], part[2]) && time_form(at, end);
		}
		at = value;
	}
	for (unsigned i = 0; i < 3; i++) {
		bool is_year = order == DATE_YMD ? i == 0 : i == 2;

		if (!take_number(&at, end, is_year ? 4 : 1, is_year ? 4 : 2, &part[i]))
			return false;
		if (i == 2)
			break;
		if (at == end || (*at != '-' && *at != '/' && *at != '.') || (i == 1 && *at != between))
			return false;
		between = *at++;
	}
	if (!time_form(at, end))
		return false;
parts:
	*year = order == DATE_YMD ? part[0] : part[2];
	if (order == DATE_YMD)
		return date_real(part[0], part[1], part[2]);
	return order == DATE_DMY ? date_real(part[2], part[1], part[0])
				 : date_real(part[2], part[0], part[1]);
}

bool
action_year(const struct policy *policy, const char *value, size_t len, unsigned *year)
{
	for (size_t i = 0; i < policy->date_order_count; i++)
		if (date_year(policy->date_orders[i], value, len, year))
			return true;
	return false;
}

void
action_year_text(unsigned year, char out[static 4])
{
	for (size_t k = 4; k > 0; year /= 10)
		out[--k] = (char)('0' + year % 10);
}

static int
apply_year(const struct policy *policy, const char *value, size_t len, struct buf *out, const char **reason,
    struct err *e)
{
	unsigned year;
	char text[4];

	if (!action_year(policy, value, len, &year)) {
		*reason = "date-form";
		return 0;
	}
	action_year_text(year, text);
	return buf_put(out, text, sizeof(text), e) == -1 ? -1 : 1;
}

/* The bytes of the first count code points. The value is valid UTF-8; in anything else, stray continuation
 * bytes stay with the one before. */
static size_t
first_len(const char *value, size_t len, size_t count)
{
	size_t at = 0;

	for (; count > 0 && at < len; count--)
		for (at++; at < len && ((unsigned char)value[at] & 0xc0) == 0x80;)
			at++;
	return at;
}

static bool
all_spaces(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] != ' ')
			return false;
	return true;
}

const char *
action_first(const struct action *a, const char *value, size_t *len)
{
	if (a->pattern != NULL && !pattern_match(a->pattern, value, *len))
		return "value-type";
	*len = first_len(value, *len, a->first);
	return NULL;
}

size_t
action_pseudonym(struct pseudonym_key *key, const char *value, size_t len, char out[static PSEUDONYM_LEN + 1])
{
	if (all_spaces(value, len))
		return 0;
	pseudonym_make(key, value, len, out);
	return PSEUDONYM_LEN;
}

int
action_apply(const struct scrub *s, const struct action *a, const char *value, size_t len, struct buf *out,
    struct text_finds *finds, const char **reason, struct err *e)
{
	char pseudonym[PSEUDONYM_LEN + 1];
	const char *wrong = NULL;

	if (a->kind == ACTION_DROP)
		return err_set(e, ERR_SYSTEM, "action: a dropped field has no value");
	if (a->kind == ACTION_BLANK)
		return 1;
	if (action_missing(s->rule, value, len))
		return buf_put(out, value, len, e) == -1 ? -1 : 1;

	switch (a->kind) {
	case ACTION_KEEP_CODE:
		if (a->pattern == NULL || !pattern_match(a->pattern, value, len))
			wrong = "value-type";
		break;
	case ACTION_KEEP_NUMBER:
		wrong = action_number(a, s->rule->decimal, value, len);
		break;
	case ACTION_KEEP_ENUM:
		if (!enum_has(a, value, len))
			wrong = "value-type";
		break;
	case ACTION_FIRST:
		wrong = action_first(a, value, &len);
		break;
	case ACTION_PSEUDONYM:
		len = action_pseudonym(s->key, value, len, pseudonym);
		return buf_put(out, pseudonym, len, e) == -1 ? -1 : 1;
	case ACTION_YEAR:
		return apply_year(s->policy, value, len, out, reason, e);
	case ACTION_TEXT:
		return text_clean(s, value, len, out, finds, e) == -1 ? -1 : 1;
	case ACTION_DROP:
	case ACTION_BLANK:
		break;
	}
	if (wrong != NULL) {
		*reason = wrong;
		return 0;
	}
	return buf_put(out, value, len, e) == -1 ? -1 : 1;
}
