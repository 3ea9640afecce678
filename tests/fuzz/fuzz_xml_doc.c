/* XML: never past the end, the same members whatever the chunks; what leaves is XML that would pass again, unchanged but for values. */
#include <stdlib.h>

#include "../person_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n"
			   "  - match: '*.xml'\n    format: xml\n    namespaces: {'': 'u', b: 'v'}\n    "
			   "subject: $.a.id[@r=1].@v\n    fields:\n"
			   "      $.a.id.@*: pseudonym\n      $.a.**: text\n      $.a.**.@*: drop\n      "
			   "$.a.**.@v: {first: 3}\n      $.a.**.@b:v: text\n"
			   "      $.a.**.n: {keep: number}\n      $.a.**.d: drop\n      $.a.k.*: drop\n      "
			   "$.a.k.e.*: blank\n      $.a.**.p.**: pseudonym\n"
			   "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pseudonym_key *key;
	static struct person_run person;
	struct scrub_run whole = {0}, parts = {0}, again = {0};
	struct err e;

	if (key == NULL && (secret_start(&e) == -1 || (key = pseudonym_key_of(0, &e)) == NULL ||
			       person_open(&person, key, yaml, "", "", 0, &e) != NULL))
		abort();
	for (int i = 0; i < 3; i++) {
		struct scrub s = {.policy = person.policy, .key = key};
		const void *in = i == 2 ? whole.bytes.data : data;
		const size_t len = i == 2 ? whole.bytes.len : size;

		if (i == 2 && len == 0)
			break;
		if (scrub_run_with(i == 0   ? &whole
				   : i == 1 ? &parts
					    : &again,
			scrub_file, &s, "a.xml", in == NULL ? "" : in, len, i == 1 ? 3 : 0, &e) == -1)
			abort();
	}
	if (whole.bytes.len != parts.bytes.len ||
	    (whole.bytes.len > 0 && memcmp(whole.bytes.data, parts.bytes.data, parts.bytes.len) != 0))
		abort();
	/* Scrubbed once more it may lack values' types, but not its form. */
	if (whole.bytes.len > 0) {
		static const char *const never[] = {"file:xml-broken", "file:xml-doctype", "file:xml-entity",
		    "file:xml-encoding", "file:xml-depth", "file:not-utf8", "file:nul-byte"};

		for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
			if (scrub_run_held(&again, never[i]) != 0)
				abort();
		scrub_run_free(&again);
	}
	scrub_run_free(&whole);
	scrub_run_free(&parts);
	return 0;
}
