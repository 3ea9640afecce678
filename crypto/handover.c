/* What a header gave its reader, from the program that holds the reader's key to the one that opens the body. */
#include "stager/upload.h"

#include <stdlib.h>

#include "stager/io.h"
#include "stager/secret.h"

#define LEAD_LEN 16

static const char what[] = "data keys";

int
packets_give(const struct packets *p, int fd, struct err *e)
{
	struct buf lead, edits;
	int rc = -1;

	buf_init(&lead, LEAD_LEN);
	buf_init(&edits, EDITS_MAX * 8);
	if (buf_put_u32le(&lead, (uint32_t)p->data_packets, e) == -1 ||
	    buf_put_u32le(&lead, p->one_writer, e) == -1 ||
	    buf_put_u32le(&lead, (uint32_t)p->key_count, e) == -1 ||
	    buf_put_u32le(&lead, p->edited ? (uint32_t)p->edit_count : 0, e) == -1)
		goto out;
	for (size_t i = 0; p->edited && i < p->edit_count; i++)
		if (buf_put_u64le(&edits, p->edits[i], e) == -1)
			goto out;
	if (io_write(fd, lead.data, lead.len, what, e) == -1 ||
	    io_write(fd, p->keys->bytes, p->key_count * C4GH_KEY_LEN, what, e) == -1 ||
	    (edits.len > 0 && io_write(fd, edits.data, edits.len, what, e) == -1))
		goto out;
	rc = 0;
out:
	buf_free(&edits);
	buf_free(&lead);
	return rc;
}

/* count u64 LE. */
static int
take_edits(int fd, struct packets *p, uint32_t count, struct err *e)
{
	uint8_t bytes[8] = {0};
	struct view v;

	if (count == 0)
		return 0;
	if ((p->edits = calloc(count, sizeof(*p->edits))) == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", what);
	for (uint32_t i = 0; i < count; i++) {
		if (io_read_exact(fd, bytes, sizeof(bytes), what, e) == -1)
			return -1;
		v = view_of(bytes, sizeof(bytes), what);
		if (view_u64le(&v, &p->edits[i], e) == -1)
			return -1;
	}
	p->edit_count = count;
	p->edited = true;
	return 0;
}

int
packets_take(int fd, struct packets *p, struct err *e)
{
	uint32_t packets = 0, one_writer = 0, keys = 0, edits = 0;
	uint8_t lead[LEAD_LEN] = {0}, more;
	struct view v = view_of(lead, sizeof(lead), what);
	ssize_t n;

	*p = (struct packets){.keys = NULL};
	buf_init(&p->others, 1);
	if (io_read_exact(fd, lead, sizeof(lead), what, e) == -1 || view_u32le(&v, &packets, e) == -1 ||
	    view_u32le(&v, &one_writer, e) == -1 || view_u32le(&v, &keys, e) == -1 ||
	    view_u32le(&v, &edits, e) == -1)
		goto fail;
	if (keys == 0 || keys > DATA_KEYS_MAX || packets < keys || packets > PACKETS_MAX || one_writer > 1 ||
	    edits > EDITS_MAX) {
		err_set(e, ERR_INPUT, "%s: not of the form they must have", what);
		goto fail;
	}
	if ((p->keys = secret_new((size_t)keys * C4GH_KEY_LEN, e)) == NULL ||
	    io_read_exact(fd, p->keys->bytes, p->keys->len, what, e) == -1 ||
	    take_edits(fd, p, edits, e) == -1)
		goto fail;
	if ((n = io_read(fd, &more, 1, what, e)) != 0) {
		if (n == 1)
			err_set(e, ERR_INPUT, "%s: more than there are", what);
		goto fail;
	}
	p->key_count = keys;
	p->data_packets = packets;
	p->one_writer = one_writer == 1;
	return 0;
fail:
	packets_free(p);
	return -1;
}
