/* Text in any encoding: what is read as UTF-8 goes back to the same bytes, and the second scan reads the same out of them. */
#include <stdlib.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/check.h"
#include "stager/encoding.h"
#include "stager/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source_mem mem;
	struct encoded c;
	struct buf text;
	struct err e;
	uint8_t *to, *back, *scan;
	size_t step, n, scanned;
	ssize_t got;

	if (size < 2)
		return 0;
	source_mem_init(&mem, data + 2, size - 2, "x");
	mem.chunk = data[0];
	step = (size_t)data[1] + 1;
	buf_init(&text, 1 << 24);
	if (encoded_init(&c, &mem.source, &e) == -1)
		abort();
	do {
		if ((to = buf_reserve(&text, step, &e)) == NULL ||
		    (got = c.source.read(&c.source, to, step, &e)) == -1)
			abort();
		text.len += (size_t)got;
	} while (got > 0);
	back = malloc(ENCODED_MOST(text.len));
	scan = malloc(size + UTF8_MAX + text.len);
	if (back == NULL || scan == NULL)
		abort();
	if (text.len > 0 && utf8_valid(text.data, text.len)) {
		enum encoding encoding = (enum encoding)c.encoding;

		n = encoded_bytes(encoding, c.marked, text.data, text.len, back);
		if (n != size - 2 || memcmp(back, data + 2, n) != 0)
			abort();
		if (!check_decode((uint8_t)encoding, back, n, scan, size + text.len, &scanned))
			abort();
		/* A mark that was not there stands in the text, and the second scan passes over it. */
		if (scanned != text.len &&
		    !(text.len == scanned + 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0))
			abort();
		if (memcmp(scan, text.data + (text.len - scanned), scanned) != 0)
			abort();
	}
	free(back);
	free(scan);
	buf_free(&text);
	encoded_free(&c, NULL);
	return 0;
}
