/* Dates with a word in them: "3 mei 2019", "mei '19", "voorjaar 2019", "geboren in 1956", "May 3, 2019". */
#include "detect.h"

#include <string.h>

/* One gap between the parts of a written date: spaces, and one of - / . around them. */
static size_t
skip_gap(const struct text_in *in, size_t at, uint8_t *gap)
{
	for (size_t i = 0; i < 2; i++, at++) {
		uint8_t c = text_at(in, at);

		if (c != ' ' && c != '-' && c != '/' && c != '.' && (c != '\n' || i > 0))
			break;
		*gap = c;
	}
	return at;
}

/* The letters at an index, as a word of these classes; their length, or 0. */
static size_t
word_of(const struct text_in *in, size_t at, uint64_t classes, unsigned *value)
{
	size_t end = at;

	while (end - at < 20 && class_at(in, end) & IS_LETTER)
		end++;
	if (end - at < 3 || (word_at(in, end) && !(class_at(in, end) & IS_DIGIT)) ||
	    !(word_classes(in->s + at, end - at, token_hash(in->s + at, end - at), value) & classes))
		return 0;
	return end - at;
}

/* "12-IV-2019", "2 VIII 1940": capitals, with a dash or a space and a year behind. */
static size_t
roman_month(const struct text_in *in, size_t at, uint8_t gap, unsigned *month)
{
	static const char *const romans[] = {
	    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};
	size_t n = 0;
	unsigned year;

	while (n < 5 && class_at(in, at + n) & IS_UPPER)
		n++;
	if (n == 0 || text_at(in, at + n) != gap ||
	    !((digits_at(in, at + n + 1, 4, &year) && year_plausible(year)) ||
		(gap == '-' && digits_at(in, at + n + 1, 2, &year))))
		return 0;
	for (unsigned i = 0; i < 12; i++)
		if (word_same(in->s + at, n, romans[i], strlen(romans[i]))) {
			*month = i + 1;
			return n;
		}
	return 0;
}

/* 1e, 1ste, 2de, and 1st, 2nd, 3rd, 4th. */
static size_t
ordinal(const struct text_in *in, size_t at)
{
	static const char *const ends[] = {"e", "ste", "de", "den", "sten", "st", "nd", "rd", "th"};

	if (!(class_at(in, at) & IS_LETTER))
		return at;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = 0;

		while (ends[i][n] != '\0' && (text_at(in, at + n) | 0x20) == (uint8_t)ends[i][n])
			n++;
		if (ends[i][n] == '\0' && !word_at(in, at + n))
			return at + n;
	}
	return at;
}

/* The year behind a month that ends at `at`: its place, and its value; false where there is none. */
static bool
year_behind(
    const struct text_in *in, size_t at, uint8_t gap, struct place *place, unsigned *year, bool *whole)
{
	if (text_at(in, at) == '.')
		at++;
	for (size_t i = 0; i < 2; i++, at++) {
		uint8_t c = text_at(in, at);

		if (c != ' ' && c != ',' && c != '-' && c != '/' && c != '.' && (c != '\n' || i > 0))
			break;
	}
	if (digits_at(in, at, 4, year) && year_plausible(*year)) {
		*place = (struct place){at, 4};
		*whole = true;
		return true;
	}
	if (text_at(in, at) == '\'' && digits_at(in, at + 1, 2, year)) {
		*place = (struct place){at + 1, 2};
	} else if ((gap == '-' || gap == '/') && text_before(in, at, 1) == gap &&
		   digits_at(in, at, 2, year)) {
		*place = (struct place){at, 2};
	} else {
		return false;
	}
	*year = year_of_two(*year);
	return true;
}

