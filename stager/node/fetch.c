/* Fetching a version: the manifest by the pinned key, the table by the manifest, the sums by the table; then bodies. */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stager/c4gh.h"
#include "stager/dsse.h"
#include "stager/io.h"
#include "stager/ring.h"

#define MANIFEST_FILE "manifest.json"
#define ENVELOPE_MAX (4u * MANIFEST_MAX)
#define TABLE_MAX (40u << 20)
#define FILE_MODE 0600 /* as everything of ours that holds data, sealed or not */

void
fetch_name(const struct fetching *x, uint64_t row, const char *ext, char out[static NODE_STORE_NAME_MAX])
{
	(void)snprintf(out, NODE_STORE_NAME_MAX, "%s/%s.%s", x->result->set, x->table->shards[row].name, ext);
}

static int
missing(const char *name, struct err *e)
{
	return err_set(e, ERR_REMOTE, "%s: it is not there", name);
}

/* ---- connections ---- */

static int
nothing_to_write(void *ctx, struct ring_slot *slot, struct err *e)
{
	(void)ctx;
	(void)slot;
	(void)e;
	return 0;
}

/* Whatever is answered: what it takes to get there is done. */
static int
greet(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	uint64_t size;

	(void)worker;
	(void)slot;
	(void)e;
	(void)!node_store_size(ctx, MANIFEST_FILE, &size, NULL);
	return 0;
}

/*
 * All streams but the one that the manifest comes by are connected while it comes: over a long path TCP and TLS take two
 * or three round trips, which sums and bodies do not wait for then. NULL where there is no network, or no memory: then
 * each connects when it is wanted.
 */
static struct ring *
greet_all(struct node_store *s)
{
	unsigned streams = node_store_streams(s);
	struct ring_use use = {.workers = streams - 1,
	    .slots = streams,
	    .data_len = 1,
	    .ctx = s,
	    .work = greet,
	    .write = nothing_to_write};
	struct ring_slot *slot;
	struct ring *ring = NULL;

	if (streams < 2 || (ring = ring_new(&use, NULL)) == NULL)
		return NULL;
	for (unsigned i = 1; i < streams && (slot = ring_take(ring, NULL)) != NULL; i++)
		ring_give(ring, slot);
	return ring;
}

/* What is not what it must be came damaged: whatever the parser called it. */
static int
forged(struct err *e)
{
	if (e != NULL && (e->code == ERR_INPUT || e->code == ERR_LIMIT))
		e->code = ERR_FORGED;
	return -1;
}

/* The signed manifest of the version that is meant. Its envelope goes to out. */
static struct manifest *
take_manifest(const struct fetch *f, struct buf *out, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	struct manifest *m = NULL;
	struct dsse *d = NULL;
	int there = node_store_load(f->store, MANIFEST_FILE, out, e);

	if (there == 0)
		err_set(e, ERR_REMOTE, "version %s: no " MANIFEST_FILE " of it is where --from points",
		    f->version_id);
	if (there != 1)
		return NULL;
	if ((d = dsse_decode(out->data, out->len, MANIFEST_FILE, e)) == NULL ||
	    dsse_check(d, DSSE_MANIFEST, f->card->key, MANIFEST_FILE, e) == -1) {
		err_context(e, "what lies there is not the pinned house's");
		forged(e);
		goto out;
	}
	digest_bytes(d->payload.data, d->payload.len, digest);
	if (f->statement != NULL && !digest_equal(digest, f->statement)) {
		err_set(e, ERR_FORGED, MANIFEST_FILE ": it is not the one that the request names");
		goto out;
	}
	if ((m = manifest_decode(d->payload.data, d->payload.len, e)) == NULL) {
		forged(e);
		goto out;
	}
	if (strcmp(m->house, f->card->house) != 0 || strcmp(m->version_id, f->version_id) != 0) {
		err_set(e, ERR_FORGED, MANIFEST_FILE ": it is another house's, or another version's");
		manifest_free(m);
		m = NULL;
	}
out:
	dsse_free(d);
	return m;
}

