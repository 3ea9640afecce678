/* Mail: never past the end, the same whatever the chunks; what leaves is a message that passes again as it is, in lines that are not too long. */
#include <stdlib.h>

#include "../person_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n"
			   "  - match: '*.eml'\n    format: eml\n    attachments: drop\n"
			   "    headers: {From: pseudonym, To: pseudonym, Subject: text, Date: year, "
			   "Message-ID: pseudonym, X-A: {first: 3}, X-B: blank}\n"
			   "  - match: '*.again'\n    format: eml\n    headers: {From: {first: 64}, To: "
			   "{first: 64}, Subject: text, Date: {first: 9}}\n"
			   "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pseudonym_key *key;
	static struct person_run person;
	struct scrub_run whole, parts, again;
	struct err e;
	size_t line = 0;

	if (key == NULL && (secret_start(&e) == -1 || (key = pseudonym_key_of(0, &e)) == NULL ||
			       person_open(&person, key, yaml, "", "", 0, &e) != NULL))
		abort();
	for (int i = 0; i < 2; i++) {
		struct scrub s = {.policy = person.policy, .key = key};

		if (scrub_run_with(i == 0 ? &whole : &parts, scrub_file, &s, "a.eml", data, size,
			i == 0 ? 0 : 3, &e) == -1)
			abort();
	}
	if (whole.bytes.len != parts.bytes.len ||
	    (whole.bytes.len > 0 && memcmp(whole.bytes.data, parts.bytes.data, parts.bytes.len) != 0))
		abort();
	for (size_t i = 0; i < whole.bytes.len; i++) {
		line = whole.bytes.data[i] == '\n' ? 0 : line + 1;
		if (line > 999 || whole.bytes.data[i] == 0)
			abort();
	}
	if (whole.bytes.len > 0) {
		if (person_read(&person, &again, "a.again", whole.bytes.data, whole.bytes.len, &e) == -1 ||
		    again.entries != 1)
			abort();
		scrub_run_free(&again);
	}
	scrub_run_free(&whole);
	scrub_run_free(&parts);
	return 0;
}
