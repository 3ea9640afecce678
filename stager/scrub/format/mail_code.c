/* Transfer encodings and character sets of mail: base64, quoted-printable, and those of Western Europe. */
#include "mail.h"

#include <stdlib.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/encoding.h"
#include "stager/source.h"
#include "stager/utf8.h"

static int
held(const char **reason, const char *why)
{
	*reason = why;
	return 0;
}

int
mail_base64(struct mail_text in, struct buf *out, const char **reason, struct err *e)
{
	uint32_t bits = 0;
	unsigned count = 0, pads = 0;
	uint8_t *to = buf_reserve(out, in.len / 4 * 3 + 3, e);
	size_t n = 0;

	if (to == NULL)
		return -1;
	for (size_t i = 0; i < in.len; i++) {
		int six = base64_digit(in.s[i]);

		if (in.s[i] == ' ' || in.s[i] == '\t' || in.s[i] == '\r' || in.s[i] == '\n')
			continue;
		if (in.s[i] == '=') {
			if (++pads > 2 || count % 4 < 2)
				return held(reason, "mail-encoding");
			continue;
		}
		if (six == -1 || pads > 0)
			return held(reason, "mail-encoding");
		bits = bits << 6 | (uint32_t)six;
		if (++count % 4 == 0) {
			to[n++] = (uint8_t)(bits >> 16);
			to[n++] = (uint8_t)(bits >> 8);
			to[n++] = (uint8_t)bits;
		}
	}
	if (count % 4 == 1 || (pads > 0 && (count + pads) % 4 != 0))
		return held(reason, "mail-encoding");
	if (count % 4 >= 2)
		to[n++] = (uint8_t)(count % 4 == 2 ? bits >> 4 : bits >> 10);
	if (count % 4 == 3)
		to[n++] = (uint8_t)(bits >> 2);
	out->len += n;
	return 1;
}

static int
hex(char c)
{
	return c >= '0' && c <= '9'                     ? c - '0'
	       : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
							: -1;
}

int
mail_quoted(struct mail_text in, bool header, struct buf *out, const char **reason, struct err *e)
{
	uint8_t *to = buf_reserve(out, in.len + 1, e);
	size_t n = 0, solid = 0, at = 0, next;

	if (to == NULL)
		return -1;
	while (at < in.len) {
		if (in.s[at] == '=') {
			if (in.len - at >= 3 && hex(in.s[at + 1]) >= 0 && hex(in.s[at + 2]) >= 0) {
				to[n++] = (uint8_t)(hex(in.s[at + 1]) << 4 | hex(in.s[at + 2]));
				at += 3;
			} else {
				/* A line that goes on: perhaps white space, and the line's end. */
				for (next = at + 1;
				     next < in.len && (in.s[next] == ' ' || in.s[next] == '\t');)
					next++;
				if (next < in.len && in.s[next] == '\r')
					next++;
				if (header || (next < in.len && in.s[next] != '\n'))
					return held(reason, "mail-encoding");
				at = next < in.len ? next + 1 : next;
			}
			solid = n;
			continue;
		}
		if (in.s[at] == '\n' || (in.s[at] == '\r' && at + 1 < in.len && in.s[at + 1] == '\n')) {
			/* White space before a line's end was put there on the way. */
			n = solid;
			if (in.s[at] == '\r')
				to[n++] = (uint8_t)in.s[at++];
		}
		to[n++] = (uint8_t)(header && in.s[at] == '_' ? ' ' : in.s[at]);
		if (in.s[at] != ' ' && in.s[at] != '\t')
			solid = n;
		at++;
	}
	out->len += n;
	return 1;
}

/* ISO 8859-15: eight characters are others than in Windows-1252, and it has none from 0x80 to 0x9f. */
static int
from_8859_15(const uint8_t *s, size_t len, struct buf *out, const char **reason, struct err *e)
{
	static const struct {
		uint8_t byte;
		uint16_t code;
	} others[] = {{0xa4, 0x20ac}, {0xa6, 0x160}, {0xa8, 0x161}, {0xb4, 0x17d}, {0xb8, 0x17e},
	    {0xbc, 0x152}, {0xbd, 0x153}, {0xbe, 0x178}};
	uint8_t *to = buf_reserve(out, 3 * len, e);
	size_t n = 0;

	if (to == NULL)
		return -1;
	for (size_t i = 0; i < len; i++) {
		uint32_t code = s[i];

		if (code >= 0x80 && code < 0xa0)
			return held(reason, "not-utf8");
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			if (others[k].byte == s[i])
				code = others[k].code;
		n += utf8_encode(code, to + n);
	}
	out->len += n;
	return 1;
}

int
mail_charset(
    struct mail_text name, const uint8_t *s, size_t len, struct buf *out, const char **reason, struct err *e)
{
	static const char *const names[] = {"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "latin1",
	    "utf8", "ascii", "cp1252", "iso-8859-15", "ansi_x3.4-1968", "x-unknown", "unknown-8bit"};
	const size_t before = out->len;
	struct encoded encoded;
	struct source_mem source;
	bool known = name.len == 0;
	uint8_t *to;
	ssize_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		known = known || mail_is(name, names[i]);
	if (!known)
		return held(reason, "mail-charset");
	if (len == 0)
		return 1;
	if ((mail_is(name, "utf-8") || mail_is(name, "utf8")) && !utf8_valid(s, len))
		return held(reason, "not-utf8");
	if (mail_is(name, "iso-8859-15") && !utf8_valid(s, len))
		return from_8859_15(s, len, out, reason, e);
	/* Which of them it is its bytes say best; no text is good UTF-8 by chance. */
	source_mem_init(&source, s, len, "");
	if ((to = buf_reserve(out, 3 * len + 16, e)) == NULL ||
	    encoded_init(&encoded, &source.source, e) == -1)
		return -1;
	n = source_read_full(&encoded.source, to, 3 * len + 16, e);
	if (n > 0)
		out->len += (size_t)n;
	encoded_free(&encoded, NULL);
	if (n == -1)
		return -1;
	if (!utf8_valid(out->data + before, out->len - before))
		return held(reason, "not-utf8");
	return 1;
}
