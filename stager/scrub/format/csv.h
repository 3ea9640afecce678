/*
 * The parts of the CSV reader: the scanner finds records, the table turns one into scrubbed bytes, csv.c
 * moves windows and parts. stager/scrub/format only.
 */
#ifndef FORMAT_CSV_H
#define FORMAT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "../subject.h"
#include "stager/policy.h"
#include "stager/scrub.h"

struct rule;
struct source;

/* Tests take small ones, to stand at every edge with little data. */
struct csv_limits {
	size_t window;     /* bytes read at a time; at least CSV_WINDOW_MIN */
	size_t record_max; /* bytes of one record as it stands in the file, without its line end */
	size_t part_max;   /* bytes of one member, its header row included */
	/* With threads: what one may make of a window, and how large a file is that they are started for. */
	size_t out_max;
	uint64_t threads_from;
};

#define CSV_WINDOW_MIN 16
/* Columns that a policy may name for one table. */
#define CSV_COLUMNS_MAX 65536

/* csv_scrub with limits of one's own. */
int csv_scrub_limits(
    struct scrub *s, struct source *in, const struct csv_limits *limits, struct err *e) MUST_CHECK;

/* One field as it stands in the window. */
struct csv_field {
	const char *at; /* without its quotes */
	size_t len;
	bool quoted;
	bool doubled; /* quoted, with doubled quotes inside */
};

struct csv_record {
	const char *at; /* the whole record in the window, without its line end */
	size_t len;
	size_t count; /* of its fields; those past field_max are counted, not kept */
	size_t lines; /* line ends inside quotes */
	bool stray;   /* a quote where none may stand: the fields mean nothing */
	bool unusual; /* may hold bytes that are not ASCII, or NUL */
};

enum csv_found {
	CSV_RECORD,
	CSV_MORE,       /* the window ends inside a record: from `at` on it wants more bytes */
	CSV_END,        /* of the file */
	CSV_QUOTE_OPEN, /* the file ends inside quotes */
	CSV_TOO_LONG,   /* a record past record_max */
};

struct csv_scan {
	/* Set once. */
	char delimiter;
	size_t record_max;
	struct csv_field *fields; /* field_max of them, borrowed; those of the record found last */
	size_t field_max;
	/* The window. */
	const char *at; /* where the next record begins */
	const char *end;
	bool last; /* nothing comes after end */
	/* The block of up to 64 bytes that is being looked at. */
	const char *block;
	uint64_t marks; /* a bit for each delimiter, quote, CR and LF in it that has not been looked at */
	bool unusual;
};

/* The window is now [at, end). */
void csv_scan_window(struct csv_scan *scan, const char *at, const char *end, bool last);
/* The next record. A line without a single byte is none. record is set for CSV_RECORD only; after anything else
 * `at` stands where the record that was not to be had begins. */
enum csv_found csv_scan_next(struct csv_scan *scan, struct csv_record *record);

/* Field values in a window and in `plain` are followed by this many bytes that may be read: short values are
 * copied in one go. */
#define CSV_SLACK 16

struct csv_column {
	const struct action *action;
	enum action_kind kind; /* the action's */
	bool
	    away; /* another set's: looked at by nobody here, unless it is a part, which counts with the rest */
	size_t
	    part; /* of what disclosure control sees of a record, from 1; 0: none. kind is ATTRIBUTE then */
	size_t *value_lens; /* of an enum's values */
	uint64_t *values;   /* their first eight bytes, zero past their end */
	/* A number's range over the integers that its digits make, by how many of them are decimal places. */
	uint32_t least[8], most[8];
};

/* A table whose header row has been read. */
struct csv_table {
	const struct scrub *scrub;
	bool second; /* of another set than the rule's own, whose table has had the record first */
	char delimiter;
	size_t wrong_column; /* from 1: what a reason "column-..." is about (report.h) */
	const struct action
	    *wrong; /* of the column whose value the record in hand is held for; NULL: of none */
	struct csv_column *columns;
	size_t count;
	size_t room;             /* bytes that a record may take as it leaves */
	size_t kept;             /* columns that are not dropped */
	size_t texts;            /* columns of free text */
	size_t subject_column;   /* of the key to the context; SIZE_MAX: records are linked to nobody */
	struct subject subject;  /* of the record in hand */
	uint32_t missing[256];   /* by first byte, bit n: a missing value has n bytes; bit 31: 31 or more */
	bool odd;                /* the delimiter is a letter or a figure */
	bool quote_for[256];     /* a value with this byte stands in quotes */
	struct csv_quasi *quasi; /* of the record in hand; NULL: disclosure control does not look at it */
	char *plain;             /* a value without its doubled quotes; as long as the longest record */
	struct buf made;         /* what an action made of a value */
};

