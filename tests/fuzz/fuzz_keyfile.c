/* Any bytes as a key file: its text, what its base64 holds, and a public key. */
#include <stdlib.h>
#include <string.h>

#include "stager/keyfile.h"
#include "stager/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
try_file(const struct secret *file)
{
	struct secret *key;
	bool locked;
	struct err e;

	if (keyfile_locked(file, &locked, &e) == -1) {
		if (keyfile_open(file, NULL, &e) != NULL)
			abort();
		return;
	}
	/* A passphrase would cost a second each. */
	key = keyfile_open(file, NULL, &e);
	if (key != NULL && (locked || key->len != X25519_LEN))
		abort();
	secret_free(key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t public_key[X25519_LEN];
	struct secret *text, *file;
	struct err e;

	if (len == 0 || len > KEYFILE_LEN_MAX)
		return 0;
	if (secret_start(&e) == -1)
		abort();
	(void)!keyfile_public(data, len, public_key, &e);
	if ((text = secret_new(len, &e)) == NULL)
		abort();
	memcpy(text->bytes, data, len);
	if ((file = keyfile_decode(text, &e)) != NULL)
		try_file(file);
	try_file(text);
	secret_free(file);
	secret_free(text);
	return 0;
}
