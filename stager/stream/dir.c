/* dir:PATH. A folder, on a local disk or a mounted parallel file system: plain reads, writes and renames alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "stager/enc.h"
#include "stager/io.h"

/* One request to the file system; the pace is kept between them. */
#define PIECE (1u << 20)

struct dir_put {
	struct endpoint_put u;
	int folder, fd;
	const char *last;        /* part of u.name */
	char temp[DIR_TEMP_MAX]; /* beside it; "" before it is made */
};

int
dir_fault(struct attempt *a, struct err *e, const char *name, const char *step)
{
	enum err_code code = ERR_SYSTEM;

	switch (errno) {
	case EIO:
	case ESTALE:
	case ETIMEDOUT:
	case ENOTCONN:
	case ENOLINK:
	case EAGAIN:
	case EBUSY:
	case ESHUTDOWN:
		/* A parallel file system that fails over. */
		a->again = true;
		code = ERR_REMOTE;
		break;
	case ENOSPC:
	case EDQUOT:
		code = ERR_REMOTE;
		break;
	case EACCES:
	case EPERM:
	case EROFS:
	case ELOOP:
	case ENOTDIR:
	case EISDIR:
		code = ERR_REFUSED;
		break;
	case ENOENT:
		a->absent = true;
		code = ERR_REMOTE;
		break;
	default:
		break;
	}
	err_sys(e, "%s: %s", name, step);
	if (e != NULL)
		e->code = code;
	return -1;
}

int
dir_folder(struct dir *d, const char *name, bool make, const char **last, struct attempt *a, struct err *e)
{
	char part[ENDPOINT_NAME_MAX + 1];
	const char *slash;
	int at, next = -1;

	if ((at = fcntl(d->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return dir_fault(a, e, name, "open folder");
	for (; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
		memcpy(part, name, (size_t)(slash - name));
		part[slash - name] = '\0';
		next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next == -1 && errno == ENOENT && make) {
			bool made = mkdirat(at, part, 0700) == 0;

			if (!made && errno != EEXIST)
				goto failed;
			next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			/* By its descriptor: others may write here, and put a link in its place. Durable before anything in it is. */
			if (made && next != -1 && (fchmod(next, d->mode) == -1 || fsync(at) == -1))
				goto failed;
		}
		if (next == -1)
			goto failed;
		io_close(&at);
		at = next;
	}
	*last = name;
	return at;
failed:
	dir_fault(a, e, name, "open folder");
	io_close(&next);
	io_close(&at);
	return -1;
}

void
dir_info(const struct stat *st, struct endpoint_info *out)
{
	out->size = (uint64_t)st->st_size;
	(void)snprintf(out->tag, sizeof(out->tag), "%llx-%llx.%lx-%llx.%lx", (unsigned long long)st->st_ino,
	    (unsigned long long)st->st_ctim.tv_sec, (unsigned long)st->st_ctim.tv_nsec,
	    (unsigned long long)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec);
}

/* What stands under its name now, opened anew (NFS looks again then): renaming has set its time of change. */
static int
look_again(const struct dir_put *w, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	int fd = openat(w->folder, w->last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		dir_fault(a, e, w->u.name, "look at");
		io_close(&fd);
		return -1;
	}
	io_close(&fd);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != w->u.size)
		return err_set(e, ERR_FORGED, "%s: another wrote to it", w->u.name);
	dir_info(&st, out);
	return 0;
}

static int
dir_put_abandon(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct dir_put *w = (struct dir_put *)u;

	if (w->temp[0] != '\0' && unlinkat(w->folder, w->temp, 0) == -1 && errno != ENOENT)
		return dir_fault(a, e, u->name, "remove");
	w->temp[0] = '\0';
	return 0;
}

static void
dir_put_free(struct endpoint_put *u)
{
	struct dir_put *w = (struct dir_put *)u;

	io_close(&w->fd);
	io_close(&w->folder);
}

static int
dir_put_begin(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct dir_put *w = (struct dir_put *)u;
	struct dir *d = (struct dir *)u->p;
	uint8_t random[DIR_TEMP_RANDOM];
	char hex[2 * DIR_TEMP_RANDOM + 1];

	w->fd = w->folder = -1;
	if ((w->folder = dir_folder(d, u->name, true, &w->last, a, e)) == -1)
		return -1;
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		err_sys(e, "%s: random name", u->name);
		goto failed;
	}
	hex_encode(random, sizeof(random), hex);
	(void)snprintf(w->temp, sizeof(w->temp), "%s~%s", w->last, hex);
	w->fd = openat(w->folder, w->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w->fd == -1) {
		w->temp[0] = '\0';
		dir_fault(a, e, u->name, "create");
		goto failed;
	}
	if (fchmod(w->fd, 0600 | (d->mode & 0066)) == -1) {
		dir_fault(a, e, u->name, "mode");
		goto failed;
	}
	return 0;
failed:
	(void)dir_put_abandon(u, &(struct attempt){0}, NULL);
	dir_put_free(u);
	return -1;
}

static int
dir_put(struct endpoint_put *u, uint64_t number, const uint8_t *data, size_t len, struct attempt *a,
    struct err *e)
{
	struct dir_put *w = (struct dir_put *)u;
	uint64_t offset = number * u->part_len;
	size_t piece;
	ssize_t n;

