/* Confinement: no dump, no core, limits, Landlock, then the system call filter. It fails closed. */
#include "stager/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "seccomp.h"

/*
 * Landlock as of its ABI 6 (linux/landlock.h, kernel 6.12); Debian 12's headers know less. The kernel takes
 * shorter structs too: each ABI's length is asked for below.
 */
struct landlock_rules {
	uint64_t handled_fs;
	uint64_t handled_net; /* since ABI 4 */
	uint64_t scoped;      /* since ABI 6 */
};
struct landlock_folder {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION 1u /* LANDLOCK_CREATE_RULESET_VERSION */
#define LANDLOCK_PATH_BENEATH 1

#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_DIR (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_DIR (UINT64_C(1) << 7)
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define FS_REFER (UINT64_C(1) << 13)    /* since ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14) /* since ABI 3 */

#ifdef STAGER_SANITIZED
/* Leak checking attaches with ptrace to a program that is not dumpable; the unit tests look for leaks. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

void
sandbox_first(void)
{
	const struct rlimit none = {0, 0};
	sigset_t no_signals;
	int fd;

	/* Before anything secret can be in memory. On failure sandbox_enter finds out. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	/* What whoever started us left behind: children that reap themselves, signals that never come. */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&no_signals);
	(void)sigprocmask(SIG_SETMASK, &no_signals, NULL);
	/* Nothing that we open may become standard input, output or error. */
	while ((fd = open("/dev/null", O_RDWR | O_NOCTTY)) >= 0 && fd <= 2)
		continue;
	if (fd > 2)
		(void)close(fd);
	/* What libarchive and libc would otherwise open later, when nothing can be opened any more. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	(void)setenv("TZ", "UTC0", 1);
	tzset();
}

void
sandbox_help(int argc, char *const *argv, const char *program)
{
	if (argc < 2 || strcmp(argv[1], "--help") != 0)
		return;
	(void)printf("%s is started by other programs of Stager, never by hand: see `stager --help` and "
		     "`stager-node --help`.\n",
	    program);
	exit(fflush(stdout) == EOF ? 1 : 0);
}

/* That everything below this folder, or this file, may be read. */
static int
landlock_readable(int rules_fd, int fd, struct err *e)
{
	struct landlock_folder rule = {.parent_fd = fd, .allowed = FS_READ_FILE};
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(e, "sandbox: Landlock");
	if (S_ISDIR(st.st_mode))
		rule.allowed |= FS_READ_DIR;
	if (syscall(LANDLOCK_ADD, rules_fd, LANDLOCK_PATH_BENEATH, &rule, 0u) == -1)
		return err_sys(e, "sandbox: Landlock file");
	return 0;
}

/* Nothing may be opened but below the folder. 0; 1 where the kernel has no Landlock; -1. */
static int
landlock_enter(const struct sandbox *s, struct err *e)
{
	static const size_t size_of_abi[] = {0, 8, 8, 8, 16, 16, 24};
	struct landlock_rules rules = {.handled_fs = 0};
	struct landlock_folder folder = {.parent_fd = s->folder};
	long abi = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_VERSION);
	int fd = -1, rc = -1;

	if (abi < 1)
		return 1;
	if (abi > 6)
		abi = 6;
	rules.handled_fs = (UINT64_C(1) << (abi == 1 ? 13 : abi == 2 ? 14 : abi < 5 ? 15 : 16)) - 1;
	rules.handled_net = abi >= 4 ? 3 : 0; /* bind and connect of TCP */
	rules.scoped = abi >= 6 ? 3 : 0;      /* abstract unix sockets and signals to others */
	if ((s->allow & SANDBOX_NETWORK) != 0)
		rules.handled_net &= 1; /* connect is what it is for */
	if ((s->allow & SANDBOX_WAIT) != 0)
		rules.scoped &= ~UINT64_C(2);
	fd = (int)syscall(LANDLOCK_CREATE, &rules, size_of_abi[abi], 0u);
	if (fd == -1)
		return err_sys(e, "sandbox: Landlock");
	if ((s->allow & (SANDBOX_FOLDER_WRITE | SANDBOX_FOLDER_READ)) != 0) {
		folder.allowed = FS_READ_FILE | FS_READ_DIR;
		if ((s->allow & SANDBOX_FOLDER_WRITE) != 0)
			folder.allowed |= FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR |
					  FS_MAKE_REG | FS_REFER | FS_TRUNCATE;
		folder.allowed &= rules.handled_fs;
		if (syscall(LANDLOCK_ADD, fd, LANDLOCK_PATH_BENEATH, &folder, 0u) == -1) {
			err_sys(e, "sandbox: Landlock folder");
			goto out;
		}
	}
	for (size_t i = 0; (s->allow & SANDBOX_OUTPUT) != 0 && i < s->output_count; i++) {
		folder.parent_fd = s->outputs[i];
		folder.allowed =
		    rules.handled_fs & (FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_FILE |
					   FS_MAKE_DIR | FS_MAKE_REG | FS_REFER | FS_TRUNCATE);
		if (syscall(LANDLOCK_ADD, fd, LANDLOCK_PATH_BENEATH, &folder, 0u) == -1) {
			err_sys(e, "sandbox: Landlock folder");
			goto out;
		}
	}
	for (size_t i = 0; (s->allow & SANDBOX_NETWORK) != 0 && i < s->readable_count; i++)
		if (landlock_readable(fd, s->readable[i], e) == -1)
			goto out;
	if (syscall(LANDLOCK_RESTRICT, fd, 0u) == -1) {
		err_sys(e, "sandbox: Landlock");
		goto out;
	}
	rc = 0;
