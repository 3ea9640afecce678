/* What a node brings: the pinned card, the request, the job key's file. */
#include <fcntl.h>
#include <sys/stat.h>

#include "stager/io.h"
#include "stager/node.h"

#define CARD_MAX 65536

/* A file without the newline that an editor may have put at its end. */
static int
read_text(const char *path, size_t max, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), rc;

	if (fd == -1)
		return err_sys(e, "%s: open", path);
	buf_init(out, max + 1);
	rc = io_read_all(fd, out, path, e);
	io_close(&fd);
	if (rc == 0 && out->len > 0 && out->data[out->len - 1] == '\n')
		out->len--;
	return rc;
}

int
node_read_card(const char *path, struct house_card *out, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, CARD_MAX);
	if (read_text(path, CARD_MAX, &text, e) == 0 &&
	    (rc = house_card_decode(text.data, text.len, out, e)) == -1)
		err_context(e, "%s: no house card", path);
	buf_free(&text);
	return rc;
}

int
node_read_request(const char *path, struct request *out, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, REQUEST_MAX);
	if (read_text(path, REQUEST_MAX, &text, e) == 0 &&
	    (rc = request_decode(text.data, text.len, out, e)) == -1)
		err_context(e, "%s: no request", path);
	buf_free(&text);
	return rc;
}

int
node_open_key(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		return err_sys(e, "%s: open", path);
	if (fstat(fd, &st) == -1)
		err_sys(e, "%s", path);
	else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		err_set(e, ERR_REFUSED, "%s: others may read this key (chmod 600)", path);
	else
		return fd;
	io_close(&fd);
	return -1;
}
