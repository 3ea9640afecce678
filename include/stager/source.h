/* Bytes of one source file, read once from front to end, wherever they come from: a descriptor or an archive
 * member. */
#ifndef STAGER_SOURCE_H
#define STAGER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stager/err.h"

struct buf;

struct source {
	/* Up to len bytes into out; 0 at the end, -1 with e set (the whole push stops then). May return
	 * fewer. */
	ssize_t (*read)(struct source *s, void *out, size_t len, struct err *e);
	bool size_known;
	uint64_t size;    /* in bytes, where size_known */
	uint64_t number;  /* of the file in the dataset, from 1, in source order; reports name files by it */
	const char *name; /* relative source path, '/' between parts; only for matching the policy's rules */
};

/* Until len bytes or the end: the count, or -1. */
ssize_t source_read_full(struct source *s, void *out, size_t len, struct err *e) MUST_CHECK;
/* Behind what out has, all that is left, up to out's limit: who must know whether there is more than n bytes gives a
 * limit of n + 1. 0, or -1. */
int source_read_all(struct source *s, struct buf *out, struct err *e) MUST_CHECK;

/* A source over an open file of known size. A file that gives fewer or more bytes than size is ERR_INPUT
 * ("changed"). */
struct source_fd {
	struct source source; /* use this one */
	int fd;               /* borrowed */
	uint64_t done;
};
void source_fd_init(struct source_fd *s, int fd, uint64_t size, uint64_t number, const char *name);

/* A source over memory. */
struct source_mem {
	struct source source;
	const uint8_t *data;
	size_t len;
	size_t done;
	size_t chunk; /* at most this many bytes a read; 0: no bound */
};
void source_mem_init(struct source_mem *s, const void *data, size_t len, const char *name);

#endif
