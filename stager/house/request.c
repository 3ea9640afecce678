/* Requests for a release, and the stewards' approvals of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "children.h"
#include "request.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

#define ENVELOPE_MAX (1u << 20)

/* The set and the site must be ones that the manifest allows. */
static int
check_site(const struct version *v, const struct request *r, struct err *e)
{
	const struct json *set = json_get(json_get(v->policy, "sets"), r->set), *open = json_get(set, "open");
	char sites[256] = "";
	size_t at = 0;

	if (set == NULL || version_set(v, r->set) == NULL || version_set(v, r->set)->shards == 0) {
		version_set_names(v, sites, sizeof(sites));
		return err_set(
		    e, ERR_REFUSED, "request: version %s has no set %s; it has %s", v->id, r->set, sites);
	}
	for (size_t i = 0; open != NULL && i < open->count; i++)
		if (strcmp(open->items[i]->string, r->site) == 0)
			return 0;
	for (size_t i = 0; open != NULL && i < open->count && at < sizeof(sites); i++)
		at += (size_t)snprintf(
		    sites + at, sizeof(sites) - at, "%s%s", i == 0 ? "" : ", ", open->items[i]->string);
	return err_set(e, ERR_REFUSED, "request: set %s may not be opened at site %s; its policy allows: %s",
	    r->set, r->site, sites[0] == '\0' ? "none" : sites);
}

/* Where none is named: the one set that may be opened at the site. Where there is none, check_site says so. */
static int
choose_set(const struct version *v, struct request *r, struct err *e)
{
	const struct version_set *chosen = NULL, *any = NULL;
	bool several = false;
	char names[256];

	for (size_t i = 0; i < v->set_count; i++) {
		const struct json *open =
		    json_get(json_get(json_get(v->policy, "sets"), v->sets[i].name), "open");

		if (v->sets[i].shards == 0)
			continue;
		any = &v->sets[i];
		for (size_t k = 0; open != NULL && k < open->count; k++) {
			if (strcmp(open->items[k]->string, r->site) != 0)
				continue;
			several = several || chosen != NULL;
			chosen = &v->sets[i];
		}
	}
	version_set_names(v, names, sizeof(names));
	if (several)
		return err_set(e, ERR_USAGE,
		    "request: several sets of version %s may be opened at site %s: say --set; it has %s",
		    v->id, r->site, names);
	if (chosen == NULL && strchr(names, ',') != NULL)
		return err_set(e, ERR_REFUSED,
		    "request: no set of version %s may be opened at site %s; it has %s", v->id, r->site,
		    names);
	if ((chosen = chosen == NULL ? any : chosen) == NULL)
		return err_set(e, ERR_REFUSED, "request: there is nothing in version %s", v->id);
	(void)snprintf(r->set, sizeof(r->set), "%s", chosen->name);
	return 0;
}

/* A new request as the effect of its entry. */
struct new_request {
	const struct request *request;
	const char *version;
	const struct buf *text;
};

static int
insert_request(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct new_request *n = ctx;

	(void)index;
	return ledger_run(h->ledger, e, "INSERT INTO request VALUES (?, ?, ?, 'OPEN', ?)", "ssbi",
	    n->request->id, n->version, n->text->data, n->text->len, (int64_t)time(NULL));
}

int
house_request(struct house *h, struct request *r, struct buf *out, struct err *e)
{
	struct version *v = version_load(h, r->version_id, e);
	char hex[DIGEST_HEX_LEN + 1];
	struct steward *stewards = NULL;
	struct json *j = NULL;
	size_t count;
	int rc = -1;

	if (v == NULL)
		return -1;
	if (strcmp(v->state, "ACCEPTED") != 0 && strcmp(v->state, "SENT") != 0) {
		err_set(e,
		    strcmp(v->state, "LOGGED") == 0 || strcmp(v->state, "HELD") == 0 ? ERR_WAIT : ERR_REFUSED,
		    "version %s: it is %s; only an ACCEPTED one can be asked for", v->id, v->state);
		goto out;
	}
	if (r->set[0] == '\0' && choose_set(v, r, e) == -1)
		goto out;
	if (check_site(v, r, e) == -1)
		goto out;
	if (r->not_after <= (int64_t)time(NULL)) {
		err_set(e, ERR_USAGE, "request: its window is over before it begins");
		goto out;
	}
	(void)snprintf(r->holder, sizeof(r->holder), "%s", v->holder);
	(void)snprintf(r->dataset, sizeof(r->dataset), "%s", v->dataset);
	if ((stewards = house_stewards(h, r->holder, &count, e)) == NULL ||
	    request_check_left(r, stewards, count, e) == -1)
		goto out;
	randombytes_buf(r->salt, sizeof(r->salt));
	if (hex_decode(v->digest, r->manifest, DIGEST_LEN, "ledger: manifest digest", e) == -1 ||
	    request_encode(r, out, e) == -1)
		goto out;
	j = json_object();
	hex_encode(r->digest, DIGEST_LEN, hex);
	json_set_string(j, "request", hex);
	json_set_string(j, "version-id", v->id);
	rc = house_record(h, "request", j, r->id,
	    (struct effect){.run = insert_request,
		.ctx = &(struct new_request){.request = r, .version = v->id, .text = out}},
	    NULL, e);
out:
	free(stewards);
	json_free(j);
	version_free(v);
	return rc;
}

