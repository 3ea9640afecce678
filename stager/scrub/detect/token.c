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

/* Up to eight bytes; what is past len is zero. */
static inline uint64_t
load(const uint8_t *s, size_t len)
{
	uint64_t word = 0;

	if (len >= sizeof(word))
		memcpy(&word, s, sizeof(word));
	else
		for (size_t i = 0; i < len; i++)
			word |= (uint64_t)s[i] << (8 * i);
	return word;
}

/* The same where eight bytes can be read whatever len is. */
static inline uint64_t
load_open(const uint8_t *s, size_t len)
{
	uint64_t word;

	memcpy(&word, s, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return len >= sizeof(word) ? word : word & ((UINT64_C(1) << (8 * len)) - 1);
}

static inline uint64_t
mix(uint64_t hash, uint64_t word)
{
	/* Bit 5 tells capitals from small letters in ASCII, and in the second byte of Latin-1's letters. */
	hash = (hash ^ (word | UINT64_C(0x2020202020202020))) * UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 32;
}

static inline uint32_t
hash_within(const uint8_t *s, size_t len, size_t readable)
{
	uint64_t hash = len * UINT64_C(0x9e3779b97f4a7c15);

	for (;;) {
		hash = mix(hash, readable >= 8 ? load_open(s, len) : load(s, len));
		if (len <= 8)
			return (uint32_t)(hash ^ hash >> 29);
		s += 8;
		len -= 8;
		readable -= 8;
	}
}

uint32_t
token_hash(const uint8_t *s, size_t len)
{
	return hash_within(s, len, len);
}

/* The last four letters are those of a street's plain ending: what most words fail, at little cost. */
static inline bool
street_tail(const uint8_t *end)
{
	uint32_t tail;

	memcpy(&tail, end - 4, sizeof(tail));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	tail = __builtin_bswap32(tail);
#endif
	switch (tail | 0x20202020) {
	case 0x72616174: /* raat */
	case 0x6c61616e: /* laan */
	case 0x61636874: /* acht */
	case 0x6c65696e: /* lein */
	case 0x74656567: /* teeg */
	case 0x6e67656c: /* ngel */
	case 0x72656566: /* reef */
	case 0x6b616465: /* kade */
	case 0x61746a65: /* atje */
	case 0x6e746a65: /* ntje */
	case 0x736f656e: /* soen */
		return true;
	default:
		return false;
	}
}

/* One token from *at on, which is moved behind it. False where the text ends. */
static inline bool
token_next(const struct text_in *in, size_t *at, struct token *t)
{
	const uint8_t *s = in->s;
	size_t i = *at, n, len = in->len;
	uint8_t wide = 0, first = 0;
	unsigned shape, class;

	for (;;) {
		while (i < len && s[i] < 0x80 && !(detect_class[s[i]] & IS_ALNUM))
			i++;
		if (i == len) {
			*at = i;
			return false;
		}
		if (s[i] < 0x80 || wide_letter(in, i, &first) > 0)
			break;
		i++;
	}
	/* digits 1, lower case 2, upper case 4: as in detect_class */
	shape = s[i] < 0x80 && detect_class[s[i]] & IS_UPPER ? TOKEN_TITLE
		: first & TOKEN_UPPER                        ? TOKEN_TITLE
							     : 0;
	t->start = (uint32_t)i;
	for (;;) {
		while (i < len && (class = detect_class[s[i]] & IS_ALNUM) != 0) {
			shape |= class;
			i++;
		}
		if (i == len || s[i] < 0x80 || (n = wide_letter(in, i, &wide)) == 0)
			break;
		shape |= TOKEN_WIDE;
		i += n;
	}
	t->len = (uint32_t)(i - t->start);
	t->shape = (uint8_t)(shape | wide);
	t->hash = hash_within(s + t->start, t->len, len - t->start);
	t->classes = word_classes(s + t->start, t->len, t->hash, NULL);
	if (t->len >= STREET_LEN_LEAST && street_tail(s + i))
		t->classes |= W_TAIL;
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
	w->mark_count = w->digit_count = 0;
	while (count < BLOCK_TOKENS + TOKEN_PAD && token_next(&w->in, &at, &w->tokens[count])) {
		const struct token *t = &w->tokens[count];

		if (t->shape & TOKEN_DIGIT)
			w->digits[w->digit_count++] = (uint16_t)count;
		else if (t->classes & W_MARKS || (t->shape & TOKEN_TITLE && t->len >= STREET_LEN_LEAST))
			w->marks[w->mark_count++] = (uint16_t)count;
		count++;
	}
	if (count <= BLOCK_TOKENS) {
		w->end = w->in.len;
		w->token_count = count;
		memset(w->tokens + count, 0, TOKEN_PAD * sizeof(struct token));
	} else {
		w->token_count = whole_lines(w, BLOCK_TOKENS);
		w->end = token_end(&w->tokens[w->token_count - 1]);
	}
	while (w->digit_count > 0 && w->digits[w->digit_count - 1] >= w->token_count)
		w->digit_count--;
	while (w->mark_count > 0 && w->marks[w->mark_count - 1] >= w->token_count)
		w->mark_count--;
	return true;
}
