/* Reading the log: every hash it gives out has been proven up to the checkpoint's root. */
#include "stager/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_internal.h"
#include "stager/io.h"

void
tile_path(int level, uint64_t number, unsigned width, char out[static TILE_PATH_MAX])
{
	uint64_t unit = 1;
	size_t at;

	if (level == TILE_ENTRIES)
		at = (size_t)snprintf(out, TILE_PATH_MAX, "tile/entries");
	else
		at = (size_t)snprintf(out, TILE_PATH_MAX, "tile/%d", level);
	while (number / unit >= 1000)
		unit *= 1000;
	/* Groups of three digits from the front; an x tells a folder from a file. */
	for (; unit > 1; unit /= 1000)
		at += (size_t)snprintf(
		    out + at, TILE_PATH_MAX - at, "/x%03u", (unsigned)(number / unit % 1000));
	at += (size_t)snprintf(out + at, TILE_PATH_MAX - at, "/%03u", (unsigned)(number % 1000));
	if (width < TILE_WIDTH)
		(void)snprintf(out + at, TILE_PATH_MAX - at, ".p/%u", width);
}

void
tile_fold(const struct tile *tile, size_t first, size_t count, uint8_t out[static DIGEST_LEN])
{
	uint8_t fold[TILE_WIDTH][DIGEST_LEN];

	memcpy(fold, tile->hashes[first], count * DIGEST_LEN);
	for (; count > 1; count /= 2)
		for (size_t i = 0; i < count / 2; i++)
			tree_node(fold[2 * i], fold[2 * i + 1], fold[i]);
	memcpy(out, fold[0], DIGEST_LEN);
}

int
log_read(const struct log *log, const char *path, size_t max, struct buf *b, struct err *e)
{
	struct stat st;
	uint8_t *to;
	ssize_t n;
	int fd, rc = -1;

	/* Not blocking: where somebody put a pipe, it is refused, not waited for. */
	if ((fd = openat(log->dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)) ==
	    -1) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		if (errno == ELOOP)
			return err_set(e, ERR_FORGED, "%s: a symbolic link", path);
		return err_sys(e, "%s: open", path);
	}
	if (fstat(fd, &st) == -1) {
		err_sys(e, "%s: stat", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > max) {
		err_set(e, ERR_FORGED, "%s: no file of the log, or longer than one may be", path);
		goto out;
	}
	if ((to = buf_reserve(b, (size_t)st.st_size, e)) == NULL)
		goto out;
	if ((n = io_read(fd, to, (size_t)st.st_size, path, e)) == -1)
		goto out;
	if (n != st.st_size) {
		err_set(e, ERR_FORGED, "%s: cut short", path);
		goto out;
	}
	b->len += (size_t)n;
	rc = 1;
out:
	io_close(&fd);
	return rc;
}

/*
 * A tile's or bundle's file into b (emptied first), its path into path. Where a partial one is gone, because
 * the log has grown since and the full one stands there, that is taken: *whole is then true, and only its
 * front is covered by our checkpoint.
 */
static int
tile_load(const struct log *log, int level, uint64_t number, unsigned width, size_t max, struct buf *b,
    char path[static TILE_PATH_MAX], bool *whole, struct err *e)
{
	char partial[TILE_PATH_MAX];
	int got;

	buf_clear(b);
	*whole = width == TILE_WIDTH;
	tile_path(level, number, width, path);
	got = log_read(log, path, max, b, e);
	if (got == 0 && width < TILE_WIDTH) {
		memcpy(partial, path, TILE_PATH_MAX);
		tile_path(level, number, TILE_WIDTH, path);
		got = log_read(log, path, max, b, e);
		*whole = got == 1;
		if (got == 0)
			memcpy(path, partial, TILE_PATH_MAX);
	}
	if (got == 0)
		return err_set(e, ERR_FORGED, "%s: missing", path);
	return got == 1 ? 0 : -1;
}

static int
tile_read(const struct log *log, int level, uint64_t number, unsigned width, struct tile *out, struct err *e)
{
	char path[TILE_PATH_MAX];
	struct buf bytes;
	bool whole;
	int rc = -1;

	out->have = false;
	buf_init(&bytes, sizeof(out->hashes));
	if (tile_load(log, level, number, width, sizeof(out->hashes), &bytes, path, &whole, e) == -1)
		goto out;
	if (bytes.len != (whole ? (size_t)TILE_WIDTH : width) * DIGEST_LEN) {
		err_set(e, ERR_FORGED, "%s: wrong length", path);
		goto out;
	}
	memcpy(out->hashes, bytes.data, width * DIGEST_LEN);
	out->number = number;
	out->width = width;
	out->have = true;
	rc = 0;
out:
	buf_free(&bytes);
	return rc;
}

