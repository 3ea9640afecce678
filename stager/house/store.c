/*
 * Generations of the key store: keys/N/ holds generation N whole, and the ledger says which N is in force, so that a new
 * one comes into force in the transaction of its log entry, and not before every file of it is on disk.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "root.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"

#define BLOB_MAX 65536
#define SETTING_MAX 65536
#define ALONE_TRIES 200 /* of 50 ms */

void
store_path(const struct house *h, const char *purpose, char *out, size_t size)
{
	(void)snprintf(out, size, "keys/%u/%s.key", h->generation, purpose);
}

int
store_load(struct house *h, struct err *e)
{
	struct json *setting = NULL;
	int64_t generation;
	struct buf text;
	char path[64];
	int rc = -1, found;

	buf_init(&text, SETTING_MAX);
	if ((found = house_setting(h, "root", &text, e)) == -1)
		goto out;
	if (found == 0 || (setting = json_parse_canonical(text.data, text.len, "ledger: root", e)) == NULL ||
	    json_need_int(setting, "generation", 1, UINT32_MAX - 1, "ledger: root", &generation, e) == -1) {
		err_set(e, ERR_FORGED, "ledger: what it says about the root secret is missing or damaged");
		goto out;
	}
	h->generation = (uint32_t)generation;
	store_path(h, "open", path, sizeof(path));
	if (faccessat(h->folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			err_set(e, ERR_FORGED, "%s: missing: ledger or key store are rolled back", path);
		else
			err_sys(e, "%s", path);
		goto out;
	}
	json_free(h->root_setting);
	h->root_setting = setting;
	setting = NULL;
	rc = 0;
out:
	json_free(setting);
	buf_free(&text);
	return rc;
}

int
store_alone(struct house *h, struct err *e)
{
	const struct timespec wait = {.tv_nsec = 50 * 1000 * 1000};

	for (int i = 0; flock(h->keys_lock, LOCK_EX | LOCK_NB) == -1; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, "keys.lock: lock");
		if (i == ALONE_TRIES)
			return err_set(e, ERR_REMOTE,
			    "the house is at work (a push or a release): try again when it is not");
		(void)nanosleep(&wait, NULL);
	}
	return store_load(h, e);
}

/* A blob's file of the one generation into the other's, by a question to stager-key. j: the rest of it; freed. */
static int
reseal_file(struct house *h, struct helper *key, enum wire_type type, struct json *j, const char *from,
    const char *to, struct err *e)
{
	struct json *got = NULL;
	struct buf blob;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	if (io_read_file(h->folder, from, &blob, e) == -1) {
		json_free(j);
		goto out;
	}
	json_set(j, "blob", json_base64(blob.data, blob.len));
	if ((got = helper_ask(key, type, j, WIRE_KEY_RESEALED, e)) == NULL)
		goto out;
	buf_clear(&blob);
	if (json_need_base64(got, "blob", &blob, "resealed keys", e) == -1)
		goto out;
	rc = io_replace_file(h->folder, to, blob.data, blob.len, 0600, e);
out:
	json_free(got);
	buf_free(&blob);
	return rc;
}

static DIR *
open_folder(struct house *h, const char *path, struct err *e)
{
	int fd = openat(h->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL) {
		err_sys(e, "%s: open", path);
		io_close(&fd);
	}
	return dir;
}

/* All KEKs but one, by the open purpose's instance that has both sealing keys. */
static int
reseal_keks(struct house *h, uint32_t next, struct helper *key, const char *without, struct err *e)
{
	char from[128], to[128];
	struct dirent *entry;
	struct json *j;
	int rc = -1;
	DIR *dir;

	(void)snprintf(from, sizeof(from), "keys/%u/kek", h->generation);
	if ((dir = open_folder(h, from, e)) == NULL)
		return -1;
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		const char *id = entry->d_name;

		/* Datasets' ids; not what a crash left of a file in the making. */
		if (strlen(id) != MANIFEST_ID_LEN ||
		    strspn(id, "abcdefghijklmnopqrstuvwxyz234567") != MANIFEST_ID_LEN ||
		    (without != NULL && strcmp(id, without) == 0))
			continue;
		(void)snprintf(from, sizeof(from), "keys/%u/kek/%.26s", h->generation, id);
		(void)snprintf(to, sizeof(to), "keys/%u/kek/%.26s", next, id);
		j = json_object();
		json_set_string(j, "dataset", id);
		if (reseal_file(h, key, WIRE_KEK_RESEAL, j, from, to, e) == -1)
			goto out;
	}
	if (errno != 0)
		err_sys(e, "keys: read folder");
	else
		rc = 0;
out:
	(void)closedir(dir);
	return rc;
}

