/* stager-node as a program: a whole conversation, a whole cat; then what it leaves in its memory: no key, no plaintext. */
#include <sys/wait.h>

#include "image.h"
#include "node_house.h"

static char path[4096];

static void
put_file(const char *name, const struct buf *b)
{
	must(io_replace_file(h.version, name, b->data, b->len, 0600, &e));
}

/* Card, request and job key beside the set. */
static void
lay_out(void)
{
	struct buf card;
	int fd;

	buf_init(&card, 4096);
	must(house_card_encode(&h.node.card, &card, &e));
	put_file("house.json", &card);
	put_file("request.json", &h.request_text);
	must(fd = openat(h.version, "job.key", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	must(sign_write_pem(h.job, fd, &e));
	(void)close(fd);
	must(mkfifoat(h.version, "to", 0600));
	must(mkfifoat(h.version, "from", 0600));
	buf_free(&card);
}

static pid_t
start(void)
{
	char program[4096 + 32], house[512], pin[128], request[128], key[128];
	pid_t pid;
	int out;

	(void)snprintf(program, sizeof(program), "%s/stager-node", getenv("STAGER_BUILD"));
	(void)snprintf(house, sizeof(house),
	    "mkdir '%s/once' || exit; exec 3<&0; cat <&3 >'%s/to' & exec cat <'%s/from'", h.path, h.path,
	    h.path);
	(void)snprintf(pin, sizeof(pin), "%s/house.json", h.path);
	(void)snprintf(request, sizeof(request), "%s/request.json", h.path);
	(void)snprintf(key, sizeof(key), "%s/job.key", h.path);
	must(out = openat(h.version, "out", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	if ((pid = fork()) == 0) {
		if (dup2(out, 1) == -1)
			_exit(99);
		(void)execl(program, "stager-node", "cat", "--house", house, "--pin", pin, "--request",
		    request, "--job-key", key, "--from", h.path, "--slot", "2", "--restart", "1",
		    (char *)NULL);
		_exit(99);
	}
	(void)close(out);
	return pid;
}

/* One line of the node's, without its newline. */
static void
read_line(int fd, struct buf *line)
{
	uint8_t byte = 0;

	buf_clear(line);
	while (io_read(fd, &byte, 1, "node", &e) == 1 && byte != '\n')
		must(buf_put_u8(line, byte, &e));
	must(byte == '\n' ? 0 : -1);
}

/* The house's side. False where this machine allows no look. */
static bool
converse(pid_t pid)
{
	int to, from;
	struct json *facts = NULL;
	struct buf line;
	bool watched;

	buf_init(&line, RELEASE_LINE_MAX);
	(void)snprintf(path, sizeof(path), "%s/to", h.path);
	must(to = open(path, O_RDONLY | O_CLOEXEC));
	(void)snprintf(path, sizeof(path), "%s/from", h.path);
	must(from = open(path, O_WRONLY | O_CLOEXEC));
	read_line(to, &line); /* hello */
	make_challenge(&h.envelope, &h.request_text, &h.table);
	must(io_write(from, h.challenge_line.data, h.challenge_line.len, "challenge", &e));
	read_line(to, &line);
	must(ask_decode(line.data, line.len, h.node.card.key, &h.node.request, &h.ask, &facts, &e));
	memcpy(h.own_public, h.ask.node, X25519_LEN);
	json_free(h.node.facts);
	h.node.facts = facts;
	make_answer(0, h.rows - 1);
#ifdef STAGER_SANITIZED
	watched = false; /* AddressSanitizer keeps what was freed */
	(void)pid;
#else
	watched = image_watch(pid);
#endif
	must(io_write(from, h.answer_line.data, h.answer_line.len, "answer", &e));
	(void)close(from);
	(void)close(to);
	buf_free(&line);
	return watched;
}

static void
look_into(pid_t pid)
{
	struct secret *shared;
	uint8_t plain[32];

	CHECK(image_stop_at_exit(pid));
	CHECK(image_without_key(pid, h.job->bytes, "job key"));
	for (size_t i = 0; i + 1 < h.rows; i++)
		CHECK(image_without_key(pid, h.data_key[i]->bytes, "data key"));
	CHECK((shared = header_shared_writer(h.writer, h.own_public, &e)) != NULL);
	CHECK(image_without_key(pid, shared->bytes, "packet key"));
	for (int member = 0; member < MEMBERS; member++) {
		for (size_t i = 0; i < sizeof(plain); i++)
			plain[i] = member_byte(member, 30000 + i);
		CHECK(image_count(pid, plain, sizeof(plain), "plaintext") == 0);
	}
	CHECK(image_count(pid, "the job key is not the one that", 31, "control") > 0);
	image_release(pid);
	secret_free(shared);
}

int
main(void)
{
	uint64_t plain = 0;
	struct stat st;
	int status = -1;
	pid_t pid;

	if (getenv("STAGER_BUILD") == NULL) {
		printf("skipped: STAGER_BUILD does not name the folder of stager-node\n");
		return 77;
	}
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what stager-node frees */
	setup();
	lay_out();
	pid = start();
	if (converse(pid))
		look_into(pid);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	/* It did its work: all shards in one tar, their ends but the last one's left away. */
	CHECK(fstatat(h.version, "out", &st, 0) == 0);
	for (size_t i = 0; i + 1 < h.rows; i++)
		plain += h.line[i].plain;
	CHECK(st.st_size > MEMBERS * MEMBER_SIZE && (uint64_t)st.st_size <= plain);
	teardown();
	return check_done();
}
