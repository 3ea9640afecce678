/*
 * How fast the readers of tables and records are alone: bench_scrub POLICY FILE [THREADS], through the rule of the policy that
 * matches FILE's name; members go to /dev/null. Of a compressed file the bytes that it holds count. Beside it what `wc -l` does at best: the same bytes, counting their
 * line ends. By processor time, best of some rounds; with
 * THREADS, also by the clock on one, on so many, and by so many processes that have nothing to do with one another, each with the file
 * for itself: what the machine gives at best.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pseudonym_key.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/ring.h"
#include "stager/source.h"

#define ROUNDS 5

static struct err e;

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct policy *
policy_of(const char *path)
{
	struct json *resolved = NULL;
	struct policy *policy = NULL;
	struct buf yaml;

	buf_init(&yaml, 1 << 20);
	if (io_read_file(AT_FDCWD, path, &yaml, &e) == 0 &&
	    (resolved = policy_from_yaml(yaml.data, yaml.len, &e)) != NULL)
		policy = policy_decode(resolved, &e);
	json_free(resolved);
	buf_free(&yaml);
	return policy;
}

struct took {
	double clock, processor; /* seconds */
};

/* Lines, as wc -l counts them. */
static struct took
count_lines(int fd, uint64_t *lines)
{
	static char block[256 << 10];
	struct took took = {.clock = now(CLOCK_MONOTONIC), .processor = now(CLOCK_PROCESS_CPUTIME_ID)};
	ssize_t n;

	*lines = 0;
	for (off_t at = 0; (n = pread(fd, block, sizeof(block), at)) > 0; at += n)
		for (const char *p = block; (p = memchr(p, '\n', (size_t)(block + n - p))) != NULL; p++)
			++*lines;
	took.clock = now(CLOCK_MONOTONIC) - took.clock;
	took.processor = now(CLOCK_PROCESS_CPUTIME_ID) - took.processor;
	return took;
}

static struct policy *policies[1 + RING_PROCESSORS_MAX];
static struct pseudonym_key *keys[1 + RING_PROCESSORS_MAX];
static struct scrub_thread threads[RING_PROCESSORS_MAX];
static uint64_t passed, seen, bytes;

static struct took
scrub_once(int fd, uint64_t size, const char *name, int out, unsigned thread_count)
{
	static uint8_t held[ENTRY_HELD_LEN];
	struct entry_writer writer;
	struct source_fd source;
	struct scrub s = {.policy = policies[0],
	    .key = keys[0],
	    .report = report_new(),
	    .out = &writer,
	    .threads = threads,
	    .thread_count = thread_count};
	struct took took = {.clock = now(CLOCK_MONOTONIC), .processor = now(CLOCK_PROCESS_CPUTIME_ID)};

	entry_writer_init(&writer, out);
	entry_writer_hold(&writer, held);
	source_fd_init(&source, fd, size, 1, name);
	if (lseek(fd, 0, SEEK_SET) == -1 || scrub_file(&s, &source.source, &e) == -1 ||
	    entry_flush(&writer, &e) == -1)
		exit(err_report("bench_scrub", &e));
	took.clock = now(CLOCK_MONOTONIC) - took.clock;
	took.processor = now(CLOCK_PROCESS_CPUTIME_ID) - took.processor;
	passed = report_get(s.report, "records", "passed");
	seen = report_get(s.report, "records", "seen");
	bytes = report_get(s.report, "bytes", "in");
	report_free(s.report);
	return took;
}

/* One thread in each of `count` processes at the same time, over the whole file each: seconds by the clock until the last is done. */
static double
scrub_apart(const char *path, uint64_t size, const char *name, int out, unsigned count)
{
	int gate[2], status, fd;
	double start;
	char c;

	if (pipe2(gate, O_CLOEXEC) == -1)
		exit(err_report("bench_scrub", (err_sys(&e, "pipe"), &e)));
	for (unsigned i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == -1)
			exit(err_report("bench_scrub", (err_sys(&e, "fork"), &e)));
		if (pid == 0) {
			close(gate[1]);
			if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 || read(gate[0], &c, 1) == -1)
				_exit(1);
			(void)scrub_once(fd, size, name, out, 1);
			_exit(0);
		}
	}
	close(gate[0]);
	start = now(CLOCK_MONOTONIC);
	close(gate[1]); /* all of them begin */
	for (unsigned i = 0; i < count; i++)
		if (wait(&status) == -1 || status != 0) {
			fprintf(stderr, "bench_scrub: a process failed\n");
			exit(1);
		}
	return now(CLOCK_MONOTONIC) - start;
}

static void
least(struct took *best, struct took took)
{
	if (best->clock == 0 || took.clock < best->clock)
		best->clock = took.clock;
	if (best->processor == 0 || took.processor < best->processor)
		best->processor = took.processor;
}

int
main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1,
	    out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const char *name = argc > 2 && strrchr(argv[2], '/') != NULL ? strrchr(argv[2], '/') + 1 : "";
	unsigned thread_count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	struct took one = {0}, several = {0}, counted = {0};
	double megabytes, apart = 0, last;
	uint64_t lines;
	struct stat st;

	if (fd == -1 || out == -1 || fstat(fd, &st) == -1 || thread_count > RING_PROCESSORS_MAX) {
		fprintf(stderr, "usage: bench_scrub POLICY FILE [THREADS]\n");
		return 2;
	}
	if (secret_start(&e) == -1)
		return err_report("bench_scrub", &e);
	for (unsigned i = 0; i <= thread_count; i++) {
		if ((keys[i] = pseudonym_key_of(7, &e)) == NULL || (policies[i] = policy_of(argv[1])) == NULL)
			return err_report("bench_scrub", &e);
		if (i > 0)
			threads[i - 1] = (struct scrub_thread){.policy = policies[i], .key = keys[i]};
	}
	for (int round = 0; round < ROUNDS; round++) {
		least(&counted, count_lines(fd, &lines));
		least(&one, scrub_once(fd, (uint64_t)st.st_size, name, out, 1));
		if (thread_count > 0) {
			least(&several, scrub_once(fd, (uint64_t)st.st_size, name, out, thread_count));
			last = scrub_apart(argv[2], (uint64_t)st.st_size, name, out, thread_count);
			apart = apart == 0 || last < apart ? last : apart;
		}
	}
	megabytes = (double)bytes / 1e6;
	printf("%s: %.0f MB, %" PRIu64
	       " lines: %.0f MB/s of processor time, counting lines %.0f MB/s; %" PRIu64 " of %" PRIu64
	       " records passed\n",
	    name, megabytes, lines, megabytes / one.processor, (double)st.st_size / 1e6 / counted.processor,
	    passed, seen);
	if (thread_count > 0)
		printf("  by the clock %.0f MB/s on one thread, %.0f MB/s on %u: %.2f times; processor time "
		       "%.2f times; %u processes apart %.2f times\n",
		    megabytes / one.clock, megabytes / several.clock, thread_count, one.clock / several.clock,
		    several.processor / one.processor, thread_count, thread_count * one.clock / apart);
	for (unsigned i = 0; i <= thread_count; i++) {
		policy_free(policies[i]);
		pseudonym_key_free(keys[i]);
	}
	close(fd);
	close(out);
	return 0;
}
