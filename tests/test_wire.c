/* Control messages: whole, cut at each byte, too long, with descriptors too many or missing. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "stager/json.h"
#include "stager/wire.h"

static struct err e;

/* The bytes of one message, as they go over the socket. */
static size_t
capture(uint8_t *out, size_t size)
{
	struct json *j = json_object();
	int pair[2];
	ssize_t n;

	json_set_string(j, "name", "shard-00000");
	CHECK_OK(wire_pair(pair, &e));
	CHECK_OK(wire_send(pair[0], WIRE_SHARD_OPEN, j, NULL, 0, &e));
	n = read(pair[1], out, size);
	json_free(j);
	(void)close(pair[0]);
	(void)close(pair[1]);
	return n > 0 ? (size_t)n : 0;
}

static void
test_whole(void)
{
	struct json *j = json_object(), *got;
	int pair[2], pipe_fds[2], fds[2] = {-1, -1};
	char byte = 0;

	json_set_int(j, "size", 7);
	CHECK_OK(wire_pair(pair, &e));
	CHECK(pipe2(pipe_fds, O_CLOEXEC) == 0);
	CHECK_OK(wire_send(pair[0], WIRE_FILE, j, pipe_fds, 2, &e));
	CHECK((got = wire_expect(pair[1], WIRE_FILE, fds, 2, &e)) != NULL);
	CHECK(got != NULL && json_get(got, "size")->integer == 7);
	CHECK((fcntl(fds[0], F_GETFD) & FD_CLOEXEC) != 0);
	CHECK(write(fds[1], "x", 1) == 1 && read(pipe_fds[0], &byte, 1) == 1 && byte == 'x');
	json_free(got);
	(void)close(fds[0]);
	(void)close(fds[1]);

	/* Descriptors that nobody asked for, and the ones that did not come. */
	CHECK_OK(wire_send(pair[0], WIRE_FILE, j, pipe_fds, 1, &e));
	CHECK(wire_expect(pair[1], WIRE_FILE, NULL, 0, &e) == NULL && e.code == ERR_INPUT);
	CHECK_OK(wire_send(pair[0], WIRE_FILE, j, NULL, 0, &e));
	CHECK(wire_expect(pair[1], WIRE_FILE, fds, 1, &e) == NULL && e.code == ERR_INPUT);
	/* Another type. */
	CHECK_OK(wire_send(pair[0], WIRE_END, j, NULL, 0, &e));
	CHECK(wire_expect(pair[1], WIRE_FILE, NULL, 0, &e) == NULL && e.code == ERR_INPUT);
	/* An empty payload is no JSON. */
	CHECK_OK(wire_send(pair[0], WIRE_END, NULL, NULL, 0, &e));
	CHECK(wire_expect(pair[1], WIRE_END, NULL, 0, &e) == NULL && e.code == ERR_INPUT);
	CHECK_ERR(wire_send(pair[0], WIRE_FILE, j, (int[]){0, 1, 2, 0}, 4, &e), ERR_LIMIT);
	(void)close(pair[1]);
	CHECK_ERR(wire_send(pair[0], WIRE_END, j, NULL, 0, &e), ERR_SYSTEM);
	(void)close(pair[0]);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	json_free(j);
}

static void
test_cut(void)
{
	uint8_t bytes[256];
	size_t len = capture(bytes, sizeof(bytes));

	CHECK(len > 8);
	for (size_t cut = 0; cut <= len; cut++) {
		struct wire_message m;
		int pair[2], rc;

		CHECK_OK(wire_pair(pair, &e));
		CHECK(write(pair[0], bytes, cut) == (ssize_t)cut);
		(void)close(pair[0]);
		wire_message_init(&m);
		rc = wire_receive(pair[1], &m, &e);
		CHECK(rc == (cut == 0 ? 0 : cut == len ? 1 : -1));
		wire_message_free(&m);
		(void)close(pair[1]);
	}
}

