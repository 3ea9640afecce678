/* Receipts that nodes send: what they say they opened, proven as far as it can be, logged, kept. */
#include "receipt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "children.h"
#include "line.h"
#include "request.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/receipt.h"
#include "verify.h"

/* One that was read and proven. */
struct proven {
	const struct buf *envelope;
	struct receipt receipt;
	struct case_file *c; /* its request */
	char digest[DIGEST_HEX_LEN + 1];
	char node[2 * X25519_LEN + 1];
};

/* The release that it is about: of this slot, restart and node, with this T, and of these rows. */
static int
find_release(struct house *h, const struct proven *p, struct err *e)
{
	const struct receipt *r = &p->receipt;
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT o.json FROM release r JOIN opening o ON o.place = r.place WHERE r.request = ? AND r.slot "
	    "= ? "
	    "AND r.restart = ? AND r.node = ? AND r.done = 1",
	    "siis", p->c->request.id, (int64_t)r->slot, (int64_t)r->restart, p->node);
	bool found = false;
	int more;

	while ((more = ledger_next(q, e)) == 1 && !found) {
		uint8_t t[DIGEST_LEN];
		int64_t first, end;
		size_t len;
		const void *text = ledger_blob(q, 0, &len);
		struct json *j = json_parse(text, len, "opening", NULL);

		found = j != NULL && json_need_hex(j, "t", t, sizeof(t), "opening", NULL) == 0 &&
			digest_equal(t, r->t) &&
			json_need_int(j, "first", 0, MANIFEST_SHARDS_MAX, "opening", &first, NULL) == 0 &&
			json_need_int(j, "end", 0, MANIFEST_SHARDS_MAX + 1, "opening", &end, NULL) == 0 &&
			(r->count == 0 ||
			    (r->rows[0].row >= (uint64_t)first && r->rows[r->count - 1].row < (uint64_t)end));
		json_free(j);
	}
	ledger_end(q);
	if (more == -1)
		return -1;
	if (!found)
		return err_set(
		    e, ERR_REFUSED, "receipt: request %s has had no such release", p->c->request.id);
	return 0;
}

/* p->envelope: what it says, and that the job key of its request says so. */
static int
prove(struct house *h, struct proven *p, struct err *e)
{
	struct dsse *d = dsse_decode(p->envelope->data, p->envelope->len, "receipt", e);
	uint8_t digest[DIGEST_LEN];
	char id[MANIFEST_ID_LEN + 1];
	int rc = -1;

	if (d == NULL || receipt_decode(d->payload.data, d->payload.len, &p->receipt, e) == -1)
		goto out;
	digest_bytes(d->payload.data, d->payload.len, digest);
	hex_encode(digest, DIGEST_LEN, p->digest);
	hex_encode(p->receipt.node, X25519_LEN, p->node);
	base32_encode(p->receipt.request, 16, id);
	if ((p->c = case_load(h, id, e)) == NULL)
		goto out;
	if (!digest_equal(p->c->request.digest, p->receipt.request)) {
		err_set(e, ERR_REFUSED, "receipt: there is no such request here");
		goto out;
	}
	if (dsse_check(d, DSSE_RECEIPT, p->c->request.job_key, "receipt", e) == -1)
		goto out;
	rc = find_release(h, p, e);
out:
	dsse_free(d);
	return rc;
}

static void
proven_free(struct proven *p)
{
	receipt_free(&p->receipt);
	case_free(p->c);
}

/* The row of the same part of the same release: 1 where it is this very receipt, 0 where there is none, -1. */
static int
is_kept(struct house *h, const struct proven *p, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT digest FROM receipt WHERE request = ? AND slot = ? AND restart = ? AND node = ? AND part "
	    "= ?",
	    "siisi", p->c->request.id, (int64_t)p->receipt.slot, (int64_t)p->receipt.restart, p->node,
	    (int64_t)p->receipt.part);
	int more = ledger_next(q, e);

	if (more == 1 && strcmp(ledger_text(q, 0), p->digest) != 0)
		more = err_set(e, ERR_REFUSED,
		    "alarm: receipt: slot %u, restart %u of request %s has sent another one before",
		    p->receipt.slot, p->receipt.restart, p->c->request.id);
	ledger_end(q);
	return more;
}

