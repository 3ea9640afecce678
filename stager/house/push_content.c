/*
 * What the sources say, whatever their times and inodes are: a keyed digest of each file, made by a confined program beside the
 * push that reads them anyway; so that files that were only copied or touched give back the version that there is.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "append.h"
#include "origin.h"
#include "plan.h"
#include "push.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

/* The program that has the key of this dataset's digests; it stays until the push ends. */
static int
start(struct push_job *job, struct err *e)
{
	return job->content_helper.control != -1
		   ? 0
		   : origin_helper(job->h, job->holder, job->dataset_id, &job->content_helper, e);
}

/* One file, behind what stands there: its name and the keyed digest of what it holds. prefix: as in the plan. */
static int
add(struct push_job *job, int fd, uint64_t size, enum pushed_kind kind, const char *name, const char *path,
    const char *prefix, uint8_t chain[static DIGEST_LEN], struct err *e)
{
	struct helper *open = &job->content_helper;
	uint8_t mac[DIGEST_LEN], name_mac[DIGEST_LEN];
	struct json *j = json_object(), *got = NULL;
	int rc = -1;

	json_set_int(j, "kind", kind);
	json_set_string(j, "name", name);
	json_set_int(j, "size", (int64_t)size);
	if (wire_send(open->control, WIRE_CONTENT, j, &fd, 1, e) == -1 ||
	    (got = wire_expect(open->control, WIRE_OK, NULL, 0, e)) == NULL)
		(void)helper_failed(open, e);
	else if (json_need_hex(got, "mac", mac, sizeof(mac), "stager-open", e) == 0 &&
		 json_need_hex(got, "name", name_mac, sizeof(name_mac), "stager-open", e) == 0 &&
		 buf_put(&job->pushed.files, name_mac, PUSHED_PART_LEN, e) == 0 &&
		 buf_put(&job->pushed.files, mac, PUSHED_PART_LEN, e) == 0) {
		digest_prefixed((const struct digest_part[]){{chain, DIGEST_LEN}, {path, strlen(path)},
				    {prefix, prefix == NULL ? 0 : strlen(prefix)}, {mac, sizeof(mac)}},
		    4, chain);
		rc = 0;
	}
	json_free(j);
	json_free(got);
	return rc;
}

/* All of them, in the plan's order, and the exclusion lists: their descriptors' positions are left where they are. */
static int
digest_all(struct push_job *job, struct err *e)
{
	uint8_t chain[DIGEST_LEN] = {0};
	struct stat st;

	buf_clear(&job->pushed.files);
	for (size_t i = 0; i < job->plan->count && !job->content_stop; i++) {
		const struct plan_file *f = &job->plan->files[i];
		int fd = plan_open(job->plan, i, e), rc;

		if (fd == -1)
			return -1;
		rc = add(job, fd, f->size,
		    f->prefix == NULL      ? PUSHED_FILE
		    : f->prefix[0] != '\0' ? PUSHED_ARCHIVE
					   : PUSHED_WHOLE_ARCHIVE,
		    f->name, f->path, f->prefix, chain, e);
		io_close(&fd);
		if (rc == -1)
			return err_context(e, "source file %zu", f->number);
	}
	for (size_t i = 0; i < job->exclusion_count && !job->content_stop; i++) {
		const struct exclusion *x = &job->exclusions[i];

		if (fstat(x->fd, &st) == -1)
			return err_sys(e, "exclusion list %s: stat", x->name);
		if (add(job, x->fd, (uint64_t)st.st_size, PUSHED_EXCLUSIONS, x->name, x->name, NULL, chain,
			e) == -1)
			return err_context(e, "exclusion list %s", x->name);
	}
	hex_encode(chain, DIGEST_LEN, job->content);
	return 0;
}

int
push_content_read(struct push_job *job, struct err *e)
{
	return start(job, e) == -1 || digest_all(job, e) == -1 || plan_check(job->plan, e) == -1 ? -1 : 0;
}

static void *
work(void *arg)
{
	struct push_job *job = arg;

	job->content_rc = digest_all(job, &job->content_err);
	return NULL;
}

