/* stager-node: on a compute node: asks the house for its headers, proves them, and turns sealed shards into a tar. */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "stager/c4gh.h"
#include "stager/carrier.h"
#include "stager/courier.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/sandbox.h"
#include "stager/secret.h"
#include "stager/sign.h"

#define PROGRAM "stager-node"

/* What is open while confined. */
struct place {
	int key; /* the job key's file */
	struct node_source source;
	struct courier *courier;
	uint8_t node_key[X25519_LEN]; /* the public one, once asked */
};

static int
keygen(const struct node_options *o, struct err *e)
{
	uint8_t key[SIGN_PUBLIC_LEN];
	struct secret *seed = NULL;
	struct buf pem;
	bool made = false;
	int fd = -1, pub = -1, rc = -1;

	buf_init(&pem, 4096);
	if ((seed = secret_random(SIGN_SEED_LEN, e)) == NULL || sign_public(seed, key, e) == -1 ||
	    sign_public_pem(key, &pem, e) == -1)
		goto out;
	if ((fd = open(o->out, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) == -1) {
		err_sys(e, errno == EEXIST ? "%s: a key file is never overwritten" : "%s: make", o->out);
		goto out;
	}
	made = true;
	if (sign_write_pem(seed, fd, e) == -1)
		goto out;
	if (fsync(fd) == -1) {
		err_sys(e, "%s: sync", o->out);
		goto out;
	}
	if (io_sync_parent(AT_FDCWD, o->out, e) == -1)
		goto out;
	if (o->pub == NULL) {
		rc = io_write(1, pem.data, pem.len, "public key", e);
		goto out;
	}
	if ((pub = open(o->pub, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)) == -1) {
		err_sys(e, errno == EEXIST ? "%s: a key file is never overwritten" : "%s: make", o->pub);
		goto out;
	}
	rc = io_write(pub, pem.data, pem.len, o->pub, e);
out:
	io_close(&fd);
	io_close(&pub);
	if (rc == -1 && made)
		(void)unlink(o->out);
	buf_free(&pem);
	secret_free(seed);
	return rc;
}

/* What the house logs of this node: claims, not proofs. */
static struct json *
facts_of(const struct utsname *host, bool landlocked)
{
	struct json *facts = json_object();
	char name[65] = "";
	size_t len = 0;

	for (const char *c = host->nodename; *c != '\0' && len < sizeof(name) - 1; c++)
		if (*c > ' ' && *c <= '~')
			name[len++] = *c;
	json_set_string(facts, "node", name);
	json_set_string(facts, "landlock", landlocked ? "yes" : "no");
	json_set_string(facts, "locked", "yes"); /* secret_start has proven it */
	return facts;
}

/* The rows wanted, as one range to ask for. */
static struct node_want
want_of(const struct node_options *o)
{
	struct node_want want = {.kind = o->command == NODE_LIST ? NODE_WANT_INDEX : NODE_WANT_ALL};

	if (o->command == NODE_GATEWAY)
		want.kind = NODE_WANT_WHOLE;
	if (o->row_count == 0)
		return want;
	want.kind = NODE_WANT_RANGE;
	want.first = want.end = o->rows[0];
	for (size_t i = 0; i < o->row_count; i++) {
		if (o->rows[i] < want.first)
			want.first = o->rows[i];
		if (o->rows[i] > want.end)
			want.end = o->rows[i];
	}
	want.end++;
	return want;
}

/* Confined. The node's own key is in memory for as long as the conversation lasts, the job key until the receipt. */
static int
ask(const struct node_options *o, struct node *n, struct place *p, struct node_release *r, struct err *e)
{
	const struct node_want want = want_of(o);
	uint8_t job_key[SIGN_PUBLIC_LEN];
	struct secret *own = NULL;
	int rc = -1;

	if ((n->job = sign_read_pem(p->key, "job key", e)) == NULL || sign_public(n->job, job_key, e) == -1)
		goto out;
	if (memcmp(job_key, n->request.job_key, SIGN_PUBLIC_LEN) != 0) {
		err_set(e, ERR_REFUSED, "the job key is not the one that the request names");
		goto out;
	}
	if ((own = header_keypair(p->node_key, e)) == NULL)
		goto out;
	rc = courier_ask(p->courier, n, (unsigned)o->wait, own, p->node_key, &want, r, e);
out:
	secret_free(own);
	return rc;
}

static int
write_out(const struct node_options *o, const struct node_release *r, struct node_store *store, struct err *e)
{
	uint64_t *all = NULL;
	size_t count = r->table->count - 1;
	int rc;

	if (o->command == NODE_LIST)
		return node_list(r, store, o->json, e);
	if (o->row_count > 0)
		return node_cat(r, store, o->rows, o->row_count, e);
	if ((all = calloc(count, sizeof(*all))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		all[i] = i;
	rc = node_cat(r, store, all, count, e);
	free(all);
	return rc;
}

static struct carrier *to_stop; /* for the handler; NULL: none */

/* Once; the second time the signal does what it always does. */
static void
on_end(int signal_number)
{
	(void)signal_number;
	node_stop();
	if (to_stop != NULL)
		carrier_stop(to_stop);
}

/* A stream that ends between two members looks whole: who tells us to end gets one that does not. */
static void
end_loudly(struct carrier *carrier)
{
	const struct sigaction action = {.sa_handler = on_end, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

	to_stop = carrier;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
}

static int
run(const struct node_options *o, int argc, char **argv, struct err *e)
{
	struct place p = {.key = -1, .source.folder = -1};
	/* Landlock is not to be had everywhere abroad; that nothing can be opened for writing needs no Landlock. */
	struct sandbox box = {.allow = SANDBOX_FOREIGN | SANDBOX_SECRETS | SANDBOX_THREADS |
				       SANDBOX_FOLDER_READ | SANDBOX_WAIT | SANDBOX_PASS_FD,
	    .memory = UINT64_C(512) << 20};
	struct node n = {.slot = (uint32_t)o->slot, .restart = (uint32_t)o->restart};
	struct sums *warm = NULL;
	struct node_release r;
	struct utsname host;
	struct node_serving serving = NODE_SERVING_NONE;
	struct err late = {.code = ERR_NONE};
	bool landlocked = false;
	int rc = -1;

	node_release_init(&r);
	/* Before anything secret is here: the courier is this process over again. */
	if (o->command != NODE_KEYGEN && courier_start(o->house, o->receipts, &p.courier, e) == -1)
		goto out;
	if (secret_start(e) == -1)
		goto out;
	if (o->command == NODE_KEYGEN) {
		rc = keygen(o, e);
		goto out;
	}
	if (uname(&host) == -1) {
		err_sys(e, "name of this node");
		goto out;
	}
	if (node_read_card(o->pin, &n.card, e) == -1 || node_read_request(o->request, &n.request, e) == -1 ||
	    (p.key = node_open_key(o->job_key, e)) == -1 ||
	    node_source_open(o, n.request.version_id, n.request.set, true, &p.source, e) == -1)
		goto out;
	serving.carrier = p.source.carrier;
	if (o->command == NODE_GATEWAY && node_gateway_open(o, &serving, &box, e) == -1)
		goto out;
	/* OpenSSL finds its algorithms while files can still be opened. */
	if ((warm = sums_new(e)) == NULL)
		goto out;
	if (o->command == NODE_CAT)
		io_widen_pipe(1);
	box.folder = p.source.folder;
	if (p.source.folder == -1)
		box.allow &= ~(unsigned)SANDBOX_FOLDER_READ;
	if (sandbox_enter(&box, &landlocked, e) == -1)
		goto out;
	sandbox_prove(argc, argv);

	n.facts = facts_of(&host, landlocked);
	if (ask(o, &n, &p, &r, e) == -1 || (r.tally = tally_new(r.first, r.end, e)) == NULL)
		goto out;
	if (o->command == NODE_CAT)
		end_loudly(p.source.carrier);
	if (node_check_copy(&n, &r, p.source.store, e) == 0)
		rc = o->command == NODE_GATEWAY ? node_gateway(o, &serving, &n.card, &r, p.source.store, e)
						: write_out(o, &r, p.source.store, e);
	/* What went wrong first is what counts; of a receipt that is lost the operator hears all the same. */
	if (courier_receipt(p.courier, &n, &r, p.node_key, r.tally, rc == 0, &late) == -1)
		(void)err_report(PROGRAM, &late);
out:
	node_gateway_close(&serving);
	courier_free(p.courier);
	secret_free(n.job);
	node_release_free(&r);
	json_free(n.facts);
	sums_free(warm);
	io_close(&p.key);
	to_stop = NULL;
	node_source_close(&p.source);
	return rc;
}

int
node_main(int argc, char **argv)
{
	struct node_options o = {.help = false};
	struct err e = {.code = ERR_NONE};
	/* `stager-node COMMAND ... --prove WHAT` tries WHAT from inside, in that command's confinement. */
	int proof = argc > 3 && strcmp(argv[argc - 2], "--prove") == 0 ? 2 : 0, rc;

	if (argc > 2 && strcmp(argv[1], "run") == 0 && strcmp(argv[2], "--help") != 0)
		return node_run(argc, argv);
	sandbox_first();
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		(void)printf(PROGRAM " 0.1.0\n");
		return 0;
	}
	if (node_options_parse(argc - proof, argv, &o, &e) == -1) {
		free(o.rows);
		return err_report(PROGRAM, &e);
	}
	if (o.help) {
		node_help();
		return 0;
	}
	rc = o.command == NODE_FETCH     ? node_fetch_main(&o, argc, argv, &e)
	     : o.command == NODE_DOCTOR  ? node_doctor(&o, &e)
	     : o.command == NODE_RECEIPT ? node_receipt(&o, &e)
					 : run(&o, argc, argv, &e);
	free(o.rows);
	return rc == -1 ? err_report(PROGRAM, &e) : 0;
}
