/* A stream of bytes into one sealed body: what sifting left of a shard, and a new index. */
#include "stager/shard.h"

#include <stdlib.h>
#include <string.h>

#include "sealed.h"
#include "stager/io.h"
#include "stager/ring.h"

#define PIECE (64u << 10)

struct shard_stream {
	struct sealer *sealer;
	struct sealed *body;
};

struct shard_stream *
shard_stream_new(const char *name, int body, int sums, const uint8_t vault[static X25519_LEN], struct err *e)
{
	struct shard_stream *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->sealer = sealer_new(ring_processors(), 1, e)) == NULL) {
		if (s == NULL)
			err_set(e, ERR_SYSTEM, "%s: out of memory", name);
		io_close(&body);
		io_close(&sums);
	} else if ((s->body = sealed_new(s->sealer, name, body, sums, vault, e)) != NULL) {
		return s;
	}
	shard_stream_free(s);
	return NULL;
}

void
shard_stream_free(struct shard_stream *s)
{
	if (s == NULL)
		return;
	sealer_free(s->sealer); /* first: its threads use the body */
	sealed_free(s->body);
	free(s);
}

int
shard_stream_fill(struct shard_stream *s, int in, struct err *e)
{
	uint8_t *piece = malloc(PIECE);
	ssize_t n = -1;

	if (piece == NULL)
		return err_set(e, ERR_SYSTEM, "stream: out of memory");
	/* Room in the body is asked for only when there are bytes for it: where there are none, what it has ends with its last segment. */
	while ((n = io_read(in, piece, PIECE, "stream", e)) > 0 &&
	       sealed_write(s->body, piece, (size_t)n, e) == 0)
		if ((size_t)n < PIECE) {
			n = 0;
			break;
		}
	explicit_bzero(piece, PIECE);
	free(piece);
	return n == 0 ? 0 : -1;
}

uint64_t
shard_stream_len(const struct shard_stream *s)
{
	return sealed_len(s->body);
}

int
shard_stream_finish(
    struct shard_stream *s, struct shard_line *line, uint8_t header[static HEADER_LEN], struct err *e)
{
	return sealed_finish(s->body, line, header, e);
}
