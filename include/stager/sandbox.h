/*
 * Confinement: the first thing a program does, and the last before it reads its input.
 * stager/proc/sandbox*.c.
 *
 * sandbox_first is the first statement of every main: no dump, no core, LC_CTYPE C.UTF-8, TZ UTC0, umask 077,
 * no signal blocked, SIGPIPE ignored, SIGCHLD not, and something (/dev/null) open as descriptors 0 to 2.
 * Then the program takes its descriptors and loads what needs the file system. Then sandbox_enter: rlimits,
 * no_new_privs, Landlock (nothing, or one folder), seccomp (kill on socket, exec, ptrace, mount and all else
 * that is not listed; EACCES on open). It fails closed: a program that cannot have its stated minimum exits.
 */
#ifndef STAGER_SANDBOX_H
#define STAGER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

enum sandbox_allow {
	SANDBOX_PASS_FD = 1, /* recvmsg and sendmsg on sockets it was given */
	SANDBOX_SECRETS = 2, /* getrandom, mlock, munlock, madvise: struct secret */
	SANDBOX_THREADS = 4,
	SANDBOX_FOLDER_WRITE =
	    8, /* open, make, rename, unlink and sync below `folder` alone (needs Landlock) */
	SANDBOX_FOLDER_READ = 16, /* openat read-only; below `folder` alone where Landlock is */
	SANDBOX_FOREIGN = 32,     /* on a foreign node: without Landlock go on; *landlocked says so */
	SANDBOX_SYNC = 64,        /* fsync of descriptors it was given */
	SANDBOX_WAIT = 128,       /* wait4, kill: for children started before */
	SANDBOX_CLOCK = 256,      /* clock_gettime where it is no vDSO call */
	SANDBOX_RANDOM = 1024,    /* getrandom alone */
	SANDBOX_SERVE = 2048,     /* accept4, shutdown, SO_LINGER: of a listening socket made before */
	SANDBOX_OUTPUT = 4096, /* make, rename, unlink and sync below `outputs`, beside what `folder` may */
	SANDBOX_NETWORK =
	    512, /* sockets to elsewhere (internet and netlink, nothing listens), names looked up; openat
				   * read-only, of `readable` alone where Landlock is */
};

struct sandbox {
	unsigned allow;     /* of enum sandbox_allow */
	int folder;         /* descriptor, for SANDBOX_FOLDER_*; else -1 */
	const int *outputs; /* for SANDBOX_OUTPUT: folders, as descriptors that are used from then on */
	size_t output_count;
	const int
	    *readable; /* for SANDBOX_NETWORK: folders and files that may be read, as descriptors (O_PATH) */
	size_t readable_count;
	uint64_t memory;    /* RLIMIT_AS in bytes; 0: 1 GiB. Not set in sanitizer builds */
	uint64_t file_size; /* RLIMIT_FSIZE; 0: unlimited */
};

void sandbox_first(void);
/* Of a program that people do not start: where argv[1] is "--help", says so on standard output and exits with 0. */
void sandbox_help(int argc, char *const *argv, const char *program);
/* ERR_SYSTEM where the minimum cannot be had: the caller reports and exits. landlocked may be NULL. */
int sandbox_enter(const struct sandbox *s, bool *landlocked, struct err *e) MUST_CHECK;
/*
 * The proof from inside: where argv[1] is "--prove", try argv[2] ("open", "create", "socket", "exec",
 * "ptrace", "mount", "fork", "limit", "raise", "read") after confinement, print what happened and exit. Call it straight after
 * sandbox_enter. Else it returns.
 */
void sandbox_prove(int argc, char *const *argv);

#endif
