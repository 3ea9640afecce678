/* Where a request's head ends: lines by CRLF alone, an empty one at the end, limits kept while bytes still come. */
#include <string.h>

#include "stager/http.h"

void
http_scan_init(struct http_scan *s)
{
	memset(s, 0, sizeof(*s));
}

static int
refuse(int *status, int with, enum err_code code, const char *why, struct err *e)
{
	*status = with;
	return err_set(e, code, "request: %s", why);
}

int
http_scan(struct http_scan *s, const void *data, size_t len, size_t *head_len, int *status, struct err *e)
{
	const char *bytes = data, *newline;
	size_t line;

	while (s->at < len && (newline = memchr(bytes + s->at, '\n', len - s->at)) != NULL) {
		size_t end = (size_t)(newline - bytes);

		if (end == s->line || bytes[end - 1] != '\r')
			return refuse(status, 400, ERR_INPUT, "a line does not end in CRLF", e);
		line = end - 1 - s->line;
		if (s->lines == 0 && line > HTTP_LINE_MAX)
			return refuse(status, 414, ERR_LIMIT, "its first line is too long", e);
		if (end >= HTTP_HEAD_MAX)
			return refuse(status, 431, ERR_LIMIT, "its head is too large", e);
		s->at = s->line = end + 1;
		if (line == 0 && (s->lines > 0 || s->at > 2)) {
			if (s->lines == 0)
				return refuse(status, 400, ERR_INPUT, "empty lines before it", e);
			*head_len = s->at;
			return 1;
		}
		s->lines += line > 0 ? 1 : 0;
	}
	s->at = len;
	if (s->lines == 0 && len - s->line > HTTP_LINE_MAX + 1)
		return refuse(status, 414, ERR_LIMIT, "its first line is too long", e);
	if (len >= HTTP_HEAD_MAX)
		return refuse(status, 431, ERR_LIMIT, "its head is too large", e);
	return 0;
}