/* The set that is meant, or the only one. */
static const struct manifest_set *
choose_set(const struct fetch *f, const struct manifest *m, struct err *e)
{
	const struct manifest_set *set = NULL;

	if (f->set != NULL)
		set = manifest_set(m, f->set);
	else if (m->set_count == 1)
		set = &m->sets[0];
	if (set == NULL)
		err_set(e, ERR_USAGE, "version %s: %s", m->version_id,
		    f->set != NULL ? "it has no such set" : "it has several sets: say which");
	return set;
}

/* The table that the manifest names. Its text goes to out. */
static int
take_table(struct fetching *x, const struct manifest_set *set, struct buf *out, struct err *e)
{
	char name[NODE_STORE_NAME_MAX];
	uint8_t digest[DIGEST_LEN];
	int there;

	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", set->name);
	if ((there = node_store_load(x->f->store, name, out, e)) == 0)
		missing(name, e);
	if (there != 1)
		return -1;
	digest_bytes(out->data, out->len, digest);
	if (!digest_equal(digest, set->table))
		return err_set(e, ERR_FORGED, "%s: it is not the one that the manifest names", name);
	if ((x->table = table_decode(out->data, out->len, e)) == NULL)
		return forged(e);
	if (x->table->count != set->shards + 1)
		return err_set(
		    e, ERR_FORGED, "%s: it has another number of shards than the manifest says", name);
	return 0;
}

