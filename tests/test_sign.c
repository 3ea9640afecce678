/* The program stager-sign: keys, what it refuses to sign, and that it signs nothing that nobody agreed to. */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "image.h"
#include "mutate.h"
#include "stager/acceptance.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/release.h"
#include "stager/secret.h"
#include "stager/sign.h"

static struct err e;
static char folder[] = "/tmp/stager-test-sign-XXXXXX";
static char program[4096];
static struct buf out, complaint; /* what the last run wrote */

/* "FOLDER/name"; good for the last four calls. */
static char *
in_folder(const char *name)
{
	static char paths[4][4200];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
slurp(const char *name, struct buf *b)
{
	buf_clear(b);
	if (io_read_file(AT_FDCWD, in_folder(name), b, &e) == -1)
		buf_clear(b);
	if (buf_cstr(b, &e) == NULL)
		buf_clear(b);
}

/* Not NULL: after its work the next run's memory may not hold this key, nor the text of its file. */
static const struct secret *hidden;

static void
look_into(pid_t pid)
{
	struct buf pem;

	buf_init(&pem, 4096);
	CHECK(io_read_file(AT_FDCWD, in_folder("anna"), &pem, &e) == 0 && pem.len > 80);
	CHECK(image_stop_at_exit(pid));
	CHECK(image_without_key(pid, hidden->bytes, "steward's key"));
	/* "-----BEGIN PRIVATE KEY-----\n" has 28 bytes; 24 later all is the seed's. */
	CHECK(image_count(pid, pem.data + 28 + 24, 32, "steward's key in base64") == 0);
	CHECK(image_count(pid, "Sign? [y/N] ", 12, "control") > 0);
	image_release(pid);
	buf_free(&pem);
}

/* Run stager-sign with up to five arguments, nothing on stdin: its exit status. */
static int
run(const char *a, const char *b, const char *c, const char *d, const char *f)
{
	char *argv[] = {program, (char *)(uintptr_t)a, (char *)(uintptr_t)b, (char *)(uintptr_t)c,
	    (char *)(uintptr_t)d, (char *)(uintptr_t)f, NULL};
	int status = 0, go[2];
	pid_t pid = pipe2(go, O_CLOEXEC) == -1 ? -1 : fork();

	if (pid == 0) {
		char byte;
		int in = hidden != NULL && read(go[0], &byte, 1) != 1 ? -1 : open("/dev/null", O_RDONLY);
		int o = open(in_folder("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		int x = open(in_folder("complaint"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (dup2(in, 0) == 0 && dup2(o, 1) == 1 && dup2(x, 2) == 2)
			(void)execv(program, argv);
		_exit(99);
	}
	if (pid == -1)
		abort();
	if (hidden != NULL) {
		bool watched = image_watch(pid);

		if (write(go[1], "g", 1) != 1)
			abort();
		if (watched)
			look_into(pid);
	}
	(void)close(go[0]);
	(void)close(go[1]);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	slurp("out", &out);
	slurp("complaint", &complaint);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The same on a terminal, where somebody types `answer`. */
static int
run_terminal(const char *key, const char *document, const char *answer)
{
	char *argv[] = {
	    program, (char *)(uintptr_t) "--key", (char *)(uintptr_t)key, (char *)(uintptr_t)document, NULL};
	char seen[16384];
	size_t len = 0;
	int status = 0, fd = -1;
	bool asked = false;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	if (pid == -1)
		return 77;
	if (pid == 0) {
		int o = open(in_folder("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (dup2(o, 1) == 1)
			(void)execv(program, argv);
		_exit(99);
	}
	while (len < sizeof(seen) - 1) {
		ssize_t n = read(fd, seen + len, sizeof(seen) - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		seen[len] = '\0';
		if (!asked && strstr(seen, "Sign? [y/N] ") != NULL) {
			asked = true;
			CHECK(strstr(seen, "requester      ") != NULL); /* shown before it asks */
			if (write(fd, answer, strlen(answer)) == -1)
				break;
		}
	}
	CHECK(asked);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	(void)close(fd);
	slurp("out", &out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
put(const char *name, const void *data, size_t len, mode_t mode)
{
	if (io_replace_file(AT_FDCWD, in_folder(name), data, len, mode, &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
}

static void
public_of(const char *name, uint8_t key[static SIGN_PUBLIC_LEN])
{
	char hex[2 * SIGN_PUBLIC_LEN + 1];

	CHECK(run("public", "--key", in_folder(name), NULL, NULL) == 0);
	CHECK(out.len == 2 * SIGN_PUBLIC_LEN + 1 && out.data[out.len - 1] == '\n');
	(void)snprintf(hex, sizeof(hex), "%.64s", (char *)out.data);
	CHECK_OK(hex_decode(hex, key, SIGN_PUBLIC_LEN, "key", &e));
}

/* The last output is an envelope of this type over exactly this, signed by key. */
static void
check_envelope(const char *type, const void *payload, size_t len, const uint8_t key[static SIGN_PUBLIC_LEN])
{
	struct dsse *d = dsse_decode(out.data, out.len, "envelope", &e);

	CHECK(d != NULL);
	if (d == NULL)
		return;
	CHECK_OK(dsse_check(d, type, key, "envelope", &e));
	CHECK(d->payload.len == len && memcmp(d->payload.data, payload, len) == 0);
	dsse_free(d);
}

static void
test_keys(void)
{
	uint8_t key[SIGN_PUBLIC_LEN], pem[SIGN_PUBLIC_LEN];
	struct buf before;
	struct stat st;

	buf_init(&before, 4096);
	CHECK(run("keygen", "--out", in_folder("anna"), NULL, NULL) == 0 && out.len == 65);
	CHECK_OK(buf_put(&before, out.data, out.len, &e));
	CHECK(stat(in_folder("anna"), &st) == 0 && (st.st_mode & 07777) == 0600);
	/* A key that stands is never overwritten, nor reached through a link. */
	CHECK(run("keygen", "--out", in_folder("anna"), NULL, NULL) == 1 && out.len == 0);
	CHECK(symlink("nowhere", in_folder("link")) == 0);
	CHECK(run("keygen", "--out", in_folder("link"), NULL, NULL) == 1);
	CHECK(run("keygen", "--out", in_folder("no/such"), NULL, NULL) == 1);
	CHECK(run("public", "--key", in_folder("anna"), NULL, NULL) == 0);
	CHECK(out.len == before.len && memcmp(out.data, before.data, out.len) == 0);
	public_of("anna", key);
	CHECK(run("public", "--key", in_folder("anna"), "--pem", NULL) == 0);
	CHECK_OK(sign_public_from_pem((char *)out.data, out.len, pem, "key", &e));
	CHECK(memcmp(key, pem, sizeof(key)) == 0);
	CHECK(run("keygen", "--out", in_folder("bram"), NULL, NULL) == 0);

	/* Files that are no key, or that others may read. */
	put("nokey", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 59, 0600);
	CHECK(run("public", "--key", in_folder("nokey"), NULL, NULL) == 3);
	CHECK(run("public", "--key", in_folder("missing"), NULL, NULL) == 1);
	CHECK(chmod(in_folder("bram"), 0640) == 0);
	CHECK(run("public", "--key", in_folder("bram"), NULL, NULL) == 3);
	CHECK(chmod(in_folder("bram"), 0600) == 0);
	buf_free(&before);
}

static void
test_usage(void)
{
	CHECK(run("--help", NULL, NULL, NULL, NULL) == 0 && strstr((char *)out.data, "Usage:") != NULL);
	CHECK(run("keygen", "--help", NULL, NULL, NULL) == 0);
	CHECK(run(NULL, NULL, NULL, NULL, NULL) == 2 && out.len == 0);
	CHECK(run("keygen", NULL, NULL, NULL, NULL) == 2);
	CHECK(run("keygen", "--out", NULL, NULL, NULL) == 2);
	CHECK(run("keygen", "--pem", "--out", in_folder("x"), NULL) == 2);
	CHECK(run("public", "--key", in_folder("anna"), "more", NULL) == 2);
	CHECK(run("steward", "--key", in_folder("anna"), "--holder", "umc") == 2);
	CHECK(run("steward", "--key", in_folder("anna"), "--holder=../x", "--person=a") == 2);
	CHECK(run("steward", "--key", in_folder("anna"), "--holder=x", "--person=a b") == 2);
	CHECK(run("--yes", in_folder("x"), NULL, NULL, NULL) == 2);
	CHECK(run("--key", in_folder("anna"), "a", "b", NULL) == 2);
	CHECK(run("--nonsense", NULL, NULL, NULL, NULL) == 2);
	CHECK(access(in_folder("x"), F_OK) == -1);
}

#ifndef STAGER_SANITIZED
/* keygen ran above, unwatched; here it signs. AddressSanitizer keeps what was freed. */
static void
test_image(void)
{
	int fd = open(in_folder("anna"), O_RDONLY | O_CLOEXEC);
	struct secret *seed = sign_read_pem(fd, "anna", &e);

	CHECK(seed != NULL);
	hidden = seed;
	CHECK(run("steward", "--key", in_folder("anna"), "--holder=umc", "--person=anna@umc.example") == 0);
	hidden = NULL;
	secret_free(seed);
	(void)close(fd);
}
#endif

static void
test_steward(void)
{
	uint8_t anna[SIGN_PUBLIC_LEN], bram[SIGN_PUBLIC_LEN];
	struct buf statement, envelope;
	struct steward s;
	struct dsse *d;

	buf_init(&statement, 4096);
	buf_init(&envelope, 4096);
	public_of("anna", anna);
	public_of("bram", bram);
	CHECK(run("steward", "--key", in_folder("bram"), "--holder=umc", "--person=bram@umc.example") == 0);
	CHECK_OK(buf_put(&envelope, out.data, out.len, &e));
	d = dsse_decode(out.data, out.len, "envelope", &e);
	CHECK(d != NULL);
	if (d == NULL)
		abort();
	CHECK_OK(steward_decode(d->payload.data, d->payload.len, &s, &e));
	CHECK(strcmp(s.holder, "umc") == 0 && strcmp(s.person, "bram@umc.example") == 0);
	CHECK(memcmp(s.key, bram, sizeof(bram)) == 0);
	CHECK_OK(buf_put(&statement, d->payload.data, d->payload.len, &e));
	check_envelope(DSSE_STEWARD, statement.data, statement.len, bram);
	put("bram.env", envelope.data, envelope.len, 0600);

	/* Another signs the same statement; nobody asked: not signed. */
	CHECK(run("--key", in_folder("anna"), in_folder("bram.env"), NULL, NULL) == 6 && out.len == 0);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("bram.env"), NULL) == 0);
	check_envelope(DSSE_STEWARD, statement.data, statement.len, anna);
	CHECK(strstr((char *)complaint.data, "bram@umc.example") != NULL);
	/* He himself has signed it already. */
	CHECK(run("--key", in_folder("bram"), "--yes", in_folder("bram.env"), NULL) == 3 && out.len == 0);
	/* A statement whose own key did not sign it. */
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("bram.env"), NULL) == 0);
	put("anna.env", out.data, out.len, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("anna.env"), NULL) == 4 && out.len == 0);
	/* An envelope of another kind. */
	d->type[0] = 'b';
	buf_clear(&envelope);
	CHECK_OK(dsse_encode(
	    DSSE_REQUEST, statement.data, statement.len, bram, d->signatures[0].signature, &envelope, &e));
	put("other.env", envelope.data, envelope.len, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("other.env"), NULL) == 3 && out.len == 0);
	dsse_free(d);
	buf_free(&statement);
	buf_free(&envelope);
}

static void
test_request(void)
{
	struct buf text = mutate_vector("release/request.json"), r;
	int64_t now = (int64_t)time(NULL);
	uint8_t anna[SIGN_PUBLIC_LEN];
	struct request request;

	public_of("anna", anna);
	buf_init(&r, 1 << 16);
	CHECK_OK(request_decode(text.data, text.len, &request, &e));
	request.not_before = now;
	request.not_after = now + 14 * 86400 + 7200;
	CHECK_OK(request_encode(&request, &r, &e));
	put("request", r.data, r.len, 0600);
	CHECK(run("--key", in_folder("anna"), in_folder("request"), NULL, NULL) == 6 && out.len == 0);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 0);
	check_envelope(DSSE_REQUEST, r.data, r.len, anna);
	CHECK(strstr((char *)complaint.data, "14 days, 2 hours") != NULL);
	CHECK(strstr((char *)complaint.data, "onderzoeker@uni.example") != NULL);
	CHECK(strstr((char *)complaint.data, request.id) != NULL);

	/* On a terminal: yes, no, nothing, something else. */
	if (run_terminal(in_folder("anna"), in_folder("request"), "y\n") == 77) {
		fprintf(stderr, "no terminal to be had: the question is not tested\n");
	} else {
		check_envelope(DSSE_REQUEST, r.data, r.len, anna);
		CHECK(run_terminal(in_folder("anna"), in_folder("request"), "YES\n") == 0 && out.len > 0);
		CHECK(run_terminal(in_folder("anna"), in_folder("request"), "n\n") == 3 && out.len == 0);
		CHECK(run_terminal(in_folder("anna"), in_folder("request"), "\n") == 3 && out.len == 0);
		CHECK(run_terminal(in_folder("anna"), in_folder("request"), "yess\n") == 3 && out.len == 0);
		CHECK(run_terminal(in_folder("anna"), in_folder("request"), "y is for yes, surely\n") == 3 &&
		      out.len == 0);
		CHECK(run_terminal(in_folder("anna"), in_folder("request"), "\x04") == 3 && out.len == 0);
	}

	/* A newline at its end is not signed; a space is not canonical. */
	CHECK_OK(buf_put_u8(&r, '\n', &e));
	put("request", r.data, r.len, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 0);
	check_envelope(DSSE_REQUEST, r.data, r.len - 1, anna);
	r.data[r.len - 1] = ' ';
	put("request", r.data, r.len, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3 && out.len == 0);

	/* Its window is over; its job key is the steward's. */
	buf_clear(&r);
	request.not_before = now - 100;
	request.not_after = now - 1;
	CHECK_OK(request_encode(&request, &r, &e));
	put("request", r.data, r.len, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3 && out.len == 0);
	buf_clear(&r);
	request.not_after = now + 1000;
	memcpy(request.job_key, anna, sizeof(anna));
	CHECK_OK(request_encode(&request, &r, &e));
	put("request", r.data, r.len, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3 && out.len == 0);

	/* Things that are no document. */
	put("request", "", 0, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3);
	put("request", "{\"type\":\"stager.request.9\"}", 27, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3);
	put("request", "{\"type\":1}", 10, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3);
	put("request", "[]", 2, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("request"), NULL) == 3);
	CHECK(run("--key", in_folder("anna"), "--yes", in_folder("missing"), NULL) == 1);
	CHECK(run("--key", in_folder("anna"), "--yes", "/dev/zero", NULL) == 3 && out.len == 0);
	buf_free(&r);
	buf_free(&text);
}

static void
test_report(void)
{
	struct buf text = mutate_vector("release/report.json");
	char path[4200];
	uint8_t anna[SIGN_PUBLIC_LEN];

	public_of("anna", anna);
	put("report", text.data, text.len, 0600);
	(void)snprintf(path, sizeof(path), "%s/report", folder);
	CHECK(run("--key", in_folder("anna"), path, NULL, NULL) == 6 && out.len == 0);
	CHECK(run("--key", in_folder("anna"), "--yes", path, NULL) == 0);
	check_envelope(DSSE_REPORT, text.data, text.len, anna);
	CHECK(strstr((char *)complaint.data, "record: value-type, 10 times") != NULL);
	text.data[text.len - 2] ^= 1;
	put("report", text.data, text.len - 1, 0600);
	CHECK(run("--key", in_folder("anna"), "--yes", path, NULL) == 3 && out.len == 0);
	buf_free(&text);
}

int
main(void)
{
	const char *build = getenv("STAGER_BUILD");
	int rc;

	(void)snprintf(program, sizeof(program), "%s/stager-sign", build == NULL ? "." : build);
	if (access(program, X_OK) == -1) {
		fprintf(stderr, "%s: not built: skipped\n", program);
		return 77;
	}
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what stager-sign frees */
	if (secret_start(&e) == -1 || mkdtemp(folder) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	buf_init(&out, 1u << 20);
	buf_init(&complaint, 1u << 20);
	test_keys();
	test_usage();
	test_steward();
#ifndef STAGER_SANITIZED
	test_image();
#endif
	test_request();
	test_report();
	rc = check_done();
	buf_free(&out);
	buf_free(&complaint);
	if (io_remove_tree(AT_FDCWD, folder, &e) == -1)
		fprintf(stderr, "%s\n", e.text);
	return rc;
}
