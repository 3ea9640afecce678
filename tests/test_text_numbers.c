/* Free text: telephone numbers, IBANs and BSNs: each one's yes and no, and odd spellings. */
#include "text_run.h"

static void
test_phone(void)
{
	static const char *const good[] = {"06-12345678", "0612345678", "06 12 34 56 78", "06 1234 5678",
	    "06.12.34.56.78", "06/12345678", "020-1234567", "020 123 45 67", "(020) 123 45 67",
	    "(020)1234567", "0182-123456", "0182 12 34 56", "+31612345678", "+31 6 12345678",
	    "+31-6-12345678", "+31 (0)6 12345678", "+31(0)612345678", "(+31) 6 12345678",
	    "+31 (0)20 123 4567", "0031612345678", "0031 6 12345678", "0031 (0)20-1234567", "+31 20 1234567",
	    "(0)20 1234567", "085-1234567", "088 123 4567", "0800-1234", "0800 1234567", "0900-8844",
	    "0906-123456", "0909 1234", "06 - 12345678", "058-2123456", "070 / 123 45 67", "06 12 345 678",
	    "06\302\24012345678", "06\342\200\22112345678", "06\342\200\22312345678",
	    "\357\274\220\357\274\22612345678", "06\342\200\21312345678",
	    "+31\342\200\2576\342\200\25712345678", "06-12-34-56-78", "01 01 23 45 67",
	    /* not in the plan, but meant as a telephone */
	    "06-90123456", "0692345678", "06 0012 3456",
	    /* wrapped; characters that cannot be seen */
	    "06\n12345678", "06 1234\n5678", "06 1234\r\n5678", "+31 6 12\n 34 56 78", "06\330\23412345678",
	    "0612\363\240\200\20134\363\240\204\2005678"};
	static const char *const wrong[] = {"0212345678", "06-1234567", "06-123456789", "0012345678",
	    "0812345678", "12345678901", "+31 9 12345678", "0907-1234", "0 612345678", "0.612345678",
	    "06\n\n12345678", "06\t12345678"};

	policy.text.bsn_any = false;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		whole((int)i + 10000, good[i], "[TELEFOON-1]");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect((int)i + 20000, wrong[i], wrong[i]);
	GIVES("Tel 06-12345678, +31 6 12345678 en 020-1234567.",
	    "Tel [TELEFOON-1], [TELEFOON-1] en [TELEFOON-2].");
	GIVES("bel 14 020 of 140182", "bel [TELEFOON-1] of [TELEFOON-2]");
	STAYS("op 14 020 meter");
	GIVES("tel:0612345678x", "tel:[TELEFOON-1]x");
	/* every national number of nine digits: 0 and these two, against the plan's own expression */
	policy.text.bsn_any = true;
}

/* All second digits of the numbering plan, read off the expression of libphonenumber by hand; but all of 06. */
static void
test_phone_plan(void)
{
	static const char *const second[10] = {"", "0135678", "0234569", "01234568", "01356789", "0123456789",
	    "0123456789", "0123456789", "4578", ""};
	char in[16];

	policy.text.bsn_any = false;
	for (int a = 1; a <= 9; a++)
		for (int b = 0; b <= 9; b++) {
			snprintf(in, sizeof(in), "0%d%d1999999", a, b);
			expect(
			    30000 + a * 10 + b, in, strchr(second[a], '0' + b) != NULL ? "[TELEFOON-1]" : in);
		}
	policy.text.bsn_any = true;
}

