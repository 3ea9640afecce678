/* The release: the whole case judged, the redemption written down, and only then the headers. */
#include <stdio.h>
#include <string.h>

#include "key_open.h"
#include "stager/commitment.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/note.h"
#include "stager/tree.h"

#define TABLE_MAX (48u << 20)
#define HEADERS_MAX ((MANIFEST_SHARDS_MAX + 1) * (size_t)HEADER_LEN)

static const char what[] = "release";

/* What a message brings, decoded step by step; each part is freed by release_free. */
struct release {
	struct dsse *envelope; /* of the manifest */
	struct manifest *manifest;
	const struct manifest_set *set;
	struct buf request_bytes;
	struct request request;
	struct dsse *approvals[RELEASE_ENVELOPES_MAX];
	size_t approval_count;
	struct ask ask;
	struct shard_table *table;
	struct checkpoint checkpoint;
	bool again;      /* the same answer again: no new redemption */
	struct buf keys; /* wrapped data keys, WRAPPED_LEN each */
};

static void
release_free(struct release *r)
{
	dsse_free(r->envelope);
	manifest_free(r->manifest);
	for (size_t i = 0; i < r->approval_count; i++)
		dsse_free(r->approvals[i]);
	table_free(r->table);
	buf_free(&r->request_bytes);
	buf_free(&r->keys);
}

/* What the house itself keeps and what stewards signed was whole once: where its form is bad now, it was
 * altered. */
static int
altered(struct err *e)
{
	if (e->code == ERR_INPUT || e->code == ERR_LIMIT)
		e->code = ERR_FORGED;
	return -1;
}

/* The statement, signed by this house's own key, and about this house. */
static int
check_manifest(const struct key_open *k, const struct json *body, struct release *r, struct err *e)
{
	const struct json *item = json_need(body, "manifest", JSON_STRING, what, e);

	if (item == NULL)
		return -1;
	if ((r->envelope = key_envelope(item, "manifest", e)) == NULL)
		return altered(e);
	if (dsse_check(r->envelope, DSSE_MANIFEST, k->card.key, "manifest", e) == -1)
		return -1;
	r->manifest = manifest_decode(r->envelope->payload.data, r->envelope->payload.len, e);
	if (r->manifest == NULL)
		return altered(e);
	if (strcmp(r->manifest->house, k->card.house) != 0)
		return err_set(e, ERR_FORGED, "manifest: of another house");
	return 0;
}

/* The request, which must be of this manifest. */
static int
read_request(const struct json *body, struct release *r, struct err *e)
{
	uint8_t digest[DIGEST_LEN];

	if (json_need_base64(body, "request", &r->request_bytes, what, e) == -1 ||
	    request_decode(r->request_bytes.data, r->request_bytes.len, &r->request, e) == -1)
		return altered(e);
	digest_bytes(r->envelope->payload.data, r->envelope->payload.len, digest);
	if (!digest_equal(digest, r->request.manifest))
		return err_set(e, ERR_FORGED, "request %s: of another manifest", r->request.id);
	return 0;
}

/* A request that stewards signed, for a set and a site that the manifest allows. */
static int
check_request(struct release *r, struct err *e)
{
	const struct manifest *m = r->manifest;
	bool site = false;

	if (strcmp(r->request.holder, m->holder) != 0 || strcmp(r->request.dataset, m->dataset) != 0 ||
	    strcmp(r->request.version_id, m->version_id) != 0)
		return err_set(
		    e, ERR_REFUSED, "request %s: names another dataset than its manifest", r->request.id);
	if ((r->set = manifest_set(m, r->request.set)) == NULL)
		return err_set(e, ERR_REFUSED, "request %s: the manifest has no such set", r->request.id);
	for (size_t i = 0; i < r->set->open_count; i++)
		site = site || strcmp(r->set->open[i], r->request.site) == 0;
	if (!site)
		return err_set(
		    e, ERR_REFUSED, "request %s: the set may not be opened at this site", r->request.id);
	return 0;
}

