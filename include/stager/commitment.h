/*
 * Log entries are commitments: 0x01 | HMAC-SHA-256(salt, type | 0x00 | canonical JSON). The opening (salt,
 * type, JSON) stays in the ledger and goes to auditors; erasing it leaves every proof standing and says
 * nothing any more.
 */
#ifndef STAGER_COMMITMENT_H
#define STAGER_COMMITMENT_H

#include <stddef.h>
#include <stdint.h>

#include "stager/digest.h"
#include "stager/err.h"

#define COMMITMENT_SALT_LEN 32
#define COMMITMENT_ENTRY_LEN (1 + DIGEST_LEN)

void commitment_make(const uint8_t salt[static COMMITMENT_SALT_LEN], const char *type, const void *json,
    size_t len, uint8_t out[static COMMITMENT_ENTRY_LEN]);

#endif
