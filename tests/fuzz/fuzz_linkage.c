/* Hostile texts and known values: byte 0 says how much is the subject's body, the rest is text. What is found lies in the text, in order, and
 * joins what detectors found. */
#include <stdlib.h>
#include <string.h>

#include "../../stager/scrub/linkage.h"
#include "stager/detect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
in_order(const struct spans *spans, size_t len)
{
	size_t last = 0;

	for (size_t i = 0; i < spans->count; i++) {
		if (spans->items[i].start < last || spans->items[i].end <= spans->items[i].start ||
		    spans->items[i].end > len)
			abort();
		last = spans->items[i].end;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct subject subject = {.pseudonym = "abcdefghijklmnopqrstuvwxyz"};
	struct spans known = {.items = NULL}, others = {.items = NULL};
	uint8_t *body;
	size_t len;
	struct err e;

	if (size < 1)
		return 0;
	len = data[0] < size - 1 ? data[0] : size - 1;
	/* Of its own length, so that a byte too far is seen. */
	if ((body = malloc(len + 1)) == NULL)
		abort();
	memcpy(body, data + 1, len);
	subject.body = body;
	subject.body_len = len;
	data += 1 + len;
	size -= 1 + len;
	if (linkage_find(&subject, (const char *)data, size, &known, &e) == -1)
		abort();
	in_order(&known, size);
	if (size >= 8) {
		/* A find of a detector's over the middle. */
		others.items = calloc(1, sizeof(*others.items));
		if (others.items == NULL)
			abort();
		others.items[0].start = size / 4;
		others.items[0].end = size / 2;
		others.count = others.cap = 1;
	}
	if (linkage_join(&others, &known, &e) == -1)
		abort();
	in_order(&others, size);
	spans_free(&known);
	spans_free(&others);
	free(body);
	return 0;
}
