/* Talking to the confined programs: stager-key for one purpose each, and stager-log. */
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "root.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/ledger.h"

#define BLOB_MAX (16u << 20)

int
helper_start(
    struct helper *x, const char *const argv[], const struct spawn_fd *fds, size_t count, struct err *e)
{
	struct spawn_fd all[HELPER_FDS_MAX + 1];
	int pair[2], rc;

	*x = HELPER_NONE;
	if (count > HELPER_FDS_MAX)
		return err_set(e, ERR_LIMIT, "%s: too many descriptors", argv[0]);
	if (wire_pair(pair, e) == -1)
		return -1;
	all[0] = (struct spawn_fd){.from = pair[1], .to = WIRE_FD};
	for (size_t i = 0; i < count; i++)
		all[i + 1] = fds[i];
	rc = spawn(&x->child, argv, all, count + 1, e);
	(void)close(pair[1]);
	if (rc == -1) {
		(void)close(pair[0]);
		return -1;
	}
	x->control = pair[0];
	return 0;
}

void
helper_patience(struct helper *x, unsigned seconds)
{
	const struct timeval t = {.tv_sec = (time_t)seconds};

	x->patience = seconds;
	/* It was made by socketpair a moment ago: there is nothing that could be wrong with it. */
	(void)setsockopt(x->control, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	(void)setsockopt(x->control, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

/* Its end is waited for no longer than it may take: the end of its standard error is its own. */
static int
wait_for_end(struct helper *x, struct err *e)
{
	struct pollfd p = {.fd = x->child.complaint, .events = POLLIN};

	while (x->patience > 0 && x->child.pid != -1 && p.fd != -1) {
		int n = poll(&p, 1, (int)x->patience * 1000);

		if (n == -1 && errno == EINTR)
			continue;
		if (n != 0)
			break;
		err_set(e, ERR_SYSTEM, "%s: hangs: it neither answers nor ends in %u s", x->child.name,
		    x->patience);
		helper_kill(x);
		return -1;
	}
	return child_wait(&x->child, e);
}

int
helper_failed(struct helper *x, struct err *e)
{
	struct err own = {.code = ERR_NONE};

	io_close(&x->control);
	/* Its own complaint says more than "the other side went away". */
	if (wait_for_end(x, &own) == -1)
		*e = own;
	return -1;
}

int
helper_tell(struct helper *x, enum wire_type type, struct json *json, struct err *e)
{
	int rc = wire_send(x->control, type, json, NULL, 0, e);

	json_free(json);
	return rc == -1 ? helper_failed(x, e) : 0;
}

struct json *
helper_ask(struct helper *x, enum wire_type ask, struct json *json, enum wire_type answer, struct err *e)
{
	struct json *got;

	if (helper_tell(x, ask, json, e) == -1)
		return NULL;
	if ((got = wire_expect(x->control, answer, NULL, 0, e)) == NULL)
		(void)helper_failed(x, e);
	return got;
}

int
helper_end(struct helper *x, struct err *e)
{
	io_close(&x->control);
	return wait_for_end(x, e);
}

void
helper_kill(struct helper *x)
{
	io_close(&x->control);
	child_kill(&x->child);
}

int
house_setting(struct house *h, const char *key, struct buf *out, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT value FROM setting WHERE key = ?", "s", key);
	int rc = ledger_next(q, e);
	const void *value;
	size_t len;

	if (rc == 1) {
		value = ledger_blob(q, 0, &len);
		if (buf_put(out, value, len, e) == -1)
			rc = -1;
	}
	ledger_end(q);
	return rc;
}

int
house_set(struct house *h, const char *key, const void *value, size_t len, struct err *e)
{
	return ledger_run(h->ledger, e,
	    "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", "sb", key,
	    value, len);
}

int
house_lock(struct house *h, const char *name, struct err *e)
{
	return house_lock_telling(h, name, NULL, NULL, e);
}

int
house_lock_telling(struct house *h, const char *name, void (*waits)(void *ctx), void *ctx, struct err *e)
{
	int fd = openat(h->folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1)
		return err_sys(e, "%s: open", name);
	if (waits != NULL && flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		waits(ctx);
	while (flock(fd, LOCK_EX) == -1) {
		if (errno != EINTR) {
			err_sys(e, "%s: lock", name);
			io_close(&fd);
			return -1;
		}
	}
	return fd;
}

int
house_root_fd(struct house *h, struct err *e)
{
	if (h->root == NULL) {
		if ((h->root = malloc(sizeof(*h->root))) == NULL)
			return err_sys(e, "root secret");
		if (root_start(h->root, h->folder, h->card.house, h->root_setting, &h->root_from, e) == -1) {
			free(h->root);
			h->root = NULL;
			return -1;
		}
	}
	return root_fd(h->root, e);
}

/* {"house", "blob"} from a file of the key store. */
static struct json *
load_message(struct house *h, const char *file, struct err *e)
{
	struct json *j = NULL;
	struct buf blob;
	char path[128];

	buf_init(&blob, BLOB_MAX);
	store_path(h, file, path, sizeof(path));
	if (io_read_file(h->folder, path, &blob, e) == -1)
		goto out;
	if (keystore_generation(blob.data, blob.len) != h->generation) {
		err_set(e, ERR_FORGED, "%s: not of generation %u, which is in force", path, h->generation);
	} else {
		j = json_object();
		json_set_string(j, "house", h->card.house);
		json_set(j, "blob", json_base64(blob.data, blob.len));
	}
out:
	buf_free(&blob);
	return j;
}

/* What the purpose `open` needs before anything else: the stewards' register. */
static int
load_register(struct house *h, struct helper *x, struct err *e)
{
	struct buf text;
	struct json *j;
	int rc = -1;

	buf_init(&text, BLOB_MAX);
	if (io_read_file(h->folder, "keys/register", &text, e) == 0) {
		j = json_object();
		json_set(j, "register", json_base64(text.data, text.len));
		rc = helper_tell(x, WIRE_REGISTER, j, e);
	}
	buf_free(&text);
	return rc;
}

int
house_key_start(struct house *h, const char *purpose, bool judge, struct helper *x, struct err *e)
{
	const char *const argv[] = {"stager-key", purpose, NULL};
	struct spawn_fd fds[2];
	int root = -1, journal = -1, rc = -1;
	struct json *load = NULL;

	*x = HELPER_NONE;
	if ((root = house_root_fd(h, e)) == -1)
		return -1;
	fds[0] = (struct spawn_fd){.from = root, .to = 4};
	if (judge) {
		if ((journal = openat(h->folder, "keys/open.journal", O_RDWR | O_CLOEXEC | O_NOFOLLOW)) ==
		    -1) {
			err_sys(e, "keys/open.journal: open");
			goto out;
		}
		/* The lock goes along with the descriptor: two judges never write one journal. */
		if (flock(journal, LOCK_EX) == -1) {
			err_sys(e, "keys/open.journal: lock");
			goto out;
		}
		fds[1] = (struct spawn_fd){.from = journal, .to = 5};
	}
	if ((load = load_message(h, purpose, e)) == NULL ||
	    helper_start(x, argv, fds, judge ? 2 : 1, e) == -1)
		goto out;
	helper_patience(x, h->patience);
	rc = helper_tell(x, WIRE_KEY_LOAD, load, e);
	load = NULL;
	if (rc == 0 && judge)
		rc = load_register(h, x, e);
out:
	json_free(load);
	io_close(&root);
	io_close(&journal);
	if (rc == -1)
		helper_kill(x);
	return rc;
}

/* Whether the dataset's KEK has its file: 1, 0, -1. Only ENOENT says no: on anything else no new one is made. */
static int
kek_there(struct house *h, const char *dataset_id, char *path, size_t size, struct err *e)
{
	(void)snprintf(path, size, "keys/%u/kek/%s", h->generation, dataset_id);
	if (faccessat(h->folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : err_sys(e, "%s", path);
}

int
house_kek(struct house *h, struct helper *key, const char *dataset_id, struct err *e)
{
	struct json *j;
	struct buf blob;
	char path[128];
	int rc = -1, there;

	buf_init(&blob, BLOB_MAX);
	if ((there = kek_there(h, dataset_id, path, sizeof(path), e)) == 0)
		err_set(e, ERR_FORGED, "%s: missing", path);
	if (there != 1 || io_read_file(h->folder, path, &blob, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "dataset", dataset_id);
	json_set(j, "blob", json_base64(blob.data, blob.len));
	rc = helper_tell(key, WIRE_KEK_LOAD, j, e);
out:
	buf_free(&blob);
	return rc;
}

int
house_kek_make(struct house *h, struct helper *key, const char *dataset_id, struct err *e)
{
	struct json *j, *got = NULL;
	struct ledger_query *q;
	struct buf blob;
	char path[128];
	int rc = -1, there;

	if ((there = kek_there(h, dataset_id, path, sizeof(path), e)) != 0)
		return there == -1 ? -1 : house_kek(h, key, dataset_id, e);
	q = ledger_query(h->ledger, e,
	    "SELECT 1 FROM shard s JOIN version v ON v.id = s.version WHERE v.dataset = ? LIMIT 1", "s",
	    dataset_id);
	there = ledger_next(q, e);
	ledger_end(q);
	if (there != 0)
		return there == -1
			   ? -1
			   : err_set(e, ERR_FORGED, "%s: missing, and shards are wrapped under it", path);
	buf_init(&blob, BLOB_MAX);
	j = json_object();
	json_set_string(j, "dataset", dataset_id);
	/* In place before anything is wrapped under it. */
	if ((got = helper_ask(key, WIRE_KEK_NEW, j, WIRE_KEK_BLOB, e)) != NULL &&
	    json_need_base64(got, "blob", &blob, "KEK", e) == 0)
		rc = io_replace_file(h->folder, path, blob.data, blob.len, 0600, e);
	json_free(got);
	buf_free(&blob);
	return rc;
}

int
house_sign(struct house *h, const char *type, const struct buf *payload, struct buf *out, struct err *e)
{
	struct helper key = HELPER_NONE;
	struct json *j, *got = NULL;
	int rc = -1;

	if (house_key_start(h, "sign", false, &key, e) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "type", type);
	json_set(j, "payload", json_base64(payload->data, payload->len));
	if ((got = helper_ask(&key, WIRE_KEY_SIGN, j, WIRE_KEY_SIGNED, e)) != NULL &&
	    json_need_base64(got, "envelope", out, "signature", e) == 0)
		rc = helper_end(&key, e);
	json_free(got);
	helper_kill(&key);
	return rc;
}

int
house_log_start(struct house *h, struct helper *x, struct err *e)
{
	static const char *const argv[] = {"stager-log", NULL};
	int root = -1, folder = -1, rc = -1;
	struct json *load = NULL, *head = NULL;
	struct spawn_fd fds[2];

	*x = HELPER_NONE;
	if ((root = house_root_fd(h, e)) == -1)
		return -1;
	if ((folder = openat(h->folder, "log", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(e, "log: open folder");
		goto out;
	}
	fds[0] = (struct spawn_fd){.from = root, .to = 4};
	fds[1] = (struct spawn_fd){.from = folder, .to = 5};
	if ((load = load_message(h, "log", e)) == NULL || helper_start(x, argv, fds, 2, e) == -1)
		goto out;
	helper_patience(x, h->patience);
	head = helper_ask(x, WIRE_LOG_OPEN, load, WIRE_LOG_HEAD, e);
	load = NULL;
	rc = head == NULL ? -1 : 0;
out:
	json_free(load);
	json_free(head);
	io_close(&root);
	io_close(&folder);
	if (rc == -1)
		helper_kill(x);
	return rc;
}

int
house_subkey(struct helper *key, const char *holder, const char *project, const char *domain,
    int64_t generation, int *reader, struct err *e)
{
	struct json *j = NULL, *ok = NULL;
	int fds[2] = {-1, -1}, rc = -1;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_sys(e, "pipe");
	j = json_object();
	json_set_string(j, "holder", holder);
	json_set_string(j, "project", project);
	json_set_string(j, "domain", domain);
	json_set_int(j, "generation", generation);
	if (wire_send(key->control, WIRE_KEY_SUBKEY, j, &fds[1], 1, e) == -1 ||
	    (ok = wire_expect(key->control, WIRE_OK, NULL, 0, e)) == NULL) {
		(void)helper_failed(key, e);
		goto out;
	}
	*reader = fds[0];
	fds[0] = -1;
	rc = 0;
out:
	json_free(j);
	json_free(ok);
	io_close(&fds[0]);
	io_close(&fds[1]);
	return rc;
}

int
house_policy_subkey(
    struct helper *key, const struct json *policy, const char *holder, int *reader, struct err *e)
{
	const struct json *pseudonym = json_need(policy, "pseudonym", JSON_OBJECT, "policy", e);
	const char *project, *domain;
	int64_t generation;

	if (pseudonym == NULL || (project = json_need_string(policy, "project", "policy", e)) == NULL ||
	    (domain = json_need_string(pseudonym, "domain", "policy", e)) == NULL ||
	    json_need_int(pseudonym, "key", 1, UINT32_MAX, "policy", &generation, e) == -1)
		return -1;
	return house_subkey(key, holder, project, domain, generation, reader, e);
}
