/* The first pass over a push: who there is, or what records show, into a context that nobody can change any more. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "pipeline_run.h"
#include "plan.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/rows.h"
#include "stager/unpack.h"
#include "stager/withdrawn.h"
#include "withdraw.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* since Linux 6.3; Debian 12's headers do not know it */
#endif

/* An empty file in memory, to be sealed once it is written. */
static int
make_sealable(const char *name, struct err *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd == -1)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd == -1 ? err_sys(e, "%s: memory", name) : fd;
}

static int
seal(int fd, const char *name, struct err *e)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == -1)
		return err_sys(e, "%s: seal", name);
	return 0;
}

/* Whether the table may be this file or stand in it: by names alone. */
static bool
may_hold(const struct plan_file *f, const char *from)
{
	size_t len;

	if (f->prefix == NULL && (len = unpack_name(f->name)) > 0) {
		char *inner = strndup(f->name, len);
		bool may = policy_glob(from, f->name) || inner == NULL || policy_glob(from, inner);

		free(inner);
		return may;
	}
	if (f->prefix == NULL)
		return policy_glob(from, f->name);
	len = strlen(f->prefix);
	return len == 0 || strpbrk(from, "*?") != NULL ||
	       (strncmp(from, f->prefix, len) == 0 && from[len] == '/');
}

