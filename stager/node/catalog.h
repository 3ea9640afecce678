/*
 * What a gateway serves, by name: made of the index and the shard table alone. stager/node/catalog.c (names and places),
 * catalog_made.c (what loaders want to know of shards).
 *
 *   index.json              WIDS: shards with their numbers of samples
 *   members/SUBJECT/NAME    one member's content
 *   shard-00000.idx         NVIDIA DALI's index (wds2idx v1.2)
 *   shard-00000.tar         the shard's plaintext, padding and all
 *   shard-00000.tar.idx     Megatron-Energon's index
 */
#ifndef NODE_CATALOG_H
#define NODE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"

struct node_release;
struct node_store;
struct catalog;

#define CATALOG_NAME_MAX 1024
#define CATALOG_MADE_MAX (256u << 20) /* bytes of something made */
#define CATALOG_TAG_LEN 36            /* "32 hex digits-1" with its quotes: no client takes it for an MD5 */

enum catalog_kind { CATALOG_INDEX, CATALOG_MEMBER, CATALOG_DALI, CATALOG_SHARD, CATALOG_ENERGON };

/* One name, and where its bytes are. */
struct catalog_entry {
	enum catalog_kind kind;
	char name[CATALOG_NAME_MAX + 1];
	uint64_t shard;  /* not of CATALOG_INDEX */
	uint64_t offset; /* in the shard's plaintext: of CATALOG_MEMBER, and 0 of CATALOG_SHARD */
	uint64_t len;
};

/* url: what shard names in index.json are put behind ("http://127.0.0.1:1234/ID/"). Reads the whole index. */
int catalog_new(const struct node_release *r, struct node_store *s, const char *url, struct catalog **out,
    struct err *e) MUST_CHECK;
void catalog_free(struct catalog *c); /* takes NULL */

/* Names in the order of their bytes: how many; the one with this number; the first that is not before text. */
uint64_t catalog_count(const struct catalog *c);
void catalog_at(const struct catalog *c, uint64_t number, struct catalog_entry *out);
uint64_t catalog_find(const struct catalog *c, const char *text);
/* The entry of exactly this name. */
bool catalog_get(const struct catalog *c, const char *name, struct catalog_entry *out);
/* The content of what is made, appended to out. */
int catalog_make(
    const struct catalog *c, const struct catalog_entry *entry, struct buf *out, struct err *e) MUST_CHECK;
/* Its ETag, quotes and all: the same for the same version, name and url. */
void catalog_tag(const struct catalog *c, const char *name, char out[static CATALOG_TAG_LEN + 1]);

/* For catalog_made.c. */
struct catalog_member {
	uint64_t offset, size;
	size_t name; /* in names, with its NUL */
};
struct catalog_shard {
	size_t first, count; /* of members */
	uint64_t plain, samples;
	uint64_t end; /* where the end-of-archive mark begins */
	uint64_t dali_len;
};
struct catalog {
	const struct node_release *release;
	struct catalog_member *members; /* in the order of the shards */
	size_t member_count, member_cap;
	uint32_t *by_name;
	char *names;
	size_t names_len, names_cap;
	struct catalog_shard *shards;
	size_t shard_count;
	uint8_t digest[DIGEST_LEN]; /* of table and url */
	char *url;
	struct buf index; /* index.json */
};
const char *catalog_member_name(const struct catalog *c, size_t number);
/* Samples and lengths of what will be made; index.json. Once, after all members are there. */
int catalog_measure(struct catalog *c, struct err *e) MUST_CHECK;
int catalog_put_dali(const struct catalog *c, uint64_t shard, struct buf *out, struct err *e) MUST_CHECK;
int catalog_put_energon(const struct catalog *c, uint64_t shard, struct buf *out, struct err *e) MUST_CHECK;

#endif
