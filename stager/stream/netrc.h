/* Who we are to a web server: ~/.netrc, as curl, ftp and rclone's users know it. */
#ifndef STREAM_NETRC_H
#define STREAM_NETRC_H

#include "stager/err.h"

#define NETRC_WORD_MAX 512

struct netrc {
	char user[NETRC_WORD_MAX], password[NETRC_WORD_MAX];
};

/*
 * The entry of the host in url (scheme://host[:port]...), or none: "" in both. No "default" entry: a password is for a host
 * that is named. ERR_REFUSED where others may read the file and it has that entry, ERR_INPUT where a word is too long.
 */
int netrc_find(const char *url, struct netrc *out, struct err *e) MUST_CHECK;
void netrc_wipe(struct netrc *n);

#endif
