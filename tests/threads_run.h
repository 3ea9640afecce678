/* For tests of readers on several threads: the same file on one and on more, and what comes out of each compared. */
#ifndef TESTS_THREADS_RUN_H
#define TESTS_THREADS_RUN_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "pseudonym_key.h"
#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"

#define THREADS_MAX 7

static struct err e;
/* The last of each is for what runs beside the threads. */
static struct policy *policies[THREADS_MAX + 1];
static struct pseudonym_key *keys[THREADS_MAX + 1];
static struct scrub_thread threads[THREADS_MAX];
/* Between source and reader stands what finds the encoding, as in the program. */
static bool encoded, always_encoded;

/* A reader with the limits of the format. */
typedef int reader_fn(struct scrub *s, struct source *in, const void *limits, struct err *err);

static unsigned
pick(unsigned count)
{
	static uint64_t state = 20260101;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % count;
}

static struct scrub
scrub_with(size_t rule, struct entry_writer *writer, unsigned count)
{
	return (struct scrub){.policy = policies[THREADS_MAX],
	    .rule = policies[THREADS_MAX]->rules + rule,
	    .key = keys[THREADS_MAX],
	    .report = report_new(),
	    .out = writer,
	    .threads = threads,
	    .thread_count = count};
}

/* The entry stream into out, the report into told. */
static void
scrubbed(reader_fn *reader, size_t rule, const char *text, size_t len, const void *limits, unsigned count,
    struct buf *out, struct buf *told)
{
	struct entry_writer writer;
	struct source_mem source;
	struct scrub s = scrub_with(rule, &writer, count);
	int fd = memfd_create("members", MFD_CLOEXEC);
	struct json *report;
	struct encoded decoder;

	entry_writer_init(&writer, fd);
	source_mem_init(&source, text, len, "file");
	source.source.size_known = pick(2) == 0;
	if (encoded) {
		CHECK_OK(encoded_init(&decoder, &source.source, &e));
		encoded_writer(&decoder, &writer);
	}
	report_file_begin(s.report, 1, rule + 1);
	CHECK_OK(reader(&s, encoded ? &decoder.source : &source.source, limits, &e));
	report_file_end(s.report);
	if (encoded)
		encoded_free(&decoder, &writer);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	buf_clear(out);
	buf_clear(told);
	CHECK_OK(io_read_all(fd, out, "members", &e));
	report = report_json(s.report);
	CHECK_OK(json_encode(report, told, &e));
	json_free(report);
	report_free(s.report);
	close(fd);
}

/* The same on one thread and on each of the counts, which 0 ends. */
static bool
compare(
    reader_fn *reader, size_t rule, const char *text, size_t len, const void *limits, const unsigned *counts)
{
	struct buf out, told, out_one, told_one;
	bool same = true;

	buf_init(&out, 256 << 20);
	buf_init(&told, 1 << 20);
	buf_init(&out_one, 256 << 20);
	buf_init(&told_one, 1 << 20);
	encoded = always_encoded || pick(2) == 0;
	scrubbed(reader, rule, text, len, limits, 1, &out_one, &told_one);
	for (; *counts != 0; counts++) {
		scrubbed(reader, rule, text, len, limits, *counts, &out, &told);
		same = same && out.len == out_one.len &&
		       (out.len == 0 || memcmp(out.data, out_one.data, out.len) == 0) &&
		       told.len == told_one.len && memcmp(told.data, told_one.data, told.len) == 0;
	}
	CHECK(same);
	buf_free(&out);
	buf_free(&told);
	buf_free(&out_one);
	buf_free(&told_one);
	return same;
}

/* What is told of columns and paths, on one thread and on three. */
static inline void
held_for(reader_fn *reader, size_t rule, const char *text, const void *limits, const char *want)
{
	struct buf out, told;

	for (unsigned count = 1; count <= 3; count += 2) {
		buf_init(&out, 1 << 20);
		buf_init(&told, 1 << 20);
		scrubbed(reader, rule, text, strlen(text), limits, count, &out, &told);
		CHECK(memmem(told.data, told.len, want, strlen(want)) != NULL);
		if (memmem(told.data, told.len, want, strlen(want)) == NULL)
			fprintf(stderr, "%.*s\n", (int)told.len, (const char *)told.data);
		buf_free(&out);
		buf_free(&told);
	}
}

/* A policy and a key for each; 0 where it worked. */
static int
threads_start(const char *yaml)
{
	struct json *resolved;

	CHECK_OK(secret_start(&e));
	resolved = policy_from_yaml(yaml, strlen(yaml), &e);
	CHECK(resolved != NULL);
	for (unsigned i = 0; i <= THREADS_MAX && resolved != NULL; i++) {
		policies[i] = policy_decode(resolved, &e);
		keys[i] = pseudonym_key_of(3, &e);
		CHECK(policies[i] != NULL && keys[i] != NULL);
		if (i < THREADS_MAX)
			threads[i] = (struct scrub_thread){.policy = policies[i], .key = keys[i]};
	}
	json_free(resolved);
	if (check_failures > 0)
		fprintf(stderr, "%s\n", e.text);
	return check_failures;
}

static int
threads_done(void)
{
	for (unsigned i = 0; i <= THREADS_MAX; i++) {
		policy_free(policies[i]);
		pseudonym_key_free(keys[i]);
	}
	return check_done();
}

#endif
