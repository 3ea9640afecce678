/* Receipts: what a node says it opened, as another program writes it, damaged in every way, and at its limits. */
#include "stager/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "stager/release.h"

static struct err e;

static int
take(const void *data, size_t len, struct err *err)
{
	struct receipt r;
	struct buf again;
	int rc;

	if (receipt_decode(data, len, &r, err) == -1)
		return -1;
	buf_init(&again, RECEIPT_MAX);
	rc = receipt_encode(&r, &again, err) == -1 ? 1 : mutate_same(&again, data, len);
	buf_free(&again);
	receipt_free(&r);
	return rc;
}

static struct json *
row(int64_t n, int64_t segments, int64_t from, int64_t to)
{
	struct json *j = json_array();

	json_push(j, json_int(n));
	json_push(j, json_int(segments));
	json_push(j, json_int(from));
	json_push(j, json_int(to));
	return j;
}

static void
test_document(void)
{
	struct buf text = mutate_vector("release/receipt.json");
	struct receipt r;

	CHECK_OK(receipt_decode(text.data, text.len, &r, &e));
	CHECK(r.slot == 3 && r.restart == 1001 && r.part == 0 && r.parts == 2 && r.done && r.count == 3);
	CHECK(r.request[31] == 0x11 && r.t[0] == 0x22 && r.node[5] == 0x33 && r.ended - r.begun == 100);
	CHECK(r.rows[1].row == 1 && r.rows[1].segments == 24 && r.rows[1].from == 4 && r.rows[1].to == 9);
	CHECK(receipt_segments(&r) == 37);
	receipt_free(&r);

	mutate_all(take, &text, NULL, NULL);
	mutate_twice(take, &text);
#define TAKEN(path, v) mutate_value(take, &text, path, v, true)
#define REFUSED(path, v) mutate_value(take, &text, path, v, false)
	TAKEN("result", json_string("failed"));
	REFUSED("result", json_string("perhaps"));
	TAKEN("slot", json_int(RELEASE_SLOTS_MAX - 1));
	REFUSED("slot", json_int(RELEASE_SLOTS_MAX));
	REFUSED("part", json_int(2)); /* of 2 */
	TAKEN("parts", json_int(RECEIPT_PARTS_MAX));
	REFUSED("parts", json_int(RECEIPT_PARTS_MAX + 1));
	REFUSED("parts", json_int(0));
	REFUSED("begun", json_int(1804000101));
	REFUSED("begun", json_int(-1));
	REFUSED("ended", json_int(1804000099)); /* a shard was opened after it */
	REFUSED("ended", json_int(1804000000 + 401 * 86400));
	TAKEN("shards", json_array());
	REFUSED("shards", json_object());
	TAKEN("shards.2", row(MANIFEST_SHARDS_MAX, 1, 0, 0)); /* the index of the largest table */
	REFUSED("shards.2", row(MANIFEST_SHARDS_MAX + 1, 1, 0, 0));
	REFUSED("shards.2", row(1, 1, 0, 0)); /* twice */
	REFUSED("shards.2", row(0, 1, 0, 0)); /* back */
	REFUSED("shards.2", row(7, 0, 0, 0));
	REFUSED("shards.2", row(7, 1, 5, 4));
	REFUSED("shards.2", row(7, 1, 0, 101));
	REFUSED("shards.2", row(7, 1, -1, 0));
	REFUSED("shards.2", json_array());
	REFUSED("type", json_string("stager.receipt.2"));
#undef TAKEN
#undef REFUSED
	buf_free(&text);
}

/* As many rows as one may have, and one more. */
static void
test_limits(void)
{
	struct receipt r = {.parts = 1, .begun = 1804000000, .ended = 1804000000 + 300 * 86400}, got;
	struct buf text;

	buf_init(&text, RECEIPT_LINE_MAX);
	CHECK((r.rows = calloc(RECEIPT_ROWS_MAX + 1, sizeof(*r.rows))) != NULL);
	for (size_t i = 0; i <= RECEIPT_ROWS_MAX; i++)
		r.rows[i] = (struct receipt_row){90000 - 1 + i, 1 << 20, 300 * 86400 - 1, 300 * 86400};
	r.count = RECEIPT_ROWS_MAX;
	CHECK_OK(receipt_encode(&r, &text, &e));
	CHECK_OK(receipt_decode(text.data, text.len, &got, &e));
	CHECK(got.count == r.count && memcmp(got.rows, r.rows, r.count * sizeof(*r.rows)) == 0);
	receipt_free(&got);
	buf_clear(&text);
	r.count++;
	CHECK_ERR(receipt_encode(&r, &text, &e), ERR_LIMIT);
	CHECK(text.len == 0);
	r.count = 2;
	r.rows[1].row = r.rows[0].row;
	CHECK_ERR(receipt_encode(&r, &text, &e), ERR_INPUT);
	CHECK(text.len == 0);
	/* A sum that no number holds stops at the largest. */
	r.rows[0].segments = r.rows[1].segments = (uint64_t)JSON_INT_MAX;
	CHECK(receipt_segments(&r) == (uint64_t)JSON_INT_MAX);
	receipt_free(&r);
	buf_free(&text);
}

int
main(void)
{
	test_document();
	test_limits();
	return check_done();
}
