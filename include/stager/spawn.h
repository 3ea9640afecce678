/* Start a program by fork and exec with exactly the descriptors it needs, and collect what became of it. */
#ifndef STAGER_SPAWN_H
#define STAGER_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stager/err.h"

struct child {
	pid_t pid;     /* -1: none */
	int complaint; /* our end of its stderr; -1 where it inherited ours */
	char name[32];
};

/* In the child, `from` becomes `to` (3, 4, ...). */
struct spawn_fd {
	int from, to;
};

#define CHILD_NONE ((struct child){.pid = -1, .complaint = -1})

/*
 * Start one of our own programs, from the folder that this program stands in. argv[0] is the program's name
 * ("stager-scrub"). fds: what it gets, beside 0 and 1 (/dev/null) and 2 (a pipe to us); everything else is
 * closed. The environment is empty but for LC_ALL and TZ. It dies when we die (PR_SET_PDEATHSIG).
 */
int spawn(struct child *c, const char *const argv[], const struct spawn_fd *fds, size_t count,
    struct err *e) MUST_CHECK;
/*
 * The same for a program that goes to the network: it also gets those of our environment's variables that names lists
 * ("AWS_*": all that begin so; NULL ends it). or_self: where no such program stands in our folder, our own is started
 * under its name: one file can be several programs (stager-node, built alone).
 */
int spawn_outward(struct child *c, const char *const argv[], const struct spawn_fd *fds, size_t count,
    const char *const names[], bool or_self, struct err *e) MUST_CHECK;
/* Start any program by PATH with a pipe on its stdin and stdout, stderr and environment ours: --house
 * 'COMMAND', by sh -c. */
int spawn_command(
    struct child *c, const char *command, int *to_child, int *from_child, struct err *e) MUST_CHECK;
/* Become one of our own programs, from the folder that this program stands in, with all descriptors and the whole
 * environment. argv[0] is its name. Returns only where it fails. */
int spawn_instead(char *const argv[], struct err *e) MUST_CHECK;
/*
 * Wait for it. 0 where it exited with 0. Else -1: the code is from its exit status, the text what it wrote on
 * stderr (its last line), or the signal's name ("killed by its sandbox" for SIGSYS). Takes a child that is
 * none.
 */
int child_wait(struct child *c, struct err *e) MUST_CHECK;
/* SIGKILL and reap; for the way out of a failure. */
void child_kill(struct child *c);

#endif
