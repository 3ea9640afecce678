/* Free text: never past its end, and what leaves is UTF-8 where that is what came; also on what came out. */
#include <stdlib.h>

#include "stager/buf.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	policy.text.action = data[0] & 1 ? TEXT_TAG : TEXT_BLANK;
	policy.text.bsn_any = (data[0] & 2) != 0;
	data++;
	size--;
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
