/*
 * A carrier and its stager-send: puts, ranges and lists from many threads, bodies looked at before they leave, stopping,
 * and a stager-send that lies, hangs or dies. This program is its own stager-send, as a stager-node built alone is.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../stager/roles/send.h"
#include "check.h"
#include "stager/c4gh.h"
#include "stager/carrier.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

#define MIB (1u << 20)
#define LIE "AWS_TEST_LIE" /* handed down, as all of AWS_* */

static struct err e;
static char top[] = "/tmp/stager-test-XXXXXX";
static char url[64];

/* --- a stager-send that was captured --- */

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

/* --- the tests --- */

static struct carrier *
started(const struct endpoint_options *options)
{
	struct endpoint_options own = *options;
	struct carrier *c = NULL;

	own.foreign = true;

	CHECK_OK(carrier_start(url, &own, &c, &e));
	if (c == NULL)
		abort();
	return c;
}

static uint8_t *
bytes_of(size_t len)
{
	uint8_t *data = malloc(len + 1);

	if (data == NULL)
		abort();
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 251 + i / 65521);
	return data;
}

static int
file_of(const uint8_t *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "test", NULL) == -1)
		abort();
	return fd;
}

static void
digest(const uint8_t *data, size_t len, uint8_t out[static SUM_LEN])
{
	struct sums *s = sums_new(&e);

	if (s == NULL || sums_update(s, data, len, &e) == -1 || sums_final(s, out, &e) == -1)
		abort();
	sums_free(s);
}

/* What lies in the folder, temporary files too. */
static int
files_there(void)
{
	char command[128];
	FILE *pipe;
	int count = -1;

	(void)snprintf(command, sizeof(command), "find %s -type f | wc -l", top);
	if ((pipe = popen(command, "r")) == NULL || fscanf(pipe, "%d", &count) != 1)
		abort();
	(void)pclose(pipe);
	return count;
}

static void
add(void *ctx, uint64_t bytes)
{
	*(uint64_t *)ctx += bytes;
}

struct reader {
	struct carrier *c;
	const uint8_t *data;
	unsigned number;
	int wrong;
};

static void *
read_many(void *arg)
{
	struct reader *r = arg;
	uint8_t *out = malloc(MIB);
	struct err own;

	for (unsigned i = 0; i < 40; i++) {
		size_t offset = (r->number * 977 + i * 300007u) % (19 * MIB),
		       len = 1 + (i * 65537u + r->number) % MIB;

		if (carrier_get(r->c, "v/abroad/one", offset, out, len, &own) == -1 ||
		    memcmp(out, r->data + offset, len) != 0)
			r->wrong++;
	}
	free(out);
	return NULL;
}

static int
count_names(void *ctx, const char *name, const struct endpoint_info *info, struct err *err)
{
	int *left = ctx;

	if (strncmp(name, "v/", 2) != 0 || info->size == 0)
		abort();
	return --*left < 0 ? err_set(err, ERR_LIMIT, "enough") : 0;
}

