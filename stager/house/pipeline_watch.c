/* Whether a push still moves: the unit whose turn it is, or the first pass, and the seals. A program that hangs ends it. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "stager/clock.h"
#include "stager/io.h"
#include "stager/json.h"

#define LOOK_MS 250
#define COMPUTES 3 /* times as much processor time as a program may stand still: sorting, counting */

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* since Linux 6.3; Debian 12's headers do not know it */
#endif

/* Descriptors whose positions scrub sets, and nothing else of which it can change. */
static int
meter_new(struct err *e)
{
	int fd = memfd_create("stager-meter", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd == -1)
		fd = memfd_create("stager-meter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return err_sys(e, "meter: memory");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == -1) {
		err_sys(e, "meter: seal");
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
pipeline_meter(struct unit *u, struct err *e)
{
	struct json *j;
	int rc;

	if ((u->meter[0] = meter_new(e)) == -1 || (u->meter[1] = meter_new(e)) == -1)
		return -1;
	j = json_object();
	rc = wire_send(u->scrub.control, WIRE_METER, j, u->meter, 2, e);
	json_free(j);
	return rc;
}

static uint64_t
position(int fd)
{
	off_t at = fd == -1 ? 0 : lseek(fd, 0, SEEK_CUR);

	return at > 0 ? (uint64_t)at : 0;
}

static uint64_t
size_of(const struct writing *w)
{
	struct stat st;

	return w->open && w->body != -1 && fstat(w->body, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* A number that changes whenever something was moved: FNV over all that is known to. */
static uint64_t
moved(const struct run *r, const struct unit *u)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	uint64_t all[8 + MANIFEST_SETS_MAX * (SHARD_LANES + 4)];
	size_t n = 0;

	all[n++] = r->read + u->first; /* which unit it is */
	all[n++] = u->next;
	all[n++] = (uint64_t)u->end_sent | (uint64_t)(u->scrubbed != NULL) << 1 |
		   (uint64_t)(u->checked != NULL) << 2 | (uint64_t)u->unsealing << 3;
	all[n++] = position(u->file);
	all[n++] = position(u->meter[0]);
	all[n++] = position(u->meter[1]);
	for (size_t i = 0; i < r->p->set_count && !r->p->dry; i++) {
		const struct sealing *s = &r->sets[i];

		all[n++] = s->opened;
		all[n++] = s->streams;
		all[n++] = r->p->sets[i].shards;
		all[n++] = size_of(&s->index);
		for (size_t k = 0; k < SHARD_LANES; k++)
			all[n++] = size_of(&s->shards[k]);
	}
	for (size_t i = 0; i < n; i++)
		sum = (sum ^ all[i]) * UINT64_C(1099511628211) + (all[i] >> 32);
	return sum;
}

/* Milliseconds of processor that a child has used; 0 where that cannot be known. */
static int64_t
used_ms(const struct helper *x)
{
	struct timespec t;
	clockid_t clock;

	if (x->child.pid == -1 || clock_getcpuclockid(x->child.pid, &clock) != 0 ||
	    clock_gettime(clock, &t) == -1)
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Was it stopped, by a signal or a debugger? */
static bool
is_stopped(const struct helper *x)
{
	char path[64], text[512];
	const char *end;
	ssize_t n = 0;
	int fd;

	if (x->child.pid == -1)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)x->child.pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* The name, which stands in brackets, may hold anything. */
	end = strrchr(text, ')');
	return end != NULL && end[1] == ' ' && tolower((unsigned char)end[2]) == 't';
}

/* All that may be what hangs, in the data's order. */
static size_t
chain_of(const struct run *r, const struct unit *u, const struct helper *chain[static WATCHED_MAX])
{
	size_t n = 0;

	chain[n++] = &u->open;
	chain[n++] = &u->scrub;
	chain[n++] = &u->check;
	for (size_t i = 0; i < r->p->set_count; i++)
		chain[n++] = &r->sets[i].seal;
	return n;
}

/* The one that hangs: one that was stopped; else the one that computes most; else it is not known, and it is the first. */
static int
tell(struct run *r, const struct unit *u, const struct helper *const *chain, size_t count, int64_t stood_ms,
    struct err *e)
{
	const struct helper *who = NULL;
	uint64_t number = position(u->meter[1]);
	const char *does = "stands still";
	int64_t most = LOOK_MS;
	char where[48];

	for (size_t i = 0; i < count; i++)
		if (who == NULL && is_stopped(chain[i])) {
			who = chain[i];
			does = "was stopped";
		}
	for (size_t i = 0; i < count && (who == NULL || strcmp(does, "computes") == 0); i++) {
		int64_t used = used_ms(chain[i]) - r->watch.used_ms[i];

		if (used > most) {
			most = used;
			who = chain[i];
			does = "computes";
		}
	}
	for (size_t i = 0; i < count && who == NULL; i++)
		if (chain[i]->child.pid != -1)
			who = chain[i];
	if (number > 0)
		(void)snprintf(where, sizeof(where), "at file %llu", (unsigned long long)number);
	else
		(void)snprintf(where, sizeof(where), "before file %llu",
		    (unsigned long long)(r->p->numbered + u->first + 1));
	return err_set(e, ERR_SYSTEM,
	    "%s: hangs: it %s, and nothing has moved for %lld s; %s, %s (see --stall)",
	    who == NULL ? "push" : who->child.name, does, (long long)(stood_ms / 1000),
	    u == &r->gathering ? "first pass" : "scrubbing", where);
}

int
pipeline_watch(struct run *r, struct unit *u, struct err *e)
{
	const struct helper *chain[WATCHED_MAX];
	const int64_t now = clock_now_ms(), stall_ms = (int64_t)r->p->stall * 1000;
	struct watch *w = &r->watch;
	const size_t count = chain_of(r, u, chain);
	int64_t used = 0;
	uint64_t sum;

	if (stall_ms == 0 || (w->looked_ms != 0 && now - w->looked_ms < LOOK_MS))
		return 0;
	sum = moved(r, u);
	/* Whoever did not look for long, because it was itself stopped, or asleep with the machine, knows nothing. */
	if (w->looked_ms == 0 || sum != w->sum || now - w->looked_ms > stall_ms / 2 + 10 * LOOK_MS) {
		w->sum = sum;
		w->since_ms = now;
		for (size_t i = 0; i < count; i++)
			w->used_ms[i] = used_ms(chain[i]);
	}
	w->looked_ms = now;
	if (now - w->since_ms < stall_ms)
		return 0;
	for (size_t i = 0; i < count; i++) {
		int64_t more = used_ms(chain[i]) - w->used_ms[i];

		used += more > 0 ? more : 0; /* of one that ended nothing is known any more */
	}
	/* What computes, be it a little beside others' work, may be sorting: it has so much processor time, not so much time. */
	if (used > (now - w->since_ms) / 100 && used < COMPUTES * stall_ms)
		return 0;
	return tell(r, u, chain, count, now - w->since_ms, e);
}

int
pipeline_wait(struct run *r, struct unit *u, int fd, short events, struct err *e)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	while ((n = poll(&p, 1, LOOK_MS)) < 1) {
		if (n == -1 && errno != EINTR)
			return err_sys(e, "push: wait");
		if (pipeline_watch(r, u, e) == -1)
			return -1;
	}
	return 0;
}
