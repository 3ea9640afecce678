/* The cache of blocks: opened once, held while read, dropped by last use, faults told and tried again; by many threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "../stager/node/cache.h"
#include "check.h"

static struct err e;

#define OBJECTS 4
#define BLOCKS 40
#define LEN (BLOCKS * CACHE_BLOCK - 1000)

static struct {
	atomic_uint fills[OBJECTS][BLOCKS], under_way[OBJECTS][BLOCKS];
	atomic_int bad_object, bad_block; /* this one fails */
	atomic_int twice;                 /* a block was opened by two threads at once */
	atomic_int delay_us;
} source;

static uint8_t
byte_at(uint64_t object, uint64_t block)
{
	return (uint8_t)(object * 50 + block + 1);
}

static int
fill(void *ctx, uint64_t object, uint64_t block, uint8_t *out, size_t len, struct err *err)
{
	(void)ctx;
	if (atomic_fetch_add(&source.under_way[object][block], 1) != 0)
		atomic_store(&source.twice, 1);
	atomic_fetch_add(&source.fills[object][block], 1);
	if (atomic_load(&source.delay_us) > 0)
		(void)usleep((useconds_t)atomic_load(&source.delay_us));
	memset(out, byte_at(object, block), len);
	atomic_fetch_sub(&source.under_way[object][block], 1);
	if (atomic_load(&source.bad_object) == (int)object && atomic_load(&source.bad_block) == (int)block)
		return err_set(err, ERR_FORGED, "block %d is damaged", (int)block);
	return 0;
}

static void
reset(void)
{
	memset(&source, 0, sizeof(source));
	atomic_store(&source.bad_object, -1);
}

static unsigned
all_fills(void)
{
	unsigned n = 0;

	for (int o = 0; o < OBJECTS; o++)
		for (int b = 0; b < BLOCKS; b++)
			n += atomic_load(&source.fills[o][b]);
	return n;
}

static struct cache *
make(size_t blocks, unsigned workers, unsigned ahead)
{
	const struct cache_use use = {
	    .memory = blocks * CACHE_BLOCK, .workers = workers, .ahead = ahead, .fill = fill};
	struct cache *c = cache_new(&use, &e);

	if (c == NULL) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return c;
}

static bool
right(const struct cache_block *b, uint64_t object, uint64_t block)
{
	size_t len;
	const uint8_t *data = cache_data(b, &len);

	return len == (block == BLOCKS - 1 ? CACHE_BLOCK - 1000 : CACHE_BLOCK) &&
	       data[0] == byte_at(object, block) && data[len - 1] == byte_at(object, block) &&
	       data[len / 2] == byte_at(object, block);
}

/* One reader, from front to end, ahead of it others: every block once; then again, from memory. */
static void
test_once(void)
{
	const struct cache_reader reader = {.object = 1, .len = LEN, .until = LEN};
	struct cache *c;
	struct cache_block *b;

	reset();
	c = make(64, 3, 8);
	cache_enter(c);
	for (int round = 0; round < 2; round++)
		for (uint64_t n = 0; n < BLOCKS; n++) {
			CHECK_OK(cache_get(c, &reader, n, &b, &e));
			CHECK(right(b, 1, n));
			cache_release(c, b);
		}
	CHECK(all_fills() == BLOCKS && cache_fills(c) == BLOCKS);
	CHECK_ERR(cache_get(c, &reader, BLOCKS, &b, &e), ERR_USAGE);
	cache_leave(c);
	cache_free(c);
}

/* Read ahead up to where it was said, and no further; and no more than a share of the memory. */
static void
test_ahead(void)
{
	struct cache_reader reader = {.object = 0, .len = LEN, .until = 3 * CACHE_BLOCK};
	struct cache_block *b;
	struct cache *c;

	reset();
	c = make(32, 2, 8);
	cache_enter(c);
	CHECK_OK(cache_get(c, &reader, 0, &b, &e));
	cache_release(c, b);
	for (int i = 0; i < 200 && all_fills() < 3; i++)
		(void)usleep(10000);
	(void)usleep(50000);
	CHECK(all_fills() == 3 && atomic_load(&source.fills[0][2]) == 1);
	for (int i = 0; i < 31; i++)
		cache_enter(c); /* 32 blocks, half of them for 32 readers: none for each */
	reader = (struct cache_reader){.object = 2, .len = LEN, .until = LEN};
	CHECK_OK(cache_get(c, &reader, 5, &b, &e));
	cache_release(c, b);
	(void)usleep(50000);
	CHECK(all_fills() == 4);
	for (int i = 0; i < 32; i++)
		cache_leave(c);
	cache_free(c);
}

/* A fault is told to all who wait, of that block alone, and tried again. */
static void
test_fault(void)
{
	const struct cache_reader reader = {.object = 3, .len = LEN, .until = LEN};
	struct cache_block *b;
	struct cache *c;

	reset();
	atomic_store(&source.bad_object, 3);
	atomic_store(&source.bad_block, 2);
	c = make(32, 2, 4);
	cache_enter(c);
	for (int round = 0; round < 3; round++) {
		CHECK_OK(cache_get(c, &reader, 1, &b, &e));
		cache_release(c, b);
		CHECK_ERR(cache_get(c, &reader, 2, &b, &e), ERR_FORGED);
		CHECK(strcmp(e.text, "block 2 is damaged") == 0);
		CHECK_OK(cache_get(c, &reader, 3, &b, &e));
		cache_release(c, b);
	}
	atomic_store(&source.bad_object, -1);
	CHECK_OK(cache_get(c, &reader, 2, &b, &e));
	CHECK(right(b, 3, 2));
	cache_release(c, b);
	cache_leave(c);
	cache_free(c);
}

