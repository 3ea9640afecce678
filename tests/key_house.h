/* A whole house in memory for test_key.c: its keys, three stewards, one version of two shards, a log, and a
 * release that is good as it stands. */
#ifndef TESTS_KEY_HOUSE_H
#define TESTS_KEY_HOUSE_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "../stager/roles/key_open.h"
#include "stager/commitment.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/note.h"

#define HOUSE "house-a"
#define DATASET "abcdefghijklmnopqrstuvwxyz"
#define VERSION "234567abcdefghijklmnopqrst"
#define NOW INT64_C(1800000000)
#ifndef ROWS
#define ROWS 3 /* two shards and the index */
#define LEAVES_MAX 64
#endif

static struct err e;

enum part { MANIFEST, REQUEST, APPROVAL, APPROVAL_2, ASK, TABLE, NOTE, WRAPPED, SALT, PARTS };

struct test_house {
	struct secret *root, *sign, *log, *job;
	struct secret *steward[3], *data_key[ROWS], *node;
	struct json *blobs; /* what init gave */
	struct key_open key;
	struct buf register_text;
	int journal;
	struct manifest manifest;
	struct request request;
	uint8_t leaves[LEAVES_MAX][DIGEST_LEN];
	uint64_t size; /* of the log */
	/* The release: */
	struct buf part[PARTS];
	size_t approvals;
	uint64_t index, from; /* from: where the consistency proof begins */
	struct ask ask;
};

static inline void
must(int rc)
{
	if (rc == -1) {
		fprintf(stderr, "cannot go on: %s\n", e.text);
		abort();
	}
}

static inline void
must_have(const void *p)
{
	must(p == NULL ? -1 : 0);
}

/* One message to the key: its reply, or NULL with e set. */
static inline struct json *
tell(struct test_house *h, enum wire_type type, struct json *body)
{
	enum wire_type reply_type;
	struct json *reply = NULL;

	e.code = ERR_NONE;
	if (key_open_message(&h->key, type, body, &reply_type, &reply, &e) == -1)
		CHECK(reply == NULL && e.code != ERR_NONE);
	else
		CHECK((reply != NULL) == (reply_type != 0));
	json_free(body);
	return reply;
}

static inline void
set_base64(struct json *j, const char *name, const struct buf *b)
{
	json_set(j, name, json_base64(b->data, b->len));
}

static inline void
get_base64(const struct json *j, const char *name, struct buf *b)
{
	buf_clear(b);
	must(json_need_base64(j, name, b, name, &e));
}

/* The keys in one of init's blobs. */
static inline struct secret *
open_blob(struct test_house *h, const char *name, enum key_purpose purpose)
{
	struct secret *subkey = keystore_subkey(h->root, purpose, HOUSE, &e), *keys;
	struct buf blob;

	buf_init(&blob, 65536);
	get_base64(h->blobs, name, &blob);
	must_have(subkey);
	keys = keystore_open(subkey, purpose, HOUSE, blob.data, blob.len, NULL, &e);
	must_have(keys);
	secret_free(subkey);
	buf_free(&blob);
	return keys;
}

/* Start the key as a program would: blob, journal, register, KEK. */
static inline int
start_key(struct test_house *h)
{
	struct secret *keys = open_blob(h, "open", KEY_OPEN);
	struct json *body;
	int rc = key_open_start(&h->key, HOUSE, 1, keys, h->journal, &e);

	secret_free(keys);
	if (rc == -1)
		return -1;
	h->key.now = NOW;
	body = json_object();
	set_base64(body, "register", &h->register_text);
	e.code = ERR_NONE;
	json_free(tell(h, WIRE_REGISTER, body));
	return e.code == ERR_NONE ? 0 : -1;
}

static inline void
sign_envelope(struct buf *out, const struct secret *seed, const char *type, const struct buf *payload)
{
	buf_free(out);
	buf_init(out, 1u << 20);
	must(dsse_sign(seed, type, payload->data, payload->len, out, &e));
}

/* The message that admits steward number `who`, signed by those in `by` (bits). */
static inline struct json *
steward_message(
    struct test_house *h, const char *person, const struct secret *newcomer, unsigned by, bool own)
{
	struct json *body = json_object(), *list = json_array(), *one = json_object();
	struct steward s = {.holder = "umc"};
	struct buf statement, envelope;

	buf_init(&statement, 4096);
	buf_init(&envelope, 65536);
	(void)snprintf(s.person, sizeof(s.person), "%s", person);
	must(sign_public(newcomer, s.key, &e));
	must(steward_encode(&s, &statement, &e));
	for (unsigned i = 0; i < 4; i++) {
		if (i < 3 ? (by >> i & 1) == 0 : !own)
			continue;
		sign_envelope(&envelope, i < 3 ? h->steward[i] : newcomer, DSSE_STEWARD, &statement);
		set_base64(one, "x", &envelope);
		json_push(list, json_copy(json_get(one, "x")));
	}
	set_base64(body, "statement", &statement);
	json_set(body, "envelopes", list);
	json_free(one);
	buf_free(&statement);
	buf_free(&envelope);
	return body;
}

/* Admit and keep the new register, as the supervisor does. */
static inline bool
admit(struct test_house *h, const char *person, const struct secret *newcomer, unsigned by, bool own)
{
	struct json *reply = tell(h, WIRE_STEWARD, steward_message(h, person, newcomer, by, own));

	if (reply == NULL)
		return false;
	get_base64(reply, "register", &h->register_text);
	json_free(reply);
	return true;
}

