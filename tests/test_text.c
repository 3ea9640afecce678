/* Free text: addresses, dates and the policy's patterns, tags and their numbers, and files of text. */
#include <time.h>

#include "text_run.h"
#include "stager/pattern.h"

static void
test_email(void)
{
	WHOLE("jan@voorbeeld.nl", "[EMAIL-1]");
	WHOLE("jan.de-vries+lijst@mail.voorbeeld.co.uk", "[EMAIL-1]");
	WHOLE("J.P.O'Brien@Voorbeeld.NL", "[EMAIL-1]");
	WHOLE("12345678@student.voorbeeld.nl", "[EMAIL-1]");
	WHOLE("j.jansen20-05-2001@voorbeeld.nl", "[EMAIL-1]");
	WHOLE("0612345678@voorbeeld.nl", "[EMAIL-1]");
	WHOLE("j\xc3\xbcrgen@m\xc3\xbcnchen.de", "[EMAIL-1]");
	WHOLE("jan@voorbeeld.amsterdam", "[EMAIL-1]");
	WHOLE("jan_1@1voorbeeld.nl", "[EMAIL-1]");
	WHOLE("jan@192.0.2.17", "[EMAIL-1]");
	WHOLE("jan@[192.0.2.17]", "[EMAIL-1]");
	WHOLE("\"jan jansen\"@voorbeeld.nl", "[EMAIL-1]");
	WHOLE("jan @ voorbeeld.nl", "[EMAIL-1]");
	WHOLE("jan\xef\xbc\xa0voorbeeld.nl", "[EMAIL-1]");
	WHOLE("jan@voor\302\255beeld.nl", "[EMAIL-1]");
	WHOLE("jan\xe2\x80\x8b@voorbeeld.nl", "[EMAIL-1]");
	GIVES("mailto:jan@voorbeeld.nl?subject=x", "mailto:[EMAIL-1]?subject=x");
	GIVES("mail=jan@voorbeeld.nl", "mail=[EMAIL-1]");
	GIVES("Mail jan@voorbeeld.nl. Of bel.", "Mail [EMAIL-1]. Of bel.");
	GIVES("a@b.nl,c@d.nl;A@B.NL", "[EMAIL-1],[EMAIL-2];[EMAIL-1]");
	/* a number that runs into an address goes with it */
	GIVES("06 12345678@voorbeeld.nl", "[EMAIL-1]");
	STAYS("@jan en jan@ en jan@x en @");
	STAYS("3 dd 1 @ 8 uur");
	STAYS("jan@voorbeeld");
	STAYS("jan@.nl jan@-.- a@b.c a@@b");
	STAYS("@@@@@@@@");
}

static void
test_postcode(void)
{
	WHOLE("1234 AB", "[POSTCODE-1]");
	WHOLE("1234AB", "[POSTCODE-1]");
	WHOLE("9999 XX", "[POSTCODE-1]");
	WHOLE("1234\302\240AB", "[POSTCODE-1]");
	WHOLE("1234\342\200\257AB", "[POSTCODE-1]");
	GIVES("Kerkstraat 1, 2011 AB Haarlem", "[ADRES-1], [POSTCODE-1] [PLAATS-1]");
	GIVES("2011AB, 2011 AB, 2012 AB", "[POSTCODE-1], [POSTCODE-1], [POSTCODE-2]");
	GIVES("postcode 1234ab", "postcode [POSTCODE-1]");
	GIVES("postcode: 1500 mg", "postcode: [POSTCODE-1]");
	GIVES("1500 MG Amsterdam", "[POSTCODE-1] [PLAATS-1]");
	GIVES("2019 CT 's-Gravenhage", "[POSTCODE-1] [PLAATS-1]");
	STAYS("1500 MG per dag");
	STAYS("2000 ML. Daarna 1000 IE");
	STAYS("in 2019 CT thorax");
	STAYS("in 2019 OK gehad");
	STAYS("0234 AB");
	STAYS("1234 SA 1234 SD 1234 SS");
	STAYS("1234 ab");
	STAYS("1234 ABC");
	STAYS("1234 Ab");
	STAYS("1234 A1");
	STAYS("12345 AB");
	STAYS("A1234 AB");
	STAYS("1234\nAB");
}

