/* The names of a text that were found for sure: they are looked for in the rest of it. */
#include "name.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_MIN 3 /* letters */
#define NEAR_MIN 6

struct names *
names_new(struct err *e)
{
	struct names *n = malloc(sizeof(*n));

	if (n == NULL) {
		err_sys(e, "text: memory for names");
		return NULL;
	}
	n->seen_count = n->near_count = 0;
	return n;
}

void
names_free(struct names *n)
{
	free(n);
}

static uint32_t *
slot_of(const struct work *w, uint32_t hash)
{
	return &w->names->seen[(hash ^ hash >> 10 ^ hash >> 20) % SEEN_SLOTS];
}

void
name_learn(struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	struct names *n = w->names;
	uint32_t *slot = slot_of(w, t->hash);

	if (t->len < SEEN_MIN || (name_of(w, i) & (NAME_STOP | NAME_EPONYM | NAME_NEVER | NAME_INTERFIX)))
		return;
	if (n->seen_count++ == 0)
		memset(n->seen, 0, sizeof(n->seen));
	if (*slot == t->hash)
		return;
	*slot = t->hash;
	n->near[n->near_count % SEEN_NEAR].start = t->start;
	n->near[n->near_count++ % SEEN_NEAR].len = t->len;
}

bool
name_seen(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	/* Before a name is learnt there is nothing in the slots, be it even zeros. */
	return w->names->seen_count > 0 && ((t->len >= SEEN_MIN) & (*slot_of(w, t->hash) == t->hash));
}

void
name_again(const struct work *w, uint64_t again[static BLOCK_TOKENS / 64 + 1])
{
	for (size_t from = 0; from < w->token_count; from += 64) {
		size_t end = from + 64 < w->token_count ? from + 64 : w->token_count;
		uint64_t some = w->titles[from / 64];

		for (size_t i = from; i < end; i++)
			some |= (uint64_t)name_seen(w, (long)i) << (i - from);
		again[from / 64] = some;
	}
}

/* One letter more, less, other, or two exchanged; both in one case. */
static bool
is_near(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t head = 0, tail = 0, more = a_len > b_len ? a_len : b_len;

	while (head < a_len && head < b_len && (a[head] | 0x20) == (b[head] | 0x20))
		head++;
	while (tail < a_len - head && tail < b_len - head &&
	       (a[a_len - 1 - tail] | 0x20) == (b[b_len - 1 - tail] | 0x20))
		tail++;
	if (head + tail + 1 >= more)
		return true;
	return a_len == b_len && head + tail + 2 == a_len && (a[head] | 0x20) == (b[head + 1] | 0x20) &&
	       (a[head + 1] | 0x20) == (b[head] | 0x20);
}

bool
name_seen_near(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	const struct names *n = w->names;
	size_t count = n->near_count < SEEN_NEAR ? n->near_count : SEEN_NEAR;

	if (t->len < NEAR_MIN)
		return false;
	for (size_t k = 0; k < count; k++) {
		size_t len = n->near[k].len;

		if (len < NEAR_MIN || len + 1 < t->len || t->len + 1 < len)
			continue;
		if (is_near(w->in.s + t->start, t->len, w->in.s + n->near[k].start, len))
			return true;
	}
	return false;
}
