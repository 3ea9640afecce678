/* The purpose `root` as a program: raw, from a passphrase, from shares. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "image.h"
#include "key_house.h"
#include "stager/share.h"

#define PHRASE "een paard, een koe\n"

struct keeper {
	pid_t pid;
	int control;
};

static int
file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	if (fd == -1 || pwrite(fd, bytes, len, 0) != (ssize_t)len)
		abort();
	return fd;
}

/* stager-key root FROM with these bytes on descriptor 4 (NULL: none). */
static struct keeper
start(const char *from, const char *source, size_t len)
{
	struct keeper k = {.pid = -1, .control = -1};
	int pair[2], file = source == NULL ? -1 : file_of(source, len);
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/stager-key", getenv("STAGER_BUILD"));
	must(wire_pair(pair, &e));
	if ((k.pid = fork()) == 0) {
		int quiet = open("/dev/null", O_RDWR), control = fcntl(pair[1], F_DUPFD, 64);
		int high = file == -1 ? -1 : fcntl(file, F_DUPFD, 64);

		if (dup2(quiet, 0) == -1 || dup2(quiet, 1) == -1 || dup2(control, 3) == -1 ||
		    (high == -1 ? close(4) == -1 && errno != EBADF : dup2(high, 4) == -1))
			_exit(99);
		if (getenv("STAGER_TEST_LOUD") == NULL)
			(void)dup2(quiet, 2);
		(void)execl(path, "stager-key", "root", from, (char *)NULL);
		_exit(99);
	}
	k.control = pair[0];
	(void)close(pair[1]);
	io_close(&file);
	return k;
}

static int
end(struct keeper *k)
{
	int status = -1;

	io_close(&k->control);
	if (waitpid(k->pid, &status, 0) != k->pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* One question; body is freed. NULL where it went away. */
static struct json *
ask(struct keeper *k, enum wire_type type, struct json *body, int fd)
{
	struct json *got = NULL;

	if (wire_send(k->control, type, body, &fd, fd == -1 ? 0 : 1, &e) == 0)
		got = wire_expect(k->control, WIRE_OK, NULL, 0, &e);
	json_free(body);
	return got;
}

/* Where it answers at all. */
static bool
asked(struct keeper *k, enum wire_type type, struct json *body, int fd)
{
	struct json *got = ask(k, type, body, fd);

	json_free(got);
	return got != NULL;
}

static struct json *
open_body(const char *house, const char *check)
{
	struct json *j = json_object();

	if (house != NULL)
		json_set_string(j, "house", house);
	if (check != NULL)
		json_set_string(j, "check", check);
	return j;
}

static struct json *
kdf_body(const char *check, const char *salt, int64_t passes, int64_t memory)
{
	struct json *j = open_body(HOUSE, check);

	json_set_string(j, "salt", salt);
	json_set_int(j, "passes", passes);
	json_set_int(j, "memory", memory);
	return j;
}

/* The root secret that it gives is this. */
static bool
gives(struct keeper *k, const void *root)
{
	uint8_t got[ROOT_LEN + 1];
	int fds[2];
	bool same;

	must(pipe2(fds, O_CLOEXEC));
	same = asked(k, WIRE_ROOT_GIVE, json_object(), fds[1]);
	(void)close(fds[1]);
	same = same && read(fds[0], got, sizeof(got)) == ROOT_LEN && memcmp(got, root, ROOT_LEN) == 0;
	(void)close(fds[0]);
	return same;
}

static const char root[] = "a root secret that is for a test";
#define SALT "00112233445566778899aabbccddeeff"

static void
test_raw(void)
{
	struct keeper k = start("raw", root, ROOT_LEN);
	struct json *got = ask(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1);
	char check[2 * ROOT_CHECK_LEN + 1] = "";

	CHECK(got != NULL);
	(void)snprintf(check, sizeof(check), "%s", json_need_string(got, "check", "check", &e));
	json_free(got);
	CHECK(gives(&k, root) && gives(&k, root));
	CHECK(end(&k) == 0);
	k = start("raw", root, ROOT_LEN);
	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, check), -1));
	CHECK(end(&k) == 0);
	/* Another house's, another secret, another check; nothing before it is open, nothing twice. */
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body("house-b", check), -1));
	CHECK(end(&k) == 3);
	k = start("raw", "another root secret, of 32 bytes", ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, check), -1));
	CHECK(end(&k) == 3);
	check[5] ^= 1;
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, check), -1));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(!gives(&k, root));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body(NULL, NULL), -1));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body("../house", NULL), -1));
	CHECK(end(&k) == 3);
	/* A descriptor where none belongs, none where one does; messages of other purposes. */
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), 1));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	CHECK(!asked(&k, WIRE_ROOT_GIVE, json_object(), -1));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_KEY_INIT, open_body(HOUSE, NULL), -1));
	CHECK(end(&k) == 3);
	/* Too short, too long; no such source. */
	k = start("raw", root, ROOT_LEN - 1);
	CHECK(end(&k) == 3);
	k = start("raw", "0123456789abcdef0123456789abcdef+", ROOT_LEN + 1);
	CHECK(end(&k) == 3);
	k = start("tea leaves", root, ROOT_LEN);
	CHECK(end(&k) == 2);
	k = start("terminal", root, ROOT_LEN);
	CHECK(end(&k) == 1);
}