static int
check_approvals(const struct key_open *k, const struct json *body, struct release *r, struct err *e)
{
	const struct json *list = json_need(body, "approvals", JSON_ARRAY, what, e);

	if (list == NULL)
		return -1;
	if (!k->has_register)
		return err_set(e, ERR_INPUT, "%s: the stewards' register is not loaded", what);
	if (list->count > RELEASE_ENVELOPES_MAX)
		return err_set(e, ERR_LIMIT, "%s: over %d approvals", what, RELEASE_ENVELOPES_MAX);
	for (; r->approval_count < list->count; r->approval_count++) {
		struct dsse *d = key_envelope(list->items[r->approval_count], "approval", e);

		if (d == NULL)
			return altered(e);
		r->approvals[r->approval_count] = d;
	}
	return request_check_approvals(&r->request, r->request_bytes.data, r->request_bytes.len,
	    k->stewards.stewards, k->stewards.steward_count, r->approvals, r->approval_count, e);
}

/* T, signed with the job key, for a challenge of ours that still holds, within the request's window. */
static int
check_ask(const struct key_open *k, const struct json *body, struct release *r, struct err *e)
{
	int64_t now = key_now(k);
	uint8_t mac[DIGEST_LEN];
	struct buf line;
	int rc;

	buf_init(&line, RELEASE_ASK_MAX);
	rc = json_need_base64(body, "ask", &line, what, e) == -1 ||
		     ask_decode(line.data, line.len, k->card.key, &r->request, &r->ask, NULL, e) == -1
		 ? -1
		 : 0;
	buf_free(&line);
	if (rc == -1 || ask_check_slot(&r->ask, &r->request, e) == -1)
		return -1;
	key_challenge_mac(k, r->ask.nonce, r->ask.expiry, r->request.digest, mac);
	if (!digest_equal(mac, r->ask.mac))
		return err_set(e, ERR_FORGED, "ask: the challenge is not one of this house for this request");
	if (now > r->ask.expiry)
		return err_set(e, ERR_REFUSED, "ask: the challenge has expired");
	if (now < r->request.not_before)
		return err_set(e, ERR_REFUSED, "request %s: its time has not come", r->request.id);
	if (now > r->request.not_after)
		return err_set(e, ERR_REFUSED, "request %s: its time is over", r->request.id);
	/* No kind of hardware evidence can be judged yet: what demands or brings any is refused. */
	if (strcmp(r->set->evidence, "none") != 0)
		return err_set(
		    e, ERR_REFUSED, "request %s: the set demands evidence of another kind", r->request.id);
	if (strcmp(r->ask.evidence_type, "none") != 0)
		return err_set(e, ERR_REFUSED, "ask: evidence of a kind that cannot be judged");
	return 0;
}

static int
read_proof(const struct json *body, const char *key, struct tree_proof *proof, struct err *e)
{
	const struct json *list = json_need(body, key, JSON_ARRAY, what, e);

	if (list == NULL)
		return -1;
	if (list->count > TREE_PROOF_MAX)
		return err_set(e, ERR_FORGED, "%s: a proof of over %d steps", what, TREE_PROOF_MAX);
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->type != JSON_STRING ||
		    hex_decode(list->items[i]->string, proof->hashes[i], DIGEST_LEN, what, e) == -1)
			return err_set(e, ERR_FORGED, "%s: a proof's step is no digest", what);
	proof->count = list->count;
	return 0;
}

/* No entry, no effect: this very release stands in a checkpoint of our log, which leads on from the last one
 * seen. */
