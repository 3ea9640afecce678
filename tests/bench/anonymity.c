/* Disclosure control over many rows: bench_anonymity ROWS KIND. KIND: people (age in years, postcode, sex; a code),
 * unlike (no two rows alike). Rows are made again at each reading and never stored. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "stager/anonymity.h"

#define POSTCODES 4000
#define AREAS 90
#define CODES 1500
#define YEARS 105
#define MEMORY ((size_t)512 << 20)

struct made {
	uint64_t at, count;
	bool unlike;
};

/* splitmix64 (Vigna, public domain): row n's own random number. */
static uint64_t
random_of(uint64_t n)
{
	n += UINT64_C(0x9e3779b97f4a7c15) * (n + 1);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static int
made_rewind(void *ctx, struct err *e)
{
	(void)e;
	((struct made *)ctx)->at = 0;
	return 0;
}

static int
made_next(void *ctx, uint32_t *codes, size_t max, size_t *got, struct err *e)
{
	struct made *m = ctx;

	(void)e;
	for (*got = 0; *got < max && m->at < m->count; ++*got, m->at++, codes += 4) {
		uint64_t r = random_of(m->at);

		if (m->unlike) {
			codes[0] = (uint32_t)(m->at & 15);
			codes[1] = (uint32_t)(m->at >> 4 & 4095);
			codes[2] = (uint32_t)(m->at >> 16);
		} else {
			/* Some postcodes have many people, some few. */
			uint64_t p = (r >> 32) % POSTCODES;

			codes[0] = (uint32_t)((r & 0xff) * (r >> 48 & 0xff) * YEARS >> 16);
			codes[1] = (uint32_t)(p * p / POSTCODES * p / POSTCODES);
			codes[2] = (uint32_t)(r >> 8 & 1);
		}
		codes[3] = 1 + (uint32_t)((r >> 9 & 0xffff) % CODES);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static uint32_t wider[POSTCODES + AREAS];
	struct made m = {.count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0,
	    .unlike = argc > 2 && strcmp(argv[2], "unlike") == 0};
	struct anonymity_rows rows = {.ctx = &m, .count = m.count, .rewind = made_rewind, .next = made_next};
	struct anonymity a = {.k = 10,
	    .quasi_count = 3,
	    .sensitive_count = 1,
	    .sensitive = {{.l = 2}},
	    .max_blank = 20000,
	    .memory = MEMORY};
	struct anonymity_result r;
	struct rusage use;
	struct err e = {.code = ERR_NONE};
	uint8_t *decisions = malloc(m.count + 1);
	struct timespec t;

	for (uint32_t i = 0; i < POSTCODES + AREAS; i++)
		wider[i] = i < POSTCODES ? POSTCODES + i * AREAS / POSTCODES : i;
	a.steps = m.unlike ? 0 : 1;
	a.turn[0] = 1;
	a.quasi[0].values = m.unlike ? 16 : YEARS;
	a.quasi[1] = (struct anonymity_quasi){
	    .values = m.unlike ? 4096 : POSTCODES + AREAS, .wider = m.unlike ? NULL : wider};
	a.quasi[2].values = m.unlike ? (uint32_t)(m.count >> 16) + 1 : 2;
	if (m.count == 0 || decisions == NULL || anonymity_run(&a, &rows, decisions, &r, &e) == -1)
		return err_report("bench_anonymity", &e);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	getrusage(RUSAGE_SELF, &use);
	printf("%" PRIu64 " rows: %s, %" PRIu64 " below, %" PRIu64 " widened, %" PRIu64 " blanked, %" PRIu64
	       " classes, smallest %" PRIu32 "; %" PRIu64
	       " readings, %.1f s of processor time, %ld MiB at most\n",
	    m.count, r.held ? "held" : "shown", r.below, r.widened, r.blanked, r.classes, r.smallest,
	    r.readings, (double)t.tv_sec + (double)t.tv_nsec / 1e9, use.ru_maxrss / 1024);
	free(decisions);
	return 0;
}
