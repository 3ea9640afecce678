/* Proving endpoints and deliveries: rows, log entries and signed records say the same. */
#include <stdio.h>
#include <string.h>

#include "stager/delivery.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "verify.h"

static int
verify_endpoints(struct house *h, struct err *e)
{
	static const char *const keys[] = {"endpoint", "url", "country", "site", "gateway"};
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT name, url, country, site, gateway, removed FROM endpoint", "");
	int more, rc = -1;

	while ((more = ledger_next(q, e)) == 1) {
		for (int i = 0; i < 5; i++)
			if (verify_entry(h, "endpoint", ledger_text(q, 0), keys[i], ledger_text(q, i), e) ==
			    -1)
				goto out;
		if (ledger_int(q, 5) != 0 && verify_entry(h, "endpoint-remove", ledger_text(q, 0), "endpoint",
						 ledger_text(q, 0), e) == -1)
			goto out;
	}
	rc = more;
out:
	ledger_end(q);
	return rc;
}

/* A delivery's row, with its endpoint's. */
struct row {
	int64_t place;
	const char *version, *set, *url, *endpoint, *state, *country, *site;
};

static bool
says(const struct json *j, const char *key, const char *value)
{
	const struct json *is = json_get(j, key);

	return is != NULL && is->type == JSON_STRING && strcmp(is->string, value) == 0;
}

/*
 * The entries about it, in order: the first stands at its place, and the last one says whether it is finished. *record: the
 * digest that the entry at `at` names, in hex; "" where there is none.
 */
static int
verify_entries(
    struct house *h, const struct row *r, int64_t at, char record[static DIGEST_HEX_LEN + 1], struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT place, type, json FROM opening WHERE about = ? AND type IN ('send', 'delivery', "
	    "'remove', 'removed') AND "
	    "place IS NOT "
	    "NULL ORDER BY place",
	    "s", r->version);
	static const struct {
		const char *type, *state;
	} follows[] = {
	    {"send", "STARTED"}, {"delivery", "DELIVERED"}, {"remove", "REMOVING"}, {"removed", "REMOVED"}};
	const char *state = "";
	bool first = true, good = true;
	int more;

	record[0] = '\0';
	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *text = ledger_blob(q, 2, &len);
		struct json *j = json_parse(text, len, "opening", e);
		const struct json *digest = json_get(j, "record");

		if (says(j, "set", r->set) && says(j, "url", r->url)) {
			good = good && says(j, "endpoint", r->endpoint) &&
			       (!first || ledger_int(q, 0) == r->place);
			for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++)
				if (strcmp(ledger_text(q, 1), follows[i].type) == 0)
					state = follows[i].state;
			good = good && (!first || strcmp(state, "STARTED") == 0);
			first = false;
			if (strcmp(state, "DELIVERED") == 0 && ledger_int(q, 0) == at && digest != NULL &&
			    digest->type == JSON_STRING)
				(void)snprintf(record, DIGEST_HEX_LEN + 1, "%s", digest->string);
		}
		json_free(j);
	}
	ledger_end(q);
	if (more == -1)
		return -1;
	if (first || !good || strcmp(state, r->state) != 0)
		return err_set(e, ERR_FORGED, "ledger: a delivery of version %.32s is not as the log has it",
		    r->version);
	return 0;
}

/* One record: the house's, over this delivery. */
static int
verify_record(struct house *h, const struct row *r, const void *envelope, size_t len, struct delivery *out,
    struct err *e)
{
	struct dsse *d = dsse_decode(envelope, len, "delivery", e);
	int rc = -1;

	if (d == NULL || dsse_check(d, DSSE_DELIVERY, h->card.key, "delivery", e) == -1 ||
	    delivery_decode(d->payload.data, d->payload.len, out, e) == -1)
		e->code = ERR_FORGED;
	else if (strcmp(out->house, h->card.house) != 0 || strcmp(out->version_id, r->version) != 0 ||
		 strcmp(out->set, r->set) != 0 || strcmp(out->url, r->url) != 0 ||
		 strcmp(out->endpoint, r->endpoint) != 0 || strcmp(out->country, r->country) != 0 ||
		 strcmp(out->site, r->site) != 0)
		err_set(e, ERR_FORGED, "ledger: a record is not of the delivery of version %.32s that has it",
		    r->version);
	else
		rc = 0;
	dsse_free(d);
	return rc;
}

static int
verify_delivery(struct house *h, const struct row *r, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT place, envelope FROM delivery_record WHERE delivery = ? ORDER BY place", "i", r->place);
	char hex[DIGEST_HEX_LEN + 1], logged[DIGEST_HEX_LEN + 1];
	bool delivered = strcmp(r->state, "DELIVERED") == 0;
	struct delivery d = {.objects = 0};
	uint8_t digest[DIGEST_LEN];
	uint64_t objects, bytes;
	int more, rc = -1;

	/* Without a record, too. */
	if (verify_entries(h, r, -1, logged, e) == -1)
		goto out;
	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *envelope = ledger_blob(q, 1, &len);

		digest_bytes(envelope, len, digest);
		hex_encode(digest, DIGEST_LEN, hex);
		if (verify_entries(h, r, ledger_int(q, 0), logged, e) == -1)
			goto out;
		if (strcmp(logged, hex) != 0) {
			err_set(e, ERR_FORGED, "ledger: a record of version %.32s is not the one in the log",
			    r->version);
			goto out;
		}
		if (verify_record(h, r, envelope, len, &d, e) == -1)
			goto out;
	}
	if (more == -1)
		goto out;
	if (delivered) {
		if (delivery_listing(h, r->place, digest, &objects, &bytes, e) == -1)
			goto out;
		if (d.objects != objects || d.bytes != bytes || memcmp(d.listing, digest, DIGEST_LEN) != 0) {
			err_set(e, ERR_FORGED,
			    "ledger: what was delivered of version %.32s is not what its record says",
			    r->version);
			goto out;
		}
	}
	rc = 0;
out:
	ledger_end(q);
	return rc;
}

int
verify_deliveries(struct house *h, struct err *e)
{
	struct ledger_query *q;
	int more, rc = -1;

	if (verify_endpoints(h, e) == -1)
		return -1;
	q = ledger_query(h->ledger, e,
	    "SELECT d.place, d.version, d.set_name, d.url, d.endpoint, d.state, p.country, p.site FROM "
	    "delivery d JOIN "
	    "endpoint p ON p.name = d.endpoint",
	    "");
	while ((more = ledger_next(q, e)) == 1) {
		const struct row r = {ledger_int(q, 0), ledger_text(q, 1), ledger_text(q, 2),
		    ledger_text(q, 3), ledger_text(q, 4), ledger_text(q, 5), ledger_text(q, 6),
		    ledger_text(q, 7)};

		/* Whatever the log says of it. */
		if (strcmp(r.set, SET_DOMESTIC) == 0) {
			err_set(e, ERR_FORGED,
			    "ledger: the set domestic of version %.32s was sent, which it never may be",
			    r.version);
			goto out;
		}
		if (verify_delivery(h, &r, e) == -1)
			goto out;
	}
	rc = more;
out:
	ledger_end(q);
	return rc;
}
