/* What the house makes of records that were counted and of those that were scrubbed: any difference ends the push. */
#include "../stager/house/pipeline_run.h"
#include "check.h"
#include "stager/json.h"

static struct err e;

static struct json *
parsed(const char *text)
{
	struct json *j = json_parse(text, strlen(text), "test", &e);

	CHECK(j != NULL);
	return j;
}

static int
take(const char *text, struct record_sum *sum)
{
	struct json *j = parsed(text);
	int rc = pipeline_records_take(j, sum, &e);

	json_free(j);
	return rc;
}

static const char *
from(const char *text)
{
	static char copy[64];
	struct json *j = parsed(text);
	const char *match = pipeline_records_from(j);

	(void)snprintf(copy, sizeof(copy), "%s", match == NULL ? "-" : match);
	json_free(j);
	return copy;
}

int
main(void)
{
	static const char *const wrong[] = {"{}", "{\"records\":1}",
	    "{\"sum\":\"00000000000000000000000000000000\"}",
	    "{\"records\":-1,\"sum\":\"00000000000000000000000000000000\"}",
	    "{\"records\":1,\"sum\":\"000000000000000000000000000000\"}",
	    "{\"records\":1,\"sum\":\"0000000000000000000000000000000g\"}", "{\"records\":1,\"sum\":1}"};
	static struct run r;

	CHECK(strcmp(from("{\"disclosure\":{\"unit\":\"record\",\"from\":\"a.csv\"}}"), "a.csv") == 0);
	CHECK(strcmp(from("{\"disclosure\":{\"unit\":\"subject\",\"from\":\"a.csv\"}}"), "-") == 0);
	CHECK(strcmp(from("{}"), "-") == 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(take(wrong[i], &r.counted), ERR_INPUT);
	CHECK_OK(pipeline_records_same(&r, &e));
	/* One pass says 3 records, two units 1 and 2; the sums carry from the lower half to the upper one. */
	CHECK_OK(take("{\"records\":3,\"sum\":\"01000000000000000200000000000000\"}", &r.counted));
	CHECK_OK(take("{\"records\":1,\"sum\":\"ffffffffffffffff0100000000000000\"}", &r.scrubbed));
	CHECK_ERR(pipeline_records_same(&r, &e), ERR_INPUT);
	CHECK(strstr(e.text, "changed") != NULL);
	CHECK_OK(take("{\"records\":2,\"sum\":\"02000000000000000000000000000000\"}", &r.scrubbed));
	CHECK_OK(pipeline_records_same(&r, &e));
	r.scrubbed.count--;
	CHECK_ERR(pipeline_records_same(&r, &e), ERR_INPUT);
	r.scrubbed.count++;
	r.scrubbed.high ^= 1;
	CHECK_ERR(pipeline_records_same(&r, &e), ERR_INPUT);
	r.scrubbed.high ^= 1;
	r.scrubbed.low ^= UINT64_C(1) << 63;
	CHECK_ERR(pipeline_records_same(&r, &e), ERR_INPUT);
	return check_done();
}
