/* DICOM: pixel data of another size than the image, and kept text that names somebody. */
#include "dicom_shape.h"

/* Pixel data of len bytes, all 7 but the last: what becomes of it. */
static const char *
native(const char *transfer, const struct shape *s, uint32_t tag, const char *vr, size_t len, uint8_t last)
{
	struct maker m = {0};

	buf_init(&m.b, 1 << 20);
	start(&m, transfer, s);
	head(&m, tag, vr, (uint32_t)len);
	for (size_t i = 0; i < len; i++)
		raw(&m, i + 1 < len ? "\7" : (const char *)&last, 1);
	scrub(&m);
	buf_free(&m.b);
	return run.reason;
}

#define NATIVE(shape, len, last, reason) \
	CHECK(strcmp(native(EXPLICIT, (shape), 0x7fe00010, "OW", (len), (last)), (reason)) == 0)

static void
test_native(void)
{
	struct shape s = four;

	NATIVE(&s, 12, 7, "");
	NATIVE(&s, 10, 7, BAD);
	NATIVE(&s, 14, 0, BAD);
	NATIVE(&s, 0, 7, BAD);
	NATIVE(&s, 1000, 7, BAD);
	/* 15 bytes and the padding, which must be zero. */
	s.rows = 5;
	NATIVE(&s, 16, 0, "");
	NATIVE(&s, 16, 'P', BAD);
	NATIVE(&s, 14, 0, BAD);
	NATIVE(&s, 18, 0, BAD);
	CHECK(strcmp(native(IMPLICIT, &s, 0x7fe00010, "OW", 16, 0), "") == 0);
	CHECK(strcmp(native(IMPLICIT, &s, 0x7fe00010, "OW", 16, 9), BAD) == 0);
	/* In big-endian words the padding stands first in the last of them. */
	CHECK(strcmp(native(BIG, &s, 0x7fe00010, "OB", 16, 0), "") == 0);
	CHECK(strcmp(native(BIG, &s, 0x7fe00010, "OW", 16, 0), BAD) == 0);

	/* Each number that counts. */
	s = four;
	s.frames = "3 ";
	NATIVE(&s, 36, 7, "");
	NATIVE(&s, 12, 7, BAD);
	s.frames = "";
	NATIVE(&s, 12, 7, "");
	for (size_t i = 0; i < 5; i++) {
		static const char *const wrong[] = {"0", "1A", "-1", "9999999999", "1\\1"};

		s.frames = wrong[i];
		NATIVE(&s, 12, 7, BAD);
	}
	s = four;
	s.bits = 16;
	NATIVE(&s, 24, 7, "");
	NATIVE(&s, 12, 7, BAD);
	s.bits = 1;
	NATIVE(&s, 2, 7, "");
	NATIVE(&s, 12, 7, BAD);
	s.bits = 65;
	NATIVE(&s, 12, 7, BAD);
	s = four;
	s.samples = 3;
	s.photometric = "RGB";
	NATIVE(&s, 36, 7, "");
	NATIVE(&s, 24, 7, BAD);
	s.photometric = "YBR_FULL_422";
	NATIVE(&s, 24, 7, "");
	NATIVE(&s, 36, 7, BAD);
	s.samples = 5;
	NATIVE(&s, 60, 7, BAD);
	/* As large as numbers get: no overflow makes it small. */
	s = (struct shape){65535, 65535, 4, 64, "999999999", "RGB"};
	NATIVE(&s, 12, 7, BAD);

	/* Nothing says how large it is. */
	s = four;
	s.rows = -1;
	NATIVE(&s, 12, 7, BAD);
	s = four;
	s.columns = -1;
	NATIVE(&s, 12, 7, BAD);
	s = four;
	s.bits = -1;
	NATIVE(&s, 12, 7, BAD);
	s = four;
	s.samples = -1; /* one, then */
	NATIVE(&s, 12, 7, "");

	s = four;
	CHECK(strcmp(native(EXPLICIT, &s, 0x7fe00008, "OF", 48, 7), "") == 0);
	CHECK(strcmp(native(EXPLICIT, &s, 0x7fe00008, "OF", 52, 7), BAD) == 0);
	CHECK(strcmp(native(EXPLICIT, &s, 0x7fe00008, "OF", 44, 7), BAD) == 0);
	CHECK(strcmp(native(EXPLICIT, &s, 0x7fe00009, "OD", 96, 7), "") == 0);
	CHECK(strcmp(native(EXPLICIT, &s, 0x7fe00009, "OD", 48, 7), BAD) == 0);
	s.rows = -1;
	CHECK(strcmp(native(EXPLICIT, &s, 0x7fe00008, "OF", 48, 7), BAD) == 0);
}

