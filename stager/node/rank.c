/* Ranks of a job find one another on a node, and share one gateway. No key and no plaintext is in these processes. */
#include "stager/rank.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"

#define PATH_LEN 3000
#define LEAVE_MS 75000 /* for the gateway to end and its receipt to be sent */
#define TICK_MS 100
#define READY_MAX 65536
#define UID_UNMAPPED 65534

/*
 * Nobody else can put another folder in the place of this one or of one above it: each is root's or this user's (or, in a
 * user namespace, of somebody without a number there), and where others may write, names are their makers' (sticky).
 */
static int
check_above(const char *path, struct err *e)
{
	char *real = realpath(path, NULL), *slash;
	struct stat st;
	int rc = -1;

	if (real == NULL)
		return err_sys(e, "%s", path);
	for (;;) {
		if (lstat(real[0] == '\0' ? "/" : real, &st) == -1) {
			err_sys(e, "%s", path);
			goto out;
		}
		if ((st.st_uid != 0 && st.st_uid != getuid() && st.st_uid != UID_UNMAPPED) ||
		    ((st.st_mode & S_ISVTX) == 0 &&
			((st.st_mode & S_IWOTH) != 0 ||
			    ((st.st_mode & S_IWGRP) != 0 && st.st_uid != getuid())))) {
			err_set(e, ERR_REFUSED,
			    "%s: others can put another folder in the place of %s: set TMPDIR to one that "
			    "they cannot write",
			    path, real[0] == '\0' ? "/" : real);
			goto out;
		}
		if ((slash = strrchr(real, '/')) == NULL)
			break;
		*slash = '\0';
	}
	rc = 0;
out:
	free(real);
	return rc;
}