/* Data keys go in by headers for the vault, as seal makes them; the table says what they commit to. */
static inline void
make_shards(struct test_house *h)
{
	struct secret *writer_secret, *shared;
	uint8_t writer[X25519_LEN], header[HEADER_LEN], wrapped[WRAPPED_LEN];
	struct json *body, *reply;
	char path[128];

	must_have(writer_secret = header_keypair(writer, &e));
	must_have(shared = header_shared_writer(writer_secret, h->key.card.vault, &e));
	for (unsigned i = 0; i < ROWS; i++) {
		struct shard_line line = {.body = 128, .plain = 100, .segments = 1, .members = 2};

		(void)snprintf(line.name, sizeof(line.name), i + 1 < ROWS ? "shard-%05u" : "index", i);
		must_have(h->data_key[i] = secret_random(32, &e));
		header_commitment(h->data_key[i], line.commitment);
		must(header_make(shared, writer, h->data_key[i], header, &e));
		must(table_encode_line(&line, &h->part[TABLE], &e));
		(void)snprintf(path, sizeof(path), VERSION "/abroad/%s", line.name);
		body = json_object();
		json_set_string(body, "shard", path);
		json_set_hex(body, "commitment", line.commitment, 32);
		json_set_hex(body, "header", header, HEADER_LEN);
		must_have(reply = tell(h, WIRE_KEY_INTAKE, body));
		must(json_need_hex(reply, "wrapped", wrapped, WRAPPED_LEN, "wrapped", &e));
		must(buf_put(&h->part[WRAPPED], wrapped, WRAPPED_LEN, &e));
		json_free(reply);
	}
	secret_free(shared);
	secret_free(writer_secret);
}

static inline void
make_manifest(struct test_house *h, const struct secret *by)
{
	static char site[] = "lumi", country[] = "FI", none[] = "none", sealed[] = "sealed", version[] = "1";
	static char *open[] = {site}, *hold[] = {country};
	struct manifest *m = &h->manifest;
	struct buf statement;

	*m = (struct manifest){.house = HOUSE,
	    .holder = "umc",
	    .dataset = "scans",
	    .dataset_id = DATASET,
	    .version = 1,
	    .version_id = VERSION,
	    .set_count = 1,
	    .scrubber = version};
	m->sets[0] = (struct manifest_set){.name = "abroad",
	    .hold = hold,
	    .hold_count = 1,
	    .open = open,
	    .open_count = 1,
	    .evidence = none,
	    .results = sealed,
	    .shards = ROWS - 1,
	    .members = 4};
	digest_bytes(h->part[TABLE].data, h->part[TABLE].len, m->sets[0].table);
	buf_init(&statement, MANIFEST_MAX);
	must(manifest_encode(m, &statement, &e));
	sign_envelope(&h->part[MANIFEST], by, DSSE_MANIFEST, &statement);
	digest_bytes(statement.data, statement.len, h->request.manifest);
	buf_free(&statement);
}

/* The request as it now stands in h, approved by two of the stewards. */
static inline void
make_request(struct test_house *h, unsigned first, unsigned second)
{
	buf_clear(&h->part[REQUEST]);
	must(request_encode(&h->request, &h->part[REQUEST], &e));
	sign_envelope(&h->part[APPROVAL], h->steward[first], DSSE_REQUEST, &h->part[REQUEST]);
	sign_envelope(&h->part[APPROVAL_2], h->steward[second], DSSE_REQUEST, &h->part[REQUEST]);
	h->approvals = 2;
}

static inline void
house_make(struct test_house *h)
{
	static const char *const persons[] = {"alice@umc.example", "bob@umc.example", "carol@umc.example"};
	struct json *body = json_object();

	memset(h, 0, sizeof(*h));
	buf_init(&h->register_text, 65536);
	for (size_t i = 0; i < PARTS; i++)
		buf_init(&h->part[i], 16u << 20);
	must_have(h->root = secret_random(ROOT_LEN, &e));
	must(key_init(h->root, HOUSE, &h->blobs, &e));
	must(h->journal = memfd_create("journal", MFD_CLOEXEC));
	h->sign = open_blob(h, "sign", KEY_SIGN);
	h->log = open_blob(h, "log", KEY_LOG);
	get_base64(h->blobs, "register", &h->register_text);
	must(start_key(h));
	for (unsigned i = 0; i < 3; i++) {
		must_have(h->steward[i] = secret_random(SIGN_SEED_LEN, &e));
		must(admit(h, persons[i], h->steward[i], i == 2 ? 3 : 0, true) ? 0 : -1);
	}
	json_set_string(body, "dataset", DATASET);
	json_free(tell(h, WIRE_KEK_NEW, body));
	make_shards(h);
	must_have(h->job = secret_random(SIGN_SEED_LEN, &e));
	h->request = (struct request){.holder = "umc",
	    .dataset = "scans",
	    .version_id = VERSION,
	    .set = "abroad",
	    .site = "lumi",
	    .slots = 2,
	    .redemptions = 3,
	    .not_before = NOW - 100,
	    .not_after = NOW + 100,
	    .requester = "researcher@example"};
	must(sign_public(h->job, h->request.job_key, &e));
	make_manifest(h, h->sign);
	make_request(h, 0, 1);
}

static inline void
house_free(struct test_house *h)
{
	key_open_free(&h->key);
	(void)close(h->journal);
	for (size_t i = 0; i < PARTS; i++)
		buf_free(&h->part[i]);
	buf_free(&h->register_text);
	for (size_t i = 0; i < 3; i++)
		secret_free(h->steward[i]);
	for (size_t i = 0; i < ROWS; i++)
		secret_free(h->data_key[i]);
	secret_free(h->node);
	secret_free(h->root);
	secret_free(h->sign);
	secret_free(h->log);
	secret_free(h->job);
	json_free(h->blobs);
}

#endif
