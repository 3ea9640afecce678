/* Checking and making UTF-8, eight bytes of ASCII at a time. */
#include "stager/utf8.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

size_t
utf8_sequence(const uint8_t *s, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code;
	size_t need;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		need = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		need = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (need > len)
		return 0;
	code = s[0] & (0xffu >> (need + 1));
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return need;
}

size_t
utf8_first(const char *s, size_t len, size_t characters)
{
	size_t at = 0;

	for (; characters > 0 && at < len; characters--)
		for (at++; at < len && ((unsigned char)s[at] & 0xc0) == 0x80;)
			at++;
	return at;
}

bool
utf8_valid(const uint8_t *s, size_t len)
{
	uint64_t word;
	size_t at = 0, n;

	while (at < len) {
		while (len - at >= sizeof(word)) {
			memcpy(&word, s + at, sizeof(word));
			if (word & HIGH_BITS)
				break;
			at += sizeof(word);
		}
		while (at < len && s[at] < 0x80)
			at++;
		if (at == len)
			break;
		if ((n = utf8_sequence(s + at, len - at)) == 0)
			return false;
		at += n;
	}
	return true;
}

size_t
utf8_encode(uint32_t code, uint8_t out[static UTF8_MAX])
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (code & 0x3f));
	return 4;
}
