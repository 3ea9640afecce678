/* How fast one core cleans free text: bench_text FILE [lines]. `lines`: each line is a text of its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <fcntl.h>

#include "stager/buf.h"
#include "stager/io.h"
#include "stager/policy.h"
#include "stager/scrub.h"

#define ROUNDS 5

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	static const struct policy policy = {.text = {.bsn_any = true}};
	struct scrub scrub = {.policy = &policy};
	struct text_finds finds;
	struct buf in, out;
	double best = 0;
	struct err e;

	buf_init(&in, 1u << 30);
	buf_init(&out, 1u << 31);
	if (argc < 2 || io_read_file(AT_FDCWD, argv[1], &in, &e) == -1) {
		fprintf(stderr, "bench_text: a file of text is needed\n");
		return 2;
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds(), rate;
		size_t at = 0;

		finds = (struct text_finds){0};
		buf_clear(&out);
		while (at < in.len) {
			const uint8_t *end = argc > 2 ? memchr(in.data + at, '\n', in.len - at) : NULL;
			size_t len = end != NULL ? (size_t)(end - in.data) + 1 - at : in.len - at;

			if (text_clean(&scrub, (const char *)in.data + at, len, &out, &finds, &e) == -1)
				return err_report("bench_text", &e);
			at += len;
		}
		rate = (double)in.len / 1e6 / (seconds() - start);
		best = rate > best ? rate : best;
	}
	printf("%zu bytes, %.0f MB/s of processor time, best of %d; finds:", in.len, best, ROUNDS);
	for (int kind = 0; kind < SPAN_TYPES; kind++)
		printf(" %" PRIu64, finds.count[kind]);
	printf("\n");
	buf_free(&in);
	buf_free(&out);
	return 0;
}
