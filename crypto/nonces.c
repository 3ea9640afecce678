/* Nonces of one key, and whether one came twice: bounded in memory, and no attacker chooses where they fall. */
#include "stager/crypt4gh.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define SLOTS_FIRST 1024u
#define SLOTS_MAX (2 * C4GH_SEGMENTS_MAX)

/* A table with open addresses, at most half full. */
struct slot {
	uint8_t nonce[C4GH_NONCE_LEN];
	uint32_t segment; /* + 1; 0: empty */
};

struct nonces {
	struct slot *slots;
	size_t size, count;
	uint64_t segments; /* of all */
	uint64_t climbed;  /* nonces 0, 1, 2, ... below this were there, in that order */
	uint8_t seed[crypto_shorthash_KEYBYTES]; /* so that nobody can aim at one chain */
};

struct nonces *
nonces_new(struct err *e)
{
	struct nonces *n = calloc(1, sizeof(*n));

	if (n == NULL)
		err_set(e, ERR_SYSTEM, "nonces: out of memory");
	else
		randombytes_buf(n->seed, sizeof(n->seed));
	return n;
}

void
nonces_free(struct nonces *n)
{
	if (n == NULL)
		return;
	free(n->slots);
	free(n);
}

/* Where this nonce stands, or the empty slot where it would. */
static struct slot *
find(struct nonces *n, const uint8_t *nonce)
{
	uint8_t hash[crypto_shorthash_BYTES];
	size_t at = 0;

	(void)crypto_shorthash(hash, nonce, C4GH_NONCE_LEN, n->seed);
	for (unsigned i = 0; i < sizeof(uint32_t); i++)
		at |= (size_t)hash[i] << 8 * i;
	for (at &= n->size - 1; n->slots[at].segment != 0; at = (at + 1) & (n->size - 1))
		if (memcmp(n->slots[at].nonce, nonce, C4GH_NONCE_LEN) == 0)
			break;
	return &n->slots[at];
}

/* Twice the room. */
static int
grow(struct nonces *n, struct err *e)
{
	struct slot *old = n->slots;
	const size_t old_size = n->size;

	if (old_size == SLOTS_MAX)
		return err_set(e, ERR_LIMIT, "nonces: more than %u under one key that do not count up",
		    C4GH_SEGMENTS_MAX);
	n->size = old_size == 0 ? SLOTS_FIRST : 2 * old_size;
	if ((n->slots = calloc(n->size, sizeof(struct slot))) == NULL) {
		n->slots = old;
		n->size = old_size;
		return err_set(e, ERR_SYSTEM, "nonces: out of memory");
	}
	for (size_t i = 0; i < old_size; i++)
		if (old[i].segment != 0)
			*find(n, old[i].nonce) = old[i];
	free(old);
	return 0;
}

static int
repeated(const struct nonces *n, uint64_t first, struct err *e)
{
	return err_set(e, ERR_INPUT,
	    "segment %llu: has the nonce of segment %llu under the same key: whoever sees both can read and "
	    "forge",
	    (unsigned long long)n->segments, (unsigned long long)first);
}

int
nonces_add(struct nonces *n, const uint8_t nonce[static C4GH_NONCE_LEN], struct err *e)
{
	struct slot *slot;
	uint64_t index;
	bool last;

	if (n->segments >= UINT32_MAX)
		return err_set(e, ERR_LIMIT, "nonces: too many segments");
	/* Those that count up from 0 in order need no table. */
	if (c4gh_nonce_place(nonce, &index, &last) && !last) {
		if (index < n->climbed)
			return repeated(n, index, e);
		if (index == n->climbed && n->climbed == n->segments) {
			n->climbed++;
			n->segments++;
			return 0;
		}
	}
	if (2 * (n->count + 1) > n->size && grow(n, e) == -1)
		return -1;
	slot = find(n, nonce);
	if (slot->segment != 0)
		return repeated(n, slot->segment - 1, e);
	memcpy(slot->nonce, nonce, C4GH_NONCE_LEN);
	slot->segment = (uint32_t)n->segments + 1;
	n->count++;
	n->segments++;
	return 0;
}
