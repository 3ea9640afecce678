/* One unit of a push: its scrub and its check, started, fed, heard to their end, and added up. */
#include <fcntl.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "plan.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/report.h"

/* A unit is one scrub process's work: so many files or bytes, or one archive. One hostile file must not see
 * the next unit. */
#define UNIT_FILES 2048
#define UNIT_BYTES (UINT64_C(64) << 20)

void
unit_init(struct unit *u)
{
	*u = (struct unit){.scrub = HELPER_NONE,
	    .check = HELPER_NONE,
	    .open = HELPER_NONE,
	    .file = -1,
	    .turn = -1,
	    .meter = {-1, -1}};
}

void
unit_free(struct unit *u)
{
	io_close(&u->file);
	io_close(&u->turn);
	io_close(&u->meter[0]);
	io_close(&u->meter[1]);
	helper_kill(&u->open);
	helper_kill(&u->scrub);
	helper_kill(&u->check);
	json_free(u->scrubbed);
	json_free(u->checked);
	unit_init(u);
}

/* The files from r->next on that are its own. */
static void
choose_files(struct run *r, struct unit *u)
{
	const struct plan *plan = r->p->plan;
	uint64_t bytes = 0;

	u->first = u->next = u->end = r->next;
	while (u->end < plan->count && u->end - u->next < UNIT_FILES && bytes < UNIT_BYTES &&
	       (u->end == u->next || plan->files[u->end].prefix == NULL)) {
		bytes += plan->files[u->end].size;
		if (plan->files[u->end++].prefix != NULL)
			break;
	}
	r->next = u->end;
}