static void
test_length(void)
{
	static const uint8_t wrong[][6] = {
	    {0, 0, 0, 0, 1, 0}, {1, 0, 0, 0, 1, 0}, {3, 0, 0, 4, 1, 0}, {0xff, 0xff, 0xff, 0xff, 1, 0}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct wire_message m;
		int pair[2];

		CHECK_OK(wire_pair(pair, &e));
		CHECK(write(pair[0], wrong[i], 6) == 6);
		wire_message_init(&m);
		CHECK_ERR(wire_receive(pair[1], &m, &e), ERR_LIMIT);
		wire_message_free(&m);
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
}

/* What programs that see a dataset say is short; a key's or a policy's message may be long. */
static void
test_limits(void)
{
	static const struct {
		enum wire_type type;
		size_t max;
	} limits[] = {{WIRE_SHARD_OPEN, WIRE_SHORT_MAX}, {WIRE_SHARD_DONE, WIRE_SHORT_MAX},
	    {WIRE_UNSEALED, WIRE_SHORT_MAX}, {WIRE_DONE, WIRE_DONE_MAX}};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		for (size_t over = 0; over < 2; over++) {
			uint32_t len = (uint32_t)(limits[i].max + 2 + over);
			uint8_t head[6] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16),
			    (uint8_t)(len >> 24), (uint8_t)limits[i].type, 0};
			struct wire_message m;
			int pair[2];

			CHECK_OK(wire_pair(pair, &e));
			CHECK(write(pair[0], head, 6) == 6);
			(void)close(pair[0]);
			wire_message_init(&m);
			/* Just long enough: taken for one that was cut; a byte more: not even begun. */
			CHECK_ERR(wire_receive(pair[1], &m, &e), over == 0 ? ERR_INPUT : ERR_LIMIT);
			wire_message_free(&m);
			(void)close(pair[1]);
		}
	}
}

/* Doubles "n"; of FILE there is nothing to say, and END it refuses. */
static int
twice(void *ctx, const struct wire_message *m, const struct json *body, enum wire_type *type,
    struct json **reply, struct err *into)
{
	++*(int *)ctx;
	if (m->type == WIRE_FILE)
		return 0;
	*reply = json_object();
	json_set_int(*reply, "n", 2 * json_get(body, "n")->integer);
	*type = WIRE_OK;
	return m->type == WIRE_END ? err_set(into, ERR_REFUSED, "no") : 0;
}

static void
test_serve(void)
{
	struct json *j = json_object(), *got;
	int pair[2], asked = 0;
	char byte;

	json_set_int(j, "n", 21);
	CHECK_OK(wire_pair(pair, &e));
	CHECK_OK(wire_send(pair[0], WIRE_SOURCE, j, NULL, 0, &e));
	CHECK(wire_serve(pair[1], twice, &asked, &e) == 1 && asked == 1);
	CHECK((got = wire_expect(pair[0], WIRE_OK, NULL, 0, &e)) != NULL);
	CHECK(got != NULL && json_get(got, "n")->integer == 42);
	json_free(got);
	/* Nothing to say, a refusal, and what is no JSON: nothing goes back. */
	CHECK_OK(wire_send(pair[0], WIRE_FILE, j, NULL, 0, &e));
	CHECK(wire_serve(pair[1], twice, &asked, &e) == 1 && asked == 2);
	CHECK_OK(wire_send(pair[0], WIRE_END, j, NULL, 0, &e));
	CHECK_ERR(wire_serve(pair[1], twice, &asked, &e), ERR_REFUSED);
	CHECK_OK(wire_send(pair[0], WIRE_SOURCE, NULL, NULL, 0, &e));
	CHECK_ERR(wire_serve(pair[1], twice, &asked, &e), ERR_INPUT);
	CHECK(asked == 3 && recv(pair[0], &byte, 1, MSG_DONTWAIT) == -1);
	(void)close(pair[0]);
	CHECK(wire_serve(pair[1], twice, &asked, &e) == 0 && asked == 3);
	(void)close(pair[1]);
	json_free(j);
}

int
main(void)
{
	test_whole();
	test_cut();
	test_length();
	test_limits();
	test_serve();
	return check_done();
}
