/* Dutch postcodes: four digits, two capitals; told apart from doses and from years before an abbreviation. */
#include "detect.h"

#include <string.h>

static const char *const keywords[] = {"postcode", NULL};

static bool
listed(const char *pairs, uint8_t a, uint8_t b)
{
	for (; *pairs != '\0'; pairs += 3)
		if ((uint8_t)pairs[0] == a && (uint8_t)pairs[1] == b)
			return true;
	return false;
}

/* A capitalised word that could be a place stands behind it: "1500 MG Amsterdam". */
static bool
place_follows(const struct text_in *in, size_t at)
{
	size_t gap = 0;

	while (gap < 3 && (text_at(in, at + gap) == ' ' || text_at(in, at + gap) == ','))
		gap++;
	if (gap == 0)
		return false;
	at += gap;
	if (text_at(in, at) == '\'') /* 's-Gravenhage, 't Harde */
		return class_at(in, at + 1) & IS_LOWER && !(class_at(in, at + 2) & IS_ALNUM);
	/* In capitals any word looks like one. */
	return class_at(in, at) & IS_UPPER && class_at(in, at + 1) & IS_LOWER &&
	       class_at(in, at + 2) & IS_LETTER;
}

/* A place of the list stands behind the token in which the two letters are. */
static bool
place_behind(const struct number *n, size_t end)
{
	const struct token *t = n->token;
	size_t start, to;
	uint8_t mark;

	while (t->len > 0 && token_end(t) < end)
		t++;
	return t->len > 0 && token_end(t) == end && t[1].len > 0 && t[1].start <= end + 2 &&
	       place_at(n->w, t + 1, &start, &to, &mark);
}

bool
postcode_find(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	const struct digits *d = &n->d;
	/* units of doses, and what clinicians write behind a year ("2019 CT thorax") */
	static const char units[] = "MG ML KG MM CM KJ IE IU MC UG GR HZ PX CC ";
	static const char behind_year[] = "CT MR OK PA IC EH HB DM RX EC LO XT OP EN IN IS TE OM DE AF MI ";
	size_t at = d->run_end, gap = 0;
	unsigned number;
	uint8_t a, b;

	if (d->groups == 0 || d->len[0] != 4 || d->digit[0] == 0 || word_before(in, d->at[0]))
		return false;
	while (gap < 2 && text_at(in, at + gap) == ' ')
		gap++;
	at += gap;
	a = text_at(in, at);
	b = text_at(in, at + 1);
	if (!(detect_class[a] & detect_class[b] & IS_UPPER)) {
		if (!(detect_class[a] & IS_LETTER) || !(detect_class[b] & IS_LETTER) ||
		    (!text_keyword_before(in, d->at[0], 16, keywords) &&
			(listed(units, a & 0xdf, b & 0xdf) || !place_behind(n, at + 2))))
			return false;
		a &= 0xdf;
		b &= 0xdf;
	}
	if (word_at(in, at + 2) || listed("SA SD SS ", a, b))
		return false;
	number = digits_value(in, d, 0);
	if ((listed(units, a, b) ||
		(gap > 0 && number >= 1900 && number < 2100 && listed(behind_year, a, b))) &&
	    !place_follows(in, at + 2) && !text_keyword_before(in, d->at[0], 16, keywords))
		return false;
	*f = (struct find){
	    .start = d->at[0], .end = at + 2, .type = SPAN_POSTCODE, .score = 85, .rule = "postcode/form"};
	f->value = (uint64_t)number << 16 | (uint64_t)a << 8 | b;
	return true;
}
