/* What a compute node gives: tried where it can be tried, read where it cannot. stager/node/doctor*.c. It runs before
 * any confinement, in a program that has no key. */
#ifndef STAGER_DOCTOR_H
#define STAGER_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct finding {
	const char *name; /* a word, for --policy-minimum and --json */
	bool has;
	bool least; /* stager-node cannot do without it */
	char detail[160];
};

#define DOCTOR_FINDINGS_MAX 24
struct doctor {
	struct finding findings[DOCTOR_FINDINGS_MAX];
	size_t count;
	uint64_t lockable; /* bytes that could be locked just now, up to DOCTOR_LOCK_MAX */
	uint64_t ram;      /* bytes that are free for this process: of the machine, and of its cgroup */
};
#define DOCTOR_LOCK_MAX (UINT64_C(256) << 20)

/* All findings but those that need the network. Starts children; never fails: what cannot be found out is not had. */
void doctor_look(struct doctor *d);
/* One more finding; detail as in printf. */
void doctor_say(struct doctor *d, const char *name, bool least, bool has, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));
/* NULL where there is none of that name. */
const struct finding *doctor_finding(const struct doctor *d, const char *name);
/*
 * Does the node give all that is demanded? demands: names of findings, and "locked=64M" or "ram=8G" (K, M, G: 1024s),
 * commas between; "" is nothing. What is not met goes to missing, a list with commas. ERR_USAGE for a name that is none.
 */
int doctor_check(const struct doctor *d, const char *demands, char *missing, size_t size, bool *met,
    struct err *e) MUST_CHECK;

#endif
