/* Blobs of the key store on their way into the next generation. */
#include "key_house.h"

static struct json *
reseal_body(const struct buf *blob, int64_t generation)
{
	struct json *j = json_object();

	json_set(j, "blob", json_base64(blob->data, blob->len));
	json_set_int(j, "generation", generation);
	return j;
}

/* A blob of this purpose opens under this root secret, and is of this generation. */
static bool
opens(const struct secret *with, enum key_purpose purpose, const char *house, const struct buf *blob,
    uint32_t wanted)
{
	struct secret *subkey = keystore_subkey(with, purpose, house, &e), *keys;
	uint32_t generation = 0;

	must_have(subkey);
	keys = keystore_open(subkey, purpose, house, blob->data, blob->len, &generation, &e);
	secret_free(subkey);
	secret_free(keys);
	return keys != NULL && generation == wanted && keystore_generation(blob->data, blob->len) == wanted;
}

static int
reseal(enum key_purpose purpose, const struct secret *old, const struct secret *fresh, const char *house,
    const struct buf *blob, int64_t generation, struct buf *out)
{
	struct key_reseal x = {.from = 0};
	struct json *body = reseal_body(blob, generation), *reply = NULL;
	int rc = key_reseal(&x, purpose, old, fresh, house, body, &reply, &e);

	CHECK((rc == 0) == (reply != NULL));
	if (rc == 0) {
		buf_clear(out);
		get_base64(reply, "blob", out);
	}
	json_free(reply);
	json_free(body);
	key_reseal_free(&x);
	return rc;
}

static void
test_reseal(void)
{
	static const struct {
		const char *name;
		enum key_purpose purpose;
	} all[] = {{"open", KEY_OPEN}, {"ingest", KEY_INGEST}, {"sign", KEY_SIGN},
	    {"pseudonym", KEY_PSEUDONYM}, {"log", KEY_LOG}};
	struct secret *old = secret_random(ROOT_LEN, &e), *fresh = secret_random(ROOT_LEN, &e);
	struct json *blobs = NULL;
	struct buf blob, out;

	buf_init(&blob, 65536);
	buf_init(&out, 65536);
	must(key_init(old, HOUSE, &blobs, &e));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		buf_clear(&blob);
		get_base64(blobs, all[i].name, &blob);
		CHECK(opens(old, all[i].purpose, HOUSE, &blob, 1));
		CHECK_OK(reseal(all[i].purpose, old, fresh, HOUSE, &blob, 2, &out));
		CHECK(opens(fresh, all[i].purpose, HOUSE, &out, 2) &&
		      !opens(old, all[i].purpose, HOUSE, &out, 2));
		CHECK_OK(reseal(all[i].purpose, old, NULL, HOUSE, &blob, 7, &out));
		CHECK(opens(old, all[i].purpose, HOUSE, &out, 7));
		/* Another root secret, house or purpose; a generation that does not follow; every byte of the blob. */
		CHECK_ERR(reseal(all[i].purpose, fresh, NULL, HOUSE, &blob, 2, &out), ERR_FORGED);
		CHECK_ERR(reseal(all[i].purpose, old, fresh, "house-b", &blob, 2, &out), ERR_FORGED);
		CHECK_ERR(reseal(all[(i + 1) % 5].purpose, old, fresh, HOUSE, &blob, 2, &out), ERR_FORGED);
		CHECK_ERR(reseal(all[i].purpose, old, fresh, HOUSE, &blob, 1, &out), ERR_INPUT);
		CHECK_OK(reseal(all[i].purpose, old, NULL, HOUSE, &blob, 7, &out));
		CHECK_ERR(reseal(all[i].purpose, old, fresh, HOUSE, &out, 7, &out), ERR_INPUT);
		for (size_t at = 0; at < blob.len; at++) {
			blob.data[at] ^= 1;
			CHECK_ERR(reseal(all[i].purpose, old, fresh, HOUSE, &blob, 2, &out), ERR_FORGED);
			blob.data[at] ^= 1;
		}
	}
	json_free(blobs);
	buf_free(&blob);
	buf_free(&out);
	secret_free(old);
	secret_free(fresh);
}

static struct json *
kek_body(const char *dataset, const struct buf *blob)
{
	struct json *j = json_object();

	json_set_string(j, "dataset", dataset);
	if (blob != NULL)
		json_set(j, "blob", json_base64(blob->data, blob->len));
	return j;
}

/* An open key out of a blob under with. */
static void
load(struct key_open *k, const struct secret *with, const struct buf *blob)
{
	struct secret *subkey = keystore_subkey(with, KEY_OPEN, HOUSE, &e), *keys;
	uint32_t generation = 0;

	must_have(subkey);
	must_have(keys = keystore_open(subkey, KEY_OPEN, HOUSE, blob->data, blob->len, &generation, &e));
	must(key_open_start(k, HOUSE, generation, keys, -1, &e));
	secret_free(keys);
	secret_free(subkey);
}

