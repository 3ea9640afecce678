/* Appending to the log: entries and tiles first, durably; the signed checkpoint last, by rename. */
#include "stager/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log_internal.h"
#include "stager/io.h"
#include "stager/sign.h"

/* Tiles are for everybody to read; the house's umask says who may. */
#define LOG_MODE 0644

/* The right edge as it will be, apart from the log's own: a failed append changes nothing in memory. */
struct growth {
	struct tile edge[LOG_LEVELS];
	struct buf bundle;        /* the entries of edge[0] */
	bool touched[LOG_LEVELS]; /* the edge has got hashes that no file holds yet */
	bool filled[LOG_LEVELS];  /* this level's tile `was` has become full; at most one in LOG_BATCH_MAX
				     entries */
	uint64_t was[LOG_LEVELS];
};

/* Put a tile's or bundle's file in place, whole and synced, its folders too. */
static int
tile_write(const struct log *log, int level, uint64_t number, unsigned width, const void *data, size_t len,
    struct err *e)
{
	char path[TILE_PATH_MAX];
	char *slash;

	tile_path(level, number, width, path);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (io_make_dirs(log->dirfd, path, e) == -1)
		return -1;
	*slash = '/';
	return io_replace_file(log->dirfd, path, data, len, LOG_MODE, e);
}

/* Start from the edge that stands, its entries proven. */
static int
growth_start(struct log *log, struct growth *g, struct err *e)
{
	const struct bundle *bundle;

	memcpy(g->edge, log->edge, sizeof(g->edge));
	for (unsigned level = 0; level < LOG_LEVELS; level++)
		g->was[level] = g->edge[level].number;
	if (g->edge[0].width == 0)
		return 0;
	if (log_bundle(log, g->edge[0].number, &bundle, e) == -1)
		return -1;
	return buf_put(&g->bundle, bundle->bytes.data, bundle->start[bundle->width], e);
}

/* Add one entry: its bytes to the bundle, its leaf to level 0, and where a tile is full its hash to the next.
 */
static int
growth_add(const struct log *log, struct growth *g, const struct view *entry, struct err *e)
{
	uint8_t hash[DIGEST_LEN];

	if (buf_put_u16be(&g->bundle, (uint16_t)entry->len, e) == -1 ||
	    buf_put(&g->bundle, entry->data, entry->len, e) == -1)
		return -1;
	tree_leaf(entry->data, entry->len, hash);
	for (unsigned level = 0; level < LOG_LEVELS; level++) {
		struct tile *tile = &g->edge[level];

		memcpy(tile->hashes[tile->width++], hash, DIGEST_LEN);
		g->touched[level] = true;
		if (tile->width < TILE_WIDTH)
			break;
		if (level == 0) {
			if (tile_write(log, TILE_ENTRIES, tile->number, TILE_WIDTH, g->bundle.data,
				g->bundle.len, e) == -1)
				return -1;
			buf_clear(&g->bundle);
		}
		if (tile_write(log, (int)level, tile->number, TILE_WIDTH, tile->hashes, sizeof(tile->hashes),
			e) == -1)
			return -1;
		tile_fold(tile, 0, TILE_WIDTH, hash);
		g->filled[level] = true;
		g->touched[level] = false;
		tile->number++;
		tile->width = 0;
	}
	return 0;
}

/* Write the partial tiles that the new checkpoint needs and no earlier one did. */
static int
growth_write_edge(const struct log *log, const struct growth *g, struct err *e)
{
	for (unsigned level = 0; level < LOG_LEVELS; level++) {
		const struct tile *tile = &g->edge[level];

		if (!g->touched[level])
			continue;
		if (level == 0 && tile_write(log, TILE_ENTRIES, tile->number, tile->width, g->bundle.data,
				      g->bundle.len, e) == -1)
			return -1;
		if (tile_write(log, (int)level, tile->number, tile->width, tile->hashes,
			tile->width * DIGEST_LEN, e) == -1)
			return -1;
	}
	return 0;
}

/* A tree_hash_fn over the new edge alone: the root of a whole tree needs no other tiles. */
static int
growth_hash(void *ctx, unsigned level, uint64_t index, uint8_t out[static DIGEST_LEN], struct err *e)
{
	const struct growth *g = ctx;
	const struct tile *tile = &g->edge[level / 8];
	const uint64_t first = index << level % 8;

	if (first / TILE_WIDTH != tile->number)
		return err_set(e, ERR_SYSTEM, "log: a root that is not made of its edge");
	tile_fold(tile, first % TILE_WIDTH, (size_t)1 << level % 8, out);
	return 0;
}

/* Sign the head into note, and read it back as any verifier would before it goes anywhere. */
static int
head_sign(const struct log *log, const struct secret *seed, const struct checkpoint *head, struct buf *note,
    struct err *e)
{
	uint8_t signature[SIGNATURE_LEN];
	struct checkpoint check;
	struct buf body;
	int rc = -1;

