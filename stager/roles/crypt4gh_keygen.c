/* stager-crypt4gh keygen: a Crypt4GH key pair, as the reference tool's crypt4gh-keygen makes one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt4gh.h"
#include "stager/buf.h"
#include "stager/io.h"
#include "stager/keyfile.h"
#include "stager/secret.h"

/* Ask on standard output, read from standard input. 1 yes, 0 no. */
static int
yes(const char *question, const char *path)
{
	char line[16] = "";

	(void)printf(question, path);
	(void)fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "y\n") == 0;
}

/* May the file be made? 1; 0 where the answer was no; -1. Its folder is made where it is missing. */
static int
clear_way(const char *path, bool force, struct err *e)
{
	char *folder = NULL, *slash;
	struct stat st;
	int rc = -1;

	if (lstat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return err_set(e, ERR_REFUSED, "%s: no plain file stands there", path);
		return force || yes("%s already exists. Do you want to overwrite it? (y/n) ", path);
	}
	if ((folder = strdup(path)) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	rc = 1;
	if ((slash = strrchr(folder, '/')) != NULL && slash != folder) {
		*slash = '\0';
		if (stat(folder, &st) == -1) {
			if (!yes("Create directory %s? (y/n) ", folder))
				rc = 0;
			else if (mkdir(folder, 0700) == -1)
				rc = err_sys(e, "%s: make", folder);
		}
	}
	free(folder);
	return rc;
}

static const char *
or_default(const char *given, const char *variable, const char *otherwise)
{
	const char *value = given != NULL ? given : getenv(variable);

	return value != NULL && *value != '\0' ? value : otherwise;
}

int
crypt4gh_keygen(const struct crypt4gh_options *o, struct err *e)
{
	struct secret *key = NULL, *passphrase = NULL, *text = NULL;
	char *sk = NULL, *pk = NULL;
	uint8_t public_key[X25519_LEN];
	struct buf public_text;
	int rc = -1, clear;

	buf_init(&public_text, 1024);
	if ((sk = crypt4gh_path(or_default(o->sk, "C4GH_SECRET_KEY", "~/.c4gh/key"), e)) == NULL ||
	    (pk = crypt4gh_path(or_default(o->pk, "C4GH_PUBLIC_KEY", "~/.c4gh/key.pub"), e)) == NULL)
		goto out;
	(void)printf("Generating public/private Crypt4GH key pair%s%s%s.\n",
	    o->comment == NULL ? "" : " (for ", o->comment == NULL ? "" : o->comment,
	    o->comment == NULL ? "" : ")");
	(void)fflush(stdout);
	if (!o->nocrypt && (passphrase = crypt4gh_passphrase(o, sk, true, e)) == NULL && e->code != ERR_NONE)
		goto out;
	if (passphrase == NULL)
		(void)fprintf(stderr, "WARNING: The private key is not encrypted\n");
	if ((key = header_keypair(public_key, e)) == NULL ||
	    (text = keyfile_write(key, passphrase, o->comment, e)) == NULL ||
	    keyfile_write_public(public_key, &public_text, e) == -1)
		goto out;
	if ((clear = clear_way(pk, o->force, e)) == 1)
		clear = clear_way(sk, o->force, e);
	if (clear == 0) {
		(void)printf("Ok. Fair enough. Exiting.\n");
		rc = 0;
	}
	if (clear != 1)
		goto out;
	if (io_replace_file(AT_FDCWD, sk, text->bytes, text->len, 0400, e) == -1 ||
	    io_replace_file(AT_FDCWD, pk, public_text.data, public_text.len, 0644, e) == -1)
		goto out;
	(void)printf("Your private key has been saved in %s\nYour public key has been saved in %s\n", sk, pk);
	rc = 0;
out:
	free(sk);
	free(pk);
	secret_free(key);
	secret_free(passphrase);
	secret_free(text);
	buf_free(&public_text);
	return rc;
}
