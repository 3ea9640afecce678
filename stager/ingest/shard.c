/* Entries into shards: the tar around each member, when a shard is full, its padding, and the index. */
#include "stager/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/entry.h"
#include "stager/ring.h"
#include "stager/secret.h"
#include "index_queue.h"
#include "sealed.h"
#include "tar.h"

/* A shard that is being filled. */
struct lane {
	struct sealed *shard; /* NULL between two shards */
	uint64_t number, members;
};

struct shard_writer {
	uint64_t target;
	uint8_t vault[X25519_LEN];
	struct shard_sink sink;
	struct sealer *sealer;

	struct lane lanes[SHARD_LANES], *lane; /* lane: of the open sample */
	unsigned lane_count;
	const struct secret *key; /* of their order; borrowed */
	uint64_t opened;          /* shards: the next one's number */
	struct sealed *index;     /* NULL before the first entry */
	struct index_queue *queue;

	uint64_t sample; /* number of the open one, from 1 */
	char subject[ENTRY_SUBJECT_MAX + 1];
	char exts[SHARD_SAMPLE_MAX][ENTRY_EXT_MAX + 1];
	size_t ext_count;

	uint64_t left;  /* bytes that the open member is owed */
	size_t padding; /* zeros after them */
	uint64_t entries, bytes;
};

static const uint8_t zeros[C4GH_PLAIN_MAX];

struct shard_writer *
shard_new(
    uint64_t target, const uint8_t vault[static X25519_LEN], const struct shard_sink *sink, struct err *e)
{
	struct shard_writer *w = NULL;

	if ((w = calloc(1, sizeof(*w))) == NULL) {
		err_set(e, ERR_SYSTEM, "shards: out of memory");
		return NULL;
	}
	w->target = target;
	w->sink = *sink;
	memcpy(w->vault, vault, X25519_LEN);
	w->lane_count = 1;
	w->lane = &w->lanes[0];
	if ((w->queue = index_queue_new(SHARD_WAITING_MAX, e)) == NULL ||
	    (w->sealer = sealer_new(ring_processors(), 2, e)) == NULL) {
		shard_free(w);
		return NULL;
	}
	return w;
}

int
shard_shuffle(struct shard_writer *w, const struct secret *key, uint64_t waiting_max, struct err *e)
{
	if (w->index != NULL || key->len != SHARD_ORDER_KEY_LEN)
		return err_set(e, ERR_SYSTEM, "shards: shuffled too late, or by a key of another length");
	sealer_free(w->sealer);
	index_queue_free(w->queue);
	w->queue = NULL;
	w->key = key;
	w->lane_count = SHARD_LANES;
	if ((w->sealer = sealer_new(ring_processors(), SHARD_LANES + 1, e)) == NULL ||
	    (w->queue = index_queue_new(waiting_max, e)) == NULL)
		return -1;
	return 0;
}

int
shard_continue(struct shard_writer *w, uint64_t shards, uint64_t samples, struct err *e)
{
	if (w->index != NULL || shards > MANIFEST_SHARDS_MAX)
		return err_set(e, ERR_SYSTEM, "shards: continued too late, or behind more than there may be");
	w->opened = shards;
	w->sample = samples;
	return index_queue_from(w->queue, shards, e);
}

void
shard_free(struct shard_writer *w)
{
	if (w == NULL)
		return;
	sealer_free(w->sealer); /* first: its threads use the bodies */
	for (size_t i = 0; i < SHARD_LANES; i++)
		sealed_free(w->lanes[i].shard);
	sealed_free(w->index);
	index_queue_free(w->queue);
	free(w);
}

uint64_t
shard_entries(const struct shard_writer *w)
{
	return w->entries;
}

uint64_t
shard_bytes(const struct shard_writer *w)
{
	return w->bytes;
}

