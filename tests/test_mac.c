/* HMACs under one key beside libsodium's, at every length about a block's edge, by the processor's instructions and without. */
#include <stdlib.h>

#include <sodium.h>

#include "check.h"
#include "stager/mac.h"

#define LEN_MAX 300

static struct mac m;

/* libsodium's, of the parts put together. */
static void
plain(const uint8_t *key, size_t key_len, const uint8_t *prefix, size_t prefix_len, const uint8_t *message,
    size_t len, uint8_t out[static MAC_LEN])
{
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, key, key_len);
	(void)crypto_auth_hmacsha256_update(&state, prefix, prefix_len);
	(void)crypto_auth_hmacsha256_update(&state, message, len);
	(void)crypto_auth_hmacsha256_final(&state, out);
}

static void
lengths(const uint8_t *key, size_t key_len, size_t prefix_len)
{
	uint8_t message[LEN_MAX + 1], prefix[MAC_PREFIX_MAX], want[MAC_LEN], got[MAC_LEN];
	bool fast;

	randombytes_buf(message, sizeof(message));
	randombytes_buf(prefix, sizeof(prefix));
	mac_prepare(&m, key, key_len, prefix, prefix_len);
	fast = m.fast;
	for (size_t len = 0; len <= LEN_MAX; len++) {
		plain(key, key_len, prefix, prefix_len, message, len, want);
		m.fast = fast;
		mac_make(&m, message, len, got);
		CHECK(memcmp(got, want, MAC_LEN) == 0);
		m.fast = false;
		mac_make(&m, message, len, got);
		CHECK(memcmp(got, want, MAC_LEN) == 0);
		/* One bit more or less is another MAC. */
		message[len] ^= 1;
		m.fast = fast;
		mac_make(&m, message, len + 1, got);
		CHECK(memcmp(got, want, MAC_LEN) != 0);
		message[len] ^= 1;
	}
}

/* RFC 4231, case 2, split into prefix and message. */
static void
vector(void)
{
	static const uint8_t want[MAC_LEN] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04,
	    0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec,
	    0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	uint8_t got[MAC_LEN];

	mac_prepare(&m, (const uint8_t *)"Jefe", 4, "what do ya ", 11);
	mac_make(&m, "want for nothing?", 17, got);
	CHECK(memcmp(got, want, MAC_LEN) == 0);
	m.fast = false;
	mac_make(&m, "want for nothing?", 17, got);
	CHECK(memcmp(got, want, MAC_LEN) == 0);
}

int
main(void)
{
	uint8_t key[MAC_KEY_MAX];

	if (sodium_init() == -1)
		return 1;
	randombytes_buf(key, sizeof(key));
	vector();
	printf("SHA instructions: %s\n",
	    m.fast || (mac_prepare(&m, key, 1, "", 0), m.fast) ? "used" : "none, libsodium alone");
	for (size_t prefix = 0; prefix <= MAC_PREFIX_MAX; prefix++)
		lengths(key, 32, prefix);
	lengths(key, 1, 4);
	lengths(key, MAC_KEY_MAX, 4);
	return check_done();
}