/* A sequence that stays, with an image of its own: it is not measured by the outer one. */
static void
test_nested(void)
{
	struct maker m = {0};

	buf_init(&m.b, 1 << 20);
	for (int with = 0; with < 2; with++) {
		start(&m, EXPLICIT, &four);
		head(&m, 0x00289145, "SQ", UNDEFINED);
		head(&m, 0xfffee000, NULL, UNDEFINED);
		if (with == 1) {
			short_number(&m, 0x00280010, 1);
			short_number(&m, 0x00280011, 2);
			short_number(&m, 0x00280100, 8);
		}
		value(&m, 0x7fe00010, "OW", NAME, with == 1 ? 2 : 12);
		head(&m, 0xfffee00d, NULL, 0);
		head(&m, 0xfffee0dd, NULL, 0);
		expect(&m, with == 1 ? "" : BAD);
	}
	buf_free(&m.b);
}

/* Kept values that are text: whether they leave as they are. */
static void
test_text(void)
{
	static const struct {
		uint32_t tag;
		const char *vr, *value;
		bool stays;
	} cases[] = {
	    {0x00080070, "LO", "Maker of scanners", true},
	    {0x00080070, "LO", "Maker 2011A, 1.5 T", true},
	    {0x00080070, "LO", "jan.planted@example.org", false},
	    {0x00080070, "LO", "Jansen 06 12 34 56 78", false},
	    {0x00080070, "LO", "Jansen 0612345678", false},
	    {0x00080070, "LO", "NL91 ABNA 0417 1643 00", false},
	    {0x00080070, "LO", "BSN 123456782", false},
	    {0x00080070, "LO", "BSN 123456783", true},
	    {0x00080070, "UN", "BSN 123456782", false},
	    {0x00080104, "LO", "Kerkstraat 1, 1234 AB", false},
	    {0x00080104, "LO", "17-04-1953", false},
	    {0x00180015, "CS", "1234 AB", false},
	    {0x00180015, "CS", "CHEST", true},
	    {0x00180024, "SH", "tse2d1_9", true},
	    {0x00080005, "CS", "ISO 2022 IR 6\\ISO 2022 IR 87", true},
	    {0x00080005, "CS", "\\ISO 2022 IR 149", true},
	    {0x00080005, "CS", "ISO_IR 192", true},
	    {0x00080005, "CS", "GB18030 ", true},
	    {0x00080005, "CS", "1234 AB", false},
	    {0x00080005, "CS", "ISO_IR 1234", false},
	    {0x00080005, "CS", "ISO_IR 100\\PLANTED", false},
	    {0x00180050, "DS", "123456782", false},
	    {0x00180050, "DS", "123456783", true},
	    {0x00180050, "DS", "1.25", true},
	    {0x00180050, "DS", "+123456782", false},
	    {0x00180050, "DS", "123456782.0", false},
	    {0x00180050, "DS", "123456782.5", true},
	    {0x00200013, "IS", "123456782 ", false},
	    {0x00200013, "IS", "0123456782", false},
	    {0x00200013, "IS", "12345678", true},
	    {0x00200013, "IS", "000000000", true},
	    {0x00281054, "LO", "HU", true},
	    {0x00281050, "DS", "40\\123456782", false},
	    {0x00281050, "DS", "40\\123456783", true},
	};
	struct maker m = {0}, want = {0};

	buf_init(&m.b, 1 << 20);
	buf_init(&want.b, 1 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int implicit = 0; implicit < 2; implicit++) {
			begin(&m, implicit == 1 ? IMPLICIT : EXPLICIT, CT);
			want.explicit_vr = m.explicit_vr;
			buf_clear(&want.b);
			if (cases[i].tag < 0x00080016)
				text(&m, cases[i].tag, cases[i].vr, cases[i].value);
			text(&m, 0x00080016, "UI", CT);
			text(&m, 0x00080018, "UI", "1.2.3.4711.1");
			if (cases[i].tag > 0x00080016)
				text(&m, cases[i].tag, cases[i].vr, cases[i].value);
			expect(&m, "");
			/* An emptied value is of its attribute's own VR. */
			text(&want, cases[i].tag,
			    !cases[i].stays && strcmp(cases[i].vr, "UN") == 0 ? "LO" : cases[i].vr,
			    cases[i].stays ? cases[i].value : "");
			CHECK(memmem(run.out.data, run.out.len, want.b.data, want.b.len) != NULL);
			if (memmem(run.out.data, run.out.len, want.b.data, want.b.len) == NULL)
				fprintf(stderr, "value %zu\n", i);
		}
	buf_free(&m.b);
	buf_free(&want.b);
}

int
main(void)
{
	if (case_start() != 0)
		return 77;
	test_native();
	test_nested();
	test_text();
	return case_end();
}
