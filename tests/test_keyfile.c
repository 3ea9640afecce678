/* Key files of other tools are opened, altered ones are not, and what is written here is read again. */
#include "vectors.h"
#include "stager/header.h"
#include "stager/keyfile.h"

#include <unistd.h>

static struct err e;
static struct secret *right, *wrong;

/* A file of tests/vectors/c4gh-full as a secret. */
static struct secret *
text_of(const char *name)
{
	struct secret *s;
	char path[64];
	struct buf b;

	(void)snprintf(path, sizeof(path), "c4gh-full/%s", name);
	CHECK_OK(vector_read(path, &b, &e));
	s = secret_of(b.data, b.len);
	buf_free(&b);
	return s;
}

static struct secret *
decoded(const char *name)
{
	struct secret *text = text_of(name), *file = keyfile_decode(text, &e);

	CHECK(file != NULL);
	secret_free(text);
	return file;
}

/* The file opens and gives this key. */
static void
test_opens(const char *name, const char *hex, bool locked)
{
	struct secret *file = decoded(name), *key, *want;
	bool says = !locked;
	char path[64];

	(void)snprintf(path, sizeof(path), "c4gh-full/%s", hex);
	want = vector_secret(path);
	CHECK_OK(keyfile_locked(file, &says, &e));
	CHECK(says == locked);
	key = keyfile_open(file, locked ? right : NULL, &e);
	CHECK(key != NULL && key->len == X25519_LEN && memcmp(key->bytes, want->bytes, X25519_LEN) == 0);
	secret_free(key);
	if (locked) {
		/* Once for each kind: it takes its time. */
		if (strcmp(name, "scrypt.key") == 0 || strcmp(name, "ssh-short") == 0)
			CHECK(keyfile_open(file, wrong, &e) == NULL && e.code == ERR_REFUSED);
		CHECK(keyfile_open(file, NULL, &e) == NULL && e.code == ERR_REFUSED);
	}
	secret_free(want);
	secret_free(file);
}

/* Cut anywhere, with a byte behind, with any byte altered: never another key. Without a passphrase, for speed. */
static void
test_damaged(const char *name)
{
	struct secret *file = decoded(name), *key = keyfile_open(file, NULL, &e), *copy, *other;
	size_t taken = 0;

	CHECK(key != NULL);
	for (size_t len = 1; len < file->len; len++) {
		copy = secret_of(file->bytes, len);
		other = keyfile_open(copy, NULL, &e);
		/* A c4gh-v1 file ends well before its comment too. */
		CHECK(other == NULL || memcmp(other->bytes, key->bytes, X25519_LEN) == 0);
		taken += other != NULL;
		secret_free(other);
		secret_free(copy);
	}
	CHECK(taken <= 1);
	copy = secret_new(file->len + 1, &e);
	memcpy(copy->bytes, file->bytes, file->len);
	CHECK(keyfile_open(copy, NULL, &e) == NULL && e.code == ERR_INPUT);
	secret_free(copy);
	for (size_t i = 0; i < file->len; i++) {
		bool locked;

		file->bytes[i] ^= 0x41;
		other = keyfile_open(file, NULL, &e);
		/* The key itself in the clear has no check in c4gh-v1; OpenSSH's pair has. Comments have none. */
		if (other != NULL && strncmp(name, "ssh", 3) == 0)
			CHECK(memcmp(other->bytes, key->bytes, X25519_LEN) == 0);
		secret_free(other);
		(void)!keyfile_locked(file, &locked, &e);
		file->bytes[i] ^= 0x41;
	}
	secret_free(key);
	secret_free(file);
}

/* Under a passphrase every byte counts, but for names of which another reading exists. */
static void
test_damaged_locked(void)
{
	struct secret *file = decoded("scrypt.key"), *key, *want = vector_secret("c4gh-full/reader.hex");

	/* Salt, nonce, key, MAC; rounds count for nothing with scrypt. */
	for (size_t i = 21; i < file->len; i += 19) {
		file->bytes[i] ^= 1;
		key = keyfile_open(file, right, &e);
		CHECK(key == NULL);
		secret_free(key);
		file->bytes[i] ^= 1;
	}
	CHECK((key = keyfile_open(file, right, &e)) != NULL && memcmp(key->bytes, want->bytes, 32) == 0);
	secret_free(key);
	secret_free(want);
	secret_free(file);
}

