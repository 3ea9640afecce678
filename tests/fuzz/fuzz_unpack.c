/* Compressed files: never past the end, and the same bytes whatever the pieces they are asked for in. */
#include <stdlib.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What it holds, into out; -1 where it is damaged. */
static int
read_it(const char *name, const uint8_t *data, size_t size, size_t chunk, size_t step, struct buf *out)
{
	struct err e = {0};
	struct source_mem source;
	struct unpacked *u;
	ssize_t n = -1;
	uint8_t *to;

	source_mem_init(&source, data, size, name);
	source.chunk = chunk;
	if ((u = unpack_new(&source.source, &e)) == NULL)
		abort();
	while ((to = buf_reserve(out, step, &e)) != NULL &&
	       (n = unpack_source(u)->read(unpack_source(u), to, step, &e)) > 0)
		out->len += (size_t)n;
	if (to == NULL)
		n = -2;
	unpack_free(u);
	return (int)n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a.gz", "a.xz", "a.zst"};
	struct buf first, second;
	int one, two;

	if (size == 0)
		return 0;
	buf_init(&first, 1 << 20);
	buf_init(&second, 1 << 20);
	one = read_it(names[data[0] % 3], data + 1, size - 1, 0, 4096, &first);
	two = read_it(names[data[0] % 3], data + 1, size - 1, 3, 100, &second);
	if (one != -2 && two != -2 &&
	    (one != two ||
		(one == 0 && (first.len != second.len ||
				 (first.len > 0 && memcmp(first.data, second.data, first.len) != 0)))))
		abort();
	buf_free(&first);
	buf_free(&second);
	return 0;
}
