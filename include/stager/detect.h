/*
 * Detectors of free text: what in it says who, where and when.
 *
 * One function gives the finds of a text as spans. What becomes of them is the caller's: text_clean (scrub.h) puts
 * tags, a bench counts. Each rule has a name and a score; checksums and the words around decide (DESIGN.md,
 * "Detectors").
 */
#ifndef STAGER_DETECT_H
#define STAGER_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct guess_tap;
struct text_rules;

/* What a span is; span_kind says to which of the nine kinds it belongs. */
enum span_type {
	SPAN_PERSON,
	SPAN_ADDRESS, /* street and number, or a box */
	SPAN_POSTCODE,
	SPAN_PLACE,
	SPAN_INSTITUTION,
	SPAN_DATE,
	SPAN_AGE,
	SPAN_PHONE,
	SPAN_EMAIL,
	SPAN_URL,
	SPAN_BSN,
	SPAN_RSIN,
	SPAN_EDUCATION, /* onderwijsnummer */
	SPAN_VAT,
	SPAN_BRIN,
	SPAN_IBAN,
	SPAN_PLATE,
	SPAN_DOCUMENT, /* passport, identity card, driving licence, residence */
	SPAN_AGB,
	SPAN_BIG,
	SPAN_KVK,
	SPAN_VNUMBER,
	SPAN_PATIENT, /* patient, dossier, ZIS, MRN */
	SPAN_NUMBER,  /* another one that a keyword makes somebody's */
	SPAN_IP,
	SPAN_MAC,
	SPAN_CARD,
	SPAN_KNOWN, /* of the subject: by the caller alone, no detector gives it */
	SPAN_EXTRA, /* of the policy's patterns */
	SPAN_TYPES,
};

/* One of "person", "location", "institution", "date", "age", "phone", "email", "url", "id". */
const char *span_kind(enum span_type type);
/* The word under which reports count it: "bsn", "postcode", ... */
const char *span_word(enum span_type type);
/* What stands in a tag: "BSN", "POSTCODE", ... For SPAN_EXTRA the policy has its own. */
const char *span_tag(enum span_type type);

/* A part of a date, from the span's start, in the folded text (fold.c); len 0: it is not there. */
struct span_part {
	uint8_t at, len;
};

/* A date as far as it is given; 0: not given. */
struct span_date {
	uint16_t year;
	uint8_t month, day;
	struct span_part year_at, month_at, day_at, weekday_at;
};

struct span {
	size_t start, end; /* bytes of the text as it was given; on code points where that is UTF-8 */
	enum span_type type;
	uint8_t score;    /* 0 to 100: how sure */
	const char *rule; /* static: "bsn/keyword" */
	size_t extra;     /* SPAN_EXTRA: which of the policy's */
	uint64_t value; /* the same for two spellings of one value; different values differ, but for chance */
	unsigned age;   /* SPAN_AGE: in years */
	struct span_date date; /* SPAN_DATE */
};

struct spans {
	struct span *items; /* owned */
	size_t count, cap;
};

/* Starts empty: {0}. Frees the memory; the array may be used again. */
void spans_free(struct spans *s);

/*
 * Names and words of an institution's own, for text_rules. items: UTF-8, copied; letters in either case, and a space, a
 * dash and a line's end count as the same in the text. NULL with e set. Caller frees.
 */
struct phrases;
struct phrases *phrases_new(char **items, size_t count, struct err *e) MUST_CHECK;
void phrases_free(struct phrases *p);

/* What the detectors are told beside the text. */
struct detect_with {
	const struct text_rules *rules;
	const struct guess_tap *tap; /* for training (detect/guess.h); else NULL */
};

/*
 * The spans of one text: sorted by start, not overlapping, none empty. Any bytes will do; in what is not UTF-8 a
 * byte stands for itself.
 *
 * text       len bytes, at most DETECT_LEN_MAX; it may hold NULs
 * out        receives the spans; what it held is gone, its memory is used again
 *
 * Linear in len, whatever the text. Returns 0, or -1 with e set: ERR_LIMIT past DETECT_LEN_MAX, ERR_SYSTEM without
 * memory. Several threads may call it, each with rules of its own (patterns remember what they met).
 */
#define DETECT_LEN_MAX (UINT32_C(1) << 30)
int detect_text(const struct detect_with *with, const char *text, size_t len, struct spans *out,
    struct err *e) MUST_CHECK;

/*
 * Append a date, `days` later (or earlier, where negative), as it was written: order, gaps, zeros, the month's name
 * in its language and case, the time behind it. text is what detect_text was given. 1 where it was written; 0, with
 * out unchanged, where the span is no whole date (day, month and year), or names a day of the week and days is not
 * whole weeks; -1 with e set. Two figures of a year stay two.
 */
#define DATE_SHIFT_MAX 36500
struct buf;
int span_date_shift(
    const struct span *s, const char *text, long days, struct buf *out, struct err *e) MUST_CHECK;

#endif
