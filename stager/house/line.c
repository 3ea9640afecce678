/* Lines between the house and one node: read by pieces, each line held to the limit of what is due. */
#include "line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/release.h"

#define LINE_WAIT_MS (RELEASE_CHALLENGE_SECONDS * 1000)
#define PIECE 16384

void
line_init(struct line *l, int in, int out)
{
	l->in = in;
	l->out = out;
	l->taken = 0;
	buf_init(&l->read, PIECE);
}

void
line_free(struct line *l)
{
	buf_free(&l->read);
}

/* The next piece into the empty buffer: 1, 0 at the end, -1. */
static int
fill(struct line *l, struct err *e)
{
	struct pollfd p = {.fd = l->in, .events = POLLIN};
	uint8_t *to;
	ssize_t n;
	int ready;

	buf_clear(&l->read);
	l->taken = 0;
	if ((to = buf_reserve(&l->read, PIECE, e)) == NULL)
		return -1;
	for (;;) {
		if ((ready = poll(&p, 1, LINE_WAIT_MS)) == -1 && errno == EINTR)
			continue;
		if (ready == -1)
			return err_sys(e, "node: wait");
		if (ready == 0)
			return err_set(
			    e, ERR_REMOTE, "node: it said nothing for %d seconds", LINE_WAIT_MS / 1000);
		if ((n = read(l->in, to, PIECE)) == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != ECONNRESET)
			return err_sys(e, "node: read");
		if (n <= 0)
			return 0;
		l->read.len = (size_t)n;
		return 1;
	}
}

int
line_next(struct line *l, struct buf *out, struct err *e)
{
	const uint8_t *from, *newline;
	size_t left, before = out->len;
	int more;

	for (;;) {
		if (l->taken == l->read.len && (more = fill(l, e)) != 1) {
			if (more == 0 && out->len > before)
				return err_set(e, ERR_REMOTE, "node: it hung up in the middle of a line");
			return more;
		}
		from = l->read.data + l->taken;
		left = l->read.len - l->taken;
		newline = memchr(from, '\n', left);
		if (newline != NULL)
			left = (size_t)(newline - from);
		if (buf_put(out, from, left, e) == -1)
			return err_context(e, "node: line");
		l->taken += left;
		if (newline != NULL) {
			l->taken++;
			return 1;
		}
	}
}

int
line_read(struct line *l, struct buf *out, struct err *e)
{
	int more = line_next(l, out, e);

	return more == 1 ? 0 : more == 0 ? err_set(e, ERR_REMOTE, "node: it hung up") : -1;
}

int
line_write(struct line *l, struct json *j, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, RELEASE_LINE_MAX);
	if (json_encode(j, &text, e) == 0 && buf_put_u8(&text, '\n', e) == 0)
		rc = io_write_patient(l->out, text.data, text.len, LINE_WAIT_MS, "node", e);
	buf_free(&text);
	return rc;
}
