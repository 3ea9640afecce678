/* Bodies, in parallel ranges: what is there is looked at first, only what is missing or damaged is fetched. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch.h"
#include "stager/c4gh.h"
#include "stager/io.h"
#include "stager/ring.h"

#define BATCH 64         /* segments of a range: 4 MiB, in one request where all of it is missing */
#define LEAST 8          /* segments of the ranges at the end: 512 KiB */
#define BATCHES_MAX 1536 /* segments of all workers' buffers: with many streams, smaller requests */

/* A body under way: from its first slot to its last. */
struct body {
	uint64_t row;
	const struct shard_line *line;
	struct node_object *object;
	uint8_t *sums;
	int fd;
	bool whole;          /* it stands under its own name: looked at, not written */
	bool fresh;          /* there is nothing in it yet */
	atomic_bool damaged; /* where whole: to be mended afterwards */
};

struct bodies {
	struct fetching *x;
	unsigned workers;
	size_t batch;                        /* segments of a range */
	struct sums *sums[RING_WORKERS_MAX]; /* one for each worker */
	uint8_t *data[RING_WORKERS_MAX];     /* and a batch */
	atomic_ullong fetched, repaired;     /* bytes; segments */
	struct body **open;                  /* of rows: while they are under way */
	const uint64_t *rows;
	size_t count;
	uint64_t *mend; /* rows whose whole body turned out damaged */
	size_t mend_count;
	bool mending;
};

struct range {
	size_t which; /* of rows */
	uint64_t first;
	size_t count;
};

static size_t
stored_len(const struct body *b, uint64_t first, size_t count)
{
	uint64_t left = b->line->body - first * C4GH_SEGMENT_MAX, len = (uint64_t)count * C4GH_SEGMENT_MAX;

	return (size_t)(len < left ? len : left);
}

/* Of [first, first + count), which lies in data: which are sound. How many are not, or -1. */
static int
look_at(struct sums *sums, const struct body *b, uint64_t first, size_t count, const uint8_t *data,
    bool *sound, struct err *e)
{
	uint8_t sum[SUM_LEN];
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		if (sums_segment(sums, data + i * C4GH_SEGMENT_MAX, stored_len(b, first + i, 1), sum, e) ==
		    -1)
			return -1;
		sound[i] = digest_equal(sum, b->sums + (first + i) * SUM_LEN);
		bad += sound[i] ? 0 : 1;
	}
	return bad;
}

/* What our own file has of the range. */
static int
look_at_own(
    struct sums *sums, const struct body *b, const struct range *r, uint8_t *data, bool *sound, struct err *e)
{
	size_t len = stored_len(b, r->first, r->count);
	off_t at = (off_t)(r->first * C4GH_SEGMENT_MAX), next;
	ssize_t n;

	memset(sound, 0, r->count);
	if (b->fresh)
		return (int)r->count;
	/* A hole is nothing; a file system that knows none says so. */
	next = lseek(b->fd, at, SEEK_DATA);
	if ((next == -1 && errno == ENXIO) || next >= at + (off_t)len)
		return (int)r->count;
	if ((n = io_pread(b->fd, data, len, (uint64_t)at, b->line->name, e)) == -1)
		return -1;
	/* One that somebody cut: what is missing is not sound. */
	memset(data + n, 0, len - (size_t)n);
	return look_at(sums, b, r->first, r->count, data, sound, e);
}

