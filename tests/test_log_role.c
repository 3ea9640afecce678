/* stager-log as its supervisor meets it: what it answers, what it refuses, and that it writes alone. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"
#include "image.h"
#include "log_make.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/wire.h"

#define HOUSE "house-1"
#define ORIGIN "stager/" HOUSE

static struct err e;
static char program[4096], folder[32];
static int dirfd = -1;
static uint64_t grown;  /* entries in the log after test_killed */
static struct buf blob; /* base64 of the key's blob, for purpose KEY_LOG */

struct writer {
	pid_t pid;
	int control, complaint;
};

static struct writer
start(const char *root, size_t root_len)
{
	struct writer w;
	int pair[2], complaint[2], root_fd[2];

	if (wire_pair(pair, &e) == -1 || pipe2(complaint, O_CLOEXEC) == -1 ||
	    pipe2(root_fd, O_CLOEXEC) == -1 || write(root_fd[1], root, root_len) != (ssize_t)root_len ||
	    close(root_fd[1]) == -1 || (w.pid = fork()) == -1)
		abort();
	if (w.pid == 0) {
		int high[] = {
		    fcntl(pair[1], F_DUPFD, 20), fcntl(root_fd[0], F_DUPFD, 20), fcntl(dirfd, F_DUPFD, 20)};

		for (int i = 0; i < 3; i++)
			if (dup2(high[i], 3 + i) == -1)
				_exit(99);
		if (dup2(complaint[1], 2) == -1)
			_exit(99);
		(void)execl(program, "stager-log", (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	(void)close(complaint[1]);
	(void)close(root_fd[0]);
	w.control = pair[0];
	w.complaint = complaint[0];
	return w;
}

/* Close the conversation; the exit status, and on a failure what it said. */
static int
finish(struct writer *w, char said[static 600])
{
	ssize_t n;
	int status;

	io_close(&w->control);
	n = io_read(w->complaint, said, 599, "complaint", &e);
	said[n < 0 ? 0 : n] = '\0';
	io_close(&w->complaint);
	if (waitpid(w->pid, &status, 0) != w->pid)
		abort();
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
send_open(const struct writer *w, const char *house, const char *key_blob)
{
	struct json *j = json_object();

	json_set_string(j, "house", house);
	json_set_string(j, "blob", key_blob);
	CHECK_OK(wire_send(w->control, WIRE_LOG_OPEN, j, NULL, 0, &e));
	json_free(j);
}

static void
send_append(const struct writer *w, uint64_t from, size_t count)
{
	static char hex[2 * LOG_ENTRY_MAX + 1];
	uint8_t space[LOG_ENTRY_MAX];
	struct json *j = json_object(), *list = json_array();
	struct view v;

	for (size_t i = 0; i < count; i++) {
		v = make_entry(from + i, space);
		hex_encode(v.data, v.len, hex);
		json_push(list, json_string(hex));
	}
	json_set(j, "entries", list);
	CHECK_OK(wire_send(w->control, WIRE_LOG_APPEND, j, NULL, 0, &e));
	json_free(j);
}

/* A head must say `first`, and its note must be the checkpoint of a log of size entries. */
static void
expect_head(const struct writer *w, int64_t first, uint64_t size)
{
	struct json *j;
	struct checkpoint c = {.size = 0};
	struct buf note;
	int64_t got = -1;

	buf_init(&note, NOTE_MAX);
	if ((j = wire_expect(w->control, WIRE_LOG_HEAD, NULL, 0, &e)) == NULL) {
		CHECK(j != NULL);
		return;
	}
	CHECK_OK(json_need_int(j, "first", 0, JSON_INT_MAX, "head", &got, &e));
	CHECK(got == first);
	CHECK_OK(json_need_base64(j, "note", &note, "head", &e));
	if (size == 0)
		CHECK(note.len == 0);
	else
		CHECK_OK(checkpoint_open(note.data, note.len, ORIGIN, key, &c, &e));
	CHECK(c.size == size);
	json_free(j);
	buf_free(&note);
}

static const char root_secret[ROOT_LEN] = "0123456789abcdef0123456789abcde";

static void
make_blob(enum key_purpose purpose, const char *house, struct buf *out)
{
	struct secret *root = secret_new(ROOT_LEN, &e), *subkey = NULL;
	struct buf bytes;

	buf_init(&bytes, 4096);
	if (root == NULL)
		abort();
	memcpy(root->bytes, root_secret, ROOT_LEN);
	if ((subkey = keystore_subkey(root, purpose, house, &e)) == NULL)
		abort();
	CHECK_OK(keystore_seal(subkey, purpose, 1, house, seed, &bytes, &e));
	CHECK_OK(base64_encode(bytes.data, bytes.len, out, &e));
	CHECK(buf_cstr(out, &e) != NULL);
	secret_free(root);
	secret_free(subkey);
	buf_free(&bytes);
}

#ifndef STAGER_SANITIZED
/* After its work: neither the root, nor the key that opens its blob, nor the one it signs with. */
static void
test_image(void)
{
	struct writer w = start(root_secret, ROOT_LEN);
	struct secret *root, *subkey = NULL;
	char said[600];

	send_open(&w, HOUSE, (char *)blob.data);
	expect_head(&w, 0, 0);
	send_append(&w, 0, 2);
	expect_head(&w, 0, 2);
	if (image_watch(w.pid)) {
		io_close(&w.control);
		CHECK(image_stop_at_exit(w.pid));
		if ((root = secret_new(ROOT_LEN, &e)) == NULL)
			abort();
		memcpy(root->bytes, root_secret, ROOT_LEN);
		CHECK((subkey = keystore_subkey(root, KEY_LOG, HOUSE, &e)) != NULL);
		CHECK(image_without_key(w.pid, subkey->bytes, "blob key"));
		CHECK(image_without_key(w.pid, seed->bytes, "checkpoint key"));
		/* Its halves are the digits of many a table. */
		CHECK(image_count(w.pid, root_secret, ROOT_LEN, "root") == 0);
		CHECK(image_count(w.pid, "stager keystore v1", 18, "control") > 0);
		image_release(w.pid);
		secret_free(subkey);
		secret_free(root);
	}
	CHECK(finish(&w, said) == 0 && said[0] == '\0');
}
#endif

static void
test_conversation(void)
{
	struct writer w = start(root_secret, ROOT_LEN);
	char said[600];
	struct log *log;
	struct buf out;

	send_open(&w, HOUSE, (char *)blob.data);
	expect_head(&w, 0, 0);
	send_append(&w, 0, 2);
	expect_head(&w, 0, 2);
	send_append(&w, 2, 256);
	expect_head(&w, 2, 258);
	CHECK(finish(&w, said) == 0 && said[0] == '\0');

	w = start(root_secret, ROOT_LEN);
	send_open(&w, HOUSE, (char *)blob.data);
	expect_head(&w, 258, 258);
	send_append(&w, 258, 1);
	expect_head(&w, 258, 259);
	CHECK(finish(&w, said) == 0 && said[0] == '\0');

	if ((log = log_open(dirfd, ORIGIN, key, &e)) == NULL) {
		CHECK(log != NULL);
		return;
	}
	CHECK(log_checkpoint(log)->size == 259);
	CHECK_OK(log_verify(log, &e));
	for (uint64_t i = 0; i < 259; i++) {
		uint8_t space[LOG_ENTRY_MAX];
		struct view v = make_entry(i, space);

		buf_init(&out, LOG_ENTRY_MAX);
		CHECK_OK(log_entry(log, i, &out, &e));
		CHECK(out.len == v.len && (v.len == 0 || memcmp(out.data, v.data, v.len) == 0));
		buf_free(&out);
	}
	log_free(log);
}

/* Each must end it with this status; what it says on its stderr holds `words`. */
static void
expect_end(struct writer *w, int status, const char *words)
{
	char said[600];
	struct wire_message m;
	int got;

	wire_message_init(&m);
	CHECK(wire_receive(w->control, &m, &e) != 1);
	wire_message_free(&m);
	got = finish(w, said);
	if (got != status || strstr(said, words) == NULL)
		fprintf(stderr, "status %d, said: %s", got, said);
	CHECK(got == status && strstr(said, words) != NULL);
}

static struct writer
opened(void)
{
	struct writer w = start(root_secret, ROOT_LEN);

	send_open(&w, HOUSE, (char *)blob.data);
	expect_head(&w, 259, 259);
	return w;
}

static void
send_text(const struct writer *w, enum wire_type type, const char *text)
{
	struct json *j = json_parse(text, strlen(text), "test", &e);

	CHECK_OK(wire_send(w->control, type, j, NULL, 0, &e));
	json_free(j);
}

static void
test_refused(void)
{
	static const struct {
		enum wire_type type;
		const char *text;
	} bad[] = {
	    {WIRE_LOG_APPEND, "{\"entries\":[]}"},
	    {WIRE_LOG_APPEND, "{\"entries\":[\"0g\"]}"},
	    {WIRE_LOG_APPEND, "{\"entries\":[\"00\",\"0\"]}"},
	    {WIRE_LOG_APPEND, "{\"entries\":[7]}"},
	    {WIRE_LOG_APPEND, "{\"entries\":\"00\"}"},
	    {WIRE_LOG_APPEND, "{\"entries\":[\"00\"],\"more\":1}"},
	    {WIRE_LOG_APPEND, "{}"},
	    {WIRE_LOG_OPEN, "{\"entries\":[\"00\"]}"},
	};
	struct buf other;
	struct writer w;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = opened();
		send_text(&w, bad[i].type, bad[i].text);
		expect_end(&w, 3, "stager-log: ");
	}
	w = opened();
	send_append(&w, 0, LOG_BATCH_MAX + 1);
	expect_end(&w, 3, "257 entries");
	w = opened();
	{
		struct json *j = json_object(), *list = json_array();
		static char hex[2 * LOG_ENTRY_MAX + 3];

		memset(hex, '0', sizeof(hex) - 1);
		json_push(list, json_string(hex));
		json_set(j, "entries", list);
		CHECK_OK(wire_send(w.control, WIRE_LOG_APPEND, j, NULL, 0, &e));
		json_free(j);
	}
	expect_end(&w, 3, "1025 bytes");

	/* Another root, another purpose, another house, a root cut short. */
	w = start("0123456789abcdef0123456789abcdX", ROOT_LEN);
	send_open(&w, HOUSE, (char *)blob.data);
	expect_end(&w, 4, "");
	buf_init(&other, 4096);
	make_blob(KEY_SIGN, HOUSE, &other);
	w = start(root_secret, ROOT_LEN);
	send_open(&w, HOUSE, (char *)other.data);
	expect_end(&w, 4, "");
	buf_free(&other);
	w = start(root_secret, ROOT_LEN);
	send_open(&w, "house-2", (char *)blob.data);
	expect_end(&w, 4, "");
	w = start(root_secret, ROOT_LEN);
	send_open(&w, "house 2", (char *)blob.data);
	expect_end(&w, 3, "house name");
	w = start(root_secret, ROOT_LEN - 1);
	expect_end(&w, 3, "root secret");
	w = start(root_secret, ROOT_LEN);
	send_append(&w, 0, 1);
	expect_end(&w, 3, "");

	/* A house with its own key, and a folder that is another's. */
	buf_init(&other, 4096);
	make_blob(KEY_LOG, "house-2", &other);
	w = start(root_secret, ROOT_LEN);
	send_open(&w, "house-2", (char *)other.data);
	expect_end(&w, 4, "checkpoint");
	buf_free(&other);
	w = opened(); /* and after all that nothing has changed */
	{
		char said[600];

		CHECK(finish(&w, said) == 0);
	}
}

/* A second writer gets no head while the first one lives, and goes on where that one stopped. */
static void
test_alone(void)
{
	struct writer first = opened(), second = start(root_secret, ROOT_LEN);
	struct pollfd p = {.fd = second.control, .events = POLLIN};
	char said[600];

	send_open(&second, HOUSE, (char *)blob.data);
	CHECK(poll(&p, 1, 150) == 0);
	send_append(&first, 259, 4);
	expect_head(&first, 259, 263);
	CHECK(poll(&p, 1, 50) == 0);
	CHECK(finish(&first, said) == 0);
	expect_head(&second, 263, 263);
	CHECK(finish(&second, said) == 0);

	/* One that is killed leaves no lock behind. */
	first = start(root_secret, ROOT_LEN);
	send_open(&first, HOUSE, (char *)blob.data);
	expect_head(&first, 263, 263);
	CHECK(kill(first.pid, SIGKILL) == 0);
	second = start(root_secret, ROOT_LEN);
	send_open(&second, HOUSE, (char *)blob.data);
	expect_head(&second, 263, 263);
	CHECK(finish(&first, said) == -SIGKILL);
	CHECK(finish(&second, said) == 0);
}

/* Killed at some moment of a run of appends: all that it has answered is in the log, and the log is whole. */
static void
test_killed(void)
{
	uint64_t size = 263;

	for (unsigned round = 0; round < 16; round++) {
		struct writer w = start(root_secret, ROOT_LEN);
		struct json *head;
		uint64_t answered = size;
		char said[600];
		struct log *log;

		send_open(&w, HOUSE, (char *)blob.data);
		expect_head(&w, (int64_t)size, size);
		for (uint64_t i = 0; i < 3; i++)
			send_append(&w, size + 100 * i, 100);
		(void)usleep(round * 150);
		CHECK(kill(w.pid, SIGKILL) == 0);
		while ((head = wire_expect(w.control, WIRE_LOG_HEAD, NULL, 0, &e)) != NULL) {
			answered += 100;
			json_free(head);
		}
		CHECK(finish(&w, said) == -SIGKILL);

		if ((log = log_open(dirfd, ORIGIN, key, &e)) == NULL) {
			fprintf(stderr, "%s\n", e.text);
			CHECK(log != NULL);
			return;
		}
		CHECK_OK(log_verify(log, &e));
		size = log_checkpoint(log)->size;
		CHECK(size >= answered && size <= answered + 100);
		log_free(log);
	}
	grown = size;
}

static void
test_damaged(void)
{
	struct writer w = start(root_secret, ROOT_LEN);
	char said[600];
	uint8_t byte = 0;
	int fd;

	/* To a size whose right edge is known. */
	send_open(&w, HOUSE, (char *)blob.data);
	expect_head(&w, (int64_t)grown, grown);
	send_append(&w, grown, 256 - grown % 256);
	expect_head(&w, (int64_t)grown, grown + 256 - grown % 256);
	send_append(&w, grown + 256 - grown % 256, 1);
	expect_head(&w, (int64_t)(grown + 256 - grown % 256), grown + 257 - grown % 256);
	CHECK(finish(&w, said) == 0);
	(void)snprintf(said, sizeof(said), "tile/0/%03u.p/1", (unsigned)(grown / 256 + 1));
	fd = openat(dirfd, said, O_RDWR);
	CHECK(fd != -1 && pread(fd, &byte, 1, 30) == 1);
	byte ^= 1;
	CHECK(pwrite(fd, &byte, 1, 30) == 1);
	io_close(&fd);
	w = start(root_secret, ROOT_LEN);
	send_open(&w, HOUSE, (char *)blob.data);
	expect_end(&w, 4, said);
}

int
main(void)
{
	const char *build = getenv("STAGER_BUILD");

	if (build == NULL ||
	    (size_t)snprintf(program, sizeof(program), "%s/stager-log", build) >= sizeof(program) ||
	    access(program, X_OK) == -1) {
		printf("skipped: STAGER_BUILD does not name the folder of stager-log\n");
		return 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	make_key();
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what stager-log frees */
	buf_init(&blob, 4096);
	make_blob(KEY_LOG, HOUSE, &blob);
#ifndef STAGER_SANITIZED
	/* In a folder of its own. AddressSanitizer keeps what was freed. */
	dirfd = make_folder(folder);
	test_image();
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
	io_close(&dirfd);
#endif
	dirfd = make_folder(folder);
	test_conversation();
	test_refused();
	test_alone();
	test_killed();
	test_damaged();
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
	io_close(&dirfd);
	buf_free(&blob);
	secret_free(seed);
	return check_done();
}
