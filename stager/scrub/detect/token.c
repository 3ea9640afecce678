/* Cutting the folded text into blocks and tokens, once for all finders. */
#include "detect.h"

#include <string.h>

/* The length of the letter beyond ASCII at an index, with its shape; 0 where there is none. The same letters as
 * word_at: U+00C0 to U+1FFF but for U+00D7 and U+00F7. */
static size_t
wide_letter(const struct text_in *in, size_t at, uint8_t *shape)
{
	uint8_t lead = in->s[at], next;

	if (!word_at(in, at))
		return 0;
	next = text_at(in, at + 1);
	if ((next & 0xc0) != 0x80)
		return 1;
	/* Capitals: U+00C0 to U+00DE; Latin Extended-A, where they alternate; Greek and Cyrillic, roughly. */
	if (lead == 0xc3)
		*shape |= next <= 0x9e ? TOKEN_UPPER : TOKEN_LOWER;
	else if (lead <= 0xc5)
		*shape |= (next & 1) == 0 ? TOKEN_UPPER : TOKEN_LOWER;
	else if (lead == 0xce || lead == 0xd0)
		*shape |= next < 0xb0 ? TOKEN_UPPER : TOKEN_LOWER;
	else
		*shape |= TOKEN_LOWER;
	if (lead < 0xe0)
		return 2;
	return (text_at(in, at + 2) & 0xc0) == 0x80 ? 3 : 2;
}

static uint64_t
load(const uint8_t *s, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, s, len < sizeof(word) ? len : sizeof(word));
	return word;
}

uint32_t
token_hash(const uint8_t *s, size_t len)
{
	/* Bit 5 tells capitals from small letters in ASCII, and in the second byte of Latin-1's letters. */
	const uint64_t small = UINT64_C(0x2020202020202020);
	uint64_t hash = len * UINT64_C(0x9e3779b97f4a7c15);

	for (;;) {
		hash = (hash ^ (load(s, len) | small)) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
		if (len <= 8)
			return (uint32_t)(hash ^ hash >> 29);
		s += 8;
		len -= 8;
	}
}

/* One token from *at on, which is moved behind it. False where the text ends. */
static bool
token_next(const struct text_in *in, size_t *at, struct token *t)
{
	/* digits 1, lower case 2, upper case 4: as in detect_class */
	const uint8_t *s = in->s;
	size_t i = *at, n, len = in->len;
	uint8_t shape, class;

	for (;;) {
		shape = 0;
		while (i < len && s[i] < 0x80 && !(detect_class[s[i]] & IS_ALNUM))
			i++;
		if (i == len) {
			*at = i;
			return false;
		}
		if (s[i] < 0x80 || wide_letter(in, i, &shape) > 0)
			break;
		i++;
	}
	shape = 0;
	t->start = (uint32_t)i;
	for (;;) {
		while (i < len && (class = detect_class[s[i]] & IS_ALNUM) != 0) {
			shape |= class;
			i++;
		}
		if (i == len || s[i] < 0x80 || (n = wide_letter(in, i, &shape)) == 0)
			break;
		shape |= TOKEN_WIDE;
		i += n;
	}
	t->len = (uint32_t)(i - t->start);
	class = 0;
	if (s[t->start] < 0x80)
		class = detect_class[s[t->start]] & IS_UPPER;
	else
		wide_letter(in, t->start, &class);
	if (class & TOKEN_UPPER)
		shape |= TOKEN_TITLE;
	t->shape = shape;
	t->hash = token_hash(s + t->start, t->len);
	t->classes = word_classes(s + t->start, t->len, t->hash, NULL);
	*at = i;
	return true;
}

/* How many of the tokens to keep, so that the block ends with a line. */
static size_t
whole_lines(const struct work *w, size_t count)
{
	for (size_t i = count - 1; i > count / 2; i--) {
		const struct token *t = &w->tokens[i];
		size_t from = token_end(t - 1);

		if (memchr(w->in.s + from, '\n', t->start - from) != NULL)
			return i;
	}
	return count;
}

bool
tokens_read(struct work *w)
{
	size_t count = 0, at = w->end;

	if (w->end >= w->in.len)
		return false;
	/* The last tokens of the block before stay in sight. */
	if (w->tokens == NULL)
		memset(w->store, 0, TOKEN_PAD * sizeof(struct token));
	else
		memmove(w->store, w->tokens + w->token_count - TOKEN_PAD, TOKEN_PAD * sizeof(struct token));
	w->start = w->end;
	w->tokens = w->store + TOKEN_PAD;
	while (count < BLOCK_TOKENS + TOKEN_PAD && token_next(&w->in, &at, &w->tokens[count]))
		count++;
	if (count <= BLOCK_TOKENS) {
		w->end = w->in.len;
		w->token_count = count;
		memset(w->tokens + count, 0, TOKEN_PAD * sizeof(struct token));
	} else {
		w->token_count = whole_lines(w, BLOCK_TOKENS);
		w->end = token_end(&w->tokens[w->token_count - 1]);
	}
	return true;
}

bool
token_is(const struct work *w, const struct token *t, const char *word)
{
	size_t n = 0;

	while (n < t->len && word[n] != '\0' && (w->in.s[t->start + n] | 0x20) == (uint8_t)word[n])
		n++;
	return n == t->len && n > 0 && word[n] == '\0';
}
