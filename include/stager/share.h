/*
 * A root secret in n shares, any k of which give it back (Shamir 1979), each a small text file.
 *
 * Over GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1 (0x11d), byte by byte; share number i is the polynomial's value at i. That is
 * libgfshare's field and numbering: its gfcombine joins the values of these files too. Written here and not taken from
 * there, because that library keeps the secret and the coefficients in plain heap memory and looks them up in tables.
 */
#ifndef STAGER_SHARE_H
#define STAGER_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/root.h"

struct secret;

#define SHARES_MAX 32
#define SHARE_HOUSE_MAX 64 /* bytes of a house's name */
#define SHARE_SET_LEN 8
#define SHARE_TEXT_MAX 512

struct share {
	char house[SHARE_HOUSE_MAX + 1];
	unsigned threshold, count, index; /* 2 <= threshold <= count <= SHARES_MAX; 1 <= index <= count */
	uint8_t set[SHARE_SET_LEN];       /* random: shares of two splits are not mixed */
	uint8_t check[ROOT_CHECK_LEN];    /* of the root secret: root.h */
	struct secret *value;             /* ROOT_LEN bytes; owned */
};

/* Root secret and threshold - 1 random coefficients, one secret of threshold * ROOT_LEN bytes. Caller frees. */
struct secret *share_polynomial(const struct secret *root, unsigned threshold, struct err *e) MUST_CHECK;
/* The polynomial's value at index (1 to 255). Caller frees. */
struct secret *share_value(const struct secret *polynomial, unsigned index, struct err *e) MUST_CHECK;
/* The share as text, for a file. Caller frees. */
struct secret *share_encode(const struct share *s, struct err *e) MUST_CHECK;
/* ERR_FORGED where a single byte is not as it was written. share_clear it. */
int share_decode(const struct secret *text, size_t len, struct share *out, struct err *e) MUST_CHECK;
/*
 * The root secret from threshold or more shares. ERR_REFUSED: too few, one given twice, of several houses or splits;
 * ERR_FORGED: what comes out is not what was split. Caller frees.
 */
struct secret *share_join(const struct share *shares, size_t count, struct err *e) MUST_CHECK;
void share_clear(struct share *s); /* frees what is inside */

#endif
