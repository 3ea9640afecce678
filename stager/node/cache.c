/* Plaintext blocks in memory: a table, a list by last use, a queue for the threads that read ahead; one lock over all. */
#include "cache.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <sodium.h>

#define HUGE_PAGE (2u << 20)
#define KEYS_LOCKED (8u << 20) /* of the limit of locked memory, left to others */
/*
 * Once all memory is used, a lone reader of what is new goes round in so many blocks and the rest stays: by last use alone, who
 * reads more than fits, in one order, finds nothing of it the next time. Every so many times the oldest goes.
 */
#define RECENT 16
#define OLDEST_EACH 8

enum state {
	FREE,    /* in the list `unused`, holds nothing */
	QUEUED,  /* wanted soon, nobody opens it yet */
	FILLING, /* one thread opens it */
	READY,
	FAILED, /* no longer in the table; whoever waited takes the fault, the last one frees it */
};

struct cache_block {
	enum state state;
	uint64_t object, number;
	size_t len;
	unsigned holders; /* who reads it or waits for it; READY without any may be dropped */
	uint8_t *data;
	bool touched;                        /* its memory was used before */
	bool read;                           /* held since it was opened */
	bool again;                          /* and once more when it was not recent */
	uint64_t stamp;                      /* of clock, in the list `ahead` */
	struct cache_block *in_bucket;       /* the next in the table */
	struct cache_block *before, *behind; /* in a list */
	struct list *in; /* that one: a READY one that nobody holds, a QUEUED or a FREE one is in one */
	pthread_cond_t changed;
	struct err err;
};

struct list {
	struct cache_block *front, *back; /* the front is the oldest */
	size_t count;
};

struct cache {
	struct cache_use use;
	pthread_mutex_t lock;
	pthread_cond_t room; /* a block can be taken */
	pthread_cond_t work; /* something is queued, or all is over */
	struct cache_block *blocks, **buckets;
	size_t count, bucket_count;
	uint8_t *memory; /* mapped_len bytes, of which the blocks begin at a boundary of HUGE_PAGE */
	size_t mapped_len;
	uint64_t lock_left, locked, fills;
	uint64_t clock; /* blocks taken so far */
	struct list unused, queue;
	/* READY and held by nobody: opened for who has not come yet; read, of late; read, and not of late or once more. */
	struct list ahead, recent, used;
	unsigned readers, started;
	bool over;
	pthread_t threads[CACHE_WORKERS_MAX];
};

static void
list_push(struct list *l, struct cache_block *b)
{
	b->in = l;
	l->count++;
	b->behind = NULL;
	b->before = l->back;
	if (l->back != NULL)
		l->back->behind = b;
	else
		l->front = b;
	l->back = b;
}

static void
list_take(struct cache_block *b)
{
	struct list *l = b->in;

	if (l == NULL)
		return;
	l->count--;
	if (b->before != NULL)
		b->before->behind = b->behind;
	else
		l->front = b->behind;
	if (b->behind != NULL)
		b->behind->before = b->before;
	else
		l->back = b->before;
	b->before = b->behind = NULL;
	b->in = NULL;
}

static struct cache_block **
bucket_of(struct cache *c, uint64_t object, uint64_t number)
{
	uint64_t hash = (object * UINT64_C(0x9e3779b97f4a7c15)) ^ (number * UINT64_C(0xc2b2ae3d27d4eb4f));

	return &c->buckets[(hash ^ (hash >> 29)) & (c->bucket_count - 1)];
}

static struct cache_block *
find(struct cache *c, uint64_t object, uint64_t number)
{
	struct cache_block *b = *bucket_of(c, object, number);

	while (b != NULL && (b->object != object || b->number != number))
		b = b->in_bucket;
	return b;
}

static void
forget(struct cache *c, struct cache_block *b)
{
	struct cache_block **at = bucket_of(c, b->object, b->number);

	while (*at != b)
		at = &(*at)->in_bucket;
	*at = b->in_bucket;
}

/* How many blocks count as recent: readers that are not far from one another shall find what one of them opened. */
static size_t
recent_max(const struct cache *c)
{
	return c->readers > 1 ? c->count / 2 : RECENT;
}

/* READY, and nobody holds it any more, or yet. */
static void
rest(struct cache *c, struct cache_block *b)
{
	struct cache_block *old;

	if (!b->read) {
		b->stamp = c->clock;
		list_push(&c->ahead, b);
	} else if (b->again) {
		list_push(&c->used, b);
	} else {
		list_push(&c->recent, b);
		while (c->recent.count > recent_max(c) && (old = c->recent.front) != NULL) {
			list_take(old);
			list_push(&c->used, old);
		}
	}
}

/* Of the blocks that hold something and are held by nobody the one that is to go. */
static struct cache_block *
choose(const struct cache *c)
{
	struct cache_block *ahead = c->ahead.front, *recent = c->recent.front, *used = c->used.front;

	/* Opened for somebody who went away. */
	if (ahead != NULL && c->clock - ahead->stamp > c->count)
		return ahead;
	if (recent != NULL && c->recent.count >= recent_max(c) &&
	    (used == NULL || c->clock % OLDEST_EACH != 0))
		return recent;
	return used != NULL ? used : recent != NULL ? recent : ahead;
}

