/*
 * OpenSSH's Ed25519 keys, converted to X25519. Format: PROTOCOL.key of OpenSSH. Strings: u32 BE length, bytes.
 *
 * "openssh-key-v1" 0 | str cipher | str kdf | str kdf options (str salt | u32 BE rounds) | u32 BE 1 | str public |
 * str private (u32 check | the same again | str type | str public 32 | str secret 64 | str comment | 1, 2, 3, ...)
 */
#include "keyfile.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "stager/secret.h"

static const char magic[] = "openssh-key-v1"; /* with its NUL */
static const char type[] = "ssh-ed25519";

#define BLOCK_LEN 16 /* of all ciphers here, and so the length of their first vector */
#define PLAIN_BLOCK 8

static const struct cipher {
	const char *ssh, *openssl;
	size_t key_len;
} ciphers[] = {
    {"aes256-ctr", "AES-256-CTR", 32},
    {"aes192-ctr", "AES-192-CTR", 24},
    {"aes128-ctr", "AES-128-CTR", 16},
    {"aes256-cbc", "AES-256-CBC", 32},
    {"aes192-cbc", "AES-192-CBC", 24},
    {"aes128-cbc", "AES-128-CBC", 16},
};

struct parts {
	const struct cipher *cipher;  /* NULL: none */
	const uint8_t *salt, *secret; /* inside the file */
	size_t salt_len, secret_len;
	uint32_t rounds;
	uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES];
};

static int
take_string(struct view *v, struct view *out, struct err *e)
{
	const uint8_t *at;
	uint32_t len;

	if (view_u32be(v, &len, e) == -1 || (at = view_bytes(v, len, e)) == NULL)
		return -1;
	*out = view_of(at, len, v->what);
	return 0;
}

static bool
is(const struct view *v, const char *name)
{
	return v->len == strlen(name) && memcmp(v->data, name, v->len) == 0;
}

/* "ssh-ed25519" and the key. */
static int
take_public(struct view v, uint8_t *public_key, struct err *e)
{
	struct view name, key;

	if (take_string(&v, &name, e) == -1)
		return -1;
	if (!is(&name, type))
		return err_set(e, ERR_INPUT, "%s: an OpenSSH key of another kind than Ed25519", v.what);
	if (take_string(&v, &key, e) == -1 || view_expect_end(&v, e) == -1)
		return -1;
	if (key.len != crypto_sign_ed25519_PUBLICKEYBYTES)
		return err_set(e, ERR_INPUT, "%s: a key of a wrong length", v.what);
	memcpy(public_key, key.data, key.len);
	return 0;
}

bool
keyfile_is_ssh(const struct secret *file)
{
	return file->len >= sizeof(magic) && memcmp(file->bytes, magic, sizeof(magic)) == 0;
}

static int
parse(const struct secret *file, struct parts *p, struct err *e)
{
	struct view v = view_of(file->bytes, file->len, "key file"), cipher, kdf, options, salt, public,
		    secret;
	uint32_t count;

	memset(p, 0, sizeof(*p));
	if (view_bytes(&v, sizeof(magic), e) == NULL || take_string(&v, &cipher, e) == -1 ||
	    take_string(&v, &kdf, e) == -1 || take_string(&v, &options, e) == -1 ||
	    view_u32be(&v, &count, e) == -1)
		return -1;
	if (count != 1)
		return err_set(e, ERR_INPUT, "key file: not one key");
	if (take_string(&v, &public, e) == -1 || take_public(public, p->public_key, e) == -1 ||
	    take_string(&v, &secret, e) == -1 || view_expect_end(&v, e) == -1)
		return -1;
	p->secret = secret.data;
	p->secret_len = secret.len;
	if (is(&cipher, "none") && is(&kdf, "none") && options.len == 0)
		return p->secret_len % PLAIN_BLOCK == 0
			   ? 0
			   : err_set(e, ERR_INPUT, "key file: its secret part has a wrong length");
	if (!is(&kdf, "bcrypt"))
		return err_set(e, ERR_INPUT, "key file: a key derivation that is not known here");
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		if (is(&cipher, ciphers[i].ssh))
			p->cipher = &ciphers[i];
	if (p->cipher == NULL)
		return err_set(e, ERR_INPUT, "key file: a cipher that is not known here");
	if (p->secret_len == 0 || p->secret_len % BLOCK_LEN != 0 || p->secret_len > KEYFILE_LEN_MAX)
		return err_set(e, ERR_INPUT, "key file: its secret part has a wrong length");
	if (take_string(&options, &salt, e) == -1 || view_u32be(&options, &p->rounds, e) == -1 ||
	    view_expect_end(&options, e) == -1)
		return -1;
	p->salt = salt.data;
	p->salt_len = salt.len;
	return 0;
}

int
keyfile_ssh_locked(const struct secret *file, bool *locked, struct err *e)
{
	struct parts p;

	if (parse(file, &p, e) == -1)
		return -1;
	*locked = p.cipher != NULL;
	return 0;
}

