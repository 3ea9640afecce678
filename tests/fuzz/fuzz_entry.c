/* Fuzzer: an entry stream from anywhere. What is read must be of the form that the header promises. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stager/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct entry_reader reader;
	static uint8_t bytes[ENTRY_READ_AHEAD + 1];
	size_t piece = len % 3 == 0 ? 7 : len % 3 == 1 ? 4096 : sizeof(bytes), got;
	struct entry entry;
	struct err e;
	uint64_t sum;
	int fd = memfd_create("fuzz", 0), rc;

	if (fd == -1 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	entry_reader_init(&reader, fd);
	while (entry_next(&reader, &entry, &e) == 1) {
		if (entry.size > ENTRY_SIZE_MAX || strlen(entry.subject) == 0 || strlen(entry.ext) == 0 ||
		    strspn(entry.subject, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(entry.subject))
			abort();
		sum = 0;
		do {
			if ((rc = entry_read(&reader, bytes, piece, &got, &e)) == 0)
				sum += got;
		} while (rc == 0 && got > 0);
		if (rc == -1)
			break;
		if (sum != entry.size)
			abort();
	}
	if (reader.bytes > len)
		abort();
	entry_reader_free(&reader);
	(void)close(fd);
	return 0;
}
