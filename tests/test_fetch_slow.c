/* Fetching: a range that takes long does not keep the other streams from theirs; and all streams are connected at once. */
#define MEMBERS 120
#include "node_house.h"

#include <pthread.h>
#include <time.h>

#include "../stager/node/store.h"
#include "stager/fetch.h"

#define STREAMS 3
#define OTHERS 45 /* more than streams and processors have under way in any way */
#define PATIENCE_S 60

/* A store over the real one. The first body's read waits for the others'. */
static struct {
	struct node_store store;
	struct node_store *real;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned others, sizes;
	bool late;
} slow;

struct slow_object {
	struct node_object object;
	struct node_object *real;
	bool first, body;
};

static int
slow_size(struct node_store *s, const char *name, uint64_t *size, struct err *err)
{
	(void)s;
	(void)pthread_mutex_lock(&slow.lock);
	slow.sizes++;
	(void)pthread_mutex_unlock(&slow.lock);
	return node_store_size(slow.real, name, size, err);
}

static int
slow_open(struct node_store *s, const char *name, uint64_t size, struct node_object **out, struct err *err)
{
	struct slow_object *o = calloc(1, sizeof(*o));

	o->object.store = s;
	o->body = strstr(name, ".body") != NULL;
	o->first = strstr(name, "shard-00000.body") != NULL;
	*out = &o->object;
	return node_object_open(slow.real, name, size, &o->real, err);
}

static int
slow_read(struct node_object *object, uint64_t offset, uint8_t *out, size_t len, struct err *err)
{
	struct slow_object *o = (struct slow_object *)object;
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	(void)pthread_mutex_lock(&slow.lock);
	while (o->first && slow.others < OTHERS && !slow.late)
		slow.late = pthread_cond_timedwait(&slow.changed, &slow.lock, &until) != 0;
	slow.others += o->body && !o->first ? 1 : 0;
	(void)pthread_cond_broadcast(&slow.changed);
	(void)pthread_mutex_unlock(&slow.lock);
	return node_object_read(o->real, offset, out, len, err);
}

static void
slow_close(struct node_object *object)
{
	node_object_free(((struct slow_object *)object)->real);
	free(object);
}

static void
slow_free(struct node_store *s)
{
	(void)s;
}

int
main(void)
{
	static const struct node_store_ops ops = {slow_size, slow_open, slow_read, slow_close, slow_free};
	struct fetch f;
	struct fetch_result result;
	char path[] = "/tmp/stager-fetch-XXXXXX";

	setup();
	must(mkdtemp(path) == NULL ? -1 : 0);
	must(io_replace_file(h.version, "manifest.json", h.envelope.data, h.envelope.len, 0600, &e));
	must(io_replace_file(h.folder, "shards.jsonl", h.table.data, h.table.len, 0600, &e));
	f = (struct fetch){
	    .card = &h.node.card, .version_id = h.node.request.version_id, .store = &slow.store};
	must(f.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	must(node_store_folder(fcntl(h.version, F_DUPFD_CLOEXEC, 3), &slow.real, &e));
	slow.store = (struct node_store){.ops = &ops, .streams = STREAMS};
	(void)pthread_mutex_init(&slow.lock, NULL);
	(void)pthread_cond_init(&slow.changed, NULL);
	CHECK(h.rows > OTHERS + 1);
	CHECK_OK(node_fetch(&f, &result, &e));
	CHECK(!slow.late && slow.others >= OTHERS && result.fetched == result.bytes);
	/* The manifest and the table; and a question for each stream but the one that asks for those. */
	CHECK(slow.sizes == 2 + STREAMS - 1);
	node_store_free(slow.real);
	(void)close(f.folder);
	must(io_remove_tree(AT_FDCWD, path, &e));
	teardown();
	return check_done();
}