static void
test_armour(void)
{
	static const char *const bad[] = {"x", "-----BEGIN X-----", "-----BEGIN X-----\n-----END X-----\n",
	    "-----BEGIN X-----\n!!!!\n-----END X-----\n",
	    "-----END X-----\nYzRnaC12MQ==\n-----BEGIN X-----\n",
	    "-----BEGIN X-----\nYzRnaC12MQ=\n-----END X-----\n", "YzRnaC12MQ==\n", "-----BEGIN -----END "};
	static const char crlf[] = "\r\n -----BEGIN X-----\r\nYzRn\r\naC12MQ==\r\n-----END X-----\r\n\r\n";
	struct secret *text, *file;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		text = secret_of(bad[i], strlen(bad[i]));
		CHECK(keyfile_decode(text, &e) == NULL && e.code == ERR_INPUT);
		secret_free(text);
	}
	text = secret_of(crlf, strlen(crlf));
	CHECK((file = keyfile_decode(text, &e)) != NULL && file->len == 7 &&
	      memcmp(file->bytes, "c4gh-v1", 7) == 0);
	CHECK(keyfile_open(file, NULL, &e) == NULL && e.code == ERR_INPUT);
	secret_free(file);
	secret_free(text);
}

static void
test_public(void)
{
	static const char *const refused[] = {"rsa.pub", "ecdsa.pub", "none.key", "ssh-plain", "reader.hex"};
	uint8_t got[X25519_LEN], want[X25519_LEN];
	struct secret *key, *text;

	text = text_of("reader.pub");
	key = vector_secret("c4gh-full/reader.hex");
	CHECK_OK(header_public(key, want, &e));
	CHECK_OK(keyfile_public(text->bytes, text->len, got, &e));
	CHECK(memcmp(got, want, sizeof(got)) == 0);
	for (size_t len = 0; len + 1 < text->len; len++)
		CHECK_ERR(keyfile_public(text->bytes, len, got, &e), ERR_INPUT);
	secret_free(text);
	secret_free(key);
	text = text_of("ssh-plain.pub");
	key = vector_secret("c4gh-full/ssh-plain.hex");
	CHECK_OK(header_public(key, want, &e));
	CHECK_OK(keyfile_public(text->bytes, text->len, got, &e));
	CHECK(memcmp(got, want, sizeof(got)) == 0);
	/* Up to the end of its base64. */
	for (size_t len = 0; len < 80; len++)
		CHECK_ERR(keyfile_public(text->bytes, len, got, &e), ERR_INPUT);
	CHECK_OK(keyfile_public(text->bytes, 80, got, &e));
	secret_free(text);
	secret_free(key);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		text = text_of(refused[i]);
		CHECK_ERR(keyfile_public(text->bytes, text->len, got, &e), ERR_INPUT);
		secret_free(text);
	}
	/* y = 0 and y = 1 are points of small order: no key. */
	CHECK_ERR(
	    keyfile_public("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		80, got, &e),
	    ERR_INPUT);
}

static void
test_write(void)
{
	struct secret *key = secret_random(X25519_LEN, &e), *text, *file, *back;
	static char comment[KEYFILE_COMMENT_MAX + 2];
	uint8_t public_key[X25519_LEN], got[X25519_LEN];
	struct buf b;

	for (int with = 0; with < 2; with++) {
		CHECK((text = keyfile_write(key, with == 1 ? right : NULL, "remark", &e)) != NULL);
		CHECK((file = keyfile_decode(text, &e)) != NULL);
		CHECK((back = keyfile_open(file, with == 1 ? right : NULL, &e)) != NULL);
		CHECK(back != NULL && memcmp(back->bytes, key->bytes, X25519_LEN) == 0);
		CHECK(memmem(file->bytes, file->len, "remark", 6) != NULL);
		CHECK((memmem(file->bytes, file->len, key->bytes, 32) == NULL) == (with == 1));
		secret_free(back);
		secret_free(file);
		secret_free(text);
	}
	memset(comment, 'c', sizeof(comment) - 1);
	CHECK(keyfile_write(key, NULL, comment, &e) == NULL && e.code == ERR_LIMIT);
	comment[KEYFILE_COMMENT_MAX] = '\0';
	CHECK((text = keyfile_write(key, right, comment, &e)) != NULL);
	secret_free(text);
	CHECK(keyfile_write(right, NULL, NULL, &e) == NULL);
	buf_init(&b, 1024);
	CHECK_OK(header_public(key, public_key, &e));
	CHECK_OK(keyfile_write_public(public_key, &b, &e));
	CHECK_OK(keyfile_public(b.data, b.len, got, &e));
	CHECK(memcmp(got, public_key, sizeof(got)) == 0);
	buf_free(&b);
	secret_free(key);
}