static struct sealed *
open_body(struct shard_writer *w, const char *name, struct err *e)
{
	int body = -1, sums = -1;

	if (w->sink.open(w->sink.ctx, name, &body, &sums, e) == -1)
		return NULL;
	return sealed_new(w->sealer, name, body, sums, w->vault, e);
}

/* Finish a body, hand it over, and forget it. */
static int
finish_body(struct shard_writer *w, struct sealed **body, uint64_t members, struct err *e)
{
	struct shard_line line = {0};
	uint8_t header[HEADER_LEN];

	if (sealed_finish(*body, &line, header, e) == -1)
		return -1;
	line.members = members;
	sealed_free(*body);
	*body = NULL;
	return w->sink.done(w->sink.ctx, &line, header, e);
}

static int
put_zeros(struct sealed *body, uint64_t len, struct err *e)
{
	size_t piece;

	for (; len > 0; len -= piece) {
		piece = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
		if (sealed_write(body, zeros, piece, e) == -1)
			return -1;
	}
	return 0;
}

/* The end-of-archive mark and the padding: zeros, all of it. */
static int
finish_shard(struct shard_writer *w, struct lane *lane, struct err *e)
{
	uint64_t len = sealed_len(lane->shard);

	if (put_zeros(lane->shard, tar_padded_len(len + TAR_END) - len, e) == -1 ||
	    finish_body(w, &lane->shard, lane->members, e) == -1)
		return -1;
	return index_queue_finish(w->queue, lane->number, w->index, e);
}

static int
open_shard(struct shard_writer *w, struct lane *lane, struct err *e)
{
	char name[16];

	if (w->opened >= MANIFEST_SHARDS_MAX)
		return err_set(e, ERR_LIMIT, "shards: more than %d", MANIFEST_SHARDS_MAX);
	if (w->index == NULL && (w->index = open_body(w, "index", e)) == NULL)
		return -1;
	lane->number = w->opened++;
	lane->members = 0;
	if (index_queue_open(w->queue, lane->number, e) == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "shard-%05u", (unsigned)lane->number);
	return (lane->shard = open_body(w, name, e)) == NULL ? -1 : 0;
}

/* The open shard of the lowest number; NULL where none is open. */
static struct lane *
first_open(struct shard_writer *w)
{
	struct lane *first = NULL;

	for (unsigned i = 0; i < w->lane_count; i++)
		if (w->lanes[i].shard != NULL && (first == NULL || w->lanes[i].number < first->number))
			first = &w->lanes[i];
	return first;
}

/* Where the sample of this number goes. */
static struct lane *
lane_of(struct shard_writer *w, uint64_t sample)
{
	uint8_t number[8], hash[crypto_shorthash_BYTES];

	_Static_assert(SHARD_ORDER_KEY_LEN >= crypto_shorthash_KEYBYTES, "SipHash takes the first half");
	if (w->lane_count == 1)
		return &w->lanes[0];
	for (size_t i = 0; i < sizeof(number); i++)
		number[i] = (uint8_t)(sample >> (8 * i));
	(void)crypto_shorthash(hash, number, sizeof(number), w->key->bytes);
	return &w->lanes[hash[0] % w->lane_count];
}

/* A body with len bytes in it can take a member of size more. */
static int
check_room(uint64_t len, uint64_t size, struct err *e)
{
	/* The first bound keeps the sum from overflowing. */
	if (size > ENTRY_SIZE_MAX || tar_padded_len(len + tar_file_len(size) + TAR_END) > SEALED_PLAIN_MAX)
		return err_set(e, ERR_LIMIT, "shards: a sample of more than 64 GiB");
	return 0;
}

