/* Give one file in memory to dicom_scrub: for the tests, the fuzzer and the tool. */
#ifndef TESTS_DICOM_RUN_H
#define TESTS_DICOM_RUN_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pseudonym_key.h"
#include "stager/buf.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/source.h"

struct dicom_run {
	char reason[48];                     /* held, and why; "" where a member was written */
	char subject[ENTRY_SUBJECT_MAX + 1]; /* of the member */
	struct buf out;                      /* its bytes */
};

/* A descriptor that takes entries and gives them back: memory, emptied for each run. */
static inline int
dicom_run_fd(void)
{
	static int fd = -1;

	if (fd == -1)
		fd = memfd_create("entries", MFD_CLOEXEC);
	else if (ftruncate(fd, 0) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

/* The first reason under "held" of a report ("file:REASON"). */
static inline void
dicom_run_reason(const struct report *report, char out[static 48])
{
	struct json *j = report_json(report);
	const struct json *held = json_get(j, "held");

	out[0] = '\0';
	if (held != NULL && held->count > 0 && strncmp(held->keys[0], "file:", 5) == 0)
		strncat(out, held->keys[0] + 5, 47);
	json_free(j);
}

/* 0, or -1 with e set. Frees nothing on failure: the caller ends. run->out must be initialised, and is
 * emptied. */
static inline int
dicom_run_source(struct dicom_run *run, const struct rule *rule, struct pseudonym_key *key, struct source *in,
    struct err *e)
{
	struct policy policy = {0};
	struct entry_writer w;
	static struct entry_reader r;
	struct entry entry;
	struct scrub s = {.policy = &policy, .rule = rule, .key = key, .out = &w};
	int fd = dicom_run_fd(), got;

	buf_clear(&run->out);
	run->subject[0] = '\0';
	s.report = report_new();
	entry_writer_init(&w, fd);
	if (dicom_scrub(&s, in, e) == -1) {
		report_free(s.report);
		return -1;
	}
	dicom_run_reason(s.report, run->reason);
	report_free(s.report);
	if (lseek(fd, 0, SEEK_SET) == -1)
		return err_sys(e, "test: seek");
	entry_reader_init(&r, fd);
	if ((got = entry_next(&r, &entry, e)) == -1)
		return -1;
	/* Held and nothing written, or passed and one whole member: nothing between. */
	if ((run->reason[0] == '\0') != (got == 1) || w.left != 0)
		return err_set(e, ERR_SYSTEM, "test: held and written, or neither");
	if (got == 0)
		return 0;
	memcpy(run->subject, entry.subject, sizeof(run->subject));
	while (run->out.len < entry.size) {
		size_t want = (size_t)entry.size - run->out.len, n;
		uint8_t *to = buf_reserve(&run->out, want, e);

		if (to == NULL || entry_read(&r, to, want, &n, e) == -1)
			return -1;
		run->out.len += n;
	}
	return entry_next(&r, &entry, e) == 0 ? 0 : err_set(e, ERR_SYSTEM, "test: a second member");
}

static inline int
dicom_run(struct dicom_run *run, const struct rule *rule, struct pseudonym_key *key, const void *data,
    size_t len, struct err *e)
{
	struct source_mem in;

	source_mem_init(&in, data, len, "test.dcm");
	return dicom_run_source(run, rule, key, &in.source, e);
}

#endif
