/* The node's side of a release: hello, challenge, ask, answer; nothing of it is believed before it is proven. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/courier.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/node.h"
#include "stager/note.h"
#include "stager/secret.h"
#include "talk.h"

#define TABLE_MAX (40u << 20) /* bytes of SET/shards.jsonl: what fits a line */

/* What belongs to one conversation. */
struct talk {
	const struct node *n;
	int to, from;
	struct node_release *r;
	struct ask ask;
};

static int
wait_of(const struct talk *t, int otherwise)
{
	return t->n->wait_ms > 0 ? t->n->wait_ms : otherwise;
}

static int
say_hello(struct talk *t, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	struct json *j = json_object();
	struct buf line;
	int rc = -1;

	buf_init(&line, 4096);
	hex_encode(t->n->request.digest, DIGEST_LEN, hex);
	json_set_string(j, "type", "hello");
	json_set_string(j, "suite", RELEASE_SUITE);
	json_set_string(j, "request", hex);
	if (json_encode(j, &line, e) == 0)
		rc = talk_say(t->to, &line, wait_of(t, NODE_CHALLENGE_MS), e);
	json_free(j);
	buf_free(&line);
	return rc;
}

/* The manifest is the pinned house's, and the very one that the request names. */
static int
take_manifest(struct talk *t, const struct json *j, struct err *e)
{
	const struct request *want = &t->n->request;
	struct node_release *r = t->r;
	struct dsse *d = NULL;
	struct buf envelope;
	int rc = -1;

	buf_init(&envelope, 4 * MANIFEST_MAX);
	if (json_need_base64(j, "manifest", &envelope, "challenge", e) == -1 ||
	    (d = dsse_decode(envelope.data, envelope.len, "manifest", e)) == NULL ||
	    dsse_check(d, DSSE_MANIFEST, t->n->card.key, "manifest", e) == -1) {
		err_context(e, "what the house sent is not the pinned house's");
		goto out;
	}
	digest_bytes(d->payload.data, d->payload.len, r->statement);
	if (!digest_equal(r->statement, want->manifest)) {
		err_set(e, ERR_FORGED, "manifest: it is not the one that the request names");
		goto out;
	}
	if ((r->manifest = manifest_decode(d->payload.data, d->payload.len, e)) == NULL)
		goto out;
	if (strcmp(r->manifest->house, t->n->card.house) != 0 ||
	    strcmp(r->manifest->holder, want->holder) != 0 ||
	    strcmp(r->manifest->dataset, want->dataset) != 0 ||
	    strcmp(r->manifest->version_id, want->version_id) != 0) {
		err_set(e, ERR_FORGED, "manifest: house, holder, dataset or version is not the request's");
		goto out;
	}
	rc = 0;
out:
	dsse_free(d);
	buf_free(&envelope);
	return rc == 0 ? 0 : talk_forged(e);
}

/* The request that the house has is ours, byte for byte. */
static int
take_request(struct talk *t, const struct json *j, struct err *e)
{
	struct request r;
	struct buf text;
	int rc = -1;

	buf_init(&text, REQUEST_MAX);
	if (json_need_base64(j, "request", &text, "challenge", e) == 0 &&
	    request_decode(text.data, text.len, &r, e) == 0) {
		rc = 0;
		if (!digest_equal(r.digest, t->n->request.digest))
			rc = err_set(e, ERR_FORGED, "request: the house has another one");
	}
	buf_free(&text);
	return rc == 0 ? 0 : talk_forged(e);
}

/* The table is the one that the manifest names for the request's set. */
static int
take_table(struct talk *t, const struct json *j, struct err *e)
{
	const struct manifest_set *set = manifest_set(t->r->manifest, t->n->request.set);
	struct node_release *r = t->r;
	struct buf text;
	int rc = -1;

	buf_init(&text, TABLE_MAX);
	if (set == NULL) {
		err_set(e, ERR_FORGED, "manifest: it has no set %s", t->n->request.set);
		goto out;
	}
	if (json_need_base64(j, "table", &text, "challenge", e) == -1)
		goto out;
	digest_bytes(text.data, text.len, r->table_digest);
	if (!digest_equal(r->table_digest, set->table)) {
		err_set(e, ERR_FORGED, "shard table: it is not the one that the manifest names");
		goto out;
	}
	if ((r->table = table_decode(text.data, text.len, e)) == NULL)
		goto out;
	if (r->table->count != set->shards + 1) {
		err_set(e, ERR_FORGED, "shard table: it has another number of shards than the manifest says");
		goto out;
	}
	rc = 0;
out:
	buf_free(&text);
	return rc == 0 ? 0 : talk_forged(e);
}

