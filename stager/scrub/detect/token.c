/* Cutting the folded text into blocks and tokens, once for all finders. */
#include "detect.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "name.h"

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
	else if (lead <=
		 0xc5) /* from U+0139 to U+0148 and from U+0179 on (ł, ń, ź) the capitals are the odd ones */
		*shape |= (next & 1) == ((lead == 0xc4 && next >= 0xb9) ||
					    (lead == 0xc5 && (next <= 0x88 || next >= 0xb9)))
			      ? TOKEN_UPPER
			      : TOKEN_LOWER;
	else if (lead == 0xce || lead == 0xd0)
		*shape |= next < 0xb0 ? TOKEN_UPPER : TOKEN_LOWER;
	else
		*shape |= TOKEN_LOWER;
	if (lead < 0xe0)
		return 2;
	return (text_at(in, at + 2) & 0xc0) == 0x80 ? 3 : 2;
}

/* As bytes_load, where eight bytes can be read whatever len is. */
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

/* What the bytes of a word are: bits of these in each byte. */
struct bytes {
	uint64_t first; /* its first eight, small letters all */
	uint64_t digits, lower, upper, high;
};

/* Bit 5 where bit 6 is not: a digit, for what is a letter or a digit; and so on. Past the word's end there is none of them. */
static inline void
bytes_add(struct bytes *b, uint64_t word)
{
	b->digits |= word & ~(word >> 1);
	b->lower |= word & word >> 1;
	b->upper |= ~word & word >> 1;
	b->high |= word;
}

static inline uint32_t
word_read(const uint8_t *s, size_t len, size_t readable, struct bytes *b)
{
	uint64_t hash = len * UINT64_C(0x9e3779b97f4a7c15), word;

	word = readable >= 8 ? load_open(s, len) : bytes_load(s, len);
	*b = (struct bytes){.first = word,
	    .digits = word & ~(word >> 1),
	    .lower = word & word >> 1,
	    .upper = ~word & word >> 1,
	    .high = word};
	hash = mix(hash, word);
	while (len > 8) {
		s += 8;
		len -= 8;
		readable -= 8;
		word = readable >= 8 ? load_open(s, len) : bytes_load(s, len);
		bytes_add(b, word);
		hash = mix(hash, word);
	}
	return (uint32_t)(hash ^ hash >> 29);
}

uint32_t
token_hash(const uint8_t *s, size_t len)
{
	struct bytes unused;

	return word_read(s, len, len, &unused);
}

/* The last four letters are those of a street's plain ending: what most words fail. Eleven values, each with a place of its own. */
static inline bool
street_tail(const uint8_t *end)
{
	static const uint32_t tails[32] = {[0] = 0x6c61616e /* laan */,
	    [2] = 0x72656566 /* reef */,
	    [6] = 0x6e746a65 /* ntje */,
	    [9] = 0x6c65696e /* lein */,
	    [10] = 0x736f656e /* soen */,
	    [16] = 0x61746a65 /* atje */,
	    [17] = 0x6b616465 /* kade */,
	    [20] = 0x74656567 /* teeg */,
	    [26] = 0x72616174 /* raat */,
	    [29] = 0x6e67656c /* ngel */,
	    [31] = 0x61636874 /* acht */};
	uint32_t tail;

	memcpy(&tail, end - 4, sizeof(tail));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	tail = __builtin_bswap32(tail);
#endif
	tail |= 0x20202020;
	return tails[tail * UINT32_C(0x612e7697) >> 27] == tail;
}

/* Bit 5 of each of the first len bytes. */
static inline uint64_t
low_bits(size_t len)
{
	const uint64_t all = UINT64_C(0x2020202020202020);

	return len >= 8 ? all : all & ((UINT64_C(1) << (8 * len)) - 1);
}

/* The digits at the front of a word, of its first eight bytes (bit 5 set in each, zero past its end). */
static inline uint8_t
figures_of(uint64_t first)
{
	uint64_t other = (first & UINT64_C(0xc0c0c0c0c0c0c0c0)) | (~first & UINT64_C(0x1010101010101010));

	return (uint8_t)(other == 0 ? 8 : (unsigned)__builtin_ctzll(other) / 8);
}