/* Begin a sample, or add to the open one. */
static int
take_place(struct shard_writer *w, const struct entry *entry, struct err *e)
{
	if (check_room(0, entry->size, e) == -1)
		return -1;
	if (!entry->continues) {
		while (index_queue_full(w->queue))
			if (finish_shard(w, first_open(w), e) == -1)
				return -1;
		w->lane = lane_of(w, ++w->sample);
		if (w->lane->shard != NULL &&
		    sealed_len(w->lane->shard) + tar_file_len(entry->size) > w->target &&
		    finish_shard(w, w->lane, e) == -1)
			return -1;
		if (w->lane->shard == NULL && open_shard(w, w->lane, e) == -1)
			return -1;
		w->ext_count = 0;
		memcpy(w->subject, entry->subject, sizeof(w->subject));
	} else if (w->lane->shard == NULL || strcmp(entry->subject, w->subject) != 0) {
		return err_set(e, ERR_INPUT, "shards: an entry continues no sample of its subject");
	}
	if (w->ext_count == SHARD_SAMPLE_MAX)
		return err_set(e, ERR_LIMIT, "shards: a sample of more than %d members", SHARD_SAMPLE_MAX);
	for (size_t i = 0; i < w->ext_count; i++)
		if (strcmp(w->exts[i], entry->ext) == 0)
			return err_set(e, ERR_INPUT, "shards: two members of one sample under one name");
	memcpy(w->exts[w->ext_count++], entry->ext, sizeof(w->exts[0]));
	return check_room(sealed_len(w->lane->shard), entry->size, e);
}

int
shard_entry(struct shard_writer *w, const struct entry *entry, struct err *e)
{
	uint8_t head[TAR_HEAD_MAX];
	char name[TAR_NAME_MAX + 1];
	struct index_line line = {.entry = entry};
	size_t head_len;

	if (w->left > 0)
		return err_set(e, ERR_SYSTEM, "shards: a member was left unfinished");
	if (take_place(w, entry, e) == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "%06" PRIu64 ".%s", w->sample, entry->ext);
	head_len = tar_head(entry->subject, name, entry->size, head);
	line.sample = w->sample;
	line.offset = sealed_len(w->lane->shard) + head_len;
	if (sealed_write(w->lane->shard, head, head_len, e) == -1 ||
	    index_queue_add(w->queue, w->lane->number, &line, w->index, e) == -1)
		return -1;
	w->left = entry->size;
	w->padding = (size_t)((TAR_BLOCK - entry->size % TAR_BLOCK) % TAR_BLOCK);
	w->lane->members++;
	w->entries++;
	return 0;
}

/* len bytes of the open member have come: the zeros after it, where that was the end. */
static int
take_bytes(struct shard_writer *w, size_t len, struct err *e)
{
	w->left -= len;
	w->bytes += len;
	return w->left == 0 ? put_zeros(w->lane->shard, w->padding, e) : 0;
}

int
shard_write(struct shard_writer *w, const void *data, size_t len, struct err *e)
{
	if (len > w->left)
		return err_set(e, ERR_SYSTEM, "shards: more bytes than the member has");
	if (len == 0)
		return 0;
	return sealed_write(w->lane->shard, data, len, e) == -1 ? -1 : take_bytes(w, len, e);
}

int
shard_space(struct shard_writer *w, uint8_t **space, size_t *room, struct err *e)
{
	*room = 0;
	if (w->left == 0)
		return 0;
	if ((*space = sealed_space(w->lane->shard, room, e)) == NULL)
		return -1;
	if (*room > w->left)
		*room = (size_t)w->left;
	return 0;
}

int
shard_filled(struct shard_writer *w, size_t len, struct err *e)
{
	if (len > w->left)
		return err_set(e, ERR_SYSTEM, "shards: more bytes than the member has");
	if (len == 0)
		return 0;
	sealed_filled(w->lane->shard, len);
	return take_bytes(w, len, e);
}

int
shard_finish(struct shard_writer *w, struct err *e)
{
	if (w->left > 0)
		return err_set(e, ERR_SYSTEM, "shards: a member was left unfinished");
	if (w->index == NULL)
		return 0;
	for (struct lane *lane; (lane = first_open(w)) != NULL;)
		if (finish_shard(w, lane, e) == -1)
			return -1;
	return finish_body(w, &w->index, w->entries, e);
}