static int
insert_receipt(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct proven *p = ctx;

	return ledger_run(h->ledger, e, "INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "siisisbii",
	    p->c->request.id, (int64_t)p->receipt.slot, (int64_t)p->receipt.restart, p->node,
	    (int64_t)p->receipt.part, p->digest, p->envelope->data, p->envelope->len, (int64_t)index,
	    (int64_t)time(NULL));
}

/* No entry, no row. */
static int
keep(struct house *h, struct proven *p, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	struct json *j = json_object();
	int rc;

	hex_encode(p->receipt.request, DIGEST_LEN, hex);
	json_set_string(j, "request", hex);
	json_set_string(j, "receipt", p->digest);
	json_set_string(j, "node", p->node);
	json_set_int(j, "slot", p->receipt.slot);
	json_set_int(j, "restart", p->receipt.restart);
	json_set_int(j, "part", p->receipt.part);
	rc = house_record(
	    h, "receipt", j, p->c->request.id, (struct effect){.run = insert_receipt, .ctx = p}, NULL, e);
	json_free(j);
	return rc;
}

int
receipt_take(struct house *h, struct line *l, const struct json *heard, struct err *e)
{
	static const char *const keys[] = {"type", "envelope", NULL};
	struct proven p = {.c = NULL};
	struct json *j = NULL;
	struct buf envelope;
	int rc = -1, lock = -1, kept;

	buf_init(&envelope, RECEIPT_LINE_MAX);
	p.envelope = &envelope;
	if (json_expect_keys(heard, keys, "receipt", e) == -1 ||
	    json_need_base64(heard, "envelope", &envelope, "receipt", e) == -1 || prove(h, &p, e) == -1 ||
	    (lock = house_lock(h, REQUEST_LOCK, e)) == -1 || (kept = is_kept(h, &p, e)) == -1)
		goto out;
	if (kept == 0 && keep(h, &p, e) == -1)
		goto out;
	io_close(&lock);
	j = json_object();
	json_set_string(j, "type", "kept");
	json_set_string(j, "receipt", p.digest);
	rc = line_write(l, j, e);
out:
	io_close(&lock);
	json_free(j);
	proven_free(&p);
	buf_free(&envelope);
	return rc;
}

/* A row: its envelope is good, it says what the row says, and the log has it. */
static int
verify_row(struct house *h, struct ledger_query *q, const struct buf *envelope, struct err *e)
{
	struct proven p = {.envelope = envelope};
	int rc = -1;

	if (prove(h, &p, e) == -1) {
		e->code = ERR_FORGED;
		goto out;
	}
	if (strcmp(p.c->request.id, ledger_text(q, 0)) != 0 || p.receipt.slot != ledger_int(q, 1) ||
	    p.receipt.restart != ledger_int(q, 2) || strcmp(p.node, ledger_text(q, 3)) != 0 ||
	    p.receipt.part != ledger_int(q, 4) || strcmp(p.digest, ledger_text(q, 5)) != 0) {
		err_set(e, ERR_FORGED, "ledger: a receipt of request %.32s is not what its node signed",
		    ledger_text(q, 0));
		goto out;
	}
	rc = verify_entry(h, "receipt", p.c->request.id, "receipt", p.digest, e);
out:
	proven_free(&p);
	return rc;
}

int
verify_receipts(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT request, slot, restart, node, part, digest, envelope FROM receipt ORDER BY place", "");
	struct buf envelope;
	int more, rc = -1;

	buf_init(&envelope, RECEIPT_LINE_MAX);
	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *data = ledger_blob(q, 6, &len);

		buf_clear(&envelope);
		if (buf_put(&envelope, data, len, e) == -1 || verify_row(h, q, &envelope, e) == -1) {
			err_context(e, "ledger: receipt");
			goto out;
		}
	}
	rc = more;
out:
	ledger_end(q);
	buf_free(&envelope);
	return rc;
}
