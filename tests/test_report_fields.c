/* The report's columns and paths: what each of the policy's held. */
#include <stdlib.h>

#include "report_delta.h"

#define FIELDS(text) "\"fields\":" text ",\"files\""

static bool
fields_are(const struct json *j, const char *want)
{
	const struct json *fields = json_get(j, "fields");

	if (want == NULL)
		return fields == NULL;
	return fields != NULL && same((struct json *)(uintptr_t)fields, want);
}

/* Columns and paths: counted by place, added up, refused where they are none of the policy's, and named only when told. */
static void
test_fields(void)
{
	static const char *const policies[] = {
	    "{\"files\":[{\"match\":\"a.csv\",\"columns\":[{\"name\":\"crp\"},{\"name\":\"icd10\"}]},"
	    "{\"match\":\"*.xml\",\"fields\":[{\"name\":\"$.a\"}]}]}",
	    "{\"files\":[{\"match\":\"a.csv\",\"columns\":[{\"name\":\"crp\"},{\"name\":\"icd10\"}]},"
	    "{\"match\":\"*.xml\",\"fields\":[]}]}",
	    "{\"files\":[{\"match\":\"a.csv\",\"columns\":[{\"name\":\"crp\"}]},"
	    "{\"match\":\"*.xml\",\"fields\":[{\"name\":\"$.a\"}]}]}",
	    "{\"files\":[{\"match\":\"a.csv\",\"columns\":[{\"name\":\"crp\"},{\"name\":\"icd10\"}]}]}",
	    "{}",
	};
	struct report *r = report_new();
	struct json *total = json_object(), *one, *all, *policy;
	char delta[4096], key[16];

	report_hold_field(r, HOLD_RECORD, "value-type", 1, 5); /* of no file */
	report_file_begin(r, 1, 0);
	report_hold_field(r, HOLD_RECORD, "value-type", 1, 5); /* of no rule */
	report_file_end(r);
	report_file_begin(r, 2, 1);
	report_hold_field(r, HOLD_RECORD, "field-count", 1, 5); /* about no value */
	report_hold_field(r, HOLD_RECORD, "value-type", 0, 5);  /* of no column */
	report_hold_field(r, HOLD_RECORD, "value-type", 1, 0);
	one = report_json(r);
	CHECK(fields_are(one, NULL));
	json_free(one);
	report_hold_field(r, HOLD_RECORD, "value-type", 1, 11);
	report_hold_field(r, HOLD_RECORD, "value-range", 1, 9);
	report_hold_field(r, HOLD_RECORD, "value-type", 2, 9);
	report_file_end(r);
	report_file_begin(r, 3, 2);
	report_hold_field(r, HOLD_FILE, "date-form", 1, 1);
	report_file_end(r);
	one = report_json(r);
	CHECK_OK(report_merge(total, one, &e));
	CHECK_OK(report_merge(total, one, &e));
	CHECK(fields_are(total, "{\"1:1\":{\"record:value-range\":18,\"record:value-type\":22},\"1:2\":{"
				"\"record:value-type\":18},"
				"\"2:1\":{\"file:date-form\":2}}"));
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		policy = parse(policies[i]);
		if (i == 0)
			CHECK_OK(report_fields_known(total, policy, &e));
		else
			CHECK_ERR(report_fields_known(total, policy, &e), ERR_INPUT);
		json_free(policy);
	}
	/* Records downwards, and left out below; files as they are; and then the policy's words. */
	all = report_tell(one, 10);
	CHECK(fields_are(all, "{\"1:1\":{\"record:value-type\":10},\"2:1\":{\"file:date-form\":1}}"));
	policy = parse(policies[0]);
	report_fields_name(all, policy);
	json_free(policy);
	CHECK(fields_are(all, "{\"1:1\":{\"match\":\"a.csv\",\"name\":\"crp\",\"record:value-type\":10},"
			      "\"2:1\":{\"file:date-form\":1,\"match\":\"*.xml\",\"name\":\"$.a\"}}"));
	/* Such words are refused from a child. */
	CHECK_ERR(report_merge(total, all, &e), ERR_INPUT);
	json_free(all);
	all = report_tell(one, 1000);
	CHECK(fields_are(all, "{\"2:1\":{\"file:date-form\":1}}"));
	policy = parse(policies[2]);
	report_fields_name(all, policy);
	json_free(policy);
	json_free(all);
	/* Of DICOM and of mail, too. */
	all = report_tell(one, 10);
	policy = parse("{\"files\":[{\"match\":\"ct/**\",\"tags\":[{\"tag\":\"(0010,0040)\",\"do\":\"x\"}]},"
		       "{\"match\":\"*.eml\",\"headers\":[{\"name\":\"To\"}]}]}");
	report_fields_name(all, policy);
	CHECK(fields_are(all,
	    "{\"1:1\":{\"match\":\"ct/**\",\"name\":\"(0010,0040)\",\"record:value-type\":10},"
	    "\"2:1\":{\"file:date-form\":1,\"match\":\"*.eml\",\"name\":\"To\"}}"));
	json_free(policy);
	json_free(all);
	all = report_tell(one, 10);
	policy = parse(policies[4]);
	report_fields_name(all, policy); /* of which it knows nothing: as it is */
	CHECK(fields_are(all, "{\"1:1\":{\"record:value-type\":10},\"2:1\":{\"file:date-form\":1}}"));
	json_free(policy);
	json_free(all);
	json_free(one);
	json_free(total);
	report_free(r);

	/* So many, and no more. */
	r = report_new();
	report_file_begin(r, 1, 7);
	for (size_t i = 1; i <= REPORT_FIELDS_MAX + 5; i++)
		report_hold_field(r, HOLD_RECORD, "value-type", i, 1);
	report_hold_field(r, HOLD_RECORD, "value-type", 1, 1);
	report_hold_field(r, HOLD_RECORD, "value-type", REPORT_COLUMN_MAX + 1, 1);
	report_file_end(r);
	one = report_json(r);
	CHECK(json_get(one, "fields")->count == REPORT_FIELDS_MAX);
	CHECK(json_get(json_get(json_get(one, "fields"), "7:1"), "record:value-type")->integer == 2);
	(void)snprintf(key, sizeof(key), "7:%d", REPORT_FIELDS_MAX);
	CHECK(json_get(json_get(one, "fields"), key) != NULL);
	total = json_object();
	CHECK_OK(report_merge(total, one, &e));
	json_free(one);
	report_free(r);
	one = parse(EMPTY);
	json_set(
	    one, "fields", parse("{\"1:1\":{\"record:value-type\":1},\"7:2\":{\"record:value-type\":1}}"));
	CHECK_OK(report_merge(total, one, &e));
	CHECK(json_get(total, "fields")->count == REPORT_FIELDS_MAX);
	CHECK(json_get(json_get(total, "fields"), "1:1") == NULL);
	CHECK(json_get(json_get(json_get(total, "fields"), "7:2"), "record:value-type")->integer == 2);
	json_free(one);
	json_free(total);
	(void)snprintf(delta, sizeof(delta), "\"fields\":{");
	for (int i = 1; i <= REPORT_FIELDS_MAX + 1; i++)
		snprintf(delta + strlen(delta), sizeof(delta) - strlen(delta),
		    "%s\"1:%d\":{\"file:date-form\":1}", i == 1 ? "" : ",", i);
	snprintf(delta + strlen(delta), sizeof(delta) - strlen(delta), "},\"files\"");
	refused("\"files\"", delta);

	/* What a child may not say there. */
	refused("\"files\"", FIELDS("[]"));
	refused("\"files\"", FIELDS("{}"));
	refused("\"files\"", FIELDS("{\"geheim\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\":1\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"0:1\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:0\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"01:1\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:01\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1:1\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1 geheim\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1001:1\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:65538\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:99999999999999999999999\":{\"record:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1\":5}"));
	refused("\"files\"", FIELDS("{\"1:1\":{}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"name\":\"geheim\"}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"record:geheim\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"check:value-type\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"record:field-count\":1}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"record:value-type\":-1}}"));
	refused("\"files\"", FIELDS("{\"1:1\":{\"record:value-type\":\"geheim\"}}"));
}

int
main(void)
{
	test_fields();
	return check_done();
}
