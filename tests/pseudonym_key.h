/* A pseudonym key for tests and fuzzers: 32 times the same byte. */
#ifndef PSEUDONYM_KEY_H
#define PSEUDONYM_KEY_H

#include <string.h>

#include "stager/scrub.h"
#include "stager/secret.h"

/* After secret_start. NULL with e set; the caller frees. */
static inline struct pseudonym_key *
pseudonym_key_of(uint8_t byte, struct err *e)
{
	struct secret *subkey = secret_new(32, e);
	struct pseudonym_key *key = NULL;

	if (subkey != NULL) {
		memset(subkey->bytes, byte, subkey->len);
		key = pseudonym_key_new(subkey, e);
	}
	secret_free(subkey);
	return key;
}

#endif
