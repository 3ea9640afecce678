/* The keeper: starts a node's gateway, and ends it when the last rank has left. It holds no key and sees no plaintext. */
#include "stager/rank.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stager/io.h"

#define TICK_MS 100
#define LINGER_MS 20000 /* for ranks that are expected and have not come */
#define END_MS 60000    /* for the gateway to end by itself, receipt and all */
#define HOLD_MS 60000   /* for the ranks' commands to end after it; they have 10 seconds */

struct keeper {
	int folder, ranks, lock;
	int listener; /* the gateway's socket: its port is nobody else's while ranks are here; -1 */
	const struct rank_gateway *g;
	pid_t gateway;
	int status; /* of the gateway, once it has ended */
};

static void
do_nothing(int number)
{
	(void)number;
}

/* The whole of a batch job hears of its end; the keeper goes when the ranks have gone. */
static void
outlive_signals(void)
{
	static const int these[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};
	struct sigaction action = {.sa_handler = do_nothing};
	sigset_t none;

	/* Handlers, not SIG_IGN, which the gateway would inherit. */
	for (size_t i = 0; i < sizeof(these) / sizeof(these[0]); i++)
		(void)sigaction(these[i], &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Has it ended? Then k->status is what a shell would call it. */
static bool
gateway_ended(struct keeper *k)
{
	int status;
	pid_t got = waitpid(k->gateway, &status, WNOHANG);

	if (got == 0 || (got == -1 && errno == EINTR))
		return false;
	k->status = got == -1 ? 1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return true;
}

/* What is not there any more is not to be found; the status stays for ranks that come late. */
static void
tidy(const struct keeper *k)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", k->status);

	(void)!io_replace_file(k->folder, "ended", text, (size_t)len, 0600, NULL);
	(void)unlinkat(k->folder, "ready.json", 0);
	(void)!io_remove_tree(k->folder, "curl", NULL);
}

/* The file is there, and its one line is whole. */
static bool
is_ready(const struct keeper *k)
{
	char last = '\0';
	struct stat st;
	int fd = openat(k->folder, "ready.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		(void)!pread(fd, &last, 1, st.st_size - 1);
	(void)close(fd);
	return last == '\n';
}

static void
start_gateway(struct keeper *k, const char *path)
{
	char *argv[RANK_WORDS_MAX + 5], ready[4096], number[16], option[] = "--ready",
								 listen_fd[] = "--listen-fd";
	pid_t self = getpid();
	int null;

	memcpy(argv, k->g->argv, k->g->argc * sizeof(*argv));
	(void)snprintf(ready, sizeof(ready), "%s/ready.json", path);
	argv[k->g->argc] = option;
	argv[k->g->argc + 1] = ready;
	argv[k->g->argc + 2] = listen_fd;
	argv[k->g->argc + 3] = number;
	argv[k->g->argc + 4] = NULL;
	(void)snprintf(number, sizeof(number), "%d", k->listener);
	if ((k->gateway = fork()) != 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != self ||
	    fcntl(k->listener, F_SETFD, 0) == -1 || (null = open("/dev/null", O_RDWR)) == -1 ||
	    dup2(null, 0) == -1 || dup2(null, 1) == -1)
		_exit(1);
	if (null > 2)
		(void)close(null);
	(void)execv("/proc/self/exe", argv);
	_exit(1);
}

/* Nobody is here and nobody more is due: true with the lock held, so that nobody comes while the gateway ends. */
static bool
all_left(struct keeper *k, int *empty_ms)
{
	struct stat st;
	bool due;

	if (flock(k->lock, LOCK_EX | LOCK_NB) == -1)
		return false;
	if (flock(k->ranks, LOCK_EX | LOCK_NB) == -1) {
		*empty_ms = 0;
		(void)flock(k->lock, LOCK_UN);
		return false;
	}
	due = fstat(k->ranks, &st) == 0 && st.st_size < (off_t)k->g->expected;
	(void)flock(k->ranks, LOCK_UN);
	*empty_ms += TICK_MS;
	if (!due || *empty_ms >= LINGER_MS)
		return true;
	(void)flock(k->lock, LOCK_UN);
	return false;
}

static void
end_gateway(struct keeper *k)
{
	(void)kill(k->gateway, SIGTERM);
	for (int waited = 0; waited < END_MS; waited += TICK_MS) {
		if (gateway_ended(k)) {
			/* It was told to end: by whichever way it did. */
			k->status = k->status == 128 + SIGTERM ? 0 : k->status;
			return;
		}
		(void)poll(NULL, 0, TICK_MS);
	}
	(void)kill(k->gateway, SIGKILL);
	while (!gateway_ended(k))
		(void)poll(NULL, 0, TICK_MS);
}

/*
 * The gateway has ended early, and commands that know its port are told to end. Until they have, somebody else on this node
 * could listen there and be asked, key and all: so the socket stays, and who comes is turned away.
 */
static void
hold_port(struct keeper *k)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	struct pollfd p = {.fd = k->listener, .events = POLLIN};
	int fd;

	for (int held = 0; held < HOLD_MS && flock(k->ranks, LOCK_EX | LOCK_NB) == -1; held += TICK_MS) {
		if (poll(&p, 1, TICK_MS) != 1)
			continue;
		while ((fd = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC)) != -1) {
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
			(void)close(fd);
		}
		(void)poll(NULL, 0, TICK_MS);
	}
	(void)flock(k->ranks, LOCK_UN);
}

void
keeper_run(const char *path, int folder, const struct rank_gateway *g, int tell)
{
	struct keeper k = {.folder = folder, .g = g, .gateway = -1, .status = 1};
	int alive, null, empty_ms = 0;

	(void)setsid();
	(void)prctl(PR_SET_NAME, "node-keeper");
	outlive_signals();
	/* Whoever reads this job's output must see its end when the ranks have ended; its errors go where they went. */
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1 || dup2(null, 0) == -1 ||
	    dup2(null, 1) == -1)
		_exit(1);
	/* Descriptors of its own: locks belong to those. */
	alive = openat(folder, "alive", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	k.ranks = openat(folder, "ranks", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	k.lock = openat(folder, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (alive == -1 || k.ranks == -1 || k.lock == -1 || flock(alive, LOCK_EX) == -1)
		_exit(1);
	if ((k.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		_exit(1);
	start_gateway(&k, path);
	if (k.gateway == -1)
		_exit(1);
	while (!is_ready(&k)) {
		/* A rank that was killed while it waited leaves the lock, too. */
		if (!gateway_ended(&k) && !all_left(&k, &empty_ms)) {
			(void)poll(NULL, 0, TICK_MS / 2);
			continue;
		}
		if (waitpid(k.gateway, NULL, WNOHANG) == 0)
			end_gateway(&k);
		tidy(&k);
		_exit(1);
	}
	(void)!write(tell, "r", 1);
	(void)close(tell);
	for (;;) {
		if (gateway_ended(&k)) {
			/* Early: the ranks are still here. */
			if (k.status == 0)
				k.status = 1;
			break;
		}
		if (all_left(&k, &empty_ms)) {
			end_gateway(&k);
			break;
		}
		(void)poll(NULL, 0, TICK_MS);
	}
	tidy(&k);
	(void)close(alive);
	hold_port(&k);
	/* Of a rank that was killed, and whom nobody joins; else the rank does it, who wants to read the status first. */
	if (g->join == NULL && flock(k.ranks, LOCK_EX | LOCK_NB) == 0)
		(void)!io_remove_tree(AT_FDCWD, path, NULL);
	_exit(0);
}
