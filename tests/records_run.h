/* For tests of records as units of disclosure control: a policy, and the two passes over one file. */
#ifndef TESTS_RECORDS_RUN_H
#define TESTS_RECORDS_RUN_H

#include "../stager/scrub/format/csv.h"
#include "../stager/scrub/format/jsonl_reader.h"
#include "../stager/scrub/record.h"
#include "scrub_run.h"

#define THREADS 3

#define HEAD "pc,age,sex,d,t\n"

static const char form[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "files:\n  - match: t.csv\n    format: csv\n    csv: {missing: [NA]}\n"
    "    columns: {%spc: {first: 4, pattern: '[0-9]{4}[A-Z]{2}'}, age: {round: 5, top: 90}, "
    "sex: {keep: enum, values: [m, v]%s}, d: {keep: number}, t: text}\n"
    "  - match: t.jsonl\n    format: jsonl\n    sample: file\n"
    "    fields: {%s$.a.pc: {keep: code, pattern: '[0-9]{4}'}, $.age: {keep: number%s}, "
    "$.d: {keep: enum, values: [x, y, z]}, $.t: text}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}%s}\n"
    "disclosure: {unit: record, %s}\n";

static struct err e;
static struct pseudonym_key *keys[THREADS + 1];
static struct policy *policies[THREADS + 1];
static struct scrub_thread threads[THREADS];

/* policies[0] and those of the threads. sets: sex goes to another one. */
static bool
policy_with(const char *disclosure, bool sets)
{
	static char yaml[4000];
	struct json *resolved;

	(void)snprintf(yaml, sizeof(yaml), form, sets ? "nr: pseudonym, " : "", sets ? ", set: home" : "",
	    sets ? "$.nr: pseudonym, " : "", sets ? ", set: home" : "",
	    sets ? ", home: {hold: [NL], open: [snellius]}" : "", disclosure);
	if ((resolved = policy_from_yaml(yaml, strlen(yaml), &e)) == NULL)
		return false;
	for (unsigned i = 0; i <= THREADS; i++) {
		policy_free(policies[i]);
		CHECK((policies[i] = policy_decode(resolved, &e)) != NULL);
		if (i > 0)
			threads[i - 1] = (struct scrub_thread){.policy = policies[i], .key = keys[i]};
	}
	json_free(resolved);
	return true;
}

/* The first pass over one file, as a program does it; then its table, mapped. bytes: of what is kept of combinations. NULL where it fails. */
static struct records *
count_within(size_t bytes, const char *name, const char *data, size_t len, struct report *report,
    struct record_sum *sum)
{
	struct records *r = records_new(policies[0], &e), *shown = NULL;
	struct entry_writer nowhere;
	struct scrub s = {.policy = policies[0], .key = keys[0], .records = r, .out = &nowhere};
	uint8_t digest[DIGEST_LEN], is[DIGEST_LEN];
	struct source_mem source;
	int fd = memfd_create("records", MFD_CLOEXEC);

	CHECK(r != NULL);
	record_counts_free(r->counts);
	CHECK((r->counts = record_counts_new(policies[0], bytes, &e)) != NULL);
	entry_writer_nowhere(&nowhere);
	source_mem_init(&source, data, len, name);
	source.source.number = 7;
	if (records_file(&s, &source.source, &e) == 0 && records_finish(r, fd, report, digest, &e) == 0) {
		*sum = *records_sum(r);
		if ((shown = records_open(policies[0], fd, &e)) != NULL) {
			records_digest(shown, is);
			CHECK(digest_equal(is, digest));
		}
	}
	records_free(r);
	close(fd);
	return shown;
}

static inline struct records *
count(const char *name, const char *data, size_t len, struct report *report, struct record_sum *sum)
{
	return count_within(RECORDS_BYTES_MAX, name, data, len, report, sum);
}

static int
read_csv(struct scrub *s, struct source *in, struct err *err)
{
	static const struct csv_limits limits = {
	    .window = 512, .record_max = 256, .part_max = 4096, .out_max = 2048, .threads_from = 0};

	return csv_scrub_limits(s, in, &limits, err);
}

static int
read_jsonl(struct scrub *s, struct source *in, struct err *err)
{
	static const struct jsonl_limits limits = {.window = 512,
	    .record_max = 4096,
	    .part_max = 4096,
	    .line_max = 512,
	    .out_max = 2048,
	    .threads_from = 0};

	return jsonl_scrub_limits(s, in, &limits, err);
}

/* The second pass, on so many threads. */
static int
show(
    struct scrub_run *run, size_t rule, struct records *records, const char *data, size_t len, unsigned count)
{
	return scrub_run_with(run, rule == 0 ? read_csv : read_jsonl,
	    &(struct scrub){.policy = policies[0],
		.rule = &policies[0]->rules[rule],
		.key = keys[0],
		.records = records,
		.threads = threads,
		.thread_count = count},
	    "file", data, len, 0, &e);
}

static int
records_start(void)
{
	CHECK_OK(secret_start(&e));
	for (unsigned i = 0; i <= THREADS; i++)
		CHECK((keys[i] = pseudonym_key_of(3, &e)) != NULL);
	return check_failures;
}

static int
records_done(void)
{
	for (unsigned i = 0; i <= THREADS; i++) {
		policy_free(policies[i]);
		pseudonym_key_free(keys[i]);
	}
	return check_done();
}

#endif
