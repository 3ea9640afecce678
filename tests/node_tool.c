/*
 * A node for tests, which gives away what stager-node never does: the node's secret key, and the headers that came for it.
 *
 * node_tool --house COMMAND --pin FILE --request FILE --job-key FILE --out FOLDER [--slot N] [--restart N] [--key FILE]
 * writes FOLDER/reader.key (64 hex digits) and FOLDER/NAME.header for each shard; --key: an older reader.key.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/node.h"
#include "stager/secret.h"
#include "stager/spawn.h"

static struct err e;

struct options {
	const char *house, *pin, *request, *job_key, *out, *key;
	uint32_t slot, restart;
};

static void
parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {{"house", required_argument, NULL, 'H'},
	    {"pin", required_argument, NULL, 'P'}, {"request", required_argument, NULL, 'r'},
	    {"job-key", required_argument, NULL, 'k'}, {"out", required_argument, NULL, 'o'},
	    {"slot", required_argument, NULL, 's'}, {"restart", required_argument, NULL, 'n'},
	    {"key", required_argument, NULL, 'K'}, {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'H':
			o->house = optarg;
			break;
		case 'P':
			o->pin = optarg;
			break;
		case 'r':
			o->request = optarg;
			break;
		case 'k':
			o->job_key = optarg;
			break;
		case 'o':
			o->out = optarg;
			break;
		case 's':
			o->slot = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			o->restart = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'K':
			o->key = optarg;
			break;
		default:
			exit(2);
		}
	}
	if (o->house == NULL || o->pin == NULL || o->request == NULL || o->job_key == NULL || o->out == NULL)
		exit(2);
}

static struct secret *
read_key(const char *path, uint8_t public_key[static X25519_LEN])
{
	struct secret *own = secret_new(X25519_LEN, &e);
	struct buf text;

	buf_init(&text, 128);
	if (own == NULL || io_read_file(AT_FDCWD, path, &text, &e) == -1 || buf_cstr(&text, &e) == NULL ||
	    hex_decode((const char *)text.data, own->bytes, X25519_LEN, path, &e) == -1 ||
	    header_public(own, public_key, &e) == -1) {
		secret_free(own);
		own = NULL;
	}
	buf_free(&text);
	return own;
}

static int
write_all(int folder, const struct secret *own, const struct node_release *r)
{
	char hex[2 * X25519_LEN + 1], name[64];

	hex_encode(own->bytes, X25519_LEN, hex);
	if (io_replace_file(folder, "reader.key", hex, 2 * X25519_LEN, 0600, &e) == -1)
		return -1;
	for (uint64_t row = r->first; row < r->end; row++) {
		(void)snprintf(name, sizeof(name), "%s.header", r->table->shards[row].name);
		if (io_replace_file(folder, name, r->headers.data + (row - r->first) * HEADER_LEN, HEADER_LEN,
			0600, &e) == -1)
			return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {.house = NULL};
	const struct node_want want = {.kind = NODE_WANT_ALL};
	uint8_t public_key[X25519_LEN];
	struct node n = {.facts = json_object()};
	struct secret *own = NULL;
	struct child child = CHILD_NONE;
	struct node_release r;
	int key = -1, to = -1, from = -1, folder = -1, rc = -1;

	parse(argc, argv, &o);
	n.slot = o.slot;
	n.restart = o.restart;
	json_set_string(n.facts, "node", "a-test");
	node_release_init(&r);
	if (secret_start(&e) == -1 || node_read_card(o.pin, &n.card, &e) == -1 ||
	    node_read_request(o.request, &n.request, &e) == -1 ||
	    (key = node_open_key(o.job_key, &e)) == -1 ||
	    (n.job = sign_read_pem(key, "job key", &e)) == NULL ||
	    (own = o.key == NULL ? header_keypair(public_key, &e) : read_key(o.key, public_key)) == NULL ||
	    (folder = open(o.out, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    spawn_command(&child, o.house, &to, &from, &e) == -1)
		goto out;
	if (node_ask(&n, to, from, own, public_key, &want, &r, &e) == 0)
		rc = write_all(folder, own, &r);
	io_close(&to);
	if (rc == 0)
		rc = child_wait(&child, &e);
out:
	child_kill(&child);
	io_close(&to);
	io_close(&from);
	io_close(&key);
	io_close(&folder);
	node_release_free(&r);
	secret_free(own);
	secret_free(n.job);
	json_free(n.facts);
	return rc == 0 ? 0 : err_report("node_tool", &e);
}