/* A block for new content: an unused one, else one that holds something. NULL where all are held. */
static struct cache_block *
take_block(struct cache *c, uint64_t object, uint64_t number, uint64_t object_len)
{
	struct cache_block *b = c->unused.front, **bucket;
	uint64_t left = object_len - number * CACHE_BLOCK;

	if (b != NULL) {
		list_take(b);
	} else if ((b = choose(c)) != NULL) {
		list_take(b);
		forget(c, b);
	} else {
		return NULL;
	}
	c->clock++;
	b->read = b->again = false;
	b->state = FREE;
	b->object = object;
	b->number = number;
	b->len = left < CACHE_BLOCK ? (size_t)left : CACHE_BLOCK;
	b->holders = 0;
	bucket = bucket_of(c, object, number);
	b->in_bucket = *bucket;
	*bucket = b;
	return b;
}

/* The first time that a block is used its memory is locked, as long as the limit lasts. */
static void
lock_memory(struct cache *c, struct cache_block *b)
{
	bool want = false;

	(void)pthread_mutex_lock(&c->lock);
	if (!b->touched && c->lock_left >= CACHE_BLOCK) {
		c->lock_left -= CACHE_BLOCK;
		want = true;
	}
	b->touched = true;
	(void)pthread_mutex_unlock(&c->lock);
	if (want && mlock(b->data, CACHE_BLOCK) == 0) {
		(void)pthread_mutex_lock(&c->lock);
		c->locked += CACHE_BLOCK;
		(void)pthread_mutex_unlock(&c->lock);
	}
}

/* Open a block that is FILLING, in this thread, without the lock; called and left with it. */
static void
fill(struct cache *c, struct cache_block *b)
{
	struct err e = {.code = ERR_NONE};
	int rc;

	(void)pthread_mutex_unlock(&c->lock);
	lock_memory(c, b);
	rc = c->use.fill(c->use.ctx, b->object, b->number, b->data, b->len, &e);
	/* What stood here before was just written over; what was longer, or nothing came of, is wiped. */
	if (rc == -1)
		sodium_memzero(b->data, CACHE_BLOCK);
	else
		sodium_memzero(b->data + b->len, CACHE_BLOCK - b->len);
	(void)pthread_mutex_lock(&c->lock);
	if (rc == 0) {
		c->fills++;
		b->state = READY;
		if (b->holders == 0) {
			rest(c, b);
			(void)pthread_cond_broadcast(&c->room);
		}
	} else {
		forget(c, b);
		b->state = b->holders == 0 ? FREE : FAILED;
		b->err = e;
		if (b->state == FREE) {
			list_push(&c->unused, b);
			(void)pthread_cond_broadcast(&c->room);
		}
	}
	(void)pthread_cond_broadcast(&b->changed);
}

