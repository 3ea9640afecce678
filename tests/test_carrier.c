/*
 * A carrier and its stager-send: puts, ranges and lists from many threads, bodies looked at before they leave, stopping.
 * This program is its own stager-send, as a stager-node built alone is. One that lies: test_carrier_liar.c.
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

static struct err e;
static char top[] = "/tmp/stager-test-XXXXXX";
static char url[64];

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

/* As a node starts one: it reads, and does nothing else. */
static void
test_reads(void)
{
	const struct endpoint_options options = {.reads = true};
	uint8_t data[10] = "0123456789", byte = 0;
	struct carrier_source source = {.fd = file_of(data, 10), .size = 10, .sums = -1};
	struct carrier *c = started(&options);
	int before = files_there(), left = 1000;
	struct endpoint_info info;
	uint64_t count;

	CHECK_OK(carrier_get(c, "v/many/000", 0, &byte, 1, &e));
	CHECK(carrier_head(c, "v/many/000", &info, &e) == 1);
	CHECK_OK(carrier_list(c, "v", count_names, &left, &e));
	CHECK_ERR(carrier_put(c, "v/x", &source, NULL, NULL, &info, &e), ERR_REFUSED);
	CHECK_ERR(carrier_remove(c, "v/many/000", &e), ERR_REFUSED);
	CHECK_ERR(carrier_clean(c, "v", true, &count, &e), ERR_REFUSED);
	CHECK_OK(carrier_get(c, "v/many/000", 0, &byte, 1, &e));
	carrier_free(c);
	CHECK(files_there() == before);
	(void)close(source.fd);
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

int
main(int argc, char **argv)
{
	char command[64];

	if (strcmp(argv[0], "stager-send") == 0)
		return send_main(argc, argv);
	if (mkdtemp(top) == NULL)
		abort();
	(void)snprintf(url, sizeof(url), "dir:%s", top);
	test_carry();
	test_sums();
	test_start();
	test_reads();
	test_stop();
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	CHECK(system(command) == 0);
	return check_done();
}
