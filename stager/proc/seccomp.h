/* The system call filter, between sandbox.c and seccomp.c. */
#ifndef STAGER_PROC_SECCOMP_H
#define STAGER_PROC_SECCOMP_H

#include "stager/err.h"

struct sandbox;

/* Install the filter for these allowances. no_new_privs must be set already. */
int seccomp_install(const struct sandbox *s, struct err *e) MUST_CHECK;

#endif
