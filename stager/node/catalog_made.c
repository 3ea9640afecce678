/*
 * What loaders want to know of shards before they read them. A sample: members that follow each other under one name up
 * to the first dot behind the last slash, as WebDataset groups them.
 *
 * WIDS (webdataset, wids/wids_specs.py): {"wids_version":1,"name","shardlist":[{"url","nsamples","filesize"}]}.
 * DALI (NVIDIA, tools/wds2idx.py, v1.2): "v1.2 SAMPLES\n", then a line a sample: "EXT OFFSET SIZE NAME" for each member.
 * Energon (Megatron-Energon, flavors/webdataset/itar.py): u64 LE where each sample's first header begins, then where the
 * last one ends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "stager/node.h"

#define USTAR_MAX \
	((UINT64_C(1) << 33) - 1) /* a larger member has a pax header and its record before its own */

/* The part of a name that its sample has in common; *ext: behind the dot. */
static size_t
stem_len(const char *name, const char **ext)
{
	const char *slash = strrchr(name, '/'), *dot = strchr(slash == NULL ? name : slash, '.');

	*ext = dot == NULL ? name + strlen(name) : dot + 1;
	return dot == NULL ? strlen(name) : (size_t)(dot - name);
}

static bool
same_sample(const char *a, const char *b)
{
	const char *ext;
	size_t len = stem_len(a, &ext);

	return stem_len(b, &ext) == len && memcmp(a, b, len) == 0;
}

/* Does this member of a shard begin a sample? */
static bool
begins(const struct catalog *c, const struct catalog_shard *s, size_t i)
{
	return i == 0 ||
	       !same_sample(catalog_member_name(c, s->first + i - 1), catalog_member_name(c, s->first + i));
}

static uint64_t
header_at(const struct catalog_member *m)
{
	return m->offset - (m->size > USTAR_MAX ? 3 : 1) * NODE_TAR_BLOCK;
}

/* "EXT OFFSET SIZE NAME" */
static int
put_component(const struct catalog *c, size_t member, char *out, size_t cap)
{
	const struct catalog_member *m = &c->members[member];
	const char *name = catalog_member_name(c, member), *ext;

	(void)stem_len(name, &ext);
	return snprintf(out, cap, "%s %" PRIu64 " %" PRIu64 " %s", ext, m->offset, m->size, name);
}

static int
put_index(struct catalog *c, struct err *e)
{
	struct buf *out = &c->index;

	/* Names of datasets and urls hold nothing that JSON escapes: manifest_name_ok, and digits. */
	if (buf_printf(out, e, "{\"wids_version\":1,\"name\":\"%s\",\"shardlist\":[",
		c->release->manifest->dataset) == -1)
		return -1;
	for (size_t i = 0; i < c->shard_count; i++)
		if (buf_printf(out, e,
			"%s\n{\"url\":\"%sshard-%05zu.tar\",\"nsamples\":%" PRIu64 ",\"filesize\":%" PRIu64
			"}",
			i > 0 ? "," : "", c->url, i, c->shards[i].samples, c->shards[i].plain) == -1)
			return -1;
	return buf_put_str(out, "\n]}\n", e);
}

int
catalog_measure(struct catalog *c, struct err *e)
{
	char line[CATALOG_NAME_MAX + 128];

	for (size_t i = 0; i < c->shard_count; i++) {
		struct catalog_shard *s = &c->shards[i];

		for (size_t k = 0; k < s->count; k++) {
			const struct catalog_member *m = &c->members[s->first + k];

			s->samples += begins(c, s, k) ? 1 : 0;
			s->dali_len += (uint64_t)put_component(c, s->first + k, line, sizeof(line)) + 1;
			s->end = (m->offset + m->size + NODE_TAR_BLOCK - 1) / NODE_TAR_BLOCK * NODE_TAR_BLOCK;
		}
		s->dali_len += (uint64_t)snprintf(line, sizeof(line), "v1.2 %" PRIu64 "\n", s->samples);
	}
	return put_index(c, e);
}

int
catalog_put_dali(const struct catalog *c, uint64_t shard, struct buf *out, struct err *e)
{
	const struct catalog_shard *s = &c->shards[shard];
	char part[CATALOG_NAME_MAX + 128];

	if (buf_printf(out, e, "v1.2 %" PRIu64, s->samples) == -1)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		(void)put_component(c, s->first + i, part, sizeof(part));
		if (buf_put_u8(out, begins(c, s, i) ? '\n' : ' ', e) == -1 || buf_put_str(out, part, e) == -1)
			return -1;
	}
	return buf_put_u8(out, '\n', e);
}

int
catalog_put_energon(const struct catalog *c, uint64_t shard, struct buf *out, struct err *e)
{
	const struct catalog_shard *s = &c->shards[shard];

	for (size_t i = 0; i < s->count; i++)
		if (begins(c, s, i) && buf_put_u64le(out, header_at(&c->members[s->first + i]), e) == -1)
			return -1;
	return buf_put_u64le(out, s->end, e);
}
