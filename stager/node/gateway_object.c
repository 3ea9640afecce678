/* GET and HEAD of one thing: a whole shard, a member, or what is made of the index; all of it, or one range. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway_parts.h"
#include "stager/manifest.h"
#include "stager/node.h"

/* What will be sent. */
struct part {
	uint64_t first, len; /* of the thing */
	int status;
};

static const char *
type_of(const struct catalog_entry *entry)
{
	return entry->kind == CATALOG_INDEX   ? "application/json"
	       : entry->kind == CATALOG_SHARD ? "application/x-tar"
	       : entry->kind == CATALOG_DALI  ? "text/plain"
					      : "application/octet-stream";
}

/* A list of ETags, or "*". Weak ones never match here. */
static bool
has_tag(struct http_text list, const char *tag)
{
	if (list.len == 1 && list.at[0] == '*')
		return true;
	return http_list_has(list, tag) ||
	       /* s3fs and others leave the quotes out. */
	       (list.len == CATALOG_TAG_LEN - 2 && memcmp(list.at, tag + 1, list.len) == 0);
}

/* The conditions of RFC 9110 13, on what never changes but in its tag. 0: go on; else the status. */
static int
conditions(const struct http_request *r, const char *tag, bool *whole)
{
	struct http_text t;

	if (http_field(r, "if-match", &t) == 1 && !has_tag(t, tag))
		return 412;
	if (http_field(r, "if-none-match", &t) == 1 && has_tag(t, tag))
		return 304;
	*whole = http_field(r, "if-range", &t) == 1 && !has_tag(t, tag);
	return 0;
}

static int
put_head(struct gateway_call *c, const struct catalog_entry *entry, const char *tag, const struct part *p,
    struct buf *head, struct err *e)
{
	char range[96];

	if (gateway_head(c, p->status, head, e) == -1 ||
	    http_put(head, "Content-Type", type_of(entry), e) == -1 ||
	    http_put_number(head, "Content-Length", p->len, e) == -1 ||
	    http_put(head, "ETag", tag, e) == -1 || http_put(head, "Last-Modified", c->g->started, e) == -1 ||
	    http_put(head, "Accept-Ranges", "bytes", e) == -1 ||
	    http_put(head, "Cache-Control", "no-store", e) == -1)
		return -1;
	if (p->status == 206) {
		(void)snprintf(range, sizeof(range), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, p->first,
		    p->first + p->len - 1, entry->len);
		if (http_put(head, "Content-Range", range, e) == -1)
			return -1;
	}
	return http_end(head, e);
}

/*
 * The bytes, block by block, each held while it is written. The first is there before the head is sent, so that a fault in
 * it has a status of its own; a later one breaks the connection.
 */
static int
send_blocks(struct gateway_call *c, const struct catalog_entry *entry, const struct part *p,
    const struct buf *head, struct err *e)
{
	struct cache_reader reader = {
	    .object = entry->shard, .len = c->g->use.release->table->shards[entry->shard].plain};
	uint64_t at = entry->offset + p->first, end = at + p->len;
	struct cache_block *block;
	struct err why = {.code = ERR_NONE};
	const uint8_t *data;
	bool begun = false;
	size_t len, skip;
	int rc;

	reader.until = gateway_until(c->g, reader.object, reader.len, at, p->len);
	while (at < end) {
		if (cache_get(c->g->cache, &reader, at / CACHE_BLOCK, &block, &why) == -1) {
			if (!begun)
				return gateway_fail(c, &why, e);
			*e = why;
			(void)err_report("stager-node: gateway: broken off", e);
			e->code = ERR_REMOTE; /* it was told */
			return -1;
		}
		data = cache_data(block, &len);
		skip = (size_t)(at % CACHE_BLOCK);
		len -= skip;
		if (len > end - at)
			len = (size_t)(end - at);
		rc = begun ? http_conn_write(c->conn, data + skip, len, e)
			   : http_conn_write_two(c->conn, head->data, head->len, data + skip, len, e);
		cache_release(c->g->cache, block);
		if (rc == -1)
			return -1;
		begun = true;
		at += len;
	}
	return 0;
}

static int
send_made(struct gateway_call *c, const struct catalog_entry *entry, const struct part *p,
    const struct buf *head, struct err *e)
{
	struct err why = {.code = ERR_NONE};
	struct buf body;
	int rc;

	buf_init(&body, CATALOG_MADE_MAX);
	if (catalog_make(c->g->catalog, entry, &body, &why) == 0 && body.len != entry->len)
		err_set(&why, ERR_SYSTEM, "%s: it is not as long as was said", entry->name);
	rc = why.code != ERR_NONE ? gateway_fail(c, &why, e)
				  : http_conn_write_two(c->conn, head->data, head->len, body.data + p->first,
					(size_t)p->len, e);
	buf_free(&body);
	return rc;
}

int
gateway_object(struct gateway_call *c, struct err *e)
{
	struct part p = {.status = 200};
	char tag[CATALOG_TAG_LEN + 1], fields[128];
	struct catalog_entry entry;
	struct http_text range;
	bool whole = false;
	struct buf head;
	int status, rc = -1;

	if (!catalog_get(c->g->catalog, c->key, &entry))
		return gateway_refuse(c, 404, "NoSuchKey", "the index has nothing of this name", e);
	catalog_tag(c->g->catalog, entry.name, tag);
	if ((status = conditions(c->request, tag, &whole)) != 0) {
		(void)snprintf(fields, sizeof(fields), "ETag: %s\r\n", tag);
		return status == 304 ? gateway_respond(c, 304, NULL, fields, NULL, 0, e)
				     : gateway_refuse(c, 412, "PreconditionFailed", "another ETag", e);
	}
	p.len = entry.len;
	if (!whole && http_field(c->request, "range", &range) == 1)
		switch (http_range(range, entry.len, &p.first, &p.len)) {
		case HTTP_RANGE_PART:
			p.status = 206;
			break;
		case HTTP_RANGE_NONE:
			(void)snprintf(
			    fields, sizeof(fields), "Content-Range: bytes */%" PRIu64 "\r\n", entry.len);
			return gateway_respond(c, 416, "application/xml", fields,
			    "<Error><Code>InvalidRange</Code></Error>\n",
			    strlen("<Error><Code>InvalidRange</Code></Error>\n"), e);
		default:
			p.first = 0;
			p.len = entry.len;
		}
	buf_init(&head, 4096);
	if (put_head(c, &entry, tag, &p, &head, e) == -1)
		goto out;
	if (c->request->method == HTTP_HEAD || p.len == 0) {
		rc = http_conn_write(c->conn, head.data, head.len, e);
	} else if (entry.kind == CATALOG_SHARD || entry.kind == CATALOG_MEMBER) {
		cache_enter(c->g->cache);
		rc = send_blocks(c, &entry, &p, &head, e);
		cache_leave(c->g->cache);
	} else {
		rc = send_made(c, &entry, &p, &head, e);
	}
out:
	buf_free(&head);
	return rc;
}
