/* Tables with columns of fixed width, read as CSV. */
#include "fixed.h"

#include <stdlib.h>
#include <string.h>

#include "stager/policy.h"
#include "stager/utf8.h"

#define READ_STEP (256u << 10)
#define WINDOW (FIXED_LINE_MAX + 2 + READ_STEP)

static bool
room(struct fixed *f, size_t len, struct err *e)
{
	size_t cap = f->made_cap == 0 ? READ_STEP : f->made_cap;
	uint8_t *grown;

	if (f->made_cap - f->made_len >= len)
		return true;
	while (cap - f->made_len < len)
		cap *= 2;
	if ((grown = malloc(cap)) == NULL) {
		err_sys(e, "fixed-width table: memory for a record");
		return false;
	}
	if (f->made != NULL) {
		memcpy(grown, f->made, f->made_len);
		explicit_bzero(f->made, f->made_dirty);
	}
	free(f->made);
	f->made = grown;
	f->made_cap = cap;
	return true;
}

/* A value in quotes, as CSV wants it; there is room. */
static void
put_value(struct fixed *f, const uint8_t *s, size_t len)
{
	uint8_t *to = f->made + f->made_len;

	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			*to++ = '"';
		*to++ = s[i];
	}
	*to++ = '"';
	f->made_len = (size_t)(to - f->made);
	if (f->made_dirty < f->made_len)
		f->made_dirty = f->made_len;
}

