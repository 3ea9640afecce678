/* Addresses of machines: IPv4, IPv6 (RFC 4291) and MAC. */
#include "detect.h"

#include <string.h>

#define IPV6_MAX 45

static bool
is_hex(uint8_t c)
{
	return (detect_class[c] & IS_DIGIT) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool
found(
    struct find *f, const struct text_in *in, size_t start, size_t end, enum span_type type, const char *rule)
{
	*f = (struct find){.start = start, .end = end, .type = type, .rule = rule, .score = 90};
	f->value = text_value(in->s + start, end - start, type == SPAN_MAC ? ":-." : "");
	return true;
}

/* Four numbers to 255 with a dot between, and no more. Small ones are taken for a section or a version, unless the
 * word before says what it is. */
static bool
ipv4(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	const struct digits *d = &n->d;
	size_t wide = 0, end;

	if (d->groups < 4 ||
	    (text_before(in, d->at[0], 1) == '.' && class_before(in, d->at[0], 2) & IS_ALNUM) ||
	    word_before(in, d->at[0]))
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (d->len[i] > 3 || digits_value(in, d, i) > 255 || (i < 3 && digits_gap(in, d, i) != '.') ||
		    (d->len[i] > 1 && in->s[d->at[i]] == '0'))
			return false;
		wide += d->len[i] > 1;
	}
	end = d->at[3] + d->len[3];
	if (word_at(in, end) || (text_at(in, end) == '.' && class_at(in, end + 1) & IS_DIGIT))
		return false;
	if (!(n->context & W_IP) && (wide < 2 || n->context & W_VERSION))
		return false;
	/* a port, or the length of a prefix */
	if ((text_at(in, end) == ':' || text_at(in, end) == '/') && class_at(in, end + 1) & IS_DIGIT) {
		size_t more = end + 1;

		while (more - end <= 5 && class_at(in, more) & IS_DIGIT)
			more++;
		if (!word_at(in, more))
			end = more;
	}
	return found(f, in, d->at[0], end, SPAN_IP, "ip/four");
}

/* Hex digits in groups with colons: where the run that holds `at` begins and ends. */
static bool
colon_run(const struct text_in *in, size_t at, size_t *start, size_t *end)
{
	*start = *end = at;
	while (*start > in->floor && at - *start <= IPV6_MAX &&
	       (is_hex(in->s[*start - 1]) || in->s[*start - 1] == ':'))
		(*start)--;
	while (*end - at <= IPV6_MAX && (is_hex(text_at(in, *end)) || text_at(in, *end) == ':'))
		(*end)++;
	/* a colon behind it is the sentence's; so is one alone before it */
	if (*end > at && in->s[*end - 1] == ':' && (*end < 2 || in->s[*end - 2] != ':'))
		(*end)--;
	if (in->s[*start] == ':' && text_at(in, *start + 1) != ':')
		(*start)++;
	return *end - *start <= IPV6_MAX && !word_before(in, *start) && !word_at(in, *end);
}

static bool
ipv6(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	size_t start, end, groups = 0, len = 0;
	bool gap = false;

	if (text_at(in, token_end(n->token)) != ':' && text_before(in, n->token->start, 1) != ':')
		return false;
	if (!colon_run(in, n->d.at[0], &start, &end))
		return false;
	for (size_t i = start; i < end; i++) {
		if (in->s[i] != ':') {
			if (len++ == 0)
				groups++;
			if (len > 4)
				return false;
			continue;
		}
		len = 0;
		if (i + 1 < end && in->s[i + 1] == ':') {
			if (gap)
				return false;
			gap = true;
			i++;
			if (i + 1 < end && in->s[i + 1] == ':')
				return false;
		}
	}
	if (gap ? groups < 2 || groups > 7 : groups != 8)
		return false;
	return found(f, in, start, end, SPAN_IP, "ip/six");
}

/* `count` tokens from t on, each of `len` hex digits, with this byte between. *letters: some are letters. */
static bool
hex_groups(
    const struct text_in *in, const struct token *t, size_t count, size_t len, uint8_t gap, bool *letters)
{
	*letters = false;
	for (size_t i = 0; i < count; i++) {
		if (t[i].len != len ||
		    (i > 0 && (t[i].start != token_end(&t[i - 1]) + 1 || in->s[t[i].start - 1] != gap)))
			return false;
		for (size_t k = 0; k < len; k++) {
			uint8_t c = in->s[t[i].start + k];

			if (!is_hex(c))
				return false;
			*letters = *letters || !(detect_class[c] & IS_DIGIT);
		}
	}
	return true;
}

/* The gap once more, and a word behind it. */
static bool
goes_on(const struct text_in *in, size_t end, uint8_t gap)
{
	return text_at(in, end) == gap && word_at(in, end + 1);
}

/* Six pairs with colons or dashes, or three fours with dots (as some switches write it). */
static bool
mac(const struct number *n, struct find *f)
{
	static const struct {
		uint8_t groups, len, gap;
	} forms[] = {{6, 2, ':'}, {6, 2, '-'}, {3, 4, '.'}};
	const struct text_in *in = n->in;

	for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
		/* The first digit may stand in any of the groups. */
		for (size_t back = 0; back < forms[k].groups && n->token->len == forms[k].len; back++) {
			const struct token *t = n->token - back;
			bool letters;

			if (t->len != forms[k].len || t->start < in->floor)
				break;
			if (hex_groups(in, t, forms[k].groups, forms[k].len, forms[k].gap, &letters) &&
			    (letters || forms[k].gap == ':') &&
			    !goes_on(in, token_end(&t[forms[k].groups - 1]), forms[k].gap))
				return found(f, in, t->start, token_end(&t[forms[k].groups - 1]), SPAN_MAC,
				    "mac/form");
		}
	}
	return false;
}

bool
address_ip_find(const struct number *n, struct find *f)
{
	uint8_t gap = text_at(n->in, token_end(n->token)), before = text_before(n->in, n->token->start, 1);

	if (gap != '.' && gap != ':' && gap != '-' && before != ':' && before != '-' && before != '.')
		return false;
	return ipv4(n, f) || (n->token->len <= 4 && (mac(n, f) || ipv6(n, f)));
}
