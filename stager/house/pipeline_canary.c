/* Canaries in a unit: planted before its first file, and counted when it is over. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "canary.h"
#include "pipeline_run.h"
#include "plan.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/unpack.h"

/* What a planted file is called: as it is, and as it is compressed. */
static const char *const names[] = {"canary", "canary.gz", "canary.xz", "canary.zst"};
#define NAMES (sizeof(names) / sizeof(names[0]))
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
plant(struct run *r, struct unit *u, size_t rule, const char *name, const struct canaries *canaries,
    const struct buf *file, struct err *e)
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
	json_set_string(j, "name", name);
	json_set_int(j, "size", (int64_t)file->len);
	json_set(j, "known", json_copy(canaries->known));
	if ((rc = wire_send(u->scrub.control, WIRE_CANARY, j, &fd, 1, e)) == 0)
		r->planted += sets_of(r, json_get(r->p->policy, "files")->items[rule]);
out:
	json_free(j);
	io_close(&fd);
	return rc;
}

/* Bit 1 << i: the rule, by its `match`, takes files of this unit that are compressed as those of names[i] are; by either of their names. */
static unsigned
packed_in(const struct plan *plan, const struct unit *u, const char *match, struct err *e, int *rc)
{
	unsigned kinds = 0;

	for (size_t i = u->first; i < u->end; i++) {
		const struct plan_file *f = &plan->files[i];
		enum packing kind;
		size_t len = f->prefix != NULL ? 0 : unpack_kind(f->name, &kind);
		char *inner;

		if (len == 0)
			continue;
		if ((inner = strndup(f->name, len)) == NULL) {
			*rc = err_set(e, ERR_SYSTEM, "canary: out of memory");
			return 0;
		}
		if (policy_glob(match, f->name) || policy_glob(match, inner))
			kinds |= 1u << (1 + kind);
		free(inner);
	}
	return kinds;
}

/*
 * As which of the names[] the rule gets a planted file in this unit: in the form that its `match` says, or (beside) as what it takes besides.
 * Few have both: a rule that only takes compressed files says so.
 */
static unsigned
kinds_of(
    const struct run *r, const struct unit *u, const struct json *rule, bool beside, struct err *e, int *rc)
{
	const struct json *match = json_get(rule, "match");
	enum packing kind;

	if (match == NULL || match->type != JSON_STRING)
		return beside ? 0 : 1;
	if (unpack_kind(match->string, &kind) > 0)
		return beside ? 0 : 1u << (1 + kind);
	return beside ? packed_in(r->p->plan, u, match->string, e, rc) : 1;
}

static int
plant_rule(
    struct run *r, struct unit *u, size_t rule, bool beside, const struct canaries *canaries, struct err *e)
{
	const struct json *j = json_get(r->p->policy, "files")->items[rule];
	int rc = 0, made;
	unsigned kinds = kinds_of(r, u, j, beside, e, &rc);
	struct buf file;

	buf_init(&file, ENTRY_CANARY_MAX);
	for (size_t i = 0; i < NAMES && rc == 0; i++) {
		if ((kinds & 1u << i) == 0)
			continue;
		buf_clear(&file);
		if ((made = canaries_file(canaries, j, &file, e)) == -1 ||
		    (made == 1 && (canaries_pack(j, names[i], &file, e) == -1 ||
				      plant(r, u, rule, names[i], canaries, &file, e) == -1)))
			rc = -1;
	}
	buf_free(&file);
	return rc;
}

int
pipeline_plant(struct run *r, struct unit *u, struct err *e)
{
	const struct json *rules = json_need(r->p->policy, "files", JSON_ARRAY, "policy", e);
	struct canaries canaries = {.values = NULL};
	struct json *values = NULL;
	uint64_t before = r->planted;
	int rc = -1;

	if (rules == NULL || canaries_make(&canaries, r->p->policy, e) == -1)
		goto out;
	/* To check first: it may meet the first of them before we have sent the last. */
	values = json_object();
	json_set(values, "values", json_copy(canaries.values));
	if (wire_send(u->check.control, WIRE_CANARIES, values, NULL, 0, e) == -1)
		goto out;
	/* What rules take besides their own form comes last, for there may be more than are planted. */
	for (int beside = 0; beside < 2; beside++)
		for (size_t i = 0; i < rules->count && r->planted - before < RULES_MAX; i++)
			if (plant_rule(r, u, i, beside == 1, &canaries, e) == -1)
				goto out;
	rc = 0;
out:
	json_free(values);
	canaries_free(&canaries);
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
