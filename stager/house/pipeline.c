/* The chain scrub > check > seal over all units of a push: several at once, their order, and whose fault it is. */
#include "pipeline_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan.h"
#include "stager/io.h"
#include "stager/json.h"

#define FAREWELL_MS 2000

int
pipeline_pipe(int fds[2], struct err *e)
{
	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_sys(e, "pipe");
	io_widen_pipe(fds[1]);
	return 0;
}

static int
subkey_of(struct run *r, const struct json *policy, int *reader, struct err *e)
{
	return house_policy_subkey(&r->key_pseudonym, policy, r->p->holder, reader, e);
}

int
pipeline_subkey(struct run *r, int *reader, struct err *e)
{
	return subkey_of(r, r->p->policy, reader, e);
}

int
pipeline_order_key(struct run *r, int *reader, struct err *e)
{
	struct json *policy = json_object(), *pseudonym = json_object();
	const struct json *key = json_get(json_get(r->p->policy, "pseudonym"), "key"),
			  *project = json_get(r->p->policy, "project");
	int rc;

	json_set(policy, "project", json_copy(project));
	json_set(policy, "pseudonym", pseudonym);
	json_set(pseudonym, "key", json_copy(key));
	json_set_string(pseudonym, "domain", "order of samples");
	rc = subkey_of(r, policy, reader, e);
	json_free(policy);
	return rc;
}

/* How far all units are: the position of a descriptor is shared with the scrub that reads it. */
static void
tell_progress(struct run *r)
{
	uint64_t done = r->read;
	off_t at;

	if (r->p->progress == NULL)
		return;
	for (size_t i = 0; i < r->unit_count; i++)
		if (r->units[i].file != -1 && (at = lseek(r->units[i].file, 0, SEEK_CUR)) > 0)
			done += (uint64_t)at;
	r->p->progress(r->p->ctx, done, r->p->plan->bytes);
}

/* What one sees of another's death, which is never the cause of a failure. */
static bool
only_saw_it(const struct err *e)
{
	return strstr(e->text, "Broken pipe") != NULL || strstr(e->text, "went away") != NULL ||
	       strcmp(e->text, "control socket: message cut short") == 0;
}

/* Wait for a child that is about to end by itself, but no longer than *left, then end it. own: what it said. */
static void
farewell(struct helper *x, int *left_ms, struct err *own)
{
	siginfo_t info;

	own->code = ERR_NONE;
	for (; x->child.pid != -1 && *left_ms > 0; *left_ms -= 10) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)x->child.pid, &info, WEXITED | WNOWAIT | WNOHANG) == -1 ||
		    info.si_pid != 0)
			break;
		(void)poll(NULL, 0, 10);
	}
	info.si_pid = 0;
	if (x->child.pid != -1 &&
	    waitid(P_PID, (id_t)x->child.pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid != 0)
		(void)!child_wait(&x->child, own);
	helper_kill(x);
}

/*
 * Something of a unit failed. When one of a chain dies its neighbours die of it too: the first in the data's order that
 * died of something else than a broken pipe is the cause. What we found wrong ourselves comes before: they then
 * die of our leaving them, whatever they say of it.
 */
static void
cause_in_unit(struct unit *u, struct err *e)
{
	struct helper *chain[] = {&u->open, &u->scrub, &u->check};
	int left_ms = FAREWELL_MS;
	struct err own;

	for (size_t i = 0; i < 3; i++)
		io_close(&chain[i]->control);
	for (size_t i = 0; i < 3; i++) {
		farewell(chain[i], &left_ms, &own);
		if (own.code == ERR_NONE || only_saw_it(&own) || !only_saw_it(e))
			continue;
		*e = own;
		if (chain[i] == &u->open)
			err_context(e, "source file %zu", u->source);
	}
}

