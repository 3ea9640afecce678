/* Numbers said less exactly, figure by figure: no binary fraction stands between the value and what leaves of it. */
#include "coarse.h"

#include <string.h>

#include "action.h"

static bool
figure(char c)
{
	return c >= '0' && c <= '9';
}

/* One more figure; false where there are too many. */
static bool
push(struct decimal *d, char c)
{
	if (d->count == 0 && c == '0')
		return true;
	if (d->count == COARSE_FIGURES_MAX)
		return false;
	d->figures[d->count++] = (char)(c - '0');
	return true;
}

const char *
decimal_read(struct decimal *d, char separator, const char *value, size_t len)
{
	size_t at = 0, digits;
	bool fits = true, minus;
	long power = 0;

	*d = (struct decimal){.places = 0};
	if (len == 0 || len > NUMBER_LEN_MAX)
		return "value-type";
	if (value[0] == '-' || value[0] == '+')
		at = 1;
	for (digits = at; at < len && figure(value[at]); at++)
		fits = push(d, value[at]) && fits;
	if (at == digits)
		return "value-type";
	if (at < len && value[at] == separator) {
		for (digits = ++at; at < len && figure(value[at]); at++)
			fits = push(d, value[at]) && fits;
		if ((d->places = at - digits) == 0)
			return "value-type";
	}
	if (at < len && (value[at] | 0x20) == 'e') {
		at++;
		minus = at < len && value[at] == '-';
		at += at < len && (value[at] == '-' || value[at] == '+');
		for (digits = at; at < len && figure(value[at]); at++)
			power = power > 10000 ? power : power * 10 + (value[at] - '0');
		if (at == digits)
			return "value-type";
		power = minus ? -power : power;
	}
	if (at != len)
		return "value-type";
	if (d->count == 0) {
		d->places = 0;
		return NULL;
	}
	/* Places may be more than figures: 0.001 is 1 with three of them. */
	if (power < 0)
		d->places += (size_t)-power;
	for (; power > 0 && fits; power--) {
		if (d->places > 0)
			d->places--;
		else
			fits = push(d, '0');
	}
	d->negative = value[0] == '-';
	return fits && d->places <= COARSE_FIGURES_MAX ? NULL : "value-range";
}

/* The figure of 10^power. */
static int
figure_of(const struct decimal *d, long power)
{
	long at = (long)d->count - 1 - (power + (long)d->places);

	return at >= 0 && at < (long)d->count ? d->figures[at] : 0;
}

int
decimal_compare(const struct decimal *a, const struct decimal *b)
{
	long high = (long)a->count - (long)a->places, other = (long)b->count - (long)b->places;
	long low = -(long)(a->places > b->places ? a->places : b->places);
	bool minus = a->count > 0 && a->negative;

	if (minus != (b->count > 0 && b->negative))
		return minus ? -1 : 1;
	for (long power = high > other ? high : other; power >= low; power--) {
		int x = figure_of(a, power), y = figure_of(b, power);

		if (x != y)
			return (x < y) != minus ? -1 : 1;
	}
	return 0;
}

/* The figures as a whole number; they are few enough. */
static uint64_t
whole_of(const struct decimal *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		n = n * 10 + (uint64_t)d->figures[i];
	return n;
}

/* Add to, or take from, a whole number as long as it. */
static void
add(char *figures, size_t count, uint64_t n, bool take)
{
	for (size_t i = count; i-- > 0 && n > 0; n /= 10) {
		int sum = figures[i] + (take ? -(int)(n % 10) : (int)(n % 10));

		if (sum < 0 || sum > 9)
			n += 10; /* what is carried, or borrowed */
		figures[i] = (char)((sum + 10) % 10);
	}
}

/* Of a whole number and a part of one, of which `half` says whether it is 0.5 or more: the nearest multiple of step. */
static void
nearest(struct decimal *d, uint64_t step, bool half)
{
	char figures[COARSE_FIGURES_MAX + 1] = {0}; /* one more for the carry */
	size_t count = d->count + 1;
	uint64_t rest = 0;
	bool up;

	memcpy(figures + 1, d->figures, d->count);
	for (size_t i = 0; i < count; i++)
		rest = (rest * 10 + (uint64_t)figures[i]) % step;
	/* Twice the rest against the step; of odd steps the half lies between two whole numbers. */
	up = 2 * rest >= step || (2 * rest + 1 == step && half);
	add(figures, count, up ? step - rest : rest, !up);
	d->count = 0;
	for (size_t i = 0; i < count; i++)
		(void)push(d, (char)('0' + figures[i]));
}

