/* A push, from its sources to a version in the log; started again after a crash it goes on or starts clean.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "children.h"
#include "pipeline.h"
#include "plan.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/report.h"
#include "version.h"

#define YAML_MAX (1u << 20)
#define META_MAX 65536

/* What a push is about, once its arguments are read. */
struct job {
	struct house *h;
	const struct push *push;
	struct plan *plan;
	struct json *policy, *meta;
	struct buf policy_text, meta_text;
	char holder[MANIFEST_NAME_MAX + 1];
	char dataset_id[MANIFEST_ID_LEN + 1];
	struct exclusion *exclusions; /* in the policy's order */
	size_t exclusion_count;
	char source[2 * DIGEST_LEN + 1]; /* of the sources and the exclusion lists */
	char ruleset[2 * DIGEST_LEN + 1];
	const char *set;
};

int
house_policy(const char *path, struct buf *resolved, struct err *e)
{
	static const char *const argv[] = {"stager-scrub", "policy", NULL};
	struct helper scrub = HELPER_NONE;
	struct json *j = NULL, *got = NULL;
	struct buf yaml;
	int rc = -1, fd;

	buf_init(&yaml, YAML_MAX);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return err_sys(e, "policy %s: open", path);
	if (io_read_all(fd, &yaml, "policy", e) == -1)
		goto out;
	if (helper_start(&scrub, argv, NULL, 0, e) == -1)
		goto out;
	j = json_object();
	json_set(j, "yaml", json_base64(yaml.data, yaml.len));
	got = helper_ask(&scrub, WIRE_SOURCE, j, WIRE_POLICY, e);
	if (got != NULL && helper_end(&scrub, e) == 0)
		rc = json_encode(got, resolved, e);
	else
		err_context(e, "policy %s", path);
out:
	json_free(got);
	helper_kill(&scrub);
	io_close(&fd);
	buf_free(&yaml);
	return rc;
}

/* The holder: named, or the only one there is. */
static int
find_holder(struct job *job, struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT name FROM holder WHERE ?1 IS NULL OR name = ?1", "s", job->push->holder);
	int more = ledger_next(q, e), rc = -1;

	if (more == 1) {
		(void)snprintf(job->holder, sizeof(job->holder), "%s", ledger_text(q, 0));
		if ((more = ledger_next(q, e)) == 0)
			rc = 0;
		else if (more == 1)
			err_set(e, ERR_USAGE, "push: there are several holders: name one with --holder");
	} else if (more == 0) {
		err_set(e, ERR_USAGE,
		    job->push->holder == NULL ? "push: there is no holder yet: stager holder add"
					      : "push: there is no such holder");
	}
	ledger_end(q);
	return rc;
}

static int
find_dataset(struct job *job, struct err *e)
{
	struct ledger_query *q;
	int rc;

	q = ledger_query(job->h->ledger, e,
	    "INSERT INTO dataset VALUES (?1, ?2, ?3, ?4) ON CONFLICT (holder, name) DO UPDATE SET at = at "
	    "RETURNING id",
	    "sssi", job->dataset_id, job->holder, job->push->name, (int64_t)time(NULL));
	if ((rc = ledger_next(q, e)) == 1)
		(void)snprintf(job->dataset_id, sizeof(job->dataset_id), "%s", ledger_text(q, 0));
	if (rc == 1)
		rc = ledger_next(q, e);
	ledger_end(q);
	return rc;
}