/* A tile of the head's tree, proven: a partial one by the root, when the log was opened; a full one by its
 * hash in the tile above it, and so on up. */
static int
log_tile(struct log *log, unsigned level, uint64_t number, const struct tile **out, struct err *e)
{
	struct tile *tile = &log->full[level];
	const struct tile *above;
	uint8_t hash[DIGEST_LEN];
	char path[TILE_PATH_MAX];

	if (number == log->edge[level].number) {
		*out = &log->edge[level];
		return 0;
	}
	if (!tile->have || tile->number != number) {
		/* Ends at the latest in the uppermost level, which is all edge (LOG_LEVELS). */
		if (log_tile(log, level + 1, number / TILE_WIDTH, &above, e) == -1 ||
		    tile_read(log, (int)level, number, TILE_WIDTH, tile, e) == -1)
			return -1;
		tile_fold(tile, 0, TILE_WIDTH, hash);
		if (!digest_equal(hash, above->hashes[number % TILE_WIDTH])) {
			tile->have = false;
			tile_path((int)level, number, TILE_WIDTH, path);
			return err_set(
			    e, ERR_FORGED, "%s: does not hash to what the tile above it holds", path);
		}
	}
	*out = tile;
	return 0;
}

/* A tree_hash_fn: every subtree that is whole lies within one tile, eight levels to each. */
static int
log_hash(void *ctx, unsigned level, uint64_t index, uint8_t out[static DIGEST_LEN], struct err *e)
{
	const unsigned within = level % 8;
	const uint64_t first = index << within;
	const struct tile *tile;

	if (log_tile(ctx, level / 8, first / TILE_WIDTH, &tile, e) == -1)
		return -1;
	tile_fold(tile, first % TILE_WIDTH, (size_t)1 << within, out);
	return 0;
}

/* Read the partial tiles and prove them by the root, which is made of their hashes and of nothing else. */
static int
log_load_edge(struct log *log, struct err *e)
{
	char path[TILE_PATH_MAX], names[LOG_LEVELS * TILE_PATH_MAX] = "";
	uint8_t root[DIGEST_LEN];
	size_t at = 0;

	for (unsigned level = 0; level < LOG_LEVELS; level++) {
		struct tile *edge = &log->edge[level];
		const uint64_t count = log->head.size >> (8 * level);

		edge->number = count / TILE_WIDTH;
		edge->width = count % TILE_WIDTH;
		if (edge->width == 0)
			continue;
		if (tile_read(log, (int)level, edge->number, edge->width, edge, e) == -1)
			return -1;
		tile_path((int)level, edge->number, edge->width, path);
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", at > 0 ? ", " : "", path);
	}
	if (tree_root(log->head.size, log_hash, log, root, e) == -1)
		return -1;
	if (!digest_equal(root, log->head.root))
		return err_set(e, ERR_FORGED, "%s: do not lead to the checkpoint's root",
		    at > 0 ? names : "no tiles at all");
	return 0;
}

struct log *
log_open(int dirfd, const char *origin, const uint8_t key[static SIGN_PUBLIC_LEN], struct err *e)
{
	struct log *log = NULL;
	int got, rc = -1;

	if ((log = calloc(1, sizeof(*log))) == NULL) {
		err_sys(e, "log: open");
		return NULL;
	}
	log->dirfd = dirfd;
	buf_init(&log->note, NOTE_MAX);
	buf_init(&log->bundle.bytes, BUNDLE_MAX);
	memcpy(log->key, key, SIGN_PUBLIC_LEN);
	if ((size_t)snprintf(log->origin, sizeof(log->origin), "%s", origin) >= sizeof(log->origin)) {
		err_set(e, ERR_LIMIT, "log: origin too long");
		goto out;
	}
	if ((got = log_read(log, CHECKPOINT_PATH, NOTE_MAX, &log->note, e)) == -1)
		goto out;
	if (got == 0) {
		/* Nothing was ever appended, or a crash came before the first checkpoint. */
		memcpy(log->head.origin, log->origin, sizeof(log->origin));
		tree_empty(log->head.root);
	} else if (checkpoint_open(log->note.data, log->note.len, origin, key, &log->head, e) == -1) {
		/* It stands in our own log: what is no checkpoint there is damage. */
		if (e != NULL && (e->code == ERR_INPUT || e->code == ERR_LIMIT))
			e->code = ERR_FORGED;
		goto out;
	}
	rc = log_load_edge(log, e);
out:
	if (rc == -1) {
		log_free(log);
		log = NULL;
	}
	return log;
}

