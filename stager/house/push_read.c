/* What a push is about: its meta file, its sources, and the exclusion lists that its policy wants. */
#include "push.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "children.h"
#include "plan.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

/* The holder: named, or the only one there is. */
static int
find_holder(struct push_job *job, struct err *e)
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
read_meta(struct push_job *job, struct err *e)
{
	static const char *const keys[] = {"licence", "purposes", "legal-basis", "retention", NULL};
	struct buf text;
	int rc = -1, fd = -1;

	buf_init(&text, PUSH_META_MAX);
	if (job->push->meta == NULL) {
		job->meta = json_object();
	} else {
		if ((fd = open(job->push->meta, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
			err_sys(e, "meta %s: open", job->push->meta);
			goto out;
		}
		if (io_read_all(fd, &text, "meta", e) == -1 ||
		    (job->meta = json_parse(text.data, text.len, "meta", e)) == NULL)
			goto out;
		if (json_expect_keys(job->meta, keys, "meta", e) == -1) {
			(void)err_set(e, ERR_INPUT,
			    "meta: an object is wanted, with licence, purposes, legal-basis, retention, and "
			    "no other "
			    "key");
			goto out;
		}
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
open_exclusions(struct push_job *job, uint8_t digest[static DIGEST_LEN], struct err *e)
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

int
push_read(struct push_job *job, struct err *e)
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
	if (sets->count < 1 || sets->count > MANIFEST_SETS_MAX)
		return err_set(e, ERR_INPUT, "policy: not 1 to %d sets", MANIFEST_SETS_MAX);
	for (; job->set_count < sets->count; job->set_count++)
		job->sets[job->set_count] =
		    (struct pipeline_set){.name = sets->keys[job->set_count], .staging = -1};
	/* It refuses a name that no set can have, too. */
	if (version_check_terms(job->policy, job->meta, e) == -1)
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
