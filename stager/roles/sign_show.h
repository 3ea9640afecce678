/* What a steward is about to sign: read, checked, and said in plain words. */
#ifndef ROLES_SIGN_SHOW_H
#define ROLES_SIGN_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/dsse.h"
#include "stager/err.h"

/* Nothing larger is read: the report is the longest of them, its envelope's base64 included. */
#define DOCUMENT_MAX ((1u << 20) + 4096) /* a report is the longest (ACCEPTANCE_MAX); and a newline */

struct document {
	const char *type;   /* DSSE_REQUEST, DSSE_REPORT or DSSE_STEWARD */
	struct buf payload; /* exactly what is to be signed */
	struct buf text;    /* in plain words, lines for a terminal */
};

void document_init(struct document *d);
void document_free(struct document *d);

/*
 * A request or a report in canonical form, one newline after it allowed, or an envelope with a steward's own
 * statement. now: seconds since 1970. ERR_INPUT where it is nothing of these or not canonical; ERR_REFUSED
 * for a request whose window is over; ERR_FORGED for a statement that its own key did not sign.
 */
int document_read(struct document *d, const void *data, size_t len, const uint8_t key[static SIGN_PUBLIC_LEN],
    int64_t now, struct err *e) MUST_CHECK;

#endif
