/*
 * A server that says what it understood: for each request a JSON object with method, target, fields and body. For
 * tests/peer_http.py, which compares it with other servers; and the blocking server's own tests. Prints its port, then
 * serves until SIGTERM. Paths: /close breaks off in the middle of its answer, /ignore leaves the body unread.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/http_serve.h"

#define BODY_MAX (8u << 20)

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int
respond(struct http_conn *c, int status, bool with_body, const struct buf *body, struct err *e)
{
	struct buf head;
	int rc = -1;

	buf_init(&head, 4096);
	if (http_status(&head, status, e) == 0 &&
	    http_put_number(&head, "Content-Length", body->len, e) == 0 &&
	    http_put(&head, "Connection", http_conn_is_last(c) ? "close" : "keep-alive", e) == 0 &&
	    http_end(&head, e) == 0 && http_conn_write(c, head.data, head.len, e) == 0)
		rc = with_body ? http_conn_write(c, body->data, body->len, e) : 0;
	buf_free(&head);
	return rc;
}

static int
put_text(struct buf *out, struct http_text t, struct err *e)
{
	char hex[2 * 65536 + 1];

	if (t.len > 65536)
		return err_set(e, ERR_LIMIT, "too long");
	hex_encode((const uint8_t *)t.at, t.len, hex);
	return buf_printf(out, e, "\"%s\"", hex);
}

/* Everything in hex, so that the other side needs no escapes. */
static int
describe(const struct http_request *r, const struct buf *body, struct buf *out, struct err *e)
{
	if (buf_put_str(out, "{\"method\":", e) == -1 || put_text(out, r->method_name, e) == -1 ||
	    buf_put_str(out, ",\"target\":", e) == -1 || put_text(out, r->target, e) == -1 ||
	    buf_printf(out, e, ",\"length\":%zu,\"body\":", body->len) == -1 ||
	    put_text(out, (struct http_text){(const char *)body->data, body->len < 65536 ? body->len : 65536},
		e) == -1 ||
	    buf_put_str(out, ",\"fields\":[", e) == -1)
		return -1;
	for (size_t i = 0; i < r->field_count; i++)
		if ((i > 0 && buf_put_u8(out, ',', e) == -1) || buf_put_u8(out, '[', e) == -1 ||
		    put_text(out, r->fields[i].name, e) == -1 || buf_put_u8(out, ',', e) == -1 ||
		    put_text(out, r->fields[i].value, e) == -1 || buf_put_u8(out, ']', e) == -1)
			return -1;
	return buf_put_str(out, "]}\n", e);
}

static int
answer(void *ctx, struct http_conn *c, const struct http_request *r, struct err *e)
{
	static const char part[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe first of a thousand bytes";
	struct buf body, out;
	const uint8_t *data;
	size_t len;
	int rc = -1, more = 0;

	(void)ctx;
	if (r->path.len == 6 && memcmp(r->path.at, "/close", 6) == 0) {
		if (http_conn_write(c, part, sizeof(part) - 1, e) == -1)
			return -1;
		return err_set(e, ERR_REMOTE, "broken off");
	}
	buf_init(&body, BODY_MAX);
	buf_init(&out, BODY_MAX);
	if (!(r->path.len == 7 && memcmp(r->path.at, "/ignore", 7) == 0))
		while ((more = http_conn_read(c, &data, &len, e)) == 1)
			if (buf_put(&body, data, len, e) == -1)
				goto out;
	if (more == -1) {
		rc = e->code == ERR_REMOTE ? -1 : respond(c, 400, true, &out, e);
		goto out;
	}
	if (describe(r, &body, &out, e) == 0)
		rc = respond(c, 200, r->method != HTTP_HEAD, &out, e);
out:
	buf_free(&body);
	buf_free(&out);
	return rc;
}

static int
refuse(void *ctx, struct http_conn *c, int status, struct err *e)
{
	struct buf none;

	(void)ctx;
	buf_init(&none, 1);
	return respond(c, status, true, &none, e);
}

int
main(void)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct http_server s = {.listen_fd = -1, .connections = 8, .answer = answer, .refuse = refuse};
	struct err e = {.code = ERR_NONE};
	sigset_t until;
	uint16_t port = 0;

	(void)sigemptyset(&until);
	(void)sigaddset(&until, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &until, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (http_listen(&port, &s.listen_fd, &e) == -1)
		return err_report("http_tool", &e);
	printf("%u\n", port);
	(void)fflush(stdout);
	if (http_serve(&s, &until, &stop, &e) == -1)
		return err_report("http_tool", &e);
	return 0;
}
