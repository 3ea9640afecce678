/* UTF-8 (RFC 3629): no surrogates, nothing overlong, nothing past U+10FFFF. */
#ifndef STAGER_UTF8_H
#define STAGER_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX 4 /* bytes of one character */

/* The length of the valid sequence at the front of s (1 to 4 bytes), or 0. len is at least 1. */
size_t utf8_sequence(const uint8_t *s, size_t len);
/* How many bytes its first so many characters have, or all of it where it has fewer. It is valid. */
size_t utf8_first(const char *s, size_t len, size_t characters);
/* All of it is valid. Fast over ASCII. A NUL is valid. */
bool utf8_valid(const uint8_t *s, size_t len);
/* The bytes of one character that is no surrogate and at most U+10FFFF: their count. */
size_t utf8_encode(uint32_t code, uint8_t out[static UTF8_MAX]);

#endif