struct case_file *
case_load(struct house *h, const char *request_id, struct err *e)
{
	struct case_file *c = calloc(1, sizeof(*c));
	struct ledger_query *q = NULL;
	const void *data;
	size_t len;
	int more = -1;

	if (c == NULL) {
		err_set(e, ERR_SYSTEM, "request: out of memory");
		return NULL;
	}
	buf_init(&c->text, REQUEST_MAX);
	q = ledger_query(h->ledger, e, "SELECT json, state FROM request WHERE id = ?", "s", request_id);
	if ((more = ledger_next(q, e)) == 0)
		err_set(e, ERR_REFUSED, "request %.32s: there is no such request here, or it was changed",
		    request_id);
	if (more != 1)
		goto fail;
	data = ledger_blob(q, 0, &len);
	if (buf_put(&c->text, data, len, e) == -1)
		goto fail;
	(void)snprintf(c->state, sizeof(c->state), "%s", ledger_text(q, 1));
	ledger_end(q);
	q = NULL;
	if (request_decode(c->text.data, c->text.len, &c->request, e) == -1 ||
	    strcmp(c->request.id, request_id) != 0) {
		err_set(e, ERR_FORGED, "ledger: request %.32s is damaged", request_id);
		goto fail;
	}
	if ((c->stewards = house_stewards(h, c->request.holder, &c->steward_count, e)) == NULL)
		goto fail;
	q = ledger_query(h->ledger, e, "SELECT envelope FROM approval WHERE request = ? ORDER BY at, key",
	    "s", request_id);
	while ((more = ledger_next(q, e)) == 1) {
		if (c->approval_count == APPROVALS_MAX) {
			err_set(e, ERR_FORGED, "ledger: request %s: more approvals than there can be",
			    request_id);
			goto fail;
		}
		data = ledger_blob(q, 0, &len);
		if ((c->approvals[c->approval_count] = dsse_decode(data, len, "approval", e)) == NULL) {
			e->code = ERR_FORGED; /* it was whole when it was handed in */
			goto fail;
		}
		buf_init(&c->envelopes[c->approval_count], ENVELOPE_MAX);
		if (buf_put(&c->envelopes[c->approval_count++], data, len, e) == -1)
			goto fail;
	}
	if (more == -1)
		goto fail;
	ledger_end(q);
	return c;
fail:
	ledger_end(q);
	case_free(c);
	return NULL;
}

void
case_free(struct case_file *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < APPROVALS_MAX; i++) {
		dsse_free(c->approvals[i]);
		buf_free(&c->envelopes[i]);
	}
	free(c->stewards);
	buf_free(&c->text);
	free(c);
}

/* Who signed the new envelope, and that he has not signed before under this or another key. */
static long
new_approver(const struct case_file *c, const struct dsse *d, struct err *e)
{
	long by = request_check_approval(
		 &c->request, c->text.data, c->text.len, c->stewards, c->steward_count, d, e),
	     before;

	if (by == -1)
		return -1;
	for (size_t i = 0; i < c->approval_count; i++) {
		before = request_check_approval(&c->request, c->text.data, c->text.len, c->stewards,
		    c->steward_count, c->approvals[i], e);
		if (before == -1)
			return -1;
		if (before == by || strcasecmp(c->stewards[before].person, c->stewards[by].person) == 0)
			return err_set(e, ERR_REFUSED, "request %s: this steward has approved it already%s",
			    c->request.id, c->approval_count < 2 ? "; a second one must" : "");
	}
	return by;
}

/* An approval as the effect of its entry; with it the request may be approved. */
struct new_approval {
	const char *request, *key;
	const void *envelope;
	size_t len;
	bool approved;
};

