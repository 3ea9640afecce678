/* stager-send: the network's side of a carrier. It has transport credentials and ciphertext, and does as it is told. */
#include "send.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stager/c4gh.h"
#include "stager/endpoint.h"
#include "stager/json.h"
#include "stager/sandbox.h"
#include "stager/wire.h"

/* Beside buffers and stacks: libraries, and what curl takes of memory for a connection. */
#define MEMORY_BASE (UINT64_C(1) << 30)
#define MEMORY_STREAM (UINT64_C(32) << 20)
#define CARRY_TRIES_MAX 1000
#define READABLE_MAX 32
#define LISTED_AT_ONCE 100 /* some 300 bytes each: well below WIRE_LISTED_MAX */

static const char program[] = "stager-send";

struct channel {
	int fd;
	uint8_t *window;
	size_t size;
	struct endpoint *endpoint;
	bool reads; /* and nothing else */
	pthread_t thread;
};

/* For whom. */
struct carrying {
	bool foreign, reads;
};

static int
fault(int fd, const struct err *fault, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set_int(j, "code", err_exit_status(fault->code));
	json_set_string(j, "text", fault->text);
	rc = wire_send(fd, WIRE_FAULT, j, NULL, 0, e);
	json_free(j);
	return rc;
}

static int
get(struct channel *c, const struct json *ask, struct json *answer, struct err *e)
{
	static const char *const keys[] = {"name", "offset", "len", NULL};
	const char *name = json_need_string(ask, "name", "GET", e);
	int64_t offset, len;

	(void)answer;
	if (name == NULL || json_expect_keys(ask, keys, "GET", e) == -1 ||
	    json_need_int(ask, "offset", 0, JSON_INT_MAX, "GET", &offset, e) == -1 ||
	    json_need_int(ask, "len", 1, (int64_t)c->size, "GET", &len, e) == -1)
		return -1;
	return endpoint_get(c->endpoint, name, (uint64_t)offset, c->window, (size_t)len, e);
}

static int
head(struct channel *c, const struct json *ask, struct json *answer, struct err *e)
{
	const char *name = json_need_string(ask, "name", "HEAD", e);
	struct endpoint_info info;
	int there;

	if (name == NULL || (there = endpoint_head(c->endpoint, name, &info, e)) == -1)
		return -1;
	json_set(answer, "there", json_bool(there == 1));
	if (there == 1) {
		json_set_int(answer, "size", (int64_t)info.size);
		json_set_string(answer, "tag", info.tag);
	}
	return 0;
}

/* What LIST has found and not said yet. */
struct listing {
	int fd;
	struct json *objects;
};

static int
listed(struct listing *l, struct err *e)
{
	struct json *j, *got;
	const struct json *more;
	int rc;

	if (l->objects->count == 0)
		return 0;
	j = json_object();
	json_set(j, "objects", l->objects);
	l->objects = json_array();
	rc = wire_send(l->fd, WIRE_LISTED, j, NULL, 0, e);
	json_free(j);
	if (rc == -1 || (got = wire_expect(l->fd, WIRE_OK, NULL, 0, e)) == NULL)
		return -1;
	more = json_get(got, "more");
	rc = more != NULL && more->type == JSON_BOOL && more->boolean
		 ? 0
		 : err_set(e, ERR_REMOTE, "list: given up");
	json_free(got);
	return rc;
}

static int
list_each(void *ctx, const char *name, const struct endpoint_info *info, struct err *e)
{
	struct listing *l = ctx;
	struct json *j = json_object();

	json_set_string(j, "name", name);
	json_set_int(j, "size", (int64_t)info->size);
	json_set_string(j, "tag", info->tag);
	json_push(l->objects, j);
	return l->objects->count < LISTED_AT_ONCE ? 0 : listed(l, e);
}

static int
list(struct channel *c, const struct json *ask, struct json *answer, struct err *e)
{
	const char *prefix = json_need_string(ask, "prefix", "LIST", e);
	struct listing l = {.fd = c->fd};
	int rc = -1;

	(void)answer;
	if (prefix == NULL)
		return -1;
	l.objects = json_array();
	if (endpoint_list(c->endpoint, prefix, list_each, &l, e) == 0)
		rc = listed(&l, e);
	json_free(l.objects);
	return rc;
}

