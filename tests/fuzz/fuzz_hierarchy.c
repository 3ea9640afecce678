/* Files beside a policy: any bytes are a hierarchy, whose resolved form is read again and in which each value is found, or are refused; and so are
 * numbers that are made less exact, and references. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../stager/scrub/coarse.h"
#include "../../stager/scrub/hierarchy.h"
#include "../../stager/scrub/reference.h"
#include "stager/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was made of a number is a number, and is made of itself again. */
static void
number(const char *value, size_t len)
{
	char made[COARSE_LEN_MAX], again[COARSE_LEN_MAX];
	size_t made_len, again_len;
	struct coarse c;

	if (!coarse_init(&c, "0.25", "1000", "-1000", NULL))
		abort();
	if (coarse_make(&c, '.', value, len, made, &made_len) != NULL)
		return;
	if (coarse_make(&c, '.', made, made_len, again, &again_len) != NULL)
		abort();
	/* A bound leaves as the policy writes it, and is a multiple of the step. */
	if (coarse_make(&c, '.', again, again_len, made, &made_len) != NULL || made_len != again_len ||
	    memcmp(made, again, made_len) != 0)
		abort();
}

static void
reference(const char *value, size_t len)
{
	static char patient[] = "Patient";
	char *types[] = {patient};
	const struct action a = {.kind = ACTION_REFERENCE, .values = types, .value_count = 1};
	struct reference r;

	if (reference_read(&a, value, len, &r) &&
	    (r.id < value || r.id_len == 0 || r.id + r.id_len > value + len || r.front + r.front_len != r.id))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {.code = ERR_NONE};
	struct hierarchy h;
	struct json *j;
	struct view v;

	number((const char *)data, size);
	reference((const char *)data, size);
	if ((j = hierarchy_read("fuzz.csv", data, size, &e)) == NULL) {
		if (e.code != ERR_INPUT)
			abort();
		return 0;
	}
	if (hierarchy_decode(&h, j, &e) == -1)
		abort();
	for (size_t row = 0; row < h.rows && row < 100; row++)
		for (size_t level = 1; level < h.columns; level++) {
			const char *value = h.cells[row * h.columns],
				   *want = h.cells[row * h.columns + level];

			if (!hierarchy_find(&h, 0, value, strlen(value), level, &v) ||
			    v.len != strlen(want) || memcmp(v.data, want, v.len) != 0)
				abort();
		}
	hierarchy_free(&h);
	json_free(j);
	return 0;
}
