/* Headers of mail (RFC 5322): fields, encoded words (RFC 2047), addresses. Strict: what it does not understand holds. */
#include "mail.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stager/utf8.h"

static int
held(const char **reason, const char *why)
{
	*reason = why;
	return 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
mail_is(struct mail_text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.s, word, t.len) == 0;
}

static struct mail_text
trimmed(const char *s, const char *end)
{
	while (s < end && is_space(*s))
		s++;
	while (end > s && is_space(end[-1]))
		end--;
	return (struct mail_text){s, (size_t)(end - s)};
}

/* --- fields --- */

/* The end of the line at s, its LF included. */
static const char *
line_end(const char *s, const char *end)
{
	const char *lf = memchr(s, '\n', (size_t)(end - s));

	return lf == NULL ? end : lf + 1;
}

/* The fields' lines hold no control characters but the tab, and CR before LF alone. */
static bool
line_ok(const char *s, const char *end)
{
	for (; s < end; s++)
		if (((unsigned char)*s < ' ' && *s != '\t' && *s != '\n' &&
			!(*s == '\r' && end - s >= 2 && s[1] == '\n')) ||
		    *s == 0x7f)
			return false;
	return true;
}

static int
add_field(struct mail_head *h, const char *s, const char *end, const char **reason, struct err *e)
{
	const char *colon = memchr(s, ':', (size_t)(end - s));
	struct mail_field *grown;

	if (colon == NULL || colon == s)
		return held(reason, "mail-header");
	for (const char *at = s; at < colon; at++)
		if (*at <= ' ' || *at >= 0x7f)
			return held(reason, "mail-header");
	if (h->count == MAIL_FIELDS_MAX)
		return held(reason, "mail-header");
	if ((h->count & (h->count - 1)) == 0) {
		if ((grown = reallocarray(h->fields, h->count == 0 ? 1 : 2 * h->count, sizeof(*grown))) ==
		    NULL)
			return err_sys(e, "mail: memory for headers");
		h->fields = grown;
	}
	h->fields[h->count++] =
	    (struct mail_field){.name = {s, (size_t)(colon - s)}, .value = trimmed(colon + 1, end)};
	return 1;
}

int
mail_head_read(const char *s, size_t len, struct mail_head *h, const char **reason, struct err *e)
{
	const char *at = s, *end = s + len, *next, *to;
	int rc;

	*h = (struct mail_head){.end = len};
	/* The line that mailboxes have before a message. */
	if (len >= 5 && memcmp(s, "From ", 5) == 0)
		at = line_end(s, end);
	while (at < end) {
		next = line_end(at, end);
		if (next - at == 1 || (next - at == 2 && *at == '\r')) {
			if (*at == '\n' || *at == '\r') {
				h->end = (size_t)(next - s);
				return 1;
			}
		}
		for (to = next; to < end && (*to == ' ' || *to == '\t'); to = next)
			next = line_end(to, end);
		if ((size_t)(next - s) > MAIL_HEAD_MAX)
			return held(reason, "mail-header");
		if (!line_ok(at, next))
			return held(reason,
			    memchr(at, '\0', (size_t)(next - at)) != NULL ? "nul-byte" : "mail-header");
		if ((rc = add_field(h, at, next, reason, e)) != 1)
			return rc;
		at = next;
	}
	return 1;
}

void
mail_head_free(struct mail_head *h)
{
	free(h->fields);
	h->fields = NULL;
	h->count = 0;
}

const struct mail_field *
mail_head_find(const struct mail_head *h, const char *name, bool *twice)
{
	const struct mail_field *found = NULL;

	for (size_t i = 0; i < h->count; i++)
		if (mail_is(h->fields[i].name, name)) {
			*twice = *twice || found != NULL;
			if (found == NULL)
				found = &h->fields[i];
		}
	return found;
}

/* --- encoded words --- */

struct word {
	struct mail_text charset, text;
	bool base64;
	const char *end;
};

/* An encoded word at s. */
static bool
word_at(const char *s, const char *end, struct word *w)
{
	const char *kind, *text, *stop;

	if (end - s < 8 || s[0] != '=' || s[1] != '?' ||
	    (kind = memchr(s + 2, '?', (size_t)(end - s - 2))) == NULL || end - kind < 5 || kind[2] != '?' ||
	    strchr("bBqQ", kind[1]) == NULL)
		return false;
	text = kind + 3;
	if ((stop = memchr(text, '?', (size_t)(end - text))) == NULL || end - stop < 2 || stop[1] != '=')
		return false;
	*w = (struct word){.charset = {s + 2, (size_t)(kind - s - 2)},
	    .text = {text, (size_t)(stop - text)},
	    .base64 = (kind[1] | 0x20) == 'b',
	    .end = stop + 2};
	/* RFC 2231's language behind a star. */
	if ((stop = memchr(w->charset.s, '*', w->charset.len)) != NULL)
		w->charset.len = (size_t)(stop - w->charset.s);
	return w->charset.len > 0;
}

