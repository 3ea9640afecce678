/* The bounded ring: order kept, one fault after another in every thread, nothing given back unwiped. */
#include "stager/ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"

#define DATA_LEN 4096

static struct err e;

/* What a slot says of itself. */
struct note {
	uint64_t number;
	uint32_t seed;
	bool worked;
};

/* One run: where it shall fail, and what came of it. Fields of the writer are looked at after ring_free alone. */
struct run {
	uint64_t count;
	uint64_t fail_work, fail_work_too, fail_write; /* slot's number; UINT64_MAX: none */
	uint64_t fail_next;
	bool self_fed;
	uint64_t begun; /* feed's; fed_clean: slots came clean, and nothing was asked for behind the end */
	bool fed_clean;
	bool slow_writer;
	/* the workers' */
	pthread_mutex_t lock;
	uint64_t by_worker[RING_WORKERS_MAX], worked;
	/* the writer's */
	uint64_t written, sum;
	bool in_order, whole, clean_note;
};

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static int
work(void *ctx, unsigned worker, struct ring_slot *slot, struct err *err)
{
	struct run *r = ctx;
	struct note *n = slot->note;

	/* Uneven work, so that later slots are done before earlier ones. */
	for (uint32_t i = next(&n->seed) % 50; i > 0; i--)
		(void)sched_yield();
	if (r->self_fed)
		memset(slot->data, (int)(uint8_t)n->number, DATA_LEN);
	for (size_t i = 0; i < DATA_LEN; i++)
		slot->data[i] ^= 0x5a;
	n->worked = true;
	(void)pthread_mutex_lock(&r->lock);
	r->by_worker[worker]++;
	r->worked++;
	(void)pthread_mutex_unlock(&r->lock);
	if (n->number == r->fail_work || n->number == r->fail_work_too)
		return err_set(err, ERR_FORGED, "slot %llu", (unsigned long long)n->number);
	return 0;
}

/* The slots of a run that has no reader. */
static int
feed(void *ctx, struct ring_slot *slot, struct err *err)
{
	struct run *r = ctx;
	struct note *n = slot->note;

	r->fed_clean = r->fed_clean && n->number == 0 && !n->worked && !slot->failed && slot->wipe == 0 &&
		       (r->fail_next == UINT64_MAX || r->begun <= r->fail_next) && r->begun <= r->count;
	*n = (struct note){.number = r->begun, .seed = (uint32_t)r->begun};
	slot->wipe = DATA_LEN;
	if (r->begun == r->fail_next)
		return err_set(err, ERR_INPUT, "next %llu", (unsigned long long)r->begun);
	return r->begun++ < r->count;
}

