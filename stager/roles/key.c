/*
 * stager-key: keeps the keys of one purpose (argv[1]) and answers to the supervisor over descriptor 3. It
 * reads the root secret from descriptor 4 (a new one, to reseal under, from 6), and as `open` keeps its journal
 * on descriptor 5, where it has one. The purpose `root` is a program of its own: key_root.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key_open.h"
#include "key_root.h"
#include "stager/delivery.h"
#include "stager/dsse.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/manifest.h"
#include "stager/sandbox.h"
#include "stager/upload.h"

#define ROOT_FD 4
#define JOURNAL_FD 5
#define NEW_ROOT_FD 6
#define BLOB_MAX 8192
#define PSEUDONYM_PART_MAX 256

/* enum key_purpose, and `init`, which has no keys of its own. */
#define PURPOSE_INIT ((enum key_purpose)0)

struct role {
	enum key_purpose purpose;
	struct secret *root;     /* until the first message was answered */
	struct secret *new_root; /* as long; NULL: none was given */
	struct secret *keys;     /* the purpose's; NULL for init and open */
	char house[MANIFEST_NAME_MAX + 1];
	bool loaded;
	int journal_fd;
	struct key_open open;
	struct key_reseal reseal;
	bool resealing; /* nothing is loaded then, and nothing else answered */
};

static int
find_purpose(const char *name, enum key_purpose *out, struct err *e)
{
	static const struct {
		const char *name;
		enum key_purpose purpose;
	} all[] = {{"init", PURPOSE_INIT}, {"open", KEY_OPEN}, {"ingest", KEY_INGEST}, {"sign", KEY_SIGN},
	    {"pseudonym", KEY_PSEUDONYM}, {"log", KEY_LOG}};

	for (size_t i = 0; name != NULL && i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(name, all[i].name) == 0) {
			*out = all[i].purpose;
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "a purpose is wanted: init, open, ingest, sign, pseudonym, log or root");
}

/* The house's name, out of the first message. */
static int
read_house(struct role *r, const struct json *body, struct err *e)
{
	const char *house = json_need_string(body, "house", "keys", e);

	if (house == NULL)
		return -1;
	if (!manifest_name_ok(house))
		return err_set(e, ERR_INPUT, "keys: the house's name has no good form");
	memcpy(r->house, house, strlen(house) + 1);
	return 0;
}

/* The purpose's own blob, opened under the root, which is forgotten then. */
static int
load(struct role *r, const struct json *body, struct err *e)
{
	struct secret *subkey = NULL, *keys = NULL;
	uint32_t generation = 0;
	struct buf blob;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	if (read_house(r, body, e) == -1 || json_need_base64(body, "blob", &blob, "keys", e) == -1)
		goto out;
	if ((subkey = keystore_subkey(r->root, r->purpose, r->house, e)) == NULL ||
	    (keys = keystore_open(subkey, r->purpose, r->house, blob.data, blob.len, &generation, e)) == NULL)
		goto out;
	if (r->purpose == KEY_OPEN) {
		rc = key_open_start(&r->open, r->house, generation, keys, r->journal_fd, e);
	} else if (keys->len != 32) {
		err_set(e, ERR_FORGED, "keys: wrong length");
	} else {
		r->keys = keys;
		keys = NULL;
		rc = 0;
	}
	r->loaded = rc == 0;
out:
	secret_free(keys);
	secret_free(subkey);
	secret_free(r->root);
	r->root = NULL;
	buf_free(&blob);
	return rc;
}

/* The purpose's own blob into the next generation; both roots are forgotten then. */
static int
reseal(struct role *r, const struct json *body, struct json **reply, struct err *e)
{
	int rc = read_house(r, body, e);

	if (rc == 0)
		rc = key_reseal(&r->reseal, r->purpose, r->root, r->new_root, r->house, body, reply, e);
	secret_free(r->root);
	secret_free(r->new_root);
	r->root = r->new_root = NULL;
	r->resealing = rc == 0;
	return rc;
}

