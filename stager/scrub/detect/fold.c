/* The folded text, unit by unit, and the way back: a unit is some bytes of the original that say something else, together. */
#include "fold.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "detect.h"
#include "stager/utf8.h"

#define UNIT_MAX 256           /* bytes of the original; what says more at once is not looked at */
#define SPACED_LEAST 3         /* letters of a word with spaces between them */
#define SPACED_LEAST_SIGN 4    /* with another sign */
#define SPACED_NUMBER_LEAST 15 /* letters and figures: of an account number */
#define RAISED_LEAST 3         /* figures in a row: "10\u207b\u2079" is an exponent */
#define INDENT_MAX 8
#define NUMBER_LEAST 8 /* figures behind a per cent sign that are no reference */

/* A unit at s[at]: how many bytes of the original, and what they say, in out; AS_IS: themselves. */
#define AS_IS SIZE_MAX

static inline bool
is_alnum(uint8_t c)
{
	return (detect_class[c] & IS_ALNUM) != 0;
}

/* Part of a word, as far as a byte says it. */
static inline bool
in_word(const uint8_t *s, size_t len, size_t at)
{
	return at < len && (is_alnum(s[at]) || s[at] >= 0x80);
}

/* --- what is special, and where --- */

#define WINDOW 64
#define STEP (WINDOW - 6) /* places that are judged of it, so that what follows each is seen */

#ifdef __SSE2__
/* Bits of the places among the STEP from s[at] where a unit may begin; WINDOW + 1 bytes can be read. */
static inline uint64_t
special_bits(const uint8_t *s, bool word_before)
{
	uint64_t word = 0, special = 0, alone;

	for (unsigned i = 0; i < WINDOW; i += 16) {
		const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		const __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(s + i + 1));
		const __m128i letter = _mm_cmpgt_epi8(
		    _mm_add_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8(127 - 'z')),
		    _mm_set1_epi8(127 - 26));
		const __m128i digit =
		    _mm_cmpgt_epi8(_mm_add_epi8(x, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(127 - 10));
		/* A hyphen, and LF or CR behind it, or what else is no printable ASCII. */
		const __m128i cut = _mm_and_si128(
		    _mm_cmpeq_epi8(x, _mm_set1_epi8('-')), _mm_cmpgt_epi8(_mm_set1_epi8('\r' + 1), next));
		const __m128i sign = _mm_or_si128(
		    _mm_cmpeq_epi8(x, _mm_set1_epi8('&')), _mm_cmpeq_epi8(x, _mm_set1_epi8('%')));

		/* What begins a character: but for U+00C0 to U+023F, the letters that Dutch is written with. */
		const __m128i lead =
		    _mm_or_si128(_mm_and_si128(x, _mm_cmpgt_epi8(x, _mm_set1_epi8((char)0xc8))),
			_mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xc2)));

		word |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(x, _mm_or_si128(letter, digit)))
			<< i;
		special |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(lead, _mm_or_si128(cut, sign)))
			   << i;
	}
	/* Three words of one letter each, with one byte between. */
	alone = word & ~(word << 1 | word_before) & ~(word >> 1);
	special |= alone & alone >> 2 & alone >> 4;
	return special & ((UINT64_C(1) << STEP) - 1);
}
#else
static uint64_t
special_bits(const uint8_t *s, bool word_before)
{
	uint64_t word = 0, special = 0, alone;

	for (unsigned i = 0; i < WINDOW; i++) {
		bool high = s[i] >= 0x80;

		word |= (uint64_t)(high || is_alnum(s[i])) << i;
		special |= (uint64_t)(s[i] == 0xc2 || s[i] > 0xc8 || s[i] == '&' || s[i] == '%' ||
				      (s[i] == '-' && (s[i + 1] == '\n' || s[i + 1] == '\r')))
			   << i;
	}
	alone = word & ~(word << 1 | word_before) & ~(word >> 1);
	special |= alone & alone >> 2 & alone >> 4;
	return special & ((UINT64_C(1) << STEP) - 1);
}
#endif

