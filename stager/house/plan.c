/* What a push will read: a walk over its sources that follows no link. */
#include "plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stager/buf.h"
#include "stager/io.h"
#include "stager/names.h"

/* A file that was sealed for the house says so by its name's end, of whatever case; that alone is no name. */
static bool
is_sealed(const char *name)
{
	size_t len = strlen(name), end = strlen(SEALED_END);

	return len > end && strcasecmp(name + len - end, SEALED_END) == 0 && name[len - end - 1] != '/';
}

/* By name alone: the supervisor reads no byte of a dataset. What is inside is found out in the sandbox. */
static bool
is_archive(const char *name)
{
	static const char *const ends[] = {
	    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && strcasecmp(name + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}

static int
plan_add(struct plan *p, size_t source, const char *name, bool whole, const struct stat *st, struct err *e)
{
	struct plan_file *f;

	if (name_check(name, strlen(name), e) == -1)
		return err_context(e, "source file %zu", p->count + 1);
	if (p->count == PLAN_FILES_MAX)
		return err_set(e, ERR_LIMIT, "source: more than %d files; push it as an archive or in parts",
		    PLAN_FILES_MAX);
	if (p->count == p->cap) {
		size_t cap = p->cap == 0 ? 64 : p->cap * 2;
		struct plan_file *files = reallocarray(p->files, cap, sizeof(*files));

		if (files == NULL)
			return err_set(e, ERR_SYSTEM, "source: out of memory");
		p->files = files;
		p->cap = cap;
	}
	f = &p->files[p->count];
	*f = (struct plan_file){.source = source,
	    .size = (uint64_t)st->st_size,
	    .device = st->st_dev,
	    .inode = st->st_ino,
	    .changed = st->st_ctim,
	    .modified = st->st_mtim};
	f->sealed = is_sealed(name);
	if ((f->path = strdup(name)) == NULL)
		return err_set(e, ERR_SYSTEM, "source: out of memory");
	p->count++;
	if ((f->name = strndup(name, strlen(name) - (f->sealed ? strlen(SEALED_END) : 0))) == NULL ||
	    (is_archive(f->name) && (f->prefix = strdup(whole ? "" : f->name)) == NULL))
		return err_set(e, ERR_SYSTEM, "source: out of memory");
	p->bytes += f->size;
	return 0;
}

/* One folder; path is its name relative to the source, "" for the source itself. fd is closed. */
static int
plan_walk(struct plan *p, size_t source, int fd, const char *path, unsigned depth, struct err *e)
{
	struct dirent *entry;
	char name[PATH_MAX];
	struct stat st;
	int rc = -1, below;
	DIR *dir;

	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "source: read folder");
	}
	if (depth > PLAN_DEPTH_MAX) {
		err_set(e, ERR_LIMIT, "source: folders more than %d deep", PLAN_DEPTH_MAX);
		goto out;
	}
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((size_t)snprintf(name, sizeof(name), "%s%s%s", path, *path == '\0' ? "" : "/",
			entry->d_name) >= sizeof(name)) {
			err_set(e, ERR_LIMIT, "source: a path of more than %d bytes", PATH_MAX);
			goto out;
		}
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			err_sys(e, "source: look at a file");
			goto out;
		}
		if (S_ISDIR(st.st_mode)) {
			if ((below = openat(dirfd(dir), entry->d_name,
				 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1) {
				err_sys(e, "source: open folder");
				goto out;
			}
			if (plan_walk(p, source, below, name, depth + 1, e) == -1)
				goto out;
		} else if (S_ISREG(st.st_mode)) {
			if (plan_add(p, source, name, false, &st, e) == -1)
				goto out;
		} else {
			err_set(e, ERR_INPUT,
			    "source: a %s among its files; only folders and files are taken "
			    "(find SOURCE ! -type f ! -type d: which)",
			    S_ISLNK(st.st_mode) ? "symbolic link" : "device, pipe or socket");
			goto out;
		}
	}
	if (errno != 0)
		err_sys(e, "source: read folder");
	else
		rc = 0;
out:
	(void)closedir(dir);
	return rc;
}