static void
test_iban(void)
{
	/* the examples of the registry */
	static const char *const good[] = {"NL91ABNA0417164300", "NL91 ABNA 0417 1643 00",
	    "nl91abna0417164300", "nl91 abna 0417 1643 00", "NL 91 ABNA 0417 1643 00",
	    "NL91-ABNA-0417-1643-00", "NL91.ABNA.0417.1643.00", "DE89370400440532013000",
	    "DE89 3704 0044 0532 0130 00", "BE68539007547034", "BE68 5390 0754 7034",
	    "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NO9386011117947",
	    "MT84MALT011000012345MTLCAST001S", "LC55HEMM000100010012001200023015", "CH9300762011623852957",
	    "XK051212012345678906", "NL91\302\240ABNA\302\2400417\302\2401643\302\24000",
	    "NL91ABNA\342\200\2130417164300"};
	char text[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		whole((int)i + 10000, good[i], "[IBAN-1]");
	GIVES("NL91ABNA0417164300 en nl91 abna 0417 1643 00", "[IBAN-1] en [IBAN-1]");
	/* wrapped, with gaps behind the country, and behind other letters: the same value each time */
	GIVES("NL91ABNA0417164300 en NL91 ABNA 0417\n1643 00, NL91 ABNA\r\n0417 1643 00, "
	      "NL-91-ABNA-0417-1643-00, "
	      "nl 91 abna 0417164300",
	    "[IBAN-1] en [IBAN-1], [IBAN-1], [IBAN-1], [IBAN-1]");
	GIVES("IBANNL91ABNA0417164300 NL91ABNA0417164300NL91ABNA0417164300", "IBAN[IBAN-1] [IBAN-1][IBAN-1]");
	STAYS("NL91 ABNA 0417\n\n\n1643 00");
	STAYS("xDE89370400440532013000");
	/* any digit changed, it is no IBAN any more (97 is prime) */
	for (size_t i = 2; i < strlen(good[7]); i++) {
		struct text_finds finds = {0};
		struct buf out;

		snprintf(text, sizeof(text), "%s", good[7]);
		text[i] = text[i] == '9' ? '0' : (char)(text[i] + 1);
		buf_init(&out, 4096);
		CHECK_OK(text_clean(&scrub, text, strlen(text), &out, &finds, &e));
		CHECK(finds.count[SPAN_IBAN] == 0);
		buf_free(&out);
	}
	GIVES("NL91ABNA04171643", "[NUMMER-1]");
	GIVES("QQ91ABNA0417164300999", "[NUMMER-1]");
	STAYS("in 12 weken en de 14 anderen; is 10 mg of BE 12");
	GIVES("XNL91ABNA9917164300", "[NUMMER-1]");
}

static void
test_bsn(void)
{
	static const char *const good[] = {
	    "999993653", "999991723", "999995078", "555555021", "111222333", "123456782"};
	static const char *const shapes[] = {"%.3s.%.3s.%.3s", "%.3s %.3s %.3s", "%.3s-%.3s-%.3s"};
	char in[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *b = good[i];

		whole((int)i + 10000, b, "[BSN-1]");
		for (size_t k = 0; k < 3; k++) {
			snprintf(in, sizeof(in), shapes[k], b, b + 3, b + 6);
			whole((int)i + 20000, in, "[BSN-1]");
		}
		snprintf(in, sizeof(in), "%.4s.%.2s.%.3s", b, b + 4, b + 6);
		whole((int)i + 30000, in, "[BSN-1]");
		snprintf(in, sizeof(in), "%.4s %.2s %.3s", b, b + 4, b + 6);
		whole((int)i + 30000, in, "[BSN-1]");
		snprintf(in, sizeof(in), "%.4s-%.2s-%.3s", b, b + 4, b + 6);
		whole((int)i + 30000, in, "[BSN-1]");
		snprintf(in, sizeof(in), "BSN%s", b);
		expect((int)i, in, "BSN[BSN-1]");
		/* one more, one less, one on: none, but a long number like any other */
		snprintf(in, sizeof(in), "%s0", b);
		whole((int)i + 40000, in, "[NUMMER-1]");
		snprintf(in, sizeof(in), "%.8s%c", b, b[8] == '9' ? '0' : b[8] + 1);
		whole((int)i + 40000, in, "[NUMMER-1]");
	}
	/* eight digits: the zero left out */
	WHOLE("10000008", "[BSN-1]");
	GIVES("010000008 en 10000008", "[BSN-1] en [BSN-1]");
	WHOLE("\357\274\221\357\274\222\357\274\223456782", "[BSN-1]");
	WHOLE("123\302\240456\302\240782", "[BSN-1]");
	WHOLE("1\342\200\2132\342\200\2133\342\200\213456782", "[BSN-1]");
	STAYS("000000000");
	STAYS("00000000");
	GIVES("123456789", "[NUMMER-1]");
	STAYS("12 34 5 67 82");
	GIVES("BSN: 12 34 5 67 82", "BSN: [BSN-1]");
	policy.text.bsn_any = false;
	STAYS("123456782");
	STAYS("uitslag 111222333");
	GIVES("BSN 111222333", "BSN [BSN-1]");
	GIVES("BSN 11122\n2333", "BSN [BSN-1]");
	GIVES("bsn: 111.222.333", "bsn: [BSN-1]");
	GIVES("Burgerservicenummer is 1112.22.333.", "Burgerservicenummer is [BSN-1].");
	GIVES("sofinummer 111222333", "sofinummer [BSN-1]");
	GIVES("SoFi-nr. 111222333", "SoFi-nr. [BSN-1]");
	STAYS("BSN 111222334");
	GIVES("BSN                                     111222333",
	    "BSN                                     [BSN-1]");
	STAYS("BSN                                                          111222333");
	policy.text.bsn_any = true;
}

/* The 11-test over all of a range, against its definition in python-stdnum (sum of digit times weight). */
static void
test_bsn_share(void)
{
	char in[16];
	unsigned passed = 0, wanted = 0;

	for (unsigned n = 300000000; n < 300000000 + 11000; n++) {
		struct text_finds finds = {0};
		unsigned rest = n, sum = 0;
		struct buf out;

		for (unsigned weight = 1; weight <= 9; weight++, rest /= 10)
			sum += weight == 1 ? 11 * 10 - rest % 10 : weight * (rest % 10);
		wanted += sum % 11 == 0;
		snprintf(in, sizeof(in), "%u", n);
		buf_init(&out, 64);
		CHECK_OK(text_clean(&scrub, in, strlen(in), &out, &finds, &e));
		CHECK((finds.count[SPAN_BSN] == 1) == (sum % 11 == 0));
		passed += finds.count[SPAN_BSN] == 1;
		buf_free(&out);
	}
	CHECK(passed == 1000 && wanted == 1000); /* one in eleven; Python counts the same */
}

int
main(void)
{
	test_phone();
	test_phone_plan();
	test_iban();
	test_bsn();
	test_bsn_share();
	return check_done();
}