static int
read_meta(struct job *job, struct err *e)
{
	static const char *const keys[] = {"licence", "purposes", "legal-basis", "retention", NULL};
	struct buf text;
	int rc = -1, fd = -1;

	buf_init(&text, META_MAX);
	if (job->push->meta == NULL) {
		job->meta = json_object();
	} else {
		if ((fd = open(job->push->meta, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
			err_sys(e, "meta %s: open", job->push->meta);
			goto out;
		}
		if (io_read_all(fd, &text, "meta", e) == -1 ||
		    (job->meta = json_parse(text.data, text.len, "meta", e)) == NULL ||
		    json_expect_keys(job->meta, keys, "meta", e) == -1)
			goto out;
	}
	rc = json_encode(job->meta, &job->meta_text, e);
out:
	io_close(&fd);
	buf_free(&text);
	return rc;
}

/* The file that --exclude gives for this list. NULL with e set. */
static const char *
excludes_file(const struct push *push, const char *name, struct err *e)
{
	const char *file = NULL;
	size_t len = strlen(name);

	for (size_t i = 0; i < push->exclude_count; i++) {
		if (strncmp(push->excludes[i], name, len) != 0 || push->excludes[i][len] != '=')
			continue;
		if (file != NULL) {
			err_set(e, ERR_USAGE, "--exclude: list %s is given twice", name);
			return NULL;
		}
		file = push->excludes[i] + len + 1;
	}
	if (file == NULL)
		err_set(e, ERR_USAGE, "push: the policy wants an exclusion list: --exclude %s=FILE", name);
	return file;
}

/*
 * Open the exclusion lists that the policy names. One that is another file than before makes another push: their sizes and
 * times go into digest, as those of the sources do.
 */
static int
open_exclusions(struct job *job, uint8_t digest[static DIGEST_LEN], struct err *e)
{
	const struct json *names = json_get(json_get(job->policy, "subject"), "exclude");
	const size_t count = names == NULL ? 0 : names->count;
	struct stat st;

	if (job->push->exclude_count > count)
		return err_set(e, ERR_USAGE, "--exclude: the policy names %s",
		    count == 0 ? "no exclusion list" : "fewer exclusion lists");
	if (count > 0 && (job->exclusions = calloc(count, sizeof(*job->exclusions))) == NULL)
		return err_set(e, ERR_SYSTEM, "push: out of memory");
	for (size_t i = 0; i < count; i++) {
		const char *name = names->items[i]->string, *file = excludes_file(job->push, name, e);
		uint64_t numbers[6];
		int fd;

		if (file == NULL)
			return -1;
		if ((fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) == -1)
			return err_sys(e, "exclusion list %s: open", name);
		job->exclusions[job->exclusion_count++] = (struct exclusion){.name = name, .fd = fd};
		if (fstat(fd, &st) == -1)
			return err_sys(e, "exclusion list %s: stat", name);
		if (!S_ISREG(st.st_mode))
			return err_set(e, ERR_INPUT, "exclusion list %s: not a file", name);
		numbers[0] = (uint64_t)st.st_size;
		numbers[1] = (uint64_t)st.st_mtim.tv_sec;
		numbers[2] = (uint64_t)st.st_mtim.tv_nsec;
		numbers[3] = (uint64_t)st.st_ctim.tv_sec;
		numbers[4] = (uint64_t)st.st_ctim.tv_nsec;
		numbers[5] = st.st_ino;
		digest_prefixed((const struct digest_part[]){{digest, DIGEST_LEN}, {name, strlen(name)},
				    {numbers, sizeof(numbers)}},
		    3, digest);
	}
	return 0;
}

static int
job_read(struct job *job, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	const struct json *sets;

	if (!manifest_name_ok(job->push->name))
		return err_set(e, ERR_USAGE, "dataset name: small letters, digits, '.' and '-', at most %d",
		    MANIFEST_NAME_MAX);
	if (find_holder(job, e) == -1 || house_policy(job->push->policy, &job->policy_text, e) == -1 ||
	    read_meta(job, e) == -1)
		return -1;
	if ((job->policy = json_parse_canonical(job->policy_text.data, job->policy_text.len, "policy", e)) ==
		NULL ||
	    (sets = json_need(job->policy, "sets", JSON_OBJECT, "policy", e)) == NULL)
		return -1;
	if (sets->count != 1 || !manifest_name_ok(sets->keys[0]))
		return err_set(e, ERR_INPUT, "policy: exactly one set is wanted");
	job->set = sets->keys[0];
	if (version_check_terms(job->policy, job->meta, job->set, e) == -1)
		return -1;
	if ((job->plan = plan_make(job->push->sources, job->push->source_count, job->h->path, e)) == NULL)
		return -1;
	plan_fingerprint(job->plan, digest);
	if (open_exclusions(job, digest, e) == -1)
		return -1;
	hex_encode(digest, DIGEST_LEN, job->source);
	/* The rules are this build's: its name stands for them until rule files have digests of their own. */
	digest_bytes(SCRUBBER, strlen(SCRUBBER), digest);
	hex_encode(digest, DIGEST_LEN, job->ruleset);
	return 0;
}

/* What an earlier run of the same push has come to: 1 and its state, or 0. */
static int
find_version(struct job *job, struct push_result *result, struct err *e)
{
	struct ledger_query *q = ledger_query(job->h->ledger, e,
	    "SELECT id, state FROM version WHERE dataset = ? AND source = ? AND policy = ? AND meta = ? AND "
	    "scrubber = ? AND state NOT IN"
	    " ('REJECTED','WITHDRAWN','ERASED') ORDER BY number DESC LIMIT 1",
	    "ssbbs", job->dataset_id, job->source, job->policy_text.data, job->policy_text.len,
	    job->meta_text.data, job->meta_text.len, SCRUBBER);
	int rc = ledger_next(q, e);

	if (rc == 1) {
		(void)snprintf(result->version_id, sizeof(result->version_id), "%s", ledger_text(q, 0));
		(void)snprintf(result->state, sizeof(result->state), "%s", ledger_text(q, 1));
	}
	ledger_end(q);
	return rc;
}

/* A new row, or an old one of a run that a crash cut, emptied. */
static int
begin_version(struct job *job, const char *id, bool again, struct err *e)
{
	struct ledger *l = job->h->ledger;
	uint8_t salts[2][32];
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", i == 0 ? "staging" : "vault", id);
		if (again && io_remove_tree(job->h->folder, path, e) == -1)
			return -1;
	}
	randombytes_buf(salts, sizeof(salts));
	if (ledger_begin(l, e) == -1)
		return -1;
	if ((again && (ledger_run(l, e, "DELETE FROM shard WHERE version = ?", "s", id) == -1 ||
			  ledger_run(l, e, "DELETE FROM gathered WHERE version = ?", "s", id) == -1)) ||
	    (!again &&
		(ledger_run(l, e,
		     "INSERT INTO version SELECT ?1, ?2, coalesce(max(number), 0) + 1, 'RECEIVED', ?3, ?4, "
		     "?5, NULL, ?6, ?7, ?8, ?9,"
		     " (SELECT digest FROM version WHERE dataset = ?2 AND state IN "
		     "('LOGGED', 'ACCEPTED', 'SENT', 'WITHDRAWN')"
		     " ORDER BY number DESC LIMIT 1), NULL, NULL, NULL, ?10 FROM version WHERE dataset = ?2",
		     "sssbbbssbi", id, job->dataset_id, job->source, job->policy_text.data,
		     job->policy_text.len, salts[0], (size_t)32, salts[1], (size_t)32, SCRUBBER, job->ruleset,
		     job->meta_text.data, job->meta_text.len, (int64_t)time(NULL)) == -1 ||
		    ledger_run(l, e, "INSERT INTO shard_set VALUES (?, ?, 0, 0, 0)", "ss", id, job->set) ==
			-1)) ||
	    ledger_commit(l, e) == -1) {
		ledger_rollback(l);
		return -1;
	}
	return 0;
}

/* From staging into the vault, and what was counted into the ledger. */
static int
settle(struct job *job, struct pipeline *p, const char *id, struct push_result *result, struct err *e)
{
	struct ledger *l = job->h->ledger;
	char from[128], to[128];
	struct buf report, gathered;
	int rc = -1;

	buf_init(&report, 16u << 20);
	buf_init(&gathered, 1u << 20);
	if (p->shards > 0 &&
	    io_replace_file(p->staging, "shards.jsonl", p->table.data, p->table.len, 0600, e) == -1)
		goto out;
	(void)snprintf(from, sizeof(from), "staging/%s", id);
	(void)snprintf(to, sizeof(to), "vault/%s", id);
	if (fsync(p->staging) == -1) {
		err_sys(e, "staging: sync");
		goto out;
	}
	if (renameat(job->h->folder, from, job->h->folder, to) == -1) {
		err_sys(e, "%s: move into the vault", from);
		goto out;
	}
	if (io_sync_parent(job->h->folder, from, e) == -1 || io_sync_parent(job->h->folder, to, e) == -1 ||
	    version_previous(job->h, id, &job->policy_text, p->report, e) == -1 ||
	    json_encode(p->report, &report, e) == -1 ||
	    (p->gathered != NULL && json_encode(p->gathered, &gathered, e) == -1))
		goto out;
	(void)snprintf(result->state, sizeof(result->state), "%s",
	    version_must_hold(job->policy, p->report, p->shards) ? "HELD" : "SEALED");
	if (ledger_begin(l, e) == -1)
		goto out;
	if ((p->gathered != NULL &&
		ledger_run(l, e, "INSERT INTO gathered VALUES (?, ?, ?, NULL)", "ssb", id,
		    json_get(p->gathered, "context")->string, gathered.data, gathered.len) == -1) ||
	    ledger_run(l, e, "UPDATE shard_set SET shards = ?, members = ?, bytes = ? WHERE version = ?",
		"iiis", (int64_t)p->shards, (int64_t)p->members, (int64_t)p->bytes, id) == -1 ||
	    ledger_run(l, e, "UPDATE version SET report = ?, state = ? WHERE id = ?", "bss", report.data,
		report.len, result->state, id) == -1 ||
	    ledger_commit(l, e) == -1) {
		ledger_rollback(l);
		goto out;
	}
	rc = 0;
out:
	buf_free(&report);
	buf_free(&gathered);
	return rc;
}

/* Nothing half-visible is left of a push that failed or was killed: the files, then the rows, all at once. */
static int
undo(struct job *job, const char *id, struct err *e)
{
	struct ledger *l = job->h->ledger;
	static const char *const rows[] = {"DELETE FROM shard WHERE version = ?",
	    "DELETE FROM gathered WHERE version = ?", "DELETE FROM shard_set WHERE version = ?",
	    "DELETE FROM version WHERE id = ?"};
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", i == 0 ? "staging" : "vault", id);
		if (io_remove_tree(job->h->folder, path, e) == -1)
			return -1;
	}
	if (ledger_begin(l, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (ledger_run(l, e, rows[i], "s", id) == -1)
			goto fail;
	if (ledger_commit(l, e) == 0)
		return 0;
fail:
	ledger_rollback(l);
	return -1;
}

/* What killed pushes of other sources left of this dataset, which is locked: nobody will go on with it. */
static int
sweep(struct job *job, const char *keep, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1];
	struct ledger_query *q;
	int more;

	do {
		q = ledger_query(job->h->ledger, e,
		    "SELECT id FROM version WHERE dataset = ? AND state = 'RECEIVED' AND id <> ? LIMIT 1",
		    "ss", job->dataset_id, keep);
		if ((more = ledger_next(q, e)) == 1)
			(void)snprintf(id, sizeof(id), "%s", ledger_text(q, 0));
		ledger_end(q);
		if (more == 1 && undo(job, id, e) == -1)
			return -1;
	} while (more == 1);
	return more;
}

/* Scrub, check, seal. */
static int
run(struct job *job, const char *id, struct push_result *result, struct err *e)
{
	struct report *empty = report_new();
	struct pipeline p = {.house = job->h,
	    .plan = job->plan,
	    .policy = job->policy,
	    .holder = job->holder,
	    .dataset_id = job->dataset_id,
	    .version_id = id,
	    .set = job->set,
	    .staging = -1,
	    .exclusions = job->exclusions,
	    .exclusion_count = job->exclusion_count,
	    .progress = job->push->progress,
	    .ctx = job->push->ctx};
	char path[192];
	int rc = -1;

	buf_init(&p.table, 64u << 20);
	p.report = report_json(empty);
	report_free(empty);
	(void)snprintf(path, sizeof(path), "staging/%s/%s", id, job->set);
	if (io_make_dirs(job->h->folder, path, e) == -1)
		goto out;
	if ((p.staging = openat(job->h->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(e, "staging: open");
		goto out;
	}
	if (pipeline_run(&p, e) == -1 || plan_check(job->plan, e) == -1 ||
	    settle(job, &p, id, result, e) == -1)
		goto out;
	rc = 0;
out:
	io_close(&p.staging);
	json_free(p.report);
	json_free(p.gathered);
	buf_free(&p.table);
	return rc;
}

/* The last step, unless somebody else has taken it, or a steward has decided, meanwhile. */
static int
finish(struct job *job, struct push_result *result, struct err *e)
{
	int lock = house_lock(job->h, VERSION_LOCK, e), rc = -1, found;

	if (lock == -1 || (found = find_version(job, result, e)) == -1)
		goto out;
	if (found == 0) {
		err_set(e, ERR_REFUSED, "version %s: it was rejected meanwhile", result->version_id);
		goto out;
	}
	if (strcmp(result->state, "SEALED") == 0) {
		if (version_finish(job->h, result->version_id, e) == -1)
			goto out;
		(void)snprintf(result->state, sizeof(result->state), "LOGGED");
	}
	rc = 0;
out:
	io_close(&lock);
	return rc;
}

/* What a push would come to: scrub and check, into nothing. */
static int
try_it(struct job *job, struct push_result *result, struct err *e)
{
	struct report *empty = report_new();
	struct pipeline p = {.house = job->h,
	    .plan = job->plan,
	    .policy = job->policy,
	    .holder = job->holder,
	    .set = job->set,
	    .dry = true,
	    .staging = -1,
	    .exclusions = job->exclusions,
	    .exclusion_count = job->exclusion_count,
	    .progress = job->push->progress,
	    .ctx = job->push->ctx};
	uint8_t digest[DIGEST_LEN];
	struct json *j;
	bool held;
	int rc;

	p.report = report_json(empty);
	report_free(empty);
	rc = pipeline_run(&p, e) == -1 || plan_check(job->plan, e) == -1 ? -1 : 0;
	json_free(p.gathered);
	if (rc == -1) {
		json_free(p.report);
		return -1;
	}
	held = version_must_hold(job->policy, p.report, p.members > 0 ? 1 : 0);
	(void)snprintf(result->state, sizeof(result->state), "%s", held ? "HELD" : "SEALED");
	digest_bytes(job->policy_text.data, job->policy_text.len, digest);
	j = json_object();
	json_set_string(j, "type", "stager.dry-run.1");
	json_set_string(j, "house", job->h->card.house);
	json_set_string(j, "holder", job->holder);
	json_set_string(j, "dataset", job->push->name);
	json_set_hex(j, "policy", digest, sizeof(digest));
	json_set_string(j, "set", job->set);
	json_set_string(j, "state", held ? "held" : "sealed");
	json_set_int(j, "members", (int64_t)p.members);
	json_set_int(j, "bytes", json_get(json_get(p.report, "bytes"), "out")->integer);
	json_set(j, "report", p.report);
	result->document = j;
	return 0;
}

int
house_push(struct house *h, const struct push *push, struct push_result *result, struct err *e)
{
	struct job job = {.h = h, .push = push};
	int rc = -1, found, lock = -1;
	char name[128];

	*result = (struct push_result){.existed = false};
	buf_init(&job.policy_text, 16u << 20);
	buf_init(&job.meta_text, META_MAX);
	if (job_read(&job, e) == -1)
		goto out;
	if (push->dry) {
		rc = try_it(&job, result, e);
		goto out;
	}
	version_new_id(job.dataset_id);
	if (find_dataset(&job, e) == -1)
		goto out;
	/* Two pushes of one dataset wait for each other; of two datasets they do not. */
	(void)snprintf(name, sizeof(name), "staging/%s.lock", job.dataset_id);
	if ((lock = house_lock_telling(h, name, push->waits, push->ctx, e)) == -1 ||
	    (found = find_version(&job, result, e)) == -1 || sweep(&job, result->version_id, e) == -1)
		goto out;
	if (found == 0)
		version_new_id(result->version_id);
	if (found == 0 || strcmp(result->state, "RECEIVED") == 0) {
		if (begin_version(&job, result->version_id, found == 1, e) == -1)
			goto out;
		if (run(&job, result->version_id, result, e) == -1) {
			/* The first error is the one that counts. */
			(void)!undo(&job, result->version_id, NULL);
			goto out;
		}
	} else {
		result->existed = strcmp(result->state, "SEALED") != 0;
	}
	if (strcmp(result->state, "SEALED") == 0 && finish(&job, result, e) == -1)
		goto out;
	rc = 0;
out:
	io_close(&lock);
	for (size_t i = 0; i < job.exclusion_count; i++)
		io_close(&job.exclusions[i].fd);
	free(job.exclusions);
	plan_free(job.plan);
	json_free(job.policy);
	json_free(job.meta);
	buf_free(&job.policy_text);
	buf_free(&job.meta_text);
	return rc;
}
