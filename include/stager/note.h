/* Signed notes and tlog checkpoints (C2SP signed-note, tlog-checkpoint): the log's head, in text. */
#ifndef STAGER_NOTE_H
#define STAGER_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"
#include "stager/sign.h"

#define NOTE_NAME_MAX 128
#define NOTE_MAX 4096

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1]; /* also the key's name */
	uint64_t size;
	uint8_t root[DIGEST_LEN];
};

/* The text that is signed: origin, size, base64 root, a line each. */
int checkpoint_body(const struct checkpoint *c, struct buf *out, struct err *e) MUST_CHECK;
/* body, blank line, "— NAME base64(keyid(4) | signature)". */
int checkpoint_note(const struct checkpoint *c, const uint8_t key[static SIGN_PUBLIC_LEN],
    const uint8_t signature[static SIGNATURE_LEN], struct buf *out, struct err *e) MUST_CHECK;
/*
 * Read a note and prove that key signed it under the name origin: ERR_FORGED where not, ERR_INPUT where it is
 * none. Signatures by others (witnesses) are passed over.
 */
int checkpoint_open(const void *note, size_t len, const char *origin,
    const uint8_t key[static SIGN_PUBLIC_LEN], struct checkpoint *out, struct err *e) MUST_CHECK;

/* A verifier key as C2SP writes it: NAME+hex(keyid)+base64(0x01 | key). */
int note_vkey(
    const char *name, const uint8_t key[static SIGN_PUBLIC_LEN], struct buf *out, struct err *e) MUST_CHECK;

#endif
