/* UTF-8: every boundary of RFC 3629, and each character there is, both ways. */
#include "check.h"
#include "stager/utf8.h"

static void
test_bounds(void)
{
	static const char *const good[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
	    "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const wrong[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
	    "\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\xf0\x90\x80"};
	char text[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		for (size_t pad = 0; pad < 20; pad++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + pad, good[i], strlen(good[i]));
			CHECK(utf8_valid((const uint8_t *)text, 40));
		}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		for (size_t pad = 0; pad < 20; pad++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + pad, wrong[i], strlen(wrong[i]));
			CHECK(!utf8_valid((const uint8_t *)text, 40));
			CHECK(!utf8_valid((const uint8_t *)text, pad + strlen(wrong[i])));
		}
}

static void
test_all(void)
{
	uint8_t bytes[UTF8_MAX];
	bool good = true;

	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		size_t n = utf8_encode(code, bytes);
		bool surrogate = code >= 0xd800 && code <= 0xdfff;

		good = good && utf8_sequence(bytes, n) == (surrogate ? 0 : n);
		/* cut, it is no sequence */
		good = good && (n == 1 || utf8_sequence(bytes, n - 1) == 0);
	}
	CHECK(good);
}

int
main(void)
{
	test_bounds();
	test_all();
	return check_done();
}
