/* Where they are: the sealed index of each set is opened and read, and so is every shard that may hold records of theirs. */
#include "withdraw.h"

#include <stdlib.h>
#include <string.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/withdrawn.h"

/* Open a shard and look whether records of theirs are in it. */
static int
look_through(struct withdrawal *w, struct old_set *set, size_t i, struct err *e)
{
	const struct shard_line *line = &set->table->shards[i];
	struct json *j, *got = NULL;
	int64_t dropped, records;
	int plain = -1, rc = -1;

	if (carry_open(&w->carry, &w->carry.open, set, i, &plain, e) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "shard", (int64_t)i);
	json_set_int(j, "as", 0);
	json_set_int(j, "plain", (int64_t)line->plain);
	json_set_int(j, "members", (int64_t)line->members);
	json_set_int(j, "wide", w->wide);
	if ((got = carry_ask(&w->carry.sift, WIRE_SIFT_SHARD, j, &plain, 1, WIRE_SIFTED, e)) == NULL ||
	    json_need_int(got, "dropped", 0, JSON_INT_MAX, "stager-sift", &dropped, e) == -1 ||
	    json_need_int(got, "records", 0, JSON_INT_MAX, "stager-sift", &records, e) == -1)
		goto out;
	io_close(&plain);
	if (carry_opened(&w->carry.open, line, e) == -1)
		goto out;
	set->shards[i].touched = set->shards[i].touched || dropped > 0 || records > 0;
	set->shards[i].dropped = (uint64_t)dropped;
	set->shards[i].records = (uint64_t)records;
	w->bytes += line->plain;
	if (w->ask->progress != NULL)
		w->ask->progress(w->ask->ctx, w->bytes, w->total);
	rc = 0;
out:
	io_close(&plain);
	json_free(got);
	return rc;
}

static int
find_all(struct withdrawal *w, struct err *e)
{
	uint64_t samples;
	struct json *j = json_object();
	int rc;

	json_set_hex(j, "list", w->result->commitment, DIGEST_LEN);
	if (carry_start(&w->carry, "withdraw-begin", j, e) == -1)
		return -1;
	j = json_object();
	json_set_int(j, "keys", w->keys);
	json_set_int(j, "spellings", w->spellings);
	json_set(j, "others", json_copy(w->others));
	rc = wire_send(w->carry.sift.control, WIRE_SIFT_LIST, j, &w->list, 1, e);
	json_free(j);
	for (size_t i = 0; rc == 0 && i < w->carry.set_count; i++)
		rc = carry_read_index(&w->carry, &w->carry.sets[i], w->wide, &samples, e);
	for (size_t i = 0; rc == 0 && i < w->carry.set_count; i++)
		for (size_t k = 0; k + 1 < w->carry.sets[i].table->count; k++)
			if (w->carry.sets[i].shards[k].look)
				w->total += w->carry.sets[i].table->shards[k].plain;
	for (size_t i = 0; rc == 0 && i < w->carry.set_count; i++) {
		struct old_set *set = &w->carry.sets[i];

		for (size_t k = 0; rc == 0 && k + 1 < set->table->count; k++) {
			if (set->shards[k].look)
				rc = look_through(w, set, k, e);
			set->touched += set->shards[k].touched;
		}
		w->touched += set->touched;
		w->result->shards += set->table->count - 1;
	}
	return rc;
}

int
withdraw_find(struct withdrawal *w, struct err *e)
{
	w->carry.base = w->base;
	if (withdraw_attributable(w->base->policy, &w->wide, e) == -1 || carry_load(&w->carry, e) == -1)
		return -1;
	if (w->carry.set_count == 0)
		return 0;
	return find_all(w, e) == -1 ? carry_failed(&w->carry, e) : 0;
}

static int
compare_marks(const void *a, const void *b)
{
	return memcmp(a, b, WITHDRAWN_MARK_LEN);
}

static int
compare_lines(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
withdraw_unknown(struct withdrawal *w, struct err *e)
{
	struct json *got = NULL;
	const struct json *places;
	struct buf before;
	uint64_t place;
	int rc = -1;

	buf_init(&before, (size_t)WITHDRAWN_MAX * WITHDRAWN_MARK_LEN);
	if ((got = carry_ask(&w->carry.sift, WIRE_SIFT_UNMET, json_object(), NULL, 0, WIRE_SIFTED, e)) ==
		NULL ||
	    (places = json_need(got, "places", JSON_ARRAY, "stager-sift", e)) == NULL ||
	    withdraw_marks(w->h, w->base->dataset_id, &before, e) == -1)
		goto out;
	free(w->unknown);
	w->unknown_count = 0;
	if ((w->unknown = calloc(places->count + 1, sizeof(*w->unknown))) == NULL) {
		err_set(e, ERR_SYSTEM, "withdraw: out of memory");
		goto out;
	}
	if (before.len > 0)
		qsort(before.data, before.len / WITHDRAWN_MARK_LEN, WITHDRAWN_MARK_LEN, compare_marks);
	for (size_t i = 0; i < places->count; i++) {
		if (carry_number(places, i, &place, e) == -1)
			goto out;
		if (place >= (uint64_t)w->keys) {
			err_set(e, ERR_INPUT, "stager-sift: a place past the list");
			goto out;
		}
		if (before.len == 0 ||
		    bsearch(w->marks.data + place * WITHDRAWN_MARK_LEN, before.data,
			before.len / WITHDRAWN_MARK_LEN, WITHDRAWN_MARK_LEN, compare_marks) == NULL)
			w->unknown[w->unknown_count++] = (uint64_t)w->lines->items[place]->integer;
	}
	qsort(w->unknown, w->unknown_count, sizeof(*w->unknown), compare_lines);
	rc = 0;
out:
	json_free(got);
	buf_free(&before);
	return rc;
}
