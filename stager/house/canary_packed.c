/* A canary in a compressed file: gzip (RFC 1952), xz (The .xz File Format 1.1.0) or zstd (RFC 8878), its blocks stored as they are. */
#include <string.h>

#include "canary.h"
#include "stager/json.h"
#include "stager/unpack.h"

#define GZIP_BLOCK 65535u  /* bytes of a stored block: RFC 1951 section 3.2.4 */
#define XZ_CHUNK 65536u    /* of an LZMA2 chunk without compression */
#define ZSTD_BLOCK 131072u /* of a raw block: RFC 8878 section 3.1.1.2.4 */

/* CRC-32 of RFC 1952 section 8, which xz has, too. */
static uint32_t
crc32_of(const uint8_t *data, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
	}
	return ~crc;
}

static size_t
piece(size_t left, size_t most)
{
	return left < most ? left : most;
}

static int
pack_gzip(const struct buf *in, struct buf *out, struct err *e)
{
	static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
	size_t at = 0, n;

	if (buf_put(out, head, sizeof(head), e) == -1)
		return -1;
	do {
		n = piece(in->len - at, GZIP_BLOCK);
		/* The last one says so; its length, and the complement of that. */
		if (buf_put_u8(out, at + n == in->len, e) == -1 ||
		    buf_put_u32le(out, (uint32_t)n | (uint32_t)(~n & 0xffff) << 16, e) == -1 ||
		    buf_put(out, in->data + at, n, e) == -1)
			return -1;
		at += n;
	} while (at < in->len);
	return buf_put_u32le(out, crc32_of(in->data, in->len), e) == -1
		   ? -1
		   : buf_put_u32le(out, (uint32_t)in->len, e);
}

/* Seven bits a byte, the lowest first: section 1.2. */
static int
xz_number(struct buf *out, uint64_t n, struct err *e)
{
	for (; n >= 0x80; n >>= 7)
		if (buf_put_u8(out, (uint8_t)(n | 0x80), e) == -1)
			return -1;
	return buf_put_u8(out, (uint8_t)n, e);
}

/* Zeros up to a multiple of four bytes from start on. */
static int
xz_pad(struct buf *out, size_t start, struct err *e)
{
	while ((out->len - start) % 4 != 0)
		if (buf_put_u8(out, 0, e) == -1)
			return -1;
	return 0;
}

/* The bytes from start on, and their CRC. */
static int
xz_sum(struct buf *out, size_t start, struct err *e)
{
	return buf_put_u32le(out, crc32_of(out->data + start, out->len - start), e);
}

/* One block, filtered by LZMA2 alone. *unpadded: its length for the index. */
static int
xz_block(const struct buf *in, struct buf *out, uint64_t *unpadded, struct err *e)
{
	/* Its length (n + 1) * 4; no sizes; filter 0x21 with one byte of properties: a dictionary of 64 KiB. */
	static const uint8_t head[] = {2, 0, 0x21, 1, 8, 0, 0, 0};
	const size_t start = out->len;

	if (buf_put(out, head, sizeof(head), e) == -1 || xz_sum(out, start, e) == -1)
		return -1;
	for (size_t at = 0, n; at < in->len; at += n) {
		n = piece(in->len - at, XZ_CHUNK);
		/* The first resets the dictionary. */
		if (buf_put_u8(out, at == 0 ? 1 : 2, e) == -1 ||
		    buf_put_u16be(out, (uint16_t)(n - 1), e) == -1 || buf_put(out, in->data + at, n, e) == -1)
			return -1;
	}
	if (buf_put_u8(out, 0, e) == -1)
		return -1;
	*unpadded = out->len - start + 4;
	return xz_pad(out, start, e) == -1 ? -1 : buf_put_u32le(out, crc32_of(in->data, in->len), e);
}

static int
pack_xz(const struct buf *in, struct buf *out, struct err *e)
{
	static const uint8_t magic[] = {0xfd, '7', 'z', 'X', 'Z', 0}, flags[] = {0, 1}; /* sums by CRC-32 */
	uint64_t unpadded;
	uint32_t index_len;
	size_t start;
	struct buf foot;
	int rc = -1;

	buf_init(&foot, 16);
	if (buf_put(out, magic, sizeof(magic), e) == -1 || buf_put(out, flags, sizeof(flags), e) == -1 ||
	    xz_sum(out, sizeof(magic), e) == -1 || xz_block(in, out, &unpadded, e) == -1)
		goto out;
	start = out->len;
	if (buf_put_u8(out, 0, e) == -1 || xz_number(out, 1, e) == -1 || xz_number(out, unpadded, e) == -1 ||
	    xz_number(out, in->len, e) == -1 || xz_pad(out, start, e) == -1 || xz_sum(out, start, e) == -1)
		goto out;
	index_len = (uint32_t)(out->len - start);
	if (buf_put_u32le(&foot, index_len / 4 - 1, e) == -1 ||
	    buf_put(&foot, flags, sizeof(flags), e) == -1 ||
	    buf_put_u32le(out, crc32_of(foot.data, foot.len), e) == -1 ||
	    buf_put(out, foot.data, foot.len, e) == -1 || buf_put_str(out, "YZ", e) == -1)
		goto out;
	rc = 0;
out:
	buf_free(&foot);
	return rc;
}

static int
pack_zstd(const struct buf *in, struct buf *out, struct err *e)
{
	/* No size, no dictionary, no sum; a window of 128 KiB: section 3.1.1.1. */
	static const uint8_t head[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3};
	size_t at = 0, n;

	if (buf_put(out, head, sizeof(head), e) == -1)
		return -1;
	do {
		n = piece(in->len - at, ZSTD_BLOCK);
		/* Three bytes: whether it is the last one, two bits of its type (raw, 0), its length. */
		const uint8_t block[] = {
		    (uint8_t)(n << 3 | (at + n == in->len)), (uint8_t)(n >> 5), (uint8_t)(n >> 13)};

		if (buf_put(out, block, sizeof(block), e) == -1 || buf_put(out, in->data + at, n, e) == -1)
			return -1;
		at += n;
	} while (at < in->len);
	return 0;
}

int
canaries_pack(const struct json *rule, const char *name, struct buf *file, struct err *e)
{
	static int (*const packers[])(const struct buf *in, struct buf *out, struct err *e) = {
	    [PACKED_GZIP] = pack_gzip, [PACKED_XZ] = pack_xz, [PACKED_ZSTD] = pack_zstd};
	const struct json *format = json_get(rule, "format");
	enum packing kind;
	struct buf packed;
	int rc;

	/* A DICOM file is read as it is, whatever its name. */
	if (unpack_kind(name, &kind) == 0 || format == NULL || format->type != JSON_STRING ||
	    strcmp(format->string, "dicom") == 0)
		return 0;
	/* Memory even where there is nothing to store. */
	if (buf_reserve(file, 1, e) == NULL)
		return -1;
	buf_init(&packed, file->limit);
	if ((rc = packers[kind](file, &packed, e)) == 0) {
		buf_clear(file);
		rc = buf_put(file, packed.data, packed.len, e);
	}
	buf_free(&packed);
	return rc;
}
