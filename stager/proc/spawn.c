/* Start a program by fork and exec with exactly the descriptors it needs, and collect what became of it. */
#include "stager/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stager/buf.h"
#include "stager/io.h"

#define SPAWN_FDS_MAX 16
#define SPAWN_HIGH \
	64 /* descriptors are moved up here first, so that one target never closes another's source */
#define COMPLAINT_MAX 65536

/* The folder of the running program: its fellows stand there, in the build folder as well as when installed.
 */
static int
spawn_path(const char *name, char *path, size_t size, struct err *e)
{
	char self[3072], *slash;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len == -1)
		return err_sys(e, "%s: find own program", name);
	self[len] = '\0';
	if ((slash = strrchr(self, '/')) == NULL)
		return err_set(e, ERR_SYSTEM, "%s: find own program", name);
	*slash = '\0';
	if ((size_t)snprintf(path, size, "%s/%s", self, name) >= size)
		return err_set(e, ERR_LIMIT, "%s: path too long", name);
	return 0;
}

/* In the child, between fork and exec: only async-signal-safe calls. Never returns. */
static void
spawn_child(const char *path, const char *const argv[], const char *const environment[], const int *high,
    const struct spawn_fd *fds, size_t count, int null, int complaint, pid_t parent)
{
	int top = 2;

	/* Die with the supervisor; where it died already the signal will not come. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	if (dup2(null, 0) == -1 || dup2(null, 1) == -1 || dup2(complaint, 2) == -1)
		_exit(1);
	for (size_t i = 0; i < count; i++) {
		if (dup2(high[i], fds[i].to) == -1)
			_exit(1);
		if (fds[i].to > top)
			top = fds[i].to;
	}
	for (int fd = 3; fd <= top; fd++) {
		bool wanted = false;

		for (size_t i = 0; i < count; i++)
			wanted = wanted || fds[i].to == fd;
		if (!wanted)
			(void)close(fd);
	}
	if (syscall(SYS_close_range, (unsigned)top + 1, ~0u, 0) == -1)
		_exit(1);
	execve(path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
	(void)!write(2, "cannot be started\n", 18);
	_exit(1);
}

/* Start the program at path. */
static int
spawn_path_with(struct child *c, const char *path, const char *const argv[], const char *const environment[],
    const struct spawn_fd *fds, size_t count, struct err *e)
{
	int high[SPAWN_FDS_MAX], pipe_fds[2] = {-1, -1}, null = -1, rc = -1;
	pid_t parent = getpid(), pid;
	size_t made = 0;

	*c = CHILD_NONE;
	(void)snprintf(c->name, sizeof(c->name), "%s", argv[0]);
	if (count > SPAWN_FDS_MAX)
		return err_set(e, ERR_LIMIT, "%s: too many descriptors", argv[0]);
	for (; made < count; made++) {
		if ((high[made] = fcntl(fds[made].from, F_DUPFD_CLOEXEC, SPAWN_HIGH)) == -1) {
			err_sys(e, "%s: descriptor", argv[0]);
			goto out;
		}
	}
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1 || pipe2(pipe_fds, O_CLOEXEC) == -1) {
		err_sys(e, "%s: start", argv[0]);
		goto out;
	}
	if ((pid = fork()) == -1) {
		err_sys(e, "%s: fork", argv[0]);
		goto out;
	}
	if (pid == 0)
		spawn_child(path, argv, environment, high, fds, count, null, pipe_fds[1], parent);
	c->pid = pid;
	c->complaint = pipe_fds[0];
	pipe_fds[0] = -1;
	rc = 0;
out:
	for (size_t i = 0; i < made; i++)
		(void)close(high[i]);
	io_close(&null);
	io_close(&pipe_fds[0]);
	io_close(&pipe_fds[1]);
	return rc;
}

static const char *const environment_own[] = {"LC_ALL=C.UTF-8", "TZ=UTC0", NULL};

int
spawn(struct child *c, const char *const argv[], const struct spawn_fd *fds, size_t count, struct err *e)
{
	char path[4096];

	*c = CHILD_NONE;
	if (spawn_path(argv[0], path, sizeof(path), e) == -1)
		return -1;
	return spawn_path_with(c, path, argv, environment_own, fds, count, e);
}

/* Whether a variable ("NAME=value") is one of those. */
static bool
variable_wanted(const char *variable, const char *const names[])
{
	for (size_t i = 0; names[i] != NULL; i++) {
		size_t len = strlen(names[i]);

		if (names[i][len - 1] == '*' ? strncmp(variable, names[i], len - 1) == 0
					     : strncmp(variable, names[i], len) == 0 && variable[len] == '=')
			return true;
	}
	return false;
}

