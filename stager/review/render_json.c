/* JSON for reading: a value a line, strings as what they stand for. It is followed by its signs alone, so nothing is refused. */
#include <stdio.h>

#include "render.h"

#define STEP 2
#define DEPTH_MAX 40 /* deeper ones are not set in further */

struct reader {
	struct review_text *t;
	const uint8_t *data;
	size_t len, at, depth;
};

static int
line(struct reader *r, struct err *e)
{
	r->t->indent = STEP * (r->depth < DEPTH_MAX ? r->depth : DEPTH_MAX);
	return review_end_line(r->t, e);
}

/* Four hex digits at `at`, or -1. */
static int32_t
hex4(const struct reader *r, size_t at)
{
	int32_t value = 0;

	if (at + 4 > r->len)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		uint8_t c = r->data[at + i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* What stands behind a backslash. */
static uint32_t
escape(struct reader *r)
{
	int32_t code, low;

	if (r->at == r->len)
		return '\\';
	switch (r->data[r->at++]) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\n';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'u':
		if ((code = hex4(r, r->at)) == -1)
			return 0xfffd;
		r->at += 4;
		if (code >= 0xd800 && code < 0xdc00 && r->at + 6 <= r->len && r->data[r->at] == '\\' &&
		    r->data[r->at + 1] == 'u' && (low = hex4(r, r->at + 2)) >= 0xdc00 && low < 0xe000) {
			r->at += 6;
			return 0x10000 + (((uint32_t)code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
		}
		return (uint32_t)code;
	default:
		return r->data[r->at - 1];
	}
}

/* Up to the closing quote, or the end. */
static int
string(struct reader *r, struct err *e)
{
	size_t used;

	if (review_put(r->t, '"', e) == -1)
		return -1;
	r->t->indent += STEP;
	while (r->at < r->len && r->data[r->at] != '"') {
		uint32_t code;

		if (r->data[r->at] == '\\') {
			/* CR LF is one end of a line. */
			bool cr = r->at + 3 < r->len && r->data[r->at + 1] == 'r' &&
				  r->data[r->at + 2] == '\\' && r->data[r->at + 3] == 'n';

			r->at += cr ? 3 : 1;
			code = escape(r);
		} else {
			code = render_code(r->data + r->at, r->len - r->at, &used);
			r->at += used;
		}
		if (review_put(r->t, code, e) == -1)
			return -1;
	}
	r->t->indent -= STEP;
	if (r->at < r->len)
		r->at++;
	return review_put(r->t, '"', e);
}

static int
sign(struct reader *r, uint8_t c, struct err *e)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
		return 0;
	case '"':
		return string(r, e);
	case ':':
		return review_puts(r->t, ": ", e);
	case ',':
		return line(r, e);
	case '{':
	case '[':
		r->depth++;
		return review_put(r->t, c, e) == -1 ? -1 : line(r, e);
	case '}':
	case ']':
		if (r->depth > 0)
			r->depth--;
		if (line(r, e) == -1 || review_put(r->t, c, e) == -1)
			return -1;
		return r->depth == 0 ? line(r, e) : 0;
	default:
		return review_put(r->t, c, e);
	}
}

int
render_json(struct review_text *t, const uint8_t *data, size_t len, struct err *e)
{
	struct reader r = {.t = t, .data = data, .len = len};
	size_t used;

	/* In another encoding it has zeros, or a mark, in front: shown as it stands. */
	if (len >= 2 && (data[0] >= 0xfe || data[0] == 0 || data[1] == 0))
		return render_text(t, data, len, e);
	if (len >= 3 && data[0] == 0xef && data[1] == 0xbb && data[2] == 0xbf)
		r.at = 3;
	while (r.at < len) {
		if (data[r.at] >= 0x80) {
			if (review_put(t, render_code(data + r.at, len - r.at, &used), e) == -1)
				return -1;
			r.at += used;
			continue;
		}
		r.at++;
		if (sign(&r, data[r.at - 1], e) == -1)
			return -1;
	}
	t->indent = 0;
	return review_end_line(t, e);
}
