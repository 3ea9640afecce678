/*
 * stager-node run: one gateway on this node for all ranks of a job, and the command beside it. This process is not confined,
 * for what it does to itself its command would inherit (but for being undumpable, which ends with exec); so it holds no key
 * of the release and reads nothing sealed: the gateway is a program of its own, started by exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node.h"
#include "stager/clock.h"
#include "stager/rank.h"

#define PROGRAM "stager-node run"
#define LOOK_MS 200       /* how often the gateway is looked at */
#define PATIENCE_MS 10000 /* for a command that was told to end because the gateway has */
#define RANKS_MAX 4096

struct launch {
	char *words[RANK_WORDS_MAX]; /* of the gateway */
	struct rank_gateway gateway;
	char join[512];
	char **command;
};

static const int forwarded[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/* How many tasks of this step are on this node: the NODEID-th number of "2(x3),1". 0: it says nothing of that. */
static unsigned
tasks_here(const char *list, unsigned long node)
{
	char *end;

	while (list != NULL && *list >= '0' && *list <= '9') {
		unsigned long tasks = strtoul(list, &end, 10), times = 1;

		if (strncmp(end, "(x", 2) == 0)
			times = strtoul(end + 2, &end, 10);
		if (*end == ')')
			end++;
		if (node < times)
			return tasks <= RANKS_MAX ? (unsigned)tasks : 0;
		node -= times;
		list = *end == ',' ? end + 1 : NULL;
	}
	return 0;
}

static const char *
variable(const char *name, const char *otherwise)
{
	const char *text = getenv(name);

	return text == NULL || text[0] == '\0' ? otherwise : text;
}

/* Ranks of one job that was started so often; slot and request are among the gateway's words. */
static void
choose_join(struct launch *l)
{
	const char *job = variable("SLURM_JOB_ID", NULL);

	if (l->gateway.join != NULL || job == NULL)
		return;
	(void)snprintf(l->join, sizeof(l->join), "slurm %s %s %s %s", job,
	    variable("SLURM_RESTART_COUNT", "0"), variable("SLURM_NODEID", "0"),
	    variable("STAGER_CHAIN", "0"));
	l->gateway.join = l->join;
	if (l->gateway.expected == 0)
		l->gateway.expected = tasks_here(variable("SLURM_STEP_TASKS_PER_NODE", NULL),
		    strtoul(variable("SLURM_NODEID", "0"), NULL, 10));
}

/* --join and --ranks are ours; all else up to "--" is the gateway's, and judged by it. */
static int
read_words(int argc, char **argv, struct launch *l, struct err *e)
{
	static char program[] = "stager-node", gateway[] = "gateway";
	size_t count = 0;
	char *end;
	int i;

	l->words[count++] = program;
	l->words[count++] = gateway;
	for (i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--join") == 0 && i + 1 < argc) {
			l->gateway.join = argv[++i];
		} else if (strcmp(argv[i], "--ranks") == 0 && i + 1 < argc) {
			l->gateway.expected = (unsigned)strtoul(argv[++i], &end, 10);
			if (*end != '\0' || l->gateway.expected < 1 || l->gateway.expected > RANKS_MAX)
				return err_set(e, ERR_USAGE, "--ranks: a whole number from 1 to %d is wanted",
				    RANKS_MAX);
		} else if (count == RANK_WORDS_MAX) {
			return err_set(e, ERR_USAGE, "over %d words before the command", RANK_WORDS_MAX);
		} else {
			l->words[count++] = argv[i];
		}
	}
	if (i + 1 >= argc)
		return err_set(e, ERR_USAGE, "a command is missing, after -- (see --help)");
	l->command = argv + i + 1;
	l->gateway.argv = l->words;
	l->gateway.argc = count;
	choose_join(l);
	if (l->gateway.expected == 0)
		l->gateway.expected = 1;
	return 0;
}

static void
block_signals(sigset_t *set, sigset_t *before)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		(void)sigaddset(set, forwarded[i]);
	(void)sigprocmask(SIG_BLOCK, set, before);
}

/* The command, with everything as this process found it, but for the environment. */
static pid_t
start_command(char **command, const sigset_t *mask)
{
	pid_t parent = getpid(), pid = fork();
	int why;

	if (pid != 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent)
		_exit(1);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	(void)execvp(command[0], command);
	why = errno;
	(void)fprintf(stderr, PROGRAM ": %s: %s\n", command[0], strerror(why));
	_exit(why == ENOENT ? 127 : 126);
}

/* A signal from the terminal, or from Slurm's own daemon, has reached the command already. */
static bool
came_to_all(const siginfo_t *info)
{
	if (info->si_code == SI_KERNEL)
		return true;
	return getenv("SLURM_STEP_ID") != NULL &&
	       (info->si_pid == getppid() || (info->si_uid == 0 && getuid() != 0));
}

/* Until the command has ended. Its status as a shell has it; the gateway's where that ended before. */
static int
watch(struct rank *r, pid_t command, const sigset_t *set)
{
	const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	bool told = false, lost = false;
	int status, gateway = 0;
	int64_t until = 0;
	siginfo_t info;

	for (;;) {
		int signal_number = sigtimedwait(set, &info, &look);
		pid_t got = waitpid(command, &status, WNOHANG);

		if (got == command)
			break;
		if (signal_number > 0 && signal_number != SIGCHLD) {
			told = told || signal_number == SIGTERM || signal_number == SIGINT;
			if (!came_to_all(&info))
				(void)kill(command, signal_number);
		}
		/* Once all are told to end the gateway may go first. */
		if (!lost && !told && !rank_served(r, &gateway)) {
			lost = true;
			(void)fprintf(stderr,
			    PROGRAM ": the gateway has ended with status %d: %s is stopped\n", gateway,
			    "the command");
			(void)kill(command, SIGTERM);
			until = clock_now_ms() + PATIENCE_MS;
		}
		if (lost && clock_now_ms() > until)
			(void)kill(command, SIGKILL);
	}
	if (lost)
		return gateway >= 1 && gateway <= 6 ? gateway : 1;
	/* A command that failed may have been the first to see that the gateway is gone. */
	for (int waited = 0; status != 0 && !told && waited < LOOK_MS * 2; waited += LOOK_MS / 4) {
		if (!rank_served(r, &gateway)) {
			(void)fprintf(stderr,
			    PROGRAM ": the gateway has ended with status %d before the command\n", gateway);
			break;
		}
		(void)poll(NULL, 0, LOOK_MS / 4);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
node_run(int argc, char **argv)
{
	struct launch l = {.command = NULL};
	struct err e = {.code = ERR_NONE};
	sigset_t set, before;
	struct rank r;
	pid_t command;
	int status;

	/* The gateway's password will be in this process: it goes into no core file. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1) {
		err_sys(&e, "not dumpable");
		return err_report(PROGRAM, &e);
	}
	if (read_words(argc, argv, &l, &e) == -1 || rank_join(&r, &l.gateway, &e) == -1)
		return err_report(PROGRAM, &e);
	block_signals(&set, &before);
	if (rank_env_set(&r, &e) == -1) {
		rank_leave(&r);
		return err_report(PROGRAM, &e);
	}
	if ((command = start_command(l.command, &before)) == -1) {
		err_sys(&e, "%s: start", l.command[0]);
		rank_leave(&r);
		return err_report(PROGRAM, &e);
	}
	status = watch(&r, command, &set);
	rank_leave(&r);
	return status;
}
