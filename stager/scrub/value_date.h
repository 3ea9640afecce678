/* Dates as whole values, in the policy's orders: read, counted, and written again on another day. stager/scrub only. */
#ifndef SCRUB_VALUE_DATE_H
#define SCRUB_VALUE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/policy.h"

/* Longer is no date with a time of day. */
#define DATE_VALUE_MAX 64

struct value_date {
	unsigned year, month, day;
	/* Where they stand in the value, as many characters as they are written with. */
	uint8_t year_at, year_len, month_at, month_len, day_at, day_len;
};

/* A date in one of the policy's orders, perhaps with a time of day behind it; false where the value is none. */
bool value_date(const struct policy *policy, const char *value, size_t len, struct value_date *out);
/* The same in one order. */
bool value_date_in(enum date_order order, const char *value, size_t len, struct value_date *out);
/* Days since 1970-01-01, in the Gregorian calendar. */
long value_date_days(const struct value_date *date);
/* The date of such a day; where its parts stand stays as it is. */
void value_date_of(long days, struct value_date *out);
/*
 * Append the value with its date so many days later, written as it was: order, separators, zeros, time of day. 1; 0 where the
 * year would not have four figures; -1 with e set.
 */
int value_date_shift(const struct value_date *date, const char *value, size_t len, long days, struct buf *out,
    struct err *e) MUST_CHECK;

#endif
