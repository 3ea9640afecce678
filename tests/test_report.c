/* The report: counting, adding up, and what a hostile child's report is refused for. */
#include <stdlib.h>

#include "report_delta.h"

static void
test_count(void)
{
	struct report *r = report_new();
	struct json *j = report_json(r);

	CHECK(same(j, EMPTY));
	json_free(j);
	report_add(r, "files", "seen", 3);
	report_add(r, "formats", "csv", 2);
	report_add(r, "formats", "csv", 1);
	report_hold(r, HOLD_FILE, "file-unmatched", 2, 1);
	report_hold(r, HOLD_RECORD, "value-type", 3, 5);
	report_hold(r, HOLD_RECORD, "value-type", 3, 1);
	report_hold(r, HOLD_RECORD, "value-type", 4, 1);
	report_hold(r, HOLD_RECORD, "value-type", 4, 0);
	report_hold(r, HOLD_CHECK, "check-bsn", 4, 2);
	report_hold_column(r, "column-unnamed", 5, 7);
	report_hold_column(r, "column-unnamed", 6, REPORT_COLUMN_MAX);
	for (uint64_t i = 0; i < 150; i++)
		report_hold(r, HOLD_CHECK, "check-email", i, 1);
	j = report_json(r);
	CHECK(json_get(json_get(json_get(j, "held"), "check:check-email"), "files")->count == 100);
	CHECK(json_get(json_get(json_get(j, "held"), "check:check-email"), "count")->integer == 150);
	CHECK(same((struct json *)(uintptr_t)json_get(json_get(j, "held"), "file:column-unnamed"),
	    "{\"columns\":[7,65537],\"count\":2,\"files\":[5,6]}"));
	json_free(j);
	report_free(r);
	report_free(NULL);

	r = report_new();
	report_add(r, "files", "seen", 3);
	report_add(r, "formats", "csv", 2);
	report_hold(r, HOLD_FILE, "file-unmatched", 2, 1);
	report_hold(r, HOLD_RECORD, "value-type", 3, 5);
	report_hold(r, HOLD_RECORD, "value-type", 3, 1);
	j = report_json(r);
	CHECK(same(j, "{\"actions\":{},\"by-file\":{},\"bytes\":{\"in\":0,\"out\":0},\"canaries\":{"
		      "\"checked\":0,\"planted\":0},\"check\":{\"bytes\":0,"
		      "\"members\":0,"
		      "\"not-rescanned\":0},\"disclosure\":{},\"files\":{\"dropped\":0,\"held\":1,\"passed\":"
		      "0,\"seen\":3},"
		      "\"formats\":{\"csv\":2},\"found\":{},\"held\":{\"file:file-unmatched\":{\"count\":1,"
		      "\"files\":[2]},"
		      "\"record:value-type\":{\"count\":6,\"files\":[3]}},\"members\":{\"out\":0},"
		      "\"quasi\":{},\"records\":{\"held\":6,"
		      "\"passed\":0,\"seen\":0},\"rules\":{},\"sealed\":{},\"subjects\":{}}"));
	json_free(j);
	report_free(r);
}

/* Columns stay beside their files, in the first hundred of several reports too. */
static void
test_columns(void)
{
	struct json *total = json_object(), *one;
	const struct json *entry;

	for (size_t i = 0; i < 3; i++) {
		struct report *r = report_new();

		for (uint64_t file = 0; file < 40; file++)
			report_hold_column(r, "column-missing", 40 * i + file, 40 * i + file + 1);
		one = report_json(r);
		CHECK_OK(report_merge(total, one, &e));
		json_free(one);
		report_free(r);
	}
	entry = json_get(json_get(total, "held"), "file:column-missing");
	CHECK(entry != NULL && json_get(entry, "count")->integer == 120);
	CHECK(json_get(entry, "files")->count == 100 && json_get(entry, "columns")->count == 100);
	for (size_t i = 0; i < 100; i++)
		CHECK(json_get(entry, "files")->items[i]->integer + 1 ==
		      json_get(entry, "columns")->items[i]->integer);
	json_free(total);
}

