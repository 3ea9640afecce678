/* Compressed pixels of the JPEG family: markers are followed, and what is not needed to decode is zeroed. */
#include "dicom_parts.h"

#include <string.h>

/* ITU-T T.81 table B.1, T.87 annex C, T.84 annex F (SPIFF); T.800 annexes A and I (JPEG 2000, JP2). */
enum {
	M_SOI = 0xd8,
	M_EOI = 0xd9,
	M_SOS = 0xda,
	M_APP0 = 0xe0,
	M_APP8 = 0xe8,
	M_APP14 = 0xee,
	M_APP15 = 0xef,
	M_SOF55 = 0xf7, /* JPEG-LS: frame, preset parameters */
	M_LSE = 0xf8,
	M_JPG0 = 0xf0,
	M_COM = 0xfe,
	/* JPEG 2000 */
	M_SOC = 0x4f,
	M_COMMENT = 0x64,
	M_SOT = 0x90,
	M_SOP = 0x91,
	M_EPH = 0x92,
	M_SOD = 0x93,
	M_EOC = 0xd9,
};

/* What is expected next. */
enum {
	AT_START, /* an image's first marker, whose second byte is at AT_START_CODE */
	AT_START_CODE,
	AT_MARKER, /* 0xff; its second byte is at AT_CODE */
	AT_CODE,
	AT_LENGTH, /* of a segment, high byte first */
	AT_LENGTH_LOW,
	AT_SEGMENT,   /* c->left bytes of it */
	AT_DATA,      /* entropy-coded; a byte behind 0xff is at AT_DATA_CODE */
	AT_DATA_CODE, /* 0xff was there */
	AT_END,       /* nothing more in this fragment */
};

/* A stretch of a fragment on its way out; to `put` it has been put. */
struct part {
	struct dicom_codestream *c;
	struct dicom_out *out;
	const uint8_t *s;
	size_t put;
};

static int
put_zeros(struct part *p, size_t from, size_t to, struct err *e)
{
	size_t at = from;

	while (at < to && p->s[at] == 0)
		at++;
	if (at == to)
		return 0;
	p->c->overwritten++;
	if (dicom_out_keep(p->out, p->s + p->put, from - p->put, e) == -1 ||
	    dicom_out_zeros(p->out, to - from, e) == -1)
		return -1;
	p->put = to;
	return 0;
}

/* How much of an application segment stays: what decides on colours. Its text, thumbnails, EXIF do not. */
static size_t
application_keep(unsigned marker, const uint8_t *s, size_t len)
{
	static const uint8_t spiff_end[] = {0, 0, 0, 1, 0xff, 0xd8};

	if (marker == M_APP0 && len >= 14 && memcmp(s, "JFIF", 5) == 0)
		return 14; /* versions, density, size of the thumbnail */
	if (marker == M_APP14 && len >= 12 && memcmp(s, "Adobe", 5) == 0)
		return 12; /* version, flags, colour transform */
	if (marker == M_APP8 && len >= 30 && memcmp(s, "SPIFF", 6) == 0)
		return 30;
	if (marker == M_APP8 && len == sizeof(spiff_end) && memcmp(s, spiff_end, sizeof(spiff_end)) == 0)
		return len;
	if (marker == M_APP8 && len >= 5 && memcmp(s, "mrfx", 4) == 0)
		return 5; /* JPEG-LS: a colour transform */
	return 0;
}

/* How many of a segment's bytes stay; those at s are in this fragment. */
static size_t
segment_keep(const struct dicom_codestream *c, const uint8_t *s, size_t len)
{
	unsigned marker = c->marker;

	if (c->codec == DICOM_CODEC_J2K)
		return marker == M_COMMENT ? 2 : c->left; /* what it is registered as */
	if (marker >= M_APP0 && marker <= M_APP15)
		return len == c->left ? application_keep(marker, s, len) : 0;
	if (marker == M_COM || (marker >= M_JPG0 && marker != M_SOF55 && marker != M_LSE))
		return 0;
	return c->left;
}

