/* The parts of a mail (RFC 2045, 2046): which of them are its text, and what they say. */
#include "mail.h"

#include <string.h>
#include <strings.h>

static int
held(struct mail_body *b, const char *why)
{
	b->reason = why;
	return 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What Content-Type or Content-Disposition says. */
struct kind {
	struct mail_text type, subtype; /* of a disposition: type alone */
	struct mail_text charset, boundary;
	bool named; /* it has a file's name */
	bool flowed, delsp;
};

static struct mail_text
token(const char **at, const char *end)
{
	struct mail_text t = {*at, 0};

	while (*at<end &&* * at> ' ' && **at < 0x7f && strchr("()<>@,;:\\\"/[]?=", **at) == NULL)
		(*at)++;
	t.len = (size_t)(*at - t.s);
	return t;
}

static void
spaces(const char **at, const char *end)
{
	while (*at < end && is_space(**at))
		(*at)++;
}

/* What a parameter is: a token, or a string in quotes. */
static bool
parameter(const char **at, const char *end, struct mail_text *value)
{
	if (*at < end && **at == '"') {
		value->s = ++*at;
		for (; *at < end && **at != '"'; (*at)++)
			if (**at == '\\' && ++*at == end)
				return false;
		value->len = (size_t)(*at - value->s);
		return *at < end && *(*at)++ == '"';
	}
	*value = token(at, end);
	/* Boundaries are often spelled without the quotes that they want. */
	while (*at < end && **at != ';' && !is_space(**at) && **at != '"')
		(*at)++;
	value->len = (size_t)(*at - value->s);
	return value->len > 0;
}

/* "text/plain; charset=utf-8", "attachment; filename=x". False where it has another form. */
static bool
kind_read(struct mail_text text, bool slash, struct kind *k)
{
	const char *at = text.s, *end = text.s + text.len;
	struct mail_text name, value;

	*k = (struct kind){.type = {"", 0}};
	k->type = token(&at, end);
	if (slash && (at == end || *at++ != '/'))
		return false;
	if (slash)
		k->subtype = token(&at, end);
	if (k->type.len == 0 || (slash && k->subtype.len == 0))
		return false;
	for (;;) {
		spaces(&at, end);
		if (at == end)
			return true;
		if (*at++ != ';')
			return false;
		spaces(&at, end);
		if (at == end)
			return true;
		name = token(&at, end);
		spaces(&at, end);
		if (name.len == 0 || at == end || *at++ != '=')
			return false;
		spaces(&at, end);
		if (!parameter(&at, end, &value))
			return false;
		/* RFC 2231 spells them name*, name*0 and so on. */
		if (name.len >= 4 &&
		    (strncasecmp(name.s, "name", 4) == 0 || strncasecmp(name.s, "file", 4) == 0))
			k->named = true;
		if ((mail_is(name, "charset") && k->charset.len > 0) ||
		    (mail_is(name, "boundary") && k->boundary.len > 0))
			return false;
		k->flowed = k->flowed || (mail_is(name, "format") && mail_is(value, "flowed"));
		k->delsp = k->delsp || (mail_is(name, "delsp") && mail_is(value, "yes"));
		if (mail_is(name, "charset"))
			k->charset = value;
		if (mail_is(name, "boundary"))
			k->boundary = value;
	}
}

/* --- the bodies of parts --- */

static int
decoded(struct mail_body *b, struct mail_text encoding, struct mail_text raw, struct buf *out, struct err *e)
{
	if (mail_is(encoding, "base64"))
		return mail_base64(raw, out, &b->reason, e);
	if (mail_is(encoding, "quoted-printable"))
		return mail_quoted(raw, false, out, &b->reason, e);
	if (encoding.len > 0 && !mail_is(encoding, "7bit") && !mail_is(encoding, "8bit") &&
	    !mail_is(encoding, "binary"))
		return held(b, "mail-encoding");
	return buf_put(out, raw.s, raw.len, e) == -1 ? -1 : 1;
}

/* Lines end with LF, and nothing is in them that no text has. */
static int
put_lines(struct mail_body *b, const struct buf *text, struct err *e)
{
	size_t from = 0;

	if (b->text.len > 0 && buf_put_str(&b->text, "\n", e) == -1)
		return -1;
	for (size_t i = 0; i < text->len; i++) {
		uint8_t c = text->data[i];

		if (c == 0 || c == 0x7f || (c < ' ' && (c < '\t' || c > '\r')))
			return held(b, c == 0 ? "nul-byte" : "kind-unknown");
		if (c != '\r')
			continue;
		if (buf_put(&b->text, text->data + from, i - from, e) == -1)
			return -1;
		from = i + 1;
		if (from < text->len && text->data[from] != '\n' && buf_put_u8(&b->text, '\n', e) == -1)
			return -1;
	}
	if (text->len > from && buf_put(&b->text, text->data + from, text->len - from, e) == -1)
		return -1;
	return b->text.len > 0 && b->text.data[b->text.len - 1] != '\n' && buf_put_u8(&b->text, '\n', e) == -1
		   ? -1
		   : 1;
}

static int
take_text(
    struct mail_body *b, const struct kind *k, struct mail_text encoding, struct mail_text raw, struct err *e)
{
	const bool html = mail_is(k->subtype, "html"), flow = !html && k->flowed && k->delsp;
	struct buf bytes, text, seen;
	int rc;

	if (html && strcmp(b->rule->html, "hold") == 0)
		return held(b, "mail-html");
	if (html && strcmp(b->rule->html, "drop") == 0)
		return 1;
	buf_init_wiped(&bytes, MAIL_BODY_MAX);
	buf_init_wiped(&text, 4 * (size_t)MAIL_BODY_MAX);
	buf_init_wiped(&seen, 4 * (size_t)MAIL_BODY_MAX);
	rc = decoded(b, encoding, raw, &bytes, e);
	if (rc == 1 && bytes.len > 0)
		rc = mail_charset(k->charset, bytes.data, bytes.len, &text, &b->reason, e);
	if (rc == 1 && html && text.len > 0)
		rc = mail_html(text.data, text.len, &seen, e) == -1 ? -1 : 1;
	if (rc == 1 && flow && text.len > 0)
		rc = mail_flow(text.data, text.len, &seen, e) == -1 ? -1 : 1;
	if (rc == 1)
		rc = put_lines(b, html || flow ? &seen : &text, e);
	if (rc == -1 && e->code == ERR_LIMIT)
		rc = held(b, "text-too-large");
	b->plain = !html;
	buf_free(&bytes);
	buf_free(&text);
	buf_free(&seen);
	return rc;
}

/* What is no text of the mail itself. */
static int
take_other(struct mail_body *b, const struct kind *k)
{
	/* A signature of what was changed is worth nothing. */
	if (mail_is(k->subtype, "pgp-signature") || mail_is(k->subtype, "pkcs7-signature") ||
	    mail_is(k->subtype, "x-pkcs7-signature"))
		return 1;
	if (!b->rule->attachments_drop)
		return held(b, "mail-attachment");
	b->attachments++;
	return 1;
}

/* --- multipart --- */

static int take_part(struct mail_body *b, const char *s, size_t len, unsigned depth, struct err *e);

/* The next line that is the boundary's: where it begins, and where the next line does; closing: it is the last one. */
static const char *
find_boundary(
    const char *s, const char *from, const char *end, const struct kind *k, const char **next, bool *closing)
{
	char mark[MAIL_BOUNDARY_MAX + 3] = "--";
	const size_t len = k->boundary.len + 2;
	const char *at;

	memcpy(mark + 2, k->boundary.s, k->boundary.len);
	while ((at = memmem(from, (size_t)(end - from), mark, len)) != NULL) {
		const char *to = at + len;

		*closing = end - to >= 2 && to[0] == '-' && to[1] == '-';
		to += *closing ? 2 : 0;
		while (to < end && (*to == ' ' || *to == '\t'))
			to++;
		if (to < end && *to == '\r')
			to++;
		if ((at == s || at[-1] == '\n') && (to == end || *to == '\n')) {
			*next = to == end ? end : to + 1;
			return at;
		}
		from = at + 1;
	}
	return NULL;
}

/*
 * Of alternatives the one in plain text; else the first that says anything. What was put there for the others goes again.
 */
struct choice {
	size_t from;
	bool plain, any;
};

static void
choose(struct mail_body *b, struct choice *c, size_t before)
{
	const bool says = b->text.len > before;
	/* Without the empty line between parts, where now none is before it. */
	const size_t start = before + (says && c->from == 0 && before > 0);

	if (says && (!c->any || (b->plain && !c->plain))) {
		memmove(b->text.data + c->from, b->text.data + start, b->text.len - start);
		b->text.len = c->from + b->text.len - start;
		c->any = true;
		c->plain = b->plain;
	} else {
		b->text.len = before;
	}
}

static int
take_parts(
    struct mail_body *b, const struct kind *k, const char *s, size_t len, unsigned depth, struct err *e)
{
	const bool alternative = mail_is(k->subtype, "alternative");
	struct choice c = {.from = b->text.len};
	const char *end = s + len, *at, *next = s, *from;
	bool closing = false;
	size_t before, to;
	int rc;

	if (depth + 1 >= MAIL_DEPTH_MAX)
		return held(b, "mail-depth");
	if (k->boundary.len == 0 || k->boundary.len > MAIL_BOUNDARY_MAX)
		return held(b, "mail-broken");
	if (find_boundary(s, s, end, k, &next, &closing) == NULL || closing)
		return held(b, "mail-broken");
	while (!closing) {
		from = next;
		if ((at = find_boundary(s, from, end, k, &next, &closing)) == NULL)
			return held(b, "mail-broken");
		/* The line's end before it is the boundary's. */
		to = (size_t)(at - from);
		to -= to > 0 && from[to - 1] == '\n';
		to -= to > 0 && from[to - 1] == '\r';
		before = b->text.len;
		if ((rc = take_part(b, from, to, depth + 1, e)) != 1)
			return rc;
		if (alternative)
			choose(b, &c, before);
	}
	b->plain = alternative ? c.plain : b->plain;
	return 1;
}

static int
take_part(struct mail_body *b, const char *s, size_t len, unsigned depth, struct err *e)
{
	struct mail_head h;
	int rc;

	if (++b->parts > MAIL_PARTS_MAX)
		return held(b, "mail-parts");
	if ((rc = mail_head_read(s, len, &h, &b->reason, e)) == 1)
		rc = mail_body_read(b, &h, s + h.end, len - h.end, depth, e);
	mail_head_free(&h);
	return rc;
}

int
mail_body_read(
    struct mail_body *b, const struct mail_head *h, const char *s, size_t len, unsigned depth, struct err *e)
{
	bool twice = false;
	const struct mail_field *type = mail_head_find(h, "content-type", &twice),
				*encoding = mail_head_find(h, "content-transfer-encoding", &twice),
				*where = mail_head_find(h, "content-disposition", &twice);
	const struct mail_text none = {"", 0}, plain = {"text/plain", 10};
	struct kind k, disposition = {.type = none};

	/* Two readers could take one each. */
	if (twice || !kind_read(type == NULL ? plain : type->value, true, &k) ||
	    (where != NULL && !kind_read(where->value, false, &disposition)))
		return held(b, "mail-broken");
	if (mail_is(k.type, "multipart")) {
		if (encoding != NULL && !mail_is(encoding->value, "7bit") &&
		    !mail_is(encoding->value, "8bit") && !mail_is(encoding->value, "binary"))
			return held(b, "mail-encoding");
		return take_parts(b, &k, s, len, depth, e);
	}
	if (!mail_is(k.type, "text") || (!mail_is(k.subtype, "plain") && !mail_is(k.subtype, "html")) ||
	    k.named || disposition.named || mail_is(disposition.type, "attachment"))
		return take_other(b, &k);
	return take_text(b, &k, encoding == NULL ? none : encoding->value, (struct mail_text){s, len}, e);
}
