/* The purpose `open`: dataset keys taken in under KEKs, challenges, and the stewards' register. */
#include "key_open.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/keystore.h"

#define BLOB_MAX 8192
#define SHARD_NAME_MAX 16 /* "shard-00000" */

void
key_mac(const struct secret *mac_key, const char *label, const struct digest_part *parts, size_t count,
    uint8_t out[static DIGEST_LEN])
{
	struct digest_part all[5] = {{label, strlen(label) + 1}};

	if (count > 4)
		abort();
	for (size_t i = 0; i < count; i++)
		all[i + 1] = parts[i];
	digest_hmac(mac_key->bytes, mac_key->len, all, count + 1, out);
}

int64_t
key_now(const struct key_open *k)
{
	return k->now != 0 ? k->now : (int64_t)time(NULL);
}

static struct secret *
slice(const struct secret *from, size_t at, size_t len, struct err *e)
{
	struct secret *s = secret_new(len, e);

	if (s != NULL)
		memcpy(s->bytes, from->bytes + at, len);
	return s;
}

int
key_open_start(struct key_open *k, const char *house, uint32_t generation, const struct secret *keys,
    int journal_fd, struct err *e)
{
	memset(k, 0, sizeof(*k));
	k->generation = generation;
	k->journal.fd = -1;
	if (keys->len <= KEY_OPEN_SECRETS)
		return err_set(e, ERR_FORGED, "keys: too short");
	if (house_card_decode(keys->bytes + KEY_OPEN_SECRETS, keys->len - KEY_OPEN_SECRETS, &k->card, e) ==
	    -1)
		return -1;
	if (strcmp(k->card.house, house) != 0)
		return err_set(e, ERR_FORGED, "keys: of another house");
	if ((k->vault = slice(keys, 0, 32, e)) == NULL || (k->kek_key = slice(keys, 32, 32, e)) == NULL ||
	    (k->mac_key = slice(keys, 64, 32, e)) == NULL ||
	    journal_open(&k->journal, journal_fd, k->mac_key, e) == -1) {
		key_open_free(k);
		return -1;
	}
	return 0;
}

void
key_open_free(struct key_open *k)
{
	journal_close(&k->journal);
	register_free(&k->stewards);
	secret_free(k->kek);
	secret_free(k->mac_key);
	secret_free(k->kek_key);
	secret_free(k->vault);
	memset(k, 0, sizeof(*k));
	k->journal.fd = -1;
}

/* 26 characters of base32, as dataset and version ids are. */
static bool
id_ok(const char *text)
{
	return strlen(text) == MANIFEST_ID_LEN &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz234567") == MANIFEST_ID_LEN;
}

/* The message's dataset becomes the one whose KEK is loaded. */
static int
set_dataset(struct key_open *k, const struct json *body, struct secret *kek, struct err *e)
{
	const char *dataset = json_need_string(body, "dataset", "KEK", e);

	if (dataset == NULL)
		return -1;
	if (!id_ok(dataset))
		return err_set(e, ERR_INPUT, "KEK: no dataset id");
	secret_free(k->kek);
	k->kek = kek;
	memcpy(k->dataset, dataset, sizeof(k->dataset));
	return 0;
}

