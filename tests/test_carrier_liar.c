/*
 * A carrier whose stager-send was captured: it lies, hangs or dies, and what then becomes of who asked it. This program
 * is its own stager-send.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "stager/carrier.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

#define LIE "AWS_TEST_LIE" /* handed down, as all of AWS_* */

static struct err e;

static void
say(int fd, enum wire_type type, const char *text)
{
	struct json *j = json_parse(text, strlen(text), "lie", NULL);

	if (j == NULL || wire_send(fd, type, j, NULL, 0, NULL) == -1)
		_exit(1);
	json_free(j);
}

/* Up to the first request, as it should be; then what the lie is. */
static int
lie(const char *how)
{
	static const struct {
		const char *how;
		enum wire_type type;
		const char *answer;
	} answers[] = {
	    {"type", WIRE_SENT, "{\"bytes\":1}"},
	    {"other-type", WIRE_KEY_SIGNED, "{}"},
	    {"fault", WIRE_FAULT, "{\"code\":3,\"text\":\"no \\u001b[2J\"}"},
	    {"fault-code", WIRE_FAULT, "{\"code\":0,\"text\":\"\"}"},
	    {"fault-text", WIRE_FAULT, "{\"code\":5}"},
	    {"head", WIRE_CARRIED, "{}"},
	    {"head-size", WIRE_CARRIED, "{\"there\":true,\"size\":-1,\"tag\":\"\"}"},
	    {"head-tag", WIRE_CARRIED, "{\"there\":true,\"size\":1,\"tag\":\"\\u0007\"}"},
	    {"head-long", WIRE_CARRIED,
		"{\"there\":true,\"size\":1,\"tag\":"
		"\"0123456789012345678901234567890123456789012345678901234567890123\"}"},
	    {"sent", WIRE_SENT, "{\"bytes\":11}"},
	    {"put-size", WIRE_CARRIED, "{\"size\":9,\"tag\":\"\"}"},
	    {"list-name", WIRE_LISTED, "{\"objects\":[{\"name\":\"v/../x\",\"size\":1,\"tag\":\"\"}]}"},
	    {"list-prefix", WIRE_LISTED, "{\"objects\":[{\"name\":\"vv/x\",\"size\":1,\"tag\":\"\"}]}"},
	    {"list", WIRE_LISTED, "{\"objects\":1}"},
	    {"clean", WIRE_CARRIED, "{\"count\":-1}"},
	};
	struct json *j = wire_expect(WIRE_FD, WIRE_CARRY, NULL, 0, NULL);
	struct wire_message m;
	int fds[2];

	if (strcmp(how, "environment") == 0) {
		/* Not a lie: what came along. */
		if (getenv("https_proxy") != NULL && getenv("SSL_CERT_FILE") != NULL &&
		    getenv("STAGER_SECRET") == NULL && getenv("https_proxy_") == NULL &&
		    getenv("PATH") == NULL)
			_exit(5);
		_exit(3);
	}
	if (j == NULL || strcmp(how, "dead") == 0)
		_exit(1);
	if (strcmp(how, "start-garbage") == 0)
		(void)!write(WIRE_FD, "\x03\0\0\0\x3d\0{", 7);
	if (strcmp(how, "start-half") == 0)
		(void)!write(WIRE_FD, "\x64\0\0\0\x3d\0{", 7);
	while (strncmp(how, "start-", 6) == 0)
		(void)pause();
	say(WIRE_FD, WIRE_CARRIED,
	    strcmp(how, "streams") == 0 ? "{\"part\":8,\"streams\":65}" : "{\"part\":8,\"streams\":1}");
	json_free(j);
	j = wire_expect(WIRE_FD, WIRE_CHANNEL, fds, 2, NULL);
	if (j == NULL || strcmp(how, "dead-unconfined") == 0)
		_exit(1);
	while (strcmp(how, "silent-unconfined") == 0)
		(void)pause();
	/* Its window can be neither cut nor grown. */
	if (ftruncate(fds[1], 0) == 0 || ftruncate(fds[1], 1 << 28) == 0)
		_exit(1);
	json_free(j);
	say(WIRE_FD, WIRE_CARRIED, "{}");
	wire_message_init(&m);
	if (wire_receive(fds[0], &m, NULL) != 1)
		_exit(1);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(answers[i].how, how) == 0)
			say(fds[0], answers[i].type, answers[i].answer);
	if (strcmp(how, "garbage") == 0)
		(void)!write(fds[0], "\x03\0\0\0\x3d\0{", 7);
	if (strcmp(how, "long") == 0)
		(void)!write(fds[0], "\xff\xff\xff\x7f\x3d\0", 6);
	if (strcmp(how, "half") == 0)
		(void)!write(fds[0], "\x64\0\0\0\x3d\0{", 7);
	if (strcmp(how, "complaint") == 0) {
		(void)!write(2, "stager-send: no room\n", 21);
		_exit(1);
	}
	if (strcmp(how, "dies") == 0)
		abort();
	/* And then nothing more, for good. */
	for (;;)
		(void)pause();
}

