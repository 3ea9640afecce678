/*
 * How fast segments are sealed and opened, by the code that shards go through:
 *
 *   bench_seal seal FILE           a file into one sealed body, with sums, to /dev/null; by all processors it may use
 *   bench_seal make FILE FOLDER    the same into FOLDER/shard-00000.body and .sums, for `open`
 *   bench_seal open FOLDER         that body, sums and segments checked, its plaintext to /dev/null
 *   bench_seal loop seal|open FILE one thread, no ring, no sums: the least that must be done; what is opened is made by
 *   bench_seal loop make FILE SEALED
 *
 * Prints bytes of plaintext, seconds and MB/s by the clock, seconds of processor, and the most memory that was ever
 * resident, in KiB.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "../../stager/ingest/sealed.h"
#include "stager/io.h"
#include "stager/manifest.h"
#include "stager/node.h"
#include "stager/ring.h"
#include "stager/secret.h"

static struct err e;
static double started, used;

static void
must(int rc)
{
	if (rc == -1) {
		fprintf(stderr, "bench_seal: %s\n", e.text);
		exit(1);
	}
}

static int
opened(int fd, const char *what)
{
	if (fd == -1)
		must(err_sys(&e, "%s", what));
	return fd;
}

static double
now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
begin(void)
{
	used = now(CLOCK_PROCESS_CPUTIME_ID);
	started = now(CLOCK_MONOTONIC);
}

/* The most that was resident since exec; getrusage's figure holds what the parent had. */
static long
peak_kib(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (f != NULL)
		(void)fclose(f);
	return kib;
}

static void
report(uint64_t bytes)
{
	double took = now(CLOCK_MONOTONIC) - started, cpu = now(CLOCK_PROCESS_CPUTIME_ID) - used;

	printf("bytes %llu seconds %.3f mb_s %.0f cpu_s %.3f peak_kib %ld threads %u\n",
	    (unsigned long long)bytes, took, (double)bytes / 1e6 / took, cpu, peak_kib(), ring_processors());
}

/* A file into a body and its sums. line and header: what they hold. The vault's key is made here. */
static struct secret *
seal_file(const char *path, int body, int sums, struct shard_line *line, uint8_t header[static HEADER_LEN])
{
	uint8_t vault_public[X25519_LEN], *space;
	struct sealer *sealer = NULL;
	struct sealed *sealed = NULL;
	struct secret *vault;
	struct stat st;
	int in = opened(open(path, O_RDONLY | O_CLOEXEC), path);
	uint64_t left;
	size_t room;
	ssize_t n;

	must((vault = header_keypair(vault_public, &e)) == NULL ? -1 : 0);
	(void)opened(fstat(in, &st), path);
	begin();
	must((sealer = sealer_new(ring_processors(), 2, &e)) == NULL ? -1 : 0);
	must((sealed = sealed_new(sealer, "shard-00000", body, sums, vault_public, &e)) == NULL ? -1 : 0);
	for (left = (uint64_t)st.st_size; left > 0; left -= (uint64_t)n) {
		must((space = sealed_space(sealed, &room, &e)) == NULL ? -1 : 0);
		if ((n = read(in, space, left < room ? (size_t)left : room)) <= 0)
			must(err_sys(&e, "%s: read", path));
		sealed_filled(sealed, (size_t)n);
	}
	must(sealed_finish(sealed, line, header, &e));
	sealed_free(sealed);
	sealer_free(sealer);
	(void)close(in);
	return vault;
}

static int
file_in(const char *folder, const char *name, int how)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return opened(open(path, how | O_CLOEXEC, 0600), path);
}

static void
make(const char *path, const char *folder)
{
	const int how = O_WRONLY | O_CREAT | O_TRUNC;
	struct shard_line line = {.members = 1};
	uint8_t header[HEADER_LEN];
	struct secret *vault;
	int fd;

	vault = seal_file(path, file_in(folder, "shard-00000.body", how),
	    file_in(folder, "shard-00000.sums", how), &line, header);
	report(line.plain);
	fd = file_in(folder, "case", how);
	must(io_write(fd, &line, sizeof(line), "case", &e));
	must(io_write(fd, header, sizeof(header), "case", &e));
	must(io_write(fd, vault->bytes, vault->len, "case", &e)); /* a key that was made for this bench */
	(void)close(fd);
	secret_free(vault);
}

static int
to_nowhere(void *ctx, const uint8_t *data, size_t len, struct err *err)
{
	const int *fd = ctx;

	return io_write(*fd, data, len, "/dev/null", err);
}

static void
open_body(const char *folder)
{
	int fd = file_in(folder, "case", O_RDONLY), out = opened(open("/dev/null", O_WRONLY), "/dev/null");
	const struct node_sink sink = {&out, to_nowhere, NULL};
	struct node_store *store = NULL;
	struct shard_line line;
	struct shard_table table = {.shards = &line, .count = 1};
	struct node_release release;
	uint8_t header[HEADER_LEN];
	struct secret *vault;

	must((vault = secret_new(X25519_LEN, &e)) == NULL ? -1 : 0);
	must(io_read_exact(fd, &line, sizeof(line), "case", &e));
	must(io_read_exact(fd, header, sizeof(header), "case", &e));
	must(io_read_exact(fd, vault->bytes, vault->len, "case", &e));
	node_release_init(&release);
	(void)snprintf(release.set, sizeof(release.set), ".");
	must(node_store_folder(opened(open(folder, O_RDONLY | O_DIRECTORY), folder), &store, &e));
	release.table = &table;
	release.end = 1;
	must(buf_put(&release.headers, header, sizeof(header), &e));
	must(header_writer(header, release.writer, &e));
	must((release.shared = header_shared_reader(vault, release.writer, &e)) == NULL ? -1 : 0);
	begin();
	must(node_open_rows(&release, store, &(uint64_t){0}, 1, &sink, &e));
	report(line.plain);
	release.table = NULL;
	node_store_free(store);
	node_release_free(&release);
	secret_free(vault);
}

