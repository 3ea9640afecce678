/* The second scan, member by member: what must be found, what must not, and DICOM heads that may not leave. */
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "stager/check.h"

static struct err e;

/* The reason to withhold it, or "". */
static const char *
scan_len(enum rescan rescan, const void *data, size_t len)
{
	const char *reason = NULL;
	/* A copy that ends where the member does, so that a read past it is seen. */
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int rc;

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	rc = check_member(rescan, copy, len, &reason, &e);
	free(copy);
	CHECK(rc == (reason != NULL ? 1 : 0));
	return reason != NULL ? reason : "";
}

static const char *
scan(enum rescan rescan, const char *text)
{
	return scan_len(rescan, text, strlen(text));
}

#define FOUND(rescan, text, want)                                                          \
	do {                                                                               \
		const char *got = scan(rescan, text);                                      \
                                                                                           \
		CHECK(strcmp(got, want) == 0);                                             \
		if (strcmp(got, want) != 0)                                                \
			fprintf(stderr, "  line %d: '%s' for: %s\n", __LINE__, got, text); \
	} while (0)

#define TEXT RESCAN_TEXT
#define CSV RESCAN_CSV
#define JSONL RESCAN_JSONL

/* Examples of the registry of ISO 13616, one a country, as the registry prints them in electronic form. */
static const char *const ibans[] = {"AD1200012030200359100100", "AE070331234567890123456",
    "AL47212110090000000235698741", "AT611904300234573201", "AZ21NABZ00000000137010001944",
    "BA391290079401028494", "BE68539007547034", "BG80BNBG96611020345678", "BH67BMAG00001299123456",
    "BR1800360305000010009795493C1", "BY13NBRB3600900000002Z00AB00", "CH9300762011623852957",
    "CR05015202001026284066", "CY17002001280000001200527600", "CZ6508000000192000145399",
    "DE89370400440532013000", "DK5000400440116243", "DO28BAGR00000001212453611324", "EE382200221020145685",
    "EG380019000500000000263180002", "ES9121000418450200051332", "FI2112345600000785", "FO6264600001631634",
    "FR1420041010050500013M02606", "GB29NWBK60161331926819", "GE29NB0000000101904917",
    "GI75NWBK000000007099453", "GL8964710001000206", "GR1601101250000000012300695",
    "GT82TRAJ01020000001210029690", "HR1210010051863000160", "HU42117730161111101800000000",
    "IE29AIBK93115212345678", "IL620108000000099999999", "IS140159260076545510730339",
    "IT60X0542811101000000123456", "JO94CBJO0010000000000131000302", "KW81CBKU0000000000001234560101",
    "KZ86125KZT5004100100", "LB62099900000001001901229114", "LC55HEMM000100010012001200023015",
    "LI21088100002324013AA", "LT121000011101001000", "LU280019400644750000", "LV80BANK0000435195001",
    "MC5811222000010123456789030", "MD24AG000225100013104168", "ME25505000012345678951",
    "MK07250120000058984", "MR1300020001010000123456753", "MT84MALT011000012345MTLCAST001S",
    "MU17BOMM0101101030300200000MUR", "NL91ABNA0417164300", "NO9386011117947", "PK36SCBL0000001123456702",
    "PL61109010140000071219812874", "PS92PALS000000000400123456702", "PT50000201231234567890154",
    "QA58DOHB00001234567890ABCDEFG", "RO49AAAA1B31007593840000", "RS35260005601001611379",
    "SA0380000000608010167519", "SE4550000000058398257466", "SI56263300012039086", "SK3112000000198742637541",
    "SM86U0322509800000000270100", "TN5910006035183598478831", "TR330006100519786457841326",
    "UA213223130000026007233566001", "VA59001123000012345678", "VG96VPVG0000012345678901",
    "XK051212012345678906"};

