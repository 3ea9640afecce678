/* How much memory there is to be had. stager/base/memory.c. */
#ifndef STAGER_MEMORY_H
#define STAGER_MEMORY_H

#include <stdint.h>

/* Bytes that this process and its children may still have: the machine's, or what its cgroups (v2) leave. 0 where that cannot be read. */
uint64_t memory_available(void);

#endif
