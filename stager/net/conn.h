/* A connection of the blocking server, and what it shares with the others: for conn.c and serve.c. */
#ifndef STAGER_NET_CONN_H
#define STAGER_NET_CONN_H

#include <pthread.h>
#include <stdatomic.h>

#include "stager/http_serve.h"

struct serving;

struct http_conn {
	struct serving *of;
	pthread_t thread;
	int fd;           /* under of->lock */
	bool used;        /* the accepting thread's */
	atomic_bool done; /* the thread has nothing more to do */
	atomic_bool known;
	int64_t since; /* when it came; this and turned_out the accepting thread's */
	bool turned_out;

	/* The thread's own. */
	bool last, continued;
	struct http_request request;
	struct http_body body;
	size_t have,
	    head; /* bytes in `in`, and how many of them are the open request's head and settled body */
	uint8_t *body_in; /* BODY_BUFFER, made when it is first wanted */
	size_t body_have, body_at;
	uint8_t in[2 * HTTP_HEAD_MAX + 64];
};

struct serving {
	const struct http_server *server;
	pthread_mutex_t lock; /* over each connection's fd */
	atomic_bool stopping;
	struct http_conn **conns;
};

/* The thread of a connection, from its first head to its end. arg: a struct http_conn. */
void *http_converse(void *arg);

#endif