	buf_init(&body, NOTE_MAX);
	if (checkpoint_body(head, &body, e) == -1 ||
	    sign_make(seed, body.data, body.len, signature, e) == -1 ||
	    checkpoint_note(head, log->key, signature, note, e) == -1)
		goto out;
	if (checkpoint_open(note->data, note->len, log->origin, log->key, &check, e) == -1) {
		err_context(e, "log: the new checkpoint is no good");
		goto out;
	}
	rc = 0;
out:
	buf_free(&body);
	return rc;
}

/* The file must still be the checkpoint we go on from: signing over another one would fork the log. */
static int
head_unchanged(const struct log *log, struct err *e)
{
	struct buf now;
	int rc = -1;

	buf_init(&now, NOTE_MAX);
	if (log_read(log, CHECKPOINT_PATH, NOTE_MAX, &now, e) == -1)
		goto out;
	if (now.len != log->note.len || (now.len > 0 && memcmp(now.data, log->note.data, now.len) != 0)) {
		err_set(e, ERR_REMOTE, "log: the checkpoint has changed since the log was opened");
		goto out;
	}
	rc = 0;
out:
	buf_free(&now);
	return rc;
}

/*
 * Remove the partial files of a tile that is full now (C2SP allows it from then on). The append stands
 * whether this works or not, and what is left harms nobody, so errors are passed over. By name, not by
 * listing the folder: that needs no more system calls than writing does.
 */
static void
drop_partials(const struct log *log, int level, uint64_t number)
{
	char path[TILE_PATH_MAX + sizeof(".tmp")], folder[TILE_PATH_MAX];

	tile_path(level, number, 1, folder);
	*strrchr(folder, '/') = '\0';
	if (unlinkat(log->dirfd, folder, AT_REMOVEDIR) == 0 || (errno != ENOTEMPTY && errno != EEXIST))
		return;
	for (unsigned width = 1; width < TILE_WIDTH; width++) {
		tile_path(level, number, width, path);
		(void)unlinkat(log->dirfd, path, 0);
		/* And what a crash in io_replace_file may have left beside it. */
		memcpy(path + strlen(path), ".tmp", sizeof(".tmp"));
		(void)unlinkat(log->dirfd, path, 0);
	}
	(void)unlinkat(log->dirfd, folder, AT_REMOVEDIR);
}

/* Refuse what may not be appended, and a seed that is not this log's. */
static int
append_check(
    const struct log *log, const struct secret *seed, const struct view *entries, size_t count, struct err *e)
{
	uint8_t key[SIGN_PUBLIC_LEN];

	if (log->torn)
		return err_set(e, ERR_SYSTEM, "log: an append failed half-way: it must be opened again");
	if (count == 0 || count > LOG_BATCH_MAX)
		return err_set(e, ERR_LIMIT, "log: %zu entries at once", count);
	for (size_t i = 0; i < count; i++)
		if (entries[i].len > LOG_ENTRY_MAX)
			return err_set(e, ERR_LIMIT, "log: an entry of %zu bytes", entries[i].len);
	if (log->head.size > TREE_SIZE_MAX - count)
		return err_set(e, ERR_LIMIT, "log: full");
	if (sign_public(seed, key, e) == -1)
		return -1;
	if (memcmp(key, log->key, SIGN_PUBLIC_LEN) != 0)
		return err_set(e, ERR_REFUSED, "log: the key is not this log's");
	return head_unchanged(log, e);
}

int
log_append(struct log *log, const struct secret *seed, const struct view *entries, size_t count,
    uint64_t *first, struct err *e)
{
	struct checkpoint head = log->head;
	struct growth *g = NULL;
	struct buf note;
	int rc = -1;

	buf_init(&note, NOTE_MAX);
	if (append_check(log, seed, entries, count, e) == -1)
		goto out;
	if ((g = calloc(1, sizeof(*g))) == NULL) {
		err_sys(e, "log: append");
		goto out;
	}
	buf_init(&g->bundle, BUNDLE_MAX);
	if (growth_start(log, g, e) == -1)
		goto out;
	for (size_t i = 0; i < count; i++)
		if (growth_add(log, g, &entries[i], e) == -1)
			goto out;
	if (growth_write_edge(log, g, e) == -1)
		goto out;
	head.size += count;
	if (tree_root(head.size, growth_hash, g, head.root, e) == -1 ||
	    head_sign(log, seed, &head, &note, e) == -1)
		goto out;

	log->torn = true; /* until we know which checkpoint stands */
	if (io_replace_file(log->dirfd, CHECKPOINT_PATH, note.data, note.len, LOG_MODE, e) == -1)
		goto out;
	log->torn = false;

	/* From here on the entries are in the log. */
	*first = log->head.size;
	log->head = head;
	memcpy(log->edge, g->edge, sizeof(log->edge));
	buf_free(&log->note);
	log->note = note;
	buf_init(&note, NOTE_MAX);
	log->bundle.have = false;
	for (int level = 0; level < LOG_LEVELS; level++)
		if (g->filled[level])
			drop_partials(log, level, g->was[level]);
	if (g->filled[0])
		drop_partials(log, TILE_ENTRIES, g->was[0]);
	rc = 0;
out:
	if (g != NULL)
		buf_free(&g->bundle);
	free(g);
	buf_free(&note);
	return rc;
}
