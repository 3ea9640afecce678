/* A thread a connection: who is let in, who gives way, and the end of all. */
#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "stager/clock.h"
#include "stager/io.h"

#define FULL_MS 20       /* between two looks for a place, where all are taken */
#define NEWCOMER_MS 2000 /* for a stranger to say who it is, where another waits for its place */
#define THREAD_STACK (256u << 10)

int
http_listen(uint16_t *port, int *fd, struct err *e)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
	socklen_t len = sizeof(at);
	const int yes = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (*fd == -1 && (*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return err_sys(e, "listening socket");
	if (fcntl(*fd, F_SETFD, FD_CLOEXEC) == -1 || fcntl(*fd, F_SETFL, O_NONBLOCK) == -1 ||
	    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == -1 ||
	    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == -1 ||
	    bind(*fd, (const struct sockaddr *)&at, sizeof(at)) == -1 || listen(*fd, 512) == -1 ||
	    getsockname(*fd, (struct sockaddr *)&at, &len) == -1) {
		err_sys(e, "listening socket: port %u of 127.0.0.1", *port);
		io_close(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return 0;
}

/* Join what is done. The number of a free place, or -1. */
static int
free_place(struct serving *s)
{
	int place = -1;

	for (unsigned i = 0; i < s->server->connections; i++) {
		if (s->conns[i] != NULL && atomic_load(&s->conns[i]->done)) {
			(void)pthread_join(s->conns[i]->thread, NULL);
			free(s->conns[i]);
			s->conns[i] = NULL;
		}
		if (s->conns[i] == NULL && place == -1)
			place = (int)i;
	}
	return place;
}

/*
 * All places are taken and somebody waits: strangers who had their time go. So nobody without a key keeps those out who
 * have one by connections that say nothing.
 */
static void
turn_out(struct serving *s)
{
	int64_t now = clock_now_ms();

	(void)pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < s->server->connections; i++) {
		struct http_conn *c = s->conns[i];

		if (c == NULL || c->fd == -1 || c->turned_out || atomic_load(&c->known) ||
		    now - c->since < NEWCOMER_MS)
			continue;
		c->turned_out = true;
		(void)shutdown(c->fd, SHUT_RDWR);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static int
welcome(struct serving *s, int place, int fd, struct err *e)
{
	struct http_conn *c = calloc(1, sizeof(*c));
	pthread_attr_t attr;
	int rc;

	if (c == NULL) {
		(void)close(fd);
		return err_set(e, ERR_SYSTEM, "connection: out of memory");
	}
	c->of = s;
	c->fd = fd;
	c->since = clock_now_ms();
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, THREAD_STACK);
	rc = pthread_create(&c->thread, &attr, http_converse, c);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0) {
		(void)close(fd);
		free(c);
		return err_set(e, ERR_SYSTEM, "connection: thread: %s", strerror(rc));
	}
	s->conns[place] = c;
	return 0;
}

static void
end_all(struct serving *s)
{
	atomic_store(&s->stopping, true);
	for (unsigned i = 0; i < s->server->connections; i++) {
		if (s->conns[i] == NULL)
			continue;
		(void)pthread_mutex_lock(&s->lock);
		if (s->conns[i]->fd != -1)
			(void)shutdown(s->conns[i]->fd, SHUT_RDWR);
		(void)pthread_mutex_unlock(&s->lock);
		(void)pthread_join(s->conns[i]->thread, NULL);
		free(s->conns[i]);
	}
}

int
http_serve(
    const struct http_server *server, const sigset_t *until, volatile sig_atomic_t *stop, struct err *e)
{
	struct serving s = {.server = server, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct pollfd p = {.fd = server->listen_fd, .events = POLLIN};
	const struct timespec full = {.tv_nsec = FULL_MS * 1000000L};
	sigset_t open;
	int rc = 0, place, fd;
	struct err once = {.code = ERR_NONE};

	if ((s.conns = calloc(server->connections, sizeof(struct http_conn *))) == NULL)
		return err_set(e, ERR_SYSTEM, "connections: out of memory");
	atomic_init(&s.stopping, false);
	/* While it waits, and only then, the signals come through: none is lost between a look at stop and the wait. */
	(void)pthread_sigmask(SIG_BLOCK, NULL, &open);
	for (int i = 1; i < 32; i++)
		if (sigismember(until, i) == 1)
			(void)sigdelset(&open, i);
	while (!*stop) {
		place = free_place(&s);
		p.revents = 0;
		if (ppoll(&p, place == -1 ? 0 : 1, place == -1 ? &full : NULL, &open) == -1 &&
		    errno != EINTR) {
			rc = err_sys(e, "listening socket: wait");
			break;
		}
		if (place == -1 && !*stop && poll(&p, 1, 0) == 1)
			turn_out(&s);
		if (*stop || place == -1 || p.revents == 0)
			continue;
		if ((fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC)) == -1) {
			if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
				continue;
			/* Not to be had just now: who asks waits, and we do not run in circles meanwhile. */
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
				(void)ppoll(NULL, 0, &full, &open);
				continue;
			}
			rc = err_sys(e, "listening socket: accept");
			break;
		}
		if (welcome(&s, place, fd, &once) == -1 && server->fault != NULL)
			server->fault(server->ctx, &once);
	}
	end_all(&s);
	free(s.conns);
	(void)pthread_mutex_destroy(&s.lock);
	return rc;
}