/* Of the context, which the unit has open, its digest; the first one compares, for nothing can be changed in it after that. */
static int
send_context(struct run *r, struct unit *u, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set_string(j, "context", r->context_digest);
	json_set(j, "verify", json_bool(u->first == 0));
	rc = wire_send(u->scrub.control, WIRE_CONTEXT, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* Check, and scrub behind a pipe before it. */
static int
start_programs(struct run *r, struct unit *u, struct err *e)
{
	static const char *const scrub_argv[] = {"stager-scrub", "unit", NULL},
				 *const linked_argv[] = {"stager-scrub", "unit", "context", NULL},
				 *const check_argv[] = {"stager-check", NULL},
				 *const knowing_argv[] = {"stager-check", "context", NULL};
	struct spawn_fd check_fds[2 + MANIFEST_SETS_MAX];
	int fds[2] = {-1, -1}, out[MANIFEST_SETS_MAX], subkey = -1, rc = -1;
	/* Of records there is nothing to be known to check. */
	const bool linked = r->context != -1, knowing = linked && pipeline_records_from(r->p->policy) == NULL;
	size_t count = 0, made = 0;

	if (pipeline_pipe(fds, e) == -1 || pipeline_subkey(r, &subkey, e) == -1)
		goto out;
	check_fds[count++] = (struct spawn_fd){.from = fds[0], .to = 4};
	for (; made < r->p->set_count; made++) {
		if (pipeline_seal_unit(r, made, &out[made], e) == -1)
			goto out;
		check_fds[count++] = (struct spawn_fd){.from = out[made], .to = 5 + (int)made};
	}
	/* Behind as many as there can be. */
	if (knowing)
		check_fds[count++] = (struct spawn_fd){.from = r->context, .to = 5 + ENTRY_SETS_MAX};
	if (helper_start(&u->check, knowing ? knowing_argv : check_argv, check_fds, count, e) == 0)
		rc = helper_start(&u->scrub, linked ? linked_argv : scrub_argv,
		    (const struct spawn_fd[]){
			{.from = fds[1], .to = 4}, {.from = subkey, .to = 5}, {.from = r->context, .to = 6}},
		    linked ? 3 : 2, e);
out:
	while (made > 0)
		io_close(&out[--made]);
	io_close(&fds[0]);
	io_close(&fds[1]);
	io_close(&subkey);
	return rc;
}

/* Others are before it: until they are through its scrub begins nothing that is large. */
static int
send_turn(struct run *r, struct unit *u, struct err *e)
{
	struct json *j = json_object();
	int fds[2], rc = -1;

	if (pipe2(fds, O_CLOEXEC) == -1) {
		err_sys(e, "pipe");
		goto out;
	}
	u->turn = fds[1];
	json_set_int(j, "memory", (int64_t)pipeline_file_max(r->p));
	rc = wire_send(u->scrub.control, WIRE_TURN, j, &fds[0], 1, e);
	(void)close(fds[0]);
out:
	json_free(j);
	return rc;
}

void
unit_turn(struct unit *u)
{
	io_close(&u->turn);
}

int
unit_start(struct run *r, struct unit *u, struct err *e)
{
	struct json *policy;
	int rc;

	unit_init(u);
	choose_files(r, u);
	if (start_programs(r, u, e) == -1)
		return -1;
	helper_patience(&u->scrub, r->p->stall);
	helper_patience(&u->check, r->p->stall);
	policy = json_copy(r->p->policy);
	rc = wire_send(u->scrub.control, WIRE_POLICY, policy, NULL, 0, e);
	json_free(policy);
	if (rc == -1 ||
	    (r->context != -1 &&
		(send_context(r, u, e) == -1 || pipeline_withdrawn(r, &u->scrub, e) == -1)) ||
	    pipeline_meter(u, e) == -1 || (u != &r->units[0] && send_turn(r, u, e) == -1))
		return -1;
	return pipeline_plant(r, u, e);
}

/*
 * A file is sent with the number that it has if no archive is before it. Reports count the files inside archives too: unit_add
 * makes their numbers of these, once it is known how many came before.
 */
static uint64_t
place_of(const struct run *r, size_t file)
{
	return r->p->numbered + file + 1;
}

int
unit_feed(struct run *r, struct unit *u, struct err *e)
{
	const struct plan_file *f;
	uint64_t size;
	struct json *j;
	int fd, plain = -1, rc;

	/* The file before is behind us: all but its last piece was read. */
	if (u->file != -1) {
		r->read += r->p->plan->files[u->next - 1].size;
		io_close(&u->file);
	}
	if (u->next == u->end) {
		j = json_object();
		rc = wire_send(u->scrub.control, WIRE_END, j, NULL, 0, e);
		json_free(j);
		u->end_sent = true;
		return rc;
	}
	f = &r->p->plan->files[u->next];
	if ((fd = plan_open(r->p->plan, u->next, e)) == -1)
		return -1;
	u->file = fd;
	u->source = f->number;
	u->next++;
	size = f->size;
	if (f->sealed && pipeline_unseal(r, u, f, fd, &plain, &size, e) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "name", f->prefix != NULL ? f->prefix : f->name);
	json_set_int(j, "number", (int64_t)place_of(r, u->next - 1));
	json_set_int(j, "size", (int64_t)size);
	rc = wire_send(u->scrub.control,
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

/* DONE from scrub or check, and that program's good end. NULL with e set; the caller frees it. */
static struct json *
take_done(struct helper *x, bool scrub, struct err *e)
{
	struct json *j = wire_expect(x->control, WIRE_DONE, NULL, 0, e);
	const struct json *report, *sealed, *canaries;
	int64_t n;

	if (j == NULL)
		return NULL;
	if ((report = json_need(j, "report", JSON_OBJECT, x->child.name, e)) == NULL ||
	    json_need_int(j, "entries", 0, JSON_INT_MAX, x->child.name, &n, e) == -1 ||
	    json_need_int(j, "files", 0, JSON_INT_MAX, x->child.name, &n, e) == -1 ||
	    (sealed = json_need(report, "sealed", JSON_OBJECT, x->child.name, e)) == NULL ||
	    (canaries = json_need(report, "canaries", JSON_OBJECT, x->child.name, e)) == NULL)
		goto fail;
	if (sealed->count > 0 || count_of(canaries, "planted") != 0 ||
	    (scrub && count_of(canaries, "checked") != 0)) {
		err_set(e, ERR_INPUT, "%s: reports what it cannot know", x->child.name);
		goto fail;
	}
	if (helper_end(x, e) == 0)
		return j;
fail:
	json_free(j);
	return NULL;
}

int
unit_scrubbed(struct unit *u, struct err *e)
{
	struct json *j;
	int rc;

	if ((u->scrubbed = take_done(&u->scrub, true, e)) == NULL || helper_end(&u->open, e) == -1)
		return -1;
	if (!u->end_sent)
		return err_set(e, ERR_INPUT, "stager-scrub: done before it had all");
	/* Check is told how many entries it must have seen. */
	j = json_object();
	json_set_int(j, "entries", count_of(u->scrubbed, "entries"));
	rc = wire_send(u->check.control, WIRE_END, j, NULL, 0, e);
	json_free(j);
	return rc;
}

int
unit_checked(struct unit *u, struct err *e)
{
	return (u->checked = take_done(&u->check, false, e)) == NULL ? -1 : 0;
}

/* Of what check let through, the part of each set. */
static int
add_sets(struct run *r, const struct json *checked, struct err *e)
{
	const struct json *sets = json_get(checked, "sets");
	int64_t n, bytes, entries = count_of(checked, "entries");

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

/* The report in what a program of the unit said, its files by their numbers in the whole. */
static int
add_report(struct run *r, const struct unit *u, struct json *done, struct err *e)
{
	/* take_done has seen that it is there, and it is our own tree. */
	struct json *report = json_copy(json_get(done, "report"));
	const uint64_t place = place_of(r, u->first);
	int rc = 0;

	if (place != r->number)
		rc = report_renumber(report, place, (int64_t)r->number - (int64_t)place, e);
	if (rc == 0)
		rc = report_merge(r->p->report, report, e);
	/* Of a form that could be added; but does the policy have them? */
	if (rc == 0)
		rc = report_fields_known(report, r->p->policy, e);
	json_free(report);
	return rc;
}

/* What the supervisor itself knows of sealed sources. */
static int
add_sealed(struct run *r, const struct unit *u, struct err *e)
{
	struct report *report;
	struct json *delta;
	int rc;

	if (u->proven + u->unproven == 0)
		return 0;
	report = report_new();
	if (u->proven > 0)
		report_add(report, "sealed", "order-proven", u->proven);
	if (u->unproven > 0)
		report_add(report, "sealed", "order-not-proven", u->unproven);
	delta = report_json(report);
	rc = report_merge(r->p->report, delta, e);
	json_free(delta);
	report_free(report);
	return rc;
}

int
unit_add(struct run *r, struct unit *u, struct err *e)
{
	if ((pipeline_records_from(r->p->policy) != NULL &&
		pipeline_records_take(u->scrubbed, &r->scrubbed, e) == -1) ||
	    add_report(r, u, u->scrubbed, e) == -1 || add_sealed(r, u, e) == -1 ||
	    add_sets(r, u->checked, e) == -1 || add_report(r, u, u->checked, e) == -1)
		return -1;
	/* An archive counts as the files in it, of which there may be more than one, or none. */
	r->number += (uint64_t)count_of(u->scrubbed, "files");
	return 0;
}
