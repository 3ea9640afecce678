/* Dates as values: every day of four centuries there and back, shifts in their own spelling; attributes and the days of a key. */
#include <stdlib.h>

#include "../stager/scrub/subject.h"
#include "../stager/scrub/value_date.h"
#include "check.h"
#include "pseudonym_key.h"
#include "stager/secret.h"

static struct err e;

/* By counting, not by a formula. */
static void
test_days(void)
{
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct value_date date = {.year = 1800, .month = 1, .day = 1}, back;
	long days = value_date_days(&(struct value_date){.year = 1800, .month = 1, .day = 1});
	unsigned wrong = 0;

	CHECK(value_date_days(&(struct value_date){.year = 1970, .month = 1, .day = 1}) == 0);
	CHECK(value_date_days(&(struct value_date){.year = 2000, .month = 3, .day = 1}) == 11017);
	for (; date.year < 2200; days++) {
		bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;

		back = (struct value_date){0};
		value_date_of(days, &back);
		wrong += value_date_days(&date) != days || back.year != date.year ||
			 back.month != date.month || back.day != date.day;
		if (++date.day > lengths[date.month - 1] + (leap && date.month == 2)) {
			date.day = 1;
			if (++date.month > 12) {
				date.month = 1;
				date.year++;
			}
		}
	}
	CHECK(wrong == 0);
}

/* Ten characters, each of them every byte: a date where digits stand where they must, and the day is one. */
static void
test_ten(void)
{
	static const struct {
		enum date_order order;
		const char *value, *form;
	} cases[] = {{DATE_DMY, "12-03-2021", "dd-MM-yyyy"}, {DATE_DMY, "29/02/2020", "dd-MM-yyyy"},
	    {DATE_MDY, "10.31.1999", "MM-dd-yyyy"}, {DATE_YMD, "2020-12-31", "yyyy-MM-dd"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t at = 0; at < 10; at++)
			for (unsigned c = 0; c < 256; c++) {
				char value[11], between = 0;
				unsigned year = 0, month = 0, day = 0;
				struct value_date date, back;
				bool good = true;

				memcpy(value, cases[i].value, sizeof(value));
				value[at] = (char)c;
				for (size_t k = 0; k < 10; k++) {
					char form = cases[i].form[k];
					unsigned *part = form == 'd' ? &day : form == 'M' ? &month : &year;

					if (form == '-') {
						good = good && strchr("-/.", value[k]) != NULL &&
						       value[k] != '\0' &&
						       (between == 0 || between == value[k]);
						between = value[k];
					} else {
						good = good && value[k] >= '0' && value[k] <= '9';
						*part = *part * 10 + (unsigned)(value[k] - '0');
					}
				}
				/* A day that there is comes back as itself. */
				if (good) {
					good = year > 0 && month > 0 && month < 13 && day > 0;
					back = (struct value_date){.year = year, .month = month, .day = day};
					if (good)
						value_date_of(value_date_days(&back), &back);
					good = good && back.year == year && back.month == month &&
					       back.day == day;
				}
				CHECK(value_date_in(cases[i].order, value, 10, &date) == good);
				CHECK(!good || (date.year == year && date.month == month && date.day == day));
			}
}

static void
test_shift(void)
{
	static const struct {
		enum date_order order;
		const char *value;
		long days;
		const char *want; /* NULL: no date; "": out of reach */
	} cases[] = {
	    {DATE_DMY, "12-03-2021", 14, "26-03-2021"},
	    {DATE_DMY, "12/03/2021", -14, "26/02/2021"},
	    {DATE_DMY, "1.3.2021", -1, "28.2.2021"},
	    {DATE_DMY, "9-9-2021", 1, "10-9-2021"},
	    {DATE_DMY, "10-9-2021", -1, "09-9-2021"},
	    {DATE_DMY, "31-12-2020", 1, "01-01-2021"},
	    {DATE_YMD, "2020-02-28", 1, "2020-02-29"},
	    {DATE_YMD, "2021-02-28", 1, "2021-03-01"},
	    {DATE_YMD, "20210312", 7, "20210319"},
	    {DATE_YMD, "20211231T235959", 1, "20220101T235959"},
	    {DATE_YMD, "2021-03-12 10:15:00", 7, "2021-03-19 10:15:00"},
	    {DATE_YMD, "2021-3-1", -364, "2020-3-2"},
	    {DATE_MDY, "03/12/2021", 14, "03/26/2021"},
	    {DATE_MDY, "3/9/2021", 1, "3/10/2021"},
	    {DATE_YMD, "0001-01-01", -1, ""},
	    {DATE_YMD, "9999-12-31", 1, ""},
	    {DATE_DMY, "30-02-2021", 1, NULL},
	    {DATE_DMY, "12-03/2021", 1, NULL},
	    {DATE_DMY, "12-03-21", 1, NULL},
	    {DATE_DMY, "2021-03-12", 1, NULL},
	    {DATE_YMD, "2021-13-01", 1, NULL},
	    {DATE_YMD, "2021-03-12 komt terug", 1, NULL},
	    {DATE_YMD, "", 1, NULL},
	};
	struct value_date date;
	struct buf out;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *value = cases[i].value;
		bool is = value_date_in(cases[i].order, value, strlen(value), &date);
		int rc;

		CHECK(is == (cases[i].want != NULL));
		if (!is || cases[i].want == NULL)
			continue;
		buf_init(&out, 100);
		rc = value_date_shift(&date, value, strlen(value), cases[i].days, &out, &e);
		CHECK(rc == (*cases[i].want != '\0'));
		if (out.len != strlen(cases[i].want) ||
		    (out.len > 0 && memcmp(out.data, cases[i].want, out.len) != 0)) {
			fprintf(stderr, "%s: %.*s\n", value, (int)out.len, (const char *)out.data);
			CHECK(!"the shifted date");
		}
		buf_free(&out);
	}
}

