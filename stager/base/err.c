/* Errors: setting, adding context, and the exit status each code stands for. */
#include "stager/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The functions themselves. */
#undef err_set
#undef err_sys
#undef err_context

/* Copy text so that it fits and cannot move a terminal's cursor: names out of archives stand in messages. */
static void
err_store(struct err *e, const char *text)
{
	size_t at = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p >= 0x20 && *p < 0x7f) {
			if (at + 2 > sizeof(e->text))
				break;
			e->text[at++] = (char)*p;
		} else {
			if (at + 5 > sizeof(e->text))
				break;
			at += (size_t)snprintf(e->text + at, sizeof(e->text) - at, "\\x%02x", *p);
		}
	}
	e->text[at] = '\0';
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e->code = code;
	err_store(e, text);
	return -1;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	int saved = errno;
	va_list ap;
	int len;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < sizeof(text))
		(void)snprintf(text + len, sizeof(text) - (size_t)len, ": %s", strerror(saved));
	e->code = ERR_SYSTEM;
	err_store(e, text);
	errno = saved;
	return -1;
}

int
err_context(struct err *e, const char *fmt, ...)
{
	char text[2 * ERR_TEXT_MAX];
	va_list ap;
	int len;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	len = vsnprintf(text, ERR_TEXT_MAX, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -1;
	if (len >= ERR_TEXT_MAX)
		len = ERR_TEXT_MAX - 1;
	(void)snprintf(text + len, sizeof(text) - (size_t)len, ": %s", e->text);
	err_store(e, text);
	return -1;
}

int
err_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
	case ERR_UNKNOWN:
		return 2;
	case ERR_INPUT:
	case ERR_LIMIT:
	case ERR_REFUSED:
		return 3;
	case ERR_FORGED:
		return 4;
	case ERR_REMOTE:
		return 5;
	case ERR_WAIT:
		return 6;
	case ERR_SYSTEM:
		break;
	}
	return 1;
}

enum err_code
err_from_exit_status(int status)
{
	switch (status) {
	case 0:
		return ERR_NONE;
	case 2:
		return ERR_USAGE;
	case 3:
		return ERR_REFUSED;
	case 4:
		return ERR_FORGED;
	case 5:
		return ERR_REMOTE;
	case 6:
		return ERR_WAIT;
	default:
		return ERR_SYSTEM;
	}
}

int
err_report(const char *program, const struct err *e)
{
	char line[ERR_TEXT_MAX + 64];
	bool said = e->code != ERR_NONE;
	int len = snprintf(line, sizeof(line), "%s: %s\n", program, said ? e->text : "failed without a word");

	if (len > 0)
		(void)!write(
		    STDERR_FILENO, line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
	/* Whoever calls this has failed: never 0, which a parent would take for success. */
	return said ? err_exit_status(e->code) : 1;
}
