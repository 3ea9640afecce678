/* What the reader and the writer of Crypt4GH headers share. */
#ifndef CRYPTO_PACKETS_H
#define CRYPTO_PACKETS_H

#include <stdint.h>

#define PACKETS_LEAD 16 /* "crypt4gh" | u32 LE version | u32 LE count */
/* u32 LE length | u32 LE method | writer key 32 | nonce 12 | ... | MAC 16 */
#define PACKET_OVERHEAD (4 + 4 + 32 + 12 + 16)

enum packet_type { PACKET_DATA_KEY = 0, PACKET_EDIT_LIST = 1 };

static const uint8_t packets_magic[12] = {'c', 'r', 'y', 'p', 't', '4', 'g', 'h', 1, 0, 0, 0};

#endif
