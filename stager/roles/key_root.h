/* Inside stager-key: the purpose `root`, which keeps the root secret for one command of the supervisor's. */
#ifndef ROLES_KEY_ROOT_H
#define ROLES_KEY_ROOT_H

#include <stddef.h>

#include "stager/err.h"

struct secret;

/* The whole program of `stager-key root FROM`: 0, or -1 with e set. */
int key_root(int argc, char **argv, struct err *e) MUST_CHECK;

/* --- key_tty.c --- */

enum passphrase_from {
	PASSPHRASE_LINE,     /* a line of any descriptor */
	PASSPHRASE_TERMINAL, /* asked for, not shown */
	PASSPHRASE_NEW,      /* asked for twice */
};
/* *len bytes of it, without the newline. ERR_REFUSED where the person gives up. Caller frees. */
struct secret *passphrase_read(int fd, enum passphrase_from from, size_t *len, struct err *e) MUST_CHECK;

#endif
