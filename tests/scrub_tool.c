/*
 * Documents scrubbed one after the other, for the tests in Python: scrub_tool POLICY NAME. On stdin each as u32 LE length | bytes; on
 * stdout for each a byte, 'p' or 'h', and u32 LE length | bytes: its members, one behind the other, or why it is held.
 */
#include <fcntl.h>
#include <stdio.h>

#include "person_run.h"
#include "stager/io.h"

static struct err e;

static void
put(char what, const void *bytes, size_t len)
{
	const uint8_t head[5] = {
	    (uint8_t)what, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24)};

	if (fwrite(head, 1, sizeof(head), stdout) != sizeof(head) ||
	    (len > 0 && fwrite(bytes, 1, len, stdout) != len) || fflush(stdout) != 0)
		exit(1);
}

int
main(int argc, char **argv)
{
	struct pseudonym_key *key = NULL;
	struct person_run person;
	struct buf yaml, in;
	uint8_t head[4];

	buf_init(&yaml, 1 << 20);
	if (argc != 3 || secret_start(&e) == -1 || (key = pseudonym_key_of(0, &e)) == NULL ||
	    io_read_file(AT_FDCWD, argv[1], &yaml, &e) == -1 ||
	    person_open(&person, key, buf_cstr(&yaml, &e), "", "", 0, &e) != NULL) {
		fprintf(stderr, "scrub_tool: %s\n", e.text);
		return 1;
	}
	while (fread(head, 1, 4, stdin) == 4) {
		size_t len =
		    (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
		const struct json *held;
		struct scrub_run run;
		uint8_t *to;

		buf_init(&in, 1u << 30);
		if ((to = buf_reserve(&in, len + 1, &e)) == NULL || fread(to, 1, len, stdin) != len ||
		    person_read(&person, &run, argv[2], to, len, &e) == -1) {
			fprintf(stderr, "scrub_tool: %s\n", e.text);
			return 1;
		}
		held = json_get(run.report, "held");
		if (held->count > 0)
			put('h', held->keys[0], strlen(held->keys[0]));
		else
			put('p', run.bytes.data, run.bytes.len);
		scrub_run_free(&run);
		buf_free(&in);
	}
	person_close(&person);
	pseudonym_key_free(key);
	buf_free(&yaml);
	return 0;
}