static int
check_log(const struct key_open *k, const struct json *body, struct release *r, struct err *e)
{
	uint8_t salt[COMMITMENT_SALT_LEN], entry[COMMITMENT_ENTRY_LEN], leaf[DIGEST_LEN];
	struct tree_proof inclusion = {.count = 0}, consistency = {.count = 0};
	const struct journal *j = &k->journal;
	char origin[NOTE_NAME_MAX + 1];
	struct buf note, opening;
	int64_t index = 0;
	int rc = -1;

	buf_init(&note, NOTE_MAX);
	buf_init(&opening, RELEASE_ASK_MAX);
	if (json_need_hex(body, "salt", salt, sizeof(salt), what, e) == -1 ||
	    json_need_int(body, "index", 0, JSON_INT_MAX, what, &index, e) == -1 ||
	    json_need_base64(body, "note", &note, what, e) == -1 ||
	    read_proof(body, "proof", &inclusion, e) == -1 ||
	    read_proof(body, "consistency", &consistency, e) == -1)
		goto out;
	(void)snprintf(origin, sizeof(origin), "stager/%s", k->card.house);
	if (checkpoint_open(note.data, note.len, origin, k->card.log_key, &r->checkpoint, e) == -1) {
		altered(e);
		goto out;
	}
	if (r->checkpoint.size < j->log_size) {
		err_set(e, ERR_FORGED, "alarm: checkpoint: rollback to a log smaller than the last one seen");
		goto out;
	}
	if (tree_check_consistency(
		j->log_size, j->log_root, r->checkpoint.size, r->checkpoint.root, &consistency, e) == -1) {
		err_context(e, "alarm: checkpoint: rollback, or not a continuation of the last one seen");
		altered(e);
		goto out;
	}
	if (release_entry(&r->ask, &opening, e) == -1)
		goto out;
	commitment_make(salt, "release", opening.data, opening.len, entry);
	tree_leaf(entry, sizeof(entry), leaf);
	if (tree_check_inclusion(
		leaf, (uint64_t)index, r->checkpoint.size, &inclusion, r->checkpoint.root, e) == -1) {
		err_context(e, "release: not in the log");
		altered(e);
		goto out;
	}
	rc = 0;
out:
	buf_free(&note);
	buf_free(&opening);
	return rc;
}

/* The table that the manifest signs, the rows asked for, and a wrapped key for each. */
static int
check_table(const struct json *body, struct release *r, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	struct buf text;
	int rc = -1;

	buf_init(&text, TABLE_MAX);
	if (json_need_base64(body, "table", &text, what, e) == -1)
		goto out;
	digest_bytes(text.data, text.len, digest);
	if (!digest_equal(digest, r->set->table)) {
		err_set(e, ERR_FORGED, "shard table: not the one that the manifest signs");
		goto out;
	}
	if ((r->table = table_decode(text.data, text.len, e)) == NULL) {
		altered(e);
		goto out;
	}
	if (r->ask.first >= r->ask.end || r->ask.end > r->table->count) {
		err_set(e, ERR_REFUSED, "ask: shards past the end of the table");
		goto out;
	}
	if (json_need_base64(body, "wrapped", &r->keys, what, e) == -1)
		goto out;
	if (r->keys.len != (r->ask.end - r->ask.first) * WRAPPED_LEN) {
		err_set(e, ERR_FORGED, "release: not one wrapped key for each shard asked for");
		goto out;
	}
	rc = 0;
out:
	buf_free(&text);
	return rc;
}

/* A header for each row: one writer pair and one curve operation for all of them. */
static int
make_headers(const struct key_open *k, const struct release *r, uint8_t writer[static X25519_LEN],
    struct buf *out, struct err *e)
{
	struct secret *own = NULL, *shared = NULL, *data_key = NULL;
	uint8_t commitment[COMMITMENT_LEN], *to;
	char path[MANIFEST_ID_LEN + 1 + MANIFEST_NAME_MAX + 1 + sizeof(r->table->shards->name)];
	int rc = -1;

