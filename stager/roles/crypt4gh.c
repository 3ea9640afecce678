/*
 * stager-crypt4gh: Crypt4GH files on a command line, as the Python reference tool does it. Answers to the names
 * crypt4gh and crypt4gh-keygen too, where it is linked under them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt4gh.h"
#include "stager/buf.h"
#include "stager/c4gh.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/keyfile.h"
#include "stager/sandbox.h"
#include "stager/secret.h"

/* What was opened before confinement. */
struct files {
	struct secret *key, *passphrase; /* the private key's file, decoded; NULL: a key is made */
	struct buf sender;               /* public keys as text */
	struct buf *recipients;
	int header_fd;
};

static int
open_private(const struct crypt4gh_options *o, struct files *f, struct err *e)
{
	struct secret *text = NULL;
	char *path = NULL;
	bool locked = false;
	int fd = -1, rc = -1;

	if ((path = crypt4gh_path(o->sk, e)) == NULL)
		return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
		if (errno == ENOENT)
			err_set(e, ERR_INPUT, "%s: Secret key not found", o->sk);
		else
			err_sys(e, "%s: open", o->sk);
		goto out;
	}
	if ((text = keyfile_read(fd, o->sk, e)) == NULL)
		goto out;
	if ((f->key = keyfile_decode(text, e)) == NULL || keyfile_locked(f->key, &locked, e) == -1) {
		err_context(e, "%s", o->sk);
		goto out;
	}
	if (locked && (f->passphrase = crypt4gh_passphrase(o, o->sk, false, e)) == NULL) {
		if (e->code == ERR_NONE)
			err_set(e, ERR_REFUSED, "%s: it takes a passphrase", o->sk);
		goto out;
	}
	rc = 0;
out:
	io_close(&fd);
	free(path);
	secret_free(text);
	return rc;
}

static int
read_public(const char *given, struct buf *text, struct err *e)
{
	char *path = crypt4gh_path(given, e);
	int fd, rc = -1;

	if (path == NULL)
		return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		(void)(errno == ENOENT ? err_set(e, ERR_INPUT, "%s: Public key not found", given)
				       : err_sys(e, "%s: open", given));
	else
		rc = io_read_all(fd, text, given, e);
	io_close(&fd);
	free(path);
	return rc;
}

/* All that needs the file system or the terminal. */
static int
open_files(const struct crypt4gh_options *o, struct files *f, struct err *e)
{
	char *path;

	if ((f->recipients = calloc(o->recipient_count + 1, sizeof(*f->recipients))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < o->recipient_count; i++) {
		buf_init(&f->recipients[i], KEYFILE_LEN_MAX);
		if (read_public(o->recipients[i], &f->recipients[i], e) == -1)
			return -1;
	}
	if (o->sender_pk != NULL && read_public(o->sender_pk, &f->sender, e) == -1)
		return -1;
	if (o->sk != NULL && open_private(o, f, e) == -1)
		return -1;
	if (o->header == NULL)
		return 0;
	if ((path = crypt4gh_path(o->header, e)) == NULL)
		return -1;
	if ((f->header_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666)) == -1)
		err_sys(e, "%s: make", o->header);
	free(path);
	return f->header_fd == -1 ? -1 : 0;
}

static void
close_files(const struct crypt4gh_options *o, struct files *f)
{
	secret_free(f->key);
	secret_free(f->passphrase);
	buf_free(&f->sender);
	for (size_t i = 0; f->recipients != NULL && i < o->recipient_count; i++)
		buf_free(&f->recipients[i]);
	free(f->recipients);
	io_close(&f->header_fd);
}

/* Different recipients' keys, one behind the other; who was named twice counts once. Caller frees. */
static uint8_t *
take_recipients(const struct crypt4gh_options *o, const struct files *f, size_t *count, struct err *e)
{
	uint8_t *keys = calloc(o->recipient_count + 1, X25519_LEN);

	*count = 0;
	if (keys == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < o->recipient_count; i++) {
		uint8_t *key = keys + *count * X25519_LEN;
		bool known = false;

		if (keyfile_public(f->recipients[i].data, f->recipients[i].len, key, e) == -1) {
			err_context(e, "%s", o->recipients[i]);
			free(keys);
			return NULL;
		}
		for (size_t k = 0; k < *count; k++)
			known = known || memcmp(keys + k * X25519_LEN, key, X25519_LEN) == 0;
		*count += known ? 0 : 1;
	}
	return keys;
}

