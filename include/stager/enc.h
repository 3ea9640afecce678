/* Hex, base64 and base32 as text. */
#ifndef STAGER_ENC_H
#define STAGER_ENC_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

/* Lower-case hex; out receives 2 * len + 1 bytes. */
void hex_encode(const uint8_t *data, size_t len, char *out);
/* Exactly 2 * len lower-case digits; -1 with ERR_INPUT otherwise. */
int hex_decode(const char *text, uint8_t *out, size_t len, const char *what, struct err *e) MUST_CHECK;
/* RFC 4648 base64 with padding, appended to out. */
int base64_encode(const void *data, size_t len, struct buf *out, struct err *e) MUST_CHECK;
/* What a digit of base64 stands for, 0 to 63; -1 where it is none. */
int base64_digit(char c);
/* Strict: padding right, no white space, unused bits zero. */
int base64_decode(const char *text, size_t len, struct buf *out, const char *what, struct err *e) MUST_CHECK;
/* RFC 4648 base32 in lower case without padding; 16 bytes give 26 characters. out receives BASE32_LEN(len)
 * + 1. */
#define BASE32_LEN(len) (((len)*8 + 4) / 5)
void base32_encode(const uint8_t *data, size_t len, char *out);

#endif
