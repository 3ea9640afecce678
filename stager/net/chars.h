/* Kinds of characters, as RFC 9110 and RFC 3986 have them. */
#ifndef NET_CHARS_H
#define NET_CHARS_H

#include <stdbool.h>
#include <string.h>

/* RFC 9110 5.6.2 */
static inline bool
is_token(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* The digit's value, or -1. */
static inline int
hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

#endif
