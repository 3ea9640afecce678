/* The lines of a mail's text as who wrote them meant them: broken by a program (RFC 3676), and quoted in an answer. */
#include "mail.h"

#include <stdlib.h>
#include <string.h>

/* A line from s[at] on: its length without LF. */
static size_t
line_at(const uint8_t *s, size_t len, size_t at)
{
	const uint8_t *lf = memchr(s + at, '\n', len - at);

	return lf == NULL ? len - at : (size_t)(lf - (s + at));
}

int
mail_flow(const uint8_t *s, size_t len, struct buf *out, struct err *e)
{
	size_t depth = 0, before = 0, n;
	bool flowed = false;

	for (size_t at = 0; at < len; at += n + 1, before = depth) {
		const uint8_t *line = s + at;
		size_t end, text;
		bool join;

		n = end = line_at(s, len, at);
		if (end > 0 && line[end - 1] == '\r')
			end--;
		for (depth = 0; depth < end && line[depth] == '>';)
			depth++;
		text = depth + (depth < end && line[depth] == ' ');
		join = flowed && depth == before && (end - text != 3 || memcmp(line + text, "-- ", 3) != 0);
		if (at > 0 && !join && buf_put_u8(out, '\n', e) == -1)
			return -1;
		flowed = end > text && line[end - 1] == ' ' &&
			 (end - text != 3 || memcmp(line + text, "-- ", 3) != 0);
		end -= flowed;
		if (!join)
			text = 0;
		if (end > text && buf_put(out, line + text, end - text, e) == -1)
			return -1;
	}
	return len > 0 && s[len - 1] == '\n' ? buf_put_u8(out, '\n', e) : 0;
}

/* How many bytes in front of a line say that it is quoted: "> ", ">>", "> > ". */
static size_t
mark_of(const uint8_t *line, size_t len)
{
	size_t mark = 0;

	while (mark < len && line[mark] == '>') {
		mark++;
		if (mark < len && line[mark] == ' ')
			mark++;
	}
	return mark;
}

static int
add_mark(struct mail_quotes *q, size_t at, size_t len, struct err *e)
{
	struct mail_mark *grown;
	size_t cap;

	if (q->count == q->cap) {
		cap = q->cap == 0 ? 64 : q->cap * 2;
		if ((grown = reallocarray(q->marks, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "mail: memory for quoted lines");
		q->marks = grown;
		q->cap = cap;
	}
	q->marks[q->count++] = (struct mail_mark){.at = at, .len = len};
	return 0;
}

int
mail_quotes_lift(const uint8_t *s, size_t len, struct buf *out, struct mail_quotes *q, struct err *e)
{
	const size_t start = out->len;

	for (size_t at = 0, n, mark; at < len; at += n) {
		n = line_at(s, len, at);
		mark = mark_of(s + at, n);
		n += at + n < len; /* its LF */
		if (mark > 0 && (add_mark(q, out->len - start, mark, e) == -1 ||
				    buf_put(&q->bytes, s + at, mark, e) == -1))
			return -1;
		if (n > mark && buf_put(out, s + at + mark, n - mark, e) == -1)
			return -1;
	}
	return 0;
}

int
mail_quotes_put(const uint8_t *s, size_t len, const struct mail_quotes *q, struct buf *out, struct err *e)
{
	size_t from = 0, mark = 0;

	for (size_t i = 0; i < q->count; mark += q->marks[i++].len) {
		const size_t to = q->marks[i].at;

		if (to > from && buf_put(out, s + from, to - from, e) == -1)
			return -1;
		from = to;
		/* A find took the line's end with it. */
		if (out->len > 0 && out->data[out->len - 1] != '\n' && buf_put_u8(out, '\n', e) == -1)
			return -1;
		if (buf_put(out, q->bytes.data + mark, q->marks[i].len, e) == -1)
			return -1;
	}
	return len > from ? buf_put(out, s + from, len - from, e) : 0;
}

void
mail_quotes_free(struct mail_quotes *q)
{
	free(q->marks);
	buf_free(&q->bytes);
	*q = (struct mail_quotes){0};
}