/* One purpose, by an instance that sees its blob and no other. */
static int
reseal_purpose(struct house *h, uint32_t next, const char *purpose, struct root *fresh, const char *without,
    struct err *e)
{
	const char *const argv[] = {"stager-key", purpose, NULL};
	struct spawn_fd fds[2] = {{.from = -1, .to = 4}, {.from = -1, .to = 6}};
	struct helper key = HELPER_NONE;
	char from[64], to[64];
	struct json *j;
	int rc = -1;

	store_path(h, purpose, from, sizeof(from));
	(void)snprintf(to, sizeof(to), "keys/%u/%s.key", next, purpose);
	if ((fds[0].from = house_root_fd(h, e)) == -1 ||
	    (fresh != NULL && (fds[1].from = root_fd(fresh, e)) == -1) ||
	    helper_start(&key, argv, fds, fresh == NULL ? 1 : 2, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "house", h->card.house);
	json_set_int(j, "generation", next);
	if (reseal_file(h, &key, WIRE_KEY_RESEAL, j, from, to, e) == -1 ||
	    (strcmp(purpose, "open") == 0 && reseal_keks(h, next, &key, without, e) == -1))
		goto out;
	rc = helper_end(&key, e);
out:
	helper_kill(&key);
	io_close(&fds[0].from);
	io_close(&fds[1].from);
	return rc;
}

int
store_write(struct house *h, uint32_t next, struct root *fresh, const char *without, struct err *e)
{
	static const char *const purposes[] = {"ingest", "sign", "pseudonym", "log", "open"};
	char path[64];

	(void)snprintf(path, sizeof(path), "keys/%u", next);
	if (io_remove_tree(h->folder, path, e) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "keys/%u/kek", next);
	if (io_make_dirs(h->folder, path, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (reseal_purpose(h, next, purposes[i], fresh, without, e) == -1)
			return err_context(e, "key store: generation %u", next);
	return 0;
}

/* "12": 12; anything else 0. */
static uint32_t
number_of(const char *text, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || (n = 10 * n + (uint64_t)(text[i] - '0')) > UINT32_MAX)
			return 0;
	}
	return len > 0 && text[0] == '0' ? 0 : (uint32_t)n;
}

/* Each folder of an older generation: removed, or only counted. */
static int
old_folders(struct house *h, bool remove, int *count, struct err *e)
{
	struct dirent *entry;
	char path[64];
	uint32_t n;
	int rc = 0;
	DIR *dir;

	if ((dir = open_folder(h, "keys", e)) == NULL)
		return -1;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		/* Younger ones are no business of ours: if they are not in force, a crash left them, or the
		 * ledger is rolled back. */
		if ((n = number_of(entry->d_name, strlen(entry->d_name))) == 0 || n >= h->generation)
			continue;
		(*count)++;
		(void)snprintf(path, sizeof(path), "keys/%u", n);
		if (remove)
			rc = io_remove_tree(h->folder, path, e);
	}
	(void)closedir(dir);
	return rc;
}

/* Each root secret that was made in this folder and is not in force any more. Links are their maker's. */
static int
old_roots(struct house *h, bool remove, int *count, struct err *e)
{
	const struct json *path = json_get(h->root_setting, "path");
	struct dirent *entry;
	struct stat st;
	int64_t since;
	int rc = 0;
	DIR *dir;

	if (json_need_int(h->root_setting, "since", 1, UINT32_MAX, "ledger: root", &since, e) == -1 ||
	    (dir = open_folder(h, ".", e)) == NULL)
		return -1;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		size_t len = strlen(name);
		uint32_t n = 0;

		if (strcmp(name, "root.key") == 0)
			n = 1;
		else if (len > 9 && strncmp(name, "root-", 5) == 0 && strcmp(name + len - 4, ".key") == 0)
			n = number_of(name + 5, len - 9);
		if (n == 0 || n >= since ||
		    (path != NULL && path->type == JSON_STRING && strcmp(path->string, name) == 0) ||
		    fstatat(h->folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode))
			continue;
		(*count)++;
		if (remove && (unlinkat(h->folder, name, 0) == -1))
			rc = err_sys(e, "%s: remove", name);
	}
	(void)closedir(dir);
	return rc == 0 && remove && *count > 0 ? io_sync_parent(h->folder, "root.key", e) : rc;
}

int
store_sweep(struct house *h, struct err *e)
{
	int count = 0;

	return old_folders(h, true, &count, e) == -1 || old_roots(h, true, &count, e) == -1 ? -1 : 0;
}

int
store_stale(struct house *h, struct err *e)
{
	int count = 0;

	if (old_folders(h, false, &count, e) == -1 || old_roots(h, false, &count, e) == -1)
		return -1;
	return count > 0;
}
