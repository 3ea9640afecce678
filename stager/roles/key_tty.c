/* A passphrase from a terminal, which does not show it, or from any other descriptor: one line. */
#include "key_root.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "stager/io.h"
#include "stager/root.h"
#include "stager/secret.h"

#define CTRL_C 3
#define CTRL_D 4
#define CTRL_U 21

/* One byte: 1, 0 at the end, -1. */
static int
read_byte(int fd, uint8_t *out, struct err *e)
{
	ssize_t n;

	while ((n = read(fd, out, 1)) == -1 && errno == EINTR)
		continue;
	return n == -1 ? err_sys(e, "passphrase: read") : (int)n;
}

/* Up to the newline or the end, and no byte further: what follows is somebody else's. keys: it is typed. */
static int
read_line(int fd, bool keys, struct secret *line, size_t *len, struct err *e)
{
	uint8_t byte = 0;
	int got = -1;

	*len = 0;
	while ((got = read_byte(fd, &byte, e)) == 1 && byte != '\n' && byte != '\0') {
		if (keys && (byte == CTRL_C || (byte == CTRL_D && *len == 0))) {
			got = err_set(e, ERR_REFUSED, "passphrase: given up");
			break;
		}
		if (keys && byte == CTRL_U) {
			*len = 0;
		} else if (keys && (byte == '\b' || byte == 127)) {
			/* One character of UTF-8: its last byte and what follows its first. */
			while (*len > 0 && (line->bytes[--*len] & 0xc0) == 0x80)
				continue;
		} else if (*len == ROOT_PASSPHRASE_MAX) {
			got = err_set(e, ERR_LIMIT, "passphrase: over %d bytes", ROOT_PASSPHRASE_MAX);
			break;
		} else {
			line->bytes[(*len)++] = byte;
		}
	}
	if (got == 1 && byte == '\0')
		got = err_set(e, ERR_INPUT, "passphrase: a zero byte in it");
	sodium_memzero(&byte, sizeof(byte));
	if (got != -1 && *len == 0)
		got = err_set(e, ERR_INPUT, "passphrase: it is empty");
	return got == -1 ? -1 : 0;
}

/* Ask, with the echo off and no key a signal: whatever comes, the terminal is put back. */
static int
ask(int fd, const char *prompt, struct secret *line, size_t *len, struct err *e)
{
	struct termios before, quiet;
	int rc;

	if (tcgetattr(fd, &before) == -1)
		return err_sys(e, "passphrase: this is no terminal");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ICANON | ISIG);
	quiet.c_iflag |= ICRNL;
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	if (io_write(fd, prompt, strlen(prompt), "terminal", e) == -1)
		return -1;
	if (tcsetattr(fd, TCSAFLUSH, &quiet) == -1)
		return err_sys(e, "terminal: turn the echo off");
	rc = read_line(fd, true, line, len, e);
	if (tcsetattr(fd, TCSAFLUSH, &before) == -1 && rc == 0)
		rc = err_sys(e, "terminal: turn the echo on");
	(void)!write(fd, "\n", 1);
	return rc;
}

struct secret *
passphrase_read(int fd, enum passphrase_from from, size_t *len, struct err *e)
{
	struct secret *line = secret_new(ROOT_PASSPHRASE_MAX, e), *again = NULL;
	size_t again_len;
	int rc = -1;

	if (line == NULL)
		return NULL;
	if (from == PASSPHRASE_LINE) {
		rc = read_line(fd, false, line, len, e);
		goto out;
	}
	if (ask(fd, from == PASSPHRASE_NEW ? "new passphrase: " : "passphrase: ", line, len, e) == -1)
		goto out;
	if (from == PASSPHRASE_NEW) {
		if ((again = secret_new(ROOT_PASSPHRASE_MAX, e)) == NULL ||
		    ask(fd, "again: ", again, &again_len, e) == -1)
			goto out;
		if (again_len != *len || sodium_memcmp(again->bytes, line->bytes, *len) != 0) {
			err_set(e, ERR_REFUSED, "passphrase: the second is not the first");
			goto out;
		}
	}
	rc = 0;
out:
	secret_free(again);
	if (rc == 0)
		return line;
	secret_free(line);
	return NULL;
}
