/* Ed25519 signatures (RFC 8032) and their key files: PEM as OpenSSL reads and writes it (RFC 8410), 0600. */
#ifndef STAGER_SIGN_H
#define STAGER_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

struct secret;

#define SIGN_PUBLIC_LEN 32
#define SIGN_SEED_LEN 32
#define SIGNATURE_LEN 64

/* The public key of a 32-byte seed. */
int sign_public(const struct secret *seed, uint8_t out[static SIGN_PUBLIC_LEN], struct err *e) MUST_CHECK;
int sign_make(const struct secret *seed, const void *message, size_t len, uint8_t out[static SIGNATURE_LEN],
    struct err *e) MUST_CHECK;
/* 0 where it is good; ERR_FORGED where it is not. what: the thing signed, for the message. */
int sign_check(const uint8_t key[static SIGN_PUBLIC_LEN], const void *message, size_t len,
    const uint8_t signature[static SIGNATURE_LEN], const char *what, struct err *e) MUST_CHECK;

/*
 * "-----BEGIN PRIVATE KEY-----" (PKCS #8, Ed25519). The text is written to fd straight from locked memory.
 * Reading takes what fd gives (at most 4 KiB) into locked memory; ERR_INPUT where it is no unencrypted
 * Ed25519 key.
 */
int sign_write_pem(const struct secret *seed, int fd, struct err *e) MUST_CHECK;
struct secret *sign_read_pem(int fd, const char *what, struct err *e) MUST_CHECK;
/* "-----BEGIN PUBLIC KEY-----", appended to out / read from text. */
int sign_public_pem(const uint8_t key[static SIGN_PUBLIC_LEN], struct buf *out, struct err *e) MUST_CHECK;
int sign_public_from_pem(const char *text, size_t len, uint8_t out[static SIGN_PUBLIC_LEN], const char *what,
    struct err *e) MUST_CHECK;
/* The key's name in envelopes: the first 16 hex digits of SHA-256 of the public key. */
#define SIGN_KEYID_LEN 16
void sign_keyid(const uint8_t key[static SIGN_PUBLIC_LEN], char out[static SIGN_KEYID_LEN + 1]);

#endif
