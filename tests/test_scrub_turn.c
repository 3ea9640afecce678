/* stager-scrub in a unit whose turn has not come: what it begins all the same, what waits, and that it ends either way. */
#include <poll.h>

#include "scrub_role.h"
#include "stager/ring.h"

#define MIB (1 << 20)

struct piece {
	const char *name;
	size_t len;
};

/* The turn's pipe, told of to r; its other end. */
static int
send_turn(const struct run *r, int64_t memory)
{
	struct json *j = json_object();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		abort();
	json_set_int(j, "memory", memory);
	CHECK_OK(wire_send(r->control, WIRE_TURN, j, &fds[0], 1, &e));
	json_free(j);
	(void)close(fds[0]);
	return fds[1];
}

static bool
says(const struct run *r, int ms)
{
	struct pollfd fd = {.fd = r->control, .events = POLLIN};

	return poll(&fd, 1, ms) == 1;
}

/* These files, lines of letters all of them; does the unit wait for its turn? In any case it ends well once that has come. */
static void
test_files(enum wire_type type, int64_t memory, const struct piece *files, bool waits)
{
	struct run r = start("unit", 32, -1, NULL);
	struct json *done = NULL;
	char said[600];
	int turn;

	send_policy(&r, yaml);
	turn = send_turn(&r, memory);
	for (size_t i = 0; files[i].name != NULL; i++) {
		char *data = malloc(files[i].len);

		for (size_t k = 0; k < files[i].len; k++)
			data[k] = k % 60 == 59 ? '\n' : 'a';
		send_source(
		    &r, type, files[i].name, (int64_t)i + 1, data, files[i].len, (int64_t)files[i].len);
		free(data);
	}
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	if (waits)
		CHECK(!says(&r, 300));
	else
		CHECK(says(&r, 60000));
	(void)close(turn);
	CHECK((done = wire_expect(r.control, WIRE_DONE, NULL, 0, &e)) != NULL);
	json_free(done);
	CHECK(finish(&r, said) == 0 && said[0] == '\0');
}

/* A turn that cannot be: the unit ends, and says why. */
static void
test_refused(bool twice, bool late, bool with)
{
	struct run r = start("unit", 32, -1, NULL);
	struct json *j = json_object();
	int fd = file_of("x", 1), turn = -1;
	char said[600];

	send_policy(&r, yaml);
	if (late)
		send_source(&r, WIRE_FILE, "a.txt", 1, "x", 1, 1);
	if (twice)
		turn = send_turn(&r, 1);
	json_set_int(j, "memory", 1);
	CHECK_OK(wire_send(r.control, WIRE_TURN, j, &fd, with ? 1 : 0, &e));
	json_free(j);
	(void)close(fd);
	CHECK(finish(&r, said) == 3 && strstr(said, "a turn where none was due") != NULL);
	io_close(&turn);
}

/* The pipe is to end, and says nothing. */
static void
test_word(void)
{
	struct run r = start("unit", 32, -1, NULL);
	char said[600];
	int turn;

	send_policy(&r, yaml);
	turn = send_turn(&r, 0);
	CHECK(write(turn, "x", 1) == 1);
	send_source(&r, WIRE_FILE, "a.txt", 1, "x", 1, 1);
	CHECK(finish(&r, said) == 3 && strstr(said, "turn: not as it should be") != NULL);
	(void)close(turn);
}

int
main(void)
{
	if (!role_start())
		return 77;
	/* What is passed as it is: 4 MiB of it, in one file or several. */
	test_files(WIRE_FILE, 0, (const struct piece[]){{"a.bin", 4 * MIB}, {NULL, 0}}, false);
	test_files(WIRE_FILE, 0, (const struct piece[]){{"a.bin", 4 * MIB + 1}, {NULL, 0}}, true);
	test_files(
	    WIRE_FILE, 0, (const struct piece[]){{"a.bin", 3 * MIB}, {"b.bin", 3 * MIB}, {NULL, 0}}, true);
	/* What is read whole: by what it takes. */
	test_files(WIRE_FILE, 6 * 50000, (const struct piece[]){{"a.txt", 50000}, {NULL, 0}}, false);
	test_files(WIRE_FILE, 6 * 50000 - 1, (const struct piece[]){{"a.txt", 50000}, {NULL, 0}}, true);
	/* What no rule takes, or a rule drops, is not read. */
	test_files(
	    WIRE_FILE, 0, (const struct piece[]){{"no-rule", MIB}, {"x/junk.tmp", MIB}, {NULL, 0}}, false);
	/* A file that all processors are at gains nothing beside others. */
	test_files(WIRE_FILE, (int64_t)1 << 40, (const struct piece[]){{"a.csv", 4 * MIB}, {NULL, 0}},
	    ring_processors() > 1);
	test_files(
	    WIRE_FILE, (int64_t)1 << 40, (const struct piece[]){{"a.csv", 4 * MIB - 1}, {NULL, 0}}, false);
	test_refused(true, false, true);
	test_refused(false, true, true);
	test_refused(false, false, false);
	test_word();
	return check_done();
}
