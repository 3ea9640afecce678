/* The table of classes: open addressing, where the upper half of the hashes can be thrown out. */
#include "anonymity_classes.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/anonymity.h"
#include "stager/memory.h"

#define PLACES_MIN 64

_Static_assert(sizeof(((struct classes *)0)->l) == sizeof(uint32_t) * ANONYMITY_SENSITIVE_MAX,
    "one l for each sensitive attribute");

/* Full at seven eighths: beyond, probes grow long. */
static size_t
full(size_t places)
{
	return places - places / 8;
}

int
classes_open(struct classes *c, const struct anonymity *a, uint64_t rows, struct err *e)
{
	size_t place;

	*c = (struct classes){.sensitive_count = a->sensitive_count};
	for (size_t i = 0; i < a->sensitive_count; i++) {
		c->l[i] = a->sensitive[i].l;
		c->value_count += a->sensitive[i].l;
	}
	place = sizeof(*c->keys) + sizeof(*c->counts) + c->value_count * sizeof(*c->values);
	c->places = PLACES_MIN;
	while (full(c->places) < rows && 2 * c->places * place <= a->memory)
		c->places *= 2;
	/* calloc, since most of a table that is never full is never touched. */
	c->keys = calloc(c->places, sizeof(*c->keys));
	c->counts = calloc(c->places, sizeof(*c->counts));
	c->values = calloc(c->places * c->value_count + 1, sizeof(*c->values));
	if (c->keys == NULL || c->counts == NULL || c->values == NULL)
		return err_set(e, ERR_SYSTEM, "disclosure: out of memory for %zu classes", c->places);
	randombytes_buf(c->seed, sizeof(c->seed));
	return 0;
}

void
classes_free(struct classes *c)
{
	memory_wipe_free(c->keys, c->places * sizeof(*c->keys));
	memory_wipe_free(c->counts, c->places * sizeof(*c->counts));
	memory_wipe_free(c->values, c->places * c->value_count * sizeof(*c->values));
	*c = (struct classes){0};
}

static void
empty(struct classes *c)
{
	memset(c->counts, 0, c->places * sizeof(*c->counts));
	c->used = 0;
}

void
classes_first(struct classes *c)
{
	empty(c);
	c->low = 0;
	c->high = UINT64_MAX;
}

bool
classes_more(struct classes *c)
{
	uint64_t width = c->high - c->low;

	if (c->high == UINT64_MAX)
		return false;
	empty(c);
	c->low = c->high + 1;
	/* As wide as the one before, which did fit; the last is what is left. */
	c->high = width > UINT64_MAX - c->low ? UINT64_MAX : c->low + width;
	return true;
}

static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two keyed multiplications, folded. The range goes by the upper bits, the place by the lower ones. */
static inline uint64_t
hash(const struct classes *c, uint64_t key)
{
	return fold(fold(key ^ c->seed[0], UINT64_C(0x9e3779b97f4a7c15) ^ c->seed[1]) ^ key, c->seed[0] | 1);
}

static inline bool
inside(const struct classes *c, uint64_t h)
{
	return h - c->low <= c->high - c->low;
}

/* Where the key is, or the free place where it would be. */
static inline size_t
probe(const struct classes *c, uint64_t key, uint64_t h)
{
	size_t mask = c->places - 1, at = (size_t)h & mask;

	while (c->counts[at] != 0 && c->keys[at] != key)
		at = (at + 1) & mask;
	return at;
}

static void
move(struct classes *c, size_t to, size_t from)
{
	c->keys[to] = c->keys[from];
	c->counts[to] = c->counts[from];
	if (c->value_count > 0)
		memcpy(c->values + to * c->value_count, c->values + from * c->value_count,
		    c->value_count * sizeof(*c->values));
}

/* Take a place's class away, and close the gap: whatever could not be reached over it moves up. */
static void
forget(struct classes *c, size_t gap)
{
	size_t mask = c->places - 1, at = gap, home;

	for (;;) {
		at = (at + 1) & mask;
		if (c->counts[at] == 0)
			break;
		home = (size_t)hash(c, c->keys[at]) & mask;
		/* Does it stand at or behind the gap, seen from where it wants to be? */
		if (((at - home) & mask) >= ((at - gap) & mask)) {
			move(c, gap, at);
			gap = at;
		}
	}
	c->counts[gap] = 0;
	c->used--;
}

/* Half the range, and nothing above it in the table. */
static void
shrink(struct classes *c)
{
	size_t mask = c->places - 1, start = 0, at;

	c->high = c->low + (c->high - c->low) / 2;
	/* From a free place on, a class that moves up comes to a place that is looked at again, never behind. */
	while (c->counts[start] != 0)
		start++;
	for (size_t i = 1; i < c->places; i++) {
		at = (start + i) & mask;
		while (c->counts[at] != 0 && !inside(c, hash(c, c->keys[at])))
			forget(c, at);
	}
}

/* A list of the first l values. One that is full needs no more. */
static inline void
note(uint32_t *values, uint32_t l, uint32_t value)
{
	if (value == 0 || values[l - 1] != 0)
		return;
	for (uint32_t i = 0; i < l; i++) {
		if (values[i] == value)
			return;
		if (values[i] == 0) {
			values[i] = value;
			return;
		}
	}
}

void
classes_add(struct classes *c, uint64_t key, const uint32_t *sensitive, uint32_t rows)
{
	uint64_t h = hash(c, key);
	uint32_t *values;
	size_t at;

	if (!inside(c, h))
		return;
	at = probe(c, key, h);
	if (c->counts[at] == 0) {
		while (c->used >= full(c->places)) {
			shrink(c);
			if (!inside(c, h))
				return;
			at = probe(c, key, h);
		}
		c->used++;
		c->keys[at] = key;
		if (c->value_count > 0)
			memset(c->values + at * c->value_count, 0, c->value_count * sizeof(*c->values));
	}
	c->counts[at] += rows;
	values = c->values + at * c->value_count;
	for (size_t i = 0; i < c->sensitive_count; i++) {
		note(values, c->l[i], sensitive[i]);
		values += c->l[i];
	}
}

size_t
classes_find(const struct classes *c, uint64_t key)
{
	uint64_t h = hash(c, key);
	size_t at;

	if (!inside(c, h))
		return SIZE_MAX;
	at = probe(c, key, h);
	return c->counts[at] == 0 ? SIZE_MAX : at;
}

bool
classes_pass(const struct classes *c, size_t place, uint32_t k)
{
	const uint32_t *values = c->values + place * c->value_count;

	if (c->counts[place] < k)
		return false;
	for (size_t i = 0; i < c->sensitive_count; i++) {
		if (values[c->l[i] - 1] == 0)
			return false;
		values += c->l[i];
	}
	return true;
}
