/* The root secret made from a passphrase, and the public value by which the right one is known. */
#include "stager/root.h"

#include <string.h>

#include <sodium.h>

#include "stager/digest.h"
#include "stager/secret.h"

#define STACK_WIPED 32768 /* more than Argon2id uses */

_Static_assert(ROOT_SALT_LEN == crypto_pwhash_argon2id_SALTBYTES, "Argon2id's salt");
_Static_assert(ROOT_PASSES_MIN >= crypto_pwhash_argon2id_OPSLIMIT_MODERATE &&
		   ROOT_MEMORY_MIN >= crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
    "MODERATE or better");

void
root_kdf_new(struct root_kdf *kdf)
{
	kdf->passes = ROOT_PASSES_MIN;
	kdf->memory = ROOT_MEMORY_MIN;
	randombytes_buf(kdf->salt, sizeof(kdf->salt));
}

struct secret *
root_from_passphrase(const struct secret *passphrase, size_t len, const struct root_kdf *kdf, struct err *e)
{
	struct secret *root;
	int failed;

	if (len == 0 || len > passphrase->len || len > ROOT_PASSPHRASE_MAX) {
		err_set(e, ERR_INPUT, "passphrase: 1 to %d bytes are wanted", ROOT_PASSPHRASE_MAX);
		return NULL;
	}
	if (kdf->passes < ROOT_PASSES_MIN || kdf->passes > ROOT_PASSES_MAX || kdf->memory < ROOT_MEMORY_MIN ||
	    kdf->memory > ROOT_MEMORY_MAX) {
		err_set(e, ERR_LIMIT, "passphrase: passes or memory of its derivation are out of bounds");
		return NULL;
	}
	if ((root = secret_new(ROOT_LEN, e)) == NULL)
		return NULL;
	failed = crypto_pwhash_argon2id(root->bytes, ROOT_LEN, (const char *)passphrase->bytes, len,
	    kdf->salt, kdf->passes, (size_t)kdf->memory, crypto_pwhash_argon2id_ALG_ARGON2ID13);
	/* libsodium 1.0.18's BLAKE2b leaves its last output, which is this secret, on the stack. */
	sodium_stackzero(STACK_WIPED);
	if (failed != 0) {
		err_set(e, ERR_SYSTEM, "passphrase: Argon2id needs %u MiB of memory",
		    (unsigned)(kdf->memory >> 20));
		secret_free(root);
		return NULL;
	}
	return root;
}

int
root_check(const struct secret *root, const char *house, uint8_t out[static ROOT_CHECK_LEN], struct err *e)
{
	const struct digest_part part = {house, strlen(house)};
	struct secret *whole = digest_subkey(root, "stager root check v1", &part, 1, e);

	if (whole == NULL)
		return -1;
	memcpy(out, whole->bytes, ROOT_CHECK_LEN);
	secret_free(whole);
	return 0;
}
