/* A client's list of an upload's parts, any bytes: what is taken is there, in ascending order, under its tag. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../stager/node/gateway_multipart.h"

#define PARTS 6

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const unsigned numbers[PARTS] = {1, 2, 3, 7, 10, 10000};
	static struct gateway_part out[GATEWAY_PARTS_MAX];
	struct gateway_part parts[PARTS];
	struct gateway_upload u = {.parts = parts, .part_count = PARTS};
	char *text = malloc(len + 1);
	size_t count = 0, k = 0;
	struct err e;

	if (text == NULL)
		abort();
	memcpy(text, data, len);
	text[len] = '\0';
	for (unsigned i = 0; i < PARTS; i++) {
		parts[i] = (struct gateway_part){.number = numbers[i], .first = i, .len = 1};
		memcpy(parts[i].tag, "\"a0\"", 5);
		parts[i].tag[2] = (char)('0' + i);
	}
	if (gateway_upload_chosen(&u, text, out, &count, &e) == 0) {
		if (count == 0 || count > PARTS)
			abort();
		for (size_t i = 0; i < count; i++, k++) {
			while (k < PARTS && parts[k].number != out[i].number)
				k++;
			if (k == PARTS || strcmp(parts[k].tag, out[i].tag) != 0)
				abort();
		}
	}
	free(text);
	return 0;
}