static int
hear_challenge(struct talk *t, struct err *e)
{
	static const char *const keys[] = {
	    "type", "nonce", "expiry", "mac", "manifest", "request", "table", NULL};
	struct json *j = talk_hear(t->from, "challenge", wait_of(t, NODE_CHALLENGE_MS), e);
	int rc = -1;

	if (j == NULL)
		return -1;
	if (json_expect_keys(j, keys, "challenge", e) == -1 ||
	    json_need_hex(j, "nonce", t->ask.nonce, RELEASE_NONCE_LEN, "challenge", e) == -1 ||
	    json_need_int(j, "expiry", 0, JSON_INT_MAX, "challenge", &t->ask.expiry, e) == -1 ||
	    json_need_hex(j, "mac", t->ask.mac, DIGEST_LEN, "challenge", e) == -1) {
		talk_forged(e);
		goto out;
	}
	if (take_request(t, j, e) == -1 || take_manifest(t, j, e) == -1 || take_table(t, j, e) == -1)
		goto out;
	rc = 0;
out:
	json_free(j);
	return rc;
}

/* The rows of what is wanted, now that the table is known. */
static int
choose_rows(struct talk *t, const struct node_want *want, struct err *e)
{
	uint64_t shards = t->r->table->count - 1; /* the last row is the index */

	switch (want->kind) {
	case NODE_WANT_ALL:
		t->ask.first = 0;
		t->ask.end = shards;
		break;
	case NODE_WANT_INDEX:
		t->ask.first = shards;
		t->ask.end = shards + 1;
		break;
	case NODE_WANT_WHOLE:
		t->ask.first = 0;
		t->ask.end = shards + 1;
		break;
	default:
		t->ask.first = want->first;
		t->ask.end = want->end;
	}
	if (want->kind == NODE_WANT_RANGE && (want->first >= want->end || want->end > shards))
		return err_set(e, ERR_USAGE, "set %s has shards 0 to %llu", t->n->request.set,
		    (unsigned long long)shards - 1);
	return 0;
}

static int
say_ask(struct talk *t, const uint8_t key[static X25519_LEN], struct err *e)
{
	uint8_t payload[ASK_PAYLOAD_LEN], signature[SIGNATURE_LEN], job_key[SIGN_PUBLIC_LEN];
	const struct node *n = t->n;
	struct ask *a = &t->ask;
	struct buf pae, line;
	int rc = -1;

	buf_init(&pae, DSSE_PAE_MAX);
	buf_init(&line, RELEASE_ASK_MAX + 1);
	memcpy(a->house_key, n->card.key, SIGN_PUBLIC_LEN);
	memcpy(a->request, n->request.digest, DIGEST_LEN);
	memcpy(a->manifest, t->r->statement, DIGEST_LEN);
	a->slot = n->slot;
	a->restart = n->restart;
	memcpy(a->node, key, X25519_LEN);
	(void)snprintf(a->evidence_type, sizeof(a->evidence_type), "none");
	digest_bytes("", 0, a->evidence);
	if (ask_facts(n->facts, a->facts, e) == -1)
		goto out;
	ask_payload(a, payload);
	if (dsse_pae(DSSE_ASK, payload, sizeof(payload), &pae, e) == -1 ||
	    sign_public(n->job, job_key, e) == -1 ||
	    sign_make(n->job, pae.data, pae.len, signature, e) == -1 ||
	    ask_encode(a, n->facts, "", 0, job_key, signature, &line, e) == -1)
		goto out;
	rc = talk_say(t->to, &line, wait_of(t, NODE_ANSWER_MS), e);
out:
	buf_free(&pae);
	buf_free(&line);
	return rc;
}

