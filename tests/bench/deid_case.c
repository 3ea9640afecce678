/* Reads a case from a line of JSON: strictly what it needs, and over what it does not. */
#include "deid_case.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stager/utf8.h"

#define DEPTH_MAX 64

const char *const deid_kinds[DEID_KINDS] = {
    "person", "location", "institution", "date", "age", "phone", "email", "url", "id"};

struct reader {
	struct deid_case *c;
	const uint8_t *s;
	size_t len, at;
};

int
deid_kind(const char *name, size_t len)
{
	int kind = 0;

	while (kind < DEID_KINDS &&
	       (strlen(deid_kinds[kind]) != len || memcmp(deid_kinds[kind], name, len) != 0))
		kind++;
	return kind;
}

int
deid_spans_add(struct deid_spans *s, const struct deid_span *span, struct err *e)
{
	if (s->count == s->cap) {
		size_t cap = s->cap == 0 ? 64 : s->cap * 2;
		struct deid_span *items = reallocarray(s->items, cap, sizeof(*items));

		if (items == NULL)
			return err_sys(e, "memory for spans");
		s->items = items;
		s->cap = cap;
	}
	s->items[s->count++] = *span;
	return 0;
}

void
deid_case_init(struct deid_case *c)
{
	*c = (struct deid_case){0};
	buf_init(&c->text, DEID_TEXT_MAX);
	buf_init(&c->id, DEID_TEXT_MAX);
	buf_init(&c->word, DEID_TEXT_MAX);
}

void
deid_case_free(struct deid_case *c)
{
	if (c == NULL)
		return;
	buf_free(&c->text);
	buf_free(&c->id);
	buf_free(&c->word);
	free(c->gold.items);
	c->gold = (struct deid_spans){0};
}

static int
bad(const struct reader *r, struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "byte %zu: %s", r->at + 1, what);
}

/* The next byte that is no space, which stays; 0 at the end. */
static uint8_t
peek(struct reader *r)
{
	while (r->at < r->len && strchr(" \t\r\n", r->s[r->at]) != NULL && r->s[r->at] != 0)
		r->at++;
	return r->at < r->len ? r->s[r->at] : 0;
}

static int
take(struct reader *r, char c, const char *what, struct err *e)
{
	if (peek(r) != (uint8_t)c)
		return bad(r, e, what);
	r->at++;
	return 0;
}

static int
hex4(struct reader *r, uint32_t *out, struct err *e)
{
	*out = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		uint8_t c = r->at < r->len ? r->s[r->at] : 0;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return bad(r, e, "a \\u escape has four hexadecimal digits");
	}
	return 0;
}

/* What follows a backslash. */
static int
escape(struct reader *r, struct buf *out, struct err *e)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint8_t c = r->at < r->len ? r->s[r->at] : 0, utf8[UTF8_MAX];
	const char *known = c != 0 ? strchr(from, c) : NULL;
	uint32_t code, low;

	if (known != NULL) {
		r->at++;
		return buf_put_u8(out, (uint8_t)to[known - from], e);
	}
	if (c != 'u')
		return bad(r, e, "an unknown escape");
	r->at++;
	if (hex4(r, &code, e) == -1)
		return -1;
	if (code >= 0xdc00 && code <= 0xdfff)
		return bad(r, e, "half of a pair of surrogates");
	if (code >= 0xd800 && code <= 0xdbff) {
		if (r->len - r->at < 2 || r->s[r->at] != '\\' || r->s[r->at + 1] != 'u')
			return bad(r, e, "half of a pair of surrogates");
		r->at += 2;
		if (hex4(r, &low, e) == -1)
			return -1;
		if (low < 0xdc00 || low > 0xdfff)
			return bad(r, e, "half of a pair of surrogates");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	return buf_put(out, utf8, utf8_encode(code, utf8), e);
}

/* A string's value into out, which is emptied first. */
static int
string(struct reader *r, struct buf *out, const char *what, struct err *e)
{
	buf_clear(out);
	if (take(r, '"', what, e) == -1)
		return -1;
	for (;;) {
		size_t start = r->at;

		while (r->at < r->len && r->s[r->at] != '"' && r->s[r->at] != '\\' && r->s[r->at] >= ' ')
			r->at++;
		if (buf_put(out, r->s + start, r->at - start, e) == -1)
			return -1;
		if (r->at == r->len)
			return bad(r, e, "a string without an end");
		if (r->s[r->at] < ' ')
			return bad(r, e, "a control character in a string: it must be an escape");
		if (r->s[r->at++] == '"')
			return 0;
		if (escape(r, out, e) == -1)
			return -1;
	}
}