/* The first place from `at` on, below limit, where a unit may begin; limit where there is none. */
static size_t
next_special(const uint8_t *s, size_t len, size_t at, size_t limit)
{
	uint8_t edge[WINDOW + 16];
	uint64_t bits;

	/* Where there is one there are often more. */
	if (at < limit && s[at] > 0xc8)
		return at;
	for (; at < limit; at += STEP) {
		const uint8_t *from = s + at;

		if (len - at < WINDOW + 1) {
			memset(edge, 0, sizeof(edge));
			memcpy(edge, from, len - at);
			from = edge;
		}
		if ((bits = special_bits(from, at > 0 && in_word(s, len, at - 1))) != 0)
			break;
	}
	if (at >= limit)
		return limit;
	at += (size_t)__builtin_ctzll(bits);
	return at < limit ? at : limit;
}

/* --- the units --- */

static uint32_t
character(const uint8_t *s, size_t n)
{
	uint32_t code = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		code = code << 6 | (s[i] & 0x3f);
	return code;
}

/* What a character stands for, to out; at most 4 bytes. */
static size_t
put_code(uint32_t code, uint8_t *out)
{
	int fold = code < 0x80 ? (int)code : fold_code(code);

	if (fold == FOLD_NONE)
		return 0;
	if (fold == FOLD_SAME)
		return utf8_encode(code, out);
	out[0] = (uint8_t)fold;
	return 1;
}

/* Small words inside of names: what they follow on the line before is not cut there. */
static bool
is_small_word(const uint8_t *s, size_t len)
{
	static const char *const words[] = {
	    "de", "van", "der", "den", "en", "of", "te", "ten", "ter", "el", "al", "von", "vd", "het", "t"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && memcmp(words[i], s, len) == 0)
			return true;
	return false;
}

/* "Kwaker-", and on the next line "naat": nothing stands between. How many bytes; 0: it is no such thing. */
static size_t
cut_word(const uint8_t *s, size_t len, size_t at)
{
	size_t end = at + 1, word;

	if (at == 0 || !((detect_class[s[at - 1]] & IS_LOWER) || s[at - 1] >= 0x80))
		return 0;
	end += end < len && s[end] == '\r';
	if (end >= len || s[end] != '\n')
		return 0;
	for (end++; end < len && (s[end] == ' ' || s[end] == '\t') && end - at <= INDENT_MAX;)
		end++;
	if (end == len || !((detect_class[s[end]] & IS_LOWER) || s[end] >= 0xc3))
		return 0;
	for (word = end; in_word(s, len, word) && word - end <= 4;)
		word++;
	return is_small_word(s + end, word - end) ? 0 : end - at;
}

/*
 * "J a n s e n", "J.a.n.s.e.n", "J_A_N_S_E_N": words of one letter each, the same sign between. Nobody writes initials or the
 * items of a list so: with a full stop the first is a capital and the others are not.
 */
static size_t
spaced_word(const uint8_t *s, size_t len, size_t at, uint8_t *out, size_t *made)
{
	size_t end = at, count = 0, upper = 0, digits = 0;
	size_t word = 0, word_made = 0, word_end = at; /* what is letters, up to the first figure */
	uint8_t sign = at + 1 < len ? s[at + 1] : 0;
	bool first = (detect_class[s[at]] & IS_UPPER) != 0;

	if (sign == 0 || strchr(" \t.-_*|/~+=", sign) == NULL || !(detect_class[s[at]] & IS_LETTER) ||
	    (at > 0 && in_word(s, len, at - 1)))
		return 0;
	*made = 0;
	for (;; end += 2) {
		uint8_t class = detect_class[s[end]];

		if (digits == 0 && class & IS_DIGIT) {
			word = count;
			word_made = *made;
			word_end = end - 1;
		}
		/* A new word: "J a n J a n s e n". */
		if (count > 1 && class & IS_UPPER && detect_class[s[end - 2]] & IS_LOWER)
			out[(*made)++] = ' ';
		out[(*made)++] = s[end];
		count++;
		upper += (class & IS_UPPER) != 0;
		digits += (class & IS_DIGIT) != 0;
		if (end + 2 >= len || s[end + 1] != sign || !is_alnum(s[end + 2]) ||
		    in_word(s, len, end + 3) || end + 3 - at > UNIT_MAX)
			break;
	}
	end++;
	if (digits + 1 < count && count >= SPACED_NUMBER_LEAST && digits * 2 > count &&
	    detect_class[s[at + 2]] & IS_LETTER)
		return end - at;
	/* "B S N 1 1 1 2": the word alone. */
	if (digits > 0) {
		*made = word_made;
		count = word;
		end = word_end;
	}
	if (sign == '.' && !(first && upper == 1))
		return 0;
	return count >= (sign == ' ' || sign == '\t' ? SPACED_LEAST : SPACED_LEAST_SIGN) ? end - at : 0;
}