static void
test_date(void)
{
	static const char *const good[] = {"03-05-2019", "3-5-2019", "3/5/2019", "3.5.2019", "03.05.2019",
	    "2019-05-03", "2019/5/3", "2019.05.03", "3 mei 2019", "3 mei", "3 MEI 2019", "03 mei 2019",
	    "3e mei 2019", "1ste mei 2019", "2de mei", "3-mei-2019", "3-mei-19", "3mei2019", "3 mrt. 2019",
	    "3 sept 2019", "3 okt. '19", "3 mei '19", "31 december 1999", "29-02-2020", "29 februari",
	    "2019-05-03T12:30:00Z", "2019-05-03T12:30:00.123+02:00", "2019-05-03T12:30",
	    "2019-05-03 12:30:00", "20190503", "20190503123000", "20190503T123000Z", "3-5-19", "03/05/98",
	    "3-5-'98", "mei 2019", "sept. '19", "Januari 2020", "05-2019", "5/2019", "2019-05", "05-23-2019",
	    "03-OCT-2019", "3 - 5 - 2019", "3. 5. 2019", "3\302\240mei\302\2402019",
	    "3\342\200\2215\342\200\2212019", "3 mei \342\200\23119", "06-12-1983", "12 aug. 2001"};
	static const char *const wrong[] = {"31-02-2019", "30 februari", "29-02-2019", "32-01-2019",
	    "00-01-2019", "2019-13-01", "2019-02-30", "3 meisjes", "3 mg", "12 weken", "2019", "120/80",
	    "1.2.12.3", "v1.2.19", "1-0-1", "3-5", "12:30", "0 mei 1", "33 mei", "3 decennia", "12 meiden",
	    "5.2019", "13-2019", "3 mars\xc3\xa9", "20191", "1-1-1"};
	char in[64], want[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		whole((int)i + 10000, good[i], "[DATUM-1]");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect((int)i + 20000, wrong[i], wrong[i]);
	GIVES("Op 3 mei 2019, 03-05-2019 en 2019-05-03 en 4-5-2019",
	    "Op [DATUM-1], [DATUM-1] en [DATUM-1] en [DATUM-2]");
	GIVES("06-12-1983 20:15 gezien", "[DATUM-1] 20:15 gezien");
	GIVES("01-02-2019 12:30", "[DATUM-1] 12:30");
	GIVES("sinds '98 bekend", "sinds [DATUM-1] bekend");
	GIVES("In '04", "In [DATUM-1]");
	STAYS("de '80 procent' regel");
	GIVES("3 mei 12 uur", "[DATUM-1] 12 uur");
	GIVES("opname 3-5-2019 t/m 12-5-2019", "opname [DATUM-1] t/m [DATUM-2]");
	GIVES("geb. 01021950 of 010250", "geb. [DATUM-1] of [DATUM-1]");
	GIVES("nr. 01021951 en 010250", "nr. [NUMMER-1] en 010250");
	GIVES("geb. 31021951 en 320250", "geb. [NUMMER-1] en 320250");
	GIVES("20191301", "[NUMMER-1]");
	GIVES("3 mei.", "[DATUM-1].");
	GIVES("2019-05-03 12:30 uur", "[DATUM-1] 12:30 uur");
	/* the calendar: every day there is, and none beside it */
	for (unsigned month = 1; month <= 12; month++)
		for (unsigned day = 1; day <= 31; day++) {
			struct tm tm = {
			    .tm_year = 124, .tm_mon = (int)month - 1, .tm_mday = (int)day, .tm_hour = 12};
			bool exists = timegm(&tm) != -1 && tm.tm_mon == (int)month - 1;

			if (month == day || (day <= 12 && month <= 12))
				continue;
			snprintf(in, sizeof(in), "%u-%u-2024", day, month);
			snprintf(want, sizeof(want), "%s", exists ? "[DATUM-1]" : in);
			expect(50000 + (int)(month * 100 + day), in, want);
		}
}

static void
test_extra(void)
{
	struct text_extra extra[2] = {{.kind = (char[]){"zis"}}, {.kind = (char[]){"lab-nr"}}};

	extra[0].pattern = pattern_compile("Z[0-9]{7}", &e);
	extra[1].pattern = pattern_compile("L-[0-9]+", &e);
	CHECK(extra[0].pattern != NULL && extra[1].pattern != NULL);
	policy.text.extra = extra;
	policy.text.extra_count = 2;
	WHOLE("Z1234567", "[ZIS-1]");
	WHOLE("L-12", "[LAB-NR-1]");
	GIVES("Z1234567 Z7654321 Z1234567 L-1", "[ZIS-1] [ZIS-2] [ZIS-1] [LAB-NR-1]");
	/* no pattern of the policy's: long numbers like any others */
	GIVES("AZ123456 Z123456 z1234567 Z12345678", "[NUMMER-1] [NUMMER-2] z1234567 [NUMMER-3]");
	GIVES("3 mei Z1234567", "[DATUM-1] [ZIS-1]");
	GIVES("Z1234567@voorbeeld.nl", "[EMAIL-1]");
	/* what begins inside and reaches past goes too */
	GIVES("L-12-05-2019", "[LAB-NR-1]");
	GIVES("x=\xc3\xa9 Z\342\200\2131234567", "x=\xc3\xa9 [ZIS-1]");
	policy.text.extra = NULL;
	policy.text.extra_count = 0;
	pattern_free(extra[0].pattern);
	pattern_free(extra[1].pattern);
}

static void
test_tags(void)
{
	struct text_finds finds = {0};
	struct buf out;

	GIVES("[EMAIL-1] jan@voorbeeld.nl [EMAIL-1]", "[EMAIL-1] [EMAIL-1] [EMAIL-1]");
	STAYS("");
	STAYS("Geen enkel nummer. Pati\xc3\xabnt voelt zich goed; RR 120/80, temp 37,5, 3 dd 500 mg.");
	STAYS("\xe2\x80\x98s ochtends \xe2\x80\x93 zonder cijfers\xc2\xa0\xef\xbb\xbf");
	GIVES("111222333jan@x.nl3 mei", "[EMAIL-1] mei");
	GIVES("a@b.nl 3 mei 2019 1234 AB 06-12345678 111222333 NL91ABNA0417164300",
	    "[EMAIL-1] [DATUM-1] [POSTCODE-1] [TELEFOON-1] [BSN-1] [IBAN-1]");
	/* what is not found is there byte for byte, folded text among it */
	GIVES(
	    "\xe2\x80\x98jan\xe2\x80\x99 \xef\xbc\x91 stuk, 06\342\200\22112345678 \xe2\x80\x93 \xef\xbc\x92",
	    "\xe2\x80\x98jan\xe2\x80\x99 \xef\xbc\x91 stuk, [TELEFOON-1] \xe2\x80\x93 \xef\xbc\x92");
	for (unsigned type = 0; type < SPAN_TYPES; type++)
		policy.text.action[type] = TEXT_BLANK;
	GIVES("bel 06-12345678 of mail a@b.nl.", "bel  of mail .");
	policy.text.action[SPAN_PHONE] = TEXT_KEEP;
	policy.text.action[SPAN_EMAIL] = TEXT_TAG;
	GIVES("bel 06-12345678 of mail a@b.nl op 3 mei.", "bel 06-12345678 of mail [EMAIL-1] op .");
	for (unsigned type = 0; type < SPAN_TYPES; type++)
		policy.text.action[type] = TEXT_TAG;
	policy.text.age_cap = 90;
	GIVES("89 jaar, 90 jaar, 93-jarige, 104 jr, 95 weken oud",
	    "89 jaar, 90+ jaar, 90+-jarige, 90+ jr, 95 weken oud");
	GIVES("\357\274\231\357\274\223 jaar", "[LEEFTIJD-1]");
	policy.text.age_cap = 0;
	buf_init(&out, 8);
	CHECK_ERR(text_clean(&scrub, "aaaa 3 mei", 10, &out, &finds, &e), ERR_LIMIT);
	buf_free(&out);
	/* a NUL is a byte like another */
	buf_init(&out, 64);
	finds = (struct text_finds){0};
	CHECK_OK(text_clean(&scrub, "\0a@b.nl\0", 8, &out, &finds, &e));
	CHECK(out.len == 11 && memcmp(out.data, "\0[EMAIL-1]\0", 11) == 0 && finds.count[SPAN_EMAIL] == 1);
	buf_free(&out);
}

/* Many values: each its own number, the same one the second time. */
static void
test_many(void)
{
	struct text_finds finds = {0};
	struct buf in, out, want;

	buf_init(&in, 1 << 22);
	buf_init(&out, 1 << 22);
	buf_init(&want, 1 << 22);
	for (int pass = 0; pass < 2; pass++)
		for (int i = 1; i <= 5000; i++) {
			CHECK_OK(buf_printf(&in, &e, "p%d@x.nl ", i));
			CHECK_OK(buf_printf(&want, &e, "[EMAIL-%d] ", i));
		}
	CHECK_OK(text_clean(&scrub, (const char *)in.data, in.len, &out, &finds, &e));
	CHECK(out.len == want.len && memcmp(out.data, want.data, want.len) == 0);
	CHECK(finds.count[SPAN_EMAIL] == 10000);
	buf_free(&in);
	buf_free(&out);
	buf_free(&want);
}

/* A file becomes this one member; or reason says why it is held. */
static void
file(int line, const void *data, size_t len, const char *want, const char *reason)
{
	static const struct rule rule = {.format = FORMAT_TEXT};
	static const size_t chunks[] = {0, 1, 7};
	char unit[64];

	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct scrub_run run;
		bool good;

		CHECK_OK(scrub_run(&run, text_scrub, &policy, &rule, NULL, data, len, chunks[i], &e));
		good = scrub_run_is(&run, want) && scrub_run_number(&run, "bytes", "in") == (int64_t)len &&
		       scrub_run_number(&run, "members", "out") == (*want != '\0') &&
		       scrub_run_number(&run, "files", "held") == (reason != NULL);
		if (reason != NULL) {
			snprintf(unit, sizeof(unit), "file:%s", reason);
			good = good && scrub_run_held(&run, unit) == 1;
		}
		if (!good)
			fprintf(stderr, "line %d\n", line);
		CHECK(good);
		scrub_run_free(&run);
	}
}