/* One thread: read four segments, seal (or open) in place, write: the least that must be done. */
static void
loop(bool seal, const char *path)
{
	enum { BATCH = 4 };
	const size_t len = seal ? C4GH_PLAIN_MAX : C4GH_SEGMENT_MAX, at = seal ? C4GH_NONCE_LEN : 0;
	static _Alignas(64) uint8_t room[BATCH * C4GH_STRIDE];
	int in = opened(open(path, O_RDONLY | O_CLOEXEC), path),
	    out = opened(open("/dev/null", O_WRONLY), "null");
	struct iovec parts[BATCH];
	struct secret *key;
	uint64_t bytes = 0;
	struct c4gh *c;
	ssize_t n;

	/* A file of our own making under a key of zeros; `loop make` makes it. */
	must((key = secret_new(C4GH_KEY_LEN, &e)) == NULL ? -1 : 0);
	memset(key->bytes, 0, C4GH_KEY_LEN);
	must((c = c4gh_new(key, seal, &e)) == NULL ? -1 : 0);
	begin();
	for (;;) {
		for (size_t i = 0; i < BATCH; i++)
			parts[i] = (struct iovec){room + i * C4GH_STRIDE + C4GH_LEAD + at, len};
		must((n = io_pread_parts(in, parts, BATCH, bytes / C4GH_PLAIN_MAX * len, path, &e)) == -1
			 ? -1
			 : 0);
		if ((size_t)n < BATCH * len)
			break;
		for (size_t i = 0; i < BATCH; i++, bytes += C4GH_PLAIN_MAX) {
			uint8_t *segment = room + i * C4GH_STRIDE + C4GH_LEAD;

			if (seal)
				must(c4gh_seal(c, bytes / C4GH_PLAIN_MAX, false, segment + C4GH_NONCE_LEN,
				    C4GH_PLAIN_MAX, segment, &e));
			else
				must(c4gh_open(c, bytes / C4GH_PLAIN_MAX, false, segment, C4GH_SEGMENT_MAX,
				    segment + C4GH_NONCE_LEN, &e));
			parts[i] = seal ? (struct iovec){segment, C4GH_SEGMENT_MAX}
					: (struct iovec){segment + C4GH_NONCE_LEN, C4GH_PLAIN_MAX};
		}
		must(io_write_parts(out, parts, BATCH, "/dev/null", &e));
	}
	report(bytes);
	c4gh_free(c);
	secret_free(key);
}

/* What `loop open` opens: the same file, sealed. */
static void
loop_make(const char *path, const char *sealed)
{
	static uint8_t plain[C4GH_PLAIN_MAX], segment[C4GH_SEGMENT_MAX];
	int in = opened(open(path, O_RDONLY | O_CLOEXEC), path),
	    out = opened(open(sealed, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), sealed);
	struct secret *key;
	struct c4gh *c;
	uint64_t i = 0;

	must((key = secret_new(C4GH_KEY_LEN, &e)) == NULL ? -1 : 0);
	memset(key->bytes, 0, C4GH_KEY_LEN);
	must((c = c4gh_new(key, true, &e)) == NULL ? -1 : 0);
	for (; io_read(in, plain, sizeof(plain), path, &e) == C4GH_PLAIN_MAX; i++) {
		must(c4gh_seal(c, i, false, plain, sizeof(plain), segment, &e));
		must(io_write(out, segment, sizeof(segment), sealed, &e));
	}
	c4gh_free(c);
	secret_free(key);
}

int
main(int argc, char **argv)
{
	struct shard_line line = {.members = 1};
	uint8_t header[HEADER_LEN];

	must(secret_start(&e));
	if (argc == 3 && strcmp(argv[1], "seal") == 0) {
		secret_free(seal_file(argv[2], opened(open("/dev/null", O_WRONLY), "/dev/null"),
		    opened(open("/dev/null", O_WRONLY), "/dev/null"), &line, header));
		report(line.plain);
	} else if (argc == 4 && strcmp(argv[1], "make") == 0) {
		make(argv[2], argv[3]);
	} else if (argc == 3 && strcmp(argv[1], "open") == 0) {
		open_body(argv[2]);
	} else if (argc == 4 && strcmp(argv[1], "loop") == 0) {
		loop(strcmp(argv[2], "seal") == 0, argv[3]);
	} else if (argc == 5 && strcmp(argv[1], "loop") == 0 && strcmp(argv[2], "make") == 0) {
		loop_make(argv[3], argv[4]);
	} else {
		fprintf(stderr, "usage: bench_seal seal FILE | make FILE FOLDER | open FOLDER | loop "
				"seal|open FILE | loop make FILE "
				"SEALED\n");
		return 2;
	}
	return 0;
}