static int
compare_rows(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int
choose_rows(struct fetching *x, struct err *e)
{
	uint64_t shards = x->table->count - 1;

	x->row_count = x->f->row_count > 0 ? x->f->row_count : shards;
	if ((x->rows = calloc(x->row_count + 1, sizeof(*x->rows))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < x->row_count; i++) {
		x->rows[i] = x->f->row_count > 0 ? x->f->rows[i] : i;
		if (x->rows[i] >= shards)
			return err_set(e, ERR_USAGE, "set %s has shards 0 to %llu", x->result->set,
			    (unsigned long long)shards - 1);
	}
	qsort(x->rows, x->row_count, sizeof(*x->rows), compare_rows);
	x->rows[x->row_count++] = shards;
	for (size_t i = 0; i < x->row_count; i++)
		x->total += x->table->shards[x->rows[i]].body;
	x->result->shards = x->row_count;
	x->result->bytes = x->total;
	return 0;
}

/* ---- sums ---- */

int
fetch_own_sums(const struct fetching *x, uint64_t row, uint8_t **out, struct err *e)
{
	const struct shard_line *line = &x->table->shards[row];
	size_t len = (size_t)line->segments * SUM_LEN;
	char name[NODE_STORE_NAME_MAX];
	uint8_t digest[DIGEST_LEN], *sums = NULL;
	struct stat st;
	int fd, rc = 0;

	fetch_name(x, row, "sums", name);
	if ((fd = openat(x->f->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) == -1)
		return errno == ENOENT || errno == ELOOP ? 0 : err_sys(e, "%s: open", name);
	if (fstat(fd, &st) == -1) {
		rc = err_sys(e, "%s", name);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != len)
		goto out;
	if ((sums = malloc(len)) == NULL) {
		rc = err_set(e, ERR_SYSTEM, "%s: out of memory", name);
		goto out;
	}
	if (io_read_exact(fd, sums, len, name, NULL) == -1)
		goto out;
	digest_bytes(sums, len, digest);
	if (digest_equal(digest, line->sums)) {
		*out = sums;
		sums = NULL;
		rc = 1;
	}
out:
	free(sums);
	io_close(&fd);
	return rc;
}

struct sums_batch {
	uint64_t row;
};

/* A row's sums, unless they are there: in a worker, since each waits for a round trip or two. */
static int
fetch_sums_file(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct fetching *x = ctx;
	uint64_t row = ((struct sums_batch *)slot->note)->row;
	const struct shard_line *line = &x->table->shards[row];
	size_t len = (size_t)line->segments * SUM_LEN; /* at most C4GH_SEGMENTS_MAX: 32 MiB */
	char name[NODE_STORE_NAME_MAX];
	uint8_t digest[DIGEST_LEN], *sums = NULL;
	struct node_object *o = NULL;
	int rc = fetch_own_sums(x, row, &sums, e);

	(void)worker;
	free(sums);
	sums = NULL;
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	rc = -1;
	fetch_name(x, row, "sums", name);
	if ((sums = malloc(len)) == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", name);
	if (node_object_open(x->f->store, name, len, &o, e) == -1)
		goto out;
	for (unsigned tries = 0; tries < FETCH_TRIES && rc == -1; tries++) {
		if (node_object_read_all(o, sums, len, e) == -1)
			goto out;
		digest_bytes(sums, len, digest);
		rc = digest_equal(digest, line->sums) ? 0 : -1;
	}
	if (rc == -1) {
		err_set(e, ERR_FORGED, "%s: damaged where it lies: it is not the one that the manifest names",
		    name);
		goto out;
	}
	rc = io_replace_file(x->f->folder, name, sums, len, FILE_MODE, e);
out:
	node_object_free(o);
	free(sums);
	return rc;
}

static int
fetch_sums(struct fetching *x, struct err *e)
{
	struct ring_use use = {.workers = node_store_streams(x->f->store),
	    .data_len = 1,
	    .note_len = sizeof(struct sums_batch),
	    .ctx = x,
	    .work = fetch_sums_file,
	    .write = nothing_to_write};
	struct ring_slot *slot;
	struct ring *ring;
	int rc = -1;

	for (size_t i = 0; i < x->row_count; i++) {
		const struct shard_line *line = &x->table->shards[x->rows[i]];
		uint64_t segments, plain;

		if (c4gh_body_shape(line->body, &segments, &plain, e) == -1 || segments != line->segments ||
		    plain != line->plain || segments > C4GH_SEGMENTS_MAX)
			return err_set(e, ERR_FORGED,
			    "%s: the shard table gives it a length that no body has", line->name);
	}
	if (use.workers == 0)
		use.workers = ring_processors();
	use.slots = 2 * use.workers + 2;
	if ((ring = ring_new(&use, e)) == NULL)
		return -1;
	for (size_t i = 0; i < x->row_count; i++) {
		if ((slot = ring_take(ring, e)) == NULL)
			goto out;
		((struct sums_batch *)slot->note)->row = x->rows[i];
		ring_give(ring, slot);
	}
	rc = ring_drain(ring, e);
out:
	ring_free(ring);
	return rc;
}

/* A small file of ours, unless it is there with these bytes. */
static int
put_file(int folder, const char *name, const struct buf *b, struct err *e)
{
	struct buf own;
	bool same;

	buf_init(&own, b->len);
	same = io_read_file(folder, name, &own, NULL) == 0 && own.len == b->len &&
	       memcmp(own.data, b->data, b->len) == 0;
	buf_free(&own);
	return same ? 0 : io_replace_file(folder, name, b->data, b->len, FILE_MODE, e);
}

int
node_fetch(const struct fetch *f, struct fetch_result *out, struct err *e)
{
	struct fetching x = {.f = f, .result = out};
	const struct manifest_set *set;
	struct ring *greetings = greet_all(f->store);
	struct buf envelope, table;
	struct manifest *m = NULL;
	char name[NODE_STORE_NAME_MAX];
	int rc = -1;

	*out = (struct fetch_result){.shards = 0};
	buf_init(&envelope, ENVELOPE_MAX);
	buf_init(&table, TABLE_MAX);
	if ((m = take_manifest(f, &envelope, e)) == NULL || (set = choose_set(f, m, e)) == NULL)
		goto out;
	(void)snprintf(out->set, sizeof(out->set), "%s", set->name);
	if (take_table(&x, set, &table, e) == -1 || choose_rows(&x, e) == -1)
		goto out;
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", set->name);
	if (io_make_dirs(f->folder, set->name, e) == -1 || fetch_sums(&x, e) == -1 ||
	    fetch_bodies(&x, e) == -1)
		goto out;
	/* Last of all: a copy that has its manifest is a whole one (or was, of fewer shards). */
	if (put_file(f->folder, name, &table, e) == -1 ||
	    put_file(f->folder, MANIFEST_FILE, &envelope, e) == -1)
		goto out;
	rc = 0;
out:
	ring_free(greetings);
	manifest_free(m);
	table_free(x.table);
	free(x.rows);
	buf_free(&table);
	buf_free(&envelope);
	return rc;
}
