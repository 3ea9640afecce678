/* Dates as Dutch texts have them: figures in either order, month names, apostrophe years, ISO timestamps. */
#include "detect.h"

#define YEAR_LEAST 1800
#define YEAR_MOST 2199
#define PIVOT 30 /* '29 is 2029, '30 is 1930: only for telling values apart */

/* Dutch, and English where it differs: machines write 03-OCT-2019. */
static const struct {
	char name[10];
	uint8_t month;
} months[] = {{"jan", 1}, {"januari", 1}, {"january", 1}, {"feb", 2}, {"febr", 2}, {"februari", 2},
    {"february", 2}, {"mrt", 3}, {"maart", 3}, {"mar", 3}, {"march", 3}, {"apr", 4}, {"april", 4}, {"mei", 5},
    {"may", 5}, {"jun", 6}, {"juni", 6}, {"june", 6}, {"jul", 7}, {"juli", 7}, {"july", 7}, {"aug", 8},
    {"augustus", 8}, {"august", 8}, {"sep", 9}, {"sept", 9}, {"september", 9}, {"okt", 10}, {"oct", 10},
    {"oktober", 10}, {"october", 10}, {"nov", 11}, {"november", 11}, {"dec", 12}, {"december", 12}};

#define MONTH_NAME_MAX 9

/* year 0: not given, so 29 February may be. */
static bool
day_exists(unsigned year, unsigned month, unsigned day)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
	       (month != 2 || day < 29 || leap);
}

static bool
year_plausible(unsigned year)
{
	return year >= YEAR_LEAST && year <= YEAR_MOST;
}

static unsigned
year_of_two(unsigned two)
{
	return two < PIVOT ? 2000 + two : 1900 + two;
}

static bool
date_set(struct find *f, size_t start, size_t end, unsigned year, unsigned month, unsigned day)
{
	*f = (struct find){.start = start, .end = end, .type = SPAN_DATE};
	f->score = year != 0 && month != 0 && day != 0 ? 95 : 85;
	f->rule = "date/form";
	f->date = (struct span_date){.year = (uint16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
	f->value = (uint64_t)year * 10000 + month * 100 + day;
	return true;
}

/* The month named by these letters, or 0. */
static unsigned
month_named(const uint8_t *s, size_t len)
{
	if (len < 3 || len > MONTH_NAME_MAX)
		return 0;
	for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
		size_t n = 0;

		while (n < len && (s[n] | 0x20) == (uint8_t)months[i].name[n])
			n++;
		if (n == len && months[i].name[n] == '\0')
			return months[i].month;
	}
	return 0;
}

/* Exactly count digits at an index, with none behind them. */
static bool
digits_at(const struct text_in *in, size_t at, size_t count, unsigned *value)
{
	*value = 0;
	for (size_t i = 0; i < count; i++) {
		if (!(class_at(in, at + i) & IS_DIGIT))
			return false;
		*value = *value * 10 + (in->s[at + i] - '0');
	}
	return !(class_at(in, at + count) & IS_DIGIT);
}

static bool
is_gap(uint8_t c)
{
	return c == '-' || c == '/' || c == '.';
}

/* Behind an ISO date: T12:30, T12:30:00.000+02:00, and " 12:30:00". Where it ends; `end` where there is none.
 */
static size_t
time_end(const struct text_in *in, size_t end)
{
	uint8_t lead = text_at(in, end);
	unsigned v;
	size_t at;

	if ((lead != 'T' && lead != 't' && lead != ' ') || !digits_at(in, end + 1, 2, &v) || v > 24 ||
	    text_at(in, end + 3) != ':' || !digits_at(in, end + 4, 2, &v) || v > 59)
		return end;
	at = end + 6;
	if (text_at(in, at) == ':' && digits_at(in, at + 1, 2, &v) && v <= 60) {
		at += 3;
		if ((text_at(in, at) == '.' || text_at(in, at) == ',') && class_at(in, at + 1) & IS_DIGIT)
			for (at++; class_at(in, at) & IS_DIGIT;)
				at++;
	} else if (lead == ' ') {
		return end;
	}
	if ((text_at(in, at) | 0x20) == 'z' && !(class_at(in, at + 1) & IS_ALNUM)) {
		at++;
	} else if (text_at(in, at) == '+' || text_at(in, at) == '-') {
		if (digits_at(in, at + 1, 4, &v))
			at += 5;
		else if (digits_at(in, at + 1, 2, &v))
			at += text_at(in, at + 3) == ':' && digits_at(in, at + 4, 2, &v) ? 6 : 3;
	}
	return at;
}

/* yyyymmdd, alone or with hhmm or hhmmss behind it or behind a T. */
static bool
date_run(const struct text_in *in, const struct digits *d, struct find *f)
{
	size_t start = d->at[0], end = start + d->len[0];
	unsigned v[14], year, month, day, skip;

	if (d->len[0] != 8 && d->len[0] != 12 && d->len[0] != 14)
		return false;
	for (size_t i = 0; i < d->len[0]; i++)
		v[i] = d->digit[i];
	year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3];
	month = v[4] * 10 + v[5];
	day = v[6] * 10 + v[7];
	if (year < 1900 || year > 2099 || !day_exists(year, month, day))
		return false;
	if (d->len[0] > 8 && (v[8] * 10 + v[9] > 23 || v[10] > 5 || (d->len[0] == 14 && v[12] > 5)))
		return false;
	if (d->len[0] == 8 && (text_at(in, end) | 0x20) == 't') {
		if (digits_at(in, end + 1, 6, &skip))
			end += 7;
		else if (digits_at(in, end + 1, 4, &skip))
			end += 5;
		if (end > start + 8 && (text_at(in, end) | 0x20) == 'z' &&
		    !(class_at(in, end + 1) & IS_ALNUM))
			end++;
	}
	return date_set(f, start, end, year, month, day);
}

