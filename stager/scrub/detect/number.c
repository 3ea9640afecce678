/* A run of digits: what it begins, and which detector's word holds where several speak. */
#include "detect.h"

#include <string.h>

size_t
digits_end(const struct number *n, size_t count, const char *gaps)
{
	const struct digits *d = &n->d;

	if (count == 0 || count > d->count || !d->group_end[count - 1] || word_at(n->in, d->after[count - 1]))
		return 0;
	for (size_t i = 0; i + 1 < d->groups && d->at[i] + d->len[i] < d->after[count - 1]; i++) {
		uint8_t gap = digits_gap(n->in, d, i);

		if (gap == 0 || strchr(gaps, gap) == NULL)
			return 0;
	}
	return d->after[count - 1];
}

uint64_t
digits_number(const struct digits *d, size_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value = value * 10 + d->digit[i];
	return value;
}

/*
 * A telephone number and a whole date both begin here, and the number is longer. "06-12-1983 20:15" is a
 * date, with the time behind it; "06-12-1983-20", all with one byte between, is a number.
 */
static bool
date_before_phone(const struct text_in *in, const struct find *date, size_t from)
{
	uint8_t gap = 0;

	for (size_t i = from; i < date->end && gap == 0; i++)
		if (!(detect_class[in->s[i]] & IS_DIGIT))
			gap = in->s[i];
	return text_at(in, date->end) != gap;
}

/* "16.00-17.10 uur": two times of a day. */
static bool
times_between(const struct text_in *in, const struct digits *d)
{
	if (d->groups < 4 || digits_gap(in, d, 1) != '-')
		return false;
	for (size_t g = 0; g < 4; g += 2) {
		uint8_t gap = digits_gap(in, d, g);

		if (d->len[g] > 2 || d->len[g + 1] != 2 || (gap != '.' && gap != ':') ||
		    digits_value(in, d, g) > 24 || digits_value(in, d, g + 1) > 59)
			return false;
	}
	return true;
}

/* The longer of two; of equals the first. */
static void
keep_longer(struct find *best, bool *have, const struct find *f)
{
	if (!*have || f->end - f->start > best->end - best->start)
		*best = *f;
	*have = true;
}

/*
 * Precedence: an IBAN (its check digits leave little doubt), then what a keyword makes plain, then the longest; of
 * equally long ones a BSN behind its keyword, a telephone number, a date, and so on down.
 */
bool
number_find(const struct work *w, const struct token *t, size_t at, struct find *f, size_t *next)
{
	const struct text_rules *rules = w->with->rules;
	bool have = false, keyword = false, whole = false, strong = false, bsn, phone, date;
	struct find bsn_is, phone_is, date_is, weak_is, other = {.rule = NULL};
	struct number n;

	/* Not all of it is cleared: the digits are many bytes, and this is asked of every number. */
	n.w = w;
	n.in = &w->in;
	n.token = t;
	n.context = 0;
	digits_collect(&w->in, at, &n.d);
	*next = n.d.run_end;
	if (iban_find(&w->in, at, f))
		return true;
	if (n.d.groups == 0)
		return false;
	if (n.d.count >= 3 || t->len > 3)
		n.context = context_before(w, t);
	if (n.context & W_NOID) {
		/* "ISBN 978-90-368-7525-1": nor is any part of it */
		while (text_at(&w->in, *next) == '-' && class_at(&w->in, *next + 1) & IS_DIGIT)
			for (++*next; class_at(&w->in, *next) & IS_DIGIT;)
				++*next;
		return false;
	}
	bsn = bsn_find(&w->in, &n.d, rules->bsn_any, &keyword, &bsn_is);
	bsn = bsn && (keyword || !times_between(&w->in, &n.d));
	phone = phone_find(&n, rules->english, &phone_is);
	/* "Geboren: 93-08-04", "Bel 088-7086100": whatever stands before that */
	if (!(t[-1].classes & W_BIRTH) && !(phone && t[-1].classes & W_PHONE) &&
	    keyword_find(&n, &strong, &other) && strong && !(bsn && keyword) &&
	    !(phone && n.context & W_PHONE && other.type == SPAN_NUMBER)) {
		*f = other;
		return true;
	}
	weak_is = other;
	date = date_find(&n, rules->english, &whole, &date_is);
	/* "BSN: 123456782  Geboortedatum: 19-04-1974": a date that passes the test */
	if (bsn && date && whole && t[-1].classes & W_BIRTH && bsn_is.end == date_is.end)
		bsn = keyword = false;
	/* A day of the week may stand before it; the keyword of a short number may be another's. */
	if (phone && date &&
	    ((whole && phone_is.start == n.d.at[0] && date_before_phone(&w->in, &date_is, n.d.at[0])) ||
		phone_is.score < 80))
		phone = false;
	if (phone && !whole && t[-1].classes & W_PHONE && !(bsn && keyword)) {
		*f = phone_is;
		return true;
	}
	if (bsn && keyword)
		keep_longer(f, &have, &bsn_is);
	if (vat_find(&n, &other) || plate_find(&n, &other) || address_ip_find(&n, &other) ||
	    card_find(&n, &other) || document_find(&n, &other) || register_find(&n, &other))
		keep_longer(f, &have, &other);
	if (phone)
		keep_longer(f, &have, &phone_is);
	if (date && !(have && f->type == SPAN_IP))
		keep_longer(f, &have, &date_is);
	if (bsn && !keyword)
		keep_longer(f, &have, &bsn_is);
	if (postcode_find(&n, &other))
		keep_longer(f, &have, &other);
	if (weak_is.rule != NULL && !strong)
		keep_longer(f, &have, &weak_is);
	return have || coded_find(&n, f) || (rules->bsn_any && long_find(&n, f)) ||
	       odd_find(&n, rules->bsn_any, f);
}
