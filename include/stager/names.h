/* Names of source files, whether a directory or an archive gave them: one allow-list for all. */
#ifndef STAGER_NAMES_H
#define STAGER_NAMES_H

#include <stddef.h>

#include "stager/err.h"

#define NAME_MAX_LEN 4096 /* bytes of a whole relative path */
#define NAME_PART_MAX 255 /* bytes between two slashes */

/*
 * 0 where name is a relative path that can be matched and shown without harm: '/' between its parts, no empty
 * part, no "." or "..", valid UTF-8 (RFC 3629), no control character (C0, DEL, C1), no backslash, within the
 * limits above. name need not end in a NUL, and a NUL inside is a control character. Else -1 with ERR_INPUT
 * or ERR_LIMIT; the text says what is wrong ("name: ...") and never the name.
 */
int name_check(const char *name, size_t len, struct err *e) MUST_CHECK;

#endif