/* ddmmyyyy and ddmmyy in one run: too many numbers look so, hence only behind a word for a date. */
static bool
date_run_near(const struct text_in *in, const struct digits *d, struct find *f)
{
	static const char *const words[] = {"geb", "datum", "dd.", "d.d.", "dob", NULL};
	unsigned value, day, month, year;

	if (d->len[0] != 8 && d->len[0] != 6)
		return false;
	value = digits_value(in, d, 0);
	year = d->len[0] == 8 ? value % 10000 : year_of_two(value % 100);
	value /= d->len[0] == 8 ? 10000 : 100;
	day = value / 100;
	month = value % 100;
	if (!year_plausible(year) || !day_exists(year, month, day) ||
	    !text_keyword_before(in, d->at[0], 20, words))
		return false;
	return date_set(f, d->at[0], d->run_end, year, month, day);
}

/*
 * The gap between group g and the next, spaces around it allowed ("3 - 5 - 2019", "3. 5. 2019"): '-', '/',
 * '.', or 0.
 */
static uint8_t
wide_gap(const struct text_in *in, const struct digits *d, size_t g)
{
	uint8_t gap = 0;

	if (g + 1 >= d->groups)
		return 0;
	for (size_t i = d->at[g] + d->len[g]; i < d->at[g + 1]; i++) {
		if (in->s[i] == ' ')
			continue;
		if (gap != 0 || !is_gap(in->s[i]))
			return 0;
		gap = in->s[i];
	}
	return gap;
}

/* A date in figures of which this is the middle of something longer: 1.2.12.3, 10-1-10-2. */
static bool
number_goes_on(const struct text_in *in, size_t start, size_t end)
{
	return (is_gap(text_at(in, end)) && class_at(in, end + 1) & IS_DIGIT) ||
	       (is_gap(text_before(in, start, 1)) && class_before(in, start, 2) & IS_DIGIT) ||
	       word_before(in, start);
}

/* dd-mm-yyyy, mm-dd-yyyy, yyyy-mm-dd, dd-mm-yy, dd-mm-'yy, mm-yyyy, yyyy-mm. */
static bool
date_figures(const struct text_in *in, const struct digits *d, bool *whole, struct find *f)
{
	uint8_t gap = wide_gap(in, d, 0), second;
	size_t start = d->at[0], end;
	unsigned a, b, c;

	if (d->groups < 2 || gap == 0 || d->len[0] > 4 || d->len[0] == 3 || d->len[1] > 4)
		return false;
	a = digits_value(in, d, 0);
	b = digits_value(in, d, 1);
	second = d->groups > 2 && wide_gap(in, d, 1) == gap ? gap : 0;
	end = d->at[1] + d->len[1];
	if (d->len[0] == 4) {
		if (second != 0 && d->len[1] <= 2 && d->len[2] <= 2) {
			c = digits_value(in, d, 2);
			if (!year_plausible(a) || !day_exists(a, b, c))
				return false;
			*whole = true;
			return date_set(f, start, time_end(in, d->at[2] + d->len[2]), a, b, c);
		}
		if (second != 0 || gap == '.' || digits_gap(in, d, 0) == 0 || d->len[1] != 2 || a < 1900 ||
		    a > 2099 || b < 1 || b > 12 || number_goes_on(in, start, end))
			return false;
		return date_set(f, start, end, a, b, 0);
	}
	if (d->len[1] == 4) {
		if (gap == '.' || digits_gap(in, d, 0) == 0 || a < 1 || a > 12 || b < 1900 || b > 2099 ||
		    number_goes_on(in, start, end))
			return false;
		return date_set(f, start, end, b, a, 0);
	}
	if (d->len[1] > 2)
		return false;
	if (second != 0 && d->len[2] == 4) {
		c = digits_value(in, d, 2);
		if (!year_plausible(c) || !(day_exists(c, b, a) || day_exists(c, a, b)))
			return false;
		*whole = true;
		end = d->at[2] + d->len[2];
		return day_exists(c, b, a) ? date_set(f, start, end, c, b, a)
					   : date_set(f, start, end, c, a, b);
	}
	if (second != 0 && d->len[2] == 2 && digits_gap(in, d, 0) != 0 && digits_gap(in, d, 1) != 0) {
		c = year_of_two(digits_value(in, d, 2));
		end = d->at[2] + d->len[2];
	} else if (text_at(in, end) == gap && text_at(in, end + 1) == '\'' && digits_at(in, end + 2, 2, &c)) {
		c = year_of_two(c);
		end += 4;
	} else {
		return false;
	}
	if (!day_exists(c, b, a) || number_goes_on(in, start, end))
		return false;
	return date_set(f, start, end, c, b, a);
}