static void *
read_ahead(void *ctx)
{
	struct cache *c = ctx;
	struct cache_block *b;

	(void)pthread_mutex_lock(&c->lock);
	for (;;) {
		while ((b = c->queue.front) == NULL && !c->over)
			(void)pthread_cond_wait(&c->work, &c->lock);
		if (c->over)
			break;
		list_take(b);
		b->state = FILLING;
		fill(c, b);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

static int
start_threads(struct cache *c, struct err *e)
{
	sigset_t all, before;
	int rc = 0;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; rc == 0 && c->started < c->use.workers; c->started += rc == 0 ? 1 : 0)
		rc = pthread_create(&c->threads[c->started], NULL, read_ahead, c);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 ? 0 : err_set(e, ERR_SYSTEM, "cache: start a thread: %s", strerror(rc));
}

struct cache *
cache_new(const struct cache_use *use, struct err *e)
{
	struct cache *c = calloc(1, sizeof(*c));
	struct rlimit limit;
	uint8_t *first;

	if (c == NULL)
		goto no_memory;
	c->use = *use;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->room, NULL);
	(void)pthread_cond_init(&c->work, NULL);
	c->memory = MAP_FAILED;
	c->count = (size_t)(use->memory / CACHE_BLOCK);
	if (c->count < CACHE_BLOCKS_MIN)
		c->count = CACHE_BLOCKS_MIN;
	for (c->bucket_count = 64; c->bucket_count < c->count * 2; c->bucket_count *= 2)
		continue;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0)
		c->lock_left = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX
			       : limit.rlim_cur > KEYS_LOCKED  ? limit.rlim_cur - KEYS_LOCKED
							       : 0;
	c->mapped_len = c->count * CACHE_BLOCK + HUGE_PAGE;
	c->memory = mmap(
	    NULL, c->mapped_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	c->blocks = calloc(c->count, sizeof(*c->blocks));
	c->buckets = calloc(c->bucket_count, sizeof(struct cache_block *));
	if (c->memory == MAP_FAILED || c->blocks == NULL || c->buckets == NULL)
		goto no_memory;
	first = c->memory + (HUGE_PAGE - (uintptr_t)c->memory % HUGE_PAGE) % HUGE_PAGE;
	/* So that huge pages fit where the kernel gives them by itself; asked for they can cost seconds of compaction for a GB. */
	for (size_t i = 0; i < c->count; i++) {
		c->blocks[i].data = first + i * CACHE_BLOCK;
		(void)pthread_cond_init(&c->blocks[i].changed, NULL);
		list_push(&c->unused, &c->blocks[i]);
	}
	if (start_threads(c, e) == -1)
		goto fail;
	return c;
no_memory:
	err_set(e, ERR_SYSTEM, "cache: %llu bytes cannot be had", (unsigned long long)use->memory);
fail:
	cache_free(c);
	return NULL;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->over = true;
	(void)pthread_cond_broadcast(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->started; i++)
		(void)pthread_join(c->threads[i], NULL);
	for (size_t i = 0; c->blocks != NULL && i < c->count; i++) {
		if (c->blocks[i].touched)
			sodium_memzero(c->blocks[i].data, CACHE_BLOCK);
		if (c->blocks[i].data != NULL)
			(void)pthread_cond_destroy(&c->blocks[i].changed);
	}
	if (c->memory != MAP_FAILED)
		(void)munmap(c->memory, c->mapped_len);
	free(c->blocks);
	free(c->buckets);
	(void)pthread_cond_destroy(&c->work);
	(void)pthread_cond_destroy(&c->room);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

void
cache_enter(struct cache *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->readers++;
	(void)pthread_mutex_unlock(&c->lock);
}

void
cache_leave(struct cache *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->readers--;
	(void)pthread_mutex_unlock(&c->lock);
}

/* Queue what the reader will want next. Half of all blocks is shared out between the readers for that. */
static void
queue_ahead(struct cache *c, const struct cache_reader *r, uint64_t block)
{
	size_t share = c->count / 2 / (c->readers > 0 ? c->readers : 1);
	uint64_t ahead = share < c->use.ahead ? share : c->use.ahead;
	uint64_t until = r->until < r->len ? r->until : r->len;
	struct cache_block *b;

	for (uint64_t n = block + 1; n <= block + ahead && n * CACHE_BLOCK < until; n++) {
		if ((b = find(c, r->object, n)) != NULL) {
			/* It is wanted soon: the last to be dropped. */
			if (b->state == READY && b->holders == 0) {
				b->again = b->again || b->in == &c->used;
				list_take(b);
				b->stamp = c->clock;
				list_push(&c->ahead, b);
			}
			continue;
		}
		if ((b = take_block(c, r->object, n, r->len)) == NULL)
			break;
		b->state = QUEUED;
		list_push(&c->queue, b);
		(void)pthread_cond_signal(&c->work);
	}
}

/* The last who held it lets go: it can be dropped, or is free. */
static void
let_go(struct cache *c, struct cache_block *b)
{
	if (--b->holders > 0)
		return;
	if (b->state == READY) {
		rest(c, b);
	} else if (b->state == FAILED) {
		b->state = FREE;
		list_push(&c->unused, b);
	}
	(void)pthread_cond_broadcast(&c->room);
}

int
cache_get(struct cache *c, const struct cache_reader *reader, uint64_t block, struct cache_block **out,
    struct err *e)
{
	struct cache_block *b;
	int rc = 0;

	if (block * CACHE_BLOCK >= reader->len)
		return err_set(e, ERR_USAGE, "cache: no such block");
	(void)pthread_mutex_lock(&c->lock);
	while ((b = find(c, reader->object, block)) == NULL &&
	       (b = take_block(c, reader->object, block, reader->len)) == NULL)
		(void)pthread_cond_wait(&c->room, &c->lock);
	b->again = b->again || b->in == &c->used;
	list_take(b);
	b->holders++;
	b->read = true;
	if (b->state == FREE || b->state == QUEUED) {
		/* New, or nobody has begun with it: this thread does, the others with what comes next. */
		b->state = FILLING;
		queue_ahead(c, reader, block);
		fill(c, b);
	} else {
		queue_ahead(c, reader, block);
	}
	while (b->state == FILLING)
		(void)pthread_cond_wait(&b->changed, &c->lock);
	if (b->state == FAILED) {
		if (e != NULL)
			*e = b->err;
		let_go(c, b);
		rc = -1;
	} else {
		*out = b;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

const uint8_t *
cache_data(const struct cache_block *b, size_t *len)
{
	*len = b->len;
	return b->data;
}

void
cache_release(struct cache *c, struct cache_block *b)
{
	(void)pthread_mutex_lock(&c->lock);
	let_go(c, b);
	(void)pthread_mutex_unlock(&c->lock);
}

uint64_t
cache_fills(struct cache *c)
{
	uint64_t n;

	(void)pthread_mutex_lock(&c->lock);
	n = c->fills;
	(void)pthread_mutex_unlock(&c->lock);
	return n;
}

uint64_t
cache_locked(struct cache *c)
{
	uint64_t n;

	(void)pthread_mutex_lock(&c->lock);
	n = c->locked;
	(void)pthread_mutex_unlock(&c->lock);
	return n;
}
