/* The gateway as a whole: shards open for reading, blocks filled from them, threads started and ended. */
#include "stager/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway_parts.h"
#include "stager/manifest.h"
#include "stager/node.h"
#include "stager/ring.h"

#define ROWS_OPEN 64 /* shards open at once: a descriptor and 32 bytes a segment each */
#define AHEAD_NEAR 8 /* blocks read ahead for a reader: 4 MiB */
#define GO_ON (4 * CACHE_BLOCK)
#define ADDRESS_SPACE (UINT64_C(3) << 30) /* stacks, buffers, sums, the index */

struct gateway_row {
	struct node_shard *shard;
	unsigned users;
	bool opening;
	uint64_t used; /* when it was taken last */
};

/* A shard that nobody reads, the one that was not read for longest; taken out, to be freed without the lock. */
static struct node_shard *
drop_row(struct gateway *g)
{
	struct gateway_row *oldest = NULL;
	struct node_shard *shard;

	for (size_t i = 0; i < g->row_count; i++)
		if (g->rows[i].shard != NULL && g->rows[i].users == 0 &&
		    (oldest == NULL || g->rows[i].used < oldest->used))
			oldest = &g->rows[i];
	if (oldest == NULL)
		return NULL;
	shard = oldest->shard;
	oldest->shard = NULL;
	g->open_count--;
	return shard;
}

/* The shard, open; give it back with let_row. */
static struct node_shard *
take_row(struct gateway *g, uint64_t row, struct err *e)
{
	struct gateway_row *r = &g->rows[row];
	struct node_shard *shard = NULL, *dropped = NULL;
	int rc;

	(void)pthread_mutex_lock(&g->lock);
	while (r->opening)
		(void)pthread_cond_wait(&g->opened, &g->lock);
	if (r->shard == NULL) {
		r->opening = true;
		if (g->open_count >= ROWS_OPEN)
			dropped = drop_row(g);
		g->open_count++;
		(void)pthread_mutex_unlock(&g->lock);
		node_shard_free(dropped);
		rc = node_shard_open(g->use.release, g->use.store, row, &shard, e);
		(void)pthread_mutex_lock(&g->lock);
		r->opening = false;
		if (rc == 0)
			r->shard = shard;
		else
			g->open_count--;
		(void)pthread_cond_broadcast(&g->opened);
		if (rc == -1) {
			(void)pthread_mutex_unlock(&g->lock);
			return NULL;
		}
	}
	shard = r->shard;
	r->users++;
	r->used = ++g->clock;
	(void)pthread_mutex_unlock(&g->lock);
	return shard;
}

static void
let_row(struct gateway *g, uint64_t row)
{
	(void)pthread_mutex_lock(&g->lock);
	g->rows[row].users--;
	(void)pthread_mutex_unlock(&g->lock);
}

static int
fill(void *ctx, uint64_t object, uint64_t block, uint8_t *out, size_t len, struct err *e)
{
	struct gateway *g = ctx;
	struct node_shard *shard = take_row(g, object, e);
	size_t count = (len + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX, good = 0;
	int rc;

	if (shard == NULL)
		return -1;
	rc = node_shard_read(shard, block * CACHE_SEGMENTS, count, out, &good, e);
	let_row(g, object);
	if (rc == 0 && good != len)
		rc = err_set(e, ERR_FORGED, "%s: it is shorter than the table says",
		    g->use.release->table->shards[object].name);
	return rc;
}

uint64_t
gateway_until(struct gateway *g, uint64_t row, uint64_t shard_len, uint64_t first, uint64_t len)
{
	uint64_t until = first + len;

	(void)pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < GATEWAY_RECENT; i++)
		if (g->recent[i].row == row + 1 && first >= g->recent[i].end &&
		    first - g->recent[i].end <= CACHE_BLOCK) {
			until += GO_ON;
			g->recent[i].row = 0;
			break;
		}
	g->recent_at = (g->recent_at + 1) % GATEWAY_RECENT;
	g->recent[g->recent_at].row = row + 1; /* 0: none */
	g->recent[g->recent_at].end = first + len;
	(void)pthread_mutex_unlock(&g->lock);
	return until < shard_len ? until : shard_len;
}

uint64_t
gateway_address_space(uint64_t memory)
{
	return memory + ADDRESS_SPACE;
}

static int
start_cache(struct gateway *g, struct err *e)
{
	unsigned streams = node_store_streams(g->use.store);
	struct cache_use use = {.memory = g->use.memory,
	    .workers = streams == 0 ? ring_processors() : streams,
	    .ahead = streams == 0 ? AHEAD_NEAR : 2 * streams,
	    .ctx = g,
	    .fill = fill};

	/* Every connection holds a block and waits for the next: two for each, and none waits for ever. */
	g->connections = g->use.memory / CACHE_BLOCK / 2 < GATEWAY_CONNECTIONS
			     ? (unsigned)(g->use.memory / CACHE_BLOCK / 2)
			     : GATEWAY_CONNECTIONS;
	return (g->cache = cache_new(&use, e)) == NULL ? -1 : 0;
}

int
gateway_new(const struct gateway_use *use, struct gateway **out, struct err *e)
{
	struct gateway *g = calloc(1, sizeof(*g));
	char url[128];

	if (g == NULL)
		return err_set(e, ERR_SYSTEM, "gateway: out of memory");
	g->use = *use;
	(void)pthread_mutex_init(&g->lock, NULL);
	(void)pthread_cond_init(&g->opened, NULL);
	(void)snprintf(g->bucket, sizeof(g->bucket), "%s", use->release->manifest->version_id);
	(void)time(&g->started_at);
	http_date(g->started_at, g->started);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/%s/", use->port, g->bucket);
	g->row_count = use->release->table->count;
	if ((g->rows = calloc(g->row_count, sizeof(*g->rows))) == NULL) {
		err_set(e, ERR_SYSTEM, "gateway: out of memory");
		goto fail;
	}
	if (use->memory < GATEWAY_MEMORY_MIN || use->memory > GATEWAY_MEMORY_MAX) {
		err_set(e, ERR_USAGE, "gateway: memory is between 64 MiB and 16 TiB");
		goto fail;
	}
	if (catalog_new(use->release, use->store, url, &g->catalog, e) == -1 || start_cache(g, e) == -1 ||
	    (use->results != -1 && gateway_results_new(g, &g->results, e) == -1))
		goto fail;
	*out = g;
	return 0;
fail:
	gateway_free(g);
	return -1;
}

static void
tell_fault(void *ctx, const struct err *e)
{
	(void)ctx;
	(void)err_report("stager-node: gateway", e);
}

int
gateway_serve(struct gateway *g, const sigset_t *until, volatile sig_atomic_t *stop, struct err *e)
{
	const struct http_server server = {.listen_fd = g->use.listen_fd,
	    .connections = g->connections,
	    .ctx = g,
	    .answer = gateway_answer,
	    .refuse = gateway_refuse_head,
	    .fault = tell_fault};

	return http_serve(&server, until, stop, e);
}

void
gateway_free(struct gateway *g)
{
	if (g == NULL)
		return;
	cache_free(g->cache);
	gateway_results_free(g->results);
	for (size_t i = 0; g->rows != NULL && i < g->row_count; i++)
		node_shard_free(g->rows[i].shard);
	free(g->rows);
	catalog_free(g->catalog);
	(void)pthread_cond_destroy(&g->opened);
	(void)pthread_mutex_destroy(&g->lock);
	free(g);
}
