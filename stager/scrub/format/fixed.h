/* Tables with columns of fixed width, read as CSV. Only for file.c and gather.c. */
#ifndef FORMAT_FIXED_H
#define FORMAT_FIXED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/source.h"

struct rule;

#define FIXED_LINE_MAX (1u << 20) /* as a record of any table */

/*
 * A source that gives the table as CSV: a header row of the rule's columns, then a record a line, spaces around
 * values left off. Positions count characters (code points; a byte that is no UTF-8 is one). A line may end early: what
 * it lacks is empty. What is not blank outside of all columns becomes a field more than the header has, so
 * that the record is held, and so does a CR within a line, which would hide the end of another record; a line past FIXED_LINE_MAX becomes one that is too long there, too, and the end.
 * Lines without any column's content are left out.
 */
struct fixed {
	struct source source; /* use this one. Its size is that of the inner one, which has other bytes */
	struct source *inner; /* borrowed */
	const struct rule *rule;
	/* Bytes of CSV before the first line with a byte past ASCII; UINT64_MAX: there has been none. For encoded_over. */
	_Atomic(uint64_t) plain;
	/* within */
	uint8_t *window; /* owned: [start, end) is not read yet; no line end before `scanned` */
	size_t start, scanned, end, dirty;
	uint8_t *made; /* owned: CSV, [given, made_len) still to be given */
	size_t given, made_len, made_cap, made_dirty;
	uint64_t before; /* bytes of CSV that were given, and are no longer there */
	size_t too_long; /* bytes of a record that is too long which are still to come */
	bool begun, ended;
};

/* rule has format FIXED. -1 with ERR_SYSTEM without memory; to be freed also then. */
int fixed_init(struct fixed *f, struct source *inner, const struct rule *rule, struct err *e) MUST_CHECK;
/* Wipes. */
void fixed_free(struct fixed *f);

#endif
