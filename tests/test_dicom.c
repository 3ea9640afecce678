/* DICOM: what leaves, what stays, what is held; every cut and every flipped bit of a file with planted names.
 */
#include "check.h"
#include "dicom_run.h"
#include "dicom_make.h"
#include "stager/dicom.h"

static struct pseudonym_key *key;
static struct dicom_run run;

/* Identifying values, none of which may ever be found in the output. Long and odd enough not to occur by
 * chance. */
#define NAME "Planted^Geheim"
#define ID "pl4nted-Id-77"
static const char *const planted[] = {NAME, "Planted", "Geheim", ID, "19530417", "pl4nted-acc",
    "pl4nted private", "pl4nted unknown", "1.2.3.4711.1", "1.2.3.4711.2", "pl4nted study", "pl4nted icon",
    "PL4AE"};

#define CT "1.2.840.10008.5.1.4.1.1.2"

/* Nested sequences: referenced series > instances > ... depth deep, the name in the innermost. */
static void
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
static void
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

static const struct rule *
plain_rule(void)
{
	static char subject[] = "PatientID";
	static struct rule rule = {.format = FORMAT_DICOM, .burned_in_hold = true, .subject = subject};

	return &rule;
}

static const char *
leak(void)
{
	for (size_t i = 0; i < sizeof(planted) / sizeof(planted[0]); i++)
		if (run.out.len > 0 &&
		    memmem(run.out.data, run.out.len, planted[i], strlen(planted[i])) != NULL)
			return planted[i];
	return NULL;
}

static void
scrub(const struct maker *m, const struct rule *rule)
{
	CHECK_OK(dicom_run(&run, rule, key, m->b.data, m->b.len, &e));
	if (run.reason[0] == '\0')
		CHECK(leak() == NULL);
}

static void
expect_hold(const struct maker *m, const struct rule *rule, const char *reason)
{
	scrub(m, rule);
	CHECK(strcmp(run.reason, reason) == 0);
	if (strcmp(run.reason, reason) != 0)
		fprintf(stderr, "wanted %s, got %s\n", reason, run.reason);
}

/* Does the output hold exactly these bytes of an element, in the syntax of m? */
static bool
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

static void
check_image(const struct maker *m, const char *transfer)
{
	static const struct maker meta = {.explicit_vr = true};
	static const uint8_t zero[128];
	char pseudonym[PSEUDONYM_LEN + 1];

	CHECK(run.reason[0] == '\0');
	CHECK(leak() == NULL);
	if (run.out.len < 200)
		return;
	pseudonym_make(key, ID, strlen(ID), pseudonym);
	CHECK(strcmp(run.subject, pseudonym) == 0);
	CHECK(memcmp(run.out.data, zero, 128) == 0 && memcmp(run.out.data + 128, "DICM", 4) == 0);
	CHECK(has(&meta, 0x00020002, "UI", CT));
	CHECK(has(&meta, 0x00020010, "UI", transfer));
	CHECK(!has(&meta, 0x00020016, "AE", NULL));
	/* Kept as they were. */
	CHECK(has(m, 0x00080005, "CS", "ISO_IR 100"));
	CHECK(has(m, 0x00080060, "CS", "CT"));
	CHECK(has(m, 0x00080070, "LO", "Maker of scanners"));
	CHECK(has(m, 0x00180050, "DS", "1.25"));
	CHECK(has(m, 0x00200013, "IS", "17"));
	CHECK(memmem(run.out.data, run.out.len, pixels, PIXELS) != NULL);
	/* Emptied, dummies, removed. */
	CHECK(has(m, 0x00080020, "DA", ""));
	CHECK(has(m, 0x00080021, "DA", "19000101"));
	CHECK(has(m, 0x00080050, "SH", ""));
	CHECK(has(m, 0x00080080, "LO", "ANONYMIZED"));
	CHECK(has(m, 0x00100010, "PN", ""));
	CHECK(has(m, 0x00100020, "LO", pseudonym));
	CHECK(has(m, 0x00100030, "DA", ""));
	CHECK(has(m, 0x00100040, "CS", ""));
	CHECK(!has(m, 0x00101010, "AS", NULL));
	CHECK(!has(m, 0x00081030, "LO", NULL));
	CHECK(!has(m, 0x00080000, "UL", "abcd"));
	CHECK(!has(m, 0x00090010, "LO", NULL));
	CHECK(!has(m, 0x60004000, "LT", NULL));
	/* Ours. */
	CHECK(has(m, 0x00120062, "CS", "YES"));
	CHECK(!has(m, 0x00120062, "CS", "NO"));
	CHECK(has(m, 0x00080100, "SH", "113100"));
	CHECK(has(m, 0x00080102, "SH", "DCM"));
	CHECK(has(m, 0x00280303, "CS", "REMOVED"));
}

