/* Dates in figures, in either order; ISO timestamps; runs such as yyyymmdd. */
#include "name.h"

#define RUN_YEAR_LEAST 1900 /* of "03121967" alone */
#define RUN_YEAR_MOST 2039
#define PIVOT 30 /* '29 is 2029, '30 is 1930: only for telling values apart */

bool
day_exists(unsigned year, unsigned month, unsigned day)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
	       (month != 2 || day < 29 || leap);
}

bool
year_plausible(unsigned year)
{
	return year >= YEAR_LEAST && year <= YEAR_MOST;
}

unsigned
year_of_two(unsigned two)
{
	return two < PIVOT ? 2000 + two : 1900 + two;
}

bool
date_set(struct find *f, size_t start, size_t end, unsigned year, unsigned month, unsigned day)
{
	*f = (struct find){.start = start, .end = end, .type = SPAN_DATE};
	f->score = year != 0 && month != 0 && day != 0 ? 95 : 85;
	f->rule = "date/form";
	f->date = (struct span_date){.year = (uint16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
	f->value = (uint64_t)year * 10000 + month * 100 + day;
	return true;
}

static struct span_part
part_of(const struct find *f, struct place p)
{
	size_t at = p.at - f->start;

	if (p.len == 0 || p.at < f->start || at + p.len > UINT8_MAX)
		return (struct span_part){0, 0};
	return (struct span_part){(uint8_t)at, (uint8_t)p.len};
}

void
date_places(struct find *f, struct place year, struct place month, struct place day)
{
	f->date.year_at = part_of(f, year);
	f->date.month_at = part_of(f, month);
	f->date.day_at = part_of(f, day);
}

/* The groups in which they stand; -1: nowhere. */
void
date_groups(struct find *f, const struct digits *d, int year, int month, int day)
{
	struct place nowhere = {0, 0};

	date_places(f, year < 0 ? nowhere : (struct place){d->at[year], d->len[year]},
	    month < 0 ? nowhere : (struct place){d->at[month], d->len[month]},
	    day < 0 ? nowhere : (struct place){d->at[day], d->len[day]});
}

bool
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

bool
date_gap(uint8_t c)
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
	date_set(f, start, end, year, month, day);
	date_places(f, (struct place){start, 4}, (struct place){start + 4, 2}, (struct place){start + 6, 2});
	return true;
}

/* ddmmyyyy and ddmmyy in one run. Of numbers of eight digits one in two thousand looks so; six want a word for a date before them. */
static bool
date_run_near(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	const struct digits *d = &n->d;
	static const char *const words[] = {"geb", "datum", "dd.", "d.d.", "dob", NULL};
	size_t start = d->at[0];
	unsigned value, day, month, year;

	if (d->len[0] != 8 && d->len[0] != 6)
		return false;
	value = digits_value(in, d, 0);
	year = d->len[0] == 8 ? value % 10000 : year_of_two(value % 100);
	value /= d->len[0] == 8 ? 10000 : 100;
	day = value / 100;
	month = value % 100;
	if (!year_plausible(year) || !day_exists(year, month, day))
		return false;
	if (!text_keyword_before(in, d->at[0], 20, words) &&
	    !(d->len[0] == 6 && n->token->len == 6 && date_of_paper(n, n->token - 1)) &&
	    (d->len[0] != 8 || n->token[-1].classes & W_NUMBER || year < RUN_YEAR_LEAST ||
		year > RUN_YEAR_MOST || word_at(in, d->run_end) || word_before(in, start) ||
		date_gap(text_before(in, start, 1)) ||
		(date_gap(text_at(in, d->run_end)) && class_at(in, d->run_end + 1) & IS_ALNUM)))
		return false;
	date_set(f, start, d->run_end, year, month, day);
	date_places(f, (struct place){start + 4, d->len[0] - 4}, (struct place){start + 2, 2},
	    (struct place){start, 2});
	return true;
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
		if (gap != 0 || !date_gap(in->s[i]))
			return 0;
		gap = in->s[i];
	}
	return gap;
}

/* A date in figures of which this is the middle of something longer: 1.2.12.3, 10-1-10-2. */
bool
date_goes_on(const struct text_in *in, size_t start, size_t end)
{
	return (date_gap(text_at(in, end)) && class_at(in, end + 1) & IS_DIGIT) ||
	       (date_gap(text_before(in, start, 1)) && class_before(in, start, 2) & IS_DIGIT) ||
	       word_before(in, start);
}

/* "geb 14 06 1952": spaces between, behind a word for a date. */
static bool
date_spaced(const struct number *n, bool *whole, struct find *f)
{
	const struct digits *d = &n->d;
	unsigned day, month, year;

	if (d->groups < 3 || d->len[0] > 2 || d->len[1] > 2 || d->len[2] != 4 ||
	    digits_gap(n->in, d, 0) != ' ' || digits_gap(n->in, d, 1) != ' ' || n->token->len != d->len[0] ||
	    !((n->token[-1].classes | n->token[-2].classes) & (W_BIRTH | W_DATEWORD)))
		return false;
	day = digits_value(n->in, d, 0);
	month = digits_value(n->in, d, 1);
	year = digits_value(n->in, d, 2);
	if (year < RUN_YEAR_LEAST || year > RUN_YEAR_MOST || !day_exists(year, month, day) ||
	    word_at(n->in, d->at[2] + d->len[2]))
		return false;
	*whole = true;
	date_set(f, d->at[0], d->at[2] + d->len[2], year, month, day);
	date_groups(f, d, 2, 1, 0);
	return true;
}

