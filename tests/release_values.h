/* The keys and digests that vectors/release/make.py wrote down beside its documents. */
#ifndef TESTS_RELEASE_VALUES_H
#define TESTS_RELEASE_VALUES_H

#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "stager/enc.h"
#include "stager/secret.h"
#include "stager/sign.h"

/* A value of vectors/release/values.txt. */
static inline void
release_value(const char *name, uint8_t out[static 32])
{
	struct buf text = mutate_vector("release/values.txt");
	struct err err;
	const char *all = buf_cstr(&text, &err), *at;
	char key[64], hex[65];

	(void)snprintf(key, sizeof(key), "\n%s ", name);
	at = strncmp(all, key + 1, strlen(key + 1)) == 0 ? all : strstr(all, key);
	if (at == NULL)
		abort();
	memcpy(hex, strchr(at + 1, ' ') + 1, 64);
	hex[64] = '\0';
	if (hex_decode(hex, out, 32, name, &err) == -1)
		abort();
	buf_free(&text);
}

static inline struct secret *
release_seed(const char *name)
{
	struct err err;
	struct secret *s = secret_new(SIGN_SEED_LEN, &err);

	if (s == NULL)
		abort();
	release_value(name, s->bytes);
	return s;
}

#endif
