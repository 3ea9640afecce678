/*
 * stager-open: opens what somebody sealed for the house, and ranges of the house's own shards. It gets open files and their
 * data keys and writes plaintext into pipes, of which it understands nothing; confined.
 */
#include "open.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/c4gh.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/sandbox.h"
#include "stager/secret.h"
#include "stager/upload.h"
#include "stager/wire.h"

#define MEMORY_MAX (UINT64_C(256) << 20) /* nonces take 80 MiB at most */

static const char program[] = "stager-open";

static int
tell(enum wire_type type, const char *key, uint64_t value, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set_int(j, key, (int64_t)value);
	rc = wire_send(WIRE_FD, type, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* One file: its keys, then its length in the clear, then the plaintext; DONE says that it was all. */
static int
unseal(struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"body", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	struct packets p = {.keys = NULL};
	uint64_t size = 0;
	bool ordered = false;
	int64_t body;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "body", 0, JSON_INT_MAX, "control message", &body, e) == -1)
		goto out;
	for (size_t i = 0; i < FDS; i++) {
		if (m->fds[i] == -1) {
			err_set(e, ERR_INPUT, "control message: not three descriptors");
			goto out;
		}
	}
	if (packets_take(m->fds[KEYS_AT], &p, e) == -1)
		goto out;
	io_close(&m->fds[KEYS_AT]);
	if (upload_size(&p, (uint64_t)body, &size, e) == -1 || tell(WIRE_UNSEALED, "size", size, e) == -1 ||
	    upload_open(&p, m->fds[FILE_AT], (uint64_t)body, m->fds[PLAIN_AT], &ordered, e) == -1)
		goto out;
	/* The pipe's end means something to its reader only once this is said. */
	io_close(&m->fds[PLAIN_AT]);
	rc = tell(WIRE_DONE, "ordered", ordered, e);
out:
	packets_free(&p);
	json_free(j);
	return rc;
}

/* Files until the supervisor is through. */
static int
serve(struct err *e)
{
	struct wire_message m;
	int rc;

	do {
		wire_message_init(&m);
		if ((rc = wire_receive(WIRE_FD, &m, e)) == 1) {
			if (m.type != WIRE_UNSEAL && m.type != WIRE_SEALED)
				rc = err_set(e, ERR_INPUT, "control message: type %d where a file was due",
				    (int)m.type);
			else if ((m.type == WIRE_UNSEAL ? unseal(&m, e) : open_sealed(&m, e)) == -1)
				rc = -1;
		}
		wire_message_free(&m);
	} while (rc == 1);
	return rc;
}

/* OpenSSL looks for its algorithms where a confined program cannot. */
static int
warm(struct err *e)
{
	struct secret *key = secret_random(C4GH_KEY_LEN, e);
	struct c4gh *c = key == NULL ? NULL : c4gh_new(key, false, e);
	uint8_t segment[C4GH_NONCE_LEN + 1 + C4GH_MAC_LEN] = {0}, plain[1];
	int rc = -1;

	/* That it does not open is what is wanted of it. */
	if (c != NULL && c4gh_open_foreign(c, 0, true, segment, sizeof(segment), plain, NULL) == -1)
		rc = 0;
	c4gh_free(c);
	secret_free(key);
	return rc;
}

int
main(int argc, char **argv)
{
	const struct sandbox confined = {
	    .allow = SANDBOX_PASS_FD | SANDBOX_SECRETS, .folder = -1, .memory = MEMORY_MAX};
	const bool digest = argc > 1 && strcmp(argv[1], "digest") == 0;
	struct err e = {.code = ERR_NONE};
	struct sums *sums = NULL;
	int rc;

	sandbox_first();
	sandbox_help(argc, argv, "stager-open");
	if (secret_start(&e) == -1 || (digest ? (sums = sums_new(&e)) == NULL : warm(&e) == -1) ||
	    sandbox_enter(&confined, NULL, &e) == -1)
		return err_report(program, &e);
	sandbox_prove(argc, argv);
	rc = digest ? open_digest(sums, &e) : serve(&e);
	sums_free(sums);
	return rc == -1 ? err_report(program, &e) : 0;
}