/* What follows from start and len: hash, classes, and what its bytes are. */
static inline __attribute__((always_inline)) struct bytes
token_look(const struct text_in *in, struct token *t)
{
	const uint8_t *s = in->s + t->start;
	struct bytes b;

	t->hash = word_read(s, t->len, in->len - t->start, &b);
	t->first = b.first | low_bits(t->len);
	t->figures = figures_of(t->first);
	t->classes = words_may_have(t->hash) ? word_classes_of(s, t->len, t->hash, b.first, NULL) : 0;
	if (t->len >= STREET_LEN_LEAST)
		t->classes |= street_tail(s + t->len) ? W_TAIL : 0;
	return b;
}

/* One token from *at on, which is moved behind it, a byte at a time. False where the text ends. */
static __attribute__((noinline)) bool
token_bytes(const struct text_in *in, size_t *at, struct token *t)
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
	(void)token_look(in, t);
	*at = i;
	return true;
}

/* Runs of letters, digits and bytes beyond ASCII, 64 bytes of the text at a time. */
struct runs {
	size_t base; /* of these 64; a multiple of 64 */
	uint64_t
	    edges; /* bits of the places in them where a run begins or ends, but for those that were had */
	uint64_t inside;  /* 1: a run goes on over their end */
	size_t at, until; /* a run with bytes beyond ASCII is being read */
};

static void
runs_load(struct runs *r, const struct text_in *in, size_t from)
{
	uint8_t padded[64];
	const uint8_t *s = in->s + r->base;
	uint64_t in_run = 0;

	if (in->len - r->base < sizeof(padded)) {
		memset(padded, 0, sizeof(padded));
		memcpy(padded, s, in->len - r->base);
		s = padded;
	}
#ifdef __SSE2__
	for (unsigned i = 0; i < 64; i += 16) {
		const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		/* Compared as signed: what is no such letter or digit comes to stand below. */
		const __m128i letter = _mm_cmpgt_epi8(
		    _mm_add_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8(127 - 'z')),
		    _mm_set1_epi8(127 - 26));
		const __m128i digit =
		    _mm_cmpgt_epi8(_mm_add_epi8(x, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(127 - 10));
		const __m128i any = _mm_or_si128(x, _mm_or_si128(letter, digit));

		in_run |= (uint64_t)(unsigned)_mm_movemask_epi8(any) << i;
	}
#else
	for (unsigned i = 0; i < 64; i++)
		in_run |= (uint64_t)(s[i] >= 0x80 || (detect_class[s[i]] & IS_ALNUM) != 0) << i;
#endif
	if (from > r->base)
		in_run &= ~UINT64_C(0) << (from - r->base);
	r->edges = in_run ^ (in_run << 1 | r->inside);
	r->inside = in_run >> 63;
}

/* No run goes on over `from`. */
static void
runs_start(struct runs *r, const struct text_in *in, size_t from)
{
	*r = (struct runs){.base = from / 64 * 64};
	runs_load(r, in, from);
}

/* The next edge; false where the text has none. */
static inline bool
runs_edge(struct runs *r, const struct text_in *in, size_t *at)
{
	while (r->edges == 0) {
		if (in->len - r->base <= 64)
			return false;
		r->base += 64;
		runs_load(r, in, 0);
	}
	*at = r->base + (unsigned)__builtin_ctzll(r->edges);
	r->edges &= r->edges - 1;
	return true;
}

/* The next token; false where there is none. */
static inline bool
token_next(const struct text_in *in, struct runs *r, struct token *t)
{
	const uint64_t bits = UINT64_C(0x2020202020202020);
	struct bytes b;
	size_t start, end;

	for (;;) {
		/* Which letters beyond ASCII belong to a word, and where it ends, is seen byte by byte. */
		if (r->at < r->until) {
			const struct text_in run = {.s = in->s, .len = r->until};

			if (token_bytes(&run, &r->at, t))
				return true;
			r->at = r->until;
		}
		if (!runs_edge(r, in, &start))
			return false;
		if (!runs_edge(r, in, &end))
			end = in->len;
		t->start = (uint32_t)start;
		t->len = (uint32_t)(end - start);
		b = token_look(in, t);
		if ((b.high & bits << 2) == 0)
			break;
		r->at = start;
		r->until = end;
	}
	t->shape =
	    (uint8_t)((b.digits & bits ? TOKEN_DIGIT : 0) | (b.lower & bits ? TOKEN_LOWER : 0) |
		      (b.upper & bits ? TOKEN_UPPER : 0) | ((in->s[start] & 0x60) == 0x40 ? TOKEN_TITLE : 0));
	return true;
}

