/* Inside stager-open: what it does on each message. */
#ifndef ROLES_OPEN_H
#define ROLES_OPEN_H

#include "stager/err.h"
#include "stager/wire.h"

/* Of a file: which descriptor of its message is what. */
enum { FILE_AT, KEYS_AT, PLAIN_AT, FDS };

/* --- open_sealed.c --- */

/*
 * WIRE_SEALED: a range of one of the house's own bodies. Each segment is hashed, compared with the sum that came along,
 * found in its place and authenticated before a byte of it goes out; ERR_FORGED where any of that fails.
 */
int open_sealed(struct wire_message *m, struct err *e) MUST_CHECK;

/* `stager-open digest`: CONTENT after CONTENT, until the supervisor is through. open_digest.c */
struct sums;
int open_digest(struct sums *sums, struct err *e) MUST_CHECK;

#endif
