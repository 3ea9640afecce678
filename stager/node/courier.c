/* The courier's process: it reaches the house for its parent, which is confined and cannot. */
#include "courier.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/receipt.h"
#include "stager/wire.h"

/* What the process works with. */
struct errands {
	int fd;
	const char *house;
	int folder; /* of receipts; -1: none */
	struct way way;
};

static int
reply_way(struct errands *c, struct err *e)
{
	struct err why = {.code = ERR_NONE};
	struct json *j = json_object();
	int rc;

	way_close(&c->way, false);
	if (way_open(&c->way, c->house, &why) == -1) {
		json_set_int(j, "status", err_exit_status(why.code));
		json_set_string(j, "text", why.text);
		rc = wire_send(c->fd, WIRE_WAY_IS, j, NULL, 0, e);
	} else {
		json_set_int(j, "status", 0);
		rc = wire_send(c->fd, WIRE_WAY_IS, j, (const int[]){c->way.to, c->way.from}, 2, e);
		io_close(&c->way.to); /* the parent's now: when it closes them, they are closed */
		io_close(&c->way.from);
	}
	json_free(j);
	return rc;
}

/* Kept first, then sent, then removed: whatever comes in between, the receipt is there. */
static int
reply_receipt(struct errands *c, const struct json *body, struct err *e)
{
	struct err why = {.code = ERR_NONE};
	char name[ERRAND_NAME_MAX] = "";
	struct json *j = json_object();
	struct way w = WAY_NONE;
	bool kept = false, sent = false;
	struct buf envelope;
	int rc;

	buf_init(&envelope, RECEIPT_LINE_MAX);
	if (json_need_base64(body, "envelope", &envelope, "receipt", &why) == 0) {
		kept =
		    c->folder != -1 && errand_keep(c->folder, envelope.data, envelope.len, name, &why) == 0;
		if (way_open(&w, c->house, &why) == 0 &&
		    errand_deliver(&w, envelope.data, envelope.len, &why) == 0)
			sent = true;
		way_close(&w, sent);
	}
	if (sent && kept)
		kept = unlinkat(c->folder, name, 0) == -1;
	json_set(j, "sent", json_bool(sent));
	json_set(j, "kept", json_bool(kept));
	json_set_string(j, "text", why.text);
	rc = wire_send(c->fd, WIRE_OK, j, NULL, 0, e);
	json_free(j);
	buf_free(&envelope);
	return rc;
}

static void
send_all(const struct errands *c)
{
	struct err why = {.code = ERR_NONE};
	size_t sent, left;

	if (c->folder != -1 && errand_deliver_all(c->house, c->folder, &sent, &left, &why) == -1)
		(void)fprintf(stderr, "stager-node: %zu receipts wait still: %s\n", left, why.text);
}

/* One message after the other, until the parent closes its end. */
static int
serve(struct errands *c, struct err *e)
{
	struct wire_message m;
	struct json *body;
	int rc;

	for (;;) {
		wire_message_init(&m);
		if ((rc = wire_receive(c->fd, &m, e)) != 1)
			break;
		switch ((int)m.type) {
		case WIRE_WAY_OPEN:
			rc = reply_way(c, e);
			break;
		case WIRE_RECEIPT_SEND:
			if ((body = json_parse(m.payload.data, m.payload.len, "receipt", e)) == NULL)
				rc = -1;
			else
				rc = reply_receipt(c, body, e);
			json_free(body);
			break;
		case WIRE_RECEIPTS_SEND:
			way_close(&c->way, true);
			send_all(c);
			rc = 0;
			break;
		default:
			rc = err_set(e, ERR_INPUT, "courier: no such message");
		}
		wire_message_free(&m);
		if (rc == -1)
			return -1;
	}
	wire_message_free(&m);
	return rc;
}

static void
do_nothing(int signal_number)
{
	(void)signal_number;
}

/* The end of a batch job is a SIGTERM for all of its processes; a receipt is to be sent after it. */
static void
outlive_signals(void)
{
	static const int these[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT};
	struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};

	/* Handlers, which exec resets, and not SIG_IGN, which the house's command would inherit. */
	for (size_t i = 0; i < sizeof(these) / sizeof(these[0]); i++)
		(void)sigaction(these[i], &action, NULL);
}

static _Noreturn void
be_courier(int fd, const char *house, int folder, pid_t parent)
{
	struct errands c = {.fd = fd, .house = house, .folder = folder, .way = WAY_NONE};
	struct err e = {.code = ERR_NONE};
	int null, rc;

	/* The parent's output is a trainer's input: it must see its end when the parent ends. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent ||
	    (null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1 || dup2(null, 0) == -1 ||
	    dup2(null, 1) == -1)
		_exit(1);
	(void)prctl(PR_SET_NAME, "node-courier");
	outlive_signals();
	rc = serve(&c, &e);
	way_close(&c.way, false);
	_exit(rc == 0 ? 0 : err_report("stager-node: courier", &e));
}

int
courier_start(const char *house, const char *receipts, struct courier **out, struct err *e)
{
	struct courier *c = calloc(1, sizeof(*c));
	int pair[2] = {-1, -1}, folder = -1;
	pid_t parent = getpid();

	if (c == NULL)
		return err_set(e, ERR_SYSTEM, "courier: out of memory");
	if ((receipts != NULL && (folder = errand_folder(receipts, e)) == -1) || wire_pair(pair, e) == -1)
		goto fail;
	if ((c->pid = fork()) == -1) {
		err_sys(e, "courier: fork");
		goto fail;
	}
	if (c->pid == 0) {
		(void)close(pair[0]);
		be_courier(pair[1], house, folder, parent);
	}
	c->fd = pair[0];
	io_close(&pair[1]);
	io_close(&folder);
	*out = c;
	return 0;
fail:
	io_close(&pair[0]);
	io_close(&pair[1]);
	io_close(&folder);
	free(c);
	return -1;
}

void
courier_free(struct courier *c)
{
	if (c == NULL)
		return;
	io_close(&c->fd); /* its signal to end */
	while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	free(c);
}
