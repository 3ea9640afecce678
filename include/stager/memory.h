/* How much memory there is to be had, and giving it back empty. stager/base/memory.c. */
#ifndef STAGER_MEMORY_H
#define STAGER_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that this process and its children may still have: the machine's, or what its cgroups (v2) leave. 0 where that cannot be read. */
uint64_t memory_available(void);
/* Overwrites len bytes and frees them; takes NULL. */
void memory_wipe_free(void *data, size_t len);

#endif
