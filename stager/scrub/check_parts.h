/* What the files of the second scan share: matching over plain bytes, and the forms that bytes come in. */
#ifndef SCRUB_CHECK_PARTS_H
#define SCRUB_CHECK_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

enum {
	CHECK_IBAN = 1,
	CHECK_EMAIL = 2,
	CHECK_BSN = 4,
	CHECK_PHONE = 8,
	CHECK_ALL = 15,
};

/* Bytes to match in. */
struct check_text {
	const uint8_t *s;
	size_t len;
	uint8_t quote; /* the sign that may stand around the front of an address: "jan jansen"@example.org */
	/*
	 * Does what begins at from, or the keyword there, belong to what stands in [at, to)? NULL: always. Within
	 * one call of check_match `at` never goes back.
	 */
	bool (*related)(void *ctx, const uint8_t *s, size_t from, size_t at, size_t to);
	void *ctx;
};

/* check_match.c: the numbers (what: CHECK_IBAN, CHECK_BSN, CHECK_PHONE). The reason, or NULL. */
const char *check_numbers(const struct check_text *t, unsigned what);
/* check_apart.c: a word for citizen service numbers, and one behind it with any signs between its figures. */
bool check_bsn_apart(const struct check_text *t);
/* check_match.c: e-mail addresses. */
const char *check_emails(const struct check_text *t);
/* Nine digits, or eight with a zero before them, that pass the 11-test and are not all zero. */
bool check_eleven(const uint8_t *digit, size_t count);
/* From where the keyword begins to the number; the scrubber's own reach is a little longer. */
#define CHECK_KEYWORD_REACH 43
/* A word for citizen service numbers at s[at]? Our own tag [BSN-1] is none, and nor are Sofia and Sofie. */
bool check_keyword_at(const uint8_t *s, size_t len, size_t at);
/* Does a word for citizen service numbers stand in s? */
bool check_keyword(const uint8_t *s, size_t len);
/* check_iban.c: where the account number that begins at `at` (its two letters) ends; 0: it is none. */
size_t check_iban(const uint8_t *s, size_t len, size_t at);
/* The bytes of one character that may stand between groups of digits: space, dash, dot and their kin; 0:
 * none. */
size_t check_gap(const uint8_t *s, size_t len, size_t at);

/*
 * The text as it looks to who reads it: 1 with *out and its length (at most len), 0 where it looks as it is written, -1. *out is
 * NULL or is wiped and freed by the caller. check_seen.c.
 * lines: a word that is cut at a line's end goes on on the next (a table's lines are its records).
 */
int check_seen(
    const uint8_t *s, size_t len, bool lines, uint8_t **out, size_t *out_len, struct err *e) MUST_CHECK;

/* All of it, and what it holds encoded. check.c: 0, 1 with the reason, -1. */
int check_plain(const struct check_text *t, const char **reason, struct err *e) MUST_CHECK;
/* What it holds encoded alone. check_encoded.c. */
int check_encoded(const uint8_t *s, size_t len, const char **reason, struct err *e) MUST_CHECK;
/* Each thing that it holds encoded to `look`, which says the reason to withhold it or NULL: also a single word's worth of base64. */
int check_encoded_each(const uint8_t *s, size_t len,
    const char *(*look)(void *ctx, const uint8_t *s, size_t len), void *ctx, const char **reason,
    struct err *e) MUST_CHECK;
/* check_csv.c, check_json.c, check_xml.c: 0, 1 with the reason, -1. */
int check_csv(const uint8_t *data, size_t len, const char **reason, struct err *e) MUST_CHECK;
int check_json(const uint8_t *data, size_t len, const char **reason, struct err *e) MUST_CHECK;
int check_xml(const uint8_t *data, size_t len, const char **reason, struct err *e) MUST_CHECK;

/* What an XML document says, twice: with its tags and their attributes, and its text alone. check_xml.c. */
struct check_views {
	uint8_t *tagged, *joined;
	size_t tagged_len, joined_len;
};
/* Room for a document of len bytes; to be freed also where there is none. */
int check_views_new(struct check_views *v, size_t len, struct err *e) MUST_CHECK;
void check_views_free(struct check_views *v); /* wipes */
/* False where it cannot be read to its end. */
bool check_xml_views(const uint8_t *data, size_t len, struct check_views *v);

static inline bool
check_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool
check_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* All of JSON's escapes undone into out, of len + CHECK_UNESCAPE_SLACK bytes; it never gets longer, but a character may take
 * four bytes on its way. false where a backslash begins none. */
#define CHECK_UNESCAPE_SLACK 4
bool check_unescape(const uint8_t *s, size_t len, uint8_t *out, size_t *out_len);

/* Each field of a table but its header's, without quotes around it; column: a number of its own, even, not 0. */
void check_csv_each(const uint8_t *data, size_t len,
    void (*each)(void *ctx, uint64_t column, const uint8_t *value, size_t len), void *ctx);

#endif
