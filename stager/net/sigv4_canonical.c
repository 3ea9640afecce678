/* The canonical request of Signature Version 4: path, query and signed fields, each spelled in the one way. */
#include "sigv4_parts.h"

#include <stdlib.h>
#include <strings.h>

/* RFC 3986 unreserved characters stay; all others, but for '/' of a path, are %XX. */
static int
put_encoded(struct buf *out, const uint8_t *data, size_t len, bool slash, struct err *e)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = data[i];
		bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			     c == '-' || c == '_' || c == '.' || c == '~' || (slash && c == '/');

		if ((stays ? buf_put_u8(out, c, e) : buf_printf(out, e, "%%%02X", c)) == -1)
			return -1;
	}
	return 0;
}

/* Decoded and encoded again, so that it does not matter how it was spelled. */
static int
put_again(struct buf *out, struct http_text t, bool slash, struct err *e)
{
	struct buf plain;
	int rc = -1;

	buf_init(&plain, HTTP_LINE_MAX);
	if (http_decode(t, false, &plain, e) == 0)
		rc = put_encoded(out, plain.data, plain.len, slash, e);
	buf_free(&plain);
	return rc;
}

static int
compare_parts(const void *a, const void *b)
{
	const struct http_text *x = a, *y = b;
	int rc = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);

	return rc != 0 ? rc : x->len < y->len ? -1 : x->len > y->len;
}

static int
put_query(const struct http_request *r, bool presigned, struct buf *out, struct err *e)
{
	struct http_text rest = r->query, name, value, parts[PARTS_MAX];
	size_t count = 0, starts[PARTS_MAX + 1];
	struct buf all;
	int rc = -1;

	buf_init(&all, SIGV4_CANONICAL_MAX);
	while (http_query_next(&rest, &name, &value)) {
		if (presigned && same(name, text_of("X-Amz-Signature")))
			continue;
		if (count == PARTS_MAX) {
			err_set(e, ERR_LIMIT, "signature: too many parameters");
			goto out;
		}
		starts[count++] = all.len;
		/* Sorted by name, then value: a NUL between them sorts before whatever a longer name goes on with. */
		if (put_again(&all, name, false, e) == -1 || buf_put_u8(&all, 0, e) == -1 ||
		    put_again(&all, value, false, e) == -1)
			goto out;
	}
	starts[count] = all.len;
	for (size_t i = 0; i < count; i++)
		parts[i] = (struct http_text){(const char *)all.data + starts[i], starts[i + 1] - starts[i]};
	if (count > 0)
		qsort(parts, count, sizeof(parts[0]), compare_parts);
	for (size_t i = 0; i < count; i++) {
		size_t name_len = strlen(parts[i].at); /* the NUL behind it is ours */

		if ((i > 0 && buf_put_u8(out, '&', e) == -1) ||
		    buf_put(out, parts[i].at, name_len, e) == -1 || buf_put_u8(out, '=', e) == -1 ||
		    buf_put(out, parts[i].at + name_len + 1, parts[i].len - name_len - 1, e) == -1)
			goto out;
	}
	rc = 0;
out:
	buf_free(&all);
	return rc;
}

/* name:value, runs of spaces as one, several of one name joined by commas. */
static int
put_header(const struct http_request *r, struct http_text name, struct buf *out, struct err *e)
{
	size_t found = 0;

	if (buf_put(out, name.at, name.len, e) == -1 || buf_put_u8(out, ':', e) == -1)
		return -1;
	for (size_t i = 0; i < r->field_count; i++) {
		struct http_text v = r->fields[i].value;

		if (r->fields[i].name.len != name.len ||
		    strncasecmp(r->fields[i].name.at, name.at, name.len) != 0)
			continue;
		if (found++ > 0 && buf_put_u8(out, ',', e) == -1)
			return -1;
		for (size_t k = 0; k < v.len; k++)
			if ((k == 0 || v.at[k] != ' ' || v.at[k - 1] != ' ') &&
			    buf_put_u8(out, (uint8_t)v.at[k], e) == -1)
				return -1;
	}
	if (found == 0)
		return bad(e, "a signed field is not there");
	return buf_put_u8(out, '\n', e);
}

/* SignedHeaders: lower case, sorted, none twice; Host among them, and every x-amz-* field that there is. */
static int
put_headers(const struct http_request *r, const struct claim *c, struct buf *out, struct err *e)
{
	struct http_text rest = c->headers, names[PARTS_MAX];
	bool host = false;
	size_t count = 0;

	while (rest.len > 0) {
		const char *end = memchr(rest.at, ';', rest.len);
		struct http_text name = {rest.at, end == NULL ? rest.len : (size_t)(end - rest.at)};

		if (name.len == 0 || count == PARTS_MAX ||
		    (count > 0 && compare_parts(&names[count - 1], &name) >= 0))
			return bad(e, "SignedHeaders is not sorted");
		for (size_t i = 0; i < name.len; i++)
			if ((name.at[i] >= 'A' && name.at[i] <= 'Z') || (unsigned char)name.at[i] <= ' ')
				return bad(e, "SignedHeaders is not in lower case");
		host = host || same(name, text_of("host"));
		names[count++] = name;
		rest.at += name.len + (end == NULL ? 0 : 1);
		rest.len -= name.len + (end == NULL ? 0 : 1);
		if (put_header(r, name, out, e) == -1)
			return -1;
	}
	if (!host)
		return bad(e, "Host is not signed");
	for (size_t i = 0; i < r->field_count; i++) {
		struct http_text name = r->fields[i].name;
		bool is_signed = name.len < 6 || strncasecmp(name.at, "x-amz-", 6) != 0;

		for (size_t k = 0; k < count && !is_signed; k++)
			is_signed =
			    names[k].len == name.len && strncasecmp(names[k].at, name.at, name.len) == 0;
		if (!is_signed)
			return bad(e, "an x-amz-* field is not signed");
	}
	return buf_put_u8(out, '\n', e);
}

int
sigv4_canonical(const struct http_request *r, const struct claim *c, struct http_text payload,
    uint8_t out[static DIGEST_LEN], struct err *e)
{
	struct buf b;
	int rc = -1;

	buf_init(&b, SIGV4_CANONICAL_MAX);
	if (buf_put(&b, r->method_name.at, r->method_name.len, e) == -1 || buf_put_u8(&b, '\n', e) == -1 ||
	    put_again(&b, r->path, true, e) == -1 || buf_put_u8(&b, '\n', e) == -1 ||
	    put_query(r, c->presigned, &b, e) == -1 || buf_put_u8(&b, '\n', e) == -1 ||
	    put_headers(r, c, &b, e) == -1 || buf_put(&b, c->headers.at, c->headers.len, e) == -1 ||
	    buf_put_u8(&b, '\n', e) == -1 || buf_put(&b, payload.at, payload.len, e) == -1)
		goto out;
	digest_bytes(b.data, b.len, out);
	rc = 0;
out:
	buf_free(&b);
	return rc;
}
