/* What reading a file comes to in memory, by its format and its size: told before it is read. */
#include "need.h"

#include "format/batch.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/source.h"

#define MIB (UINT64_C(1) << 20)

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Multiples of the part that is held in memory, this program's and stager-check's together, as they were measured with files of the
 * largest size that each format takes (tests/bench/RESULTS.md, Memory of a push).
 */
static uint64_t
memory_of(enum format format, uint64_t size)
{
	switch (format) {
	case FORMAT_CSV:
	case FORMAT_FIXED:
		return 3 * least(size, 16 * MIB);
	case FORMAT_JSONL:
	case FORMAT_JSON:
		return 6 * least(size, 8 * MIB);
	case FORMAT_XML:
		return 6 * least(size, 16 * MIB);
	case FORMAT_TEXT:
		return 6 * least(size, 32 * MIB);
	case FORMAT_EML:
		return 2 * least(size, 64 * MIB) + 6 * least(size, 16 * MIB);
	case FORMAT_DICOM:
		return least(size, 256 * MIB) + least(size, 32 * MIB);
	default:
		return 0;
	}
}

int
scrub_begin(struct scrub *s, const struct source *in, struct err *e)
{
	const uint64_t size = in->size_known ? in->size : UINT64_MAX;
	const enum format format = s->rule == NULL ? FORMAT_DROP : s->rule->format;
	const struct scrub_need need = {.memory = memory_of(format, size),
	    .threads = (format == FORMAT_CSV || format == FORMAT_FIXED || format == FORMAT_JSONL) &&
		       s->thread_count > 1 && size >= BATCH_SIZE_MIN,
	    .plain = format == FORMAT_OPAQUE && in->size_known ? size : 0};

	return s->begin == NULL ? 0 : s->begin(s->begin_ctx, &need, e);
}
