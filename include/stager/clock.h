/* Time that only goes forward. */
#ifndef STAGER_CLOCK_H
#define STAGER_CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: good for what lasts, not for dates. */
int64_t clock_now_ms(void);

#endif
