/* XML of S3's answers, any bytes: no crash, paths and texts within their limits, and a whole walk again gives the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../stager/stream/xml.h"

struct sum {
	uint64_t hash, count;
};

static int
each(void *ctx, const char *path, const char *text, struct err *e)
{
	struct sum *s = ctx;

	(void)e;
	if (strlen(path) >= XML_PATH_MAX || strlen(text) > XML_TEXT_MAX || path[0] == '\0')
		abort();
	for (const char *c = path; *c != '\0'; c++)
		s->hash = s->hash * 31 + (unsigned char)*c;
	for (const char *c = text; *c != '\0'; c++)
		s->hash = s->hash * 31 + (unsigned char)*c;
	s->count++;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sum first = {0}, second = {0};
	struct err e;
	int rc = xml_walk((const char *)data, len, each, &first, &e);

	if (xml_walk((const char *)data, len, each, &second, &e) != rc || first.hash != second.hash ||
	    first.count != second.count || (rc == 0 && first.count == 0))
		abort();
	return 0;
}
