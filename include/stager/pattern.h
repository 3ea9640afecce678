/*
 * Patterns of the policy: a regular subset that always matches in time linear to the value.
 *
 * Literals, '.', classes [a-z] and [^a-z], \d \w \s and escaped characters, groups, '|', '?', '*', '+', {m},
 * {m,}, {m,n} (n <= 255). No '^' or '$' (pattern_match is for the whole value anyway), no backreferences, no
 * look-around. Bytes, not code points: '.' is any byte but a newline; a character beyond ASCII stands for its
 * bytes, repeated whole, and may not stand in a class. A pattern remembers what it has met, so it belongs to
 * one thread.
 */
#ifndef STAGER_PATTERN_H
#define STAGER_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/err.h"

struct pattern;

/* NULL with ERR_INPUT that says what is wrong and at which character. Caller frees. At most 256 characters.
 */
struct pattern *pattern_compile(const char *text, struct err *e) MUST_CHECK;
void pattern_free(struct pattern *p);
/* The whole value matches. */
bool pattern_match(struct pattern *p, const char *value, size_t len);
/* The length of the longest match that starts at value[0]; -1 for none. Never longer than 4096 bytes. */
long pattern_prefix(struct pattern *p, const char *value, size_t len);

#endif
