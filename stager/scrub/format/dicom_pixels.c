/* Pixel data: as long as the image that the attributes describe, and nothing between or behind its frames. */
#include "dicom_parts.h"

#include <string.h>

#define TAG_SAMPLES DICOM_TAG(0x0028, 0x0002)
#define TAG_PHOTOMETRIC DICOM_TAG(0x0028, 0x0004)
#define TAG_FRAMES DICOM_TAG(0x0028, 0x0008)
#define TAG_ROWS DICOM_TAG(0x0028, 0x0010)
#define TAG_COLUMNS DICOM_TAG(0x0028, 0x0011)
#define TAG_BITS DICOM_TAG(0x0028, 0x0100)

#define SAMPLES_MAX 4
#define BITS_MAX 64

/* An IS as a count; 0 where it is none. Empty: one frame. */
static uint32_t
count_of(struct view v)
{
	uint32_t count = 0;

	if (v.len == 0)
		return 1;
	if (v.len > 9)
		return 0;
	for (size_t i = 0; i < v.len; i++) {
		if (v.data[i] < '0' || v.data[i] > '9')
			return 0;
		count = count * 10 + (uint32_t)(v.data[i] - '0');
	}
	return count;
}

void
dicom_image_note(struct dicom_image *image, uint32_t tag, const uint8_t *value, size_t len, bool big)
{
	struct view text = dicom_trim(value, len);
	unsigned number = len != 2 ? 0
			  : big    ? (unsigned)value[0] << 8 | value[1]
				   : value[0] | (unsigned)value[1] << 8;

	switch (tag) {
	case TAG_SAMPLES:
		image->samples = number;
		break;
	case TAG_PHOTOMETRIC:
		image->halved = (text.len == 12 && memcmp(text.data, "YBR_FULL_422", 12) == 0) ||
				(text.len == 15 && memcmp(text.data, "YBR_PARTIAL_422", 15) == 0);
		break;
	case TAG_FRAMES:
		image->frames = count_of(text);
		image->frames_said = true;
		break;
	case TAG_ROWS:
		image->rows = number;
		break;
	case TAG_COLUMNS:
		image->columns = number;
		break;
	case TAG_BITS:
		image->bits = number;
		break;
	default:
		break;
	}
}

static uint32_t
frame_count(const struct dicom_image *image)
{
	return image->frames_said ? image->frames : 1;
}

/* Bits of one frame; 0 where the attributes do not say. bits: of a sample; 0: as BitsAllocated says. */
static uint64_t
frame_bits(const struct dicom_image *image, unsigned bits)
{
	unsigned samples = image->samples == 0 ? 1 : image->samples;

	if (bits == 0)
		bits = image->bits;
	if (samples > SAMPLES_MAX || bits > BITS_MAX)
		return 0;
	/* PS3.3 section C.7.6.3.1.2: of YBR_FULL_422 two pixels share their colours. */
	if (image->halved && samples == 3)
		samples = 2;
	return (uint64_t)image->rows * image->columns * samples * bits;
}

/* Has the value the length of so many bits, padded to an even one with a zero? */
static bool
filled(uint64_t bits, const uint8_t *value, size_t len, bool swapped)
{
	uint64_t bytes = bits / 8 + (bits % 8 != 0);

	if (bits == 0 || len < 2)
		return false;
	if (bytes % 2 == 0)
		return bytes == len;
	/* In big-endian words the last byte stands before the padding's. */
	return bytes + 1 == len && value[swapped ? len - 2 : len - 1] == 0;
}

bool
dicom_pixels_native(
    const struct dicom_image *image, uint32_t tag, const uint8_t *value, size_t len, bool swapped)
{
	uint64_t bits = frame_bits(image, tag == DICOM_FLOAT_PIXELS    ? 32
					  : tag == DICOM_DOUBLE_PIXELS ? 64
								       : 0);
	uint32_t frames = frame_count(image);

	if (frames == 0 || bits > UINT64_MAX / frames)
		return false;
	return filled(bits * frames, value, len, swapped);
}

bool
dicom_fragments_begin(
    struct dicom_fragments *f, const struct dicom_image *image, const uint8_t *table, size_t len)
{
	f->image = image;
	f->table = table;
	f->table_count = len / 4;
	return frame_bits(image, 0) != 0 && frame_count(image) != 0 && len % 4 == 0;
}

static bool
has_codestream(const struct dicom_fragments *f)
{
	return f->stream.codec == DICOM_CODEC_JPEG || f->stream.codec == DICOM_CODEC_J2K;
}

int
dicom_fragments_put(struct dicom_fragments *f, struct dicom_out *out, const uint8_t *item, size_t len,
    const char **reason, struct err *e)
{
	const uint8_t *entry = f->table + 4 * f->table_at, *value = item + 8;
	size_t offset;
	int rc;

	if (f->first == NULL)
		f->first = item;
	offset = (size_t)(item - f->first);
	if (f->table_at < f->table_count && offset == ((size_t)entry[0] | (size_t)entry[1] << 8 |
							  (size_t)entry[2] << 16 | (size_t)entry[3] << 24))
		f->table_at++;
	f->count++;
	*reason = "dicom-pixels";
	if (f->stream.codec == DICOM_CODEC_PLAIN && !filled(frame_bits(f->image, 0), value, len, false))
		return 1;
	if (dicom_out_keep(out, item, 8, e) == -1)
		return -1;
	if (!has_codestream(f))
		return dicom_out_keep(out, value, len, e);
	if ((rc = dicom_codestream_put(&f->stream, out, value, len, e)) == 1)
		*reason = "dicom-broken";
	return rc;
}

const char *
dicom_fragments_end(const struct dicom_fragments *f)
{
	uint64_t frames = frame_count(f->image), images = has_codestream(f) ? f->stream.images : f->count;

	if (has_codestream(f) && !dicom_codestream_whole(&f->stream))
		return "dicom-broken";
	/* The offset table names frames, each where a fragment begins, in order. */
	if (f->table_at != f->table_count || f->table_count > frames)
		return "dicom-pixels";
	/* A film is one stream; several frames may be one codestream (JPEG 2000 part 2). */
	if (f->stream.codec == DICOM_CODEC_OTHER)
		return NULL;
	if (images == 0 || images > frames || (images < frames && !f->several))
		return "dicom-pixels";
	return NULL;
}
