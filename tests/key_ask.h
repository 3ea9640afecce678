/* Asking and releasing, for the tests of stager-key: the node's side, the log, and the message with the whole
 * case. */
#ifndef TESTS_KEY_ASK_H
#define TESTS_KEY_ASK_H

#include <sys/stat.h>

#include "key_house.h"

static inline int
get_leaf(void *ctx, unsigned level, uint64_t index, uint8_t out[static DIGEST_LEN], struct err *err)
{
	struct test_house *h = ctx;
	uint8_t left[DIGEST_LEN], right[DIGEST_LEN];

	if (level == 0) {
		memcpy(out, h->leaves[index], DIGEST_LEN);
		return 0;
	}
	if (get_leaf(ctx, level - 1, 2 * index, left, err) == -1 ||
	    get_leaf(ctx, level - 1, 2 * index + 1, right, err) == -1)
		return -1;
	tree_node(left, right, out);
	return 0;
}

/* Sign the log as it now stands. */
static inline void
make_note(struct test_house *h)
{
	struct checkpoint c = {.origin = "stager/" HOUSE, .size = h->size};
	uint8_t key[SIGN_PUBLIC_LEN], signature[SIGNATURE_LEN];
	struct buf body;

	buf_init(&body, NOTE_MAX);
	must(tree_root(h->size, get_leaf, h, c.root, &e));
	must(checkpoint_body(&c, &body, &e));
	must(sign_public(h->log, key, &e));
	must(sign_make(h->log, body.data, body.len, signature, &e));
	buf_clear(&h->part[NOTE]);
	must(checkpoint_note(&c, key, signature, &h->part[NOTE], &e));
	buf_free(&body);
}

/* h->ask, signed with the job key. */
static inline void
sign_ask(struct test_house *h)
{
	uint8_t payload[ASK_PAYLOAD_LEN], signature[SIGNATURE_LEN];
	struct json *facts = json_object();
	struct buf pae;

	json_set_string(facts, "node", "nid000001");
	memcpy(h->ask.house_key, h->key.card.key, SIGN_PUBLIC_LEN);
	memcpy(h->ask.request, h->request.digest, DIGEST_LEN);
	memcpy(h->ask.manifest, h->request.manifest, DIGEST_LEN);
	must(ask_facts(facts, h->ask.facts, &e));
	digest_bytes("", 0, h->ask.evidence);
	(void)snprintf(h->ask.evidence_type, sizeof(h->ask.evidence_type), "none");
	buf_init(&pae, DSSE_PAE_MAX);
	ask_payload(&h->ask, payload);
	must(dsse_pae(DSSE_ASK, payload, sizeof(payload), &pae, &e));
	must(sign_make(h->job, pae.data, pae.len, signature, &e));
	buf_clear(&h->part[ASK]);
	must(ask_encode(&h->ask, facts, "", 0, h->request.job_key, signature, &h->part[ASK], &e));
	buf_free(&pae);
	json_free(facts);
}

/* Log h->ask, and sign the log. */
static inline void
log_ask(struct test_house *h)
{
	uint8_t entry[COMMITMENT_ENTRY_LEN], salt[COMMITMENT_SALT_LEN];
	struct buf opening;

	buf_init(&opening, 65536);
	memset(salt, (int)h->size + 1, sizeof(salt));
	buf_clear(&h->part[SALT]);
	must(buf_put(&h->part[SALT], salt, sizeof(salt), &e));
	must(release_entry(&h->ask, &opening, &e));
	commitment_make(salt, "release", opening.data, opening.len, entry);
	h->index = h->size;
	tree_leaf(entry, sizeof(entry), h->leaves[h->size++]);
	make_note(h);
	buf_free(&opening);
}

/* The whole of one node's asking: challenge, ask, log entry. Node keys are numbered. */
static inline void
make_ask(struct test_house *h, uint32_t slot, uint32_t restart, uint8_t node)
{
	struct json *body = json_object(), *reply;
	uint8_t bytes[X25519_LEN];
	int64_t size = 0;

	json_set_hex(body, "request", h->request.digest, DIGEST_LEN);
	must_have(reply = tell(h, WIRE_CHALLENGE, body));
	must(json_need_hex(reply, "nonce", h->ask.nonce, RELEASE_NONCE_LEN, "nonce", &e));
	must(json_need_hex(reply, "mac", h->ask.mac, DIGEST_LEN, "mac", &e));
	must(json_need_int(reply, "expiry", 0, JSON_INT_MAX, "expiry", &h->ask.expiry, &e));
	must(json_need_int(reply, "size", 0, LEAVES_MAX, "size", &size, &e));
	json_free(reply);
	h->from = (uint64_t)size;
	memset(bytes, node, sizeof(bytes));
	secret_free(h->node);
	must_have(h->node = secret_new(X25519_LEN, &e));
	memcpy(h->node->bytes, bytes, sizeof(bytes));
	must(header_public(h->node, h->ask.node, &e));
	h->ask.slot = slot;
	h->ask.restart = restart;
	h->ask.first = 0;
	h->ask.end = ROWS;
	sign_ask(h);
	log_ask(h);
}

