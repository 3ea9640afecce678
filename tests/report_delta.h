/* For tests of the report: an empty one, comparing, and deltas that are refused. */
#ifndef TESTS_REPORT_DELTA_H
#define TESTS_REPORT_DELTA_H

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/json.h"
#include "stager/report.h"

static struct err e;

static struct json *
parse(const char *text)
{
	struct json *j = json_parse(text, strlen(text), "test", &e);

	CHECK(j != NULL);
	return j;
}

static bool
same(struct json *j, const char *want)
{
	struct buf b;
	bool ok;

	buf_init(&b, 1 << 20);
	ok = json_encode(j, &b, &e) == 0 && b.len == strlen(want) && memcmp(b.data, want, b.len) == 0;
	if (!ok)
		fprintf(stderr, "%.*s\n", (int)b.len, b.data);
	buf_free(&b);
	return ok;
}

#define EMPTY                                                                                               \
	"{\"actions\":{},\"by-file\":{},\"bytes\":{\"in\":0,\"out\":0},\"canaries\":{\"checked\":0,"        \
	"\"planted\":0},\"check\":{\"bytes\":0,\"members\":"                                                \
	"0,"                                                                                                \
	"\"not-rescanned\":0},\"disclosure\":{},\"files\":{\"dropped\":0,\"held\":0,\"passed\":0,\"seen\":" \
	"0},\"formats\":{},"                                                                                \
	"\"found\":{},\"held\":{},\"members\":{\"out\":0},\"quasi\":{},\"records\":{\"held\":0,\"passed\":" \
	"0,\"seen\":0},"                                                                                    \
	"\"rules\":{},\"sealed\":{},\"subjects\":{}}"

/* Put `text` where the empty report has `find`, merge, and want a refusal that leaves the total as it was. */
static void
refused(const char *find, const char *text)
{
	char delta[4096];
	const char *at = strstr(EMPTY, find);
	struct json *total = parse(EMPTY), *j;

	CHECK(at != NULL);
	json_set_int((struct json *)(uintptr_t)json_get(total, "files"), "seen", 5);
	snprintf(delta, sizeof(delta), "%.*s%s%s", (int)(at - EMPTY), EMPTY, text, at + strlen(find));
	j = parse(delta);
	if (j != NULL) {
		CHECK_ERR(report_merge(total, j, &e), ERR_INPUT);
		CHECK(strstr(e.text, "geheim") == NULL);
	}
	json_set_int((struct json *)(uintptr_t)json_get(total, "files"), "seen", 0);
	CHECK(same(total, EMPTY));
	json_free(j);
	json_free(total);
}

#endif
