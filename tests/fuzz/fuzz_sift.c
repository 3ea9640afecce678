/* Fuzzer: an index, a shard and a member from anywhere. What comes out is a shard of ours without the listed one, and sifting it again changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stager/sift.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define LISTED "aaaaaaaaaaaaaaaaaaaaaaaaaa"

static int
memory(const void *data, size_t len)
{
	int fd = memfd_create("fuzz", 0);

	if (fd == -1 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

static void
try_member(struct sift_list *l, const uint8_t *data, size_t len)
{
	static const char *const exts[] = {"csv", "jsonl", "json", "tsv"};
	uint8_t *copy = malloc(len + 1);
	const char *ext = exts[len % 4];
	uint64_t records = 0, again = 0;
	struct err e;
	ssize_t left;

	memcpy(copy, data, len);
	left = sift_member(l, ext, copy, len, &records, &e);
	if (left > (ssize_t)len || (left > 0 && sift_member(l, ext, copy, (size_t)left, &again, &e) != left))
		abort();
	/* A table's header may say anything. */
	if (again != 0 || (left > 0 && records > 0 && ext[0] == 'j' && sift_names(l, copy, (size_t)left)))
		abort();
	free(copy);
}

static void
try_shard(struct sift_list *l, const uint8_t *data, size_t len)
{
	static struct sift_writer writer;
	struct sift_shard s = {.plain = len, .number = 1, .index = &writer}, again;
	struct err e;

	writer = (struct sift_writer){.fd = memfd_create("fuzz", 0)};
	s.in = memory(data, len);
	s.out = memfd_create("fuzz", 0);
	s.members = len == 0 ? 0 : data[len - 1] % 8;
	if (sift_shard_run(l, &s, &e) == 0 && s.kept > 0) {
		again = (struct sift_shard){.in = s.out, .out = -1, .plain = s.bytes, .members = s.kept};
		if (lseek(s.out, 0, SEEK_SET) != 0 || sift_shard_run(l, &again, &e) == -1 ||
		    again.dropped != 0 || again.records != 0)
			abort();
	}
	(void)close(s.in);
	(void)close(s.out);
	(void)close(writer.fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sift_list *l;
	struct sift_found found[4];
	uint64_t samples;
	struct err e;
	int fd;

	if (len == 0 || (l = sift_list_new((const uint8_t *)LISTED, 1, &e)) == NULL)
		return 0;
	memset(found, 0, sizeof(found));
	fd = memory(data + 1, len - 1);
	if (data[0] % 3 == 0)
		(void)!sift_index_read(l, fd, len - 1, data[0] > 127, found, 4, &samples, &e);
	else if (data[0] % 3 == 1)
		try_shard(l, data + 1, len - 1);
	else
		try_member(l, data + 1, len - 1);
	(void)close(fd);
	sift_list_free(l);
	return 0;
}
