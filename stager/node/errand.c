/* The ways to a house, and receipts on them: delivered, or kept in a folder until they can be. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "courier.h"
#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/receipt.h"
#include "talk.h"

#define SOCKET_PREFIX "unix:"
#define FAREWELL_MS 5000    /* a command may take so long to end when all was said */
#define KEPT_MS (60 * 1000) /* for the house to log a receipt */
#define SUFFIX ".receipt"

static int
way_connect(struct way *w, const char *path, struct err *e)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(
		    e, ERR_USAGE, "--house: a socket's path has at most %zu bytes", sizeof(to.sun_path) - 1);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if ((w->from = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return err_sys(e, "house: socket");
	if (connect(w->from, (const struct sockaddr *)&to, sizeof(to)) == -1)
		return err_set(e, ERR_REMOTE, "house: %s: connect: %s", path, strerror(errno));
	if ((w->to = fcntl(w->from, F_DUPFD_CLOEXEC, 3)) == -1)
		return err_sys(e, "house: socket");
	return 0;
}

int
way_open(struct way *w, const char *house, struct err *e)
{
	int rc;

	*w = WAY_NONE;
	rc = strncmp(house, SOCKET_PREFIX, strlen(SOCKET_PREFIX)) == 0
		 ? way_connect(w, house + strlen(SOCKET_PREFIX), e)
		 : spawn_command(&w->child, house, &w->to, &w->from, e);
	if (rc == -1)
		way_close(w, false);
	return rc;
}

void
way_close(struct way *w, bool patient)
{
	struct pollfd end = {.fd = w->from, .events = POLLIN};

	if (w->to != -1)
		(void)shutdown(w->to, SHUT_WR); /* of a pipe it is refused, and closing does it */
	io_close(&w->to);
	if (patient && w->from != -1)
		(void)poll(&end, 1, FAREWELL_MS);
	child_kill(&w->child);
	io_close(&w->from);
}

int
errand_folder(const char *path, struct err *e)
{
	struct stat st;
	int fd = -1;

	/* Not made here: receipts in a folder whose name was mistyped nobody would ever send. */
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 && errno == ENOENT)
		return err_set(e, ERR_USAGE, "--receipts: %s is not there (mkdir -m 700 makes it)", path);
	if (fd == -1)
		return err_sys(e, "%s: open", path);
	if (fstat(fd, &st) == -1)
		err_sys(e, "%s", path);
	else if ((st.st_mode & 022) != 0)
		err_set(e, ERR_REFUSED, "%s: others may write to this folder of receipts (chmod 700)", path);
	else
		return fd;
	io_close(&fd);
	return -1;
}

int
errand_keep(int folder, const void *envelope, size_t len, char name[static ERRAND_NAME_MAX], struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];

	digest_bytes(envelope, len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	(void)snprintf(name, ERRAND_NAME_MAX, "%s" SUFFIX, hex);
	return io_replace_file(folder, name, envelope, len, 0600, e);
}

int
errand_deliver(struct way *w, const void *envelope, size_t len, struct err *e)
{
	struct json *j = json_object(), *kept = NULL;
	struct buf text, line;
	int rc = -1;

	buf_init(&text, RECEIPT_LINE_MAX);
	buf_init(&line, RECEIPT_LINE_MAX);
	json_set_string(j, "type", "receipt");
	if (base64_encode(envelope, len, &text, e) == -1)
		goto out;
	json_set(j, "envelope", json_string_len((const char *)text.data, text.len));
	if (json_encode(j, &line, e) == -1 || talk_say(w->to, &line, KEPT_MS, e) == -1 ||
	    (kept = talk_hear(w->from, "kept", KEPT_MS, e)) == NULL)
		goto out;
	rc = 0;
out:
	json_free(kept);
	json_free(j);
	buf_free(&text);
	buf_free(&line);
	return rc;
}

static int
is_receipt(const struct dirent *entry)
{
	return strlen(entry->d_name) == DIGEST_HEX_LEN + strlen(SUFFIX) &&
	       strcmp(entry->d_name + DIGEST_HEX_LEN, SUFFIX) == 0;
}

/* One file of the folder: 0 where it is gone from there. */
static int
deliver_file(struct way *w, const char *house, int folder, const char *name, struct err *e)
{
	struct buf envelope;
	int rc = -1;

	buf_init(&envelope, RECEIPT_LINE_MAX);
	if (faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == -1 && errno == ENOENT) {
		rc = 0; /* another node's courier was here */
		goto out;
	}
	if (io_read_file(folder, name, &envelope, e) == -1 || (w->to == -1 && way_open(w, house, e) == -1))
		goto out;
	if (errand_deliver(w, envelope.data, envelope.len, e) == -1) {
		way_close(w, false);
		goto out;
	}
	if (unlinkat(folder, name, 0) == -1 && errno != ENOENT) {
		err_sys(e, "receipt: remove");
		goto out;
	}
	rc = 0;
out:
	buf_free(&envelope);
	return rc == 0 ? 0 : err_context(e, "receipt %.16s", name);
}

int
errand_deliver_all(const char *house, int folder, size_t *sent, size_t *left, struct err *e)
{
	struct err first = {.code = ERR_NONE}, now = {.code = ERR_NONE};
	struct dirent **list = NULL;
	struct way w = WAY_NONE;
	int count;

	*sent = *left = 0;
	if ((count = scandirat(folder, ".", &list, is_receipt, alphasort)) == -1)
		return err_sys(e, "receipts: read the folder");
	for (int i = 0; i < count; i++) {
		/* Where the house cannot be reached the rest is counted alone. */
		if (first.code != ERR_REMOTE && deliver_file(&w, house, folder, list[i]->d_name, &now) == 0) {
			(*sent)++;
		} else {
			(*left)++;
			if (first.code == ERR_NONE || (now.code == ERR_REMOTE && first.code != ERR_REMOTE))
				first = now;
		}
		free(list[i]);
	}
	free(list);
	way_close(&w, true);
	if (*left == 0)
		return 0;
	if (e != NULL)
		*e = first;
	return -1;
}

int
courier_empty(const char *house, const char *receipts, size_t *sent, size_t *left, struct err *e)
{
	int folder, rc;

	*sent = *left = 0;
	if ((folder = errand_folder(receipts, e)) == -1)
		return -1;
	rc = errand_deliver_all(house, folder, sent, left, e);
	io_close(&folder);
	return rc;
}
