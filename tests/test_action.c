/* What the policy does to one value, and pseudonyms against another program's HMAC. */
#include <stdlib.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/secret.h"

static struct err e;
static struct policy policy;
static struct rule rule = {.delimiter = ';', .decimal = '.'};
static struct scrub scrub = {.policy = &policy, .rule = &rule};

/* What comes out: the new value; "!reason" where it was refused; "?" on failure. Lives until the next call.
 */
static const char *
apply_len(const struct action *a, const char *value, size_t len)
{
	static char text[256];
	struct text_finds finds = {0};
	const char *reason = NULL;
	struct buf out;
	char *copy;
	int done;

	/* Exactly as long as it is, so that reading past its end is seen. */
	copy = malloc(len > 0 ? len : 1);
	memcpy(copy, value, len);
	buf_init(&out, 1000);
	CHECK_OK(buf_put_str(&out, "before:", &e));
	done = action_apply(&scrub, a, copy, len, &out, &finds, &reason, &e);
	CHECK(out.len >= 7 && memcmp(out.data, "before:", 7) == 0);
	if (done == 1)
		snprintf(text, sizeof(text), "%.*s", (int)out.len - 7, (const char *)out.data + 7);
	else if (done == 0)
		snprintf(text, sizeof(text), "!%s", reason);
	else
		snprintf(text, sizeof(text), "?");
	CHECK(done == 1 || out.len == 7);
	buf_free(&out);
	free(copy);
	return text;
}

static const char *
apply(const struct action *a, const char *value)
{
	return apply_len(a, value, strlen(value));
}

#define IS(action, value, want)                                                                          \
	do {                                                                                             \
		const char *got_ = apply(&(action), value);                                              \
                                                                                                         \
		if (strcmp(got_, want) != 0)                                                             \
			fprintf(stderr, "%s:%d: \"%s\" gave \"%s\"\n", __FILE__, __LINE__, value, got_); \
		CHECK(strcmp(got_, want) == 0);                                                          \
	} while (0)

static void
test_number(void)
{
	static const char *const good[] = {"0", "7", "-7", "+7", "007", "3.14", "-0.5", "1e5", "1E-5",
	    "1.5e+300", "123456789012345678901234567890", "0.000000000000000000000000000000000000001",
	    "1e999"};
	static const char *const wrong[] = {"-", "+", ".", ".5", "5.", "1,5", "1.5.5", "1e", "1e+", "e5",
	    "--1", "1 ", " 1", "1 000", "1,000.5", "0x10", "NaN", "inf", "Infinity", "1f", "1d5", "12a",
	    "\xc2\xb2", "1111111111111111111111111111111111111111111111111111111111111111x",
	    "11111111111111111111111111111111111111111111111111111111111111111"};
	struct action any = {.kind = ACTION_KEEP_NUMBER};
	struct action range = {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = -2.5, .max = 1000};
	struct action tenth = {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = 0.1, .max = 0.3};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		IS(any, good[i], good[i]);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		IS(any, wrong[i], "!value-type");
	CHECK(strcmp(apply_len(&any, "1\0002", 3), "!value-type") == 0);
	IS(range, "1000", "1000");
	IS(range, "1000.0000", "1000.0000");
	IS(range, "1e3", "1e3");
	IS(range, "-2.5", "-2.5");
	IS(range, "-25e-1", "-25e-1");
	IS(range, "1000.001", "!value-range");
	IS(range, "1001", "!value-range");
	IS(range, "-2.51", "!value-range");
	IS(range, "-2.500000000000000000000000001", "-2.500000000000000000000000001"); /* the same double */
	IS(range, "1e999", "!value-range");
	IS(range, "18446744073709551617", "!value-range"); /* 2^64 + 1 does not wrap into the range */
	IS(range, "18446744073709551616000", "!value-range");
	IS(range, "x", "!value-type");
	IS(tenth, "0.1", "0.1");
	IS(tenth, "0.3", "0.3");
	IS(tenth, "0.30000000000000004", "!value-range");
	IS(tenth, "0.09999999999999999", "!value-range");
	rule.decimal = ',';
	IS(any, "3,14", "3,14");
	IS(any, "3.14", "!value-type");
	IS(range, "999,5", "999,5");
	IS(range, "1000,5", "!value-range");
	IS(tenth, "1,00000000000000000000e-1", "1,00000000000000000000e-1");
	rule.decimal = '.';
}

