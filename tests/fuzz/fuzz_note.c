/* Feed the checkpoint reader anything: it may accept only what reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/note.h"
#include "stager/secret.h"
#include "stager/tree.h"

#define ORIGIN "stager/fuzz"
#define NEED(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct secret *seed;
static uint8_t key[SIGN_PUBLIC_LEN];

/* What was accepted is a checkpoint: it can be written and read again, and is the same then. */
static void
check_accepted(const struct checkpoint *c)
{
	uint8_t signature[SIGNATURE_LEN];
	struct checkpoint again;
	struct buf note;
	struct err e;

	buf_init(&note, NOTE_MAX);
	NEED(c->size <= TREE_SIZE_MAX && strcmp(c->origin, ORIGIN) == 0);
	NEED(checkpoint_body(c, &note, &e) == 0);
	NEED(sign_make(seed, note.data, note.len, signature, &e) == 0);
	buf_clear(&note);
	NEED(checkpoint_note(c, key, signature, &note, &e) == 0);
	NEED(checkpoint_open(note.data, note.len, ORIGIN, key, &again, &e) == 0);
	NEED(again.size == c->size && memcmp(again.root, c->root, DIGEST_LEN) == 0);
	buf_free(&note);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t between[] = {'\n', 0x01};
	const struct digest_part id[] = {{ORIGIN, strlen(ORIGIN)}, {between, 2}, {key, SIGN_PUBLIC_LEN}};
	uint8_t digest[DIGEST_LEN], bytes[4 + SIGNATURE_LEN];
	struct checkpoint c;
	struct buf note;
	struct err e;

	if (seed == NULL) {
		NEED(secret_start(&e) == 0 && (seed = secret_new(SIGN_SEED_LEN, &e)) != NULL);
		NEED(sign_public(seed, key, &e) == 0);
	}
	/* As it comes: the form. A signature nobody will guess. */
	if (checkpoint_open(data, size, ORIGIN, key, &c, &e) == 0)
		check_accepted(&c);

	/* As a text that the log itself has signed, so that what lies behind the signature is reached too. */
	buf_init(&note, 2 * NOTE_MAX);
	digest_sha256(id, 3, digest);
	memcpy(bytes, digest, 4);
	NEED(sign_make(seed, data, size, bytes + 4, &e) == 0);
	if (buf_put(&note, data, size, &e) == 0 &&
	    buf_put_str(&note, "\n\xe2\x80\x94 " ORIGIN " ", &e) == 0 &&
	    base64_encode(bytes, sizeof(bytes), &note, &e) == 0 && buf_put_u8(&note, '\n', &e) == 0 &&
	    checkpoint_open(note.data, note.len, ORIGIN, key, &c, &e) == 0)
		check_accepted(&c);
	buf_free(&note);
	return 0;
}
