/* stager-log: the log's one writer. It sees the log's folder and the checkpoint key, and no dataset. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/log.h"
#include "stager/manifest.h"
#include "stager/sandbox.h"
#include "stager/secret.h"
#include "stager/sign.h"
#include "stager/wire.h"

#define PROGRAM "stager-log"
#define ROOT_FD 4
#define FOLDER_FD 5

#define ORIGIN_LEAD "stager/"
#define BUSY_SECONDS 30
#define BUSY_STEP_MS 20
#define BLOB_MAX 4096
#define FILE_MAX_LEN (1u << 20) /* no file of the log is longer; kept by RLIMIT_FSIZE */

/*
 * Open the folder anew and lock it: one writer at a time. The lock belongs to the open file, not to the
 * process, and our parent still has the one that we were given; on this one of our own it ends when we end.
 */
static int
take_folder(struct err *e)
{
	const struct timespec step = {.tv_nsec = BUSY_STEP_MS * 1000000L};
	int fd;

	if ((fd = openat(FOLDER_FD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(e, "log folder: open");
	for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) == -1; waited += BUSY_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			err_sys(e, "log folder: lock");
			goto fail;
		}
		if (waited >= BUSY_SECONDS * 1000) {
			err_set(e, ERR_REMOTE, "log folder: busy");
			goto fail;
		}
		(void)nanosleep(&step, NULL);
	}
	return fd;
fail:
	io_close(&fd);
	return -1;
}

/* LOG_HEAD: the index of the batch's first entry (after LOG_OPEN: the size), and the checkpoint as it stands, "" where
 * nothing was ever appended. */
static int
send_head(const struct log *log, uint64_t first, struct err *e)
{
	struct json *head = json_object();
	struct buf note, text;
	const char *string;
	int rc = -1;

	buf_init(&note, NOTE_MAX);
	buf_init(&text, 2 * NOTE_MAX);
	if (first > (uint64_t)JSON_INT_MAX) {
		err_set(e, ERR_LIMIT, "log: an index past what a message can say");
		goto out;
	}
	if (log_note(log, &note, e) == -1 || base64_encode(note.data, note.len, &text, e) == -1 ||
	    (string = buf_cstr(&text, e)) == NULL)
		goto out;
	json_set_int(head, "first", (int64_t)first);
	json_set_string(head, "note", string);
	rc = wire_send(WIRE_FD, WIRE_LOG_HEAD, head, NULL, 0, e);
out:
	json_free(head);
	buf_free(&note);
	buf_free(&text);
	return rc;
}

/* LOG_OPEN: open the key with the root secret, and the log with the key. */
static int
open_log(int folder, const struct secret *root, struct secret **seed, struct log **log, struct err *e)
{
	static const char *const keys[] = {"house", "blob", NULL};
	char origin[sizeof(ORIGIN_LEAD) + MANIFEST_NAME_MAX];
	uint8_t key[SIGN_PUBLIC_LEN];
	struct secret *subkey = NULL;
	struct json *message = NULL;
	uint32_t generation;
	struct buf blob;
	const char *house;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	if ((message = wire_expect(WIRE_FD, WIRE_LOG_OPEN, NULL, 0, e)) == NULL ||
	    json_expect_keys(message, keys, "log open", e) == -1 ||
	    (house = json_need_string(message, "house", "log open", e)) == NULL ||
	    json_need_base64(message, "blob", &blob, "log open", e) == -1)
		goto out;
	if (!manifest_name_ok(house)) {
		err_set(e, ERR_INPUT, "log open: house name");
		goto out;
	}
	memcpy(origin, ORIGIN_LEAD, sizeof(ORIGIN_LEAD));
	memcpy(origin + sizeof(ORIGIN_LEAD) - 1, house, strlen(house) + 1);
	if ((subkey = keystore_subkey(root, KEY_LOG, house, e)) == NULL ||
	    (*seed = keystore_open(subkey, KEY_LOG, house, blob.data, blob.len, &generation, e)) == NULL ||
	    sign_public(*seed, key, e) == -1 || (*log = log_open(folder, origin, key, e)) == NULL)
		goto out;
	rc = send_head(*log, log_checkpoint(*log)->size, e);
out:
	secret_free(subkey);
	json_free(message);
	buf_free(&blob);
	return rc;
}

