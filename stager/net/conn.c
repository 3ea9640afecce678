/* One connection: heads from the buffer, answers by whole writes, and an end that nobody takes for another. */
#include "conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stager/clock.h"
#include "stager/io.h"

#define BODY_BUFFER (256u << 10)
#define DRAIN_MAX (1u << 20) /* of a body that nobody wanted */
#define FAREWELL_MS 2000     /* for the other side to close, too */

/* Some bytes into `into`: their count, 0 at the end, -1 with ERR_REMOTE. */
static ssize_t
hear(struct http_conn *c, void *into, size_t len, int wait_ms, struct err *e)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int64_t until = clock_now_ms() + wait_ms, left;
	ssize_t n;
	int ready;

	for (;;) {
		left = until - clock_now_ms();
		ready = poll(&p, 1, left > 0 ? (int)left : 0);
		if (ready == 0)
			return err_set(e, ERR_REMOTE, "client: it said nothing for too long");
		if (ready == -1 && errno != EINTR)
			return err_sys(e, "client: wait");
		if (ready < 1)
			continue;
		if ((n = read(c->fd, into, len)) >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return err_set(e, ERR_REMOTE, "client: read: %s", strerror(errno));
	}
}

int
http_conn_write(struct http_conn *c, const void *data, size_t len, struct err *e)
{
	const uint8_t *at = data;
	ssize_t n;

	while (len > 0) {
		/* A reader that takes its time is no fault: a trainer may pause for as long as it likes. */
		if ((n = write(c->fd, at, len)) == -1) {
			if (errno == EINTR && !atomic_load(&c->of->stopping))
				continue;
			return err_set(e, ERR_REMOTE, "client: write: %s", strerror(errno));
		}
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
http_conn_write_two(
    struct http_conn *c, const void *head, size_t head_len, const void *data, size_t len, struct err *e)
{
	struct iovec parts[2] = {{.iov_base = (void *)(uintptr_t)head, .iov_len = head_len},
	    {.iov_base = (void *)(uintptr_t)data, .iov_len = len}};
	size_t done;
	ssize_t n;

	if (len == 0)
		return http_conn_write(c, head, head_len, e);
	while ((n = writev(c->fd, parts, 2)) == -1)
		if (errno != EINTR || atomic_load(&c->of->stopping))
			return err_set(e, ERR_REMOTE, "client: write: %s", strerror(errno));
	done = (size_t)n;
	if (done < head_len)
		return http_conn_write(c, (const uint8_t *)head + done, head_len - done, e) == -1
			   ? -1
			   : http_conn_write(c, data, len, e);
	done -= head_len;
	return http_conn_write(c, (const uint8_t *)data + done, len - done, e);
}

void
http_conn_last(struct http_conn *c)
{
	c->last = true;
}

void
http_conn_known(struct http_conn *c)
{
	atomic_store(&c->known, true);
}

bool
http_conn_is_last(const struct http_conn *c)
{
	return c->last;
}

bool
http_conn_stopping(const struct http_conn *c)
{
	return atomic_load(&c->of->stopping);
}

/* What came behind the body's end is the next request's: after the head, where it is looked for. */
static void
keep_rest(struct http_conn *c)
{
	size_t rest = c->body_have - c->body_at;

	if (rest == 0)
		return;
	/* `in` was used up before body_in was; a read for a chunked body takes no more than fits. */
	memcpy(c->in + c->head, c->body_in + c->body_at, rest);
	c->have = c->head + rest;
	c->body_at = c->body_have = 0;
}

/* More bytes of the body into body_in: never more than one head's worth past its end. */
static int
more_body(struct http_conn *c, struct err *e)
{
	size_t want = BODY_BUFFER;
	ssize_t n;

	if (c->body_in == NULL && (c->body_in = malloc(BODY_BUFFER)) == NULL)
		return err_set(e, ERR_SYSTEM, "client: out of memory");
	if (c->body.left < want)
		want = (size_t)c->body.left;
	if (c->body.chunked && want < HTTP_HEAD_MAX)
		want = HTTP_HEAD_MAX;
	if ((n = hear(c, c->body_in, want, HTTP_BODY_MS, e)) == -1)
		return -1;
	if (n == 0)
		return err_set(e, ERR_REMOTE, "client: it left in the middle of a body");
	c->body_at = 0;
	c->body_have = (size_t)n;
	return 0;
}

int
http_conn_read(struct http_conn *c, const uint8_t **data, size_t *len, struct err *e)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	size_t used;
	int rc;

	if (c->request.expect_continue && !c->continued && !c->body.done &&
	    http_conn_write(c, go_on, sizeof(go_on) - 1, e) == -1)
		return -1;
	c->continued = true;
	while (!c->body.done) {
		bool from_head = c->head < c->have;

		if (!from_head && c->body_at == c->body_have && more_body(c, e) == -1)
			return -1;
		rc = from_head
			 ? http_body_feed(&c->body, c->in + c->head, c->have - c->head, &used, data, len, e)
			 : http_body_feed(&c->body, c->body_in + c->body_at, c->body_have - c->body_at, &used,
			       data, len, e);
		if (rc == -1) {
			c->last = true;
			return -1;
		}
		if (from_head)
			c->head += used;
		else
			c->body_at += used;
		if (*len > 0)
			return 1;
	}
	*len = 0;
	return 0;
}

/* A whole head in `in`: 1, 0 where the other side is done, -1 with *status (0: nobody is there to be told). */
static int
next_head(struct http_conn *c, struct http_scan *scan, size_t *head_len, int *status, struct err *e)
{
	int64_t until = 0, left = HTTP_IDLE_MS;
	ssize_t n;
	int rc;

	*status = 0;
	for (;;) {
		if ((rc = http_scan(scan, c->in, c->have, head_len, status, e)) != 0)
			return rc;
		if (c->have > 0) {
			if (until == 0)
				until = clock_now_ms() + HTTP_HEAD_MS;
			left = until - clock_now_ms();
		}
		if ((n = hear(c, c->in + c->have, HTTP_HEAD_MAX + 1 - c->have, (int)left, e)) == -1) {
			*status = c->have > 0 && clock_now_ms() >= until ? 408 : 0;
			return -1;
		}
		if (n == 0 && c->have > 0)
			return err_set(e, ERR_REMOTE, "client: it left in the middle of a head");
		if (n == 0)
			return 0;
		c->have += (size_t)n;
	}
}

/* A body that nobody wanted, so that the next head is found; or this was the last. */
static int
drain(struct http_conn *c, struct err *e)
{
	const uint8_t *data;
	size_t len, all = 0;
	int rc = 0;

	if (c->last || c->body.done)
		return 0;
	if ((c->request.expect_continue && !c->continued) || (!c->body.chunked && c->body.left > DRAIN_MAX)) {
		c->last = true;
		return 0;
	}
	while (all <= DRAIN_MAX && (rc = http_conn_read(c, &data, &len, e)) == 1)
		all += len;
	c->last = c->last || rc != 0;
	return rc == -1 ? -1 : 0;
}

static int
one_request(struct http_conn *c, struct err *e)
{
	struct http_request *r = &c->request;
	struct http_scan scan;
	size_t head_len;
	int status = 0, rc;

	http_scan_init(&scan);
	if ((rc = next_head(c, &scan, &head_len, &status, e)) == 0) {
		c->last = true;
		return 0;
	}
	if (rc == 1)
		rc = http_request_parse(c->in, head_len, r, &status, e);
	if (rc == -1) {
		c->last = true;
		if (status == 0)
			return -1;
		return c->of->server->refuse(c->of->server->ctx, c, status, e);
	}
	c->head = head_len;
	c->continued = false;
	c->last = !r->keep_alive || atomic_load(&c->of->stopping);
	http_body_init(&c->body, r);
	if (c->of->server->answer(c->of->server->ctx, c, r, e) == -1)
		return -1;
	if (drain(c, e) == -1)
		return -1;
	keep_rest(c);
	memmove(c->in, c->in + c->head, c->have - c->head);
	c->have -= c->head;
	c->head = 0;
	return 0;
}

/* Our end first, then wait for the other side's: closed over unread bytes it would be reset, and lose what is under way. */
static void
say_goodbye(struct http_conn *c)
{
	int64_t until = clock_now_ms() + FAREWELL_MS, left;
	uint8_t away[4096];

	if (shutdown(c->fd, SHUT_WR) == -1)
		return;
	while ((left = until - clock_now_ms()) > 0 && !atomic_load(&c->of->stopping) &&
	       hear(c, away, sizeof(away), (int)left, NULL) > 0)
		continue;
}

/* The answer broke off: a reset is an error to every client, also to one that does not count bytes. */
static void
say_no_more(struct http_conn *c)
{
	const struct linger hard = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

void *
http_converse(void *arg)
{
	struct http_conn *c = arg;
	struct err e = {.code = ERR_NONE};
	int rc = 0;

	while (rc == 0 && !c->last) {
		e.code = ERR_NONE;
		rc = one_request(c, &e);
	}
	if (rc == 0)
		say_goodbye(c);
	else
		say_no_more(c);
	if (rc == -1 && c->of->server->fault != NULL && e.code != ERR_NONE && e.code != ERR_REMOTE)
		c->of->server->fault(c->of->server->ctx, &e);
	(void)pthread_mutex_lock(&c->of->lock);
	io_close(&c->fd);
	(void)pthread_mutex_unlock(&c->of->lock);
	/* It may have held results, or uploads. */
	if (c->body_in != NULL)
		explicit_bzero(c->body_in, BODY_BUFFER);
	explicit_bzero(c->in, sizeof(c->in));
	free(c->body_in);
	atomic_store(&c->done, true);
	return NULL;
}
