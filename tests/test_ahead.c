/* Streams in a row, and those behind read ahead of their turn: the bytes and their order, the limit, and what is refused. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "stager/ahead.h"
#include "stager/io.h"

#define BLOCK (256u << 10)
#define PIPE_LEN 65536u

static struct err e;

/* A pipe whose writer is *writer. */
static int
pipe_of(int *writer)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		abort();
	*writer = fds[1];
	return fds[0];
}

struct writing {
	int fd;
	uint8_t byte;
	size_t len;
};

static void *
write_stream(void *ctx)
{
	struct writing *w = ctx;
	uint8_t *data = malloc(w->len + 1);

	memset(data, w->byte, w->len);
	/* The count of checks is the main thread's. */
	if (io_write(w->fd, data, w->len, "test", NULL) == -1)
		abort();
	(void)close(w->fd);
	free(data);
	return NULL;
}

/* Whether the stream whose turn it is has len times byte and then its end. */
static bool
all_of(struct ahead *a, uint8_t byte, size_t len, size_t piece)
{
	uint8_t *data = malloc(piece);
	size_t done = 0;
	ssize_t n;

	while ((n = ahead_read(a, data, piece, &e)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (data[i] != byte)
				n = -1;
		if (n == -1)
			break;
		done += (size_t)n;
	}
	free(data);
	return n == 0 && done == len && ahead_read(a, &byte, 1, &e) == 0;
}

#define COUNT 7

/* The first stream gets its bytes when all others are written to their ends. */
struct front {
	struct writing own;
	pthread_t others[COUNT];
};

static void *
write_front(void *ctx)
{
	struct front *f = ctx;

	for (size_t i = 0; i < COUNT; i++)
		(void)pthread_join(f->others[i], NULL);
	return write_stream(&f->own);
}

/* So they must be read ahead of their turn: no pipe holds them. */
static void
test_order(size_t piece)
{
	static const size_t lens[COUNT] = {1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17, 0, PIPE_LEN};
	struct ahead *a = ahead_new(16 * BLOCK, -1, NULL, NULL, &e);
	struct front front = {.own = {.byte = 'F', .len = 1000}};
	struct writing w[COUNT];
	pthread_t thread;

	CHECK_OK(ahead_add(a, pipe_of(&front.own.fd), &e));
	for (size_t i = 0; i < COUNT; i++) {
		w[i] = (struct writing){.byte = (uint8_t)('a' + i), .len = lens[i]};
		CHECK_OK(ahead_add(a, pipe_of(&w[i].fd), &e));
		if (pthread_create(&front.others[i], NULL, write_stream, &w[i]) != 0)
			abort();
	}
	ahead_end(a);
	if (pthread_create(&thread, NULL, write_front, &front) != 0)
		abort();
	CHECK(ahead_next(a, &e) == 1 && all_of(a, 'F', 1000, piece));
	for (size_t i = 0; i < COUNT; i++)
		CHECK(ahead_next(a, &e) == 1 && all_of(a, (uint8_t)('a' + i), lens[i], piece));
	CHECK(ahead_next(a, &e) == 0 && ahead_waiting(a) == 0);
	(void)pthread_join(thread, NULL);
	ahead_free(a);
}

/* No more than the limit, and a block, is taken; the rest waits in its pipe and comes all the same. */
static void
test_limit(size_t limit)
{
	struct ahead *a = ahead_new(limit, -1, NULL, NULL, &e);
	struct writing behind = {.byte = 'b', .len = 4 * BLOCK};
	pthread_t thread;
	int front;
	uint8_t byte;

	CHECK_OK(ahead_add(a, pipe_of(&front), &e));
	CHECK_OK(ahead_add(a, pipe_of(&behind.fd), &e));
	ahead_end(a);
	CHECK(ahead_next(a, &e) == 1);
	if (pthread_create(&thread, NULL, write_stream, &behind) != 0)
		abort();
	for (int i = 0; i < 300; i++) {
		/* A byte now and then, and what is behind is looked at meanwhile. */
		CHECK(write(front, "f", 1) == 1 && ahead_read(a, &byte, 1, &e) == 1 && byte == 'f');
		(void)poll(NULL, 0, 1);
		CHECK(ahead_waiting(a) < limit + BLOCK || limit == 0);
		CHECK(limit != 0 || ahead_waiting(a) == 0);
	}
	CHECK(limit == 0 || ahead_waiting(a) >= limit);
	(void)close(front);
	CHECK(all_of(a, 'f', 0, 100));
	CHECK(ahead_next(a, &e) == 1 && all_of(a, 'b', 4 * BLOCK, 10000));
	CHECK(ahead_next(a, &e) == 0);
	(void)pthread_join(thread, NULL);
	ahead_free(a);
}

/* Half of the room is kept for the next stream, a quarter for the one after it: what comes later gets what is left. */
static void
test_shares(void)
{
	const size_t limit = 16 * BLOCK;
	struct ahead *a = ahead_new(limit, -1, NULL, NULL, &e);
	struct writing last = {.byte = 'c', .len = limit};
	pthread_t thread;
	uint8_t byte;
	int front, next, after;

	CHECK_OK(ahead_add(a, pipe_of(&front), &e));
	CHECK_OK(ahead_add(a, pipe_of(&next), &e));
	CHECK_OK(ahead_add(a, pipe_of(&after), &e));
	CHECK_OK(ahead_add(a, pipe_of(&last.fd), &e));
	ahead_end(a);
	CHECK(ahead_next(a, &e) == 1);
	if (pthread_create(&thread, NULL, write_stream, &last) != 0)
		abort();
	for (int i = 0; i < 400; i++) {
		/* At its end the next one keeps nothing, and then neither does the one behind it. */
		if (i == 100)
			(void)close(next);
		if (i == 200)
			(void)close(after);
		CHECK(write(front, "f", 1) == 1 && ahead_read(a, &byte, 1, &e) == 1 && byte == 'f');
		(void)poll(NULL, 0, 1);
		CHECK(ahead_waiting(a) < (i < 100 ? limit / 4 : i < 200 ? limit / 4 * 3 : limit) + BLOCK);
		CHECK(i != 99 || ahead_waiting(a) >= limit / 4);
		CHECK(i != 199 || ahead_waiting(a) >= limit / 4 * 3);
	}
	CHECK(ahead_waiting(a) == limit);
	(void)close(front);
	CHECK(all_of(a, 'f', 0, 100));
	CHECK(ahead_next(a, &e) == 1 && all_of(a, 0, 0, 100));
	CHECK(ahead_next(a, &e) == 1 && all_of(a, 0, 0, 100));
	CHECK(ahead_next(a, &e) == 1 && all_of(a, 'c', limit, 10000));
	CHECK(ahead_next(a, &e) == 0);
	(void)pthread_join(thread, NULL);
	ahead_free(a);
}

struct talk {
	struct ahead *a;
	int control, told;
};

/* Each byte said is one more stream, of one byte; an 'x' fails. */
static int
said(void *ctx, struct err *err)
{
	struct talk *t = ctx;
	char byte;
	int writer;

	if (read(t->control, &byte, 1) != 1)
		return err_set(err, ERR_SYSTEM, "the other side went away");
	t->told++;
	if (byte == 'x')
		return err_set(err, ERR_INPUT, "refused");
	if (byte == 'e') {
		ahead_end(t->a);
		return 0;
	}
	if (ahead_add(t->a, pipe_of(&writer), err) == -1) {
		(void)close(writer);
		return -1;
	}
	CHECK(write(writer, &byte, 1) == 1);
	(void)close(writer);
	return 0;
}

/* Streams that are told of while others are waited for. Where the other side says something wrong, or goes, all ends. */
static void
test_control(const char *words, bool good)
{
	struct talk t = {.control = -1};
	int writer, rc, streams = 0;
	uint8_t byte;

	t.control = pipe_of(&writer);
	t.a = ahead_new(BLOCK, t.control, said, &t, &e);
	CHECK(write(writer, words, strlen(words)) == (ssize_t)strlen(words));
	(void)close(writer);
	while ((rc = ahead_next(t.a, &e)) == 1 && (rc = (int)ahead_read(t.a, &byte, 1, &e)) == 1) {
		CHECK(byte == (uint8_t)words[streams]);
		streams++;
		if ((rc = (int)ahead_read(t.a, &byte, 1, &e)) != 0)
			break;
	}
	CHECK(good ? rc == 0 && streams == (int)strcspn(words, "e") : rc == -1);
	ahead_free(t.a);
	(void)close(t.control);
}

static void
test_refused(void)
{
	struct ahead *a = ahead_new(BLOCK, -1, NULL, NULL, &e);
	int writers[AHEAD_STREAMS_MAX + 2], fd;

	for (int i = 0; i < AHEAD_STREAMS_MAX; i++)
		CHECK_OK(ahead_add(a, pipe_of(&writers[i]), &e));
	CHECK_ERR(ahead_add(a, pipe_of(&writers[AHEAD_STREAMS_MAX]), &e), ERR_LIMIT);
	ahead_end(a);
	CHECK(ahead_next(a, &e) == 1);
	(void)close(writers[0]);
	CHECK(ahead_read(a, writers, 1, &e) == 0 && ahead_next(a, &e) == 1);
	CHECK_ERR(ahead_add(a, (fd = pipe_of(&writers[AHEAD_STREAMS_MAX + 1])), &e), ERR_INPUT);
	/* it is closed in any case */
	CHECK(fcntl(fd, F_GETFD) == -1);
	ahead_free(a);
	for (int i = 1; i < AHEAD_STREAMS_MAX + 2; i++)
		(void)close(writers[i]);
	ahead_free(NULL);
	CHECK(ahead_new(AHEAD_MAX + 1, -1, NULL, NULL, &e) == NULL && e.code == ERR_LIMIT);
}

int
main(void)
{
	test_order(1000);
	test_order(BLOCK + 100);
	test_limit(0);
	test_limit(1);
	test_limit(BLOCK);
	test_limit(2 * BLOCK + 1);
	test_shares();
	test_control("abce", true);
	test_control("e", true);
	test_control("abc", false); /* and then it ends without a word */
	test_control("ax", false);
	test_control("x", false);
	test_control("", false);
	test_refused();
	return check_done();
}
