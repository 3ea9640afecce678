/* A strict scanner of XML 1.0: no document type, no entities but the five, names in ASCII. */
#include "xml.h"

#include <string.h>
#include <strings.h>

#include "stager/utf8.h"

static bool
fail(struct xml_scan *s, const char *reason)
{
	s->reason = reason;
	return false;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
name_first(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_';
}

static bool
name_byte(uint8_t c)
{
	return name_first(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The Char of XML 1.0, 2.2. */
static bool
char_ok(uint32_t code)
{
	if (code < 0x20)
		return code == '\t' || code == '\n' || code == '\r';
	return code != 0xfffe && code != 0xffff && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/* All of it: characters that a document may have. U+FFFE and U+FFFF are EF BF BE and EF BF BF. */
static bool
chars_ok(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x20 && !is_space(s[i]))
			return false;
		if (s[i] == 0xef && len - i >= 3 && s[i + 1] == 0xbf && s[i + 2] >= 0xbe)
			return false;
	}
	return true;
}

static size_t
spaces(struct xml_scan *s)
{
	size_t from = s->at;

	while (s->at < s->len && is_space(s->s[s->at]))
		s->at++;
	return s->at - from;
}

static bool
ncname(struct xml_scan *s, struct xml_part *out)
{
	out->at = s->at;
	if (s->at >= s->len || !name_first(s->s[s->at]))
		return false;
	while (s->at < s->len && name_byte(s->s[s->at]))
		s->at++;
	out->len = s->at - out->at;
	return out->len <= XML_NAME_MAX;
}

/* prefix:local, or local alone. */
static bool
qname(struct xml_scan *s, struct xml_part *prefix, struct xml_part *local)
{
	*prefix = (struct xml_part){s->at, 0};
	if (!ncname(s, local))
		return false;
	if (s->at < s->len && s->s[s->at] == ':') {
		*prefix = *local;
		s->at++;
		return ncname(s, local);
	}
	return true;
}

static bool
same(const struct xml_scan *s, struct xml_part a, struct xml_part b)
{
	return a.len == b.len && memcmp(s->s + a.at, s->s + b.at, a.len) == 0;
}

/* name = "value", behind white space. */
static bool
attribute(struct xml_scan *s, struct xml_token *t)
{
	struct xml_attribute *a;
	const uint8_t *end;
	uint8_t quote;

	if (t->attribute_count == XML_ATTRIBUTES_MAX)
		return fail(s, "xml-attributes");
	a = &t->attributes[t->attribute_count];
	if (!qname(s, &a->prefix, &a->local))
		return fail(s, "xml-broken");
	(void)spaces(s);
	if (s->at >= s->len || s->s[s->at++] != '=')
		return fail(s, "xml-broken");
	(void)spaces(s);
	if (s->at >= s->len || (s->s[s->at] != '"' && s->s[s->at] != '\''))
		return fail(s, "xml-broken");
	quote = s->s[s->at++];
	if ((end = memchr(s->s + s->at, quote, s->len - s->at)) == NULL)
		return fail(s, "xml-broken");
	a->value = (struct xml_part){s->at, (size_t)(end - s->s) - s->at};
	if (memchr(s->s + a->value.at, '<', a->value.len) != NULL ||
	    !chars_ok(s->s + a->value.at, a->value.len))
		return fail(s, "xml-broken");
	s->at = a->end = a->value.at + a->value.len + 1;
	for (size_t i = 0; i < t->attribute_count; i++)
		if (same(s, t->attributes[i].local, a->local) && same(s, t->attributes[i].prefix, a->prefix))
			return fail(s, "xml-broken");
	t->attribute_count++;
	return true;
}

static bool
start_tag(struct xml_scan *s, struct xml_token *t)
{
	size_t gap, before;

	t->kind = XML_START;
	s->at++;
	if (!qname(s, &t->prefix, &t->local))
		return fail(s, "xml-broken");
	for (;;) {
		before = s->at;
		gap = spaces(s);
		if (s->at >= s->len)
			return fail(s, "xml-broken");
		if (s->s[s->at] == '>') {
			s->at++;
			return true;
		}
		if (s->s[s->at] == '/') {
			if (s->len - s->at < 2 || s->s[s->at + 1] != '>')
				return fail(s, "xml-broken");
			s->at += 2;
			return t->empty = true;
		}
		if (gap == 0)
			return fail(s, "xml-broken");
		if (!attribute(s, t))
			return false;
		t->attributes[t->attribute_count - 1].start = before;
	}
}

static bool
end_tag(struct xml_scan *s, struct xml_token *t)
{
	t->kind = XML_END;
	s->at += 2;
	if (!qname(s, &t->prefix, &t->local))
		return fail(s, "xml-broken");
	(void)spaces(s);
	if (s->at >= s->len || s->s[s->at++] != '>')
		return fail(s, "xml-broken");
	return true;
}

/* Up to the mark, which is passed; value: what stands before it. */
static bool
up_to(struct xml_scan *s, const char *mark, struct xml_part *value)
{
	size_t len = strlen(mark);
	const uint8_t *end = memmem(s->s + s->at, s->len - s->at, mark, len);

	if (end == NULL)
		return fail(s, "xml-broken");
	*value = (struct xml_part){s->at, (size_t)(end - s->s) - s->at};
	s->at = value->at + value->len + len;
	return chars_ok(s->s + value->at, value->len) ? true : fail(s, "xml-broken");
}

/* A word of the declaration: ' NAME="VALUE"'; false where another one stands there. */
static bool
declared(struct xml_scan *s, const char *name, struct xml_part *value)
{
	size_t len = strlen(name), at = s->at;
	const uint8_t *end;

	if (spaces(s) == 0 || s->len - s->at < len || memcmp(s->s + s->at, name, len) != 0)
		goto none;
	s->at += len;
	(void)spaces(s);
	if (s->at >= s->len || s->s[s->at++] != '=')
		goto none;
	(void)spaces(s);
	if (s->at >= s->len || (s->s[s->at] != '"' && s->s[s->at] != '\''))
		goto none;
	value->at = s->at + 1;
	if ((end = memchr(s->s + value->at, s->s[s->at], s->len - value->at)) == NULL)
		goto none;
	value->len = (size_t)(end - s->s) - value->at;
	s->at = value->at + value->len + 1;
	return true;
none:
	s->at = at;
	return false;
}

static bool
declaration(struct xml_scan *s, struct xml_token *t)
{
	struct xml_part value = {0, 0};

	s->at += 5;
	t->declaration = true;
	if (!declared(s, "version", &value) || value.len != 3 || memcmp(s->s + value.at, "1.0", 3) != 0)
		return fail(s, "xml-broken");
	t->value = (struct xml_part){s->at, 0};
	if (declared(s, "encoding", &value))
		t->value = value;
	if (declared(s, "standalone", &value) &&
	    !((value.len == 3 && memcmp(s->s + value.at, "yes", 3) == 0) ||
		(value.len == 2 && memcmp(s->s + value.at, "no", 2) == 0)))
		return fail(s, "xml-broken");
	(void)spaces(s);
	if (s->len - s->at < 2 || memcmp(s->s + s->at, "?>", 2) != 0)
		return fail(s, "xml-broken");
	s->at += 2;
	return true;
}

static bool
instruction(struct xml_scan *s, struct xml_token *t)
{
	struct xml_part target, rest;

	t->kind = XML_COMMENT;
	if (s->at == 0 && s->len >= 6 && memcmp(s->s, "<?xml", 5) == 0 && is_space(s->s[5]))
		return declaration(s, t);
	s->at += 2;
	if (!ncname(s, &target) ||
	    (target.len == 3 && strncasecmp((const char *)s->s + target.at, "xml", 3) == 0))
		return fail(s, "xml-broken");
	if (s->at < s->len && !is_space(s->s[s->at]) && s->s[s->at] != '?')
		return fail(s, "xml-broken");
	if (!up_to(s, "?>", &rest))
		return false;
	/* "<?a?b?>": behind the target comes white space or the end. */
	return rest.len == 0 || is_space(s->s[rest.at]) ? true : fail(s, "xml-broken");
}

static bool
comment(struct xml_scan *s, struct xml_token *t)
{
	struct xml_part inside;

	t->kind = XML_COMMENT;
	s->at += 4;
	if (!up_to(s, "--", &inside))
		return false;
	if (s->at >= s->len || s->s[s->at++] != '>')
		return fail(s, "xml-broken");
	return true;
}

static bool
text(struct xml_scan *s, struct xml_token *t)
{
	const uint8_t *end = memchr(s->s + s->at, '<', s->len - s->at);

	t->kind = XML_TEXT;
	t->value = (struct xml_part){s->at, (end == NULL ? s->len : (size_t)(end - s->s)) - s->at};
	s->at += t->value.len;
	if (memmem(s->s + t->value.at, t->value.len, "]]>", 3) != NULL ||
	    !chars_ok(s->s + t->value.at, t->value.len))
		return fail(s, "xml-broken");
	return true;
}

bool
xml_next(struct xml_scan *s, struct xml_token *t)
{
	const uint8_t *at = s->s + s->at;
	size_t left = s->len - s->at;
	const uint8_t next = left >= 2 ? at[1] : '!'; /* which begins nothing that is so short */
	bool ok;

	t->start = s->at;
	t->attribute_count = 0;
	t->empty = t->declaration = false;
	if (left == 0) {
		t->kind = XML_OVER;
		ok = true;
	} else if (*at != '<') {
		ok = text(s, t);
	} else if (next == '/') {
		ok = end_tag(s, t);
	} else if (next == '?') {
		ok = instruction(s, t);
	} else if (next != '!') {
		ok = start_tag(s, t);
	} else if (left >= 4 && memcmp(at, "<!--", 4) == 0) {
		ok = comment(s, t);
	} else if (left >= 9 && memcmp(at, "<![CDATA[", 9) == 0) {
		t->kind = XML_CDATA;
		s->at += 9;
		ok = up_to(s, "]]>", &t->value);
	} else if (left >= 9 && memcmp(at, "<!DOCTYPE", 9) == 0) {
		ok = fail(s, "xml-doctype");
	} else {
		ok = fail(s, "xml-broken");
	}
	t->end = s->at;
	return ok;
}

/* --- what is spelled, and what it says --- */

/* A reference at s, its & included: bytes read, 0 where it is none that is read. */
static size_t
reference(const uint8_t *s, size_t len, uint32_t *code)
{
	static const struct {
		const char *spelled;
		uint8_t len, code;
	} known[] = {
	    {"&amp;", 5, '&'}, {"&lt;", 4, '<'}, {"&gt;", 4, '>'}, {"&quot;", 6, '"'}, {"&apos;", 6, '\''}};
	size_t at = 2, base = 10;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (len >= known[i].len && memcmp(s, known[i].spelled, known[i].len) == 0) {
			*code = known[i].code;
			return known[i].len;
		}
	}
	if (len < 4 || s[1] != '#')
		return 0;
	if (s[2] == 'x') {
		base = 16;
		at = 3;
	}
	*code = 0;
	for (size_t from = at; at < len; at++) {
		uint8_t c = s[at], low = c | 0x20;

		if (c == ';')
			return at > from && char_ok(*code) ? at + 1 : 0;
		if (c >= '0' && c <= '9')
			*code = *code * (uint32_t)base + (uint32_t)(c - '0');
		else if (base == 16 && low >= 'a' && low <= 'f')
			*code = *code * 16 + (uint32_t)(low - 'a' + 10);
		else
			return 0;
		if (*code > 0x10ffff)
			return 0;
	}
	return 0;
}

int
xml_decode(const uint8_t *s, size_t len, enum xml_as as, struct buf *out, const char **reason, struct err *e)
{
	const bool attribute = as == XML_AS_ATTRIBUTE, raw = as == XML_AS_CDATA;
	uint8_t bytes[UTF8_MAX];
	size_t at = 0, plain, used;
	uint32_t code;

	while (at < len) {
		for (plain = at; at < len && (raw || s[at] != '&') && s[at] != '\r' &&
				 !(attribute && (s[at] == '\n' || s[at] == '\t'));)
			at++;
		if (at > plain && buf_put(out, s + plain, at - plain, e) == -1)
			return -1;
		if (at == len)
			break;
		if (s[at] != '&') {
			/* A line's end is one character, and in an attribute white space is spaces. */
			at += s[at] == '\r' && at + 1 < len && s[at + 1] == '\n' ? 2 : 1;
			if (buf_put_u8(out, attribute ? ' ' : '\n', e) == -1)
				return -1;
			continue;
		}
		if ((used = reference(s + at, len - at, &code)) == 0) {
			*reason = "xml-entity";
			return 0;
		}
		if (buf_put(out, bytes, utf8_encode(code, bytes), e) == -1)
			return -1;
		at += used;
	}
	return 1;
}

int
xml_encode(const uint8_t *s, size_t len, bool attribute, bool narrow, struct buf *out, struct err *e)
{
	size_t at = 0, plain, n;
	uint32_t code;

	while (at < len) {
		for (plain = at;
		     at < len && s[at] < 0x80 && s[at] != '&' && s[at] != '<' && s[at] != '>' &&
		     s[at] != '\r' &&
		     !(attribute && (s[at] == '"' || s[at] == '\'' || s[at] == '\n' || s[at] == '\t'));)
			at++;
		if (at > plain && buf_put(out, s + plain, at - plain, e) == -1)
			return -1;
		if (at == len)
			break;
		if (s[at] < 0x80) {
			const char *as = s[at] == '&'   ? "&amp;"
					 : s[at] == '<' ? "&lt;"
					 : s[at] == '>' ? "&gt;"
							: NULL;

			if ((as != NULL ? buf_put_str(out, as, e)
					: buf_printf(out, e, "&#%u;", (unsigned)s[at])) == -1)
				return -1;
			at++;
			continue;
		}
		if ((n = utf8_sequence(s + at, len - at)) == 0)
			return err_set(e, ERR_SYSTEM, "xml: what was made of a value is no UTF-8");
		code = s[at] & (0xffu >> (n + 1));
		for (size_t i = 1; i < n; i++)
			code = code << 6 | (s[at + i] & 0x3f);
		if ((narrow ? buf_printf(out, e, "&#%u;", (unsigned)code) : buf_put(out, s + at, n, e)) == -1)
			return -1;
		at += n;
	}
	return 0;
}