static void
test_iban(void)
{
	char text[128];
	size_t len;

	for (size_t i = 0; i < sizeof(ibans) / sizeof(ibans[0]); i++) {
		FOUND(TEXT, ibans[i], "check-iban");
		/* in groups of four, inside a sentence */
		len = (size_t)snprintf(text, sizeof(text), "rekening:");
		for (size_t j = 0; ibans[i][j] != '\0'; j++)
			len += (size_t)snprintf(
			    text + len, sizeof(text) - len, j % 4 == 0 ? " %c" : "%c", ibans[i][j]);
		(void)snprintf(text + len, sizeof(text) - len, ", en verder");
		FOUND(TEXT, text, "check-iban");
		/* any check digit changed, or the end cut off */
		(void)snprintf(text, sizeof(text), "%s", ibans[i]);
		text[3] = text[3] == '9' ? '0' : (char)(text[3] + 1);
		FOUND(TEXT, text, "");
		(void)snprintf(text, sizeof(text), "%s", ibans[i]);
		text[strlen(text) - 1] = '\0';
		FOUND(TEXT, text, "");
	}
	FOUND(TEXT, "nl91abna0417164300", "check-iban");
	FOUND(TEXT, "(NL91-ABNA-0417-1643-00)", "check-iban");
	FOUND(TEXT, "NL91 ABNA 0417\n1643 00", "check-iban");
	FOUND(TEXT,
	    "NL91\xc2\xa0"
	    "ABNA\xc2\xa0"
	    "0417\xc2\xa0"
	    "1643\xc2\xa0"
	    "00",
	    "check-iban");
	FOUND(TEXT, "NL 91 ABNA 0417 1643 00", "check-iban");
	FOUND(TEXT, "XNL91ABNA0417164300", "");
	FOUND(TEXT, "NL91ABNA04171643000", "");
	FOUND(TEXT, "ZZ91ABNA0417164300", "");
	FOUND(TEXT, "NL 9999.93.653 NL 91 111", "");
	/* a UUID that starts like a Belgian one, and a pseudonym like an Andorran one */
	FOUND(TEXT, "be12f3c4-1234-4abc-8def-0123456789ab", "");
}

/* As it looks to who reads it, and what only looks a little like it. */
static void
test_seen(void)
{
	FOUND(TEXT, "NL91_ABNA_0417_1643_00", "check-iban");
	FOUND(TEXT, "NL91*ABNA*0417*1643*00", "check-iban");
	FOUND(TEXT, "NL91/ABNA/0417/1643/00", "check-iban");
	FOUND(TEXT, "N L 9 1 A B N A 0 4 1 7 1 6 4 3 0 0", "check-iban");
	FOUND(TEXT, "N L 9 2 A B N A 0 4 1 7 1 6 4 3 0 0", "");
	FOUND(TEXT, "\uff2e\uff2c91ABNA0417164300", "check-iban");
	FOUND(TEXT, "NL91 \u0410BNA 0417 1643 \uff10\uff10", "check-iban");
	FOUND(TEXT, "NL91&#65;BNA0417164300", "check-iban");
	FOUND(TEXT, "NL91&#66;BNA0417164300", "");
	FOUND(TEXT, "\u202e0034617140ANBA19LN\u202c", "check-iban");
	FOUND(TEXT, "BSN 111_222_333", "check-bsn");
	FOUND(TEXT, "BSN 111/222/333", "check-bsn");
	FOUND(TEXT, "bsn: 111|222|333.", "check-bsn");
	FOUND(TEXT, "burgerservicenummer 111;222;333", "check-bsn");
	FOUND(TEXT, "burger service nummer 111222333", "check-bsn");
	FOUND(TEXT, "burger-service-nummer 111=222=333", "check-bsn");
	FOUND(TEXT, "sofinummer 111::222::333", "check-bsn");
	FOUND(TEXT, "B S N \uff11\uff11\uff11 222 333", "check-bsn");
	FOUND(TEXT, "BSN \u00b9\u00b9\u00b9\u00b2\u00b2\u00b2\u00b3\u00b3\u00b3", "check-bsn");
	FOUND(TEXT, "BSN 111/222/334", "");
	FOUND(TEXT, "BSN 111/222/3333", "");
	FOUND(TEXT, "BSN 1111/222/333", "");
	FOUND(TEXT, "BSN 1/1/1/2/2/2/3/3/3", "");
	FOUND(TEXT, "BSN 111////222/333", "");
	FOUND(TEXT, "[BSN-1] 111/222/333", "");
	FOUND(TEXT, "111/222/333 is geen BSN", "");
	FOUND(TEXT, "Insulin 111/222/333", "");
	FOUND(TEXT, "bel 06_12345678", "check-phone");
	FOUND(TEXT, "bel 06*12*34*56*78", "check-phone");
	FOUND(TEXT, "06/12/23 12:34:56, 2*06, 10_000_000", "");
	FOUND(TEXT, "jan&#64;example.nl", "check-email");
	FOUND(TEXT, "jan\uff20example.nl", "check-email");
	FOUND(TEXT, "QlNOIDExMTIyMjMzMw==", "check-bsn");
	FOUND(TEXT, "QlNOIDExMTIyMjMzNA==", "");
	FOUND(CSV, "a,b\n1,\"NL91_ABNA_0417_1643_00\"", "check-iban");
	FOUND(CSV, "a,b\n1,\"NL91\nABNA\n0417\n1643\n00\"", "check-iban");
	FOUND(CSV, "a,b\nNL91,ABNA0417164300", "");
	FOUND(CSV, "a;b\n1;NL91_ABNA_0417_1643_00", "check-iban");
	FOUND(CSV, "bsn,b\n111_222_333,2", "check-bsn");
	FOUND(CSV, "bsn,b\n\uff11\uff11\uff11222333,2", "check-bsn");
	FOUND(CSV, "\uff22\uff33\uff2e,b\n111222333,2", "check-bsn");
	FOUND(CSV, "a,b\n1,\"BSN 111|222|333\"", "check-bsn");
	FOUND(CSV, "a|b\nBSN 111|222|333", "");
	FOUND(CSV, "a,b\nbsn,111/222/333", "");
	FOUND(JSONL, "{\"a\":\"NL91\\u005fABNA\\u005f0417_1643_00\"}", "check-iban");
	FOUND(JSONL, "{\"NL91_ABNA_0417_1643_00\":1}", "check-iban");
	FOUND(JSONL, "{\"bsn\":\"111_222_333\"}", "check-bsn");
	FOUND(JSONL, "{\"bsn\":\"\\uff11\\uff11\\uff11222333\"}", "check-bsn");
	FOUND(JSONL, "{\"bsn\":[1,1,1,2,2,2,3,3,3]}", "");
	FOUND(RESCAN_XML, "<a>NL91_ABNA_0417_1643_00</a>", "check-iban");
	FOUND(RESCAN_XML, "<a b=\"NL91_ABNA_0417_1643_00\"/>", "check-iban");
	FOUND(RESCAN_XML, "<a><!-- BSN 111/222/333 --></a>", "check-bsn");
	FOUND(RESCAN_XML, "<a><?p BSN 111_222_333?></a>", "check-bsn");
	FOUND(RESCAN_XML, "<a>NL91<![CDATA[_ABNA]]>_0417<b>164300</b></a>", "check-iban");
}

