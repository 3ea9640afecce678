/* Small images of a shape that a test chooses, up to their pixel data. */
#ifndef TESTS_DICOM_SHAPE_H
#define TESTS_DICOM_SHAPE_H

#include "dicom_case.h"

#define JPEGLS "1.2.840.10008.1.2.4.80"
#define J2K "1.2.840.10008.1.2.4.90"
#define RLE "1.2.840.10008.1.2.5"
#define PLAIN "1.2.840.10008.1.2.1.98"
#define VIDEO "1.2.840.10008.1.2.4.102"

#define BAD "dicom-pixels"

static const struct rule rule = {.format = FORMAT_DICOM, .burned_in_hold = true};

/* An image's attributes, to be changed by a test before it is written. */
struct shape {
	int rows, columns, samples, bits; /* -1: not written */
	const char *frames, *photometric; /* NULL: not written */
};
static const struct shape four = {4, 3, 1, 8, NULL, "MONOCHROME2"};

static inline void
start(struct maker *m, const char *transfer, const struct shape *s)
{
	begin(m, transfer, CT);
	text(m, 0x00080016, "UI", CT);
	text(m, 0x00080018, "UI", "1.2.3.4711.1");
	if (s->samples >= 0)
		short_number(m, 0x00280002, (unsigned)s->samples);
	if (s->photometric != NULL)
		text(m, 0x00280004, "CS", s->photometric);
	if (s->frames != NULL)
		text(m, 0x00280008, "IS", s->frames);
	if (s->rows >= 0)
		short_number(m, 0x00280010, (unsigned)s->rows);
	if (s->columns >= 0)
		short_number(m, 0x00280011, (unsigned)s->columns);
	if (s->bits >= 0)
		short_number(m, 0x00280100, (unsigned)s->bits);
}

static inline void
scrub(const struct maker *m)
{
	CHECK_OK(dicom_run(&run, &rule, key, m->b.data, m->b.len, &e));
}

static inline void
expect(const struct maker *m, const char *reason)
{
	scrub(m);
	CHECK(strcmp(run.reason, reason) == 0);
	if (strcmp(run.reason, reason) != 0)
		fprintf(stderr, "wanted \"%s\", got \"%s\"\n", reason, run.reason);
}

#endif
