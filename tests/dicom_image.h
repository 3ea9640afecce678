/* An image with something planted in every kind of place, and what to look for in what came out of it. */
#ifndef TESTS_DICOM_IMAGE_H
#define TESTS_DICOM_IMAGE_H

#include "dicom_case.h"

/* Identifying values, none of which may ever be found in the output. Long and odd enough not to occur by
 * chance. */
#define ID "pl4nted-Id-77"
static const char *const planted[] = {NAME, "Planted", "Geheim", ID, "19530417", "pl4nted-acc",
    "pl4nted private", "pl4nted unknown", "1.2.3.4711.1", "1.2.3.4711.2", "pl4nted study", "pl4nted icon",
    "PL4AE"};

/* Nested sequences: referenced series > instances > ... depth deep, the name in the innermost. */
static inline void
nested(struct maker *m, int depth, bool delimited)
{
	struct maker inner = {.explicit_vr = m->explicit_vr, .big = m->big};
	uint32_t len;

	buf_init(&inner.b, 1 << 20);
	if (depth == 0) {
		text(&inner, 0x00081155, "UI", "1.2.3.4711.1");
		text(&inner, 0x00100010, "PN", NAME);
		text(&inner, 0x00100020, "LO", ID);
		text(&inner, 0x00110010, "LO", "pl4nted private");
		text(&inner, 0x0040a160, "UT", "pl4nted private 22"); /* no length of doubles */
	} else {
		nested(&inner, depth - 1, !delimited);
	}
	len = delimited ? UNDEFINED : (uint32_t)inner.b.len;
	head(m, 0x00081115, "SQ", delimited ? UNDEFINED : len + 8);
	head(m, 0xfffee000, NULL, len);
	raw(m, inner.b.data, inner.b.len);
	if (delimited) {
		head(m, 0xfffee00d, NULL, 0);
		head(m, 0xfffee0dd, NULL, 0);
	}
	buf_free(&inner.b);
}

#define PIXELS 5000 /* 50 by 50, and long enough to leave as a slice */
static uint8_t pixels[PIXELS];

/* A CT image with something planted in every kind of place. */
static inline void
image(struct maker *m, const char *transfer, int depth)
{
	begin(m, transfer, CT);
	text(m, 0x00080000, "UL", "abcd");
	text(m, 0x00080005, "CS", "ISO_IR 100");
	text(m, 0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL");
	text(m, 0x00080016, "UI", CT);
	text(m, 0x00080018, "UI", "1.2.3.4711.1");
	text(m, 0x00080020, "DA", "19530417");
	text(m, 0x00080021, "DA", "19530417");
	text(m, 0x00080050, "SH", "pl4nted-acc");
	text(m, 0x00080060, "CS", "CT");
	text(m, 0x00080070, "LO", "Maker of scanners");
	text(m, 0x00080080, "LO", "Planted hospital");
	text(m, 0x00080081, "ST", "Planted street");
	text(m, 0x00081010, "SH", "Planted stat");
	text(m, 0x00081030, "LO", "pl4nted study");
	if (depth > 0)
		nested(m, depth, true);
	text(m, 0x00081195, "UI", "1.2.3.4711.2");
	text(m, 0x00090010, "LO", "pl4nted private");
	value(m, 0x00091001, "UN", "pl4nted private", 15);
	head(m, 0x00091002, m->big ? "SQ" : "UN", UNDEFINED);
	head(m, 0xfffee000, NULL, UNDEFINED);
	head(m, 0xfffee00d, NULL, 0);
	head(m, 0xfffee0dd, NULL, 0);
	text(m, 0x00100010, "PN", NAME);
	text(m, 0x00100020, "LO", ID);
	text(m, 0x00100030, "DA", "19530417");
	text(m, 0x00100040, "CS", "F");
	text(m, 0x00101010, "AS", "063Y");
	text(m, 0x00109990, "LO", "pl4nted unknown");
	text(m, 0x00120062, "CS", "NO");
	text(m, 0x00180050, "DS", "1.25");
	text(m, 0x0020000d, "UI", "1.2.3.4711.2");
	text(m, 0x00200013, "IS", "17");
	short_number(m, 0x00280002, 1);
	short_number(m, 0x00280010, 50);
	short_number(m, 0x00280011, 50);
	short_number(m, 0x00280100, 16);
	text(m, 0x00324000, "LT", "pl4nted study");
	text(m, 0x60004000, "LT", "Planted overlay");
	if (strcmp(transfer, JPEG) == 0) {
		head(m, 0x7fe00010, "OB", UNDEFINED);
		head(m, 0xfffee000, NULL, 0);
		head(m, 0xfffee000, NULL, 2 + 22 + 4 + PIXELS + 2);
		raw(m, "\377\330\377\376\0\24Planted^Geheim ...", 24);
		raw(m, "\377\332\0\2", 4);
		raw(m, pixels, PIXELS);
		raw(m, "\377\331", 2);
		head(m, 0xfffee0dd, NULL, 0);
	} else {
		value(m, 0x7fe00010, "OW", pixels, PIXELS);
	}
}

static inline const struct rule *
plain_rule(void)
{
	static char subject[] = "PatientID";
	static struct rule rule = {.format = FORMAT_DICOM, .burned_in_hold = true, .subject = subject};

	return &rule;
}

static inline const char *
leak(void)
{
	for (size_t i = 0; i < sizeof(planted) / sizeof(planted[0]); i++)
		if (run.out.len > 0 &&
		    memmem(run.out.data, run.out.len, planted[i], strlen(planted[i])) != NULL)
			return planted[i];
	return NULL;
}

static inline void
scrub(const struct maker *m, const struct rule *rule)
{
	CHECK_OK(dicom_run(&run, rule, key, m->b.data, m->b.len, &e));
	if (run.reason[0] == '\0')
		CHECK(leak() == NULL);
}

static inline void
expect_hold(const struct maker *m, const struct rule *rule, const char *reason)
{
	scrub(m, rule);
	CHECK(strcmp(run.reason, reason) == 0);
	if (strcmp(run.reason, reason) != 0)
		fprintf(stderr, "wanted %s, got %s\n", reason, run.reason);
}

/* Does the output hold exactly these bytes of an element, in the syntax of m? */
static inline bool
has(const struct maker *m, uint32_t tag, const char *vr, const char *want)
{
	struct maker x = {.explicit_vr = m->explicit_vr, .big = m->big};
	bool found;

	buf_init(&x.b, 4096);
	if (want != NULL)
		text(&x, tag, vr, want);
	else
		number(&x, tag >> 16, 2), number(&x, tag & 0xffff, 2);
	found = run.out.len > 0 && memmem(run.out.data, run.out.len, x.b.data, x.b.len) != NULL;
	buf_free(&x.b);
	return found;
}

static inline int
image_start(void)
{
	for (size_t i = 0; i < PIXELS; i++)
		pixels[i] = (uint8_t)((i * 31 >> 3) % 251); /* no marker among them */
	return case_start();
}

#endif
