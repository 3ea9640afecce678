/* Crypt4GH key files: read as text, decoded, unlocked; and public ones of Crypt4GH and OpenSSH. */
#include "stager/keyfile.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "keyfile.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/secret.h"

#define SCRYPT_N (1u << 14)
#define SCRYPT_R 8
#define SCRYPT_P 1
#define PBKDF2_ROUNDS_MAX 10000000

static const char magic[] = "c4gh-v1";

struct secret *
keyfile_read(int fd, const char *what, struct err *e)
{
	struct secret *room = NULL, *text = NULL;
	ssize_t n;

	if ((room = secret_new(KEYFILE_LEN_MAX + 1, e)) == NULL ||
	    (n = io_read(fd, room->bytes, room->len, what, e)) == -1)
		goto out;
	if (n == 0 || n > KEYFILE_LEN_MAX) {
		err_set(e, n == 0 ? ERR_INPUT : ERR_LIMIT, "%s: %s", what,
		    n == 0 ? "empty" : "too long for a key file");
		goto out;
	}
	if ((text = secret_new((size_t)n, e)) != NULL)
		memcpy(text->bytes, room->bytes, (size_t)n);
out:
	secret_free(room);
	return text;
}

/* The first line (true) or the last that is not empty: its start, and its length without white space behind. */
static const uint8_t *
line_at(const uint8_t *text, size_t len, bool first, size_t *line_len)
{
	const uint8_t *end = text + len, *start;

	while (end > text && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	while (text < end && (*text == '\n' || *text == '\r' || *text == ' ' || *text == '\t'))
		text++;
	if (first) {
		start = text;
		while (text < end && *text != '\n' && *text != '\r')
			text++;
		*line_len = (size_t)(text - start);
	} else {
		start = end;
		while (start > text && start[-1] != '\n' && start[-1] != '\r')
			start--;
		*line_len = (size_t)(end - start);
	}
	return start;
}

/* What stands between "-----BEGIN ...-----" and "-----END ...-----", NULL where those do not stand there. */
static const uint8_t *
armour_inside(const uint8_t *text, size_t len, size_t *inside_len)
{
	size_t first_len, last_len;
	const uint8_t *first = line_at(text, len, true, &first_len),
		      *last = line_at(text, len, false, &last_len);
	const size_t begin = sizeof("-----BEGIN ") - 1, end = sizeof("-----END ") - 1, dashes = 5;

	if (last <= first || first_len < begin + dashes || last_len < end + dashes ||
	    memcmp(first, "-----BEGIN ", begin) != 0 || memcmp(last, "-----END ", end) != 0 ||
	    memcmp(first + first_len - dashes, "-----", dashes) != 0 ||
	    memcmp(last + last_len - dashes, "-----", dashes) != 0)
		return NULL;
	*inside_len = (size_t)(last - (first + first_len));
	return first + first_len;
}

struct secret *
keyfile_decode(const struct secret *text, struct err *e)
{
	struct secret *room = NULL, *file = NULL;
	const uint8_t *inside;
	size_t inside_len = 0, len = 0;

	if ((inside = armour_inside(text->bytes, text->len, &inside_len)) == NULL) {
		err_set(e, ERR_INPUT, "key file: its first and last line are none of a private key");
		return NULL;
	}
	if ((room = secret_new(inside_len + 1, e)) == NULL)
		return NULL;
	if (sodium_base642bin(room->bytes, room->len, (const char *)inside, inside_len, " \t\r\n", &len, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    len == 0) {
		err_set(e, ERR_INPUT, "key file: not base64");
		goto out;
	}
	if ((file = secret_new(len, e)) != NULL)
		memcpy(file->bytes, room->bytes, len);
out:
	secret_free(room);
	return file;
}

/* ---- c4gh-v1 ---- */

/* A string: u16 BE length, bytes. */
static int
take_string(struct view *v, const uint8_t **at, uint16_t *len, struct err *e)
{
	if (view_u16be(v, len, e) == -1 || (*at = view_bytes(v, *len, e)) == NULL)
		return -1;
	return 0;
}

static bool
is(const uint8_t *at, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(at, name, len) == 0;
}

enum kdf { KDF_NONE, KDF_SCRYPT, KDF_BCRYPT, KDF_PBKDF2 };

struct parts {
	enum kdf kdf;
	uint32_t rounds;
	const uint8_t *salt, *blob; /* inside the file */
	size_t salt_len;
	uint16_t blob_len;
};

static int
parse(const struct secret *file, struct parts *p, struct err *e)
{
	struct view v = view_of(file->bytes, file->len, "key file");
	const uint8_t *at;
	uint16_t len;

	memset(p, 0, sizeof(*p));
	if ((at = view_bytes(&v, sizeof(magic) - 1, e)) == NULL)
		return -1;
	if (!is(at, sizeof(magic) - 1, magic))
		return err_set(e, ERR_INPUT, "key file: neither Crypt4GH nor OpenSSH");
	if (take_string(&v, &at, &len, e) == -1)
		return -1;
	if (is(at, len, "none"))
		p->kdf = KDF_NONE;
	else if (is(at, len, "scrypt"))
		p->kdf = KDF_SCRYPT;
	else if (is(at, len, "bcrypt"))
		p->kdf = KDF_BCRYPT;
	else if (is(at, len, "pbkdf2_hmac_sha256"))
		p->kdf = KDF_PBKDF2;
	else
		return err_set(e, ERR_INPUT, "key file: a key derivation that is not known here");
	if (p->kdf != KDF_NONE) {
		struct view options;

		if (take_string(&v, &at, &len, e) == -1)
			return -1;
		options = view_of(at, len, "key file");
		if (view_u32be(&options, &p->rounds, e) == -1)
			return -1;
		p->salt = options.data;
		p->salt_len = options.len;
	}
	if (take_string(&v, &at, &len, e) == -1)
		return -1;
	if (!is(at, len, p->kdf == KDF_NONE ? "none" : "chacha20_poly1305"))
		return err_set(e, ERR_INPUT, "key file: a cipher that is not known here");
	if (take_string(&v, &p->blob, &p->blob_len, e) == -1)
		return -1;
	if (p->blob_len != (p->kdf == KDF_NONE ? X25519_LEN : LOCKED_LEN))
		return err_set(e, ERR_INPUT, "key file: its key has a wrong length");
	/* A comment may follow, and nothing else. */
	if (v.len > 0 && take_string(&v, &at, &len, e) == -1)
		return -1;
	return view_expect_end(&v, e);
}

int
keyfile_scrypt(
    const struct secret *passphrase, const uint8_t *salt, size_t salt_len, struct secret *out, struct err *e)
{
	if (crypto_pwhash_scryptsalsa208sha256_ll(passphrase->bytes, passphrase->len, salt, salt_len,
		SCRYPT_N, SCRYPT_R, SCRYPT_P, out->bytes, out->len) != 0)
		return err_set(e, ERR_SYSTEM, "scrypt: out of memory");
	return 0;
}

static int
derive(const struct parts *p, const struct secret *passphrase, struct secret *out, struct err *e)
{
	if (p->kdf == KDF_SCRYPT)
		return keyfile_scrypt(passphrase, p->salt, p->salt_len, out, e);
	if (p->kdf == KDF_BCRYPT)
		return bcrypt_pbkdf(passphrase, p->salt, p->salt_len, p->rounds, out, e);
	if (p->rounds == 0 || p->rounds > PBKDF2_ROUNDS_MAX)
		return err_set(e, ERR_LIMIT, "key file: more rounds than %d, or none", PBKDF2_ROUNDS_MAX);
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    PKCS5_PBKDF2_HMAC((const char *)passphrase->bytes, (int)passphrase->len, p->salt,
		(int)p->salt_len, (int)p->rounds, EVP_sha256(), (int)out->len, out->bytes) != 1)
		return err_set(e, ERR_SYSTEM, "key file: OpenSSL failed");
	return 0;
}

static struct secret *
open_c4gh(const struct secret *file, const struct secret *passphrase, struct err *e)
{
	struct secret *key = NULL, *derived = NULL;
	struct parts p;

	if (parse(file, &p, e) == -1)
		return NULL;
	if (p.kdf == KDF_NONE) {
		if ((key = secret_new(X25519_LEN, e)) != NULL)
			memcpy(key->bytes, p.blob, X25519_LEN);
		return key;
	}
	if (passphrase == NULL) {
		err_set(e, ERR_REFUSED, "key file: it takes a passphrase");
		return NULL;
	}
	if ((derived = secret_new(crypto_aead_chacha20poly1305_ietf_KEYBYTES, e)) == NULL ||
	    derive(&p, passphrase, derived, e) == -1 || (key = secret_new(X25519_LEN, e)) == NULL)
		goto fail;
	if (crypto_aead_chacha20poly1305_ietf_decrypt(key->bytes, NULL, NULL,
		p.blob + crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
		p.blob_len - crypto_aead_chacha20poly1305_ietf_NPUBBYTES, NULL, 0, p.blob,
		derived->bytes) != 0) {
		err_set(e, ERR_REFUSED, "key file: wrong passphrase, or the file was altered");
		goto fail;
	}
	secret_free(derived);
	return key;
fail:
	secret_free(derived);
	secret_free(key);
	return NULL;
}

/* ---- either kind ---- */

int
keyfile_locked(const struct secret *file, bool *locked, struct err *e)
{
	struct parts p;

	if (keyfile_is_ssh(file))
		return keyfile_ssh_locked(file, locked, e);
	if (parse(file, &p, e) == -1)
		return -1;
	*locked = p.kdf != KDF_NONE;
	return 0;
}

struct secret *
keyfile_open(const struct secret *file, const struct secret *passphrase, struct err *e)
{
	return keyfile_is_ssh(file) ? keyfile_ssh_open(file, passphrase, e) : open_c4gh(file, passphrase, e);
}

int
keyfile_public(const void *text, size_t len, uint8_t public_key[static X25519_LEN], struct err *e)
{
	size_t inside_len = 0, line_len, got = 0;
	const uint8_t *line, *inside;

	if (len > KEYFILE_LEN_MAX)
		return err_set(e, ERR_LIMIT, "public key: too long");
	line = line_at(text, len, true, &line_len);
	if (line_len > 4 && memcmp(line, "ssh-", 4) == 0)
		return keyfile_ssh_public(line, line_len, public_key, e);
	if ((inside = armour_inside(text, len, &inside_len)) == NULL)
		return err_set(e, ERR_INPUT, "public key: neither Crypt4GH nor OpenSSH");
	if (memmem(line, line_len, "CRYPT4GH PUBLIC KEY", 19) == NULL)
		return err_set(e, ERR_INPUT, "public key: it is another kind of file");
	if (sodium_base642bin(public_key, X25519_LEN, (const char *)inside, inside_len, " \t\r\n", &got, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    got != X25519_LEN)
		return err_set(e, ERR_INPUT, "public key: not base64 of %d bytes", X25519_LEN);
	return 0;
}
