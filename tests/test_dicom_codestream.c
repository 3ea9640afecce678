/* DICOM: compressed pixels: comments in them, their fragments and offset tables. */
#include "dicom_shape.h"

struct bytes {
	const char *data;
	size_t len;
};
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* An encapsulated image of these fragments, after an offset table. */
static void
encapsulated(struct maker *m, const char *transfer, const char *frames, struct bytes table,
    const struct bytes *fragments, size_t count)
{
	struct shape s = four;

	s.frames = frames;
	start(m, transfer, &s);
	head(m, 0x7fe00010, "OB", UNDEFINED);
	head(m, 0xfffee000, NULL, (uint32_t)table.len);
	raw(m, table.data, table.len);
	for (size_t i = 0; i < count; i++) {
		head(m, 0xfffee000, NULL, (uint32_t)(fragments[i].len));
		raw(m, fragments[i].data, fragments[i].len);
	}
	head(m, 0xfffee0dd, NULL, 0);
}

/* One fragment in: one of these bytes out, or the reason (want.data NULL). */
static void
one(const char *transfer, struct bytes in, struct bytes want, const char *reason)
{
	static const struct bytes none = {"", 0};
	struct maker m = {0}, out = {.explicit_vr = true};

	buf_init(&m.b, 1 << 20);
	buf_init(&out.b, 1 << 20);
	encapsulated(&m, transfer, NULL, none, &in, 1);
	expect(&m, reason);
	if (want.data != NULL) {
		CHECK(want.len == in.len);
		head(&out, 0xfffee000, NULL, 0);
		head(&out, 0xfffee000, NULL, (uint32_t)want.len);
		raw(&out, want.data, want.len);
		head(&out, 0xfffee0dd, NULL, 0);
		CHECK(run.out.len > out.b.len &&
		      memcmp(run.out.data + run.out.len - out.b.len, out.b.data, out.b.len) == 0);
	}
	buf_free(&m.b);
	buf_free(&out.b);
}

#define Z4 "\0\0\0\0"
#define Z12 Z4 Z4 Z4
#define SOI "\377\330"
#define EOI "\377\331"
#define SOF "\377\300\0\13\10\0\4\0\3\1\1\21\0"
#define SOS "\377\332\0\10\1\1\0\0\77\0"
#define SCAN SOS "\1\377\0\2\377\320\3"
/* COM and APPn with 12 bytes that name somebody, and their like with none. */
#define SEGMENT(marker) "\377" marker "\0\16Planted Gehm"
#define EMPTIED(marker) "\377" marker "\0\16" Z12
#define ADOBE "\377\356\0\16Adobe\0\144\0\0\0\0\1"
#define JFIF "\377\340\0\20JFIF\0\1\1\0\0\1\0\1\0\0"
#define FRAME SOI SOF SCAN EOI

