/* stager-node gateway: what it opens before it is confined, and what it tells whoever started it once it serves. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "stager/carrier.h"
#include "stager/gateway.h"
#include "stager/http_serve.h"
#include "stager/io.h"
#include "stager/sandbox.h"
#include "stager/secret.h"

static volatile sig_atomic_t stop;
static struct carrier *to_stop; /* for the handler; NULL: none */

/* Requests that wait for a network end, too: else a server that is gone would outlast who waits for our receipt. */
static void
on_signal(int number)
{
	(void)number;
	stop = 1;
	if (to_stop != NULL)
		carrier_stop(to_stop);
}

/* The folder of --ready: nobody else may be able to put something else there, or read along. */
static int
open_ready(const char *path, struct node_serving *s, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];
	struct stat st;

	s->ready_name = slash == NULL ? path : slash + 1;
	if (s->ready_name[0] == '\0' || strlen(path) >= sizeof(folder))
		return err_set(e, ERR_USAGE, "--ready: the path of a file is wanted");
	memcpy(folder, path, strlen(path) + 1);
	if (slash == NULL)
		memcpy(folder, ".", 2);
	else
		folder[slash == path ? 1 : slash - path] = '\0';
	if ((s->ready_folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    fstat(s->ready_folder, &st) == -1)
		return err_sys(e, "%s: open", folder);
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return err_set(e, ERR_REFUSED,
		    "%s: --ready wants a folder that nobody else can enter (mode 0700)", folder);
	return 0;
}

int
node_gateway_open(const struct node_options *o, struct node_serving *s, struct sandbox *box, struct err *e)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	s->port = (uint16_t)o->port;
	if (o->ready != NULL && open_ready(o->ready, s, e) == -1)
		return -1;
	if (o->ready == NULL) {
		s->ready_fd = (int)o->ready_fd;
		if (fcntl(s->ready_fd, F_SETFD, FD_CLOEXEC) == -1)
			return err_sys(e, "--ready-fd %d", s->ready_fd);
	}
	if (o->results != NULL && (s->results = open(o->results, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: open", o->results);
	if (o->listen_fd != 0)
		s->listen_fd = (int)o->listen_fd;
	if (http_listen(&s->port, &s->listen_fd, e) == -1)
		return -1;
	/* Where it may be had: blocks are locked as far as the limit goes. */
	(void)setrlimit(RLIMIT_MEMLOCK, &all);
	box->allow |= SANDBOX_SERVE;
	box->memory = gateway_address_space(o->memory);
	box->outputs = s->outputs;
	if (s->ready_folder != -1)
		s->outputs[box->output_count++] = s->ready_folder;
	if (s->results != -1)
		s->outputs[box->output_count++] = s->results;
	if (box->output_count > 0)
		box->allow |= SANDBOX_OUTPUT;
	return 0;
}

/* It serves: the line appears whole, and not before. */
static int
tell(const struct node_serving *s, const struct gateway_use *use, const char *bucket, struct err *e)
{
	struct secret *line = gateway_ready(use->keys, s->port, bucket, s->results != -1, e);
	int rc;

	if (line == NULL)
		return -1;
	rc = s->ready_fd != -1
		 ? io_write(s->ready_fd, line->bytes, line->len, "--ready-fd", e)
		 : io_replace_file(s->ready_folder, s->ready_name, line->bytes, line->len, 0600, e);
	secret_free(line);
	return rc;
}

static void
catch_signals(sigset_t *until)
{
	static const int these[] = {SIGTERM, SIGINT, SIGHUP};
	const struct sigaction action = {.sa_handler = on_signal};

	(void)sigemptyset(until);
	for (size_t i = 0; i < sizeof(these) / sizeof(these[0]); i++) {
		(void)sigaddset(until, these[i]);
		(void)sigaction(these[i], &action, NULL);
	}
	/* In this thread and all that it starts: they come through while it waits for connections. */
	(void)pthread_sigmask(SIG_BLOCK, until, NULL);
}

int
node_gateway(const struct node_options *o, const struct node_serving *s, const struct house_card *card,
    const struct node_release *r, struct node_store *store, struct err *e)
{
	const struct manifest_set *set = manifest_set(r->manifest, r->set);
	struct gateway_use use = {.release = r,
	    .store = store,
	    .memory = o->memory,
	    .listen_fd = s->listen_fd,
	    .port = s->port,
	    .results = s->results};
	struct gateway_keys keys = {.secret = NULL};
	struct gateway *g = NULL;
	sigset_t until;
	int rc = -1;

	memcpy(use.results_key, card->ingest, X25519_LEN);
	if (s->results != -1 && (set == NULL || strcmp(set->results, "sealed") != 0))
		return err_set(
		    e, ERR_REFUSED, "--results: the policy lets no results come back from this set");
	to_stop = s->carrier;
	catch_signals(&until);
	if (gateway_keys_new(&keys, e) == -1)
		goto out;
	use.keys = &keys;
	if (gateway_new(&use, &g, e) == -1 || tell(s, &use, r->manifest->version_id, e) == -1)
		goto out;
	rc = gateway_serve(g, &until, &stop, e);
	if (s->ready_folder != -1)
		(void)unlinkat(s->ready_folder, s->ready_name, 0);
out:
	gateway_free(g);
	gateway_keys_free(&keys);
	to_stop = NULL; /* the signals stay blocked, and then find nothing */
	return rc;
}

void
node_gateway_close(struct node_serving *s)
{
	io_close(&s->listen_fd);
	io_close(&s->results);
	io_close(&s->ready_folder);
	io_close(&s->ready_fd);
}
