/* Citizen service numbers with other signs between their figures, in the second scan: "BSN 111/222/333". */
#include <string.h>

#include "check_parts.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define NUMBER_LEAST 11 /* nine figures in two groups or more, and a space before them */

/* Nine figures from `at` on with any signs between, at most three at once, that pass the 11-test: where they end; 0: they do not. */
static size_t
nine_apart(const uint8_t *s, size_t len, size_t at)
{
	uint8_t digit[9];
	size_t count = 0, gap = 0, groups = 1;

	for (; at < len && count < sizeof(digit) && gap <= 3; at++) {
		if (check_digit(s[at])) {
			groups += gap > 0;
			digit[count++] = s[at] - '0';
			gap = 0;
		} else if (s[at] < ' ' || s[at] >= 0x7f || s[at] == '"' || s[at] == ',' ||
			   check_letter(s[at])) {
			return 0;
		} else {
			gap++;
		}
	}
	return count == sizeof(digit) && groups > 1 && groups <= 5 && (at == len || !check_digit(s[at])) &&
		       check_eleven(digit, count)
		   ? at
		   : 0;
}

/* The next s of "bsn", "sofi" and "burgerservice" from *at on; false where there is none. */
static bool
next_letter(const uint8_t *s, size_t len, size_t *at)
{
	uint64_t x;

	for (; *at + NUMBER_LEAST < len; ++*at) {
		/* Eight bytes without any. */
		while (len - *at > NUMBER_LEAST + sizeof(x)) {
			memcpy(&x, s + *at, sizeof(x));
			x = (x | EACH(0x20)) ^ EACH('s');
			if (((x - EACH(1)) & ~x & EACH(0x80)) != 0)
				break;
			*at += sizeof(x);
		}
		if ((s[*at] | 0x20) == 's' &&
		    ((s[*at + 1] | 0x20) == 'n' || (s[*at + 1] | 0x20) == 'o' || (s[*at + 1] | 0x20) == 'e'))
			return true;
	}
	return false;
}

bool
check_bsn_apart(const struct check_text *t)
{
	const uint8_t *s = t->s;
	size_t from, end;

	for (size_t at = 0; next_letter(s, t->len, &at); at++) {
		const uint8_t next = s[at + 1] | 0x20;

		from = at;
		if (next == 'n' && at > 0)
			from--;
		else if (next == 'e' && at >= 6) /* "burgerservice", "burger-service" */
			from -= at > 6 && !check_letter(s[at - 1]) ? 7 : 6;
		if (!check_keyword_at(s, t->len, from))
			continue;
		/* Not past a bracket that closes, as our own tags do. */
		for (size_t i = at + 2; i < t->len && i - from <= CHECK_KEYWORD_REACH && s[i] != ']'; i++) {
			if (!check_digit(s[i]) || check_digit(s[i - 1]) ||
			    (end = nine_apart(s, t->len, i)) == 0)
				continue;
			if (t->related == NULL || t->related(t->ctx, s, from, i, end))
				return true;
			break;
		}
	}
	return false;
}