static int
file_of(const uint8_t *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "test", NULL) == -1)
		abort();
	return fd;
}

static int
count_names(void *ctx, const char *name, const struct endpoint_info *info, struct err *err)
{
	int *left = ctx;

	if (strncmp(name, "v/", 2) != 0 || info->size == 0)
		abort();
	return --*left < 0 ? err_set(err, ERR_LIMIT, "enough") : 0;
}

static void *
stop_soon(void *arg)
{
	const struct timespec soon = {.tv_nsec = 300000000};

	(void)nanosleep(&soon, NULL);
	carrier_stop(arg);
	return NULL;
}

static struct carrier *
liar(const char *how)
{
	static const struct endpoint_options foreign = {.foreign = true, .stall_s = 1};
	struct carrier *c = NULL;

	CHECK(setenv(LIE, how, 1) == 0);
	if (carrier_start("dir:/tmp", &foreign, &c, &e) == -1)
		c = NULL;
	CHECK(unsetenv(LIE) == 0);
	return c;
}

static void
test_liar(void)
{
	static const char *const start[] = {"dead", "streams", "dead-unconfined"};
	static const char *const gets[] = {
	    "type", "other-type", "fault-code", "fault-text", "garbage", "long", "dies", "half"};
	static const char *const heads[] = {"head", "head-size", "head-tag", "head-long"};
	static const char *const lists[] = {"list-name", "list-prefix", "list", "garbage"};
	struct carrier_source source = {
	    .fd = file_of((const uint8_t *)"0123456789", 10), .size = 10, .sums = -1};
	struct endpoint_info info;
	uint8_t byte;
	struct carrier *c;
	pthread_t thread;
	uint64_t count;
	int left = 9;

	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		CHECK(liar(start[i]) == NULL);
	/* And lives on: it is not waited for. */
	CHECK(liar("start-silent") == NULL && e.code == ERR_REMOTE &&
	      strcmp(e.text, "stager-send: it did not start within 1 seconds") == 0);
	CHECK(liar("silent-unconfined") == NULL && e.code == ERR_REMOTE);
	CHECK(liar("start-garbage") == NULL && liar("start-half") == NULL);
	CHECK(liar("environment") == NULL && e.code == ERR_REMOTE);
	for (size_t i = 0; i < sizeof(gets) / sizeof(gets[0]); i++) {
		c = liar(gets[i]);
		CHECK_ERR(carrier_get(c, "v/x", 0, &byte, 1, &e), ERR_REMOTE);
		/* It stays so. */
		CHECK_ERR(carrier_head(c, "v/x", &info, &e), ERR_REMOTE);
		carrier_free(c);
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		c = liar(heads[i]);
		CHECK_ERR(carrier_head(c, "v/x", &info, &e), ERR_REMOTE);
		carrier_free(c);
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		c = liar(lists[i]);
		CHECK_ERR(carrier_list(c, "v", count_names, &left, &e), ERR_REMOTE);
		carrier_free(c);
	}
	c = liar("fault");
	CHECK_ERR(carrier_get(c, "v/x", 0, &byte, 1, &e), ERR_REFUSED);
	CHECK(strcmp(e.text, "no \\x1b[2J") == 0);
	carrier_free(c);
	c = liar("sent");
	CHECK_ERR(carrier_put(c, "v/x", &source, NULL, NULL, &info, &e), ERR_REMOTE);
	carrier_free(c);
	c = liar("put-size");
	CHECK_ERR(carrier_put(c, "v/x", &source, NULL, NULL, &info, &e), ERR_FORGED);
	carrier_free(c);
	c = liar("clean");
	CHECK_ERR(carrier_clean(c, "v", true, &count, &e), ERR_REMOTE);
	carrier_free(c);
	c = liar("complaint");
	CHECK_ERR(carrier_remove(c, "v/x", &e), ERR_REMOTE);
	CHECK(strcmp(e.text, "stager-send: no room") == 0);
	carrier_free(c);
	/* Silent, and told to stop. */
	c = liar("silent");
	carrier_stop(c);
	CHECK(pthread_create(&thread, NULL, stop_soon, c) == 0);
	CHECK_ERR(carrier_get(c, "v/x", 0, &byte, 1, &e), ERR_REMOTE);
	CHECK(pthread_join(thread, NULL) == 0);
	carrier_free(c);
	(void)close(source.fd);
}

int
main(int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[0], "stager-send") == 0)
		return getenv(LIE) != NULL ? lie(getenv(LIE)) : 1;
	if (setenv("https_proxy", "http://x/", 1) != 0 || setenv("SSL_CERT_FILE", "/x", 1) != 0 ||
	    setenv("https_proxy_", "x", 1) != 0 || setenv("STAGER_SECRET", "x", 1) != 0)
		abort();
	test_liar();
	return check_done();
}
