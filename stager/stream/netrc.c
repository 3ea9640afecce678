/* Login and password of a host from ~/.netrc. */
#include "netrc.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stager/io.h"

#define FILE_MAX (64u << 10)

/* The next word; "" at the end. comments: where a key is due they go to the end of their line; a password may begin so. */
static int
word(const char **at, const char *end, bool comments, char out[static NETRC_WORD_MAX], struct err *e)
{
	size_t len = 0;

	for (;;) {
		while (*at < end && strchr(" \t\r\n", **at) != NULL)
			(*at)++;
		if (*at == end || !comments || **at != '#')
			break;
		while (*at < end && **at != '\n')
			(*at)++;
	}
	while (*at < end && strchr(" \t\r\n", **at) == NULL) {
		if (len + 1 == NETRC_WORD_MAX || **at == '\0')
			return err_set(e, ERR_INPUT, ".netrc: a word past its limit");
		out[len++] = *(*at)++;
	}
	out[len] = '\0';
	return 0;
}

static int
find(const char *at, const char *end, const char *host, struct netrc *out, struct err *e)
{
	char key[NETRC_WORD_MAX], value[NETRC_WORD_MAX];
	bool here = false, found = false;
	int rc = -1;

	for (;;) {
		if (word(&at, end, true, key, e) == -1)
			goto out;
		if (key[0] == '\0' || strcmp(key, "macdef") == 0)
			break;
		if (strcmp(key, "default") == 0) {
			here = false;
			continue;
		}
		if (word(&at, end, false, value, e) == -1)
			goto out;
		if (strcmp(key, "machine") == 0) {
			if (found)
				break;
			found = here = strcmp(value, host) == 0;
		} else if (here && strcmp(key, "login") == 0) {
			memcpy(out->user, value, sizeof(value));
		} else if (here && strcmp(key, "password") == 0) {
			memcpy(out->password, value, sizeof(value));
		}
	}
	rc = 0;
out:
	explicit_bzero(value, sizeof(value));
	explicit_bzero(key, sizeof(key));
	return rc;
}

int
netrc_find(const char *url, struct netrc *out, struct err *e)
{
	const char *home = getenv("HOME"), *host = strstr(url, "://");
	char path[4096], name[NETRC_WORD_MAX];
	struct stat st;
	struct buf b;
	ssize_t n;
	int fd, rc = -1;

	memset(out, 0, sizeof(*out));
	if (home == NULL || host == NULL ||
	    (size_t)snprintf(path, sizeof(path), "%s/.netrc", home) >= sizeof(path))
		return 0;
	host += 3;
	if ((size_t)snprintf(name, sizeof(name), "%.*s",
		(int)(host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/")), host) >= sizeof(name))
		return 0;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return 0;
	buf_init(&b, FILE_MAX);
	if (buf_reserve(&b, FILE_MAX, e) == NULL || (n = io_read(fd, b.data, FILE_MAX, ".netrc", e)) == -1 ||
	    find((const char *)b.data, (const char *)b.data + n, name, out, e) == -1)
		goto out;
	b.len = (size_t)n;
	if (out->password[0] != '\0' && (fstat(fd, &st) == -1 || (st.st_mode & 077) != 0)) {
		err_set(e, ERR_REFUSED, ".netrc: others may read it (chmod 600)");
		goto out;
	}
	rc = 0;
out:
	if (b.data != NULL)
		explicit_bzero(b.data, b.cap);
	buf_free(&b);
	io_close(&fd);
	return rc;
}

void
netrc_wipe(struct netrc *n)
{
	explicit_bzero(n, sizeof(*n));
}
