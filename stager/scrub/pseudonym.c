/* Keyed pseudonyms: the same person gets the same one in every format of a project, and nobody without the
 * key finds the way back. */
#include "stager/scrub.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/enc.h"
#include "stager/mac.h"
#include "stager/secret.h"

#define PSEUDONYM_BYTES 16
/* Rows of one person often stand together: what was made last is kept, a place for each value by its hash. */
#define RECENT_COUNT 256 /* a power of two */
#define RECENT_VALUE_MAX 37

struct recent {
	uint8_t len; /* 0: nothing here */
	char value[RECENT_VALUE_MAX];
	char pseudonym[PSEUDONYM_LEN];
};

/* Lies in secret memory whole. The states know the key: who has one can make pseudonyms. */
struct states {
	struct mac pseudonym, uid, shift;
	struct recent recent[RECENT_COUNT];
};

struct pseudonym_key {
	struct secret *memory;
	struct states *states; /* in memory */
};

/* The label's NUL is its own terminator. */
static void
prepare(struct mac *mac, const struct secret *subkey, const char *label)
{
	mac_prepare(mac, subkey->bytes, subkey->len, label, strlen(label) + 1);
}

struct pseudonym_key *
pseudonym_key_new(const struct secret *subkey, struct err *e)
{
	struct pseudonym_key *key = NULL;

	if ((key = calloc(1, sizeof(*key))) == NULL) {
		err_sys(e, "pseudonym key");
		goto fail;
	}
	if ((key->memory = secret_new(sizeof(*key->states), e)) == NULL)
		goto fail;
	key->states = (struct states *)(void *)key->memory->bytes;
	prepare(&key->states->pseudonym, subkey, "pseudonym");
	prepare(&key->states->uid, subkey, "uid");
	prepare(&key->states->shift, subkey, "shift");
	return key;
fail:
	pseudonym_key_free(key);
	return NULL;
}

void
pseudonym_key_free(struct pseudonym_key *key)
{
	if (key == NULL)
		return;
	secret_free(key->memory);
	free(key);
}

/* The first bytes of the HMAC. */
static void
finish(struct mac *mac, const char *value, size_t len, uint8_t out[static PSEUDONYM_BYTES])
{
	uint8_t whole[MAC_LEN];

	mac_make(mac, value, len, whole);
	memcpy(out, whole, PSEUDONYM_BYTES);
	sodium_memzero(whole, sizeof(whole));
}

/* Where a value of 1 to RECENT_VALUE_MAX bytes is kept, or would be. */
static size_t
recent_place(const char *value, size_t len)
{
	uint64_t hash = len;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)value[i]) * UINT64_C(0x100000001b3);
	return (hash ^ hash >> 32) % RECENT_COUNT;
}

void
pseudonym_make(struct pseudonym_key *key, const char *value, size_t len, char out[static PSEUDONYM_LEN + 1])
{
	struct states *s = key->states;
	struct recent *recent;
	uint8_t bytes[PSEUDONYM_BYTES];
	bool kept; /* others are made anew each time */

	while (len > 0 && value[0] == ' ') {
		value++;
		len--;
	}
	while (len > 0 && value[len - 1] == ' ')
		len--;
	kept = len > 0 && len <= RECENT_VALUE_MAX;
	recent = &s->recent[kept ? recent_place(value, len) : 0];
	if (kept && recent->len == len && memcmp(recent->value, value, len) == 0) {
		memcpy(out, recent->pseudonym, PSEUDONYM_LEN);
		out[PSEUDONYM_LEN] = '\0';
		return;
	}
	finish(&s->pseudonym, value, len, bytes);
	base32_encode(bytes, sizeof(bytes), out);
	if (kept) {
		recent->len = (uint8_t)len;
		memcpy(recent->value, value, len);
		memcpy(recent->pseudonym, out, PSEUDONYM_LEN);
	}
}

void
pseudonym_uid(struct pseudonym_key *key, const char *uid, size_t len, uint8_t out[static 16])
{
	finish(&key->states->uid, uid, len, out);
}

void
pseudonym_shift(struct pseudonym_key *key, const char *value, size_t len, uint8_t out[static 16])
{
	finish(&key->states->shift, value, len, out);
}
