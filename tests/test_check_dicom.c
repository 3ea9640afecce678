/* The second scan of DICOM: members that may leave, and every way in which one may not. */
#include <stdlib.h>

#include "dicom_make.h"
#include "stager/check.h"

#define PATIENT_NAME 0x00100010
#define PATIENT_ID 0x00100020
#define PIXELS 0x7fe00010
#define METHOD_CODES 0x00120064

/* Preamble and meta information as scrub writes them. */
static void
begin_clean(struct maker *m, const char *transfer)
{
	static const uint8_t preamble[128];

	buf_init(&m->b, 1 << 20);
	m->explicit_vr = true;
	raw(m, preamble, sizeof(preamble));
	raw(m, "DICM", 4);
	text(m, 0x00020010, "UI", transfer);
	text(m, 0x00020013, "SH", "STAGER_0_1");
	m->explicit_vr = strcmp(transfer, IMPLICIT) != 0;
	m->big = strcmp(transfer, BIG) == 0;
}

enum pixels { PIXELS_NONE, PIXELS_PLAIN, PIXELS_FRAGMENTS };

/* What one member has out of the ordinary, at its place among the others. */
struct odd {
	const char *transfer;
	uint32_t tag; /* 0: nothing */
	const char *vr;
	const char *value;
	bool deep; /* inside a sequence */
	bool no_yes;
	const char *name, *id; /* NULL: empty */
	enum pixels pixels;
};

static void
put_odd(struct maker *m, const struct odd *odd, uint32_t after, uint32_t before)
{
	if (!odd->deep && odd->tag > after && odd->tag < before)
		text(m, odd->tag, odd->vr, odd->value);
}

static void
make(struct maker *m, const struct odd *odd)
{
	*m = (struct maker){0};
	begin_clean(m, odd->transfer);
	text(m, 0x00080008, "CS", "ORIGINAL\\PRIMARY");
	put_odd(m, odd, 0x00080008, PATIENT_NAME);
	text(m, PATIENT_NAME, "PN", odd->name != NULL ? odd->name : "");
	text(m, PATIENT_ID, "LO", odd->id != NULL ? odd->id : "");
	put_odd(m, odd, PATIENT_ID, 0x00120062);
	if (!odd->no_yes)
		text(m, 0x00120062, "CS", "YES");
	head(m, METHOD_CODES, "SQ", UNDEFINED);
	head(m, 0xfffee000, NULL, UNDEFINED);
	text(m, 0x00080100, "SH", "113100");
	if (odd->deep)
		text(m, odd->tag, odd->vr, odd->value);
	head(m, 0xfffee00d, NULL, 0);
	head(m, 0xfffee0dd, NULL, 0);
	put_odd(m, odd, METHOD_CODES, PIXELS);
	if (odd->pixels == PIXELS_PLAIN)
		text(m, PIXELS, "OW", "jan@example.org: pixels");
	if (odd->pixels == PIXELS_FRAGMENTS) {
		head(m, PIXELS, "OB", UNDEFINED);
		head(m, 0xfffee000, NULL, 0);
		head(m, 0xfffee000, NULL, 8);
		raw(m, "\xff\xd8\xff\xd9\xfe\xff\x00\xe0", 8);
		head(m, 0xfffee0dd, NULL, 0);
	}
}

static const char *
scan(const uint8_t *data, size_t len)
{
	const char *reason = NULL;
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int rc;

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	rc = check_member(RESCAN_DICOM, copy, len, &reason, &e);
	free(copy);
	CHECK(rc == (reason != NULL ? 1 : 0));
	return reason != NULL ? reason : "";
}

static void
expect(const struct odd *odd, const char *want)
{
	struct maker m;
	const char *got;

	make(&m, odd);
	got = scan(m.b.data, m.b.len);
	CHECK(strcmp(got, want) == 0);
	if (strcmp(got, want) != 0)
		fprintf(stderr, "  %08x %s: '%s'\n", (unsigned)odd->tag, odd->transfer, got);
	buf_free(&m.b);
}

static void
test_clean(void)
{
	static const char *const transfers[] = {IMPLICIT, EXPLICIT, BIG};

	for (size_t i = 0; i < 3; i++) {
		for (int p = PIXELS_NONE; p <= PIXELS_PLAIN; p++)
			expect(&(struct odd){.transfer = transfers[i], .pixels = (enum pixels)p}, "");
		expect(&(struct odd){.transfer = transfers[i], .id = "abcdefghijklmnopqrstuvwx23"}, "");
		expect(&(struct odd){.transfer = transfers[i], .name = "ANONYMIZED"}, "");
		expect(
		    &(struct odd){.transfer = transfers[i], .tag = 0x00100030, .vr = "DA", .value = ""}, "");
		expect(
		    &(struct odd){.transfer = transfers[i], .tag = 0x00101010, .vr = "AS", .value = "045Y"},
		    "");
		expect(&(struct odd){.transfer = transfers[i], .pixels = PIXELS_FRAGMENTS}, "check-dicom");
	}
	expect(&(struct odd){.transfer = JPEG, .pixels = PIXELS_FRAGMENTS}, "");
	expect(&(struct odd){.transfer = "1.2.840.10008.1.2.5", .pixels = PIXELS_FRAGMENTS}, "");
}

