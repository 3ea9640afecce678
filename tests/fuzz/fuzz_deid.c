/* Cases of the bench of de-identification: any line is refused, or its spans lie in its text; what was found compares as it must. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/deid_case.h"
#include "../bench/deid_score.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Those of the gold spans that do not overlap, as finds. */
static void
finds_of(const struct deid_case *c, struct deid_spans *found)
{
	size_t end = 0;
	struct err e;

	for (size_t i = 0; i < c->gold.count; i++) {
		struct deid_span s = c->gold.items[i];

		if (i > 0 && s.start < c->gold.items[i - 1].start)
			abort();
		if (s.start >= s.end || s.end > c->characters || s.kind < 0 || s.kind >= DEID_KINDS)
			abort();
		if (s.start < end)
			continue;
		end = s.end;
		s.rule = "gold";
		if (deid_spans_add(found, &s, &e) == -1)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deid_score score = {0};
	struct deid_marks marks = {0};
	struct deid_spans found = {0};
	struct deid_count all;
	struct deid_case c;
	struct err e = {0};

	for (int kind = 0; kind < DEID_KINDS; kind++)
		score.kinds[kind] = true;
	deid_case_init(&c);
	if (deid_case_read(&c, (const char *)data, size, &e) == -1) {
		if (e.code != ERR_INPUT && e.code != ERR_LIMIT)
			abort();
	} else {
		finds_of(&c, &found);
		if (deid_score_case(&score, &c, &found, &marks, &e) == -1)
			abort();
		all = deid_score_all(&score);
		/* Every find is a gold span: it is exact, and right. */
		if (all.gold != c.gold.count || all.found != found.count || all.exact != found.count ||
		    all.right != found.count || all.hit < all.exact || score.any.hit < all.hit ||
		    all.covered > all.chars)
			abort();
	}
	deid_score_free(&score);
	deid_marks_free(&marks);
	free(found.items);
	deid_case_free(&c);
	return 0;
}
