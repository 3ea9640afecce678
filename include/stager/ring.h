/*
 * A bounded ring: one reader fills slots, several workers change them, and one worker at a time writes those whose turn
 * it is, in the order in which they were given. stager/base/ring.c.
 *
 *   reader (the caller's own thread)        workers, each
 *   ring_take > fill > ring_give            work(slot), any order > write(slot), in order > wiped; free again
 *
 * Or without a reader, where the input is a file that any thread can read at any place: the caller waits in ring_run.
 *
 *   workers, each
 *   next(slot), in order, says what it is to carry > work(slot) reads it and changes it > write(slot), in order
 *
 * So nobody is woken for a slot, and what was read stays in the processor's own cache.
 *
 * A slot carries a batch, of half a MiB or so: the lock is taken some four times a slot, and nothing is allocated after
 * ring_new. The first fault in order is the one that counts: what was given before it is written, what comes after it
 * is not, however far the workers were.
 */
#ifndef STAGER_RING_H
#define STAGER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

#define RING_PROCESSORS_MAX 8 /* workers that do nothing but compute: more did not pay */
#define RING_WORKERS_MAX 64   /* workers that wait for a network */
#define RING_SLOTS_MAX (2 * RING_WORKERS_MAX + 2)

struct ring;

struct ring_slot {
	uint8_t *data; /* use.data_len bytes, on a page's boundary */
	size_t
	    wipe; /* how many of them hold plaintext; for reader and worker to keep right. Wiped when free; with
		   * `next` at the end: till then what comes next overwrites it */
	void *note;  /* use.note_len bytes for what the three tell each other, zero in ring_take */
	bool failed; /* work failed; see write */
};

struct ring_use {
	unsigned workers; /* 1 to RING_WORKERS_MAX */
	unsigned slots;   /* workers + 1 to RING_SLOTS_MAX; 2 * workers + 2 keeps all busy */
	size_t data_len, note_len;
	/* Keep data out of swap where the machine allows that much locked memory; keys have locked theirs before. */
	bool lock;
	void *ctx;
	/*
	 * NULL: slots come by ring_take and ring_give. Else in workers' threads, one at a time, under the ring's lock: so
	 * only a few words for the note, and s->data left alone. 1, 0 where there is nothing more (it is not called
	 * again), -1 with e set: told once all before it is written, as a fault in work is.
	 */
	int (*next)(void *ctx, struct ring_slot *slot, struct err *e);
	/*
	 * In a worker's thread, number 0 to workers - 1. -1 with e set fails the slot.
	 */
	int (*work)(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e);
	/*
	 * In workers' threads too, but never in two at a time, and slots in order. A failed slot comes here too, for what is good in it; it is the last
	 * that comes, and its own fault is told whatever this returns (e is NULL then).
	 */
	int (*write)(void *ctx, struct ring_slot *slot, struct err *e);
};

/* Threads for this process: processors it may run on, at most RING_PROCESSORS_MAX. */
unsigned ring_processors(void);

/* use is copied. Starts the threads: after confinement, with SANDBOX_THREADS. Caller frees. */
struct ring *ring_new(const struct ring_use *use, struct err *e) MUST_CHECK;
/* With `next`: start, and wait until all is written; -1 with e set by the first fault in order. Once. */
int ring_run(struct ring *r, struct err *e) MUST_CHECK;
/* Without it. A free slot, waited for; it is the caller's until ring_give. NULL with e set once anything failed. */
struct ring_slot *ring_take(struct ring *r, struct err *e) MUST_CHECK;
/* On its way. Slots may be given in another order than they were taken in. */
void ring_give(struct ring *r, struct ring_slot *slot);
/* Wait until all that was given is written; -1 with e set by the first fault in order. Then go on, or free. */
int ring_drain(struct ring *r, struct err *e) MUST_CHECK;
/* Stop, whatever is under way; join all threads; wipe all slots, those the caller holds too. Takes NULL. */
void ring_free(struct ring *r);

#endif
