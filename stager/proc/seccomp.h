/* The system call filter, between sandbox.c and seccomp.c. */
#ifndef STAGER_PROC_SECCOMP_H
#define STAGER_PROC_SECCOMP_H

#include "stager/err.h"

/* Install the filter for these allowances (enum sandbox_allow). no_new_privs must be set already. */
int seccomp_install(unsigned allow, struct err *e) MUST_CHECK;

#endif
