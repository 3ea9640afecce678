/* Numbers said less exactly, against cases worked by hand and against whole numbers. */
#include <stdlib.h>

#include "../stager/scrub/coarse.h"
#include "check.h"
#include "exact.h"

/* What leaves, or "!reason". The value has no byte behind its end. */
static const char *
make(const struct coarse *c, char separator, const char *value)
{
	static char text[COARSE_LEN_MAX + 1];
	size_t len = strlen(value), got = 0;
	char out[COARSE_LEN_MAX], *copy = exact_copy(value, len);
	const char *wrong;

	if ((wrong = coarse_make(c, separator, copy, len, out, &got)) != NULL)
		(void)snprintf(text, sizeof(text), "!%s", wrong);
	else
		(void)snprintf(text, sizeof(text), "%.*s", (int)got, out);
	free(copy);
	return text;
}

#define IS(c, value, want)                                                                                \
	do {                                                                                              \
		const char *got_ = make(&(c), '.', value);                                                \
                                                                                                          \
		if (strcmp(got_, want) != 0)                                                              \
			fprintf(                                                                          \
			    stderr, "%d: \"%s\" gave \"%s\", not \"%s\"\n", __LINE__, value, got_, want); \
		CHECK(strcmp(got_, want) == 0);                                                           \
	} while (0)

static struct coarse
of(const char *round, const char *top, const char *bottom)
{
	struct coarse c;

	CHECK(coarse_init(&c, round, top, bottom, NULL));
	return c;
}

static void
test_round(void)
{
	struct coarse ten = of("10", NULL, NULL), five = of("5", NULL, NULL), one = of("1", NULL, NULL);
	struct coarse half = of("0.5", NULL, NULL), cent = of("0.05", NULL, NULL),
		      odd = of("0.25", NULL, NULL);
	struct coarse seven = of("7", NULL, NULL), big = of("999999999999", NULL, NULL);

	IS(ten, "0", "0");
	IS(ten, "4", "0");
	IS(ten, "4.9999999999999999999999999999999", "0");
	IS(ten, "5", "10");
	IS(ten, "14.99", "10");
	IS(ten, "15", "20");
	IS(ten, "-4", "0");
	IS(ten, "-0", "0");
	IS(ten, "-5", "-10");
	IS(ten, "-14.999", "-10");
	IS(ten, "-15", "-20");
	IS(ten, "+15", "20");
	IS(ten, "0099", "100");
	IS(ten, "995", "1000");
	IS(ten, "1.55e2", "160");
	IS(ten, "1550e-1", "160");
	IS(ten, "1e3", "1000");
	IS(ten, "9999999999999999999999999999999999999999999999999999999999999995",
	    "10000000000000000000000000000000000000000000000000000000000000000");
	IS(five, "2.5", "5"); /* the half of an odd step is between two whole numbers */
	IS(five, "2.4999", "0");
	IS(five, "-2.5", "-5");
	IS(five, "2", "0");
	IS(five, "3", "5");
	IS(five, "7.5", "10");
	IS(one, "0.5", "1");
	IS(one, "1.5", "2");
	IS(one, "2.5", "3"); /* not to the even one */
	IS(one, "-2.5", "-3");
	IS(one, "0.49999999999999999999", "0");
	IS(half, "0.24", "0.0");
	IS(half, "0.25", "0.5");
	IS(half, "0.7499", "0.5");
	IS(half, "0.75", "1.0");
	IS(half, "-0.25", "-0.5");
	IS(half, "3", "3.0");
	IS(cent, "1.005", "1.00");
	IS(cent, "1.025", "1.05");
	IS(cent, "0.07", "0.05");
	IS(cent, "0.075", "0.10"); /* the double nearest to it is below */
	IS(odd, "0.375", "0.50");
	IS(odd, "0.374", "0.25");
	IS(seven, "3.5", "7");
	IS(seven, "3.4999", "0");
	IS(seven, "11", "14");
	IS(seven, "10", "7");
	IS(big, "499999999999.4", "0");
	IS(big, "499999999999.5", "999999999999");
}