/* The pinned house signed it, over our very ask, and logged it first. */
static int
check_answer(struct talk *t, const struct json *j, struct err *e)
{
	char origin[NOTE_NAME_MAX + 1];
	uint8_t transcript[DIGEST_LEN], digest[DIGEST_LEN];
	struct node_release *r = t->r;
	struct checkpoint head;
	struct dsse *d = NULL;
	struct buf envelope;
	int rc = -1;

	buf_init(&envelope, 1u << 20);
	if (json_need_base64(j, "envelope", &envelope, "answer", e) == -1 ||
	    json_need_base64(j, "headers", &r->headers, "answer", e) == -1 ||
	    (d = dsse_decode(envelope.data, envelope.len, "answer", e)) == NULL ||
	    dsse_check(d, DSSE_ANSWER, t->n->card.key, "answer", e) == -1 ||
	    answer_decode(d->payload.data, d->payload.len, r->answer, e) == -1)
		goto out;
	ask_transcript(&t->ask, transcript);
	if (!digest_equal(r->answer->t, transcript)) {
		err_set(e, ERR_FORGED, "answer: it answers another ask");
		goto out;
	}
	if (!digest_equal(r->answer->manifest, r->statement)) {
		err_set(e, ERR_FORGED, "answer: it is about another manifest");
		goto out;
	}
	digest_bytes(r->headers.data, r->headers.len, digest);
	if (r->answer->first != t->ask.first || r->answer->end != t->ask.end ||
	    r->headers.len != (t->ask.end - t->ask.first) * HEADER_LEN ||
	    !digest_equal(r->answer->headers, digest)) {
		err_set(e, ERR_FORGED, "answer: its headers are not the ones asked for, or not those signed");
		goto out;
	}
	(void)snprintf(origin, sizeof(origin), "stager/%s", t->n->card.house);
	if (checkpoint_open(r->answer->checkpoint, strlen(r->answer->checkpoint), origin, t->n->card.log_key,
		&head, e) == -1)
		goto out;
	if (r->answer->index >= head.size) {
		err_set(e, ERR_FORGED, "answer: the release is not in the log that it shows");
		goto out;
	}
	memcpy(r->writer, r->answer->writer, X25519_LEN);
	r->first = t->ask.first;
	r->end = t->ask.end;
	rc = 0;
out:
	dsse_free(d);
	buf_free(&envelope);
	return rc == 0 ? 0 : talk_forged(e);
}

struct secret *
node_data_key(const struct node_release *r, uint64_t row, struct err *e)
{
	uint8_t commitment[COMMITMENT_LEN];
	const struct shard_line *line;
	struct secret *key;

	if (row < r->first || row >= r->end) {
		err_set(e, ERR_USAGE, "row %llu was not asked for", (unsigned long long)row);
		return NULL;
	}
	line = &r->table->shards[row];
	key = header_open(r->shared, r->writer, r->headers.data + (row - r->first) * HEADER_LEN, e);
	if (key == NULL) {
		err_context(e, "%s", line->name);
		talk_forged(e);
		return NULL;
	}
	header_commitment(key, commitment);
	if (!digest_equal(commitment, line->commitment)) {
		err_set(e, ERR_FORGED, "%s: its header holds another key than the manifest commits to",
		    line->name);
		secret_free(key);
		return NULL;
	}
	return key;
}

static int
hear_answer(struct talk *t, const struct secret *own, struct err *e)
{
	static const char *const keys[] = {"type", "envelope", "headers", NULL};
	struct json *j = talk_hear(t->from, "answer", wait_of(t, NODE_ANSWER_MS), e);
	struct secret *key;
	int rc = -1;

	if (j == NULL)
		return -1;
	if (json_expect_keys(j, keys, "answer", e) == -1) {
		talk_forged(e);
		goto out;
	}
	if (check_answer(t, j, e) == -1)
		goto out;
	/* A writer key that gives no shared secret is no writer key. */
	if ((t->r->shared = header_shared_reader(own, t->r->writer, e)) == NULL) {
		talk_forged(e);
		goto out;
	}
	for (uint64_t row = t->r->first; row < t->r->end; row++) {
		if ((key = node_data_key(t->r, row, e)) == NULL)
			goto out;
		secret_free(key);
	}
	rc = 0;
out:
	json_free(j);
	return rc;
}

void
node_release_init(struct node_release *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->headers, (size_t)(MANIFEST_SHARDS_MAX + 1) * HEADER_LEN);
}

void
node_release_free(struct node_release *r)
{
	manifest_free(r->manifest);
	table_free(r->table);
	buf_free(&r->headers);
	secret_free(r->shared);
	free(r->answer);
	tally_free(r->tally);
	node_release_init(r);
}

int
node_ask(const struct node *n, int to, int from, const struct secret *own,
    const uint8_t key[static X25519_LEN], const struct node_want *want, struct node_release *out,
    struct err *e)
{
	struct talk t = {.n = n, .to = to, .from = from, .r = out};

	node_release_init(out);
	(void)snprintf(out->set, sizeof(out->set), "%s", n->request.set);
	if ((out->answer = calloc(1, sizeof(*out->answer))) == NULL)
		return err_set(e, ERR_SYSTEM, "answer: out of memory");
	if (say_hello(&t, e) == 0 && hear_challenge(&t, e) == 0 && choose_rows(&t, want, e) == 0 &&
	    say_ask(&t, key, e) == 0 && hear_answer(&t, own, e) == 0)
		return 0;
	node_release_free(out);
	return -1;
}
