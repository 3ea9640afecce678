/* The chain scrub > check > seal over all units of a push: starting, feeding, and serving them. */
#include "pipeline_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "plan.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/report.h"

/* A unit is one scrub process's work: so many files or bytes, or one archive. One hostile file must not see
 * the next unit. */
#define UNIT_FILES 2048
#define UNIT_BYTES (UINT64_C(64) << 20)
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

/* Of the context, which the unit has open, its digest; the first one compares, for nothing can be changed in it after that. */
static int
send_context(struct run *r, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set_string(j, "context", r->context_digest);
	json_set(j, "verify", json_bool(r->next == 0));
	rc = wire_send(r->scrub.control, WIRE_CONTEXT, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* A new scrub and a new check for the next unit, joined by a pipe. */
static int
unit_start(struct run *r, struct err *e)
{
	static const char *const scrub_argv[] = {"stager-scrub", "unit", NULL},
				 *const linked_argv[] = {"stager-scrub", "unit", "context", NULL},
				 *const check_argv[] = {"stager-check", NULL},
				 *const knowing_argv[] = {"stager-check", "context", NULL};
	const struct plan *plan = r->p->plan;
	struct spawn_fd check_fds[2 + MANIFEST_SETS_MAX];
	size_t count = 0;
	int fds[2] = {-1, -1}, subkey = -1, rc = -1;
	struct json *policy = NULL;
	uint64_t bytes = 0;

	r->unit_end = r->next;
	r->unit_number = r->number;
	while (r->unit_end < plan->count && r->unit_end - r->next < UNIT_FILES && bytes < UNIT_BYTES &&
	       (r->unit_end == r->next || plan->files[r->unit_end].prefix == NULL)) {
		bytes += plan->files[r->unit_end].size;
		if (plan->files[r->unit_end++].prefix != NULL)
			break;
	}
	if (pipeline_pipe(fds, e) == -1 || pipeline_subkey(r, &subkey, e) == -1)
		goto out;
	check_fds[count++] = (struct spawn_fd){.from = fds[0], .to = 4};
	for (size_t i = 0; i < r->p->set_count; i++)
		check_fds[count++] = (struct spawn_fd){.from = r->sets[i].entries, .to = 5 + (int)i};
	/* Behind as many as there can be. */
	if (r->context != -1)
		check_fds[count++] = (struct spawn_fd){.from = r->context, .to = 5 + ENTRY_SETS_MAX};
	if (helper_start(&r->check, r->context == -1 ? check_argv : knowing_argv, check_fds, count, e) ==
		-1 ||
	    helper_start(&r->scrub, r->context == -1 ? scrub_argv : linked_argv,
		(const struct spawn_fd[]){
		    {.from = fds[1], .to = 4}, {.from = subkey, .to = 5}, {.from = r->context, .to = 6}},
		r->context == -1 ? 2 : 3, e) == -1)
		goto out;
	policy = json_copy(r->p->policy);
	if (wire_send(r->scrub.control, WIRE_POLICY, policy, NULL, 0, e) == -1 ||
	    (r->context != -1 && send_context(r, e) == -1) || pipeline_plant(r, e) == -1)
		goto out;
	r->scrub_done = r->check_done = false;
	rc = 0;
out:
	json_free(policy);
	io_close(&fds[0]);
	io_close(&fds[1]);
	io_close(&subkey);
	return rc;
}

/* Give scrub its next file, or the end. Called when its control socket has room. */
static int
unit_feed(struct run *r, struct err *e)
{
	const struct plan_file *f;
	uint64_t size;
	struct json *j;
	int fd, plain = -1, rc;

	/* The file before is behind us: all but its last piece was read. */
	if (r->file != -1) {
		r->read += r->p->plan->files[r->next - 1].size;
		io_close(&r->file);
	}
	if (r->next == r->unit_end) {
		j = json_object();
		rc = wire_send(r->scrub.control, WIRE_END, j, NULL, 0, e);
		json_free(j);
		r->end_sent = true;
		return rc;
	}
	f = &r->p->plan->files[r->next];
	if ((fd = plan_open(r->p->plan, r->next, e)) == -1)
		return -1;
	r->file = fd;
	r->next++;
	size = f->size;
	if (f->sealed && pipeline_unseal(r, f, fd, &plain, &size, e) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "name", f->prefix != NULL ? f->prefix : f->name);
	json_set_int(j, "number", (int64_t)r->number++);
	json_set_int(j, "size", (int64_t)size);
	rc = wire_send(r->scrub.control,
	    f->prefix == NULL ? (f->sealed ? WIRE_PIPED_FILE : WIRE_FILE)
			      : (f->sealed ? WIRE_PIPED_ARCHIVE : WIRE_ARCHIVE),
	    j, f->sealed ? &plain : &fd, 1, e);
	json_free(j);
	io_close(&plain);
	return rc;
}

static int64_t
count_of(const struct json *section, const char *key)
{
	const struct json *n = json_get(section, key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

/* Of what check let through, the part of each set. */
static int
take_sets(struct run *r, const struct json *sets, int64_t entries, struct err *e)
{
	int64_t n, bytes;

	if (sets == NULL || sets->type != JSON_ARRAY || sets->count != r->p->set_count)
		return err_set(e, ERR_INPUT, "stager-check: tells of other sets than there are");
	for (size_t i = 0; i < sets->count; i++) {
		if (json_need_int(sets->items[i], "entries", 0, entries, "stager-check", &n, e) == -1 ||
		    json_need_int(sets->items[i], "bytes", 0, JSON_INT_MAX, "stager-check", &bytes, e) == -1)
			return -1;
		entries -= n;
		r->sets[i].total_entries += (uint64_t)n;
		if (r->p->dry) {
			r->p->sets[i].members += (uint64_t)n;
			r->p->sets[i].bytes += (uint64_t)bytes;
		}
	}
	return entries == 0 ? 0
			    : err_set(e, ERR_INPUT, "stager-check: counts otherwise in all than in each set");
}

/* DONE from scrub or check: the counts, and the report added to the whole. */
static int
take_done(struct run *r, struct helper *x, uint64_t *entries, uint64_t *files, struct err *e)
{
	struct json *j = wire_expect(x->control, WIRE_DONE, NULL, 0, e);
	const struct json *report, *sealed, *canaries;
	int64_t n, m = 0;
	int rc = -1;

	if (j == NULL)
		return -1;
	if ((report = json_need(j, "report", JSON_OBJECT, x->child.name, e)) == NULL ||
	    json_need_int(j, "entries", 0, JSON_INT_MAX, x->child.name, &n, e) == -1 ||
	    json_need_int(j, "files", 0, JSON_INT_MAX, x->child.name, &m, e) == -1 ||
	    (sealed = json_need(report, "sealed", JSON_OBJECT, x->child.name, e)) == NULL ||
	    (canaries = json_need(report, "canaries", JSON_OBJECT, x->child.name, e)) == NULL)
		goto out;
	if (sealed->count > 0 || count_of(canaries, "planted") != 0 ||
	    (x == &r->scrub && count_of(canaries, "checked") != 0)) {
		err_set(e, ERR_INPUT, "%s: reports what it cannot know", x->child.name);
		goto out;
	}
	if ((x == &r->check && take_sets(r, json_get(j, "sets"), n, e) == -1) ||
	    report_merge(r->p->report, report, e) == -1)
		goto out;
	*entries = (uint64_t)n;
	*files = (uint64_t)m;
	rc = helper_end(x, e);
out:
	json_free(j);
	return rc;
}

/* Scrub is done: check is told how many entries it must have seen. */
static int
check_end(struct run *r, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set_int(j, "entries", (int64_t)r->scrub_entries);
	rc = wire_send(r->check.control, WIRE_END, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* How far scrub is in its file: the descriptor's position is shared with it. */
static void
tell_progress(struct run *r)
{
	off_t at = r->file == -1 ? 0 : lseek(r->file, 0, SEEK_CUR);

	if (r->p->progress != NULL)
		r->p->progress(r->p->ctx, r->read + (at > 0 ? (uint64_t)at : 0), r->p->plan->bytes);
}

/* One wait, and whatever became possible. */
static int
turn(struct run *r, struct err *e)
{
	/* What is given out next waits for a sealed file to be good to its end. */
	const short room = r->end_sent || r->unsealing ? 0 : POLLOUT;
	struct pollfd fds[3 + MANIFEST_SETS_MAX] = {{.fd = r->open.control, .events = POLLIN},
	    {.fd = r->check_done ? -1 : r->check.control, .events = POLLIN},
	    {.fd = r->scrub_done ? -1 : r->scrub.control, .events = (short)(POLLIN | room)}};
	uint64_t entries, files;

	for (size_t i = 0; i < r->p->set_count; i++)
		fds[3 + i] =
		    (struct pollfd){.fd = r->sets[i].done ? -1 : r->sets[i].seal.control, .events = POLLIN};
	if (poll(fds, 3 + r->p->set_count, 250) == -1)
		return errno == EINTR ? 0 : err_sys(e, "push: wait");
	tell_progress(r);
	for (size_t i = 0; i < r->p->set_count; i++)
		if (fds[3 + i].revents != 0 && pipeline_serve_seal(r, i, e) == -1)
			return -1;
	if (fds[0].revents != 0 && pipeline_unsealed(r, e) == -1)
		return -1;
	if ((fds[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
		if (take_done(r, &r->scrub, &r->scrub_entries, &files, e) == -1)
			return -1;
		if (helper_end(&r->open, e) == -1)
			return -1;
		if (!r->end_sent)
			return err_set(e, ERR_INPUT, "stager-scrub: done before it had all");
		r->scrub_done = true;
		if (check_end(r, e) == -1)
			return -1;
		/* An archive counts as the files in it, of which there may be more than one, or none. */
		r->number = r->unit_number + files;
	} else if ((fds[2].revents & POLLOUT) != 0 && unit_feed(r, e) == -1) {
		return -1;
	}
	if (fds[1].revents != 0) {
		if (take_done(r, &r->check, &entries, &files, e) == -1)
			return -1;
		r->check_done = true;
	}
	return 0;
}

/* All units, one after the other, then the seals' end. */
static int
run_units(struct run *r, struct err *e)
{
	if (json_get(r->p->policy, "subject") != NULL && pipeline_gather(r, e) == -1)
		return -1;
	while (r->next < r->p->plan->count) {
		r->end_sent = false;
		if (unit_start(r, e) == -1)
			return -1;
		while (!r->scrub_done || !r->check_done)
			if (turn(r, e) == -1)
				return -1;
	}
	if (pipeline_planted(r, e) == -1)
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

/* Wait a little for a child that is about to end by itself, then end it. */
static void
farewell(struct helper *x, struct err *e)
{
	siginfo_t info;

	for (int ms = 0; x->child.pid != -1 && ms < FAREWELL_MS; ms += 10) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)x->child.pid, &info, WEXITED | WNOWAIT | WNOHANG) == -1 ||
		    info.si_pid != 0)
			break;
		(void)poll(NULL, 0, 10);
	}
	e->code = ERR_NONE;
	info.si_pid = 0;
	if (x->child.pid != -1 &&
	    waitid(P_PID, (id_t)x->child.pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid != 0)
		(void)!child_wait(&x->child, e);
	helper_kill(x);
}

/* What one sees of another's death, which is never the cause of a failure. */
static bool
only_saw_it(const struct err *e)
{
	return strstr(e->text, "Broken pipe") != NULL || strstr(e->text, "went away") != NULL ||
	       strcmp(e->text, "control socket: message cut short") == 0;
}

/*
 * Something failed. When one of a chain dies its neighbours die of it too: the first in the data's order that
 * died of something else than a broken pipe is the cause. What we found wrong ourselves comes before: they then
 * die of our leaving them, whatever they say of it.
 */
static void
find_cause(struct run *r, struct err *e)
{
	struct helper *chain[3 + MANIFEST_SETS_MAX] = {&r->open, &r->scrub, &r->check};
	const size_t count = 3 + r->p->set_count;
	bool found = !only_saw_it(e);
	struct err own[3 + MANIFEST_SETS_MAX];

	for (size_t i = 0; i < r->p->set_count; i++) {
		chain[3 + i] = &r->sets[i].seal;
		io_close(&r->sets[i].entries);
	}
	for (size_t i = 0; i < count; i++)
		io_close(&chain[i]->control);
	for (size_t i = 0; i < count; i++) {
		farewell(chain[i], &own[i]);
		if (!found && own[i].code != ERR_NONE && !only_saw_it(&own[i])) {
			*e = own[i];
			found = true;
			if (chain[i] == &r->open)
				err_context(e, "source file %zu",
				    r->gathering   ? r->gather_file
				    : r->next == 0 ? 0
						   : r->p->plan->files[r->next - 1].number);
		}
	}
}

int
pipeline_run(struct pipeline *p, struct err *e)
{
	struct run r = {.p = p,
	    .scrub = HELPER_NONE,
	    .check = HELPER_NONE,
	    .key_open = HELPER_NONE,
	    .key_pseudonym = HELPER_NONE,
	    .open = HELPER_NONE,
	    .key_ingest = HELPER_NONE,
	    .number = p->numbered + 1,
	    .scrub_done = true,
	    .check_done = true,
	    .context = -1,
	    .file = -1};
	int rc = -1;

	pipeline_seal_init(&r);
	if (house_key_start(p->house, "pseudonym", false, &r.key_pseudonym, e) == -1 ||
	    pipeline_seal_start(&r, e) == -1)
		goto out;
	if (run_units(&r, e) == -1) {
		find_cause(&r, e);
		goto out;
	}
	if (helper_end(&r.key_open, e) == -1 || helper_end(&r.key_pseudonym, e) == -1 ||
	    helper_end(&r.key_ingest, e) == -1)
		goto out;
	rc = 0;
out:
	io_close(&r.context);
	io_close(&r.file);
	helper_kill(&r.open);
	helper_kill(&r.key_ingest);
	helper_kill(&r.scrub);
	helper_kill(&r.check);
	pipeline_seal_free(&r);
	helper_kill(&r.key_open);
	helper_kill(&r.key_pseudonym);
	return rc;
}
