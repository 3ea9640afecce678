/* A request's head, read strictly: what two readers could take differently is refused. */
#include <string.h>
#include <strings.h>

#include "chars.h"
#include "stager/http.h"

/* RFC 3986: unreserved, sub-delims, ':' '@', and '/'; a query has '?' too. */
static bool
is_target(unsigned char c, bool query)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~!$&'()*+,;=:@/", c) != NULL) || (query && c == '?');
}

static int
refuse(int *status, int with, const char *why, struct err *e)
{
	*status = with;
	return err_set(e, with == 431 ? ERR_LIMIT : ERR_INPUT, "request: %s", why);
}

bool
http_text_is(struct http_text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

static struct http_text
trim(struct http_text t)
{
	while (t.len > 0 && (t.at[0] == ' ' || t.at[0] == '\t')) {
		t.at++;
		t.len--;
	}
	while (t.len > 0 && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
		t.len--;
	return t;
}

bool
http_list_has(struct http_text list, const char *word)
{
	while (list.len > 0) {
		const char *comma = memchr(list.at, ',', list.len);
		struct http_text part = {list.at, comma == NULL ? list.len : (size_t)(comma - list.at)};

		if (http_text_is(trim(part), word))
			return true;
		if (comma == NULL)
			break;
		list.len -= part.len + 1;
		list.at = comma + 1;
	}
	return false;
}

int
http_field(const struct http_request *r, const char *name, struct http_text *value)
{
	int found = 0;

	for (size_t i = 0; i < r->field_count; i++)
		if (http_text_is(r->fields[i].name, name)) {
			if (found++ == 0)
				*value = r->fields[i].value;
		}
	return found > 1 ? -1 : found;
}

/* The line at *at, without its CRLF, which http_scan has seen to; false at the end. */
static bool
next_line(struct http_text *rest, struct http_text *line)
{
	const char *newline = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;

	if (newline == NULL || newline == rest->at || newline[-1] != '\r')
		return false;
	line->at = rest->at;
	line->len = (size_t)(newline - rest->at) - 1;
	rest->len -= line->len + 2;
	rest->at = newline + 1;
	return true;
}

static int
take_target(struct http_request *r, struct http_text t, int *status, struct err *e)
{
	bool query = false;

	r->target = t;
	if (r->method == HTTP_OPTIONS && t.len == 1 && t.at[0] == '*') {
		r->path = t;
		return 0;
	}
	if (t.len == 0 || t.at[0] != '/')
		return refuse(status, 400, "its target does not begin with a slash", e);
	r->path = t;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c == '?' && !query) {
			query = true;
			r->path.len = i;
			r->query = (struct http_text){t.at + i + 1, t.len - i - 1};
		} else if (c == '%') {
			if (t.len - i < 3 || hex_value(t.at[i + 1]) == -1 || hex_value(t.at[i + 2]) == -1)
				return refuse(status, 400,
				    "a percent sign in its target is not followed by two digits", e);
			i += 2;
		} else if (!is_target(c, query)) {
			return refuse(status, 400, "its target has a character that no URL has", e);
		}
	}
	return 0;
}

static int
take_request_line(struct http_request *r, struct http_text line, int *status, struct err *e)
{
	static const char *const names[] = {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"};
	const char *space = memchr(line.at, ' ', line.len), *version;
	struct http_text target;

	if (space == NULL || space == line.at)
		return refuse(status, 400, "its first line has no method", e);
	r->method_name = (struct http_text){line.at, (size_t)(space - line.at)};
	for (size_t i = 0; i < r->method_name.len; i++)
		if (!is_token((unsigned char)line.at[i]))
			return refuse(status, 400, "its method has a bad character", e);
	r->method = HTTP_OTHER;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (r->method_name.len == strlen(names[i]) &&
		    memcmp(line.at, names[i], r->method_name.len) == 0)
			r->method = (enum http_method)i;
	target.at = space + 1;
	target.len = line.len - r->method_name.len - 1;
	if ((version = memchr(target.at, ' ', target.len)) == NULL)
		return refuse(status, 400, "its first line has no version", e);
	target.len = (size_t)(version - target.at);
	version++;
	if (line.at + line.len - version != 8 || memcmp(version, "HTTP/", 5) != 0 || version[5] < '0' ||
	    version[5] > '9' || version[6] != '.' || version[7] < '0' || version[7] > '9')
		return refuse(status, 400, "its first line does not end in a version", e);
	if (version[5] != '1' || version[7] > '1')
		return refuse(status, 505, "another version of HTTP than 1.0 and 1.1", e);
	r->minor = (unsigned)(version[7] - '0');
	return take_target(r, target, status, e);
}

static int
take_field(struct http_request *r, struct http_text line, int *status, struct err *e)
{
	struct http_field *f = &r->fields[r->field_count];
	const char *colon = memchr(line.at, ':', line.len);

	if (r->field_count == HTTP_FIELDS_MAX)
		return refuse(status, 431, "too many header fields", e);
	if (line.at[0] == ' ' || line.at[0] == '\t')
		return refuse(status, 400, "a folded header field", e);
	if (colon == NULL || colon == line.at)
		return refuse(status, 400, "a header field without a name", e);
	f->name = (struct http_text){line.at, (size_t)(colon - line.at)};
	for (size_t i = 0; i < f->name.len; i++)
		if (!is_token((unsigned char)f->name.at[i]))
			return refuse(status, 400, "a header field's name has a bad character", e);
	f->value = trim((struct http_text){colon + 1, line.len - f->name.len - 1});
	for (size_t i = 0; i < f->value.len; i++) {
		unsigned char c = (unsigned char)f->value.at[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return refuse(status, 400, "a header field's value has a control character", e);
	}
	r->field_count++;
	return 0;
}

/* Host: uri-host [":" port], by its characters. */
static bool
host_ok(struct http_text t)
{
	if (t.len == 0 || t.len > 300)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] == '/' || t.at[i] == '@' || t.at[i] == '?' ||
		    (!is_target((unsigned char)t.at[i], false) && strchr("[]%", t.at[i]) == NULL))
			return false;
	return true;
}

