/* Patterns: what Python's re says of thousands of pairs, what is refused, and that time stays linear. */
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "stager/enc.h"
#include "stager/pattern.h"

static struct err e;

/* tests/vectors/pattern.txt, made by make_pattern.py. A pattern follows itself in runs; it is compiled once a
 * run. */
static void
test_vectors(void)
{
	char path[4096];
	FILE *f;
	struct pattern *p = NULL;
	char line[2048], last[2048] = "\n";
	size_t lines = 0;

	snprintf(path, sizeof(path), "%s/vectors/pattern.txt", getenv("STAGER_TESTS"));
	f = fopen(path, "r");
	CHECK(f != NULL);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char *hex = strchr(line, '\t'), *full = hex == NULL ? NULL : strchr(hex + 1, '\t'), *longest;
		uint8_t value[1024];
		size_t len;

		CHECK(full != NULL);
		if (full == NULL)
			break;
		*hex++ = '\0';
		*full++ = '\0';
		longest = strchr(full, '\t') + 1;
		len = strlen(hex) / 2;
		CHECK_OK(hex_decode(hex, value, len, "value", &e));
		if (strcmp(line, last) != 0) {
			pattern_free(p);
			p = pattern_compile(line, &e);
			snprintf(last, sizeof(last), "%s", line);
		}
		CHECK(p != NULL);
		if (p == NULL) {
			fprintf(stderr, "%s: %s\n", line, e.text);
			continue;
		}
		if (pattern_match(p, (const char *)value, len) != (*full == '1')) {
			fprintf(stderr, "%s with %s\n", line, hex);
			CHECK(!"matches as re.fullmatch does");
		}
		if (pattern_prefix(p, (const char *)value, len) != strtol(longest, NULL, 10)) {
			fprintf(stderr, "%s with %s\n", line, hex);
			CHECK(!"the longest prefix is the one Python finds");
		}
		lines++;
	}
	CHECK(lines >= 6000);
	pattern_free(p);
	if (f != NULL)
		fclose(f);
}

static void
test_refused(void)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"(", "character 2"},
	    {")", "never opened, at character 1"},
	    {"a)", "at character 2"},
	    {"[", "not closed"},
	    {"[]", "empty"},
	    {"[^]", "empty"},
	    {"[a", "not closed"},
	    {"[z-a]", "backwards"},
	    {"[\\d-z]", "begin"},
	    {"[a-\\d]", "end"},
	    {"[[:alpha:]]", "backslash"},
	    {"[\xc3\xa9]", "ASCII"},
	    {"*a", "nothing to repeat"},
	    {"a|*", "nothing to repeat"},
	    {"a**", "repeated"},
	    {"a+?", "repeated"},
	    {"a{2}{3}", "repeated"},
	    {"a{", "number"},
	    {"a{1", "not closed"},
	    {"a{,2}", "number"},
	    {"a{3,2}", "backwards"},
	    {"a{256}", "255"},
	    {"a{1,99999999999999999999}", "255"},
	    {"a}", "backslash"},
	    {"a]", "backslash"},
	    {"^a$", "whole value"},
	    {"(?:a)", "options"},
	    {"(?=a)", "options"},
	    {"\\1", "escaped"},
	    {"\\b", "escaped"},
	    {"\\", "backslash"},
	    {"\xff", "UTF-8"},
	    {"\xc3", "UTF-8"},
	    {"(a{255}){255}", "1024"},
	    {"((((a{9}){9}){9}){9}){9}", "1024"},
	};
	char deep[80];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e = (struct err){0};
		CHECK(pattern_compile(cases[i].text, &e) == NULL);
		CHECK(e.code == ERR_INPUT);
		if (strstr(e.text, cases[i].why) == NULL) {
			fprintf(stderr, "%s: %s\n", cases[i].text, e.text);
			CHECK(!"the error says why");
		}
	}
	memset(deep, '(', 33);
	memset(deep + 33, ')', 33);
	deep[66] = '\0';
	CHECK(pattern_compile(deep, &e) == NULL && strstr(e.text, "too deep") != NULL);
	deep[65] = '\0';
	struct pattern *p = pattern_compile(deep + 1, &e);
	CHECK(p != NULL);
	pattern_free(p);
}

