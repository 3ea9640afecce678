/* Two policies that differ in one part, compared: for the tests of policy_diff. */
#ifndef TESTS_POLICY_DIFF_RUN_H
#define TESTS_POLICY_DIFF_RUN_H

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "stager/json.h"
#include "stager/policy_diff.h"

static struct err e;

/* Two policies that differ in one part; the parts stand where %s is. */
#define POLICY                                                                                      \
	"{\"accept\":%s,\"dates\":%s,\"disclosure\":%s,\"files\":[%s],\"name\":\"n\",\"policy\":1," \
	"\"project\":%s,"                                                                           \
	"\"pseudonym\":{\"domain\":\"d\",\"key\":1},\"sets\":{%s},\"shards\":%s,\"subject\":%s,\"text\":%s}"

enum part { ACCEPT, DATES, DISCLOSURE, FILES, PROJECT, SETS, SHARDS, SUBJECT, TEXT, PARTS };
static const char *const plain[PARTS] = {"{\"files\":{\"count\":0},\"records\":{\"ppm\":10}}",
    "{\"order\":[\"a\"],\"shift\":{\"max\":364,\"step\":7}}", "{\"k\":10,\"quasi\":[\"age\",\"sex\"]}",
    "{\"format\":\"text\",\"match\":\"a\"}", "\"p\"",
    "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\"],\"open\":[\"lumi\"]}",
    "{\"names\":\"generated\",\"size\":1}",
    "{\"exclude\":\"o\",\"known\":{\"person\":[\"a\",\"b\"]},\"unmatched\":\"hold\"}",
    "{\"bsn\":{\"context\":\"any\"},\"default\":\"tag\",\"extra\":[{\"kind\":\"zis\"}]}"};

static struct json *
policy(enum part part, const char *text)
{
	const char *p[PARTS];
	char all[8192];
	struct json *j;

	memcpy(p, plain, sizeof(p));
	p[part] = text;
	snprintf(all, sizeof(all), POLICY, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8]);
	j = json_parse(all, strlen(all), "policy", &e);
	CHECK(j != NULL);
	return j;
}

/* The first change from a to b has that danger and these words. */
static void
one(enum part part, const char *a, const char *b, const char *danger, const char *words)
{
	struct json *before = policy(part, a), *after = policy(part, b), *all = policy_diff(before, after);
	bool good = all->count > 0 && strcmp(json_get(all->items[0], "danger")->string, danger) == 0 &&
		    strstr(json_get(all->items[0], "text")->string, words) != NULL;

	if (!good)
		fprintf(stderr, "%s > %s: %s %s\n", a, b,
		    all->count == 0 ? "nothing" : json_get(all->items[0], "danger")->string,
		    all->count == 0 ? "" : json_get(all->items[0], "text")->string);
	CHECK(good);
	json_free(before);
	json_free(after);
	json_free(all);
}

/* Out there, tighter back. */
static void
both(enum part part, const char *a, const char *b, const char *danger, const char *words)
{
	one(part, a, b, danger, words);
	one(part, b, a, "tighter", "");
}

/* Of FILES: a table of one column. */
#define COLUMN(action) \
	"{\"columns\":[{\"action\":" action ",\"name\":\"c\"}],\"format\":\"csv\",\"match\":\"a\"}"

#endif