/* What stands between two tokens. */
static inline uint8_t
gap_between(const struct text_in *in, const struct token *t, const struct token *next)
{
	if (token_end(t) + 1 == next->start)
		return name_gap_of[in->s[next->start - 1]];
	return (uint8_t)name_gap_wide(in, t, next);
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

/* "jAnSeN", "jANSEN": a listed name in a case that no name has, which begins small. As if it began with a capital. */
static __attribute__((noinline)) uint8_t
odd_case(const struct text_in *in, const struct token *t)
{
	const uint8_t *s = in->s + t->start;
	size_t changes = 0, lower = 0;

	if (t->len < 4 || (name_flags(t->hash) & (NAME_FIRST | NAME_LAST)) == 0)
		return 0;
	for (size_t i = 0; i < t->len; i++) {
		lower += (detect_class[s[i]] & IS_LOWER) != 0;
		changes += i > 0 && ((detect_class[s[i]] ^ detect_class[s[i - 1]]) & IS_LOWER) != 0;
	}
	return changes >= 3 || lower == 1 ? TOKEN_TITLE : 0;
}

bool
tokens_read(struct work *w)
{
	uint64_t titles = 0, heads = 0;
	size_t count = 0, digits = 0, marks = 0, capitals = 0;
	struct runs runs;

	if (w->end >= w->in.len)
		return false;
	/* The last tokens of the block before stay in sight. */
	if (w->tokens == NULL)
		memset(w->store, 0, TOKEN_PAD * sizeof(struct token));
	else
		memmove(w->store, w->tokens + w->token_count - TOKEN_PAD, TOKEN_PAD * sizeof(struct token));
	w->start = w->end;
	w->tokens = w->store + TOKEN_PAD;
	runs_start(&runs, &w->in, w->end);
	while (count < BLOCK_TOKENS + TOKEN_PAD && token_next(&w->in, &runs, &w->tokens[count])) {
		struct token *t = &w->tokens[count];
		uint64_t title, digit = t->shape & TOKEN_DIGIT;

		if ((t->shape & (TOKEN_LOWER | TOKEN_UPPER | TOKEN_TITLE)) == (TOKEN_LOWER | TOKEN_UPPER))
			t->shape |= odd_case(&w->in, t);
		title = (t->shape & TOKEN_TITLE) != 0;

		__builtin_prefetch(&name_slots[(uint64_t)t->hash * name_slot_count >> 32]);
		if (title)
			name_look_ahead(t->hash);
		titles |= title << count % 64;
		capitals += title & !digit;
		heads |= ((title & ~digit) | name_is_trigger(t->hash)) << count % 64;
		/* Written in any case, and counted where it is one. */
		w->digits[digits] = w->marks[marks] = (uint16_t)count;
		digits += digit;
		marks += !digit && (t->classes & W_MARKS || (title && t->len >= STREET_LEN_LEAST));
		if (count > 0 || w->tokens[-1].len > 0)
			w->tokens[(long)count - 1].gap = gap_between(&w->in, t - 1, t);
		if (++count % 64 == 0) {
			w->titles[count / 64 - 1] = titles;
			w->heads[count / 64 - 1] = heads;
			titles = heads = 0;
		}
	}
	w->titles[count / 64] = titles;
	w->heads[count / 64] = heads;
	w->tokens[(long)count - 1].gap = GAP_BREAK;
	w->digit_count = digits;
	w->mark_count = marks;
	if (count <= BLOCK_TOKENS) {
		w->end = w->in.len;
		w->token_count = count;
		memset(w->tokens + count, 0, TOKEN_PAD * sizeof(struct token));
	} else {
		w->token_count = whole_lines(w, BLOCK_TOKENS);
		/* The one behind it is out of sight. */
		w->tokens[w->token_count + TOKEN_PAD - 1].gap = GAP_BREAK;
		w->end = token_end(&w->tokens[w->token_count - 1]);
	}
	w->caseless = capitals * 40 < count + 20;
	while (w->digit_count > 0 && w->digits[w->digit_count - 1] >= w->token_count)
		w->digit_count--;
	while (w->mark_count > 0 && w->marks[w->mark_count - 1] >= w->token_count)
		w->mark_count--;
	return true;
}
