/* Canaries in a unit: planted before its first file, and counted when it is over. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "canary.h"
#include "pipeline_run.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"

/* Rules of one policy that get a file of canaries. */
#define RULES_MAX 32

/* A member of each set that the rule writes to will come of it: its own, and those of its fields. */
static uint64_t
sets_of(const struct run *r, const struct json *rule)
{
	const struct json *own = json_get(rule, "set"), *set,
			  *lists[] = {json_get(rule, "columns"), json_get(rule, "fields")};
	uint64_t count = 0;

	for (size_t i = 0; i < r->p->set_count; i++) {
		const char *name = r->p->sets[i].name;
		bool there = own != NULL ? strcmp(own->string, name) == 0
					 : r->p->set_count == 1 || strcmp(name, POLICY_SET_FIRST) == 0;

		for (size_t l = 0; l < 2; l++)
			for (size_t k = 0; lists[l] != NULL && k < lists[l]->count; k++)
				there = there || ((set = json_get(lists[l]->items[k], "set")) != NULL &&
						     strcmp(set->string, name) == 0);
		count += there;
	}
	return count;
}

static int
plant(struct run *r, struct unit *u, size_t rule, const struct canaries *canaries, const struct buf *file,
    struct err *e)
{
	int fd = memfd_create("stager-canary", MFD_CLOEXEC), rc = -1;
	struct json *j = NULL;

	if (fd == -1)
		return err_sys(e, "canary: memory");
	if (io_write(fd, file->data, file->len, "canary", e) == -1)
		goto out;
	if (lseek(fd, 0, SEEK_SET) == -1) {
		err_sys(e, "canary: seek");
		goto out;
	}
	j = json_object();
	json_set_int(j, "rule", (int64_t)rule + 1);
	json_set_int(j, "size", (int64_t)file->len);
	json_set(j, "known", json_copy(canaries->known));
	if ((rc = wire_send(u->scrub.control, WIRE_CANARY, j, &fd, 1, e)) == 0)
		r->planted += sets_of(r, json_get(r->p->policy, "files")->items[rule]);
out:
	json_free(j);
	io_close(&fd);
	return rc;
}

int
pipeline_plant(struct run *r, struct unit *u, struct err *e)
{
	const struct json *rules = json_need(r->p->policy, "files", JSON_ARRAY, "policy", e);
	struct canaries canaries = {.values = NULL};
	struct json *values = NULL;
	struct buf file;
	uint64_t before = r->planted;
	int rc = -1, made;

	buf_init(&file, ENTRY_CANARY_MAX);
	if (rules == NULL || canaries_make(&canaries, r->p->policy, e) == -1)
		goto out;
	/* To check first: it may meet the first of them before we have sent the last. */
	values = json_object();
	json_set(values, "values", json_copy(canaries.values));
	if (wire_send(u->check.control, WIRE_CANARIES, values, NULL, 0, e) == -1)
		goto out;
	for (size_t i = 0; i < rules->count && r->planted - before < RULES_MAX; i++) {
		buf_clear(&file);
		if ((made = canaries_file(&canaries, rules->items[i], &file, e)) == -1 ||
		    (made == 1 && plant(r, u, i, &canaries, &file, e) == -1))
			goto out;
	}
	rc = 0;
out:
	json_free(values);
	canaries_free(&canaries);
	buf_free(&file);
	return rc;
}

int
pipeline_planted(struct run *r, struct err *e)
{
	const struct json *checked = json_get(json_get(r->p->report, "canaries"), "checked");
	uint64_t came = checked == NULL ? 0 : (uint64_t)checked->integer;
	struct report *report = report_new();
	struct json *delta;
	int rc;

	report_add(report, "canaries", "planted", r->planted);
	/* Neither fewer than were planted, nor more: those would be members that were hidden among them. */
	if (came != r->planted)
		report_hold(report, HOLD_CHECK, "check-canary", 0,
		    came > r->planted ? came - r->planted : r->planted - came);
	delta = report_json(report);
	rc = report_merge(r->p->report, delta, e);
	json_free(delta);
	report_free(report);
	return rc;
}