static int
put(void *ctx, struct ring_slot *slot, struct err *err)
{
	struct run *r = ctx;
	const struct note *n = slot->note;

	if (n->number == r->fail_next) {
		CHECK(r->self_fed && slot->failed && err == NULL && !n->worked && r->written == n->number);
		return 0;
	}
	r->in_order = r->in_order && n->number == r->written && n->worked;
	r->whole = r->whole && slot->data[0] == ((uint8_t)n->number ^ 0x5a) &&
		   slot->data[DATA_LEN - 1] == ((uint8_t)n->number ^ 0x5a);
	CHECK(slot->failed == (n->number == r->fail_work || n->number == r->fail_work_too));
	CHECK(slot->failed == (err == NULL));
	if (r->slow_writer)
		(void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
	if (n->number == r->fail_write)
		return err_set(err, ERR_REMOTE, "write %llu", (unsigned long long)n->number);
	r->written++;
	return 0;
}

static void
run_init(struct run *r, uint64_t count)
{
	*r = (struct run){.count = count,
	    .fail_work = UINT64_MAX,
	    .fail_work_too = UINT64_MAX,
	    .fail_write = UINT64_MAX,
	    .fail_next = UINT64_MAX,
	    .in_order = true,
	    .whole = true,
	    .clean_note = true,
	    .fed_clean = true};
	(void)pthread_mutex_init(&r->lock, NULL);
}

static struct ring_use
use_of(struct run *r, unsigned workers, unsigned slots)
{
	return (struct ring_use){.workers = workers,
	    .slots = slots,
	    .data_len = DATA_LEN,
	    .note_len = sizeof(struct note),
	    .ctx = r,
	    .work = work,
	    .write = put};
}

/* The same without a reader. */
static int
go_self_fed(struct run *r, unsigned workers, unsigned slots)
{
	struct ring_use use = use_of(r, workers, slots);
	struct ring *ring;
	int rc;

	r->self_fed = true;
	use.next = feed;
	CHECK((ring = ring_new(&use, &e)) != NULL);
	rc = ring_run(ring, &e);
	ring_free(ring);
	(void)pthread_mutex_destroy(&r->lock);
	CHECK(r->in_order && r->whole && r->fed_clean);
	return rc;
}

/* Give all slots, as far as it goes; then drain or not. 0, or -1 with e set. */
static int
go(struct run *r, unsigned workers, unsigned slots, bool drain)
{
	struct ring_use use = use_of(r, workers, slots);
	struct ring *ring = ring_new(&use, &e);
	struct ring_slot *slot;
	int rc = 0;

	CHECK(ring != NULL);
	for (uint64_t i = 0; rc == 0 && i < r->count; i++) {
		struct note *n;

		if ((slot = ring_take(ring, &e)) == NULL) {
			rc = -1;
			break;
		}
		n = slot->note;
		r->clean_note = r->clean_note && n->number == 0 && !n->worked;
		/* Emptied slots were wiped, and new ones are zero. */
		for (size_t k = 0; k < DATA_LEN; k++)
			r->sum += slot->data[k];
		*n = (struct note){.number = i, .seed = (uint32_t)i};
		memset(slot->data, (int)(uint8_t)i, DATA_LEN);
		slot->wipe = DATA_LEN;
		ring_give(ring, slot);
	}
	if (rc == 0 && drain)
		rc = ring_drain(ring, &e);
	ring_free(ring);
	(void)pthread_mutex_destroy(&r->lock);
	CHECK(r->in_order && r->whole && r->clean_note && r->sum == 0);
	return rc;
}

static void
test_order(void)
{
	struct run r;

	for (unsigned workers = 1; workers <= RING_WORKERS_MAX; workers += workers < 3 ? 1 : 5) {
		for (unsigned slots = workers + 1; slots <= 2 * workers + 2; slots += workers + 1) {
			uint64_t all = 0;

			run_init(&r, 300);
			r.slow_writer = workers == 2;
			CHECK_OK(go(&r, workers, slots, true));
			CHECK(r.written == 300 && r.worked == 300);
			for (unsigned i = 0; i < workers; i++)
				all += r.by_worker[i];
			CHECK(all == 300);
			run_init(&r, 300);
			r.slow_writer = workers == 2;
			CHECK_OK(go_self_fed(&r, workers, slots));
			CHECK(r.written == 300 && r.worked == 300);
		}
	}
	run_init(&r, 0);
	CHECK_OK(go(&r, 2, 6, true));
	run_init(&r, 0);
	CHECK_OK(go_self_fed(&r, 2, 6));
	CHECK(r.written == 0 && r.worked == 0);
	/* Stopped at once: what was written is a beginning. */
	run_init(&r, 100);
	CHECK_OK(go(&r, 2, 6, false));
	CHECK(r.written <= 100);
}

/* The first fault in order is told, all before it is written, and nothing after. */
static void
test_faults(void)
{
	static const uint64_t at[] = {0, 1, 5, 6, 50, 99};
	struct run r;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		char want[32];

		for (int more = 0; more < 6; more++) {
			run_init(&r, 100);
			r.fail_work = at[i];
			/* another worker's fault behind it, or a fault in writing what is good of the same slot */
			r.fail_work_too = more % 3 == 1 ? at[i] + 1 : UINT64_MAX;
			r.fail_write = more % 3 == 2 ? at[i] : UINT64_MAX;
			CHECK_ERR(more < 3 ? go(&r, 3, 8, true) : go_self_fed(&r, 3, 8), ERR_FORGED);
			(void)snprintf(want, sizeof(want), "slot %llu", (unsigned long long)at[i]);
			CHECK(strcmp(e.text, want) == 0);
			CHECK(r.written == at[i] + (more % 3 == 2 ? 0 : 1));
		}
		run_init(&r, 100);
		r.fail_write = at[i];
		r.fail_work = at[i] + 1;
		CHECK_ERR(go(&r, 3, 8, true), ERR_REMOTE);
		CHECK(r.written == at[i]);
		/* What was to come next cannot be said: all before it goes out; a fault before it comes first. */
		run_init(&r, 100);
		r.fail_next = at[i];
		CHECK_ERR(go_self_fed(&r, 3, 8), ERR_INPUT);
		CHECK(r.written == at[i] && r.worked == at[i]);
		run_init(&r, 100);
		r.fail_next = at[i] + 1;
		r.fail_work = at[i];
		CHECK_ERR(go_self_fed(&r, 3, 8), ERR_FORGED);
		CHECK(r.written == at[i] + 1);
	}
}