/* 128 bits in decimal, another way than the code does it: by doubling a string of digits. */
static void
decimal(const uint8_t bits[static 16], char out[static 48])
{
	uint8_t digits[40] = {0};
	size_t first = 39;

	for (unsigned i = 0; i < 128; i++) {
		unsigned carry = bits[i / 8] >> (7 - i % 8) & 1;

		for (size_t k = 40; k-- > 0;) {
			unsigned n = digits[k] * 2u + carry;

			digits[k] = (uint8_t)(n % 10);
			carry = n / 10;
		}
	}
	for (size_t k = 40; k-- > 0;)
		if (digits[k] != 0)
			first = k;
	memcpy(out, "2.25.", 5);
	for (size_t k = first; k < 40; k++)
		out[5 + k - first] = (char)('0' + digits[k]);
	out[5 + 40 - first] = '\0';
}

static void
test_syntaxes(void)
{
	static const char *const transfers[] = {EXPLICIT, IMPLICIT, BIG, JPEG};
	static const struct maker meta = {.explicit_vr = true};
	struct maker m = {0};
	uint8_t bits[16];
	char uid[48], study[48];

	buf_init(&m.b, 1 << 20);
	pseudonym_uid(key, "1.2.3.4711.1", 12, bits);
	decimal(bits, uid);
	pseudonym_uid(key, "1.2.3.4711.2", 12, bits);
	decimal(bits, study);
	for (size_t i = 0; i < 4; i++) {
		image(&m, transfers[i], 5);
		scrub(&m, plain_rule());
		check_image(&m, transfers[i]);
		/* The instance's UID: in the meta information, in the dataset, and five sequences down. */
		CHECK(has(&meta, 0x00020003, "UI", uid));
		CHECK(has(&m, 0x00080018, "UI", uid));
		CHECK(has(&m, 0x00081155, "UI", uid));
		CHECK(has(&m, 0x0020000d, "UI", study));
	}
	buf_free(&m.b);
}

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

static void
test_depth(void)
{
	struct maker m = {0};

	buf_init(&m.b, 1 << 20);
	image(&m, EXPLICIT, 31);
	expect_hold(&m, plain_rule(), "");
	image(&m, EXPLICIT, 32);
	expect_hold(&m, plain_rule(), "dicom-depth");
	image(&m, IMPLICIT, 32);
	expect_hold(&m, plain_rule(), "dicom-depth");
	buf_free(&m.b);
}

static void
test_policy(void)
{
	struct tag_rule tags[] = {{.kind = ACTION_KEEP_CODE}, {.kind = ACTION_DROP}, {.kind = ACTION_BLANK},
	    {.kind = ACTION_KEEP_CODE, .group = 0x0009, .element = 0x1001}, {.kind = ACTION_KEEP_CODE}};
	static const char *const names[] = {
	    "PatientAge", "Manufacturer", "SliceThickness", NULL, "StudyDate"};
	struct rule rule = *plain_rule();
	struct maker m = {0};

	for (size_t i = 0; i < 5; i++)
		CHECK(names[i] == NULL || dicom_keyword(names[i], &tags[i].group, &tags[i].element) == 0);
	CHECK(tags[0].group == 0x0010 && tags[0].element == 0x1010);
	CHECK(dicom_keyword("patientage", &tags[3].group, &tags[3].element) == -1);
	CHECK(tags[3].group == 0x0009);
	rule.tags = tags;
	rule.tag_count = 4;
	buf_init(&m.b, 1 << 20);
	image(&m, IMPLICIT, 1);
	scrub(&m, &rule);
	CHECK(has(&m, 0x00101010, "AS", "063Y"));
	CHECK(!has(&m, 0x00080070, "LO", NULL));
	CHECK(has(&m, 0x00180050, "DS", ""));
	CHECK(has(&m, 0x00280303, "CS", "REMOVED"));
	/* A private attribute leaves whatever the policy says: leak() saw to that. A date that stays is said
	 * so. */
	rule.tag_count = 5;
	CHECK_OK(dicom_run(&run, &rule, key, m.b.data, m.b.len, &e));
	CHECK(has(&m, 0x00080020, "DA", "19530417"));
	CHECK(has(&m, 0x00280303, "CS", "UNMODIFIED"));
	buf_free(&m.b);
}

