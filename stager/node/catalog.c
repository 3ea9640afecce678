/* Names and places of what a gateway serves: nothing has a name here that the sealed index has not. */
#include "catalog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/node.h"

#define MEMBERS "members/"
#define NAMES_A_SHARD 3 /* .idx, .tar, .tar.idx: in the order of their bytes */

static const char *const endings[NAMES_A_SHARD] = {".idx", ".tar", ".tar.idx"};
static const enum catalog_kind kinds[NAMES_A_SHARD] = {CATALOG_DALI, CATALOG_SHARD, CATALOG_ENERGON};

const char *
catalog_member_name(const struct catalog *c, size_t number)
{
	return c->names + c->members[number].name;
}

/* Room for one more, twice as much each time. */
static int
grow(void **array, size_t *cap, size_t want, size_t size, struct err *e)
{
	size_t more = *cap < 1024 ? 1024 : *cap;
	void *bigger;

	if (want <= *cap)
		return 0;
	while (more < want)
		more *= 2;
	if ((bigger = realloc(*array, more * size)) == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	*array = bigger;
	*cap = more;
	return 0;
}

static int
add_member(void *ctx, const struct node_member *m, struct err *e)
{
	struct catalog *c = ctx;
	size_t len = strlen(m->name) + 1;

	if (c->member_count == UINT32_MAX || len > CATALOG_NAME_MAX - sizeof(MEMBERS))
		return err_set(e, ERR_LIMIT, "index: too many members, or too long a name");
	if (grow((void **)&c->members, &c->member_cap, c->member_count + 1, sizeof(*c->members), e) == -1 ||
	    grow((void **)&c->names, &c->names_cap, c->names_len + len, 1, e) == -1)
		return -1;
	memcpy(c->names + c->names_len, m->name, len);
	c->members[c->member_count] =
	    (struct catalog_member){.offset = m->offset, .size = m->size, .name = c->names_len};
	c->names_len += len;
	c->shards[m->shard].count++;
	c->member_count++;
	return 0;
}

static int
compare_members(const void *a, const void *b, void *ctx)
{
	const struct catalog *c = ctx;

	return strcmp(
	    catalog_member_name(c, *(const uint32_t *)a), catalog_member_name(c, *(const uint32_t *)b));
}

/* By name; none twice. */
static int
sort_members(struct catalog *c, struct err *e)
{
	if ((c->by_name = malloc((c->member_count + 1) * sizeof(*c->by_name))) == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	for (size_t i = 0; i < c->member_count; i++)
		c->by_name[i] = (uint32_t)i;
	qsort_r(c->by_name, c->member_count, sizeof(*c->by_name), compare_members, c);
	for (size_t i = 1; i < c->member_count; i++)
		if (compare_members(&c->by_name[i - 1], &c->by_name[i], c) == 0)
			return err_set(e, ERR_FORGED, "index: a member's name stands twice");
	return 0;
}

int
catalog_new(
    const struct node_release *r, struct node_store *s, const char *url, struct catalog **out, struct err *e)
{
	struct catalog *c = calloc(1, sizeof(*c));
	const struct digest_part parts[] = {{r->table_digest, DIGEST_LEN}, {url, strlen(url)}};

	if (c == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	buf_init(&c->index, CATALOG_MADE_MAX);
	c->release = r;
	c->shard_count = r->table->count - 1;
	digest_prefixed(parts, 2, c->digest);
	c->url = strdup(url);
	if (c->url == NULL || (c->shards = calloc(c->shard_count + 1, sizeof(*c->shards))) == NULL) {
		err_set(e, ERR_SYSTEM, "index: out of memory");
		goto fail;
	}
	for (size_t i = 0; i < c->shard_count; i++)
		c->shards[i].plain = r->table->shards[i].plain;
	if (node_read_index(r, s, add_member, c, e) == -1)
		goto fail;
	for (size_t i = 1; i < c->shard_count; i++)
		c->shards[i].first = c->shards[i - 1].first + c->shards[i - 1].count;
	if (sort_members(c, e) == -1 || catalog_measure(c, e) == -1)
		goto fail;
	*out = c;
	return 0;
fail:
	catalog_free(c);
	return -1;
}

void
catalog_free(struct catalog *c)
{
	if (c == NULL)
		return;
	free(c->members);
	free(c->by_name);
	free(c->names);
	free(c->shards);
	free(c->url);
	buf_free(&c->index);
	free(c);
}

uint64_t
catalog_count(const struct catalog *c)
{
	return 1 + c->member_count + NAMES_A_SHARD * c->shard_count;
}

/* The shard that holds a member. */
static uint64_t
shard_of(const struct catalog *c, size_t member)
{
	size_t low = 0, high = c->shard_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (c->shards[middle].first <= member)
			low = middle;
		else
			high = middle;
	}
	return low;
}

void
catalog_at(const struct catalog *c, uint64_t number, struct catalog_entry *out)
{
	const struct catalog_shard *s;
	uint64_t which;

	memset(out, 0, offsetof(struct catalog_entry, name));
	out->shard = out->offset = 0;
	if (number == 0) {
		out->kind = CATALOG_INDEX;
		(void)snprintf(out->name, sizeof(out->name), "index.json");
		out->len = c->index.len;
		return;
	}
	if (--number < c->member_count) {
		const struct catalog_member *m = &c->members[c->by_name[number]];

		out->kind = CATALOG_MEMBER;
		(void)snprintf(out->name, sizeof(out->name), MEMBERS "%s", c->names + m->name);
		out->shard = shard_of(c, c->by_name[number]);
		out->offset = m->offset;
		out->len = m->size;
		return;
	}
	number -= c->member_count;
	which = number % NAMES_A_SHARD;
	out->shard = number / NAMES_A_SHARD;
	out->kind = kinds[which];
	(void)snprintf(out->name, sizeof(out->name), "shard-%05" PRIu64 "%s", out->shard, endings[which]);
	s = &c->shards[out->shard];
	out->len = out->kind == CATALOG_SHARD  ? s->plain
		   : out->kind == CATALOG_DALI ? s->dali_len
					       : 8 * (s->samples + 1);
}

uint64_t
catalog_find(const struct catalog *c, const char *text)
{
	uint64_t low = 0, high = catalog_count(c);
	struct catalog_entry entry;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		catalog_at(c, middle, &entry);
		if (strcmp(entry.name, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
catalog_get(const struct catalog *c, const char *name, struct catalog_entry *out)
{
	uint64_t number = catalog_find(c, name);

	if (number == catalog_count(c))
		return false;
	catalog_at(c, number, out);
	return strcmp(out->name, name) == 0;
}

int
catalog_make(const struct catalog *c, const struct catalog_entry *entry, struct buf *out, struct err *e)
{
	switch (entry->kind) {
	case CATALOG_INDEX:
		return buf_put(out, c->index.data, c->index.len, e);
	case CATALOG_DALI:
		return catalog_put_dali(c, entry->shard, out, e);
	case CATALOG_ENERGON:
		return catalog_put_energon(c, entry->shard, out, e);
	default:
		return err_set(e, ERR_USAGE, "catalog: nothing to make");
	}
}

void
catalog_tag(const struct catalog *c, const char *name, char out[static CATALOG_TAG_LEN + 1])
{
	const struct digest_part parts[] = {{c->digest, DIGEST_LEN}, {name, strlen(name)}};
	uint8_t digest[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];

	digest_prefixed(parts, 2, digest);
	hex_encode(digest, 16, hex);
	(void)snprintf(out, CATALOG_TAG_LEN + 1, "\"%.32s-1\"", hex);
}
