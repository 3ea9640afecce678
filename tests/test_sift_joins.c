/* stager-sift, asked to put one index behind another: the very lines of both, each shard's counted; or an error and no end. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

static struct err e;

/* Two shards of the version that is added to, and one of what is new. */
#define OLD_0                                                                                     \
	"{\"member\":\"x/000001.csv\",\"offset\":512,\"shard\":0,\"size\":5,\"subject\":\"x\"}\n" \
	"{\"member\":\"x/000003.csv\",\"offset\":1536,\"shard\":0,\"size\":5,\"subject\":\"x\"}\n"
#define OLD_1 "{\"member\":\"x/000002.txt\",\"offset\":512,\"shard\":1,\"size\":9,\"subject\":\"x\"}\n"
#define NEW_2 "{\"member\":\"x/000004.txt\",\"offset\":512,\"shard\":2,\"size\":7,\"subject\":\"x\"}\n"
#define NEW_1 "{\"member\":\"x/000004.txt\",\"offset\":512,\"shard\":1,\"size\":7,\"subject\":\"x\"}\n"

struct talk {
	pid_t pid;
	int control, out;
};

static struct talk
begin(void)
{
	char path[4096];
	struct talk t;
	int pair[2];

	(void)snprintf(path, sizeof(path), "%s/stager-sift", getenv("STAGER_BUILD"));
	CHECK_OK(wire_pair(pair, &e));
	if ((t.pid = fork()) == 0) {
		if (dup2(fcntl(pair[1], F_DUPFD, 20), 3) == -1)
			_exit(99);
		(void)close(2);
		(void)execl(path, "stager-sift", (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	t.control = pair[0];
	t.out = -1;
	return t;
}

static int
pipe_of(const char *text)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1 || io_write(fds[1], text, strlen(text), "test", &e) == -1)
		abort();
	(void)close(fds[1]);
	return fds[0];
}

/* An index into it; first: the one that the new one is written for. said: how long it is said to be. */
static void
give(struct talk *t, enum wire_type type, const char *index, size_t said, bool first)
{
	struct json *j = json_object();
	int fds[2] = {pipe_of(index), -1}, out[2] = {-1, -1};

	if (first && pipe2(out, O_CLOEXEC) == -1)
		abort();
	fds[1] = out[1];
	json_set_int(j, "plain", (int64_t)said);
	(void)!wire_send(t->control, type, j, fds, first ? 2 : 1, &e);
	json_free(j);
	(void)close(fds[0]);
	io_close(&out[1]);
	if (first)
		t->out = out[0];
}

/* A question with an answer, whose number under key is returned; -1 where it is gone. */
static int64_t
ask(struct talk *t, enum wire_type type, int64_t shard, const char *key)
{
	struct json *j = json_object(), *got;
	int64_t n = -1;

	if (type == WIRE_SIFT_KEEP) {
		json_set_int(j, "shard", shard);
		json_set_int(j, "as", shard);
	}
	(void)!wire_send(t->control, type, j, NULL, 0, &e);
	json_free(j);
	if ((got = wire_expect(t->control, WIRE_SIFTED, NULL, 0, &e)) != NULL)
		CHECK_OK(json_need_int(got, key, 0, JSON_INT_MAX, "test", &n, &e));
	json_free(got);
	return n;
}

/* Its exit status; what it wrote is in text. */
static int
end(struct talk *t, char *text, size_t size)
{
	ssize_t n = 0;
	int status = -1;

	io_close(&t->control);
	CHECK(waitpid(t->pid, &status, 0) == t->pid && WIFEXITED(status));
	if (t->out != -1)
		n = io_read(t->out, text, size - 1, "test", &e);
	text[n < 0 ? 0 : n] = '\0';
	io_close(&t->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void
test_joined(void)
{
	struct talk t = begin();
	char text[4096];

	give(&t, WIRE_SIFT_BEGIN, OLD_0 OLD_1, strlen(OLD_0 OLD_1), true);
	CHECK(ask(&t, WIRE_SIFT_KEEP, 0, "members") == 2);
	CHECK(ask(&t, WIRE_SIFT_KEEP, 1, "members") == 1);
	give(&t, WIRE_SIFT_NEXT, NEW_2, strlen(NEW_2), false);
	CHECK(ask(&t, WIRE_SIFT_KEEP, 2, "members") == 1);
	CHECK(ask(&t, WIRE_SIFT_END, 0, "members") == 4);
	CHECK(end(&t, text, sizeof(text)) == 0 && strcmp(text, OLD_0 OLD_1 NEW_2) == 0);
}

/* An index is read for nobody's sake: members of each shard, and the highest sample. */
static void
test_read(void)
{
	struct talk t = begin();
	struct json *j = json_object(), *got;
	int fd = pipe_of(OLD_0 OLD_1);
	int64_t samples = 0;
	char text[64];

	json_set_int(j, "plain", (int64_t)strlen(OLD_0 OLD_1));
	json_set_int(j, "shards", 2);
	json_set_int(j, "wide", 0);
	CHECK_OK(wire_send(t.control, WIRE_SIFT_INDEX, j, &fd, 1, &e));
	json_free(j);
	(void)close(fd);
	CHECK((got = wire_expect(t.control, WIRE_SIFTED, NULL, 0, &e)) != NULL);
	CHECK_OK(json_need_int(got, "samples", 0, JSON_INT_MAX, "test", &samples, &e));
	CHECK(samples == 3 && json_get(got, "shards")->count == 2 &&
	      json_get(got, "shards")->items[0]->items[0]->integer == 2 &&
	      json_get(got, "shards")->items[0]->items[1]->integer == 0);
	json_free(got);
	CHECK(end(&t, text, sizeof(text)) == 0);
}

static void
test_refused(void)
{
	static const struct {
		bool begins;        /* with an index */
		int64_t kept;       /* shards of it that are passed */
		const char *second; /* behind it */
		int more;           /* than its length is it said to be */
		int64_t shard;      /* that is asked for then */
		int status;
	} cases[] = {
	    {false, 0, NEW_2, 0, 2, 3},     /* nothing to be behind of */
	    {true, 1, NEW_2, 0, 2, 4},      /* lines of the first are left */
	    {true, 0, NEW_2, 0, 2, 4},      /* all of them */
	    {true, 2, NEW_2, 1, 2, 4},      /* it is cut short */
	    {true, 2, NEW_2, -1, 2, 4},     /* it is longer */
	    {true, 2, "{}\n", 0, 2, 4},     /* no line of ours */
	    {true, 2, NEW_2 "\n", 0, 2, 4}, /* nor is an empty one */
	    {true, 2, NEW_1, 0, 2, 4},      /* of a shard that has passed */
	};
	char text[4096];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk t = begin();
		int status;

		if (cases[i].begins)
			give(&t, WIRE_SIFT_BEGIN, OLD_0 OLD_1, strlen(OLD_0 OLD_1), true);
		for (int64_t shard = 0; shard < cases[i].kept; shard++)
			CHECK(ask(&t, WIRE_SIFT_KEEP, shard, "members") == 2 - shard);
		give(&t, WIRE_SIFT_NEXT, cases[i].second, strlen(cases[i].second) + (size_t)cases[i].more,
		    false);
		CHECK(ask(&t, WIRE_SIFT_KEEP, cases[i].shard, "members") == -1 ||
		      ask(&t, WIRE_SIFT_END, 0, "members") == -1);
		status = end(&t, text, sizeof(text));
		if (status != cases[i].status)
			fprintf(stderr, "case %zu: status %d\n", i, status);
		CHECK(status == cases[i].status);
		CHECK(strstr(text, "000004") == NULL);
	}
	/* Lines that nobody asked for: the end is refused. */
	{
		struct talk t = begin();

		give(&t, WIRE_SIFT_BEGIN, OLD_0 OLD_1, strlen(OLD_0 OLD_1), true);
		CHECK(
		    ask(&t, WIRE_SIFT_KEEP, 0, "members") == 2 && ask(&t, WIRE_SIFT_KEEP, 1, "members") == 1);
		give(&t, WIRE_SIFT_NEXT, NEW_2, strlen(NEW_2), false);
		CHECK(ask(&t, WIRE_SIFT_END, 0, "members") == -1);
		CHECK(end(&t, text, sizeof(text)) == 4);
	}
}

int
main(void)
{
	if (getenv("STAGER_BUILD") == NULL) {
		printf("skipped: STAGER_BUILD does not name the folder of stager-sift\n");
		return 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	test_joined();
	test_read();
	test_refused();
	return check_done();
}
