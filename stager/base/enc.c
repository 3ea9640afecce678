/* Hex, base64 and base32 as text. */
#include "stager/enc.h"

#include <string.h>

void
hex_encode(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
	out[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
hex_decode(const char *text, uint8_t *out, size_t len, const char *what, struct err *e)
{
	if (strlen(text) != 2 * len)
		return err_set(e, ERR_INPUT, "%s: not %zu hex digits", what, 2 * len);
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high == -1 || low == -1)
			return err_set(e, ERR_INPUT, "%s: not lower-case hex", what);
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int
base64_encode(const void *data, size_t len, struct buf *out, struct err *e)
{
	const uint8_t *in = data;
	uint8_t *to;

	if (len > SIZE_MAX / 2)
		return err_set(e, ERR_LIMIT, "base64: too long");
	if ((to = buf_reserve(out, (len + 2) / 3 * 4, e)) == NULL)
		return -1;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t n = (uint32_t)in[i] << 16;

		if (i + 1 < len)
			n |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			n |= in[i + 2];
		*to++ = (uint8_t)base64_digits[n >> 18];
		*to++ = (uint8_t)base64_digits[n >> 12 & 63];
		*to++ = i + 1 < len ? (uint8_t)base64_digits[n >> 6 & 63] : '=';
		*to++ = i + 2 < len ? (uint8_t)base64_digits[n & 63] : '=';
	}
	out->len += (len + 2) / 3 * 4;
	return 0;
}

int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
base64_decode(const char *text, size_t len, struct buf *out, const char *what, struct err *e)
{
	signed char digits[256];
	uint32_t n = 0;
	size_t pad = 0;
	uint8_t *to;

	if (len % 4 != 0)
		goto bad;
	if (len > 0 && text[len - 1] == '=')
		pad = text[len - 2] == '=' ? 2 : 1;
	for (int c = 0; c < 256; c++)
		digits[c] = (signed char)base64_digit((char)c);
	for (size_t i = 0; i < len - pad; i++)
		if (digits[(uint8_t)text[i]] == -1)
			goto bad;
	/* The bits of the last digit that no byte takes are zero. */
	if (pad > 0 && (digits[(uint8_t)text[len - pad - 1]] & (pad == 1 ? 3 : 15)) != 0)
		goto bad;
	if ((to = buf_reserve(out, len / 4 * 3 - pad, e)) == NULL)
		return err_context(e, "%s", what);
	for (size_t i = 0; i < len - pad; i++) {
		n = n << 6 | (uint32_t)digits[(uint8_t)text[i]];
		if (i % 4 != 0)
			*to++ = (uint8_t)(n >> (6 - i % 4 * 2));
	}
	out->len += len / 4 * 3 - pad;
	return 0;
bad:
	return err_set(e, ERR_INPUT, "%s: not base64", what);
}

void
base32_encode(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | data[i];
		have += 8;
		while (have >= 5) {
			have -= 5;
			*out++ = digits[bits >> have & 31];
		}
	}
	if (have > 0)
		*out++ = digits[bits << (5 - have) & 31];
	*out = '\0';
}
