/* What all endpoints have in common: opening by URL, names, and one way of trying again and going on. */
#include "stager/endpoint.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "policy.h"

/* Measured: see DESIGN.md, "Endpoints". */
#define STREAMS_DEFAULT 4
#define PART_DEFAULT (UINT64_C(64) << 20)
/* 0.25 s, doubled to 20 s: some 65 s in all, in which a gateway that fell over is up again. */
#define TRIES_DEFAULT 10
#define PAUSE_DEFAULT_MS 250
#define PAUSE_MAX_MS 20000
/* A longer wish of the other side is not granted. */
#define AFTER_MAX_MS 120000
#define STALL_DEFAULT_S 30
#define RATE_MIN (UINT64_C(64) << 10)
/* So much got through: the other side is alive, and the tries are counted anew. */
#define PROGRESS (UINT64_C(1) << 20)
/* Of a list, 1000 objects each: a server that always says that there is more shall not keep us for good. */
#define PAGES_MAX 100000

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	unsigned free;
	/* Memory for parts, kept: mapping 64 MiB anew for each costs as much as sending some of them. */
	unsigned spare_count;
	struct {
		uint8_t *data;
		size_t len;
	} spare[ENDPOINT_STREAMS_MAX];
};

static struct gate *
gate_new(unsigned count, struct err *e)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		err_sys(e, "endpoint");
		return NULL;
	}
	(void)pthread_mutex_init(&g->lock, NULL);
	(void)pthread_cond_init(&g->freed, NULL);
	g->free = count;
	return g;
}

void
gate_enter(struct gate *g)
{
	(void)pthread_mutex_lock(&g->lock);
	while (g->free == 0)
		(void)pthread_cond_wait(&g->freed, &g->lock);
	g->free--;
	(void)pthread_mutex_unlock(&g->lock);
}

void
gate_leave(struct gate *g)
{
	(void)pthread_mutex_lock(&g->lock);
	g->free++;
	(void)pthread_cond_signal(&g->freed);
	(void)pthread_mutex_unlock(&g->lock);
}

uint8_t *
gate_buffer(struct gate *g, size_t *len)
{
	uint8_t *data = NULL;
	size_t had = 0;

	(void)pthread_mutex_lock(&g->lock);
	if (g->spare_count > 0) {
		g->spare_count--;
		data = g->spare[g->spare_count].data;
		had = g->spare[g->spare_count].len;
	}
	(void)pthread_mutex_unlock(&g->lock);
	if (data != NULL && had >= *len) {
		*len = had;
		return data;
	}
	if (data != NULL)
		(void)munmap(data, had);
	data = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return data == MAP_FAILED ? NULL : data;
}

void
gate_buffer_back(struct gate *g, uint8_t *data, size_t len)
{
	(void)pthread_mutex_lock(&g->lock);
	if (g->spare_count < ENDPOINT_STREAMS_MAX) {
		g->spare[g->spare_count].data = data;
		g->spare[g->spare_count].len = len;
		g->spare_count++;
		data = NULL;
	}
	(void)pthread_mutex_unlock(&g->lock);
	if (data != NULL)
		(void)munmap(data, len);
}

static void
gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	for (unsigned i = 0; i < g->spare_count; i++)
		(void)munmap(g->spare[i].data, g->spare[i].len);
	(void)pthread_cond_destroy(&g->freed);
	(void)pthread_mutex_destroy(&g->lock);
	free(g);
}

static int
need_name(const char *name, struct err *e)
{
	return endpoint_name_valid(name) ? 0 : err_set(e, ERR_USAGE, "no name for an object there");
}

static int
need_prefix(const char *prefix, struct err *e)
{
	return prefix[0] == '\0' ? 0 : need_name(prefix, e);
}

bool
policy_again(struct endpoint *p, const struct attempt *a, struct policy *y)
{
	uint64_t pause;
	uint8_t jitter = 0;

	y->done += a->done;
	if (y->done >= PROGRESS) {
		y->done = 0;
		y->tried = 0;
	}
	if (!a->again || ++y->tried >= p->options.tries || atomic_load(&p->stopped))
		return false;
	pause = p->options.pause_ms;
	for (unsigned i = 1; i < y->tried && pause < PAUSE_MAX_MS; i++)
		pause *= 2;
	if (pause > PAUSE_MAX_MS)
		pause = PAUSE_MAX_MS;
	/* Half of it at random, so that streams that broke together do not come back together. */
	(void)!getrandom(&jitter, sizeof(jitter), 0);
	pause = pause / 2 + pause * jitter / 510;
	if (a->after_ms > pause)
		pause = a->after_ms > AFTER_MAX_MS ? AFTER_MAX_MS : a->after_ms;
	pause_ms(pause, &p->stopped);
	return !atomic_load(&p->stopped);
}

int
endpoint_get(struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	struct policy y = {0};
	struct attempt a;
	int rc;

	if (need_name(name, e) == -1)
		return -1;
	if (offset > INT64_MAX - len)
		return err_set(e, ERR_USAGE, "%s: range past all ends", name);
	if (len == 0)
		return 0;
	gate_enter(p->gate);
	do {
		memset(&a, 0, sizeof(a));
		rc = p->ops->get(p, name, offset, out, len, &a, e);
		/* What came stands, and the next try begins after it. */
		offset += a.done;
		out += a.done;
		len -= a.done;
		/* What broke off behind the last byte that was asked for took nothing from us. */
		if (rc == -1 && a.again && len == 0)
			rc = 0;
	} while (rc == -1 && policy_again(p, &a, &y));
	gate_leave(p->gate);
	return rc;
}

