/* Free text: never past its end, and what leaves is UTF-8 where that is what came; also on what came out. */
#include <stdlib.h>

#include "stager/buf.h"
#include "stager/detect.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sorted, apart, inside, on whole characters where the text has them. */
static void
check_spans(const struct text_rules *rules, const uint8_t *data, size_t size)
{
	const struct detect_with with = {.rules = rules};
	bool utf8 = utf8_valid(data, size);
	struct spans spans = {0};
	size_t last = 0;
	struct err e;

	if (detect_text(&with, (const char *)data, size, &spans, &e) == -1)
		abort();
	for (size_t i = 0; i < spans.count; i++) {
		const struct span *s = &spans.items[i];

		if (s->start < last || s->end <= s->start || s->end > size || s->rule == NULL ||
		    s->type >= SPAN_TYPES)
			abort();
		if (utf8 && (!utf8_valid(data + last, s->start - last) ||
				!utf8_valid(data + s->start, s->end - s->start)))
			abort();
		last = s->end;
	}
	spans_free(&spans);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy policy = {0};
	struct scrub scrub = {.policy = &policy};
	struct text_finds finds = {0}, again = {0};
	struct buf out, second;
	struct err e;

	if (size == 0)
		return 0;
	for (unsigned type = 0; type < SPAN_TYPES; type++)
		policy.text.action[type] = data[0] & 1 ? TEXT_TAG : TEXT_BLANK;
	policy.text.english = (data[0] & 4) != 0;
	policy.text.bsn_any = (data[0] & 2) != 0;
	data++;
	size--;
	check_spans(&policy.text, data, size);
	buf_init(&out, 1 << 24);
	buf_init(&second, 1 << 24);
	if (text_clean(&scrub, (const char *)data, size, &out, &finds, &e) == -1)
		abort();
	if (utf8_valid(data, size) && !utf8_valid(out.data == NULL ? data : out.data, out.len))
		abort();
	/* Numbered tags hold digits, and text on both sides of a blank may join: only that nothing breaks. */
	if (out.len > 0 && text_clean(&scrub, (const char *)out.data, out.len, &second, &again, &e) == -1)
		abort();
	buf_free(&out);
	buf_free(&second);
	return 0;
}
