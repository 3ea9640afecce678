/* dir:PATH. What stands in a folder: its objects, and the temporary names that killed senders left. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "stager/io.h"

#define DEPTH_MAX (ENDPOINT_NAME_MAX / 2)

/* What walk finds: each regular file, by its name from the endpoint's folder. */
struct walk {
	struct attempt *a;
	bool temps; /* those of killed senders, not the objects */
	int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e);
	void *ctx;
	bool folders; /* and what folders are empty then */
	uint64_t removed;
};

static bool
is_temp(const char *last)
{
	const char *tilde = strchr(last, '~');

	return tilde != NULL && tilde != last &&
	       strspn(tilde + 1, "0123456789abcdef") == 2 * DIR_TEMP_RANDOM &&
	       tilde[1 + 2 * DIR_TEMP_RANDOM] == '\0';
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
			return dir_fault(w->a, e, path, "remove");
		w->removed++;
		return 0;
	}
	/* Others' files may come and go. */
	if (!endpoint_name_valid(path) || fstatat(folder, last, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode))
		return 0;
	dir_info(&st, &info);
	return w->each(w->ctx, path, &info, e);
}

/* Takes folder. path: of it, with a slash at the end, or "". */
static int
walk(struct walk *w, int folder, const char *path, unsigned depth, struct err *e)
{
	char inner[ENDPOINT_NAME_MAX + DIR_TEMP_MAX + 2];
	struct dirent *entry;
	DIR *dir;
	int sub, rc = -1;

	if ((dir = fdopendir(folder)) == NULL) {
		dir_fault(w->a, e, path, "read folder");
		io_close(&folder);
		return -1;
	}
	for (;;) {
		errno = 0;
		if ((entry = readdir(dir)) == NULL) {
			if (errno == 0)
				rc = 0;
			else
				dir_fault(w->a, e, path, "read folder");
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((size_t)snprintf(inner, sizeof(inner), "%s%s", path, entry->d_name) >= DIR_TEMP_MAX)
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
		else if (w->folders)
			(void)unlinkat(folder, entry->d_name, AT_REMOVEDIR); /* where it is empty */
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
	if ((folder = dir_folder(d, path, false, &last, w->a, e)) == -1)
		return w->a->absent ? 0 : -1;
	/* A descriptor of its own: reading it through a copy would move the shared position. */
	if (prefix[0] == '\0') {
		io_close(&folder);
		if ((folder = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
			return dir_fault(w->a, e, "folder", "open");
	}
	return walk(w, folder, path, 0, e);
}

int
dir_list(struct endpoint *p, const char *prefix, char **next,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct attempt *a, struct err *e)
{
	struct walk w = {.a = a, .each = each, .ctx = ctx};

	*next = NULL;
	return walk_prefix((struct dir *)p, &w, prefix, e);
}

int
dir_clean(struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct attempt *a, struct err *e)
{
	struct dir *d = (struct dir *)p;
	struct walk w = {.a = a, .temps = true, .folders = all};
	struct attempt above = {0};
	const char *last;
	int rc = walk_prefix(d, &w, prefix, e), folder;

	/* The folder of that name itself, from the one that it stands in. */
	if (rc == 0 && all && prefix[0] != '\0' &&
	    (folder = dir_folder(d, prefix, false, &last, &above, NULL)) != -1) {
		(void)unlinkat(folder, last, AT_REMOVEDIR);
		io_close(&folder);
	}
	*count += w.removed;
	return rc;
}