static bool
digits(struct reader *r)
{
	size_t start = r->at;

	while (r->at < r->len && r->s[r->at] >= '0' && r->s[r->at] <= '9')
		r->at++;
	return r->at > start;
}

static int
number(struct reader *r, struct err *e)
{
	if (r->s[r->at] == '-')
		r->at++;
	if (r->at < r->len && r->s[r->at] == '0')
		r->at++;
	else if (!digits(r))
		return bad(r, e, "no JSON value");
	if (r->at < r->len && r->s[r->at] == '.') {
		r->at++;
		if (!digits(r))
			return bad(r, e, "a broken number");
	}
	if (r->at < r->len && (r->s[r->at] | 0x20) == 'e') {
		r->at++;
		if (r->at < r->len && (r->s[r->at] == '+' || r->s[r->at] == '-'))
			r->at++;
		if (!digits(r))
			return bad(r, e, "a broken number");
	}
	return 0;
}

static int
skip(struct reader *r, int depth, struct err *e)
{
	static const char *const words[] = {"true", "false", "null"};
	uint8_t open = peek(r), close = open == '{' ? '}' : ']';

	if (depth > DEPTH_MAX)
		return bad(r, e, "deeper than 64");
	if (open == '"')
		return string(r, &r->c->word, "", e);
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);

		if (r->len - r->at >= len && memcmp(r->s + r->at, words[i], len) == 0) {
			r->at += len;
			return 0;
		}
	}
	if (open != '{' && open != '[')
		return r->at < r->len ? number(r, e) : bad(r, e, "no JSON value");
	r->at++;
	if (peek(r) == close) {
		r->at++;
		return 0;
	}
	for (;;) {
		if (open == '{' && (string(r, &r->c->word, "a key was wanted", e) == -1 ||
				       take(r, ':', "a colon was wanted", e) == -1))
			return -1;
		if (skip(r, depth + 1, e) == -1)
			return -1;
		if (peek(r) == close) {
			r->at++;
			return 0;
		}
		if (take(r, ',', "a comma was wanted", e) == -1)
			return -1;
	}
}

static int
offset(struct reader *r, size_t *out, size_t index, struct err *e)
{
	uint64_t value = 0;
	size_t start;

	peek(r);
	start = r->at;
	while (r->at < r->len && r->s[r->at] >= '0' && r->s[r->at] <= '9' && r->at - start < 10)
		value = value * 10 + (uint64_t)(r->s[r->at++] - '0');
	if (r->at == start || (r->at < r->len && strchr(".eE0123456789", r->s[r->at]) != NULL) ||
	    (r->at - start > 1 && r->s[start] == '0'))
		return err_set(e, ERR_INPUT, "span %zu: an offset is no whole number from 0 up", index);
	*out = (size_t)value;
	return 0;
}

