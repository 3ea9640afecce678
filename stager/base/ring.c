/* The bounded ring: slots in a queue, one lock, and every waiter looks again after waking. */
#include "stager/ring.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STACK_LEN (1u << 20)
#define NOTE_ALIGN 64

enum state { EMPTY, FILLING, QUEUED, WORKING, DONE };

/* A slot and what the ring knows of it. s comes first: callers give back a pointer to that. */
struct place {
	struct ring_slot s;
	enum state state;
	bool used;      /* ever: else there is nothing to wipe */
	size_t most;    /* with use.next: the most that was there to wipe, ever */
	struct err err; /* where s.failed */
};

struct ring {
	struct ring_use use;
	struct place *places;
	uint8_t *data, *notes;
	size_t data_step, note_step, data_total;

	/* All below is looked at and changed under the lock alone, and broadcast under it. */
	pthread_mutex_t lock;
	pthread_cond_t emptied, queued;
	struct place *queue[RING_SLOTS_MAX];
	uint64_t written, begun,
	    given;           /* counts: written <= begun <= given; a slot's index is its count % slots */
	unsigned empty;      /* places */
	bool writing;        /* a worker is at it */
	bool running, ended; /* with use.next: it may be called; it has nothing more */
	bool stop, failed;
	struct err err; /* where failed */

	pthread_t threads[RING_WORKERS_MAX];
	unsigned started;
	unsigned next_worker;
};

unsigned
ring_processors(void)
{
	cpu_set_t mine;
	int count;

	CPU_ZERO(&mine);
	/* More processors than the set can name: more than enough. */
	if (sched_getaffinity(0, sizeof(mine), &mine) == -1)
		return RING_PROCESSORS_MAX;
	count = CPU_COUNT(&mine);
	return count < 1 ? 1 : count > RING_PROCESSORS_MAX ? RING_PROCESSORS_MAX : (unsigned)count;
}

static struct place **
queue_at(struct ring *r, uint64_t count)
{
	return &r->queue[count % r->use.slots];
}

/* A slot was written, or nothing more will be. The reader is not woken for each slot, but for half of them. */
static void
tell_reader(struct ring *r)
{
	if (r->use.next != NULL)
		(void)pthread_cond_broadcast(&r->queued); /* a worker that found no empty slot */
	if (r->failed || (r->use.next == NULL ? r->written == r->given || r->empty >= (r->use.slots + 1) / 2
					      : r->ended && r->written == r->given))
		(void)pthread_cond_broadcast(&r->emptied);
}

/*
 * Write all slots whose turn it is, unless another worker is at it: that one looks again after each. Under the lock,
 * which is let go while writing.
 */
static void
write_done(struct ring *r)
{
	struct err err = {.code = ERR_NONE};
	struct place *p;
	int rc;

	if (r->writing)
		return;
	r->writing = true;
	while (!r->stop && !r->failed && r->written < r->given &&
	       (p = *queue_at(r, r->written))->state == DONE) {
		(void)pthread_mutex_unlock(&r->lock);
		rc = r->use.write(r->use.ctx, &p->s, p->s.failed ? NULL : &err);
		if (r->use.next == NULL)
			explicit_bzero(p->s.data, p->s.wipe);
		else if (p->most < p->s.wipe)
			p->most = p->s.wipe;
		(void)pthread_mutex_lock(&r->lock);
		p->state = EMPTY;
		r->empty++;
		r->written++;
		if (p->s.failed || rc == -1) {
			r->failed = true;
			r->err = p->s.failed ? p->err : err;
			(void)pthread_cond_broadcast(&r->queued);
		}
		tell_reader(r);
	}
	r->writing = false;
}

/* Under the lock. */
static struct place *
find_empty(struct ring *r)
{
	for (unsigned i = 0; i < r->use.slots; i++)
		if (r->places[i].state == EMPTY)
			return &r->places[i];
	return NULL;
}

/* As ring_take gives it. Under the lock. */
static void
clear_place(struct ring *r, struct place *p)
{
	p->used = true;
	p->s.wipe = 0;
	p->s.failed = false;
	if (p->s.note != NULL)
		memset(p->s.note, 0, r->use.note_len);
}

/* A slot with what comes next, to be worked on; NULL where there is none now. Under the lock. */
static struct place *
take_next(struct ring *r)
{
	struct place *p;
	int rc;

	if (!r->running || r->ended || (p = find_empty(r)) == NULL)
		return NULL;
	clear_place(r, p);
	rc = r->use.next(r->use.ctx, &p->s, &p->err);
	if (rc != 1)
		r->ended = true;
	if (rc == 0) {
		tell_reader(r);
		return NULL;
	}
	r->empty--;
	*queue_at(r, r->given++) = p;
	r->begun = r->given;
	p->s.failed = rc == -1;
	return p;
}

static struct place *
take_queued(struct ring *r)
{
	return r->begun == r->given ? NULL : *queue_at(r, r->begun++);
}