static void
test_merge(void)
{
	struct report *a = report_new(), *b = report_new();
	struct json *total = json_object(), *one, *two;

	report_add(a, "files", "seen", 1);
	report_add(a, "found", "bsn", 7);
	report_hold(a, HOLD_RECORD, "value-type", 1, 2);
	report_add(b, "files", "seen", 2);
	report_add(b, "check", "members", 9);
	report_hold(b, HOLD_RECORD, "value-type", 1, 3);
	report_hold(b, HOLD_RECORD, "value-type", 2, 1);
	report_hold(b, HOLD_CHECK, "check-iban", 2, 1);
	one = report_json(a);
	two = report_json(b);
	CHECK_OK(report_merge(total, one, &e));
	CHECK_OK(report_merge(total, two, &e));
	CHECK(same(total,
	    "{\"actions\":{},\"by-file\":{},\"bytes\":{\"in\":0,\"out\":0},\"canaries\":{\"checked\":0,"
	    "\"planted\":0},\"check\":{"
	    "\"bytes\":0,\"members\":9,"
	    "\"not-rescanned\":0},\"disclosure\":{},\"files\":{\"dropped\":0,\"held\":0,\"passed\":0,"
	    "\"seen\":3},"
	    "\"formats\":{},"
	    "\"found\":{\"bsn\":7},\"held\":{\"check:check-iban\":{\"count\":1,\"files\":[2]},"
	    "\"record:value-type\":{\"count\":6,\"files\":[1,2]}},\"members\":{\"out\":0},"
	    "\"quasi\":{},\"records\":{\"held\":6,"
	    "\"passed\":0,\"seen\":0},\"rules\":{},\"sealed\":{},\"subjects\":{}}"));
	json_free(one);
	json_free(two);
	json_free(total);
	report_free(a);
	report_free(b);
}