/* Behind these three numbers are no date: "Apgar 8/9/10". */
bool
date_scores_before(const struct number *n)
{
	static const char *const words[] = {
	    "apgar", "apgars", "apgarscore", "as", "emv", "gcs", "score", "scores", "visus", NULL};
	const struct token *t = n->token - 1;

	for (int back = 0; back < 2; back++, t--)
		for (const char *const *word = words; t->len > 0 && *word != NULL; word++)
			if (token_is(n->w, t, *word) && (back == 0 || text_at(n->in, token_end(t)) != '.'))
				return true;
	return false;
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
			date_set(f, start, time_end(in, d->at[2] + d->len[2]), a, b, c);
			date_groups(f, d, 0, 1, 2);
			return true;
		}
		if (second != 0 || gap == '.' || digits_gap(in, d, 0) == 0 || d->len[1] != 2 || a < 1900 ||
		    a > 2099 || b < 1 || b > 12 || date_goes_on(in, start, end))
			return false;
		return date_set(f, start, end, a, b, 0);
	}
	if (d->len[1] == 4) {
		if (gap == '.' || digits_gap(in, d, 0) == 0 || a < 1 || a > 12 || b < 1900 || b > 2099 ||
		    date_goes_on(in, start, end))
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
		if (day_exists(c, b, a)) {
			date_set(f, start, end, c, b, a);
			date_groups(f, d, 2, 1, 0);
		} else {
			date_set(f, start, end, c, a, b);
			date_groups(f, d, 2, 0, 1);
		}
		return true;
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
	if (!day_exists(c, b, a) || date_goes_on(in, start, end))
		return false;
	date_set(f, start, end, c, b, a);
	date_places(f, (struct place){end - 2, 2}, (struct place){d->at[1], d->len[1]},
	    (struct place){start, d->len[0]});
	return true;
}

/* "Geboren: 93-08-04": the year first. */
static bool
date_year_first(const struct number *n, bool *whole, struct find *f)
{
	const struct digits *d = &n->d;
	unsigned year, month, day;

	if (d->groups != 3 || d->len[0] != 2 || d->len[1] != 2 || d->len[2] != 2 ||
	    digits_gap(n->in, d, 0) != '-' || digits_gap(n->in, d, 1) != '-' ||
	    !(n->token[-1].classes & (W_BIRTH | W_DATEWORD)))
		return false;
	year = digits_value(n->in, d, 0);
	month = digits_value(n->in, d, 1);
	day = digits_value(n->in, d, 2);
	if (year <= 31 || !day_exists(year_of_two(year), month, day) ||
	    date_goes_on(n->in, d->at[0], d->at[2] + 2))
		return false;
	*whole = true;
	date_set(f, d->at[0], d->at[2] + 2, year_of_two(year), month, day);
	date_groups(f, d, 0, 1, 2);
	return true;
}

/* "maandag 3 mei", "ma. 3-5-2019": the day of the week goes with the date. */
static void
take_weekday(const struct number *n, struct find *f)
{
	const struct token *t = n->token;
	size_t more, end;

	while (t->start > f->start && t->len > 0)
		t--;
	t--;
	if (t->len < 2 || t->start < n->in->floor || !(token_classes(n->w, t) & W_WEEKDAY))
		return;
	end = token_end(t);
	if (text_at(n->in, end) == '.' || text_at(n->in, end) == ',')
		end++;
	if (text_at(n->in, end) != ' ' || end + 1 != f->start || f->start - t->start > UINT8_MAX / 2)
		return;
	more = f->start - t->start;
	if (f->date.year_at.len > 0)
		f->date.year_at.at = (uint8_t)(f->date.year_at.at + more);
	if (f->date.month_at.len > 0)
		f->date.month_at.at = (uint8_t)(f->date.month_at.at + more);
	if (f->date.day_at.len > 0)
		f->date.day_at.at = (uint8_t)(f->date.day_at.at + more);
	f->date.weekday_at = (struct span_part){0, (uint8_t)t->len};
	f->start = t->start;
}

bool
date_find(const struct number *n, bool english, bool *whole, struct find *f)
{
	const struct text_in *in = n->in;
	const struct digits *d = &n->d;

	*whole = false;
	if (d->groups > 2 && d->len[2] <= 2 && date_scores_before(n))
		return false;
	if (!date_figures(in, d, whole, f) && !date_year_first(n, whole, f) && !date_spaced(n, whole, f) &&
	    !date_run(in, d, f) && !date_run_near(n, f) && !date_words_find(n, english, whole, f) &&
	    !date_no_year(n, f))
		return false;
	take_weekday(n, f);
	return true;
}
