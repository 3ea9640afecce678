/* What a node asks of the house: T and the ask against an independent program's, and every change to them. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "mutate.h"
#include "release_values.h"
#include "stager/digest.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/release.h"
#include "stager/secret.h"

static struct err e;

static struct request asked;
static uint8_t house_key[32];

static int
take_ask(const void *data, size_t len, struct err *err)
{
	struct json *facts = NULL;
	struct ask a;

	if (ask_decode(data, len, house_key, &asked, &a, &facts, err) == -1)
		return -1;
	json_free(facts);
	return 0;
}

/* The same ask signed by the job's key, encoded here. */
static void
encode_again(const struct ask *a, const struct json *facts, const char *evidence, size_t evidence_len,
    const struct buf *want)
{
	struct secret *job = release_seed("job-seed");
	uint8_t payload[ASK_PAYLOAD_LEN], key[SIGN_PUBLIC_LEN], signature[SIGNATURE_LEN];
	struct json *more = json_copy(facts);
	struct buf pae, out;
	struct ask b = *a;

	buf_init(&pae, 1024);
	buf_init(&out, RELEASE_ASK_MAX + 1024);
	ask_payload(a, payload);
	CHECK_OK(sign_public(job, key, &e));
	CHECK_OK(dsse_pae(DSSE_ASK, payload, sizeof(payload), &pae, &e));
	CHECK_OK(sign_make(job, pae.data, pae.len, signature, &e));
#define ENCODE(a, facts) ask_encode(a, facts, evidence, evidence_len, key, signature, &out, &e)
	CHECK_OK(ENCODE(a, facts));
	CHECK(mutate_same(&out, want->data, want->len) == 0);
	buf_clear(&out);
	/* What the house would refuse is not sent. */
	signature[3] ^= 1;
	CHECK_ERR(ENCODE(a, facts), ERR_FORGED);
	signature[3] ^= 1;
	b.slot++;
	CHECK_ERR(ENCODE(&b, facts), ERR_FORGED);
	b = *a;
	b.slot = RELEASE_SLOTS_MAX;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b = *a;
	b.facts[0] ^= 1;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b = *a;
	b.evidence[0] ^= 1;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b = *a;
	b.end = b.first;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b.end = MANIFEST_SHARDS_MAX + 2;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	json_set_string(more, "more", "x");
	CHECK_ERR(ENCODE(a, more), ERR_INPUT);
	json_set_int(more, "more", 1);
	CHECK_ERR(ENCODE(a, more), ERR_INPUT);
	CHECK_ERR(ENCODE(a, NULL), ERR_INPUT);
	CHECK(out.len == 0);
#undef ENCODE
	json_free(more);
	secret_free(job);
	buf_free(&pae);
	buf_free(&out);
}

static void
test_ask(void)
{
	static const char *const open[] = {"facts", NULL};
	struct buf request = mutate_vector("release/request.json"), text = mutate_vector("release/ask.json");
	struct buf evidence = mutate_vector("release/ask-evidence.json"),
		   entry = mutate_vector("release/entry.json");
	struct json *facts = NULL, *more;
	struct mutate m = {.take = take_ask, .open = open};
	uint8_t want[32], t[DIGEST_LEN], other_key[32];
	struct request other;
	struct buf out, changed;
	struct ask a, b;
	struct json *root;

	buf_init(&out, 1 << 16);
	release_value("house-key", house_key);
	CHECK_OK(request_decode(request.data, request.len, &asked, &e));
	CHECK_OK(ask_decode(text.data, text.len, house_key, &asked, &a, &facts, &e));
	CHECK(a.slot == 3 && a.restart == 1 && a.expiry == 1804000060 && a.first == 0 && a.end == 3);
	release_value("nonce", want);
	CHECK(memcmp(a.nonce, want, 32) == 0);
	release_value("mac", want);
	CHECK(memcmp(a.mac, want, 32) == 0);
	release_value("node", want);
	CHECK(memcmp(a.node, want, 32) == 0);
	release_value("facts", want);
	CHECK(memcmp(a.facts, want, 32) == 0);
	CHECK_OK(ask_facts(facts, t, &e));
	CHECK(memcmp(t, want, 32) == 0);
	CHECK(strcmp(json_get(facts, "host")->string, "nid001234") == 0);
	release_value("t", want);
	ask_transcript(&a, t);
	CHECK(memcmp(t, want, 32) == 0);
	CHECK_OK(release_entry(&a, &out, &e));
	CHECK(mutate_same(&out, entry.data, entry.len) == 0);
	encode_again(&a, facts, NULL, 0, &text);

	/* T binds each of them. */
#define BINDS(what)                              \
	do {                                     \
		b = a;                           \
		what;                            \
		ask_transcript(&b, t);           \
		CHECK(memcmp(t, want, 32) != 0); \
	} while (0)
	BINDS(b.house_key[31] ^= 1);
	BINDS(b.request[0] ^= 1);
	BINDS(b.manifest[0] ^= 128);
	BINDS(b.slot ^= 1);
	BINDS(b.slot ^= 1u << 31);
	BINDS(b.restart ^= 1);
	BINDS(b.nonce[31] ^= 1);
	BINDS(b.expiry ^= 1);
	BINDS(b.expiry ^= INT64_C(1) << 40);
	BINDS(b.node[0] ^= 1);
	BINDS(b.facts[0] ^= 1);
	BINDS(b.evidence_type[0] = 'm');
	BINDS(b.evidence_type[3] = '\0');
#undef BINDS

	/* With evidence. */
	json_free(facts);
	facts = NULL;
	CHECK_OK(ask_decode(evidence.data, evidence.len, house_key, &asked, &a, &facts, &e));
	release_value("t-tpm-quote", want);
	ask_transcript(&a, t);
	CHECK(memcmp(t, want, 32) == 0 && strcmp(a.evidence_type, "tpm-quote") == 0);
	encode_again(&a, facts,
	    "\x00\x01"
	    "evidence",
	    10, &evidence);

	/* Another house, another request, another manifest, another job key: the signature says otherwise. */
	memcpy(other_key, house_key, 32);
	other_key[0] ^= 1;
	CHECK_ERR(ask_decode(text.data, text.len, other_key, &asked, &a, NULL, &e), ERR_FORGED);
	other = asked;
	other.digest[5] ^= 1;
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_FORGED);
	other = asked;
	other.manifest[5] ^= 1;
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_FORGED);
	other = asked;
	release_value("anna-key", other.job_key);
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_FORGED);
	other = asked;
	other.slots = 3;
	CHECK_OK(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e));
	CHECK_ERR(ask_check_slot(&a, &other, &e), ERR_REFUSED);
	other.slots = 4;
	CHECK_OK(ask_check_slot(&a, &other, &e));

	/* What T covers, changed: forged. What it does not (mac, range) is proven elsewhere: MAC and answer.
	 */
