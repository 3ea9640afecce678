/* Matching of the second scan: from every digit and every @ outwards, and past all else. */
#include "check_parts.h"

#include <string.h>

#define DIGITS_MAX 16
#define GROUPS_MAX 8
#define TAG_MAX 24
#define LOCAL_QUOTED_MAX 66
#define DOMAIN_MAX 255

size_t
check_gap(const uint8_t *s, size_t len, size_t at)
{
	if (at >= len)
		return 0;
	switch (s[at]) {
	case ' ':
	case '-':
	case '.':
	case '\t':
	case '\n':
	case '\r':
		return 1;
	case 0xc2: /* no-break space */
		return len - at >= 2 && s[at + 1] == 0xa0 ? 2 : 0;
	case 0xe2: /* U+2000 to U+2015 and U+202F: narrow spaces, other dashes */
		return len - at >= 3 && s[at + 1] == 0x80 &&
			       ((s[at + 2] >= 0x80 && s[at + 2] <= 0x95) || s[at + 2] == 0xaf)
			   ? 3
			   : 0;
	default:
		return 0;
	}
}

/* Eight bytes at a time: a lane for each, in which the high bit says yes. */
#define HIGH UINT64_C(0x8080808080808080)
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t
eight(const uint8_t *s)
{
	uint64_t x;

	memcpy(&x, s, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/* The lanes of ASCII bytes in [from, to]; from >= 1. */
static uint64_t
between(uint64_t x, uint8_t from, uint8_t to)
{
	uint64_t low = x & ~HIGH;

	return (low + EACH(0x80 - from)) & ~(low + EACH(0x7f - to)) & ~x & HIGH;
}

/* What may stand between the digits of one number: check_gap's signs and brackets, and all that is not ASCII. */
static uint64_t
joints(uint64_t x)
{
	return (x & HIGH) | between(x, '\t', '\r') | between(x, ' ', ' ') | between(x, '(', ')') |
	       between(x, '-', '.');
}

/* The high bits of the lanes as eight bits, the first byte's lowest. */
static uint64_t
gather_bits(uint64_t lanes)
{
	return ((lanes >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

#define WINDOW 64
#define BEFORE 8 /* of the window's bytes, for what stands before a number; and so many behind */
#define STARTS (WINDOW - BEFORE - 8)

/*
 * Where a number may begin among the STARTS bytes from `at`: bit i stands for the byte at + i. Only a filter: every
 * digit is such a place that begins a run of digits, and has either behind it eight bytes more of digits and what
 * may stand between them, for a number of nine, or before it two letters that begin a word, for an account. In a
 * table hardly any digit has.
 */
static uint64_t
starts(const struct check_text *t, size_t at)
{
	uint8_t edge[WINDOW] = {0};
	const uint8_t *w = edge;
	uint64_t digit = 0, letter = 0, joint = 0, x, first, run, word;

	/* At the text's edges a copy, with NULs about it. */
	if (at >= BEFORE && t->len - at >= WINDOW - BEFORE) {
		w = t->s + at - BEFORE;
	} else {
		size_t before = at < BEFORE ? at : BEFORE, behind = t->len - at;

		if (behind > WINDOW - BEFORE)
			behind = WINDOW - BEFORE;
		memcpy(edge + BEFORE - before, t->s + at - before, before + behind);
	}
	for (unsigned i = 0; i < WINDOW; i += 8)
		digit |= gather_bits(between(eight(w + i), '0', '9')) << i;
	first = digit & ~(digit << 1);
	if (first == 0)
		return 0;
	for (unsigned i = 0; i < WINDOW; i += 8) {
		x = eight(w + i);
		letter |= gather_bits(between(x | EACH(0x20), 'a', 'z')) << i;
		joint |= gather_bits(joints(x)) << i;
	}
	/* run: nine bytes from here on; word: two letters before, or one or two signs and two letters. */
	run = digit | joint;
	run &= run >> 1;
	run &= run >> 2;
	run &= run >> 4;
	run &= (digit | joint) >> 8;
	word = (letter << 1) & (letter << 2) & ~((letter | digit) << 3);
	word |= (joint << 1) & ((word << 1) | ((joint << 2) & (word << 2)));
	return (first & (run | word)) >> BEFORE & ((UINT64_C(1) << STARTS) - 1);
}

/* Where the digits that begin at `at` end. */
static size_t
digits_end(const uint8_t *s, size_t at, size_t len)
{
	uint64_t other;

	for (; len - at >= 8; at += 8)
		if ((other = between(eight(s + at), '0', '9') ^ HIGH) != 0)
			return at + (size_t)__builtin_ctzll(other) / 8;
	while (at < len && check_digit(s[at]))
		at++;
	return at;
}

/* Groups of digits that stand close together. */
struct groups {
	uint8_t digit[DIGITS_MAX];
	size_t len[GROUPS_MAX];
	size_t end[GROUPS_MAX]; /* where the group ends in the text */
	size_t count, digits;
};

static bool
gather(const struct check_text *t, size_t at, struct groups *g)
{
	const uint8_t *s = t->s;
	size_t from, gap;
	bool line;

	g->count = g->digits = 0;
	for (;;) {
		for (from = at; at < t->len && check_digit(s[at]); at++) {
			if (g->digits == DIGITS_MAX)
				return g->count > 0;
			g->digit[g->digits++] = s[at] - '0';
		}
		g->len[g->count] = at - from;
		g->end[g->count++] = at;
		if (g->count == GROUPS_MAX)
			return true;
		/* "+31 (0)6 - 12": up to three signs between, brackets among them; where a line ends, two. */
		line = false;
		for (int i = 0; i < (line ? 2 : 3) && at < t->len && !check_digit(s[at]); i++) {
			line = line || s[at] == '\n';
			if ((gap = check_gap(s, t->len, at)) > 0)
				at += gap;
			else if (s[at] == '(' || s[at] == ')')
				at++;
			else
				return true;
		}
		if (at >= t->len || !check_digit(s[at]))
			return true;
	}
}

bool
check_eleven(const uint8_t *digit, size_t count)
{
	int weight = (int)count, sum = 0, any = 0;

	if (count != 8 && count != 9)
		return false;
	for (size_t i = 0; i < count; i++, weight--) {
		sum += (weight == 1 ? -1 : weight) * digit[i];
		any |= digit[i];
	}
	return any != 0 && sum % 11 == 0;
}

/* Does the keyword stand at s, in any case? */
static bool
word_at(const uint8_t *s, size_t len, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++)
		if (i == len || (s[i] | 0x20) != (uint8_t)word[i])
			return false;
	return true;
}

bool
check_keyword_at(const uint8_t *s, size_t len, size_t at)
{
	uint8_t c = s[at] | 0x20;

	if (c != 'b' && c != 's')
		return false;
	if (word_at(s + at, len - at, "bsn"))
		return !(at > 0 && s[at - 1] == '[' && at + 3 < len && s[at + 3] == '-');
	if (word_at(s + at, len - at, "sofi"))
		return at + 4 == len || !check_letter(s[at + 4]) || (s[at + 4] | 0x20) == 'n';
	return word_at(s + at, len - at, "burgerservice") || word_at(s + at, len - at, "burger service") ||
	       word_at(s + at, len - at, "burger-service");
}

bool
check_keyword(const uint8_t *s, size_t len)
{
	for (size_t at = 0; at < len; at++)
		if (check_keyword_at(s, len, at))
			return true;
	return false;
}

static bool
related(const struct check_text *t, size_t from, size_t at, size_t to)
{
	return t->related == NULL || t->related(t->ctx, t->s, from, at, to);
}

/*
 * How many bytes more than it has may have stood in place of our own tag that ends with the bracket at `end`? 0
 * where it is none. What was written there was long enough to part a keyword from a number, and must not come
 * close to it by having left: of accounts and addresses more than the reach.
 */
static size_t
tag_cost(const uint8_t *s, size_t end)
{
	size_t at = end;

	while (at > 0 && end - at < TAG_MAX && check_digit(s[at - 1]))
		at--;
	if (at == end || at == 0 || s[--at] != '-')
		return 0;
	while (at > 0 && end - at < TAG_MAX && (check_letter(s[at - 1]) || s[at - 1] == '-'))
		at--;
	if (at == 0 || s[at - 1] != '[')
		return 0;
	return s[at] == 'I' || s[at] == 'E' ? CHECK_KEYWORD_REACH : 12;
}

/*
 * Nine digits that pass the 11-test, with a keyword not far before them. Without one it would be chance: of
 * random numbers one in eleven passes, so that any column of nine-digit numbers which a policy keeps, or any
 * list of order numbers, would hold back its whole member.
 */
static bool
is_bsn(const struct check_text *t, size_t at, const struct groups *g)
{
	size_t digits = 0, tags = 0, window;

	for (size_t i = 0; i < g->count; i++) {
		if ((digits += g->len[i]) < 9)
			continue;
		if (digits > 9 || !check_eleven(g->digit, 9))
			return false;
		window = at > CHECK_KEYWORD_REACH ? at - CHECK_KEYWORD_REACH : 0;
		for (size_t from = at; from-- > window;) {
			if (t->s[from] == ']')
				tags += tag_cost(t->s, from);
			if (check_keyword_at(t->s, at, from) && at - from + tags <= CHECK_KEYWORD_REACH &&
			    related(t, from, at, g->end[i]))
				return true;
		}
		return false;
	}
	return false;
}

/* Do the eight digits of g from first on end with a group, as those of a mobile number do? */
static bool
is_mobile(const struct check_text *t, size_t from, size_t at, const struct groups *g, size_t first)
{
	size_t digits = 0, i;

	if (g->digits < first + 8)
		return false;
	for (i = 0; i < g->count && digits < first + 8; i++) {
		digits += g->len[i];
		if (g->len[i] == 1 && digits > first)
			return false; /* nobody writes them one by one */
	}
	if (digits != first + 8)
		return false;
	return related(t, from, at, g->end[i - 1]);
}

/* 06-12-2023 15: a date, not a number. */
static bool
is_date(const struct groups *g)
{
	return g->count >= 3 && g->len[0] == 2 && g->len[1] == 2 && g->len[2] == 4 &&
	       ((g->digit[4] == 1 && g->digit[5] == 9) || (g->digit[4] == 2 && g->digit[5] == 0));
}

/* A Dutch mobile number: 06 and eight digits, or +31 6 or 0031 6, with a zero before the 6 perhaps. */
static bool
is_phone(const struct check_text *t, size_t at, const struct groups *g)
{
	const uint8_t *d = g->digit;
	uint8_t before = at > 0 ? t->s[at - 1] : 0;
	size_t first;

	if (g->digits < 10)
		return false;
	if (before == '+' && d[0] == 3 && d[1] == 1) {
		first = 2;
	} else if (d[0] == 0 && d[1] == 0 && d[2] == 3 && d[3] == 1) {
		first = 4;
	} else if (d[0] == 0 && d[1] == 6 && g->len[0] >= 2) {
		/* 0.0612345678 and 2024-06-1 ... are none. */
		if ((before == '.' || before == '-') && at > 1 && check_digit(t->s[at - 2]))
			return false;
		return !check_letter(before) && !is_date(g) && is_mobile(t, at, at, g, 2);
	} else {
		return false;
	}
	if (d[first] == 0)
		first++;
	return d[first] == 6 && is_mobile(t, at, at, g, first + 1);
}

/* Two letters before the digits at `at`, straight or with one gap between, that begin a word. */
static bool
is_iban(const struct check_text *t, size_t at)
{
	const uint8_t *s = t->s;
	size_t from = at, end;

	if (from > 0 && (s[from - 1] == ' ' || s[from - 1] == '-'))
		from--;
	else if (from > 1 && s[from - 2] == 0xc2 && s[from - 1] == 0xa0)
		from -= 2;
	if (from < 2 || !check_letter(s[from - 1]) || !check_letter(s[from - 2]))
		return false;
	from -= 2;
	if (from > 0 && (check_letter(s[from - 1]) || check_digit(s[from - 1])))
		return false;
	return (end = check_iban(s, t->len, from)) > 0 && related(t, from, at, end);
}

/* Can the digits s[at, end) and those of groups behind them be nine or more? Most numbers are shorter and
 * stand alone, or are two groups, as 12.5 is. */
static bool
is_long(const uint8_t *s, size_t len, size_t at, size_t end)
{
	size_t gap, second;

	if (end - at >= 9)
		return end - at <= 13;
	if (end == len)
		return false;
	if (s[end] == '(' || s[end] == ')')
		return true;
	if ((gap = check_gap(s, len, end)) == 0)
		return false;
	second = digits_end(s, end + gap, len);
	return second == end + gap || second == len || second - at - gap >= 9 ||
	       check_gap(s, len, second) > 0 || s[second] == '(' || s[second] == ')';
}

/* The reason to withhold what stands at `at`, where digits begin; NULL: none. */
static const char *
number_at(const struct check_text *t, unsigned what, size_t at)
{
	const uint8_t *s = t->s;
	size_t end = digits_end(s, at, t->len);
	struct groups g;

	if ((what & CHECK_IBAN) != 0 && at >= 2 && !check_digit(s[at - 2]) && is_iban(t, at))
		return "check-iban";
	if ((what & (CHECK_BSN | CHECK_PHONE)) == 0 || !is_long(s, t->len, at, end) || !gather(t, at, &g) ||
	    g.digits < 9)
		return NULL;
	if ((what & CHECK_PHONE) != 0 && is_phone(t, at, &g))
		return "check-phone";
	return (what & CHECK_BSN) != 0 && is_bsn(t, at, &g) ? "check-bsn" : NULL;
}

const char *
check_numbers(const struct check_text *t, unsigned what)
{
	const char *reason;

	for (size_t at = 0; at < t->len; at += STARTS)
		for (uint64_t left = starts(t, at); left != 0; left &= left - 1)
			if ((reason = number_at(t, what, at + (size_t)__builtin_ctzll(left))) != NULL)
				return reason;
	return NULL;
}

/* A byte of the part before the @ (RFC 5322 atext, dots, and what is not ASCII). */
static bool
is_local(uint8_t c)
{
	return check_letter(c) || check_digit(c) || c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool
is_label(uint8_t c)
{
	return check_letter(c) || check_digit(c) || c == '-' || c >= 0x80;
}

/* Where the domain that begins at `at` ends: labels and dots, and somewhere behind a dot two letters; or four
 * numbers; or a literal in brackets. 0: none. */
static size_t
domain_end(const uint8_t *s, size_t len, size_t at)
{
	size_t from = at, label = at, numbers = 0, found = 0, letters;
	bool digits_only;

	if (at < len && s[at] == '[') {
		for (at++; at < len && at - from < 64 && (is_label(s[at]) || s[at] == '.' || s[at] == ':');
		     at++)
			numbers += s[at] == '.' || s[at] == ':';
		/* @[POSTCODE-1] is what we left there */
		return at < len && s[at] == ']' && numbers > 0 ? at + 1 : 0;
	}
	while (at < len && at - from <= DOMAIN_MAX && is_label(s[at])) {
		letters = 0;
		digits_only = true;
		for (; at < len && is_label(s[at]); at++) {
			letters += check_letter(s[at]) || s[at] >= 0x80;
			digits_only = digits_only && check_digit(s[at]);
		}
		numbers += digits_only;
		if (label > from && letters >= 2)
			found = at;
		if (label > from && digits_only && numbers == 4)
			found = at;
		if (at >= len || s[at] != '.')
			break;
		label = ++at;
	}
	return found;
}

/* Is there a part before the @ at `at`, in quotes or not? Where it begins, or `at`. */
static size_t
local_start(const struct check_text *t, size_t at)
{
	if (at == 0)
		return at;
	if (is_local(t->s[at - 1]))
		return at - 1;
	if (t->quote == 0 || t->s[at - 1] != t->quote)
		return at;
	/* CSV doubles its quotes: the one before is passed over. */
	for (size_t from = at - 1; from > 0 && at - from < LOCAL_QUOTED_MAX; from--) {
		if (t->s[from - 1] == '\n')
			return at;
		if (t->s[from - 1] == t->quote && at - from > 2)
			return from - 1;
	}
	return at;
}

const char *
check_emails(const struct check_text *t)
{
	const uint8_t *sign;
	size_t at = 0, from, end;

	while (at < t->len && (sign = memchr(t->s + at, '@', t->len - at)) != NULL) {
		at = (size_t)(sign - t->s);
		from = local_start(t, at);
		if (from < at && (end = domain_end(t->s, t->len, at + 1)) > 0 && related(t, from, at, end))
			return "check-email";
		at++;
	}
	return NULL;
}
