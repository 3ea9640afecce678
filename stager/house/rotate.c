/* A new root secret for the house; and the root secret in shares. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/share.h"

#define SETTING_MAX 65536
_Static_assert(SHARE_HOUSE_MAX == MANIFEST_NAME_MAX, "a share names its house");

int
store_switch(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	struct json *setting = ctx;
	struct buf text;
	int rc = -1;

	(void)index;
	buf_init(&text, SETTING_MAX);
	if (json_encode(setting, &text, e) == 0)
		rc = house_set(h, "root", text.data, text.len, e);
	buf_free(&text);
	return rc;
}

/* A new secret beside the old one, only where the old one is a file of this folder: else it has a place of its own. */
static int
same_kind(struct house *h, struct root_choice *choice, struct err *e)
{
	const char *kind = json_need_string(h->root_setting, "kind", "ledger: root", e), *path;
	struct stat st;

	if (kind == NULL)
		return -1;
	*choice = (struct root_choice){.kind = ROOT_FILE, .from = ROOT_FROM_NONE};
	if (strcmp(kind, "passphrase") == 0) {
		choice->kind = ROOT_PASSPHRASE;
		return 0;
	}
	if (strcmp(kind, "file") == 0 &&
	    (path = json_need_string(h->root_setting, "path", "ledger: root", e)) != NULL &&
	    strchr(path, '/') == NULL && fstatat(h->folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode))
		return 0;
	return err_set(e, ERR_USAGE,
	    "root: the root secret is kept elsewhere: say where the new one is, with --new-root-key, "
	    "--new-root-fd or --new-passphrase");
}

int
house_rotate(struct house *h, const struct root_choice *choice, struct err *e)
{
	static const char *const keys[] = {"check", "kind"};
	struct root fresh = ROOT_NONE;
	struct root_choice same;
	struct json *j = NULL;
	const struct json *old;
	uint32_t next;
	int rc = -1;

	if (store_alone(h, e) == -1)
		return -1;
	if (choice == NULL) {
		if (same_kind(h, &same, e) == -1)
			return -1;
		choice = &same;
	}
	next = h->generation + 1;
	if (root_make(&fresh, h->folder, h->card.house, choice, next, e) == -1)
		goto out;
	old = json_get(h->root_setting, "check");
	if (old != NULL && strcmp(old->string, json_get(fresh.setting, "check")->string) == 0) {
		err_set(e, ERR_REFUSED, "root: the new root secret is the old one");
		goto out;
	}
	if (store_write(h, next, &fresh, NULL, e) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "generation", next);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_set(j, keys[i], json_copy(json_get(fresh.setting, keys[i])));
	/* The entry is still signed with the old generation's key store: it is in force until this transaction. */
	if (house_record(h, "root-rotate", j, "root",
		(struct effect){.run = store_switch, .ctx = fresh.setting}, NULL, e) == -1)
		goto out;
	if (store_load(h, e) == -1 || store_sweep(h, e) == -1)
		goto out;
	rc = 0;
out:
	json_free(j);
	root_end(&fresh);
	return rc;
}