#define FORGED(path, v)                                                         \
	do {                                                                    \
		changed = mutate_set(&evidence, path, v);                       \
		CHECK_ERR(take_ask(changed.data, changed.len, &e), ERR_FORGED); \
		buf_free(&changed);                                             \
	} while (0)
#define REFUSED(path, v)                                                       \
	do {                                                                   \
		changed = mutate_set(&evidence, path, v);                      \
		CHECK_ERR(take_ask(changed.data, changed.len, &e), ERR_INPUT); \
		buf_free(&changed);                                            \
	} while (0)
	FORGED("slot", json_int(2));
	FORGED("restart", json_int(0));
	FORGED("expiry", json_int(1804000061));
	FORGED("nonce", mutate_text(64, 'a'));
	FORGED("node", mutate_text(64, 'a'));
	FORGED("facts.host", json_string("nid001235"));
	FORGED("facts.more", json_string("x"));
	FORGED("evidence", json_string("AAFl"));
	FORGED("evidence-type", json_string("tpm"));
	mutate_value(take_ask, &evidence, "mac", mutate_text(64, 'a'), true);
	mutate_value(take_ask, &evidence, "shards.0", json_int(2), true);
	mutate_value(take_ask, &evidence, "shards.1", json_int(MANIFEST_SHARDS_MAX + 1), true);
	REFUSED("shards.0", json_int(3));
	REFUSED("shards.0", json_int(-1));
	REFUSED("shards.1", json_int(MANIFEST_SHARDS_MAX + 2));
	REFUSED("shards.2", json_int(4));
	REFUSED("slot", json_int(RELEASE_SLOTS_MAX));
	REFUSED("evidence-type", json_string("none"));
	REFUSED("evidence", json_string(""));
	REFUSED("evidence-type", mutate_text(32, 'a'));
	FORGED("evidence-type", mutate_text(31, 'a'));
	REFUSED("evidence-type", json_string("TPM"));
	REFUSED("facts.host", mutate_text(257, 'a'));
	FORGED("facts.host", mutate_text(256, 'a'));
	REFUSED("facts.host", json_string("a\x1b"));
	for (size_t n = RELEASE_FACTS_MAX; n <= RELEASE_FACTS_MAX + 1; n++) {
		more = json_object();
		for (size_t i = 0; i < n; i++) {
			char key[16];

			(void)snprintf(key, sizeof(key), "k%zu", i);
			json_set_string(more, key, "v");
		}
		if (n == RELEASE_FACTS_MAX)
			FORGED("facts", more);
		else
			REFUSED("facts", more);
	}
#undef FORGED
#undef REFUSED
	/* Form: each key away, one more, other types; cuts and bits. */
	CHECK((root = json_parse(text.data, text.len, "ask", &e)) != NULL);
	m.root = root;
	for (size_t i = 0; root != NULL && i < root->count; i++) {
		struct json *item = root->items[i];
		char *key = root->keys[i];

		root->keys[i] = root->keys[root->count - 1];
		root->items[i] = root->items[root->count - 1];
		root->count--;
		mutate_refused(&m, "without", key);
		root->count++;
		root->keys[i] = key;
		root->items[i] = item;
	}
	json_set(root, "more", json_null());
	mutate_refused(&m, "one key more", "more");
	json_free(root);
	mutate_twice(take_ask, &text);
	for (size_t n = 0; n < text.len; n++)
		CHECK_ERR(take_ask(text.data, n, &e), ERR_INPUT);
	for (size_t i = 0; i < 8 * text.len; i += MUTATE_STEP) {
		bool unsigned_part;

		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		/* Only the MAC and the range may change and leave a whole ask. */
		unsigned_part = take_ask(text.data, text.len, &e) == 0;
		if (unsigned_part) {
			CHECK_OK(ask_decode(text.data, text.len, house_key, &asked, &b, NULL, &e));
			CHECK(memcmp(a.mac, b.mac, 32) != 0 || a.first != b.first || a.end != b.end);
		}
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	CHECK_OK(buf_put_str(&text, "\n", &e));
	CHECK_ERR(take_ask(text.data, text.len, &e), ERR_INPUT);
	buf_free(&out);
	buf_init(&out, RELEASE_ASK_MAX + 64);
	while (out.len <= RELEASE_ASK_MAX)
		CHECK_OK(buf_put(&out, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 32, &e));
	CHECK_ERR(take_ask(out.data, out.len, &e), ERR_LIMIT);
	json_free(facts);
	buf_free(&out);
	buf_free(&entry);
	buf_free(&evidence);
	buf_free(&text);
	buf_free(&request);
}

int
main(void)
{
	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_ask();
	return check_done();
}
