/* JSON Lines: never past the end, and the same members whatever the chunks, windows and threads; under a rule with two sets as many of each. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../stager/scrub/format/jsonl_reader.h"
#include "../pseudonym_key.h"
#include "stager/buf.h"
#include "stager/entry.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define THREADS 4

/* The last is for what runs beside the threads; patterns, which no two threads may share, there are none. */
static struct pseudonym_key *keys[THREADS + 1];

/* What one set gets of a record, or of a part, the other gets too. */
static void
check_sets(const struct rule *rule, int fd)
{
	const off_t end = lseek(fd, 0, SEEK_CUR);
	struct entry_reader reader;
	struct entry entry;
	uint8_t piece[4096];
	size_t count[2] = {0}, got;
	struct err e;
	int rc;

	if (rule->set_count < 2 || lseek(fd, 0, SEEK_SET) != 0)
		return;
	entry_reader_init(&reader, fd);
	while ((rc = entry_next(&reader, &entry, &e)) == 1) {
		if (entry.set > 1)
			abort();
		count[entry.set]++;
		do
			if (entry_read(&reader, piece, sizeof(piece), &got, &e) == -1)
				abort();
		while (got > 0);
	}
	if (rc == -1 || count[0] != count[1] || lseek(fd, end, SEEK_SET) != end)
		abort();
}

/* All members, one behind the other, into out. */
static void
run(struct rule *rule, const uint8_t *data, size_t size, size_t chunk, const struct jsonl_limits *limits,
    unsigned thread_count, struct buf *out)
{
	const struct policy policy = {.text = {.bsn_any = true}, .rules = rule, .rule_count = 1};
	struct scrub_thread threads[THREADS];
	struct report *report = report_new();
	int fd = memfd_create("members", MFD_CLOEXEC);
	struct entry_writer writer;
	struct source_mem source;
	struct err e;
	off_t end;

	if (fd == -1)
		abort();
	entry_writer_init(&writer, fd);
	source_mem_init(&source, data, size, "file");
	source.chunk = chunk;
	for (size_t i = 0; i < THREADS; i++)
		threads[i] = (struct scrub_thread){.policy = &policy, .key = keys[i]};
	if (jsonl_scrub_limits(&(struct scrub){.policy = &policy,
				   .rule = rule,
				   .key = keys[THREADS],
				   .report = report,
				   .out = &writer,
				   .threads = threads,
				   .thread_count = thread_count},
		&source.source, limits, &e) == -1)
		abort();
	check_sets(rule, fd);
	end = lseek(fd, 0, SEEK_CUR);
	if (end > 0) {
		uint8_t *to = buf_reserve(out, (size_t)end, &e);

		if (to == NULL || pread(fd, to, (size_t)end, 0) != end)
			abort();
		out->len += (size_t)end;
	}
	close(fd);
	report_free(report);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct field fields[] = {
	    {(char[]){"$.f"}, {.kind = ACTION_FIRST, .first = 2}},
	    {(char[]){"$.n"}, {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = 0, .max = 100}},
	    {(char[]){"$.d"}, {.kind = ACTION_DROP}},
	    {(char[]){"$.b"}, {.kind = ACTION_BLANK}},
	    {(char[]){"$.p"}, {.kind = ACTION_PSEUDONYM}},
	    {(char[]){"$.t"}, {.kind = ACTION_TEXT}},
	    {(char[]){"$.l[*].d"}, {.kind = ACTION_DROP}},
	    {(char[]){"$.l[*].*"}, {.kind = ACTION_TEXT}},
	    {(char[]){"$.l[*].t[*]"}, {.kind = ACTION_TEXT}},
	    {(char[]){"$.o.*"}, {.kind = ACTION_BLANK}},
	};
	struct rule rule = {.format = FORMAT_JSONL,
	    .decimal = '.',
	    .fields = fields,
	    .field_count = sizeof(fields) / sizeof(fields[0])};
	/* A part is cut, and a record is too long, where there is little of it. */
	struct jsonl_limits limits = {.window = 4096, .record_max = 2000, .part_max = 3000}, other = limits;
	struct subject_path paths[] = {{.path = (char[]){"$.p"}}, {.path = (char[]){"$.l[*].*"}},
	    {.path = (char[]){"$.o[f=x].p"}}, {.path = (char[]){"$[n=1].l[*][f=x].t[*]"}}};
	struct buf first, second;
	unsigned thread_count;
	struct err e;

	if (keys[0] == NULL && secret_start(&e) == -1)
		abort();
	for (size_t i = 0; i <= THREADS; i++)
		if (keys[i] == NULL && (keys[i] = pseudonym_key_of(0, &e)) == NULL)
			abort();
	if (size < 2)
		return 0;
	rule.sample_record = (data[0] & 1) != 0;
	/* 2: one plain path; with 128 besides, several with wildcards and what they ask for. */
	if (data[0] & 2) {
		rule.subject = paths[0].path;
		rule.subject_paths = paths;
		rule.subject_path_count = (data[0] & 0x80) != 0 ? 4 : 1;
	}
	if (data[0] & 4) {
		fields[0].action.set = fields[5].action.set = fields[7].action.set = fields[9].action.set = 1;
		fields[4].action.set = POLICY_SET_EVERY;
		rule.sets[1] = 1;
		rule.set_count = 2;
	}
	buf_init(&first, 1 << 26);
	buf_init(&second, 1 << 26);
	other.window = 4 + data[1];
	other.line_max = (data[0] & 0x40) != 0 ? data[1] : 500;
	other.out_max = (data[0] & 0x20) != 0 ? 64 : 4 * other.window;
	/* Threads are dear: most inputs do without. */
	thread_count = (data[0] & 8) != 0 ? 2 + (data[0] >> 4) % (THREADS - 1) : 1;
	run(&rule, data + 2, size - 2, 0, &limits, 1, &first);
	run(&rule, data + 2, size - 2, 3, &other, thread_count, &second);
	if (first.len != second.len || (first.len > 0 && memcmp(first.data, second.data, first.len) != 0))
		abort();
	buf_free(&first);
	buf_free(&second);
	return 0;
}
