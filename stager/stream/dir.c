/* dir:PATH. A folder, on a local disk or a mounted parallel file system: plain reads, writes and renames alone. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"
#include "stager/enc.h"
#include "stager/io.h"

/* One request to the file system; the pace is kept between them. */
#define PIECE (1u << 20)
/* An object's temporary name ends with a tilde, which no object's name has, and a random number. */
#define TEMP_RANDOM 8
#define TEMP_MAX (ENDPOINT_NAME_MAX + 2 + 2 * TEMP_RANDOM)
#define DEPTH_MAX (ENDPOINT_NAME_MAX / 2)

struct dir {
	struct endpoint p;
	int fd;
	mode_t mode; /* of the folder: what is put may be read by whom the folder may be */
};

struct dir_put {
	struct endpoint_put u;
	int folder, fd;
	const char *last;    /* part of u.name */
	char temp[TEMP_MAX]; /* beside it; "" before it is made */
};

/* What errno says, for the one above: may it pass, is it a no. */
static int
fault(struct attempt *a, struct err *e, const char *name, const char *step)
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

/*
 * Open the folder that name stands in, part by part, no symbolic link among them. make: those that are not there.
 * The descriptor, or -1; *last: the part after the last slash.
 */
static int
open_folder(struct dir *d, const char *name, bool make, const char **last, struct attempt *a, struct err *e)
{
	char part[ENDPOINT_NAME_MAX + 1];
	const char *slash;
	int at, next = -1;

	if ((at = fcntl(d->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return fault(a, e, name, "open folder");
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
	fault(a, e, name, "open folder");
	io_close(&next);
	io_close(&at);
	return -1;
}

/* The time of change with the time of writing: nobody can put the former back. */
static void
fill_info(const struct stat *st, struct endpoint_info *out)
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
		fault(a, e, w->u.name, "look at");
		io_close(&fd);
		return -1;
	}
	io_close(&fd);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != w->u.size)
		return err_set(e, ERR_FORGED, "%s: another wrote to it", w->u.name);
	fill_info(&st, out);
	return 0;
}

