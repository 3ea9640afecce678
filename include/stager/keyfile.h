/*
 * Key files that Crypt4GH tools use: c4gh-v1 private keys, their public keys, and OpenSSH Ed25519 keys, converted
 * to X25519. crypto/keyfile.c, keyfile_ssh.c, keyfile_write.c, bcrypt_pbkdf.c.
 */
#ifndef STAGER_KEYFILE_H
#define STAGER_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/header.h"

struct secret;

#define KEYFILE_LEN_MAX 16384 /* bytes of a key file */
#define KEYFILE_COMMENT_MAX 1024
#define PASSPHRASE_MAX 1024

/* All of fd, into locked memory. what: the file's name, for messages. */
struct secret *keyfile_read(int fd, const char *what, struct err *e) MUST_CHECK;
/* A private key file's content, decoded: its base64 undone. ERR_INPUT where it is none. */
struct secret *keyfile_decode(const struct secret *text, struct err *e) MUST_CHECK;
/* Does opening it take a passphrase? -1 with ERR_INPUT where it is no key that is known here. */
int keyfile_locked(const struct secret *file, bool *locked, struct err *e) MUST_CHECK;
/*
 * The X25519 secret key in it. passphrase: NULL where it has none. ERR_INPUT where its form is wrong or not known
 * here; ERR_REFUSED where the passphrase is missing or wrong.
 */
struct secret *keyfile_open(
    const struct secret *file, const struct secret *passphrase, struct err *e) MUST_CHECK;
/* The X25519 public key in a public key file: Crypt4GH's, or a line of OpenSSH. ERR_INPUT. */
int keyfile_public(
    const void *text, size_t len, uint8_t public_key[static X25519_LEN], struct err *e) MUST_CHECK;

/* Write a key as a c4gh-v1 file: under scrypt and chacha20_poly1305 with a passphrase, in the clear without one
 * (NULL). comment may be NULL. The text is a secret; caller frees. */
struct secret *keyfile_write(
    const struct secret *key, const struct secret *passphrase, const char *comment, struct err *e) MUST_CHECK;
int keyfile_write_public(
    const uint8_t public_key[static X25519_LEN], struct buf *out, struct err *e) MUST_CHECK;

/*
 * bcrypt_pbkdf of OpenBSD. out->len bytes. ERR_INPUT for an empty passphrase or salt, ERR_LIMIT where rounds are 0
 * or over BCRYPT_ROUNDS_MAX, or for more than 1024 bytes.
 */
#define BCRYPT_ROUNDS_MAX 4096
#define BCRYPT_SALT_MAX 1024
int bcrypt_pbkdf(const struct secret *passphrase, const uint8_t *salt, size_t salt_len, uint32_t rounds,
    struct secret *out, struct err *e) MUST_CHECK;

#endif
