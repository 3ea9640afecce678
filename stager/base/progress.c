/* The progress line of a command. */
#include "stager/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "stager/clock.h"

void
progress_start(struct progress *p)
{
	*p = (struct progress){.terminal = isatty(STDERR_FILENO) == 1, .start_ms = clock_now_ms()};
}

void
progress_show(void *ctx, uint64_t bytes, uint64_t total)
{
	struct progress *p = ctx;
	int64_t now = clock_now_ms();
	double seconds = (double)(now - p->start_ms) / 1000, rate;

	if (!p->terminal || now - p->last_ms < 200 || seconds <= 0)
		return;
	p->last_ms = now;
	p->shown = true;
	rate = (double)bytes / seconds;
	(void)fprintf(stderr, "\r%.1f MB", (double)bytes / 1e6);
	if (total > 0)
		(void)fprintf(stderr, " of %.1f MB", (double)total / 1e6);
	(void)fprintf(stderr, ", %.1f MB/s", rate / 1e6);
	if (total > bytes && rate > 0)
		(void)fprintf(stderr, ", %.0f s left", (double)(total - bytes) / rate);
	(void)fprintf(stderr, "\033[K");
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		(void)fprintf(stderr, "\r\033[K");
}
