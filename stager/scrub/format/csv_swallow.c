/* Quotes that opened nothing: whether a quoted value of a table holds the rest of its record, and more records. */
#include "csv.h"

#include <string.h>

#include "stager/policy.h"

/* A line inside quotes, cut at the delimiters. */
struct line {
	const char *at, *end;
	size_t delimiters;
};

/* The next line from *at on that is not empty, without its end; false where there is none. */
static bool
next_line(const char **at, const char *end, char delimiter, struct line *line)
{
	while (*at < end && (**at == '\n' || **at == '\r'))
		++*at;
	*line = (struct line){.at = *at};
	for (; *at < end && **at != '\n' && **at != '\r'; ++*at)
		line->delimiters += **at == delimiter;
	line->end = *at;
	return line->end > line->at;
}

/* Columns without a type: of those only a pseudonym's has a form to speak of, and a sentence has not got it. */
static bool
like_a_key(const char *value, size_t len)
{
	bool spaces = false, figures = false;

	for (size_t i = 0; i < len; i++) {
		spaces = spaces || value[i] == ' ';
		figures = figures || (value[i] >= '0' && value[i] <= '9');
	}
	return figures || !spaces;
}

/* Do count fields of the line, past the first `skip`, fit the columns from `column` on? */
static bool
fields_fit(const struct csv_table *t, const struct line *line, size_t skip, size_t column, size_t count)
{
	const char *at = line->at, *end;

	for (size_t i = 0; i < skip + count; i++, at = end + 1) {
		size_t len;

		if ((end = memchr(at, t->delimiter, (size_t)(line->end - at))) == NULL)
			end = line->end;
		len = (size_t)(end - at);
		if (i < skip)
			continue;
		if (len == 2 && memcmp(at, "\"\"", 2) == 0)
			len = 0;
		if (!csv_value_fits(t, column, at, len) ||
		    (t->columns[column].action->kind == ACTION_PSEUDONYM && !like_a_key(at, len)))
			return false;
		column++;
	}
	return true;
}

/*
 * The value of column i of n. Its first line is then the end of a record: the value itself and the n - 1 - i
 * fields behind it; its last line the beginning of one, i fields and a value; a line between them a whole one.
 */
static bool
value_swallowed(const struct csv_table *t, const struct csv_field *field, size_t i)
{
	const char *at = field->at, *end = field->at + field->len;
	struct line first, line, last = {0};
	bool more;

	/* What stands before the first line end may be empty. */
	first = (struct line){.at = at};
	for (; at < end && *at != '\n' && *at != '\r'; at++)
		first.delimiters += *at == t->delimiter;
	first.end = at;
	if (at == end)
		return false;
	for (more = next_line(&at, end, t->delimiter, &line); more;) {
		last = line;
		more = next_line(&at, end, t->delimiter, &line);
		if (more && last.delimiters == t->count - 1 && fields_fit(t, &last, 0, 0, t->count))
			return true;
	}
	return first.delimiters == t->count - 1 - i && last.delimiters == i && last.at != NULL &&
	       fields_fit(t, &first, 1, i + 1, t->count - 1 - i) && fields_fit(t, &last, 0, 0, i);
}

bool
csv_swallowed(const struct csv_table *t, const struct csv_scan *scan, const struct csv_record *record)
{
	/* A table of one column has nothing that a line of text could be told from. */
	for (size_t i = 0; t->count > 1 && i < record->count; i++)
		if (scan->fields[i].quoted && value_swallowed(t, &scan->fields[i], i))
			return true;
	return false;
}
