/* Run one reader over bytes in memory, and look at the members it made and at its report. */
#ifndef TESTS_SCRUB_RUN_H
#define TESTS_SCRUB_RUN_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "pseudonym_key.h"
#include "stager/buf.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/source.h"

struct scrub_run {
	struct buf members; /* "<subject.ext>" and the bytes of each, one behind the other */
	struct buf bytes;   /* the bytes alone */
	uint64_t entries;
	struct json *report;
};

typedef int (*scrub_reader)(struct scrub *s, struct source *in, struct err *e);

static inline void
scrub_run_free(struct scrub_run *run)
{
	buf_free(&run->members);
	buf_free(&run->bytes);
	json_free(run->report);
	run->report = NULL;
}

/* As scrub_run, for the scrubber s, whose report and out are set here. */
static inline int
scrub_run_with(struct scrub_run *run, scrub_reader reader, struct scrub *s, const char *name,
    const void *data, size_t len, size_t chunk, struct err *e)
{
	int fd = memfd_create("members", MFD_CLOEXEC), rc;
	struct report *report = report_new();
	struct entry_writer writer;
	struct source_mem source;
	struct entry_reader members;
	struct entry entry;
	static uint8_t block[65536];
	size_t got;

	buf_init(&run->members, 256u << 20);
	buf_init(&run->bytes, 256u << 20);
	entry_writer_init(&writer, fd);
	source_mem_init(&source, data, len, name);
	source.source.number = 7;
	source.chunk = chunk;
	s->report = report;
	s->out = &writer;
	rc = reader(s, &source.source, e);
	s->out = NULL;
	run->report = report_json(report);
	run->entries = writer.entries;
	report_free(report);
	CHECK(fd != -1 && lseek(fd, 0, SEEK_SET) == 0);
	entry_reader_init(&members, fd);
	while (entry_next(&members, &entry, e) == 1) {
		CHECK(buf_printf(&run->members, e, "<%s.%s>", entry.subject, entry.ext) == 0);
		while (entry_read(&members, block, sizeof(block), &got, e) == 0 && got > 0) {
			CHECK(buf_put(&run->members, block, got, e) == 0);
			CHECK(buf_put(&run->bytes, block, got, e) == 0);
		}
	}
	CHECK(members.entries == writer.entries);
	entry_reader_free(&members);
	close(fd);
	return rc;
}

/* Files are number 7. chunk: as in source_mem. Returns what the reader did. */
static inline int
scrub_run(struct scrub_run *run, scrub_reader reader, const struct policy *policy, const struct rule *rule,
    struct pseudonym_key *key, const void *data, size_t len, size_t chunk, struct err *e)
{
	return scrub_run_with(run, reader, &(struct scrub){.policy = policy, .rule = rule, .key = key},
	    "file", data, len, chunk, e);
}

/* A number of the report; 0 where it is not there. */
static inline int64_t
scrub_run_number(const struct scrub_run *run, const char *section, const char *key)
{
	const struct json *j = json_get(json_get(run->report, section), key);

	return j != NULL && j->type == JSON_INT ? j->integer : 0;
}

static inline int64_t
scrub_run_held(const struct scrub_run *run, const char *unit_reason)
{
	const struct json *j = json_get(json_get(json_get(run->report, "held"), unit_reason), "count");

	return j != NULL ? j->integer : 0;
}

static inline int
scrub_run_is(const struct scrub_run *run, const char *want)
{
	if (run->members.len == strlen(want) &&
	    (run->members.len == 0 || memcmp(run->members.data, want, run->members.len) == 0))
		return 1;
	fprintf(stderr, "members: %.*s\nwanted:  %s\n", (int)run->members.len,
	    run->members.data == NULL ? "" : (const char *)run->members.data, want);
	return 0;
}

#endif
