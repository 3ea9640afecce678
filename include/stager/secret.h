/* Secret bytes: locked, checked, kept out of core dumps, wiped when freed. The only place where key bytes may
 * live. */
#ifndef STAGER_SECRET_H
#define STAGER_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret {
	uint8_t *bytes; /* len bytes between guard pages */
	size_t len;
};

/*
 * Start libsodium and prove that memory can be locked here. Call once, early. -1 with ERR_SYSTEM where it
 * cannot: sodium_malloc 1.0.18 does not say when mlock failed, so every secret_new locks again and checks.
 */
int secret_start(struct err *e) MUST_CHECK;

/* len zero bytes; NULL with e set. Caller frees. */
struct secret *secret_new(size_t len, struct err *e) MUST_CHECK;
/* len random bytes. */
struct secret *secret_random(size_t len, struct err *e) MUST_CHECK;
/* A copy. */
struct secret *secret_copy(const struct secret *s, struct err *e) MUST_CHECK;
/* Exactly len bytes from fd, straight into locked memory; more or fewer is ERR_INPUT. */
struct secret *secret_read(int fd, size_t len, const char *what, struct err *e) MUST_CHECK;
/* Wipes; takes NULL. */
void secret_free(struct secret *s);

#endif
