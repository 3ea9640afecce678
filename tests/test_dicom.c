/* DICOM: what leaves and what stays; every cut and every flipped bit of a file with planted names. */
#include "dicom_image.h"
#include "stager/dicom.h"

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
	struct tag_rule tags[] = {{.action = {.kind = ACTION_KEEP_CODE}}, {.action = {.kind = ACTION_DROP}},
	    {.action = {.kind = ACTION_BLANK}},
	    {.action = {.kind = ACTION_KEEP_CODE}, .group = 0x0009, .element = 0x1001},
	    {.action = {.kind = ACTION_KEEP_CODE}}};
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
	if (image_start() != 0)
		return 77;
	test_syntaxes();
	test_depth();
	test_policy();
	test_sources();
	test_cuts(EXPLICIT);
	test_cuts(IMPLICIT);
	test_flips(EXPLICIT);
	test_flips(IMPLICIT);
	return case_end();
}