#define FILE_GIVES(in, want) file(__LINE__, in, sizeof(in) - 1, want, NULL)
#define FILE_HELD(in, reason) file(__LINE__, in, sizeof(in) - 1, "", reason)

static void
test_files(void)
{
	static const struct rule rule = {.format = FORMAT_TEXT};
	struct scrub_run run;
	struct buf big;
	char dicom[140] = {0};

	FILE_GIVES("", "");
	FILE_GIVES("\xef\xbb\xbf", "");
	FILE_GIVES("Niets.\r\n", "<x.txt>Niets.\r\n");
	FILE_GIVES("\357\273\2773 mei, a@b.nl\n", "<x.txt>[DATUM-1], [EMAIL-1]\n");
	FILE_HELD("caf\xe9", "not-utf8");
	FILE_HELD("abc\xed\xa0\x80", "not-utf8");
	FILE_HELD("\377\376a\0b\0", "not-utf8");
	FILE_HELD("\xfe\xff\0a", "not-utf8");
	FILE_HELD("abc\0def", "nul-byte");
	FILE_HELD("%PDF-1.7\n", "kind-unknown");
	FILE_HELD("PK\x03\x04 and so on", "kind-unknown");
	FILE_HELD("\x89PNG\r\n\x1a\n", "kind-unknown");
	FILE_HELD("\xff\xd8\xff\xe0", "kind-unknown");
	FILE_HELD("GIF89a", "kind-unknown");
	FILE_HELD("\x1f\x8b\x08", "kind-unknown");
	FILE_HELD("{\\rtf1 a@b.nl}", "kind-unknown");
	FILE_GIVES("%PD", "<x.txt>%PD");
	memset(dicom, 'a', sizeof(dicom));
	memcpy(dicom + 128, "DICM", 4);
	file(__LINE__, dicom, sizeof(dicom), "", "kind-unknown");
	/* the largest, one byte more, and one that grows too large by its tags */
	buf_init(&big, ENTRY_BUFFERED_MAX + 1);
	memset(buf_reserve(&big, ENTRY_BUFFERED_MAX + 1, &e), 'a', ENTRY_BUFFERED_MAX + 1);
	CHECK_OK(scrub_run(&run, text_scrub, &policy, &rule, NULL, big.data, ENTRY_BUFFERED_MAX, 0, &e));
	CHECK(run.entries == 1 && run.bytes.len == ENTRY_BUFFERED_MAX);
	scrub_run_free(&run);
	CHECK_OK(scrub_run(&run, text_scrub, &policy, &rule, NULL, big.data, ENTRY_BUFFERED_MAX + 1, 0, &e));
	CHECK(run.entries == 0 && scrub_run_held(&run, "file:text-too-large") == 1);
	scrub_run_free(&run);
	memcpy(big.data, "3 mei ", 6);
	CHECK_OK(scrub_run(&run, text_scrub, &policy, &rule, NULL, big.data, ENTRY_BUFFERED_MAX, 0, &e));
	CHECK(run.entries == 0 && scrub_run_held(&run, "file:text-too-large") == 1);
	scrub_run_free(&run);
	buf_free(&big);
}

int
main(void)
{
	test_email();
	test_postcode();
	test_date();
	test_extra();
	test_tags();
	test_many();
	test_files();
	return check_done();
}