/* Once failed it stays so, and a full ring does not wait for ever. */
static void
test_stays_failed(void)
{
	struct ring_slot *held[3];
	struct ring_use use;
	struct ring *ring;
	struct run r;

	run_init(&r, 0);
	r.fail_work = 0;
	use = use_of(&r, 2, 3);
	CHECK((ring = ring_new(&use, &e)) != NULL);
	for (size_t i = 0; i < 3; i++)
		CHECK((held[i] = ring_take(ring, &e)) != NULL);
	/* Given in another order than taken: that order counts. */
	memset(held[2]->data, 0, DATA_LEN);
	ring_give(ring, held[2]);
	CHECK_ERR(ring_drain(ring, &e), ERR_FORGED);
	CHECK(ring_take(ring, &e) == NULL && strcmp(e.text, "slot 0") == 0);
	ring_give(ring, held[0]); /* nobody takes it any more */
	CHECK_ERR(ring_drain(ring, &e), ERR_FORGED);
	ring_free(ring);
	CHECK(r.worked == 1 && r.written == 1);
	(void)pthread_mutex_destroy(&r.lock);
}

static void
test_bounds(void)
{
	struct ring_use good, bad;
	struct run r;

	run_init(&r, 0);
	good = use_of(&r, 2, 6);
	for (int i = 0; i < 7; i++) {
		bad = good;
		bad.workers = i == 0 ? 0 : i == 1 ? RING_WORKERS_MAX + 1 : bad.workers;
		bad.slots = i == 2 ? 2 : i == 3 ? RING_SLOTS_MAX + 1 : bad.slots;
		bad.data_len = i == 4 ? 0 : i == 5 ? SIZE_MAX : bad.data_len;
		bad.note_len = i == 6 ? SIZE_MAX : bad.note_len;
		e.code = ERR_NONE;
		CHECK(ring_new(&bad, &e) == NULL && e.code == ERR_LIMIT);
	}
	/* More than any machine has. */
	bad = good;
	bad.data_len = SIZE_MAX / RING_SLOTS_MAX / 4;
	e.code = ERR_NONE;
	CHECK(ring_new(&bad, &e) == NULL && e.code == ERR_SYSTEM);
	CHECK(ring_processors() >= 1 && ring_processors() <= RING_WORKERS_MAX);
	ring_free(NULL);
	(void)pthread_mutex_destroy(&r.lock);
}

int
main(void)
{
	test_order();
	test_faults();
	test_stays_failed();
	test_bounds();
	return check_done();
}
