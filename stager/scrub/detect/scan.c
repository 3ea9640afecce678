/*
 * What is read in one row, so that no number is part of two finds: numbers and dates, e-mail addresses, and the
 * policy's own patterns.
 */
#include "detect.h"

#include "stager/pattern.h"

/* The longest of the policy's own patterns that matches a whole token or more here. */
static bool
extra_find(const struct work *w, size_t at, struct find *f)
{
	const struct text_rules *rules = w->with->rules;
	const struct text_in *in = &w->in;
	bool have = false;

	if (word_before(in, at) || in->s[at] <= ' ')
		return false;
	for (size_t i = 0; i < rules->extra_count; i++) {
		long n = pattern_prefix(rules->extra[i].pattern, (const char *)in->s + at, in->len - at);

		if (n <= 0 || (word_at(in, at + (size_t)n) && word_before(in, at + (size_t)n)) ||
		    (have && (size_t)n <= f->end - f->start))
			continue;
		*f = (struct find){.start = at,
		    .end = at + (size_t)n,
		    .type = SPAN_EXTRA,
		    .extra = i,
		    .score = 100,
		    .rule = "extra/pattern"};
		f->value = text_value(in->s + at, (size_t)n, "");
		have = true;
	}
	return have;
}

/* The first token that ends behind `at`; moves on with w->scan_token. */
static const struct token *
token_for(struct work *w, size_t at)
{
	while (w->scan_token < w->token_count && token_end(&w->tokens[w->scan_token]) <= at)
		w->scan_token++;
	return &w->tokens[w->scan_token];
}

/* The first token with a digit that ends behind `at`; NULL where there is none. */
static const struct token *
digit_for(struct work *w, size_t at)
{
	while (w->scan_digit < w->digit_count && token_end(&w->tokens[w->digits[w->scan_digit]]) <= at)
		w->scan_digit++;
	return w->scan_digit < w->digit_count ? &w->tokens[w->digits[w->scan_digit]] : NULL;
}

/* Numbers that begin inside a find of the policy's own and reach past it. */
static void
extra_widen(struct work *w, struct find *f)
{
	struct find inner;
	size_t at = f->start, next;

	while (at < f->end) {
		const struct token *t = token_for(w, at);

		if (!(class_at(&w->in, at) & IS_DIGIT)) {
			at++;
			continue;
		}
		if (number_find(w, t, at, &inner, &next) && inner.end > f->end)
			f->end = inner.end;
		at = next;
	}
}

/* The next find that starts before `limit`, from w->scanned on, which is moved; false where there is none. */
static bool
next_find(struct work *w, size_t limit, struct find *f)
{
	const uint8_t *s = w->in.s;
	bool extras = w->with->rules->extra_count > 0;

	while (w->scanned < limit) {
		const struct token *t = extras ? token_for(w, w->scanned) : digit_for(w, w->scanned);
		size_t at = w->scanned, end, next;

		if (t == NULL) {
			w->scanned = limit;
			break;
		}
		end = t->len > 0 ? token_end(t) : limit;
		if (extras) {
			for (; at < end && at < limit && !(at > t->start && detect_class[s[at]] & IS_DIGIT);
			     at++) {
				if (extra_find(w, at, f)) {
					w->scanned = at;
					extra_widen(w, f);
					return true;
				}
				if (at >= t->start && t->len > 0 && detect_class[s[at]] & IS_DIGIT)
					break;
			}
		}
		if (t->len == 0 || !(t->shape & TOKEN_DIGIT)) {
			w->scanned = end;
			continue;
		}
		if (at < t->start)
			at = t->start;
		while (at < end && !(detect_class[s[at]] & IS_DIGIT))
			at++;
		if (at >= limit || at == end) {
			w->scanned = at;
			continue;
		}
		if (number_find(w, t, at, f, &next))
			return true;
		w->scanned = next;
	}
	return false;
}

void
scan_start(struct work *w)
{
	w->have_address = email_next(&w->in, 0, &w->address);
}

/* Addresses are looked for ahead: a number that begins in one belongs to it. */
int
scan_find(struct work *w, struct err *e)
{
	struct find f;

	w->scan_token = w->scan_digit = 0;
	while (w->scanned < w->end) {
		bool reach = w->have_address && w->address.start < w->end;

		if (next_find(w, reach ? w->address.start : w->end, &f)) {
			/* Where the two overlap all of both goes, under the name of the longer. */
			if (w->have_address && f.end > w->address.start) {
				if (w->address.end - w->address.start > f.end - f.start) {
					w->address.start = f.start;
					if (w->address.end < f.end)
						w->address.end = f.end;
					f = w->address;
				} else if (w->address.end > f.end) {
					f.end = w->address.end;
				}
				w->have_address = email_next(&w->in, f.end, &w->address);
			}
		} else if (reach) {
			f = w->address;
			w->have_address = email_next(&w->in, f.end, &w->address);
		} else {
			break;
		}
		if (find_add(w, &f, e) == -1)
			return -1;
		w->in.floor = w->scanned = f.end;
	}
	return 0;
}
