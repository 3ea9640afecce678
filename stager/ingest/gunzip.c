/* Reading gzip with its checksums compared: zlib does the work, member after member. */
#include "gunzip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#define PACKED_LEN 65536

struct gunzip {
	z_stream z;
	gunzip_pull pull;
	void *ctx;
	bool started; /* inside a member */
	bool any;     /* one member at least was whole */
	bool ended;
	uint8_t packed[PACKED_LEN];
};

struct gunzip *
gunzip_new(gunzip_pull pull, void *ctx, struct err *e)
{
	struct gunzip *g = calloc(1, sizeof(*g));

	if (g == NULL || inflateInit2(&g->z, 15 + 16) != Z_OK) { /* 16: gzip alone, its trailer compared */
		err_set(e, ERR_SYSTEM, "gzip: out of memory");
		free(g);
		return NULL;
	}
	g->pull = pull;
	g->ctx = ctx;
	return g;
}

void
gunzip_free(struct gunzip *g)
{
	if (g == NULL)
		return;
	(void)inflateEnd(&g->z);
	explicit_bzero(g->packed, sizeof(g->packed));
	free(g);
}

/* More packed bytes where there are none: 1, 0 at the file's end, -1. */
static int
refill(struct gunzip *g, struct err *e)
{
	ssize_t n;

	if (g->z.avail_in > 0)
		return 1;
	if ((n = g->pull(g->ctx, g->packed, sizeof(g->packed), e)) <= 0)
		return (int)n;
	g->z.next_in = g->packed;
	g->z.avail_in = (unsigned)n;
	return 1;
}

/* Between members: another one, or zeros (tapes are padded with them) up to the end. 1, 0, -1. */
static int
next_member(struct gunzip *g, struct err *e)
{
	int more;

	while ((more = refill(g, e)) == 1 && g->any && *g->z.next_in == 0) {
		/* Behind zeros nothing may follow. */
		for (; g->z.avail_in > 0; g->z.avail_in--, g->z.next_in++)
			if (*g->z.next_in != 0)
				return err_set(e, ERR_INPUT, "other bytes behind the end of the gzip data");
	}
	if (more != 1)
		return more;
	g->started = true;
	return 1;
}

ssize_t
gunzip_read(struct gunzip *g, void *out, size_t len, struct err *e)
{
	int more, rc;

	if (g->ended || len == 0)
		return 0;
	g->z.next_out = out;
	g->z.avail_out = len > UINT32_MAX ? UINT32_MAX : (unsigned)len;
	while (g->z.next_out == (uint8_t *)out) {
		if (!g->started) {
			if ((more = next_member(g, e)) == -1)
				return -1;
			if (more == 0) {
				g->ended = true;
				return 0;
			}
		}
		if ((more = refill(g, e)) == -1)
			return -1;
		if (more == 0)
			return err_set(e, ERR_INPUT, "the gzip data is cut short");
		rc = inflate(&g->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END) {
			g->started = false;
			g->any = true;
			if (inflateReset(&g->z) != Z_OK)
				return err_set(e, ERR_SYSTEM, "gzip: reset");
		} else if (rc == Z_MEM_ERROR) {
			return err_set(e, ERR_SYSTEM, "gzip: out of memory");
		} else if (rc != Z_OK && rc != Z_BUF_ERROR) {
			return err_set(e, ERR_INPUT, "the gzip data is damaged");
		}
	}
	return g->z.next_out - (uint8_t *)out;
}
