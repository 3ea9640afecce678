/* Writing a file in pieces that begin and end at multiples of IO_ALIGN. */
#include "stager/io_aligned.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stager/io.h"

#define PARTS_MAX 16

struct io_aligned {
	int fd;
	bool aligns; /* a regular file */
	const char *what;
	size_t past; /* bytes that the file has past a multiple of IO_ALIGN, what waits left out */
	size_t waiting;
	uint8_t held[IO_ALIGN];
};

struct io_aligned *
io_aligned_new(int fd, const char *what, struct err *e)
{
	struct io_aligned *w = NULL;
	struct stat st;
	int flags = fcntl(fd, F_GETFL);
	off_t at = 0;

	if (flags == -1 || fstat(fd, &st) == -1 ||
	    (S_ISREG(st.st_mode) && (at = (flags & O_APPEND) ? st.st_size : lseek(fd, 0, SEEK_CUR)) == -1)) {
		err_sys(e, "%s: look at", what);
		return NULL;
	}
	if ((w = malloc(sizeof(*w))) == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", what);
		return NULL;
	}
	w->fd = fd;
	w->aligns = S_ISREG(st.st_mode);
	w->what = what;
	w->past = (size_t)at % IO_ALIGN;
	w->waiting = 0;
	return w;
}

/* What waits and, behind it, the first `len` bytes of the pieces: up to a multiple of IO_ALIGN. */
static int
write_whole(struct io_aligned *w, const struct iovec *parts, size_t len, struct err *e)
{
	struct iovec out[PARTS_MAX] = {{w->held, w->waiting}};
	size_t count = 1;

	for (; len > 0; parts++) {
		size_t n = parts->iov_len < len ? parts->iov_len : len;

		out[count++] = (struct iovec){parts->iov_base, n};
		len -= n;
		if (count == PARTS_MAX) {
			if (io_write_parts(w->fd, out, count, w->what, e) == -1)
				return -1;
			count = 0;
		}
	}
	w->waiting = 0;
	w->past = 0;
	return io_write_parts(w->fd, out, count, w->what, e);
}

int
io_aligned_write(struct io_aligned *w, struct iovec *parts, size_t count, struct err *e)
{
	size_t len = 0, whole, n;

	if (!w->aligns)
		return io_write_parts(w->fd, parts, count, w->what, e);
	for (size_t i = 0; i < count; i++)
		len += parts[i].iov_len;
	/* Of these bytes, so many reach a multiple. */
	whole = w->past + w->waiting + len;
	whole = whole < IO_ALIGN ? 0 : whole / IO_ALIGN * IO_ALIGN - w->past - w->waiting;
	if (whole > 0 && write_whole(w, parts, whole, e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		n = parts[i].iov_len < whole ? parts[i].iov_len : whole;
		whole -= n;
		memcpy(w->held + w->waiting, (const uint8_t *)parts[i].iov_base + n, parts[i].iov_len - n);
		w->waiting += parts[i].iov_len - n;
	}
	return 0;
}

int
io_aligned_flush(struct io_aligned *w, struct err *e)
{
	size_t len = w->waiting;

	w->past = (w->past + len) % IO_ALIGN;
	w->waiting = 0;
	return io_write(w->fd, w->held, len, w->what, e);
}

void
io_aligned_free(struct io_aligned *w)
{
	free(w);
}
