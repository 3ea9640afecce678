/* References within a document of FHIR: never past the end, and the same whatever the chunks. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../stager/scrub/format/jsonl_reader.h"
#include "../pseudonym_key.h"
#include "stager/buf.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n"
    "  - {match: b.json, format: json, subject: ['$.entry[*].resource.subject.reference', "
    "'$.entry[*].resource[resourceType=Patient].id', '$.entry[*].resource.contained[*].nr'], fields: "
    "{'$.entry[*].fullUrl': drop, '$.entry[*].resource.subject.reference': {do: pseudonym, reference: "
    "[Patient, Group]}, '$.*': drop, '$.entry[*].*': drop, '$.entry[*].resource.*': drop}}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

static struct policy *policy;
static struct pseudonym_key *key;

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
start(void)
{
	static struct err e;
	struct json *resolved;

	must(secret_start(&e) == 0);
	must((key = pseudonym_key_of(0, &e)) != NULL);
	must((resolved = policy_from_yaml(yaml, strlen(yaml), &e)) != NULL);
	must((policy = policy_decode(resolved, &e)) != NULL);
	json_free(resolved);
}

static void
run(const uint8_t *data, size_t size, size_t chunk, struct buf *out)
{
	/* A document as large as it may be takes memory that costs more than what is tried. */
	static const struct jsonl_limits limits = {.window = 4096,
	    .record_max = 65536,
	    .part_max = 65536,
	    .line_max = 65536,
	    .out_max = 65536,
	    .threads_from = UINT64_MAX};
	struct report *report = report_new();
	int fd = memfd_create("members", MFD_CLOEXEC);
	struct entry_writer writer;
	struct source_mem source;
	uint8_t piece[4096];
	struct err e;
	ssize_t n;

	must(fd != -1 && report != NULL);
	entry_writer_init(&writer, fd);
	source_mem_init(&source, data, size, "b.json");
	source.chunk = chunk;
	must(jsonl_scrub_limits(&(struct scrub){.policy = policy,
				    .rule = &policy->rules[0],
				    .key = key,
				    .report = report,
				    .out = &writer},
		 &source.source, &limits, &e) == 0);
	must(lseek(fd, 0, SEEK_SET) == 0);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		must(buf_put(out, piece, (size_t)n, &e) == 0);
	must(n == 0);
	close(fd);
	report_free(report);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;
	uint8_t *copy;

	if (key == NULL)
		start();
	buf_init(&whole, 64u << 20);
	buf_init(&pieces, 64u << 20);
	/* Its own memory, so that a byte past it is seen. */
	must((copy = malloc(size + 1)) != NULL);
	memcpy(copy, data, size);
	run(copy, size, 0, &whole);
	run(copy, size, 7, &pieces);
	must(whole.len == pieces.len && (whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0));
	free(copy);
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
