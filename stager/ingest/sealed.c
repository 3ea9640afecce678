/* One sealed body: plaintext in pieces of any size, segments and sums out, the last one marked. */
#include "sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/io.h"
#include "stager/manifest.h"
#include "stager/secret.h"

#define SUMS_BATCH 128 /* sums written at a time */

struct sealed {
	int body, sums_fd;
	struct c4gh *key;
	struct sums *sums;
	struct shard_line line; /* what is counted so far */
	uint8_t header[HEADER_LEN];
	/* One segment is held back, for only the end says whether it is the last. */
	size_t held;
	uint8_t plain[C4GH_PLAIN_MAX];
	uint8_t segment[C4GH_SEGMENT_MAX];
	size_t sum_count;
	uint8_t sum[SUMS_BATCH][SUM_LEN];
};

/* Make the data key; leave it in OpenSSL's context, its commitment in line, and its wrapping in header. */
static int
make_key(struct sealed *s, const uint8_t vault[static X25519_LEN], struct err *e)
{
	struct secret *key = NULL, *writer = NULL, *shared = NULL;
	uint8_t writer_public[X25519_LEN];
	int rc = -1;

	if ((key = secret_random(C4GH_KEY_LEN, e)) == NULL || (s->key = c4gh_new(key, true, e)) == NULL ||
	    (writer = header_keypair(writer_public, e)) == NULL ||
	    (shared = header_shared_writer(writer, vault, e)) == NULL ||
	    header_make(shared, writer_public, key, s->header, e) == -1)
		goto out;
	header_commitment(key, s->line.commitment);
	rc = 0;
out:
	secret_free(shared);
	secret_free(writer);
	secret_free(key);
	return rc;
}

struct sealed *
sealed_new(const char *name, int body, int sums, const uint8_t vault[static X25519_LEN], struct err *e)
{
	struct sealed *s = NULL;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", name);
		io_close(&body);
		io_close(&sums);
		return NULL;
	}
	s->body = body;
	s->sums_fd = sums;
	(void)snprintf(s->line.name, sizeof(s->line.name), "%s", name);
	if ((s->sums = sums_new(e)) == NULL || make_key(s, vault, e) == -1) {
		err_context(e, "%s", name);
		sealed_free(s);
		return NULL;
	}
	return s;
}

void
sealed_free(struct sealed *s)
{
	if (s == NULL)
		return;
	c4gh_free(s->key);
	sums_free(s->sums);
	io_close(&s->body);
	io_close(&s->sums_fd);
	sodium_memzero(s->plain, sizeof(s->plain));
	free(s);
}

uint64_t
sealed_len(const struct sealed *s)
{
	return s->line.plain;
}

static int
flush_sums(struct sealed *s, struct err *e)
{
	size_t len = s->sum_count * SUM_LEN;

	if (sums_update(s->sums, s->sum, len, e) == -1 || io_write(s->sums_fd, s->sum, len, "sums", e) == -1)
		return -1;
	s->sum_count = 0;
	return 0;
}

/* Seal one segment and write it. */
static int
put_segment(struct sealed *s, const uint8_t *plain, size_t len, bool last, struct err *e)
{
	size_t segment_len = C4GH_NONCE_LEN + len + C4GH_MAC_LEN;

	if (c4gh_seal(s->key, s->line.segments, last, plain, len, s->segment, e) == -1 ||
	    sums_segment(s->sums, s->segment, segment_len, s->sum[s->sum_count], e) == -1 ||
	    io_write(s->body, s->segment, segment_len, "body", e) == -1)
		return -1;
	s->line.segments++;
	s->line.body += segment_len;
	if (++s->sum_count == SUMS_BATCH)
		return flush_sums(s, e);
	return 0;
}

int
sealed_write(struct sealed *s, const void *data, size_t len, struct err *e)
{
	const uint8_t *at = data;
	size_t piece;

	if (len > SEALED_PLAIN_MAX - s->line.plain)
		return err_set(e, ERR_LIMIT, "%s: more than 64 GiB in one body", s->line.name);
	s->line.plain += len;
	while (len > 0) {
		/* More follows, so what is held back is not the last; whole segments need no copy. */
		if (s->held == C4GH_PLAIN_MAX) {
			if (put_segment(s, s->plain, s->held, false, e) == -1)
				return err_context(e, "%s", s->line.name);
			s->held = 0;
		}
		if (s->held == 0 && len > C4GH_PLAIN_MAX) {
			if (put_segment(s, at, C4GH_PLAIN_MAX, false, e) == -1)
				return err_context(e, "%s", s->line.name);
			at += C4GH_PLAIN_MAX;
			len -= C4GH_PLAIN_MAX;
			continue;
		}
		piece = C4GH_PLAIN_MAX - s->held < len ? C4GH_PLAIN_MAX - s->held : len;
		memcpy(s->plain + s->held, at, piece);
		s->held += piece;
		at += piece;
		len -= piece;
	}
	return 0;
}

int
sealed_finish(struct sealed *s, struct shard_line *line, uint8_t header[static HEADER_LEN], struct err *e)
{
	if (s->held == 0)
		return err_set(e, ERR_SYSTEM, "%s: nothing to seal", s->line.name);
	if (put_segment(s, s->plain, s->held, true, e) == -1 || flush_sums(s, e) == -1 ||
	    sums_final(s->sums, s->line.sums, e) == -1)
		return err_context(e, "%s", s->line.name);
	s->held = 0;
	sodium_memzero(s->plain, sizeof(s->plain));
	io_close(&s->body);
	io_close(&s->sums_fd);
	*line = s->line;
	memcpy(header, s->header, HEADER_LEN);
	return 0;
}