/* "kind" or "kind:sub". */
static int
kind(struct reader *r, struct deid_span *span, size_t index, struct err *e)
{
	struct buf *word = &r->c->word;
	const char *colon;
	size_t len;

	if (string(r, word, "a span is [start, end, kind]", e) == -1)
		return err_context(e, "span %zu", index);
	colon = word->len > 0 ? memchr(word->data, ':', word->len) : NULL;
	len = colon != NULL ? (size_t)(colon - (const char *)word->data) : word->len;
	if ((span->kind = deid_kind((const char *)word->data, len)) == DEID_KINDS)
		return err_set(e, ERR_INPUT,
		    "span %zu: the kind is none of person, location, institution, date, age, phone, email, "
		    "url, id",
		    index);
	if (colon == NULL)
		return 0;
	len = word->len - len - 1;
	if (len == 0 || len > DEID_SUB_MAX ||
	    strspn(colon + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_") < len)
		return err_set(
		    e, ERR_INPUT, "span %zu: a sub-kind is 1 to 32 of a-z, 0-9, \"-\" and \"_\"", index);
	memcpy(span->sub, colon + 1, len);
	return 0;
}

static int
spans(struct reader *r, struct err *e)
{
	if (take(r, '[', "spans is no list", e) == -1)
		return -1;
	if (peek(r) == ']') {
		r->at++;
		return 0;
	}
	for (size_t index = 1;; index++) {
		struct deid_span span = {0};

		if (take(r, '[', "a span is [start, end, kind]", e) == -1 ||
		    offset(r, &span.start, index, e) == -1 ||
		    take(r, ',', "a span is [start, end, kind]", e) == -1 ||
		    offset(r, &span.end, index, e) == -1 ||
		    take(r, ',', "a span is [start, end, kind]", e) == -1 || kind(r, &span, index, e) == -1 ||
		    take(r, ']', "a span is [start, end, kind]", e) == -1 ||
		    deid_spans_add(&r->c->gold, &span, e) == -1)
			return -1;
		if (peek(r) == ']') {
			r->at++;
			return 0;
		}
		if (take(r, ',', "a comma was wanted", e) == -1)
			return -1;
	}
}

static int
by_place(const void *a, const void *b)
{
	const struct deid_span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->kind != y->kind ? x->kind - y->kind : strcmp(x->sub, y->sub);
}

/* Offsets lie in the text; sorted, and none twice. */
static int
settle(struct deid_case *c, struct err *e)
{
	struct deid_spans *gold = &c->gold;
	size_t kept = 0;

	c->characters = 0;
	for (size_t i = 0; i < c->text.len; i++)
		c->characters += (c->text.data[i] & 0xc0) != 0x80;
	for (size_t i = 0; i < gold->count; i++) {
		const struct deid_span *s = &gold->items[i];

		if (s->start >= s->end)
			return err_set(e, ERR_INPUT, "span %zu: it ends at %zu, not behind its start %zu",
			    i + 1, s->end, s->start);
		if (s->end > c->characters)
			return err_set(e, ERR_INPUT,
			    "span %zu: it ends at %zu, and the text has %zu characters", i + 1, s->end,
			    c->characters);
	}
	if (gold->count > 0)
		qsort(gold->items, gold->count, sizeof(*gold->items), by_place);
	for (size_t i = 0; i < gold->count; i++) {
		const struct deid_span *s = &gold->items[i], *last = kept > 0 ? &gold->items[kept - 1] : NULL;

		if (last != NULL && last->start == s->start && last->end == s->end && last->kind == s->kind)
			c->repeated++;
		else
			gold->items[kept++] = *s;
	}
	gold->count = kept;
	return 0;
}

static int
members(struct reader *r, struct err *e)
{
	struct deid_case *c = r->c;
	bool have_text = false, have_spans = false, have_id = false;
	struct buf *word = &c->word;

	if (take(r, '{', "no JSON object", e) == -1)
		return -1;
	if (peek(r) == '}')
		return err_set(e, ERR_INPUT, "text is missing");
	for (;;) {
		bool *have = NULL;

		if (string(r, word, "a key was wanted", e) == -1 ||
		    take(r, ':', "a colon was wanted", e) == -1)
			return -1;
		if (word->len == 4 && memcmp(word->data, "text", 4) == 0)
			have = &have_text;
		else if (word->len == 5 && memcmp(word->data, "spans", 5) == 0)
			have = &have_spans;
		else if (word->len == 2 && memcmp(word->data, "id", 2) == 0)
			have = &have_id;
		if (have != NULL && *have)
			return bad(r, e, "a key that stood there already");
		if (have != NULL)
			*have = true;
		if ((have == &have_text                  ? string(r, &c->text, "text is no string", e)
			: have == &have_spans            ? spans(r, e)
			: have == NULL || peek(r) != '"' ? skip(r, 1, e)
							 : string(r, &c->id, "", e)) == -1)
			return -1;
		if (peek(r) == '}') {
			r->at++;
			break;
		}
		if (take(r, ',', "a comma was wanted", e) == -1)
			return -1;
	}
	if (!have_text || !have_spans)
		return err_set(e, ERR_INPUT, "%s is missing", have_text ? "spans" : "text");
	peek(r);
	return r->at == r->len ? 0 : bad(r, e, "something behind the object");
}

int
deid_case_read(struct deid_case *c, const char *line, size_t len, struct err *e)
{
	struct reader r = {.c = c, .s = (const uint8_t *)line, .len = len};

	buf_clear(&c->text);
	buf_clear(&c->id);
	c->gold.count = 0;
	c->repeated = 0;
	if (!utf8_valid(r.s, len))
		return err_set(e, ERR_INPUT, "it is not UTF-8");
	if (members(&r, e) == -1)
		return -1;
	return settle(c, e);
}