/* The pseudonym subkey of a holder, project, domain and generation, into the pipe that came along. */
static int
pseudonym(const struct role *r, const struct json *body, int fd, struct json **reply, struct err *e)
{
	static const char *const names[] = {"holder", "project", "domain"};
	struct digest_part parts[4];
	struct secret *subkey;
	int64_t generation = 0;
	char decimal[16];
	int rc;

	for (size_t i = 0; i < 3; i++) {
		const char *text = json_need_string(body, names[i], "pseudonym key", e);

		if (text == NULL)
			return -1;
		if (text[0] == '\0' || strlen(text) > PSEUDONYM_PART_MAX)
			return err_set(e, ERR_INPUT, "pseudonym key: %s: length", names[i]);
		parts[i] = (struct digest_part){text, strlen(text)};
	}
	if (json_need_int(body, "generation", 1, UINT32_MAX, "pseudonym key", &generation, e) == -1)
		return -1;
	(void)snprintf(decimal, sizeof(decimal), "%lld", (long long)generation);
	parts[3] = (struct digest_part){decimal, strlen(decimal)};
	if (fd == -1)
		return err_set(e, ERR_INPUT, "pseudonym key: no descriptor to write to");
	if ((subkey = digest_subkey(r->keys, "stager pseudonym v1", parts, 4, e)) == NULL)
		return -1;
	rc = io_write(fd, subkey->bytes, subkey->len, "pseudonym key", e);
	secret_free(subkey);
	if (rc == 0)
		*reply = json_object();
	return rc;
}

/* What the header of a sealed source says to the house, into the pipe that came along. */
static int
unseal(const struct role *r, const struct json *body, int fd, struct json **reply, struct err *e)
{
	struct packets p = {.keys = NULL};
	struct buf header;
	int rc = -1;

	buf_init(&header, PACKETS_LEN_MAX);
	if (json_need_base64(body, "header", &header, "control message", e) == -1)
		goto out;
	if (fd == -1) {
		err_set(e, ERR_INPUT, "header: no descriptor to write to");
		goto out;
	}
	if (packets_open(header.data, header.len, r->keys, NULL, &p, e) == -1) {
		/* Nobody's alarm: somebody took another key. */
		if (p.not_ours && e != NULL)
			err_set(e, ERR_REFUSED,
			    "header: no packet gives this house a data key: seal for what `stager "
			    "ingest-key` "
			    "prints");
		goto out;
	}
	if (packets_give(&p, fd, e) == 0) {
		*reply = json_object();
		rc = 0;
	}
	packets_free(&p);
out:
	buf_free(&header);
	return rc;
}

/* Nothing is signed but manifests and deliveries of this house and answers to nodes, each of which must be a good one. */
static int
check_payload(const struct role *r, const char *type, const struct buf *payload, struct err *e)
{
	struct delivery delivery;
	struct answer *answer;
	struct manifest *m;
	int rc = -1;

	if (strcmp(type, DSSE_MANIFEST) == 0) {
		if ((m = manifest_decode(payload->data, payload->len, e)) == NULL)
			return -1;
		if (strcmp(m->house, r->house) == 0)
			rc = 0;
		else
			err_set(e, ERR_REFUSED, "sign: a manifest of another house");
		manifest_free(m);
		return rc;
	}
	if (strcmp(type, DSSE_ANSWER) == 0) {
		if ((answer = calloc(1, sizeof(*answer))) == NULL)
			return err_sys(e, "sign");
		rc = answer_decode(payload->data, payload->len, answer, e);
		free(answer);
		return rc;
	}
	if (strcmp(type, DSSE_DELIVERY) == 0) {
		if (delivery_decode(payload->data, payload->len, &delivery, e) == -1)
			return -1;
		return strcmp(delivery.house, r->house) == 0
			   ? 0
			   : err_set(e, ERR_REFUSED, "sign: a delivery of another house");
	}
	return err_set(e, ERR_REFUSED, "sign: neither a manifest nor a delivery nor an answer");
}

