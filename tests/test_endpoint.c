/* Endpoints: names, and a folder as one: put whole or not at all, read by ranges, links not followed, ends left clean. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "stager/endpoint.h"
#include "stager/io.h"

#define MIB (1u << 20)

static struct err e;
static char top[] = "/tmp/stager-test-XXXXXX";
static char url[64];

static int
file_of(size_t len, uint8_t sha256[static 32])
{
	char path[] = "/tmp/stager-test-XXXXXX";
	uint8_t *data = malloc(len + 1);
	int fd = mkstemp(path);

	if (data == NULL || fd == -1 || unlink(path) == -1)
		abort();
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 251 + i / 65521);
	if (io_write(fd, data, len, "test", &e) == -1 ||
	    EVP_Digest(data, len, sha256, NULL, EVP_sha256(), NULL) != 1)
		abort();
	free(data);
	return fd;
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
shell(const char *command)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "cd %s && %s", top, command);
	CHECK(system(line) == 0);
}

static struct endpoint *
opened(const struct endpoint_options *options)
{
	struct endpoint *p = NULL;

	CHECK_OK(endpoint_open(url, options, &p, &e));
	if (p == NULL)
		abort();
	return p;
}

static void
count_sent(void *ctx, uint64_t bytes)
{
	*(uint64_t *)ctx += bytes;
}

static int
count_each(void *ctx, const char *name, const struct endpoint_info *info, struct err *err)
{
	(void)info;
	if (strcmp(name, "v/s/stop") == 0)
		return err_set(err, ERR_LIMIT, "enough");
	++*(int *)ctx;
	return 0;
}

static void
test_open(void)
{
	static const char *const wrong[] = {
	    "", "dir", "file:///tmp", "ftp://h/", "/tmp", "DIR:/tmp", "s3:/b/p"};
	struct endpoint_options o = {.streams = 65};
	struct endpoint *p;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(endpoint_open(wrong[i], NULL, &p, &e), ERR_USAGE);
	CHECK_ERR(endpoint_open("dir:", NULL, &p, &e), ERR_INPUT);
	CHECK_ERR(endpoint_open("dir:/nowhere/at/all", NULL, &p, &e), ERR_INPUT);
	CHECK_ERR(endpoint_open("dir:/etc/passwd", NULL, &p, &e), ERR_INPUT);
	CHECK_ERR(endpoint_open(url, &o, &p, &e), ERR_USAGE);
	o = (struct endpoint_options){.part = ENDPOINT_PART_MIN - 1};
	CHECK_ERR(endpoint_open(url, &o, &p, &e), ERR_USAGE);
	o = (struct endpoint_options){.part = ENDPOINT_PART_MAX + 1};
	CHECK_ERR(endpoint_open(url, &o, &p, &e), ERR_USAGE);
	o = (struct endpoint_options){.max_rate = 1000};
	CHECK_ERR(endpoint_open(url, &o, &p, &e), ERR_USAGE);
	endpoint_free(NULL);
	p = opened(NULL);
	CHECK(endpoint_settings(p)->streams > 0 && endpoint_settings(p)->part >= ENDPOINT_PART_MIN);
	endpoint_free(p);
}

static void
test_names(void)
{
	static const char *const wrong[] = {"", ".", "..", "/a", "a/", "a//b", "a/../b", "a/./b", "../a",
	    "a b", "a~1", "a\nb", "a%2f", "\xc3\xa9", "a\\b", "a/..", "a:b"};
	struct endpoint_info info;
	struct endpoint *p = opened(NULL);
	char name[ENDPOINT_NAME_MAX + 2];
	uint8_t sha256[32], out[4];
	int fd = file_of(4, sha256), count = 0;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK_ERR(endpoint_put(p, wrong[i], fd, 4, NULL, NULL, NULL, NULL, &e), ERR_USAGE);
		CHECK_ERR(endpoint_get(p, wrong[i], 0, out, 4, &e), ERR_USAGE);
		CHECK_ERR(endpoint_head(p, wrong[i], &info, &e), ERR_USAGE);
		CHECK_ERR(endpoint_remove(p, wrong[i], &e), ERR_USAGE);
		if (wrong[i][0] != '\0')
			CHECK_ERR(endpoint_list(p, wrong[i], count_each, &count, &e), ERR_USAGE);
	}
	memset(name, 'a', sizeof(name));
	name[ENDPOINT_NAME_MAX + 1] = '\0';
	CHECK_ERR(endpoint_put(p, name, fd, 4, NULL, NULL, NULL, NULL, &e), ERR_USAGE);
	name[ENDPOINT_NAME_MAX] = '\0';
	CHECK_OK(endpoint_put(p, name, fd, 4, NULL, NULL, NULL, NULL, &e));
	CHECK_OK(endpoint_remove(p, name, &e));
	CHECK_OK(endpoint_put(p, "a..b/...c/.d", fd, 4, NULL, NULL, NULL, NULL, &e));
	CHECK_OK(endpoint_remove(p, "a..b/...c/.d", &e));
	CHECK(files_there() == 0);
	(void)close(fd);
	endpoint_free(p);
}

static void
test_round_trip(void)
{
	/* One part and several; one byte less and more than a part. */
	static const size_t sizes[] = {0, 1, 4096, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 17 * MIB + 3};
	struct endpoint_options o = {.part = 5 * MIB, .streams = 3};
	struct endpoint *p = opened(&o);
	struct endpoint_info put, head;
	uint8_t sha256[32], got[32], *back = malloc(18 * MIB);
	uint64_t sent;
	int fd;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fd = file_of(sizes[i], sha256);
		sent = 0;
		CHECK_OK(endpoint_put(
		    p, "v/s/shard", fd, sizes[i], i % 2 ? sha256 : NULL, count_sent, &sent, &put, &e));
		CHECK(sent == sizes[i]);
		CHECK(endpoint_head(p, "v/s/shard", &head, &e) == 1);
		CHECK(head.size == sizes[i] && strcmp(head.tag, put.tag) == 0 && head.tag[0] != '\0');
		CHECK_OK(endpoint_get(p, "v/s/shard", 0, back, sizes[i], &e));
		CHECK(EVP_Digest(back, sizes[i], got, NULL, EVP_sha256(), NULL) == 1 &&
		      memcmp(got, sha256, 32) == 0);
		CHECK_ERR(endpoint_get(p, "v/s/shard", 0, back, sizes[i] + 1, &e), ERR_FORGED);
		CHECK_ERR(endpoint_get(p, "v/s/shard", sizes[i], back, 1, &e), ERR_FORGED);
		if (sizes[i] > 4000) {
			CHECK_OK(endpoint_get(p, "v/s/shard", 1234, back, 100, &e));
			CHECK(back[0] == (uint8_t)(1234 * 7 + 1234 / 251));
		}
		CHECK(files_there() == 1);
		(void)close(fd);
	}
	CHECK_ERR(endpoint_get(p, "v/s/shard", INT64_MAX, back, 1, &e), ERR_USAGE);
	CHECK_OK(endpoint_remove(p, "v/s/shard", &e));
	CHECK_OK(endpoint_remove(p, "v/s/shard", &e));
	CHECK_OK(endpoint_remove(p, "v/none/shard", &e));
	CHECK(endpoint_head(p, "v/s/shard", &head, &e) == 0);
	CHECK(endpoint_head(p, "v/none/shard", &head, &e) == 0);
	CHECK_ERR(endpoint_get(p, "v/s/shard", 0, back, 1, &e), ERR_REMOTE);
	free(back);
	endpoint_free(p);
}