/* Behind the second byte of a marker, in a header or between two scans; false where none may be. */
static bool
jpeg_marker(struct dicom_codestream *c, unsigned code)
{
	if (code == 0xff)
		return true; /* fill */
	if (code < 0xc0 || (code >= 0xd0 && code <= M_SOI) || (code == M_EOI && !c->scanned))
		return false;
	c->marker = code;
	c->at = code == M_EOI ? AT_END : AT_LENGTH;
	return true;
}

static bool
j2k_marker(struct dicom_codestream *c, unsigned code)
{
	c->marker = code;
	if (code == M_SOD || (code == M_EOC && c->scanned)) {
		c->scanned = true;
		c->at = code == M_EOC ? AT_END : AT_DATA;
		return true;
	}
	if (code >= 0x30 && code <= 0x3f) {
		c->at = AT_MARKER; /* these have no segment */
		return true;
	}
	c->at = AT_LENGTH;
	return (code >= 0x50 && code <= 0x65) || (code >= 0x72 && code <= 0x78) || code == M_SOT;
}

/* Behind 0xff in entropy-coded data. */
static bool
data_marker(struct dicom_codestream *c, unsigned code)
{
	if (c->codec == DICOM_CODEC_J2K) {
		c->at = AT_DATA;
		if (code < M_SOT || code == M_EPH)
			return true;
		c->marker = code;
		c->at = code == M_EOC ? AT_END : AT_LENGTH;
		return code == M_EOC || code == M_SOT || code == M_SOP;
	}
	if (code < 0xc0 || (code >= 0xd0 && code <= 0xd7)) {
		c->at = AT_DATA;
		return true;
	}
	return jpeg_marker(c, code);
}

/* What follows the segment that has ended. */
static void
segment_end(struct dicom_codestream *c)
{
	bool data = c->codec == DICOM_CODEC_J2K ? c->marker == M_SOP : c->marker == M_SOS;

	c->scanned = c->scanned || data;
	c->at = data ? AT_DATA : AT_MARKER;
}

/* The part of a segment that lies in [*at, end). */
static int
segment(struct part *p, size_t *at, size_t end, struct err *e)
{
	struct dicom_codestream *c = p->c;
	size_t len = end - *at < c->left ? end - *at : c->left, keep = 0;

	if (c->fresh)
		keep = segment_keep(c, p->s + *at, len);
	else if (c->whole)
		keep = len;
	c->whole = keep == c->left && (c->fresh || c->whole);
	c->fresh = false;
	if (keep < len && put_zeros(p, *at + keep, *at + len, e) == -1)
		return -1;
	c->left -= len;
	*at += len;
	if (c->left == 0)
		segment_end(c);
	return 0;
}

/* One byte that is neither of a segment nor of data; false where it may not be there. */
static bool
step(struct dicom_codestream *c, unsigned byte)
{
	switch (c->at) {
	case AT_START:
		c->at = AT_START_CODE;
		return byte == 0xff;
	case AT_START_CODE:
		c->at = AT_MARKER;
		c->scanned = false;
		c->images++;
		return byte == (c->codec == DICOM_CODEC_J2K ? M_SOC : M_SOI);
	case AT_MARKER:
		c->at = AT_CODE;
		return byte == 0xff;
	case AT_CODE:
		return c->codec == DICOM_CODEC_J2K ? j2k_marker(c, byte) : jpeg_marker(c, byte);
	case AT_LENGTH:
		c->left = (size_t)byte << 8;
		c->at = AT_LENGTH_LOW;
		return true;
	case AT_LENGTH_LOW:
		c->left |= byte;
		if (c->left < 2)
			return false;
		c->left -= 2;
		c->fresh = true;
		c->at = AT_SEGMENT;
		if (c->left == 0)
			segment_end(c);
		return true;
	default:
		return data_marker(c, byte);
	}
}

