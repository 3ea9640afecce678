/* Fuzzer: an archive from anywhere. What comes out must have a checked name and keep to the limits. */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stager/archive.h"
#include "stager/names.h"
#include "stager/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct archive_limits limits = {
	    .members = 100, .member_bytes = 1 << 16, .ratio = 10, .slack = 1 << 16};
	static bool warm;
	static uint8_t bytes[4099];
	struct archive_reader *r = NULL;
	struct source *member;
	struct err e;
	uint64_t number = 0, sum, total = 0;
	ssize_t n = 0;
	int fd = memfd_create("fuzz", 0);

	if (!warm && (setlocale(LC_CTYPE, "C.UTF-8") == NULL || archive_warm(&e) == -1))
		abort();
	warm = true;
	if (fd == -1 || write(fd, data, len) != (ssize_t)len)
		abort();
	if ((r = archive_open(fd, len, "p", &number, &e)) != NULL) {
		archive_set_limits(r, &limits);
		while (archive_next(r, &member, &e) == 1) {
			if (strncmp(member->name, "p/", 2) != 0 ||
			    name_check(member->name, strlen(member->name), &e) == -1 ||
			    member->number != number)
				abort();
			sum = 0;
			/* every third member is left for archive_next to read */
			while (number % 3 != 0 && (n = member->read(member, bytes, sizeof(bytes), &e)) > 0)
				sum += (uint64_t)n;
			if (n == -1)
				break;
			if (sum > limits.member_bytes ||
			    (number % 3 != 0 && member->size_known && sum != member->size))
				abort();
			total += sum;
		}
		if (number > limits.members || total > len * limits.ratio + limits.slack)
			abort();
	}
	archive_close(r);
	(void)close(fd);
	return 0;
}