static int
load_kek(struct key_open *k, const char *dataset, const struct buf *blob)
{
	struct json *body = kek_body(dataset, blob), *reply = NULL;
	enum wire_type type;
	int rc = key_open_message(k, WIRE_KEK_LOAD, body, &type, &reply, &e);

	json_free(body);
	json_free(reply);
	return rc;
}

static int
reseal_kek(struct key_reseal *x, const char *dataset, const struct buf *blob, struct buf *out)
{
	struct json *body = kek_body(dataset, blob), *reply = NULL;
	int rc = key_reseal_kek(x, body, &reply, &e);

	if (rc == 0) {
		buf_clear(out);
		get_base64(reply, "blob", out);
	}
	json_free(body);
	json_free(reply);
	return rc;
}

/* KEKs go along one by one; one that is left behind opens nowhere afterwards, under the same root secret either. */
static void
test_kek(void)
{
	static const char other[] = "bbcdefghijklmnopqrstuvwxyz";
	struct secret *old = secret_random(ROOT_LEN, &e), *kek;
	struct json *blobs = NULL, *body, *reply = NULL;
	struct buf blob, next, kek_1, kek_2, kek_3;
	struct key_reseal x = {.from = 0};
	struct key_open k, k2;
	enum wire_type type;

	buf_init(&blob, 65536);
	buf_init(&next, 65536);
	buf_init(&kek_1, 65536);
	buf_init(&kek_2, 65536);
	buf_init(&kek_3, 65536);
	must(key_init(old, HOUSE, &blobs, &e));
	get_base64(blobs, "open", &blob);
	load(&k, old, &blob);
	body = kek_body(DATASET, NULL);
	must(key_open_message(&k, WIRE_KEK_NEW, body, &type, &reply, &e));
	get_base64(reply, "blob", &kek_1);
	json_free(body);
	json_free(reply);
	must_have(kek = secret_copy(k.kek, &e));

	body = reseal_body(&blob, 2);
	CHECK_OK(key_reseal(&x, KEY_OPEN, old, NULL, HOUSE, body, &reply, &e));
	json_free(body);
	get_base64(reply, "blob", &next);
	json_free(reply);
	load(&k2, old, &next);
	CHECK(k2.generation == 2 && memcmp(k2.vault->bytes, k.vault->bytes, 32) == 0 &&
	      memcmp(k2.mac_key->bytes, k.mac_key->bytes, 32) == 0 &&
	      memcmp(k2.kek_key->bytes, k.kek_key->bytes, 32) != 0);
	CHECK_OK(reseal_kek(&x, DATASET, &kek_1, &kek_2));
	CHECK_OK(load_kek(&k2, DATASET, &kek_2));
	CHECK(memcmp(k2.kek->bytes, kek->bytes, 32) == 0);
	/* The old blob in the new store, the new one in the old, one that says it is of the other generation. */
	CHECK_ERR(load_kek(&k2, DATASET, &kek_1), ERR_FORGED);
	CHECK_ERR(load_kek(&k, DATASET, &kek_2), ERR_FORGED);
	kek_1.data[9] = 2;
	CHECK_ERR(load_kek(&k2, DATASET, &kek_1), ERR_FORGED);
	CHECK_ERR(reseal_kek(&x, DATASET, &kek_1, &kek_3), ERR_FORGED);
	kek_1.data[9] = 1;
	/* The right key but another generation: a loader that did not look would take it. */
	{
		struct secret *subkey = keystore_subkey(k2.kek_key, KEY_KEK, HOUSE, &e);

		must(keystore_seal(subkey, KEY_KEK, 1, DATASET, kek, &kek_3, &e));
		secret_free(subkey);
		CHECK_ERR(load_kek(&k2, DATASET, &kek_3), ERR_FORGED);
		CHECK(strstr(e.text, "generation") != NULL);
	}
	/* Another dataset's name; each byte; resealed twice. */
	CHECK_ERR(reseal_kek(&x, other, &kek_1, &kek_3), ERR_FORGED);
	CHECK_ERR(reseal_kek(&x, DATASET, &kek_2, &kek_3), ERR_FORGED);
	for (size_t at = 0; at < kek_1.len; at++) {
		kek_1.data[at] ^= 0x80;
		CHECK_ERR(reseal_kek(&x, DATASET, &kek_1, &kek_3), ERR_FORGED);
		kek_1.data[at] ^= 0x80;
	}
	key_reseal_free(&x);
	key_open_free(&k);
	key_open_free(&k2);
	json_free(blobs);
	secret_free(kek);
	secret_free(old);
	buf_free(&blob);
	buf_free(&next);
	buf_free(&kek_1);
	buf_free(&kek_2);
	buf_free(&kek_3);
}

int
main(void)
{
	must(secret_start(&e));
	test_reseal();
	test_kek();
	return check_done();
}
