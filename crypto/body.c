/* Crypt4GH bodies of any writer: the order that nonces prove, and segments under one of several data keys. */
#include "stager/crypt4gh.h"

#include <stdlib.h>

#include "stager/secret.h"

#define EVERYTHING ((size_t)INT64_MAX) /* bytes: more than any body has */

void
body_init(struct body *b, const struct packets *p, uint64_t first)
{
	*b = (struct body){.order = BODY_UNKNOWN,
	    .strict = p->one_writer && p->data_packets == 1,
	    .edited = p->edited,
	    .next = first};
}

/* A segment of a body whose nonces carry the order. */
static int
place_stream(struct body *b, uint64_t index, bool last, bool end, struct err *e)
{
	if (!b->strict)
		return err_set(e, ERR_FORGED,
		    "header: more than one packet opens, where a body in this order has one by one writer");
	if (index != b->next)
		return err_set(e, ERR_FORGED, "segment %llu: out of its place", (unsigned long long)b->next);
	if (last && !end)
		return err_set(
		    e, ERR_FORGED, "segment %llu: more follows the last one", (unsigned long long)b->next);
	if (end && !last && !b->edited)
		return err_set(e, ERR_FORGED, "segment %llu: not the last, but nothing follows it",
		    (unsigned long long)b->next);
	b->ended = last;
	return 0;
}

int
body_place(struct body *b, const uint8_t *segment, size_t len, bool end, struct place *place, struct err *e)
{
	uint64_t index = 0;
	bool last = false, stream;

	if (len <= C4GH_NONCE_LEN + C4GH_MAC_LEN || len > C4GH_SEGMENT_MAX ||
	    (!end && len != C4GH_SEGMENT_MAX) || b->next >= C4GH_INDEX_MAX)
		return err_set(
		    e, ERR_FORGED, "segment %llu: cut short, or too many", (unsigned long long)b->next);
	stream = c4gh_nonce_place(segment, &index, &last);
	if (b->order == BODY_UNKNOWN) {
		b->order = stream ? BODY_STREAM : BODY_FOREIGN;
		/* An edit list's writer may have left segments out before the first that it wants. */
		if (stream && b->edited && b->next == 0)
			b->next = index;
	}
	if (stream != (b->order == BODY_STREAM))
		return err_set(e, ERR_FORGED, "segment %llu: out of its place", (unsigned long long)b->next);
	if (stream && place_stream(b, index, last, end, e) == -1)
		return -1;
	*place = (struct place){.order = b->order, .index = b->next, .last = stream ? last : end};
	b->next++;
	return 0;
}

int
body_end(const struct body *b, const struct cut *c, struct err *e)
{
	if (b->order == BODY_FOREIGN || b->ended || !cut_wants(c, EVERYTHING))
		return 0;
	if (b->order == BODY_UNKNOWN)
		return err_set(
		    e, ERR_FORGED, "body: empty: cut off, or of a writer who does not prove that it is");
	return err_set(e, ERR_FORGED, "segment %llu: missing", (unsigned long long)b->next);
}

struct body_keys {
	struct c4gh **keys;
	size_t count, latest;
};

struct body_keys *
body_keys_new(const struct packets *p, struct err *e)
{
	struct body_keys *k = calloc(1, sizeof(*k));
	struct secret *key = NULL;

	if (k == NULL || (k->keys = calloc(p->key_count, sizeof(struct c4gh *))) == NULL) {
		err_set(e, ERR_SYSTEM, "data keys: out of memory");
		goto fail;
	}
	for (; k->count < p->key_count; k->count++) {
		if ((key = secret_new(C4GH_KEY_LEN, e)) == NULL)
			goto fail;
		for (size_t i = 0; i < C4GH_KEY_LEN; i++)
			key->bytes[i] = p->keys->bytes[k->count * C4GH_KEY_LEN + i];
		if ((k->keys[k->count] = c4gh_new(key, false, e)) == NULL)
			goto fail;
		secret_free(key);
		key = NULL;
	}
	return k;
fail:
	secret_free(key);
	body_keys_free(k);
	return NULL;
}

void
body_keys_free(struct body_keys *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->count; i++)
		c4gh_free(k->keys[i]);
	free(k->keys);
	free(k);
}

int
body_keys_open(struct body_keys *k, const struct place *place, const uint8_t *segment, size_t len,
    uint8_t *out, struct err *e)
{
	uint64_t index;
	bool last;

	if (place->order == BODY_STREAM)
		return c4gh_open(k->keys[0], place->index, place->last, segment, len, out, e);
	/* A segment in our order has no business in a body without one. */
	if (len < C4GH_NONCE_LEN || c4gh_nonce_place(segment, &index, &last))
		return err_set(
		    e, ERR_FORGED, "segment %llu: out of its place", (unsigned long long)place->index);
	for (size_t i = 0; i < k->count; i++) {
		size_t at = (k->latest + i) % k->count;

		if (c4gh_open_foreign(k->keys[at], place->index, place->last, segment, len, out, e) == 0) {
			k->latest = at;
			return 0;
		}
		if (e != NULL && e->code != ERR_FORGED)
			return -1;
	}
	return -1;
}
