/* Rows one after the other, on several threads, read ahead; and whether a copy is the one that the house means. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/c4gh.h"
#include "stager/dsse.h"
#include "stager/node.h"
#include "stager/ring.h"
#include "store.h"

#define BATCH_NEAR 8 /* segments of a slot: 512 KiB, so that two slots stay in a core's own cache */
#define BATCH_FAR 64 /* of a slot that a network fills: 4 MiB; fewer where there are many streams */
#define STREAMS_FAR 8
#define COPY_MAX (64u << 20)

/* Rows on their way out. */
struct stream {
	const struct node_release *r;
	struct node_store *store;
	const struct node_sink *sink;
	const uint64_t *rows;
	size_t count;
	/* One for each of rows: from when it is opened until its last slot is written. */
	struct node_shard **shards;
};

/* What a slot carries. */
struct batch {
	size_t which;   /* of rows */
	uint64_t first; /* segment */
	size_t count;
	size_t good; /* bytes proven and open */
};

/* The next row's shard, opened by a thread of its own while the one before it passes. */
struct ahead {
	struct stream *s;
	size_t which;
	pthread_t thread;
	bool running;
	int rc;
	struct err err;
};

static void *
ahead_main(void *ctx)
{
	struct ahead *a = ctx;

	a->rc = node_shard_open(a->s->r, a->s->store, a->s->rows[a->which], &a->s->shards[a->which], &a->err);
	return NULL;
}

/* Threads take no signals: those are for the one who started them. */
static int
ahead_start(struct ahead *a, size_t which, struct err *e)
{
	sigset_t all, before;
	int rc;

	a->which = which;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&a->thread, NULL, ahead_main, a);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(e, ERR_SYSTEM, "start a thread: %s", strerror(rc));
	a->running = true;
	return 0;
}

static int
ahead_join(struct ahead *a, struct err *e)
{
	(void)pthread_join(a->thread, NULL);
	a->running = false;
	if (a->rc == -1 && e != NULL)
		*e = a->err;
	return a->rc;
}

/* Read, prove and open segments up to the first fault: by one thread, so that they stay in its processor's cache. */
static int
open_batch(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct stream *s = ctx;
	struct batch *b = slot->note;

	(void)worker;
	return node_shard_read(s->shards[b->which], b->first, b->count, slot->data, &b->good, e);
}

/* In order: what stands before a fault is sound, and goes out before the fault is told. */
static int
write_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct stream *s = ctx;
	const struct batch *b = slot->note;
	struct err later = {.code = ERR_NONE};
	struct node_shard *shard = s->shards[b->which];

	if (b->good > 0 && s->sink->write(s->sink->ctx, slot->data, b->good, e != NULL ? e : &later) == -1)
		return -1;
	if (e == NULL || b->first + b->count < node_shard_line(shard)->segments)
		return 0;
	s->shards[b->which] = NULL;
	node_shard_free(shard);
	return s->sink->end == NULL ? 0 : s->sink->end(s->sink->ctx, s->rows[b->which], e);
}

/* All slots of a row, whose shard is open. */
static int
give_row(struct stream *s, struct ring *ring, size_t which, size_t batch, struct err *e)
{
	uint64_t segments = s->r->table->shards[s->rows[which]].segments;
	struct ring_slot *slot;
	struct batch *b;
	size_t count;

	for (uint64_t first = 0; first < segments; first += count) {
		count = segments - first < batch ? (size_t)(segments - first) : batch;
		if ((slot = ring_take(ring, e)) == NULL)
			return -1;
		b = slot->note;
		*b = (struct batch){.which = which, .first = first, .count = count};
		slot->wipe = count * C4GH_PLAIN_MAX;
		ring_give(ring, slot);
	}
	return 0;
}

