/*
 * A thin blocking HTTP/1.1 server: a thread a connection, requests one after the other (pipelined ones wait in the
 * buffer). stager/net/serve.c. It makes no socket and needs of the kernel what SANDBOX_SERVE allows.
 */
#ifndef STAGER_HTTP_SERVE_H
#define STAGER_HTTP_SERVE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/http.h"

#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_IDLE_MS (300 * 1000) /* between two requests of a connection */
#define HTTP_HEAD_MS (30 * 1000)  /* for a head, from its first byte on */
#define HTTP_BODY_MS (300 * 1000) /* for the next bytes of a body */

struct http_conn;

struct http_server {
	int listen_fd; /* the caller's; from http_listen */
	unsigned
	    connections; /* at once, 1 to HTTP_CONNECTIONS_MAX; more wait to be accepted: http_conn_known */
	void *ctx;
	/*
	 * One request: write the whole response with http_conn_write. In the connection's own thread. -1: the answer broke
	 * off, and the connection is reset, so that no reader takes it for a whole one; e is for `fault`.
	 */
	int (*answer)(void *ctx, struct http_conn *c, const struct http_request *r, struct err *e);
	/* A head that was refused: the whole response to status; the connection is closed after it. */
	int (*refuse)(void *ctx, struct http_conn *c, int status, struct err *e);
	/* What went wrong, for a log; may be NULL. */
	void (*fault)(void *ctx, const struct err *e);
};

/*
 * A socket that listens on 127.0.0.1 at *port (0: any; the one it has is told). *fd: a TCP socket that is not bound yet, or -1
 * for a new one; closed, and -1, after a failure. Before confinement.
 */
int http_listen(uint16_t *port, int *fd, struct err *e) MUST_CHECK;

/*
 * Serve until a signal of `until` comes (which the caller has blocked in all threads, with a handler), then end all
 * connections and join their threads. -1 where no more can be accepted.
 */
int http_serve(const struct http_server *s, const sigset_t *until, volatile sig_atomic_t *stop,
    struct err *e) MUST_CHECK;

/* All of len bytes; -1 with ERR_REMOTE where the other side is gone. */
int http_conn_write(struct http_conn *c, const void *data, size_t len, struct err *e) MUST_CHECK;
/* The same of a head and what follows it, in one system call where that suffices. */
int http_conn_write_two(struct http_conn *c, const void *head, size_t head_len, const void *data, size_t len,
    struct err *e) MUST_CHECK;
/*
 * The next bytes of the request's body, decoded from chunks: 1 with *data (until the next call), 0 at its end, -1. Sends
 * "100 Continue" first where that is waited for. What is left unread is read away, or the connection closed.
 */
int http_conn_read(struct http_conn *c, const uint8_t **data, size_t *len, struct err *e) MUST_CHECK;
/* This response is the connection's last: "Connection: close" is the caller's to say. */
void http_conn_last(struct http_conn *c);
bool http_conn_is_last(const struct http_conn *c);
/*
 * Who is there has shown a key. While all places are taken and others wait, connections of which this was never said are
 * closed after two seconds.
 */
void http_conn_known(struct http_conn *c);
/* The server is ending. */
bool http_conn_stopping(const struct http_conn *c);

#endif