static int
take_away(struct channel *c, const struct json *ask, struct json *answer, struct err *e)
{
	const char *name = json_need_string(ask, "name", "REMOVE", e);

	(void)answer;
	return name == NULL ? -1 : endpoint_remove(c->endpoint, name, e);
}

static int
clean(struct channel *c, const struct json *ask, struct json *answer, struct err *e)
{
	const char *prefix = json_need_string(ask, "prefix", "CLEAN", e);
	const struct json *all = json_need(ask, "all", JSON_BOOL, "CLEAN", e);
	uint64_t count = 0;

	if (prefix == NULL || all == NULL ||
	    endpoint_clean(c->endpoint, prefix, all->boolean, &count, e) == -1)
		return -1;
	json_set_int(answer, "count", (int64_t)count);
	return 0;
}

/* One request to its answer. -1: the channel is of no use any more. */
static int
serve_one(struct channel *c, struct wire_message *m)
{
	static const struct {
		enum wire_type type;
		int (*run)(struct channel *c, const struct json *ask, struct json *answer, struct err *e);
	} requests[] = {{WIRE_GET, get}, {WIRE_HEAD, head}, {WIRE_LIST, list}, {WIRE_REMOVE, take_away},
	    {WIRE_CLEAN, clean}};
	struct err e = {.code = ERR_NONE};
	struct json *ask = json_parse_canonical(m->payload.data, m->payload.len, "request", &e);
	struct json *answer = json_object();
	int rc = -1;

	if (ask != NULL && c->reads &&
	    (m->type == WIRE_PUT || m->type == WIRE_REMOVE || m->type == WIRE_CLEAN)) {
		err_set(&e, ERR_REFUSED, "nothing is put or removed here");
	} else if (ask != NULL && m->type == WIRE_PUT) {
		rc = send_put(c->endpoint, c->fd, m, ask, answer, &e);
	} else if (ask != NULL) {
		err_set(&e, ERR_INPUT, "control message: type %d on a channel", (int)m->type);
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
			if (requests[i].type == m->type)
				rc = requests[i].run(c, ask, answer, &e);
	}
	rc = rc == 0 ? wire_send(c->fd, WIRE_CARRIED, answer, NULL, 0, &e) : fault(c->fd, &e, &e);
	json_free(answer);
	json_free(ask);
	return rc;
}

static void *
serve(void *arg)
{
	struct channel *c = arg;
	struct wire_message m;
	int rc;

	do {
		wire_message_init(&m);
		rc = wire_receive(c->fd, &m, NULL);
		if (rc == 1)
			rc = serve_one(c, &m) == 0 ? 1 : -1;
		wire_message_free(&m);
	} while (rc == 1);
	/* Its other end is told by the end of the program: the control socket ends with it. */
	return NULL;
}

