/* The keys of a JSON object that no path names, and whether one stands there twice. */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

int
jsonl_keys_push(struct jsonl_record *r, const struct jsonl_string *key, struct err *e)
{
	struct jsonl_key *grown, *k;
	size_t cap;

	if (r->key_count == r->key_cap) {
		cap = r->key_cap == 0 ? 64 : r->key_cap * 2;
		if ((grown = reallocarray(r->keys, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "record: memory for keys");
		r->keys = grown;
		r->key_cap = cap;
	}
	k = &r->keys[r->key_count];
	*k = (struct jsonl_key){.at = key->start + 1, .len = key->len, .escaped = key->escaped};
	if (key->escaped) {
		k->at = r->keys_text.len;
		if (buf_put(&r->keys_text, key->bytes, key->len, e) == -1)
			return -1;
	}
	r->key_count++;
	return 0;
}

static int
compare_keys(const void *a, const void *b, void *record)
{
	const struct jsonl_key *x = a, *y = b;
	const struct jsonl_record *r = record;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	if (x->len == 0)
		return 0;
	return memcmp((x->escaped ? r->keys_text.data : r->s) + x->at,
	    (y->escaped ? r->keys_text.data : r->s) + y->at, x->len);
}

bool
jsonl_keys_repeat(struct jsonl_record *r, size_t first)
{
	struct jsonl_key *keys = r->keys + first;
	size_t count = r->key_count - first;

	if (count > 16) {
		qsort_r(keys, count, sizeof(*keys), compare_keys, r);
		for (size_t i = 1; i < count; i++)
			if (compare_keys(&keys[i - 1], &keys[i], r) == 0)
				return true;
		return false;
	}
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (compare_keys(&keys[i], &keys[k], r) == 0)
				return true;
	return false;
}