static int
hex(uint8_t c)
{
	return detect_class[c] & IS_DIGIT               ? c - '0'
	       : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
							: -1;
}

/* Are the two signs of a reference figures, and the first of eight or more, as those of a number? */
static bool
in_number(const uint8_t *s, size_t len, size_t at)
{
	size_t end = at + 1;

	while (end < len && end - at <= NUMBER_LEAST && detect_class[s[end]] & IS_DIGIT)
		end++;
	return end - at > NUMBER_LEAST;
}

/* "%C3%A4", "%40": letters, figures and what stands in addresses; a space only outside of an address. */
static size_t
percent(const uint8_t *s, size_t len, size_t at, uint32_t *code)
{
	uint8_t bytes[UTF8_MAX];
	size_t count = 0, n;

	while (count < UTF8_MAX && len - at >= 3 * (count + 1) && s[at + 3 * count] == '%' &&
	       hex(s[at + 3 * count + 1]) >= 0 && hex(s[at + 3 * count + 2]) >= 0) {
		bytes[count] = (uint8_t)(hex(s[at + 3 * count + 1]) << 4 | hex(s[at + 3 * count + 2]));
		count++;
	}
	if (count == 0 || (n = utf8_sequence(bytes, count)) == 0)
		return 0;
	*code = character(bytes, n);
	if (n > 1)
		return 3 * n;
	/* "50%40" is a share, unless an address goes on there */
	if (*code == '@')
		return at > 0 && in_word(s, len, at - 1) && in_word(s, len, at + 3) ? 3 : 0;
	if (at > 0 && detect_class[s[at - 1]] & IS_DIGIT)
		return 0;
	/* "98 %412345675" is a number behind a per cent sign; "bsn%20123456782" is not. */
	if (in_number(s, len, at) && !(*code == ' ' && at > 0 && in_word(s, len, at - 1)))
		return 0;
	if (*code == ' ') {
		for (size_t back = at; back > 0 && at - back < UNIT_MAX && s[back - 1] > ' '; back--)
			if (s[back - 1] == '/' || s[back - 1] == '?' || s[back - 1] == '=')
				return 0;
		return 3;
	}
	return is_alnum((uint8_t)*code) || *code == '.' || *code == '-' || *code == '_' ? 3 : 0;
}

/* Raised or lowered figures, three or more in a row, as one number. */
static size_t
raised(const uint8_t *s, size_t len, size_t at, uint8_t *out, size_t *made)
{
	size_t end = at, n, count = 0;
	int figure;

	while (end < len && end - at < UNIT_MAX - UTF8_MAX && s[end] >= 0x80 &&
	       (n = utf8_sequence(s + end, len - end)) > 1 &&
	       (figure = fold_raised(character(s + end, n))) >= 0) {
		out[count++] = (uint8_t)('0' + figure);
		end += n;
	}
	*made = count;
	return count >= RAISED_LEAST ? end - at : 0;
}

/* From a sign that mirrors what follows to its end or the line's: the characters backwards. */
static size_t
mirror(const uint8_t *s, size_t len, size_t at, uint8_t *out, size_t *made)
{
	uint8_t bytes[UTF8_MAX];
	size_t end = at + 3, from = UNIT_MAX, n, put;
	uint32_t code;

	while (end < len && s[end] != '\n' && s[end] != '\r') {
		if ((n = utf8_sequence(s + end, len - end)) == 0)
			n = 1;
		if (end + n - at > UNIT_MAX)
			return 0;
		code = n == 1 ? s[end] : character(s + end, n);
		end += n;
		if (code == 0x202c || code == 0x2069)
			break;
		put = n == 1 ? (bytes[0] = (uint8_t)code, (size_t)1) : put_code(code, bytes);
		from -= put;
		memcpy(out + from, bytes, put);
	}
	*made = UNIT_MAX - from;
	memmove(out, out + from, *made);
	return end - at;
}