/* What the endpoint is to be; the answer tells what it is. */
static int
open_endpoint(struct endpoint **out, char **url, struct carrying *as, struct err *e)
{
	static const char *const keys[] = {"ca", "foreign", "gateway", "max-rate", "part", "plain-http",
	    "reads", "sender", "streams", "tries", "url", NULL};
	struct json *j = wire_expect(WIRE_FD, WIRE_CARRY, NULL, 0, e), *answer = NULL;
	struct endpoint_options options = {.streams = 0};
	const struct json *plain, *other, *reads;
	const char *where;
	int64_t streams, rate, part, tries;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "CARRY", e) == -1 ||
	    (where = json_need_string(j, "url", "CARRY", e)) == NULL ||
	    json_need_int(j, "streams", 0, ENDPOINT_STREAMS_MAX, "CARRY", &streams, e) == -1 ||
	    json_need_int(j, "max-rate", 0, JSON_INT_MAX, "CARRY", &rate, e) == -1 ||
	    json_need_int(j, "part", 0, JSON_INT_MAX, "CARRY", &part, e) == -1 ||
	    json_need_int(j, "tries", 0, CARRY_TRIES_MAX, "CARRY", &tries, e) == -1 ||
	    (plain = json_need(j, "plain-http", JSON_BOOL, "CARRY", e)) == NULL ||
	    (other = json_need(j, "foreign", JSON_BOOL, "CARRY", e)) == NULL ||
	    (reads = json_need(j, "reads", JSON_BOOL, "CARRY", e)) == NULL)
		goto out;
	if (json_get(j, "ca") != NULL && (options.ca = json_need_string(j, "ca", "CARRY", e)) == NULL)
		goto out;
	if (json_get(j, "gateway") != NULL &&
	    (options.gateway = json_need_string(j, "gateway", "CARRY", e)) == NULL)
		goto out;
	if (json_get(j, "sender") != NULL &&
	    (options.sender = json_need_string(j, "sender", "CARRY", e)) == NULL)
		goto out;
	options.streams = (unsigned)streams;
	options.max_rate = (uint64_t)rate;
	options.part = (uint64_t)part;
	options.tries = (unsigned)tries;
	options.plain_http = plain->boolean;
	*as = (struct carrying){.foreign = other->boolean, .reads = reads->boolean};
	if ((*url = strdup(where)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	if (endpoint_open(*url, &options, out, e) == -1)
		goto out;
	answer = json_object();
	json_set_int(answer, "streams", endpoint_settings(*out)->streams);
	json_set_int(answer, "part", (int64_t)endpoint_settings(*out)->part);
	rc = wire_send(WIRE_FD, WIRE_CARRIED, answer, NULL, 0, e);
out:
	json_free(answer);
	json_free(j);
	return rc;
}

/* As many as the endpoint has streams. */
static struct channel *
take_channels(struct endpoint *p, unsigned count, bool reads, struct err *e)
{
	struct channel *all = calloc(count, sizeof(*all));
	struct json *j = NULL;
	int64_t size;
	int fds[2];

	if (all == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		return NULL;
	}
	for (unsigned i = 0; i < count; i++) {
		if ((j = wire_expect(WIRE_FD, WIRE_CHANNEL, fds, 2, e)) == NULL ||
		    json_need_int(j, "window", 1, 1 << 30, "CHANNEL", &size, e) == -1)
			goto fail;
		json_free(j);
		j = NULL;
		all[i] = (struct channel){.fd = fds[0], .size = (size_t)size, .endpoint = p, .reads = reads};
		all[i].window = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fds[1], 0);
		if (all[i].window == MAP_FAILED) {
			err_sys(e, "channel: map its window");
			goto fail;
		}
		(void)close(fds[1]);
	}
	return all;
fail:
	json_free(j);
	free(all);
	return NULL;
}

/* What a program with sockets reads of the file system: names, services and whom TLS trusts. */
static size_t
open_readable(int *fds)
{
	static const char *const paths[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
	    "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/ssl", "/etc/pki",
	    "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
	    "/usr/share/pki", "/usr/lib/ssl", "/var/lib/ca-certificates", "/run/systemd/resolve"};
	static const char *const variables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR"};
	size_t count = 0;

	/* What is not there is not read. */
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if ((fds[count] = open(paths[i], O_PATH | O_CLOEXEC)) != -1)
			count++;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (getenv(variables[i]) != NULL &&
		    (fds[count] = open(getenv(variables[i]), O_PATH | O_CLOEXEC)) != -1)
			count++;
	return count;
}

/*
 * A folder needs no network, and a network no folder. Who writes to one needs Landlock, for else it may write anywhere; who
 * reads may do so without it on another's machine.
 */
