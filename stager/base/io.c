/* Whole reads and writes, and files that appear whole or not at all. */
#include "stager/io.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stager/clock.h"

#define IO_PARTS_MAX 64 /* of one call; Linux takes 1024 */

int
io_write(int fd, const void *data, size_t len, const char *what, struct err *e)
{
	const uint8_t *at = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_sys(e, "%s: write", what);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
io_write_patient(int fd, const void *data, size_t len, int wait_ms, const char *what, struct err *e)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	const uint8_t *at = data;
	int64_t until = clock_now_ms() + wait_ms, left;
	ssize_t n;
	int ready;

	while (len > 0) {
		left = until - clock_now_ms();
		if ((ready = poll(&p, 1, left > 0 ? (int)left : 0)) == -1 && errno == EINTR)
			continue;
		if (ready == -1)
			return err_sys(e, "%s: wait", what);
		if (ready == 0)
			return err_set(
			    e, ERR_REMOTE, "%s: it took nothing for %d seconds", what, wait_ms / 1000);
		/* What can be written can take so much without waiting: pipe(7); sockets have more room before they say so. */
		if ((n = write(fd, at, len < PIPE_BUF ? len : PIPE_BUF)) == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(e, ERR_REMOTE, "%s: write: %s", what, strerror(errno));
		at += n;
		len -= (size_t)n;
		until = clock_now_ms() + wait_ms;
	}
	return 0;
}

/* n bytes of the pieces are done: what is left of them. */
static void
pass_parts(struct iovec **parts, size_t *count, size_t n)
{
	for (; *count > 0 && n >= (*parts)->iov_len; (*parts)++, (*count)--)
		n -= (*parts)->iov_len;
	if (n > 0) {
		(*parts)->iov_base = (uint8_t *)(*parts)->iov_base + n;
		(*parts)->iov_len -= n;
	}
}

int
io_write_parts(int fd, struct iovec *parts, size_t count, const char *what, struct err *e)
{
	ssize_t n;

	for (pass_parts(&parts, &count, 0); count > 0; pass_parts(&parts, &count, n == -1 ? 0 : (size_t)n)) {
		n = writev(fd, parts, (int)(count < IO_PARTS_MAX ? count : IO_PARTS_MAX));
		if (n == -1 && errno != EINTR)
			return err_sys(e, "%s: write", what);
	}
	return 0;
}

/* All of len bytes, or up to the end: from where the descriptor stands, or (not NULL) from an offset. */
static ssize_t
read_up_to(int fd, void *data, size_t len, const uint64_t *offset, const char *what, struct err *e)
{
	uint8_t *at = data;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = offset == NULL ? read(fd, at + done, len - done)
				   : pread(fd, at + done, len - done, (off_t)(*offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_sys(e, "%s: read", what);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t
io_read(int fd, void *data, size_t len, const char *what, struct err *e)
{
	return read_up_to(fd, data, len, NULL, what, e);
}

int
io_read_exact(int fd, void *data, size_t len, const char *what, struct err *e)
{
	ssize_t n = io_read(fd, data, len, what, e);

	if (n == -1)
		return -1;
	if ((size_t)n != len)
		return err_set(e, ERR_INPUT, "%s: cut short", what);
	return 0;
}

ssize_t
io_pread(int fd, void *data, size_t len, uint64_t offset, const char *what, struct err *e)
{
	return read_up_to(fd, data, len, &offset, what, e);
}

ssize_t
io_pread_parts(int fd, struct iovec *parts, size_t count, uint64_t offset, const char *what, struct err *e)
{
	size_t done = 0;
	ssize_t n;

	for (pass_parts(&parts, &count, 0); count > 0; pass_parts(&parts, &count, n == -1 ? 0 : (size_t)n)) {
		n = preadv(
		    fd, parts, (int)(count < IO_PARTS_MAX ? count : IO_PARTS_MAX), (off_t)(offset + done));
		if (n == -1 && errno != EINTR)
			return err_sys(e, "%s: read", what);
		if (n == 0)
			break;
		done += n == -1 ? 0 : (size_t)n;
	}
	return (ssize_t)done;
}

int
io_read_all(int fd, struct buf *b, const char *what, struct err *e)
{
	uint8_t piece[16384];
	ssize_t n;

	/* Through a piece of our own, so that a full buffer and an ended file can be told apart. */
	while ((n = io_read(fd, piece, sizeof(piece), what, e)) > 0) {
		if (buf_put(b, piece, (size_t)n, e) == -1)
			return err_context(e, "%s", what);
		if ((size_t)n < sizeof(piece))
			break;
	}
	return n == -1 ? -1 : 0;
}

int
io_read_file(int dirfd, const char *path, struct buf *b, struct err *e)
{
	int rc = -1, fd;

	if ((fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)) == -1)
		return err_sys(e, "%s: open", path);
	rc = io_read_all(fd, b, path, e);
	io_close(&fd);
	return rc;
}

int
io_sync_parent(int dirfd, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char parent[4096];
	int fd, rc = -1;

	if (slash == NULL)
		(void)snprintf(parent, sizeof(parent), ".");
	else if (slash == path)
		(void)snprintf(parent, sizeof(parent), "/");
	else if ((size_t)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path) >=
		 sizeof(parent))
		return err_set(e, ERR_LIMIT, "%s: path too long", path);
	if ((fd = openat(dirfd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: open folder", parent);
	if (fsync(fd) == -1)
		err_sys(e, "%s: sync folder", parent);
	else
		rc = 0;
	io_close(&fd);
	return rc;
}

int
io_replace_file(int dirfd, const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	char temp[4096];
	int fd = -1, rc = -1;

	/* One fixed name beside it: whatever a crash left there is written over. */
	if ((size_t)snprintf(temp, sizeof(temp), "%s.tmp", path) >= sizeof(temp))
		return err_set(e, ERR_LIMIT, "%s: path too long", path);
	if (unlinkat(dirfd, temp, 0) == -1 && errno != ENOENT)
		return err_sys(e, "%s: remove", temp);
	if ((fd = openat(dirfd, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)) == -1)
		return err_sys(e, "%s: create", temp);
	/* The mode as asked for, whatever the umask is. */
	if (fchmod(fd, mode) == -1) {
		err_sys(e, "%s: mode", temp);
		goto out;
	}
	if (io_write(fd, data, len, temp, e) == -1)
		goto out;
	if (fsync(fd) == -1) {
		err_sys(e, "%s: sync", temp);
		goto out;
	}
	if (renameat(dirfd, temp, dirfd, path) == -1) {
		err_sys(e, "%s: rename", temp);
		goto out;
	}
	rc = io_sync_parent(dirfd, path, e);
out:
	if (rc == -1)
		(void)unlinkat(dirfd, temp, 0);
	io_close(&fd);
	return rc;
}

int
io_make_dirs(int dirfd, const char *path, struct err *e)
{
	char part[4096];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return err_set(e, ERR_LIMIT, "folder path: length");
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdirat(dirfd, part, 0700) == -1) {
			if (errno != EEXIST)
				return err_sys(e, "%s: make folder", part);
		} else if (io_sync_parent(dirfd, part, e) == -1) {
			return -1;
		}
		if (i < len)
			part[i] = '/';
	}
	return 0;
}

int
io_remove_tree(int folder, const char *path, struct err *e)
{
	struct dirent *entry;
	DIR *dir = NULL;
	int fd = -1, rc = -1;

	if (unlinkat(folder, path, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, "%s: remove", path);
	if ((fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: open folder", path);
	if ((dir = fdopendir(fd)) == NULL) {
		err_sys(e, "%s: read folder", path);
		goto out;
	}
	fd = -1; /* dir has it now */
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (io_remove_tree(dirfd(dir), entry->d_name, e) == -1) {
			err_context(e, "%s", path);
			goto out;
		}
	}
	if (unlinkat(folder, path, AT_REMOVEDIR) == -1) {
		err_sys(e, "%s: remove folder", path);
		goto out;
	}
	rc = 0;
out:
	if (dir != NULL)
		(void)closedir(dir);
	io_close(&fd);
	return rc;
}

void
io_widen_pipe(int fd)
{
	(void)fcntl(fd, F_SETPIPE_SZ, 1 << 20);
}

int
io_peek(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd != -1) {
		n = read(fd, out, size - 1);
		(void)close(fd);
	}
	out[n > 0 ? n : 0] = '\0';
	if (n > 0 && out[n - 1] == '\n')
		out[n - 1] = '\0';
	return n >= 0 ? 0 : -1;
}

void
io_close(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}
