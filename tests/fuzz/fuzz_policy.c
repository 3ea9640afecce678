/* Policies: any bytes are a policy or are refused with a line; what is resolved is canonical and can be read
 * again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/json.h"
#include "stager/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A resolved policy that somebody else made: refused, or read. */
static void
decode(const uint8_t *data, size_t size)
{
	struct err e;
	struct json *j = json_parse(data, size, "fuzz", &e);

	if (j != NULL)
		policy_free(policy_decode(j, &e));
	json_free(j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {.code = ERR_NONE};
	struct json *j, *again;
	struct policy *p;
	struct buf b;
	bool several;

	if (size > 0 && data[0] == '{')
		decode(data, size);
	if ((j = policy_from_yaml(data, size, &e)) == NULL) {
		if (e.code != ERR_INPUT || strncmp(e.text, "line ", 5) != 0)
			abort();
		return 0;
	}
	buf_init(&b, 64u << 20);
	if (json_encode(j, &b, &e) == -1 || (again = json_parse_canonical(b.data, b.len, "fuzz", &e)) == NULL)
		abort();
	if ((p = policy_decode(again, &e)) == NULL)
		abort();
	(void)policy_rule(p, "a/b/c.csv", &several);
	policy_free(p);
	json_free(again);
	json_free(j);
	buf_free(&b);
	return 0;
}
