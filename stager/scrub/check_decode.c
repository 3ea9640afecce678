/* The second scan's own decoder: Windows-1252 and UTF-16 to UTF-8. It shares nothing with encoded.c. */
#include "stager/check.h"

#include <string.h>

#include "stager/encoding.h"
#include "stager/utf8.h"

/* Windows-1252, 0x80 to 0x9f, as UTF-8; "" where the code page has nothing. */
static const char upper[32][4] = {"\u20ac", "", "\u201a", "\u0192", "\u201e", "\u2026", "\u2020", "\u2021",
    "\u02c6", "\u2030", "\u0160", "\u2039", "\u0152", "", "\u017d", "", "", "\u2018", "\u2019", "\u201c",
    "\u201d", "\u2022", "\u2013", "\u2014", "\u02dc", "\u2122", "\u0161", "\u203a", "\u0153", "", "\u017e",
    "\u0178"};

/* Where UTF-8 goes. */
struct to {
	uint8_t *at, *end;
};

static bool
put(struct to *to, const void *bytes, size_t len)
{
	if ((size_t)(to->end - to->at) < len)
		return false;
	memcpy(to->at, bytes, len);
	to->at += len;
	return true;
}

static bool
from_1252(const uint8_t *s, size_t len, struct to *to)
{
	for (const uint8_t *end = s + len; s < end; s++) {
		const uint8_t latin[2] = {
		    (uint8_t)(s[0] < 0xc0 ? 0xc2 : 0xc3), (uint8_t)(0x80 | (s[0] & 0x3f))};

		/* What is UTF-8 is not to be read as something else. */
		if (s[0] >= 0x80 && utf8_sequence(s, (size_t)(end - s)) > 1)
			return false;
		if (s[0] < 0x80) {
			if (!put(to, s, 1))
				return false;
		} else if (s[0] >= 0xa0) {
			if (!put(to, latin, 2))
				return false;
		} else if (upper[s[0] - 0x80][0] == '\0' ||
			   !put(to, upper[s[0] - 0x80], strlen(upper[s[0] - 0x80]))) {
			return false;
		}
	}
	return true;
}

static bool
from_utf16(const uint8_t *s, size_t len, bool little, struct to *to)
{
	uint8_t bytes[UTF8_MAX];
	uint32_t pair = 0; /* the first half of one */

	if (len % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		uint32_t unit = (uint32_t)(s[i + (little ? 1 : 0)] << 8 | s[i + (little ? 0 : 1)]);

		if (i == 0 && unit == 0xfeff)
			continue;
		if (unit >> 10 == 0x37) { /* a second half */
			if (pair == 0)
				return false;
			unit = 0x10000 + ((pair & 0x3ff) << 10 | (unit & 0x3ff));
			pair = 0;
		} else if (pair != 0) {
			return false;
		} else if (unit >> 10 == 0x36) {
			pair = unit;
			continue;
		}
		if (!put(to, bytes, utf8_encode(unit, bytes)))
			return false;
	}
	return pair == 0;
}

bool
check_decode(uint8_t encoding, const uint8_t *s, size_t len, uint8_t *out, size_t max, size_t *out_len)
{
	struct to to = {out, out + max};
	bool ok;

	switch (encoding) {
	case ENCODING_UTF8:
		ok = put(&to, s, len);
		break;
	case ENCODING_WINDOWS_1252:
		ok = from_1252(s, len, &to);
		break;
	case ENCODING_UTF16LE:
	case ENCODING_UTF16BE:
		ok = from_utf16(s, len, encoding == ENCODING_UTF16LE, &to);
		break;
	default:
		ok = false;
	}
	*out_len = (size_t)(to.at - out);
	return ok;
}
