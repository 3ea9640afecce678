/* stager-crypt4gh: headers read and written, and the commands that change a header alone. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "crypt4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/secret.h"

#define COPY_LEN (1u << 20)

const char crypt4gh_in[] = "standard input", crypt4gh_out[] = "standard output";

int
crypt4gh_pass_by(uint64_t len, struct err *e)
{
	uint8_t *room;
	ssize_t n = 1;

	if (len == 0 || (len <= INT64_MAX && lseek(0, (off_t)len, SEEK_CUR) != -1))
		return 0;
	if ((room = malloc(C4GH_SEGMENT_MAX)) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	for (; len > 0 && n > 0; len -= (uint64_t)n)
		if ((n = io_read(0, room, len < C4GH_SEGMENT_MAX ? (size_t)len : C4GH_SEGMENT_MAX,
			 crypt4gh_in, e)) == -1)
			break;
	sodium_memzero(room, C4GH_SEGMENT_MAX);
	free(room);
	return n == -1 ? -1 : 0;
}

bool
crypt4gh_seekable(uint64_t *offset, uint64_t *left)
{
	const off_t here = lseek(0, 0, SEEK_CUR);
	struct stat st;

	if (here == -1 || fstat(0, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size < here)
		return false;
	*offset = (uint64_t)here;
	*left = (uint64_t)(st.st_size - here);
	return true;
}

int
crypt4gh_write_header(const struct packets *p, const struct secret *sk, const uint8_t *recipients,
    size_t count, int fd, struct err *e)
{
	struct buf header;
	int rc = -1;

	buf_init(&header, PACKETS_LEN_MAX);
	if (packets_write(p, sk, recipients, count, &header, e) == 0)
		rc = io_write(fd, header.data, header.len, fd == 1 ? crypt4gh_out : "header", e);
	buf_free(&header);
	return rc;
}

int
crypt4gh_read_header(const struct secret *sk, const uint8_t *sender, struct packets *p, struct err *e)
{
	struct buf raw;
	int rc = -1;

	buf_init(&raw, PACKETS_LEN_MAX);
	if (packets_read(0, &raw, e) == 0)
		rc = packets_open(raw.data, raw.len, sk, sender, p, e);
	buf_free(&raw);
	return rc;
}

/* At most len bytes from standard input to standard output as they are. */
static int
copy(uint64_t len, struct err *e)
{
	uint8_t *room = malloc(COPY_LEN);
	ssize_t n = 1;
	int rc = -1;

	if (room == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	while (len > 0 && n > 0) {
		if ((n = io_read(0, room, len < COPY_LEN ? (size_t)len : COPY_LEN, crypt4gh_in, e)) == -1 ||
		    io_write(1, room, (size_t)n, crypt4gh_out, e) == -1)
			goto out;
		len -= (uint64_t)n;
	}
	rc = 0;
out:
	free(room);
	return rc;
}

int
crypt4gh_reencrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *recipients,
    size_t count, struct err *e)
{
	struct packets p = {.keys = NULL};
	int rc = -1;

	if (crypt4gh_read_header(sk, NULL, &p, e) == -1)
		return -1;
	if (o->trim) {
		buf_clear(&p.others);
		p.other_count = 0;
	}
	if (crypt4gh_write_header(&p, sk, recipients, count, 1, e) == 0)
		rc = o->header_only ? 0 : copy(UINT64_MAX, e);
	packets_free(&p);
	return rc;
}

int
crypt4gh_rearrange(const struct crypt4gh_options *o, const struct secret *sk, struct err *e)
{
	const uint64_t first = o->start / C4GH_PLAIN_MAX;
	uint64_t edits[2] = {o->start % C4GH_PLAIN_MAX, o->len}, wanted = UINT64_MAX;
	struct packets p = {.keys = NULL}, again;
	uint8_t own[X25519_LEN];
	int rc = -1;

	if (crypt4gh_read_header(sk, NULL, &p, e) == -1)
		return -1;
	if (p.edited) {
		err_set(e, ERR_REFUSED,
		    "header: it has an edit list already, and a second one cannot be put over it");
		goto out;
	}
	/* Packets that do not open are for others, whose own edit list this would not be. */
	again = (struct packets){.keys = p.keys,
	    .key_count = p.key_count,
	    .edited = true,
	    .edits = edits,
	    .edit_count = o->len == UINT64_MAX ? 1 : 2};
	if (o->len != UINT64_MAX)
		wanted = (o->start + o->len + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX - first;
	if (header_public(sk, own, e) == -1 || crypt4gh_write_header(&again, sk, own, 1, 1, e) == -1 ||
	    crypt4gh_pass_by(first * C4GH_SEGMENT_MAX, e) == -1)
		goto out;
	rc = copy(wanted == UINT64_MAX ? wanted : wanted * C4GH_SEGMENT_MAX, e);
out:
	packets_free(&p);
	return rc;
}
