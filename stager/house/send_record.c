/* What a delivery leaves in ledger and log: that it began, what is there, and the signed record that all of it is. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "children.h"
#include "sending.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "verify.h"

#define RECORD_MAX (4u * DELIVERY_MAX)

int
sending_load(struct sending *s, struct err *e)
{
	struct ledger_query *q = ledger_query(s->h->ledger, e,
	    "SELECT place, state, endpoint FROM delivery WHERE version = ? AND set_name = ? AND url = ?",
	    "sss", s->v->id, s->result->set, s->result->url);
	int more = ledger_next(q, e);

	s->place = more == 1 ? ledger_int(q, 0) : -1;
	s->delivered = more == 1 && strcmp(ledger_text(q, 1), "DELIVERED") == 0;
	if (more == 1 && strcmp(ledger_text(q, 2), s->result->place.name) != 0) {
		more =
		    err_set(e, ERR_REFUSED, "send: this was begun as a delivery to endpoint %.64s, not to %s",
			ledger_text(q, 2), s->result->place.name);
	}
	ledger_end(q);
	if (more != 1)
		return more;
	q = ledger_query(
	    s->h->ledger, e, "SELECT name, size, tag FROM delivered WHERE delivery = ?", "i", s->place);
	while ((more = ledger_next(q, e)) == 1) {
		struct object *o = sending_object(s, ledger_text(q, 0));

		if (o == NULL || strlen(ledger_text(q, 2)) >= sizeof(o->was.tag))
			continue;
		o->known = true;
		o->was.size = (uint64_t)ledger_int(q, 1);
		(void)snprintf(o->was.tag, sizeof(o->was.tag), "%s", ledger_text(q, 2));
	}
	ledger_end(q);
	return more;
}

int
sending_idle(struct house *h, const char *version_id, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT url FROM delivery WHERE version = ?", "s", version_id);
	int more, lock;

	while ((more = ledger_next(q, e)) == 1) {
		if ((lock = delivery_lock(h, version_id, ledger_text(q, 0), e)) == -1) {
			more = -1;
			break;
		}
		io_close(&lock);
	}
	ledger_end(q);
	return more;
}

/* A version may be withdrawn or erased while it is sent: nothing begins then, and nothing is called delivered. */
static int
may_leave(struct house *h, const char *version_id, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT state FROM version WHERE id = ?", "s", version_id);
	int rc = ledger_next(q, e) == 1 ? 0 : -1;

	if (rc == 0 && strcmp(ledger_text(q, 0), "ACCEPTED") != 0 && strcmp(ledger_text(q, 0), "SENT") != 0)
		rc = err_set(e, ERR_REFUSED, "version %s: it is %.16s by now", version_id, ledger_text(q, 0));
	ledger_end(q);
	return rc;
}

static int
start(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	struct sending *s = ctx;

	if (may_leave(h, s->v->id, e) == -1)
		return -1;
	if (s->place != -1)
		return ledger_run(
		    h->ledger, e, "UPDATE delivery SET state = 'STARTED' WHERE place = ?", "i", s->place);
	if (ledger_run(h->ledger, e, "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, 'STARTED', ?)", "issssi",
		(int64_t)index, s->v->id, s->result->set, s->result->url, s->result->place.name,
		(int64_t)time(NULL)) == -1)
		return -1;
	s->place = (int64_t)index;
	return 0;
}

/* What both entries say of the delivery. */
static struct json *
describe(const struct sending *s)
{
	char hex[DIGEST_HEX_LEN + 1];
	struct json *j = json_object();

	json_set_string(j, "version-id", s->v->id);
	json_set_string(j, "set", s->result->set);
	json_set_string(j, "endpoint", s->result->place.name);
	json_set_string(j, "url", s->result->url);
	hex_encode(s->manifest, DIGEST_LEN, hex);
	json_set_string(j, "manifest", hex);
	return j;
}

int
sending_begin(struct sending *s, struct err *e)
{
	struct json *j;
	int rc;

	/* One that was begun and not finished has its entry; but what it is of may be gone since, and it may have been removed. */
	if (s->place != -1 && !s->delivered)
		return may_leave(s->h, s->v->id, e);
	j = describe(s);
	json_set_string(j, "country", s->result->place.country);
	json_set_string(j, "site", s->result->place.site);
	rc = house_record(s->h, "send", j, s->v->id, (struct effect){.run = start, .ctx = s}, NULL, e);
	json_free(j);
	s->delivered = false;
	return rc;
}