static void
test_keeps(void)
{
	static char values_int[] = "INT", values_lon[] = "LON", values_other[] = "a\xc3\xa9";
	char *values[] = {values_int, values_lon, values_other};
	struct action choice = {.kind = ACTION_KEEP_ENUM, .values = values, .value_count = 3};
	struct action code = {.kind = ACTION_KEEP_CODE};

	IS(choice, "INT", "INT");
	IS(choice, "a\xc3\xa9", "a\xc3\xa9");
	IS(choice, "int", "!value-type");
	IS(choice, "IN", "!value-type");
	IS(choice, "INTX", "!value-type");
	CHECK(strcmp(apply_len(&choice, "INT\0", 4), "!value-type") == 0);
	choice.value_count = 0;
	IS(choice, "INT", "!value-type");

	code.pattern = pattern_compile("[A-Z][0-9]{2}(\\.[0-9])?", &e);
	CHECK(code.pattern != NULL);
	if (code.pattern == NULL)
		return;
	IS(code, "J18", "J18");
	IS(code, "J18.9", "J18.9");
	IS(code, "J18.", "!value-type");
	IS(code, " J18", "!value-type");
	IS(code, "J18 Jansen", "!value-type");
	pattern_free(code.pattern);
	/* A keep without a type keeps nothing. */
	code.pattern = NULL;
	IS(code, "J18", "!value-type");
	IS(code, "", "");
}

static void
test_year(void)
{
	static const char *const dmy[][2] = {{"31-12-1999", "1999"}, {"1-2-2020", "2020"},
	    {"01/02/0001", "0001"}, {"29.02.2000", "2000"}, {"29-02-2024 23:59", "2024"},
	    {"29-02-2024T23:59:59.123+01:00", "2024"}, {"29-02-2024 11:59 PM", "2024"},
	    {"05-11-1987", "1987"}};
	static const char *const dmy_wrong[] = {"29-02-1900", "29-02-2023", "31-04-2020", "32-01-2020",
	    "00-01-2020", "01-13-2020", "01-00-2020", "01-01-0000", "1-1-20", "01-01-20201", "2020-01-01",
	    "20200101", "01-01/2020", "01 01 2020", "01-01-2020x", "01-01-2020 Jansen",
	    "01-01-2020 12 Jansen", "01-01-2020 ", "01-01-2020T", " 01-01-2020", "001-01-2020", "01--2020",
	    "01-01", "-", "01-01-", "12 mei 2020", "01-01-2020 12345678901234567890123456789012"};
	enum date_order orders[3] = {DATE_DMY, DATE_YMD, DATE_MDY};
	struct action year = {.kind = ACTION_YEAR};

	policy.date_orders = orders;
	IS(year, "31-12-1999", "!date-form"); /* no order, no date */
	policy.date_order_count = 1;
	for (size_t i = 0; i < sizeof(dmy) / sizeof(dmy[0]); i++)
		IS(year, dmy[i][0], dmy[i][1]);
	for (size_t i = 0; i < sizeof(dmy_wrong) / sizeof(dmy_wrong[0]); i++)
		IS(year, dmy_wrong[i], "!date-form");
	CHECK(strcmp(apply_len(&year, "01-01-2020 1\000", 13), "!date-form") == 0);
	/* The second order is tried after the first. */
	policy.date_order_count = 2;
	IS(year, "2020-01-31", "2020");
	IS(year, "2020/1/31", "2020");
	IS(year, "20200131", "2020");
	IS(year, "20200131T120000", "2020");
	IS(year, "20200131 12:00", "2020");
	IS(year, "20200132", "!date-form");
	IS(year, "20210229", "!date-form");
	IS(year, "202001311", "!date-form");
	IS(year, "2020013", "!date-form");
	IS(year, "2020-31-01", "!date-form");
	IS(year, "01-31-2020", "!date-form");
	policy.date_order_count = 3;
	IS(year, "01-31-2020", "2020");
	IS(year, "1/31/2020 5:00 pm", "2020");
	IS(year, "13/32/2020", "!date-form");
	/* Every cut of a date is none. */
	for (size_t len = 1; len < 10; len++)
		CHECK(strcmp(apply_len(&year, "2020-11-30", len), len == 9 ? "2020" : "!date-form") == 0);
	IS(year, "", "");
	policy.date_orders = NULL;
	policy.date_order_count = 0;
}

