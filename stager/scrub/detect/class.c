/* What each byte can be part of, and how written numbers are taken apart. */
#include "detect.h"

#include <string.h>

/* Made so: digits 1, lower case 2, upper case 4, local part of an address 8, gap in a number 16. */
/* clang-format off */
const uint8_t detect_class[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	16, 8, 0, 8, 8, 8, 8, 8, 16, 16, 0, 8, 0, 24, 24, 16,
	9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0,
	0, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 0, 0, 0, 8, 8,
	0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10,
	10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0, 0, 0, 8, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
/* clang-format on */

bool
word_at(const struct text_in *in, size_t at)
{
	uint8_t c = text_at(in, at);

	if (c < 0x80)
		return (detect_class[c] & IS_ALNUM) != 0;
	if (c == 0xc3 && (text_at(in, at + 1) == 0x97 || text_at(in, at + 1) == 0xb7))
		return false;
	return c >= 0xc3 && c <= 0xe1;
}

bool
word_before(const struct text_in *in, size_t at)
{
	if (at == 0)
		return false;
	for (size_t back = 0; back < 3 && at > 1 && (in->s[at - 1] & 0xc0) == 0x80; back++)
		at--;
	return word_at(in, at - 1);
}

/* Text that was wrapped breaks numbers at their spaces: one line end is a gap as well. */
static bool
line_end(uint8_t c, size_t *lines)
{
	return c == '\r' || (c == '\n' && (*lines)++ == 0);
}

/* The digits that begin there: of up to seven without a branch for each. */
static inline size_t
run_of_digits(const struct text_in *in, size_t at)
{
	size_t end = at;

	if (in->len - at >= 8) {
		uint64_t far = bytes_load(in->s + at, 8) ^ UINT64_C(0x3030303030303030);

		/* Bit 7 where it is more than nine; a carry only goes to what lies behind such a byte. */
		far = ((far + UINT64_C(0x7676767676767676)) | far) & UINT64_C(0x8080808080808080);
		if (far != 0)
			return (size_t)__builtin_ctzll(far) / 8;
		end += 8;
	}
	while (class_at(in, end) & IS_DIGIT)
		end++;
	return end - at;
}

/* The bytes between two groups; sign: nothing but this one, one to three times. 0: the number ends there. */
static inline size_t
gap_at(const struct text_in *in, size_t at, uint8_t sign)
{
	size_t gap = 0, lines = 0;

	while (gap < 3 &&
	       (sign != 0 ? text_at(in, at + gap) == sign
			  : class_at(in, at + gap) & IS_GAP || line_end(text_at(in, at + gap), &lines)))
		gap++;
	return class_at(in, at + gap) & IS_DIGIT ? gap : 0;
}

static inline __attribute__((always_inline)) void
collect(const struct text_in *in, size_t at, uint8_t sign, struct digits *d)
{
	size_t gap, from;

	d->count = d->groups = 0;
	d->run_end = at + run_of_digits(in, at);
	if (d->run_end - at > DIGITS_MAX)
		return; /* no number that anybody here knows */
	for (;;) {
		from = at;
		at += run_of_digits(in, at);
		if (d->groups == GROUPS_MAX || at - from > DIGITS_MAX - d->count)
			break;
		d->at[d->groups] = from;
		d->len[d->groups++] = at - from;
		for (size_t i = from; i < at; i++) {
			d->digit[d->count] = in->s[i] - '0';
			d->after[d->count] = i + 1;
			d->group_end[d->count++] = i + 1 == at;
		}
		if ((gap = gap_at(in, at, sign)) == 0)
			break;
		at += gap;
	}
}

void
digits_collect(const struct text_in *in, size_t at, struct digits *d)
{
	collect(in, at, 0, d);
}

void
digits_collect_odd(const struct text_in *in, size_t at, uint8_t sign, struct digits *d)
{
	collect(in, at, sign, d);
}

unsigned
digits_value(const struct text_in *in, const struct digits *d, size_t group)
{
	unsigned value = 0;

	for (size_t i = 0; i < d->len[group]; i++)
		value = value * 10 + (in->s[d->at[group] + i] - '0');
	return value;
}

uint8_t
digits_gap(const struct text_in *in, const struct digits *d, size_t group)
{
	size_t end = d->at[group] + d->len[group];

	if (group + 1 >= d->groups || d->at[group + 1] != end + 1)
		return 0;
	return in->s[end];
}

bool
text_keyword_before(const struct text_in *in, size_t at, size_t reach, const char *const *words)
{
	size_t from = at > reach ? at - reach : 0;

	for (size_t i = from; i < at; i++)
		for (const char *const *word = words; *word != NULL; word++) {
			size_t n = 0;

			while (
			    (*word)[n] != '\0' && i + n < at && (in->s[i + n] | 0x20) == (uint8_t)(*word)[n])
				n++;
			if ((*word)[n] == '\0')
				return true;
		}
	return false;
}

uint64_t
text_value(const uint8_t *s, size_t len, const char *skip)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	uint64_t skipped = 0;                         /* a bit for each byte below 64 */

	for (; *skip != '\0'; skip++)
		skipped |= UINT64_C(1) << (*skip & 63);
	for (size_t i = 0; i < len; i++) {
		/* Which bytes count cannot be foreseen: no branch. */
		uint64_t c = s[i], left = (skipped >> (c & 63)) & (c < 64), next;

		c -= (uint64_t)(detect_class[c] & IS_LOWER) * (0x20 / IS_LOWER);
		next = (hash ^ c) * UINT64_C(0x100000001b3);
		hash = left ? hash : next;
	}
	return hash;
}