static int
dir_put_abandon(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct dir_put *w = (struct dir_put *)u;

	if (w->temp[0] != '\0' && unlinkat(w->folder, w->temp, 0) == -1 && errno != ENOENT)
		return fault(a, e, u->name, "remove");
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
	uint8_t random[TEMP_RANDOM];
	char hex[2 * TEMP_RANDOM + 1];

	w->fd = w->folder = -1;
	if ((w->folder = open_folder(d, u->name, true, &w->last, a, e)) == -1)
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
		fault(a, e, u->name, "create");
		goto failed;
	}
	if (fchmod(w->fd, 0600 | (d->mode & 0066)) == -1) {
		fault(a, e, u->name, "mode");
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
			return fault(a, e, u->name, "write");
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
		fault(a, e, u->name, "sync");
		a->again = false;
		return -1;
	}
	if (fstat(w->fd, &st) == -1)
		return fault(a, e, u->name, "look at");
	if ((uint64_t)st.st_size != u->size)
		return err_set(e, ERR_FORGED, "%s: another wrote to it: other length", u->name);
	/* Tried again after a rename that was said to have failed and had not: the temporary name is gone. */
	if (renameat(w->folder, w->temp, w->folder, w->last) == -1)
		return fault(a, e, u->name, "rename");
	w->temp[0] = '\0';
	if (fsync(w->folder) == -1) {
		fault(a, e, u->name, "sync folder");
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

	if ((folder = open_folder(d, name, false, &last, a, e)) == -1)
		return -1;
	fd = openat(folder, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		fault(a, e, name, "open");
	io_close(&folder);
	if (fd == -1)
		return -1;
	if (fstat(fd, st) == -1) {
		fault(a, e, name, "look at");
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
			fault(a, e, name, "read");
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
	fill_info(&st, out);
	io_close(&fd);
	return 0;
}

/* What walk finds: each regular file, by its name from the endpoint's folder. */
struct walk {
	struct attempt *a;
	bool temps; /* those of killed senders, not the objects */
	int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e);
	void *ctx;
	uint64_t removed;
};

static bool
is_temp(const char *last)
{
	const char *tilde = strchr(last, '~');

	return tilde != NULL && tilde != last && strspn(tilde + 1, "0123456789abcdef") == 2 * TEMP_RANDOM &&
	       tilde[1 + 2 * TEMP_RANDOM] == '\0';
}

static int
walk_entry(struct walk *w, int folder, const char *path, const char *last, struct err *e)
{
	struct endpoint_info info;
	struct stat st;

	if (w->temps) {
		if (!is_temp(last))
			return 0;
		if (unlinkat(folder, last, 0) == -1 && errno != ENOENT)
			return fault(w->a, e, path, "remove");
		w->removed++;
		return 0;
	}
	/* Others' files may come and go. */
	if (!endpoint_name_valid(path) || fstatat(folder, last, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode))
		return 0;
	fill_info(&st, &info);
	return w->each(w->ctx, path, &info, e);
}

/* Takes folder. path: of it, with a slash at the end, or "". */
static int
walk(struct walk *w, int folder, const char *path, unsigned depth, struct err *e)
{
	char inner[ENDPOINT_NAME_MAX + TEMP_MAX + 2];
	struct dirent *entry;
	DIR *dir;
	int sub, rc = -1;

	if ((dir = fdopendir(folder)) == NULL) {
		fault(w->a, e, path, "read folder");
		io_close(&folder);
		return -1;
	}
	for (;;) {
		errno = 0;
		if ((entry = readdir(dir)) == NULL) {
			if (errno == 0)
				rc = 0;
			else
				fault(w->a, e, path, "read folder");
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((size_t)snprintf(inner, sizeof(inner), "%s%s", path, entry->d_name) >= TEMP_MAX)
			continue; /* none of ours is so long */
		sub = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub == -1) {
			if (walk_entry(w, folder, inner, entry->d_name, e) == -1)
				break;
			continue;
		}
		memcpy(inner + strlen(inner), "/", 2);
		if (depth == DEPTH_MAX)
			io_close(&sub);
		else if (walk(w, sub, inner, depth + 1, e) == -1)
			break;
	}
	(void)closedir(dir);
	return rc;
}

static int
walk_prefix(struct dir *d, struct walk *w, const char *prefix, struct err *e)
{
	char path[ENDPOINT_NAME_MAX + 4];
	const char *last;
	int folder;

	/* The folder that a name in it would stand in. */
	(void)snprintf(path, sizeof(path), "%s%s", prefix, prefix[0] == '\0' ? "" : "/");
	if ((folder = open_folder(d, path, false, &last, w->a, e)) == -1)
		return w->a->absent ? 0 : -1;
	/* A descriptor of its own: reading it through a copy would move the shared position. */
	if (prefix[0] == '\0') {
		io_close(&folder);
		if ((folder = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
			return fault(w->a, e, "folder", "open");
	}
	return walk(w, folder, path, 0, e);
}

static int
dir_list(struct endpoint *p, const char *prefix, char **next,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct attempt *a, struct err *e)
{
	struct walk w = {.a = a, .each = each, .ctx = ctx};

	*next = NULL;
	return walk_prefix((struct dir *)p, &w, prefix, e);
}

static int
dir_clean(struct endpoint *p, const char *prefix, uint64_t *count, struct attempt *a, struct err *e)
{
	struct walk w = {.a = a, .temps = true};
	int rc = walk_prefix((struct dir *)p, &w, prefix, e);

	*count += w.removed;
	return rc;
}

static int
dir_remove(struct endpoint *p, const char *name, struct attempt *a, struct err *e)
{
	const char *last;
	int folder, rc = 0;

	if ((folder = open_folder((struct dir *)p, name, false, &last, a, e)) == -1)
		return -1;
	if (unlinkat(folder, last, 0) == -1)
		rc = fault(a, e, name, "remove");
	else if (fsync(folder) == -1)
		rc = fault(a, e, name, "sync folder");
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
