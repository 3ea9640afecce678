/* Files under tests/vectors/, for tests that read them: meson says in STAGER_TESTS where the folder stands.
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <fcntl.h>
#include <stdlib.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/secret.h"

/* A whole file, by its path below tests/vectors. */
static inline int
vector_read(const char *name, struct buf *b, struct err *e)
{
	const char *tests = getenv("STAGER_TESTS");
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/vectors/%s", tests == NULL ? "tests" : tests, name);
	buf_init(b, 1u << 24);
	return io_read_file(AT_FDCWD, path, b, e);
}

/* A file of len bytes in hex and a newline. */
static inline int
vector_hex(const char *name, uint8_t *out, size_t len, struct err *e)
{
	struct buf b;
	int rc = -1;

	if (vector_read(name, &b, e) == 0 && b.len == 2 * len + 1) {
		b.data[2 * len] = '\0';
		rc = hex_decode((const char *)b.data, out, len, name, e);
	}
	buf_free(&b);
	return rc;
}

/* Test keys, which are no secrets, as the functions under test want them. Aborts where it cannot. */
static inline struct secret *
vector_secret(const char *name)
{
	struct err e = {0};
	struct secret *s = secret_new(32, &e);

	if (s == NULL || vector_hex(name, s->bytes, 32, &e) == -1) {
		fprintf(stderr, "%s: %s\n", name, e.text);
		abort();
	}
	return s;
}

static inline struct secret *
secret_of(const void *bytes, size_t len)
{
	struct err e = {0};
	struct secret *s = secret_new(len, &e);

	if (s == NULL) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	memcpy(s->bytes, bytes, len);
	return s;
}

#endif
