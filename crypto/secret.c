/* Secret bytes: libsodium's guarded pages, with the check of mlock that libsodium leaves out. */
#include "stager/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <sodium.h>

#include "stager/io.h"

#define SECRET_LEN_MAX (1u << 16) /* the longest is a key file's text; the locked pages are few */

int
secret_start(struct err *e)
{
	struct secret *s;

	if (sodium_init() == -1)
		return err_set(e, ERR_SYSTEM, "libsodium: cannot start");
	if ((s = secret_random(32, e)) == NULL)
		return -1;
	secret_free(s);
	return 0;
}

struct secret *
secret_new(size_t len, struct err *e)
{
	struct secret *s = NULL;

	if (len == 0 || len > SECRET_LEN_MAX) {
		err_set(e, ERR_LIMIT, "secret memory: %zu bytes asked for", len);
		return NULL;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL || (s->bytes = sodium_malloc(len)) == NULL) {
		err_sys(e, "secret memory");
		goto fail;
	}
	s->len = len;
	/* sodium_malloc has locked these pages already, or has failed to and kept silent: locking twice is
	 * free. */
	if (mlock(s->bytes, len) == -1) {
		err_sys(e, "secret memory: cannot be locked (RLIMIT_MEMLOCK?)");
		goto fail;
	}
	sodium_memzero(s->bytes, len); /* sodium_malloc fills with 0xdb */
	return s;
fail:
	secret_free(s);
	return NULL;
}

struct secret *
secret_random(size_t len, struct err *e)
{
	struct secret *s = secret_new(len, e);

	if (s != NULL)
		randombytes_buf(s->bytes, len);
	return s;
}

struct secret *
secret_copy(const struct secret *s, struct err *e)
{
	struct secret *copy = secret_new(s->len, e);

	if (copy != NULL)
		for (size_t i = 0; i < s->len; i++)
			copy->bytes[i] = s->bytes[i];
	return copy;
}

struct secret *
secret_read(int fd, size_t len, const char *what, struct err *e)
{
	struct secret *s = NULL;
	uint8_t more = 0;
	ssize_t n;

	if ((s = secret_new(len, e)) == NULL)
		return NULL;
	if (io_read_exact(fd, s->bytes, len, what, e) == -1)
		goto fail;
	n = io_read(fd, &more, 1, what, e);
	sodium_memzero(&more, 1);
	if (n == -1)
		goto fail;
	if (n == 1) {
		err_set(e, ERR_INPUT, "%s: longer than %zu bytes", what, len);
		goto fail;
	}
	return s;
fail:
	secret_free(s);
	return NULL;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	sodium_free(s->bytes); /* wipes, and takes NULL */
	free(s);
}
