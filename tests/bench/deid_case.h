/*
 * A case of the bench of de-identification: a text and the spans that an annotator set in it.
 *
 * One line of JSON (RFC 8259): {"text": STRING, "spans": [[START, END, KIND], ...]}. START and END count code points
 * of the text, END exclusive; a pair of surrogate escapes is one code point. KIND is one of the nine of deid_kinds,
 * or one of them with a sub-kind behind a colon ("id:bsn"). Other keys may stand there and are read over.
 */
#ifndef BENCH_DEID_CASE_H
#define BENCH_DEID_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

enum {
	DEID_PERSON,
	DEID_LOCATION,
	DEID_INSTITUTION,
	DEID_DATE,
	DEID_AGE,
	DEID_PHONE,
	DEID_EMAIL,
	DEID_URL,
	DEID_ID,
	DEID_KINDS
};
extern const char *const deid_kinds[DEID_KINDS];

/* The kind of that name; DEID_KINDS where there is none. */
int deid_kind(const char *name, size_t len);

#define DEID_SUB_MAX 32 /* characters of a sub-kind: a-z, 0-9, "-", "_" */

struct deid_span {
	size_t start, end; /* code points */
	int kind;
	char sub[DEID_SUB_MAX + 1]; /* gold: the sub-kind, "" where there is none */
	const char *rule;           /* found: which rule said so */
};

struct deid_spans {
	struct deid_span *items;
	size_t count, cap;
};

/* Append; -1 with ERR_SYSTEM without memory. */
int deid_spans_add(struct deid_spans *s, const struct deid_span *span, struct err *e) MUST_CHECK;

struct deid_case {
	struct buf text; /* UTF-8; may hold NULs */
	size_t characters;
	struct deid_spans gold; /* by start, then end, then kind; none twice */
	size_t repeated; /* spans that stood there again, with the same offsets and kind: counted once */
	struct buf id;   /* the value of "id", where that is a string; else empty */
	/* within */
	struct buf word;
};

#define DEID_TEXT_MAX (64u << 20)

void deid_case_init(struct deid_case *c);
void deid_case_free(struct deid_case *c);
/* Read one line into c; what it held is gone. -1 with ERR_INPUT that says what is wrong, without the line's number. */
int deid_case_read(struct deid_case *c, const char *line, size_t len, struct err *e) MUST_CHECK;

#endif
