/* What this node gives: the confinement, locked memory, and what may see or keep our memory. */
#include "stager/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "stager/memory.h"
#include "stager/sandbox.h"

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

void
doctor_say(struct doctor *d, const char *name, bool least, bool has, const char *detail, ...)
{
	struct finding *f;
	va_list args;

	if (d->count >= DOCTOR_FINDINGS_MAX)
		return;
	f = &d->findings[d->count++];
	*f = (struct finding){.name = name, .has = has, .least = least};
	va_start(args, detail);
	(void)vsnprintf(f->detail, sizeof(f->detail), detail, args);
	va_end(args);
}

const struct finding *
doctor_finding(const struct doctor *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->findings[i].name, name) == 0)
			return &d->findings[i];
	return NULL;
}

const char *
doctor_bytes(uint64_t bytes, char out[static DOCTOR_BYTES_LEN])
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;

	for (; bytes >= UINT64_C(10) << 10 && unit < 4; unit++)
		bytes >>= 10;
	(void)snprintf(out, DOCTOR_BYTES_LEN, "%" PRIu64 " %s", bytes, units[unit]);
	return out;
}

/* What a child made of it: its exit status; 128 and the signal; -1. */
static int
in_a_child(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run());
	if (pid == -1)
		return -1;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define CONFINED 10 /* and no Landlock */
#define LANDLOCKED 11

static int
confine(void)
{
	const struct sandbox s = {.allow = SANDBOX_FOREIGN, .folder = -1};
	bool landlocked = false;

	return sandbox_enter(&s, &landlocked, NULL) == -1 ? 1 : landlocked ? LANDLOCKED : CONFINED;
}

static int
confine_and_connect(void)
{
	int rc = confine();

	return rc != CONFINED && rc != LANDLOCKED ? rc : socket(AF_INET, SOCK_STREAM, 0) == -1 ? 2 : 3;
}

static void
look_at_confinement(struct doctor *d)
{
	int entered = in_a_child(confine), connected = in_a_child(confine_and_connect);
	long abi = syscall(444, NULL, (size_t)0, 1u); /* landlock_create_ruleset: its version */

	doctor_say(d, "seccomp", true, connected == 128 + SIGSYS,
	    connected == 128 + SIGSYS ? "the filter holds: a socket after it ends the program"
				      : "the system call filter cannot be had");
	if (entered == LANDLOCKED)
		doctor_say(d, "landlock", false, true, "ABI %ld", abi);
	else
		doctor_say(d, "landlock", false, false,
		    "this kernel has none, or keeps it from us: all may read what their user may, and fetch "
		    "write it; seccomp forbids that to the others");
}

static uint64_t wanted_lock;

static int
lock_memory(void)
{
	void *p = mmap(NULL, wanted_lock, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED || mlock(p, wanted_lock) == -1 ? 1 : 0;
}

/* By doubling, then by halves of what is left: to 1/16 of what there is. */
static uint64_t
lockable(uint64_t most)
{
	uint64_t good = 0, step = 4096;

	for (; step <= most; step *= 2) {
		wanted_lock = step;
		if (in_a_child(lock_memory) != 0)
			break;
		good = step;
	}
	for (step = good / 2; step >= 4096 && step >= good / 16 && good + step <= most; step /= 2) {
		wanted_lock = (good + step) & ~UINT64_C(4095);
		if (in_a_child(lock_memory) == 0)
			good = wanted_lock;
	}
	return good;
}

static void
look_at_memory(struct doctor *d)
{
	char locked[DOCTOR_BYTES_LEN], limit_text[DOCTOR_BYTES_LEN] = "no limit", ram[DOCTOR_BYTES_LEN];
	struct rlimit limit = {0, 0};
	long fd;

	d->ram = memory_available();
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		(void)doctor_bytes(limit.rlim_cur, limit_text);
	/* Never so much that the node runs out of it. */
	d->lockable = lockable(d->ram / 4 < DOCTOR_LOCK_MAX ? d->ram / 4 : DOCTOR_LOCK_MAX);
	doctor_say(d, "locked", false, d->lockable > 0, "%s can be locked now (limit: %s)",
	    doctor_bytes(d->lockable, locked), limit_text);
	if ((fd = syscall(SYS_memfd_secret, O_CLOEXEC)) != -1)
		(void)close((int)fd);
	doctor_say(d, "memfd-secret", false, fd != -1, "%s",
	    fd != -1 ? "memory that the kernel itself cannot read" : strerror(errno));
	doctor_say(d, "ram", false, d->ram > 0, "%s free for this process", doctor_bytes(d->ram, ram));
}

void
doctor_look(struct doctor *d)
{
	struct utsname host;
	int processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
	bool dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;

	memset(d, 0, sizeof(*d));
	if (uname(&host) == 0)
		doctor_say(d, "kernel", false, true, "%.40s %.60s %.20s, %d processors", host.sysname,
		    host.release, host.machine, processors);
	look_at_confinement(d);
	look_at_memory(d);
	doctor_say(d, "not-dumpable", true, !dumpable, "%s",
	    dumpable ? "this process can be dumped" : "no dump of this process's memory, and none by ptrace");
	doctor_look_around(d);
}

/* "64M": bytes. */
static int
read_size(const char *text, uint64_t *out)
{
	char *end;
	unsigned shift;

	errno = 0;
	*out = strtoull(text, &end, 10);
	shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
	if (shift > 0)
		end++;
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || *out > UINT64_MAX >> shift)
		return -1;
	*out <<= shift;
	return 0;
}

/* One demand: 1 met, 0 not, -1 none that there is. */
static int
check_one(const struct doctor *d, char *demand)
{
	char *value = strchr(demand, '=');
	const struct finding *f;
	uint64_t size = 0;

	if (value != NULL)
		*value++ = '\0';
	if ((f = doctor_finding(d, demand)) == NULL)
		return -1;
	if (value == NULL)
		return f->has ? 1 : 0;
	if (read_size(value, &size) == -1)
		return -1;
	if (strcmp(demand, "locked") == 0)
		return d->lockable >= size ? 1 : 0;
	return strcmp(demand, "ram") == 0 ? d->ram >= size : -1;
}

/* As much of it as there is room for. */
static void
add_word(char *list, size_t size, const char *word)
{
	size_t used = strlen(list);

	(void)snprintf(list + used, size - used, "%s%s", used > 0 ? "," : "", word);
}

int
doctor_check(
    const struct doctor *d, const char *demands, char *missing, size_t size, bool *met, struct err *e)
{
	char words[512], one[512], *word, *rest = words;
	int got;

	*met = true;
	missing[0] = '\0';
	for (size_t i = 0; i < d->count; i++) {
		if (!d->findings[i].least || d->findings[i].has)
			continue;
		*met = false;
		add_word(missing, size, d->findings[i].name);
	}
	if ((size_t)snprintf(words, sizeof(words), "%s", demands) >= sizeof(words))
		return err_set(e, ERR_USAGE, "--policy-minimum: too long");
	while ((word = strsep(&rest, ",")) != NULL) {
		if (*word == '\0')
			continue;
		(void)snprintf(one, sizeof(one), "%s", word);
		if ((got = check_one(d, one)) == -1)
			return err_set(
			    e, ERR_USAGE, "--policy-minimum: %s: no such demand (see --help)", word);
		if (got == 1)
			continue;
		*met = false;
		add_word(missing, size, word);
	}
	return 0;
}
