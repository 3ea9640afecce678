/* Secret bytes: locked, checked, kept out of core dumps, wiped when freed. The only place where key bytes may
 * live. */
#ifndef STAGER_SECRET_H
#define STAGER_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret {
	uint8_t *bytes; /* len bytes in a locked page between guards; up to 64 bytes share such a page */
	size_t len;
};

/*
 * Start libsodium and prove that memory can be locked here. Call once, early. -1 with ERR_SYSTEM where it
 * cannot: sodium_malloc 1.0.18 does not say when mlock failed, so whatever it gives is locked again and checked.
 */
int secret_start(struct err *e) MUST_CHECK;

/*
 * len zero bytes; NULL with e set. Caller frees. Safe from several threads. Small ones cost no system call: they are
 * slots of a page that stays locked. A forked child's first call locks again.
 */
struct secret *secret_new(size_t len, struct err *e) MUST_CHECK;
/* len random bytes. */
struct secret *secret_random(size_t len, struct err *e) MUST_CHECK;
/* A copy. */
struct secret *secret_copy(const struct secret *s, struct err *e) MUST_CHECK;
/* Exactly len bytes from fd, straight into locked memory; more or fewer is ERR_INPUT. */
struct secret *secret_read(int fd, size_t len, const char *what, struct err *e) MUST_CHECK;
/* Wipes; takes NULL. */
void secret_free(struct secret *s);
/*
 * Zeroes the vector registers that a function may change (x86-64 with AVX and AVX-512, arm64). libc copies through them, and
 * the dynamic linker, a signal or a switch of threads saves them to memory that nobody wipes. For the end of a program's work.
 */
void secret_registers_wipe(void);
/* Zeroes 256 KiB of the stack below its caller: what functions that have returned left there. For the end of a program's work. */
void secret_stack_wipe(void);

#endif
