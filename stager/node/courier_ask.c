/* The node's side of its courier: conversations that are tried again, and receipts of what was opened. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "courier.h"
#include "stager/clock.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/receipt.h"
#include "stager/secret.h"
#include "stager/wire.h"

#define PAUSE_FIRST_MS 1000
#define PAUSE_MOST_MS 30000

/* ---- what was opened ---- */

struct tally_row {
	uint64_t segments;
	int64_t from, to; /* seconds since 1970 */
};

struct tally {
	pthread_mutex_t lock;
	int64_t begun;
	uint64_t first, end;
	struct tally_row rows[]; /* end - first */
};

static int64_t
now_seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

struct tally *
tally_new(uint64_t first, uint64_t end, struct err *e)
{
	struct tally *t = NULL;

	if (first <= end && end <= MANIFEST_SHARDS_MAX + 1)
		t = calloc(1, sizeof(*t) + (end - first) * sizeof(t->rows[0]));
	if (t == NULL) {
		err_set(e, ERR_SYSTEM, "receipt: out of memory");
		return NULL;
	}
	(void)pthread_mutex_init(&t->lock, NULL); /* a default one: it cannot fail on Linux */
	t->first = first;
	t->end = end;
	t->begun = now_seconds();
	return t;
}

void
tally_free(struct tally *t)
{
	if (t != NULL)
		(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

void
tally_add(struct tally *t, uint64_t row, uint64_t segments)
{
	struct tally_row *r;
	int64_t now;

	if (t == NULL || row < t->first || row >= t->end || segments == 0)
		return;
	now = now_seconds();
	r = &t->rows[row - t->first];
	(void)pthread_mutex_lock(&t->lock);
	if (r->segments == 0)
		r->from = r->to = now;
	if (now > r->to)
		r->to = now;
	r->segments += segments;
	(void)pthread_mutex_unlock(&t->lock);
}

/* ---- asking ---- */

/* A way to the house by the courier. */
static int
open_way(struct courier *c, int *to, int *from, struct err *e)
{
	struct wire_message m;
	struct json *j = NULL;
	const char *text;
	int64_t status;
	int rc = -1;

	wire_message_init(&m);
	if (wire_send(c->fd, WIRE_WAY_OPEN, NULL, NULL, 0, e) == -1 || wire_receive(c->fd, &m, e) != 1 ||
	    m.type != WIRE_WAY_IS || (j = json_parse(m.payload.data, m.payload.len, "courier", e)) == NULL ||
	    json_need_int(j, "status", 0, 255, "courier", &status, e) == -1) {
		err_set(e, ERR_SYSTEM, "courier: it went away");
		goto out;
	}
	if (status != 0) {
		text = json_need_string(j, "text", "courier", e);
		if (text != NULL)
			err_set(e, err_from_exit_status((int)status), "%s", text);
		goto out;
	}
	if (m.fds[0] == -1 || m.fds[1] == -1) {
		err_set(e, ERR_SYSTEM, "courier: it gave no way to the house");
		goto out;
	}
	*to = m.fds[0];
	*from = m.fds[1];
	m.fds[0] = m.fds[1] = -1;
	rc = 0;
out:
	json_free(j);
	wire_message_free(&m);
	return rc;
}

static int
ask_once(struct courier *c, const struct node *n, const struct secret *own,
    const uint8_t key[static X25519_LEN], const struct node_want *want, struct node_release *out,
    struct err *e)
{
	int to = -1, from = -1, rc;

	if (open_way(c, &to, &from, e) == -1)
		return -1;
	rc = node_ask(n, to, from, own, key, want, out, e);
	io_close(&to);
	io_close(&from);
	return rc;
}

int
courier_ask(struct courier *c, const struct node *n, unsigned wait_s, const struct secret *own,
    const uint8_t key[static X25519_LEN], const struct node_want *want, struct node_release *out,
    struct err *e)
{
	int64_t until = clock_now_ms() + (int64_t)wait_s * 1000, left;
	int pause = PAUSE_FIRST_MS, this_pause;

	while (ask_once(c, n, own, key, want, out, e) == -1) {
		if (e->code != ERR_REMOTE || (left = until - clock_now_ms()) <= 0)
			return -1;
		/* A thousand nodes that start together shall not come back together. */
		this_pause = pause / 2 + (int)randombytes_uniform((uint32_t)pause / 2 + 1);
		if (this_pause > left)
			this_pause = (int)left;
		(void)fprintf(stderr, "stager-node: %s; trying again in %d.%d s\n", e->text,
		    this_pause / 1000, this_pause % 1000 / 100);
		(void)poll(NULL, 0, this_pause);
		pause = pause < PAUSE_MOST_MS / 2 ? 2 * pause : PAUSE_MOST_MS;
	}
	/* The house can be reached: what waits is sent while the work goes on. */
	(void)!wire_send(c->fd, WIRE_RECEIPTS_SEND, NULL, NULL, 0, NULL);
	return 0;
}

/* ---- receipts ---- */

static int
send_receipt(struct courier *c, const struct buf *envelope, struct err *e)
{
	struct json *j = json_object(), *got = NULL;
	const struct json *sent, *kept;
	const char *text;
	struct buf base64;
	int rc = -1;

	buf_init(&base64, RECEIPT_LINE_MAX);
	if (base64_encode(envelope->data, envelope->len, &base64, e) == -1)
		goto out;
	json_set(j, "envelope", json_string_len((const char *)base64.data, base64.len));
	if (wire_send(c->fd, WIRE_RECEIPT_SEND, j, NULL, 0, e) == -1 ||
	    (got = wire_expect(c->fd, WIRE_OK, NULL, 0, e)) == NULL ||
	    (sent = json_need(got, "sent", JSON_BOOL, "courier", e)) == NULL ||
	    (kept = json_need(got, "kept", JSON_BOOL, "courier", e)) == NULL ||
	    (text = json_need_string(got, "text", "courier", e)) == NULL)
		goto out;
	if (!sent->boolean && !kept->boolean) {
		err_set(e, ERR_REMOTE, "receipt: neither sent nor kept: %s", text);
		goto out;
	}
	if (!sent->boolean)
		(void)fprintf(stderr, "stager-node: the receipt waits in the folder: %s\n", text);
	rc = 0;
out:
	json_free(j);
	json_free(got);
	buf_free(&base64);
	return rc;
}

/* The rows of one part: those of the tally from *at on. Moves *at on. */
static void
fill_part(const struct tally *t, uint64_t *at, int64_t ended, struct receipt *r)
{
	for (r->count = 0; *at < t->end && r->count < RECEIPT_ROWS_MAX; (*at)++) {
		const struct tally_row *row = &t->rows[*at - t->first];
		struct receipt_row *to = &r->rows[r->count];

		if (row->segments == 0)
			continue;
		/* A clock that was set back makes no time before the beginning or after the end. */
		to->row = *at;
		to->segments = row->segments;
		to->from = row->from > t->begun ? row->from - t->begun : 0;
		to->to = row->to > t->begun ? row->to - t->begun : 0;
		if (to->to > ended - t->begun)
			to->to = ended - t->begun;
		if (to->from > to->to)
			to->from = to->to;
		r->count++;
	}
}

int
courier_receipt(struct courier *c, const struct node *n, const struct node_release *release,
    const uint8_t key[static X25519_LEN], const struct tally *t, bool done, struct err *e)
{
	struct receipt r = {.slot = n->slot, .restart = n->restart, .begun = t->begun, .done = done};
	struct buf payload, envelope;
	uint64_t at = t->first, rows = 0;
	int rc = -1;

	buf_init(&payload, RECEIPT_MAX);
	buf_init(&envelope, RECEIPT_LINE_MAX);
	memcpy(r.request, n->request.digest, DIGEST_LEN);
	memcpy(r.t, release->answer->t, DIGEST_LEN);
	memcpy(r.node, key, X25519_LEN);
	r.ended = now_seconds();
	if (r.ended < r.begun)
		r.ended = r.begun;
	for (uint64_t i = t->first; i < t->end; i++)
		rows += t->rows[i - t->first].segments > 0 ? 1 : 0;
	r.parts = rows == 0 ? 1 : (uint32_t)((rows + RECEIPT_ROWS_MAX - 1) / RECEIPT_ROWS_MAX);
	if ((r.rows = calloc(rows < RECEIPT_ROWS_MAX ? rows + 1 : RECEIPT_ROWS_MAX, sizeof(*r.rows))) ==
	    NULL) {
		err_set(e, ERR_SYSTEM, "receipt: out of memory");
		goto out;
	}
	for (r.part = 0; r.part < r.parts; r.part++) {
		fill_part(t, &at, r.ended, &r);
		buf_clear(&payload);
		buf_clear(&envelope);
		if (receipt_encode(&r, &payload, e) == -1 ||
		    dsse_sign(n->job, DSSE_RECEIPT, payload.data, payload.len, &envelope, e) == -1 ||
		    send_receipt(c, &envelope, e) == -1)
			goto out;
	}
	rc = 0;
out:
	receipt_free(&r);
	buf_free(&payload);
	buf_free(&envelope);
	return rc;
}
