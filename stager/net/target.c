/* What a request's target says: percent-encoding undone, paths without tricks, queries, ranges. */
#include <string.h>
#include <strings.h>

#include "chars.h"
#include "stager/http.h"
#include "stager/utf8.h"

int
http_decode(struct http_text t, bool plus, struct buf *out, struct err *e)
{
	size_t before = out->len;

	for (size_t i = 0; i < t.len; i++) {
		int c = (unsigned char)t.at[i], high, low;

		if (c == '%') {
			if (t.len - i < 3 || (high = hex_value(t.at[i + 1])) == -1 ||
			    (low = hex_value(t.at[i + 2])) == -1) {
				err_set(e, ERR_INPUT, "URL: a percent sign without two digits");
				goto fail;
			}
			c = high * 16 + low;
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c == '\0') {
			err_set(e, ERR_INPUT, "URL: a NUL");
			goto fail;
		}
		if (buf_put_u8(out, (uint8_t)c, e) == -1)
			goto fail;
	}
	if (out->len > before && !utf8_valid(out->data + before, out->len - before)) {
		err_set(e, ERR_INPUT, "URL: it is not UTF-8");
		goto fail;
	}
	return 0;
fail:
	out->len = before;
	return -1;
}

/* No part but the last may be empty, none "." or "..". */
static bool
parts_ok(const char *path, size_t len)
{
	size_t at = 1;

	while (at < len) {
		const char *slash = memchr(path + at, '/', len - at);
		size_t part = slash == NULL ? len - at : (size_t)(slash - path) - at;

		if (part == 0 || (part == 1 && path[at] == '.') ||
		    (part == 2 && path[at] == '.' && path[at + 1] == '.'))
			return false;
		at += part + 1;
	}
	return true;
}

int
http_path(const struct http_request *r, struct buf *out, struct err *e)
{
	size_t before = out->len;

	for (size_t i = 0; i + 2 < r->path.len; i++)
		if (strncasecmp(r->path.at + i, "%2f", 3) == 0)
			return err_set(e, ERR_INPUT, "URL: an encoded slash in its path");
	if (http_decode(r->path, false, out, e) == -1)
		return -1;
	for (size_t i = before; i < out->len; i++)
		if (out->data[i] < ' ' || out->data[i] == 0x7f || out->data[i] == '\\') {
			out->len = before;
			return err_set(e, ERR_INPUT, "URL: a character in its path that no name has");
		}
	if (out->len == before || out->data[before] != '/' ||
	    !parts_ok((const char *)out->data + before, out->len - before)) {
		out->len = before;
		return err_set(e, ERR_INPUT, "URL: its path has an empty part, or dots for one");
	}
	return 0;
}

bool
http_query_next(struct http_text *rest, struct http_text *name, struct http_text *value)
{
	while (rest->at != NULL && rest->len > 0) {
		const char *end = memchr(rest->at, '&', rest->len), *equals;
		struct http_text pair = {rest->at, end == NULL ? rest->len : (size_t)(end - rest->at)};

		rest->at += pair.len;
		rest->len -= pair.len;
		if (rest->len > 0) {
			rest->at++;
			rest->len--;
		}
		if (pair.len == 0)
			continue;
		equals = memchr(pair.at, '=', pair.len);
		name->at = pair.at;
		name->len = equals == NULL ? pair.len : (size_t)(equals - pair.at);
		value->at = equals == NULL ? pair.at + pair.len : equals + 1;
		value->len = equals == NULL ? 0 : pair.len - name->len - 1;
		return true;
	}
	return false;
}

/* Digits from *at on; -1 where there are none; a number past 2^63 counts as that. */
static int
take_number(struct http_text *t, uint64_t *out)
{
	size_t digits = 0;

	*out = 0;
	for (; t->len > 0 && t->at[0] >= '0' && t->at[0] <= '9'; t->at++, t->len--, digits++)
		*out =
		    *out > (UINT64_C(1) << 59) ? UINT64_C(1) << 63 : *out * 10 + (uint64_t)(t->at[0] - '0');
	return digits > 0 ? 0 : -1;
}

enum http_range
http_range(struct http_text value, uint64_t size, uint64_t *first, uint64_t *len)
{
	uint64_t from, to;

	if (value.len < 6 || strncasecmp(value.at, "bytes=", 6) != 0)
		return HTTP_RANGE_WHOLE;
	value.at += 6;
	value.len -= 6;
	if (value.len > 0 && value.at[0] == '-') {
		value.at++;
		value.len--;
		if (take_number(&value, &to) == -1 || value.len != 0)
			return HTTP_RANGE_WHOLE;
		if (to == 0 || size == 0)
			return HTTP_RANGE_NONE;
		*len = to < size ? to : size;
		*first = size - *len;
		return HTTP_RANGE_PART;
	}
	if (take_number(&value, &from) == -1 || value.len == 0 || value.at[0] != '-')
		return HTTP_RANGE_WHOLE;
	value.at++;
	value.len--;
	to = UINT64_MAX;
	if (value.len > 0 && (take_number(&value, &to) == -1 || value.len != 0 || to < from))
		return HTTP_RANGE_WHOLE;
	if (from >= size)
		return HTTP_RANGE_NONE;
	if (to >= size)
		to = size - 1;
	*first = from;
	*len = to - from + 1;
	return HTTP_RANGE_PART;
}
