/* A steward's decision on a version: what he signs, and what follows from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "children.h"
#include "stager/acceptance.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/report.h"
#include "version.h"

int
version_acceptance(struct house *h, const struct version *v, struct buf *out, struct err *e)
{
	struct acceptance a = {.version = (uint64_t)v->number};
	int rc;

	if (v->report == NULL)
		return err_set(
		    e, ERR_REFUSED, "version %s: it is %s: there is no report yet", v->id, v->state);
	(void)snprintf(a.house, sizeof(a.house), "%s", h->card.house);
	(void)snprintf(a.holder, sizeof(a.holder), "%s", v->holder);
	(void)snprintf(a.dataset, sizeof(a.dataset), "%s", v->dataset);
	(void)snprintf(a.version_id, sizeof(a.version_id), "%s", v->id);
	for (size_t i = 0; i < v->set_count; i++) {
		struct acceptance_set *set = &a.sets[a.set_count++];

		(void)snprintf(set->name, sizeof(set->name), "%s", v->sets[i].name);
		set->shards = (uint64_t)v->sets[i].shards;
		set->members = (uint64_t)v->sets[i].members;
		set->bytes = (uint64_t)v->sets[i].bytes;
	}
	a.held = version_must_hold(v->policy, v->report, (uint64_t)v->shards);
	digest_bytes(v->policy_text.data, v->policy_text.len, a.policy);
	if (version_review(h, v, &a.review, e) == -1)
		return -1;
	/* Exact in the ledger, which decides by it; told to people. */
	a.report = report_tell(v->report, version_least(v->policy));
	report_fields_name(a.report, v->policy);
	rc = acceptance_encode(&a, out, e);
	acceptance_free(&a);
	return rc;
}

int
house_acceptance(struct house *h, const char *version_id, struct buf *out, char state[static HOUSE_STATE_MAX],
    struct err *e)
{
	struct version *v = version_load(h, version_id, e);
	int rc = v == NULL ? -1 : version_acceptance(h, v, out, e);

	(void)snprintf(state, HOUSE_STATE_MAX, "%s", v == NULL ? "" : v->state);
	version_free(v);
	return rc;
}

int
version_check_acceptance(
    struct house *h, const struct version *v, const struct dsse *d, struct steward *by, struct err *e)
{
	struct steward *stewards = NULL;
	struct buf document;
	size_t count = 0;
	int rc = -1;

	buf_init(&document, ACCEPTANCE_MAX);
	if (version_acceptance(h, v, &document, e) == -1)
		goto out;
	if (document.len != d->payload.len || memcmp(document.data, d->payload.data, document.len) != 0) {
		err_set(e, ERR_FORGED, "acceptance: what was signed is not version %s's report as it stands",
		    v->id);
		goto out;
	}
	if ((stewards = house_stewards(h, v->holder, &count, e)) == NULL)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (dsse_check(d, DSSE_REPORT, stewards[i].key, "acceptance", e) == 0) {
			*by = stewards[i];
			rc = 0;
			goto out;
		}
	}
	err_set(e, ERR_REFUSED, "acceptance: not signed by a steward of %s", v->holder);
out:
	free(stewards);
	buf_free(&document);
	return rc;
}

static int
record_acceptance(struct house *h, const struct version *v, const struct steward *by, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct json *j = json_object();
	int rc;

	json_set_string(j, "version-id", v->id);
	json_set_string(j, "manifest", v->digest);
	digest_bytes(v->acceptance.data, v->acceptance.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	json_set_string(j, "envelope", hex);
	hex_encode(by->key, SIGN_PUBLIC_LEN, hex);
	json_set_string(j, "steward", hex);
	rc = house_record(h, "accept", j, v->id,
	    (struct effect){.run = version_state_effect,
		.ctx = &(struct version_state){.id = v->id, .state = "ACCEPTED"}},
	    NULL, e);
	json_free(j);
	return rc;
}

/* A version that was HELD is sealed already: the steward's word lets it go on. */
static int
go_on(struct house *h, struct version **v, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1];

	(void)snprintf(id, sizeof(id), "%s", (*v)->id);
	if (strcmp((*v)->state, "HELD") == 0 && version_set_state(h, id, "SEALED", e) == -1)
		return -1;
	if (version_finish(h, id, e) == -1)
		return -1;
	version_free(*v);
	*v = version_load(h, id, e);
	return *v == NULL ? -1 : 0;
}