static void
test_bounds(void)
{
	struct coarse top = of(NULL, "90", NULL), both = of(NULL, "90.5", "-1.5"), all = of("10", "85", "15");

	IS(top, "89", "89");
	IS(top, "89.99", "89.99");
	IS(top, "90", "90");
	IS(top, "90.0", "90");
	IS(top, "9e1", "90");
	IS(top, "1e63", "90");
	IS(top, "-100", "-100");
	IS(top, "0012", "0012"); /* as it was written */
	IS(both, "90.4", "90.4");
	IS(both, "90.50", "90.5");
	IS(both, "100", "90.5");
	IS(both, "-1.4", "-1.4");
	IS(both, "-1.50", "-1.5");
	IS(both, "-7", "-1.5");
	IS(both, "0", "0");
	IS(both, "-0.0", "-0.0");
	IS(all, "84", "80");
	IS(all, "85", "85"); /* 90, and that is above the top */
	IS(all, "86", "85");
	IS(all, "14", "15");
	IS(all, "15", "20");
	IS(all, "-3", "15");
}

static void
test_refused(void)
{
	static const char *const wrong[] = {"", "-", "+", ".", ".5", "5.", "1,5", "1.5.5", "1e", "1e+", "e5",
	    "--1", "1 ", " 1", "1 000", "0x10", "NaN", "inf", "\xc2\xb2", ">=90",
	    "11111111111111111111111111111111111111111111111111111111111111111"};
	static const char *const steps[] = {
	    "0", "-1", "+1", "", "x", "1e1", "0.0", "1234567890123", "1.000000000000000000000000000000000"};
	static const char *const range[] = {"0", "100"}, *const back[] = {"1", "0"};
	struct coarse ten = of("10", NULL, NULL), c;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		IS(ten, wrong[i], "!value-type");
	IS(ten, "1e80", "!value-range");
	IS(ten, "1e-81", "!value-range");
	IS(ten, "1e99999999999999999999", "!value-range");
	IS(ten, "1e-99999999999999999999", "!value-range");
	IS(ten, "0e-99999999999999999999", "0");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		CHECK(!coarse_init(&c, steps[i], NULL, NULL, NULL));
	CHECK(!coarse_init(&c, NULL, NULL, NULL, NULL));
	CHECK(!coarse_init(&c, NULL, "1", "1", NULL));
	CHECK(!coarse_init(&c, NULL, "1", "2", NULL));
	CHECK(coarse_init(&c, NULL, "1", "-2", NULL));
	CHECK(!coarse_init(&c, "1", NULL, NULL, back));
	CHECK(coarse_init(&c, "10", NULL, NULL, range));
	IS(c, "100", "100");
	IS(c, "100.01", "!value-range");
	IS(c, "-0.01", "!value-range");
	IS(c, "-0", "0");
	CHECK(strcmp(make(&ten, ',', "15,5"), "20") == 0);
	CHECK(strcmp(make(&ten, ',', "15.5"), "!value-type") == 0);
	CHECK(coarse_init(&c, "0.5", "9.5", NULL, NULL));
	CHECK(strcmp(make(&c, ',', "1,26"), "1,5") == 0);
	CHECK(strcmp(make(&c, ',', "9,4"), "9,5") == 0);
}

/* Against whole numbers: tenths of -2,000 to 2,000, rounded to every step of 1 to 60 tenths. */
static void
test_all(void)
{
	unsigned wrong = 0;

	for (int step = 1; step <= 60; step++) {
		char text[16], want[16];
		struct coarse c;

		(void)snprintf(text, sizeof(text), "%d.%d", step / 10, step % 10);
		CHECK(coarse_init(&c, text, NULL, NULL, NULL));
		for (int n = -2000; n <= 2000; n++) {
			int size = abs(n), near = (2 * size + step) / (2 * step) * step;

			(void)snprintf(text, sizeof(text), "%s%d.%d", n < 0 ? "-" : "", size / 10, size % 10);
			(void)snprintf(want, sizeof(want), "%s%d.%d", n < 0 && near > 0 ? "-" : "", near / 10,
			    near % 10);
			wrong += strcmp(make(&c, '.', text), want) != 0;
		}
	}
	CHECK(wrong == 0);
}

int
main(void)
{
	test_round();
	test_bounds();
	test_refused();
	test_all();
	return check_done();
}