/* "3 mei", "3 mei 2019", "3e mei '19", "03-mei-2019", "3 jan. 2019", "3mei2019", from the day's digits on. */
static bool
day_month(const struct text_in *in, size_t start, size_t digits, bool english, bool *whole, struct find *f)
{
	struct place year_at = {0, 0}, month_at;
	unsigned day = 0, month = 0, year = 0;
	size_t at = start + digits, end, n;
	uint8_t gap = 0;

	if (digits > 2)
		return false;
	for (size_t i = 0; i < digits; i++)
		day = day * 10 + (in->s[start + i] - '0');
	at = skip_gap(in, ordinal(in, at), &gap);
	if (english && (text_at(in, at) | 0x20) == 'o' && (text_at(in, at + 1) | 0x20) == 'f' &&
	    text_at(in, at + 2) == ' ')
		at += 3;
	n = word_of(in, at, W_MONTH, &month);
	if (n == 0 && (gap == '-' || gap == '.' || text_before(in, at, 1) == ' '))
		n = roman_month(in, at, gap == '-' || gap == '.' ? gap : ' ', &month);
	/* "5. jan@voorbeeld.nl" */
	if (n == 0 || !day_exists(0, month, day) || text_at(in, at + n) == '@')
		return false;
	month_at = (struct place){at, n};
	end = at + n;
	if (year_behind(in, end, gap, &year_at, &year, whole))
		end = year_at.at + year_at.len;
	else
		year = 0;
	date_set(f, start, end, year, month, day);
	f->rule = "date/month";
	date_places(f, year_at, month_at, (struct place){start, digits});
	return true;
}

/* Only a dash, a slash or an ampersand between two numbers, with spaces. */
static bool
range_gap(const struct text_in *in, size_t from, size_t to)
{
	size_t signs = 0;

	for (size_t i = from; i < to; i++) {
		signs += in->s[i] == '-' || in->s[i] == '/' || in->s[i] == '&';
		if (in->s[i] != ' ' && in->s[i] != '-' && in->s[i] != '/' && in->s[i] != '&')
			return false;
	}
	return signs == 1 && to - from <= 3;
}

/* "3-5 mei", "3 en 4 mei", "3 t/m 5 mei 2019": from the first day on. Two days, so no one date. */
static bool
days_month(const struct number *n, bool english, bool *whole, struct find *f)
{
	static const char *const joints[] = {"en", "of", "tot", "tm", "and", "to", NULL};
	const struct token *t = n->token + 1;
	size_t start = n->token->start;
	bool joint = false;

	if (n->d.len[0] > 2 || n->token->len != n->d.len[0])
		return false;
	for (const char *const *word = joints; *word != NULL && (t->len == 2 || t->len == 3); word++)
		joint = joint || token_is(n->w, t, *word);
	if (joint)
		t++;
	else if (token_is(n->w, t, "t") && token_is(n->w, t + 1, "m"))
		t += 2;
	else if (t->len == 0 || !range_gap(n->in, token_end(n->token), t->start))
		return false;
	if (t->shape != TOKEN_DIGIT || t->start - start > 12 ||
	    !day_month(n->in, t->start, t->len, english, whole, f))
		return false;
	f->start = start;
	f->value ^= digits_number(&n->d, n->d.len[0]) << 40;
	f->date = (struct span_date){0};
	return true;
}

