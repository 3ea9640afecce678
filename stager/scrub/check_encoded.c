/* What a text holds encoded once more, in the second scan: base64, quoted-printable, RFC 2047, and per cent signs. */
#include "check_parts.h"

#include <stdlib.h>
#include <string.h>

#include "stager/utf8.h"

#define RUN_MIN 16      /* an account number of 18 signs is 24 in base64; "BSN 111222333" 18 */
#define RUN_MIN_KNOWN 8 /* a name of six letters */
#define RUN_BINARY 512  /* a longer one that is no text is a file of some kind */
#define LINE_MIN 60     /* a line of base64 before a break that is none of its own */

/* The value of a base64 sign, either alphabet; 64: none. */
static uint8_t
sextet(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (check_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : 64;
}

static bool
is64(uint8_t c)
{
	return check_letter(c) || check_digit(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

static int
hex(uint8_t c)
{
	return check_digit(c) ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* What was decoded. */
struct decoded {
	uint8_t *out;
	size_t used;  /* at most, to be wiped */
	size_t least; /* signs of a run of base64 */
	/* What is looked for; NULL: what nobody's text may hold. */
	const char *(*look)(void *ctx, const uint8_t *s, size_t len);
	void *ctx;
};

static const char *
match(struct decoded *d, size_t len)
{
	const struct check_text t = {.s = d->out, .len = len, .quote = '"'};
	const char *reason;

	if (d->used < len)
		d->used = len;
	if (d->look != NULL)
		return len > 0 ? d->look(d->ctx, d->out, len) : NULL;
	reason = len == 0 ? NULL : check_numbers(&t, CHECK_ALL);
	if (reason == NULL && len > 0 && check_bsn_apart(&t))
		reason = "check-bsn";
	return reason != NULL || len == 0 ? reason : check_emails(&t);
}

/* Text, but for a sign at its front and its end that were cut. */
static bool
is_text(const uint8_t *s, size_t len)
{
	size_t from = 0;

	while (from < len && from < UTF8_MAX && (s[from] & 0xc0) == 0x80)
		from++;
	for (size_t n; from < len; from += n) {
		if (s[from] < 0x20 && (s[from] < '\t' || s[from] > '\r'))
			return false;
		if ((n = utf8_sequence(s + from, len - from)) == 0)
			return len - from < UTF8_MAX;
	}
	return true;
}

/* --- base64 --- */

/* The end of the run that begins at `at`, over the breaks between its lines. */
static size_t
run_end(const uint8_t *s, size_t len, size_t at)
{
	size_t line = at, next;

	for (;;) {
		while (at < len && is64(s[at]))
			at++;
		next = at + (at < len && s[at] == '\r');
		if (next >= len || s[next] != '\n' || at - line < LINE_MIN || (at - line) % 4 != 0 ||
		    next + 1 >= len || sextet(s[next + 1]) == 64)
			return at;
		at = line = next + 1;
	}
}

/* Decode, the first `skip` signs left out; out has room for as many bytes as there are signs. */
static size_t
decode64(const uint8_t *s, size_t len, size_t skip, uint8_t *out)
{
	uint32_t bits = 0;
	size_t count = 0, n = 0;

	for (size_t i = skip; i < len; i++) {
		if (sextet(s[i]) == 64)
			continue;
		bits = bits << 6 | sextet(s[i]);
		if (++count % 4 != 1)
			out[n++] = (uint8_t)(bits >> (count % 4 == 2 ? 4 : count % 4 == 3 ? 2 : 0));
	}
	return n;
}

/* Capitals, small letters and figures: what a file has in base64, and a sequence of bases or a number has not. */
static bool
mixed(const uint8_t *s, size_t len)
{
	bool upper = false, lower = false, digit = false;

	for (size_t i = 0; i < len; i++) {
		upper = upper || (s[i] >= 'A' && s[i] <= 'Z');
		lower = lower || (s[i] >= 'a' && s[i] <= 'z');
		digit = digit || check_digit(s[i]);
	}
	return upper && lower && digit;
}

/* Capitals and small letters: figures and addresses give both; a pseudonym, a word and a number in hex have one kind. */
static bool
cased(const uint8_t *s, size_t len)
{
	uint8_t all = 0, any = 0;

	for (size_t i = 0; i < len; i++)
		if (check_letter(s[i])) {
			any |= s[i] & 0x20;
			all |= ~s[i] & 0x20;
		}
	return all != 0 && any != 0;
}

static const char *
run64(const uint8_t *s, size_t len, struct decoded *d)
{
	const char *reason;
	bool text = false;
	size_t n;

	if (!cased(s, len))
		return NULL;
	for (size_t skip = 0; skip < 4; skip++) {
		n = decode64(s, len, skip, d->out);
		if (d->used < n)
			d->used = n;
		if (!is_text(d->out, n))
			continue;
		text = true;
		if ((reason = match(d, n)) != NULL)
			return reason;
	}
	return !text && d->look == NULL && len >= RUN_BINARY && mixed(s, len) ? "check-encoded" : NULL;
}

static const char *
check64(const uint8_t *s, size_t len, struct decoded *d)
{
	const char *reason;
	size_t from, end;

	/* A run of so many covers one of these places, at least. */
	for (size_t at = d->least - 1; at < len; at = (end > at ? end : at) + d->least) {
		for (from = end = at; from > 0 && is64(s[from]) && is64(s[from - 1]);)
			from--;
		if (!is64(s[at]))
			continue;
		end = run_end(s, len, from);
		if (end - from >= d->least && (reason = run64(s + from, end - from, d)) != NULL)
			return reason;
	}
	return NULL;
}

/* --- bytes by their hexadecimal figures --- */

/* Something is encoded so: the copy is worth it. */
static bool
is_quoted(const uint8_t *s, size_t len, uint8_t sign)
{
	for (const uint8_t *at = s, *end = s + len; (at = memchr(at, sign, (size_t)(end - at))) != NULL; at++)
		if ((end - at >= 3 && hex(at[1]) >= 0 && hex(at[2]) >= 0) ||
		    (sign == '=' && end - at >= 2 &&
			(at[1] == '\n' || (at[1] == '\r' && end - at >= 3 && at[2] == '\n'))))
			return true;
	return false;
}

/* Quoted-printable ('='), whose line ends may be none, or per cent signs. 0 where nothing is encoded. */
static size_t
unquote(const uint8_t *s, size_t len, uint8_t sign, uint8_t *out)
{
	const uint8_t *next;
	size_t at = 0, n = 0;

	if (!is_quoted(s, len, sign))
		return 0;
	while ((next = memchr(s + at, sign, len - at)) != NULL) {
		size_t plain = (size_t)(next - s) - at, left;

		memcpy(out + n, s + at, plain);
		n += plain;
		at += plain;
		left = len - at;
		if (left >= 3 && hex(s[at + 1]) >= 0 && hex(s[at + 2]) >= 0) {
			out[n++] = (uint8_t)((hex(s[at + 1]) & 15) << 4 | (hex(s[at + 2]) & 15));
			at += 3;
		} else if (sign == '=' && left >= 2 && s[at + 1] == '\n') {
			at += 2;
		} else if (sign == '=' && left >= 3 && s[at + 1] == '\r' && s[at + 2] == '\n') {
			at += 3;
		} else {
			out[n++] = s[at++];
		}
	}
	memcpy(out + n, s + at, len - at);
	return n + (len - at);
}

/* --- encoded words: =?charset?B|Q?...?= --- */

static const uint8_t *
find(const uint8_t *s, const uint8_t *end, const char *what)
{
	return memmem(s, (size_t)(end - s), what, strlen(what));
}

/* All of them, one behind the other where white space alone stands between. */
static size_t
words(const uint8_t *s, size_t len, uint8_t *out)
{
	const uint8_t *end = s + len, *at = s, *word, *kind, *text, *stop, *gap;
	size_t n = 0, count = 0, made;

	while ((word = find(at, end, "=?")) != NULL) {
		if ((kind = memchr(word + 2, '?', (size_t)(end - word - 2))) == NULL || end - kind < 3)
			break;
		if (kind[2] != '?') {
			at = word + 2;
			continue;
		}
		/* Nor does any word behind it end: to look again for each of many would take hours. */
		if ((stop = find(text = kind + 3, end, "?=")) == NULL)
			break;
		for (gap = at; gap < word && (*gap == ' ' || *gap == '\t' || *gap == '\r' || *gap == '\n');
		     gap++)
			;
		if (gap < word)
			out[n++] = '\n';
		if ((kind[1] | 0x20) == 'b') {
			n += decode64(text, (size_t)(stop - text), 0, out + n);
		} else {
			made = unquote(text, (size_t)(stop - text), '=', out + n);
			if (made == 0) {
				made = (size_t)(stop - text);
				memcpy(out + n, text, made);
			}
			for (size_t i = 0; i < made; i++)
				if (out[n + i] == '_')
					out[n + i] = ' ';
			n += made;
		}
		count++;
		at = stop + 2;
	}
	return count == 0 ? 0 : n;
}

static int
all_forms(const uint8_t *s, size_t len, struct decoded d, const char **reason, struct err *e)
{
	*reason = NULL;
	if (len < 8)
		return 0;
	if ((d.out = malloc(len + 1)) == NULL)
		return err_set(e, ERR_SYSTEM, "check: out of memory for %zu bytes", len);
	*reason = check64(s, len, &d);
	if (*reason == NULL)
		*reason = match(&d, unquote(s, len, '=', d.out));
	if (*reason == NULL)
		*reason = match(&d, unquote(s, len, '%', d.out));
	if (*reason == NULL && memchr(s, '=', len) != NULL)
		*reason = match(&d, words(s, len, d.out));
	explicit_bzero(d.out, d.used);
	free(d.out);
	return *reason != NULL ? 1 : 0;
}

int
check_encoded(const uint8_t *s, size_t len, const char **reason, struct err *e)
{
	return all_forms(s, len, (struct decoded){.least = RUN_MIN}, reason, e);
}

int
check_encoded_each(const uint8_t *s, size_t len, const char *(*look)(void *ctx, const uint8_t *s, size_t len),
    void *ctx, const char **reason, struct err *e)
{
	return all_forms(
	    s, len, (struct decoded){.least = RUN_MIN_KNOWN, .look = look, .ctx = ctx}, reason, e);
}
