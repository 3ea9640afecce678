/* Lines between a node and a house: said whole, heard within a time. */
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stager/clock.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/release.h"

#define READ_PIECE 65536
/* Where the command ends at once, it depends on who is first whether that is met in writing or in reading. */
static const char hung_up[] = "house: it hung up before it answered (--house is a command, or unix:PATH)";

int
talk_forged(struct err *e)
{
	if (e != NULL && (e->code == ERR_INPUT || e->code == ERR_LIMIT || e->code == ERR_REFUSED))
		e->code = ERR_FORGED;
	return -1;
}

/* The house's next line, without its newline. It speaks only when it is asked, so nothing may follow the line. */
static int
hear_line(int from, int wait_ms, struct buf *line, struct err *e)
{
	struct pollfd p = {.fd = from, .events = POLLIN};
	int64_t until, left;
	const uint8_t *newline;
	uint8_t *into;
	ssize_t n;
	int ready;

	until = clock_now_ms() + wait_ms;
	for (;;) {
		left = until - clock_now_ms();
		if ((ready = poll(&p, 1, left > 0 ? (int)left : 0)) == -1 && errno == EINTR)
			continue;
		if (ready == -1)
			return err_sys(e, "house: wait");
		if (ready == 0)
			return err_set(
			    e, ERR_REMOTE, "house: no word from it for %d seconds", wait_ms / 1000);
		if ((into = buf_reserve(line, READ_PIECE, e)) == NULL) {
			err_context(e, "house: its line");
			return talk_forged(e);
		}
		if ((n = read(from, into, READ_PIECE)) == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(e, ERR_REMOTE, "house: read: %s", strerror(errno));
		if (n == 0)
			return err_set(e, ERR_REMOTE, "%s", hung_up);
		line->len += (size_t)n;
		if ((newline = memchr(into, '\n', (size_t)n)) == NULL)
			continue;
		if (newline + 1 != into + n)
			return err_set(e, ERR_FORGED, "house: it said more than it was asked");
		line->len--;
		return 0;
	}
}

/* Its next line as an object of this type. Where it says "error" instead, that is the error. */
struct json *
talk_hear(int from, const char *type, int wait_ms, struct err *e)
{
	struct json *j = NULL;
	const char *is, *text;
	struct buf line;
	int64_t status;

	buf_init(&line, RELEASE_LINE_MAX + READ_PIECE);
	if (hear_line(from, wait_ms, &line, e) == -1)
		goto out;
	if ((j = json_parse(line.data, line.len, "house", e)) == NULL ||
	    (is = json_need_string(j, "type", "house", e)) == NULL) {
		talk_forged(e);
		goto fail;
	}
	if (strcmp(is, type) == 0)
		goto out;
	if (strcmp(is, "error") == 0 && (text = json_need_string(j, "text", "house", e)) != NULL &&
	    json_need_int(j, "status", 1, 255, "house", &status, e) == 0) {
		err_set(e, err_from_exit_status((int)status), "the house says: %s", text);
		goto fail;
	}
	err_set(e, ERR_FORGED, "house: it said something else than its %s", type);
fail:
	json_free(j);
	j = NULL;
out:
	buf_free(&line);
	return j;
}

int
talk_say(int to, struct buf *line, int wait_ms, struct err *e)
{
	if (buf_put_u8(line, '\n', e) == -1)
		return -1;
	errno = 0;
	if (io_write_patient(to, line->data, line->len, wait_ms, "house", e) == 0)
		return 0;
	return errno == EPIPE ? err_set(e, ERR_REMOTE, "%s", hung_up) : -1;
}
