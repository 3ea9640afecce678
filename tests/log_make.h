/* What the tests of the log share: a key, entries that can be made again, and logs in temporary folders. */
#ifndef TESTS_LOG_MAKE_H
#define TESTS_LOG_MAKE_H

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/log.h"
#include "stager/secret.h"
#include "stager/sign.h"

static struct secret *seed;
static uint8_t key[SIGN_PUBLIC_LEN];

static inline void
make_key(void)
{
	struct err e;

	if (secret_start(&e) == -1 || (seed = secret_new(SIGN_SEED_LEN, &e)) == NULL)
		abort();
	memset(seed->bytes, 0x42, SIGN_SEED_LEN);
	if (sign_public(seed, key, &e) == -1)
		abort();
}

/* A fresh folder, open; its name goes to path. In memory where that can be: a test syncs some thousand files.
 */
static inline int
make_folder(char path[static 32])
{
	int fd;

	(void)snprintf(path, 32, "/dev/shm/stager-log-XXXXXX");
	if (mkdtemp(path) == NULL) {
		(void)snprintf(path, 32, "/tmp/stager-log-XXXXXX");
		if (mkdtemp(path) == NULL)
			abort();
	}
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		abort();
	return fd;
}

/* Entry number index: of changing length, now and then empty or as long as it may be. */
static inline struct view
make_entry(uint64_t index, uint8_t space[static LOG_ENTRY_MAX])
{
	size_t len = index % 97 == 5 ? 0 : index % 301 == 7 ? LOG_ENTRY_MAX : 33;

	memset(space, (int)(index % 251), len);
	if (len > 0)
		(void)snprintf((char *)space, len, "entry %" PRIu64, index);
	return view_of(space, len, "entry");
}

/* Append count entries, numbered as the log numbers them, `shift` added. */
static inline int
make_append(struct log *log, size_t count, uint64_t shift, struct err *e)
{
	static uint8_t space[LOG_BATCH_MAX + 1][LOG_ENTRY_MAX];
	struct view entries[LOG_BATCH_MAX + 1];
	uint64_t first = UINT64_MAX, size = log_checkpoint(log)->size;

	for (size_t i = 0; i < count; i++)
		entries[i] = make_entry(size + i + shift, space[i]);
	if (log_append(log, seed, entries, count, &first, e) == -1)
		return -1;
	return first == size ? 0 : err_set(e, ERR_SYSTEM, "first is wrong");
}

/* Append in batches until the log has size entries. */
static inline int
make_grow(struct log *log, uint64_t size, struct err *e)
{
	while (log_checkpoint(log)->size < size) {
		uint64_t left = size - log_checkpoint(log)->size;

		if (make_append(log, left < LOG_BATCH_MAX ? (size_t)left : LOG_BATCH_MAX, 0, e) == -1)
			return -1;
	}
	return 0;
}

#endif
