/*
 * Scrub one DICOM file by hand, with a fixed key: dicom_tool [--subject] [--burned-in] [--rate] FILE. The
 * member goes to stdout, status 0; a held file's reason to stderr, status 3. --rate puts out the entry stream
 * and prints the rate.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "dicom_run.h"
#include "stager/io.h"

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As in production: from a descriptor, to a descriptor. */
static int
measure(int fd, uint64_t size, const struct rule *rule, struct pseudonym_key *key, struct err *e)
{
	struct policy policy = {0};
	struct entry_writer w;
	struct scrub s = {.policy = &policy, .rule = rule, .key = key, .out = &w};
	struct source_fd in;
	double start = now(), took;
	int rc;

	source_fd_init(&in, fd, size, 1, "tool.dcm");
	entry_writer_init(&w, STDOUT_FILENO);
	s.report = report_new();
	rc = dicom_scrub(&s, &in.source, e);
	took = now() - start;
	report_free(s.report);
	fprintf(stderr, "%.0f MB/s (%.1f MB, %.3f s)\n", (double)size / 1e6 / took, (double)size / 1e6, took);
	return rc;
}

int
main(int argc, char **argv)
{
	static char subject[] = "PatientID";
	struct rule rule = {.format = FORMAT_DICOM, .burned_in_hold = true};
	struct err e = {0};
	struct dicom_run run = {0};
	struct pseudonym_key *key = NULL;
	struct source_fd in;
	struct stat st;
	bool rate = false;
	int fd = -1, status = 1;

	for (; argc > 2; argc--, argv++) {
		if (strcmp(argv[1], "--subject") == 0)
			rule.subject = subject;
		else if (strcmp(argv[1], "--burned-in") == 0)
			rule.burned_in_hold = false;
		else if (strcmp(argv[1], "--rate") == 0)
			rate = true;
	}
	buf_init(&run.out, (size_t)1 << 29);
	if (argc != 2 || (fd = open(argv[1], O_RDONLY | O_CLOEXEC)) == -1 || fstat(fd, &st) == -1) {
		fprintf(stderr, "usage: dicom_tool [--subject] [--burned-in] [--rate] FILE\n");
		return 2;
	}
	if (secret_start(&e) == -1 || (key = pseudonym_key_of(0, &e)) == NULL)
		goto out;
	if (rate) {
		status = measure(fd, (uint64_t)st.st_size, &rule, key, &e) == 0 ? 0 : 1;
		goto out;
	}
	source_fd_init(&in, fd, (uint64_t)st.st_size, 1, "tool.dcm");
	if (dicom_run_source(&run, &rule, key, &in.source, &e) == -1)
		goto out;
	status = 0;
	if (run.reason[0] != '\0') {
		fprintf(stderr, "held: %s\n", run.reason);
		status = 3;
	} else if (io_write(STDOUT_FILENO, run.out.data, run.out.len, "stdout", &e) == -1) {
		status = 1;
	}
out:
	if (status == 1)
		err_report("dicom_tool", &e);
	pseudonym_key_free(key);
	buf_free(&run.out);
	close(fd);
	return status;
}
