/* A growing byte buffer with a limit for writing, and a bounded view for reading: the ground under every
 * format. */
#ifndef STAGER_BUF_H
#define STAGER_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct buf {
	uint8_t *data; /* owned; NULL while empty */
	size_t len;
	size_t cap;
	size_t limit; /* never grows past this */
	bool wiped; /* nothing of it stays behind: what it grows out of, and what it frees, is overwritten */
};

/* An empty buffer that may hold up to limit bytes. Never fails. Not for secrets: growth copies. */
void buf_init(struct buf *b, size_t limit);
/* The same for what a dataset held: its bytes are overwritten when it grows or is freed. */
void buf_init_wiped(struct buf *b, size_t limit);
/* Frees the memory; the buffer may be used again, with the same limit. */
void buf_free(struct buf *b);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *b);

/* Append. Return 0, or -1 with e set: ERR_LIMIT past the limit, ERR_SYSTEM without memory; then b is
 * unchanged. */
int buf_put(struct buf *b, const void *data, size_t len, struct err *e) MUST_CHECK;
int buf_put_str(struct buf *b, const char *s, struct err *e) MUST_CHECK; /* without its NUL */
/* text, which may be anybody's, for a terminal: what acts on one there (controls, also those of C1), or turns or hides text, is a '?'. */
int buf_put_shown(struct buf *b, const char *text, struct err *e) MUST_CHECK;
int buf_put_u8(struct buf *b, uint8_t v, struct err *e) MUST_CHECK;
int buf_put_u16be(struct buf *b, uint16_t v, struct err *e) MUST_CHECK;
int buf_put_u32le(struct buf *b, uint32_t v, struct err *e) MUST_CHECK;
int buf_put_u32be(struct buf *b, uint32_t v, struct err *e) MUST_CHECK;
int buf_put_u64le(struct buf *b, uint64_t v, struct err *e) MUST_CHECK;
int buf_printf(struct buf *b, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4) MUST_CHECK;

/* Make room for len more bytes and return where they go; add to b->len what was written. NULL with e set on
 * failure. */
uint8_t *buf_reserve(struct buf *b, size_t len, struct err *e) MUST_CHECK;

/* The bytes as a C string: appends a NUL that does not count. Fails also where the bytes hold a NUL
 * (ERR_INPUT). */
const char *buf_cstr(struct buf *b, struct err *e) MUST_CHECK;

/* A reader over somebody else's bytes; it never passes the end. */
struct view {
	const uint8_t *data;
	size_t len;       /* what is left */
	const char *what; /* the thing, for messages: "header packet" */
};

struct view view_of(const void *data, size_t len, const char *what);
/* Each takes from the front. 0, or -1 with ERR_INPUT ("WHAT: cut short"). */
int view_u8(struct view *v, uint8_t *out, struct err *e) MUST_CHECK;
int view_u16be(struct view *v, uint16_t *out, struct err *e) MUST_CHECK;
int view_u16le(struct view *v, uint16_t *out, struct err *e) MUST_CHECK;
int view_u32le(struct view *v, uint32_t *out, struct err *e) MUST_CHECK;
int view_u32be(struct view *v, uint32_t *out, struct err *e) MUST_CHECK;
int view_u64le(struct view *v, uint64_t *out, struct err *e) MUST_CHECK;
int view_copy(struct view *v, void *out, size_t len, struct err *e) MUST_CHECK;
/* The next len bytes, still in the underlying memory; NULL with e set when they are not there. */
const uint8_t *view_bytes(struct view *v, size_t len, struct err *e) MUST_CHECK;
/* 0 where nothing is left; else -1 with ERR_INPUT ("WHAT: trailing bytes"). */
int view_expect_end(const struct view *v, struct err *e) MUST_CHECK;

#endif