/* One source: a folder, or a single file whose folder becomes the root. */
static int
plan_source(struct plan *p, size_t source, const char *path, struct err *e)
{
	char *copy = NULL, *slash;
	struct stat st;
	int fd = -1, rc = -1;

	/* The user may name a link as the source itself; inside no link is followed. */
	if (stat(path, &st) == -1)
		return err_sys(e, "source %s", path);
	if (S_ISDIR(st.st_mode)) {
		if ((p->roots[source] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
		    (fd = fcntl(p->roots[source], F_DUPFD_CLOEXEC, 3)) == -1)
			return err_sys(e, "source %s: open", path);
		return plan_walk(p, source, fd, "", 0, e);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "source %s: neither a folder nor a file", path);
	if ((copy = realpath(path, NULL)) == NULL)
		return err_sys(e, "source %s", path);
	slash = strrchr(copy, '/');
	*slash = '\0';
	if ((p->roots[source] = open(slash == copy ? "/" : copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		err_sys(e, "source %s: open folder", path);
	else
		rc = plan_add(p, source, slash + 1, true, &st, e);
	free(copy);
	return rc;
}

static int
compare_files(const void *a, const void *b)
{
	return strcmp(((const struct plan_file *)a)->name, ((const struct plan_file *)b)->name);
}

/* Whether path is folder or stands below it; both absolute and without links. */
static bool
stands_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/' || strcmp(folder, "/") == 0);
}

/* The house is no source: neither its keys nor its vault may be sealed as if they were data. */
static int
check_apart(const char *source, const char *house, struct err *e)
{
	char *path = realpath(source, NULL);
	int rc = 0;

	if (path == NULL)
		return err_sys(e, "source %s", source);
	if (stands_in(path, house) || stands_in(house, path))
		rc = err_set(e, ERR_REFUSED, "source %s: the house stands there", source);
	free(path);
	return rc;
}

struct plan *
plan_make(const char *const *sources, size_t count, const char *house, struct err *e)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->roots = calloc(count, sizeof(*p->roots))) == NULL) {
		err_set(e, ERR_SYSTEM, "source: out of memory");
		goto fail;
	}
	for (; p->root_count < count; p->root_count++)
		p->roots[p->root_count] = -1;
	for (size_t i = 0; i < count; i++)
		if ((house != NULL && check_apart(sources[i], house, e) == -1) ||
		    plan_source(p, i, sources[i], e) == -1)
			goto fail;
	if (p->count == 0) {
		err_set(e, ERR_INPUT, "source: no file in it");
		goto fail;
	}
	qsort(p->files, p->count, sizeof(*p->files), compare_files);
	for (size_t i = 1; i < p->count; i++) {
		if (strcmp(p->files[i - 1].name, p->files[i].name) == 0) {
			err_set(e, ERR_INPUT, "source: two files of one name (number %zu and %zu by name)", i,
			    i + 1);
			goto fail;
		}
	}
	for (size_t i = 0; i < p->count; i++)
		p->files[i].number = i + 1;
	return p;
fail:
	plan_free(p);
	return NULL;
}

struct plan *
plan_part(const struct plan *p, const bool *wanted, struct err *e)
{
	struct plan *part = calloc(1, sizeof(*part));

	if (part == NULL || (part->files = calloc(p->count + 1, sizeof(*part->files))) == NULL) {
		err_set(e, ERR_SYSTEM, "source: out of memory");
		free(part);
		return NULL;
	}
	part->borrowed = true;
	part->roots = p->roots;
	for (size_t i = 0; i < p->count; i++) {
		if (!wanted[i])
			continue;
		part->files[part->count++] = p->files[i];
		part->bytes += p->files[i].size;
	}
	return part;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count && !p->borrowed; i++) {
		free(p->files[i].path);
		free(p->files[i].name);
		free(p->files[i].prefix);
	}
	for (size_t i = 0; i < p->root_count; i++)
		io_close(&p->roots[i]);
	free(p->files);
	if (!p->borrowed)
		free(p->roots);
	free(p);
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int
plan_open(const struct plan *p, size_t i, struct err *e)
{
	/* O_NONBLOCK: should a pipe have taken the file's place, opening it must not wait. */
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	const struct plan_file *f = &p->files[i];
	struct stat st;
	int fd = (int)syscall(SYS_openat2, p->roots[f->source], f->path, &how, sizeof(how));

	if (fd == -1 && (errno == ENOENT || errno == ELOOP || errno == EXDEV || errno == ENOTDIR))
		return err_set(e, ERR_INPUT, "source file %zu: it changed while it was read", f->number);
	if (fd == -1)
		return err_sys(e, "source file %zu: open", f->number);
	if (fstat(fd, &st) == -1) {
		err_sys(e, "source file %zu: stat", f->number);
		io_close(&fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != f->size || st.st_dev != f->device ||
	    st.st_ino != f->inode || !same_time(&st.st_ctim, &f->changed) ||
	    !same_time(&st.st_mtim, &f->modified)) {
		io_close(&fd);
		return err_set(e, ERR_INPUT, "source file %zu: it changed while it was read", f->number);
	}
	return fd;
}

void
plan_fingerprint(const struct plan *p, uint8_t out[static DIGEST_LEN])
{
	uint8_t chain[DIGEST_LEN] = {0};

	/* A chain of digests: one file's line at a time, so that a million names need no buffer. */
	for (size_t i = 0; i < p->count; i++) {
		const struct plan_file *f = &p->files[i];
		uint64_t numbers[5] = {f->size, (uint64_t)f->modified.tv_sec, (uint64_t)f->modified.tv_nsec,
		    (uint64_t)f->changed.tv_sec, (uint64_t)f->changed.tv_nsec};

		digest_prefixed(
		    (const struct digest_part[]){{chain, sizeof(chain)}, {f->path, strlen(f->path)},
			{numbers, sizeof(numbers)}, {f->prefix, f->prefix == NULL ? 0 : strlen(f->prefix)}},
		    4, chain);
	}
	memcpy(out, chain, DIGEST_LEN);
}

int
plan_check(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->count; i++) {
		int fd = plan_open(p, i, e);

		if (fd == -1)
			return -1;
		(void)close(fd);
	}
	return 0;
}
