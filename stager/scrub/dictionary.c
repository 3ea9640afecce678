/* Values to codes, by their hashes. */
#include "dictionary.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define PLACES_FIRST 64

/* Where the hash is, or the free place where it would be. */
static struct dictionary_entry *
place_of(const struct dictionary *d, const uint8_t hash[static 16])
{
	uint64_t at;

	memcpy(&at, hash, sizeof(at));
	for (at &= d->places - 1; d->entries[at].code != 0; at = (at + 1) & (d->places - 1))
		if (memcmp(d->entries[at].hash, hash, 16) == 0)
			break;
	return &d->entries[at];
}

static int
grow(struct dictionary *d, struct err *e)
{
	struct dictionary old = *d;

	if (d->count >= DICTIONARY_MAX)
		return err_set(e, ERR_LIMIT, "disclosure: more than %d different values", DICTIONARY_MAX);
	d->places = old.places == 0 ? PLACES_FIRST : 2 * old.places;
	if ((d->entries = calloc(d->places, sizeof(*d->entries))) == NULL) {
		*d = old;
		return err_set(e, ERR_SYSTEM, "disclosure: out of memory for values");
	}
	for (size_t i = 0; i < old.places; i++)
		if (old.entries[i].code != 0)
			*place_of(d, old.entries[i].hash) = old.entries[i];
	free(old.entries);
	return 0;
}

static void
update_folded(crypto_generichash_state *state, const char *value, size_t len)
{
	unsigned char piece[256];
	size_t got;

	for (; len > 0 && *value == ' '; len--)
		value++;
	while (len > 0 && value[len - 1] == ' ')
		len--;
	for (; len > 0; value += got, len -= got) {
		got = len < sizeof(piece) ? len : sizeof(piece);
		for (size_t i = 0; i < got; i++)
			piece[i] = value[i] >= 'A' && value[i] <= 'Z' ? (unsigned char)(value[i] | 0x20)
								      : (unsigned char)value[i];
		(void)crypto_generichash_update(state, piece, got);
	}
	sodium_memzero(piece, sizeof(piece));
}

static int
code_of(struct dictionary *d, uint8_t kind, const void *value, size_t len, bool folded, uint32_t *code,
    struct err *e)
{
	crypto_generichash_state state;
	struct dictionary_entry *entry;
	uint8_t hash[16];

	if (d->places == 0)
		randombytes_buf(d->key, sizeof(d->key));
	if (d->count >= d->places / 2 && grow(d, e) == -1)
		return -1;
	(void)crypto_generichash_init(&state, d->key, sizeof(d->key), sizeof(hash));
	(void)crypto_generichash_update(&state, &kind, 1);
	if (folded)
		update_folded(&state, value, len);
	else
		(void)crypto_generichash_update(&state, value, len);
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_memzero(&state, sizeof(state));
	entry = place_of(d, hash);
	if (entry->code == 0) {
		memcpy(entry->hash, hash, sizeof(hash));
		entry->code = ++d->count;
	}
	*code = entry->code - 1;
	return 0;
}

int
dictionary_code(
    struct dictionary *d, uint8_t kind, const void *value, size_t len, uint32_t *code, struct err *e)
{
	return code_of(d, kind, value, len, false, code, e);
}

int
dictionary_code_folded(
    struct dictionary *d, uint8_t kind, const void *value, size_t len, uint32_t *code, struct err *e)
{
	return code_of(d, kind, value, len, true, code, e);
}

void
dictionary_free(struct dictionary *d)
{
	free(d->entries);
	sodium_memzero(d, sizeof(*d));
}