int
spawn_outward(struct child *c, const char *const argv[], const struct spawn_fd *fds, size_t count,
    const char *const names[], bool or_self, struct err *e)
{
	const char **environment;
	size_t variables = 0, at = 0;
	char path[4096];
	int rc;

	*c = CHILD_NONE;
	if (spawn_path(argv[0], path, sizeof(path), e) == -1)
		return -1;
	if (or_self && access(path, X_OK) == -1 && errno == ENOENT)
		(void)snprintf(path, sizeof(path), "/proc/self/exe");
	while (environ[variables] != NULL)
		variables++;
	if ((environment = calloc(variables + 3, sizeof(*environment))) == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", argv[0]);
	for (size_t i = 0; environment_own[i] != NULL; i++)
		environment[at++] = environment_own[i];
	for (size_t i = 0; i < variables; i++)
		if (variable_wanted(environ[i], names))
			environment[at++] = environ[i];
	rc = spawn_path_with(c, path, argv, environment, fds, count, e);
	free(environment);
	return rc;
}

int
spawn_instead(char *const argv[], struct err *e)
{
	char path[4096];

	if (spawn_path(argv[0], path, sizeof(path), e) == -1)
		return -1;
	(void)execv(path, argv);
	return err_sys(e, "%s: start", argv[0]);
}

int
spawn_command(struct child *c, const char *command, int *to_child, int *from_child, struct err *e)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, rc = -1;
	pid_t parent = getpid(), pid;

	*c = CHILD_NONE;
	(void)snprintf(c->name, sizeof(c->name), "the house's command");
	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		err_sys(e, "%s: start", c->name);
		goto out;
	}
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent)
			_exit(1);
		if (dup2(in[0], 0) == -1 || dup2(out[1], 1) == -1)
			_exit(1);
		(void)signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	c->pid = pid;
	*to_child = in[1];
	*from_child = out[0];
	in[1] = out[0] = -1;
	rc = 0;
out:
	for (int i = 0; i < 2; i++) {
		io_close(&in[i]);
		io_close(&out[i]);
	}
	return rc;
}

/* The last line of what it wrote on stderr, without the program's name before it; "" for nothing. */
static const char *
last_line(struct buf *b, const char *name)
{
	size_t name_len = strlen(name);
	const char *text, *line;

	while (b->len > 0 && (b->data[b->len - 1] == '\n' || b->data[b->len - 1] == '\0'))
		b->len--;
	if ((text = buf_cstr(b, NULL)) == NULL)
		return "";
	line = strrchr(text, '\n');
	line = line == NULL ? text : line + 1;
	if (strncmp(line, name, name_len) == 0 && strncmp(line + name_len, ": ", 2) == 0)
		line += name_len + 2;
	return line;
}

int
child_wait(struct child *c, struct err *e)
{
	struct buf complaint;
	const char *line;
	int status, rc = -1;

	if (c->pid == -1)
		return 0;
	buf_init(&complaint, COMPLAINT_MAX);
	if (c->complaint != -1)
		(void)!io_read_all(c->complaint, &complaint, c->name, NULL);
	io_close(&c->complaint);
	while (waitpid(c->pid, &status, 0) == -1) {
		if (errno != EINTR) {
			err_sys(e, "%s: wait", c->name);
			goto out;
		}
	}
	c->pid = -1;
#ifdef STAGER_SANITIZED
	/* A sanitizer's report is many lines: all of it is wanted. */
	if (status != 0 && complaint.len > 0)
		(void)!write(2, complaint.data, complaint.len);
#endif
	line = last_line(&complaint, c->name);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		err_set(e, ERR_SYSTEM, "%s: killed by its sandbox", c->name);
	else if (WIFSIGNALED(status))
		err_set(e, ERR_SYSTEM, "%s: killed by signal %d (%s)%s%s", c->name, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), *line != '\0' ? ": " : "", line);
	else if (WEXITSTATUS(status) != 0)
		err_set(e, err_from_exit_status(WEXITSTATUS(status)), "%s: %s", c->name,
		    *line != '\0' ? line : "failed without a word");
	else
		rc = 0;
out:
	buf_free(&complaint);
	return rc;
}

void
child_kill(struct child *c)
{
	if (c->pid != -1) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	c->pid = -1;
	io_close(&c->complaint);
}
