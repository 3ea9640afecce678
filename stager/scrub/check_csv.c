/* Tables in the second scan: matched as text, a match counting only within one field; and columns by name. */
#include "check_parts.h"

#include <stdlib.h>
#include <string.h>

/* Columns named for citizen service numbers; a table with more is held. */
#define COLUMNS_MAX 65536

/* A reader of fields, one after the other. */
struct fields {
	const uint8_t *s;
	size_t len;
	int delimiter;     /* -1: a record is one field */
	size_t start, end; /* of the field: [start, end), its quotes included */
	size_t column;
	bool last; /* of its record */
};

/* Where the field that begins at `at` ends. */
static size_t
field_end(const struct fields *f, size_t at)
{
	const uint8_t *s = f->s, *quote;

	if (at < f->len && s[at] == '"') {
		do {
			quote = memchr(s + at + 1, '"', f->len - at - 1);
			if (quote == NULL)
				return f->len;
			at = (size_t)(quote - s) + 1;
		} while (at < f->len && s[at] == '"');
	}
	while (at < f->len && s[at] != '\n' && s[at] != '\r' && s[at] != f->delimiter)
		at++;
	return at;
}

static void
field_at(struct fields *f, size_t start, size_t column)
{
	f->start = start;
	f->column = column;
	f->end = field_end(f, start);
	f->last = f->end == f->len || f->s[f->end] != f->delimiter;
}

/* Go on to the next field; false at the end. */
static bool
field_next(struct fields *f)
{
	size_t at = f->end;

	if (at >= f->len)
		return false;
	if (!f->last) {
		field_at(f, at + 1, f->column + 1);
		return true;
	}
	at += f->s[at] == '\r' && at + 1 < f->len && f->s[at + 1] == '\n' ? 2 : 1;
	if (at >= f->len)
		return false;
	field_at(f, at, 0);
	return true;
}

/* All of it in the one field that `at` is in? */
static bool
same_field(void *ctx, const uint8_t *s, size_t from, size_t at, size_t to)
{
	struct fields *f = ctx;

	(void)s;
	while (f->end <= at)
		if (!field_next(f))
			return true;
	return from >= f->start && to <= f->end;
}

/* The delimiter: of the usual ones the one that stands most often in the header, outside quotes. */
static int
find_delimiter(const uint8_t *s, size_t len)
{
	static const char usual[] = ",;\t|";
	size_t count[4] = {0}, best = 0;
	const char *found;
	bool quoted = false;

	for (size_t i = 0; i < len && (quoted || (s[i] != '\n' && s[i] != '\r')); i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] != '\0' && (found = strchr(usual, s[i])) != NULL)
			count[found - usual]++;
	}
	for (size_t i = 1; i < 4; i++)
		if (count[i] > count[best])
			best = i;
	return count[best] > 0 ? usual[best] : -1;
}

/* Nothing but quotes and gaps around these digits? */
static bool
alone(const struct fields *f, size_t at, size_t end)
{
	size_t gap;

	for (size_t i = f->start; i < f->end;) {
		if (i >= at && i < end)
			i = end;
		else if (f->s[i] == '"')
			i++;
		else if ((gap = check_gap(f->s, f->end, i)) > 0)
			i += gap;
		else
			return false;
	}
	return true;
}

/* Does the field hold a citizen service number: nine digits, groups allowed, or just eight (a zero was lost)? */
static bool
field_bsn(const struct fields *f)
{
	uint8_t digit[9];
	size_t count = 0, from = 0, end = 0, gap;
	bool apart = false, over = false;

	for (size_t at = f->start;; at += gap) {
		gap = 1;
		if (at < f->end && check_digit(f->s[at])) {
			if (apart && count == sizeof(digit) && !over && check_eleven(digit, count))
				return true;
			if (count == 0)
				from = at;
			over = over || count == sizeof(digit);
			if (!over)
				digit[count++] = f->s[at] - '0';
			end = at + 1;
			apart = false;
			continue;
		}
		apart = true;
		if (at < f->end && (gap = check_gap(f->s, f->end, at)) > 0)
			continue;
		if (!over && (count == sizeof(digit) || (count == 8 && alone(f, from, end))) &&
		    check_eleven(digit, count))
			return true;
		count = 0;
		over = false;
		gap = 1;
		if (at >= f->end)
			return false;
	}
}

/* Columns whose names say citizen service number: their values need no keyword. */
static int
check_columns(struct fields *f, const char **reason, struct err *e)
{
	bool *suspect = NULL, any = false;
	size_t columns = 0;
	int rc = -1;

	if ((suspect = calloc(COLUMNS_MAX, sizeof(*suspect))) == NULL) {
		err_set(e, ERR_SYSTEM, "check: out of memory");
		goto out;
	}
	do {
		if (f->column >= COLUMNS_MAX) {
			*reason = "check-csv";
			rc = 1;
			goto out;
		}
		suspect[f->column] = check_keyword(f->s + f->start, f->end - f->start);
		any = any || suspect[f->column];
		columns = f->column + 1;
	} while (!f->last && field_next(f));
	rc = 0;
	while (any && field_next(f)) {
		if (f->column < columns ? suspect[f->column] && field_bsn(f) : field_bsn(f)) {
			*reason = "check-bsn";
			rc = 1;
			break;
		}
	}
out:
	free(suspect);
	return rc;
}

static int
check_as_written(const uint8_t *data, size_t len, const char **reason, struct err *e)
{
	const struct fields front = {.s = data, .len = len, .delimiter = find_delimiter(data, len)};
	struct fields f = front;
	const struct check_text t = {.s = data, .len = len, .quote = '"', .related = same_field, .ctx = &f};

	field_at(&f, 0, 0);
	if ((*reason = check_numbers(&t, CHECK_ALL)) != NULL)
		return 1;
	field_at(&f, 0, 0);
	if (check_bsn_apart(&t)) {
		*reason = "check-bsn";
		return 1;
	}
	field_at(&f, 0, 0);
	if ((*reason = check_emails(&t)) != NULL)
		return 1;
	field_at(&f, 0, 0);
	return check_columns(&f, reason, e);
}

int
check_csv(const uint8_t *data, size_t len, const char **reason, struct err *e)
{
	uint8_t *seen;
	size_t seen_len;
	int rc = check_as_written(data, len, reason, e);

	if (rc != 0)
		return rc;
	if ((rc = check_seen(data, len, false, &seen, &seen_len, e)) == 1)
		rc = check_as_written(seen, seen_len, reason, e);
	if (seen != NULL)
		explicit_bzero(seen, seen_len);
	free(seen);
	return rc;
}

void
check_csv_each(const uint8_t *data, size_t len,
    void (*each)(void *ctx, uint64_t column, const uint8_t *value, size_t len), void *ctx)
{
	struct fields f = {.s = data, .len = len, .delimiter = find_delimiter(data, len)};
	bool header = true;

	if (len == 0)
		return;
	field_at(&f, 0, 0);
	do {
		bool quoted = f.end - f.start >= 2 && data[f.start] == '"' && data[f.end - 1] == '"';

		if (!header)
			each(ctx, 2 * (f.column + 1), data + f.start + quoted,
			    f.end - f.start - 2 * (size_t)quoted);
		header = header && !f.last;
	} while (field_next(&f));
}
