/* stager-crypt4gh as a program: what it leaves in its memory when it ends is no key, no passphrase and no plaintext. */
#include "image.h"
#include "vectors.h"

static struct err e;

/* Start it with these files as standard input and output, and C4GH_PASSPHRASE. Stopped until go is closed. */
static pid_t
start(char *const argv[], const char *in, const char *out, int *go)
{
	char program[4096], path[4096];
	int gate[2], in_fd, out_fd;
	pid_t pid;
	char byte;

	(void)snprintf(program, sizeof(program), "%s/stager-crypt4gh", getenv("STAGER_BUILD"));
	(void)snprintf(path, sizeof(path), "%s/vectors/c4gh-full/%s", getenv("STAGER_TESTS"), in);
	in_fd = open(in[0] == '/' ? in : path, O_RDONLY | O_CLOEXEC);
	out_fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in_fd == -1 || out_fd == -1 || pipe(gate) == -1 || (pid = fork()) == -1)
		abort();
	if (pid == 0) {
		(void)close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		if (setenv("C4GH_PASSPHRASE", "correct horse", 1) == -1 || dup2(in_fd, 0) == -1 ||
		    dup2(out_fd, 1) == -1)
			_exit(1);
		(void)execv(program, argv);
		_exit(1);
	}
	(void)close(gate[0]);
	(void)close(in_fd);
	(void)close(out_fd);
	*go = gate[1];
	return pid;
}

/* Its memory at the end holds none of this. plain: what must have gone out. */
static void
test_image(char *const argv[], const char *in, const char *out, const uint8_t *plain, size_t plain_len)
{
	struct secret *reader = vector_secret("c4gh-full/reader.hex"),
		      *key = vector_secret("c4gh-full/data-key.hex");
	struct secret *writer = vector_secret("c4gh-full/writer.hex"),
		      *ssh = vector_secret("c4gh-full/ssh-short.hex");
	int go, status = 0;
	pid_t pid = start(argv, in, out, &go);

	if (!image_watch(pid)) {
		(void)close(go);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
		goto out;
	}
	(void)close(go);
	CHECK(image_stop_at_exit(pid));
	CHECK(image_without_key(pid, reader->bytes, "private key"));
	CHECK(image_without_key(pid, key->bytes, "data key"));
	CHECK(image_without_key(pid, writer->bytes, "writer's key"));
	CHECK(image_without_key(pid, ssh->bytes, "OpenSSH key"));
	CHECK(image_count(pid, "correct horse", 13, "passphrase") == 0);
	CHECK(image_count(pid, plain, plain_len, "plaintext") == 0);
	/* That it is looked at: a text of the program itself. */
	CHECK(image_count(pid, "header: more than one edit list", 31, "control") > 0);
	image_release(pid);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
out:
	secret_free(reader);
	secret_free(writer);
	secret_free(ssh);
	secret_free(key);
}

int
main(void)
{
	static char decrypt[] = "decrypt", encrypt[] = "encrypt", reencrypt[] = "reencrypt", sk[] = "--sk",
		    name[] = "stager-crypt4gh", recipient[] = "--recipient_pk";
	char scrypt[4096], ssh[4096], pub[4096], folder[] = "/tmp/stager-c4gh-XXXXXX", out[64], again[64];
	uint8_t plain[70000];
	struct buf got;

#ifdef STAGER_SANITIZED
	printf("skipped: AddressSanitizer keeps what was freed\n");
	return 77;
#endif
	CHECK_OK(secret_start(&e));
	if (getenv("STAGER_BUILD") == NULL || getenv("STAGER_TESTS") == NULL || mkdtemp(folder) == NULL)
		return 77;
	(void)snprintf(out, sizeof(out), "%s/out", folder);
	(void)snprintf(again, sizeof(again), "%s/again", folder);
	(void)snprintf(scrypt, sizeof(scrypt), "%s/vectors/c4gh-full/scrypt.key", getenv("STAGER_TESTS"));
	(void)snprintf(ssh, sizeof(ssh), "%s/vectors/c4gh-full/ssh-short", getenv("STAGER_TESTS"));
	(void)snprintf(pub, sizeof(pub), "%s/vectors/c4gh-full/reader.pub", getenv("STAGER_TESTS"));
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(7 * i + 3 * (i >> 8));
	test_image((char *[]){name, decrypt, sk, scrypt, NULL}, "two-keys.c4gh", out, plain + 100, 64);
	CHECK_OK(io_read_file(AT_FDCWD, out, (buf_init(&got, 1u << 20), &got), &e));
	CHECK(got.len == sizeof(plain) && memcmp(got.data, plain, got.len) == 0);
	buf_free(&got);
	test_image((char *[]){name, reencrypt, sk, scrypt, recipient, pub, NULL}, "two-keys.c4gh", again,
	    plain + 100, 64);
	test_image((char *[]){name, encrypt, sk, ssh, recipient, pub, NULL}, out, again, plain + 100, 64);
	CHECK(unlink(out) == 0 && unlink(again) == 0 && rmdir(folder) == 0);
	return check_done();
}
