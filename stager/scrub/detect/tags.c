/* The numbers of the tags in one document: the same value, the same number. */
#include "detect.h"

#include <stdlib.h>

#define TAGS_FIRST 64

void
tags_init(struct tags *t, size_t extras)
{
	*t = (struct tags){.kinds = SPAN_TYPES + extras};
}

void
tags_free(struct tags *t)
{
	free(t->keys);
	free(t->numbers);
	free(t->next);
	*t = (struct tags){0};
}

/* Memory only once there is something to number: most short texts have nothing. */
static int
tags_start(struct tags *t, struct err *e)
{
	t->keys = calloc(TAGS_FIRST, sizeof(*t->keys));
	t->numbers = calloc(TAGS_FIRST, sizeof(*t->numbers));
	t->next = calloc(t->kinds + 1, sizeof(*t->next));
	if (t->keys == NULL || t->numbers == NULL || t->next == NULL) {
		tags_free(t);
		return err_set(e, ERR_SYSTEM, "text: out of memory");
	}
	t->cap = TAGS_FIRST;
	return 0;
}

/* Spreads all bits (the finaliser of SplitMix64). */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static size_t
tags_slot(const uint64_t *keys, size_t cap, uint64_t key)
{
	size_t slot = (size_t)key & (cap - 1);

	while (keys[slot] != 0 && keys[slot] != key)
		slot = (slot + 1) & (cap - 1);
	return slot;
}

static int
tags_grow(struct tags *t, struct err *e)
{
	size_t cap = t->cap * 2, slot;
	uint64_t *keys = calloc(cap, sizeof(*keys));
	uint32_t *numbers = calloc(cap, sizeof(*numbers));

	if (keys == NULL || numbers == NULL) {
		free(keys);
		free(numbers);
		return err_set(e, ERR_SYSTEM, "text: out of memory");
	}
	for (size_t i = 0; i < t->cap; i++) {
		if (t->keys[i] == 0)
			continue;
		slot = tags_slot(keys, cap, t->keys[i]);
		keys[slot] = t->keys[i];
		numbers[slot] = t->numbers[i];
	}
	free(t->keys);
	free(t->numbers);
	t->keys = keys;
	t->numbers = numbers;
	t->cap = cap;
	return 0;
}

int
tags_number(struct tags *t, const struct span *f, uint32_t *number, struct err *e)
{
	size_t kind = (size_t)f->type + (f->type == SPAN_EXTRA ? f->extra : 0), slot;
	uint64_t key = mix(mix(f->value) + kind + 1);

	if (key == 0)
		key = 1;
	if (t->cap == 0 && tags_start(t, e) == -1)
		return -1;
	slot = tags_slot(t->keys, t->cap, key);
	if (t->keys[slot] == 0) {
		if (t->count >= t->cap / 4 * 3) {
			if (tags_grow(t, e) == -1)
				return -1;
			slot = tags_slot(t->keys, t->cap, key);
		}
		t->keys[slot] = key;
		t->numbers[slot] = ++t->next[kind];
		t->count++;
	}
	*number = t->numbers[slot];
	return 0;
}
