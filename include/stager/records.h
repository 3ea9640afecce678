/*
 * Disclosure control over records: each record of one rule is a unit, and nobody may stand alone by what leaves of a record's
 * quasi-identifiers (`disclosure: unit: record`; anonymity.h says what is done). stager/scrub/record_*.c.
 *
 * The first pass scrubs that rule's files as the second will, but for free text, throws away what it makes, and counts what the
 * quasi-identifiers show: so what is held counts for nobody. It decides for each combination that it met whether it is shown as
 * it is, wider, or blank, and writes those that are not shown as they are into a table, which is sealed as a context is. The
 * second pass looks each record up in it. Both add up a keyed hash of every record that passed: sums that differ mean that what
 * left was not what was counted.
 *
 * Memory of the first pass: what it keeps of each different combination, at most RECORDS_BYTES_MAX; a byte more for each decision;
 * and what struct anonymity is given. Records are not kept.
 */
#ifndef STAGER_RECORDS_H
#define STAGER_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/digest.h"
#include "stager/err.h"

#define RECORDS_BYTES_MAX ((size_t)512 << 20)
#define RECORDS_SUM_LEN 16

struct policy;
struct records;
struct report;
struct scrub;
struct source;

/* Records that passed, and the sum of their hashes: in any order the same. */
struct record_sum {
	uint64_t count;
	uint64_t low, high; /* of 128 bits, modulo 2^128 */
};
void record_sum_add(struct record_sum *to, const struct record_sum *more);
bool record_sum_same(const struct record_sum *a, const struct record_sum *b);
/* But for the count. */
void record_sum_encode(const struct record_sum *sum, uint8_t out[static RECORDS_SUM_LEN]);
void record_sum_decode(struct record_sum *sum, const uint8_t in[static RECORDS_SUM_LEN]);

/* The first pass. policy has `disclosure` with a rule, and outlives it. NULL with e set. Caller frees. */
struct records *records_new(const struct policy *policy, struct err *e) MUST_CHECK;
/*
 * One file of the dataset: read, where it is that rule's, with scrub, whose records these are and whose writer is one to nowhere; else passed over
 * unread. A file that is held after some of its records have passed is ERR_INPUT: what would leave of it cannot be counted.
 */
int records_file(const struct scrub *scrub, struct source *in, struct err *e) MUST_CHECK;
/*
 * After the last file: decide, tell it in report, and write the table into fd, an empty memfd. digest: SHA-256 of all its
 * bytes. ERR_LIMIT past what can be counted.
 */
int records_finish(struct records *r, int fd, struct report *report, uint8_t digest[static DIGEST_LEN],
    struct err *e) MUST_CHECK;

/* The second pass: map a table. NULL with ERR_INPUT where it is none. fd may be closed afterwards. */
struct records *records_open(const struct policy *policy, int fd, struct err *e) MUST_CHECK;
/* SHA-256 of all its bytes. */
void records_digest(const struct records *r, uint8_t digest[static DIGEST_LEN]);

/* Of either pass: what passed so far. */
const struct record_sum *records_sum(const struct records *r);
void records_free(struct records *r);

#endif
