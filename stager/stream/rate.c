/* A cap on bytes a second over all streams: each reserves its time, and waits for it. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "ops.h"

/* Longest sleep before it is looked at whether to stop. */
#define NAP_NS UINT64_C(100000000)
#define SECOND_NS UINT64_C(1000000000)

struct rate {
	pthread_mutex_t lock;
	uint64_t bytes_a_second;
	uint64_t next; /* monotonic nanoseconds: when the next bytes may pass */
};

static uint64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

struct rate *
rate_new(uint64_t bytes_a_second, struct err *e)
{
	struct rate *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		err_sys(e, "rate cap");
		return NULL;
	}
	(void)pthread_mutex_init(&r->lock, NULL);
	r->bytes_a_second = bytes_a_second;
	return r;
}

void
rate_free(struct rate *r)
{
	if (r == NULL)
		return;
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

void
rate_wait(struct rate *r, size_t n, const atomic_bool *stopped)
{
	uint64_t now, until;

	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	now = now_ns();
	if (r->next < now)
		r->next = now;
	/* After its bytes, not before: the first ones must wait too, or many short transfers would not be capped. */
	r->next += (uint64_t)((double)n * (double)SECOND_NS / (double)r->bytes_a_second);
	until = r->next;
	(void)pthread_mutex_unlock(&r->lock);
	pause_until(until, stopped);
}

void
pause_until(uint64_t until, const atomic_bool *stopped)
{
	uint64_t now, nap;

	while (!atomic_load(stopped) && (now = now_ns()) < until) {
		nap = until - now > NAP_NS ? NAP_NS : until - now;
		(void)nanosleep(&(struct timespec){.tv_sec = 0, .tv_nsec = (long)nap}, NULL);
	}
}

void
pause_ms(uint64_t ms, const atomic_bool *stopped)
{
	pause_until(now_ns() + ms * 1000000, stopped);
}