static void
test_first(void)
{
	struct action first = {.kind = ACTION_FIRST, .first = 4};

	IS(first, "1234AB", "1234");
	IS(first, "123", "123");
	IS(first, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80xyz", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x");
	IS(first, "", "");
	first.pattern = pattern_compile("[1-9][0-9]{3} ?[A-Z]{2}", &e);
	CHECK(first.pattern != NULL);
	if (first.pattern == NULL)
		return;
	IS(first, "1234 AB", "1234");
	IS(first, "1234", "!value-type");
	IS(first, "Jansen", "!value-type");
	pattern_free(first.pattern);
}

static void
test_missing(void)
{
	static char nothing[] = "", na[] = "NA", nine[] = "-9";
	char *missing[] = {nothing, na, nine};
	struct action number = {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = 0, .max = 1};
	struct action year = {.kind = ACTION_YEAR}, blank = {.kind = ACTION_BLANK};
	struct action pseudonym = {.kind = ACTION_PSEUDONYM}, text = {.kind = ACTION_TEXT};

	IS(number, "NA", "!value-type");
	IS(number, "", "");
	rule.missing = missing;
	rule.missing_count = 3;
	IS(number, "NA", "NA");
	IS(number, "-9", "-9");
	IS(number, "-8", "!value-range");
	IS(number, "na", "!value-type");
	IS(number, "NAN", "!value-type");
	IS(year, "NA", "NA");
	IS(pseudonym, "NA", "NA");
	IS(pseudonym, "", "");
	IS(pseudonym, "   ", "");
	IS(text, "-9", "-9");
	IS(text, "", "");
	IS(text, "to jan@example.org", "to [EMAIL-1]");
	IS(blank, "NA", "");
	IS(blank, "Jansen", "");
	rule.missing = NULL;
	rule.missing_count = 0;
}

/* Values again and again, of every length about the longest that is remembered: always what one HMAC over all
 * of it says, whatever was made before. */
static void
test_recent(const struct secret *subkey, struct pseudonym_key *key)
{
	char value[64], want[PSEUDONYM_LEN + 1], out[PSEUDONYM_LEN + 1];
	struct digest_part parts[] = {{"pseudonym", 10}, {value, 0}};
	uint8_t mac[DIGEST_LEN];
	size_t wrong = 0;

	for (size_t i = 0; i < 6000; i++) {
		/* one at once again, one of a few, one of many; NULs and spaces among them */
		size_t n = i % 3 == 0 ? (i + 3) / 6 : i % 3 == 1 ? i % 40 : (i * 7919) % 3000;

		parts[1].len = 1 + n % 48;
		memset(value, (int)(n % 200), sizeof(value));
		(void)snprintf(value, sizeof(value), "%zu", n);
		value[parts[1].len - 1] = 'x';
		digest_hmac(subkey->bytes, subkey->len, parts, 2, mac);
		base32_encode(mac, 16, want);
		memset(out, 1, sizeof(out));
		pseudonym_make(key, value, parts[1].len, out);
		wrong += memcmp(out, want, sizeof(out)) != 0;
	}
	CHECK(wrong == 0);
}

