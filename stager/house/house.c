/* The house as a folder: making one, and opening one. */
#include "stager/house.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "children.h"
#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define CARD_MAX 4096

/*
 * Swap would put plaintext and keys on disk. zram stands in memory, dm devices are taken for encrypted (what
 * dm-crypt makes); anything else is refused unless init was told that it is fine.
 */
static int
swap_check(const char *advice, struct err *e)
{
	char line[512];
	FILE *f = fopen("/proc/swaps", "re");
	int rc = 0;

	if (f == NULL)
		return errno == ENOENT ? 0 : err_sys(e, "/proc/swaps");
	/* The first line is a heading. */
	for (bool first = true; rc == 0 && fgets(line, sizeof(line), f) != NULL; first = false) {
		if (!first && strncmp(line, "/dev/zram", 9) != 0 && strncmp(line, "/dev/dm-", 8) != 0)
			rc = err_set(e, ERR_REFUSED,
			    "this machine swaps to an unencrypted device, where plaintext could end; %s",
			    advice);
	}
	(void)fclose(f);
	return rc;
}

/* An empty or missing folder becomes the house's. */
static int
make_folder(const char *path, struct err *e)
{
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return err_sys(e, "%s: make folder", path);
	if ((dir = opendir(path)) == NULL)
		return err_sys(e, "%s: open folder", path);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			err_set(e, ERR_REFUSED, "%s: the folder is not empty", path);
			goto out;
		}
	}
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		err_sys(e, "%s: open folder", path);
	else if (fchmod(fd, 0700) == -1) {
		err_sys(e, "%s: set mode", path);
		io_close(&fd);
	}
out:
	(void)closedir(dir);
	return fd;
}

/* 32 random bytes for the root secret. stager holds no key: the bytes go from the kernel to the file without
 * a look at them. */
