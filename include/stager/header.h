/* Crypt4GH v1 headers: one data key for one reader in 124 bytes; and the X25519 keys they are made with. By
 * libsodium. */
#ifndef STAGER_HEADER_H
#define STAGER_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret;

#define HEADER_LEN 124 /* magic 8 | version 4 | count 4 | packet 108 */
#define X25519_LEN 32
#define COMMITMENT_LEN 32

/* A new X25519 secret key (32 bytes) and its public key. */
struct secret *header_keypair(uint8_t public_key[static X25519_LEN], struct err *e) MUST_CHECK;
int header_public(
    const struct secret *secret_key, uint8_t public_key[static X25519_LEN], struct err *e) MUST_CHECK;

/*
 * One packet (type 0, method 0) with data_key (32 bytes) for one reader. The packet key is made once for a
 * writer and a reader by header_shared, then used for many shards: one curve operation a release.
 */
struct secret *header_shared_writer(
    const struct secret *writer_secret, const uint8_t reader[static X25519_LEN], struct err *e) MUST_CHECK;
struct secret *header_shared_reader(
    const struct secret *reader_secret, const uint8_t writer[static X25519_LEN], struct err *e) MUST_CHECK;
int header_make(const struct secret *shared, const uint8_t writer[static X25519_LEN],
    const struct secret *data_key, uint8_t out[static HEADER_LEN], struct err *e) MUST_CHECK;
/*
 * The data key of a header in our profile: exactly one packet, written by writer, no edit list. Anything else
 * is ERR_FORGED, whoever could open it. Returns a new secret of 32 bytes.
 */
struct secret *header_open(const struct secret *shared, const uint8_t writer[static X25519_LEN],
    const uint8_t header[static HEADER_LEN], struct err *e) MUST_CHECK;
/* The writer key a header names, unproven; ERR_INPUT where it is no header of one packet. */
int header_writer(
    const uint8_t header[static HEADER_LEN], uint8_t writer[static X25519_LEN], struct err *e) MUST_CHECK;

/* BLAKE2b-256("stager key commitment v1" | data key): what the manifest says of a shard's key. */
void header_commitment(const struct secret *data_key, uint8_t out[static COMMITMENT_LEN]);

#endif
