/*
 * How fast the readers of tables and records are alone: bench_scrub POLICY FILE, through the rule of the policy that
 * matches FILE's name; members go to /dev/null. Beside it what `wc -l` does at best: the same bytes, counting their
 * line ends. By processor time, best of some rounds.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pseudonym_key.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"

#define ROUNDS 5

static struct err e;

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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

/* Lines, as wc -l counts them. */
static double
count_lines(int fd, uint64_t *lines)
{
	static char block[256 << 10];
	double start = seconds();
	ssize_t n;

	*lines = 0;
	for (off_t at = 0; (n = pread(fd, block, sizeof(block), at)) > 0; at += n)
		for (const char *p = block; (p = memchr(p, '\n', (size_t)(block + n - p))) != NULL; p++)
			++*lines;
	return seconds() - start;
}

static double
scrub_once(const struct policy *policy, struct pseudonym_key *key, int fd, uint64_t size, const char *name,
    int out, uint64_t passed[static 2])
{
	static uint8_t held[ENTRY_HELD_LEN];
	struct entry_writer writer;
	struct source_fd source;
	struct scrub s = {.policy = policy, .key = key, .report = report_new(), .out = &writer};
	double start = seconds();

	entry_writer_init(&writer, out);
	entry_writer_hold(&writer, held);
	source_fd_init(&source, fd, size, 1, name);
	if (lseek(fd, 0, SEEK_SET) == -1 || scrub_file(&s, &source.source, &e) == -1 ||
	    entry_flush(&writer, &e) == -1)
		exit(err_report("bench_scrub", &e));
	start = seconds() - start;
	passed[0] = report_get(s.report, "records", "passed");
	passed[1] = report_get(s.report, "records", "seen");
	report_free(s.report);
	return start;
}

int
main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1,
	    out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const char *name = argc > 2 && strrchr(argv[2], '/') != NULL ? strrchr(argv[2], '/') + 1 : "";
	double scrubbed = 0, counted = 0, took, megabytes;
	struct pseudonym_key *key = NULL;
	struct policy *policy = NULL;
	uint64_t lines, passed[2];
	struct stat st;

	if (fd == -1 || out == -1 || fstat(fd, &st) == -1) {
		fprintf(stderr, "usage: bench_scrub POLICY FILE\n");
		return 2;
	}
	if (secret_start(&e) == -1 || (key = pseudonym_key_of(7, &e)) == NULL ||
	    (policy = policy_of(argv[1])) == NULL)
		return err_report("bench_scrub", &e);
	for (int round = 0; round < ROUNDS; round++) {
		took = count_lines(fd, &lines);
		counted = round == 0 || took < counted ? took : counted;
		took = scrub_once(policy, key, fd, (uint64_t)st.st_size, name, out, passed);
		scrubbed = round == 0 || took < scrubbed ? took : scrubbed;
	}
	megabytes = (double)st.st_size / 1e6;
	printf("%s: %.0f MB, %" PRIu64
	       " lines: %.0f MB/s of processor time, counting lines %.0f MB/s; %" PRIu64 " of %" PRIu64
	       " records passed\n",
	    name, megabytes, lines, megabytes / scrubbed, megabytes / counted, passed[0], passed[1]);
	policy_free(policy);
	pseudonym_key_free(key);
	close(fd);
	close(out);
	return 0;
}
