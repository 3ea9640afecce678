/* The parent's side of stager-send: starting it with what it needs, and ending it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "carrier_parts.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

#define WINDOW_MAX (16u << 20)
#define WINDOWS_MAX (128u << 20) /* of all channels */
/* For the rest of a message that was begun: it goes out in one piece, so who takes longer is no good. */
#define MESSAGE_S 3
#define START_S 60      /* for it to read credentials and certificates, and to confine itself */
#define STOP_MS 15000   /* a stager-send that was told to stop may take, to give up what is under way */
#define PARTING_MS 1000 /* for its last words */

/* What transports look at: the names that curl, AWS's tools and OpenSSL know. */
static const char *const variables[] = {"AWS_*", "https_proxy", "HTTPS_PROXY", "http_proxy", "no_proxy",
    "NO_PROXY", "all_proxy", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME", NULL};

/* Memory that both have, and that neither can cut short under the other. */
static int
channel_make(struct carrier *c, struct channel *ch, struct err *e)
{
	const struct timeval patience = {.tv_sec = (time_t)c->message_s};
	int pair[2] = {-1, -1}, memory = -1, rc = -1;
	struct json *j = json_object();

	if (wire_pair(pair, e) == -1)
		goto out;
	if (setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == -1) {
		err_sys(e, "stager-send: channel");
		goto out;
	}
	if ((memory = memfd_create("stager-window", MFD_CLOEXEC | MFD_ALLOW_SEALING)) == -1 ||
	    ftruncate(memory, (off_t)c->window) == -1 ||
	    fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1) {
		err_sys(e, "stager-send: window");
		goto out;
	}
	ch->window = mmap(NULL, c->window, PROT_READ, MAP_SHARED, memory, 0);
	if (ch->window == MAP_FAILED) {
		ch->window = NULL;
		err_sys(e, "stager-send: map a window");
		goto out;
	}
	json_set_int(j, "window", (int64_t)c->window);
	rc = wire_send(c->control, WIRE_CHANNEL, j, (int[]){pair[1], memory}, 2, e);
	ch->fd = pair[0];
	pair[0] = -1;
out:
	json_free(j);
	io_close(&pair[0]);
	io_close(&pair[1]);
	io_close(&memory);
	return rc;
}

static struct json *
describe(const char *url, const struct endpoint_options *options)
{
	struct json *j = json_object();

	json_set_string(j, "url", url);
	json_set_int(j, "streams", options->streams);
	json_set_int(j, "max-rate", (int64_t)options->max_rate);
	json_set_int(j, "part", (int64_t)options->part);
	json_set(j, "plain-http", json_bool(options->plain_http));
	json_set_int(j, "tries", options->tries);
	json_set(j, "foreign", json_bool(options->foreign));
	json_set(j, "reads", json_bool(options->reads));
	if (options->ca != NULL)
		json_set_string(j, "ca", options->ca);
	if (options->gateway != NULL)
		json_set_string(j, "gateway", options->gateway);
	if (options->sender != NULL)
		json_set_string(j, "sender", options->sender);
	return j;
}

/* What it says next while it is started; it may take its time, but not for ever. */
static struct json *
hear(struct carrier *c, const struct endpoint_options *options, struct err *e)
{
	const int patience = options->stall_s > 0 ? (int)options->stall_s : START_S;
	struct pollfd p = {.fd = c->control, .events = POLLIN};
	int ready;

	while ((ready = poll(&p, 1, patience * 1000)) == -1 && errno == EINTR)
		continue;
	if (ready == 1)
		return wire_expect(c->control, WIRE_CARRIED, NULL, 0, e);
	err_set(e, ERR_REMOTE, "stager-send: it did not start within %d seconds", patience);
	return NULL;
}

/*
 * Its words on why it ended say more than "the other side went away". One that does not end when its socket is closed is
 * killed.
 */
static int
start_failed(struct carrier *c, struct err *e)
{
	struct pollfd ended = {.fd = c->child.complaint};
	struct err own = {.code = ERR_NONE};
	bool killed;

	io_close(&c->control);
	if ((killed = poll(&ended, 1, PARTING_MS) != 1))
		(void)kill(c->child.pid, SIGKILL);
	if (child_wait(&c->child, &own) == -1 && !killed && e != NULL)
		*e = own;
	return -1;
}

/* Tell it what it is for, and give it its channels. */
static int
introduce(struct carrier *c, const char *url, const struct endpoint_options *options, struct err *e)
{
	struct json *j = describe(url, options);
	int64_t streams, part;
	int rc = wire_send(c->control, WIRE_CARRY, j, NULL, 0, e);

	json_free(j);
	if (rc == -1 || (j = hear(c, options, e)) == NULL)
		return start_failed(c, e);
	rc = -1;
	if (json_need_int(j, "streams", 1, ENDPOINT_STREAMS_MAX, "stager-send", &streams, e) == -1 ||
	    json_need_int(j, "part", 1, (int64_t)ENDPOINT_PART_MAX, "stager-send", &part, e) == -1)
		goto out;
	c->part = (uint64_t)part;
	c->window = WINDOWS_MAX / (size_t)streams;
	c->window = c->window > WINDOW_MAX ? WINDOW_MAX : c->window & ~(size_t)0xfffff;
	if ((c->channels = calloc((size_t)streams, sizeof(*c->channels))) == NULL) {
		err_set(e, ERR_SYSTEM, "stager-send: out of memory");
		goto out;
	}
	for (; c->streams < streams; c->streams++) {
		struct channel *ch = &c->channels[c->streams];

		ch->fd = -1;
		rc = channel_make(c, ch, e);
		ch->next = c->free;
		c->free = ch;
		if (rc == -1) {
			c->streams++;
			goto out;
		}
	}
	json_free(j);
	if ((j = hear(c, options, e)) == NULL)
		rc = start_failed(c, e);
out:
	json_free(j);
	return rc;
}

int
carrier_start(const char *url, const struct endpoint_options *options, struct carrier **out, struct err *e)
{
	static const struct endpoint_options defaults = {.streams = 0};
	static const char *const argv[] = {"stager-send", NULL};
	struct timeval message = {.tv_sec = 0};
	struct carrier *c = calloc(1, sizeof(*c));
	int pair[2] = {-1, -1};

	if (options == NULL)
		options = &defaults;
	if (c == NULL)
		return err_set(e, ERR_SYSTEM, "stager-send: out of memory");
	c->message_s = options->stall_s > 0 && options->stall_s < MESSAGE_S ? options->stall_s : MESSAGE_S;
	message.tv_sec = (time_t)c->message_s;
	c->child = CHILD_NONE;
	c->control = -1;
	c->stop_ms = options->stall_s > 0 ? options->stall_s * 1000 : STOP_MS;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->freed, NULL);
	if (wire_pair(pair, e) == -1)
		goto fail;
	c->control = pair[0];
	if (setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &message, sizeof(message)) == -1) {
		err_sys(e, "stager-send: control");
		goto fail;
	}
	if (spawn_outward(&c->child, argv, &(struct spawn_fd){.from = pair[1], .to = WIRE_FD}, 1, variables,
		options->foreign, e) == -1)
		goto fail;
	io_close(&pair[1]);
	if (introduce(c, url, options, e) == -1)
		goto fail;
	*out = c;
	return 0;
fail:
	io_close(&pair[1]);
	carrier_free(c);
	return -1;
}

void
carrier_stop(struct carrier *c)
{
	/* STOP without a payload: u32 LE 2 | u16 LE type (wire.h). */
	static const uint8_t frame[] = {2, 0, 0, 0, WIRE_STOP, 0};
	struct iovec io = {.iov_base = (void *)(uintptr_t)frame, .iov_len = sizeof(frame)};
	const struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};

	const int saved = errno; /* of what a signal's handler interrupted */

	if (atomic_fetch_add(&c->stopped, 1) == 0)
		(void)!sendmsg(c->control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	errno = saved;
}

void
carrier_free(struct carrier *c)
{
	if (c == NULL)
		return;
	child_kill(&c->child);
	io_close(&c->control);
	for (unsigned i = 0; i < c->streams; i++) {
		io_close(&c->channels[i].fd);
		if (c->channels[i].window != NULL)
			(void)munmap(c->channels[i].window, c->window);
	}
	free(c->channels);
	(void)pthread_cond_destroy(&c->freed);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

unsigned
carrier_streams(const struct carrier *c)
{
	return c->streams;
}

uint64_t
carrier_part(const struct carrier *c)
{
	return c->part;
}
