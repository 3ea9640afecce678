/* Batches of whole lines, on their way from the source through the threads' ring. */
#include "batch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "stager/ring.h"
#include "stager/source.h"

#define NOTE_ALIGN 16

/* What reader and writer of a batch tell each other; the user's note stands behind it. */
struct head {
	uint64_t number; /* of the batch, from 0 */
	size_t len, out_len[ENTRY_SETS_MAX];
	bool last;
	bool none; /* the source had ended before */
};

struct run {
	const struct batch_use *use;
	struct ring *ring;
	size_t out_at; /* in a slot, where the first out begins */
	uint64_t given;
	/* The source is read by whoever has the batch whose turn it is. */
	pthread_mutex_t lock;
	pthread_cond_t turned;
	uint64_t turn;
	/* Whose turn it is has these. */
	char *tail;       /* what stands behind the last line end */
	size_t tail_len;  /* at most line_max + window */
	size_t tail_most; /* ever */
	uint64_t bytes;
	bool ended;       /* the source has no more */
	atomic_bool over; /* it has not, or cannot be read, or the writer wants no more */
	atomic_bool stop; /* the writer wants no more */
};

static size_t
note_at(void)
{
	return (sizeof(struct head) + NOTE_ALIGN - 1) / NOTE_ALIGN * NOTE_ALIGN;
}

static struct batch
batch_of(const struct run *r, const struct ring_slot *slot)
{
	const struct head *head = slot->note;
	const size_t out_max = r->use->out_max;
	struct batch batch = {.in = (const char *)slot->data,
	    .len = head->len,
	    .last = head->last,
	    .note = (uint8_t *)slot->note + note_at()};

	for (size_t i = 0; i < r->use->out_count; i++)
		batch.out[i] = (struct buf){.data = slot->data + r->out_at + i * out_max,
		    .len = head->out_len[i],
		    .cap = out_max,
		    .limit = out_max};
	return batch;
}

static int
write_slot(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct run *r = ctx;
	struct batch batch = batch_of(r, slot);
	int rc;

	if (slot->failed || ((struct head *)slot->note)->none || atomic_load(&r->stop))
		return 0;
	if ((rc = r->use->write(r->use->ctx, &batch, e)) == 0) {
		atomic_store(&r->stop, true);
		atomic_store(&r->over, true);
	}
	return rc == -1 ? -1 : 0;
}

/* Behind the last line end in [from, len); 0 where there is none. Only where there is no LF a CR counts. */
static size_t
cut(const char *data, size_t from, size_t len)
{
	const char *end = memrchr(data + from, '\n', len - from);

	if (end == NULL)
		end = memrchr(data + from, '\r', len - from);
	return end == NULL ? 0 : (size_t)(end - data) + 1;
}

/* The next batch into a slot. */
static int
fill(struct run *r, struct ring_slot *slot, struct err *e)
{
	const struct batch_use *use = r->use;
	char *data = (char *)slot->data;
	struct head *head = slot->note;
	size_t len = r->tail_len, end = cut(r->tail, 0, r->tail_len);
	ssize_t n;

	memcpy(data, r->tail, len);
	while (end == 0 && !r->ended && len <= use->line_max) {
		slot->wipe = len + use->window;
		if ((n = source_read_full(use->source, data + len, use->window, e)) == -1)
			return -1;
		r->bytes += (uint64_t)n;
		r->ended = (size_t)n < use->window;
		end = cut(data, len, len + (size_t)n);
		len += (size_t)n;
	}
	slot->wipe = len;
	/* A line that is too long goes as it is: whoever reads it will say so. */
	if (r->ended || end == 0)
		end = len;
	r->tail_len = len - end;
	memcpy(r->tail, data + end, r->tail_len);
	if (r->tail_most < r->tail_len)
		r->tail_most = r->tail_len;
	head->len = end;
	head->last = r->ended;
	return 0;
}