static void
test_offsets(void)
{
	struct policy policy = {.shift_step = 7, .shift_max = 364};
	struct pseudonym_key *key = pseudonym_key_of(1, &e), *other = pseudonym_key_of(2, &e);
	unsigned seen[105] = {0}, same = 0, different = 0;
	char text[16];

	CHECK(key != NULL && other != NULL);
	for (unsigned i = 0; i < 20000; i++) {
		long days;

		snprintf(text, sizeof(text), "%07u", i);
		days = subject_shift_of(&policy, key, text, 7);
		if (days == 0 || days % 7 != 0 || days > 364 || days < -364)
			different += 100000;
		else
			seen[days / 7 + 52]++;
		same += subject_shift_of(&policy, key, text, 7) == days;
		different += subject_shift_of(&policy, other, text, 7) != days;
	}
	CHECK(same == 20000);
	CHECK(different > 19000 && different < 20000); /* one in 104 is alike by chance */
	for (unsigned i = 0; i < 105; i++)
		CHECK(i == 52 ? seen[i] == 0 : seen[i] > 100 && seen[i] < 300); /* 192 each are due */
	policy.shift_max = 13; /* one step alone, earlier or later */
	for (unsigned i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "%07u", i);
		CHECK(labs(subject_shift_of(&policy, key, text, 7)) == 7);
	}
	pseudonym_key_free(key);
	pseudonym_key_free(other);
}