/* The bytes [at, end) of a codestream, the rest of which may follow. 0, 1: it cannot be followed, -1. */
static int
follow(struct part *p, size_t at, size_t end, struct err *e)
{
	struct dicom_codestream *c = p->c;
	const uint8_t *found;

	while (at < end) {
		if (c->at == AT_END)
			return put_zeros(p, at, end, e);
		if (c->at == AT_SEGMENT) {
			if (segment(p, &at, end, e) == -1)
				return -1;
		} else if (c->at == AT_DATA) {
			if ((found = memchr(p->s + at, 0xff, end - at)) == NULL)
				return 0;
			at = (size_t)(found - p->s) + 1;
			c->at = AT_DATA_CODE;
		} else if (!step(c, p->s[at++])) {
			return 1;
		}
	}
	return 0;
}

static uint32_t
be32(const uint8_t *s)
{
	return (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3];
}

static bool
listed(const uint8_t *type, const char *types)
{
	for (; *types != '\0'; types += 4)
		if (memcmp(type, types, 4) == 0)
			return true;
	return false;
}

/*
 * The boxes of a JP2 file (T.800 annex I), or of its header box: XML, UUID and what is not known have zeros
 * inside.
 */
static int
boxes(struct part *p, size_t at, size_t end, bool header, struct err *e)
{
	int rc;

	while (end - at >= 8) {
		const uint8_t *type = p->s + at + 4;
		size_t len = be32(p->s + at), head = 8, next;

		if (len == 0)
			len = end - at;
		if (len == 1) {
			if (end - at < 16 || be32(p->s + at + 8) != 0)
				return 1;
			head = 16;
			len = be32(p->s + at + 12);
		}
		if (len < head || len > end - at)
			return 1;
		next = at + len;
		at += head;
		rc = 0;
		if (!header && listed(type, "jp2c"))
			rc = follow(p, at, next, e);
		else if (!header && listed(type, "jp2h"))
			rc = boxes(p, at, next, true, e);
		else if (!listed(type, header ? "ihdrbpcccolrpclrcmapcdefres " : "jP  ftyprreq"))
			rc = put_zeros(p, at, next, e);
		if (rc != 0)
			return rc;
		at = next;
	}
	return put_zeros(p, at, end, e);
}

int
dicom_codestream_put(
    struct dicom_codestream *c, struct dicom_out *out, const uint8_t *data, size_t len, struct err *e)
{
	static const uint8_t jp2[] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 0x0d, 0x0a, 0x87, 0x0a};
	static const uint8_t soi[] = {0xff, M_SOI}, soc[] = {0xff, M_SOC, 0xff, 0x51};
	struct part p = {.c = c, .out = out, .s = data};
	bool j2k = c->codec == DICOM_CODEC_J2K, data_open = c->at == AT_DATA || c->at == AT_DATA_CODE;
	const uint8_t *first = j2k ? soc : soi;
	size_t first_len = j2k ? sizeof(soc) : sizeof(soi);
	int rc;

	if (len == 0)
		return 0;
	/* An image may go on in the next fragment. One that broke off is followed by the next. */
	if (c->at == AT_END || (data_open && len >= first_len && memcmp(data, first, first_len) == 0))
		c->at = AT_START;
	if (j2k && c->at == AT_START && len >= sizeof(jp2) && memcmp(data, jp2, sizeof(jp2)) == 0)
		rc = boxes(&p, 0, len, false, e);
	else
		rc = follow(&p, 0, len, e);
	if (rc != 0)
		return rc;
	return dicom_out_keep(out, data + p.put, len - p.put, e);
}

bool
dicom_codestream_whole(const struct dicom_codestream *c)
{
	return c->at == AT_END || c->at == AT_DATA || c->at == AT_DATA_CODE;
}