static inline void
set_proof(struct json *body, const char *name, const struct tree_proof *proof)
{
	struct json *list = json_array();
	char hex[DIGEST_HEX_LEN + 1];

	for (size_t i = 0; i < proof->count; i++) {
		hex_encode(proof->hashes[i], DIGEST_LEN, hex);
		json_push(list, json_string(hex));
	}
	json_set(body, name, list);
}

/* The release as it now stands in h: the message. */
static inline struct json *
release_message(struct test_house *h)
{
	struct json *body = json_object(), *approvals = json_array();
	struct tree_proof proof = {.count = 0};

	set_base64(body, "manifest", &h->part[MANIFEST]);
	set_base64(body, "request", &h->part[REQUEST]);
	for (size_t i = 0; i < h->approvals; i++) {
		set_base64(body, "approvals", &h->part[APPROVAL + i]);
		json_push(approvals, json_copy(json_get(body, "approvals")));
	}
	json_set(body, "approvals", approvals);
	set_base64(body, "ask", &h->part[ASK]);
	set_base64(body, "table", &h->part[TABLE]);
	set_base64(body, "note", &h->part[NOTE]);
	set_base64(body, "wrapped", &h->part[WRAPPED]);
	json_set_hex(body, "salt", h->part[SALT].data, h->part[SALT].len);
	json_set_int(body, "index", (int64_t)h->index);
	must(tree_inclusion(h->index, h->size, get_leaf, h, &proof, &e));
	set_proof(body, "proof", &proof);
	proof.count = 0;
	must(tree_consistency(h->from, h->size, get_leaf, h, &proof, &e));
	set_proof(body, "consistency", &proof);
	return body;
}

static inline struct json *
release(struct test_house *h)
{
	return tell(h, WIRE_RELEASE, release_message(h));
}

static inline off_t
journal_len(const struct test_house *h)
{
	struct stat st;

	return fstat(h->journal, &st) == -1 ? -1 : st.st_size;
}

/* The release as it stands is refused with this code and this word, and leaves no trace in the journal. */
#define REFUSED(h, want, word)                                                                              \
	do {                                                                                                \
		off_t before_ = journal_len(h);                                                             \
		struct json *got_ = release(h);                                                             \
		CHECK(got_ == NULL && e.code == (want) && strstr(e.text, word) != NULL);                    \
		if (got_ != NULL || e.code != (want) || strstr(e.text, word) == NULL)                       \
			fprintf(stderr, "  got code %d: %s\n", (int)e.code, got_ == NULL ? e.text : "yes"); \
		CHECK(journal_len(h) == before_);                                                           \
		json_free(got_);                                                                            \
	} while (0)

/* What came out opens, with the node's key alone, to the very data keys. */
static inline void
check_released(struct test_house *h, struct json *reply)
{
	uint8_t writer[X25519_LEN];
	struct secret *shared, *data_key;
	struct buf headers;

	CHECK(reply != NULL);
	if (reply == NULL) {
		fprintf(stderr, "  %s\n", e.text);
		return;
	}
	buf_init(&headers, 16u << 20);
	CHECK_OK(json_need_hex(reply, "writer", writer, X25519_LEN, "writer", &e));
	get_base64(reply, "headers", &headers);
	CHECK(headers.len == HEADER_LEN * (h->ask.end - h->ask.first));
	CHECK((shared = header_shared_reader(h->node, writer, &e)) != NULL);
	for (uint64_t i = h->ask.first; i < h->ask.end; i++) {
		data_key = header_open(shared, writer, headers.data + (i - h->ask.first) * HEADER_LEN, &e);
		CHECK(data_key != NULL && memcmp(data_key->bytes, h->data_key[i]->bytes, 32) == 0);
		secret_free(data_key);
	}
	secret_free(shared);
	buf_free(&headers);
	json_free(reply);
}

static inline void
restart(struct test_house *h)
{
	struct secret *kek = secret_copy(h->key.kek, &e);

	key_open_free(&h->key);
	CHECK_OK(start_key(h));
	/* Only the KEK is handed over from the old instance; test_intake loads one from its blob. */
	h->key.kek = kek;
	memcpy(h->key.dataset, DATASET, sizeof(h->key.dataset));
}

#endif
