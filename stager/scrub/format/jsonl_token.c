/* The tokens of JSON (RFC 8259), strictly, and strings written back. */
#include "jsonl.h"

#include <string.h>

#include "stager/utf8.h"

static bool
digits(struct jsonl_record *r)
{
	size_t start = r->at;

	while (r->at < r->len && r->s[r->at] >= '0' && r->s[r->at] <= '9')
		r->at++;
	return r->at > start;
}

bool
jsonl_number(struct jsonl_record *r)
{
	if (r->at < r->len && r->s[r->at] == '-')
		r->at++;
	if (r->at < r->len && r->s[r->at] == '0')
		r->at++;
	else if (!digits(r))
		return false;
	if (r->at < r->len && r->s[r->at] == '.') {
		r->at++;
		if (!digits(r))
			return false;
	}
	if (r->at < r->len && (r->s[r->at] == 'e' || r->s[r->at] == 'E')) {
		r->at++;
		if (r->at < r->len && (r->s[r->at] == '+' || r->s[r->at] == '-'))
			r->at++;
		if (!digits(r))
			return false;
	}
	return true;
}

static int
broken(struct jsonl_record *r)
{
	r->reason = "json-broken";
	return 0;
}

static bool
hex4(struct jsonl_record *r, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		uint8_t c = r->at < r->len ? r->s[r->at] : 0;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* What follows a backslash, into r->text. */
static int
escape(struct jsonl_record *r, struct err *e)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known;
	uint8_t utf8[UTF8_MAX];
	uint32_t code, low;

	if (r->at >= r->len)
		return broken(r);
	if (r->s[r->at] != 'u') {
		known = r->s[r->at] == 0 ? NULL : strchr(from, r->s[r->at]);
		if (known == NULL)
			return broken(r);
		r->at++;
		return buf_put_u8(&r->text, (uint8_t)to[known - from], e) == -1 ? -1 : 1;
	}
	r->at++;
	if (!hex4(r, &code))
		return broken(r);
	if (code >= 0xd800 && code <= 0xdbff) {
		if (r->len - r->at < 2 || r->s[r->at] != '\\' || r->s[r->at + 1] != 'u')
			return broken(r);
		r->at += 2;
		if (!hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
			return broken(r);
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else if (code >= 0xdc00 && code <= 0xdfff) {
		return broken(r);
	}
	return buf_put(&r->text, utf8, utf8_encode(code, utf8), e) == -1 ? -1 : 1;
}

int
jsonl_string_any(struct jsonl_record *r, struct jsonl_string *out, struct err *e)
{
	size_t from;
	int rc;

	if (r->at >= r->len || r->s[r->at] != '"')
		return broken(r);
	*out = (struct jsonl_string){.start = r->at++};
	from = r->at;
	r->at += jsonl_plain(r->s + from, r->len - from);
	if (r->at < r->len && r->s[r->at] == '"') {
		out->bytes = r->s + from;
		out->len = r->at - from;
		out->end = ++r->at;
		return 1;
	}
	out->escaped = true;
	buf_clear(&r->text);
	for (;;) {
		if (buf_put(&r->text, r->s + from, r->at - from, e) == -1)
			return -1;
		if (r->at >= r->len || r->s[r->at] < 0x20)
			return broken(r);
		if (r->s[r->at++] == '"')
			break;
		if ((rc = escape(r, e)) != 1)
			return rc;
		from = r->at;
		r->at += jsonl_plain(r->s + from, r->len - from);
	}
	out->bytes = r->text.data;
	out->len = r->text.len;
	out->end = r->at;
	return 1;
}

int
jsonl_quote(struct buf *out, const uint8_t *s, size_t len, struct err *e)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	size_t at = 0, plain;
	const char *known;
	uint8_t *room;

	for (bool first = true;; first = false) {
		plain = at < len ? jsonl_plain(s + at, len - at) : 0;
		/* A quote opens it, one closes it. */
		if ((room = buf_reserve(out, plain + 2, e)) == NULL)
			return -1;
		if (first)
			*room++ = '"';
		if (plain > 0)
			memcpy(room, s + at, plain);
		out->len += plain + (first ? 1 : 0);
		if ((at += plain) == len)
			break;
		known = s[at] == 0 ? NULL : strchr(from, s[at]);
		if (known != NULL ? buf_printf(out, e, "\\%c", to[known - from]) == -1
				  : buf_printf(out, e, "\\u%04x", s[at]) == -1)
			return -1;
		at++;
	}
	return buf_put_u8(out, '"', e);
}