/* The value of a field without its quotes and their doubling. */
static inline const char *
csv_field_value(const struct csv_table *t, const struct csv_field *field, size_t *len)
{
	const char *at = field->at, *end = field->at + field->len;
	char *to = t->plain;

	*len = field->len;
	if (!field->doubled)
		return field->at;
	while (at < end) {
		*to++ = *at;
		at += *at == '"' ? 2 : 1;
	}
	*len = (size_t)(to - t->plain);
	return t->plain;
}

/* A value's first eight bytes, zero past its end; they may be read however many it has. */
static inline uint64_t
csv_first_eight(const char *value, size_t len)
{
	uint64_t word;

	memcpy(&word, value, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return len >= sizeof(word) ? word : word & ((UINT64_C(1) << (8 * len)) - 1);
}

/* Put a value that an action made at `to`, where 2 * len + 2 + CSV_SLACK bytes are free, in quotes where it wants them; returns where it ends. */
char *csv_put_made(const struct csv_table *t, char *to, const char *value, size_t len);

/*
 * csv_quasi.c: tables whose records are units of disclosure control. Nothing for others. Once columns are known, and before records come;
 * freed with csv_quasi_close.
 */
struct record_tuple;
int csv_quasi_open(struct csv_table *t, struct err *e) MUST_CHECK;
void csv_quasi_close(struct csv_table *t);
void csv_quasi_begin(struct csv_table *t);
/* The record is only counted, and its texts need not be looked at for that. */
bool csv_quasi_unread(const struct csv_table *t, const struct csv_record *record);
/*
 * The value of a column that is a part: what leaves of it at `to`, as csv_put_made, unless it is another set's; row is where the record begins. 1 with *to moved
 * on; 0 where the record must be held, *reason says why; -1.
 */
int csv_quasi_put(struct csv_table *t, const struct csv_column *column, const char *value, size_t len,
    const char *row, char **to, const char **reason, struct err *e) MUST_CHECK;
/* All columns are done, the record stands in [row, *to) without its line's end: it is changed to what may be shown. As above. */
int csv_quasi_end(struct csv_table *t, const char *row, char **to, struct buf *out, const char **reason,
    struct err *e) MUST_CHECK;
/* What disclosure control saw of the record that was made last; NULL where it does not look. */
const struct record_tuple *csv_quasi_tuple(const struct csv_table *t);

/*
 * Take the header row and append the one for the parts to out, with the columns that stand in this set. Returns 1; 0 where the file must be held,
 * *reason says why; -1 with e set. Freed with csv_table_free in every case.
 */
int csv_table_open(struct csv_table *table, const struct scrub *scrub, uint8_t set,
    const struct csv_scan *scan, const struct csv_record *header, struct buf *out, const char **reason,
    struct err *e) MUST_CHECK;
/*
 * Whether one of the record's quoted values is made of the end of one record, whole records and the beginning
 * of another: a quote that opens nothing ("12\" drain" as a field that begins with one) takes everything up to
 * the next one, names and numbers of other columns with it. csv_swallow.c
 */
bool csv_swallowed(
    const struct csv_table *table, const struct csv_scan *scan, const struct csv_record *record);
/* As action_apply for the typed actions (keep, year): does the value fit its column? True for all others. */
bool csv_value_fits(const struct csv_table *table, size_t column, const char *value, size_t len);
/*
 * Append the scrubbed record, its line end included, to out; nothing where the record is held or all columns
 * leave. Returns 1; 0 where the record must be held, *reason says why; CSV_DROPPED where it leaves with its subject, *reason
 * is then a word of the report's "subjects"; -1 with e set.
 */
#define CSV_DROPPED 2
int csv_table_record(struct csv_table *table, const struct csv_scan *scan, const struct csv_record *record,
    struct buf *out, struct text_finds *finds, const char **reason, struct err *e) MUST_CHECK;
/* Behind a record that was held: up to where it may have left bytes in out. */
size_t csv_table_touched(
    const struct csv_table *table, const struct csv_record *record, const struct buf *out);
void csv_table_free(struct csv_table *table);

#endif
