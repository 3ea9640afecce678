/* A policy, its subject table gathered in memory, and files read by it one by one: what leaves of each. */
#ifndef TESTS_PERSON_RUN_H
#define TESTS_PERSON_RUN_H

#include "scrub_run.h"
#include "stager/context.h"
#include "stager/gather.h"

struct person_run {
	struct policy *policy;
	struct pseudonym_key *key; /* borrowed */
	struct context *context;
	struct report *report; /* of the first pass */
};

/* What stands beside the policies of the test. */
static const struct policy_file *person_files;
static size_t person_file_count;

/* An exclusion list, and who was withdrawn before; NULL: nobody. */
static const char *person_excluded;
static struct withdrawn *person_withdrawn;

/* NULL: it was resolved, decoded and gathered; else where not. To be freed also then. */
static inline const char *
person_open(struct person_run *p, struct pseudonym_key *key, const char *yaml, const char *name,
    const void *table, size_t len, struct err *e)
{
	struct json *resolved = policy_from_files(yaml, strlen(yaml), person_files, person_file_count, e);
	struct gather g = {.key = key};
	struct source_mem source;
	uint8_t digest[DIGEST_LEN] = {0};
	const char *wrong = NULL;
	uint64_t count;
	int fd = -1;

	*p = (struct person_run){.key = key, .report = report_new()};
	if (resolved == NULL)
		return "policy";
	p->policy = policy_decode(resolved, e);
	json_free(resolved);
	if (p->policy == NULL)
		return "decode";
	if (p->policy->subject == NULL)
		return NULL;
	fd = memfd_create("context", MFD_CLOEXEC);
	g.policy = p->policy;
	g.maker = context_maker_new(fd, e);
	g.withdrawn = person_withdrawn;
	if (person_excluded != NULL) {
		source_mem_init(&source, person_excluded, strlen(person_excluded), "");
		if (gather_exclude(&g, &source.source, digest, digest, &count, e) == -1)
			wrong = "exclude";
	}
	source_mem_init(&source, table, len, name);
	if (wrong != NULL)
		goto out;
	if (gather_begin(&g, e) == -1 || gather_file(&g, &source.source, e) == -1 ||
	    gather_end(&g, p->report, e) == -1 || context_finish(g.maker, digest, &count, e) == -1 ||
	    (p->context = context_open(fd, e)) == NULL)
		wrong = "gather";
out:
	gather_free(&g);
	context_maker_free(g.maker);
	close(fd);
	return wrong;
}

static inline void
person_close(struct person_run *p)
{
	policy_free(p->policy);
	context_close(p->context);
	report_free(p->report);
}

/* One file, by the rule that takes it. */
static inline int
person_read(struct person_run *p, struct scrub_run *run, const char *name, const void *data, size_t len,
    struct err *e)
{
	struct scrub s = {
	    .policy = p->policy, .key = p->key, .context = p->context, .withdrawn = person_withdrawn};

	return scrub_run_with(run, scrub_file, &s, name, data, len, 0, e);
}

#endif