/* Processor time for so many bytes of a sign and another by turns, in which there is nothing to be found. */
static double
took(const char *pair, size_t len)
{
	char *text = malloc(len);
	struct timespec from, to;

	for (size_t i = 0; i < len; i++)
		text[i] = pair[i % 2];
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	CHECK(strcmp(scan_len(RESCAN_TEXT, text, len), "") == 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	free(text);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* A row of single figures is looked through once, and not from each of them to its end. */
static void
test_single_figures(void)
{
	static const char *const pairs[] = {"1 ", "0-", "7.", "3_", "a1"};
	const size_t small = 32 << 10;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		double least[2] = {1e9, 1e9};

		for (int round = 0; round < 3; round++)
			for (int big = 0; big < 2; big++) {
				double now = took(pairs[i], small * (big ? 8 : 1));

				least[big] = now < least[big] ? now : least[big];
			}
		/* as the square it would be 64 times */
		if (least[1] > 24 * least[0] + 1e-3)
			fprintf(stderr, "\"%s\": %.1f times as long\n", pairs[i], least[1] / least[0]);
		CHECK(least[1] <= 24 * least[0] + 1e-3);
	}
}

static void
test_email(void)
{
	FOUND(TEXT, "mail jan.jansen@example.org.", "check-email");
	FOUND(TEXT, "<a@b.nl>", "check-email");
	FOUND(TEXT, "j@xn--bcher-kva.example", "check-email");
	FOUND(TEXT, "\"jan jansen\"@example.org", "check-email");
	FOUND(TEXT, "jan@10.0.0.1 en zo", "check-email");
	FOUND(TEXT, "jan@[192.0.2.1]", "check-email");
	FOUND(TEXT, "jos\xc3\xa9@voorbeeld.nl", "check-email");
	FOUND(TEXT, "jan@voorbeeld.nl.123", "check-email");
	FOUND(TEXT, "[EMAIL-1] en [EMAIL-2]", "");
	FOUND(TEXT, "jan@[POSTCODE-1]", "");
	FOUND(TEXT, "jan@[IPv6:2001:db8::1]", "check-email");
	FOUND(TEXT, "5 @ 3.50 per stuk", "");
	FOUND(TEXT, "@handle.nl", "");
	FOUND(TEXT, "jan@localhost", "");
	FOUND(TEXT, "jan@", "");
	FOUND(TEXT, "@", "");
	FOUND(TEXT, "a@b.", "");
	FOUND(TEXT, "a@3.14", "");
}

/* Test numbers in public use: 999993653, 111222333. */
static void
test_bsn(void)
{
	FOUND(TEXT, "BSN: 999993653", "check-bsn");
	FOUND(TEXT, "bsn 9999.93.653 en", "check-bsn");
	FOUND(TEXT, "Burgerservicenummer (volgens opgave): 111 222 333", "check-bsn");
	FOUND(TEXT, "sofinr 111-222-333", "check-bsn");
	FOUND(TEXT, "BSN999993653", "check-bsn");
	FOUND(TEXT, "bsn van de patient volgens het paspoort: 999993653", "check-bsn");
	FOUND(TEXT, "bsn van de patient volgens het oude paspoort: 999993653", "");
	FOUND(TEXT, "order 999993653", "");
	FOUND(TEXT, "BSN: 999993654", "");
	FOUND(TEXT, "BSN: 9999936531", "");
	FOUND(TEXT, "BSN: 000000000", "");
	FOUND(TEXT, "[BSN-1] dossier 999993653", "");
	FOUND(TEXT, "Sofia 999993653", "");
	/* what stood in a tag's place counts for the distance */
	FOUND(TEXT, "bsn [DATUM-1] 999993653", "check-bsn");
	FOUND(TEXT, "bsn [DATUM-1] volgens mij 999993653", "check-bsn");
	FOUND(TEXT, "bsn [DATUM-1] [DATUM-2] in 999993653", "");
	FOUND(TEXT, "bsn [IBAN-1] 999993653", "");
	FOUND(TEXT, "bsn [EMAIL-12] 999993653", "");
	FOUND(TEXT, "bsn [EMAIL] 999993653", "check-bsn");
	FOUND(TEXT, "999993653 is een bsn", "");
}

static void
test_phone(void)
{
	FOUND(TEXT, "0612345678", "check-phone");
	FOUND(TEXT, "bel 06-12345678.", "check-phone");
	FOUND(TEXT, "06 12 34 56 78", "check-phone");
	FOUND(TEXT, "(06) 1234 5678", "check-phone");
	FOUND(TEXT, "+31 6 12345678", "check-phone");
	FOUND(TEXT, "+31612345678", "check-phone");
	FOUND(TEXT, "+31 (0)6 - 1234 5678", "check-phone");
	FOUND(TEXT, "0031 6 12345678", "check-phone");
	FOUND(TEXT, "tel.06-87654321", "check-phone");
	FOUND(TEXT, "[PHONE-1]", "");
	FOUND(TEXT, "061234567", "");
	FOUND(TEXT, "06123456789", "");
	FOUND(TEXT, "0.0612345678", "");
	FOUND(TEXT, "2024-06-12345678", "");
	FOUND(TEXT, "06-12-2023 15:30", "");
	FOUND(TEXT, "31612345678", "");
	/* Outside of the numbering plan, and yet a telephone to whoever wrote it. */
	FOUND(TEXT, "0601234567", "check-phone");
	FOUND(TEXT, "06-70123456", "check-phone");
	FOUND(TEXT, "+31 6 99123456", "check-phone");
	FOUND(TEXT, "+31 6 9912345", "");
}

static void
test_own_output(void)
{
	FOUND(TEXT, "[IBAN-1] [DATE-3] [POSTCODE-2] [PHONE-4] [BSN-12] [ZIS-1]", "");
	FOUND(TEXT, "2.25.127774653613970797626867433453834367210", "");
	FOUND(TEXT, "ad23456765432abcdefghij234", "");
	FOUND(CSV, "patient,crp\nad23456765432abcdefghij234,3.5\n", "");
}

static void
test_csv(void)
{
	FOUND(CSV, "id,mail\n1,jan@example.org\n", "check-email");
	FOUND(CSV, "id,mail\n1,\"\"\"jan jansen\"\"@example.org\"\n", "check-email");
	FOUND(CSV, "id,bsn\n1,999993653\n", "check-bsn");
	FOUND(CSV, "id;Pat_BSN;x\r\n1;111222332;999993653\r\n2;\"111 222 333\";1\r\n", "check-bsn");
	FOUND(CSV, "SofiNr\n12345678\n", "");
	FOUND(CSV, "SofiNr\n99999018\n", "check-bsn"); /* 099999018 */
	FOUND(CSV, "bsn\n\"nr 999993653 en 12\"\n", "check-bsn");
	FOUND(CSV, "bsn\n999993653 111222333\n", "check-bsn");
	FOUND(CSV, "bsn datum\n1 op 99999018\n", "");
	FOUND(CSV, "id:bsn\n1:999993653\n", "check-bsn"); /* a delimiter that is not guessed */
	FOUND(CSV, "bsn\n9999936531\n", "");
	FOUND(CSV, "id,nummer\n1,999993653\n", "");
	FOUND(CSV, "id,tekst\n1,\"het BSN, 999993653\"\n", "check-bsn");
	FOUND(CSV, "id,tekst\n1,het BSN,999993653\n", "");
	FOUND(CSV, "bsn_bekend,nummer\nja,999993653\n", "");
	FOUND(CSV, "a,b\n06,12345678\n", "");
	FOUND(CSV, "a,b\n1,06\n12345678,1\n", "");
	FOUND(CSV, "a,b\n1,\"NL91 ABNA 0417\n1643 00\"\n", "check-iban");
	FOUND(CSV, "a,b\n1,NL91\n0417164300,1\n", "");
	FOUND(CSV, "a,b\n123,0612345678\n", "check-phone");
	FOUND(CSV, "a,b\n1,\"x\"\"0612345678\"\"\"\n", "check-phone");
	FOUND(CSV, "", "");
	CHECK(strcmp(scan_len(CSV, "a,b\n1,\0\n", 8), "check-csv") == 0);
	CHECK(strcmp(scan_len(CSV, "a,b\n1,\xff\n", 8), "check-csv") == 0);
}

static void
test_json(void)
{
	FOUND(JSONL, "{\"m\":\"jan@example.org\"}\n", "check-email");
	FOUND(JSONL, "{\"m\":\"jan\\u0040example.org\"}\n", "check-email");
	FOUND(JSONL, "{\"m\":\"\\\"jan jansen\\\"@example.org\"}\n", "check-email");
	FOUND(JSONL, "{\"a\":\"x\",\"@type\":\"@example.org\"}\n", "");
	FOUND(JSONL, "{\"m\":\"regel\\n0612345678\"}\n", "check-phone");
	FOUND(JSONL, "{\"m\":\"\\u0030612345678\"}\n", "check-phone");
	FOUND(JSONL, "{\"bsn\":999993653}\n", "check-bsn");
	FOUND(JSONL, "{\"bsn\" : \"999993653\"}\n", "check-bsn");
	FOUND(JSONL, "{\"system\":\"http://fhir.nl/bsn\",\"value\":\"999993653\"}\n", "check-bsn");
	FOUND(JSONL, "{\"bsn_bekend\":true,\"nummer\":999993653}\n", "");
	FOUND(JSONL, "{\"nummer\":999993653}\n", "");
	FOUND(JSONL, "{\"t\":\"NL91\\tABNA\\t0417\\t1643\\t00\"}\n", "check-iban");
	FOUND(JSONL, "{\"t\":\"\\x\"}\n", "check-jsonl");
	FOUND(JSONL, "{\"t\":\"\\ud800\"}\n", "check-jsonl");
	FOUND(JSONL, "{\"t\":\"\\", "check-jsonl");
	CHECK(strcmp(scan_len(JSONL, "{\"t\":\"\xc3\"}\n", 9), "check-jsonl") == 0);
}

static void
test_cut(void)
{
	static const char *const texts[] = {"NL91 ABNA 0417 1643 00", "\"jan jansen\"@example.org",
	    "+31 (0)6 - 1234 5678", "Burgerservicenummer 111.222.333", "a,bsn\n1,\"111 222 333\"\n",
	    "{\"m\":\"jan\\u0040example.org\"}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t len = 0; len <= strlen(texts[i]); len++) {
			(void)scan_len(TEXT, texts[i], len);
			(void)scan_len(CSV, texts[i], len);
			(void)scan_len(JSONL, texts[i], len);
		}
	FOUND(RESCAN_NONE, "jan@example.org", "");
	CHECK(strcmp(scan_len(RESCAN_TEXT, "a\0b", 3), "check-text") == 0);
}

/* The scan goes window by window: every finding at every place of one, with what may stand before and behind it,
 * and its like that is none. */
static void
test_places(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {{"NL91ABNA0417164300", "check-iban"}, {"NL 91 ABNA 0417 1643 00", "check-iban"},
	    {"NL\xc2\xa0"
	     "91ABNA0417164300",
		"check-iban"},
	    {"NL92ABNA0417164300", ""}, {"0612345678", "check-phone"},
	    {"+31 (0)6 - 1234 5678", "check-phone"}, {"0612345678901", ""}, {"bsn 999993653", "check-bsn"},
	    {"bsn 9999.93.653", "check-bsn"}, {"bsn 999993654", ""}};
	static const char *const fillers[] = {"x;", "a 1;", "\xc3\xa9 ", "ab3c;"};
	char text[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t before = 0; before < 130; before++) {
			const char *filler = fillers[before % 4];
			size_t len = strlen(filler), at = before / len * len;

			memset(text, ';', before);
			for (size_t k = 0; k < at; k++)
				text[before - at + k] = filler[k % len];
			(void)snprintf(text + before, sizeof(text) - before, "%s", cases[i].text);
			FOUND(TEXT, text, cases[i].want);
			(void)snprintf(text + before, sizeof(text) - before, "%s%.*s", cases[i].text,
			    (int)(before % 70),
			    ";x;1;x;12;x;;;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r;s;t;u;v;w;x;y;z;1;2;3;4;5;6;"
			    "7;");
			FOUND(TEXT, text, cases[i].want);
		}
}

/* So many numbers of nine digits in a column and under a key, of which so many pass the 11-test: alarms. */
static uint64_t
alarms(unsigned pass, unsigned fail, bool json, bool same)
{
	struct check_share *s = check_share_new();
	size_t cap = 64 * (size_t)(pass + fail) + 64, len = 0;
	char *text = malloc(cap);
	unsigned made[2] = {0, 0};
	uint64_t n;

	CHECK(s != NULL && text != NULL);
	if (!json)
		len = (size_t)snprintf(text, cap, "a;waarde;b\n");
	for (unsigned long i = 123456000; made[0] < pass || made[1] < fail; i++) {
		unsigned long rest = i;
		int sum = 0, kind;

		for (int weight = 1; weight <= 9; weight++, rest /= 10)
			sum += (int)(rest % 10) * (weight == 1 ? -1 : weight);
		kind = sum % 11 == 0 ? 0 : 1;
		if (made[kind] == (kind == 0 ? pass : fail))
			continue;
		made[kind]++;
		len += (size_t)snprintf(text + len, cap - len,
		    json ? (made[kind] % 2 ? "{\"x\":1,\"waarde\": %lu}\n" : "{\"waarde\":\"%lu\"}\n")
			 : "x;%lu;12\n",
		    same ? 123456782 : i);
	}
	check_share_member(s, json ? RESCAN_JSONL : RESCAN_CSV, (const uint8_t *)text, len);
	n = check_share_end(s);
	CHECK(check_share_end(s) == 0);
	check_share_free(s);
	free(text);
	return n;
}

static void
test_share(void)
{
	/* The bound, with exact tails of the binomial beside it (Python, math.comb): 9 of 9 is 4.2e-10. */
	CHECK(!check_share_unlikely(0, 0) && !check_share_unlikely(8, 8) && check_share_unlikely(9, 9));
	CHECK(!check_share_unlikely(100, 1100) && !check_share_unlikely(120, 1100));
	CHECK(check_share_unlikely(4096, 4096) && !check_share_unlikely(372, 4096) &&
	      check_share_unlikely(600, 4096));
	for (uint32_t n = 1; n <= 4096; n += 13)
		CHECK(!check_share_unlikely(n / 11, n) && (n < 9 || check_share_unlikely(n, n)));
	for (int json = 0; json <= 1; json++) {
		CHECK(alarms(9, 0, json, false) == 1);
		CHECK(alarms(8, 0, json, false) == 0);
		CHECK(alarms(100, 1000, json, false) == 0);
		CHECK(alarms(400, 1000, json, false) == 1);
		CHECK(alarms(5000, 0, json, false) == 1);
		/* One number, however often. */
		CHECK(alarms(500, 0, json, true) == 0);
	}
	check_share_free(NULL);
}

int
main(void)
{
	test_share();
	test_places();
	test_iban();
	test_seen();
	test_single_figures();
	test_email();
	test_bsn();
	test_phone();
	test_own_output();
	test_csv();
	test_json();
	test_cut();
	return check_done();
}