static int
make_root(int folder, struct err *e)
{
	int from = -1, to = -1, rc = -1, pipe_fds[2] = {-1, -1};

	if ((from = open("/dev/urandom", O_RDONLY | O_CLOEXEC)) == -1 ||
	    (to = openat(folder, "root.key", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) ==
		-1 ||
	    pipe2(pipe_fds, O_CLOEXEC) == -1) {
		err_sys(e, "root.key: make");
		goto out;
	}
	/* By splice: through a pipe's pages, never through this program's memory. */
	if (splice(from, NULL, pipe_fds[1], NULL, 32, 0) != 32 ||
	    splice(pipe_fds[0], NULL, to, NULL, 32, 0) != 32 || fsync(to) == -1) {
		err_sys(e, "root.key: write");
		goto out;
	}
	rc = io_sync_parent(folder, "root.key", e);
out:
	io_close(&from);
	io_close(&to);
	io_close(&pipe_fds[0]);
	io_close(&pipe_fds[1]);
	return rc;
}

/* Have stager-key make all keys, and put its blobs in place. */
static int
make_keys(int folder, const char *name, const char *root_key, struct err *e)
{
	static const char *const argv[] = {"stager-key", "init", NULL};
	static const char *const blobs[] = {"open", "ingest", "sign", "pseudonym", "log"};
	struct helper key = HELPER_NONE;
	struct json *j, *got = NULL;
	struct spawn_fd root = {.from = -1, .to = 4};
	struct buf bytes;
	char path[64];
	int rc = -1;

	buf_init(&bytes, 1u << 20);
	if ((root.from = openat(folder, root_key == NULL ? "root.key" : root_key, O_RDONLY | O_CLOEXEC)) ==
	    -1) {
		err_sys(e, "root secret: open");
		goto out;
	}
	if (helper_start(&key, argv, &root, 1, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "house", name);
	if ((got = helper_ask(&key, WIRE_KEY_INIT, j, WIRE_KEY_BLOBS, e)) == NULL ||
	    helper_end(&key, e) == -1)
		goto out;
	for (size_t i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++) {
		buf_clear(&bytes);
		(void)snprintf(path, sizeof(path), "keys/%s.key", blobs[i]);
		if (json_need_base64(got, blobs[i], &bytes, "new keys", e) == -1 ||
		    io_replace_file(folder, path, bytes.data, bytes.len, 0600, e) == -1)
			goto out;
	}
	buf_clear(&bytes);
	if (json_need_base64(got, "register", &bytes, "new keys", e) == -1 ||
	    io_replace_file(folder, "keys/register", bytes.data, bytes.len, 0600, e) == -1 ||
	    io_replace_file(folder, "keys/open.journal", "", 0, 0600, e) == -1)
		goto out;
	/* The card last: without it the folder is no house. */
	buf_clear(&bytes);
	if (json_need_base64(got, "card", &bytes, "new keys", e) == -1 ||
	    io_replace_file(folder, "house.json", bytes.data, bytes.len, 0644, e) == -1)
		goto out;
	rc = 0;
out:
	json_free(got);
	helper_kill(&key);
	io_close(&root.from);
	buf_free(&bytes);
	return rc;
}

static int
make_ledger(const char *path, const char *root_key, bool allow_swap, struct err *e)
{
	struct ledger *l = NULL;
	char file[PATH_MAX], *real;
	int rc = -1;

	/* SQLite takes no symbolic link on the way; house_open resolves the path likewise. */
	if ((real = realpath(path, NULL)) == NULL)
		return err_sys(e, "house %s", path);
	if ((size_t)snprintf(file, sizeof(file), "%s/ledger.db", real) >= sizeof(file))
		err_set(e, ERR_LIMIT, "house %s: path too long", path);
	else
		l = ledger_open(file, true, e);
	free(real);
	if (l == NULL)
		return -1;
	if (root_key != NULL && ledger_run(l, e, "INSERT INTO setting VALUES ('root-key', ?)", "b", root_key,
				    strlen(root_key)) == -1)
		goto out;
	if (allow_swap && ledger_run(l, e, "INSERT INTO setting VALUES ('allow-swap', x'01')", "") == -1)
		goto out;
	rc = 0;
out:
	ledger_close(l);
	return rc;
}

/* The log's first entry: whose log it is, and the card as it was made. */
static int
record_card(struct house *h, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct json *j = json_object();
	struct buf card;
	int rc = -1;

	buf_init(&card, CARD_MAX);
	if (io_read_file(h->folder, "house.json", &card, e) == 0) {
		digest_bytes(card.data, card.len, digest);
		hex_encode(digest, DIGEST_LEN, hex);
		json_set_string(j, "house", h->card.house);
		json_set_string(j, "card", hex);
		rc = house_record(h, "house", j, "house", EFFECT_NONE, NULL, e);
	}
	buf_free(&card);
	json_free(j);
	return rc;
}

/* A house without any entry was just made; perhaps a crash came before this. */
static int
first_entry(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e, "SELECT 1 FROM opening LIMIT 1", "");
	int there = ledger_next(q, e);

	ledger_end(q);
	return there == 0 ? record_card(h, e) : there == 1 ? 0 : -1;
}

int
house_init(const char *path, const char *name, const char *root_key, bool allow_swap, struct err *e)
{
	static const char *const folders[] = {"keys/kek", "log", "vault", "staging"};
	struct house *h = NULL;
	char *root = NULL;
	int folder = -1, rc = -1;

	if (!manifest_name_ok(name))
		return err_set(e, ERR_USAGE, "house name: small letters, digits, '.' and '-', at most %d",
		    MANIFEST_NAME_MAX);
	if (!allow_swap && swap_check("turn it off, encrypt it, or say --allow-swap", e) == -1)
		return -1;
	if (root_key != NULL && (root = realpath(root_key, NULL)) == NULL)
		return err_sys(e, "root secret: %s", root_key);
	if ((folder = make_folder(path, e)) == -1)
		goto out;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (io_make_dirs(folder, folders[i], e) == -1)
			goto out;
	if (root == NULL && make_root(folder, e) == -1)
		goto out;
	if (make_ledger(path, root, allow_swap, e) == -1 || make_keys(folder, name, root, e) == -1)
		goto out;
	if ((h = house_open(path, e)) != NULL)
		rc = 0;
out:
	house_close(h);
	io_close(&folder);
	free(root);
	return rc;
}

struct house *
house_open(const char *path, struct err *e)
{
	struct house *h = calloc(1, sizeof(*h));
	char file[PATH_MAX];
	struct buf bytes;
	struct stat st;
	int allowed;

	buf_init(&bytes, CARD_MAX);
	if (h == NULL) {
		err_set(e, ERR_SYSTEM, "house: out of memory");
		goto fail;
	}
	h->folder = -1;
	if (sodium_init() == -1) {
		err_set(e, ERR_SYSTEM, "libsodium does not start");
		goto fail;
	}
	if ((h->path = realpath(path, NULL)) == NULL) {
		err_sys(e, "house %s", path);
		goto fail;
	}
	if ((h->folder = open(h->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    fstat(h->folder, &st) == -1) {
		err_sys(e, "house %s: open", path);
		goto fail;
	}
	/* Files that another user, root say, makes in it would lock its owner out. */
	if (st.st_uid != geteuid()) {
		err_set(e, ERR_REFUSED, "house %s: it belongs to another user (%lu): work as that one", path,
		    (unsigned long)st.st_uid);
		goto fail;
	}
	if (faccessat(h->folder, "house.json", F_OK, 0) == -1) {
		err_set(e, ERR_USAGE, "%s is no house: it has no house.json (see stager init)", path);
		goto fail;
	}
	if (io_read_file(h->folder, "house.json", &bytes, e) == -1)
		goto fail;
	if (house_card_decode(bytes.data, bytes.len, &h->card, e) == -1) {
		e->code = ERR_FORGED;
		goto fail;
	}
	(void)snprintf(h->origin, sizeof(h->origin), "stager/%s", h->card.house);
	if ((size_t)snprintf(file, sizeof(file), "%s/ledger.db", h->path) >= sizeof(file)) {
		err_set(e, ERR_LIMIT, "house %s: path too long", path);
		goto fail;
	}
	if ((h->ledger = ledger_open(file, false, e)) == NULL)
		goto fail;
	buf_clear(&bytes);
	if ((allowed = house_setting(h, "allow-swap", &bytes, e)) == -1 ||
	    (allowed == 0 && swap_check("turn it off or encrypt it", e) == -1))
		goto fail;
	if (house_recover(h, e) == -1 || first_entry(h, e) == -1)
		goto fail;
	buf_free(&bytes);
	return h;
fail:
	buf_free(&bytes);
	house_close(h);
	return NULL;
}

void
house_close(struct house *h)
{
	if (h == NULL)
		return;
	ledger_close(h->ledger);
	io_close(&h->folder);
	free(h->path);
	free(h);
}
