/* The index: a line a member, from the sealed index of a set; nothing of it is believed that cannot be. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/json.h"
#include "stager/node.h"

#define LINE_MAX_LEN 4096 /* 512 is what seal writes */

/* Lines on their way to whoever wants them. */
struct reading {
	const struct shard_table *table;
	node_member_fn each;
	void *ctx;
	uint64_t members, last_shard, last_end, in_shard;
	size_t len;
	char line[LINE_MAX_LEN];
};

/* SUBJECT/NNNNNN.EXT in printable ASCII without spaces: what seal makes, what can do a terminal no harm, and no path that
 * leads elsewhere. */
static bool
name_ok(const char *s)
{
	const char *slash = strchr(s, '/');

	for (const char *c = s; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '\\' || *c == '"')
			return false;
	return slash != NULL && slash != s && slash[1] != '\0' && slash[1] != '.' &&
	       strchr(slash + 1, '/') == NULL && s[0] != '.';
}

/* All members of the shards before this one were there. */
static int
reach_shard(struct reading *r, uint64_t shard, struct err *e)
{
	for (; r->last_shard < shard; r->last_shard++, r->in_shard = r->last_end = 0)
		if (r->in_shard != r->table->shards[r->last_shard].members)
			return err_set(e, ERR_FORGED,
			    "index: %s has another number of members than the manifest says",
			    r->table->shards[r->last_shard].name);
	return 0;
}

/* Members follow each other in their shard, each behind its header. */
static int
place_member(struct reading *r, const struct node_member *m, struct err *e)
{
	if (m->shard < r->last_shard)
		return err_set(e, ERR_FORGED, "index: its members are not in order");
	if (reach_shard(r, m->shard, e) == -1)
		return -1;
	if (m->offset % NODE_TAR_BLOCK != 0 || m->offset < r->last_end + NODE_TAR_BLOCK ||
	    m->offset > r->table->shards[m->shard].plain ||
	    m->size > r->table->shards[m->shard].plain - m->offset)
		return err_set(e, ERR_FORGED, "index: a member lies where none can");
	r->last_end = m->offset + m->size;
	r->in_shard++;
	r->members++;
	return 0;
}

static int
take_line(struct reading *r, struct err *e)
{
	static const char *const keys[] = {"member", "offset", "shard", "size", "subject", NULL};
	struct json *j = json_parse_canonical(r->line, r->len, "index", e);
	int64_t shard, size, offset;
	struct node_member m;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "index", e) == -1 ||
	    (m.name = json_need_string(j, "member", "index", e)) == NULL ||
	    (m.subject = json_need_string(j, "subject", "index", e)) == NULL ||
	    json_need_int(j, "shard", 0, (int64_t)r->table->count - 2, "index", &shard, e) == -1 ||
	    json_need_int(j, "offset", 0, JSON_INT_MAX, "index", &offset, e) == -1 ||
	    json_need_int(j, "size", 0, JSON_INT_MAX, "index", &size, e) == -1)
		goto out;
	if (!name_ok(m.name) || strncmp(m.name, m.subject, strlen(m.subject)) != 0 ||
	    m.name[strlen(m.subject)] != '/') {
		err_set(e, ERR_INPUT, "index: a member's name has a bad form");
		goto out;
	}
	m.shard = (uint64_t)shard;
	m.offset = (uint64_t)offset;
	m.size = (uint64_t)size;
	m.line = r->line;
	m.line_len = r->len;
	if (place_member(r, &m, e) == 0)
		rc = r->each(r->ctx, &m, e);
out:
	json_free(j);
	if (rc == -1 && e->code == ERR_INPUT)
		e->code = ERR_FORGED;
	return rc;
}

static int
take_bytes(void *ctx, const uint8_t *data, size_t len, struct err *e)
{
	struct reading *r = ctx;
	const uint8_t *newline;
	size_t piece;

	while (len > 0) {
		newline = memchr(data, '\n', len);
		piece = newline == NULL ? len : (size_t)(newline - data);
		if (piece > sizeof(r->line) - r->len)
			return err_set(e, ERR_FORGED, "index: a line is too long");
		memcpy(r->line + r->len, data, piece);
		r->len += piece;
		if (newline == NULL)
			return 0;
		if (take_line(r, e) == -1)
			return -1;
		r->len = 0;
		data += piece + 1;
		len -= piece + 1;
	}
	return 0;
}

int
node_read_index(const struct node_release *release, struct node_store *store, node_member_fn each, void *ctx,
    struct err *e)
{
	uint64_t index = release->table->count - 1;
	struct reading *r = calloc(1, sizeof(*r));
	const struct node_sink sink = {r, take_bytes, NULL};
	int rc = -1;

	if (r == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	r->table = release->table;
	r->each = each;
	r->ctx = ctx;
	if (node_open_rows(release, store, &index, 1, &sink, e) == -1 || reach_shard(r, index, e) == -1)
		goto out;
	if (r->len != 0 || r->members != release->table->shards[index].members) {
		err_set(e, ERR_FORGED, "index: it has not the members that the manifest says");
		goto out;
	}
	rc = 0;
out:
	sodium_memzero(r, sizeof(*r));
	free(r);
	return rc;
}
