/* stager-scrub: what makes it fail, what it says then, and what its confinement refuses. */
#include <signal.h>
#include <sys/socket.h>

#include "scrub_role.h"

/* One run that must fail: what it says and its status. */
static void
fails(struct run *r, int status, const char *why)
{
	char said[600];
	struct json *done = wire_expect(r->control, WIRE_DONE, NULL, 0, &e);
	int got;

	CHECK(done == NULL);
	json_free(done);
	got = finish(r, said);
	if (got != status || strstr(said, why) == NULL) {
		fprintf(stderr, "wanted %d and '%s', got %d: %s\n", status, why, got, said);
		CHECK(!"it fails as it should");
	}
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

static void
test_failures(void)
{
	static const uint8_t large[ENTRY_HELD_LEN + 1];
	uint8_t tar[4 * 512], zip[512] = {0};
	size_t len;
	struct run r;
	int ends[2];

	r = start("unit", 31, -1, NULL);
	fails(&r, 3, "pseudonym subkey");
	r = start("unit", 33, -1, NULL);
	fails(&r, 3, "pseudonym subkey");
	r = start("nothing", 32, -1, NULL);
	fails(&r, 2, "usage");

	r = start("unit", 32, -1, NULL);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	fails(&r, 3, "control message");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	CHECK_OK(wire_send(r.control, WIRE_LOG_OPEN, NULL, NULL, 0, &e));
	fails(&r, 3, "type 27");
	/* The supervisor gone is no end. */
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	CHECK(shutdown(r.control, SHUT_WR) == 0);
	fails(&r, 1, "went away");

	/* A file that is not as long as it was. */
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, "abc", 3, 4);
	fails(&r, 3, "changed");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, "abc", 3, 2);
	fails(&r, 3, "changed");

	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_PIPED_FILE, "a.bin", 1, "abc", 3, 4);
	fails(&r, 3, "changed");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_PIPED_FILE, "a.bin", 1, "abc", 3, 2);
	fails(&r, 3, "changed");

	len = tar_of(tar, "x.txt", "niets\n");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_PIPED_ARCHIVE, "", 1, tar, len, (int64_t)len + 1);
	fails(&r, 3, "file 1: archive: changed");
	/* A zip from a pipe is held in memory: not any. */
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_PIPED_ARCHIVE, "", 1, memcpy(zip, "PK\3\4", 4), sizeof(zip), (256 << 20) + 1);
	fails(&r, 3, "a sealed zip of more than 256 MiB");

	len = tar_of(tar, "../x.txt", "niets\n");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_ARCHIVE, "", 1, tar, len, (int64_t)len);
	fails(&r, 3, "file 1: archive: member 1: ");

	/* Nobody reads the entries any more: seen when the small ones leave, and at once by a large one. */
	if (pipe2(ends, O_CLOEXEC) == -1)
		abort();
	r = start("unit", 32, ends[1], NULL);
	(void)close(ends[0]);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, "abc", 3, 3);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	fails(&r, 1, "Broken pipe");
	if (pipe2(ends, O_CLOEXEC) == -1)
		abort();
	r = start("unit", 32, ends[1], NULL);
	(void)close(ends[0]);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, large, sizeof(large), sizeof(large));
	fails(&r, 1, "Broken pipe");
}

#ifndef STAGER_SANITIZED
static void
test_confined(void)
{
	static const char *const modes[] = {"policy", "unit"}, *const tries[] = {"open", "create"},
				 *const deadly[] = {
				     "socket", "unix", "exec", "ptrace", "mount", "fork", "limit", "raise"};
	char said[600];

	for (size_t m = 0; m < 2; m++) {
		for (size_t i = 0; i < 2; i++) {
			struct run r = start(modes[m], 32, -1, tries[i]);

			CHECK(finish(&r, said) == 0 && strstr(said, "refused") != NULL);
		}
		for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
			struct run r = start(modes[m], 32, -1, deadly[i]);
			int status = finish(&r, said);

			if (status != -SIGSYS && !(status == 0 && strstr(said, "refused") != NULL)) {
				fprintf(stderr, "%s %s: %d %s\n", modes[m], deadly[i], status, said);
				CHECK(!"it is refused");
			}
		}
	}
}
#endif

int
main(void)
{
	if (!role_start())
		return 77;
	test_failures();
#ifndef STAGER_SANITIZED
	test_confined();
#endif
	return check_done();
}