/* "3 mei", "3 mei 2019", "3e mei '19", "03-mei-2019", "3 jan. 2019", "3mei2019". */
static bool
date_day_month(const struct text_in *in, const struct digits *d, bool *whole, struct find *f)
{
	size_t at = d->run_end, from, end;
	unsigned day, month, year = 0;
	uint8_t gap = 0;

	if (d->groups == 0 || d->len[0] > 2)
		return false;
	day = digits_value(in, d, 0);
	if (day < 1 || day > 31)
		return false;
	/* 1e, 1ste, 2de */
	if ((text_at(in, at) | 0x20) == 'e' && !(class_at(in, at + 1) & IS_ALNUM))
		at++;
	else if (((text_at(in, at) | 0x20) == 's' && (text_at(in, at + 1) | 0x20) == 't' &&
		     (text_at(in, at + 2) | 0x20) == 'e' && !(class_at(in, at + 3) & IS_ALNUM)))
		at += 3;
	else if ((text_at(in, at) | 0x20) == 'd' && (text_at(in, at + 1) | 0x20) == 'e' &&
		 !(class_at(in, at + 2) & IS_ALNUM))
		at += 2;
	for (size_t i = 0; i < 2 && (text_at(in, at) == ' ' || is_gap(text_at(in, at))); i++)
		gap = in->s[at++];
	from = at;
	while (at - from <= MONTH_NAME_MAX && class_at(in, at) & IS_LETTER)
		at++;
	month = month_named(in->s + from, at - from);
	if (month == 0 || (word_at(in, at) && !(class_at(in, at) & IS_DIGIT)) || !day_exists(0, month, day))
		return false;
	end = at;
	/* the year, if it stands there */
	if (text_at(in, at) == '.')
		at++;
	for (size_t i = 0;
	     i < 2 && (text_at(in, at) == ' ' || text_at(in, at) == ',' || is_gap(text_at(in, at))); i++)
		at++;
	if (digits_at(in, at, 4, &year) && year_plausible(year)) {
		end = at + 4;
		*whole = true;
	} else if (text_at(in, at) == '\'' && digits_at(in, at + 1, 2, &year)) {
		year = year_of_two(year);
		end = at + 3;
	} else if ((gap == '-' || gap == '/') && text_before(in, at, 1) == gap &&
		   digits_at(in, at, 2, &year)) {
		year = year_of_two(year);
		end = at + 2;
	} else {
		year = 0;
	}
	return date_set(f, d->at[0], end, year, month, day);
}

/* A year whose month stands before it ("mei 2019", "sept. '19"), or an apostrophe year behind a word ("in
 * '98"). */
static bool
date_year(const struct text_in *in, const struct digits *d, struct find *f)
{
	static const char *const words[] = {
	    "in", "van", "sinds", "uit", "eind", "begin", "medio", "sedert", "vanaf", "tot", "anno"};
	size_t start, from, to;
	unsigned year, month;
	bool apostrophe;

	if (d->groups == 0 || (d->len[0] != 4 && d->len[0] != 2))
		return false;
	start = d->at[0];
	apostrophe = start > in->floor && text_before(in, start, 1) == '\'';
	year = digits_value(in, d, 0);
	if (d->len[0] == 2) {
		if (!apostrophe || word_at(in, d->run_end))
			return false;
		year = year_of_two(year);
		start--;
	} else if (year < 1900 || year > 2099) {
		return false;
	}
	to = start;
	for (size_t i = 0; i < 2 && to > in->floor && (in->s[to - 1] == ' ' || is_gap(in->s[to - 1])); i++)
		to--;
	from = to;
	while (from > in->floor && to - from <= MONTH_NAME_MAX && class_before(in, from, 1) & IS_LETTER)
		from--;
	month = month_named(in->s + from, to - from);
	if (month != 0 && !word_before(in, from))
		return date_set(f, from, d->run_end, year, month, 0);
	if (d->len[0] == 4 || to == start || text_at(in, d->run_end) == '\'')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = 0;

		while (from + n < to && (in->s[from + n] | 0x20) == (uint8_t)words[i][n])
			n++;
		if (from + n == to && n > 0 && words[i][n] == '\0')
			return date_set(f, start, d->run_end, year, 0, 0);
	}
	return false;
}

bool
date_find(const struct text_in *in, const struct digits *d, bool *whole, struct find *f)
{
	*whole = false;
	if (d->groups == 0)
		return false;
	return date_figures(in, d, whole, f) || date_run(in, d, f) || date_run_near(in, d, f) ||
	       date_day_month(in, d, whole, f) || date_year(in, d, f);
}
