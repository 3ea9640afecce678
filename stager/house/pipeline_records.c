/* Records that are units of disclosure control: what left is what was counted, or nothing leaves. */
#include <string.h>

#include "pipeline_run.h"
#include "stager/json.h"

const char *
pipeline_records_from(const struct json *policy)
{
	const struct json *disclosure = json_get(policy, "disclosure"), *unit = json_get(disclosure, "unit"),
			  *from = json_get(disclosure, "from");

	if (unit == NULL || unit->type != JSON_STRING || strcmp(unit->string, "record") != 0)
		return NULL;
	return from == NULL || from->type != JSON_STRING ? NULL : from->string;
}

int
pipeline_records_take(const struct json *j, struct record_sum *sum, struct err *e)
{
	uint8_t bytes[RECORDS_SUM_LEN];
	struct record_sum more;
	int64_t count;

	if (json_need_int(j, "records", 0, JSON_INT_MAX, "stager-scrub", &count, e) == -1 ||
	    json_need_hex(j, "sum", bytes, sizeof(bytes), "stager-scrub", e) == -1)
		return -1;
	more.count = (uint64_t)count;
	record_sum_decode(&more, bytes);
	record_sum_add(sum, &more);
	return 0;
}

int
pipeline_records_same(const struct run *r, struct err *e)
{
	if (record_sum_same(&r->counted, &r->scrubbed))
		return 0;
	return err_set(e, ERR_INPUT,
	    "disclosure: the records that were scrubbed are not those that were counted: a source changed in "
	    "between");
}