static struct secret *
take_private(const struct crypt4gh_options *o, struct files *f, struct err *e)
{
	struct secret *key;

	if (f->key == NULL)
		return secret_random(X25519_LEN, e);
	if ((key = keyfile_open(f->key, f->passphrase, e)) == NULL)
		err_context(e, "%s", o->sk);
	secret_free(f->key);
	secret_free(f->passphrase);
	f->key = f->passphrase = NULL;
	return key;
}

/* OpenSSL looks for its algorithms where a confined program cannot. */
static int
warm(struct err *e)
{
	struct secret *key = secret_random(C4GH_KEY_LEN, e);
	struct c4gh *c = key == NULL ? NULL : c4gh_new(key, true, e);
	uint8_t plain[1] = {0}, segment[C4GH_NONCE_LEN + 1 + C4GH_MAC_LEN];
	int rc = c == NULL ? -1 : c4gh_seal(c, 0, true, plain, sizeof(plain), segment, e);

	c4gh_free(c);
	secret_free(key);
	return rc;
}

/* Confined from its first lines on. */
static int
work(const struct crypt4gh_options *o, struct files *f, int argc, char **argv, struct err *e)
{
	const struct sandbox confined = {.allow = SANDBOX_SECRETS | SANDBOX_FOREIGN | SANDBOX_THREADS,
	    .folder = -1,
	    .memory = UINT64_C(512) << 20};
	uint8_t *recipients = NULL, sender[X25519_LEN];
	struct secret *key = NULL;
	size_t count = 0;
	int rc = -1;

	if (warm(e) == -1 || sandbox_enter(&confined, NULL, e) == -1)
		return -1;
	sandbox_prove(argc, argv);
	if ((key = take_private(o, f, e)) == NULL || (recipients = take_recipients(o, f, &count, e)) == NULL)
		goto out;
	if (o->sender_pk != NULL && keyfile_public(f->sender.data, f->sender.len, sender, e) == -1) {
		err_context(e, "%s", o->sender_pk);
		goto out;
	}
	switch (o->command) {
	case CRYPT4GH_ENCRYPT:
		rc = crypt4gh_encrypt(o, key, recipients, count, f->header_fd, e);
		break;
	case CRYPT4GH_DECRYPT:
		rc = crypt4gh_decrypt(o, key, o->sender_pk == NULL ? NULL : sender, e);
		break;
	case CRYPT4GH_REENCRYPT:
		rc = crypt4gh_reencrypt(o, key, recipients, count, e);
		break;
	default:
		rc = crypt4gh_rearrange(o, key, e);
	}
out:
	free(recipients);
	secret_free(key);
	return rc;
}

static int
run(const struct crypt4gh_options *o, int argc, char **argv, struct err *e)
{
	struct files f = {.header_fd = -1};
	int rc = -1;

	if (secret_start(e) == -1)
		return -1;
	if (o->command == CRYPT4GH_KEYGEN)
		return crypt4gh_keygen(o, e);
	buf_init(&f.sender, KEYFILE_LEN_MAX);
	if (open_files(o, &f, e) == 0)
		rc = work(o, &f, argc, argv, e);
	close_files(o, &f);
	return rc;
}

int
main(int argc, char **argv)
{
	struct crypt4gh_options o;
	struct err e = {.code = ERR_NONE};
	/* `stager-crypt4gh COMMAND ... --prove WHAT` tries WHAT from inside, in that command's confinement. */
	int proof = argc > 3 && strcmp(argv[argc - 2], "--prove") == 0 ? 2 : 0, rc;

	sandbox_first();
	if (crypt4gh_parse(argc - proof, argv, &o, &e) == -1) {
		rc = -1;
	} else if (o.help) {
		crypt4gh_help(&o);
		rc = 0;
	} else if (o.version) {
		(void)printf("stager-crypt4gh 0.1.0\n");
		rc = 0;
	} else {
		rc = run(&o, argc, argv, &e);
	}
	free(o.recipients);
	return rc == -1 ? err_report(o.called, &e) : 0;
}
