/*
 * Values to codes: 0, 1, 2, ... in the order in which they come. What is kept is a keyed hash of 128 bits of each, so memory does
 * not hang on how long they are, and nobody who makes data can make them meet. stager/scrub only.
 */
#ifndef SCRUB_DICTIONARY_H
#define SCRUB_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

#define DICTIONARY_KEY_LEN 32
#define DICTIONARY_MAX 20000000

struct dictionary_entry {
	uint8_t hash[16];
	uint32_t code; /* + 1; 0: nothing here */
};

/* Begins as zeros. */
struct dictionary {
	struct dictionary_entry *entries;
	size_t places; /* a power of two */
	uint32_t count;
	uint8_t key[DICTIONARY_KEY_LEN];
};

/* The code of a value in one of several kinds of values, which share no codes. ERR_LIMIT past DICTIONARY_MAX. */
int dictionary_code(struct dictionary *d, uint8_t kind, const void *value, size_t len, uint32_t *code,
    struct err *e) MUST_CHECK;
/* The same, but that spaces at its ends and the case of its ASCII letters make no other value of it. */
int dictionary_code_folded(struct dictionary *d, uint8_t kind, const void *value, size_t len, uint32_t *code,
    struct err *e) MUST_CHECK;
void dictionary_free(struct dictionary *d);

#endif