static void
test_jpeg(void)
{
	static const struct {
		struct bytes in, out;
		const char *reason;
	} cases[] = {
	    {BYTES(FRAME " "), BYTES(FRAME "\0"), ""},
	    {BYTES(SOI JFIF ADOBE SOF SCAN EOI), BYTES(SOI JFIF ADOBE SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\376") SOF SCAN EOI), BYTES(SOI EMPTIED("\376") SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\340") SOF SCAN EOI), BYTES(SOI EMPTIED("\340") SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\341") SOF SCAN EOI), BYTES(SOI EMPTIED("\341") SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\355") SOF SCAN EOI), BYTES(SOI EMPTIED("\355") SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\356") SOF SCAN EOI), BYTES(SOI EMPTIED("\356") SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\357") SOF SCAN EOI), BYTES(SOI EMPTIED("\357") SOF SCAN EOI), ""},
	    {BYTES(SOI SEGMENT("\375") SOF SCAN EOI), BYTES(SOI EMPTIED("\375") SOF SCAN EOI), ""},
	    /* behind what a decoder needs of it */
	    {BYTES(SOI "\377\356\0\22Adobe\0\144\0\0\0\0\1Name" SOF SCAN EOI " "),
		BYTES(SOI "\377\356\0\22Adobe\0\144\0\0\0\0\1" Z4 SOF SCAN EOI "\0"), ""},
	    {BYTES(SOI "\377\340\0\24JFIF\0\1\1\0\0\1\0\1\0\0Name" SOF SCAN EOI),
		BYTES(SOI "\377\340\0\24JFIF\0\1\1\0\0\1\0\1\0\0" Z4 SOF SCAN EOI), ""},
	    /* between and behind scans; fill bytes; another image behind the end */
	    {BYTES(SOI SOF SCAN SEGMENT("\376") SCAN EOI " "),
		BYTES(SOI SOF SCAN EMPTIED("\376") SCAN EOI "\0"), ""},
	    {BYTES(SOI SOF SCAN "\377" SEGMENT("\376") SCAN EOI),
		BYTES(SOI SOF SCAN "\377" EMPTIED("\376") SCAN EOI), ""},
	    {BYTES(SOI "\377" SOF SCAN EOI), BYTES(SOI "\377" SOF SCAN EOI), ""},
	    {BYTES(FRAME "Planted" EOI), BYTES(FRAME "\0\0\0\0\0\0\0\0\0"), ""},
	    {BYTES(FRAME SOI EOI " "), BYTES(FRAME Z4 "\0"), ""},
	    /* it ends without saying so */
	    {BYTES(SOI SOF SCAN " "), BYTES(SOI SOF SCAN " "), ""},
	    {BYTES(SOI SEGMENT("\376") SOF SCAN), BYTES(SOI EMPTIED("\376") SOF SCAN), ""},
	    /* markers that cannot be followed to a scan */
	    {BYTES("Planted Geheim"), {NULL, 0}, "dicom-broken"},
	    {BYTES(" " FRAME), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI EOI), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI SOI SOF SCAN EOI " "), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI SOF "Name" SCAN EOI " "), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI SOF), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI "\377\376\0\1" SOF SCAN EOI " "), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI "\377\376\1\377Planted" SOF SCAN EOI), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOI "\377\2\0\4" SOF SCAN EOI " "), {NULL, 0}, "dicom-broken"},
	    {BYTES(""), {NULL, 0}, "dicom-broken"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		one(JPEG, cases[i].in, cases[i].out, cases[i].reason);
		if (cases[i].out.data == NULL && run.reason[0] == '\0')
			fprintf(stderr, "JPEG case %zu\n", i);
	}
}

#define LS_SOF "\377\367\0\13\10\0\4\0\3\1\1\21\0"
#define LSE "\377\370\0\15\1\0\377\0\3\0\7\0\25\0\100"
#define SPIFF "\377\350\0\40SPIFF\0\1\2\0\1\0\0\0\4\0\0\0\3\10\10\6\0\0\0\0\1\0\0\0\1"
#define LS_DATA SOS "\1\377\0\2\377\177\3\377\1"

static void
test_jpegls(void)
{
	/* Behind 0xff a byte below 0x80 is data; presets and the SPIFF header stay, its entries do not. */
	one(JPEGLS,
	    (struct bytes)BYTES(SOI SPIFF SEGMENT("\350") "\377\350\0\10\0\0\0\1" SOI LS_SOF LSE LS_DATA EOI),
	    (struct bytes)BYTES(SOI SPIFF EMPTIED("\350") "\377\350\0\10\0\0\0\1" SOI LS_SOF LSE LS_DATA EOI),
	    "");
	one(JPEGLS, (struct bytes)BYTES(SOI "\377\350\0\7mrfx\1" LS_SOF SEGMENT("\376") LS_DATA EOI),
	    (struct bytes)BYTES(SOI "\377\350\0\7mrfx\1" LS_SOF EMPTIED("\376") LS_DATA EOI), "");
	one(JPEGLS, (struct bytes)BYTES(SOI LS_SOF "Name" LS_DATA EOI " "), (struct bytes){NULL, 0},
	    "dicom-broken");
}

#define SOC "\377\117"
#define SIZ "\377\121\0\6abcd"
#define COD "\377\122\0\4ab"
#define SOT "\377\220\0\12\0\0\0\0\0\0\0\1"
#define TILE SOT "\377\223\1\377\117\377\217\2"
#define COMMENT "\377\144\0\20\0\1Planted Gehm"
#define COMMENT0 "\377\144\0\20\0\1" Z12
#define STREAM SOC SIZ COD TILE EOI
#define JP2 "\0\0\0\14jP  \r\n\207\n\0\0\0\24ftypjp2 \0\0\0\0jp2 "
#define JP2H "\0\0\0\36jp2h\0\0\0\26ihdr\0\0\0\4\0\0\0\3\0\1\7\7\0\0"