static int
give_file(struct run *r, const struct plan *plan, size_t i, struct err *e)
{
	struct unit *u = &r->gathering;
	const struct plan_file *f = &plan->files[i];
	uint64_t size = f->size;
	int fd, plain = -1, rc = -1;
	struct json *j = NULL;

	u->source = f->number;
	if ((fd = plan_open(plan, i, e)) == -1)
		return -1;
	if (f->sealed && pipeline_unseal(r, u, f, fd, &plain, &size, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "name", f->prefix != NULL ? f->prefix : f->name);
	json_set_int(j, "number", (int64_t)f->number);
	json_set_int(j, "size", (int64_t)size);
	/* What was given out before may fill the socket. */
	if (pipeline_wait(r, u, u->scrub.control, POLLOUT, e) == -1)
		goto out;
	rc = wire_send(u->scrub.control,
	    f->prefix == NULL ? (f->sealed ? WIRE_PIPED_FILE : WIRE_FILE)
			      : (f->sealed ? WIRE_PIPED_ARCHIVE : WIRE_ARCHIVE),
	    j, f->sealed ? &plain : &fd, 1, e);
	io_close(&plain);
	/* One at a time: what is given out next waits for this one to be good to its end. */
	if (rc == 0 && f->sealed && (rc = pipeline_wait(r, u, u->open.control, POLLIN, e)) == 0)
		rc = pipeline_unsealed(u, e);
out:
	json_free(j);
	io_close(&plain);
	io_close(&fd);
	return rc;
}

/* The exclusion lists, and what we commit to of each: salted, so that nobody can tell from it who is on it. */
static int
give_exclusions(struct run *r, struct json *list, struct err *e)
{
	for (size_t i = 0; i < r->p->exclusion_count; i++) {
		const struct exclusion *x = &r->p->exclusions[i];
		struct json *j = json_object(), *ok = NULL, *one;
		char commitment[DIGEST_HEX_LEN + 1];
		uint8_t salt[DIGEST_LEN], digest[DIGEST_LEN];
		int64_t keys;
		int rc = -1;

		randombytes_buf(salt, sizeof(salt));
		json_set_hex(j, "salt", salt, sizeof(salt));
		if (wire_send(r->gathering.scrub.control, WIRE_EXCLUDE, j, &x->fd, 1, e) == 0 &&
		    pipeline_wait(r, &r->gathering, r->gathering.scrub.control, POLLIN, e) == 0 &&
		    (ok = wire_expect(r->gathering.scrub.control, WIRE_OK, NULL, 0, e)) != NULL &&
		    json_need_hex(ok, "commitment", digest, sizeof(digest), "stager-scrub", e) == 0)
			rc = json_need_int(ok, "keys", 0, JSON_INT_MAX, "stager-scrub", &keys, e);
		json_free(j);
		json_free(ok);
		if (rc == -1)
			return -1;
		hex_encode(digest, sizeof(digest), commitment);
		one = json_object();
		json_set_string(one, "commitment", commitment);
		json_set_int(one, "keys", keys);
		json_set_string(one, "name", x->name);
		json_set_hex(one, "salt", salt, sizeof(salt));
		json_push(list, one);
	}
	return 0;
}

/* Once, for all: no program can change what the next one gets. */
static int
make_marks(struct run *r, const struct buf *marks, struct err *e)
{
	static const char name[] = "stager-withdrawn";

	if (r->marks != -1)
		return 0;
	if ((r->marks = make_sealable(name, e)) == -1 ||
	    io_write(r->marks, marks->data, marks->len, name, e) == -1)
		return -1;
	return seal(r->marks, name, e);
}

int
pipeline_withdrawn(struct run *r, struct helper *scrub, struct err *e)
{
	const struct buf *marks = r->p->withdrawn;
	int key = -1, rc;
	struct json *j;

	if (marks == NULL || marks->len == 0)
		return 0;
	if (make_marks(r, marks, e) == -1 || withdraw_mark_key(r->p->house, &r->key_pseudonym, r->p->holder,
						 r->p->withdrawn_from, &key, e) == -1)
		return -1;
	j = json_object();
	json_set_int(j, "marks", (int64_t)(marks->len / WITHDRAWN_MARK_LEN));
	rc = wire_send(scrub->control, WIRE_WITHDRAWN, j, (const int[]){r->marks, key}, 2, e);
	json_free(j);
	io_close(&key);
	return rc;
}

/* Those who were withdrawn before, as if they stood on a list. */
static int
give_withdrawn(struct run *r, struct err *e)
{
	const struct buf *marks = r->p->withdrawn;

	if (pipeline_withdrawn(r, &r->gathering.scrub, e) == -1)
		return -1;
	if (marks != NULL && marks->len > 0)
		json_set_int(r->p->gathered, "withdrawn", (int64_t)(marks->len / WITHDRAWN_MARK_LEN));
	return 0;
}

/* Rows of the subject table that there are already; *out, the caller's: an empty file for those of this one. */
static int
give_rows(struct run *r, int *out, struct err *e)
{
	const struct buf *rows = r->p->rows;
	int fds[3] = {-1, -1, -1}, rc = -1;
	struct json *j;

	if ((fds[0] = withdraw_memory("stager-rows", e)) == -1 ||
	    (rows->len > 0 && io_write(fds[0], rows->data, rows->len, "rows", e) == -1) ||
	    house_subkey(&r->key_pseudonym, r->p->holder, r->p->dataset_id, "rows", 1, &fds[1], e) == -1 ||
	    (*out = fds[2] = withdraw_memory("stager-rows", e)) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "rows", (int64_t)(rows->len / ROW_LEN));
	rc = wire_send(r->gathering.scrub.control, WIRE_ROWS, j, fds, 3, e);
	json_free(j);
out:
	io_close(&fds[0]);
	io_close(&fds[1]);
	return rc;
}

static int
compare_rows(const void *a, const void *b)
{
	return memcmp(a, b, ROW_LEN);
}

/* Those of this table: in an order that says nothing of theirs. */
static int
read_rows(struct run *r, int fd, const struct json *got, struct err *e)
{
	uint8_t step[ROW_LEN * 1024];
	int64_t count;
	uint64_t at = 0;
	ssize_t n;

	if (json_need_int(got, "rows", 0, ROWS_MAX, "stager-scrub", &count, e) == -1)
		return -1;
	buf_clear(r->p->rows);
	while ((n = io_pread(fd, step, sizeof(step), at, "rows", e)) > 0) {
		if (buf_put(r->p->rows, step, (size_t)n, e) == -1)
			return -1;
		at += (uint64_t)n;
	}
	if (n == -1)
		return -1;
	if (at != (uint64_t)count * ROW_LEN)
		return err_set(e, ERR_INPUT, "stager-scrub: another number of rows than it says");
	if (count > 0)
		qsort(r->p->rows->data, (size_t)count, ROW_LEN, compare_rows);
	return 0;
}

/* The end of it: what the context is, by its digest. */
static int
take_gathered(struct run *r, int rows, struct err *e)
{
	struct json *j = json_object(), *got = NULL;
	const struct json *report;
	uint8_t digest[DIGEST_LEN];
	int64_t subjects, changed, missing;
	int rc = -1;

	if (wire_send(r->gathering.scrub.control, WIRE_END, j, NULL, 0, e) == -1 ||
	    pipeline_wait(r, &r->gathering, r->gathering.scrub.control, POLLIN, e) == -1 ||
	    (got = wire_expect(r->gathering.scrub.control, WIRE_GATHERED, NULL, 0, e)) == NULL ||
	    json_need_hex(got, "context", digest, sizeof(digest), "stager-scrub", e) == -1 ||
	    json_need_int(got, "subjects", 0, JSON_INT_MAX, "stager-scrub", &subjects, e) == -1 ||
	    json_need_int(got, "rows-changed", 0, JSON_INT_MAX, "stager-scrub", &changed, e) == -1 ||
	    json_need_int(got, "rows-missing", 0, JSON_INT_MAX, "stager-scrub", &missing, e) == -1 ||
	    (rows != -1 && read_rows(r, rows, got, e) == -1))
		goto out;
	r->p->rows_differ = changed > 0 || missing > 0;
	hex_encode(digest, sizeof(digest), r->context_digest);
	if (r->p->gathered == NULL && pipeline_records_take(got, &r->counted, e) == -1)
		goto out;
	if (r->p->gathered != NULL) {
		json_set_string(r->p->gathered, "context", r->context_digest);
		json_set_int(r->p->gathered, "subjects", subjects);
	}
	if ((report = json_need(got, "report", JSON_OBJECT, "stager-scrub", e)) == NULL ||
	    report_merge(r->p->report, report, e) == -1 || report_fields_known(report, r->p->policy, e) == -1)
		goto out;
	rc = helper_end(&r->gathering.scrub, e);
out:
	json_free(j);
	json_free(got);
	return rc;
}

int
pipeline_gather(struct run *r, struct err *e)
{
	static const char *const argv[] = {"stager-scrub", "gather", NULL};
	const char *from = pipeline_records_from(r->p->policy);
	const bool records = from != NULL;
	/* Records that are added to a version count among themselves: k of the old ones and k of the new ones are k of all. */
	const struct plan *plan = records || r->p->tables == NULL ? r->p->plan : r->p->tables;
	struct json *policy = NULL, *list = NULL;
	int subkey = -1, rows = -1, rc = -1;

	if ((!records &&
		(from = json_need_string(json_get(r->p->policy, "subject"), "from", "policy", e)) == NULL) ||
	    (r->context = make_sealable("stager-context", e)) == -1 || pipeline_subkey(r, &subkey, e) == -1)
		goto out;
	if (helper_start(&r->gathering.scrub, argv,
		(const struct spawn_fd[]){{.from = r->context, .to = 4}, {.from = subkey, .to = 5}}, 2,
		e) == -1)
		goto out;
	/* Of records nothing is known that the log would have to hold. */
	if (!records) {
		r->p->gathered = json_object();
		json_set(r->p->gathered, "exclusions", list = json_array());
	}
	policy = json_copy(r->p->policy);
	if (wire_send(r->gathering.scrub.control, WIRE_POLICY, policy, NULL, 0, e) == -1 ||
	    pipeline_meter(&r->gathering, e) == -1 ||
	    (!records && (give_exclusions(r, list, e) == -1 || give_withdrawn(r, e) == -1 ||
			     (r->p->rows != NULL && give_rows(r, &rows, e) == -1))))
		goto out;
	for (size_t i = 0; i < plan->count; i++)
		if (may_hold(&plan->files[i], from) && give_file(r, plan, i, e) == -1)
			goto out;
	if (take_gathered(r, rows, e) == -1 || helper_end(&r->gathering.open, e) == -1)
		goto out;
	rc = seal(r->context, "stager-context", e);
out:
	json_free(policy);
	io_close(&subkey);
	io_close(&rows);
	return rc;
}
