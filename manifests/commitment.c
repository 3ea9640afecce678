/* Log entries as commitments: a keyed digest of what happened, whose key is a salt used once. */
#include "stager/commitment.h"

#include <string.h>

#define COMMITMENT_VERSION 0x01

void
commitment_make(const uint8_t salt[static COMMITMENT_SALT_LEN], const char *type, const void *json,
    size_t len, uint8_t out[static COMMITMENT_ENTRY_LEN])
{
	/* The type's own NUL parts it from the JSON. */
	const struct digest_part parts[] = {{type, strlen(type) + 1}, {json, len}};

	out[0] = COMMITMENT_VERSION;
	digest_hmac(salt, COMMITMENT_SALT_LEN, parts, 2, out + 1);
}
