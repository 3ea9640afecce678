/* Hierarchies: a value, and what is said in its place, level by level less exactly. stager/scrub only. */
#ifndef SCRUB_HIERARCHY_H
#define SCRUB_HIERARCHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

struct json;

#define HIERARCHY_BYTES_MAX (4u << 20)
#define HIERARCHY_ROWS_MAX 50000
#define HIERARCHY_COLUMNS_MAX 9 /* the value and eight levels */
#define HIERARCHY_CELLS_MAX 250000
#define HIERARCHY_VALUE_MAX \
	256 /* bytes of a value; what is said in its place has at most ATTRIBUTE_VALUE_MAX */

struct hierarchy {
	char *name; /* of its file */
	size_t columns, rows;
	char **cells;     /* rows * columns of them */
	uint32_t **order; /* of each column: its rows, sorted by what stands in it */
};

/*
 * From a file as ARX writes them: CSV with ; between the cells, a value a row and behind it its levels, each wider than the one
 * before; no header row; cells in double quotes where they must; UTF-8. Every row has as many cells.
 *
 * Returns {"name","columns","cells": [..]}, rows one behind the other, which the caller frees; NULL with ERR_INPUT ("NAME, row N: ...")
 * for another form: ragged rows, a value that stands twice, levels that are not nested (what stands at one level is two
 * things at the next), an empty file, a limit that is passed.
 * Source: ARX's CSVSyntax (';', '"', doubled quotes) and its hierarchies in data/.
 */
struct json *hierarchy_read(const char *name, const void *bytes, size_t len, struct err *e) MUST_CHECK;

/* From that form, as strictly. h is freed with hierarchy_free, also where it fails. */
int hierarchy_decode(struct hierarchy *h, const struct json *j, struct err *e) MUST_CHECK;
void hierarchy_free(struct hierarchy *h);

/*
 * What stands at level `to` beside this value of level `from` (0: the value itself). False where no row has it. *out lives as long as h.
 * Exact, byte for byte.
 */
bool hierarchy_find(
    const struct hierarchy *h, size_t from, const void *value, size_t len, size_t to, struct view *out);

#endif
