/* Words cut 64 bytes at a time beside the plainest reading of the same rule, wherever they stand; and blocks that leave none out. */
#include <ctype.h>
#include <stdlib.h>

#include "../stager/scrub/detect/name.h"
#include "check.h"

#define LEN_MAX 20000
#ifdef STAGER_SANITIZED
#define ROUNDS 1500
#else
#define ROUNDS 15000
#endif

static unsigned
pick(unsigned count)
{
	static uint64_t state = 20260102;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % count;
}

static uint8_t
at(const uint8_t *s, size_t len, size_t i)
{
	return i < len ? s[i] : 0;
}

/* The letter or digit at i: its length, and what it is; 0 where there is none. */
static size_t
letter(const uint8_t *s, size_t len, size_t i, unsigned *shape)
{
	uint8_t c = s[i], next = at(s, len, i + 1);

	*shape = 0;
	if (c < 0x80) {
		*shape = isdigit(c) ? TOKEN_DIGIT : isupper(c) ? TOKEN_UPPER : islower(c) ? TOKEN_LOWER : 0;
		return isalnum(c) ? 1 : 0;
	}
	if (c < 0xc3 || c > 0xe1 || (c == 0xc3 && (next == 0x97 || next == 0xb7)))
		return 0;
	if ((next & 0xc0) != 0x80)
		return 1;
	if (c == 0xc3)
		*shape = next <= 0x9e ? TOKEN_UPPER : TOKEN_LOWER;
	else if (c <= 0xc5)
		*shape =
		    next % 2 == ((c == 0xc4 && next >= 0xb9) || (c == 0xc5 && (next <= 0x88 || next >= 0xb9)))
			? TOKEN_UPPER
			: TOKEN_LOWER;
	else if (c == 0xce || c == 0xd0)
		*shape = next < 0xb0 ? TOKEN_UPPER : TOKEN_LOWER;
	else
		*shape = TOKEN_LOWER;
	return c < 0xe0 || (at(s, len, i + 2) & 0xc0) != 0x80 ? 2 : 3;
}

/* What begins small and goes up and down three times, or has one small letter alone, and is a listed name. */
static bool
odd(const uint8_t *s, const struct token *t)
{
	size_t lower = 0, turns = 0;

	for (size_t i = t->start; i < t->start + t->len; i++) {
		bool small = s[i] >= 'a' && s[i] <= 'z';

		lower += small;
		turns += i > t->start && small != (s[i - 1] >= 'a' && s[i - 1] <= 'z');
	}
	return t->len >= 4 && (lower == 1 || turns >= 3) &&
	       (name_flags(token_hash(s + t->start, t->len)) & (NAME_FIRST | NAME_LAST)) != 0;
}

/* The next token from *i on; false where there is none. */
static bool
plain_token(const uint8_t *s, size_t len, size_t *i, struct token *t)
{
	unsigned shape = 0;
	size_t n;

	while (*i < len && letter(s, len, *i, &shape) == 0)
		++*i;
	if (*i == len)
		return false;
	*t = (struct token){.start = (uint32_t)*i};
	t->shape = shape & TOKEN_UPPER ? TOKEN_TITLE : 0;
	while (*i < len && (n = letter(s, len, *i, &shape)) > 0) {
		t->shape |= (uint8_t)(shape | (s[*i] >= 0x80 ? TOKEN_WIDE : 0));
		*i += n;
	}
	t->len = (uint32_t)(*i - t->start);
	if ((t->shape & (TOKEN_LOWER | TOKEN_UPPER | TOKEN_TITLE)) == (TOKEN_LOWER | TOKEN_UPPER) &&
	    odd(s, t))
		t->shape |= TOKEN_TITLE;
	return true;
}

static size_t
write_text(uint8_t *s, size_t room)
{
	static const char *const parts[] = {" ", "  ", "\n", ".", ", ", "-", "'", "jan", "Jansen", "de", "12",
	    "3a", "PATIENT", "Kerkstraat", "B12c", "zorgverzekeraarswebsite", "\xc3\xa9", "\xc3\x89",
	    "caf\xc3\xa9", "\xc3\x97", "\xe2\x80\x99", "\xc3", "\xce\xa9", "\xe1\x80\x80", "\xff", "\x80",
	    "patiëntnummer", "Zoë", "\xf0\x9f\x98\x80", "@", "`", "{", "[", "/", ":", "Dhr", "mw", "\t", "z",
	    "A", "0", "9", "Z", "a"};
	size_t len = 0, want = 1 + pick(pick(20) == 0 ? (unsigned)room - 100 : 300), n;

	while (len < want) {
		const char *part = parts[pick(sizeof(parts) / sizeof(parts[0]))];

		n = strlen(part);
		memcpy(s + len, part, n);
		len += n;
		if (pick(50) == 0)
			s[len++] = (uint8_t)pick(256);
	}
	return len;
}

static void
one_text(const uint8_t *s, size_t len)
{
	struct work *w = calloc(1, sizeof(*w));
	size_t i = 0, digits;
	bool same = w != NULL;
	struct token t;

	if (w == NULL)
		abort();
	w->in = (struct text_in){.s = s, .len = len};
	while (same && tokens_read(w)) {
		digits = 0;
		for (size_t k = 0; k < w->token_count && same; k++) {
			const struct token *is = &w->tokens[k];
			bool title;

			same = plain_token(s, len, &i, &t) && is->start == t.start && is->len == t.len &&
			       is->shape == t.shape && is->hash == token_hash(s + t.start, t.len) &&
			       (is->classes & ~W_TAIL) == word_classes(s + t.start, t.len, is->hash, NULL);
			title = (t.shape & TOKEN_TITLE) != 0;
			same = same && (w->titles[k / 64] >> k % 64 & 1) == title &&
			       (w->heads[k / 64] >> k % 64 & 1) ==
				   ((title && !(t.shape & TOKEN_DIGIT)) || name_is_trigger(is->hash));
			if (same && t.shape & TOKEN_DIGIT)
				same = digits < w->digit_count && w->digits[digits++] == k;
		}
		/* In the last block there are none behind; elsewhere some were read ahead. */
		same =
		    same && digits == w->digit_count && (w->end < len || w->tokens[w->token_count].len == 0);
	}
	CHECK(same && !plain_token(s, len, &i, &t));
	free(w);
}

int
main(void)
{
	uint8_t *s = malloc(LEN_MAX + 128), *tight;
	size_t len;

	if (s == NULL)
		return 1;
	words_ready();
	for (unsigned round = 0; round < ROUNDS; round++) {
		len = write_text(s, LEN_MAX);
		/* Not a byte behind it that may be read. */
		if ((tight = malloc(len)) == NULL)
			return 1;
		memcpy(tight, s, len);
		one_text(tight, len);
		free(tight);
	}
	/* One word over many times 64 bytes, and its end at each place. */
	for (len = 1; len < 300; len++) {
		memset(s, 'a', len);
		one_text(s, len);
		s[len / 2] = '.';
		one_text(s, len);
	}
	free(s);
	return check_done();
}
