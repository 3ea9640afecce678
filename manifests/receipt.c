/* Receipts: what a node says that it has opened, its writer and its reader. */
#include "stager/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "stager/json.h"
#include "stager/release.h"

#include "fields.h"

#define SECONDS_MAX (INT64_C(400) * 86400) /* a request's window is no longer */

static const char what[] = "receipt";

uint64_t
receipt_segments(const struct receipt *r)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->count; i++)
		sum += r->rows[i].segments < (uint64_t)JSON_INT_MAX - sum ? r->rows[i].segments
									  : (uint64_t)JSON_INT_MAX - sum;
	return sum;
}

void
receipt_free(struct receipt *r)
{
	free(r->rows);
	r->rows = NULL;
	r->count = 0;
}

/* [row, segments, from, to]; rows ascend, so that none stands there twice. */
static int
read_row(const struct json *j, const struct receipt *r, struct receipt_row *out, struct err *e)
{
	int64_t n[4];

	if (j->type != JSON_ARRAY || j->count != 4)
		return err_set(e, ERR_INPUT, "%s: a shard has a bad form", what);
	for (size_t i = 0; i < 4; i++) {
		if (j->items[i]->type != JSON_INT || j->items[i]->integer < 0)
			return err_set(e, ERR_INPUT, "%s: a shard has a bad form", what);
		n[i] = j->items[i]->integer;
	}
	if (n[0] > MANIFEST_SHARDS_MAX || n[1] < 1 || n[2] > n[3] || n[3] > r->ended - r->begun)
		return err_set(e, ERR_INPUT, "%s: a shard's numbers cannot be", what);
	*out =
	    (struct receipt_row){.row = (uint64_t)n[0], .segments = (uint64_t)n[1], .from = n[2], .to = n[3]};
	return 0;
}

static int
read_rows(const struct json *j, struct receipt *r, struct err *e)
{
	const struct json *list = json_need(j, "shards", JSON_ARRAY, what, e);

	if (list == NULL)
		return -1;
	if (list->count > RECEIPT_ROWS_MAX)
		return err_set(e, ERR_LIMIT, "%s: over %d shards", what, RECEIPT_ROWS_MAX);
	if (list->count > 0 && (r->rows = calloc(list->count, sizeof(*r->rows))) == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", what);
	for (; r->count < list->count; r->count++) {
		if (read_row(list->items[r->count], r, &r->rows[r->count], e) == -1)
			return -1;
		if (r->count > 0 && r->rows[r->count].row <= r->rows[r->count - 1].row)
			return err_set(e, ERR_INPUT, "%s: its shards are not in order", what);
	}
	return 0;
}

int
receipt_decode(const void *data, size_t len, struct receipt *out, struct err *e)
{
	static const char *const keys[] = {"type", "request", "t", "slot", "restart", "node", "part", "parts",
	    "begun", "ended", "result", "shards", NULL};
	struct json *j = NULL;
	const char *result;
	struct receipt r;
	int rc = -1;

	memset(&r, 0, sizeof(r));
	if ((j = field_decode(data, len, RECEIPT_MAX, RECEIPT_TYPE, keys, what, e)) == NULL ||
	    json_need_hex(j, "request", r.request, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "t", r.t, DIGEST_LEN, what, e) == -1 ||
	    field_u32(j, "slot", 0, RELEASE_SLOTS_MAX - 1, what, &r.slot, e) == -1 ||
	    field_u32(j, "restart", 0, RELEASE_SLOTS_MAX - 1, what, &r.restart, e) == -1 ||
	    json_need_hex(j, "node", r.node, X25519_LEN, what, e) == -1 ||
	    field_u32(j, "parts", 1, RECEIPT_PARTS_MAX, what, &r.parts, e) == -1 ||
	    field_u32(j, "part", 0, r.parts - 1, what, &r.part, e) == -1 ||
	    json_need_int(j, "begun", 0, JSON_INT_MAX - SECONDS_MAX, what, &r.begun, e) == -1 ||
	    json_need_int(j, "ended", r.begun, r.begun + SECONDS_MAX, what, &r.ended, e) == -1 ||
	    (result = json_need_string(j, "result", what, e)) == NULL || read_rows(j, &r, e) == -1)
		goto out;
	r.done = strcmp(result, "done") == 0;
	if (!r.done && strcmp(result, "failed") != 0) {
		err_set(e, ERR_INPUT, "%s: result is neither done nor failed", what);
		goto out;
	}
	*out = r;
	r.rows = NULL;
	rc = 0;
out:
	receipt_free(&r);
	json_free(j);
	return rc;
}

int
receipt_encode(const struct receipt *r, struct buf *out, struct err *e)
{
	struct json *j = json_object(), *list = json_array(), *row;
	size_t before = out->len;
	struct receipt again;
	int rc = -1;

	json_set_string(j, "type", RECEIPT_TYPE);
	json_set_hex(j, "request", r->request, DIGEST_LEN);
	json_set_hex(j, "t", r->t, DIGEST_LEN);
	json_set_int(j, "slot", r->slot);
	json_set_int(j, "restart", r->restart);
	json_set_hex(j, "node", r->node, X25519_LEN);
	json_set_int(j, "part", r->part);
	json_set_int(j, "parts", r->parts);
	json_set_int(j, "begun", r->begun);
	json_set_int(j, "ended", r->ended);
	json_set_string(j, "result", r->done ? "done" : "failed");
	json_set(j, "shards", list);
	if (r->count > RECEIPT_ROWS_MAX) {
		err_set(e, ERR_LIMIT, "%s: over %d shards", what, RECEIPT_ROWS_MAX);
		goto out;
	}
	for (size_t i = 0; i < r->count; i++) {
		const struct receipt_row *s = &r->rows[i];

		json_push(list, row = json_array());
		json_push(row, json_int((int64_t)s->row));
		json_push(row, json_int((int64_t)s->segments));
		json_push(row, json_int(s->from));
		json_push(row, json_int(s->to));
	}
	if (field_encode(j, RECEIPT_MAX, what, out, e) == -1)
		goto out;
	/* Nothing is signed that the house would refuse. */
	if (receipt_decode(out->data + before, out->len - before, &again, e) == -1) {
		out->len = before;
		goto out;
	}
	receipt_free(&again);
	rc = 0;
out:
	json_free(j);
	return rc;
}
