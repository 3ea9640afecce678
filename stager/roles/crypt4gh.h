/* stager-crypt4gh: its command line, its questions, and what its commands do. stager/roles/crypt4gh*.c. */
#ifndef ROLES_CRYPT4GH_H
#define ROLES_CRYPT4GH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

struct secret;

enum crypt4gh_command {
	CRYPT4GH_ENCRYPT,
	CRYPT4GH_DECRYPT,
	CRYPT4GH_REENCRYPT,
	CRYPT4GH_REARRANGE,
	CRYPT4GH_KEYGEN,
};

struct crypt4gh_options {
	const char *called; /* the name it was started under, without folders */
	enum crypt4gh_command command;
	bool help, version;
	const char *sk, *pk, *sender_pk, *header, *comment;
	const char **recipients; /* paths; owned, the list alone */
	size_t recipient_count;
	uint64_t start, len; /* of the range; len UINT64_MAX: to the end */
	bool header_only, trim, nocrypt, force;
	int passphrase_fd; /* -1: none */
};

/* ERR_USAGE. free o->recipients whatever it returns. */
int crypt4gh_parse(int argc, char **argv, struct crypt4gh_options *o, struct err *e) MUST_CHECK;
void crypt4gh_help(const struct crypt4gh_options *o);

/*
 * A passphrase: from --passphrase-fd, C4GH_PASSPHRASE (wiped from the environment), or the terminal, where twice
 * asks again and refuses two that differ. NULL with e->code ERR_NONE: an empty one. Before confinement.
 */
struct secret *crypt4gh_passphrase(
    const struct crypt4gh_options *o, const char *file, bool twice, struct err *e) MUST_CHECK;
/* "~/..." below HOME; else the path itself. Caller frees. */
char *crypt4gh_path(const char *path, struct err *e) MUST_CHECK;

int crypt4gh_keygen(const struct crypt4gh_options *o, struct err *e) MUST_CHECK;

struct packets;
extern const char crypt4gh_in[], crypt4gh_out[]; /* the two, for messages */
/* len bytes of standard input passed by: by seeking where it can, else by reading. Fewer are no fault. */
int crypt4gh_pass_by(uint64_t len, struct err *e) MUST_CHECK;
/* Is standard input a file whose parts any thread may read? Then where it stands, and how much follows. */
bool crypt4gh_seekable(uint64_t *offset, uint64_t *left);
/* The header on standard input, opened. */
int crypt4gh_read_header(
    const struct secret *sk, const uint8_t *sender, struct packets *p, struct err *e) MUST_CHECK;
int crypt4gh_write_header(const struct packets *p, const struct secret *sk, const uint8_t *recipients,
    size_t count, int fd, struct err *e) MUST_CHECK;

/* From standard input to standard output, confined. Keys: recipients are X25519 public keys, one behind the other. */
int crypt4gh_encrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *recipients,
    size_t count, int header_fd, struct err *e) MUST_CHECK;
/* sender: NULL for any. */
int crypt4gh_decrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *sender,
    struct err *e) MUST_CHECK;
int crypt4gh_reencrypt(const struct crypt4gh_options *o, const struct secret *sk, const uint8_t *recipients,
    size_t count, struct err *e) MUST_CHECK;
int crypt4gh_rearrange(const struct crypt4gh_options *o, const struct secret *sk, struct err *e) MUST_CHECK;

#endif