	if (k->kek == NULL || strcmp(k->dataset, r->manifest->dataset_id) != 0)
		return err_set(e, ERR_INPUT, "release: the dataset's KEK is not loaded");
	if ((own = header_keypair(writer, e)) == NULL ||
	    (shared = header_shared_writer(own, r->ask.node, e)) == NULL)
		goto out;
	for (uint64_t i = r->ask.first; i < r->ask.end; i++) {
		const struct shard_line *line = &r->table->shards[i];

		(void)snprintf(
		    path, sizeof(path), "%s/%s/%s", r->manifest->version_id, r->set->name, line->name);
		if ((to = buf_reserve(out, HEADER_LEN, e)) == NULL ||
		    (data_key = keystore_unwrap(k->kek, k->dataset, path, line->commitment,
			 r->keys.data + (i - r->ask.first) * WRAPPED_LEN, e)) == NULL)
			goto out;
		header_commitment(data_key, commitment);
		if (memcmp(commitment, line->commitment, COMMITMENT_LEN) != 0) {
			err_set(e, ERR_FORGED, "%s: the data key is not the one that the manifest commits to",
			    path);
			goto out;
		}
		if (header_make(shared, writer, data_key, to, e) == -1)
			goto out;
		out->len += HEADER_LEN;
		secret_free(data_key);
		data_key = NULL;
	}
	rc = 0;
out:
	secret_free(data_key);
	secret_free(shared);
	secret_free(own);
	return rc;
}

/* What must be on disk before the answer leaves. */
static int
write_down(struct key_open *k, const struct release *r, struct err *e)
{
	struct journal *j = &k->journal;
	struct record records[2];
	size_t count = 0;

	memset(records, 0, sizeof(records));
	if (r->checkpoint.size > j->log_size) {
		records[count].type = RECORD_CHECKPOINT;
		records[count].number = r->checkpoint.size;
		memcpy(records[count++].digest, r->checkpoint.root, DIGEST_LEN);
	}
	if (!r->again) {
		records[count].type = RECORD_REDEMPTION;
		records[count].slot = r->ask.slot;
		records[count].restart = r->ask.restart;
		records[count].number = (uint64_t)key_now(k);
		memcpy(records[count].digest, r->request.digest, DIGEST_LEN);
		memcpy(records[count++].node, r->ask.node, X25519_LEN);
	}
	return count == 0 ? 0 : journal_append(j, records, count, e);
}

int
key_release(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	uint8_t writer[X25519_LEN];
	struct json *j = NULL;
	struct buf headers;
	struct release r;
	int rc = -1;

	memset(&r, 0, sizeof(r));
	buf_init(&r.request_bytes, REQUEST_MAX);
	buf_init(&r.keys, (MANIFEST_SHARDS_MAX + 1) * (size_t)WRAPPED_LEN);
	buf_init(&headers, HEADERS_MAX);
	if (k->journal.fd == -1) {
		err_set(e, ERR_INPUT, "release: this instance has no journal");
		goto out;
	}
	if (check_manifest(k, body, &r, e) == -1 || read_request(body, &r, e) == -1 ||
	    check_approvals(k, body, &r, e) == -1 || check_request(&r, e) == -1 ||
	    check_ask(k, body, &r, e) == -1 || check_log(k, body, &r, e) == -1 ||
	    check_table(body, &r, e) == -1 ||
	    journal_judge(&k->journal, r.request.digest, r.ask.slot, r.ask.restart, r.ask.node,
		r.request.redemptions, &r.again, e) == -1)
		goto out;
	/* A wrapped key that does not open costs no redemption; a header leaves only after it is written
	 * down. */
	if (make_headers(k, &r, writer, &headers, e) == -1 || write_down(k, &r, e) == -1)
		goto out;
	j = json_object();
	json_set_hex(j, "writer", writer, X25519_LEN);
	json_set(j, "headers", json_base64(headers.data, headers.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	json_free(j);
	buf_free(&headers);
	release_free(&r);
	return rc;
}