static void
test_carry(void)
{
	const size_t len = 20 * MIB + 12345;
	const struct endpoint_options options = {.streams = 3, .part = 5 * MIB};
	uint8_t *data = bytes_of(len), *back = malloc(len), sha256[SUM_LEN];
	struct carrier_source source = {.fd = file_of(data, len), .size = len, .sha256 = sha256, .sums = -1};
	struct carrier *c = started(&options);
	struct endpoint_info info, again;
	struct reader readers[6];
	pthread_t threads[6];
	uint64_t sent = 0, count = 7;
	int left, fd;

	CHECK(carrier_streams(c) == 3 && carrier_part(c) == 5 * MIB);
	digest(data, len, sha256);
	CHECK_OK(carrier_put(c, "v/abroad/one", &source, add, &sent, &info, &e));
	CHECK(info.size == len && info.tag[0] != '\0' && sent == len);
	CHECK(carrier_head(c, "v/abroad/one", &again, &e) == 1 && again.size == len &&
	      strcmp(again.tag, info.tag) == 0);
	CHECK(carrier_head(c, "v/abroad/two", &again, &e) == 0);
	CHECK_ERR(carrier_head(c, "v/../one", &again, &e), ERR_USAGE);
	/* More than one window, the whole, and past its end. */
	CHECK_OK(carrier_get(c, "v/abroad/one", 0, back, len, &e));
	CHECK(memcmp(back, data, len) == 0);
	CHECK_OK(carrier_get(c, "v/abroad/one", len - 1, back, 1, &e));
	CHECK(back[0] == data[len - 1]);
	CHECK_ERR(carrier_get(c, "v/abroad/one", len - 1, back, 2, &e), ERR_FORGED);
	CHECK_ERR(carrier_get(c, "v/abroad/two", 0, back, 1, &e), ERR_REMOTE);
	CHECK_ERR(carrier_get(c, "v/abroad/one", UINT64_MAX - 1, back, 2, &e), ERR_USAGE);
	for (unsigned i = 0; i < 6; i++) {
		readers[i] = (struct reader){.c = c, .data = data, .number = i};
		CHECK(pthread_create(&threads[i], NULL, read_many, &readers[i]) == 0);
	}
	for (unsigned i = 0; i < 6; i++)
		CHECK(pthread_join(threads[i], NULL) == 0 && readers[i].wrong == 0);

	/* A file that is not what it must be. */
	sha256[0] ^= 1;
	CHECK_ERR(carrier_put(c, "v/abroad/two", &source, NULL, NULL, &info, &e), ERR_FORGED);
	source.sha256 = NULL;
	source.size = len + 1;
	CHECK_ERR(carrier_put(c, "v/abroad/two", &source, NULL, NULL, &info, &e), ERR_FORGED);
	CHECK(carrier_head(c, "v/abroad/two", &again, &e) == 0 && files_there() == 1);
	for (unsigned i = 0; i < 250; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "v/many/%03u", i);
		source.size = 1 + i;
		CHECK_OK(carrier_put(c, name, &source, NULL, NULL, &info, &e));
	}
	left = 1000;
	CHECK_OK(carrier_list(c, "v", count_names, &left, &e));
	CHECK(left == 1000 - 251);
	left = 3;
	CHECK_ERR(carrier_list(c, "v", count_names, &left, &e), ERR_LIMIT);
	left = 150;
	CHECK_ERR(carrier_list(c, "v/many", count_names, &left, &e), ERR_LIMIT);
	left = 0;
	CHECK_OK(carrier_list(c, "w", count_names, &left, &e));
	CHECK_OK(carrier_remove(c, "v/abroad/one", &e));
	CHECK_OK(carrier_remove(c, "v/abroad/one", &e));
	CHECK(carrier_head(c, "v/abroad/one", &again, &e) == 0);
	/* What a killed sender left. */
	(void)snprintf((char *)back, 256, "%s/v/many/001~0123456789abcdef", top);
	CHECK((fd = open((char *)back, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) != -1 && close(fd) == 0);
	CHECK_OK(carrier_clean(c, "v", true, &count, &e));
	CHECK(count == 1 && files_there() == 250);
	carrier_free(c);
	(void)close(source.fd);
	free(data);
	free(back);
}

/* Bodies by their sums: whatever is altered, and wherever parts are cut. */
static void
test_sums(void)
{
	const size_t segments = 200, len = (segments - 1) * C4GH_SEGMENT_MAX + 5000;
	const struct endpoint_options options = {.streams = 2, .part = 5 * MIB};
	uint8_t *data = bytes_of(len), *sums = malloc(segments * SUM_LEN), digest_of_sums[SUM_LEN], byte;
	static const size_t at[] = {0, 5 * MIB - 1, 5 * MIB, 5 * MIB + 60000, 10 * MIB - 1, 12 * MIB};
	struct carrier_source source = {.size = len, .sums_sha256 = digest_of_sums};
	struct carrier *c = started(&options);
	struct sums *s = sums_new(&e);
	struct endpoint_info info;

	for (size_t i = 0; i < segments; i++)
		CHECK_OK(sums_segment(s, data + i * C4GH_SEGMENT_MAX,
		    i + 1 == segments ? 5000 : C4GH_SEGMENT_MAX, sums + i * SUM_LEN, &e));
	digest(sums, segments * SUM_LEN, digest_of_sums);
	source.fd = file_of(data, len);
	source.sums = file_of(sums, segments * SUM_LEN);
	CHECK_OK(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e));
	CHECK(info.size == len);
	CHECK_OK(carrier_remove(c, "v/abroad/body", &e));
	for (size_t i = 0; i <= sizeof(at) / sizeof(at[0]); i++) {
		size_t where = i < sizeof(at) / sizeof(at[0]) ? at[i] : len - 1;

		byte = data[where] ^ 4;
		CHECK(pwrite(source.fd, &byte, 1, (off_t)where) == 1);
		CHECK_ERR(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e), ERR_FORGED);
		CHECK(pwrite(source.fd, data + where, 1, (off_t)where) == 1);
	}
	/* Other sums than the table's, and fewer; a length that no body has, and one that is another body's. */
	byte = sums[7] ^ 1;
	CHECK(pwrite(source.sums, &byte, 1, 7) == 1);
	CHECK_ERR(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e), ERR_FORGED);
	CHECK(pwrite(source.sums, sums + 7, 1, 7) == 1 && ftruncate(source.sums, 199 * SUM_LEN) == 0);
	CHECK_ERR(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e), ERR_FORGED);
	CHECK(pwrite(source.sums, sums, segments * SUM_LEN, 0) == (ssize_t)(segments * SUM_LEN));
	source.size = (segments - 1) * C4GH_SEGMENT_MAX + 28;
	CHECK_ERR(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e), ERR_REFUSED);
	source.size = (segments - 1) * C4GH_SEGMENT_MAX;
	CHECK_ERR(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e), ERR_FORGED);
	CHECK(carrier_head(c, "v/abroad/body", &info, &e) == 0 && files_there() == 250);
	/* And it still works. */
	source.size = len;
	CHECK_OK(carrier_put(c, "v/abroad/body", &source, NULL, NULL, &info, &e));
	carrier_free(c);
	sums_free(s);
	(void)close(source.fd);
	(void)close(source.sums);
	free(data);
	free(sums);
}

