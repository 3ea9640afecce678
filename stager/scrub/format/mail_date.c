/* The dates of mail (RFC 5322, 3.3), read and written again on another day. */
#include "mail.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../value_date.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec", days_of_week[] = "SunMonTueWedThuFriSat";

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
spaces(const char **at, const char *end)
{
	while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r' || **at == '\n'))
		(*at)++;
}

static bool
number(const char **at, const char *end, unsigned least, unsigned most, unsigned *out)
{
	unsigned count = 0;

	for (*out = 0; *at < end && count < most && digit(**at); count++)
		*out = *out * 10 + (unsigned)(*(*at)++ - '0');
	return count >= least && (*at == end || !digit(**at));
}

/* Which of the words of three letters; 12 or more: none. */
static unsigned
word(const char **at, const char *end, const char *words)
{
	for (unsigned i = 0; words[3 * i] != '\0' && end - *at >= 3; i++)
		if (strncasecmp(*at, words + 3 * i, 3) == 0) {
			*at += 3;
			return i;
		}
	return 12;
}

/* "14:30:00 +0100 (CET)": what of it leaves. */
static bool
time_and_zone(const char *at, const char *end, char out[static 24])
{
	static const char *const zones[] = {"GMT", "UTC", "UT", "Z"};
	unsigned hour, minute, second = 0, zone = 0;
	char sign = '+';
	bool known = false;

	if (!number(&at, end, 2, 2, &hour) || at == end || *at++ != ':' || !number(&at, end, 2, 2, &minute) ||
	    (at < end && *at == ':' && (at++, !number(&at, end, 2, 2, &second))) || hour > 23 ||
	    minute > 59 || second > 60)
		return false;
	spaces(&at, end);
	if (at < end && (*at == '+' || *at == '-')) {
		sign = *at++;
		if (!number(&at, end, 4, 4, &zone))
			return false;
	} else {
		for (size_t i = 0; i < 4 && !known; i++)
			if ((size_t)(end - at) >= strlen(zones[i]) &&
			    strncasecmp(at, zones[i], strlen(zones[i])) == 0) {
				at += strlen(zones[i]);
				known = true;
			}
		if (!known)
			return false;
	}
	spaces(&at, end);
	/* A zone's name as a comment, which goes. */
	if (at < end && *at == '(' && end[-1] == ')' && memchr(at, ')', (size_t)(end - at)) == end - 1)
		at = end;
	(void)snprintf(
	    out, 24, "%02u:%02u:%02u %c%04u", hour % 100, minute % 100, second % 100, sign, zone % 10000);
	return at == end;
}

bool
mail_date(struct mail_text value, unsigned *year, long days, char out[static 48])
{
	const char *at = value.s, *end = value.s + value.len;
	struct value_date date = {.year = 0}, again;
	unsigned month;
	char time[24];
	long day;

	spaces(&at, end);
	if (at < end && !digit(*at)) {
		if (word(&at, end, days_of_week) >= 7)
			return false;
		spaces(&at, end);
		if (at == end || *at++ != ',')
			return false;
		spaces(&at, end);
	}
	if (!number(&at, end, 1, 2, &date.day))
		return false;
	spaces(&at, end);
	if ((month = word(&at, end, months)) >= 12)
		return false;
	date.month = month + 1;
	spaces(&at, end);
	if (!number(&at, end, 4, 4, &date.year) || date.year == 0 || date.day == 0)
		return false;
	spaces(&at, end);
	/* A day that there is, is the same when it was counted. */
	again = date;
	value_date_of(value_date_days(&date), &again);
	if (again.year != date.year || again.month != date.month || again.day != date.day ||
	    !time_and_zone(at, end, time))
		return false;
	day = value_date_days(&date) + days;
	if (day < -719162 || day > 2932896)
		return false;
	value_date_of(day, &date);
	*year = date.year;
	/* 1970-01-01 was a Thursday. */
	(void)snprintf(out, 48, "%.3s, %u %.3s %04u %s", days_of_week + 3 * (((day + 4) % 7 + 7) % 7),
	    date.day % 100, months + 3 * ((date.month - 1) % 12), date.year % 10000, time);
	return true;
}
