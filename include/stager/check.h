/*
 * The second scan: what stager-check looks for in a member that has been scrubbed, before it may leave.
 * stager/scrub/check*.c.
 *
 * It shares no matching with the scrubber (stager/scrub/detect, format): a fault there must not be repeated
 * here. It looks for less, and for what cannot be doubted: one find withholds the whole member.
 */
#ifndef STAGER_CHECK_H
#define STAGER_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/context.h"
#include "stager/entry.h"
#include "stager/err.h"

/* Of a DICOM member so much is walked in memory; what is longer may go on with pixel data only. */
#define CHECK_DICOM_HEAD_MAX ENTRY_BUFFERED_MAX

/*
 * Scan a whole member of at most ENTRY_BUFFERED_MAX bytes.
 *
 * Returns 0 where nothing was found; 1 where the member must not leave, *reason then being a word for
 * report_hold; -1 with ERR_SYSTEM without memory. RESCAN_NONE is always 0. Memory: at most len bytes, wiped.
 *
 * TEXT, CSV, JSONL: account numbers (IBAN), e-mail addresses, citizen service numbers and Dutch mobile
 * telephone numbers. DICOM: see check_dicom_head.
 */
int check_member(
    enum rescan rescan, const uint8_t *data, size_t len, const char **reason, struct err *e) MUST_CHECK;

/*
 * What the subject table says of a member's subjects: names, numbers, addresses (context.h), which may stand in nothing that leaves about them.
 * check_known.c. The subjects of a member are the one that it stands under and, of a table or records, of each record those whose
 * pseudonyms are values of it.
 *
 * In free text (text, a value of eight words or more) one name of four letters or more with a capital, a number of five figures or
 * letters or more, or an address is a find; in a shorter value a number of seven or more, and in a record two different names of its subjects.
 */
struct check_known;
struct check_known *check_known_new(
    struct context *context);                 /* borrowed; NULL without memory. Caller frees */
void check_known_free(struct check_known *k); /* wipes; takes NULL */
/*
 * As check_member, of a member that passed it, in UTF-8; of DICOM the head as far as check_dicom_head walked it. subject: a
 * pseudonym, or "x". k NULL: there is no table. The reason is "check-known".
 */
int check_known_member(struct check_known *k, enum rescan rescan, const char *subject, const uint8_t *data,
    size_t len, const char **reason, struct err *e) MUST_CHECK;

/*
 * The text of a member in another encoding (an entry's `encoding`), as UTF-8 for check_member: at most max bytes to
 * out, their count to *out_len (also on failure: what is there is to be wiped). False where it cannot be read.
 */
bool check_decode(
    uint8_t encoding, const uint8_t *s, size_t len, uint8_t *out, size_t max, size_t *out_len) MUST_CHECK;

/* What follows the head of a DICOM member: nothing but pixel data, up to the last byte. */
struct check_tail {
	uint64_t plain; /* bytes of defined length that are due */
	bool fragments; /* or items, up to a sequence delimiter */
	bool delimited; /* which has been met */
	bool broken;
	uint8_t mark[8]; /* an item's head, as far as it has come */
	size_t mark_len;
};

/*
 * Walk the front of a DICOM member: data[0..len), of size bytes in all; len is size, or
 * CHECK_DICOM_HEAD_MAX where size is more. Everything up to the pixel data must stand in it.
 *
 * Returns 0, with *used bytes walked and *tail set for the bytes from there on; 1 with *reason where the
 * member must not leave: it cannot be followed ("check-dicom"), holds private elements ("check-private-tag")
 * or an identifying one with a value ("check-dicom-tag"), or its text holds an address or an account.
 */
int check_dicom_head(const uint8_t *data, size_t len, uint64_t size, size_t *used, struct check_tail *tail,
    const char **reason) MUST_CHECK;
/* The next bytes, in order. False once they cannot be pixel data any more. */
bool check_tail_feed(struct check_tail *tail, const uint8_t *data, size_t len) MUST_CHECK;
/* All bytes of the member were given: did the pixel data end with them? */
bool check_tail_end(const struct check_tail *tail) MUST_CHECK;

/*
 * Whether a planted value is still in a member: by its letters and digits alone, whatever stands between them; json: its escapes
 * are undone, too. value: letters and digits, small. 1 where it is, 0, -1 with ERR_SYSTEM without memory.
 */
int check_canary(const uint8_t *data, size_t len, bool json, const char *value, struct err *e) MUST_CHECK;

/*
 * Columns and keys of one source file whose numbers of nine digits pass the 11-test of citizen service numbers more often than
 * chance lets them: of any one number nothing can be said, of many it can. check_share.c
 *
 * One in eleven passes by chance. Of a column's different numbers, 4,096 at a time, so many pass that chance would do it at most
 * once in 10^9 (Chernoff's bound on the binomial tail): nine of nine, 33 of 100, 155 of 1000. Of one file some 4,096 columns or
 * keys are looked at.
 */
struct check_share;
struct check_share *check_share_new(void);    /* NULL without memory; 9 MiB. Caller frees */
void check_share_free(struct check_share *s); /* wipes; takes NULL */
/* One member that leaves: CSV or JSONL, any other counts for nothing. */
void check_share_member(struct check_share *s, enum rescan rescan, const uint8_t *data, size_t len);
/* The file is over: how many of its columns or keys are alarming. Begins anew. */
uint64_t check_share_end(struct check_share *s);
/* So many of so many (at most 4,096) are no chance. */
bool check_share_unlikely(uint32_t pass, uint32_t numbers);

#endif