int
endpoint_head(struct endpoint *p, const char *name, struct endpoint_info *out, struct err *e)
{
	struct policy y = {0};
	struct attempt a;
	int rc;

	if (need_name(name, e) == -1)
		return -1;
	do {
		memset(&a, 0, sizeof(a));
		memset(out, 0, sizeof(*out));
		rc = p->ops->head(p, name, out, &a, e);
	} while (rc == -1 && policy_again(p, &a, &y));
	if (rc == 0 && out->size > ENDPOINT_SIZE_MAX)
		return err_set(e, ERR_FORGED, "%s: no object is so long", name);
	return rc == 0 ? 1 : a.absent ? 0 : -1;
}

int
endpoint_list(struct endpoint *p, const char *prefix,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct err *e)
{
	struct policy y;
	struct attempt a;
	char *next = NULL;
	unsigned pages = 0;
	int rc;

	if (need_prefix(prefix, e) == -1)
		return -1;
	do {
		memset(&y, 0, sizeof(y));
		do {
			memset(&a, 0, sizeof(a));
			rc = p->ops->list(p, prefix, &next, each, ctx, &a, e);
		} while (rc == -1 && policy_again(p, &a, &y));
		if (rc == 0 && next != NULL && ++pages == PAGES_MAX)
			rc = err_set(e, ERR_FORGED, "list: it does not end");
	} while (rc == 0 && next != NULL);
	free(next);
	return rc;
}

int
endpoint_remove(struct endpoint *p, const char *name, struct err *e)
{
	struct policy y = {0};
	struct attempt a;
	int rc;

	if (need_name(name, e) == -1)
		return -1;
	do {
		memset(&a, 0, sizeof(a));
		rc = p->ops->remove(p, name, &a, e);
	} while (rc == -1 && policy_again(p, &a, &y));
	return rc == 0 || a.absent ? 0 : -1;
}

int
endpoint_clean(struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct err *e)
{
	struct policy y = {0};
	uint64_t removed = 0;
	struct attempt a;
	int rc;

	if (need_prefix(prefix, e) == -1)
		return -1;
	do {
		memset(&a, 0, sizeof(a));
		rc = p->ops->clean(p, prefix, all, &removed, &a, e);
	} while (rc == -1 && policy_again(p, &a, &y));
	if (count != NULL)
		*count = removed;
	return rc;
}

static int
check_options(struct endpoint_options *o, struct err *e)
{
	if (o->streams == 0)
		o->streams = STREAMS_DEFAULT;
	if (o->streams > ENDPOINT_STREAMS_MAX)
		return err_set(e, ERR_USAGE, "streams: 1 to %d", ENDPOINT_STREAMS_MAX);
	if (o->part == 0)
		o->part = PART_DEFAULT;
	if (o->part < ENDPOINT_PART_MIN || o->part > ENDPOINT_PART_MAX)
		return err_set(e, ERR_USAGE, "part: 5 MiB to 1 GiB");
	if (o->max_rate != 0 && o->max_rate < RATE_MIN)
		return err_set(e, ERR_USAGE, "rate: at least 64 KiB a second");
	if (o->tries == 0)
		o->tries = TRIES_DEFAULT;
	if (o->pause_ms == 0)
		o->pause_ms = PAUSE_DEFAULT_MS;
	if (o->stall_s == 0)
		o->stall_s = STALL_DEFAULT_S;
	return 0;
}

int
endpoint_open(const char *url, const struct endpoint_options *options, struct endpoint **out, struct err *e)
{
	struct endpoint_options o = {0};
	struct endpoint *p = NULL;

	*out = NULL;
	if (options != NULL)
		o = *options;
	if (check_options(&o, e) == -1)
		return -1;
	if (strncmp(url, "dir:", 4) == 0) {
		if (dir_open(url + 4, &p, e) == -1)
			return -1;
	} else if (strncmp(url, "s3://", 5) == 0) {
		if (s3_open(url + 5, &o, &p, e) == -1)
			return -1;
	} else if (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0) {
		if (web_open(url, &o, &p, e) == -1)
			return -1;
	} else {
		/* Not the URL itself: one with a password in it may be meant. */
		return err_set(
		    e, ERR_USAGE, "no endpoint: dir:PATH, s3://BUCKET/PREFIX or https://HOST/PATH/");
	}
	o.ca = o.sender = NULL;
	p->options = o;
	if ((p->gate = gate_new(o.streams, e)) == NULL ||
	    (o.max_rate != 0 && (p->rate = rate_new(o.max_rate, e)) == NULL)) {
		endpoint_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

const struct endpoint_options *
endpoint_settings(const struct endpoint *p)
{
	return &p->options;
}

void
endpoint_stop(struct endpoint *p)
{
	atomic_store(&p->stopped, true);
}

void
endpoint_free(struct endpoint *p)
{
	if (p == NULL)
		return;
	rate_free(p->rate);
	gate_free(p->gate);
	p->ops->free(p);
}
