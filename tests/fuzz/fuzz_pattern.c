/* Patterns: any text compiles or is refused; what compiles gives the same answer from a fresh table. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stager/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The pattern up to the first newline, then a value. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
	struct pattern *p, *again;
	struct err e;
	const char *value;
	char *text;
	size_t len;
	long longest;

	if (newline == NULL || (text = strndup((const char *)data, (size_t)(newline - data))) == NULL)
		return 0;
	value = (const char *)newline + 1;
	len = size - (size_t)(newline - data) - 1;
	p = pattern_compile(text, &e);
	again = pattern_compile(text, &e);
	if ((p == NULL) != (again == NULL))
		abort();
	if (p != NULL) {
		longest = pattern_prefix(p, value, len);
		if (longest > (long)len || longest < -1)
			abort();
		if (longest >= 0 && !pattern_match(p, value, (size_t)longest))
			abort();
		if (len <= 4096 && pattern_match(p, value, len) != (longest == (long)len))
			abort();
		if (pattern_prefix(again, value, len) != longest)
			abort();
	}
	pattern_free(p);
	pattern_free(again);
	free(text);
	return 0;
}