static void
test_attributes(void)
{
	static unsigned bands[] = {0, 18, 90}, wide[] = {0, 90};
	static char at[] = "day", m[] = "M", v[] = "V", f[] = "F";
	static char *keys[] = {m, v}, *values[] = {m, f}, *wider[] = {at, at};
	static enum date_order orders[] = {DATE_DMY, DATE_YMD};
	const struct policy policy = {.date_orders = orders, .date_order_count = 2};
	struct attribute age = {.kind = ATTRIBUTE_AGE,
			     .at = at,
			     .bands = {{bands, 3}, {wide, 2}},
			     .wider_count = 1},
			 fixed = {.kind = ATTRIBUTE_AGE, .at_days = 18628, .bands = {{bands, 3}}},
			 prefix = {.kind = ATTRIBUTE_PREFIX, .prefix = {4, 2}, .wider_count = 1},
			 map = {.kind = ATTRIBUTE_MAP,
			     .maps = {{keys, values, 2, 2}, {values, wider, 2, 2}},
			     .wider_count = 1},
			 blank = map;
	const struct {
		const struct attribute *a;
		const char *from, *at, *want; /* NULL: not known */
	} cases[] = {{&age, "01-02-2000", "31-01-2018", "0-17"}, {&age, "01-02-2000", "01-02-2018", "18-89"},
	    {&age, "29-02-2000", "28-02-2018", "0-17"}, {&age, "29-02-2000", "2018-03-01", "18-89"},
	    {&age, "01-02-1900", "01-02-1990", "90+"}, {&age, "01-02-1900", "01-02-2031", NULL},
	    {&age, "01-02-2020", "01-02-2020", "0-17"}, {&age, "02-02-2020", "01-02-2020", NULL},
	    {&age, "", "01-02-2020", ""}, {&age, "01-02-2020", "", ""},
	    {&age, "onbekend", "01-02-2020", NULL}, {&age, "01-02-2000", "later", NULL},
	    {&fixed, "02-01-2003", "", "0-17"}, {&fixed, "01-01-2003", "", "18-89"},
	    {&prefix, "1234 AB", "", "1234"}, {&prefix, " 12 34AB", "", "1234"}, {&prefix, "12", "", "12"},
	    {&prefix, "", "", ""},
	    {&prefix, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
	    {&map, "V", "", "F"}, {&map, "M", "", "M"}, {&map, "X", "", NULL}, {&map, "", "", ""},
	    {&blank, "X", "", ""}};
	char out[ATTRIBUTE_VALUE_MAX];

	blank.other_blank = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int n = attribute_make(&policy, cases[i].a, view_of(cases[i].from, strlen(cases[i].from), ""),
		    view_of(cases[i].at, strlen(cases[i].at), ""), out);

		if (cases[i].want == NULL
			? n != -1
			: (size_t)n != strlen(cases[i].want) || memcmp(out, cases[i].want, (size_t)n) != 0) {
			fprintf(stderr, "case %zu: %.*s\n", i, n < 0 ? 0 : n, out);
			CHECK(!"what is said of it");
		}
	}
	/* A step wider. */
	CHECK(attribute_wider(&age, 1, "0-17", 4, out) == 4 && memcmp(out, "0-89", 4) == 0);
	CHECK(attribute_wider(&age, 1, "18-89", 5, out) == 4 && memcmp(out, "0-89", 4) == 0);
	CHECK(attribute_wider(&age, 1, "90+", 3, out) == 3 && memcmp(out, "90+", 3) == 0);
	CHECK(attribute_wider(&prefix, 1, "1234", 4, out) == 2 && memcmp(out, "12", 2) == 0);
	CHECK(attribute_wider(&prefix, 1, "1", 1, out) == 1);
	CHECK(attribute_wider(&map, 1, "F", 1, out) == 3 && memcmp(out, "day", 3) == 0);
	CHECK(attribute_wider(&map, 1, "V", 1, out) == -1);
	CHECK(attribute_wider(&map, 1, "", 0, out) == 0 && attribute_wider(&age, 1, "", 0, out) == 0);
	CHECK(attribute_room(&map, "F", 1) == 2 && attribute_room(&age, "18-89", 5) == 0);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	test_days();
	test_ten();
	test_shift();
	test_offsets();
	test_attributes();
	return check_done();
}
