/* The report of a version that was added to: what was counted of it, and of what was added. */
#include <string.h>

#include "append.h"
#include "stager/json.h"
#include "stager/report.h"

/* Of the version that is added to, without what is said of it as a whole. */
static struct json *
counted(const struct json *report)
{
	struct json *out = json_object();

	for (size_t i = 0; i < report->count; i++) {
		const char *name = report->keys[i];

		if (strcmp(name, "previous") == 0 || strcmp(name, "appended") == 0)
			continue;
		/* Groups were counted again, over the whole subject table. */
		if (strcmp(name, "disclosure") == 0 || strcmp(name, "quasi") == 0)
			json_set(out, name, json_object());
		else
			json_set(out, name, json_copy(report->items[i]));
	}
	return out;
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
 * they must all be there. Groups of records are counted in what is read, which the older ones are not.
 */
static bool
groups_differ(const struct push_job *job, const struct pipeline *p)
{
	const struct json *rules = json_get(job->policy, "disclosure"), *unit = json_get(rules, "unit");

	if (rules == NULL || rules->type != JSON_OBJECT)
		return false;
	return p->rows_differ ||
	       (unit != NULL && unit->type == JSON_STRING && strcmp(unit->string, "record") == 0);
}

int
append_report(struct push_job *job, struct pipeline *p, struct err *e)
{
	const struct version *base = job->append->base;
	const struct json *seen = json_get(json_get(base->report, "files"), "seen");
	struct json *all = counted(base->report), *s;

	if (report_merge(all, p->report, e) == -1) {
		json_free(all);
		return -1;
	}
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
