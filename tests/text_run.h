/* What the tests of free text share: a text, and what must come out of it. */
#ifndef TESTS_TEXT_RUN_H
#define TESTS_TEXT_RUN_H

#include "scrub_run.h"

static struct err e;
static struct policy policy = {.text = {.bsn_any = true}};
static struct scrub scrub = {.policy = &policy};

/* in becomes want; says both where it does not. */
static inline void
expect(int line, const char *in, const char *want)
{
	struct text_finds finds = {0};
	struct buf out;
	bool same;

	buf_init(&out, 1 << 20);
	CHECK_OK(text_clean(&scrub, in, strlen(in), &out, &finds, &e));
	same = out.len == strlen(want) && (out.len == 0 || memcmp(out.data, want, out.len) == 0);
	if (!same)
		fprintf(stderr, "line %d: \"%s\" gave \"%.*s\", wanted \"%s\"\n", line, in, (int)out.len,
		    out.data == NULL ? "" : (const char *)out.data, want);
	CHECK(same);
	buf_free(&out);
}

#define GIVES(in, want) expect(__LINE__, in, want)
#define STAYS(in) expect(__LINE__, in, in)

/* The whole of it is one find: alone, at the start, at the end, and between all sorts of signs. */
static inline void
whole(int line, const char *value, const char *tag)
{
	static const char *const around[][2] = {{"", ""}, {"", " is het."}, {"het is ", ""}, {"het is ", "."},
	    {"(", ")"}, {"\"", "\""}, {"'", "'"}, {"<", ">"}, {"[", "]"}, {"a: ", ", b"}, {"\n", "\n"},
	    {"\t", "\t"}, {";", ";"}, {"\xe2\x80\x9c", "\xe2\x80\x9d"}, {"*", "*"}, {"=", "!"},
	    {"...", "..."}, {"|", "|"}, {"\xc3\xa9 ", " \xc3\xa9"}};
	char in[300], want[300];

	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		snprintf(in, sizeof(in), "%s%s%s", around[i][0], value, around[i][1]);
		snprintf(want, sizeof(want), "%s%s%s", around[i][0], tag, around[i][1]);
		expect(line, in, want);
	}
}

#define WHOLE(value, tag) whole(__LINE__, value, tag)

#endif
