/* What the tests of policies share: the parts of a good one, and what must be refused and in which line. */
#ifndef TESTS_POLICY_YAML_H
#define TESTS_POLICY_YAML_H

#include <stdlib.h>

#include "check.h"
#include "stager/json.h"
#include "stager/policy.h"

static struct err e;

static const char head[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n";
static const char sets[] = "sets: {abroad: {hold: [NL, FI], open: [lumi]}}\n";
static const char files[] = "files:\n  - {match: '*.txt', format: text}\n";

static inline struct json *
resolve(const char *text)
{
	return policy_from_yaml(text, strlen(text), &e);
}

/* The YAML must be refused, in that line, with that in the text. */
static inline void
refused(const char *yaml, size_t len, unsigned line, const char *why)
{
	char want[32];

	e = (struct err){0};
	CHECK(policy_from_yaml(yaml, len, &e) == NULL);
	CHECK(e.code == ERR_INPUT);
	snprintf(want, sizeof(want), "line %u: ", line);
	if (strncmp(e.text, want, strlen(want)) != 0 || strstr(e.text, why) == NULL) {
		fprintf(
		    stderr, "%.*s\nwanted line %u and '%s', got: %s\n", (int)len, yaml, line, why, e.text);
		CHECK(!"it is refused in the right line for the right reason");
	}
}

#endif