/* The same of the whole push: of its units the first counts, then the seals, which come behind all of them. */
static void
find_cause(struct run *r, struct err *e)
{
	int left_ms = FAREWELL_MS;
	struct err own;

	if (only_saw_it(e))
		cause_in_unit(&r->gathering, e);
	for (size_t i = 0; i < r->unit_count && only_saw_it(e); i++) {
		if (r->units[i].failed)
			*e = r->units[i].err;
		else
			cause_in_unit(&r->units[i], e);
	}
	/* Their pipes are at their ends when no check is left. */
	while (r->unit_count > 0)
		unit_free(&r->units[--r->unit_count]);
	for (size_t i = 0; i < r->p->set_count; i++) {
		io_close(&r->sets[i].seal.control);
		farewell(&r->sets[i].seal, &left_ms, &own);
		if (own.code != ERR_NONE && !only_saw_it(&own) && only_saw_it(e))
			*e = own;
	}
}

/*
 * Unit i failed. The first unit's fault is the one that counts, however many are in the making: so it is told when those
 * before it are through, and what is behind it is given up at once. -1 where it is told now: it is the first, or nothing in
 * it is the cause.
 */
static int
unit_failed(struct run *r, size_t i, struct err *e)
{
	struct unit *u = &r->units[i];

	r->stopped = true;
	while (r->unit_count > i + 1)
		unit_free(&r->units[--r->unit_count]);
	cause_in_unit(u, e);
	u->failed = true;
	u->err = *e;
	return i == 0 || only_saw_it(e) ? -1 : 0;
}

static bool
in_the_making(const struct unit *u)
{
	return !u->failed && (u->scrubbed == NULL || u->checked == NULL);
}

/* Begin as many units as there may be at once. */
static int
begin_units(struct run *r, struct err *e)
{
	unsigned making = 0;

	for (size_t i = 0; i < r->unit_count; i++)
		making += in_the_making(&r->units[i]);
	while (!r->stopped && making < r->p->jobs && r->unit_count < 2 * r->p->jobs &&
	       r->next < r->p->plan->count && pipeline_seal_room(r)) {
		struct unit *u = &r->units[r->unit_count++];

		making++;
		if (unit_start(r, u, e) == -1 && unit_failed(r, r->unit_count - 1, e) == -1)
			return -1;
	}
	return 0;
}

/* Those that are through, and nothing is before them. */
static int
end_units(struct run *r, struct err *e)
{
	while (r->unit_count > 0 && !in_the_making(&r->units[0])) {
		struct unit *u = &r->units[0];

		if (u->failed) {
			*e = u->err;
			return -1;
		}
		if (unit_add(r, u, e) == -1)
			return -1;
		unit_free(u);
		memmove(u, u + 1, --r->unit_count * sizeof(*u));
	}
	return 0;
}

