/* Where stager-crypt4gh gets a passphrase from: a descriptor, the environment, or a terminal that does not echo. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "crypt4gh.h"
#include "stager/io.h"
#include "stager/keyfile.h"
#include "stager/secret.h"

char *
crypt4gh_path(const char *path, struct err *e)
{
	const char *home = strncmp(path, "~/", 2) == 0 ? getenv("HOME") : NULL;
	char *out = NULL;

	if ((home == NULL ? asprintf(&out, "%s", path) : asprintf(&out, "%s%s", home, path + 1)) == -1) {
		err_set(e, ERR_SYSTEM, "out of memory");
		return NULL;
	}
	return out;
}

/* The first len bytes of room; NULL with e->code ERR_NONE where there are none. */
static struct secret *
shorten(const struct secret *room, size_t len, struct err *e)
{
	struct secret *s;

	if (len == 0 || (s = secret_new(len, e)) == NULL)
		return NULL;
	memcpy(s->bytes, room->bytes, len);
	return s;
}

/* A line of fd, or all of it where it has none, without its newline. */
static struct secret *
read_line(int fd, struct err *e)
{
	struct secret *room = secret_new(PASSPHRASE_MAX + 1, e), *out = NULL;
	size_t len = 0;
	ssize_t n = 1;

	if (room == NULL)
		return NULL;
	while (len < room->len && (n = read(fd, room->bytes + len, 1)) == 1 && room->bytes[len] != '\n')
		len++;
	if (n == -1)
		err_sys(e, "passphrase: read");
	else if (len == room->len)
		err_set(e, ERR_LIMIT, "passphrase: over %d bytes", PASSPHRASE_MAX);
	else
		out = shorten(room, len, e);
	secret_free(room);
	return out;
}

static struct secret *
from_environment(char *value, struct err *e)
{
	const size_t len = strlen(value);
	struct secret *s = NULL;

	if (len > PASSPHRASE_MAX)
		err_set(e, ERR_LIMIT, "passphrase: over %d bytes", PASSPHRASE_MAX);
	else if ((s = secret_new(len, e)) != NULL)
		memcpy(s->bytes, value, len);
	sodium_memzero(value, len);
	(void)unsetenv("C4GH_PASSPHRASE");
	return s;
}

static void
interrupted(int signal_number)
{
	(void)signal_number; /* read returns, and the terminal gets its echo back */
}

/* Ask on the terminal, echo off. */
static struct secret *
ask(int tty, const char *question, const char *file, struct err *e)
{
	struct sigaction catch = {.sa_handler = interrupted}, before;
	struct termios quiet, old;
	struct secret *answer = NULL;

	if (tcgetattr(tty, &old) == -1) {
		err_sys(e, "terminal");
		return NULL;
	}
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ICANON | ECHONL;
	(void)sigaction(SIGINT, &catch, &before);
	if (dprintf(tty, question, file) < 0 || tcsetattr(tty, TCSAFLUSH, &quiet) == -1)
		err_sys(e, "terminal");
	else
		answer = read_line(tty, e);
	(void)tcsetattr(tty, TCSAFLUSH, &old);
	(void)sigaction(SIGINT, &before, NULL);
	return answer;
}

static bool
same(const struct secret *a, const struct secret *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->len == b->len && sodium_memcmp(a->bytes, b->bytes, a->len) == 0;
}

struct secret *
crypt4gh_passphrase(const struct crypt4gh_options *o, const char *file, bool twice, struct err *e)
{
	char *value = getenv("C4GH_PASSPHRASE");
	struct secret *first, *again;
	int tty;

	if (o->passphrase_fd != -1)
		return read_line(o->passphrase_fd, e);
	if (value != NULL && *value != '\0') {
		(void)fprintf(stderr, "Warning: Using a passphrase in an environment variable is insecure\n");
		return from_environment(value, e);
	}
	if ((tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) == -1) {
		err_set(e, ERR_WAIT, "%s: it takes a passphrase, and nobody is there to ask", file);
		return NULL;
	}
	first = ask(tty,
	    twice ? "Enter passphrase for %s (empty for no passphrase): " : "Passphrase for %s: ", file, e);
	if (twice && e->code == ERR_NONE) {
		again = ask(tty, "Enter passphrase for %s (again): ", file, e);
		if (e->code == ERR_NONE && !same(first, again))
			err_set(e, ERR_REFUSED, "Passphrases do not match");
		secret_free(again);
	}
	io_close(&tty);
	if (e->code != ERR_NONE) {
		secret_free(first);
		first = NULL;
	}
	return first;
}
