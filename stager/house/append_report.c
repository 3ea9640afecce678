/* The report of a version that was added to: what was counted of it, and of what was added. */
#include <string.h>

#include "append.h"
#include "stager/json.h"
#include "stager/report.h"

/*
 * Each record is a unit of disclosure control: those of the new files are counted among themselves, and what passes so passes in the whole,
 * for k of the old ones and k of the new ones are k of all.
 */
static bool
of_records(const struct push_job *job)
{
	const struct json *unit = json_get(json_get(job->policy, "disclosure"), "unit");

	return unit != NULL && unit->type == JSON_STRING && strcmp(unit->string, "record") == 0;
}

/* Of the version that is added to, without what is said of it as a whole. groups: of the new files alone; else of all by now. */
static struct json *
counted(const struct json *report, bool groups)
{
	struct json *out = json_object();

	for (size_t i = 0; i < report->count; i++) {
		const char *name = report->keys[i];
		/* How many different values there are in all cannot be had from both parts. */
		bool anew = strcmp(name, "quasi") == 0 || (strcmp(name, "disclosure") == 0 && !groups);

		if (strcmp(name, "previous") != 0 && strcmp(name, "appended") != 0)
			json_set(out, name, anew ? json_object() : json_copy(report->items[i]));
	}
	return out;
}

static int64_t
told(const struct json *report, const char *name)
{
	const struct json *n = json_get(json_get(report, "disclosure"), name);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

/* It was HELD for groups that nothing could be done about: there is no smallest that passes. */
static bool
none_passes(const struct json *report)
{
	return told(report, "held") > 0 && told(report, "smallest") == 0;
}

/* Of the groups of both parts: no group of the whole is smaller than the smallest of them. */
static void
join_groups(struct json *all, const struct json *old, const struct json *new)
{
	struct json *s = json_copy(json_get(all, "disclosure"));
	int64_t a = told(old, "smallest"), b = told(new, "smallest");

	json_set_int(s, "smallest",
	    none_passes(old) || none_passes(new) ? 0
	    : a == 0 || (b > 0 && b < a)         ? b
						 : a);
	json_set(all, "disclosure", s);
	json_set(all, "quasi", json_object());
}

bool
append_came_to_nothing(const struct push_job *job, const struct pipeline *p)
{
	const struct json *held = json_get(p->report, "held");
	uint64_t members = 0;

	for (size_t i = 0; i < job->set_count; i++)
		members += job->sets[i].members;
	return members == 0 && (held == NULL || held->count == 0);
}

/*
 * Whether groups could be counted over old and new together: what the older shards show of somebody must be what is shown of them now, and
 * they must all be there.
 */
static bool
groups_differ(const struct push_job *job, const struct pipeline *p)
{
	const struct json *rules = json_get(job->policy, "disclosure");

	return rules != NULL && rules->type == JSON_OBJECT && !of_records(job) && p->rows_differ;
}

int
append_report(struct push_job *job, struct pipeline *p, struct err *e)
{
	const struct version *base = job->append->base;
	const struct json *seen = json_get(json_get(base->report, "files"), "seen");
	struct json *all = counted(base->report, of_records(job)), *s;

	if (report_merge(all, p->report, e) == -1) {
		json_free(all);
		return -1;
	}
	if (of_records(job))
		join_groups(all, base->report, p->report);
	json_free(p->report);
	p->report = all;
	json_set(all, "appended", s = json_object());
	json_set_int(s, "version", base->number);
	json_set_int(s, "files", seen == NULL || seen->type != JSON_INT ? 0 : seen->integer);
	json_set_int(s, "members", base->members);
	json_set_int(s, "shards", base->shards);
	if (groups_differ(job, p)) {
		json_set_int(s, "groups-differ", 1);
		s = json_get(all, "disclosure") == NULL ? json_object()
							: json_copy(json_get(all, "disclosure"));
		json_set_int(s, "held", 1);
		json_set(all, "disclosure", s);
	}
	return 0;
}