static void
test_passphrase(void)
{
	static const char *const bad[] = {"", "\n", "een\0paard\n"};
	const size_t bad_len[] = {0, 1, 10};
	struct secret *line = secret_new(sizeof(PHRASE), &e), *want;
	struct root_kdf kdf = {.passes = ROOT_PASSES_MIN, .memory = ROOT_MEMORY_MIN};
	char check[2 * ROOT_CHECK_LEN + 1] = "", *text;
	struct keeper k = start("line", PHRASE "nothing of this", strlen(PHRASE) + 15);
	struct json *got =
	    ask(&k, WIRE_ROOT_OPEN, kdf_body(NULL, SALT, ROOT_PASSES_MIN, (int64_t)ROOT_MEMORY_MIN), -1);

	memcpy(line->bytes, PHRASE, strlen(PHRASE));
	must(hex_decode(SALT, kdf.salt, ROOT_SALT_LEN, "salt", &e));
	must_have(want = root_from_passphrase(line, strlen(PHRASE) - 1, &kdf, &e));
	CHECK(got != NULL && gives(&k, want->bytes));
	if (got != NULL)
		(void)snprintf(check, sizeof(check), "%s", json_need_string(got, "check", "check", &e));
	json_free(got);
	CHECK(end(&k) == 0);
	secret_free(want);
	secret_free(line);
	/* Without a newline it is the same one; another one is refused. */
	k = start("line", PHRASE, strlen(PHRASE) - 1);
	CHECK(
	    asked(&k, WIRE_ROOT_OPEN, kdf_body(check, SALT, ROOT_PASSES_MIN, (int64_t)ROOT_MEMORY_MIN), -1));
	CHECK(end(&k) == 0);
	k = start("line", PHRASE, strlen(PHRASE) - 2);
	CHECK(
	    !asked(&k, WIRE_ROOT_OPEN, kdf_body(check, SALT, ROOT_PASSES_MIN, (int64_t)ROOT_MEMORY_MIN), -1));
	CHECK(end(&k) == 3);
	/* Weaker than MODERATE, and more than this machine should be asked for; no salt at all. */
	k = start("line", PHRASE, strlen(PHRASE));
	CHECK(!asked(&k, WIRE_ROOT_OPEN, kdf_body(NULL, SALT, 1, (int64_t)ROOT_MEMORY_MIN), -1));
	CHECK(end(&k) == 3);
	k = start("line", PHRASE, strlen(PHRASE));
	CHECK(!asked(&k, WIRE_ROOT_OPEN, kdf_body(NULL, SALT, ROOT_PASSES_MIN, 8192), -1));
	CHECK(end(&k) == 3);
	k = start("line", PHRASE, strlen(PHRASE));
	CHECK(!asked(&k, WIRE_ROOT_OPEN, kdf_body(NULL, SALT, ROOT_PASSES_MIN, INT64_C(1) << 40), -1));
	CHECK(end(&k) == 3);
	k = start("line", PHRASE, strlen(PHRASE));
	CHECK(!asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	CHECK(end(&k) == 3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		k = start("line", bad[i], bad_len[i]);
		CHECK(end(&k) == 3);
	}
	must_have(text = calloc(1, ROOT_PASSPHRASE_MAX + 2));
	memset(text, 'x', ROOT_PASSPHRASE_MAX + 1);
	k = start("line", text, ROOT_PASSPHRASE_MAX + 1);
	CHECK(end(&k) == 3);
	k = start("line", text, ROOT_PASSPHRASE_MAX);
	CHECK(end(&k) == 0);
	free(text);
}

static struct json *
split_body(int64_t k, int64_t n, int64_t index)
{
	struct json *j = json_object();

	json_set_int(j, "threshold", k);
	json_set_int(j, "shares", n);
	json_set_int(j, "share", index);
	return j;
}

/* A keeper that got these shares: 0, or its status where it refused one of them or all. */
static int
join(const int *files, size_t count, struct json *open, const void *want)
{
	struct keeper k = start("shares", NULL, 0);
	bool good = true;

	for (size_t i = 0; good && i < count; i++) {
		(void)lseek(files[i], 0, SEEK_SET);
		good = asked(&k, WIRE_ROOT_SHARE, json_object(), files[i]);
	}
	if (good && asked(&k, WIRE_ROOT_OPEN, open, -1))
		CHECK(gives(&k, want));
	else if (!good)
		json_free(open);
	return end(&k);
}

static void
test_shares(void)
{
	struct keeper k = start("raw", root, ROOT_LEN);
	char text[SHARE_TEXT_MAX + 2];
	int file[5], other, bad;
	ssize_t len;

	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	for (int i = 0; i < 5; i++) {
		file[i] = file_of("", 0);
		CHECK(asked(&k, WIRE_ROOT_SPLIT, split_body(3, 5, i + 1), file[i]));
	}
	/* After the last a new split begins; out of order or with other numbers it breaks off. */
	other = file_of("", 0);
	CHECK(asked(&k, WIRE_ROOT_SPLIT, split_body(3, 5, 1), other));
	bad = file_of("", 0);
	CHECK(!asked(&k, WIRE_ROOT_SPLIT, split_body(3, 5, 3), bad));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	CHECK(!asked(&k, WIRE_ROOT_SPLIT, split_body(1, 5, 1), bad));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_SPLIT, split_body(3, 5, 1), bad));
	CHECK(end(&k) == 3);
	k = start("raw", root, ROOT_LEN);
	CHECK(!asked(&k, WIRE_ROOT_SHARE, json_object(), file[0]));
	CHECK(end(&k) == 3);

	CHECK(join((const int[]){file[4], file[0], file[2]}, 3, open_body(NULL, NULL), root) == 0);
	CHECK(join(file, 5, open_body(HOUSE, NULL), root) == 0);
	CHECK(join(file, 3, open_body("house-b", NULL), root) == 3);
	CHECK(join(file, 2, open_body(NULL, NULL), root) == 3);
	CHECK(join(file, 0, open_body(HOUSE, NULL), root) == 3);
	CHECK(join((const int[]){file[1], file[2], other}, 3, open_body(NULL, NULL), root) == 3);
	CHECK(join((const int[]){file[1], file[2], file[1]}, 3, open_body(NULL, NULL), root) == 3);
	/* Damaged; longer than any share; empty. */
	len = pread(file[1], text, sizeof(text), 0);
	CHECK(len > 30);
	if (len <= 30)
		return;
	text[len - 30] ^= 1;
	CHECK(pwrite(bad, text, (size_t)len, 0) == len);
	CHECK(join((const int[]){file[0], file[2], bad}, 3, open_body(NULL, NULL), root) == 4);
	text[len - 30] ^= 1;
	memset(text + len, '\n', sizeof(text) - (size_t)len);
	CHECK(pwrite(bad, text, sizeof(text), 0) == (ssize_t)sizeof(text));
	CHECK(join((const int[]){file[0], file[2], bad}, 3, open_body(NULL, NULL), root) == 4);
	CHECK(ftruncate(bad, 0) == 0);
	CHECK(join((const int[]){file[0], file[2], bad}, 3, open_body(NULL, NULL), root) == 4);
	for (int i = 0; i < 5; i++)
		(void)close(file[i]);
	(void)close(other);
	(void)close(bad);
}