static int
confine(const char *url, const struct endpoint *p, struct carrying as, struct err *e)
{
	const struct endpoint_options *o = endpoint_settings(p);
	struct sandbox s = {
	    .allow = SANDBOX_PASS_FD | SANDBOX_THREADS | SANDBOX_CLOCK | SANDBOX_RANDOM, .folder = -1};
	int readable[READABLE_MAX], rc;

	s.memory = MEMORY_BASE + o->streams * (o->part + MEMORY_STREAM);
	s.allow |= as.foreign ? SANDBOX_FOREIGN : 0;
	if (strncmp(url, "dir:", 4) == 0) {
		s.allow |= as.reads ? SANDBOX_FOLDER_READ : SANDBOX_FOLDER_WRITE;
		if (!as.reads)
			s.allow &= ~(unsigned)SANDBOX_FOREIGN;
		if ((s.folder = open(url + 4, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
			return err_sys(e, "dir: open folder");
	} else {
		s.allow |= SANDBOX_NETWORK;
		s.readable = readable;
		s.readable_count = open_readable(readable);
	}
	rc = sandbox_enter(&s, NULL, e);
	if (s.folder != -1)
		(void)close(s.folder);
	for (size_t i = 0; i < s.readable_count; i++)
		(void)close(readable[i]);
	return rc;
}

/* Let the libraries load what they would otherwise look for later. */
static int
warm(struct err *e)
{
	struct sums *s = sums_new(e);

	/* Other sources of host names are libraries, which no confined program can load. */
	if (s == NULL || __nss_configure_lookup("hosts", "files dns") == -1) {
		sums_free(s);
		return err_set(e, ERR_SYSTEM, "name resolver");
	}
	sums_free(s);
	return 0;
}

/* Until the parent is gone, or has enough. */
static int
wait_for_end(struct endpoint *p, struct err *e)
{
	struct wire_message m;
	int rc;

	for (;;) {
		wire_message_init(&m);
		rc = wire_receive(WIRE_FD, &m, e);
		if (rc == 1 && m.type == WIRE_STOP)
			endpoint_stop(p);
		else if (rc == 1)
			rc = err_set(e, ERR_INPUT, "control message: type %d", (int)m.type);
		wire_message_free(&m);
		if (rc != 1)
			return rc;
	}
}

static int
carry(struct err *e)
{
	struct endpoint *p = NULL;
	struct channel *all = NULL;
	struct json *ready = json_object();
	pthread_attr_t attributes;
	char *url = NULL;
	struct carrying as;
	int rc = -1;

	if (open_endpoint(&p, &url, &as, e) == -1 ||
	    (all = take_channels(p, endpoint_settings(p)->streams, as.reads, e)) == NULL ||
	    confine(url, p, as, e) == -1)
		goto out;
	if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstacksize(&attributes, 1u << 20) != 0) {
		err_set(e, ERR_SYSTEM, "threads");
		goto out;
	}
	for (unsigned i = 0; i < endpoint_settings(p)->streams; i++) {
		if ((errno = pthread_create(&all[i].thread, &attributes, serve, &all[i])) != 0) {
			err_sys(e, "channel: thread");
			goto out;
		}
	}
	if (wire_send(WIRE_FD, WIRE_CARRIED, ready, NULL, 0, e) == 0)
		rc = wait_for_end(p, e);
out:
	/* Threads and what they use end with the program. */
	json_free(ready);
	free(url);
	return rc;
}

/* stager-send URL [--node] --prove DEED: the confinement for that endpoint, tried from inside. */
static int
prove(int argc, char **argv, struct err *e)
{
	bool node = argc > 2 && strcmp(argv[2], "--node") == 0;
	struct endpoint *p = NULL;

	if (endpoint_open(argv[1], NULL, &p, e) == -1 ||
	    confine(argv[1], p, (struct carrying){node, node}, e) == -1)
		return -1;
	sandbox_prove(argc, argv);
	return err_set(e, ERR_USAGE, "--prove is wanted");
}

int
send_main(int argc, char **argv)
{
	struct err e = {0};
	int rc;

	sandbox_first();
	sandbox_help(argc, argv, "stager-send");
	/* Whoever started us decides when to end, and ends us: an interrupt from the terminal is for it. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (warm(&e) == -1)
		return err_report(program, &e);
	rc = argc > 1 ? prove(argc, argv, &e) : carry(&e);
	/* At once: other threads may be at work. */
	_exit(rc == -1 ? err_report(program, &e) : 0);
}
