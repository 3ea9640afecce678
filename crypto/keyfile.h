/* What the files of key file reading share. */
#ifndef CRYPTO_KEYFILE_H
#define CRYPTO_KEYFILE_H

#include "stager/keyfile.h"

#define LOCKED_LEN (12 + X25519_LEN + 16) /* nonce, key, MAC */

/* scrypt with the parameters of c4gh-v1. */
int keyfile_scrypt(const struct secret *passphrase, const uint8_t *salt, size_t salt_len, struct secret *out,
    struct err *e) MUST_CHECK;

bool keyfile_is_ssh(const struct secret *file);
int keyfile_ssh_locked(const struct secret *file, bool *locked, struct err *e) MUST_CHECK;
struct secret *keyfile_ssh_open(
    const struct secret *file, const struct secret *passphrase, struct err *e) MUST_CHECK;
/* One line: "ssh-ed25519 BASE64 comment". */
int keyfile_ssh_public(
    const uint8_t *line, size_t len, uint8_t public_key[static X25519_LEN], struct err *e) MUST_CHECK;

#endif
