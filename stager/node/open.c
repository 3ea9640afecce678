/* Opening a shard: sums before use, each segment by its sum, its place and its MAC; then, and only then, out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stager/c4gh.h"
#include "stager/dsse.h"
#include "stager/io.h"
#include "stager/node.h"
#include "stager/ring.h"
#include "stager/secret.h"

#define BATCH 8 /* segments of a slot: 512 KiB, so that two slots stay in a core's own cache */
#define COPY_MAX (64u << 20)

/* One shard on its way out. Nothing here changes while the threads run, but what they have for themselves. */
struct opening {
	const struct shard_line *line;
	int body;
	uint8_t *all_sums; /* the sums file, proven */
	unsigned workers;
	struct sums *sums[RING_WORKERS_MAX]; /* one for each worker */
	struct c4gh *key[RING_WORKERS_MAX];
	node_write_fn write; /* the writer's alone */
	void *ctx;
};

/* What a slot carries: segments side by side in its data, as in the body; opened where they lie. */
struct batch {
	uint64_t first; /* number of its first segment */
	size_t sealed_len;
	size_t good; /* how many are proven and open */
};

/* NAME.EXT in the folder, of exactly len bytes. The descriptor, or -1. */
static int
open_part(int folder, const char *name, const char *ext, uint64_t len, struct err *e)
{
	char path[32];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s.%s", name, ext);
	if ((fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) == -1)
		return err_set(
		    e, errno == ELOOP ? ERR_FORGED : ERR_REMOTE, "%s: open: %s", path, strerror(errno));
	if (fstat(fd, &st) == -1)
		err_sys(e, "%s", path);
	else if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size != len)
		err_set(e, ERR_FORGED, "%s: it has not the length that the manifest says", path);
	else
		return fd;
	io_close(&fd);
	return -1;
}

/* Exactly len bytes; a file that cannot be read is the storage's fault, one that shrank is a damaged one. */
static int
read_part(int fd, uint8_t *out, size_t len, uint64_t offset, const char *name, struct err *e)
{
	ssize_t n = io_pread(fd, out, len, offset, name, e);

	if (n == -1) {
		if (e != NULL)
			e->code = ERR_REMOTE;
		return -1;
	}
	return (size_t)n == len ? 0 : err_set(e, ERR_FORGED, "%s: cut short", name);
}

/* The sums file whole into memory, proven there: what is checked is what is used. */
static int
take_sums(struct opening *o, int folder, struct err *e)
{
	size_t len = (size_t)o->line->segments * SUM_LEN; /* at most C4GH_SEGMENTS_MAX: 32 MiB */
	uint8_t digest[DIGEST_LEN];
	int fd = -1, rc = -1;

	if (o->line->segments > C4GH_SEGMENTS_MAX)
		return err_set(e, ERR_FORGED, "%s: too many segments", o->line->name);
	if ((fd = open_part(folder, o->line->name, "sums", len, e)) == -1)
		goto out;
	if ((o->all_sums = malloc(len)) == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", o->line->name);
		goto out;
	}
	if (read_part(fd, o->all_sums, len, 0, o->line->name, e) == -1)
		goto out;
	digest_bytes(o->all_sums, len, digest);
	if (!digest_equal(digest, o->line->sums)) {
		err_set(
		    e, ERR_FORGED, "%s: its sums are not the ones that the manifest names", o->line->name);
		goto out;
	}
	rc = 0;
out:
	io_close(&fd);
	return rc;
}

static size_t
segment_len(const struct batch *b, size_t i)
{
	size_t left = b->sealed_len - i * C4GH_SEGMENT_MAX;

	return left < C4GH_SEGMENT_MAX ? left : (size_t)C4GH_SEGMENT_MAX;
}

/* Read, prove and open segments up to the first fault: by one thread, so that they stay in its processor's cache. */
static int
open_batch(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct opening *o = ctx;
	struct batch *b = slot->note;
	size_t count = (b->sealed_len + C4GH_SEGMENT_MAX - 1) / C4GH_SEGMENT_MAX;
	uint8_t sum[SUM_LEN];

	if (read_part(o->body, slot->data, b->sealed_len, b->first * C4GH_SEGMENT_MAX, o->line->name, e) ==
	    -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		uint8_t *segment = slot->data + i * C4GH_SEGMENT_MAX;
		size_t len = segment_len(b, i);
		uint64_t number = b->first + i;

		if (sums_segment(o->sums[worker], segment, len, sum, e) == -1)
			return -1;
		if (!digest_equal(sum, o->all_sums + number * SUM_LEN))
			return err_set(e, ERR_FORGED, "%s: segment %llu is damaged", o->line->name,
			    (unsigned long long)number);
		if (c4gh_open(o->key[worker], number, number + 1 == o->line->segments, segment, len,
			segment + C4GH_NONCE_LEN, e) == -1)
			return err_context(e, "%s", o->line->name);
		b->good++;
	}
	return 0;
}