/*
 * A batch's bytes, in its turn. Each batch that was given has a thread that comes here, so each waits only for some that have read, or will.
 * So nobody reads for others: what a thread has read is in its own processor's cache, and none has to be woken for it.
 */
static int
read_in_turn(struct run *r, struct ring_slot *slot, struct err *e)
{
	struct head *head = slot->note;
	int rc = 0;

	(void)pthread_mutex_lock(&r->lock);
	while (r->turn != head->number)
		(void)pthread_cond_wait(&r->turned, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
	head->none = atomic_load(&r->over);
	if (!head->none && ((rc = fill(r, slot, e)) == -1 || r->ended))
		atomic_store(&r->over, true);
	(void)pthread_mutex_lock(&r->lock);
	r->turn++;
	(void)pthread_cond_broadcast(&r->turned);
	(void)pthread_mutex_unlock(&r->lock);
	return rc;
}

static int
work(void *ctx, unsigned thread, struct ring_slot *slot, struct err *e)
{
	struct run *r = ctx;
	struct batch batch;
	struct head *head = slot->note;
	int rc;

	if (read_in_turn(r, slot, e) == -1)
		return -1;
	batch = batch_of(r, slot);
	if (head->none || atomic_load(&r->stop))
		return 0;
	rc = r->use->work(r->use->ctx, thread, &batch, e);
	for (size_t i = 0; i < r->use->out_count; i++) {
		head->out_len[i] = batch.out[i].len;
		if (batch.touched[i] > 0)
			slot->wipe = r->out_at + i * r->use->out_max + batch.touched[i];
	}
	return rc;
}

/* The ring's: another batch, if there may be one. */
static int
next(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct run *r = ctx;

	(void)e;
	if (atomic_load(&r->over))
		return 0;
	((struct head *)slot->note)->number = r->given++;
	return 1;
}

/* What nobody wants any more is read all the same: how much there was is in the report, and may not hang on the threads' pace. */
static int
read_rest(struct run *r, struct err *e)
{
	ssize_t n;

	while (!r->ended) {
		if ((n = source_read_full(r->use->source, r->tail, r->use->window, e)) == -1)
			return -1;
		r->bytes += (uint64_t)n;
		r->ended = (size_t)n < r->use->window;
		if (r->tail_most < (size_t)n)
			r->tail_most = (size_t)n;
	}
	return 0;
}

int
batch_run(const struct batch_use *use, const char *begun, size_t begun_len, uint64_t *bytes, struct err *e)
{
	size_t in_max = use->line_max + use->window + BATCH_SLACK;
	struct run r = {.use = use, .out_at = (in_max + 63) / 64 * 64};
	struct ring_use ring = {.workers = use->threads,
	    .slots = 2 * use->threads + 2,
	    .data_len = r.out_at + use->out_count * use->out_max,
	    .note_len = note_at() + use->note_len,
	    .ctx = &r,
	    .next = next,
	    .work = work,
	    .write = write_slot};
	int rc = -1;

	if (begun_len > use->line_max + use->window)
		return err_set(e, ERR_SYSTEM, "batches: more was read before than one holds");
	if ((r.tail = malloc(use->line_max + use->window)) == NULL)
		return err_set(e, ERR_SYSTEM, "batches: out of memory");
	memcpy(r.tail, begun, begun_len);
	r.tail_len = r.tail_most = begun_len;
	/* These fail on Linux for no default object. */
	(void)pthread_mutex_init(&r.lock, NULL);
	(void)pthread_cond_init(&r.turned, NULL);
	if ((r.ring = ring_new(&ring, e)) != NULL && ring_run(r.ring, e) == 0)
		rc = read_rest(&r, e);
	ring_free(r.ring);
	(void)pthread_cond_destroy(&r.turned);
	(void)pthread_mutex_destroy(&r.lock);
	explicit_bzero(r.tail, r.tail_most);
	free(r.tail);
	*bytes += r.bytes;
	return rc;
}