static void
test_j2k(void)
{
	static const struct {
		struct bytes in, out;
		const char *reason;
	} cases[] = {
	    {BYTES(STREAM), BYTES(STREAM), ""},
	    {BYTES(SOC SIZ COMMENT COD TILE EOI), BYTES(SOC SIZ COMMENT0 COD TILE EOI), ""},
	    /* in a tile's header; twice; a part of a tile; behind the end */
	    {BYTES(SOC SIZ COD SOT COMMENT "\377\223\1" TILE EOI " "),
		BYTES(SOC SIZ COD SOT COMMENT0 "\377\223\1" TILE EOI "\0"), ""},
	    {BYTES(SOC SIZ COMMENT COMMENT COD TILE EOI), BYTES(SOC SIZ COMMENT0 COMMENT0 COD TILE EOI), ""},
	    {BYTES(STREAM "Planted "), BYTES(STREAM Z4 Z4), ""},
	    /* SOP and EPH stand among the data; what follows SOP is a number, whatever it looks like */
	    {BYTES(SOC SIZ COD TILE "\377\221\0\4\377\220\1\377\222\1" EOI),
		BYTES(SOC SIZ COD TILE "\377\221\0\4\377\220\1\377\222\1" EOI), ""},
	    {BYTES(SOC SIZ COD TILE), BYTES(SOC SIZ COD TILE), ""},
	    /* boxes */
	    {BYTES(JP2 JP2H "\0\0\0\0jp2c" STREAM " "), BYTES(JP2 JP2H "\0\0\0\0jp2c" STREAM "\0"), ""},
	    {BYTES(JP2 "\0\0\0\24xml Planted Gehm" JP2H "\0\0\0\0jp2c" SOC SIZ COMMENT COD TILE EOI),
		BYTES(JP2 "\0\0\0\24xml " Z12 JP2H "\0\0\0\0jp2c" SOC SIZ COMMENT0 COD TILE EOI), ""},
	    {BYTES(JP2 "\0\0\0\34jp2h\0\0\0\24xml Planted Gehm\0\0\0\0jp2c" STREAM " "),
		BYTES(JP2 "\0\0\0\34jp2h\0\0\0\24xml " Z12 "\0\0\0\0jp2c" STREAM "\0"), ""},
	    {BYTES(JP2 "\0\0\0\1uuid\0\0\0\0\0\0\0\34Planted Gehm\0\0\0\0jp2c" STREAM),
		BYTES(JP2 "\0\0\0\1uuid\0\0\0\0\0\0\0\34" Z12 "\0\0\0\0jp2c" STREAM), ""},
	    {BYTES(JP2 "\0\0\0\377xml Planted Geheim"), {NULL, 0}, "dicom-broken"},
	    {BYTES(JP2 "\0\0\0\7xml Planted Geheim"), {NULL, 0}, "dicom-broken"},
	    {BYTES(JP2 JP2H), {NULL, 0}, "dicom-broken"},
	    /* markers that cannot be followed */
	    {BYTES(SOC SIZ "Name" COD TILE EOI), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOC SIZ COD EOI), {NULL, 0}, "dicom-broken"},
	    {BYTES(SOC SIZ "\377\146\0\6Name" COD TILE EOI), {NULL, 0}, "dicom-broken"},
	    {BYTES(FRAME " "), {NULL, 0}, "dicom-broken"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		one(J2K, cases[i].in, cases[i].out, cases[i].reason);
	one("1.2.840.10008.1.2.4.201", cases[1].in, cases[1].out, "");
	/* Elsewhere nothing is looked into. */
	one(VIDEO, cases[1].in, cases[1].in, "");
}

/* As many images as frames; an image over several fragments; what the offset table says. */
static void
test_fragments(void)
{
	static const struct bytes none = {"", 0}, whole = BYTES(FRAME "  ");
	static const struct bytes two[] = {BYTES(FRAME "  "), BYTES(SOI SEGMENT("\376") SOF SCAN EOI)};
	static const struct bytes cut[] = {BYTES(SOI "\377\376\0\16Plan"), BYTES("ted Gehm" SOF SOS "\377"),
	    BYTES("\0\7\377"), BYTES("\331\0")};
	static const struct bytes open[] = {BYTES(SOI SOF SCAN " "), BYTES(FRAME " ")};
	static const struct bytes late[] = {BYTES(FRAME " "), BYTES("Planted ")};
	static const struct bytes bytes12[] = {BYTES("abcdefghijkl"), BYTES("abcdefghijkl")};
	static const struct bytes table[] = {BYTES("\0\0\0\0\54\0\0\0"), BYTES("\0\0\0\0\55\0\0\0"),
	    BYTES("\0\0\0\0"), BYTES("Name"), BYTES("\0\0\0\0\54\0\0\0\54\0\0\0"), BYTES("\0\0")};
	static const char *const told[] = {"", BAD, "", BAD, BAD, BAD};
	struct maker m = {0};

	CHECK(8 + whole.len == 054);
	buf_init(&m.b, 1 << 20);
	encapsulated(&m, JPEG, "2", none, two, 2);
	expect(&m, "");
	CHECK(memmem(run.out.data, run.out.len, "Planted", 7) == NULL);
	encapsulated(&m, JPEG, "1", none, two, 2);
	expect(&m, BAD);
	encapsulated(&m, JPEG, "3", none, two, 2);
	expect(&m, BAD);
	encapsulated(&m, JPEG, "0", none, two, 2);
	expect(&m, BAD);
	encapsulated(&m, JPEG, "1", none, cut, 4);
	expect(&m, "");
	CHECK(memmem(run.out.data, run.out.len, "Plan", 4) == NULL);
	CHECK(memmem(run.out.data, run.out.len, "ted Gehm", 8) == NULL);
	encapsulated(&m, JPEG, "1", none, cut, 1);
	expect(&m, "dicom-broken");
	encapsulated(&m, JPEG, "2", none, open, 2);
	expect(&m, "");
	encapsulated(&m, JPEG, "1", none, late, 2);
	expect(&m, "dicom-broken");
	encapsulated(&m, JPEG, "1", none, two, 0);
	expect(&m, "dicom-broken");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		encapsulated(&m, JPEG, "2", table[i], two, 2);
		expect(&m, told[i]);
	}

	encapsulated(&m, RLE, "2", none, bytes12, 2);
	expect(&m, "");
	encapsulated(&m, RLE, NULL, none, bytes12, 2);
	expect(&m, BAD);
	encapsulated(&m, PLAIN, "2", none, bytes12, 2);
	expect(&m, "");
	encapsulated(&m, PLAIN, "2", none, two, 2);
	expect(&m, BAD);
	encapsulated(&m, PLAIN, "1", none, bytes12, 2);
	expect(&m, BAD);
	encapsulated(&m, VIDEO, "25", none, bytes12, 1);
	expect(&m, "");
	buf_free(&m.b);
}

