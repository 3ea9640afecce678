/* A shard open for reading anywhere in it: sums before use, each segment by its sum, its place and its MAC. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/c4gh.h"
#include "stager/courier.h"
#include "stager/node.h"
#include "stager/secret.h"
#include "store.h"

/* Read from a network in one go; from a folder four at a time: they stay in the core's own cache (some 2% less
 * processor time than one by one or eight). */
#define PIECE_FAR NODE_READ_MAX
#define PIECE_NEAR 4

/* What one thread needs for itself while it reads; kept for the next. */
struct opener {
	struct opener *next;
	struct sums *sums;
	struct c4gh *key;
	uint8_t *sealed; /* room for so many segments: */
	size_t room;
};

struct node_shard {
	const struct shard_line *line;
	struct tally *tally; /* of the release */
	uint64_t row;
	struct secret *key;
	struct node_object *body;
	uint8_t *sums; /* the sums file, proven */
	size_t piece;  /* segments read in one go */
	pthread_mutex_t lock;
	struct opener *idle; /* under the lock */
};

/* The sums file whole into memory, proven there: what is checked is what is used. */
static int
take_sums(struct node_shard *s, struct node_store *store, const char *name, struct err *e)
{
	size_t len = (size_t)s->line->segments * SUM_LEN; /* at most C4GH_SEGMENTS_MAX: 32 MiB */
	struct node_object *file = NULL;
	uint8_t digest[DIGEST_LEN];
	int rc = -1;

	if (node_object_open(store, name, len, &file, e) == -1)
		return -1;
	if ((s->sums = malloc(len)) == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", name);
		goto out;
	}
	if (node_object_read_all(file, s->sums, len, e) == -1)
		goto out;
	digest_bytes(s->sums, len, digest);
	if (!digest_equal(digest, s->line->sums)) {
		err_set(
		    e, ERR_FORGED, "%s: its sums are not the ones that the manifest names", s->line->name);
		goto out;
	}
	rc = 0;
out:
	node_object_free(file);
	return rc;
}

int
node_shard_open(const struct node_release *r, struct node_store *store, uint64_t row, struct node_shard **out,
    struct err *e)
{
	char sums[NODE_STORE_NAME_MAX], body[NODE_STORE_NAME_MAX];
	struct node_shard *s = calloc(1, sizeof(*s));
	uint64_t segments, plain;

	if (s == NULL)
		return err_set(e, ERR_SYSTEM, "shard: out of memory");
	(void)pthread_mutex_init(&s->lock, NULL); /* a default one: it cannot fail on Linux */
	if ((s->key = node_data_key(r, row, e)) == NULL)
		goto fail;
	s->line = &r->table->shards[row];
	s->tally = r->tally;
	s->row = row;
	s->piece = node_store_streams(store) == 0 ? PIECE_NEAR : PIECE_FAR;
	if (c4gh_body_shape(s->line->body, &segments, &plain, e) == -1 || segments != s->line->segments ||
	    plain != s->line->plain || segments > C4GH_SEGMENTS_MAX) {
		err_set(
		    e, ERR_FORGED, "%s: the shard table gives it a length that no body has", s->line->name);
		goto fail;
	}
	(void)snprintf(sums, sizeof(sums), "%s/%s.sums", r->set, s->line->name);
	(void)snprintf(body, sizeof(body), "%s/%s.body", r->set, s->line->name);
	if (take_sums(s, store, sums, e) == -1 ||
	    node_object_open(store, body, s->line->body, &s->body, e) == -1)
		goto fail;
	*out = s;
	return 0;
fail:
	node_shard_free(s);
	return -1;
}

static void
opener_free(struct opener *o)
{
	if (o == NULL)
		return;
	sums_free(o->sums);
	c4gh_free(o->key);
	free(o->sealed);
	free(o);
}

void
node_shard_free(struct node_shard *s)
{
	struct opener *o;

	if (s == NULL)
		return;
	while ((o = s->idle) != NULL) {
		s->idle = o->next;
		opener_free(o);
	}
	(void)pthread_mutex_destroy(&s->lock);
	node_object_free(s->body);
	free(s->sums);
	secret_free(s->key);
	free(s);
}

