/* Control messages over a socket pair: one frame, its writer and its reader. */
#include "stager/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stager/json.h"

#define WIRE_HEAD 6 /* u32 LE length of type and payload | u16 LE type */

/* Room for the descriptors of one message, aligned as CMSG_* wants it. */
union wire_control {
	struct cmsghdr align;
	char space[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
};

void
wire_message_init(struct wire_message *m)
{
	*m = (struct wire_message){.type = (enum wire_type)0};
	for (size_t i = 0; i < WIRE_FDS_MAX; i++)
		m->fds[i] = -1;
	buf_init(&m->payload, WIRE_PAYLOAD_MAX);
}

void
wire_message_free(struct wire_message *m)
{
	buf_free(&m->payload);
	for (size_t i = 0; i < WIRE_FDS_MAX; i++) {
		if (m->fds[i] != -1)
			(void)close(m->fds[i]);
		m->fds[i] = -1;
	}
}

int
wire_pair(int pair[2], struct err *e)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return err_sys(e, "control socket");
	return 0;
}

/* All of frame, the descriptors with its first byte. */
static int
wire_send_frame(int fd, const uint8_t *frame, size_t len, const int *fds, size_t fd_count, struct err *e)
{
	union wire_control control;
	bool first = true;
	ssize_t n;

	while (len > 0) {
		struct iovec io = {.iov_base = (void *)(uintptr_t)frame, .iov_len = len};
		struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};

		if (first && fd_count > 0) {
			struct cmsghdr *c;

			memset(&control, 0, sizeof(control));
			msg.msg_control = control.space;
			msg.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
			c = CMSG_FIRSTHDR(&msg);
			c->cmsg_level = SOL_SOCKET;
			c->cmsg_type = SCM_RIGHTS;
			c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
			memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
		}
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
			return err_set(e, ERR_SYSTEM, "control socket: the other side went away");
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return err_set(e, ERR_SYSTEM, "control socket: nothing is taken in time");
		if (n == -1)
			return err_sys(e, "control socket: send");
		first = false;
		frame += n;
		len -= (size_t)n;
	}
	return 0;
}

int
wire_send(int fd, enum wire_type type, struct json *json, const int *fds, size_t fd_count, struct err *e)
{
	struct buf frame;
	uint32_t len;
	int rc = -1;

	buf_init(&frame, WIRE_PAYLOAD_MAX + WIRE_HEAD);
	if (fd_count > WIRE_FDS_MAX) {
		err_set(e, ERR_LIMIT, "control socket: too many descriptors");
		goto out;
	}
	/* The length is known only when the payload stands: its place is filled in afterwards. */
	if (buf_put_u32le(&frame, 0, e) == -1 || buf_put_u8(&frame, (uint8_t)type, e) == -1 ||
	    buf_put_u8(&frame, (uint8_t)(type >> 8), e) == -1)
		goto out;
	if (json != NULL && json_encode(json, &frame, e) == -1)
		goto out;
	len = (uint32_t)(frame.len - 4);
	for (unsigned i = 0; i < 4; i++)
		frame.data[i] = (uint8_t)(len >> (8 * i));
	rc = wire_send_frame(fd, frame.data, frame.len, fds, fd_count, e);
out:
	buf_free(&frame);
	return rc;
}

/* Keep the descriptors that came; more than there is room for is an attack. */
static int
wire_keep_fds(struct msghdr *msg, struct wire_message *m, struct err *e)
{
	int rc = 0;

	if ((msg->msg_flags & MSG_CTRUNC) != 0)
		rc = err_set(e, ERR_INPUT, "control socket: too many descriptors");
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t count, used = 0;
		int fd;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			while (used < WIRE_FDS_MAX && m->fds[used] != -1)
				used++;
			if (used < WIRE_FDS_MAX) {
				m->fds[used] = fd;
			} else {
				(void)close(fd);
				rc = err_set(e, ERR_INPUT, "control socket: too many descriptors");
			}
		}
	}
	return rc;
}

/*
 * What the confined programs that see a dataset or the network say is short: one that was captured shall not make the
 * supervisor keep megabytes, nor the tree that JSON grows into.
 */