/* A comment of 60000 bytes in many pieces, and the pixels around it as they were. */
static void
test_long(void)
{
	static const struct bytes none = {"", 0};
	struct maker m = {0}, want = {.explicit_vr = true}, in = {0};
	struct bytes fragment;

	buf_init(&m.b, 1 << 20);
	buf_init(&in.b, 1 << 20);
	buf_init(&want.b, 1 << 20);
	raw(&in, SOI, 2);
	for (int i = 0; i < 3; i++) {
		raw(&in, "\377\341\352\142", 4); /* 60002 */
		for (int k = 0; k < 60000; k++)
			raw(&in, &"Planted"[k % 7], 1);
	}
	raw(&in, SOF SCAN, sizeof(SOF SCAN) - 1);
	for (int k = 0; k < 9001; k++)
		raw(&in, &"\1\2\3"[k % 3], 1);
	raw(&in, EOI, 2);
	if (in.b.len % 2 != 0)
		raw(&in, " ", 1);
	fragment = (struct bytes){(const char *)in.b.data, in.b.len};
	encapsulated(&m, JPEG, NULL, none, &fragment, 1);
	expect(&m, "");
	raw(&want, SOI, 2);
	for (int i = 0; i < 3; i++) {
		raw(&want, "\377\341\352\142", 4);
		for (int k = 0; k < 60000; k++)
			raw(&want, "\0", 1);
	}
	raw(&want, in.b.data + want.b.len, in.b.len - want.b.len - (size_t)(in.b.data[in.b.len - 1] == ' '));
	CHECK(memmem(run.out.data, run.out.len, want.b.data, want.b.len) != NULL);
	CHECK(memmem(run.out.data, run.out.len, "Plan", 4) == NULL);
	buf_free(&m.b);
	buf_free(&in.b);
	buf_free(&want.b);
}

int
main(void)
{
	if (case_start() != 0)
		return 77;
	test_jpeg();
	test_jpegls();
	test_j2k();
	test_fragments();
	test_long();
	return case_end();
}