static void
test_not_whole(void)
{
	struct endpoint_options o = {.part = 5 * MIB, .streams = 2};
	struct endpoint *p = opened(&o);
	struct endpoint_info first, now;
	struct rlimit limit, before;
	uint8_t sha256[32], other[32];
	int fd = file_of(11 * MIB, sha256);
	uint64_t count;

	CHECK_OK(endpoint_put(p, "v/s/shard", fd, 11 * MIB, sha256, NULL, NULL, &first, &e));
	/* Another hash, a file that is shorter, a file that cannot grow: the old object stands as it was. */
	memcpy(other, sha256, 32);
	other[31] ^= 1;
	CHECK_ERR(endpoint_put(p, "v/s/shard", fd, 11 * MIB, other, NULL, NULL, NULL, &e), ERR_FORGED);
	CHECK_ERR(endpoint_put(p, "v/s/shard", fd, 11 * MIB - 1, sha256, NULL, NULL, NULL, &e), ERR_FORGED);
	CHECK_ERR(endpoint_put(p, "v/s/shard", fd, 11 * MIB + 1, NULL, NULL, NULL, NULL, &e), ERR_FORGED);
	CHECK_ERR(endpoint_put(p, "v/s/shard", -1, 11 * MIB, NULL, NULL, NULL, NULL, &e), ERR_SYSTEM);
	(void)getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 6 * MIB;
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	CHECK_ERR(endpoint_put(p, "v/s/shard", fd, 11 * MIB, sha256, NULL, NULL, NULL, &e), ERR_SYSTEM);
	(void)setrlimit(RLIMIT_FSIZE, &before);
	CHECK(endpoint_head(p, "v/s/shard", &now, &e) == 1 && strcmp(first.tag, now.tag) == 0);
	CHECK(files_there() == 1);

	/* A killed sender's file goes when asked, the object and others' files stay. */
	shell("touch v/s/shard~0123456789abcdef v/s/shard~notours v/~0123456789abcdef");
	CHECK_OK(endpoint_clean(p, "none", true, &count, &e));
	CHECK(count == 0);
	CHECK_OK(endpoint_clean(p, "v/s", true, &count, &e));
	CHECK(count == 1 && files_there() == 3);
	CHECK_OK(endpoint_clean(p, "", true, NULL, &e));
	CHECK(files_there() == 3);
	endpoint_stop(p);
	CHECK_ERR(endpoint_put(p, "v/s/shard", fd, 11 * MIB, sha256, NULL, NULL, NULL, &e), ERR_REMOTE);
	CHECK(files_there() == 3);
	endpoint_free(p);
	(void)close(fd);
}

