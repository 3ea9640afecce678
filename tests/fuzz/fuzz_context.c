/* Any bytes as a context: it is refused, or what is found in it lies inside of it. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stager/context.h"
#include "stager/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("context", MFD_CLOEXEC);
	enum subject_state state;
	volatile unsigned sum = 0; /* each byte is read */
	const uint8_t *body;
	struct context *c;
	struct err e;
	size_t len;

	if (fd == -1 || io_write(fd, data, size, "test", &e) == -1)
		abort();
	if ((c = context_open(fd, &e)) != NULL) {
		/* Each run of bytes that could be a pseudonym. */
		for (size_t at = 0; at + PSEUDONYM_LEN <= size && at < 4096; at++)
			if (context_find(c, (const char *)data + at, &state, &body, &len))
				for (size_t i = 0; i < len; i++)
					sum += body[i];
		context_close(c);
	}
	close(fd);
	(void)sum;
	return 0;
}