int
sending_keep(struct sending *s, const struct object *o, struct err *e)
{
	return ledger_run(s->h->ledger, e,
	    "INSERT INTO delivered VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, tag = "
	    "excluded.tag",
	    "isis", s->place, o->name, (int64_t)o->was.size, o->was.tag);
}

int
delivery_listing(struct house *h, int64_t place, uint8_t out[static DIGEST_LEN], uint64_t *objects,
    uint64_t *bytes, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT name, size, tag FROM delivered WHERE delivery = ? ORDER BY name", "i", place);
	struct buf text;
	int more;

	buf_init(&text, 256u << 20);
	*objects = *bytes = 0;
	while ((more = ledger_next(q, e)) == 1) {
		if (buf_printf(&text, e, "%s %" PRId64 " %s\n", ledger_text(q, 0), ledger_int(q, 1),
			ledger_text(q, 2)) == -1) {
			more = -1;
			break;
		}
		(*objects)++;
		*bytes += (uint64_t)ledger_int(q, 1);
	}
	ledger_end(q);
	digest_bytes(text.data, text.len, out);
	buf_free(&text);
	return more;
}

/* The record in its place, and the states that follow from it. */
static int
finished(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	struct sending *s = ctx;
	const struct buf *envelope = &s->result->record;

	if (may_leave(h, s->v->id, e) == -1)
		return -1;
	if (ledger_run(h->ledger, e, "INSERT INTO delivery_record VALUES (?, ?, ?, ?)", "iibi",
		(int64_t)index, s->place, envelope->data, envelope->len, (int64_t)time(NULL)) == -1 ||
	    ledger_run(
		h->ledger, e, "UPDATE delivery SET state = 'DELIVERED' WHERE place = ?", "i", s->place) == -1)
		return -1;
	return version_set_state(h, s->v->id, "SENT", e);
}

int
sending_finish(struct sending *s, struct err *e)
{
	struct delivery d = {.at = (int64_t)time(NULL)};
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct buf payload;
	struct json *j;
	int rc = -1;

	buf_init(&payload, DELIVERY_MAX);
	buf_clear(&s->result->record);
	(void)snprintf(d.house, sizeof(d.house), "%s", s->h->card.house);
	(void)snprintf(d.version_id, sizeof(d.version_id), "%s", s->v->id);
	(void)snprintf(d.set, sizeof(d.set), "%s", s->result->set);
	(void)snprintf(d.endpoint, sizeof(d.endpoint), "%s", s->result->place.name);
	(void)snprintf(d.url, sizeof(d.url), "%s", s->result->url);
	(void)snprintf(d.country, sizeof(d.country), "%s", s->result->place.country);
	(void)snprintf(d.site, sizeof(d.site), "%s", s->result->place.site);
	memcpy(d.manifest, s->manifest, DIGEST_LEN);
	memcpy(d.table, s->table, DIGEST_LEN);
	if (delivery_listing(s->h, s->place, d.listing, &d.objects, &d.bytes, e) == -1)
		goto out;
	if (d.objects != s->result->objects || d.bytes != s->result->bytes) {
		err_set(e, ERR_FORGED, "ledger: what it knows of this delivery was changed");
		goto out;
	}
	if (delivery_encode(&d, &payload, e) == -1 ||
	    house_sign(s->h, DSSE_DELIVERY, &payload, &s->result->record, e) == -1)
		goto out;
	digest_bytes(s->result->record.data, s->result->record.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	j = describe(s);
	json_set_string(j, "record", hex);
	rc = house_record(s->h, "delivery", j, s->v->id, (struct effect){.run = finished, .ctx = s}, NULL, e);
	json_free(j);
out:
	buf_free(&payload);
	return rc;
}

int
sending_last_record(struct sending *s, struct err *e)
{
	struct ledger_query *q = ledger_query(s->h->ledger, e,
	    "SELECT envelope FROM delivery_record WHERE delivery = ? ORDER BY place DESC LIMIT 1", "i",
	    s->place);
	int rc = ledger_next(q, e);
	const void *data;
	size_t len;

	if (rc == 1) {
		data = ledger_blob(q, 0, &len);
		rc = buf_put(&s->result->record, data, len, e);
	} else if (rc == 0) {
		rc = err_set(e, ERR_FORGED, "ledger: the record of this delivery is missing");
	}
	ledger_end(q);
	return rc;
}