static void
test_list_and_links(void)
{
	struct endpoint *p = opened(NULL);
	struct endpoint_info info;
	uint8_t sha256[32], byte;
	int fd = file_of(9, sha256), count = 0;

	CHECK_OK(endpoint_put(p, "v/s/a", fd, 9, NULL, NULL, NULL, NULL, &e));
	CHECK_OK(endpoint_put(p, "v/b", fd, 9, NULL, NULL, NULL, NULL, &e));
	shell("ln -s /etc/passwd v/s/link && ln -s /etc v/etc && mkfifo v/s/pipe && ln -s s v/t && touch "
	      "'v/s/other name'");
	CHECK_OK(endpoint_list(p, "v", count_each, &count, &e));
	CHECK(count == 3); /* a, b and the shard of before */
	count = 0;
	CHECK_OK(endpoint_list(p, "", count_each, &count, &e));
	CHECK(count == 3);
	CHECK_OK(endpoint_list(p, "", count_each, &count, &e));
	CHECK(count == 6);
	count = 0;
	CHECK_OK(endpoint_list(p, "v/none", count_each, &count, &e));
	CHECK(count == 0);
	CHECK_OK(endpoint_put(p, "v/s/stop", fd, 9, NULL, NULL, NULL, NULL, &e));
	CHECK_ERR(endpoint_list(p, "v/s", count_each, &count, &e), ERR_LIMIT);

	CHECK_ERR(endpoint_head(p, "v/s/link", &info, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_get(p, "v/s/link", 0, &byte, 1, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_head(p, "v/s/pipe", &info, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_get(p, "v/s", 0, &byte, 1, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_head(p, "v/etc/passwd", &info, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_head(p, "v/t/a", &info, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_put(p, "v/t/new", fd, 9, NULL, NULL, NULL, NULL, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_remove(p, "v/t/a", &e), ERR_REFUSED);
	CHECK_ERR(endpoint_list(p, "v/t", count_each, &count, &e), ERR_REFUSED);
	/* A link where the object goes is replaced, not followed. */
	CHECK_OK(endpoint_put(p, "v/s/link", fd, 9, NULL, NULL, NULL, NULL, &e));
	CHECK(endpoint_head(p, "v/s/link", &info, &e) == 1 && info.size == 9);
	CHECK_ERR(endpoint_put(p, "v/s", fd, 9, NULL, NULL, NULL, NULL, &e), ERR_REFUSED);
	CHECK_ERR(endpoint_put(p, "v/b/c", fd, 9, NULL, NULL, NULL, NULL, &e), ERR_REFUSED);
	endpoint_free(p);
	(void)close(fd);
}

static void
test_rate_and_mode(void)
{
	struct endpoint_options o = {.max_rate = 8 * MIB};
	struct timespec from, to;
	struct endpoint *p;
	struct stat st;
	uint8_t sha256[32];
	char path[128];
	int fd = file_of(4 * MIB, sha256);

	CHECK(chmod(top, 0750) == 0);
	p = opened(&o);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	CHECK_OK(endpoint_put(p, "w/x/shard", fd, 4 * MIB, sha256, NULL, NULL, NULL, &e));
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	CHECK((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9 > 0.45);
	/* Whoever may read the folder may read what is put there, whatever the umask is. */
	(void)snprintf(path, sizeof(path), "%s/w/x/shard", top);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640);
	(void)snprintf(path, sizeof(path), "%s/w/x", top);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0750);
	endpoint_free(p);
	(void)close(fd);
}

int
main(void)
{
	(void)umask(077);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(top) == NULL)
		return 1;
	(void)snprintf(url, sizeof(url), "dir:%s", top);
	test_open();
	test_names();
	test_round_trip();
	test_not_whole();
	test_list_and_links();
	test_rate_and_mode();
	CHECK_OK(io_remove_tree(AT_FDCWD, top, &e));
	return check_done();
}