/* As if its files were counted from another number on: what is held, and what falls to each file, and nothing else. */
static void
test_renumber(void)
{
	static const struct {
		const char *held, *by_file; /* JSON */
		uint64_t first;
		int64_t by;
		const char *held_after, *by_file_after; /* NULL: refused */
	} cases[] = {{"{}", "{}", 5, 3, "{}", "{}"},
	    {"{\"record:value-type\":{\"count\":2,\"files\":[5,6]}}",
		"{\"5\":{\"rule\":7},\"6\":{\"rule\":6}}", 5, 400,
		"{\"record:value-type\":{\"count\":2,\"files\":[405,406]}}",
		"{\"405\":{\"rule\":7},\"406\":{\"rule\":6}}"},
	    /* an archive of nothing before it: downwards */
	    {"{\"check:check-iban\":{\"count\":1,\"files\":[5]}}", "{\"5\":{\"rule\":1}}", 5, -4,
		"{\"check:check-iban\":{\"count\":1,\"files\":[1]}}", "{\"1\":{\"rule\":1}}"},
	    /* files of others; of none; numbers that are none */
	    {"{\"record:value-type\":{\"count\":1,\"files\":[4]}}", "{}", 5, 1, NULL, NULL},
	    {"{}", "{\"4\":{\"rule\":1}}", 5, 1, NULL, NULL},
	    {"{\"record:value-type\":{\"count\":1,\"files\":[5]}}", "{}", 5, -5, NULL, NULL},
	    {"{\"record:value-type\":{\"count\":1,\"files\":[\"geheim\"]}}", "{}", 5, 1, NULL, NULL},
	    {"{\"record:value-type\":{\"count\":1,\"files\":[9007199254740991]}}", "{}", 5, 1, NULL, NULL},
	    {"{}", "{\"geheim\":{\"rule\":1}}", 5, 1, NULL, NULL},
	    {"{}", "{\"05\":{\"rule\":1}}", 5, 1, NULL, NULL},
	    {"{}", "{\"9007199254740991\":{\"rule\":1}}", 5, 1, NULL, NULL}, {"{}", "[5]", 5, 1, NULL, NULL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json *j = json_object();

		json_set(j, "held", parse(cases[i].held));
		json_set(j, "by-file", parse(cases[i].by_file));
		json_set(j, "files", parse("{\"seen\":5}"));
		if (cases[i].held_after == NULL) {
			CHECK_ERR(report_renumber(j, cases[i].first, cases[i].by, &e), ERR_INPUT);
			CHECK(strstr(e.text, "geheim") == NULL);
		} else {
			CHECK_OK(report_renumber(j, cases[i].first, cases[i].by, &e));
			CHECK(same((struct json *)(uintptr_t)json_get(j, "held"), cases[i].held_after));
			CHECK(same((struct json *)(uintptr_t)json_get(j, "by-file"), cases[i].by_file_after));
			CHECK(same((struct json *)(uintptr_t)json_get(j, "files"), "{\"seen\":5}"));
		}
		json_free(j);
	}
}

static void
test_hostile(void)
{
	char many[300 * 16] = "\"found\":{";
	struct json *total = parse(EMPTY), *j = json_null();

	refused("\"found\":{}", "\"found\":[]");
	refused("\"found\":{}", "\"found\":{\"geheim\":\"geheim\"}");
	refused("\"found\":{}", "\"found\":{\"geheim Jansen\":1}");
	refused("\"found\":{}", "\"found\":{\"GEHEIM\":1}");
	refused("\"found\":{}", "\"found\":{\"\":1}");
	/* Of good form, but no word of ours. */
	refused("\"found\":{}", "\"found\":{\"geheim-123456782\":1}");
	refused("\"actions\":{}", "\"actions\":{\"geheim\":1}");
	refused("\"formats\":{}", "\"formats\":{\"geheim\":1}");
	refused("\"held\":{}", "\"held\":{\"file:geheim\":{\"count\":1,\"files\":[]}}");
	refused("\"found\":{}", "\"found\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}");
	refused("\"found\":{}", "\"found\":{\"bsn\":-1}");
	refused("\"found\":{}", "\"found\":{\"bsn\":true}");
	refused("\"seen\":0},\"formats\"", "\"seen\":9007199254740991},\"formats\"");
	refused("\"seen\":0},\"formats\"", "\"seen\":0,\"geheim\":1},\"formats\"");
	refused("\"found\":{}", "\"geheim\":{}");
	refused("\"found\":{},", "");
	refused("\"found\":{}", "\"found\":{},\"geheim\":{}");
	refused("\"held\":{}", "\"held\":[]");
	refused("\"held\":{}", "\"held\":{\"value-type\":{\"count\":1,\"files\":[]}}");
	refused("\"held\":{}", "\"held\":{\"geheim:value-type\":{\"count\":1,\"files\":[]}}");
	refused("\"held\":{}", "\"held\":{\"file:\":{\"count\":1,\"files\":[]}}");
	refused("\"held\":{}", "\"held\":{\"file:Geheim\":{\"count\":1,\"files\":[]}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":1}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":-1,\"files\":[]}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":1,\"files\":[\"geheim\"]}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":1,\"files\":[-1]}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":1,\"files\":{}}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":1,\"files\":[],\"geheim\":1}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":1}");
	/* A column for each file, a number that a column can have, and only where the reason has one. */
	refused("\"held\":{}", "\"held\":{\"file:column-unnamed\":{\"count\":1,\"files\":[1]}}");
	refused(
	    "\"held\":{}", "\"held\":{\"file:column-unnamed\":{\"count\":1,\"files\":[1],\"columns\":[]}}");
	refused("\"held\":{}",
	    "\"held\":{\"file:column-unnamed\":{\"count\":1,\"files\":[1],\"columns\":[1,2]}}");
	refused(
	    "\"held\":{}", "\"held\":{\"file:column-unnamed\":{\"count\":1,\"files\":[1],\"columns\":[0]}}");
	refused("\"held\":{}",
	    "\"held\":{\"file:column-unnamed\":{\"count\":1,\"files\":[1],\"columns\":[65538]}}");
	refused("\"held\":{}",
	    "\"held\":{\"file:column-unnamed\":{\"count\":1,\"files\":[1],\"columns\":[\"geheim\"]}}");
	refused("\"held\":{}", "\"held\":{\"file:nul-byte\":{\"count\":1,\"files\":[1],\"columns\":[1]}}");
	refused(
	    "\"held\":{}", "\"held\":{\"file:column-unnamed\":{\"count\":1,\"columns\":[1],\"geheim\":[1]}}");
	for (int i = 0; i < 257; i++)
		snprintf(
		    many + strlen(many), sizeof(many) - strlen(many), "%s\"k%d\":1", i == 0 ? "" : ",", i);
	snprintf(many + strlen(many), sizeof(many) - strlen(many), "}");
	refused("\"found\":{}", many);
	CHECK_ERR(report_merge(total, j, &e), ERR_INPUT);
	CHECK_ERR(report_merge(j, total, &e), ERR_INPUT);
	json_free(j);
	json_free(total);
	/* One hundred file numbers are the most. */
	snprintf(many, sizeof(many), "\"held\":{\"file:nul-byte\":{\"count\":101,\"files\":[0");
	for (int i = 1; i < 101; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), ",%d", i);
	snprintf(many + strlen(many), sizeof(many) - strlen(many), "]}}");
	refused("\"held\":{}", many);
}