int
push_content_begin(struct push_job *job, struct err *e)
{
	sigset_t all, before;
	int rc;

	if (job->content[0] != '\0')
		return 0;
	if (start(job, e) == -1)
		return -1;
	/* A process's own descriptor: whoever ends it early ends no other one. */
	job->content_pid_fd = (int)syscall(SYS_pidfd_open, job->content_helper.child.pid, 0);
	job->content_stop = false;
	job->content_err.code = ERR_NONE;
	/* Threads take no signals: those are for the one who started them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&job->content_thread, NULL, work, job);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0) {
		io_close(&job->content_pid_fd);
		helper_kill(&job->content_helper);
		return err_set(e, ERR_SYSTEM, "start a thread: %s", strerror(rc));
	}
	job->content_running = true;
	return 0;
}

int
push_content_end(struct push_job *job, bool wanted, struct err *e)
{
	if (!job->content_running)
		return 0;
	job->content_stop = !wanted;
	/* It may be in the middle of a long file. */
	if (!wanted && job->content_pid_fd != -1)
		(void)syscall(SYS_pidfd_send_signal, job->content_pid_fd, SIGKILL, NULL, 0);
	(void)pthread_join(job->content_thread, NULL);
	job->content_running = false;
	io_close(&job->content_pid_fd);
	/* In the middle of a conversation, or after a broken one, it is good for nothing. */
	if (!wanted || job->content_rc == -1)
		helper_kill(&job->content_helper);
	if (job->content_rc == -1 && wanted)
		*e = job->content_err;
	return wanted ? job->content_rc : 0;
}

/* Whether there is a version that these sources could be, by how many files there are, and how long they are together. */
static int
candidate(struct push_job *job, struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT 1 FROM version v JOIN source_content c ON c.version = v.id WHERE v.dataset = ? AND "
	    "v.policy = ? AND "
	    "v.meta = ? AND v.scrubber = ? AND v.state NOT IN ('RECEIVED', 'REJECTED', 'WITHDRAWN', "
	    "'ERASED') AND c.files "
	    "= ? AND c.bytes = ? LIMIT 1",
	    "sbbsii", job->dataset_id, job->policy_text.data, job->policy_text.len, job->meta_text.data,
	    job->meta_text.len, SCRUBBER, (int64_t)job->plan->count, (int64_t)job->plan->bytes);
	int rc = ledger_next(q, e);

	ledger_end(q);
	return rc;
}

/* The latest version whose sources held the same: 1 and its id, 0, -1. */
static int
twin(struct push_job *job, char id[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT v.id FROM version v JOIN source_content c ON c.version = v.id WHERE v.dataset = ? AND "
	    "v.policy = ? AND v.meta = ? AND v.scrubber = ? AND v.state NOT IN ('RECEIVED', 'REJECTED', "
	    "'WITHDRAWN', 'ERASED') AND c.digest = ? ORDER BY v.number DESC LIMIT 1",
	    "sbbss", job->dataset_id, job->policy_text.data, job->policy_text.len, job->meta_text.data,
	    job->meta_text.len, SCRUBBER, job->content);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(id, MANIFEST_ID_LEN + 1, "%s", ledger_text(q, 0));
	ledger_end(q);
	return more;
}

int
push_content_find(struct push_job *job, struct err *e)
{
	struct ledger *l = job->h->ledger;
	char id[MANIFEST_ID_LEN + 1];
	struct origin o;
	int rc = candidate(job, e);

	if (rc != 1)
		return rc;
	if (push_content_read(job, e) == -1)
		return -1;
	if ((rc = twin(job, id, e)) != 1)
		return rc;
	if (origin_check(job->h, &job->content_helper, id, &o, e) == -1)
		return -1;
	/* The version takes the new times on: the next push needs not read again. */
	(void)snprintf(o.source, sizeof(o.source), "%s", job->source);
	if (origin_prove(&job->content_helper, &o, e) == -1 || ledger_begin(l, e) == -1)
		return -1;
	if (origin_keep(job->h, &o, e) == -1 || ledger_commit(l, e) == -1) {
		ledger_rollback(l);
		return -1;
	}
	return 0;
}

int
push_content_check(struct push_job *job, const char *id, struct origin *o, struct err *e)
{
	return start(job, e) == -1 ? -1 : origin_check(job->h, &job->content_helper, id, o, e);
}

int
push_content_prove(struct push_job *job, const char *id, struct origin *o, struct err *e)
{
	const struct append *a = job->append;

	*o = (struct origin){.files = (int64_t)job->plan->count, .bytes = (int64_t)job->plan->bytes};
	if (a != NULL) {
		o->files = a->origin.files + (int64_t)a->part->count;
		o->bytes = a->origin.bytes + (int64_t)a->part->bytes;
	}
	if (pushed_sort(&job->pushed, e) == -1)
		return -1;
	pushed_digest(job->pushed.files.data, job->pushed.files.len, job->pushed.rows.data,
	    job->pushed.rows.len, o->pushed);
	(void)snprintf(o->version_id, sizeof(o->version_id), "%s", id);
	(void)snprintf(o->source, sizeof(o->source), "%s", job->source);
	(void)snprintf(o->content, sizeof(o->content), "%s", job->content);
	(void)snprintf(o->scrubber, sizeof(o->scrubber), "%s", SCRUBBER);
	digest_bytes(job->policy_text.data, job->policy_text.len, o->policy);
	digest_bytes(job->meta_text.data, job->meta_text.len, o->meta);
	return start(job, e) == -1 ? -1 : origin_prove(&job->content_helper, o, e);
}