const struct shard_line *
node_shard_line(const struct node_shard *s)
{
	return s->line;
}

/* One that is idle, or a new one; with room for so many segments. */
static struct opener *
take_opener(struct node_shard *s, size_t room, struct err *e)
{
	struct opener *o;

	(void)pthread_mutex_lock(&s->lock);
	if ((o = s->idle) != NULL)
		s->idle = o->next;
	(void)pthread_mutex_unlock(&s->lock);
	if (o == NULL) {
		if ((o = calloc(1, sizeof(*o))) == NULL) {
			err_set(e, ERR_SYSTEM, "%s: out of memory", s->line->name);
			return NULL;
		}
		if ((o->sums = sums_new(e)) == NULL || (o->key = c4gh_new(s->key, false, e)) == NULL)
			goto fail;
	}
	if (o->room < room) {
		free(o->sealed);
		o->room = 0;
		if ((o->sealed = malloc(room * C4GH_SEGMENT_MAX)) == NULL) {
			err_set(e, ERR_SYSTEM, "%s: out of memory", s->line->name);
			goto fail;
		}
		o->room = room;
	}
	return o;
fail:
	opener_free(o);
	return NULL;
}

static void
give_opener(struct node_shard *s, struct opener *o)
{
	(void)pthread_mutex_lock(&s->lock);
	o->next = s->idle;
	s->idle = o;
	(void)pthread_mutex_unlock(&s->lock);
}

/* Stored bytes of segments [first, first + count). */
static size_t
sealed_len(const struct node_shard *s, uint64_t first, size_t count)
{
	uint64_t left = s->line->body - first * C4GH_SEGMENT_MAX, len = (uint64_t)count * C4GH_SEGMENT_MAX;

	return (size_t)(len < left ? len : left);
}

/* One segment, proven, into out. Its plaintext's length, or 0 with e set. */
static size_t
open_segment(struct node_shard *s, struct opener *o, uint64_t number, const uint8_t *segment, size_t len,
    uint8_t *out, struct err *e)
{
	uint8_t sum[SUM_LEN];

	if (sums_segment(o->sums, segment, len, sum, e) == -1)
		return 0;
	if (!digest_equal(sum, s->sums + number * SUM_LEN)) {
		err_set(
		    e, ERR_FORGED, "%s: segment %llu is damaged", s->line->name, (unsigned long long)number);
		return 0;
	}
	if (c4gh_open(o->key, number, number + 1 == s->line->segments, segment, len, out, e) == -1) {
		err_context(e, "%s", s->line->name);
		return 0;
	}
	return len - C4GH_NONCE_LEN - C4GH_MAC_LEN;
}

int
node_shard_read(struct node_shard *s, uint64_t first, size_t count, uint8_t *out, size_t *good, struct err *e)
{
	size_t piece, plain, at;
	uint64_t opened = 0;
	struct opener *o;
	int rc = -1;

	*good = 0;
	if (count == 0 || count > NODE_READ_MAX || first >= s->line->segments ||
	    count > s->line->segments - first)
		return err_set(e, ERR_USAGE, "%s: it has no such segments", s->line->name);
	if ((o = take_opener(s, count < s->piece ? count : s->piece, e)) == NULL)
		return -1;
	for (; count > 0; first += piece, count -= piece) {
		piece = count < s->piece ? count : s->piece;
		if (node_object_read(
			s->body, first * C4GH_SEGMENT_MAX, o->sealed, sealed_len(s, first, piece), e) == -1)
			goto out;
		for (size_t i = 0; i < piece; i++) {
			at = i * C4GH_SEGMENT_MAX;
			plain = open_segment(
			    s, o, first + i, o->sealed + at, sealed_len(s, first + i, 1), out + *good, e);
			if (plain == 0)
				goto out;
			*good += plain;
			opened++;
		}
	}
	rc = 0;
out:
	give_opener(s, o);
	tally_add(s->tally, s->row, opened);
	return rc;
}
