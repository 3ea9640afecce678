/* Hierarchies: read from a file, held in memory with each of their levels sorted, looked up. */
#include "hierarchy.h"

#include <stdlib.h>
#include <string.h>

#include "format/csv.h"
#include "policy_form.h"
#include "stager/json.h"
#include "stager/utf8.h"
#include "subject.h"

static int
bad(struct err *e, const char *name, size_t row, const char *what)
{
	return err_set(e, ERR_INPUT, "%.64s, row %zu: %s", name, row, what);
}

/* A cell of column, its doubled quotes undone in plain; NULL with e set. Caller frees. */
static char *
cell_of(const char *name, size_t row, const struct csv_field *field, size_t column, struct err *e)
{
	char *cell = calloc(field->len + 1, 1);
	size_t len = 0;

	if (cell == NULL) {
		err_sys(e, "%s", name);
		return NULL;
	}
	for (size_t i = 0; i < field->len; i++) {
		unsigned char c = (unsigned char)field->at[i];

		if (c < 0x20 || c == 0x7f) {
			bad(e, name, row, "a control character or a line end in a cell");
			free(cell);
			return NULL;
		}
		cell[len++] = (char)c;
		i += field->doubled && c == '"';
	}
	cell[len] = '\0';
	if (len > (column == 0 ? HIERARCHY_VALUE_MAX : ATTRIBUTE_VALUE_MAX)) {
		bad(e, name, row, column == 0 ? "its value is too long" : "a level of it is too long");
		free(cell);
		return NULL;
	}
	return cell;
}

/* Every row into cells. The number of columns, or 0 with e set. */
static size_t
read_rows(const char *name, struct csv_scan *scan, struct json *cells, struct err *e)
{
	struct csv_record record;
	size_t columns = 0, row = 0;
	char *cell;

	for (;;) {
		switch (csv_scan_next(scan, &record)) {
		case CSV_RECORD:
			break;
		case CSV_END:
		case CSV_MORE:
			if (row == 0)
				bad(e, name, 1, "the file is empty");
			return row == 0 ? 0 : columns;
		case CSV_QUOTE_OPEN:
			bad(e, name, row + 1, "a quote is never closed");
			return 0;
		case CSV_TOO_LONG:
			bad(e, name, row + 1, "it is longer than a row may be");
			return 0;
		}
		row++;
		columns = columns == 0 ? record.count : columns;
		if (record.stray)
			return bad(e, name, row, "a quote stands where none may be") == 0;
		if (record.count < 2 || record.count > HIERARCHY_COLUMNS_MAX)
			return bad(e, name, row, "it is not VALUE;LEVEL;.. of one to eight levels") == 0;
		if (record.count != columns)
			return bad(e, name, row, "it has more or fewer cells than the first") == 0;
		if (row > HIERARCHY_ROWS_MAX || row * columns > HIERARCHY_CELLS_MAX)
			return bad(e, name, row, "there are more rows than may be") == 0;
		for (size_t i = 0; i < columns; i++) {
			if ((cell = cell_of(name, row, &scan->fields[i], i, e)) == NULL)
				return 0;
			json_push(cells, json_string(cell));
			free(cell);
		}
	}
}

struct json *
hierarchy_read(const char *name, const void *bytes, size_t len, struct err *e)
{
	struct csv_field fields[HIERARCHY_COLUMNS_MAX];
	struct csv_scan scan = {.delimiter = ';',
	    .record_max = HIERARCHY_COLUMNS_MAX * HIERARCHY_VALUE_MAX * 2,
	    .fields = fields,
	    .field_max = HIERARCHY_COLUMNS_MAX};
	struct hierarchy h = {.name = NULL};
	struct json *j = json_object(), *cells = json_array();
	char *copy = NULL;
	size_t columns, from = 0;

	json_set_string(j, "name", name);
	json_set(j, "cells", cells);
	if (len > HIERARCHY_BYTES_MAX) {
		err_set(e, ERR_INPUT, "%.64s: larger than %u bytes", name, HIERARCHY_BYTES_MAX);
		goto fail;
	}
	if (memchr(bytes, '\0', len) != NULL || !utf8_valid(bytes, len)) {
		err_set(e, ERR_INPUT, "%.64s: it is not text in UTF-8", name);
		goto fail;
	}
	if ((copy = malloc(len + CSV_SLACK)) == NULL) {
		err_sys(e, "%s", name);
		goto fail;
	}
	memcpy(copy, bytes, len);
	memset(copy + len, 0, CSV_SLACK);
	if (len >= 3 && memcmp(copy, "\xef\xbb\xbf", 3) == 0)
		from = 3;
	csv_scan_window(&scan, copy + from, copy + len, true);
	if ((columns = read_rows(name, &scan, cells, e)) == 0)
		goto fail;
	json_set_int(j, "columns", (int64_t)columns);
	if (hierarchy_decode(&h, j, e) == -1)
		goto fail;
	hierarchy_free(&h);
	free(copy);
	return j;
fail:
	hierarchy_free(&h);
	free(copy);
	json_free(j);
	return NULL;
}