	while (len > 0) {
		if (atomic_load(&u->p->stopped))
			return err_set(e, ERR_REMOTE, "%s: stopped", u->name);
		piece = len > PIECE ? PIECE : len;
		rate_wait(u->p->rate, piece, &u->p->stopped);
		n = pwrite(w->fd, data, piece, (off_t)offset);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return dir_fault(a, e, u->name, "write");
		data += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int
dir_put_commit(struct endpoint_put *u, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	struct dir_put *w = (struct dir_put *)u;
	struct stat st;

	/* Not tried again: a kernel tells of lost writes once, and says the next time that all is well. */
	if (fsync(w->fd) == -1) {
		dir_fault(a, e, u->name, "sync");
		a->again = false;
		return -1;
	}
	if (fstat(w->fd, &st) == -1)
		return dir_fault(a, e, u->name, "look at");
	if ((uint64_t)st.st_size != u->size)
		return err_set(e, ERR_FORGED, "%s: another wrote to it: other length", u->name);
	/* Tried again after a rename that was said to have failed and had not: the temporary name is gone. */
	if (renameat(w->folder, w->temp, w->folder, w->last) == -1)
		return dir_fault(a, e, u->name, "rename");
	w->temp[0] = '\0';
	if (fsync(w->folder) == -1) {
		dir_fault(a, e, u->name, "sync folder");
		a->again = false;
		return -1;
	}
	return look_again(w, out, a, e);
}

/* A regular file of that name, and nothing else: no link, no pipe that would block. */
static int
open_object(struct dir *d, const char *name, struct stat *st, struct attempt *a, struct err *e)
{
	const char *last;
	int folder, fd;

	if ((folder = dir_folder(d, name, false, &last, a, e)) == -1)
		return -1;
	fd = openat(folder, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		dir_fault(a, e, name, "open");
	io_close(&folder);
	if (fd == -1)
		return -1;
	if (fstat(fd, st) == -1) {
		dir_fault(a, e, name, "look at");
		io_close(&fd);
	} else if (!S_ISREG(st->st_mode)) {
		err_set(e, ERR_REFUSED, "%s: no regular file", name);
		io_close(&fd);
	}
	return fd;
}

static int
dir_get(struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len, struct attempt *a,
    struct err *e)
{
	struct stat st;
	size_t piece;
	ssize_t n;
	int fd, rc = -1;

	if ((fd = open_object((struct dir *)p, name, &st, a, e)) == -1)
		return -1;
	while (a->done < len) {
		if (atomic_load(&p->stopped)) {
			err_set(e, ERR_REMOTE, "%s: stopped", name);
			goto out;
		}
		piece = len - a->done > PIECE ? PIECE : len - a->done;
		rate_wait(p->rate, piece, &p->stopped);
		n = pread(fd, out + a->done, piece, (off_t)(offset + a->done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			dir_fault(a, e, name, "read");
			goto out;
		}
		if (n == 0) {
			err_set(e, ERR_FORGED, "%s: shorter than it should be", name);
			goto out;
		}
		a->done += (size_t)n;
	}
	rc = 0;
out:
	io_close(&fd);
	return rc;
}

static int
dir_head(struct endpoint *p, const char *name, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	struct stat st;
	int fd = open_object((struct dir *)p, name, &st, a, e);

	if (fd == -1)
		return -1;
	dir_info(&st, out);
	io_close(&fd);
	return 0;
}

static int
dir_remove(struct endpoint *p, const char *name, struct attempt *a, struct err *e)
{
	const char *last;
	int folder, rc = 0;

	if ((folder = dir_folder((struct dir *)p, name, false, &last, a, e)) == -1)
		return -1;
	if (unlinkat(folder, last, 0) == -1)
		rc = dir_fault(a, e, name, "remove");
	else if (fsync(folder) == -1)
		rc = dir_fault(a, e, name, "sync folder");
	io_close(&folder);
	return rc;
}

static void
dir_free(struct endpoint *p)
{
	struct dir *d = (struct dir *)p;

	io_close(&d->fd);
	free(d);
}

static const struct endpoint_ops dir_ops = {
    .put_size = sizeof(struct dir_put),
    .put_begin = dir_put_begin,
    .put = dir_put,
    .put_commit = dir_put_commit,
    .put_abandon = dir_put_abandon,
    .put_free = dir_put_free,
    .get = dir_get,
    .head = dir_head,
    .list = dir_list,
    .remove = dir_remove,
    .clean = dir_clean,
    .free = dir_free,
};

int
dir_open(const char *path, struct endpoint **out, struct err *e)
{
	struct dir *d = NULL;
	struct stat st;
	int fd = -1;

	/* It must be there: a parallel file system that is not mounted is not to be written beside. */
	if (path[0] == '\0' || (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_set(e, ERR_INPUT, "dir:%s: no folder that can be opened", path);
	if (fstat(fd, &st) == -1) {
		err_sys(e, "dir:%s: look at", path);
		goto failed;
	}
	if ((d = calloc(1, sizeof(*d))) == NULL) {
		err_sys(e, "dir:%s", path);
		goto failed;
	}
	d->p.ops = &dir_ops;
	d->fd = fd;
	d->mode = (st.st_mode & 02777) | 0700;
	*out = &d->p;
	return 0;
failed:
	io_close(&fd);
	return -1;
}
