/* A request on its way: who sent it, what it is about, who answers; and errors as S3 words them. */
#include <stdio.h>
#include <string.h>

#include "gateway_parts.h"
#include "stager/secret.h"

#define RESPONSE_HEAD_MAX 8192

int
gateway_head(struct gateway_call *c, int status, struct buf *out, struct err *e)
{
	char date[HTTP_DATE_LEN + 1];

	http_date(time(NULL), date);
	return http_status(out, status, e) == -1 || http_put(out, "Date", date, e) == -1 ||
		       http_put(out, "Connection", http_conn_is_last(c->conn) ? "close" : "keep-alive", e) ==
			   -1
		   ? -1
		   : 0;
}

int
gateway_respond(struct gateway_call *c, int status, const char *type, const char *fields, const void *body,
    size_t len, struct err *e)
{
	struct buf head;
	int rc = -1;

	buf_init(&head, RESPONSE_HEAD_MAX);
	if (gateway_head(c, status, &head, e) == -1 ||
	    (type != NULL && http_put(&head, "Content-Type", type, e) == -1) ||
	    (status != 204 && status != 304 && http_put_number(&head, "Content-Length", len, e) == -1) ||
	    buf_put_str(&head, fields, e) == -1 || http_end(&head, e) == -1)
		goto out;
	if (c->request != NULL && c->request->method == HTTP_HEAD)
		len = 0;
	rc = http_conn_write_two(c->conn, head.data, head.len, body, len, e);
out:
	buf_free(&head);
	return rc;
}

int
gateway_put_text(struct buf *out, const char *text, bool url, struct err *e)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			     strchr("-_.~/", c) != NULL;
		int rc;

		if (url && !plain)
			rc = buf_printf(out, e, "%%%02X", c);
		else if (!plain && (c < ' ' || c == 0x7f || strchr("&<>\"'", c) != NULL))
			/* What XML cannot hold at all is said as a space: names here have none of it. */
			rc = buf_printf(out, e, "&#%d;", c < ' ' || c == 0x7f ? ' ' : c);
		else
			rc = buf_put_u8(out, c, e);
		if (rc == -1)
			return -1;
	}
	return 0;
}