/* LOG_APPEND: one batch. The reply goes out only once the checkpoint is in place. */
static int
append(struct log *log, const struct secret *seed, const struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"entries", NULL};
	struct view entries[LOG_BATCH_MAX];
	struct json *message = NULL;
	const struct json *list;
	uint8_t *space = NULL;
	uint64_t first;
	size_t len;
	int rc = -1;

	if ((message = json_parse(m->payload.data, m->payload.len, "log append", e)) == NULL ||
	    json_expect_keys(message, keys, "log append", e) == -1 ||
	    (list = json_need(message, "entries", JSON_ARRAY, "log append", e)) == NULL)
		goto out;
	if (list->count == 0 || list->count > LOG_BATCH_MAX) {
		err_set(e, ERR_LIMIT, "log append: %zu entries at once", list->count);
		goto out;
	}
	if ((space = calloc(list->count, LOG_ENTRY_MAX)) == NULL) {
		err_sys(e, "log append");
		goto out;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct json *item = list->items[i];

		if (item->type != JSON_STRING) {
			err_set(e, ERR_INPUT, "log append: an entry that is no string");
			goto out;
		}
		if ((len = strlen(item->string) / 2) > LOG_ENTRY_MAX) {
			err_set(e, ERR_LIMIT, "log append: an entry of %zu bytes", len);
			goto out;
		}
		if (hex_decode(item->string, space + i * LOG_ENTRY_MAX, len, "log append", e) == -1)
			goto out;
		entries[i] = view_of(space + i * LOG_ENTRY_MAX, len, "log entry");
	}
	if (log_append(log, seed, entries, list->count, &first, e) == 0)
		rc = send_head(log, first, e);
out:
	free(space);
	json_free(message);
	return rc;
}

static int
serve(struct log *log, const struct secret *seed, struct err *e)
{
	struct wire_message m;
	int rc;

	do {
		wire_message_init(&m);
		if ((rc = wire_receive(WIRE_FD, &m, e)) == 1) {
			if (m.type != WIRE_LOG_APPEND || m.fds[0] != -1)
				rc = err_set(e, ERR_INPUT, "control message: type %d where an append was due",
				    (int)m.type);
			else if (append(log, seed, &m, e) == -1)
				rc = -1;
		}
		wire_message_free(&m);
	} while (rc == 1);
	return rc;
}

int
main(int argc, char **argv)
{
	struct sandbox sandbox = {
	    .allow = SANDBOX_PASS_FD | SANDBOX_SECRETS | SANDBOX_SYNC | SANDBOX_FOLDER_WRITE,
	    .file_size = FILE_MAX_LEN,
	};
	struct secret *root = NULL, *seed = NULL;
	struct log *log = NULL;
	int folder = -1, root_fd = ROOT_FD, rc = -1;
	struct err e;

	sandbox_first();
	sandbox_help(argc, argv, "stager-log");
	/* The lock first: while we wait for it there is no secret in memory. */
	if ((folder = take_folder(&e)) == -1 || secret_start(&e) == -1 ||
	    (root = secret_read(root_fd, ROOT_LEN, "root secret", &e)) == NULL)
		goto out;
	io_close(&root_fd);
	sandbox.folder = folder;
	if (sandbox_enter(&sandbox, NULL, &e) == -1)
		goto out;
	sandbox_prove(argc, argv);

	if (open_log(folder, root, &seed, &log, &e) == -1)
		goto out;
	secret_free(root);
	root = NULL;
	rc = serve(log, seed, &e);
out:
	log_free(log);
	secret_free(seed);
	secret_free(root);
	return rc == 0 ? 0 : err_report(PROGRAM, &e);
}