/* A source of unknown size, in small reads; one past the limit, whose size is known. */
static void
test_sources(void)
{
	struct source_mem in;
	struct maker m = {0};
	struct buf whole;

	buf_init(&m.b, 1 << 20);
	buf_init(&whole, 1 << 20);
	image(&m, EXPLICIT, 1);
	scrub(&m, plain_rule());
	CHECK_OK(buf_put(&whole, run.out.data, run.out.len, &e));
	source_mem_init(&in, m.b.data, m.b.len, "test.dcm");
	in.chunk = 7;
	in.source.size_known = false;
	CHECK_OK(dicom_run_source(&run, plain_rule(), key, &in.source, &e));
	CHECK(run.out.len == whole.len && memcmp(run.out.data, whole.data, whole.len) == 0);
	source_mem_init(&in, m.b.data, m.b.len, "test.dcm");
	in.source.size = ((uint64_t)256 << 20) + 1;
	CHECK_OK(dicom_run_source(&run, plain_rule(), key, &in.source, &e));
	CHECK(strcmp(run.reason, "dicom-too-large") == 0);
	buf_free(&whole);
	buf_free(&m.b);
}

/* Every prefix of a file is held, or passes without what was planted. */
static void
test_cuts(const char *transfer)
{
	struct maker m = {0};
	uint8_t *exact;
	size_t passed = 0;

	buf_init(&m.b, 1 << 20);
	image(&m, transfer, 2);
	m.b.len -= PIXELS + 100;
	for (size_t len = 0; len <= m.b.len; len++) {
		/* A copy of exactly this length: AddressSanitizer then sees a read past its end. */
		if ((exact = malloc(len + 1)) == NULL)
			abort();
		memcpy(exact + 1, m.b.data, len);
		CHECK_OK(dicom_run(&run, plain_rule(), key, exact + 1, len, &e));
		free(exact);
		passed += run.reason[0] == '\0';
		CHECK(run.reason[0] != '\0' || leak() == NULL);
	}
	CHECK(passed > 0);
	buf_free(&m.b);
}

/* Every byte inverted, and every bit flipped (with sanitizers, which are slow, one bit of each byte). */
static void
test_flips(const char *transfer)
{
	struct maker m = {0};
	size_t passed = 0, held = 0, end;

	buf_init(&m.b, 1 << 20);
	image(&m, transfer, 2);
	end = m.b.len - PIXELS + 16;
	for (size_t at = 0; at < end; at++)
		for (unsigned bit = 0; bit <= 8; bit++) {
			uint8_t mask = bit == 8 ? 0xff : (uint8_t)(1 << bit);

#ifdef STAGER_SANITIZED
			if (bit != 8 && bit != at % 8)
				continue;
#endif
			m.b.data[at] ^= mask;
			CHECK_OK(dicom_run(&run, plain_rule(), key, m.b.data, m.b.len, &e));
			m.b.data[at] ^= mask;
			if (run.reason[0] != '\0') {
				held++;
				continue;
			}
			passed++;
			CHECK(leak() == NULL);
			if (leak() != NULL)
				fprintf(stderr, "%s: byte %zu, mask %02x: %s\n", transfer, at, mask, leak());
		}
	CHECK(passed > 0 && held > 0);
	buf_free(&m.b);
}

int
main(void)
{
	if (secret_start(&e) == -1 || (key = pseudonym_key_of(7, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 77;
	}
	for (size_t i = 0; i < PIXELS; i++)
		pixels[i] = (uint8_t)((i * 31 >> 3) % 251); /* no marker among them */
	buf_init(&run.out, 1 << 24);
	test_syntaxes();
	test_holds();
	test_burned_in();
	test_forms();
	test_depth();
	test_policy();
	test_sources();
	test_cuts(EXPLICIT);
	test_cuts(IMPLICIT);
	test_flips(EXPLICIT);
	test_flips(IMPLICIT);
	buf_free(&run.out);
	pseudonym_key_free(key);
	return check_done();
}