/* Of one unit, whatever became possible. */
static int
serve_unit(struct run *r, struct unit *u, const struct pollfd fds[static 3], struct err *e)
{
	if (fds[0].revents != 0 && pipeline_unsealed(u, e) == -1)
		return -1;
	if ((fds[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
		if (unit_scrubbed(u, e) == -1)
			return -1;
	} else if ((fds[2].revents & POLLOUT) != 0 && unit_feed(r, u, e) == -1) {
		return -1;
	}
	return fds[1].revents != 0 ? unit_checked(u, e) : 0;
}

/* One wait, and whatever became possible. */
static int
turn(struct run *r, struct err *e)
{
	struct pollfd fds[3 * PIPELINE_UNITS_MAX + MANIFEST_SETS_MAX], *seals = fds + 3 * r->unit_count;
	const size_t count = r->unit_count;

	for (size_t i = 0; i < count; i++) {
		const struct unit *u = &r->units[i];
		/* What is given out next waits for a sealed file to be good to its end. */
		const short room = u->end_sent || u->unsealing ? 0 : POLLOUT;

		/* A control socket that is closed is -1, and not looked at. */
		fds[3 * i] = (struct pollfd){.fd = u->open.control, .events = POLLIN};
		fds[3 * i + 1] = (struct pollfd){.fd = u->check.control, .events = POLLIN};
		fds[3 * i + 2] = (struct pollfd){.fd = u->scrub.control, .events = (short)(POLLIN | room)};
	}
	for (size_t i = 0; i < r->p->set_count; i++)
		seals[i] =
		    (struct pollfd){.fd = r->sets[i].done ? -1 : r->sets[i].seal.control, .events = POLLIN};
	if (poll(fds, 3 * count + r->p->set_count, 250) == -1)
		return errno == EINTR ? 0 : err_sys(e, "push: wait");
	tell_progress(r);
	if (pipeline_watch(r, &r->units[0], e) == -1)
		return r->unit_count > 0 ? unit_failed(r, 0, e) : -1;
	for (size_t i = 0; i < r->p->set_count; i++)
		if (seals[i].revents != 0 && pipeline_serve_seal(r, i, e) == -1)
			return -1;
	/* One that fails takes those behind it away. */
	for (size_t i = 0; i < count && i < r->unit_count; i++)
		if (serve_unit(r, &r->units[i], &fds[3 * i], e) == -1 && unit_failed(r, i, e) == -1)
			return -1;
	return 0;
}

/* All units, several at once, but added up one after the other; then the seals' end. */
static int
run_units(struct run *r, struct err *e)
{
	if ((json_get(r->p->policy, "subject") != NULL || pipeline_records_from(r->p->policy) != NULL) &&
	    pipeline_gather(r, e) == -1)
		return -1;
	for (;;) {
		if (end_units(r, e) == -1 || begin_units(r, e) == -1)
			return -1;
		if (r->unit_count > 0)
			unit_turn(&r->units[0]);
		/* Without any in the making there are more where the seals have yet to make room for them. */
		if (r->unit_count == 0 && (r->stopped || r->next == r->p->plan->count))
			break;
		if (turn(r, e) == -1)
			return -1;
	}
	if (pipeline_planted(r, e) == -1 || pipeline_records_same(r, e) == -1)
		return -1;
	if (r->p->dry)
		return 0;
	if (pipeline_seal_end(r, e) == -1)
		return -1;
	for (size_t i = 0; i < r->p->set_count; i++)
		while (!r->sets[i].done)
			if (turn(r, e) == -1)
				return -1;
	return 0;
}

int
pipeline_run(struct pipeline *p, struct err *e)
{
	struct run *r = calloc(1, sizeof(*r));
	int rc = -1;

	if (r == NULL)
		return err_set(e, ERR_SYSTEM, "push: out of memory");
	r->p = p;
	r->key_open = r->key_pseudonym = r->key_ingest = HELPER_NONE;
	r->number = p->numbered + 1;
	r->context = r->marks = -1;
	unit_init(&r->gathering);
	for (size_t i = 0; i < PIPELINE_UNITS_MAX; i++)
		unit_init(&r->units[i]);
	pipeline_seal_init(r);
	if (house_key_start(p->house, "pseudonym", false, &r->key_pseudonym, e) == -1 ||
	    pipeline_seal_start(r, e) == -1)
		goto out;
	if (run_units(r, e) == -1) {
		find_cause(r, e);
		goto out;
	}
	if (helper_end(&r->key_open, e) == -1 || helper_end(&r->key_pseudonym, e) == -1 ||
	    helper_end(&r->key_ingest, e) == -1)
		goto out;
	rc = 0;
out:
	io_close(&r->context);
	io_close(&r->marks);
	unit_free(&r->gathering);
	while (r->unit_count > 0)
		unit_free(&r->units[--r->unit_count]);
	helper_kill(&r->key_ingest);
	pipeline_seal_free(r);
	helper_kill(&r->key_open);
	helper_kill(&r->key_pseudonym);
	free(r);
	return rc;
}
