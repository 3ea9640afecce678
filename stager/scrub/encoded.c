/* Text in other encodings: a source that reads as UTF-8, and entries that leave in the encoding that came. */
#include "stager/encoding.h"

#include <stdlib.h>
#include <string.h>

#include "stager/entry.h"
#include "stager/utf8.h"

#define BROKEN 0xff /* no UTF-8 has this byte */
/* So many bytes of UTF-16 without a mark are looked at, and at least so many there must be. */
#define ZEROS_LOOK 64
#define ZEROS_MIN 8
#define UNITS_MAX 4 /* bytes that one character is made of, at most */

/* Windows-1252 from 0x80 to 0x9f (WHATWG Encoding Standard, index-windows-1252); 0: a C1 control, or nothing. */
static const uint16_t high[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030,
    0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

/* Controls other than the tab, the line feed, their two neighbours and the carriage return. */
static bool
no_text(uint32_t code)
{
	return code < 0x20 && (code < '\t' || code > '\r');
}

static size_t
ascii_run(const uint8_t *s, size_t len)
{
	uint64_t words[4];
	size_t at = 0;

	for (; len - at >= sizeof(words); at += sizeof(words)) {
		memcpy(words, s + at, sizeof(words));
		if (((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (at < len && s[at] < 0x80)
		at++;
	return at;
}

static bool
is_utf16(enum encoding encoding)
{
	return encoding == ENCODING_UTF16LE || encoding == ENCODING_UTF16BE;
}

static void
decide(struct encoded *c, enum encoding encoding)
{
	c->decided = true;
	c->plain = c->given; /* before `encoding`, behind which the writer looks at it */
	atomic_store_explicit(&c->encoding, (int)encoding, memory_order_release);
}

static enum encoding
encoding_of(const struct encoded *c)
{
	return (enum encoding)atomic_load_explicit(&c->encoding, memory_order_acquire);
}

/* That of what was made of the bytes that were taken. */
static enum encoding
encoding_taken(const struct encoded *c)
{
	enum encoding encoding = encoding_of(c);
	uint64_t plain;

	/* Or not decided: then another thread may be writing `plain`. */
	if (encoding == ENCODING_UTF8)
		return ENCODING_UTF8;
	/* Of UTF-16 nothing is ASCII alone. */
	plain = c->over != NULL && !is_utf16(encoding) ? atomic_load(c->over_plain) : c->plain;
	return c->taken > plain ? encoding : ENCODING_UTF8;
}

/* More bytes behind those that wait, until there are `want` or no more come. */
static int
fill(struct encoded *c, size_t want, struct err *e)
{
	ssize_t n;

	memmove(c->ahead, c->ahead + c->start, c->end - c->start);
	c->end -= c->start;
	c->start = 0;
	while (c->end < want && !c->ended) {
		if ((n = c->inner->read(c->inner, c->ahead + c->end, ENCODED_AHEAD - c->end, e)) == -1)
			return -1;
		c->end += (size_t)n;
		c->ended = n == 0;
	}
	return 0;
}

/* ---- which encoding ---- */

/* Every other byte is zero, and none of the others: text of few alphabets in UTF-16. */
static bool
zeros(const uint8_t *s, size_t len, size_t at)
{
	len = (len < ZEROS_LOOK ? len : ZEROS_LOOK) & ~(size_t)1;
	if (len < ZEROS_MIN)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((s[i] == 0) != (i % 2 == at))
			return false;
	return true;
}

static int
begin(struct encoded *c, struct err *e)
{
	if (fill(c, ZEROS_LOOK, e) == -1)
		return -1;
	c->begun = true;
	if (c->end >= 2 && memcmp(c->ahead, "\xff\xfe", 2) == 0 &&
	    !(c->end >= 4 && memcmp(c->ahead + 2, "\0", 2) == 0)) {
		decide(c, ENCODING_UTF16LE);
	} else if (c->end >= 2 && memcmp(c->ahead, "\xfe\xff", 2) == 0) {
		decide(c, ENCODING_UTF16BE);
	} else {
		if (zeros(c->ahead, c->end, 1))
			decide(c, ENCODING_UTF16LE);
		else if (zeros(c->ahead, c->end, 0))
			decide(c, ENCODING_UTF16BE);
		return 0;
	}
	c->marked = true;
	c->start = 2;
	return 0;
}

/* A byte past ASCII stands at the front of what waits. */
static int
decide_by_front(struct encoded *c, struct err *e)
{
	size_t len, n;

	if (fill(c, ENCODED_AHEAD, e) == -1)
		return -1;
	len = c->end;
	for (size_t at = 0; at < len; at += n) {
		n = ascii_run(c->ahead + at, len - at);
		if (n == 0 && (n = utf8_sequence(c->ahead + at, len - at)) == 0) {
			/* A character that the end cuts is none of ours to judge. */
			if (!c->ended && len - at < UTF8_MAX)
				break;
			decide(c, ENCODING_WINDOWS_1252);
			break;
		}
	}
	/* What no text has would not be seen for what it is among letters of Western Europe. */
	for (size_t i = 0; c->decided && i < len; i++)
		if (no_text(c->ahead[i]) ||
		    (c->ahead[i] >= 0x80 && c->ahead[i] < 0xa0 && high[c->ahead[i] - 0x80] == 0))
			c->decided = false;
	if (!c->decided)
		decide(c, ENCODING_UTF8);
	return 0;
}

/* ---- decoding ---- */

/* One character of what waits: its code, or BROKEN_CODE; *used bytes, of at least one. */
#define BROKEN_CODE UINT32_MAX

static uint32_t
take_1252(const uint8_t *s, size_t len, size_t *used)
{
	*used = 1;
	if (no_text(s[0]))
		return BROKEN_CODE;
	if (s[0] < 0x80)
		return s[0];
	/* A letter with an accent and then such signs: far likelier UTF-8 in a file that is two. */
	if (s[0] >= 0xc2 && utf8_sequence(s, len) > 1)
		return BROKEN_CODE;
	if (s[0] >= 0xa0)
		return s[0];
	return high[s[0] - 0x80] != 0 ? high[s[0] - 0x80] : BROKEN_CODE;
}

static uint32_t
unit_of(const uint8_t *s, bool big)
{
	return big ? (uint32_t)s[0] << 8 | s[1] : (uint32_t)s[1] << 8 | s[0];
}

/* Its two bytes could be two characters of ASCII. A bullet and an ellipsis are such units, too. */
static bool
twofold(uint32_t unit)
{
	return unit >> 8 >= 0x20 && unit >> 8 <= 0x7e && (unit & 0xff) >= 0x20 && (unit & 0xff) <= 0x7e;
}

/* twofold_before: of the unit before, and then of this one. */
static uint32_t
take_utf16(const uint8_t *s, size_t len, bool big, bool *twofold_before, size_t *used)
{
	bool before = *twofold_before;
	uint32_t code, low;

	*used = len;
	if (len < 2)
		return BROKEN_CODE;
	*used = 2;
	code = unit_of(s, big);
	*twofold_before = twofold(code);
	/* Two of them running: ASCII that says it is UTF-16 would pass unread, and be ASCII again outside. */
	if (no_text(code) || (before && *twofold_before))
		return BROKEN_CODE;
	if (code < 0xd800 || code > 0xdfff)
		return code;
	if (code > 0xdbff || len < 4)
		return BROKEN_CODE;
	low = unit_of(s + 2, big);
	if (low < 0xdc00 || low > 0xdfff)
		return BROKEN_CODE;
	*used = 4;
	return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Up to len bytes of UTF-8 out of what waits and what comes. */
static ssize_t
decode(struct encoded *c, uint8_t *out, size_t len, struct err *e)
{
	enum encoding encoding = encoding_of(c);
	size_t made = 0, used, n;
	uint32_t code;

	while (made < len) {
		if (c->pending_len > 0) {
			n = c->pending_len < len - made ? c->pending_len : len - made;
			memcpy(out + made, c->pending, n);
			memmove(c->pending, c->pending + n, c->pending_len - n);
			c->pending_len -= n;
			made += n;
			continue;
		}
		if (c->end - c->start < UNITS_MAX && !c->ended) {
			/* What is made already goes first: a source that waits is not to be waited for. */
			if (made > 0)
				break;
			if (fill(c, UNITS_MAX, e) == -1)
				return -1;
		}
		if (c->start == c->end)
			break;
		code = is_utf16(encoding) ? take_utf16(c->ahead + c->start, c->end - c->start,
						encoding == ENCODING_UTF16BE, &c->twofold, &used)
					  : take_1252(c->ahead + c->start, c->end - c->start, &used);
		c->start += used;
		if (code < 0x80) {
			out[made++] = (uint8_t)code;
		} else if (code == BROKEN_CODE) {
			out[made++] = BROKEN;
		} else {
			c->pending_len = utf8_encode(code, c->pending);
		}
	}
	return (ssize_t)made;
}

/* ASCII goes where it is wanted at once: up to the first byte past it, from which on all waits. 0 where that comes first, or nothing. */
static ssize_t
read_ascii(struct encoded *c, uint8_t *out, size_t len, struct err *e)
{
	ssize_t n = c->inner->read(c->inner, out, len < ENCODED_AHEAD ? len : ENCODED_AHEAD, e);
	size_t plain;

	if (n <= 0) {
		c->ended = n == 0;
		return n;
	}
	plain = ascii_run(out, (size_t)n);
	c->start = 0;
	c->end = (size_t)n - plain;
	if (c->end > 0) {
		memcpy(c->ahead, out + plain, c->end);
		explicit_bzero(out + plain, c->end);
	}
	return (ssize_t)plain;
}

static ssize_t
read_some(struct encoded *c, void *out, size_t len, struct err *e)
{
	ssize_t plain;
	size_t n;

	if (len == 0)
		return 0;
	if (!c->begun && begin(c, e) == -1)
		return -1;
	if (!c->decided) {
		if (c->start == c->end && ((plain = read_ascii(c, out, len, e)) != 0 || c->start == c->end))
			return plain;
		if ((n = ascii_run(c->ahead + c->start, c->end - c->start)) > 0) {
			n = n < len ? n : len;
			memcpy(out, c->ahead + c->start, n);
			c->start += n;
			return (ssize_t)n;
		}
		if (decide_by_front(c, e) == -1)
			return -1;
	}
	if (encoding_of(c) != ENCODING_UTF8)
		return decode(c, out, len, e);
	if (c->start == c->end)
		return c->inner->read(c->inner, out, len, e);
	n = c->end - c->start < len ? c->end - c->start : len;
	memcpy(out, c->ahead + c->start, n);
	c->start += n;
	return (ssize_t)n;
}

static ssize_t
encoded_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct encoded *c = (struct encoded *)s; /* source is its first member */
	ssize_t n = read_some(c, out, len, e);

	c->given += n > 0 ? (uint64_t)n : 0;
	return n;
}

/* ---- encoding ---- */

size_t
encoded_bytes(enum encoding to, bool mark, const uint8_t *text, size_t len, uint8_t *out)
{
	size_t at = 0, made = 0, n;
	uint32_t code, units[2];

	if (to == ENCODING_UTF8) {
		if (!utf8_valid(text, len))
			return 0;
		memcpy(out, text, len);
		return len;
	}
	for (bool marked = !mark || !is_utf16(to); !marked || at < len; marked = true) {
		if (!marked) {
			code = 0xfeff;
		} else {
			if ((n = utf8_sequence(text + at, len - at)) == 0)
				return 0;
			code = n == 1 ? text[at] : text[at] & (0xffu >> (n + 1));
			for (size_t i = 1; i < n; i++)
				code = code << 6 | (text[at + i] & 0x3f);
			at += n;
		}
		if (!is_utf16(to)) {
			for (n = 0;
			     n < 32 && code >= 0x80 && !(code >= 0xa0 && code <= 0xff) && high[n] != code;
			     n++)
				;
			if (n == 32)
				return 0;
			out[made++] =
			    (uint8_t)(code < 0x80 || (code >= 0xa0 && code <= 0xff) ? code : 0x80 + n);
			continue;
		}
		units[0] = code < 0x10000 ? code : 0xd800 + ((code - 0x10000) >> 10);
		units[1] = 0xdc00 + ((code - 0x10000) & 0x3ff);
		for (size_t i = 0; i < (code < 0x10000 ? 1u : 2u); i++) {
			out[made++] = (uint8_t)(to == ENCODING_UTF16BE ? units[i] >> 8 : units[i]);
			out[made++] = (uint8_t)(to == ENCODING_UTF16BE ? units[i] : units[i] >> 8);
		}
	}
	return made;
}

/* The writer's: a whole text entry in the encoding of its source. */
static int
recode(void *ctx, struct entry *entry, const void **data, size_t *len, struct err *e)
{
	struct encoded *c = ctx;
	enum encoding encoding = encoding_taken(c);
	uint8_t *grown;
	size_t most = ENCODED_MOST(*len), made;

	if (encoding == ENCODING_UTF8 || *len == 0 ||
	    (entry->rescan != RESCAN_TEXT && entry->rescan != RESCAN_CSV && entry->rescan != RESCAN_JSONL &&
		entry->rescan != RESCAN_XML))
		return 0;
	if (most > c->recoded_cap) {
		if ((grown = malloc(most)) == NULL)
			return err_sys(e, "text: memory for its encoding");
		if (c->recoded != NULL)
			explicit_bzero(c->recoded, c->recoded_cap);
		free(c->recoded);
		c->recoded = grown;
		c->recoded_cap = most;
	}
	if ((made = encoded_bytes(encoding, c->marked, *data, *len, c->recoded)) == 0) {
		/* JSON can name any character, and so can a policy: such a member leaves as UTF-8. */
		if (utf8_valid(*data, *len))
			return 0;
		return err_set(e, ERR_SYSTEM, "text: what was made of it is no UTF-8");
	}
	*data = c->recoded;
	*len = made;
	entry->size = made;
	entry->encoding = (uint8_t)encoding;
	return 0;
}

enum encoding
encoded_leaves(const struct entry_writer *w)
{
	return w->recode == recode ? encoding_taken(w->recode_ctx) : ENCODING_UTF8;
}

/* The writer's, where that reads what the reader reads. */
static struct encoded *
reads(const struct entry_writer *w, const struct source *in)
{
	struct encoded *c = w->recode == recode ? w->recode_ctx : NULL;

	return c != NULL && (in == &c->source || (in != NULL && in == c->over)) ? c : NULL;
}

void
encoded_over(const struct entry_writer *w, const struct source *in, const struct source *over,
    const _Atomic(uint64_t) *plain)
{
	struct encoded *c = reads(w, in);

	if (c != NULL) {
		c->over = over;
		c->over_plain = plain;
	}
}

void
encoded_taken(const struct entry_writer *w, const struct source *in, uint64_t bytes)
{
	struct encoded *c = reads(w, in);

	if (c != NULL)
		c->taken = bytes;
}

bool
encoded_turns(const struct entry_writer *w, const struct source *in, uint64_t from, uint64_t to)
{
	const struct encoded *c = reads(w, in);

	return c != NULL && encoding_of(c) != ENCODING_UTF8 && from <= c->plain && c->plain < to;
}

/* ---- both ---- */

int
encoded_init(struct encoded *c, struct source *inner, struct err *e)
{
	*c = (struct encoded){.source = *inner, .inner = inner, .taken = UINT64_MAX};
	c->source.read = encoded_read;
	if ((c->ahead = malloc(ENCODED_AHEAD)) == NULL)
		return err_sys(e, "text: memory to read ahead");
	return 0;
}

void
encoded_writer(struct encoded *c, struct entry_writer *w)
{
	w->recode = recode;
	w->recode_ctx = c;
}

void
encoded_free(struct encoded *c, struct entry_writer *w)
{
	if (w != NULL) {
		w->recode = NULL;
		w->recode_ctx = NULL;
	}
	if (c->ahead != NULL)
		explicit_bzero(c->ahead, ENCODED_AHEAD);
	free(c->ahead);
	if (c->recoded != NULL)
		explicit_bzero(c->recoded, c->recoded_cap);
	free(c->recoded);
	explicit_bzero(c->pending, sizeof(c->pending));
	c->ahead = c->recoded = NULL;
}
