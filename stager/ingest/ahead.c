/* Streams that are read one after the other, and those that come later ahead of their turn into bounded memory. */
#include "stager/ahead.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"

#define BLOCK_LEN (256u << 10)

struct block {
	struct block *next;
	size_t start, end; /* of data, what has not been read: [start, end) */
	uint8_t data[BLOCK_LEN];
};

struct stream {
	int fd; /* -1: it is at its end */
	struct block *first, *last;
	uint64_t waiting;
};

struct ahead {
	uint64_t limit, waiting;
	int control;
	int (*said)(void *ctx, struct err *e);
	void *ctx;
	bool begun, ended; /* begun: the first one's turn has come; ended: no more is added */
	struct stream streams[AHEAD_STREAMS_MAX]; /* the one that is read, and those behind it */
	size_t count;
	struct block *free; /* wiped */
};

struct ahead *
ahead_new(uint64_t limit, int control, int (*said)(void *ctx, struct err *e), void *ctx, struct err *e)
{
	struct ahead *a;

	if (limit > AHEAD_MAX) {
		err_set(e, ERR_LIMIT, "streams: more memory than they may have");
		return NULL;
	}
	if ((a = calloc(1, sizeof(*a))) == NULL) {
		err_set(e, ERR_SYSTEM, "streams: out of memory");
		return NULL;
	}
	a->limit = limit;
	a->control = control;
	a->said = said;
	a->ctx = ctx;
	return a;
}

/* The stream's first block, wiped, among the free ones. */
static void
drop_block(struct ahead *a, struct stream *s)
{
	struct block *b = s->first;

	explicit_bzero(b->data, b->end);
	s->first = b->next;
	if (s->first == NULL)
		s->last = NULL;
	b->start = b->end = 0;
	b->next = a->free;
	a->free = b;
}

static void
close_stream(struct ahead *a, struct stream *s)
{
	while (s->first != NULL)
		drop_block(a, s);
	a->waiting -= s->waiting;
	s->waiting = 0;
	io_close(&s->fd);
}

void
ahead_free(struct ahead *a)
{
	struct block *b;

	if (a == NULL)
		return;
	for (size_t i = 0; i < a->count; i++)
		close_stream(a, &a->streams[i]);
	while ((b = a->free) != NULL) {
		a->free = b->next;
		free(b);
	}
	free(a);
}

int
ahead_add(struct ahead *a, int fd, struct err *e)
{
	int rc = 0;

	if (a->ended)
		rc = err_set(e, ERR_INPUT, "streams: one more after the last");
	else if (a->count == AHEAD_STREAMS_MAX)
		rc = err_set(e, ERR_LIMIT, "streams: more than %d wait", AHEAD_STREAMS_MAX);
	if (rc == -1)
		(void)close(fd);
	else
		a->streams[a->count++] = (struct stream){.fd = fd};
	return rc;
}

void
ahead_end(struct ahead *a)
{
	a->ended = true;
}

uint64_t
ahead_waiting(const struct ahead *a)
{
	return a->waiting;
}

/* read, where a signal is no end of it. */
static ssize_t
read_some(int fd, void *out, size_t len, struct err *e)
{
	ssize_t n;

	do
		n = read(fd, out, len);
	while (n == -1 && errno == EINTR);
	return n == -1 ? err_sys(e, "entry stream: read") : n;
}

/* Room for more of a stream whose turn has not come. kept: for those before it. */
static bool
has_room(const struct ahead *a, const struct stream *s, uint64_t kept)
{
	return s->fd != -1 && s->waiting < AHEAD_STREAM_MAX && a->waiting + kept < a->limit;
}

/* Of its share, what a stream has not used: none behind it takes that. */
static uint64_t
kept_of(const struct stream *s, uint64_t share)
{
	return s->fd != -1 && s->waiting < share ? share - s->waiting : 0;
}