static void
test_start(void)
{
	static const struct endpoint_options many = {.streams = 65, .foreign = true},
					     small = {.part = 1, .foreign = true},
					     foreign = {.foreign = true};
	struct carrier *c = NULL;

	CHECK_ERR(carrier_start("dir:/nowhere/at/all", &foreign, &c, &e), ERR_REFUSED);
	CHECK(strstr(e.text, "stager-send: dir:/nowhere") == e.text);
	CHECK_ERR(carrier_start("gopher://x/", &foreign, &c, &e), ERR_USAGE);
	CHECK(carrier_start(url, &many, &c, &e) == -1);
	CHECK(carrier_start(url, &small, &c, &e) == -1);
	/* In a house there is another program, or none. */
	CHECK_ERR(carrier_start(url, NULL, &c, &e), ERR_SYSTEM);
	CHECK(strcmp(e.text, "stager-send: cannot be started") == 0);
	carrier_free(NULL);
}

static void *
stop_soon(void *arg)
{
	const struct timespec soon = {.tv_nsec = 300000000};

	(void)nanosleep(&soon, NULL);
	carrier_stop(arg);
	return NULL;
}

/* In the middle of a slow put, from another thread: it ends, and nothing is left. */
static void
test_stop(void)
{
	const struct endpoint_options options = {.streams = 2, .part = 5 * MIB, .max_rate = 2 * MIB};
	uint8_t *data = bytes_of(20 * MIB);
	struct carrier_source source = {.fd = file_of(data, 20 * MIB), .size = 20 * MIB, .sums = -1};
	struct carrier *c = started(&options);
	int before = files_there();
	struct endpoint_info info;
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, stop_soon, c) == 0);
	CHECK_ERR(carrier_put(c, "v/slow", &source, NULL, NULL, &info, &e), ERR_REMOTE);
	CHECK(pthread_join(thread, NULL) == 0);
	carrier_stop(c);
	CHECK_ERR(carrier_get(c, "v/abroad/body", 0, data, 1, &e), ERR_REMOTE);
	carrier_free(c);
	CHECK(files_there() == before);
	(void)close(source.fd);
	free(data);
}

static struct carrier *
liar(const char *how)
{
	static const struct endpoint_options foreign = {.foreign = true, .stall_s = 1};
	struct carrier *c = NULL;

	CHECK(setenv(LIE, how, 1) == 0);
	if (carrier_start(url, &foreign, &c, &e) == -1)
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
	char command[64];

	if (strcmp(argv[0], "stager-send") == 0)
		return getenv(LIE) != NULL ? lie(getenv(LIE)) : send_main(argc, argv);
	if (mkdtemp(top) == NULL || setenv("https_proxy", "http://x/", 1) != 0 ||
	    setenv("SSL_CERT_FILE", "/x", 1) != 0 || setenv("https_proxy_", "x", 1) != 0 ||
	    setenv("STAGER_SECRET", "x", 1) != 0)
		abort();
	(void)snprintf(url, sizeof(url), "dir:%s", top);
	test_carry();
	test_sums();
	test_start();
	test_stop();
	test_liar();
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	CHECK(system(command) == 0);
	return check_done();
}
