/* Between doctor.c and doctor_around.c. */
#ifndef NODE_DOCTOR_H
#define NODE_DOCTOR_H

#include "stager/doctor.h"

#define DOCTOR_BYTES_LEN 32
/* "64 MiB"; returns out. */
const char *doctor_bytes(uint64_t bytes, char out[static DOCTOR_BYTES_LEN]);
/* Core dumps, swap, hibernation, and who sees our processes. */
void doctor_look_around(struct doctor *d);
/* What cores do, by the core_pattern; *kept: the kernel may write one, or give it to a program. */
const char *doctor_core_pattern(const char *pattern, bool *kept);

#endif
