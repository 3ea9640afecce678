/* What disclosure control sees of one record: for readers of records and record_*.c. stager/scrub only. */
#ifndef SCRUB_RECORD_H
#define SCRUB_RECORD_H

#include "stager/anonymity.h"
#include "stager/buf.h"
#include "stager/policy.h"
#include "stager/records.h"
#include "stager/scrub.h"

#define RECORD_VALUE_MAX 256 /* bytes of one value as it leaves */
#define RECORD_PARTS_MAX (ANONYMITY_QUASI_MAX + ANONYMITY_SENSITIVE_MAX)
#define RECORD_HASH_LEN 16

/* How a value is written where that makes a difference: in tables all are texts. */
enum record_kind { RECORD_TEXT, RECORD_NUMBER, RECORD_NULL, RECORD_WORD };

struct record_value {
	bool there;
	enum record_kind kind;
	size_t len;
	char bytes[RECORD_VALUE_MAX];
};

/* The record in hand: what it shows of the quasi-identifiers, in the policy's order, and behind them of the columns under `l`. */
struct record_tuple {
	struct record_value parts[RECORD_PARTS_MAX];
	uint8_t hash[RECORD_HASH_LEN]; /* of the quasi-identifiers as they are */
	struct record_sum sum;         /* of this record alone */
	uint8_t decision;              /* as in anonymity.h: 0 where it is shown as it is */
};

/* Where disclosure control looks at the records of the rule in hand; NULL where it does not. */
struct records *record_use(const struct scrub *s);
/* It is the first pass: only what counts is made. */
bool record_counting(const struct records *r);
/*
 * Records of no more bytes than this pass whatever their texts are made into: a tag has at most 32 bytes, and stands for one at least. The first pass
 * does not look for anything in them.
 */
#define RECORD_UNREAD_MAX (256u << 10)
/* Which part of the tuple an action of the rule makes, from 1; 0: none. The last quasi-identifier's is quasi_count. */
size_t record_part(const struct scrub *s, const struct action *a);

/* A new record: nothing of it is there. */
void record_begin(struct record_tuple *t);
/* What leaves of a part, from 1. NULL, or the reason why the record must be held. */
const char *record_put(
    struct record_tuple *t, size_t part, enum record_kind kind, const void *value, size_t len);
/*
 * All parts are there: decide, and put in the place of each quasi-identifier what may be shown of it. NULL, or the reason
 * why the record must be held. In any thread.
 */
const char *record_decide(const struct scrub *s, struct record_tuple *t);
/* The record leaves: it counts. For one thread; where several scrub, theirs are summed first, and this takes the sum alone. */
int record_take(const struct scrub *s, const struct record_tuple *t, struct err *e) MUST_CHECK;
void record_take_sum(const struct scrub *s, const struct record_sum *sum);

/* What is shown at a step (from 1) of what is shown at the step before it, into out. record_widen.c. */
size_t record_widen(const struct disclosure *d, const struct rule *rule, size_t quasi, unsigned step,
    enum record_kind *kind, const void *value, size_t len, char out[static RECORD_VALUE_MAX]);
/* Steps of this quasi-identifier among the first `steps` of all. record_widen.c. */
unsigned record_steps_of(const struct disclosure *d, size_t quasi, unsigned steps);
unsigned record_steps(const struct disclosure *d);

/* The parts of struct records, for record_*.c. */
struct record_counts;
struct records {
	const struct policy *policy;
	const struct disclosure *rules;
	uint8_t key[16], sum_key[16]; /* of the hashes: nobody who makes data knows them */
	struct record_sum sum;
	struct record_counts *counts; /* first pass */
	/* second pass: the table */
	const uint8_t *data, *starts, *entries;
	size_t len;
	uint64_t tuples;
	unsigned bits;
};

/* record_count.c */
/* bytes_max: of what is kept of different combinations; RECORDS_BYTES_MAX but for tests. */
struct record_counts *record_counts_new(
    const struct policy *policy, size_t bytes_max, struct err *e) MUST_CHECK;
void record_counts_free(struct record_counts *c);
int record_count(struct record_counts *c, const struct record_tuple *t, struct err *e) MUST_CHECK;
/* Decide. Then, for each different tuple, its hash and decision: false behind the last. */
int record_counts_decide(struct record_counts *c, struct report *report, struct err *e) MUST_CHECK;
uint64_t record_counts_tuples(const struct record_counts *c);
uint8_t record_counts_decision(const struct record_counts *c, uint64_t tuple, const uint8_t **hash);

/* record_table.c */
int record_table_write(
    struct records *r, int fd, uint8_t digest[static DIGEST_LEN], struct err *e) MUST_CHECK;
int record_table_map(struct records *r, int fd, struct err *e) MUST_CHECK;
uint8_t record_table_find(const struct records *r, const uint8_t hash[static RECORD_HASH_LEN]);

#endif
