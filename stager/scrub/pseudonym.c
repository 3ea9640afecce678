/* Keyed pseudonyms: the same person gets the same one in every format of a project, and nobody without the
 * key finds the way back. */
#include "stager/scrub.h"

#include <sodium.h>

#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/secret.h"

#define PSEUDONYM_BYTES 16

/* HMAC-SHA-256(key, label | 0x00 | value)[0:16]. The label's NUL is its own terminator. */
static void
keyed(const struct secret *key, const char *label, size_t label_len, const char *value, size_t len,
    uint8_t out[static PSEUDONYM_BYTES])
{
	struct digest_part parts[2] = {{.data = label, .len = label_len}, {.data = value, .len = len}};
	uint8_t mac[DIGEST_LEN];

	digest_hmac(key->bytes, key->len, parts, 2, mac);
	for (size_t i = 0; i < PSEUDONYM_BYTES; i++)
		out[i] = mac[i];
	sodium_memzero(mac, sizeof(mac));
}

void
pseudonym_make(const struct secret *key, const char *value, size_t len, char out[static PSEUDONYM_LEN + 1])
{
	static const char label[] = "pseudonym";
	uint8_t bytes[PSEUDONYM_BYTES];

	while (len > 0 && value[0] == ' ') {
		value++;
		len--;
	}
	while (len > 0 && value[len - 1] == ' ')
		len--;
	keyed(key, label, sizeof(label), value, len, bytes);
	base32_encode(bytes, sizeof(bytes), out);
}

void
pseudonym_uid(const struct secret *key, const char *uid, size_t len, uint8_t out[static 16])
{
	static const char label[] = "uid";

	keyed(key, label, sizeof(label), uid, len, out);
}