/* One share's file, new. */
static int
split_file(struct helper *keeper, int dir, unsigned threshold, unsigned count, unsigned index, struct err *e)
{
	struct json *j, *got = NULL;
	char name[32];
	int fd, rc = -1;

	(void)snprintf(name, sizeof(name), "share-%u.txt", index);
	if ((fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return err_sys(e, "%s: make", name);
	j = json_object();
	json_set_int(j, "threshold", threshold);
	json_set_int(j, "shares", count);
	json_set_int(j, "share", index);
	if ((got = root_ask(keeper, WIRE_ROOT_SPLIT, j, fd, e)) != NULL) {
		if (fsync(fd) == -1)
			err_sys(e, "%s: sync", name);
		else
			rc = io_sync_parent(dir, name, e);
	}
	if (rc == -1)
		(void)unlinkat(dir, name, 0);
	json_free(got);
	io_close(&fd);
	return rc;
}

int
house_split(struct house *h, unsigned threshold, unsigned count, const char *folder, struct err *e)
{
	struct helper keeper = HELPER_NONE;
	struct json *j, *got = NULL;
	int fd = -1, dir = -1, rc = -1;
	char name[32];
	unsigned made = 0;

	if (threshold < 2 || threshold > count || count > SHARES_MAX)
		return err_set(e, ERR_USAGE, "root: 2 <= threshold <= shares <= %d is wanted", SHARES_MAX);
	if (mkdir(folder, 0700) == -1 && errno != EEXIST)
		return err_sys(e, "%s: make folder", folder);
	if ((dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(e, "%s: open folder", folder);
		goto out;
	}
	if ((fd = house_root_fd(h, e)) == -1 || root_keeper(&keeper, "raw", fd, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "house", h->card.house);
	json_set(j, "check", json_copy(json_get(h->root_setting, "check")));
	if ((got = root_ask(&keeper, WIRE_ROOT_OPEN, j, -1, e)) == NULL)
		goto out;
	for (; made < count; made++)
		if (split_file(&keeper, dir, threshold, count, made + 1, e) == -1)
			goto out;
	rc = helper_end(&keeper, e);
out:
	/* All of them or none. */
	for (; rc == -1 && made > 0; made--) {
		(void)snprintf(name, sizeof(name), "share-%u.txt", made);
		(void)unlinkat(dir, name, 0);
	}
	json_free(got);
	helper_kill(&keeper);
	io_close(&fd);
	io_close(&dir);
	return rc;
}

/* The secret out of the keeper, into a new file. */
static int
join_file(struct helper *keeper, const char *file, struct err *e)
{
	struct json *got = NULL;
	int fd, rc = -1;

	if ((fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return err_sys(e, "%s: make", file);
	if ((got = root_ask(keeper, WIRE_ROOT_GIVE, json_object(), fd, e)) != NULL) {
		if (fsync(fd) == -1)
			err_sys(e, "%s: sync", file);
		else
			rc = io_sync_parent(AT_FDCWD, file, e);
	}
	if (rc == -1)
		(void)unlink(file);
	json_free(got);
	io_close(&fd);
	return rc;
}

int
house_join(const char *const *shares, size_t count, const char *file, int *fd,
    char house[static MANIFEST_NAME_MAX + 1], struct err *e)
{
	struct helper keeper = HELPER_NONE;
	int share, pipe_fds[2] = {-1, -1}, rc = -1;
	struct json *got = NULL;
	const char *name;

	if (root_keeper(&keeper, "shares", -1, e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if ((share = open(shares[i], O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
			err_sys(e, "%s: open", shares[i]);
			goto out;
		}
		got = root_ask(&keeper, WIRE_ROOT_SHARE, json_object(), share, e);
		io_close(&share);
		if (got == NULL) {
			err_context(e, "%s", shares[i]);
			goto out;
		}
		json_free(got);
		got = NULL;
	}
	if ((got = root_ask(&keeper, WIRE_ROOT_OPEN, json_object(), -1, e)) == NULL ||
	    (name = json_need_string(got, "house", "shares", e)) == NULL)
		goto out;
	(void)snprintf(house, MANIFEST_NAME_MAX + 1, "%s", name);
	if (file != NULL) {
		if (join_file(&keeper, file, e) == -1)
			goto out;
	} else {
		json_free(got);
		got = NULL;
		if (pipe2(pipe_fds, O_CLOEXEC) == -1) {
			err_sys(e, "root secret: pipe");
			goto out;
		}
		if ((got = root_ask(&keeper, WIRE_ROOT_GIVE, json_object(), pipe_fds[1], e)) == NULL)
			goto out;
	}
	if (helper_end(&keeper, e) == -1)
		goto out;
	if (file == NULL) {
		*fd = pipe_fds[0];
		pipe_fds[0] = -1;
	}
	rc = 0;
out:
	json_free(got);
	helper_kill(&keeper);
	io_close(&pipe_fds[0]);
	io_close(&pipe_fds[1]);
	return rc;
}
