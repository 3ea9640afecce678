/* SHA-256's compression by the processor's own instructions, where it has them. For mac.c. */
#ifndef CRYPTO_SHA256_X86_H
#define CRYPTO_SHA256_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool sha256_x86_can(void);
/* state: eight words as FIPS 180-4 numbers them. Takes in so many blocks of 64 bytes. Only where sha256_x86_can. */
void sha256_x86_blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count);

#endif
