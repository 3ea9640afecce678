/* The http of an endpoint: what all its requests share. http.c and http_handle.c. */
#ifndef STREAM_HTTP_HANDLE_H
#define STREAM_HTTP_HANDLE_H

#include <curl/curl.h>
#include <pthread.h>

#include "http.h"

struct http {
	const struct endpoint *p;
	const struct http_sign *sign;       /* or NULL */
	const char *login, *login_password; /* or NULL */
	struct buf ca;                      /* certificates, PEM: read before confinement */
	pthread_mutex_t lock;
	size_t idle_count; /* of idle */
	CURL *idle[ENDPOINT_STREAMS_MAX];
};

/* A handle with the connection that it had, or a new one; NULL without memory. */
CURL *handle_take(struct http *h);
void handle_give(struct http *h, CURL *c); /* takes NULL */

#endif
