/* Hostile messages to stager-key open, and hostile PEM keys: first byte the kind, the rest the text. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../stager/roles/key_open.h"
#include "stager/dsse.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct key_open key;

/* A house of its own, once: an empty journal, the empty register loaded. */
static void
start(void)
{
	struct secret *root, *subkey, *keys;
	struct json *blobs, *reply;
	enum wire_type type;
	struct buf blob;
	struct err e;

	buf_init(&blob, 65536);
	if (secret_start(&e) == -1 || (root = secret_random(ROOT_LEN, &e)) == NULL ||
	    key_init(root, "house", &blobs, &e) == -1 ||
	    (subkey = keystore_subkey(root, KEY_OPEN, "house", &e)) == NULL ||
	    json_need_base64(blobs, "open", &blob, "open", &e) == -1 ||
	    (keys = keystore_open(subkey, KEY_OPEN, "house", blob.data, blob.len, NULL, &e)) == NULL ||
	    key_open_start(&key, "house", 1, keys, memfd_create("journal", MFD_CLOEXEC), &e) == -1 ||
	    key_open_message(&key, WIRE_REGISTER, blobs, &type, &reply, &e) == -1)
		abort();
	secret_free(root);
	secret_free(subkey);
	secret_free(keys);
	json_free(blobs);
	buf_free(&blob);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const enum wire_type types[] = {WIRE_KEK_NEW, WIRE_KEK_LOAD, WIRE_KEY_INTAKE, WIRE_CHALLENGE,
	    WIRE_REGISTER, WIRE_STEWARD, WIRE_RELEASE, WIRE_END};
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct json *body, *reply = NULL;
	enum wire_type type;
	struct err e;

	if (key.vault == NULL)
		start();
	if (len == 0)
		return 0;
	if (data[0] >= sizeof(types) / sizeof(types[0])) {
		(void)!sign_public_from_pem((const char *)data + 1, len - 1, public_key, "fuzz", &e);
		return 0;
	}
	if ((body = json_parse(data + 1, len - 1, "fuzz", &e)) == NULL)
		return 0;
	if (key_open_message(&key, types[data[0]], body, &type, &reply, &e) == -1 && reply != NULL)
		abort();
	json_free(reply);
	json_free(body);
	return 0;
}
