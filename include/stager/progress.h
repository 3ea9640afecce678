/* The progress line on a terminal: bytes, rate, time left. Quiet where standard error is none. stager/base/progress.c. */
#ifndef STAGER_PROGRESS_H
#define STAGER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRESS_LINE_LEN 128

struct progress {
	bool shown, terminal;
	int64_t start_ms, last_ms;
};
/* Looks at standard error: before confinement. */
void progress_start(struct progress *p);
/* So many bytes of so many (0: nobody knows) are done. ctx: a struct progress. Some five times a second it shows; one
 * thread at a time. */
void progress_show(void *ctx, uint64_t bytes, uint64_t total);
/* What it shows: bytes of total (0: nobody knows) after so many seconds (more than 0), in the unit that fits. Up to PROGRESS_LINE_LEN, ended by 0. */
void progress_line(char *out, size_t size, uint64_t bytes, uint64_t total, double seconds);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif
