/* Between suggest.c (files), suggest_read.c (formats), suggest_field.c (one column or path) and suggest_write.c (the draft). */
#ifndef STAGER_SCRUB_SUGGEST_H
#define STAGER_SCRUB_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/detect.h"
#include "stager/err.h"
#include "stager/policy.h"

#define SUGGEST_FIELDS_MAX 4096 /* columns or paths of one file */
#define SKETCH_LEN 256
#define SUGGEST_ORDERS 3 /* enum date_order */

/* One column or path: counts, and a sketch of how many different values (HyperLogLog, Flajolet et al. 2007). */
struct profile {
	char *name;
	uint64_t values, empty, whole, decimal, dates, words, sentences;
	uint64_t eleven;                 /* of nine digits that pass the 11-test */
	uint64_t orders[SUGGEST_ORDERS]; /* dates when they are read in this order */
	uint64_t hits[SPAN_TYPES];       /* values with such a find */
	size_t longest;
	uint8_t sketch[SKETCH_LEN];
};

/* Files that look alike: one rule. */
struct shape {
	char *name;   /* of the first */
	char *folder; /* with its '/', or "" */
	char *end;    /* ".csv", or "" */
	enum format format;
	const char *why; /* not read: why not, in words; then no rule is made */
	char delimiter, decimal;
	uint64_t files, records;
	bool cut; /* more stood in a file than was looked at */
	struct profile *fields;
	size_t count, cap;
	char modality[8][17];
	size_t modalities;
	struct profile named; /* what the files' names begin with: a run of letters and figures */
	char
	    behind; /* the character behind that; '\0': the end follows, '/': one in this file, another in that */
};

struct suggest {
	struct shape *shapes;
	size_t count, cap;
	uint64_t files;
	struct text_rules rules;
	struct spans spans;
	struct buf text; /* a name and a value, as the detectors are shown them */
};

/* The reason of suggest_read where bytes are no UTF-8. */
extern const char suggest_no_text[];
/* The format of these bytes by what they are and how they are called, and all that is counted of them, into shape. */
int suggest_read(
    struct suggest *s, struct shape *shape, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;
/* The field of that name, made where there is none; NULL with e set past SUGGEST_FIELDS_MAX (ERR_LIMIT) or without memory. */
struct profile *suggest_field(struct shape *shape, const char *name, size_t len, struct err *e);
/* One value of it. */
int suggest_value(
    struct suggest *s, struct profile *p, const void *value, size_t len, struct err *e) MUST_CHECK;
/* The same without dates and what the detectors find. */
void suggest_count(struct profile *p, const void *value, size_t len);
/* The order that most of its dates have; -1 where it has no dates, or in no order that a policy reads. */
int suggest_order(const struct profile *p);
/* What is to be done with it, and the comment after it: `first` is the order that the draft reads days and months in. */
const char *suggest_action(const struct profile *p);
int suggest_comment(
    const struct profile *p, enum date_order first, struct buf *out, struct err *e) MUST_CHECK;
/* What makes a quasi-identifier (an age, a postcode, an income, a weight) less exact; NULL where it is none by its name and its values. */
const char *suggest_coarse(const struct profile *p);
/* About how many different values: within some 7%. */
uint64_t suggest_different(const struct profile *p);
/* The letters of a column's name, or of a path's last step, in lower case. */
void suggest_letters(const struct profile *p, char out[static 40]);
/* The same, and '-' for each letter of words like opname, in which there is no name. */
void suggest_words(const struct profile *p, char out[static 40]);
/* Does its name say that it is a person's number, of no other use? */
bool suggest_is_key(const struct profile *p);
/* Append in single quotes, as YAML has them. */
int suggest_quoted(struct buf *out, const char *text, struct err *e) MUST_CHECK;

/* What takes these files, and no others of the draft: the name of one, FOLDER*END of several. Caller frees; NULL without memory. suggest_write.c */
char *suggest_glob(const struct shape *shape);

/* suggest_subject.c: the table that seems to have one row a person, and its key; NULL where there is none. */
const struct shape *suggest_table(const struct suggest *s, const struct profile **key);
/* The field of these records by which they seem to be about people of that table; NULL where none does. */
const struct profile *suggest_link(const struct shape *shape, const struct profile *key);
/* The same of the names of these files. */
bool suggest_named(const struct shape *shape, const struct profile *key);
/* The part `subject`, every line of it a comment; first as in suggest_comment. */
int suggest_subject(
    const struct suggest *s, enum date_order first, struct buf *out, struct err *e) MUST_CHECK;

/* Whether a line of the draft can show it: UTF-8, and nothing that YAML or a terminal would obey. */
bool suggest_printable(const char *text, size_t len);
/* Whether a name is one that people gave to a column, and no value: no digits in a row, nothing that the detectors find. */
bool suggest_name_ok(struct suggest *s, const char *name, size_t len);

#endif
