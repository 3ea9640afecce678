/* The house as a folder: making one, and opening one. */
#include "stager/house.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "children.h"
#include "root.h"
#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define CARD_MAX 4096
#define SETTING_MAX 65536

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

/* Have stager-key make all keys, and put its blobs in place. */
static int
make_keys(int folder, const char *name, struct root *secret, struct err *e)
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
	if ((root.from = root_fd(secret, e)) == -1 || helper_start(&key, argv, &root, 1, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "house", name);
	if ((got = helper_ask(&key, WIRE_KEY_INIT, j, WIRE_KEY_BLOBS, e)) == NULL ||
	    helper_end(&key, e) == -1)
		goto out;
	for (size_t i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++) {
		buf_clear(&bytes);
		(void)snprintf(path, sizeof(path), "keys/1/%s.key", blobs[i]);
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
make_ledger(const char *path, struct json *root_setting, bool allow_swap, struct err *e)
{
	char file[PATH_MAX], *real = NULL;
	struct ledger *l = NULL;
	struct buf text;
	int rc = -1;

	buf_init(&text, SETTING_MAX);
	/* SQLite takes no symbolic link on the way; house_open resolves the path likewise. */
	if ((real = realpath(path, NULL)) == NULL) {
		err_sys(e, "house %s", path);
		goto out;
	}
	if ((size_t)snprintf(file, sizeof(file), "%s/ledger.db", real) >= sizeof(file)) {
		err_set(e, ERR_LIMIT, "house %s: path too long", path);
		goto out;
	}
	if (json_encode(root_setting, &text, e) == -1 || (l = ledger_open(file, true, e)) == NULL)
		goto out;
	if (ledger_run(l, e, "INSERT INTO setting VALUES ('root', ?)", "b", text.data, text.len) == -1)
		goto out;
	if (allow_swap && ledger_run(l, e, "INSERT INTO setting VALUES ('allow-swap', x'01')", "") == -1)
		goto out;
	rc = 0;
out:
	ledger_close(l);
	buf_free(&text);
	free(real);
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

/* The lock that all share, the generation that is in force, and what a crash left of older ones. */
static int
open_keys(struct house *h, struct err *e)
{
	int stale;

	if ((h->keys_lock =
		    openat(h->folder, "keys.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return err_sys(e, "keys.lock: open");
	if (flock(h->keys_lock, LOCK_SH) == -1)
		return err_sys(e, "keys.lock: lock");
	if (store_load(h, e) == -1 || (stale = store_stale(h, e)) == -1)
		return -1;
	if (stale == 0)
		return 0;
	/* Not if others are at work: whoever comes next will do it. */
	if (flock(h->keys_lock, LOCK_EX | LOCK_NB) == 0 &&
	    (store_load(h, e) == -1 || store_sweep(h, e) == -1))
		return -1;
	if (flock(h->keys_lock, LOCK_SH) == -1)
		return err_sys(e, "keys.lock: lock");
	return store_load(h, e);
}

/* root: one that was started already, which the house takes over; NULL: none. */
static struct house *
open_house(const char *path, const struct root_from *from, struct root *root, struct err *e)
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
	h->folder = h->keys_lock = -1;
	h->patience = HOUSE_STALL;
	h->root_from = from == NULL ? ROOT_FROM_NONE : *from;
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
	if (root != NULL) {
		if ((h->root = malloc(sizeof(*root))) == NULL) {
			err_sys(e, "root secret");
			goto fail;
		}
		*h->root = *root;
		h->root->folder = h->folder;
		*root = ROOT_NONE;
	}
	if (open_keys(h, e) == -1 || house_recover(h, e) == -1 || first_entry(h, e) == -1)
		goto fail;
	buf_free(&bytes);
	return h;
fail:
	buf_free(&bytes);
	house_close(h);
	return NULL;
}

int
house_init(
    const char *path, const char *name, const struct root_choice *choice, bool allow_swap, struct err *e)
{
	static const char *const folders[] = {"keys/1/kek", "log", "vault", "staging"};
	struct root root = ROOT_NONE;
	struct house *h = NULL;
	int folder = -1, rc = -1;

	if (!manifest_name_ok(name))
		return err_set(e, ERR_USAGE, "house name: small letters, digits, '.' and '-', at most %d",
		    MANIFEST_NAME_MAX);
	if (!allow_swap && swap_check("turn it off, encrypt it, or say --allow-swap", e) == -1)
		return -1;
	if (choice->kind == ROOT_FILE && choice->file != NULL && access(choice->file, R_OK) == -1)
		return err_sys(e, "root secret: %s", choice->file);
	if ((folder = make_folder(path, e)) == -1)
		goto out;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (io_make_dirs(folder, folders[i], e) == -1)
			goto out;
	if (root_make(&root, folder, name, choice, 1, e) == -1 ||
	    make_ledger(path, root.setting, allow_swap, e) == -1 || make_keys(folder, name, &root, e) == -1)
		goto out;
	/* It is not asked for again. */
	if ((h = open_house(path, NULL, &root, e)) != NULL)
		rc = 0;
out:
	root_end(&root);
	house_close(h);
	io_close(&folder);
	return rc;
}

struct house *
house_open(const char *path, const struct root_from *from, struct err *e)
{
	return open_house(path, from, NULL, e);
}

void
house_close(struct house *h)
{
	if (h == NULL)
		return;
	if (h->root != NULL)
		root_end(h->root);
	free(h->root);
	json_free(h->root_setting);
	ledger_close(h->ledger);
	io_close(&h->keys_lock);
	io_close(&h->folder);
	free(h->path);
	free(h);
}