static int
insert_approval(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct new_approval *n = ctx;

	(void)index;
	if (ledger_run(h->ledger, e, "INSERT INTO approval VALUES (?, ?, ?, ?)", "ssbi", n->request, n->key,
		n->envelope, n->len, (int64_t)time(NULL)) == -1)
		return -1;
	return !n->approved ? 0
			    : ledger_run(h->ledger, e, "UPDATE request SET state = 'APPROVED' WHERE id = ?",
				  "s", n->request);
}

int
house_approve(struct house *h, const void *envelope, size_t len, char request_id[static MANIFEST_ID_LEN + 1],
    bool *approved, struct err *e)
{
	struct dsse *d = dsse_decode(envelope, len, "approval", e), *all[APPROVALS_MAX + 1];
	uint8_t digest[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1], key[DIGEST_HEX_LEN + 1];
	struct case_file *c = NULL;
	struct json *j = NULL;
	struct request signed_one;
	struct new_approval n;
	int rc = -1, lock = -1;
	long by;

	*approved = false;
	if (d == NULL)
		return house_no_envelope(e);
	if (house_envelope_check(d, DSSE_REQUEST, "approval", "a request", e) == -1)
		goto out;
	/* The id is the digest's: a request that was changed in one byte is another one, which nobody knows. */
	if (request_decode(d->payload.data, d->payload.len, &signed_one, e) == -1 ||
	    (lock = house_lock(h, REQUEST_LOCK, e)) == -1 || (c = case_load(h, signed_one.id, e)) == NULL)
		goto out;
	(void)snprintf(request_id, MANIFEST_ID_LEN + 1, "%s", c->request.id);
	if (strcmp(c->state, "CANCELLED") == 0) {
		err_set(e, ERR_REFUSED, "request %s: it was cancelled", c->request.id);
		goto out;
	}
	if (c->approval_count == APPROVALS_MAX) {
		err_set(e, ERR_LIMIT, "request %s: it has all the approvals it can have", c->request.id);
		goto out;
	}
	if ((by = new_approver(c, d, e)) == -1)
		goto out;
	digest_bytes(envelope, len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	hex_encode(c->stewards[by].key, SIGN_PUBLIC_LEN, key);
	j = json_object();
	json_set_string(j, "envelope", hex);
	json_set_string(j, "steward", key);
	hex_encode(c->request.digest, DIGEST_LEN, hex);
	json_set_string(j, "request", hex);
	memcpy(all, c->approvals, c->approval_count * sizeof(*all));
	all[c->approval_count] = d;
	n = (struct new_approval){.request = c->request.id, .key = key, .envelope = envelope, .len = len};
	n.approved = c->approval_count + 1 >= 2 &&
		     request_check_approvals(&c->request, c->text.data, c->text.len, c->stewards,
			 c->steward_count, all, c->approval_count + 1, e) == 0;
	rc = house_record(
	    h, "approval", j, c->request.id, (struct effect){.run = insert_approval, .ctx = &n}, NULL, e);
	*approved = rc == 0 && n.approved;
out:
	json_free(j);
	case_free(c);
	dsse_free(d);
	io_close(&lock);
	return rc;
}

static int
cancel(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	(void)index;
	return ledger_run(h->ledger, e, "UPDATE request SET state = 'CANCELLED' WHERE id = ?", "s", ctx);
}

/* An id that was typed, not one that came in a document: an unknown one is a wrong argument. */
static int
check_typed(struct house *h, const char *request_id, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT 1 FROM request WHERE id = ?", "s", request_id);
	int more = ledger_next(q, e);

	ledger_end(q);
	if (more == 0)
		return err_set(e, ERR_UNKNOWN,
		    "request %.32s: there is no such request (see stager request list)", request_id);
	return more == 1 ? 0 : -1;
}

int
house_cancel(struct house *h, const char *request_id, struct err *e)
{
	struct case_file *c = NULL;
	char hex[DIGEST_HEX_LEN + 1];
	struct json *j = NULL;
	int rc = -1, lock;

	if ((lock = house_lock(h, REQUEST_LOCK, e)) == -1 || check_typed(h, request_id, e) == -1 ||
	    (c = case_load(h, request_id, e)) == NULL)
		goto out;
	j = json_object();
	hex_encode(c->request.digest, DIGEST_LEN, hex);
	json_set_string(j, "request", hex);
	rc = strcmp(c->state, "CANCELLED") == 0
		 ? 0
		 : house_record(h, "cancel", j, c->request.id,
		       (struct effect){.run = cancel, .ctx = c->request.id}, NULL, e);
out:
	json_free(j);
	case_free(c);
	io_close(&lock);
	return rc;
}
