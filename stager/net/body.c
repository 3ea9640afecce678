/* A request's body as it comes: by its length, or chunk by chunk (RFC 9112 7.1), wherever it is cut. */
#include <string.h>

#include "chars.h"
#include "stager/http.h"

enum state { SIZE_LINE, DATA, DATA_CR, DATA_LF, TRAILER_LINE, END };

void
http_body_init(struct http_body *b, const struct http_request *r)
{
	memset(b, 0, sizeof(*b));
	b->chunked = r->chunked;
	b->state = r->chunked ? SIZE_LINE : DATA;
	b->left = r->length;
	b->done = !r->chunked && r->length == 0;
}

void
http_body_init_chunked(struct http_body *b)
{
	memset(b, 0, sizeof(*b));
	b->chunked = true;
	b->state = SIZE_LINE;
}

static int
refuse(const char *why, struct err *e)
{
	return err_set(e, ERR_INPUT, "request body: %s", why);
}

/* *( ";" token [ "=" ( token / quoted-string ) ] ): nothing else, or two readers may see another end of the line. */
static bool
extensions_ok(const char *at, size_t len)
{
	const char *end = at + len, *from;

	while (at < end) {
		if (*at++ != ';')
			return false;
		for (from = at; at < end && is_token((unsigned char)*at); at++)
			continue;
		if (at == from)
			return false;
		if (at == end || *at != '=')
			continue;
		at++;
		if (at < end && *at == '"') {
			for (at++; at < end && *at != '"'; at++)
				if (*at == '\\' && ++at == end)
					return false;
			if (at++ >= end)
				return false;
			continue;
		}
		for (from = at; at < end && is_token((unsigned char)*at); at++)
			continue;
		if (at == from)
			return false;
	}
	return true;
}

/* HEXDIG, then nothing or extensions. */
static int
take_size_line(struct http_body *b, struct err *e)
{
	size_t at = 0;
	uint64_t size = 0;

	for (; at < b->line_len; at++) {
		int digit = hex_value(b->line[at]);

		if (digit == -1)
			break;
		if (at == 15) /* 60 bits are enough */
			return err_set(e, ERR_LIMIT, "request body: a chunk is too large");
		size = size * 16 + (uint64_t)digit;
	}
	if (at == 0)
		return refuse("a chunk has no size", e);
	if (!extensions_ok(b->line + at, b->line_len - at))
		return refuse("a chunk's size has something behind it that is no extension", e);
	if (size > HTTP_LENGTH_MAX - b->total)
		return err_set(e, ERR_LIMIT, "request body: it is too large");
	if (b->on_chunk != NULL &&
	    b->on_chunk(b->ctx, size, (struct http_text){b->line + at, b->line_len - at}, e) == -1)
		return -1;
	b->left = size;
	b->state = size > 0 ? DATA : TRAILER_LINE;
	return 0;
}

static int
take_trailer_line(struct http_body *b, struct err *e)
{
	static const char *const framing[] = {"content-length", "transfer-encoding", "connection", "host",
	    "trailer", "expect", "authorization", "content-encoding", "content-range", "content-type"};
	struct http_text name = {b->line, 0}, value;
	const char *colon;

	if (b->line_len == 0) {
		b->state = END;
		b->done = true;
		return 0;
	}
	if ((colon = memchr(b->line, ':', b->line_len)) == NULL || colon == b->line)
		return refuse("a trailer field without a name", e);
	name.len = (size_t)(colon - b->line);
	for (size_t i = 0; i < name.len; i++)
		if (!is_token((unsigned char)name.at[i]))
			return refuse("a trailer field's name has a bad character", e);
	/* RFC 9110 6.5.1: what says where a message ends or who it is for comes too late here. */
	for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++)
		if (http_text_is(name, framing[i]))
			return refuse("a trailer field that may only stand in a head", e);
	value = (struct http_text){colon + 1, b->line_len - name.len - 1};
	while (value.len > 0 && (value.at[0] == ' ' || value.at[0] == '\t')) {
		value.at++;
		value.len--;
	}
	while (value.len > 0 && (value.at[value.len - 1] == ' ' || value.at[value.len - 1] == '\t'))
		value.len--;
	return b->on_trailer != NULL ? b->on_trailer(b->ctx, name, value, e) : 0;
}

/* More of the open line. 1 once it is whole, without its CRLF; 0; -1. */
static int
collect_line(struct http_body *b, const char *in, size_t len, size_t *used, struct err *e)
{
	size_t i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)in[i++];
		bool after_cr = b->line_len > 0 && b->line[b->line_len - 1] == '\r';

		if (b->state == TRAILER_LINE && ++b->trailer_len > HTTP_TRAILER_MAX)
			return err_set(e, ERR_LIMIT, "request body: its trailer is too large");
		if (c == '\n') {
			if (!after_cr)
				return refuse("a line does not end in CRLF", e);
			b->line_len--;
			*used = i;
			return 1;
		}
		if (after_cr || (c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return refuse("a control character in a line", e);
		if (b->line_len == sizeof(b->line))
			return err_set(e, ERR_LIMIT, "request body: a line is too long");
		b->line[b->line_len++] = (char)c;
	}
	*used = len;
	return 0;
}

int
http_body_feed(struct http_body *b, const void *in, size_t len, size_t *used, const uint8_t **out,
    size_t *out_len, struct err *e)
{
	const char *bytes = in;
	size_t at = 0, piece = 0;
	int whole;

	*out = in;
	*out_len = *used = 0;
	while (!b->done && at < len) {
		switch (b->state) {
		case DATA:
			piece = len - at < b->left ? len - at : (size_t)b->left;
			b->left -= piece;
			b->total += piece;
			if (b->left == 0) {
				b->state = DATA_CR;
				b->done = !b->chunked;
			}
			*out = (const uint8_t *)in + at;
			*out_len = piece;
			*used = at + piece;
			return b->done ? 1 : 0;
		case DATA_CR:
		case DATA_LF:
			if (bytes[at++] != (b->state == DATA_CR ? '\r' : '\n'))
				return refuse("a chunk does not end where its size says", e);
			b->state = b->state == DATA_CR ? DATA_LF : SIZE_LINE;
			break;
		default:
			if ((whole = collect_line(b, bytes + at, len - at, &piece, e)) == -1)
				return -1;
			at += piece;
			if (whole == 1) {
				if ((b->state == SIZE_LINE ? take_size_line(b, e)
							   : take_trailer_line(b, e)) == -1)
					return -1;
				b->line_len = 0;
			}
		}
	}
	*used = at;
	return b->done ? 1 : 0;
}
