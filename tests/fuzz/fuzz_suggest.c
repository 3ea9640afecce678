/* Hostile files for a draft of a policy: byte 0 chooses the name and how much is read at a time. None is an error, a draft comes of it, and
 * the same one in any pieces. */
#include <stdlib.h>
#include <string.h>

#include "stager/source.h"
#include "stager/suggest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
draft(const uint8_t *data, size_t size, const char *name, size_t chunk, struct buf *out)
{
	struct suggest *s = suggest_new();
	struct source_mem in;
	struct err e;

	source_mem_init(&in, data, size, name);
	in.chunk = chunk;
	if (suggest_file(s, &in.source, &e) == -1 || suggest_write(s, out, &e) == -1)
		abort();
	suggest_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
	    "a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt", "a.dcm", "a.bin", "a.xml", "a.eml"};
	struct buf whole, pieces;
	const char *name;

	if (size < 1)
		return 0;
	name = names[(data[0] & 31) % (sizeof(names) / sizeof(names[0]))];
	buf_init(&whole, SUGGEST_DRAFT_MAX);
	buf_init(&pieces, SUGGEST_DRAFT_MAX);
	draft(data + 1, size - 1, name, 0, &whole);
	draft(data + 1, size - 1, name, 1 + (data[0] >> 5), &pieces);
	if (whole.len != pieces.len || memcmp(whole.data, pieces.data, whole.len) != 0)
		abort();
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
