/* Writes DICOM files for the tests, with nothing in common with the writer that is tested. */
#ifndef TESTS_DICOM_MAKE_H
#define TESTS_DICOM_MAKE_H

#include <string.h>

#include "check.h"
#include "stager/buf.h"

#define IMPLICIT "1.2.840.10008.1.2"
#define EXPLICIT "1.2.840.10008.1.2.1"
#define BIG "1.2.840.10008.1.2.2"
#define JPEG "1.2.840.10008.1.2.4.50"
#define UNDEFINED 0xffffffffu

static struct err e;

struct maker {
	struct buf b;
	bool explicit_vr, big;
};

static inline void
raw(struct maker *m, const void *data, size_t len)
{
	CHECK_OK(buf_put(&m->b, data, len, &e));
}

static inline void
number(struct maker *m, uint32_t v, int len)
{
	for (int i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)(v >> 8 * (m->big ? len - 1 - i : i));

		raw(m, &byte, 1);
	}
}

static inline void
head(struct maker *m, uint32_t tag, const char *vr, uint32_t len)
{
	number(m, tag >> 16, 2);
	number(m, tag & 0xffff, 2);
	if (!m->explicit_vr || vr == NULL) {
		number(m, len, 4);
		return;
	}
	raw(m, vr, 2);
	if (strstr("OB OD OF OL OV OW SQ SV UC UN UR UT UV", vr) != NULL) {
		number(m, 0, 2);
		number(m, len, 4);
	} else {
		number(m, len, 2);
	}
}

static inline void
value(struct maker *m, uint32_t tag, const char *vr, const void *data, size_t len)
{
	head(m, tag, vr, (uint32_t)(len + len % 2));
	raw(m, data, len);
	if (len % 2 != 0)
		raw(m, strcmp(vr, "UI") == 0 || vr[0] == 'O' ? "\0" : " ", 1);
}

static inline void
text(struct maker *m, uint32_t tag, const char *vr, const char *s)
{
	value(m, tag, vr, s, strlen(s));
}

/* One number of two bytes. */
static inline void
short_number(struct maker *m, uint32_t tag, unsigned v)
{
	head(m, tag, "US", 2);
	number(m, v, 2);
}

/* Preamble and file meta information, with identifying values of its own in both. */
static inline void
begin(struct maker *m, const char *transfer, const char *sop_class)
{
	char preamble[128] = "pl4nted unknown";
	struct maker meta = {.explicit_vr = true};

	buf_init(&meta.b, 4096);
	buf_clear(&m->b);
	m->explicit_vr = strcmp(transfer, IMPLICIT) != 0;
	m->big = strcmp(transfer, BIG) == 0;
	text(&meta, 0x00020002, "UI", sop_class);
	text(&meta, 0x00020003, "UI", "1.2.3.4711.1");
	text(&meta, 0x00020010, "UI", transfer);
	text(&meta, 0x00020012, "UI", "1.2.3");
	text(&meta, 0x00020016, "AE", "PL4AE");
	text(&meta, 0x00020100, "UI", "1.2.3.4711.2");
	raw(m, preamble, sizeof(preamble));
	raw(m, "DICM\2\0\0\0UL\4\0", 12);
	CHECK_OK(buf_put_u32le(&m->b, (uint32_t)meta.b.len, &e));
	raw(m, meta.b.data, meta.b.len);
	buf_free(&meta.b);
}

#endif