/* A piece of it into memory. The limits are passed by a block at most. */
static int
read_ahead(struct ahead *a, struct stream *s, struct err *e)
{
	struct block *b = s->last;
	ssize_t n;

	if (b == NULL || b->end == BLOCK_LEN) {
		if ((b = a->free) != NULL)
			a->free = b->next;
		else if ((b = malloc(sizeof(*b))) == NULL)
			return err_set(e, ERR_SYSTEM, "streams: out of memory");
		b->next = NULL;
		b->start = b->end = 0;
		if (s->last != NULL)
			s->last->next = b;
		else
			s->first = b;
		s->last = b;
	}
	if ((n = read_some(s->fd, b->data + b->end, BLOCK_LEN - b->end, e)) == -1)
		return -1;
	if (n == 0)
		io_close(&s->fd);
	b->end += (size_t)n;
	s->waiting += (uint64_t)n;
	a->waiting += (uint64_t)n;
	return 0;
}

/*
 * Wait until the stream in front gives something (*ready), or something was read of another, or there was something to
 * hear. front: the stream; without one it is waited for what is said.
 */
static int
wait_for(struct ahead *a, const struct stream *front, bool *ready, struct err *e)
{
	struct pollfd fds[2 + AHEAD_STREAMS_MAX];
	const size_t first = front == NULL ? 0 : 1, count = a->count; /* said may add to it */
	uint64_t kept = 0, share = a->limit;

	*ready = false;
	fds[0] = (struct pollfd){.fd = a->ended ? -1 : a->control, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = front == NULL ? -1 : front->fd, .events = POLLIN};
	for (size_t i = first; i < count; i++) {
		fds[2 + i] = (struct pollfd){
		    .fd = has_room(a, &a->streams[i], kept) ? a->streams[i].fd : -1, .events = POLLIN};
		/* Half of it all is the next one's, half of the rest the one's after that. */
		kept += kept_of(&a->streams[i], share /= 2);
	}
	if (first == 1)
		fds[2] = (struct pollfd){.fd = -1};
	if (poll(fds, 2 + count, -1) == -1)
		return errno == EINTR ? 0 : err_sys(e, "entry stream: wait");
	for (size_t i = first; i < count; i++)
		if (fds[2 + i].revents != 0 && has_room(a, &a->streams[i], 0) &&
		    read_ahead(a, &a->streams[i], e) == -1)
			return -1;
	*ready = fds[1].revents != 0;
	return fds[0].revents != 0 ? a->said(a->ctx, e) : 0;
}

int
ahead_next(struct ahead *a, struct err *e)
{
	bool ready;

	if (a->begun) {
		close_stream(a, &a->streams[0]);
		memmove(a->streams, a->streams + 1, --a->count * sizeof(a->streams[0]));
		a->begun = false;
	}
	while (a->count == 0) {
		if (a->ended)
			return 0;
		if (wait_for(a, NULL, &ready, e) == -1)
			return -1;
	}
	a->begun = true;
	return 1;
}

ssize_t
ahead_read(struct ahead *a, void *out, size_t len, struct err *e)
{
	struct stream *s = &a->streams[0];
	struct block *b;
	ssize_t n = 0;
	bool ready;

	while (s->first == NULL && s->fd != -1) {
		/* Nobody else to look at. */
		ready = a->ended && a->count == 1;
		if (!ready && wait_for(a, s, &ready, e) == -1)
			return -1;
		if (!ready)
			continue;
		if ((n = read_some(s->fd, out, len, e)) == 0)
			io_close(&s->fd);
		return n;
	}
	while ((b = s->first) != NULL && (size_t)n < len) {
		size_t piece = b->end - b->start < len - (size_t)n ? b->end - b->start : len - (size_t)n;

		memcpy((uint8_t *)out + n, b->data + b->start, piece);
		b->start += piece;
		n += (ssize_t)piece;
		if (b->start == b->end)
			drop_block(a, s);
	}
	s->waiting -= (uint64_t)n;
	a->waiting -= (uint64_t)n;
	return n;
}
