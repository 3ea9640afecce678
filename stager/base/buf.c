/* A growing byte buffer with a limit, and a bounded view for reading. */
#include "stager/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/apart.h"

void
buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){.limit = limit};
}

void
buf_init_wiped(struct buf *b, size_t limit)
{
	*b = (struct buf){.limit = limit, .wiped = true};
}

void
buf_free(struct buf *b)
{
	/* All that there is room for: what was cleared stood there, too. */
	if (b->wiped && b->data != NULL)
		explicit_bzero(b->data, b->cap);
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

/* cap bytes in place of what there is. The old ones stay where it fails. */
static uint8_t *
grow(struct buf *b, size_t cap)
{
	uint8_t *data;

	if (!b->wiped)
		return realloc(b->data, cap);
	/* Readers on several threads have one each. */
	if ((data = apart_malloc(cap)) == NULL || b->data == NULL)
		return data;
	memcpy(data, b->data, b->len);
	explicit_bzero(b->data, b->cap);
	free(b->data);
	return data;
}

uint8_t *
buf_reserve(struct buf *b, size_t len, struct err *e)
{
	size_t need, cap;
	uint8_t *data;

	if (b->limit < b->len || len > b->limit - b->len) {
		err_set(e, ERR_LIMIT, "buffer: more than %zu bytes", b->limit);
		return NULL;
	}
	need = b->len + len;
	if (need > b->cap || b->data == NULL) {
		/* Doubling, but never past the limit; one spare byte for buf_cstr. */
		cap = b->cap < 128 ? 128 : b->cap;
		while (cap < need)
			cap = cap > SIZE_MAX / 2 ? need : cap * 2;
		if (cap > b->limit && b->limit >= need)
			cap = b->limit;
		if (cap == SIZE_MAX || (data = grow(b, cap + 1)) == NULL) {
			err_set(e, ERR_SYSTEM, "buffer: out of memory for %zu bytes", cap);
			return NULL;
		}
		b->data = data;
		b->cap = cap;
	}
	return b->data + b->len;
}

int
buf_put(struct buf *b, const void *data, size_t len, struct err *e)
{
	uint8_t *to;

	if ((to = buf_reserve(b, len, e)) == NULL)
		return -1;
	if (len > 0)
		memcpy(to, data, len);
	b->len += len;
	return 0;
}

int
buf_put_str(struct buf *b, const char *s, struct err *e)
{
	return buf_put(b, s, strlen(s), e);
}

int
buf_put_u8(struct buf *b, uint8_t v, struct err *e)
{
	return buf_put(b, &v, 1, e);
}

int
buf_put_u16be(struct buf *b, uint16_t v, struct err *e)
{
	uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	return buf_put(b, bytes, sizeof(bytes), e);
}

int
buf_put_u32le(struct buf *b, uint32_t v, struct err *e)
{
	uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

	return buf_put(b, bytes, sizeof(bytes), e);
}

int
buf_put_u32be(struct buf *b, uint32_t v, struct err *e)
{
	uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	return buf_put(b, bytes, sizeof(bytes), e);
}

int
buf_put_u64le(struct buf *b, uint64_t v, struct err *e)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(v >> (8 * i));
	return buf_put(b, bytes, sizeof(bytes), e);
}

int
buf_printf(struct buf *b, struct err *e, const char *fmt, ...)
{
	va_list ap, again;
	uint8_t *to;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0) {
		va_end(again);
		return err_set(e, ERR_SYSTEM, "buffer: format");
	}
	if ((to = buf_reserve(b, (size_t)len, e)) == NULL) {
		va_end(again);
		return -1;
	}
	/* The spare byte behind cap takes vsnprintf's NUL. */
	(void)vsnprintf((char *)to, (size_t)len + 1, fmt, again);
	va_end(again);
	b->len += (size_t)len;
	return 0;
}

const char *
buf_cstr(struct buf *b, struct err *e)
{
	if (buf_reserve(b, 0, e) == NULL)
		return NULL;
	if (b->len > 0 && memchr(b->data, 0, b->len) != NULL) {
		err_set(e, ERR_INPUT, "text: a NUL byte inside");
		return NULL;
	}
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

struct view
view_of(const void *data, size_t len, const char *what)
{
	return (struct view){.data = data, .len = len, .what = what};
}

const uint8_t *
view_bytes(struct view *v, size_t len, struct err *e)
{
	static const uint8_t none[1];
	const uint8_t *at;

	if (len > v->len) {
		err_set(e, ERR_INPUT, "%s: cut short", v->what);
		return NULL;
	}
	if (len == 0)
		return v->data != NULL ? v->data : none;
	at = v->data;
	v->data += len;
	v->len -= len;
	return at;
}

int
view_copy(struct view *v, void *out, size_t len, struct err *e)
{
	const uint8_t *at;

	if ((at = view_bytes(v, len, e)) == NULL)
		return -1;
	if (len > 0)
		memcpy(out, at, len);
	return 0;
}

int
view_u8(struct view *v, uint8_t *out, struct err *e)
{
	return view_copy(v, out, 1, e);
}

/* The next count bytes as an integer, least or most significant byte first. */
static int
view_integer(struct view *v, size_t count, bool big, uint64_t *out, struct err *e)
{
	const uint8_t *at;

	if ((at = view_bytes(v, count, e)) == NULL)
		return -1;
	*out = 0;
	for (size_t i = 0; i < count; i++)
		*out |= (uint64_t)at[i] << (8 * (big ? count - 1 - i : i));
	return 0;
}

int
view_u16be(struct view *v, uint16_t *out, struct err *e)
{
	uint64_t n;

	if (view_integer(v, 2, true, &n, e) == -1)
		return -1;
	*out = (uint16_t)n;
	return 0;
}

int
view_u16le(struct view *v, uint16_t *out, struct err *e)
{
	uint64_t n;

	if (view_integer(v, 2, false, &n, e) == -1)
		return -1;
	*out = (uint16_t)n;
	return 0;
}

int
view_u32le(struct view *v, uint32_t *out, struct err *e)
{
	uint64_t n;

	if (view_integer(v, 4, false, &n, e) == -1)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

int
view_u32be(struct view *v, uint32_t *out, struct err *e)
{
	uint64_t n;

	if (view_integer(v, 4, true, &n, e) == -1)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

int
view_u64le(struct view *v, uint64_t *out, struct err *e)
{
	return view_integer(v, 8, false, out, e);
}

int
view_expect_end(const struct view *v, struct err *e)
{
	if (v->len != 0)
		return err_set(e, ERR_INPUT, "%s: trailing bytes", v->what);
	return 0;
}