static int
write_at(int fd, const uint8_t *data, size_t len, uint64_t offset, const char *name, struct err *e)
{
	const uint64_t begin = offset;
	ssize_t n;

	while (len > 0) {
		if ((n = pwrite(fd, data, len, (off_t)offset)) == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_sys(e, "%s: write", name);
		data += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	/* On its way to the disk at once, so that the sync at the end finds little to do. Where it cannot: then not. */
	(void)!sync_file_range(fd, (off_t)begin, (off_t)(offset - begin), SYNC_FILE_RANGE_WRITE);
	return 0;
}

/* Fetch a run of segments; the sound ones among them are written. How many are not sound, or -1. */
static int
fetch_run(struct bodies *s, unsigned worker, const struct body *b, uint64_t first, size_t count,
    uint8_t *data, bool *sound, struct err *e)
{
	size_t end;
	int bad;

	if (node_object_read(b->object, first * C4GH_SEGMENT_MAX, data, stored_len(b, first, count), e) ==
		-1 ||
	    (bad = look_at(s->sums[worker], b, first, count, data, sound, e)) == -1)
		return -1;
	for (size_t at = 0; at < count; at = end) {
		for (end = at; end < count && sound[end] == sound[at];)
			end++;
		if (sound[at] &&
		    write_at(b->fd, data + at * C4GH_SEGMENT_MAX, stored_len(b, first + at, end - at),
			(first + at) * C4GH_SEGMENT_MAX, b->line->name, e) == -1)
			return -1;
		if (sound[at])
			atomic_fetch_add(&s->fetched, stored_len(b, first + at, end - at));
	}
	return bad;
}

/* Look at a range, fetch what is missing of it, and again what came damaged. */
static int
fetch_range(void *ctx, unsigned worker, struct ring_slot *slot, struct err *e)
{
	struct bodies *s = ctx;
	const struct range *r = slot->note;
	struct body *b = s->open[r->which];
	bool sound[BATCH];
	int bad = look_at_own(s->sums[worker], b, r, s->data[worker], sound, e), left;
	size_t at, end;

	if (bad > 0 && b->whole)
		atomic_store(&b->damaged, true);
	if (bad <= 0 || b->whole)
		return bad == -1 ? -1 : 0;
	for (unsigned tries = 0; tries < FETCH_TRIES && bad > 0; tries++) {
		left = 0;
		for (at = 0; at < r->count; at = end) {
			int still = 0;

			for (end = at; end < r->count && sound[end] == sound[at];)
				end++;
			if (!sound[at] && (still = fetch_run(s, worker, b, r->first + at, end - at,
					       s->data[worker], sound + at, e)) == -1)
				return -1;
			left += still;
		}
		if (tries > 0)
			atomic_fetch_add(&s->repaired, (unsigned)(bad - left));
		bad = left;
	}
	for (at = 0; at < r->count; at++)
		if (!sound[at])
			return err_set(e, ERR_FORGED, "%s: segment %llu is damaged where it lies",
			    b->line->name, (unsigned long long)(r->first + at));
	return 0;
}

static void
body_free(struct body *b)
{
	if (b == NULL)
		return;
	node_object_free(b->object);
	free(b->sums);
	io_close(&b->fd);
	free(b);
}

/* All its slots are done: it gets its name. */
static int
finish_body(struct bodies *s, struct body *b, struct err *e)
{
	char part[NODE_STORE_NAME_MAX], name[NODE_STORE_NAME_MAX];

	if (b->whole) {
		if (atomic_load(&b->damaged))
			s->mend[s->mend_count++] = b->row;
		return 0;
	}
	fetch_name(s->x, b->row, "body", name);
	fetch_name(s->x, b->row, "body.part", part);
	if (fdatasync(b->fd) == -1)
		return err_sys(e, "%s: sync", part);
	if (renameat(s->x->f->folder, part, s->x->f->folder, name) == -1)
		return err_sys(e, "%s: rename", part);
	return 0;
}

/* In order: what was done so far, and a body that is whole. */
static int
count_range(void *ctx, struct ring_slot *slot, struct err *e)
{
	struct bodies *s = ctx;
	const struct range *r = slot->note;
	struct body *b = s->open[r->which];
	int rc = 0;

	if (e == NULL)
		return 0; /* it failed: nothing of it counts */
	if (!s->mending)
		s->x->done += stored_len(b, r->first, r->count);
	if (s->x->f->progress != NULL)
		s->x->f->progress(s->x->f->ctx, s->x->done, s->x->total);
	if (r->first + r->count == b->line->segments) {
		rc = finish_body(s, b, e);
		s->open[r->which] = NULL;
		body_free(b);
	}
	return rc;
}

/* The file that a body stands in, or is to. */
static int
open_file(struct bodies *s, struct body *b, struct err *e)
{
	char part[NODE_STORE_NAME_MAX], name[NODE_STORE_NAME_MAX];
	const int folder = s->x->f->folder, how = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct stat st;

	fetch_name(s->x, b->row, "body", name);
	fetch_name(s->x, b->row, "body.part", part);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!s->mending && S_ISREG(st.st_mode) && (uint64_t)st.st_size == b->line->body) {
			b->whole = true;
			b->fd = openat(folder, name, O_RDONLY | how);
			return b->fd == -1 ? err_sys(e, "%s: open", name) : 0;
		}
		/* Damaged: nobody may take it for a whole one while it is mended. */
		if (renameat(folder, name, folder, part) == -1)
			return err_sys(e, "%s: rename", name);
	} else if (errno != ENOENT) {
		return err_sys(e, "%s: look", name);
	}
	if ((b->fd = openat(folder, part, O_RDWR | O_CREAT | how, 0600)) == -1)
		return err_sys(e, "%s: make", part);
	if (fstat(b->fd, &st) == -1)
		return err_sys(e, "%s", part);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_SYSTEM, "%s: it is no file", part);
	b->fresh = st.st_size == 0;
	if ((uint64_t)st.st_size != b->line->body && ftruncate(b->fd, (off_t)b->line->body) == -1)
		return err_sys(e, "%s: make it as long as it will be", part);
	return 0;
}

