/* One result on its way to disk: header for the house, segments of our profile, under another name until it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "gateway_parts.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/secret.h"

#define TEMPORARY ".part-" /* names of results do not begin with a dot */
#define BATCH 8            /* segments written at a time */

struct gateway_seal {
	int folder, fd;
	char temporary[40];
	bool made;
	struct c4gh *key;
	uint64_t index; /* of the segment in `plain` */
	size_t have;
	size_t sealed_len;
	uint8_t plain[C4GH_PLAIN_MAX];
	uint8_t sealed[BATCH * C4GH_SEGMENT_MAX];
};

static int
put_header(struct gateway_seal *s, const uint8_t reader[static X25519_LEN], struct err *e)
{
	struct secret *key = NULL, *writer = NULL, *shared = NULL;
	uint8_t writer_public[X25519_LEN], header[HEADER_LEN];
	int rc = -1;

	if ((key = secret_random(C4GH_KEY_LEN, e)) == NULL ||
	    (writer = header_keypair(writer_public, e)) == NULL ||
	    (shared = header_shared_writer(writer, reader, e)) == NULL ||
	    header_make(shared, writer_public, key, header, e) == -1 ||
	    (s->key = c4gh_new(key, true, e)) == NULL)
		goto out;
	rc = io_write(s->fd, header, sizeof(header), "result", e);
out:
	secret_free(shared);
	secret_free(writer);
	secret_free(key);
	return rc;
}

int
gateway_seal_new(
    int folder, const uint8_t reader[static X25519_LEN], struct gateway_seal **out, struct err *e)
{
	struct gateway_seal *s = calloc(1, sizeof(*s));
	uint8_t random[12];
	char hex[2 * sizeof(random) + 1];

	if (s == NULL)
		return err_set(e, ERR_SYSTEM, "result: out of memory");
	s->folder = folder;
	s->fd = -1;
	randombytes_buf(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	(void)snprintf(s->temporary, sizeof(s->temporary), TEMPORARY "%s", hex);
	if ((s->fd = openat(
		 folder, s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1) {
		err_sys(e, "result: make a file");
		gateway_seal_free(s);
		return -1;
	}
	s->made = true;
	if (put_header(s, reader, e) == -1) {
		gateway_seal_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

static int
seal_one(struct gateway_seal *s, bool last, struct err *e)
{
	if (c4gh_seal(s->key, s->index, last, s->plain, s->have, s->sealed + s->sealed_len, e) == -1)
		return err_context(e, "result");
	s->sealed_len += C4GH_NONCE_LEN + s->have + C4GH_MAC_LEN;
	s->index++;
	s->have = 0;
	if (!last && s->sealed_len < sizeof(s->sealed))
		return 0;
	if (io_write(s->fd, s->sealed, s->sealed_len, "result", e) == -1)
		return -1;
	s->sealed_len = 0;
	return 0;
}

int
gateway_seal_write(void *seal, const uint8_t *data, size_t len, struct err *e)
{
	struct gateway_seal *s = seal;
	size_t piece;

	for (; len > 0; data += piece, len -= piece) {
		/* More follows, so what is there is not the last. */
		if (s->have == sizeof(s->plain) && seal_one(s, false, e) == -1)
			return -1;
		if (s->index + 1 >= C4GH_INDEX_MAX)
			return err_set(e, ERR_LIMIT, "result: too large");
		piece = sizeof(s->plain) - s->have < len ? sizeof(s->plain) - s->have : len;
		memcpy(s->plain + s->have, data, piece);
		s->have += piece;
	}
	return 0;
}

int
gateway_seal_commit(struct gateway_seal *s, const char *name, struct err *e)
{
	char path[CATALOG_NAME_MAX + 8], *slash;

	if (s->have == 0)
		return err_set(e, ERR_INPUT, "result: it is empty, and nothing would prove that it is whole");
	if (seal_one(s, true, e) == -1)
		return -1;
	if (fsync(s->fd) == -1)
		return err_sys(e, "result: sync");
	if ((size_t)snprintf(path, sizeof(path), "%s.c4gh", name) >= sizeof(path))
		return err_set(e, ERR_LIMIT, "result: its name is too long");
	if ((slash = strrchr(path, '/')) != NULL) {
		*slash = '\0';
		if (io_make_dirs(s->folder, path, e) == -1)
			return -1;
		*slash = '/';
	}
	if (renameat(s->folder, s->temporary, s->folder, path) == -1)
		return err_sys(e, "result: put it in place");
	s->made = false;
	return io_sync_parent(s->folder, path, e);
}

void
gateway_seal_free(struct gateway_seal *s)
{
	if (s == NULL)
		return;
	if (s->made)
		(void)unlinkat(s->folder, s->temporary, 0);
	io_close(&s->fd);
	c4gh_free(s->key);
	sodium_memzero(s->plain, sizeof(s->plain));
	free(s);
}
