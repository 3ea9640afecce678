/* Logs that we wrote, read by a verifier in another language, written from the C2SP texts (peer_log.py). */
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"
#include "log_make.h"
#include "stager/enc.h"

#define ORIGIN "stager/peer"

static struct err e;
static char folder[32], script[4096];
static int dirfd = -1;

/* Run the peer; what it printed, and its exit status. */
static int
peer(char said[static 200])
{
	char pem[64];
	int out[2], status;
	ssize_t n;
	pid_t pid;

	(void)snprintf(pem, sizeof(pem), "%s/key.pem", folder);
	if (pipe2(out, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		abort();
	if (pid == 0) {
		if (dup2(out[1], 1) == -1 || dup2(out[1], 2) == -1)
			_exit(99);
		/* Debian's own first: it is the one that has Debian's modules. */
		(void)execl("/usr/bin/python3", "python3", script, folder, pem, ORIGIN, (char *)NULL);
		(void)execlp("python3", "python3", script, folder, pem, ORIGIN, (char *)NULL);
		_exit(77);
	}
	(void)close(out[1]);
	n = io_read(out[0], said, 199, "peer", &e);
	said[n < 0 ? 0 : n] = '\0';
	(void)close(out[0]);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void
check_peer(const struct log *log)
{
	const struct checkpoint *head = log_checkpoint(log);
	char said[200], want[200], root[2 * DIGEST_LEN + 1];

	hex_encode(head->root, DIGEST_LEN, root);
	(void)snprintf(want, sizeof(want), "%" PRIu64 " %s\n", head->size, root);
	CHECK(peer(said) == 0);
	CHECK(strcmp(said, want) == 0);
}

/* Flip a byte: the peer must find it, or it has shown nothing above. */
static void
check_damage(const char *path, off_t at)
{
	char said[200];
	uint8_t byte;
	int fd = openat(dirfd, path, O_RDWR);

	if (fd == -1) {
		CHECK(fd != -1);
		return;
	}
	CHECK(pread(fd, &byte, 1, at) == 1);
	byte ^= 4;
	CHECK(pwrite(fd, &byte, 1, at) == 1);
	CHECK(peer(said) == 1 && strstr(said, "bad log") != NULL);
	byte ^= 4;
	CHECK(pwrite(fd, &byte, 1, at) == 1);
	io_close(&fd);
}

int
main(void)
{
	static const uint64_t sizes[] = {1, 2, 255, 256, 257, 1000, 65535, 65536, 65537};
	const char *tests = getenv("STAGER_TESTS");
	struct log *log = NULL;
	struct buf pem;
	char said[200];

	if (tests == NULL ||
	    (size_t)snprintf(script, sizeof(script), "%s/peer_log.py", tests) >= sizeof(script) ||
	    access(script, R_OK) == -1) {
		printf("skipped: STAGER_TESTS does not name the folder of peer_log.py\n");
		return 77;
	}
	make_key();
	dirfd = make_folder(folder);
	buf_init(&pem, 4096);
	if (sign_public_pem(key, &pem, &e) == -1 ||
	    io_replace_file(dirfd, "key.pem", pem.data, pem.len, 0600, &e) == -1 ||
	    (log = log_open(dirfd, ORIGIN, key, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK_OK(make_grow(log, sizes[i], &e));
		if (i == 0 && peer(said) == 77) {
			printf("skipped: %s", said);
			CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
			return 77;
		}
		check_peer(log);
		if (sizes[i] != 257)
			continue;
		check_damage("checkpoint", 3);
		check_damage("checkpoint", 60);
		check_damage("checkpoint", 120);
		check_damage("tile/0/000", 8191);
		check_damage("tile/0/001.p/1", 0);
		check_damage("tile/1/000.p/1", 17);
		check_damage("tile/entries/000", 1000);
		check_damage("tile/entries/001.p/1", 20);
		check_peer(log);
	}
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
	log_free(log);
	buf_free(&pem);
	secret_free(seed);
	io_close(&dirfd);
	return check_done();
}