static void
test_pseudonym(void)
{
	/* Python: base64.b32encode(hmac.new(bytes(range(32)), b"pseudonym\0" + value,
	 * "sha256").digest()[:16]) */
	static const char *const known[][2] = {{"0000123", "5u2klt7xgmcjbic7nwlo5klwtm"},
	    {"123", "xpejyx4a3fq4fwdnr2l3s2fk6m"}, {"", "b4elqnibbr2ntqxivjdldsmot4"},
	    {"J\xc3\xb8rgen", "l62lc2wh3xe2pf6wc7ystpr3gy"}, {"a b", "ylntah2xvqioauhizrpnjti4xq"}};
	struct action pseudonym = {.kind = ACTION_PSEUDONYM};
	char out[PSEUDONYM_LEN + 1], spaced[64], hex[33];
	uint8_t uid[16];
	struct secret *subkey = secret_new(32, &e);
	struct pseudonym_key *key = NULL;

	CHECK(subkey != NULL);
	if (subkey == NULL)
		return;
	for (size_t i = 0; i < subkey->len; i++)
		subkey->bytes[i] = (uint8_t)i;
	CHECK((key = pseudonym_key_new(subkey, &e)) != NULL);
	if (key == NULL)
		goto out;
	scrub.key = key;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		pseudonym_make(key, known[i][0], strlen(known[i][0]), out);
		CHECK(strcmp(out, known[i][1]) == 0);
		if (known[i][0][0] == '\0')
			continue;
		IS(pseudonym, known[i][0], known[i][1]);
		snprintf(spaced, sizeof(spaced), "  %s ", known[i][0]);
		IS(pseudonym, spaced, known[i][1]);
	}
	/* Anything but ASCII spaces at the ends counts, and so does the key. */
	pseudonym_make(key, "123\t", 4, out);
	CHECK(strcmp(out, known[1][1]) != 0);
	pseudonym_uid(key, "1.2.840.10008.1.2.3", 19, uid);
	hex_encode(uid, sizeof(uid), hex);
	CHECK(strcmp(hex, "01c590a8ff1de5cdc7b3b3f25f4387c9") == 0);
	pseudonym_uid(key, "", 0, uid);
	hex_encode(uid, sizeof(uid), hex);
	CHECK(strcmp(hex, "1840272dba535b9b52a8f3a5d24f6d2b") == 0);
	subkey->bytes[31] ^= 1;
	/* It has all that it needs. */
	pseudonym_make(key, "123", 3, out);
	CHECK(strcmp(out, known[1][1]) == 0);
	pseudonym_key_free(key);
	CHECK((key = pseudonym_key_new(subkey, &e)) != NULL);
	if (key == NULL)
		goto out;
	pseudonym_make(key, "123", 3, out);
	CHECK(strcmp(out, known[1][1]) != 0);
	test_recent(subkey, key);
out:
	scrub.key = NULL;
	pseudonym_key_free(key);
	secret_free(subkey);
}

static void
test_failures(void)
{
	struct action drop = {.kind = ACTION_DROP}, keep = {.kind = ACTION_KEEP_NUMBER};
	const char *reason = NULL;
	struct text_finds finds = {0};
	struct buf out;

	buf_init(&out, 4);
	CHECK_ERR(action_apply(&scrub, &drop, "1", 1, &out, &finds, &reason, &e), ERR_SYSTEM);
	CHECK(action_apply(&scrub, &keep, "1234", 4, &out, &finds, &reason, &e) == 1);
	CHECK_ERR(action_apply(&scrub, &keep, "1", 1, &out, &finds, &reason, &e), ERR_LIMIT);
	CHECK(out.len == 4);
	buf_free(&out);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	test_number();
	test_keeps();
	test_year();
	test_first();
	test_missing();
	test_pseudonym();
	test_failures();
	return check_done();
}