void
log_free(struct log *log)
{
	if (log == NULL)
		return;
	buf_free(&log->note);
	buf_free(&log->bundle.bytes);
	free(log);
}

const struct checkpoint *
log_checkpoint(const struct log *log)
{
	return &log->head;
}

int
log_note(const struct log *log, struct buf *out, struct err *e)
{
	return buf_put(out, log->note.data, log->note.len, e);
}

/* Find the entries in the bundle's bytes and check each against its leaf in tile. */
static int
bundle_parse(struct bundle *bundle, const struct tile *tile, bool whole, const char *path, struct err *e)
{
	struct view v = view_of(bundle->bytes.data, bundle->bytes.len, path);
	uint8_t hash[DIGEST_LEN];
	const uint8_t *entry;
	uint16_t len;

	for (unsigned i = 0; i < tile->width; i++) {
		bundle->start[i] = bundle->bytes.len - v.len;
		if (view_u16be(&v, &len, NULL) == -1 || len > LOG_ENTRY_MAX ||
		    (entry = view_bytes(&v, len, NULL)) == NULL)
			return err_set(e, ERR_FORGED, "%s: entry %u is cut short or too long", path, i);
		tree_leaf(entry, len, hash);
		if (!digest_equal(hash, tile->hashes[i]))
			return err_set(e, ERR_FORGED, "%s: entry %u does not hash to its leaf", path, i);
	}
	bundle->start[tile->width] = bundle->bytes.len - v.len;
	/* Behind the front of a bundle that has grown since stands what our checkpoint does not cover. */
	if (v.len > 0 && (!whole || tile->width == TILE_WIDTH))
		return err_set(e, ERR_FORGED, "%s: trailing bytes", path);
	bundle->width = tile->width;
	return 0;
}

int
log_bundle(struct log *log, uint64_t number, const struct bundle **out, struct err *e)
{
	struct bundle *bundle = &log->bundle;
	const struct tile *tile;
	char path[TILE_PATH_MAX];
	bool whole;

	if (!bundle->have || bundle->number != number) {
		bundle->have = false;
		if (log_tile(log, 0, number, &tile, e) == -1 ||
		    tile_load(log, TILE_ENTRIES, number, tile->width, BUNDLE_MAX, &bundle->bytes, path,
			&whole, e) == -1 ||
		    bundle_parse(bundle, tile, whole, path, e) == -1)
			return -1;
		bundle->number = number;
		bundle->have = true;
	}
	*out = bundle;
	return 0;
}

int
log_entry(struct log *log, uint64_t index, struct buf *out, struct err *e)
{
	const unsigned at = index % TILE_WIDTH;
	const struct bundle *bundle;

	if (index >= log->head.size)
		return err_set(e, ERR_INPUT, "log: no entry %" PRIu64, index);
	if (log_bundle(log, index / TILE_WIDTH, &bundle, e) == -1)
		return -1;
	return buf_put(out, bundle->bytes.data + bundle->start[at] + 2,
	    bundle->start[at + 1] - bundle->start[at] - 2, e);
}

int
log_inclusion(struct log *log, uint64_t index, struct tree_proof *out, struct err *e)
{
	return tree_inclusion(index, log->head.size, log_hash, log, out, e);
}

int
log_consistency(struct log *log, uint64_t old_size, struct tree_proof *out, struct err *e)
{
	return tree_consistency(old_size, log->head.size, log_hash, log, out, e);
}

int
log_verify(struct log *log, struct err *e)
{
	const struct bundle *bundle;
	struct log *again = NULL;
	int rc = -1;

	/* With nothing read yet, so that all of it is read from disk; and beside the log, which stays proven
	 * where this fails. */
	if ((again = calloc(1, sizeof(*again))) == NULL) {
		err_sys(e, "log: verify");
		goto out;
	}
	again->dirfd = log->dirfd;
	again->head = log->head;
	buf_init(&again->note, NOTE_MAX);
	buf_init(&again->bundle.bytes, BUNDLE_MAX);
	if (log_load_edge(again, e) == -1)
		goto out;
	/* Every full tile stands above a bundle, so the walk over the bundles reads all of them. */
	for (uint64_t number = 0; number * TILE_WIDTH < again->head.size; number++)
		if (log_bundle(again, number, &bundle, e) == -1)
			goto out;
	rc = 0;
out:
	log_free(again);
	return rc;
}
