/* Dates as whole values, in the policy's orders. */
#include "value_date.h"

#include <stdio.h>
#include <string.h>

/* "23:59:59.999999999 +01:00" and the like. */
#define TIME_LEN_MAX 32

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
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

	/* Every month has these. */
	if (day - 1 < 28 && month - 1 < 12 && year >= 1)
		return true;
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

/* What may follow yyyyMMdd in HL7's time stamps: HHmm, HHmmss or HHmmss.f, and a zone +ZZzz or -ZZzz. */
static bool
stamp_form(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && digit(*at))
		at++;
	if (at - from != 2 && at - from != 4 && at - from != 6)
		return false;
	if (at - from == 6 && at < end && *at == '.')
		for (from = ++at; at < end && digit(*at) && at - from < 9;)
			at++;
	if (at < end && (*at == '+' || *at == '-'))
		for (from = ++at; at < end && digit(*at) && at - from < 4;)
			at++;
	return at == end && at > from;
}

static unsigned
two_digits(const char *at)
{
	return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* What most dates are: ten characters, two, two and four digits, or the other way round. False for all others. */
static inline bool
date_ten(enum date_order order, const char *value, unsigned part[3])
{
	/* Where the first eight have their digits. */
	static const char year_first[8] = "\xff\xff\xff\xff\0\xff\xff",
			  year_last[8] = "\xff\xff\0\xff\xff\0\xff\xff";
	const char *first = order == DATE_YMD ? value + 4 : value + 2;
	uint64_t head, digits;

	if ((*first != '-' && *first != '/' && *first != '.') || first[3] != *first)
		return false;
	memcpy(&head, value, sizeof(head));
	memcpy(&digits, order == DATE_YMD ? year_first : year_last, sizeof(digits));
	/* Digits become 0 to 9; ten and more carry into their byte's highest bit. */
	head = (head ^ EACH_BYTE('0')) & digits;
	if (((head | (head + EACH_BYTE(0x76))) & EACH_BYTE(0x80)) != 0 || !digit(value[8]) ||
	    !digit(value[9]))
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

/* The three parts in the order that they are written in, with where they stand. */
static bool
parts_set(enum date_order order, const unsigned part[3], const uint8_t at[3], const uint8_t len[3],
    struct value_date *out)
{
	const unsigned year = order == DATE_YMD ? 0 : 2, month = order == DATE_MDY ? 0 : 1,
		       day = order == DATE_DMY   ? 0
			     : order == DATE_YMD ? 2
						 : 1;

	*out = (struct value_date){.year = part[year],
	    .month = part[month],
	    .day = part[day],
	    .year_at = at[year],
	    .year_len = len[year],
	    .month_at = at[month],
	    .month_len = len[month],
	    .day_at = at[day],
	    .day_len = len[day]};
	return date_real(out->year, out->month, out->day);
}

bool
value_date_in(enum date_order order, const char *value, size_t len, struct value_date *out)
{
	static const uint8_t packed_at[3] = {0, 4, 6}, year_first[3] = {4, 2, 2}, year_last[3] = {2, 2, 4};
	static const uint8_t ten_first[3] = {0, 5, 8}, ten_last[3] = {0, 3, 6};
	const char *at = value, *end = value + len;
	uint8_t starts[3], lens[3];
	unsigned part[3];
	char between = '-';

	if (len == 0 || len > DATE_VALUE_MAX)
		return false;
	if (len == 10 && date_ten(order, value, part))
		return parts_set(order, part, order == DATE_YMD ? ten_first : ten_last,
		    order == DATE_YMD ? year_first : year_last, out);
	if (order == DATE_YMD && len >= 8) {
		/* yyyymmdd */
		if (take_number(&at, end, 4, 4, &part[0]) && take_number(&at, end, 2, 2, &part[1]) &&
		    take_number(&at, end, 2, 2, &part[2]))
			return parts_set(order, part, packed_at, year_first, out) &&
			       (time_form(at, end) || stamp_form(at, end));
		at = value;
	}
	for (unsigned i = 0; i < 3; i++) {
		bool is_year = order == DATE_YMD ? i == 0 : i == 2;

		starts[i] = (uint8_t)(at - value);
		if (!take_number(&at, end, is_year ? 4 : 1, is_year ? 4 : 2, &part[i]))
			return false;
		lens[i] = (uint8_t)(at - value - starts[i]);
		if (i == 2)
			break;
		if (at == end || (*at != '-' && *at != '/' && *at != '.') || (i == 1 && *at != between))
			return false;
		between = *at++;
	}
	return time_form(at, end) && parts_set(order, part, starts, lens, out);
}

bool
value_date(const struct policy *policy, const char *value, size_t len, struct value_date *out)
{
	for (size_t i = 0; i < policy->date_order_count; i++)
		if (value_date_in(policy->date_orders[i], value, len, out))
			return true;
	return false;
}

/* From March on, so that the day that some years have stands last. */
long
value_date_days(const struct value_date *date)
{
	const long year = (long)date->year - (date->month <= 2), era = (year >= 0 ? year : year - 399) / 400;
	const long of_era = year - era * 400, month = (date->month + 9) % 12;
	const long of_year = (153 * month + 2) / 5 + (long)date->day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void
value_date_of(long days, struct value_date *date)
{
	long era, of_era, year, of_year, month;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	of_era = days - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	date->day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
	date->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	date->year = (unsigned)(year + era * 400 + (date->month <= 2));
}

int
value_date_shift(
    const struct value_date *date, const char *value, size_t len, long days, struct buf *out, struct err *e)
{
	struct value_date moved = *date;
	const long day = value_date_days(date) + days;
	const size_t before = out->len;
	size_t at = 0;

	/* 0001-01-01 to 9999-12-31. */
	if (day < -719162 || day > 2932896)
		return 0;
	value_date_of(day, &moved);
	while (at < len) {
		const bool is_year = at == date->year_at, is_month = at == date->month_at,
			   is_day = at == date->day_at;
		const unsigned width = is_year ? date->year_len : is_month ? date->month_len : date->day_len;
		char number[16];

		if (!is_year && !is_month && !is_day) {
			if (buf_put(out, value + at++, 1, e) == -1)
				goto fail;
			continue;
		}
		(void)snprintf(number, sizeof(number), "%0*u", (int)width,
		    is_year    ? moved.year
		    : is_month ? moved.month
			       : moved.day);
		if (buf_put(out, number, strlen(number), e) == -1)
			goto fail;
		at += width;
	}
	return 1;
fail:
	out->len = before;
	return -1;
}
