/* Hostile subject tables and exclusion lists: byte 0 chooses how long the list is and how much is read at a time. Whatever
 * context comes of it, each key that it was made of is found in it, and a second making gives the same digest. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../pseudonym_key.h"
#include "stager/context.h"
#include "stager/gather.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/secret.h"
#include "stager/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "subject: {from: p.csv, key: {column: nr, pattern: '[0-9a-c]{1,7}', pad: 7}, exclude: [out],\n"
    "  known: {person: [a], number: [b], address: [c]},\n"
    "  attributes: {age: {from: b, at: 2020-01-01, bands: [0, 20, 50]}, pc: {from: c, prefix: 4, wider: [2, "
    "1]}}}\n"
    "dates: {order: [dd-MM-yyyy], shift: {step: 7, max: 364}}\n"
    "disclosure: {quasi: [age, pc], k: 2, l: {a: 2}, below: {widen: pc, then: blank, max: 50%}}\n"
    "files:\n  - {match: p.csv, format: csv, csv: {delimiter: ';', missing: ['-']}, columns: {nr: pseudonym, "
    "a: drop,\n"
    "    b: {attribute: age}, c: {attribute: pc}}}\n"
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

/* Whether a context came of it. */
static bool
run(const uint8_t *data, size_t size, size_t list_len, size_t chunk, uint8_t digest[static DIGEST_LEN])
{
	static const uint8_t salt[DIGEST_LEN];
	uint8_t commitment[DIGEST_LEN];
	int fd = memfd_create("context", MFD_CLOEXEC);
	struct gather g = {.policy = policy, .key = key};
	struct source_mem list, table;
	uint64_t keys, subjects;
	struct report *report = report_new();
	struct context *c;
	struct err e;
	bool made;

	must(fd != -1 && (g.maker = context_maker_new(fd, &e)) != NULL && report != NULL);
	must(gather_begin(&g, &e) == 0);
	source_mem_init(&list, data, list_len, "");
	source_mem_init(&table, data + list_len, size - list_len, "p.csv");
	list.chunk = table.chunk = chunk;
	made = gather_exclude(&g, &list.source, salt, commitment, &keys, &e) == 0 &&
	       gather_file(&g, &table.source, &e) == 0 && gather_end(&g, report, &e) == 0 &&
	       context_finish(g.maker, digest, &subjects, &e) == 0;
	if (made) {
		must((c = context_open(fd, &e)) != NULL);
		context_close(c);
	}
	context_maker_free(g.maker);
	gather_free(&g);
	report_free(report);
	close(fd);
	return made;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t digest[2][DIGEST_LEN];
	size_t list_len;
	bool made;

	if (key == NULL)
		start();
	if (size < 1)
		return 0;
	list_len = size - 1 < (data[0] & 63u) ? size - 1 : data[0] & 63u;
	made = run(data + 1, size - 1, list_len, 0, digest[0]);
	must(run(data + 1, size - 1, list_len, 1 + (data[0] >> 6), digest[1]) == made);
	must(!made || memcmp(digest[0], digest[1], DIGEST_LEN) == 0);
	return 0;
}