/* A year and what stands before it: a month, a season, a word. */
static bool
year_find(const struct number *n, bool english, struct find *f)
{
	static const char *const words[] = {
	    "in", "van", "sinds", "uit", "eind", "begin", "medio", "sedert", "vanaf", "tot", "anno", NULL};
	const struct text_in *in = n->in;
	const struct digits *d = &n->d;
	const struct token *t = n->token - 1;
	size_t start = d->at[0], end = d->run_end, gap;
	unsigned year = digits_value(in, d, 0), value = 0;
	bool apostrophe = start > in->floor && text_before(in, start, 1) == '\'';
	uint64_t classes;

	if ((d->len[0] != 4 && d->len[0] != 2) || n->token->start != start || word_at(in, end))
		return false;
	if (d->len[0] == 2) {
		if (!apostrophe)
			return false;
		year = year_of_two(year);
		start--;
	} else if (year < 1900 || year > 2099) {
		return false;
	}
	if (t->len == 0 || t->start < in->floor)
		return false;
	gap = start - token_end(t);
	classes = word_classes(in->s + t->start, t->len, t->hash, &value);
	if (gap == 1 && (token_is(n->w, t, "van") || (english && token_is(n->w, t, "of"))) && t[-1].len > 0 &&
	    t->start - token_end(t - 1) == 1) {
		uint64_t before = word_classes(in->s + t[-1].start, t[-1].len, t[-1].hash, &value);

		if (before & (W_SEASON | W_MONTH)) {
			t--;
			classes = before;
		}
	}
	if (gap <= 2 && classes & W_MONTH) {
		date_set(f, t->start, end, year, value, 0);
		f->rule = "date/month-year";
		date_places(f, (struct place){d->at[0], d->len[0]}, (struct place){t->start, t->len},
		    (struct place){0, 0});
		return true;
	}
	if (gap <= 2 && classes & W_SEASON && t->start >= in->floor && (english || !(classes & W_ENGLISH))) {
		/* winter 2019/2020, 2019-'20 */
		if (d->groups > 1 && (digits_gap(in, d, 0) == '/' || digits_gap(in, d, 0) == '-') &&
		    (d->len[1] == 2 || d->len[1] == 4))
			end = d->at[1] + d->len[1];
		date_set(f, t->start, end, year, 0, 0);
		f->value += (uint64_t)value << 32;
		f->rule = "date/season";
		return true;
	}
	if (d->len[0] == 4 && d->groups == 1 && n->context & W_BIRTH &&
	    (classes & W_BIRTH || (token_is(n->w, t, "in") && token_classes(n->w, t - 1) & W_BIRTH))) {
		date_set(f, start, end, year, 0, 0);
		f->rule = "date/birth-year";
		return true;
	}
	if (d->len[0] == 4 || gap == 0 || text_at(in, end) == '\'')
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(n->w, t, *word)) {
			date_set(f, start, end, year, 0, 0);
			f->rule = "date/year-word";
			return true;
		}
	return false;
}

/* "May 3, 2019", "March 3rd": the month before the day. */
static bool
month_day(const struct number *n, bool *whole, struct find *f)
{
	const struct token *t = n->token - 1;
	struct place year_at = {0, 0};
	unsigned month = 0, day, year = 0;
	size_t end;

	if (n->d.len[0] > 2 || text_before(n->in, n->d.at[0], 1) == '(' || n->token->start != n->d.at[0] ||
	    t->len < 3 || t->start < n->in->floor || n->d.at[0] - token_end(t) > 2 ||
	    text_at(n->in, token_end(t)) == ',' ||
	    !(word_classes(n->in->s + t->start, t->len, t->hash, &month) & W_MONTH) ||
	    !(t->shape & TOKEN_TITLE))
		return false;
	day = digits_value(n->in, &n->d, 0);
	end = ordinal(n->in, n->d.run_end);
	if (!day_exists(0, month, day) || word_at(n->in, end))
		return false;
	if (year_behind(n->in, end, 0, &year_at, &year, whole))
		end = year_at.at + year_at.len;
	else
		year = 0;
	date_set(f, t->start, end, year, month, day);
	f->rule = "date/english";
	date_places(f, year_at, (struct place){t->start, t->len}, (struct place){n->d.at[0], n->d.len[0]});
	return true;
}

/* A month's name, or a second day and one, may stand behind these figures: what most numbers fail. */
static bool
month_may_follow(const struct number *n, bool english)
{
	const struct token *t = n->token, *behind = t + 1;

	if (n->d.len[0] > 2)
		return false;
	/* "3mei", "3e mei", and what stands by itself but as no token of figures */
	if (t->shape != TOKEN_DIGIT || t->len != n->d.len[0])
		return true;
	if (behind->classes & W_MONTH || behind->len == 1 || (english && behind->len == 2) ||
	    (behind->len > 0 && behind[1].shape & TOKEN_DIGIT))
		return true;
	/* In small letters it would be known; capitals may be a Roman number, figures with letters another token. */
	return behind->shape != TOKEN_LOWER && behind->shape != TOKEN_DIGIT &&
	       (behind->shape & (TOKEN_DIGIT | TOKEN_WIDE) || (behind->first & 0xff) == 'i' ||
		   (behind->first & 0xff) == 'v' || (behind->first & 0xff) == 'x');
}

bool
date_words_find(const struct number *n, bool english, bool *whole, struct find *f)
{
	return (month_may_follow(n, english) &&
		   (day_month(n->in, n->d.at[0], n->d.len[0], english, whole, f) ||
		       days_month(n, english, whole, f))) ||
	       (english && month_day(n, whole, f)) || year_find(n, english, f);
}
