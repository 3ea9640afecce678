/* DICOM: what a file is held for, and forms that a value or a sequence may be hidden in. */
#include "dicom_image.h"

/* What a file is held for. Each begins as one that passes. */
static void
test_holds(void)
{
	static char mr[] = "MR", ct[] = "CT";
	static char *const wanted[] = {mr, ct};
	struct rule rule = *plain_rule();
	struct maker m = {0};
	size_t at;

	buf_init(&m.b, 1 << 20);
	image(&m, EXPLICIT, 1);
	rule.modalities = (char **)(uintptr_t)wanted;
	rule.modality_count = 1;
	expect_hold(&m, &rule, "dicom-modality");
	rule.modality_count = 2;
	expect_hold(&m, &rule, "");
	m.b.data[128] ^= 1;
	expect_hold(&m, plain_rule(), "dicom-preamble");
	m.b.data[128] ^= 1;
	m.b.len--;
	expect_hold(&m, plain_rule(), "dicom-broken");
	buf_clear(&m.b);
	expect_hold(&m, plain_rule(), "dicom-preamble");

	image(&m, "1.2.840.10008.1.2.1.99", 1);
	expect_hold(&m, plain_rule(), "dicom-deflated");
	image(&m, "1.2.840.10008.1.2.4.94", 1); /* pixels elsewhere */
	expect_hold(&m, plain_rule(), "dicom-syntax");
	image(&m, "1.2.840.10008.1.2.4.5", 1);
	expect_hold(&m, plain_rule(), "dicom-syntax");
	image(&m, "1.2.840.10008.1.2.5", 1); /* native pixels where fragments must be */
	expect_hold(&m, plain_rule(), "dicom-broken");

	/* The dataset's class is another than the meta information says; classes of text; no class. */
	image(&m, EXPLICIT, 1);
	at = (size_t)((uint8_t *)memmem(m.b.data + 300, m.b.len - 300, CT, strlen(CT)) - m.b.data);
	m.b.data[at + strlen(CT) - 1] = '4';
	expect_hold(&m, plain_rule(), "dicom-sop-class");
	begin(&m, EXPLICIT, "1.2.840.10008.5.1.4.1.1.88.11");
	expect_hold(&m, plain_rule(), "dicom-sop-class");
	begin(&m, EXPLICIT, "1.2.840.10008.5.1.4.1.1.104.1");
	expect_hold(&m, plain_rule(), "dicom-sop-class");
	begin(&m, EXPLICIT, "1.2.840.10008.1.3.10");
	expect_hold(&m, plain_rule(), "dicom-sop-class");
	begin(&m, EXPLICIT, CT);
	expect_hold(&m, plain_rule(), "dicom-sop-class");
	text(&m, 0x00080016, "UI", CT);
	expect_hold(&m, plain_rule(), "dicom-broken");
	text(&m, 0x00080018, "UI", "1.2.3.4711.1");
	expect_hold(&m, plain_rule(), "subject-missing");
	text(&m, 0x00100020, "LO", "  ");
	expect_hold(&m, plain_rule(), "subject-missing");
	rule = *plain_rule();
	rule.subject = NULL;
	expect_hold(&m, &rule, "");
	CHECK(strcmp(run.subject, "x") == 0);
	/* Twice the same tag; an unknown VR; group 0002 again. */
	at = m.b.len;
	text(&m, 0x00100020, "LO", ID);
	expect_hold(&m, &rule, "dicom-broken");
	m.b.len = at;
	text(&m, 0x00100030, "XX", "");
	expect_hold(&m, &rule, "dicom-vr");
	m.b.len = at;
	text(&m, 0x00280301, "CS", "YES");
	expect_hold(&m, &rule, "dicom-burned-in");
	m.b.len = at;
	text(&m, 0x00280302, "CS", "YES");
	expect_hold(&m, &rule, "dicom-recognizable");
	m.b.len = at;
	text(&m, 0x00181016, "LO", "Capture maker");
	expect_hold(&m, &rule, "dicom-burned-in");
	rule.burned_in_hold = false;
	expect_hold(&m, &rule, "");
	buf_free(&m.b);
}

/* One more element after what every image has; what comes out of it. */
static void
start_with(struct maker *m, const char *transfer, const char *sop_class)
{
	begin(m, transfer, sop_class);
	text(m, 0x00080016, "UI", sop_class);
	text(m, 0x00080018, "UI", "1.2.3.4711.1");
}

