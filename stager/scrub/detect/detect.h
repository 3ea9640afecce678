/* The detectors of free text, each a file: what they are given and what they say. Only for text.c and these.
 */
#ifndef STAGER_DETECT_H
#define STAGER_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/scrub.h"

/* The text being read, folded (fold.c): what detectors see is ASCII where it matters. */
struct text_in {
	const uint8_t *s;
	size_t len;
	size_t floor; /* nothing before this may become part of a find: it has been dealt with */
};

struct find {
	size_t start, end; /* in the folded text */
	enum text_kind kind;
	size_t extra;   /* for TEXT_EXTRA: which of the policy's */
	uint64_t value; /* the same for two spellings of one value; else different, but for chance */
};

/* What a byte is. */
enum {
	IS_DIGIT = 1,
	IS_LOWER = 2,
	IS_UPPER = 4,
	IS_LOCAL = 8, /* inside the local part of an address */
	IS_GAP = 16,  /* between the groups of a written number */
	IS_LETTER = IS_LOWER | IS_UPPER,
	IS_ALNUM = IS_DIGIT | IS_LETTER,
};
extern const uint8_t detect_class[256];

/* The byte at an index, and its class; 0 outside of the text. */
static inline uint8_t
text_at(const struct text_in *in, size_t at)
{
	return at < in->len ? in->s[at] : 0;
}

static inline unsigned
class_at(const struct text_in *in, size_t at)
{
	return at < in->len ? detect_class[in->s[at]] : 0;
}

/* The byte `back` before `at`, where it may still be read as context (so the floor does not matter); else 0.
 */
static inline uint8_t
text_before(const struct text_in *in, size_t at, size_t back)
{
	return at >= back ? in->s[at - back] : 0;
}

static inline unsigned
class_before(const struct text_in *in, size_t at, size_t back)
{
	return at >= back ? detect_class[in->s[at - back]] : 0;
}

/* A letter or digit stands at an index, or ends before it. Outside ASCII: U+00C0 to U+1FFF but for U+00D7 and
 * U+00F7; what lies beyond is taken for punctuation. */
bool word_at(const struct text_in *in, size_t at);
bool word_before(const struct text_in *in, size_t at);

/* A written number: groups of digits with one to three gap bytes (space, dash, dot, slash, parentheses)
 * between. */
#define DIGITS_MAX 20
#define GROUPS_MAX 12
struct digits {
	size_t count, groups;
	uint8_t digit[DIGITS_MAX];
	size_t after[DIGITS_MAX];   /* where the text goes on behind each digit */
	bool group_end[DIGITS_MAX]; /* no digit follows it directly */
	size_t at[GROUPS_MAX], len[GROUPS_MAX];
	size_t run_end; /* behind the first group, also where that is longer than DIGITS_MAX */
};
void digits_collect(const struct text_in *in, size_t at, struct digits *d);
/* The value of a group; it has at most 9 digits. */
unsigned digits_value(const struct text_in *in, const struct digits *d, size_t group);
/* The one byte between group and the next; 0 where there is no next, or more than one byte between. */
uint8_t digits_gap(const struct text_in *in, const struct digits *d, size_t group);

/* One of the words stands in the `reach` bytes before `at`, any case. Words in lower case; NULL ends the
 * list. */
bool text_keyword_before(const struct text_in *in, size_t at, size_t reach, const char *const *words);
/* For values that are no number. Lower-case letters count as their upper case; bytes of `skip` do not count.
 */
uint64_t text_value(const uint8_t *s, size_t len, const char *skip);

/*
 * The detectors that start at the first digit of a run. True with f filled where they find something that
 * holds or touches that digit.
 */
bool iban_find(const struct text_in *in, size_t at, struct find *f);
bool phone_find(const struct text_in *in, const struct digits *d, struct find *f);
/* keyword: set where one stands before it. any: without one too. */
bool bsn_find(const struct text_in *in, const struct digits *d, bool any, bool *keyword, struct find *f);
/* The 11-test: weights 9 to 2 and -1 over nine digits, or over eight with a zero before them; not all zero. */
bool bsn_eleven(const uint8_t *digit, size_t count);
bool postcode_find(const struct text_in *in, const struct digits *d, struct find *f);
/* whole: set where day, month and a year of four digits are there. */
bool date_find(const struct text_in *in, const struct digits *d, bool *whole, struct find *f);
/* All of these, and the choice among them. next: where to go on where there is none. */
bool number_find(const struct text_in *in, size_t at, bool bsn_any, struct find *f, size_t *next);

/* The next address that starts at or after `at`. */
bool email_next(const struct text_in *in, size_t at, struct find *f);

/*
 * Folding: typographic forms to the ASCII they stand for. One byte out for one character in, or none; the
 * rest unchanged. So the folded text is never longer.
 */
bool fold_needed(const uint8_t *s, size_t len);
/* out has room for len bytes; returns the folded length. */
size_t fold_text(const uint8_t *s, size_t len, uint8_t *out);
/* From folded to original offsets; targets must not go down. */
struct fold_cursor {
	const uint8_t *s;
	size_t len;
	size_t original, folded;
};
size_t fold_original(struct fold_cursor *c, size_t folded);

/* Which number a value has in this document: 1, 2, ... for each kind. */
struct tags {
	uint64_t *keys; /* owned; 0: free */
	uint32_t *numbers;
	size_t count, cap;
	uint32_t *next; /* by kind, then by extra */
	size_t kinds;
};
void tags_init(struct tags *t, size_t extras);
void tags_free(struct tags *t);
int tags_number(struct tags *t, const struct find *f, uint32_t *number, struct err *e) MUST_CHECK;

#endif