/* The unit at s[at], where something special stands; out has room for UNIT_MAX bytes. */
static size_t
unit(const uint8_t *s, size_t len, size_t at, bool mirrored, uint8_t *out, size_t *made)
{
	size_t n;
	uint32_t code;

	*made = AS_IS;
	if (s[at] >= 0x80) {
		int fold;

		if ((n = utf8_sequence(s + at, len - at)) < 2)
			return 1;
		code = character(s + at, n);
		if (code >= 0xc0 && code < 0x250)
			return n;
		if (code == 0x202e && mirrored && (n = mirror(s, len, at, out, made)) > 0)
			return n;
		n = utf8_sequence(s + at, len - at);
		if (fold_raised(code) >= 0) {
			size_t run = raised(s, len, at, out, made);

			if (run > 0)
				return run;
		}
		fold = fold_code(code);
		*made = fold == FOLD_SAME ? AS_IS : fold != FOLD_NONE;
		if (fold >= 0)
			out[0] = (uint8_t)fold;
		return n;
	}
	if (s[at] == '&')
		n = fold_reference(s + at, len - at, &code);
	else if (s[at] == '%')
		n = percent(s, len, at, &code);
	else if (s[at] == '-' && (n = cut_word(s, len, at)) > 0)
		return *made = 0, n;
	else if (is_alnum(s[at]) && (n = spaced_word(s, len, at, out, made)) > 0)
		return n;
	else
		n = 0;
	if (n == 0)
		return *made = AS_IS, 1;
	*made = put_code(code, out);
	return n;
}

bool
fold_needed(const uint8_t *s, size_t len)
{
	uint8_t out[UNIT_MAX + UTF8_MAX];
	size_t at = 0, made;

	while ((at = next_special(s, len, at, len)) < len) {
		at += unit(s, len, at, false, out, &made);
		if (made != AS_IS)
			return true;
	}
	return false;
}

bool
fold_mirrors(const uint8_t *s, size_t len)
{
	const uint8_t *at = s, *end = s + len;

	/* Its last byte is the rarest. */
	for (; (at = memchr(at, 0xae, (size_t)(end - at))) != NULL; at++)
		if (at - s >= 2 && at[-1] == 0x80 && at[-2] == 0xe2)
			return true;
	return false;
}

size_t
fold_text(const uint8_t *s, size_t len, bool mirrored, uint8_t *out)
{
	uint8_t bytes[UNIT_MAX + UTF8_MAX];
	size_t at = 0, put = 0, next, made;

	while (at < len) {
		next = next_special(s, len, at, len);
		memcpy(out + put, s + at, next - at);
		put += next - at;
		if ((at = next) == len)
			break;
		next = unit(s, len, at, mirrored, bytes, &made);
		memcpy(out + put, made == AS_IS ? s + at : bytes, made == AS_IS ? next : made);
		put += made == AS_IS ? next : made;
		at += next;
	}
	return put;
}

size_t
fold_original(struct fold_cursor *c, size_t folded, bool end)
{
	uint8_t bytes[UNIT_MAX + UTF8_MAX];
	size_t n, made;

	while (c->folded < folded && c->original < c->len) {
		size_t limit =
		    folded - c->folded < c->len - c->original ? c->original + (folded - c->folded) : c->len;

		n = next_special(c->s, c->len, c->original, limit) - c->original;
		c->original += n;
		c->folded += n;
		if (c->folded == folded || c->original == c->len)
			break;
		n = unit(c->s, c->len, c->original, c->mirrored, bytes, &made);
		if (made == AS_IS)
			made = n;
		/* The middle of what is said together. */
		if (!end && c->folded + made > folded)
			break;
		c->original += n;
		c->folded += made;
	}
	/* What shows nothing before the front is no part of it. */
	while (!end && c->folded == folded && c->original < c->len &&
	       next_special(c->s, c->len, c->original, c->original + 1) == c->original) {
		n = unit(c->s, c->len, c->original, c->mirrored, bytes, &made);
		if (made != 0)
			break;
		c->original += n;
	}
	return c->original;
}