/* The same numbers by rule and by file: whole below the limits, in the sums alone past them. */
static void
test_parts(void)
{
	struct report *r = report_new();
	struct json *total = json_object(), *one;
	const struct json *part;
	int64_t seen = 0;

	for (uint64_t file = 1; file <= REPORT_LISTED_MAX + 50; file++) {
		report_file_begin(r, file, file % 2 + 1);
		report_add(r, "files", "seen", 1);
		report_add(r, "found", "bsn", 2);
		report_add(r, "bytes", "in", 5);
		report_add(r, "actions", "keep", 0);
		if (file == 2)
			report_hold(r, HOLD_RECORD, "value-type", file, 3);
		report_file_end(r);
	}
	report_add(r, "files", "seen", 1); /* of no file: in the sum alone */
	one = report_json(r);
	CHECK_OK(report_merge(total, one, &e));
	CHECK_OK(report_merge(total, one, &e));
	CHECK(json_get(json_get(total, "by-file"), "1") != NULL &&
	      json_get(total, "by-file")->count == REPORT_LISTED_MAX);
	part = json_get(json_get(total, "by-file"), "2");
	CHECK(same((struct json *)(uintptr_t)part,
	    "{\"files\":{\"seen\":2},\"found\":{\"bsn\":4},\"records\":{\"held\":6},\"rule\":1}"));
	for (size_t i = 0; i < 2; i++)
		seen += json_get(
		    json_get(json_get(json_get(total, "rules"), i == 0 ? "1" : "2"), "files"), "seen")
			    ->integer;
	CHECK(seen == 2 * (REPORT_LISTED_MAX + 50));
	CHECK(json_get(json_get(total, "files"), "seen")->integer == seen + 2);
	json_free(one);
	json_free(total);
	report_free(r);

	r = report_new();
	for (uint64_t rule = 0; rule < REPORT_RULES_MAX + 5; rule++) {
		report_file_begin(r, 1, rule);
		report_add(r, "files", "seen", 1);
		report_file_end(r);
	}
	one = report_json(r);
	CHECK(json_get(one, "rules")->count == REPORT_RULES_MAX && json_get(one, "by-file")->count == 1);
	json_free(one);
	report_free(r);

	/* What a child may not say there. */
	refused("\"rules\":{}", "\"rules\":[]");
	refused("\"rules\":{}", "\"rules\":{\"geheim\":{}}");
	refused("\"rules\":{}", "\"rules\":{\"01\":{}}");
	refused("\"rules\":{}", "\"rules\":{\"\":{}}");
	refused("\"rules\":{}", "\"rules\":{\"-1\":{}}");
	refused("\"rules\":{}", "\"rules\":{\"1001\":{}}");
	refused("\"rules\":{}", "\"rules\":{\"99999999999999999999999\":{}}");
	refused("\"rules\":{}", "\"rules\":{\"1\":1}");
	refused("\"rules\":{}", "\"rules\":{\"1\":{\"geheim\":{}}}");
	refused("\"rules\":{}", "\"rules\":{\"1\":{\"bytes\":{\"in\":1}}}");
	refused("\"rules\":{}", "\"rules\":{\"1\":{\"rule\":1}}");
	refused("\"rules\":{}", "\"rules\":{\"1\":{\"found\":{\"geheim\":1}}}");
	refused("\"rules\":{}", "\"rules\":{\"1\":{\"found\":{\"bsn\":-1}}}");
	refused("\"by-file\":{}", "\"by-file\":{\"1\":{}}");
	refused("\"by-file\":{}", "\"by-file\":{\"1\":{\"rule\":1001}}");
	refused("\"by-file\":{}", "\"by-file\":{\"1\":{\"rule\":\"geheim\"}}");
	refused("\"by-file\":{},", "");
}

static struct json *
told(const char *text, int64_t least)
{
	struct json *j = parse(text), *out = report_tell(j, least);

	json_free(j);
	return out;
}

