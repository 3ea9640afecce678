/* The progress line of a command. */
#include "stager/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "stager/clock.h"

/* The unit of a count of bytes: what is small is told in small ones, or it would stand at 0.0. */
static const char *
unit_of(double bytes, double *size)
{
	*size = bytes < 1e3 ? 1 : bytes < 1e6 ? 1e3 : bytes < 1e9 ? 1e6 : 1e9;
	return bytes < 1e3 ? "bytes" : bytes < 1e6 ? "kB" : bytes < 1e9 ? "MB" : "GB";
}

static int
put_bytes(char *out, size_t size, double bytes, const char *unit, double unit_size)
{
	return snprintf(out, size, "%.*f %s", unit_size > 1 ? 1 : 0, bytes / unit_size, unit);
}

void
progress_line(char *out, size_t size, uint64_t bytes, uint64_t total, double seconds)
{
	const double rate = (double)bytes / seconds;
	const char *unit;
	char done[32], all[32] = "", each[32], left[32] = "";
	double unit_size;

	/* Both in the unit of the larger, so that they compare at a glance. */
	unit = unit_of((double)(total > bytes ? total : bytes), &unit_size);
	(void)put_bytes(done, sizeof(done), (double)bytes, unit, unit_size);
	if (total > 0)
		(void)put_bytes(all, sizeof(all), (double)total, unit, unit_size);
	unit = unit_of(rate, &unit_size);
	(void)put_bytes(each, sizeof(each), rate, unit, unit_size);
	if (total > bytes && rate > 0)
		(void)snprintf(left, sizeof(left), ", %.0f s left", (double)(total - bytes) / rate);
	(void)snprintf(out, size, "%s%s%s, %s/s%s", done, total > 0 ? " of " : "", all, each, left);
}

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
	double seconds = (double)(now - p->start_ms) / 1000;
	char line[PROGRESS_LINE_LEN];

	if (!p->terminal || now - p->last_ms < 200 || seconds <= 0)
		return;
	p->last_ms = now;
	p->shown = true;
	progress_line(line, sizeof(line), bytes, total, seconds);
	(void)fprintf(stderr, "\r%s\033[K", line);
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		(void)fprintf(stderr, "\r\033[K");
}
