/* Counting classes exactly in bounded memory: of a range of hashes that shrinks when the table is full. */
#ifndef SCRUB_ANONYMITY_CLASSES_H
#define SCRUB_ANONYMITY_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct anonymity;

/*
 * Keys whose hash is in [low, high] are counted, all others are passed over. Where the table is full, high
 * comes down and what is above it is forgotten: the counts of what remains stay exact, since a key is in
 * the range for all of a reading or for none of it. The next reading begins above high.
 */
struct classes {
	uint64_t *keys;
	uint32_t *counts; /* 0: the place is free */
	uint32_t
	    *values;   /* per place the first l values of each sensitive attribute, 0 where there are fewer */
	size_t places; /* a power of two */
	size_t used;
	size_t value_count; /* a place's in values */
	uint64_t seed[2];   /* nobody who makes data knows it, so nobody makes keys that collide */
	uint64_t low, high;
	size_t sensitive_count;
	uint32_t l[4];
};

/* rows: no more classes than this can come. memory: bytes. Free with classes_free also where it fails. */
int classes_open(struct classes *c, const struct anonymity *a, uint64_t rows, struct err *e) MUST_CHECK;
/* Wipes. */
void classes_free(struct classes *c);

/* Begin at the lowest hashes. */
void classes_first(struct classes *c);
/* Go on above; false where no hashes are left. */
bool classes_more(struct classes *c);

/* Count so many rows with these sensitive values. */
void classes_add(struct classes *c, uint64_t key, const uint32_t *sensitive, uint32_t rows);
/* The place of a key; SIZE_MAX where it is not in the range. */
size_t classes_find(const struct classes *c, uint64_t key);
/* Does the class have k rows and l values of each sensitive attribute? */
bool classes_pass(const struct classes *c, size_t place, uint32_t k);

#endif
