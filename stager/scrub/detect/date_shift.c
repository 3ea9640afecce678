/* A date that was found, written again as another day in the same form. */
#include "detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long and short, Dutch and English. */
static const char *const months[4][12] = {
    {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
	"november", "december"},
    {"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
    {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
	"november", "december"},
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
};

/* Days since 1 March of the year 0 (Gregorian), and back. */
static long
day_number(long year, long month, long day)
{
	year -= month <= 2;
	month += month <= 2 ? 9 : -3;
	return year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
}

static void
day_of(long number, long *year, long *month, long *day)
{
	long y = (10000 * number + 14780) / 3652425;
	long rest = number - (365 * y + y / 4 - y / 100 + y / 400), m;

	if (rest < 0) {
		y--;
		rest = number - (365 * y + y / 4 - y / 100 + y / 400);
	}
	m = (100 * rest + 52) / 3060;
	*day = rest - (m * 306 + 5) / 10 + 1;
	*year = y + (m + 2) / 12;
	*month = (m + 2) % 12 + 1;
}

/* The new month's name as the old one was written: which language, long or short, which case. */
static int
put_month(struct buf *out, const uint8_t *old, size_t len, long month, struct err *e)
{
	bool english = false, title = detect_class[old[0]] & IS_UPPER,
	     caps = title && detect_class[old[1]] & IS_UPPER;
	bool is_short = len <= 3 || (len == 4 && (old[3] | 0x20) != 'i' && (old[3] | 0x20) != 'y' &&
					(old[3] | 0x20) != 'e');
	unsigned value = 0;
	const char *name;

	english = word_classes(old, len, token_hash(old, len), &value) & W_ENGLISH;
	if (value == 5 && len == 3)
		is_short = false; /* mei is both; long, for "mei 2019" is the usual form */
	name = months[(english ? 2 : 0) + (is_short ? 1 : 0)][month - 1];
	for (size_t i = 0; name[i] != '\0'; i++) {
		bool upper = caps || (title && i == 0);

		if (buf_put_u8(out, (uint8_t)(upper ? name[i] & 0xdf : name[i]), e) == -1)
			return -1;
	}
	return 0;
}

struct piece {
	struct span_part at;
	char what; /* 'y', 'm', 'd' */
};

static int
compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (int)x->at.at - (int)y->at.at;
}

int
span_date_shift(const struct span *s, const char *text, long days, struct buf *out, struct err *e)
{
	uint8_t folded[2 * UINT8_MAX];
	struct piece pieces[3] = {{s->date.year_at, 'y'}, {s->date.month_at, 'm'}, {s->date.day_at, 'd'}};
	size_t len = s->end - s->start, at = 0, before = out->len;
	long year, month, day;
	char number[8];
	bool padded;

	if (s->type != SPAN_DATE || s->date.year == 0 || s->date.month == 0 || s->date.day == 0 ||
	    len > sizeof(folded) || s->date.year_at.len == 0 || s->date.month_at.len == 0 ||
	    s->date.day_at.len == 0 || (s->date.weekday_at.len > 0 && days % 7 != 0))
		return 0;
	if (labs(days) > DATE_SHIFT_MAX)
		return err_set(e, ERR_LIMIT, "text: a date is shifted by more than there are days");
	words_ready();
	len = fold_text((const uint8_t *)text + s->start, len, false, folded);
	day_of(day_number(s->date.year, s->date.month, s->date.day) + days, &year, &month, &day);
	/* Two digits where the old ones began with a zero, or where nothing says that they would not. */
	padded = folded[s->date.day_at.at] == '0' || folded[s->date.month_at.at] == '0' ||
		 (s->date.day_at.len == 2 && s->date.month_at.len == 2);
	qsort(pieces, 3, sizeof(pieces[0]), compare_pieces);
	for (size_t i = 0; i < 3; i++) {
		const struct piece *p = &pieces[i];
		bool name = p->what == 'm' && !(detect_class[folded[p->at.at]] & IS_DIGIT);

		if (p->at.at < at || (size_t)p->at.at + p->at.len > len)
			goto undo;
		if (buf_put(out, folded + at, p->at.at - at, e) == -1)
			return -1;
		at = (size_t)p->at.at + p->at.len;
		if (name) {
			if (put_month(out, folded + p->at.at, p->at.len, month, e) == -1)
				return -1;
			continue;
		}
		if (p->what == 'y')
			snprintf(number, sizeof(number), p->at.len == 2 ? "%02ld" : "%04ld",
			    p->at.len == 2 ? year % 100 : year);
		else
			snprintf(
			    number, sizeof(number), padded ? "%02ld" : "%ld", p->what == 'm' ? month : day);
		if (buf_put_str(out, number, e) == -1)
			return -1;
	}
	return buf_put(out, folded + at, len - at, e) == -1 ? -1 : 1;
undo:
	out->len = before;
	return 0;
}