/* From PyPI's bcrypt 5.0.0: bcrypt.kdf(b"password", salt, length, rounds). */
static void
test_bcrypt(void)
{
	static const struct {
		const char *salt, *want;
		uint32_t rounds;
	} known[] = {
	    {"salt", "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9", 4},
	    {"saltsaltsaltsalt",
		"8974db408c4dbde006ed51d04ad0b2f0b0c91dd000c0107c2d0445f6429c349e0cb70acd1b32cde30d6db096c8f0"
		"78ed",
		8},
	};
	struct secret *pass = secret_of("password", 8), *out;
	char hex[2 * 48 + 1];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		out = secret_new(strlen(known[i].want) / 2, &e);
		CHECK_OK(bcrypt_pbkdf(
		    pass, (const uint8_t *)known[i].salt, strlen(known[i].salt), known[i].rounds, out, &e));
		hex_encode(out->bytes, out->len, hex);
		CHECK(strcmp(hex, known[i].want) == 0);
		secret_free(out);
	}
	out = secret_new(32, &e);
	CHECK_ERR(bcrypt_pbkdf(pass, (const uint8_t *)"salt", 0, 4, out, &e), ERR_INPUT);
	CHECK_ERR(bcrypt_pbkdf(pass, (const uint8_t *)"salt", 4, 0, out, &e), ERR_LIMIT);
	CHECK_ERR(bcrypt_pbkdf(pass, (const uint8_t *)"salt", 4, BCRYPT_ROUNDS_MAX + 1, out, &e), ERR_LIMIT);
	secret_free(out);
	out = secret_new(1025, &e);
	CHECK_ERR(bcrypt_pbkdf(pass, (const uint8_t *)"salt", 4, 1, out, &e), ERR_LIMIT);
	secret_free(out);
	secret_free(pass);
}

static void
test_read(void)
{
	struct secret *text;
	uint8_t many[KEYFILE_LEN_MAX + 1] = {0};
	int fds[2];

	CHECK(pipe(fds) == 0 && write(fds[1], many, sizeof(many)) == (ssize_t)sizeof(many));
	(void)close(fds[1]);
	CHECK(keyfile_read(fds[0], "key", &e) == NULL && e.code == ERR_LIMIT);
	CHECK(keyfile_read(fds[0], "key", &e) == NULL && e.code == ERR_INPUT);
	(void)close(fds[0]);
	CHECK(pipe(fds) == 0 && write(fds[1], many, KEYFILE_LEN_MAX) == KEYFILE_LEN_MAX);
	(void)close(fds[1]);
	CHECK((text = keyfile_read(fds[0], "key", &e)) != NULL && text->len == KEYFILE_LEN_MAX);
	secret_free(text);
	(void)close(fds[0]);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	right = secret_of("correct horse", 13);
	wrong = secret_of("correct horsf", 13);
	test_opens("none.key", "reader.hex", false);
	test_opens("scrypt.key", "reader.hex", true);
	test_opens("pbkdf2.key", "reader.hex", true);
	test_opens("ssh-plain", "ssh-plain.hex", false);
	test_opens("ssh-locked", "ssh-locked.hex", true);
	test_opens("ssh-cbc", "ssh-cbc.hex", true);
	test_opens("ssh-short", "ssh-short.hex", true);
#ifndef STAGER_SANITIZED /* 100 rounds take seconds there */
	test_opens("bcrypt.key", "reader.hex", true);
#endif
	test_damaged("none.key");
	test_damaged("ssh-plain");
	test_damaged_locked();
	test_armour();
	test_public();
	test_write();
	test_bcrypt();
	test_read();
	secret_free(right);
	secret_free(wrong);
	return check_done();
}
