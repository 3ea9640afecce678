/* Lines for a screen: nothing in them moves a cursor, changes a colour, or hides or turns what stands beside it. */
#include <stdio.h>
#include <string.h>

#include "stager/review.h"
#include "stager/utf8.h"

#define TEXT_MAX (64u << 20) /* of REVIEW_SHOW_MAX bytes each may take up to nine */
#define TAB 8
#define COLUMNS_LEAST 20

struct range {
	uint32_t first, last;
};

/*
 * Unicode 15: Cc, Cf, Zl, Zp, Co, Cs, noncharacters, and what is drawn as nothing: fillers, selectors, invisible
 * spaces. In order.
 */
static const struct range hidden[] = {{0x0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x600, 0x605},
    {0x61c, 0x61c}, {0x6dd, 0x6dd}, {0x70f, 0x70f}, {0x890, 0x891}, {0x8e2, 0x8e2}, {0x115f, 0x1160},
    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
    {0x2800, 0x2800}, {0x3164, 0x3164}, {0xd800, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffc}, {0xfffe, 0xffff}, {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};

/* Two columns wide on most terminals. */
static const struct range wide[] = {{0x1100, 0x115e}, {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec},
    {0x25fd, 0x25fe}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267f, 0x267f}, {0x2e80, 0x303e},
    {0x3041, 0x3247}, {0x3250, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97c}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff}, {0xfe10, 0xfe6b}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x16fe0, 0x18cff},
    {0x1aff0, 0x1b2fb}, {0x1f004, 0x1f004}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

/* Marks above or below the character before. */
static const struct range marks[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd}, {0x610, 0x61a},
    {0x64b, 0x65f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};

#define IN(code, list) in((code), (list), sizeof(list) / sizeof((list)[0]))

static bool
in(uint32_t code, const struct range *list, size_t count)
{
	for (size_t i = 0; i < count && code >= list[i].first; i++)
		if (code <= list[i].last)
			return true;
	return false;
}

void
review_text_init(struct review_text *t, size_t columns)
{
	*t =
	    (struct review_text){.columns = columns > 0 && columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns};
	buf_init_wiped(&t->text, TEXT_MAX);
}

void
review_text_free(struct review_text *t)
{
	buf_free(&t->text);
}

static int
new_line(struct review_text *t, struct err *e)
{
	t->column = 0;
	t->lines++;
	return buf_put_u8(&t->text, '\n', e);
}

/* What one place on the screen holds, of so many columns. */
static int
place(struct review_text *t, const void *bytes, size_t len, size_t columns, struct err *e)
{
	if (t->columns > 0 && t->column + columns > t->columns && t->column > 0 && new_line(t, e) == -1)
		return -1;
	if (t->column == 0) {
		size_t indent = t->columns > 0 && t->indent > t->columns / 2 ? t->columns / 2 : t->indent;

		for (; t->column < indent; t->column++)
			if (buf_put_u8(&t->text, ' ', e) == -1)
				return -1;
	}
	t->column += columns;
	return buf_put(&t->text, bytes, len, e);
}

int
review_put(struct review_text *t, uint32_t code, struct err *e)
{
	uint8_t bytes[UTF8_MAX];
	char shown[16];
	int len;

	if (code == '\n')
		return new_line(t, e);
	if (code == '\t') {
		do {
			if (place(t, " ", 1, 1, e) == -1)
				return -1;
		} while (t->column % TAB != 0);
		return 0;
	}
	if (IN(code, hidden)) {
		len = snprintf(shown, sizeof(shown), code < 0x100 ? "<%02X>" : "<U+%04X>", (unsigned)code);
		return place(t, shown, (size_t)len, (size_t)len, e);
	}
	/* A mark stands on something: at the beginning of a line it would stand on what is before it. */
	if (IN(code, marks) && t->column > 0)
		return buf_put(&t->text, bytes, utf8_encode(code, bytes), e);
	return place(t, bytes, utf8_encode(code, bytes), IN(code, wide) ? 2 : 1, e);
}

int
review_puts(struct review_text *t, const char *ascii, struct err *e)
{
	for (; *ascii != '\0'; ascii++)
		if (review_put(t, (uint8_t)*ascii, e) == -1)
			return -1;
	return 0;
}

int
review_end_line(struct review_text *t, struct err *e)
{
	return t->column > 0 ? new_line(t, e) : 0;
}

const uint8_t *
review_lines(const struct review_text *t, size_t from, size_t count, size_t *len)
{
	const uint8_t *at = t->text.data, *end = at + t->text.len, *start;

	*len = 0;
	for (; from > 0 && at != NULL && at < end; from--) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline == NULL ? end : newline + 1;
	}
	if (at == NULL || at == end)
		return NULL;
	for (start = at; count > 0 && at < end; count--) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline == NULL ? end : newline + 1;
	}
	*len = (size_t)(at - start);
	return start;
}
