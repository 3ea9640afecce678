/* What a steward is shown, of any bytes: nothing but printable UTF-8 and newlines comes out, in lines no wider than the screen. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/json.h"
#include "stager/review.h"
#include "stager/utf8.h"

static void
look(const char *extension, size_t columns, const uint8_t *data, size_t len)
{
	struct review_text t;
	const uint8_t *lines;
	struct err e;
	size_t n;

	review_text_init(&t, columns);
	if (review_render(&t, extension, data, len, len + 1, &e) == -1)
		abort();
	lines = review_lines(&t, 0, SIZE_MAX, &n);
	if (n > 0 && (!utf8_valid(lines, n) || lines[n - 1] != '\n'))
		abort();
	for (size_t i = 0; i < n; i++)
		if ((lines[i] < ' ' && lines[i] != '\n') || lines[i] == 0x7f ||
		    (lines[i] == 0xc2 && lines[i + 1] < 0xa0))
			abort();
	/* Directions and what is invisible. */
	for (size_t i = 0; i + 2 < n; i++)
		if (lines[i] == 0xe2 &&
		    ((lines[i + 1] == 0x80 && lines[i + 2] >= 0xa8 && lines[i + 2] <= 0xae) ||
			(lines[i + 1] == 0x81 && lines[i + 2] >= 0xa0 && lines[i + 2] <= 0xaf)))
			abort();
	review_text_free(&t);
}

/* An index, behind a key, through a pipe that holds all of it. */
static void
draw(const uint8_t *data, size_t len)
{
	const uint64_t want[REVIEW_STRATA] = {3, 2};
	struct json *out = NULL;
	struct err e;
	int ends[2];

	if (len < REVIEW_KEY_LEN || len > 60000 || pipe(ends) == -1)
		return;
	if (write(ends[1], data, len) != (ssize_t)len)
		abort();
	(void)close(ends[1]);
	if (review_draw(ends[0], len - REVIEW_KEY_LEN, 3, want, &out, &e) == 0)
		json_free(out);
	(void)close(ends[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const extensions[] = {"txt", "json", "dcm", "xml"};

	if (len < 2)
		return 0;
	if (data[0] % 5 == 4)
		draw(data + 2, len - 2);
	else
		look(extensions[data[0] % 5], data[1] % 100, data + 2, len - 2);
	return 0;
}