/* To the multiple; false where it has too many figures. */
static bool
round_to(struct decimal *d, const struct decimal *step)
{
	bool half = false;

	/* As many places as the step has: of those behind them the first is cut off last. */
	for (; d->places > step->places; d->places--) {
		half = d->count > 0 && d->figures[d->count - 1] >= 5;
		d->count -= d->count > 0;
	}
	for (; d->places < step->places; d->places++)
		if (!push(d, '0'))
			return false;
	if (d->count == COARSE_FIGURES_MAX)
		return false;
	nearest(d, whole_of(step), half);
	return true;
}

static size_t
print(const struct decimal *d, char separator, char out[static COARSE_LEN_MAX])
{
	size_t len = 0, high = d->count > d->places ? d->count - d->places : 1;

	if (d->negative && d->count > 0)
		out[len++] = '-';
	for (long power = (long)high - 1; power >= -(long)d->places; power--) {
		if (power == -1)
			out[len++] = separator;
		out[len++] = (char)('0' + figure_of(d, power));
	}
	return len;
}

/* A bound, and how it is written: without zeros in front, which no number in JSON has. */
static bool
bound_init(struct decimal *d, const char *text, char copy[static COARSE_LEN_MAX])
{
	if (strlen(text) > 32 || text[0] == '+' || strpbrk(text, "eE") != NULL ||
	    decimal_read(d, '.', text, strlen(text)) != NULL)
		return false;
	copy[print(d, '.', copy)] = '\0';
	return true;
}

bool
coarse_init(
    struct coarse *c, const char *round, const char *top, const char *bottom, const char *const *range)
{
	char unused[COARSE_LEN_MAX];

	*c = (struct coarse){
	    .has_round = round != NULL,
	    .has_top = top != NULL,
	    .has_bottom = bottom != NULL,
	    .has_range = range != NULL,
	};
	if (round == NULL && top == NULL && bottom == NULL)
		return false;
	if (round != NULL && (!bound_init(&c->round, round, unused) || c->round.negative ||
				 c->round.count == 0 || c->round.count > COARSE_STEP_FIGURES))
		return false;
	if ((top != NULL && !bound_init(&c->top, top, c->top_text)) ||
	    (bottom != NULL && !bound_init(&c->bottom, bottom, c->bottom_text)))
		return false;
	if (range != NULL &&
	    (!bound_init(&c->least, range[0], unused) || !bound_init(&c->most, range[1], unused) ||
		decimal_compare(&c->least, &c->most) > 0))
		return false;
	return top == NULL || bottom == NULL || decimal_compare(&c->bottom, &c->top) < 0;
}

static size_t
put_bound(const char *text, char separator, char out[static COARSE_LEN_MAX])
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(text[i] == '.' ? separator : text[i]);
	return len;
}

const char *
coarse_make(const struct coarse *c, char separator, const char *value, size_t len,
    char out[static COARSE_LEN_MAX], size_t *out_len)
{
	struct decimal d;
	const char *wrong = decimal_read(&d, separator, value, len);

	if (wrong != NULL)
		return wrong;
	if (c->has_range && (decimal_compare(&d, &c->least) < 0 || decimal_compare(&d, &c->most) > 0))
		return "value-range";
	if (c->has_round && !round_to(&d, &c->round))
		return "value-range";
	if (c->has_top && decimal_compare(&d, &c->top) >= 0) {
		*out_len = put_bound(c->top_text, separator, out);
	} else if (c->has_bottom && decimal_compare(&d, &c->bottom) <= 0) {
		*out_len = put_bound(c->bottom_text, separator, out);
	} else if (c->has_round) {
		*out_len = print(&d, separator, out);
	} else {
		memcpy(out, value, len);
		*out_len = len;
	}
	return NULL;
}