static void
test_burned_in(void)
{
	static const struct {
		const char *sop_class, *image_type, *conversion, *series;
		const char *reason;
	} cases[] = {
	    {CT, "DERIVED\\SECONDARY", NULL, "Screening thorax", ""},
	    {CT, "DERIVED\\SECONDARY\\SCREEN SAVE", NULL, NULL, "dicom-burned-in"},
	    {CT, "DERIVED\\SECONDARY\\SAVED", NULL, NULL, "dicom-burned-in"},
	    {CT, NULL, "WSD", NULL, "dicom-burned-in"},
	    {CT, NULL, "", NULL, ""},
	    {CT, NULL, NULL, "Screen capture", "dicom-burned-in"},
	    {"1.2.840.10008.5.1.4.1.1.7", NULL, NULL, NULL, "dicom-burned-in"},
	    {"1.2.840.10008.5.1.4.1.1.7.4", NULL, NULL, NULL, "dicom-burned-in"},
	    {"1.2.840.10008.5.1.4.1.1.6.1", NULL, NULL, NULL, "dicom-burned-in"},
	    {"1.2.840.10008.5.1.4.1.1.77.1.6", "ORIGINAL\\PRIMARY\\LABEL", NULL, NULL, "dicom-burned-in"},
	    {"1.2.840.10008.5.1.4.1.1.77.1.4", NULL, NULL, NULL, "dicom-recognizable"},
	};
	struct rule rule = *plain_rule();
	struct maker m = {0};

	rule.subject = NULL;
	buf_init(&m.b, 1 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&m, EXPLICIT, cases[i].sop_class);
		if (cases[i].image_type != NULL)
			text(&m, 0x00080008, "CS", cases[i].image_type);
		text(&m, 0x00080016, "UI", cases[i].sop_class);
		text(&m, 0x00080018, "UI", "1.2.3.4711.1");
		if (cases[i].conversion != NULL)
			text(&m, 0x00080064, "CS", cases[i].conversion);
		if (cases[i].series != NULL)
			text(&m, 0x0008103e, "LO", cases[i].series);
		expect_hold(&m, &rule, cases[i].reason);
	}
	buf_free(&m.b);
}

/* Forms that a value or a sequence may be hidden in. */
static void
test_forms(void)
{
	struct rule rule = *plain_rule();
	struct maker m = {0}, inner = {0};

	rule.subject = NULL;
	buf_init(&m.b, 1 << 20);
	buf_init(&inner.b, 1 << 20);

	/* A known sequence as UN, with a length: its items are implicit, and stay so. */
	inner.explicit_vr = false;
	text(&inner, 0x00081155, "UI", "1.2.3.4711.1");
	text(&inner, 0x00100010, "PN", NAME);
	start_with(&m, EXPLICIT, CT);
	head(&m, 0x00081115, "UN", (uint32_t)inner.b.len + 8);
	head(&m, 0xfffee000, NULL, (uint32_t)inner.b.len);
	raw(&m, inner.b.data, inner.b.len);
	expect_hold(&m, &rule, "");
	inner.explicit_vr = true;
	head(&inner, 0x00081115, "UN", UNDEFINED);
	CHECK(memmem(run.out.data, run.out.len, inner.b.data + inner.b.len - 12, 12) != NULL);
	inner.explicit_vr = false;
	CHECK(has(&inner, 0x00100010, "PN", ""));

	/* VRs that are not the attribute's: a name in a number, a document in a sequence. */
	start_with(&m, EXPLICIT, CT);
	value(&m, 0x00081115, "OB", NAME, strlen(NAME));
	text(&m, 0x00180050, "LO", NAME);
	text(&m, 0x00181020, "UN", "v1.2"); /* known: judged as what it is */
	text(&m, 0x00280010, "UT", NAME);
	expect_hold(&m, &rule, "");
	CHECK(has(&m, 0x00181020, "UN", "v1.2"));
	CHECK(!has(&m, 0x00180050, "DS", NULL) && !has(&m, 0x00280010, "US", NULL));

	/* Characters that a VR does not have: the value leaves. */
	start_with(&m, EXPLICIT, CT);
	text(&m, 0x00180015, "CS", NAME);
	text(&m, 0x00180050, "DS", "pl4nted-acc");
	text(&m, 0x00181150, "IS", "12\\34");
	expect_hold(&m, &rule, "");
	CHECK(has(&m, 0x00180015, "CS", "") && has(&m, 0x00180050, "DS", ""));
	CHECK(has(&m, 0x00181150, "IS", "12\\34"));

	/* A length that swallowed what follows: binary in text, too many numbers. */
	start_with(&m, EXPLICIT, CT);
	value(&m, 0x00080070, "LO", "Maker\0\20\0PN", 10);
	expect_hold(&m, &rule, "dicom-broken");
	start_with(&m, EXPLICIT, CT);
	value(&m, 0x00280010, "US", NAME, strlen(NAME));
	expect_hold(&m, &rule, "dicom-broken");

	/* Person names and dates that the profile's table does not list. */
	start_with(&m, IMPLICIT, CT);
	text(&m, 0x00100033, "LO", "19530417");
	text(&m, 0x00404037, "PN", NAME);
	text(&m, 0x0040a067, "PN", NAME);
	expect_hold(&m, &rule, "");

	/* D of a sequence: one item, and nothing in it but dummies. */
	start_with(&m, EXPLICIT, CT);
	head(&m, 0x00081072, "SQ", UNDEFINED);
	for (int i = 0; i < 2; i++) {
		head(&m, 0xfffee000, NULL, UNDEFINED);
		text(&m, 0x00080080, "LO", "Planted hospital");
		text(&m, 0x00080104, "LO", "Planted operator");
		head(&m, 0xfffee00d, NULL, 0);
	}
	head(&m, 0xfffee0dd, NULL, 0);
	expect_hold(&m, &rule, "");
	CHECK(has(&m, 0x00080104, "LO", "ANONYMIZED"));

	/* Pixels that end without their delimiter. */
	image(&m, JPEG, 0);
	m.b.len -= 8;
	expect_hold(&m, plain_rule(), "dicom-broken");
	buf_free(&inner.b);
	buf_free(&m.b);
}

int
main(void)
{
	if (image_start() != 0)
		return 77;
	test_holds();
	test_burned_in();
	test_forms();
	return case_end();
}