static int
kek_new(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	struct secret *kek = NULL, *subkey = NULL;
	struct json *j = json_object();
	struct buf blob;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	if ((kek = secret_random(32, e)) == NULL || set_dataset(k, body, kek, e) == -1) {
		secret_free(kek);
		goto out;
	}
	if ((subkey = keystore_subkey(k->kek_key, KEY_KEK, k->card.house, e)) == NULL ||
	    keystore_seal(subkey, KEY_KEK, k->generation, k->dataset, k->kek, &blob, e) == -1)
		goto out;
	json_set(j, "blob", json_base64(blob.data, blob.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	json_free(j);
	secret_free(subkey);
	buf_free(&blob);
	return rc;
}

static int
kek_load(struct key_open *k, const struct json *body, struct err *e)
{
	const char *dataset = json_need_string(body, "dataset", "KEK", e);
	struct secret *kek = NULL, *subkey = NULL;
	uint32_t generation = 0;
	struct buf blob;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	if (dataset == NULL || json_need_base64(body, "blob", &blob, "KEK", e) == -1)
		goto out;
	if ((subkey = keystore_subkey(k->kek_key, KEY_KEK, k->card.house, e)) == NULL ||
	    (kek = keystore_open(subkey, KEY_KEK, dataset, blob.data, blob.len, &generation, e)) == NULL)
		goto out;
	if (generation != k->generation) {
		err_set(
		    e, ERR_FORGED, "KEK: of generation %u, where %u is in force", generation, k->generation);
		goto out;
	}
	if ((rc = set_dataset(k, body, kek, e)) == 0)
		kek = NULL;
out:
	secret_free(kek);
	secret_free(subkey);
	buf_free(&blob);
	return rc;
}

bool
key_shard_path_ok(const char *path)
{
	char version[MANIFEST_ID_LEN + 1], set[MANIFEST_NAME_MAX + 1];
	const char *first = strchr(path, '/'), *second = first == NULL ? NULL : strchr(first + 1, '/');
	const char *name;

	if (second == NULL || first - path != MANIFEST_ID_LEN || second - first - 1 > MANIFEST_NAME_MAX)
		return false;
	memcpy(version, path, MANIFEST_ID_LEN);
	version[MANIFEST_ID_LEN] = '\0';
	memcpy(set, first + 1, (size_t)(second - first - 1));
	set[second - first - 1] = '\0';
	name = second + 1;
	if (!id_ok(version) || !manifest_name_ok(set))
		return false;
	if (strcmp(name, "index") == 0)
		return true;
	return strncmp(name, "shard-", 6) == 0 && strlen(name) >= 11 && strlen(name) < SHARD_NAME_MAX &&
	       strspn(name + 6, "0123456789") == strlen(name + 6);
}

/* A shard's data key goes from seal's header for the vault to a wrapping under the dataset's KEK. */
static int
intake(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	uint8_t header[HEADER_LEN], writer[X25519_LEN], commitment[COMMITMENT_LEN], real[COMMITMENT_LEN];
	const char *shard = json_need_string(body, "shard", "intake", e);
	struct secret *shared = NULL, *data_key = NULL;
	uint8_t wrapped[WRAPPED_LEN];
	int rc = -1;

	if (shard == NULL ||
	    json_need_hex(body, "commitment", commitment, COMMITMENT_LEN, "intake", e) == -1 ||
	    json_need_hex(body, "header", header, HEADER_LEN, "intake", e) == -1)
		return -1;
	if (k->kek == NULL)
		return err_set(e, ERR_INPUT, "intake: no KEK is loaded");
	if (!key_shard_path_ok(shard))
		return err_set(e, ERR_INPUT, "intake: no shard's path");
	if (header_writer(header, writer, e) == -1 ||
	    (shared = header_shared_reader(k->vault, writer, e)) == NULL ||
	    (data_key = header_open(shared, writer, header, e)) == NULL) {
		err_context(e, "%s", shard);
		goto out;
	}
	header_commitment(data_key, real);
	if (memcmp(real, commitment, COMMITMENT_LEN) != 0) {
		err_set(e, ERR_FORGED, "%s: the data key is not the one committed to", shard);
		goto out;
	}
	if (keystore_wrap(k->kek, k->dataset, shard, commitment, data_key, wrapped, e) == -1)
		goto out;
	*reply = json_object();
	json_set_hex(*reply, "wrapped", wrapped, WRAPPED_LEN);
	rc = 0;
out:
	secret_free(data_key);
	secret_free(shared);
	return rc;
}

struct secret *
key_unwrap(const struct key_open *k, const struct json *body, const char *shard, struct err *e)
{
	uint8_t wrapped[WRAPPED_LEN], commitment[COMMITMENT_LEN], real[COMMITMENT_LEN];
	struct secret *data_key;

	if (json_need_hex(body, "commitment", commitment, COMMITMENT_LEN, "data key", e) == -1 ||
	    json_need_hex(body, "wrapped", wrapped, WRAPPED_LEN, "data key", e) == -1)
		return NULL;
	if (k->kek == NULL || !key_shard_path_ok(shard)) {
		err_set(e, ERR_INPUT, "data key: no KEK is loaded, or no shard's path");
		return NULL;
	}
	if ((data_key = keystore_unwrap(k->kek, k->dataset, shard, commitment, wrapped, e)) == NULL)
		return NULL;
	header_commitment(data_key, real);
	if (memcmp(real, commitment, COMMITMENT_LEN) != 0) {
		err_set(e, ERR_FORGED, "%s: the data key is not the one committed to", shard);
		secret_free(data_key);
		return NULL;
	}
	return data_key;
}

/* That a wrapped key still opens, and to what was committed to: `stager verify` asks for every shard. */
static int
prove(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	const char *shard = json_need_string(body, "shard", "proof", e);
	struct secret *data_key;

	if (shard == NULL || (data_key = key_unwrap(k, body, shard, e)) == NULL)
		return -1;
	secret_free(data_key);
	*reply = json_object();
	return 0;
}

void
key_challenge_mac(const struct key_open *k, const uint8_t nonce[static RELEASE_NONCE_LEN], int64_t expiry,
    const uint8_t request[static DIGEST_LEN], uint8_t out[static DIGEST_LEN])
{
	struct digest_part parts[3] = {{nonce, RELEASE_NONCE_LEN}, {NULL, 8}, {request, DIGEST_LEN}};
	uint8_t when[8];

	for (unsigned i = 0; i < 8; i++)
		when[i] = (uint8_t)((uint64_t)expiry >> (56 - 8 * i));
	parts[1].data = when;
	key_mac(k->mac_key, "stager challenge v1", parts, 3, out);
}

/* Stateless: whatever comes back carries the proof that it was asked by this house, lately. */
static int
challenge(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	uint8_t request[DIGEST_LEN], mac[DIGEST_LEN];
	int64_t expiry = key_now(k) + RELEASE_CHALLENGE_SECONDS;
	struct secret *nonce;

	if (json_need_hex(body, "request", request, DIGEST_LEN, "challenge", e) == -1 ||
	    (nonce = secret_random(RELEASE_NONCE_LEN, e)) == NULL)
		return -1;
	key_challenge_mac(k, nonce->bytes, expiry, request, mac);
	*reply = json_object();
	json_set_hex(*reply, "nonce", nonce->bytes, RELEASE_NONCE_LEN);
	json_set_int(*reply, "expiry", expiry);
	json_set_hex(*reply, "mac", mac, DIGEST_LEN);
	json_set_int(*reply, "size", (int64_t)k->journal.log_size);
	secret_free(nonce);
	return 0;
}

/* The register as the supervisor keeps it; never an older one than was seen before. */
static int
load_register(struct key_open *k, const struct json *body, struct err *e)
{
	struct record seen = {.type = RECORD_REGISTER};
	const struct journal *j = &k->journal;
	struct buf text;
	int rc = -1;

	buf_init(&text, REGISTER_LEN_MAX);
	if (j->fd == -1) {
		err_set(e, ERR_INPUT, "stewards' register: this instance has no journal");
		goto out;
	}
	if (json_need_base64(body, "register", &text, "stewards' register", e) == -1 ||
	    register_decode(&k->stewards, k->mac_key, text.data, text.len, e) == -1)
		goto out;
	if (k->stewards.count < j->register_count ||
	    (k->stewards.count == j->register_count && j->register_count > 0 &&
		!digest_equal(k->stewards.mac, j->register_mac))) {
		err_set(e, ERR_FORGED, "alarm: stewards' register: rollback to one before the last seen");
		goto out;
	}
	if (k->stewards.count > j->register_count) {
		seen.number = k->stewards.count;
		memcpy(seen.digest, k->stewards.mac, DIGEST_LEN);
		if (journal_append(&k->journal, &seen, 1, e) == -1)
			goto out;
	}
	k->has_register = true;
	rc = 0;
out:
	buf_free(&text);
	return rc;
}

/*
 * Admit a steward and give the new register back. The journal learns of it when the supervisor loads it the
 * next time: a crash before it was written leaves the old one good.
 */
static int
admit(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	struct dsse *envelopes[RELEASE_ENVELOPES_MAX] = {NULL};
	struct json *j = json_object();
	const struct json *list;
	struct buf statement, text;
	int rc = -1;

	buf_init(&statement, STEWARD_MAX);
	buf_init(&text, REGISTER_LEN_MAX);
	if (!k->has_register) {
		err_set(e, ERR_INPUT, "steward: the register is not loaded");
		goto out;
	}
	if (json_need_base64(body, "statement", &statement, "steward", e) == -1 ||
	    (list = json_need(body, "envelopes", JSON_ARRAY, "steward", e)) == NULL)
		goto out;
	if (list->count > RELEASE_ENVELOPES_MAX) {
		err_set(e, ERR_LIMIT, "steward: over %d envelopes", RELEASE_ENVELOPES_MAX);
		goto out;
	}
	for (size_t i = 0; i < list->count; i++)
		if ((envelopes[i] = key_envelope(list->items[i], "steward", e)) == NULL)
			goto out;
	if (register_admit(&k->stewards, &statement, envelopes, list->count, e) == -1 ||
	    register_encode(&k->stewards, k->mac_key, &text, e) == -1)
		goto out;
	json_set(j, "register", json_base64(text.data, text.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	for (size_t i = 0; i < RELEASE_ENVELOPES_MAX; i++)
		dsse_free(envelopes[i]);
	json_free(j);
	buf_free(&statement);
	buf_free(&text);
	return rc;
}

struct dsse *
key_envelope(const struct json *item, const char *what, struct err *e)
{
	struct dsse *d = NULL;
	struct buf bytes;

	buf_init(&bytes, 2 * DSSE_PAYLOAD_MAX);
	if (item->type != JSON_STRING)
		err_set(e, ERR_INPUT, "%s: an envelope is no text", what);
	else if (base64_decode(item->string, strlen(item->string), &bytes, what, e) == 0)
		d = dsse_decode(bytes.data, bytes.len, what, e);
	buf_free(&bytes);
	return d;
}

int
key_open_message(struct key_open *k, enum wire_type type, const struct json *body, enum wire_type *reply_type,
    struct json **reply, struct err *e)
{
	*reply = NULL;
	*reply_type = (enum wire_type)0;
	switch (type) {
	case WIRE_KEK_NEW:
		*reply_type = WIRE_KEK_BLOB;
		return kek_new(k, body, reply, e);
	case WIRE_KEK_LOAD:
		return kek_load(k, body, e);
	case WIRE_KEY_INTAKE:
		*reply_type = WIRE_KEY_WRAPPED;
		return intake(k, body, reply, e);
	case WIRE_KEY_PROVE:
		*reply_type = WIRE_OK;
		return prove(k, body, reply, e);
	case WIRE_KEY_REWRAP:
		*reply_type = WIRE_KEY_WRAPPED;
		return key_rewrap(k, body, reply, e);
	case WIRE_CHALLENGE:
		*reply_type = WIRE_CHALLENGE_IS;
		return challenge(k, body, reply, e);
	case WIRE_REGISTER:
		return load_register(k, body, e);
	case WIRE_STEWARD:
		*reply_type = WIRE_OK;
		return admit(k, body, reply, e);
	case WIRE_RELEASE:
		*reply_type = WIRE_RELEASED;
		return key_release(k, body, reply, e);
	default:
		return err_set(
		    e, ERR_INPUT, "control message: type %d is nothing for the purpose open", (int)type);
	}
}