/* A folder that is its user's alone; made where it is missing. */
static int
private_folder(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return err_sys(e, "%s: make", path);
	if (lstat(path, &st) == -1)
		return err_sys(e, "%s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != getuid() || (st.st_mode & 077) != 0)
		return err_set(
		    e, ERR_REFUSED, "%s: it is not a folder of this user's alone (mode 0700)", path);
	return 0;
}

/* The folder's name: node, then what ranks share, or something that nobody else has. */
static int
folder_name(const struct rank_gateway *g, char *out, size_t size, struct err *e)
{
	uint8_t digest[DIGEST_LEN], own[8];
	char hex[DIGEST_HEX_LEN + 1];
	struct digest_part parts[RANK_WORDS_MAX + 2];
	struct utsname host;
	size_t count = 0;

	if (uname(&host) == -1)
		return err_sys(e, "name of this node");
	parts[count++] = (struct digest_part){host.nodename, strlen(host.nodename)};
	if (g->join != NULL) {
		parts[count++] = (struct digest_part){g->join, strlen(g->join)};
	} else {
		randombytes_buf(own, sizeof(own));
		parts[count++] = (struct digest_part){own, sizeof(own)};
	}
	/* Another slot, another request: another gateway. */
	for (size_t i = 0; i < g->argc && count < sizeof(parts) / sizeof(parts[0]); i++)
		parts[count++] = (struct digest_part){g->argv[i], strlen(g->argv[i])};
	digest_prefixed(parts, count, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	(void)snprintf(out, size, "%.32s", hex);
	return 0;
}

static int
open_folder(struct rank *r, const struct rank_gateway *g, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");
	char top[PATH_LEN], name[64], path[PATH_LEN + 64];
	const char *above;
	struct stat st;

	if (runtime != NULL && runtime[0] == '/' && stat(runtime, &st) == 0 && st.st_uid == getuid() &&
	    (st.st_mode & 077) == 0) {
		above = runtime;
		(void)snprintf(top, sizeof(top), "%s/stager", above);
	} else {
		above = temporary != NULL && temporary[0] == '/' ? temporary : "/tmp";
		(void)snprintf(top, sizeof(top), "%s/stager-%lu", above, (unsigned long)getuid());
	}
	if (check_above(above, e) == -1 || private_folder(top, e) == -1 ||
	    folder_name(g, name, sizeof(name), e) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	if (private_folder(path, e) == -1)
		return -1;
	if ((r->path = strdup(path)) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	if ((r->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return err_sys(e, "%s: open", path);
	return 0;
}

static int
open_file(int folder, const char *name)
{
	return openat(folder, name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Wait for a lock, whatever signals come. */
static int
take_lock(int fd, int how, struct err *e)
{
	while (flock(fd, how) == -1)
		if (errno != EINTR)
			return err_sys(e, "lock between the ranks of a node");
	return 0;
}

bool
rank_served(const struct rank *r, int *status)
{
	struct buf text;

	if (flock(r->alive, LOCK_SH | LOCK_NB) == -1)
		return true;
	(void)flock(r->alive, LOCK_UN);
	*status = 1;
	buf_init(&text, 64);
	if (io_read_file(r->folder, "ended", &text, NULL) == 0 && buf_cstr(&text, NULL) != NULL)
		*status = atoi((const char *)text.data);
	buf_free(&text);
	return false;
}

/* Close all descriptors but 0 to 2 and these: what others hold open belongs to the command. */
static int
keep_only(int one, int other)
{
	int low = one < other ? one : other, high = one < other ? other : one;

	if ((low > 3 && syscall(SYS_close_range, 3u, (unsigned)low - 1, 0) == -1) ||
	    (high > low + 1 && syscall(SYS_close_range, (unsigned)low + 1, (unsigned)high - 1, 0) == -1))
		return -1;
	return (int)syscall(SYS_close_range, (unsigned)high + 1, ~0u, 0);
}

/* The keeper, a child that is nobody's: it stays when this rank leaves before others do. */
static int
start_keeper(struct rank *r, const struct rank_gateway *g, struct err *e)
{
	int tell[2] = {-1, -1}, status;
	char byte;
	pid_t pid;

	if (pipe2(tell, O_CLOEXEC) == -1)
		return err_sys(e, "gateway: start");
	if ((pid = fork()) == -1) {
		err_sys(e, "gateway: start");
		goto fail;
	}
	if (pid == 0) {
		if (fork() != 0)
			_exit(0);
		if (keep_only(r->folder, tell[1]) == -1)
			_exit(1);
		keeper_run(r->path, r->folder, g, tell[1]);
	}
	io_close(&tell[1]);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	while ((status = (int)read(tell[0], &byte, 1)) == -1 && errno == EINTR)
		continue;
	io_close(&tell[0]);
	if (status == 1)
		return 0;
	/* It has gone when it lets go of its lock. */
	for (int i = 0; i < 50 && rank_served(r, &status); i++)
		(void)poll(NULL, 0, 20);
	return err_set(e, err_from_exit_status(status), "the gateway could not start (status %d)", status);
fail:
	io_close(&tell[0]);
	io_close(&tell[1]);
	return -1;
}

/* Under the lock: the gateway that is there, or a new one. */
static int
find_gateway(struct rank *r, const struct rank_gateway *g, struct err *e)
{
	int status = 0;

	if (rank_served(r, &status))
		return 0;
	if (faccessat(r->folder, "ended", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, status == 0 ? ERR_SYSTEM : err_from_exit_status(status),
		    status == 0
			? "the gateway of this job on this node has ended: another one wants a higher "
			  "--restart"
			: "the gateway of this job on this node could not start, or ended, with status %d",
		    status);
	/* Of a keeper that was killed: its files say nothing any more. */
	(void)unlinkat(r->folder, "ready.json", 0);
	if (start_keeper(r, g, e) == -1)
		return -1;
	return 0;
}

static int
read_ready(struct rank *r, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, READY_MAX);
	if (io_read_file(r->folder, "ready.json", &text, e) == 0 &&
	    (r->ready = json_parse(text.data, text.len, "gateway: ready.json", e)) != NULL)
		rc = 0;
	buf_free(&text);
	return rc;
}

int
rank_join(struct rank *r, const struct rank_gateway *g, struct err *e)
{
	int lock = -1, rc = -1;

	*r = RANK_NONE;
	r->alone = g->join == NULL;
	if (sodium_init() == -1)
		return err_set(e, ERR_SYSTEM, "libsodium: start");
	if (open_folder(r, g, e) == -1)
		goto out;
	if ((lock = open_file(r->folder, "lock")) == -1 || (r->ranks = open_file(r->folder, "ranks")) == -1 ||
	    (r->alive = open_file(r->folder, "alive")) == -1) {
		err_sys(e, "%s: open", r->path);
		goto out;
	}
	if (take_lock(lock, LOCK_EX, e) == -1 || take_lock(r->ranks, LOCK_SH, e) == -1)
		goto out;
	if (io_write(r->ranks, "x", 1, "ranks", e) == -1 || find_gateway(r, g, e) == -1 ||
	    read_ready(r, e) == -1 || rank_env_files(r, e) == -1)
		goto out;
	rc = 0;
out:
	io_close(&lock);
	if (rc == -1)
		rank_leave(r);
	return rc;
}

void
rank_leave(struct rank *r)
{
	int waited = 0, status;

	if (r->ranks != -1) {
		(void)flock(r->ranks, LOCK_UN);
		/* The batch system ends what is left when the last command of a node has ended: not before the receipt is sent. */
		if (r->alive != -1 && flock(r->ranks, LOCK_EX | LOCK_NB) == 0) {
			(void)flock(r->ranks, LOCK_UN);
			for (; waited < LEAVE_MS && rank_served(r, &status); waited += TICK_MS)
				(void)poll(NULL, 0, TICK_MS);
		}
	}
	io_close(&r->ranks);
	io_close(&r->alive);
	io_close(&r->folder);
	if (r->alone && r->path != NULL)
		(void)!io_remove_tree(AT_FDCWD, r->path, NULL);
	json_free(r->ready);
	free(r->path);
	*r = RANK_NONE;
}
