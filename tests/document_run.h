/* Documents of one format, by a policy in YAML: what leaves of each, or why it is held; the same whatever the chunks. */
#ifndef TESTS_DOCUMENT_RUN_H
#define TESTS_DOCUMENT_RUN_H

#include <stdlib.h>

#include "person_run.h"

static struct err e;
static struct pseudonym_key *key;
static struct person_run person;

static inline void
with_table(const char *yaml, const char *name, const char *table)
{
	const char *wrong;

	if (person.policy != NULL)
		person_close(&person);
	wrong = person_open(&person, key, yaml, name, table, strlen(table), &e);
	if (wrong != NULL)
		fprintf(stderr, "%s: %s\n", wrong, e.text);
	CHECK(wrong == NULL);
}

/* The one member is want, whose length is given; or, where reason is not NULL, the file is held for it. */
static inline void
expect_len(int line, const char *name, const void *in, size_t len, const void *want, size_t want_len,
    const char *reason)
{
	static const size_t chunks[] = {0, 1, 7};
	char held[64];
	struct buf report;
	struct scrub_run run;
	bool good = person.policy != NULL;

	snprintf(held, sizeof(held), "file:%s", reason == NULL ? "" : reason);
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]) && good; i++) {
		struct scrub s = {.policy = person.policy, .key = key, .context = person.context};

		if (len > 100000 && i > 0)
			break;
		CHECK_OK(scrub_run_with(&run, scrub_file, &s, name, in, len, chunks[i], &e));
		if (reason == NULL)
			good = run.entries == 1 && run.bytes.len == want_len &&
			       memcmp(run.bytes.data, want, want_len) == 0 &&
			       scrub_run_number(&run, "files", "passed") == 1;
		else
			good = run.entries == 0 && scrub_run_held(&run, held) == 1;
		if (!good) {
			buf_init(&report, 1 << 20);
			CHECK_OK(json_encode(run.report, &report, &e));
			fprintf(stderr, "line %d: %.300s\n  got    %.*s\n  wanted %.*s\n  %.*s\n", line,
			    (const char *)in, (int)run.bytes.len,
			    run.bytes.data == NULL ? "" : (char *)run.bytes.data, (int)want_len,
			    (const char *)want, (int)report.len, (char *)report.data);
			buf_free(&report);
		}
		scrub_run_free(&run);
	}
	CHECK(good);
}

#endif