static size_t
wire_payload_max(enum wire_type type)
{
	switch (type) {
	case WIRE_SHARD_OPEN:
	case WIRE_SHARD_DONE:
	case WIRE_ENTRIES_READ:
	case WIRE_UNSEALED:
	case WIRE_SENT:
	case WIRE_CARRIED:
	case WIRE_FAULT:
		return WIRE_SHORT_MAX;
	case WIRE_LISTED:
		return WIRE_LISTED_MAX;
	case WIRE_DONE:
	case WIRE_GATHERED:
		return WIRE_DONE_MAX;
	default:
		return WIRE_PAYLOAD_MAX;
	}
}

/* Exactly len bytes: 1; 0 where the peer closed before the first; -1. Descriptors are taken along. */
static int
wire_read(int fd, uint8_t *to, size_t len, struct wire_message *m, struct err *e)
{
	union wire_control control;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		struct iovec io = {.iov_base = to + done, .iov_len = len - done};
		struct msghdr msg = {.msg_iov = &io,
		    .msg_iovlen = 1,
		    .msg_control = control.space,
		    .msg_controllen = sizeof(control.space)};

		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return err_set(e, ERR_SYSTEM, "control socket: no answer in time");
		if (n == -1 && errno != ECONNRESET)
			return err_sys(e, "control socket: receive");
		if (n > 0 && wire_keep_fds(&msg, m, e) == -1)
			return -1;
		if (n <= 0 && done == 0)
			return 0;
		if (n <= 0)
			return err_set(e, ERR_INPUT, "control socket: message cut short");
		done += (size_t)n;
	}
	return 1;
}

int
wire_receive(int fd, struct wire_message *m, struct err *e)
{
	uint8_t head[WIRE_HEAD] = {0}, *to;
	struct view v = view_of(head, sizeof(head), "control message");
	uint32_t len;
	uint16_t type;
	int rc;

	if ((rc = wire_read(fd, head, sizeof(head), m, e)) != 1)
		return rc;
	if (view_u32le(&v, &len, e) == -1 || view_u16le(&v, &type, e) == -1)
		return -1;
	m->type = (enum wire_type)type;
	if (len < 2 || len - 2 > wire_payload_max(m->type))
		return err_set(e, ERR_LIMIT, "control message: length");
	buf_clear(&m->payload);
	if ((to = buf_reserve(&m->payload, len - 2, e)) == NULL)
		return -1;
	if (len > 2 && (rc = wire_read(fd, to, len - 2, m, e)) != 1)
		return rc == -1 ? -1 : err_set(e, ERR_INPUT, "control message: cut short");
	m->payload.len = len - 2;
	return 1;
}

int
wire_serve(int fd, wire_answerer *answer, void *ctx, struct err *e)
{
	struct json *body = NULL, *reply = NULL;
	enum wire_type type = (enum wire_type)0;
	struct wire_message m;
	int rc;

	wire_message_init(&m);
	if ((rc = wire_receive(fd, &m, e)) != 1)
		goto out;
	rc = -1;
	if ((body = json_parse(m.payload.data, m.payload.len, "control message", e)) == NULL ||
	    answer(ctx, &m, body, &type, &reply, e) == -1 ||
	    (type != 0 && wire_send(fd, type, reply, NULL, 0, e) == -1))
		goto out;
	rc = 1;
out:
	json_free(reply);
	json_free(body);
	wire_message_free(&m);
	return rc;
}

struct json *
wire_expect(int fd, enum wire_type type, int *fds, size_t fd_count, struct err *e)
{
	struct json *json = NULL;
	struct wire_message m;
	int rc;

	wire_message_init(&m);
	if ((rc = wire_receive(fd, &m, e)) != 1) {
		if (rc == 0)
			err_set(e, ERR_SYSTEM, "control socket: the other side went away");
		goto out;
	}
	if (m.type != type) {
		err_set(e, ERR_INPUT, "control message: type %d where %d was due", (int)m.type, (int)type);
		goto out;
	}
	for (size_t i = 0; i < WIRE_FDS_MAX; i++) {
		if ((i < fd_count) != (m.fds[i] != -1)) {
			err_set(e, ERR_INPUT, "control message: type %d with wrong descriptors", (int)type);
			goto out;
		}
	}
	if ((json = json_parse(m.payload.data, m.payload.len, "control message", e)) == NULL)
		goto out;
	for (size_t i = 0; i < fd_count; i++) {
		fds[i] = m.fds[i];
		m.fds[i] = -1;
	}
out:
	wire_message_free(&m);
	return json;
}