/* Words of one character set that follow each other: a character may be cut between them. */
static int
words(const char **at, const char *end, struct word *w, struct buf *bytes, struct buf *out,
    const char **reason, struct err *e)
{
	struct mail_text charset = w->charset;
	const char *next;
	int rc;

	buf_clear(bytes);
	for (;;) {
		if ((rc = w->base64 ? mail_base64(w->text, bytes, reason, e)
				    : mail_quoted(w->text, true, bytes, reason, e)) != 1)
			return rc;
		*at = w->end;
		for (next = w->end; next < end && is_space(*next); next++)
			;
		if (next == w->end || !word_at(next, end, w))
			break;
		*at = next;
		if (w->charset.len != charset.len || strncasecmp(w->charset.s, charset.s, charset.len) != 0)
			break;
	}
	return mail_charset(
	    charset, bytes->data == NULL ? (const uint8_t *)"" : bytes->data, bytes->len, out, reason, e);
}

int
mail_unfold(struct mail_text value, struct buf *out, const char **reason, struct err *e)
{
	const char *at = value.s, *end = value.s + value.len, *plain;
	size_t before = out->len;
	struct buf bytes;
	struct word w;
	int rc = 1;

	buf_init_wiped(&bytes, MAIL_HEAD_MAX);
	while (rc == 1 && at < end) {
		if (word_at(at, end, &w)) {
			rc = words(&at, end, &w, &bytes, out, reason, e);
			continue;
		}
		for (plain = at++; at < end && !(at[0] == '=' && end - at >= 2 && at[1] == '?');)
			at++;
		rc = mail_charset(
		    (struct mail_text){"", 0}, (const uint8_t *)plain, (size_t)(at - plain), out, reason, e);
	}
	buf_free(&bytes);
	if (rc != 1)
		return rc;
	/* A word that is none could say anything. */
	if (out->len - before >= 2 && memmem(out->data + before, out->len - before, "=?", 2) != NULL)
		return held(reason, "mail-header");
	/* One line: what was folded, and what an encoded word brought, is one space. */
	at = NULL;
	for (size_t i = before, n = before; i <= out->len; i++) {
		if (i == out->len) {
			out->len = n;
			break;
		}
		if (out->data[i] == 0x7f || (out->data[i] < ' ' && !is_space((char)out->data[i])))
			return held(reason, "mail-header");
		if (is_space((char)out->data[i])) {
			if (n == before || out->data[n - 1] != ' ')
				out->data[n++] = ' ';
		} else {
			out->data[n++] = out->data[i];
		}
	}
	return 1;
}

/* --- addresses --- */

/* Past a quoted string or a comment that begins at s; NULL where it does not end. */
static const char *
past(const char *s, const char *end)
{
	char close = *s == '"' ? '"' : ')';
	unsigned depth = 1;

	for (s++; s < end; s++) {
		if (*s == '\\')
			s++;
		else if (*s == close && --depth == 0)
			return s + 1;
		else if (*s == '(' && close == ')')
			depth++;
	}
	return NULL;
}

/* One address, or one identifier: a word with no white space in it. */
static int
one(const char *s, const char *end, int (*each)(void *, const char *, size_t, struct err *), void *ctx,
    const char **reason, struct err *e)
{
	struct mail_text t = trimmed(s, end);

	for (size_t i = 0; i < t.len; i++)
		if (is_space(t.s[i]) || strchr("<>(),;:\\", t.s[i]) != NULL)
			return held(reason, "mail-address");
	if (t.len == 0 || t.len > MAIL_ADDRESS_MAX)
		return held(reason, "mail-address");
	return each(ctx, t.s, t.len, e) == -1 ? -1 : 1;
}

int
mail_addresses(struct mail_text value, bool ids,
    int (*each)(void *ctx, const char *address, size_t len, struct err *e), void *ctx, const char **reason,
    struct err *e)
{
	const char *at = value.s, *end = value.s + value.len, *from = at, *close;
	bool angle = false, words = false;
	int rc;

	for (;; at++) {
		if (at == end || *at == ',' || *at == ';') {
			/* "Jansen, Jan <jan@...>" without its quotes: what has no @ is nobody's address. */
			if (!angle && words && !ids && memchr(from, '@', (size_t)(at - from)) == NULL)
				words = false;
			if (!angle && words && (ids || (rc = one(from, at, each, ctx, reason, e)) != 1))
				return ids ? held(reason, "mail-address") : rc;
			if (at == end)
				return 1;
			angle = words = false;
			from = at + 1;
		} else if (*at == '"' || *at == '(') {
			if (angle && *at == '"')
				return held(reason, "mail-address");
			if ((close = past(at, end)) == NULL)
				return held(reason, "mail-address");
			words = words || *at == '"';
			/* A comment behind an address that stands alone. */
			if (*at == '(' && words && !angle && !ids) {
				if ((rc = one(from, at, each, ctx, reason, e)) != 1)
					return rc;
				angle = true;
			} else if (*at == '(' && !words) {
				from = close;
			}
			at = close - 1;
		} else if (*at == '<') {
			if ((close = memchr(at, '>', (size_t)(end - at))) == NULL || (angle && !ids))
				return held(reason, "mail-address");
			/* "<>" is nobody, the way back of what is not to be answered. */
			if (close > at + 1 && (rc = one(at + 1, close, each, ctx, reason, e)) != 1)
				return rc;
			angle = true;
			at = close;
		} else if (*at == ':') {
			/* A group's name stood before it. */
			if (angle || ids)
				return held(reason, "mail-address");
			words = false;
			from = at + 1;
		} else if (!is_space(*at)) {
			if (angle)
				return held(reason, "mail-address");
			words = true;
		}
	}
}