static void
put_byte(struct fixed *f, uint8_t c)
{
	f->made[f->made_len++] = c;
	if (f->made_dirty < f->made_len)
		f->made_dirty = f->made_len;
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Past n characters, or at the end. */
static const uint8_t *
skip(const uint8_t *at, const uint8_t *end, size_t n)
{
	size_t len;

	for (; n > 0 && at < end; n--, at += len)
		if ((len = at[0] < 0x80 ? 1 : utf8_sequence(at, (size_t)(end - at))) == 0)
			len = 1;
	return at;
}

static bool
all_blank(const uint8_t *at, const uint8_t *end)
{
	while (at < end && blank(*at))
		at++;
	return at == end;
}

/* Where what is made of this line begins, if it is the first with a byte past ASCII. */
static void
note_plain(struct fixed *f, const uint8_t *line, size_t len)
{
	if (atomic_load(&f->plain) != UINT64_MAX)
		return;
	for (size_t i = 0; i < len; i++)
		if (line[i] >= 0x80) {
			atomic_store(&f->plain, f->before + f->made_len);
			return;
		}
}

/* One line, without its end, as a record. */
static int
put_line(struct fixed *f, const uint8_t *line, size_t len, struct err *e)
{
	const uint8_t *at = line, *end = line + len, *value, *value_end;
	const struct rule *rule = f->rule;
	size_t next = 1;
	bool outside;

	if (all_blank(line, end))
		return 0;
	note_plain(f, line, len);
	outside = memchr(line, '\r', len) != NULL;
	if (!room(f, 2 * len + 3 * rule->field_count + 8, e))
		return -1;
	for (size_t i = 0; i < rule->field_count; i++) {
		const struct column_place *column = &rule->places[i];

		value = skip(at, end, column->at - next);
		outside = outside || !all_blank(at, value);
		value_end = at = skip(value, end, column->width);
		next = column->at + column->width;
		while (value < value_end && blank(*value))
			value++;
		while (value < value_end && blank(value_end[-1]))
			value_end--;
		if (i > 0)
			put_byte(f, (uint8_t)rule->delimiter);
		put_value(f, value, (size_t)(value_end - value));
	}
	if (outside || !all_blank(at, end)) {
		put_byte(f, (uint8_t)rule->delimiter);
		put_value(f, NULL, 0);
	}
	put_byte(f, '\n');
	return 0;
}

static int
put_header(struct fixed *f, struct err *e)
{
	size_t len = 8;

	for (size_t i = 0; i < f->rule->field_count; i++)
		len += 2 * strlen(f->rule->fields[i].name) + 3;
	if (!room(f, len, e))
		return -1;
	for (size_t i = 0; i < f->rule->field_count; i++) {
		if (i > 0)
			put_byte(f, (uint8_t)f->rule->delimiter);
		put_value(f, (const uint8_t *)f->rule->fields[i].name, strlen(f->rule->fields[i].name));
	}
	put_byte(f, '\n');
	return 0;
}

/* The lines that the window has, into made; more into the window where it has none. */
static int
make(struct fixed *f, struct err *e)
{
	const uint8_t *end;
	size_t len;
	ssize_t n;

	f->before += f->made_len;
	f->given = f->made_len = 0;
	while (f->made_len < READ_STEP) {
		end = memchr(f->window + f->scanned, '\n', f->end - f->scanned);
		if (end == NULL && !f->ended) {
			f->scanned = f->end;
			if (f->made_len > 0)
				return 0;
			if (f->end - f->start > FIXED_LINE_MAX + 1)
				break;
			memmove(f->window, f->window + f->start, f->end - f->start);
			f->end -= f->start;
			f->scanned -= f->start;
			f->start = 0;
			if (f->dirty < f->end + READ_STEP)
				f->dirty = f->end + READ_STEP;
			n = source_read_full(f->inner, f->window + f->end, READ_STEP, e);
			if (n == -1)
				return -1;
			f->end += (size_t)n;
			f->ended = n == 0;
			continue;
		}
		len = (end == NULL ? f->end : (size_t)(end - f->window)) - f->start;
		if (len == 0 && end == NULL)
			return 0;
		if (len > FIXED_LINE_MAX)
			break;
		if (put_line(f, f->window + f->start,
			len > 0 && f->window[f->start + len - 1] == '\r' ? len - 1 : len, e) == -1)
			return -1;
		f->start = f->scanned = f->start + len + (end != NULL);
	}
	if (f->made_len > 0)
		return 0;
	f->too_long = 2 * FIXED_LINE_MAX;
	return 0;
}

static ssize_t
fixed_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct fixed *f = (struct fixed *)s; /* source is its first member */
	size_t n;

	if (!f->begun) {
		f->begun = true;
		if (put_header(f, e) == -1)
			return -1;
		f->dirty = 3;
		n = (size_t)source_read_full(f->inner, f->window, 3, e);
		if (n == (size_t)-1)
			return -1;
		f->end = n;
		if (n == 3 && memcmp(f->window, "\xef\xbb\xbf", 3) == 0)
			f->start = f->scanned = 3;
	}
	if (f->too_long == 0 && f->given == f->made_len && make(f, e) == -1)
		return -1;
	if (f->too_long > 0) {
		n = f->too_long < len ? f->too_long : len;
		memset(out, 'x', n);
		/* Nothing of what comes then is told apart. */
		if ((f->too_long -= n) == 0) {
			f->start = f->scanned = f->end = 0;
			f->ended = true;
		}
		return (ssize_t)n;
	}
	n = f->made_len - f->given < len ? f->made_len - f->given : len;
	memcpy(out, f->made + f->given, n);
	f->given += n;
	return (ssize_t)n;
}

int
fixed_init(struct fixed *f, struct source *inner, const struct rule *rule, struct err *e)
{
	*f = (struct fixed){.source = *inner, .inner = inner, .rule = rule, .plain = UINT64_MAX};
	f->source.read = fixed_read;
	if ((f->window = malloc(WINDOW)) == NULL)
		return err_sys(e, "fixed-width table: memory for a window");
	return 0;
}

void
fixed_free(struct fixed *f)
{
	if (f->window != NULL)
		explicit_bzero(f->window, f->dirty);
	free(f->window);
	if (f->made != NULL)
		explicit_bzero(f->made, f->made_dirty);
	free(f->made);
	f->window = f->made = NULL;
}
