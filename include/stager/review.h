/*
 * What a steward looks at before a version is accepted: which members are drawn, and how one is put on a screen. All of
 * it runs in stager-review, confined, without a key. stager/review/.
 */
#ifndef STAGER_REVIEW_H
#define STAGER_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

struct json;

/* Members by what a person can make of them; the others (tables, what passed unread) are in no sample. */
enum review_stratum { REVIEW_LETTERS, REVIEW_SCANS, REVIEW_OTHERS };
#define REVIEW_STRATA 2 /* that are drawn from */
/* "letters", "scans" */
extern const char *const review_strata[REVIEW_STRATA];
/* By the extension of a member's name. */
enum review_stratum review_stratum_of(const char *extension);

#define REVIEW_DRAW_MAX 10000 /* members of one stratum */
#define REVIEW_KEY_LEN 32
#define REVIEW_SHOW_MAX (1u << 20)  /* bytes of a letter that are shown */
#define REVIEW_SCAN_MAX (16u << 20) /* bytes of a scan that are read, up to its pixels */

/*
 * Draw from a sealed set's index, which comes from fd behind the 32 bytes that the sample is drawn by. A member's rank is
 * HMAC-SHA-256(those bytes, its number as u64 BE); the lowest are drawn, so that a larger sample begins with the smaller one.
 *
 * bytes    of the index; shards: of the set
 * want     how many of each stratum
 * out      {"others": n,"letters","scans": {"population": n,"members": [[number, shard, offset, size, extension]]}}, lowest rank
 *          first. A member's number is its line in the index, from 1. Caller frees.
 *
 * ERR_FORGED where the index is not of its form.
 */
int review_draw(int fd, uint64_t bytes, uint64_t shards, const uint64_t want[static REVIEW_STRATA],
    struct json **out, struct err *e) MUST_CHECK;

/* Lines for a screen, in UTF-8 without any control character but their newlines. */
struct review_text {
	struct buf text; /* wiped */
	size_t columns;  /* longer lines are broken; 0: never */
	size_t column;   /* of the line in the making */
	size_t lines;    /* whole ones */
	size_t indent;   /* of every new line */
};
void review_text_init(struct review_text *t, size_t columns);
void review_text_free(struct review_text *t);
/*
 * One character. What could move a cursor, change a colour, or hide or turn other text (controls, C1, directions, joiners,
 * tags, private use) is written as <1B>, <U+202E>; a newline and a tab are what they are.
 */
int review_put(struct review_text *t, uint32_t code, struct err *e) MUST_CHECK;
int review_puts(struct review_text *t, const char *ascii, struct err *e) MUST_CHECK;
/* Ends the line that was begun, if one was. */
int review_end_line(struct review_text *t, struct err *e) MUST_CHECK;
/* Lines [from, from + count), as they stand in t; *len bytes. NULL past the end. */
const uint8_t *review_lines(const struct review_text *t, size_t from, size_t count, size_t *len);

/*
 * A member, by its extension: text in whatever encoding it is, JSON with its strings unfolded, DICOM as a list of
 * its attributes up to the pixels. data: its first len bytes of size. Never fails for what the data are: what cannot be
 * followed is said, and shown as bytes.
 */
int review_render(struct review_text *t, const char *extension, const uint8_t *data, size_t len,
    uint64_t size, struct err *e) MUST_CHECK;

/*
 * The exact upper bound, at 95% and on one side, of the share of which `found` of `reviewed` is a sample (Clopper and
 * Pearson 1934): the p at which `found` or fewer come with a chance of 5%. In parts of a million, upwards. 0 of n: some 3/n.
 */
int64_t review_bound_ppm(int64_t found, int64_t reviewed);

#endif