/* Sanitizers keep copies of their own, and look for leaks with ptrace themselves. */
#ifndef STAGER_SANITIZED
/* After its work: none of these is in its memory. Its status. */
static int
end_without(struct keeper *k, const void *const *what, const size_t *len, size_t count)
{
	static const char *const names[] = {"root secret", "its second half", "passphrase", "bytes 1",
	    "bytes 2", "share 1, hex", "share 2, hex"};
	int status = -1;

	if (!image_watch(k->pid))
		return end(k);
	io_close(&k->control);
	CHECK(image_stop_at_exit(k->pid));
	for (size_t i = 0; i < count; i++)
		CHECK(image_count(k->pid, what[i], len[i], names[i]) == 0);
	CHECK(image_count(k->pid, "terminal-new", 12, "control") > 0);
	image_release(k->pid);
	return waitpid(k->pid, &status, 0) == k->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The secret, the passphrase, a share: none is left, whatever was done. */
static void
test_image(void)
{
	uint8_t halves[2][ROOT_LEN / 2];
	const void *what[] = {root, root + 16, "paard, een koe", halves[0], halves[1], NULL, NULL};
	size_t len[] = {16, 16, 14, 16, 16, 0, 0};
	char text[3][SHARE_TEXT_MAX];
	int file[3], fds[2];
	struct keeper k = start("raw", root, ROOT_LEN);

	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(HOUSE, NULL), -1));
	CHECK(gives(&k, root));
	for (int i = 0; i < 3; i++) {
		file[i] = file_of("", 0);
		CHECK(asked(&k, WIRE_ROOT_SPLIT, split_body(2, 3, i + 1), file[i]));
		CHECK(pread(file[i], text[i], SHARE_TEXT_MAX, 0) > 0);
		(void)lseek(file[i], 0, SEEK_SET);
	}
	/* A share's hexadecimal digits, and its bytes. */
	for (int i = 0; i < 2; i++) {
		char *value = memmem(text[i], SHARE_TEXT_MAX, "value: ", 7);

		must_have(value);
		what[5 + i] = value + 7;
		len[5 + i] = 2 * (size_t)ROOT_LEN;
		must(hex_decode(
		    (value[7 + ROOT_LEN] = '\0', value + 7), halves[i], ROOT_LEN / 2, "share", &e));
		len[5 + i] = ROOT_LEN;
	}
	CHECK(end_without(&k, what, len, 7) == 0);
	k = start("shares", NULL, 0);
	CHECK(asked(&k, WIRE_ROOT_SHARE, json_object(), file[0]));
	CHECK(asked(&k, WIRE_ROOT_SHARE, json_object(), file[1]));
	CHECK(asked(&k, WIRE_ROOT_OPEN, open_body(NULL, NULL), -1));
	CHECK(gives(&k, root));
	CHECK(end_without(&k, what, len, 7) == 0);
	/* With a passphrase: what comes out of it. */
	k = start("line", PHRASE, strlen(PHRASE));
	CHECK(asked(&k, WIRE_ROOT_OPEN, kdf_body(NULL, SALT, ROOT_PASSES_MIN, (int64_t)ROOT_MEMORY_MIN), -1));
	must(pipe2(fds, O_CLOEXEC));
	CHECK(asked(&k, WIRE_ROOT_GIVE, json_object(), fds[1]));
	CHECK(read(fds[0], halves, ROOT_LEN) == ROOT_LEN);
	(void)close(fds[0]);
	(void)close(fds[1]);
	CHECK(end_without(&k, what, len, 5) == 0);
	for (int i = 0; i < 3; i++)
		(void)close(file[i]);
}

#endif

int
main(void)
{
	if (getenv("STAGER_BUILD") == NULL) {
		printf("skipped: STAGER_BUILD is not set\n");
		return 77;
	}
	CHECK_OK(secret_start(&e));
	test_raw();
	test_passphrase();
	test_shares();
#ifndef STAGER_SANITIZED
	test_image();
#endif
	return check_done();
}