static struct body *
open_body(struct bodies *s, uint64_t row, struct err *e)
{
	struct body *b = calloc(1, sizeof(*b));
	char name[NODE_STORE_NAME_MAX];
	int there;

	if (b == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		return NULL;
	}
	b->row = row;
	b->line = &s->x->table->shards[row];
	b->fd = -1;
	fetch_name(s->x, row, "body", name);
	if ((there = fetch_own_sums(s->x, row, &b->sums, e)) == 1 && open_file(s, b, e) == 0 &&
	    (b->whole || node_object_open(s->x->f->store, name, b->line->body, &b->object, e) == 0))
		return b;
	if (there == 0)
		err_set(e, ERR_SYSTEM, "%s: its sums were changed meanwhile", b->line->name);
	body_free(b);
	return NULL;
}

/*
 * Segments of the next range, of so many that are still to be given. Towards the end ranges become smaller, so that no
 * stream is left alone with a large one while the others have nothing to do.
 */
static size_t
range_len(const struct bodies *s, uint64_t left)
{
	uint64_t share = left / (2 * s->workers);

	return share > s->batch ? s->batch : share < LEAST ? LEAST : (size_t)share;
}

static int
give_ranges(struct bodies *s, struct ring *ring, struct err *e)
{
	struct ring_slot *slot;
	struct err before = {.code = ERR_NONE};
	struct range *r;
	size_t count, most;
	uint64_t left = 0;

	for (size_t i = 0; i < s->count; i++)
		left += s->x->table->shards[s->rows[i]].segments;
	for (size_t i = 0; i < s->count; i++) {
		uint64_t segments = s->x->table->shards[s->rows[i]].segments;

		if ((s->open[i] = open_body(s, s->rows[i], e)) == NULL) {
			/* What was given is finished first, and a fault in it comes first. */
			if (ring_drain(ring, &before) == -1)
				*e = before;
			return -1;
		}
		for (uint64_t first = 0; first < segments; first += count) {
			most = range_len(s, left);
			count = segments - first < most ? (size_t)(segments - first) : most;
			left -= count;
			if ((slot = ring_take(ring, e)) == NULL)
				return -1;
			r = slot->note;
			*r = (struct range){.which = i, .first = first, .count = count};
			ring_give(ring, slot);
		}
	}
	return ring_drain(ring, e);
}

/* All of rows. */
static int
pass(struct bodies *s, const uint64_t *rows, size_t count, struct err *e)
{
	/* Slots are settled in order: so many that one slow range does not hold up the streams beside it. */
	struct ring_use use = {.workers = s->workers,
	    .slots = RING_SLOTS_MAX,
	    .data_len = 1,
	    .note_len = sizeof(struct range),
	    .ctx = s,
	    .work = fetch_range,
	    .write = count_range};
	struct ring *ring = NULL;
	int rc = -1;

	s->rows = rows;
	s->count = count;
	if ((s->open = calloc(count, sizeof(struct body *))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	if ((ring = ring_new(&use, e)) != NULL)
		rc = give_ranges(s, ring, e);
	ring_free(ring);
	for (size_t i = 0; i < count; i++)
		body_free(s->open[i]);
	free(s->open);
	s->open = NULL;
	return rc;
}

int
fetch_bodies(struct fetching *x, struct err *e)
{
	struct bodies s = {.x = x, .batch = BATCH, .workers = node_store_streams(x->f->store)};
	int rc = -1;

	/* Some look at what came while all streams are under way. */
	s.workers += ring_processors();
	if (s.workers > RING_WORKERS_MAX)
		s.workers = RING_WORKERS_MAX;
	while (s.batch * s.workers > BATCHES_MAX)
		s.batch /= 2;
	for (unsigned i = 0; i < s.workers; i++) {
		if ((s.sums[i] = sums_new(e)) == NULL)
			goto out;
		if ((s.data[i] = malloc(s.batch * C4GH_SEGMENT_MAX)) == NULL) {
			err_set(e, ERR_SYSTEM, "out of memory");
			goto out;
		}
	}
	if ((s.mend = calloc(x->row_count, sizeof(*s.mend))) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	if (pass(&s, x->rows, x->row_count, e) == -1)
		goto out;
	s.mending = true;
	if (s.mend_count > 0 && pass(&s, s.mend, s.mend_count, e) == -1)
		goto out;
	rc = io_sync_parent(x->f->folder, x->result->set, e);
	/* The renames stand in the set's folder. */
	if (rc == 0) {
		char inside[MANIFEST_NAME_MAX + 4];

		(void)snprintf(inside, sizeof(inside), "%s/.", x->result->set);
		rc = io_sync_parent(x->f->folder, inside, e);
	}
out:
	x->result->fetched = atomic_load(&s.fetched);
	x->result->repaired = atomic_load(&s.repaired);
	free(s.mend);
	for (unsigned i = 0; i < RING_WORKERS_MAX; i++) {
		sums_free(s.sums[i]);
		free(s.data[i]);
	}
	return rc;
}
