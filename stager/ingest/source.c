/* Bytes of one source file from a descriptor or from memory, and reading until a buffer is full or the end. */
#include "stager/source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "stager/buf.h"

#define READ_FIRST (16u << 10)
#define READ_STEP (1u << 20)

ssize_t
source_read_full(struct source *s, void *out, size_t len, struct err *e)
{
	uint8_t *at = out;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		if ((n = s->read(s, at + done, len - done, e)) == -1)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int
source_read_all(struct source *s, struct buf *out, struct err *e)
{
	/* Of a small file no more than itself: what is reserved here is wiped, too, and most letters are small. */
	size_t step = s->size_known && s->size < READ_STEP ? (size_t)s->size + 1 : READ_FIRST, room;
	uint8_t *to;
	ssize_t n;

	do {
		room = out->limit - out->len < step ? out->limit - out->len : step;
		step = step < READ_STEP / 2 ? 2 * step : READ_STEP;
		if (room == 0)
			return 0;
		if ((to = buf_reserve(out, room, e)) == NULL)
			return -1;
		if ((n = source_read_full(s, to, room, e)) == -1)
			return -1;
		out->len += (size_t)n;
	} while ((size_t)n == room);
	return 0;
}

static ssize_t
fd_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct source_fd *f = (struct source_fd *)s; /* source is its first member */
	uint8_t beyond;
	ssize_t n;

	/* At its end the file must really end: one byte more and it is not the file that was measured. */
	if (f->done == s->size) {
		out = &beyond;
		len = 1;
	} else if (len > s->size - f->done) {
		len = (size_t)(s->size - f->done);
	}
	if (len == 0)
		return 0;
	do
		n = read(f->fd, out, len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_sys(e, "file %" PRIu64 ": read", s->number);
	if (f->done == s->size ? n > 0 : n == 0)
		return err_set(e, ERR_INPUT, "file %" PRIu64 ": changed while it was read", s->number);
	f->done += (uint64_t)n;
	return n;
}

void
source_fd_init(struct source_fd *s, int fd, uint64_t size, uint64_t number, const char *name)
{
	*s = (struct source_fd){
	    .source = {.read = fd_read, .size_known = true, .size = size, .number = number, .name = name},
	    .fd = fd,
	};
}

static ssize_t
mem_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct source_mem *m = (struct source_mem *)s;

	(void)e;
	if (len > m->len - m->done)
		len = m->len - m->done;
	if (m->chunk > 0 && len > m->chunk)
		len = m->chunk;
	if (len > 0)
		memcpy(out, m->data + m->done, len);
	m->done += len;
	return (ssize_t)len;
}

void
source_mem_init(struct source_mem *s, const void *data, size_t len, const char *name)
{
	*s = (struct source_mem){
	    .source = {.read = mem_read, .size_known = true, .size = len, .number = 1, .name = name},
	    .data = data,
	    .len = len,
	};
}