static int
take_length(struct http_request *r, struct http_text t, int *status, struct err *e)
{
	if (t.len == 0 || t.len > 19)
		return refuse(status, 400, "its Content-Length is no number", e);
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return refuse(status, 400, "its Content-Length is no number", e);
		r->length = r->length * 10 + (uint64_t)(t.at[i] - '0');
	}
	if (r->length > HTTP_LENGTH_MAX)
		return refuse(status, 400, "its Content-Length is too large", e);
	r->has_length = true;
	return 0;
}

/* Fields that say where this message ends and who it is for. */
static int
take_framing(struct http_request *r, int *status, struct err *e)
{
	static const char *const once[] = {"host", "content-length", "transfer-encoding", "authorization",
	    "range", "if-range", "expect", "content-type", "content-encoding", "x-amz-date",
	    "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"};
	struct http_text t;
	int have;

	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		if (http_field(r, once[i], &t) == -1)
			return refuse(status, 400, "a header field that stands twice", e);
	if ((have = http_field(r, "host", &r->host)) == 0 && r->minor == 1)
		return refuse(status, 400, "no Host", e);
	if (have == 1 && !host_ok(r->host))
		return refuse(status, 400, "a Host of a bad form", e);
	if (http_field(r, "content-length", &t) == 1 && take_length(r, t, status, e) == -1)
		return -1;
	if (http_field(r, "transfer-encoding", &t) == 1) {
		if (r->has_length || r->minor == 0)
			return refuse(status, 400, "a Transfer-Encoding where none may be", e);
		if (!http_text_is(t, "chunked"))
			return refuse(status, 501, "another transfer coding than chunked", e);
		r->chunked = true;
	}
	if (http_field(r, "expect", &t) == 1) {
		if (!http_text_is(t, "100-continue"))
			return refuse(status, 417, "an expectation that is not 100-continue", e);
		r->expect_continue = r->minor == 1;
	}
	r->keep_alive = r->minor == 1;
	for (size_t i = 0; i < r->field_count; i++) {
		if (!http_text_is(r->fields[i].name, "connection"))
			continue;
		if (http_list_has(r->fields[i].value, "close")) {
			r->keep_alive = false;
			break;
		}
		if (http_list_has(r->fields[i].value, "keep-alive"))
			r->keep_alive = true;
	}
	return 0;
}

int
http_request_parse(const void *data, size_t len, struct http_request *out, int *status, struct err *e)
{
	struct http_text rest = {data, len}, line;

	memset(out, 0, sizeof(*out));
	*status = 400;
	/* One empty line before it, which http_scan let pass. */
	if (len >= 2 && memcmp(data, "\r\n", 2) == 0) {
		rest.at += 2;
		rest.len -= 2;
	}
	if (!next_line(&rest, &line) || line.len == 0)
		return refuse(status, 400, "no first line", e);
	if (take_request_line(out, line, status, e) == -1)
		return -1;
	for (;;) {
		if (!next_line(&rest, &line))
			return refuse(status, 400, "its head has no end", e);
		if (line.len == 0)
			break;
		if (take_field(out, line, status, e) == -1)
			return -1;
	}
	if (rest.len != 0)
		return refuse(status, 400, "something behind its head", e);
	return take_framing(out, status, e);
}
