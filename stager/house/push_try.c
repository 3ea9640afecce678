/* A dry run. */
#include "append.h"

#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "stager/json.h"
#include "stager/report.h"
#include "version.h"

int
push_try(struct push_job *job, struct push_result *result, struct err *e)
{
	static const char *const lists[] = {"hold", "open"}, *const parts[] = {"accept", "disclosure"};
	struct pipeline p = push_pipeline(job);
	uint8_t digest[DIGEST_LEN];
	uint64_t members = 0, bytes = 0;
	struct json *j, *sets, *set, *told;
	const struct json *residency;
	struct json *held_for;
	bool held;
	int rc;

	p.dry = true;
	rc = pipeline_run(&p, e) == -1 || plan_check(job->plan, e) == -1 ||
		     (job->append != NULL && append_report(job, &p, e) == -1)
		 ? -1
		 : 0;
	json_free(p.gathered);
	if (rc == -1) {
		json_free(p.report);
		return -1;
	}
	sets = json_object();
	for (size_t i = 0; i < job->set_count; i++) {
		const struct version_set *had =
		    job->append == NULL ? NULL : version_set(job->append->base, job->sets[i].name);

		job->sets[i].members += had == NULL ? 0 : (uint64_t)had->members;
		job->sets[i].bytes += had == NULL ? 0 : (uint64_t)had->bytes;
		json_set(sets, job->sets[i].name, set = json_object());
		json_set_int(set, "members", (int64_t)job->sets[i].members);
		json_set_int(set, "bytes", (int64_t)job->sets[i].bytes);
		residency = json_get(json_get(job->policy, "sets"), job->sets[i].name);
		for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
			if (json_get(residency, lists[k]) != NULL)
				json_set(set, lists[k], json_copy(json_get(residency, lists[k])));
		members += job->sets[i].members;
		bytes += job->sets[i].bytes;
	}
	held_for = version_held_for(job->policy, p.report, members > 0 ? 1 : 0);
	held = held_for->count > 0;
	(void)snprintf(result->state, sizeof(result->state), "%s", held ? "HELD" : "SEALED");
	digest_bytes(job->policy_text.data, job->policy_text.len, digest);
	j = json_object();
	json_set_string(j, "type", "stager.dry-run.1");
	json_set_string(j, "house", job->h->card.house);
	json_set_string(j, "holder", job->holder);
	json_set_string(j, "dataset", job->push->name);
	json_set_hex(j, "policy", digest, sizeof(digest));
	json_set(j, "sets", sets);
	json_set_string(j, "state", held ? "held" : "sealed");
	json_set(j, "held-for", held_for);
	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
		if (json_get(job->policy, parts[k]) != NULL)
			json_set(j, parts[k], json_copy(json_get(job->policy, parts[k])));
	json_set_int(j, "members", (int64_t)members);
	json_set_int(j, "bytes", (int64_t)bytes);
	told = report_tell(p.report, version_least(job->policy));
	report_fields_name(told, job->policy);
	json_set(j, "report", told);
	json_free(p.report);
	result->document = j;
	return 0;
}
