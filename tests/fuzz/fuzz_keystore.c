/* Hostile blobs, shares and messages about generations: first byte the kind, the rest the bytes. What opens must be what was sealed. */
#include <stdlib.h>
#include <string.h>

#include "../../stager/roles/key_open.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/share.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t fixed[ROOT_LEN] = "the root secret of the fuzzer ..";
static struct secret *root, *subkey;
static struct buf good, kek;
static struct key_reseal generation;

static void
start(void)
{
	struct secret *keys;
	struct json *blobs, *body = json_object(), *reply;
	struct buf open;
	struct err e;

	buf_init(&good, 65536);
	buf_init(&kek, 65536);
	buf_init(&open, 65536);
	if (secret_start(&e) == -1 || (root = secret_new(ROOT_LEN, &e)) == NULL)
		abort();
	memcpy(root->bytes, fixed, ROOT_LEN);
	if ((subkey = keystore_subkey(root, KEY_SIGN, "house", &e)) == NULL ||
	    (keys = secret_random(32, &e)) == NULL ||
	    keystore_seal(subkey, KEY_SIGN, 1, "house", keys, &good, &e) == -1 ||
	    key_init(root, "house", &blobs, &e) == -1 ||
	    json_need_base64(blobs, "open", &open, "open", &e) == -1)
		abort();
	json_set(body, "blob", json_base64(open.data, open.len));
	json_set_int(body, "generation", 2);
	if (key_reseal(&generation, KEY_OPEN, root, NULL, "house", body, &reply, &e) == -1 ||
	    keystore_seal(generation.kek_from, KEY_KEK, 1, "abcdefghijklmnopqrstuvwxyz", keys, &kek, &e) ==
		-1)
		abort();
	secret_free(keys);
	json_free(blobs);
	json_free(body);
	json_free(reply);
	buf_free(&open);
}

/* A blob that is not the good one, whole, must not open. */
static void
fuzz_blob(const uint8_t *data, size_t len)
{
	uint32_t number = 0;
	struct err e;
	struct secret *keys = keystore_open(subkey, KEY_SIGN, "house", data, len, &number, &e);

	if (keys != NULL && (len != good.len || memcmp(data, good.data, len) != 0))
		abort();
	secret_free(keys);
	(void)keystore_generation(data, len);
}

/* The good one, altered at as many places as there are pairs: place, what is xored in. */
static void
fuzz_altered(const uint8_t *data, size_t len)
{
	uint8_t bytes[256];
	uint32_t number = 0;
	struct secret *keys;
	struct err e;

	memcpy(bytes, good.data, good.len);
	for (size_t i = 0; i + 1 < len; i += 2)
		bytes[data[i] % good.len] ^= data[i + 1];
	keys = keystore_open(subkey, KEY_SIGN, "house", bytes, good.len, &number, &e);
	if ((keys != NULL) != (memcmp(bytes, good.data, good.len) == 0))
		abort();
	secret_free(keys);
}

/* A share's text: what is taken is spelled back the same. */
static void
fuzz_share(const uint8_t *data, size_t len)
{
	struct secret *text, *again;
	struct share s;
	struct err e;

	if (len == 0 || len > SHARE_TEXT_MAX + 1)
		return;
	if ((text = secret_new(len, &e)) == NULL)
		abort();
	memcpy(text->bytes, data, len);
	if (share_decode(text, len, &s, &e) == 0) {
		if ((again = share_encode(&s, &e)) == NULL || again->len != len ||
		    memcmp(again->bytes, data, len) != 0)
			abort();
		secret_free(again);
		again = share_join(&s, 1, &e);
		if (again != NULL)
			abort();
		share_clear(&s);
	} else if (s.value != NULL || e.code != ERR_FORGED) {
		abort();
	}
	secret_free(text);
}

/* A good share around the fuzzer's public lines: its sum is made right, so that what is behind it is reached. */
static void
fuzz_lines(const uint8_t *data, size_t len)
{
	char text[SHARE_TEXT_MAX + 1], sum[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	size_t at;

	if (len > SHARE_TEXT_MAX - 100)
		return;
	memcpy(text, data, len);
	at = len;
	memcpy(text + at, "\nvalue: ", 8);
	at += 8;
	memset(text + at, 'a', 2 * ROOT_LEN);
	at += 2 * ROOT_LEN;
	text[at++] = '\n';
	digest_bytes((const uint8_t *)text, at, digest);
	for (unsigned i = 0; i < DIGEST_LEN; i++) {
		sum[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		sum[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	memcpy(text + at, "sum: ", 5);
	memcpy(text + at + 5, sum, 16);
	text[at + 21] = '\n';
	fuzz_share((const uint8_t *)text, at + 22);
}

/* Messages to an instance that reseals KEKs: another one than the good one is refused. */
static void
fuzz_message(const uint8_t *data, size_t len)
{
	struct json *body, *reply = NULL;
	struct buf blob;
	struct err e;

	if ((body = json_parse(data, len, "fuzz", &e)) == NULL)
		return;
	if (key_reseal_kek(&generation, body, &reply, &e) == 0) {
		buf_init(&blob, 65536);
		if (json_need_base64(body, "blob", &blob, "fuzz", &e) == -1 || blob.len != kek.len ||
		    memcmp(blob.data, kek.data, kek.len) != 0)
			abort();
		buf_free(&blob);
	} else if (reply != NULL) {
		abort();
	}
	json_free(reply);
	reply = NULL;
	{
		struct key_reseal x = {.from = 0};

		if (key_reseal(&x, KEY_OPEN, root, NULL, "house", body, &reply, &e) == -1 && reply != NULL)
			abort();
		json_free(reply);
		key_reseal_free(&x);
	}
	json_free(body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const kinds[])(const uint8_t *, size_t) = {
	    fuzz_blob, fuzz_altered, fuzz_share, fuzz_lines, fuzz_message};

	if (root == NULL)
		start();
	if (len > 0 && data[0] < sizeof(kinds) / sizeof(kinds[0]))
		kinds[data[0]](data + 1, len - 1);
	return 0;
}