static void *
work_main(void *ring)
{
	struct ring *r = ring;
	struct place *p;
	unsigned me;
	int rc;

	(void)pthread_mutex_lock(&r->lock);
	me = r->next_worker++;
	for (;;) {
		p = NULL;
		while (!r->stop && !r->failed &&
		       (p = r->use.next == NULL ? take_queued(r) : take_next(r)) == NULL)
			(void)pthread_cond_wait(&r->queued, &r->lock);
		if (p == NULL)
			break;
		p->state = WORKING;
		if (!p->s.failed) {
			(void)pthread_mutex_unlock(&r->lock);
			rc = r->use.work(r->use.ctx, me, &p->s, &p->err);
			(void)pthread_mutex_lock(&r->lock);
			p->s.failed = rc == -1;
		}
		p->state = DONE;
		write_done(r);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Threads take no signals: those are for the one who started them. */
static int
start_threads(struct ring *r, struct err *e)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int rc = 0;

	(void)sigfillset(&all);
	if (pthread_attr_init(&attr) != 0)
		return err_set(e, ERR_SYSTEM, "ring: no thread can be described");
	(void)pthread_attr_setstacksize(&attr, STACK_LEN);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (rc == 0 && r->started < r->use.workers) {
		rc = pthread_create(&r->threads[r->started], &attr, work_main, r);
		if (rc == 0)
			r->started++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : err_set(e, ERR_SYSTEM, "ring: start a thread: %s", strerror(rc));
}

static int
make_slots(struct ring *r, struct err *e)
{
	const struct ring_use *use = &r->use;

	r->data_step = (use->data_len + 4095) / 4096 * 4096;
	r->note_step = (use->note_len + NOTE_ALIGN - 1) / NOTE_ALIGN * NOTE_ALIGN;
	r->data_total = use->slots * r->data_step;
	r->data = mmap(NULL, r->data_total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->data == MAP_FAILED) {
		r->data = NULL;
		return err_sys(e, "ring: memory");
	}
	(void)madvise(r->data, r->data_total, MADV_DONTDUMP);
	if (use->lock)
		(void)!mlock(r->data, r->data_total);
	if ((r->places = calloc(use->slots, sizeof(*r->places))) == NULL ||
	    (use->note_len > 0 && (r->notes = aligned_alloc(NOTE_ALIGN, use->slots * r->note_step)) == NULL))
		return err_sys(e, "ring: memory");
	for (unsigned i = 0; i < use->slots; i++) {
		r->places[i].s.data = r->data + i * r->data_step;
		r->places[i].s.note = r->notes == NULL ? NULL : r->notes + i * r->note_step;
	}
	return 0;
}

struct ring *
ring_new(const struct ring_use *use, struct err *e)
{
	struct ring *r = NULL;

	if (use->workers < 1 || use->workers > RING_WORKERS_MAX || use->slots <= use->workers ||
	    use->slots > RING_SLOTS_MAX || use->data_len == 0 ||
	    use->data_len > SIZE_MAX / RING_SLOTS_MAX / 2 || use->note_len > SIZE_MAX / RING_SLOTS_MAX / 2) {
		err_set(e, ERR_LIMIT, "ring: workers, slots or lengths out of bounds");
		return NULL;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL) {
		err_sys(e, "ring: memory");
		return NULL;
	}
	r->use = *use;
	r->empty = use->slots;
	/* These fail on Linux for no default object. */
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->emptied, NULL);
	(void)pthread_cond_init(&r->queued, NULL);
	if (make_slots(r, e) == -1 || start_threads(r, e) == -1) {
		ring_free(r);
		return NULL;
	}
	return r;
}

struct ring_slot *
ring_take(struct ring *r, struct err *e)
{
	struct place *p = NULL;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->failed && (p = find_empty(r)) == NULL)
		(void)pthread_cond_wait(&r->emptied, &r->lock);
	if (r->failed) {
		p = NULL;
		if (e != NULL)
			*e = r->err;
	} else {
		p->state = FILLING;
		r->empty--;
		clear_place(r, p);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return p == NULL ? NULL : &p->s;
}

void
ring_give(struct ring *r, struct ring_slot *slot)
{
	struct place *p = (struct place *)slot;

	(void)pthread_mutex_lock(&r->lock);
	p->state = QUEUED;
	*queue_at(r, r->given++) = p;
	(void)pthread_cond_broadcast(&r->queued);
	(void)pthread_mutex_unlock(&r->lock);
}

int
ring_drain(struct ring *r, struct err *e)
{
	int rc = 0;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->failed && (r->written < r->given || (r->running && !r->ended)))
		(void)pthread_cond_wait(&r->emptied, &r->lock);
	if (r->failed) {
		if (e != NULL)
			*e = r->err;
		rc = -1;
	}
	(void)pthread_mutex_unlock(&r->lock);
	return rc;
}

int
ring_run(struct ring *r, struct err *e)
{
	(void)pthread_mutex_lock(&r->lock);
	r->running = true;
	(void)pthread_cond_broadcast(&r->queued);
	(void)pthread_mutex_unlock(&r->lock);
	return ring_drain(r, e);
}

void
ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->queued);
	(void)pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->started; i++)
		(void)pthread_join(r->threads[i], NULL);
	(void)pthread_cond_destroy(&r->queued);
	(void)pthread_cond_destroy(&r->emptied);
	(void)pthread_mutex_destroy(&r->lock);
	/* What has been written is clean, or its most is known; of what has not, nobody can tell. */
	for (unsigned i = 0; r->places != NULL && i < r->use.slots; i++)
		if (r->places[i].used)
			explicit_bzero(r->places[i].s.data,
			    r->places[i].state == EMPTY ? r->places[i].most : r->use.data_len);
	if (r->data != NULL)
		(void)munmap(r->data, r->data_total); /* unlocks */
	if (r->notes != NULL)
		explicit_bzero(r->notes, r->use.slots * r->note_step);
	free(r->notes);
	free(r->places);
	free(r);
}