int
house_accept(struct house *h, const void *envelope, size_t len, char version_id[static MANIFEST_ID_LEN + 1],
    struct err *e)
{
	struct dsse *d = dsse_decode(envelope, len, "acceptance", e);
	struct acceptance a = {.report = NULL};
	struct version *v = NULL;
	struct steward by;
	int rc = -1, lock = -1;

	if (d == NULL)
		return house_no_envelope(e);
	if (house_envelope_check(d, DSSE_REPORT, "acceptance", "a report", e) == -1 ||
	    acceptance_decode(d->payload.data, d->payload.len, &a, e) == -1 ||
	    (lock = house_lock(h, VERSION_LOCK, e)) == -1)
		goto out;
	if ((v = version_load(h, a.version_id, e)) == NULL) {
		/* The id stood in a document: nobody typed it. */
		if (e->code == ERR_UNKNOWN)
			e->code = ERR_REFUSED;
		goto out;
	}
	(void)snprintf(version_id, MANIFEST_ID_LEN + 1, "%s", v->id);
	if (version_check_acceptance(h, v, d, &by, e) == -1)
		goto out;
	if (strcmp(v->state, "ACCEPTED") == 0 || strcmp(v->state, "SENT") == 0) {
		rc = 0;
		goto out;
	}
	if (strcmp(v->state, "HELD") != 0 && strcmp(v->state, "SEALED") != 0 &&
	    strcmp(v->state, "LOGGED") != 0) {
		err_set(e, ERR_REFUSED, "version %s: it is %s, which nobody can accept", v->id, v->state);
		goto out;
	}
	if (v->shards == 0) {
		err_set(e, ERR_REFUSED,
		    "version %s: everything in it was held back: there is nothing to accept", v->id);
		goto out;
	}
	if (version_check_review(h, v, e) == -1)
		goto out;
	if (ledger_run(h->ledger, e, "UPDATE version SET acceptance = ? WHERE id = ?", "bs", envelope, len,
		v->id) == -1)
		goto out;
	if (strcmp(v->state, "LOGGED") != 0) {
		if (go_on(h, &v, e) == -1)
			goto out;
	} else {
		/* An accept that a crash cut may have left one there. */
		buf_clear(&v->acceptance);
		if (buf_put(&v->acceptance, envelope, len, e) == -1)
			goto out;
	}
	rc = record_acceptance(h, v, &by, e);
out:
	version_free(v);
	acceptance_free(&a);
	dsse_free(d);
	io_close(&lock);
	return rc;
}

/* The keys go first: without them the bodies are noise. */
static int
reject(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	(void)index;
	if (version_set_state(h, ctx, "REJECTED", e) == -1)
		return -1;
	return ledger_run(h->ledger, e, "DELETE FROM shard WHERE version = ?", "s", ctx);
}

int
house_reject(struct house *h, const char *version_id, struct err *e)
{
	struct version *v = NULL;
	struct json *j;
	char path[128];
	int rc = -1, lock;

	if ((lock = house_lock(h, VERSION_LOCK, e)) == -1 || (v = version_load(h, version_id, e)) == NULL)
		goto out;
	/* SEALED: its push was cut, or cannot end. */
	if (strcmp(v->state, "HELD") != 0 && strcmp(v->state, "SEALED") != 0 &&
	    strcmp(v->state, "LOGGED") != 0 && strcmp(v->state, "REJECTED") != 0) {
		err_set(e, ERR_REFUSED,
		    "version %s: it is %s; only HELD, SEALED and LOGGED ones can be rejected", v->id,
		    v->state);
		goto out;
	}
	if (strcmp(v->state, "REJECTED") != 0) {
		j = json_object();
		json_set_string(j, "version-id", v->id);
		rc = house_record(
		    h, "reject", j, v->id, (struct effect){.run = reject, .ctx = v->id}, NULL, e);
		json_free(j);
		if (rc == -1)
			goto out;
	}
	(void)snprintf(path, sizeof(path), "vault/%s", v->id);
	rc = io_remove_tree(h->folder, path, e);
out:
	version_free(v);
	io_close(&lock);
	return rc;
}
