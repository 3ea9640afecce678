/* A set of names as digests, in a table with open addressing. */
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#include "stager/digest.h"

static const uint8_t empty[SEEN_LEN];

/* Where the digest stands, or the empty place where it belongs. Some place is always empty. */
static uint8_t *
find(uint8_t (*places)[SEEN_LEN], size_t cap, const uint8_t digest[static SEEN_LEN])
{
	uint64_t key;
	size_t at;

	memcpy(&key, digest, sizeof(key));
	for (at = key & (cap - 1); memcmp(places[at], empty, SEEN_LEN) != 0; at = (at + 1) & (cap - 1))
		if (memcmp(places[at], digest, SEEN_LEN) == 0)
			break;
	return places[at];
}

static int
grow(struct seen *s, struct err *e)
{
	size_t cap = s->cap == 0 ? 256 : s->cap * 2;
	uint8_t(*places)[SEEN_LEN];

	if ((places = calloc(cap, SEEN_LEN)) == NULL)
		return err_set(e, ERR_SYSTEM, "names: out of memory");
	for (size_t i = 0; i < s->cap; i++)
		if (memcmp(s->places[i], empty, SEEN_LEN) != 0)
			memcpy(find(places, cap, s->places[i]), s->places[i], SEEN_LEN);
	free(s->places);
	s->places = places;
	s->cap = cap;
	return 0;
}

int
seen_add(struct seen *s, const char *name, size_t len, struct err *e)
{
	uint8_t digest[DIGEST_LEN], *place;

	if (s->count + 1 > s->cap / 2 && grow(s, e) == -1)
		return -1;
	digest_bytes(name, len, digest);
	digest[SEEN_LEN - 1] |= 1; /* never all zeros */
	place = find(s->places, s->cap, digest);
	if (memcmp(place, digest, SEEN_LEN) == 0)
		return 0;
	memcpy(place, digest, SEEN_LEN);
	s->count++;
	return 1;
}

void
seen_free(struct seen *s)
{
	free(s->places);
	*s = (struct seen){0};
}