static int
give_rows(struct stream *s, struct ring *ring, size_t batch, struct err *e)
{
	struct ahead a = {.s = s};
	int rc;

	if (ahead_start(&a, 0, e) == -1)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		if (ahead_join(&a, e) == -1) {
			struct err before = {.code = ERR_NONE};

			/* What was given goes out first, and a fault in it comes first. */
			if (ring_drain(ring, &before) == -1 && e != NULL)
				*e = before;
			return -1;
		}
		if (i + 1 < s->count && ahead_start(&a, i + 1, e) == -1)
			return -1;
		rc = give_row(s, ring, i, batch, e);
		if (rc == -1 && a.running)
			(void)!ahead_join(&a, NULL);
		if (rc == -1)
			return -1;
	}
	return ring_drain(ring, e);
}

/* How many threads, and how much each reads: near, the processors count; far, the requests that are under way. */
static size_t
choose_ring(const struct stream *s, struct ring_use *use)
{
	unsigned streams = node_store_streams(s->store);
	size_t batch = BATCH_NEAR;
	uint64_t slots = 0;

	/* Some open what came while all streams are under way. */
	use->workers = streams + ring_processors();
	if (use->workers > RING_WORKERS_MAX)
		use->workers = RING_WORKERS_MAX;
	if (streams > 0)
		for (batch = BATCH_FAR; batch > BATCH_NEAR && batch * streams > BATCH_FAR * STREAMS_FAR;)
			batch /= 2;
	for (size_t i = 0; i < s->count && slots <= RING_SLOTS_MAX; i++)
		slots += (s->r->table->shards[s->rows[i]].segments + batch - 1) / batch;
	if (slots < use->workers)
		use->workers = (unsigned)slots;
	use->slots = slots < 2 * use->workers + 2 ? (unsigned)slots + 1 : 2 * use->workers + 2;
	use->data_len = batch * C4GH_PLAIN_MAX;
	return batch;
}

int
node_open_rows(const struct node_release *r, struct node_store *store, const uint64_t *rows, size_t count,
    const struct node_sink *sink, struct err *e)
{
	struct stream s = {.r = r, .store = store, .sink = sink, .rows = rows, .count = count};
	struct ring_use use = {.note_len = sizeof(struct batch),
	    .lock = true, /* where the node allows that much; keys always are */
	    .ctx = &s,
	    .work = open_batch,
	    .write = write_batch};
	struct ring *ring = NULL;
	size_t batch;
	int rc = -1;

	if (count == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (rows[i] >= r->table->count || r->table->shards[rows[i]].segments == 0)
			return err_set(
			    e, ERR_USAGE, "row %llu was not asked for", (unsigned long long)rows[i]);
	if ((s.shards = calloc(count, sizeof(struct node_shard *))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	batch = choose_ring(&s, &use);
	if ((ring = ring_new(&use, e)) != NULL)
		rc = give_rows(&s, ring, batch, e);
	ring_free(ring);
	for (size_t i = 0; i < count; i++)
		node_shard_free(s.shards[i]);
	free(s.shards);
	return rc;
}

int
node_check_copy(const struct node *n, const struct node_release *r, struct node_store *s, struct err *e)
{
	char name[NODE_STORE_NAME_MAX];
	uint8_t digest[DIGEST_LEN];
	struct dsse *d = NULL;
	struct buf file;
	int rc = -1, there;

	buf_init(&file, COPY_MAX);
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", r->set);
	if ((there = node_store_load(s, name, &file, e)) == -1)
		goto out;
	digest_bytes(file.data, file.len, digest);
	if (there == 1 && !digest_equal(digest, r->table_digest)) {
		err_set(e, ERR_FORGED, "shards.jsonl: the copy's is not the one that the manifest names");
		goto out;
	}
	buf_clear(&file);
	if ((there = node_store_load(s, "manifest.json", &file, e)) == -1)
		goto out;
	if (there == 1) {
		if ((d = dsse_decode(file.data, file.len, "manifest.json", e)) == NULL ||
		    dsse_check(d, DSSE_MANIFEST, n->card.key, "manifest.json", e) == -1) {
			e->code = ERR_FORGED;
			goto out;
		}
		digest_bytes(d->payload.data, d->payload.len, digest);
		if (!digest_equal(digest, r->statement)) {
			err_set(e, ERR_FORGED, "manifest.json: the copy's is another manifest");
			goto out;
		}
	}
	rc = 0;
out:
	dsse_free(d);
	buf_free(&file);
	return rc;
}
