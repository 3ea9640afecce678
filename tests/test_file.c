/* One file to its reader, in this process: what only the program's own callers can meet. The rest: test_scrub_role.c. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/source.h"

static struct err e;

static const char yaml[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
			   "files: [{match: '*.bin', format: opaque, ext: bin}]\n"
			   "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

struct bench {
	struct policy *policy;
	struct scrub scrub;
	struct entry_writer out;
};

static void
bench_start(struct bench *b)
{
	struct json *resolved = policy_from_yaml(yaml, strlen(yaml), &e);

	if (resolved == NULL || (b->policy = policy_decode(resolved, &e)) == NULL)
		abort();
	json_free(resolved);
	entry_writer_init(&b->out, memfd_create("entries", MFD_CLOEXEC));
	b->scrub = (struct scrub){.policy = b->policy, .report = report_new(), .out = &b->out};
}

static void
bench_end(struct bench *b)
{
	(void)close(b->out.fd);
	report_free(b->scrub.report);
	policy_free(b->policy);
}

static ssize_t
read_fails(struct source *s, void *out, size_t len, struct err *why)
{
	(void)s;
	(void)out;
	(void)len;
	return err_set(why, ERR_INPUT, "the source broke");
}

static void
test_opaque(void)
{
	static uint8_t data[700000];
	struct source_mem in;
	struct bench b;

	bench_start(&b);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + (i >> 9));
	source_mem_init(&in, data, sizeof(data), "a.bin");
	in.chunk = 1000;
	CHECK_OK(scrub_file(&b.scrub, &in.source, &e));
	CHECK(b.out.entries == 1 && b.out.bytes == sizeof(data) && b.out.left == 0);
	CHECK(report_get(b.scrub.report, "files", "passed") == 1);
	CHECK(report_get(b.scrub.report, "bytes", "in") == sizeof(data));

	/* Its size must stand before its bytes. */
	source_mem_init(&in, data, sizeof(data), "b.bin");
	in.source.size_known = false;
	CHECK_OK(scrub_file(&b.scrub, &in.source, &e));
	CHECK(b.out.entries == 1 && report_get(b.scrub.report, "files", "held") == 1);
	CHECK(report_get(b.scrub.report, "files", "passed") == 1 &&
	      report_get(b.scrub.report, "files", "seen") == 2);
	bench_end(&b);
}

/* What a source says of its size is held against what it gives, and a broken one stops all. */
static void
test_sizes(void)
{
	struct source_mem in;
	struct bench b;

	bench_start(&b);
	source_mem_init(&in, "abc", 3, "a.bin");
	in.source.size = 4;
	CHECK_ERR(scrub_file(&b.scrub, &in.source, &e), ERR_INPUT);
	bench_end(&b);
	bench_start(&b);
	source_mem_init(&in, "abc", 3, "a.bin");
	in.source.size = 2;
	CHECK_ERR(scrub_file(&b.scrub, &in.source, &e), ERR_INPUT);
	bench_end(&b);
	bench_start(&b);
	source_mem_init(&in, "abc", 3, "a.bin");
	in.source.read = read_fails;
	CHECK_ERR(scrub_file(&b.scrub, &in.source, &e), ERR_INPUT);
	CHECK(strcmp(e.text, "the source broke") == 0);
	CHECK(report_get(b.scrub.report, "files", "passed") == 0);
	bench_end(&b);
}

static void
test_no_room(void)
{
	struct source_mem in;
	struct bench b;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	bench_start(&b);
	(void)close(b.out.fd);
	b.out.fd = full;
	source_mem_init(&in, "abc", 3, "a.bin");
	CHECK_ERR(scrub_file(&b.scrub, &in.source, &e), ERR_SYSTEM);
	bench_end(&b);
}

int
main(void)
{
	test_opaque();
	test_sizes();
	test_no_room();
	return check_done();
}