static void
test_found(void)
{
	static const struct {
		uint32_t tag;
		const char *vr, *value, *want;
	} found[] = {
	    {0x00090010, "LO", "PRIVATE", "check-private-tag"},
	    {0x00291010, "OB", "private", "check-private-tag"},
	    {0x00080050, "SH", "A123", "check-dicom-tag"},
	    {0x00080080, "LO", "Ziekenhuis", "check-dicom-tag"},
	    {0x00080090, "PN", "Arts^A", "check-dicom-tag"},
	    {0x00100030, "DA", "19700101", "check-dicom-tag"},
	    {0x00101000, "LO", "1234567", "check-dicom-tag"},
	    {0x00101040, "LO", "Straat 1", "check-dicom-tag"},
	    {0x50000010, "US", "ab", "check-dicom-tag"},
	    {0x60003000, "OW", "drawn", "check-dicom-tag"},
	    {0x00204000, "LT", "mail jan@example.org", "check-email"},
	    {0x00204000, "LT", "NL91 ABNA 0417 1643 00", "check-iban"},
	    {0x00104000, "LT", "belt altijd", "check-dicom-tag"},
	};
	static const char *const transfers[] = {IMPLICIT, EXPLICIT, BIG};

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		for (size_t t = 0; t < 3; t++)
			for (int deep = 0; deep < 2; deep++) {
				struct odd odd = {.transfer = transfers[t],
				    .tag = found[i].tag,
				    .vr = found[i].vr,
				    .value = found[i].value,
				    .deep = deep == 1,
				    .pixels = PIXELS_PLAIN};

				/* inside, tags go on from (0008,0100) */
				if (deep == 1 && odd.tag < 0x00080100)
					continue;
				expect(&odd, found[i].want);
			}
	expect(&(struct odd){.transfer = EXPLICIT, .name = "Jansen^J"}, "check-dicom-tag");
	expect(&(struct odd){.transfer = EXPLICIT, .id = "1234567"}, "check-dicom-tag");
	expect(&(struct odd){.transfer = EXPLICIT, .id = "abcdefghijklmnopqrstuvwx2"}, "check-dicom-tag");
	expect(&(struct odd){.transfer = EXPLICIT, .no_yes = true}, "check-dicom");
	/* names of people in whatever attribute, where the VR says so */
	expect(&(struct odd){.transfer = EXPLICIT, .tag = 0x00400999, .vr = "PN", .value = "Jansen^J"},
	    "check-dicom-tag");
	/* what is not read cannot leave */
	expect(&(struct odd){.transfer = "1.2.840.10008.1.2.1.99"}, "check-dicom");
	expect(&(struct odd){.transfer = "1.3.6.1"}, "check-dicom");
	expect(
	    &(struct odd){.transfer = EXPLICIT, .tag = 0x00104000, .vr = "XX", .value = ""}, "check-dicom");
	/* the same attribute twice; one out of order */
	for (uint32_t tag = METHOD_CODES - 1; tag <= METHOD_CODES + 1; tag++) {
		struct maker m;

		make(&m, &(struct odd){.transfer = EXPLICIT});
		text(&m, tag, "LO", "");
		CHECK(strcmp(scan(m.b.data, m.b.len), tag <= METHOD_CODES ? "check-dicom" : "") == 0);
		buf_free(&m.b);
	}
}

/* A sequence whose length is given, in a dataset without VRs: seen through all the same. */
static void
test_hidden_sequence(void)
{
	struct maker m;
	struct odd odd = {.transfer = IMPLICIT};

	make(&m, &odd);
	head(&m, 0x00400555, "SQ", 8 + 8 + 8);
	head(&m, 0xfffee000, NULL, 16);
	text(&m, 0x00101000, "LO", "1234567");
	CHECK(strcmp(scan(m.b.data, m.b.len), "check-dicom-tag") == 0);
	buf_free(&m.b);
	/* nested deeper than anything real */
	make(&m, &odd);
	for (int i = 0; i < 60; i++) {
		head(&m, 0x00400555, "SQ", UNDEFINED);
		head(&m, 0xfffee000, NULL, UNDEFINED);
	}
	for (int i = 0; i < 60; i++) {
		head(&m, 0xfffee00d, NULL, 0);
		head(&m, 0xfffee0dd, NULL, 0);
	}
	CHECK(strcmp(scan(m.b.data, m.b.len), "check-dicom") == 0);
	buf_free(&m.b);
}