/* In order: what stands before a fault is sound, and goes out before the fault is told. */
static int
write_batch(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct opening *o = ctx;
	const struct batch *b = slot->note;
	struct err later = {.code = ERR_NONE};

	for (size_t i = 0; i < b->good; i++)
		if (o->write(o->ctx, slot->data + i * C4GH_SEGMENT_MAX + C4GH_NONCE_LEN,
			segment_len(b, i) - C4GH_NONCE_LEN - C4GH_MAC_LEN, e != NULL ? e : &later) == -1)
			return -1;
	return 0;
}

static int
open_segments(struct opening *o, struct err *e)
{
	const size_t slot_len = BATCH * C4GH_SEGMENT_MAX;
	uint64_t left = o->line->body, number = 0, slots = (left + slot_len - 1) / slot_len;
	struct ring_use use = {.workers = slots < o->workers ? (unsigned)slots : o->workers,
	    .data_len = slot_len,
	    .note_len = sizeof(struct batch),
	    .lock = true, /* where the node allows that much; keys always are */
	    .ctx = o,
	    .work = open_batch,
	    .write = write_batch};
	struct ring_slot *slot = NULL;
	struct ring *ring = NULL;
	struct batch *b;
	size_t len;
	int rc = -1;

	use.slots = slots < 2 * use.workers + 2 ? (unsigned)slots + 1 : 2 * use.workers + 2;
	if ((ring = ring_new(&use, e)) == NULL)
		return -1;
	for (; left > 0; left -= len, number += BATCH) {
		if ((slot = ring_take(ring, e)) == NULL)
			goto out;
		b = slot->note;
		b->first = number;
		len = left < slot_len ? (size_t)left : slot_len;
		b->sealed_len = slot->wipe = len;
		ring_give(ring, slot);
	}
	rc = ring_drain(ring, e);
out:
	ring_free(ring);
	return rc;
}

/* What each worker needs for itself. */
static int
key_workers(struct opening *o, const struct secret *key, struct err *e)
{
	o->workers = ring_processors();
	for (unsigned i = 0; i < o->workers; i++)
		if ((o->sums[i] = sums_new(e)) == NULL || (o->key[i] = c4gh_new(key, false, e)) == NULL)
			return -1;
	return 0;
}

int
node_open_row(
    const struct node_release *r, int folder, uint64_t row, node_write_fn write, void *ctx, struct err *e)
{
	struct opening o = {.body = -1, .write = write, .ctx = ctx};
	uint64_t segments, plain;
	struct secret *key = NULL;
	int rc = -1;

	if ((key = node_data_key(r, row, e)) == NULL)
		return -1;
	o.line = &r->table->shards[row];
	if (c4gh_body_shape(o.line->body, &segments, &plain, e) == -1 || segments != o.line->segments ||
	    plain != o.line->plain) {
		err_set(
		    e, ERR_FORGED, "%s: the shard table gives it a length that no body has", o.line->name);
		goto out;
	}
	if (take_sums(&o, folder, e) == -1 ||
	    (o.body = open_part(folder, o.line->name, "body", o.line->body, e)) == -1 ||
	    key_workers(&o, key, e) == -1)
		goto out;
	secret_free(key);
	key = NULL;
	rc = open_segments(&o, e);
out:
	free(o.all_sums);
	for (unsigned i = 0; i < RING_WORKERS_MAX; i++) {
		c4gh_free(o.key[i]);
		sums_free(o.sums[i]);
	}
	io_close(&o.body);
	secret_free(key);
	return rc;
}

/* A file of the copy, where it has one: 1; 0 where it has none. */
static int
read_copy(int folder, const char *name, struct buf *out, struct err *e)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc;

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return err_set(e, ERR_REMOTE, "%s: open: %s", name, strerror(errno));
	rc = io_read_all(fd, out, name, e);
	io_close(&fd);
	return rc == 0 ? 1 : -1;
}

int
node_check_copy(
    const struct node *n, const struct node_release *r, int version_folder, int set_folder, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	struct dsse *d = NULL;
	struct buf file;
	int rc = -1, there;

	buf_init(&file, COPY_MAX);
	if ((there = read_copy(set_folder, "shards.jsonl", &file, e)) == -1)
		goto out;
	digest_bytes(file.data, file.len, digest);
	if (there == 1 && !digest_equal(digest, r->table_digest)) {
		err_set(e, ERR_FORGED, "shards.jsonl: the copy's is not the one that the manifest names");
		goto out;
	}
	buf_clear(&file);
	if ((there = read_copy(version_folder, "manifest.json", &file, e)) == -1)
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