/* What was read last stays; what is held stays whatever is read. */
static void
test_dropping(void)
{
	const struct cache_reader reader = {.object = 0, .len = LEN, .until = 0},
				  other = {.object = 1, .len = LEN};
	struct cache_block *held, *b;
	struct cache *c;

	reset();
	c = make(CACHE_BLOCKS_MIN, 1, 0);
	cache_enter(c);
	CHECK_OK(cache_get(c, &other, 7, &held, &e));
	for (uint64_t n = 0; n < BLOCKS; n++) {
		CHECK_OK(cache_get(c, &reader, n, &b, &e));
		cache_release(c, b);
		/* Read again and again: it is never the one to go. */
		CHECK_OK(cache_get(c, &reader, 0, &b, &e));
		cache_release(c, b);
	}
	CHECK(atomic_load(&source.fills[0][0]) == 1 && atomic_load(&source.fills[0][1]) == 1);
	CHECK(right(held, 1, 7));
	CHECK_OK(cache_get(c, &reader, 1, &b, &e));
	CHECK(atomic_load(&source.fills[0][1]) == 2);
	cache_release(c, b);
	CHECK_OK(cache_get(c, &reader, BLOCKS - 1, &b, &e));
	CHECK(atomic_load(&source.fills[0][BLOCKS - 1]) == 1);
	cache_release(c, b);
	cache_release(c, held);
	cache_leave(c);
	cache_free(c);
}

/* More than fits, again and again in one order: some of it is still here, which by last use none of it would be. */
static void
test_rounds(void)
{
	unsigned before, fills;
	struct cache_block *b;
	struct cache *c;

	for (unsigned ahead = 0; ahead <= 8; ahead += 8) {
		reset();
		c = make(64, 1, ahead);
		cache_enter(c);
		for (unsigned round = 0; round < 6; round++) {
			before = all_fills();
			for (uint64_t n = 0; n < 2 * BLOCKS; n++) {
				const struct cache_reader reader = {
				    .object = n / BLOCKS, .len = LEN, .until = LEN};

				CHECK_OK(cache_get(c, &reader, n % BLOCKS, &b, &e));
				CHECK(right(b, n / BLOCKS, n % BLOCKS));
				cache_release(c, b);
			}
			fills = all_fills() - before;
			CHECK(round == 0 ? fills == 2 * BLOCKS : fills < 60 && fills >= 2 * BLOCKS - 64);
		}
		cache_leave(c);
		cache_free(c);
	}
}

/* ---- many at once ---- */

#define THREADS 12

struct party {
	struct cache *c;
	unsigned seed;
	int faults;
	int wrong;
	bool jump; /* anywhere, or from front to end */
};

static void *
take_part(void *ctx)
{
	struct party *p = ctx;
	unsigned seed = p->seed;
	struct err mine;

	cache_enter(p->c);
	for (unsigned i = 0; i < 4 * BLOCKS; i++) {
		uint64_t object = p->jump ? (unsigned)rand_r(&seed) % OBJECTS : p->seed % OBJECTS;
		uint64_t block = p->jump ? (unsigned)rand_r(&seed) % BLOCKS : i % BLOCKS;
		const struct cache_reader reader = {
		    .object = object, .len = LEN, .until = p->jump ? (block + 2) * CACHE_BLOCK : LEN};
		struct cache_block *b;

		if (cache_get(p->c, &reader, block, &b, &mine) == -1) {
			p->faults++;
			if (object != 2 || block != 20 || mine.code != ERR_FORGED)
				p->wrong++;
			continue;
		}
		p->wrong += right(b, object, block) ? 0 : 1;
		cache_release(p->c, b);
	}
	cache_leave(p->c);
	return NULL;
}

static void
test_many(size_t blocks, bool fault)
{
	struct party parties[THREADS];
	pthread_t threads[THREADS];
	struct cache *c;
	int faults = 0;

	reset();
	atomic_store(&source.delay_us, 50);
	if (fault) {
		atomic_store(&source.bad_object, 2);
		atomic_store(&source.bad_block, 20);
	}
	c = make(blocks, 3, 6);
	for (unsigned i = 0; i < THREADS; i++) {
		parties[i] = (struct party){.c = c, .seed = i, .jump = i % 3 == 0};
		if (pthread_create(&threads[i], NULL, take_part, &parties[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		CHECK(parties[i].wrong == 0);
		faults += parties[i].faults;
	}
	CHECK(atomic_load(&source.twice) == 0);
	CHECK((faults > 0) == fault);
	if (!fault && blocks >= (size_t)OBJECTS * BLOCKS)
		CHECK(all_fills() <= OBJECTS * BLOCKS);
	cache_free(c);
}

/* Ended while much is queued. */
static void
test_end(void)
{
	const struct cache_reader reader = {.object = 0, .len = LEN, .until = LEN};
	struct cache_block *b;

	for (int i = 0; i < 20; i++) {
		struct cache *c;

		reset();
		atomic_store(&source.delay_us, 200);
		c = make(64, 2, 30);
		cache_enter(c);
		CHECK_OK(cache_get(c, &reader, (uint64_t)i, &b, &e));
		cache_release(c, b);
		cache_leave(c);
		cache_free(c);
		CHECK(all_fills() < 30);
	}
	cache_free(NULL);
}

int
main(void)
{
	test_once();
	test_ahead();
	test_fault();
	test_dropping();
	test_rounds();
	test_many((size_t)OBJECTS * BLOCKS, false);
	test_many(CACHE_BLOCKS_MIN, false);
	test_many(CACHE_BLOCKS_MIN, true);
	test_end();
	return check_done();
}