static void
test_cut(void)
{
	static const struct odd kinds[] = {{.transfer = EXPLICIT, .pixels = PIXELS_PLAIN},
	    {.transfer = IMPLICIT, .pixels = PIXELS_PLAIN}, {.transfer = BIG, .pixels = PIXELS_PLAIN},
	    {.transfer = JPEG, .pixels = PIXELS_FRAGMENTS}};
	struct maker m;
	size_t passed;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		make(&m, &kinds[k]);
		passed = 0;
		for (size_t len = 0; len < m.b.len; len++)
			passed += scan(m.b.data, len)[0] == '\0';
		/* Only an end between the last elements before the pixels is one: whole without them. */
		CHECK(passed == 1 || passed == 2);
		raw(&m, "\0", 1);
		CHECK(strcmp(scan(m.b.data, m.b.len), "check-dicom") == 0);
		buf_free(&m.b);
	}
	CHECK(strcmp(scan((const uint8_t *)"", 0), "check-dicom") == 0);
}

/* Any byte of a preamble is refused; so is meta information that says where a file came from. */
static void
test_meta(void)
{
	const struct odd odd = {.transfer = EXPLICIT, .pixels = PIXELS_PLAIN};
	struct maker m;

	make(&m, &odd);
	for (size_t i = 0; i < 132; i++) {
		m.b.data[i] ^= 0x20;
		CHECK(strcmp(scan(m.b.data, m.b.len), "check-dicom") == 0);
		m.b.data[i] ^= 0x20;
	}
	CHECK(strcmp(scan(m.b.data, m.b.len), "") == 0);
	buf_free(&m.b);
	m = (struct maker){0};
	begin_clean(&m, EXPLICIT);
	text(&m, 0x00020016, "AE", "HOSPITAL");
	CHECK(strcmp(scan(m.b.data, m.b.len), "check-dicom-tag") == 0);
	buf_free(&m.b);
}

/* What is inside UN is implicit and little endian whatever is around it; and a byte order is not taken on trust. */
static void
test_byte_order(void)
{
	const struct odd odd = {.transfer = BIG};
	struct maker m;

	for (int name = 0; name < 2; name++) {
		make(&m, &odd);
		head(&m, 0x00400555, "UN", UNDEFINED);
		m.big = m.explicit_vr = false;
		head(&m, 0xfffee000, NULL, UNDEFINED);
		text(&m, 0x00101000, "LO", name == 0 ? "" : "1234567");
		head(&m, 0xfffee00d, NULL, 0);
		head(&m, 0xfffee0dd, NULL, 0);
		CHECK(strcmp(scan(m.b.data, m.b.len), name == 0 ? "" : "check-dicom-tag") == 0);
		buf_free(&m.b);
	}
	m = (struct maker){0};
	begin_clean(&m, BIG);
	m.big = false;
	text(&m, 0x00120062, "CS", "YES");
	CHECK(strcmp(scan(m.b.data, m.b.len), "check-dicom") == 0);
	buf_free(&m.b);
}

/* The tail of a member past the buffer, in pieces of every size. */
static void
test_tail(void)
{
	static const uint8_t items[] = {
	    0xfe, 0xff, 0x00, 0xe0, 4, 0, 0, 0, 1, 2, 3, 4, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0, 'x'};
	const size_t whole = sizeof(items) - 1;

	for (size_t step = 1; step <= whole; step++) {
		struct check_tail tail = {.fragments = true};

		for (size_t at = 0; at < whole; at += step) {
			CHECK(!check_tail_end(&tail));
			CHECK(check_tail_feed(&tail, items + at, at + step < whole ? step : whole - at));
		}
		CHECK(check_tail_end(&tail));
		CHECK(!check_tail_feed(&tail, items + whole, 1) && !check_tail_end(&tail));
	}
	for (size_t i = 0; i < 4; i++) {
		struct check_tail tail = {.fragments = true};
		uint8_t wrong[sizeof(items)];

		memcpy(wrong, items, sizeof(items));
		wrong[12 + i] ^= 1;
		CHECK(!check_tail_feed(&tail, wrong, whole));
	}
}

int
main(void)
{
	test_clean();
	test_found();
	test_hidden_sequence();
	test_cut();
	test_meta();
	test_byte_order();
	test_tail();
	return check_done();
}