struct column {
	const struct hierarchy *h;
	size_t column;
};

static const char *
cell(const struct hierarchy *h, size_t row, size_t column)
{
	return h->cells[row * h->columns + column];
}

static int
compare_rows(const void *a, const void *b, void *ctx)
{
	const struct column *c = ctx;
	const uint32_t *x = a, *y = b;
	int order = strcmp(cell(c->h, *x, c->column), cell(c->h, *y, c->column));

	return order != 0 ? order : *x < *y ? -1 : *x > *y;
}

/* Rows sorted by each column, and so whether values are different and levels nested. */
static int
sort_columns(struct hierarchy *h, struct err *e)
{
	if ((h->order = calloc(h->columns, sizeof(*h->order))) == NULL)
		return err_sys(e, "%s", h->name);
	for (size_t column = 0; column < h->columns; column++) {
		struct column c = {h, column};
		uint32_t *order = h->order[column] = calloc(h->rows, sizeof(*order));

		if (order == NULL)
			return err_sys(e, "%s", h->name);
		for (size_t i = 0; i < h->rows; i++)
			order[i] = (uint32_t)i;
		qsort_r(order, h->rows, sizeof(*order), compare_rows, &c);
		for (size_t i = 1; i < h->rows; i++) {
			if (strcmp(cell(h, order[i - 1], column), cell(h, order[i], column)) != 0)
				continue;
			if (column == 0)
				return bad(e, h->name, order[i] + 1, "its value stands in a row before, too");
			if (column + 1 < h->columns &&
			    strcmp(cell(h, order[i - 1], column + 1), cell(h, order[i], column + 1)) != 0)
				return bad(e, h->name, order[i] + 1,
				    "levels are not nested: what stands at one of them is something else at "
				    "the next than in a row before");
		}
	}
	return 0;
}

int
hierarchy_decode(struct hierarchy *h, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"name", "columns", "cells", NULL};
	const struct json *cells;
	const char *name;
	int64_t columns;

	*h = (struct hierarchy){.columns = 0};
	if (json_expect_keys(j, keys, "hierarchy", e) == -1 ||
	    (name = json_need_string(j, "name", "hierarchy", e)) == NULL ||
	    json_need_int(j, "columns", 2, HIERARCHY_COLUMNS_MAX, "hierarchy", &columns, e) == -1 ||
	    (cells = json_need(j, "cells", JSON_ARRAY, "hierarchy", e)) == NULL)
		return -1;
	h->columns = (size_t)columns;
	if (cells->count == 0 || cells->count % h->columns != 0 || cells->count > HIERARCHY_CELLS_MAX ||
	    cells->count / h->columns > HIERARCHY_ROWS_MAX || !policy_file_ok(name))
		return err_set(e, ERR_INPUT, "hierarchy: it is not of the form it must have");
	if ((h->name = strdup(name)) == NULL || (h->cells = calloc(cells->count, sizeof(*h->cells))) == NULL)
		return err_sys(e, "hierarchy");
	h->rows = cells->count / h->columns;
	for (size_t i = 0; i < cells->count; i++) {
		const struct json *c = cells->items[i];

		if (c->type != JSON_STRING ||
		    strlen(c->string) > (i % h->columns == 0 ? HIERARCHY_VALUE_MAX : ATTRIBUTE_VALUE_MAX))
			return err_set(e, ERR_INPUT, "hierarchy: a cell is not of the form it must have");
		if ((h->cells[i] = strdup(c->string)) == NULL)
			return err_sys(e, "hierarchy");
	}
	return sort_columns(h, e);
}

void
hierarchy_free(struct hierarchy *h)
{
	for (size_t i = 0; h->cells != NULL && i < h->rows * h->columns; i++)
		free(h->cells[i]);
	for (size_t i = 0; h->order != NULL && i < h->columns; i++)
		free(h->order[i]);
	free(h->cells);
	free(h->order);
	free(h->name);
	*h = (struct hierarchy){.columns = 0};
}

bool
hierarchy_find(
    const struct hierarchy *h, size_t from, const void *value, size_t len, size_t to, struct view *out)
{
	size_t low = 0, high = h->rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2, row = h->order[from][middle];
		const char *there = cell(h, row, from);
		size_t size = strlen(there), least = size < len ? size : len;
		int order = least == 0 ? 0 : memcmp(there, value, least);

		if (order == 0 && size == len) {
			there = cell(h, row, to);
			*out = view_of(there, strlen(there), "level");
			return true;
		}
		if (order < 0 || (order == 0 && size < len))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