int
gateway_refuse(struct gateway_call *c, int status, const char *code, const char *text, struct err *e)
{
	struct buf body;
	int rc = -1;

	buf_init(&body, 4096);
	if (buf_printf(&body, e,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>", code) == 0 &&
	    gateway_put_text(&body, text, false, e) == 0 &&
	    buf_put_str(&body, "</Message></Error>\n", e) == 0)
		rc = gateway_respond(c, status, "application/xml", "", body.data, body.len, e);
	buf_free(&body);
	return rc;
}

int
gateway_fail(struct gateway_call *c, const struct err *why, struct err *e)
{
	struct err told = *why;

	if (why->code == ERR_INPUT || why->code == ERR_USAGE)
		return gateway_refuse(c, 400, "InvalidRequest", why->text, e);
	if (why->code == ERR_LIMIT)
		return gateway_refuse(c, 400, "EntityTooLarge", why->text, e);
	if (why->code == ERR_REFUSED)
		return gateway_refuse(c, 403, "AccessDenied", why->text, e);
	(void)err_report("stager-node: gateway", &told);
	if (why->code == ERR_REMOTE)
		return gateway_refuse(c, 503, "ServiceUnavailable", why->text, e);
	/* Not a 5xx, which clients ask again for, some of them for a minute. */
	if (why->code == ERR_FORGED)
		return gateway_refuse(c, 409, "DamagedData", why->text, e);
	return gateway_refuse(c, 500, "InternalError", why->text, e);
}

int
gateway_refuse_head(void *ctx, struct http_conn *conn, int status, struct err *e)
{
	struct gateway_call c = {.g = ctx, .conn = conn};
	const struct err why = *e;

	e->code = ERR_NONE;
	return gateway_refuse(&c, status, "BadRequest", why.text, e);
}

bool
gateway_has(const struct http_request *r, const char *name)
{
	struct http_text rest = r->query, n, v;

	while (http_query_next(&rest, &n, &v))
		if (n.len == strlen(name) && memcmp(n.at, name, n.len) == 0)
			return true;
	return false;
}

int
gateway_parameter(const struct http_request *r, const char *name, char *out, size_t cap, struct err *e)
{
	struct http_text rest = r->query, n, v;
	struct buf text;
	int found = 0;

	while (http_query_next(&rest, &n, &v)) {
		if (n.len != strlen(name) || memcmp(n.at, name, n.len) != 0)
			continue;
		if (found++ > 0)
			return err_set(e, ERR_INPUT, "%s stands twice", name);
		buf_init(&text, cap - 1);
		if (http_decode(v, true, &text, e) == -1) {
			buf_free(&text);
			return -1;
		}
		if (text.len > 0)
			memcpy(out, text.data, text.len);
		out[text.len] = '\0';
		buf_free(&text);
	}
	return found;
}

/* Signed with the secret, or with the token at hand. 0: go on; 1: it was refused, and answered; -1. */
static int
authenticate(struct gateway_call *c, struct err *e)
{
	const struct gateway_keys *k = c->g->use.keys;
	struct err why = {.code = ERR_NONE};
	int rc;

	if (sigv4_present(c->request)) {
		if (sigv4_check(c->request, k->access, k->secret, time(NULL), &c->proof, &why) == 0) {
			c->is_signed = true;
			return 0;
		}
		rc = why.code == ERR_INPUT
			 ? gateway_refuse(c, 400, "AuthorizationHeaderMalformed", why.text, e)
		     : why.code == ERR_REFUSED ? gateway_refuse(c, 403, "SignatureDoesNotMatch", why.text, e)
					       : gateway_fail(c, &why, e);
		return rc == -1 ? -1 : 1;
	}
	if (http_bearer_is(c->request, k->token))
		return 0;
	rc = gateway_refuse(c, 403, "AccessDenied", "this is not the gateway's key, or none", e);
	return rc == -1 ? -1 : 1;
}

/* "/BUCKET/KEY" in two, in place. */
static void
split_path(struct gateway_call *c)
{
	char *at = (char *)c->path.data + 1, *slash = strchr(at, '/');

	c->bucket = at;
	c->key = "";
	if (slash != NULL) {
		*slash = '\0';
		c->key = slash + 1;
	}
}

static int
route(struct gateway_call *c, struct err *e)
{
	const struct http_request *r = c->request;
	bool reads = r->method == HTTP_GET || r->method == HTTP_HEAD;

	if (c->bucket[0] == '\0')
		return reads ? gateway_buckets(c, e)
			     : gateway_refuse(c, 405, "MethodNotAllowed", "only GET here", e);
	if (strcmp(c->bucket, GATEWAY_BUCKET_RESULTS) == 0)
		return gateway_put(c, e);
	if (strcmp(c->bucket, c->g->bucket) != 0)
		return gateway_refuse(c, 404, "NoSuchBucket", "there is no such version here", e);
	if (!reads)
		return gateway_refuse(c, 405, "MethodNotAllowed", "what was released can only be read", e);
	return c->key[0] == '\0' ? gateway_list(c, e) : gateway_object(c, e);
}

int
gateway_answer(void *ctx, struct http_conn *conn, const struct http_request *r, struct err *e)
{
	struct gateway_call c = {.g = ctx, .conn = conn, .request = r};
	struct err why = {.code = ERR_NONE};
	int rc;

	buf_init(&c.path, HTTP_LINE_MAX);
	if ((rc = authenticate(&c, e)) != 0) {
		rc = rc == 1 ? 0 : -1;
		goto out;
	}
	http_conn_known(conn);
	if (http_path(r, &c.path, &why) == -1 || buf_cstr(&c.path, &why) == NULL) {
		rc = gateway_fail(&c, &why, e);
		goto out;
	}
	split_path(&c);
	rc = route(&c, e);
out:
	if (c.is_signed)
		sigv4_free(&c.proof);
	buf_free(&c.path);
	return rc;
}