static void
test_limits(void)
{
	char text[258];
	struct pattern *p;

	memset(text, 'a', sizeof(text));
	text[257] = '\0';
	CHECK(pattern_compile(text, &e) == NULL && e.code == ERR_INPUT);
	text[256] = '\0';
	p = pattern_compile(text, &e);
	CHECK(p != NULL && pattern_match(p, text, 256) && !pattern_match(p, text, 255));
	pattern_free(p);
	/* Repetitions of what takes nothing do not multiply. */
	p = pattern_compile("((((){255}){255}){255}){255}", &e);
	CHECK(p != NULL && pattern_match(p, "", 0) && !pattern_match(p, "a", 1));
	pattern_free(p);
	memset(text, '|', 256);
	p = pattern_compile(text, &e);
	CHECK(p != NULL && pattern_match(p, "", 0));
	pattern_free(p);
	p = pattern_compile("(ab|c){3}", &e);
	CHECK(p != NULL && pattern_match(p, "abcab", 5) && !pattern_match(p, "abc", 3));
	pattern_free(p);
	/* A NUL is a byte like any other. */
	p = pattern_compile("a.b", &e);
	CHECK(p != NULL && pattern_match(p, "a\0b", 3));
	pattern_free(p);
	p = pattern_compile("caf\xc3\xa9?", &e);
	CHECK(p != NULL && pattern_match(p, "caf", 3) && pattern_match(p, "caf\xc3\xa9", 5) &&
	      !pattern_match(p, "caf\xc3", 4));
	pattern_free(p);
	pattern_free(NULL);
}

/* What has few forms is compared with each of them; where the longest match ends still says the automaton. */
static void
test_forms(void)
{
	static const struct {
		const char *text, *value;
	} cases[] = {{"[A-Z][0-9]{2}(\\.[0-9])?", "I93.6"}, {"[0-9]{4} ?[A-Z]{2}", "3385 EK"},
	    {"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", "N04AC43"}, {"[^a]b|c{3}", "ccc"}, {"(a|bc){1,2}", "bcbc"},
	    {"[0-9]{16}", "0123456789012345"}, {"[0-9]{17}", "01234567890123456"},
	    {"[0-9]{7,15}", "012345678901"}, {"x{8}", "xxxxxxxx"}, {"(ab)?(cd)?(ef)?", "abef"},
	    {"(ab)?(cd)?(ef)?(gh)?", "abgh"}, {"caf\xc3\xa9", "caf\xc3\xa9"}, {"[\x01-\x7f]{2}", "ab"},
	    {".", "a"}, {"(){3}", ""}, {"(|a){2}", "aa"}};
	char value[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pattern *p = pattern_compile(cases[i].text, &e);
		size_t whole = strlen(cases[i].value);
		unsigned wrong = 0;

		CHECK(p != NULL);
		if (p == NULL)
			continue;
		CHECK(pattern_match(p, cases[i].value, whole));
		/* Every length and one more, every byte at every place. */
		for (size_t len = 0; len <= whole + 1; len++)
			for (size_t at = 0; at <= len; at++)
				for (unsigned c = 0; c < 256; c++) {
					snprintf(value, sizeof(value), "%s0", cases[i].value);
					if (at < len)
						value[at] = (char)c;
					wrong += pattern_match(p, value, len) !=
						 (pattern_prefix(p, value, len) == (long)len);
				}
		CHECK(wrong == 0);
		pattern_free(p);
	}
}

/* The last-but-n'th byte is an a: 2^(n+1) deterministic states, so the table overflows again and again. */
static void
test_overflow(void)
{
	struct pattern *p = pattern_compile("(a|b)*a(a|b){14}", &e);
	char value[20000];
	uint32_t random = 1;

	CHECK(p != NULL);
	for (size_t i = 0; i < sizeof(value); i++) {
		random = random * 1103515245 + 12345;
		value[i] = (random >> 16 & 1) != 0 ? 'a' : 'b';
	}
	for (size_t len = 0; p != NULL && len < sizeof(value); len += 997)
		CHECK(pattern_match(p, value, len) == (len >= 15 && value[len - 15] == 'a'));
	pattern_free(p);
}

static void
test_linear(void)
{
	struct pattern *p = pattern_compile("(x+x+)+y", &e), *any = pattern_compile("x*", &e);
	size_t len = 4u << 20;
	char *value = malloc(len);
	clock_t start = clock();

	memset(value, 'x', len);
	CHECK(!pattern_match(p, value, len));
	CHECK(pattern_match(any, value, len));
	CHECK(pattern_prefix(any, value, len) == 4096);
	CHECK(pattern_prefix(p, value, len) == -1);
	CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 2.0);
	free(value);
	pattern_free(p);
	pattern_free(any);
}

int
main(void)
{
	test_vectors();
	test_refused();
	test_limits();
	test_forms();
	test_overflow();
	test_linear();
	return check_done();
}
