/* For tests of the CSV reader: run it over bytes and gather what comes out. */
#ifndef TESTS_CSV_RUN_H
#define TESTS_CSV_RUN_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/scrub/format/csv.h"
#include "check.h"
#include "pseudonym_key.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/secret.h"
#include "stager/source.h"

static struct err e;
static struct pseudonym_key *key;
static struct pattern *anything;

static const struct csv_limits usual = {.window = 256 << 10, .record_max = 1 << 20, .part_max = 16 << 20};

struct result {
	struct buf out; /* the members' contents, one after the other */
	size_t members;
	size_t largest;
	char held[512]; /* "record:field-count=2 ", sorted */
	int64_t seen, passed, bytes;
	struct json *report;
	char ext[ENTRY_EXT_MAX + 1];
};

static void
result_free(struct result *r)
{
	buf_free(&r->out);
	json_free(r->report);
}

static void
take_members(struct result *r, int fd)
{
	struct entry_reader reader;
	struct entry entry;
	uint8_t *to;
	size_t got;
	int next;

	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	entry_reader_init(&reader, fd);
	while ((next = entry_next(&reader, &entry, &e)) == 1) {
		CHECK(entry.rescan == RESCAN_CSV && strcmp(entry.subject, "x") == 0 && !entry.continues);
		memcpy(r->ext, entry.ext, sizeof(r->ext));
		r->members++;
		if (entry.size > r->largest)
			r->largest = (size_t)entry.size;
		do {
			if ((to = buf_reserve(&r->out, 65536, &e)) == NULL)
				break;
			CHECK_OK(entry_read(&reader, to, 65536, &got, &e));
			r->out.len += got;
		} while (got > 0);
	}
	CHECK(next == 0);
}

static void
take_report(struct result *r, const struct report *report)
{
	const struct json *held;
	struct buf sorted;
	size_t at = 0;

	buf_init(&sorted, 1 << 16);
	r->report = report_json(report);
	CHECK_OK(json_encode(r->report, &sorted, &e)); /* sorts the keys */
	held = json_get(r->report, "held");
	for (size_t i = 0; i < held->count; i++) {
		const struct json *columns = json_get(held->items[i], "columns");

		at += (size_t)snprintf(r->held + at, sizeof(r->held) - at, "%s=%d", held->keys[i],
		    (int)json_get(held->items[i], "count")->integer);
		if (columns != NULL)
			at += (size_t)snprintf(
			    r->held + at, sizeof(r->held) - at, "@%d", (int)columns->items[0]->integer);
		at += (size_t)snprintf(r->held + at, sizeof(r->held) - at, " ");
	}
	r->seen = json_get(json_get(r->report, "records"), "seen")->integer;
	r->passed = json_get(json_get(r->report, "records"), "passed")->integer;
	r->bytes = json_get(json_get(r->report, "bytes"), "in")->integer;
	CHECK(json_get(json_get(r->report, "members"), "out")->integer == (int64_t)r->members);
	buf_free(&sorted);
}

static int
scrub_source(
    struct result *r, const struct rule *rule, struct source *source, const struct csv_limits *limits)
{
	static enum date_order orders[] = {DATE_DMY};
	static const struct policy policy = {.date_orders = orders, .date_order_count = 1};
	struct entry_writer out;
	struct scrub s = {.policy = &policy, .rule = rule, .key = key, .out = &out};
	int fd = memfd_create("members", MFD_CLOEXEC), rc;

	*r = (struct result){0};
	buf_init(&r->out, 256 << 20);
	s.report = report_new();
	entry_writer_init(&out, fd);
	rc = csv_scrub_limits(&s, source, limits, &e);
	if (rc == 0) {
		take_members(r, fd);
		take_report(r, s.report);
	}
	report_free(s.report);
	close(fd);
	return rc;
}

static int
scrub_bytes(struct result *r, const struct rule *rule, const char *text, size_t len, size_t chunk,
    const struct csv_limits *limits)
{
	struct source_mem source;

	source_mem_init(&source, text, len, "table.csv");
	source.chunk = chunk;
	return scrub_source(r, rule, &source.source, limits);
}

static bool
is_out(const struct result *r, const char *want)
{
	return r->out.len == strlen(want) && (r->out.len == 0 || memcmp(r->out.data, want, r->out.len) == 0);
}

#define BYTES(text) text, sizeof(text) - 1

#define KEEP(what)                                                  \
	{                                                           \
		.name = what, .action = {.kind = ACTION_KEEP_CODE } \
	}

static char name_a[] = "a", name_b[] = "b", name_c[] = "c";
static struct field abc[] = {KEEP(name_a), KEEP(name_b), KEEP(name_c)};
static struct rule three = {.delimiter = ',', .decimal = '.', .fields = abc, .field_count = 3};
static struct rule one = {.delimiter = ',', .decimal = '.', .fields = abc, .field_count = 1};

/* Before anything else; 0 where it worked. */
static int
csv_run_start(void)
{
	CHECK_OK(secret_start(&e));
	key = pseudonym_key_of(3, &e);
	anything = pattern_compile("(.|\\s)*", &e);
	CHECK(key != NULL && anything != NULL);
	for (size_t i = 0; i < 3; i++)
		abc[i].action.pattern = anything;
	return check_failures;
}

static int
csv_run_done(void)
{
	pattern_free(anything);
	pseudonym_key_free(key);
	return check_done();
}

#endif
