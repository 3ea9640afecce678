/* Hostile lines of fixed columns: whatever the pieces they are read in, the same CSV; every record of it has quotes that close. */
#include <stdlib.h>
#include <string.h>

#include "../../stager/scrub/format/fixed.h"
#include "stager/buf.h"
#include "stager/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
run(const struct rule *rule, const uint8_t *data, size_t size, size_t chunk, size_t step, struct buf *out)
{
	struct source_mem source;
	struct fixed f;
	struct err e;
	ssize_t n;

	source_mem_init(&source, data, size, "x");
	source.chunk = chunk;
	must(fixed_init(&f, &source.source, rule, &e) == 0);
	do {
		uint8_t *to = buf_reserve(out, step, &e);

		must(to != NULL && (n = f.source.read(&f.source, to, step, &e)) != -1);
		out->len += (size_t)n;
	} while (n > 0);
	fixed_free(&f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char names[3][2] = {"a", "b", "c"};
	struct field fields[3] = {{.name = names[0]}, {.name = names[1]}, {.name = names[2]}};
	struct column_place places[3];
	const struct rule rule = {
	    .format = FORMAT_FIXED, .delimiter = ',', .fields = fields, .places = places, .field_count = 3};
	struct buf whole, pieces;
	size_t next = 1, quotes = 0;

	if (size < 8)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		places[i] = (struct column_place){next + data[2 * i] % 5, 1 + data[2 * i + 1] % 9};
		next = places[i].at + places[i].width;
	}
	buf_init(&whole, 1 << 26);
	buf_init(&pieces, 1 << 26);
	run(&rule, data + 8, size - 8, 0, 1 << 16, &whole);
	run(&rule, data + 8, size - 8, data[6], (size_t)data[7] + 1, &pieces);
	must(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
	/* Line ends stand outside of quotes: there are as many records as lines with something in them, and the header. */
	for (size_t i = 0; i < whole.len; i++) {
		quotes += whole.data[i] == '"';
		if (whole.data[i] == '\n')
			must(quotes % 2 == 0);
	}
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