static int
sign(const struct role *r, const struct json *body, struct json **reply, struct err *e)
{
	const char *type = json_need_string(body, "type", "sign", e);
	struct json *j = json_object();
	struct buf payload, envelope;
	int rc = -1;

	buf_init(&payload, DSSE_PAYLOAD_MAX);
	buf_init(&envelope, 2 * DSSE_PAYLOAD_MAX);
	if (type == NULL || json_need_base64(body, "payload", &payload, "sign", e) == -1 ||
	    check_payload(r, type, &payload, e) == -1 ||
	    dsse_sign(r->keys, type, payload.data, payload.len, &envelope, e) == -1)
		goto out;
	json_set(j, "envelope", json_base64(envelope.data, envelope.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	json_free(j);
	buf_free(&payload);
	buf_free(&envelope);
	return rc;
}

/* One message: what it may be depends on the purpose, and on whether the keys are there. */
static int
answer(void *ctx, const struct wire_message *m, const struct json *body, enum wire_type *reply_type,
    struct json **reply, struct err *e)
{
	struct role *r = ctx;

	if (m->fds[1] != -1 || (m->fds[0] != -1 && m->type != WIRE_KEY_SUBKEY && m->type != WIRE_KEY_UNSEAL &&
				   m->type != WIRE_KEY_LEND))
		return err_set(e, ERR_INPUT, "control message: type %d with a descriptor", (int)m->type);
	if (r->purpose == PURPOSE_INIT && m->type == WIRE_KEY_INIT && r->root != NULL) {
		int rc = read_house(r, body, e) == -1 ? -1 : key_init(r->root, r->house, reply, e);

		secret_free(r->root);
		r->root = NULL;
		*reply_type = WIRE_KEY_BLOBS;
		return rc;
	}
	/* The log's keys are loaded by stager-log; here they are only resealed. */
	if (r->purpose != PURPOSE_INIT && r->purpose != KEY_LOG && m->type == WIRE_KEY_LOAD &&
	    r->root != NULL)
		return load(r, body, e);
	if (r->purpose != PURPOSE_INIT && m->type == WIRE_KEY_RESEAL && r->root != NULL) {
		*reply_type = WIRE_KEY_RESEALED;
		return reseal(r, body, reply, e);
	}
	if (r->resealing && r->purpose == KEY_OPEN && m->type == WIRE_KEK_RESEAL) {
		*reply_type = WIRE_KEY_RESEALED;
		return key_reseal_kek(&r->reseal, body, reply, e);
	}
	/* Not by the one that judges releases. */
	if (r->loaded && r->purpose == KEY_OPEN && m->type == WIRE_KEY_LEND && r->journal_fd == -1) {
		*reply_type = WIRE_OK;
		return key_lend(&r->open, body, m->fds[0], reply, e);
	}
	if (r->loaded && r->purpose == KEY_OPEN)
		return key_open_message(&r->open, m->type, body, reply_type, reply, e);
	if (r->loaded && r->purpose == KEY_PSEUDONYM && m->type == WIRE_KEY_SUBKEY) {
		*reply_type = WIRE_OK;
		return pseudonym(r, body, m->fds[0], reply, e);
	}
	if (r->loaded && r->purpose == KEY_INGEST && m->type == WIRE_KEY_UNSEAL) {
		*reply_type = WIRE_OK;
		return unseal(r, body, m->fds[0], reply, e);
	}
	if (r->loaded && r->purpose == KEY_SIGN && m->type == WIRE_KEY_SIGN) {
		*reply_type = WIRE_KEY_SIGNED;
		return sign(r, body, reply, e);
	}
	return err_set(e, ERR_INPUT, "control message: type %d is not due", (int)m->type);
}

int
main(int argc, char *argv[])
{
	struct sandbox sandbox = {.allow = SANDBOX_PASS_FD | SANDBOX_SECRETS | SANDBOX_CLOCK, .folder = -1};
	struct role r = {.journal_fd = -1};
	struct err e = {.code = ERR_NONE};
	int rc = -1;

	sandbox_first();
	sandbox_help(argc, argv, "stager-key");
	r.open.journal.fd = -1;
	if (argc > 1 && strcmp(argv[1], "root") == 0) {
		rc = key_root(argc, argv, &e);
		goto out;
	}
	if (find_purpose(argc > 1 ? argv[1] : NULL, &r.purpose, &e) == -1 || secret_start(&e) == -1 ||
	    (r.root = secret_read(ROOT_FD, ROOT_LEN, "root secret", &e)) == NULL)
		goto out;
	(void)close(ROOT_FD);
	if (r.purpose != PURPOSE_INIT && fcntl(NEW_ROOT_FD, F_GETFD) != -1) {
		if ((r.new_root = secret_read(NEW_ROOT_FD, ROOT_LEN, "new root secret", &e)) == NULL)
			goto out;
		(void)close(NEW_ROOT_FD);
	}
	if (r.purpose == KEY_OPEN) {
		/* Without a journal it takes in keys and makes challenges, but judges nothing. */
		if (fcntl(JOURNAL_FD, F_GETFD) != -1)
			r.journal_fd = JOURNAL_FD;
		sandbox.allow |= SANDBOX_SYNC;
	}
	if (sandbox_enter(&sandbox, NULL, &e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	while ((rc = wire_serve(WIRE_FD, answer, &r, &e)) == 1)
		continue;
out:
	key_open_free(&r.open);
	key_reseal_free(&r.reseal);
	secret_free(r.keys);
	secret_free(r.new_root);
	secret_free(r.root);
	return rc == 0 ? 0 : err_report("stager-key", &e);
}