out:
	(void)close(fd);
	return rc;
}

static int
limit(int which, rlim_t value, const char *name, struct err *e)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)which, &now) == -1)
		return err_sys(e, "sandbox: limit %s", name);
	if (now.rlim_max != RLIM_INFINITY && value > now.rlim_max)
		value = now.rlim_max;
	now.rlim_cur = now.rlim_max = value;
	if (setrlimit((__rlimit_resource_t)which, &now) == -1)
		return err_sys(e, "sandbox: limit %s", name);
	return 0;
}

int
sandbox_enter(const struct sandbox *s, bool *landlocked, struct err *e)
{
	int rc;

	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_set(e, ERR_SYSTEM, "sandbox: memory may be dumped");
	if (limit(RLIMIT_CORE, 0, "core", e) == -1)
		return -1;
#ifndef STAGER_SANITIZED
	if (limit(RLIMIT_AS, s->memory != 0 ? s->memory : UINT64_C(1) << 30, "memory", e) == -1)
		return -1;
	if ((s->allow & SANDBOX_THREADS) == 0 && limit(RLIMIT_NPROC, 0, "processes", e) == -1)
		return -1;
	/* Threads would each map 64 MiB of their own at the first malloc, and meet the limit on memory. */
	if ((s->allow & SANDBOX_THREADS) != 0)
		(void)mallopt(M_ARENA_MAX, 1);
#endif
	if (s->file_size != 0 && limit(RLIMIT_FSIZE, s->file_size, "file size", e) == -1)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_sys(e, "sandbox: no new privileges");
#ifdef STAGER_SANITIZED
	rc = 0; /* AddressSanitizer opens /proc when it reports */
	(void)landlock_enter;
#else
	if ((rc = landlock_enter(s, e)) == -1)
		return -1;
	if (rc == 1 && (s->allow & SANDBOX_FOREIGN) == 0)
		return err_set(
		    e, ERR_SYSTEM, "sandbox: this kernel has no Landlock, and the house demands it");
#endif
	if (landlocked != NULL)
		*landlocked = rc == 0;
	return seccomp_install(s, e);
}

/* What sandbox_prove tries; each returns what the call returned. */
static long
prove_try(const char *what)
{
	static char program[] = "/bin/true";
	char *const argv[] = {program, NULL};
	struct rlimit now = {0, 0};
	char byte;

	if (strcmp(what, "open") == 0)
		return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	if (strcmp(what, "create") == 0)
		return open("/tmp/stager-prove", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (strcmp(what, "socket") == 0)
		return socket(AF_INET, SOCK_STREAM, 0);
	if (strcmp(what, "udp") == 0)
		return socket(AF_INET, SOCK_DGRAM, 0);
	if (strcmp(what, "unix") == 0)
		return socket(AF_UNIX, SOCK_STREAM, 0);
	if (strcmp(what, "exec") == 0)
		return execv(program, argv);
	if (strcmp(what, "ptrace") == 0)
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	if (strcmp(what, "mount") == 0)
		return mount("none", "/mnt", "tmpfs", 0, NULL);
	if (strcmp(what, "fork") == 0)
		return fork();
	if (strcmp(what, "executable") == 0)
		return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0) == MAP_FAILED
			   ? -1
			   : 0;
	/* prlimit reaches into other processes of the same user: the supervisor, say. */
	if (strcmp(what, "limit") == 0)
		return prlimit(1, RLIMIT_CORE, NULL, &now);
	if (strcmp(what, "raise") == 0)
		return setrlimit(RLIMIT_CORE, &now);
	/* The control: something that is allowed, so that a filter which kills all shows. */
	if (strcmp(what, "read") == 0)
		return read(0, &byte, 1) >= 0 ? 0 : -1;
	return -2;
}

void
sandbox_prove(int argc, char *const *argv)
{
	char line[128];
	long result;
	int len;

	if (argc < 3 || strcmp(argv[argc - 2], "--prove") != 0)
		return;
	result = prove_try(argv[argc - 1]);
	len = result == -2 ? snprintf(line, sizeof(line), "%s: unknown\n", argv[argc - 1])
	      : result == -1
		  ? snprintf(line, sizeof(line), "%s: refused: %s\n", argv[argc - 1], strerrorname_np(errno))
		  : snprintf(line, sizeof(line), "%s: ALLOWED\n", argv[argc - 1]);
	if (len > 0)
		(void)!write(1, line, (size_t)len);
	_exit(result >= 0 ? 1 : 0);
}
