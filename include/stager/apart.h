/*
 * Memory that shares no cache line with anything else: for what one thread writes all the time while others use what malloc put
 * beside it. Two threads that write to one line wait for each other at every record. stager/base/apart.c.
 */
#ifndef STAGER_APART_H
#define STAGER_APART_H

#include <stddef.h>

#define APART_LINE 128 /* bytes: two lines of 64, which processors fetch in pairs */

/* As malloc and calloc; NULL without memory, or where count * len is past SIZE_MAX. Freed with free. */
void *apart_malloc(size_t len);
void *apart_calloc(size_t count, size_t len);

#endif
