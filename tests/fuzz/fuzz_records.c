/*
 * Records as units of disclosure control, hostile at both ends: byte 0 chooses what comes, byte 1 the policy and the window. A
 * file goes through both passes, whose sums must be the same on any threads, and what leaves is counted again: nobody may stand
 * alone in it. A table of decisions is mapped, and a file that is known is shown by it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../stager/scrub/format/csv.h"
#include "../../stager/scrub/format/jsonl_reader.h"
#include "../../stager/scrub/record.h"
#include "../pseudonym_key.h"
#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/secret.h"
#include "stager/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define THREADS 3
#define FORMS 3 /* of disclosure; the last one's quasi-identifiers go to two sets */
#define SIZE_MAX_IN 4000

static const char form[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "files:\n  - match: t.csv\n    format: csv\n    csv: {missing: [NA]}\n"
    "    columns: {nr: pseudonym, pc: {first: 2, pattern: '[0-9]{1,3}[A-Z]?'}, age: {round: 5, top: 90}, "
    "sex: {keep: enum, values: [m, v]%s}, d: {keep: number}, t: text}\n"
    "  - match: t.jsonl\n    format: jsonl\n    sample: file\n"
    "    fields: {$.nr: pseudonym, $.a.pc: {keep: code, pattern: '[0-9]{1,3}'}, $.age: {keep: number%s}, "
    "$.d: {keep: enum, values: [x, y, z]}, $.t: text}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}%s}\n"
    "disclosure: {unit: record, %s}\n";
/* Of what has left: all of it is a code, and the same is asked of it. */
static const char look_form[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "files:\n  - match: t.csv\n    format: csv\n    csv: {missing: [NA]}\n"
    "    columns: {nr: drop, pc: {keep: code, pattern: '[0-9A-Z]*'}, age: {keep: code, pattern: '[-0-9.]*'}, "
    "sex: {keep: enum, values: [m, v]}, d: {keep: number}, t: drop}\n"
    "  - match: t.jsonl\n    format: jsonl\n    sample: file\n"
    "    fields: {$.nr: drop, $.a.pc: {keep: code, pattern: '[0-9]*'}, $.age: {keep: code, pattern: "
    "'[-+0-9.eE]*'}, "
    "$.d: {keep: enum, values: [x, y, z]}, $.t: drop}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n"
    "disclosure: {unit: record, %s}\n";
static const char *const disclosures[2][FORMS] = {
    {"quasi: [pc, age, sex], k: 2, l: {d: 2}, below: {widen: {pc: [1], age: [20]}, max: 100%}, from: t.csv",
	"quasi: [sex, age], k: 3, below: {max: 100%}, from: t.csv",
	"quasi: [sex, pc], k: 2, below: {widen: {pc: [1]}, max: 100%}, from: t.csv"},
    {"quasi: [$.a.pc, $.age], k: 2, l: {$.d: 2}, below: {widen: {$.age: [10], $.a.pc: [1]}, max: 100%}, "
     "from: "
     "t.jsonl",
	"quasi: [$.age], k: 3, below: {max: 100%}, from: t.jsonl",
	"quasi: [$.a.pc, $.age], k: 2, below: {widen: {$.a.pc: [1]}, max: 100%}, from: t.jsonl"}};
static const char *const names[] = {"t.csv", "t.jsonl"};
static const char header[] = "nr,pc,age,sex,d,t\n";
static const char *const known[] = {
    "nr,pc,age,sex,d,t\n1,11A,1,m,1,\n2,12,41,v,2,Jan\n,21,91,m,NA,\n,,,,,\n5,31,NA,v,3,x\n6,31,7,v,4,x\n",
    "{\"nr\":\"1\",\"a\":{\"pc\":\"11\"},\"age\":1,\"d\":\"x\"}\n{\"a\":{\"pc\":12},\"age\":\"41\",\"t\":"
    "\"Jan\"}\n"
    "{\"a\":{\"pc\":null},\"age\":null}\n{\"a\":{\"pc\":\"31\"},\"age\":4.5e1}\n{\"a\":{\"pc\":\"31\"},"
    "\"age\":7}\n"};
#define KNOWN_COUNT(format) ((format) == 0 ? 6u : 5u)

static struct policy *policies[2][FORMS][THREADS + 1], *looks[2][FORMS];
static struct pseudonym_key *keys[THREADS + 1];
static uint8_t tables[2][FORMS][SIZE_MAX_IN];
static size_t table_lens[2][FORMS];
static struct err e;

/* A line, since many of them stand in one function. */
static void
must_at(bool true_here, int line)
{
	if (true_here)
		return;
	fprintf(stderr, "line %d: what must be is not; the last error: %s\n", line, e.text);
	abort();
}
#define must(what) must_at((what), __LINE__)

static struct policy *
policy_of(const char *yaml)
{
	struct json *resolved = policy_from_yaml(yaml, strlen(yaml), &e);
	struct policy *policy = NULL;

	must(resolved != NULL && (policy = policy_decode(resolved, &e)) != NULL);
	json_free(resolved);
	return policy;
}

/* The first pass, as a program does it. NULL where a file is held too late; told: the report. */
static struct records *
count(const struct policy *policy, size_t format, const void *data, size_t len, struct report *told, int fd)
{
	struct records *r = records_new(policy, &e), *shown = NULL;
	struct entry_writer nowhere;
	struct scrub s = {.policy = policy, .key = keys[THREADS], .records = r, .out = &nowhere};
	uint8_t digest[DIGEST_LEN], is[DIGEST_LEN];
	struct record_sum sum;
	struct source_mem source;

	must(r != NULL && fd != -1);
	/* What a fuzzer found it finds again. */
	memset(r->key, 1, sizeof(r->key));
	memset(r->sum_key, 2, sizeof(r->sum_key));
	entry_writer_nowhere(&nowhere);
	source_mem_init(&source, data, len, names[format]);
	source.source.number = 1;
	if (records_file(&s, &source.source, &e) == -1) {
		must(e.code == ERR_INPUT);
		goto out;
	}
	must(records_finish(r, fd, told, digest, &e) == 0);
	sum = *records_sum(r);
	/* Fewer than k are not told. */
	must(sum.count < 3 || report_get(told, "disclosure", "records") == sum.count);
	must((shown = records_open(policy, fd, &e)) != NULL);
	records_digest(shown, is);
	must(digest_equal(is, digest));
	shown->sum = sum;
out:
	records_free(r);
	return shown;
}

static void
start(void)
{
	char yaml[4000];
	struct report *told;
	struct records *r;
	int fd;

	must(secret_start(&e) == 0);
	for (size_t i = 0; i <= THREADS; i++)
		must((keys[i] = pseudonym_key_of(0, &e)) != NULL);
	for (size_t format = 0; format < 2; format++)
		for (size_t i = 0; i < FORMS; i++) {
			bool sets = i == FORMS - 1;

			(void)snprintf(yaml, sizeof(yaml), form, sets ? ", set: home" : "",
			    sets ? ", set: home" : "", sets ? ", home: {hold: [NL], open: [snellius]}" : "",
			    disclosures[format][i]);
			for (size_t k = 0; k <= THREADS; k++)
				policies[format][i][k] = policy_of(yaml);
			(void)snprintf(yaml, sizeof(yaml), look_form, disclosures[format][i]);
			/* Without what is wider: codes have their first characters only. */
			if (strstr(yaml, "widen: {") != NULL) {
				char *from = strstr(yaml, "widen: {"), *end = strchr(from, '}') + 3;

				memmove(from, end, strlen(end) + 1);
			}
			looks[format][i] = policy_of(yaml);
			fd = memfd_create("records", MFD_CLOEXEC);
			told = report_new();
			r = count(policies[format][i][THREADS], format, known[format], strlen(known[format]),
			    told, fd);
			must(r != NULL && r->len <= SIZE_MAX_IN && r->tuples > 0);
			must(r->sum.count == KNOWN_COUNT(format));
			table_lens[format][i] = r->len;
			memcpy(tables[format][i], r->data, r->len);
			records_free(r);
			report_free(told);
			close(fd);
		}
}

struct shown {
	struct buf bytes, report; /* the entry stream */
	struct record_sum sum;
	bool held; /* the file */
};

/* The second pass. thread_count 0: all that the program does with a file; else its reader alone, in small steps. */
static void
show(struct shown *shown, size_t format, size_t i, struct records *records, const void *data, size_t len,
    unsigned step, unsigned thread_count)
{
	const struct csv_limits csv = {.window = 16 + 8 * step,
	    .record_max = SIZE_MAX_IN + 100,
	    .part_max = 200 + 16 * step,
	    .out_max = 2048};
	const struct jsonl_limits jsonl = {.window = 16 + 8 * step,
	    .record_max = SIZE_MAX_IN + 100,
	    .part_max = 200 + 16 * step,
	    .line_max = 128,
	    .out_max = 2048};
	struct scrub_thread threads[THREADS];
	struct entry_writer writer;
	struct scrub s = {.policy = policies[format][i][THREADS],
	    .key = keys[THREADS],
	    .records = records,
	    .report = report_new(),
	    .out = &writer,
	    .threads = threads,
	    .thread_count = thread_count};
	struct source_mem source;
	struct encoded text;
	struct json *report;
	off_t size;
	int fd = memfd_create("out", MFD_CLOEXEC);

	for (size_t k = 0; k < THREADS; k++)
		threads[k] = (struct scrub_thread){.policy = policies[format][i][k], .key = keys[k]};
	buf_init(&shown->bytes, 1 << 24);
	buf_init(&shown->report, 1 << 24);
	records->sum = (struct record_sum){.count = 0};
	entry_writer_init(&writer, fd);
	source_mem_init(&source, data, len, names[format]);
	source.source.number = 1;
	source.chunk = step;
	if (thread_count == 0) {
		must(scrub_file(&s, &source.source, &e) == 0);
	} else {
		must(encoded_init(&text, &source.source, &e) == 0);
		encoded_writer(&text, &writer);
		s.rule = s.policy->disclosure->rule;
		writer.set = s.rule->set;
		writer.file = 1;
		must((format == 0 ? csv_scrub_limits(&s, &text.source, &csv, &e)
				  : jsonl_scrub_limits(&s, &text.source, &jsonl, &e)) == 0);
		encoded_free(&text, &writer);
	}
	must(
	    (size = lseek(fd, 0, SEEK_END)) >= 0 && buf_reserve(&shown->bytes, (size_t)size + 1, &e) != NULL);
	must(pread(fd, shown->bytes.data, (size_t)size, 0) == size);
	shown->bytes.len = (size_t)size;
	close(fd);
	shown->sum = records->sum;
	must(report_get(s.report, "records", "passed") == shown->sum.count);
	shown->held = report_get(s.report, "files", "held") > 0;
	report = report_json(s.report);
	must(json_encode(report, &shown->report, &e) == 0);
	json_free(report);
	report_free(s.report);
}

static void
shown_free(struct shown *shown)
{
	buf_free(&shown->bytes);
	buf_free(&shown->report);
}

/* What left, counted again: all of it passes, and nobody of it is below. Not of sets, which leave apart, nor of other encodings. */
static void
look(size_t format, size_t i, const struct shown *shown)
{
	struct report *told = report_new();
	struct entry_reader reader;
	struct entry entry;
	uint8_t *text = malloc(shown->bytes.len + 1);
	size_t len = 0, got;
	struct records *r;
	int in = memfd_create("in", MFD_CLOEXEC), fd = memfd_create("records", MFD_CLOEXEC), rc;

	must(text != NULL && write(in, shown->bytes.data, shown->bytes.len) == (ssize_t)shown->bytes.len);
	must(lseek(in, 0, SEEK_SET) == 0);
	entry_reader_init(&reader, in);
	if ((rc = entry_next(&reader, &entry, &e)) == 1 && entry.encoding == ENCODING_UTF8) {
		while ((rc = entry_read(&reader, text + len, entry.size + 1, &got, &e)) == 0 && got > 0)
			len += got;
		must(rc == 0 && entry_next(&reader, &entry, &e) == 0);
		must((r = count(looks[format][i], format, text, len, told, fd)) != NULL);
		must(r->sum.count == shown->sum.count);
		must(report_get(told, "disclosure", "below") == 0);
		must(report_get(told, "disclosure", "held") == 0);
		records_free(r);
	}
	must(rc != -1);
	entry_reader_free(&reader);
	report_free(told);
	free(text);
	close(in);
	close(fd);
}

/* A file through both passes. */
static void
passes(size_t format, size_t i, unsigned step, bool threads, const uint8_t *data, size_t size)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	struct report *told = report_new();
	struct records *r = count(policies[format][i][THREADS], format, data, size, told, fd);
	struct shown whole, one, several;
	struct record_sum sum;

	if (r != NULL) {
		sum = r->sum;
		show(&whole, format, i, r, data, size, step, 0);
		must(record_sum_same(&whole.sum, &sum));
		if (i < FORMS - 1 && sum.count > 0 && report_get(told, "disclosure", "held") == 0)
			look(format, i, &whole);
		if (threads) {
			show(&one, format, i, r, data, size, step, 1);
			show(&several, format, i, r, data, size, step, THREADS);
			/* A record that is too long for so small a part is held. */
			must(one.sum.count <= sum.count || whole.held);
			must(one.sum.count < sum.count || whole.held || record_sum_same(&one.sum, &sum));
			must(record_sum_same(&one.sum, &several.sum));
			must(one.report.len == several.report.len &&
			     memcmp(one.report.data, several.report.data, one.report.len) == 0);
			must(one.bytes.len == several.bytes.len &&
			     memcmp(one.bytes.data, several.bytes.data, one.bytes.len) == 0);
			shown_free(&one);
			shown_free(&several);
		}
		shown_free(&whole);
		records_free(r);
	}
	report_free(told);
	close(fd);
}

/* A table of decisions: taken or refused; a file that is known passes with all its records by whatever it says. */
static void
table(size_t format, size_t i, const uint8_t *data, size_t size)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	struct shown shown;
	struct records *r;
	uint8_t *copy = NULL;

	must(write(fd, data, size) == (ssize_t)size);
	if ((r = records_open(policies[format][i][THREADS], fd, &e)) == NULL) {
		must(e.code == ERR_INPUT);
		close(fd);
		return;
	}
	/* A mapping ends with its page, this with its last byte. */
	must(r->len == size && (copy = malloc(size)) != NULL);
	memcpy(copy, data, size);
	r->entries = copy + (r->entries - r->data);
	r->starts = copy + (r->starts - r->data);
	show(&shown, format, i, r, known[format], strlen(known[format]), 0, 0);
	must(shown.sum.count == KNOWN_COUNT(format));
	shown_free(&shown);
	records_free(r);
	free(copy);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t made[SIZE_MAX_IN + sizeof(header)];
	size_t format, i, len;
	unsigned step;

	if (keys[0] == NULL)
		start();
	if (size < 2 || size - 2 > SIZE_MAX_IN)
		return 0;
	format = data[0] & 1;
	i = data[1] % FORMS;
	step = data[1] / FORMS;
	switch (data[0] >> 1 & 3) {
	case 0: /* a table as it is */
		table(format, i, data + 2, size - 2);
		break;
	case 1: /* the right one with some bytes changed, and perhaps cut */
		len = table_lens[format][i];
		memcpy(made, tables[format][i], len);
		for (size_t at = 2; at + 3 <= size; at += 3)
			made[(data[at] | (size_t)data[at + 1] << 8) % len] = data[at + 2];
		table(format, i, made, (data[0] & 8) != 0 && step < len ? len - step : len);
		break;
	case 2: /* a file as it is */
		passes(format, i, step, (data[0] & 8) != 0, data + 2, size - 2);
		break;
	default: /* a table with its header row, records behind one that is right */
		len = format == 0 ? sizeof(header) - 1 : 0;
		memcpy(made, header, len);
		memcpy(made + len, data + 2, size - 2);
		passes(format, i, step, (data[0] & 8) != 0, made, len + size - 2);
		break;
	}
	return 0;
}