/* What is told: multiples, totals up, parts down. */
static void
test_tell(void)
{
	static const char whole[] =
	    "{\"actions\":{\"drop\":0,\"keep\":101},\"by-file\":{\"7\":{\"actions\":{\"keep\":101},\"files\":"
	    "{\"held\":1},"
	    "\"found\":{\"bsn\":3},\"rule\":2}},\"bytes\":{\"in\":7},\"check\":{\"members\":3},"
	    "\"disclosure\":{\"below\":12,"
	    "\"classes\":3,\"held\":1,\"smallest\":12},\"files\":{\"held\":1,\"seen\":3},\"found\":{\"bsn\":"
	    "3},\"held\":{"
	    "\"check:check-bsn\":{\"count\":1,\"files\":[]},\"file:nul-byte\":{\"count\":1,\"files\":[7]},"
	    "\"record:date-form\":{\"count\":1,\"files\":[7]},\"record:value-type\":{\"count\":11,\"files\":["
	    "7]}},"
	    "\"previous\":{\"difference\":{\"files\":{\"seen\":-1},\"found\":{\"bsn\":-1,\"iban\":11},"
	    "\"held\":{"
	    "\"file:nul-byte\":1,\"record:value-type\":1},\"rules\":{\"2:found:bsn\":-3}},\"policy\":"
	    "\"same\"},"
	    "\"quasi\":{\"1-smallest\":11},\"records\":{\"held\":12,\"passed\":100,\"seen\":112},\"rules\":{"
	    "\"2\":{\"actions\":{"
	    "\"keep\":101},\"found\":{\"bsn\":10,\"iban\":9}}},\"subjects\":{\"unlinked\":1}}";
	struct json *j = told(whole, 1);

	CHECK(same(j, whole));
	json_free(j);
	j = told(whole, 10);
	CHECK(same(j,
	    "{\"actions\":{\"drop\":0,\"keep\":110},\"by-file\":{\"7\":{\"actions\":{\"keep\":100},\"files\":"
	    "{\"held\":1},"
	    "\"rule\":2}},\"bytes\":{\"in\":7},\"check\":{\"members\":3},\"disclosure\":{\"below\":20,"
	    "\"classes\":3,\"held\":1,\"smallest\":12},\"files\":{\"held\":1,\"seen\":3},\"found\":{\"bsn\":"
	    "10},\"held\":{"
	    "\"check:check-bsn\":{\"count\":1,\"files\":[]},\"file:nul-byte\":{\"count\":1,\"files\":[7]},"
	    "\"record:date-form\":{\"count\":10,\"files\":[7]},\"record:value-type\":{\"count\":20,\"files\":"
	    "[7]}},"
	    "\"previous\":{\"difference\":{\"files\":{\"seen\":-1},\"found\":{\"bsn\":-10,\"iban\":20},"
	    "\"held\":{"
	    "\"file:nul-byte\":1,\"record:value-type\":10},\"rules\":{\"2:found:bsn\":-10}},\"policy\":"
	    "\"same\"},"
	    "\"quasi\":{\"1-smallest\":11},\"records\":{\"held\":30,\"passed\":100,\"seen\":120},\"rules\":{"
	    "\"2\":{\"actions\":{"
	    "\"keep\":100},\"found\":{\"bsn\":10}}},\"subjects\":{\"unlinked\":10},\"told\":{\"least\":10}"
	    "}"));
	json_free(j);
}

/* From what is told, a part from 1 to 9 can be any of them still: by total and other part, of all that can be. */
static void
test_tell_apart(void)
{
	char text[256];

	for (int64_t other = 0; other <= 60; other++) {
		/* Of these told numbers, which small parts are there? */
		int64_t first_total = -1, first_other = -1;
		unsigned seen = 0;

		for (int64_t small = 1; small <= 9; small++) {
			for (int64_t beside = other / 10 * 10; beside < other / 10 * 10 + 10; beside++) {
				struct json *j;
				int64_t total, part;

				snprintf(text, sizeof(text),
				    "{\"found\":{\"bsn\":%lld},\"rules\":{\"1\":{\"found\":{\"bsn\":%lld}},"
				    "\"2\":{\"found\":{"
				    "\"bsn\":%lld}}}}",
				    (long long)(small + beside), (long long)beside, (long long)small);
				j = told(text, 10);
				total = json_get(json_get(j, "found"), "bsn")->integer;
				CHECK(json_get(json_get(json_get(j, "rules"), "2"), "found") == NULL);
				part = json_get(json_get(json_get(j, "rules"), "1"), "found") == NULL
					   ? 0
					   : json_get(json_get(json_get(json_get(j, "rules"), "1"), "found"),
						 "bsn")
						 ->integer;
				json_free(j);
				if (first_total == -1) {
					first_total = total;
					first_other = part;
				}
				if (total == first_total && part == first_other)
					seen |= 1u << small;
			}
		}
		CHECK(seen == 0x3fe);
	}
}

static void
test_text(void)
{
	CHECK(report_reason_text("file-unmatched") != NULL);
	CHECK(strcmp(report_reason_text("file-unmatched"), "no rule of the policy names this file") == 0);
	CHECK(report_reason_text("no-such-reason") == NULL);
	CHECK(report_reason_text("") == NULL);
}

int
main(void)
{
	test_count();
	test_columns();
	test_merge();
	test_renumber();
	test_hostile();
	test_parts();
	test_tell();
	test_tell_apart();
	test_text();
	return check_done();
}
