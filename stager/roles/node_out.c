/* What stager-node writes on standard output: one tar of several shards, and the list of their members. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node.h"
#include "stager/io.h"
#include "stager/json.h"

/* A tar on its way to stdout. */
struct tar_out {
	const struct node_release *r;
	struct node_tar tar;
	size_t left;      /* shards, the one under way among them */
	bool last;        /* of the shards: its end-of-archive mark and padding go out too */
	bool marked;      /* the mark was written */
	bool reader_left; /* after that mark, as readers may */
	uint64_t written;
};

static int
write_part(struct tar_out *o, const uint8_t *data, size_t len, struct err *e)
{
	if (len == 0 || o->reader_left)
		return 0;
	if (io_write(1, data, len, "standard output", e) == -1) {
		if (errno != EPIPE)
			return -1;
		/* Many readers stop at the mark. Who stops before it has not read all, and hears so. */
		if (!o->marked)
			return err_set(e, ERR_REMOTE, "standard output: its reader left before the end");
		o->reader_left = true;
		return 0;
	}
	o->written += len;
	return 0;
}

static atomic_bool stopped;

void
node_stop(void)
{
	atomic_store(&stopped, true);
}

static int
write_tar(void *ctx, const uint8_t *data, size_t len, struct err *e)
{
	struct tar_out *o = ctx;
	struct node_tar before = o->tar;
	size_t keep;

	if (atomic_load(&stopped))
		return err_set(e, ERR_REMOTE, "told to end");
	if (node_tar_feed(&o->tar, data, len, &keep, e) == -1) {
		o->tar = before; /* none of this goes out */
		return -1;
	}
	if (!o->last)
		return write_part(o, data, keep, e);
	if (o->tar.ended && !o->marked) {
		/* The mark in one write, the padding in another: between the two a reader may leave. */
		keep += NODE_TAR_BLOCK;
		if (write_part(o, data, keep, e) == -1)
			return -1;
		o->marked = true;
		data += keep;
		len -= keep;
	}
	return write_part(o, data, len, e);
}

/* Break the tar off so that no reader can take it for a whole one. */
static void
break_off(const struct tar_out *o)
{
	uint8_t header[NODE_TAR_BLOCK];

	/* Inside a member the missing bytes are error enough; an empty stream is no tar; after the mark all was said. */
	if (o->written == 0 || (o->tar.ended && o->last) || !node_tar_between(&o->tar))
		return;
	node_tar_error(header);
	(void)!io_write(1, header, sizeof(header), "standard output", NULL);
}

/* A shard has passed; the next one's tar begins. */
static int
end_tar(void *ctx, uint64_t row, struct err *e)
{
	struct tar_out *o = ctx;

	if (!o->tar.ended)
		return err_set(e, ERR_FORGED, "%s: its tar has no end", o->r->table->shards[row].name);
	if (!o->last)
		node_tar_init(&o->tar);
	o->left--;
	o->last = o->left == 1;
	return 0;
}

int
node_cat(
    const struct node_release *r, struct node_store *store, const uint64_t *rows, size_t count, struct err *e)
{
	struct tar_out o = {.r = r, .left = count, .last = count == 1};
	const struct node_sink sink = {&o, write_tar, end_tar};

	node_tar_init(&o.tar);
	if (node_open_rows(r, store, rows, count, &sink, e) == 0)
		return 0;
	break_off(&o);
	return -1;
}

static int
put_member(void *ctx, const struct node_member *m, struct err *e)
{
	const bool *json = ctx;

	if ((*json ? printf("%.*s\n", (int)m->line_len, m->line)
		   : printf("shard-%05llu %12llu %s\n", (unsigned long long)m->shard,
			 (unsigned long long)m->size, m->name)) < 0)
		return err_sys(e, "standard output: write");
	return 0;
}

int
node_list(const struct node_release *r, struct node_store *store, bool json, struct err *e)
{
	int rc = node_read_index(r, store, put_member, &json, e);

	if (fflush(stdout) != 0 && rc == 0)
		rc = err_sys(e, "standard output: write");
	return rc;
}
