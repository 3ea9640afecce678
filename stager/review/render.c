/* A member as a person can read it. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stager/utf8.h"

/* Windows-1252 from 0x80 on, where it is not ISO 8859-1; 0: no character. */
static const uint16_t windows[32] = {0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030,
    0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc,
    0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178};

static uint32_t
code_at(const uint8_t *s, size_t len)
{
	uint32_t code = s[0];

	if (len == 2)
		code = (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
	else if (len == 3)
		code = (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
	else if (len == 4)
		code = (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 |
		       (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
	return code;
}

uint32_t
render_code(const uint8_t *data, size_t len, size_t *used)
{
	size_t n = utf8_sequence(data, len);

	*used = n == 0 ? 1 : n;
	if (n > 0)
		return code_at(data, n);
	if (data[0] >= 0x80 && data[0] < 0xa0 && windows[data[0] - 0x80] != 0)
		return windows[data[0] - 0x80];
	return data[0];
}

/* A line's end in any spelling is one. */
static int
put(struct review_text *t, uint32_t code, uint32_t *before, struct err *e)
{
	bool second = code == '\n' && *before == '\r';

	*before = code;
	if (second)
		return 0;
	return review_put(t, code == '\r' ? '\n' : code, e);
}

static int
render_utf16(struct review_text *t, const uint8_t *data, size_t len, bool big, struct err *e)
{
	uint32_t before = 0;

	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t unit =
		    big ? (uint32_t)data[i] << 8 | data[i + 1] : (uint32_t)data[i + 1] << 8 | data[i];

		if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < len) {
			uint32_t low = big ? (uint32_t)data[i + 2] << 8 | data[i + 3]
					   : (uint32_t)data[i + 3] << 8 | data[i + 2];

			if (low >= 0xdc00 && low < 0xe000) {
				unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		if (!(i == 0 && unit == 0xfeff) && put(t, unit, &before, e) == -1)
			return -1;
	}
	if (len % 2 == 1 && put(t, data[len - 1], &before, e) == -1)
		return -1;
	return review_end_line(t, e);
}

/* Zeros in every other of the first bytes: text of any language of Europe has them. */
static bool
zeros(const uint8_t *data, size_t len, size_t at)
{
	size_t count = 0, seen = 0;

	for (size_t i = at; i < len && i < 64; i += 2, seen++)
		count += data[i] == 0;
	return seen >= 2 && count * 4 >= seen * 3;
}

int
render_text(struct review_text *t, const uint8_t *data, size_t len, struct err *e)
{
	size_t i = len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, used;
	uint32_t before = 0;

	if (len >= 2 && data[0] == 0xff && data[1] == 0xfe)
		return render_utf16(t, data, len, false, e);
	if (len >= 2 && data[0] == 0xfe && data[1] == 0xff)
		return render_utf16(t, data, len, true, e);
	if (zeros(data, len, 1) || zeros(data, len, 0))
		return render_utf16(t, data, len, zeros(data, len, 0), e);
	for (; i < len; i += used)
		if (put(t, render_code(data + i, len - i, &used), &before, e) == -1)
			return -1;
	return review_end_line(t, e);
}

int
review_render(struct review_text *t, const char *extension, const uint8_t *data, size_t len, uint64_t size,
    struct err *e)
{
	char line[160];
	int rc;

	if (strcmp(extension, "dcm") == 0)
		rc = render_dicom(t, data, len, e);
	else if (strcmp(extension, "json") == 0 || strcmp(extension, "jsonl") == 0)
		rc = render_json(t, data, len, e);
	else
		rc = render_text(t, data, len, e);
	if (rc == -1 || review_end_line(t, e) == -1)
		return -1;
	t->indent = 0;
	if (len == size || strcmp(extension, "dcm") == 0)
		return 0;
	(void)snprintf(line, sizeof(line), "[cut here: %" PRIu64 " of %" PRIu64 " bytes are not shown]",
	    size - (uint64_t)len, size);
	return review_puts(t, line, e) == -1 ? -1 : review_end_line(t, e);
}