/* The secret part in the clear; its check numbers are not looked at yet. */
static struct secret *
decrypt(const struct parts *p, const struct secret *passphrase, struct err *e)
{
	struct secret *derived = NULL, *plain = NULL;
	EVP_CIPHER_CTX *ctx = NULL;
	EVP_CIPHER *cipher = NULL;
	int done = 0, rest = 0;
	bool good = false;

	if ((derived = secret_new(p->cipher->key_len + BLOCK_LEN, e)) == NULL ||
	    bcrypt_pbkdf(passphrase, p->salt, p->salt_len, p->rounds, derived, e) == -1 ||
	    (plain = secret_new(p->secret_len, e)) == NULL)
		goto out;
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 &&
	    (cipher = EVP_CIPHER_fetch(NULL, p->cipher->openssl, NULL)) != NULL &&
	    (ctx = EVP_CIPHER_CTX_new()) != NULL &&
	    EVP_DecryptInit_ex2(ctx, cipher, derived->bytes, derived->bytes + p->cipher->key_len, NULL) ==
		1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_DecryptUpdate(ctx, plain->bytes, &done, p->secret, (int)p->secret_len) == 1 &&
	    EVP_DecryptFinal_ex(ctx, plain->bytes + done, &rest) == 1 &&
	    (size_t)done + (size_t)rest == plain->len)
		good = true;
	else
		err_set(e, ERR_SYSTEM, "key file: OpenSSL failed");
	ERR_clear_error();
out:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	secret_free(derived);
	if (good)
		return plain;
	secret_free(plain);
	return NULL;
}

/* The secret part: its key, where all of it is as it must be. */
static struct secret *
take_secret(const struct parts *p, struct view v, struct err *e)
{
	struct secret *key = NULL, *pair = NULL;
	uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES];
	struct view name, public, both, comment;
	uint32_t check, again;

	if (view_u32be(&v, &check, e) == -1 || view_u32be(&v, &again, e) == -1)
		return NULL;
	if (check != again) {
		err_set(e, p->cipher == NULL ? ERR_INPUT : ERR_REFUSED,
		    "key file: wrong passphrase, or the file was altered");
		return NULL;
	}
	if (take_string(&v, &name, e) == -1 || take_string(&v, &public, e) == -1 ||
	    take_string(&v, &both, e) == -1 || take_string(&v, &comment, e) == -1)
		return NULL;
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] != i + 1 || i >= BLOCK_LEN)
			goto bad;
	if (!is(&name, type) || public.len != sizeof(public_key) ||
	    both.len != crypto_sign_ed25519_SECRETKEYBYTES ||
	    memcmp(public.data, p->public_key, public.len) != 0)
		goto bad;
	if ((pair = secret_new(crypto_sign_ed25519_SECRETKEYBYTES, e)) == NULL ||
	    (key = secret_new(X25519_LEN, e)) == NULL)
		goto fail;
	/* The public key must follow from the seed: who can alter it must not learn anything from its use. */
	(void)crypto_sign_ed25519_seed_keypair(public_key, pair->bytes, both.data);
	if (memcmp(public_key, p->public_key, sizeof(public_key)) != 0 ||
	    sodium_memcmp(pair->bytes, both.data, both.len) != 0)
		goto bad;
	if (crypto_sign_ed25519_sk_to_curve25519(key->bytes, pair->bytes) != 0)
		goto bad;
	secret_free(pair);
	return key;
bad:
	err_set(e, ERR_INPUT, "key file: its secret part is not as it must be");
fail:
	secret_free(pair);
	secret_free(key);
	return NULL;
}

struct secret *
keyfile_ssh_open(const struct secret *file, const struct secret *passphrase, struct err *e)
{
	struct secret *plain = NULL, *key;
	struct parts p;

	if (parse(file, &p, e) == -1)
		return NULL;
	if (p.cipher == NULL)
		return take_secret(&p, view_of(p.secret, p.secret_len, "key file"), e);
	if (passphrase == NULL) {
		err_set(e, ERR_REFUSED, "key file: it takes a passphrase");
		return NULL;
	}
	if ((plain = decrypt(&p, passphrase, e)) == NULL)
		return NULL;
	key = take_secret(&p, view_of(plain->bytes, plain->len, "key file"), e);
	secret_free(plain);
	return key;
}

int
keyfile_ssh_public(const uint8_t *line, size_t len, uint8_t public_key[static X25519_LEN], struct err *e)
{
	uint8_t blob[128], ed25519[crypto_sign_ed25519_PUBLICKEYBYTES];
	const size_t name_len = sizeof(type) - 1;
	const uint8_t *text = line + name_len + 1, *end = line + len, *stop;
	size_t blob_len = 0;

	if (len <= name_len + 1 || memcmp(line, type, name_len) != 0 || line[name_len] != ' ')
		return err_set(e, ERR_INPUT, "public key: an OpenSSH key of another kind than Ed25519");
	for (stop = text; stop < end && *stop != ' ' && *stop != '\t'; stop++)
		continue;
	if (sodium_base642bin(blob, sizeof(blob), (const char *)text, (size_t)(stop - text), NULL, &blob_len,
		NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return err_set(e, ERR_INPUT, "public key: not base64");
	if (take_public(view_of(blob, blob_len, "public key"), ed25519, e) == -1)
		return -1;
	if (crypto_sign_ed25519_pk_to_curve25519(public_key, ed25519) != 0)
		return err_set(e, ERR_INPUT, "public key: no point of the curve");
	return 0;
}
