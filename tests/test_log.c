/* The log on disk: growth against a plain recomputation, damage of every byte, and crashes at every rename.
 */
#include "stager/log.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "log_make.h"

#define ORIGIN "stager/test"

static struct err e;
static char folder[32];
static int dirfd = -1;

/* Every file of the log is put in place by a rename: the place to fail or to die at. 0: never. */
static unsigned rename_count, rename_fail_at, rename_die_before, rename_die_after;

int
renameat(int oldfd, const char *old, int newfd, const char *new)
{
	int rc;

	rename_count++;
	if (rename_count == rename_die_before)
		_exit(9);
	if (rename_count == rename_fail_at) {
		errno = EIO;
		return -1;
	}
	rc = (int)syscall(SYS_renameat2, oldfd, old, newfd, new, 0);
	if (rename_count == rename_die_after)
		_exit(9);
	return rc;
}

static void
start(void)
{
	dirfd = make_folder(folder);
}

static void
end(void)
{
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
	io_close(&dirfd);
}

static struct log *
reopen(void)
{
	struct log *log = log_open(dirfd, ORIGIN, key, &e);

	if (log == NULL) {
		fprintf(stderr, "open: %s\n", e.text);
		abort();
	}
	return log;
}

/* The root by the definition, from the entries alone. */
static void
naive_root(
    uint64_t begin, uint64_t count, uint64_t shift_from, uint64_t shift, uint8_t out[static DIGEST_LEN])
{
	uint8_t space[LOG_ENTRY_MAX], left[DIGEST_LEN], right[DIGEST_LEN];
	uint64_t k = 1;
	struct view v;

	if (count == 0) {
		digest_bytes(NULL, 0, out);
	} else if (count == 1) {
		v = make_entry(begin >= shift_from ? begin + shift : begin, space);
		tree_leaf(v.data, v.len, out);
	} else {
		while (2 * k < count)
			k *= 2;
		naive_root(begin, k, shift_from, shift, left);
		naive_root(begin + k, count - k, shift_from, shift, right);
		tree_node(left, right, out);
	}
}

static bool
root_is(const struct log *log, uint64_t size, uint64_t shift_from, uint64_t shift)
{
	uint8_t root[DIGEST_LEN];

	naive_root(0, size, shift_from, shift, root);
	return log_checkpoint(log)->size == size && memcmp(root, log_checkpoint(log)->root, DIGEST_LEN) == 0;
}

static bool
exists(const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
check_entry(struct log *log, uint64_t index)
{
	const struct checkpoint *head = log_checkpoint(log);
	uint8_t space[LOG_ENTRY_MAX], leaf[DIGEST_LEN];
	struct view want = make_entry(index, space);
	struct tree_proof proof;
	struct buf got;

	buf_init(&got, LOG_ENTRY_MAX);
	CHECK_OK(log_entry(log, index, &got, &e));
	CHECK(got.len == want.len && (got.len == 0 || memcmp(got.data, want.data, got.len) == 0));
	tree_leaf(want.data, want.len, leaf);
	CHECK_OK(log_inclusion(log, index, &proof, &e));
	CHECK_OK(tree_check_inclusion(leaf, index, head->size, &proof, head->root, &e));
	buf_free(&got);
}

static void
test_empty(void)
{
	uint8_t root[DIGEST_LEN], other[SIGN_PUBLIC_LEN];
	struct tree_proof proof;
	struct secret *stranger;
	struct log *log;
	struct buf out;

	start();
	log = reopen();
	tree_empty(root);
	CHECK(log_checkpoint(log)->size == 0 && memcmp(log_checkpoint(log)->root, root, DIGEST_LEN) == 0);
	CHECK(strcmp(log_checkpoint(log)->origin, ORIGIN) == 0);
	CHECK_OK(log_verify(log, &e));
	buf_init(&out, NOTE_MAX);
	CHECK_OK(log_note(log, &out, &e));
	CHECK(out.len == 0);
	CHECK_ERR(log_entry(log, 0, &out, &e), ERR_INPUT);
	CHECK_ERR(log_inclusion(log, 0, &proof, &e), ERR_INPUT);
	CHECK_ERR(log_consistency(log, 1, &proof, &e), ERR_INPUT);

	/* What may not be appended leaves nothing behind. */
	CHECK_ERR(make_append(log, 0, 0, &e), ERR_LIMIT);
	CHECK_ERR(make_append(log, LOG_BATCH_MAX + 1, 0, &e), ERR_LIMIT);
	{
		static const uint8_t big[LOG_ENTRY_MAX + 1];
		struct view entry = view_of(big, sizeof(big), "entry");
		uint64_t first;

		CHECK_ERR(log_append(log, seed, &entry, 1, &first, &e), ERR_LIMIT);
		entry.len--;
		if ((stranger = secret_copy(seed, &e)) == NULL)
			abort();
		stranger->bytes[0] ^= 1;
		CHECK_ERR(log_append(log, stranger, &entry, 1, &first, &e), ERR_REFUSED);
		secret_free(stranger);
	}
	CHECK(!exists("tile") && !exists("checkpoint"));

	/* Somebody else's key, and another origin. */
	CHECK_OK(make_append(log, 1, 0, &e));
	memcpy(other, key, sizeof(other));
	other[3] ^= 1;
	e.code = ERR_NONE;
	CHECK(log_open(dirfd, ORIGIN, other, &e) == NULL && e.code == ERR_FORGED);
	e.code = ERR_NONE;
	CHECK(log_open(dirfd, ORIGIN "2", key, &e) == NULL && e.code == ERR_FORGED);
	buf_free(&out);
	log_free(log);
	end();
}

static void
test_growth(void)
{
	static const size_t batches[] = {1, 2, 252, 1, 1, 255, 256, 1, 256, 3, 253, 256};
	struct {
		uint64_t size;
		uint8_t root[DIGEST_LEN];
	} seen[sizeof(batches) / sizeof(batches[0])];
	struct tree_proof proof;
	struct checkpoint c;
	struct log *log;
	struct buf note;
	uint64_t size = 0;

	start();
	log = reopen();
	buf_init(&note, NOTE_MAX);
	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
		CHECK_OK(make_append(log, batches[i], 0, &e));
		size += batches[i];
		CHECK(root_is(log, size, size, 0));
		if (i % 2 == 1) {
			log_free(log);
			log = reopen();
			CHECK(root_is(log, size, size, 0));
		}
		CHECK_OK(log_verify(log, &e));
		buf_clear(&note);
		CHECK_OK(log_note(log, &note, &e));
		CHECK_OK(checkpoint_open(note.data, note.len, ORIGIN, key, &c, &e));
		CHECK(c.size == size && memcmp(c.root, log_checkpoint(log)->root, DIGEST_LEN) == 0);
		for (uint64_t k = 0; k < size; k += 1 + size / 23)
			check_entry(log, k);
		check_entry(log, size - 1);
		CHECK_ERR(log_entry(log, size, &note, &e), ERR_INPUT);

		seen[i].size = size;
		memcpy(seen[i].root, c.root, DIGEST_LEN);
		for (size_t k = 0; k <= i; k++) {
			CHECK_OK(log_consistency(log, seen[k].size, &proof, &e));
			CHECK_OK(
			    tree_check_consistency(seen[k].size, seen[k].root, size, c.root, &proof, &e));
			if (k > 0)
				CHECK_ERR(tree_check_consistency(
					      seen[k].size, seen[k - 1].root, size, c.root, &proof, &e),
				    ERR_FORGED);
		}
	}
	/* Full tiles stand alone; the partial ones of earlier checkpoints stay until theirs is full. */
	CHECK(exists("tile/0/000") && !exists("tile/0/000.p"));
	CHECK(exists("tile/entries/000") && !exists("tile/entries/000.p"));
	CHECK(exists("tile/1/000.p/1") && exists("tile/1/000.p/6"));
	CHECK(!exists("checkpoint.tmp"));
	buf_free(&note);
	log_free(log);
	end();
}

/* Past 65536 entries a full tile of level 1 and a level 2 appear; the cost of an append stays the same. */
static void
test_large(void)
{
	struct tree_proof proof;
	struct log *log;
	uint8_t old_root[DIGEST_LEN];

	start();
	log = reopen();
	CHECK_OK(make_grow(log, 65535, &e));
	memcpy(old_root, log_checkpoint(log)->root, DIGEST_LEN);
	CHECK_OK(make_append(log, 1, 0, &e));
	CHECK(exists("tile/0/255") && exists("tile/1/000") && exists("tile/2/000.p/1"));
	CHECK(!exists("tile/1/000.p") && !exists("tile/0/255.p") && !exists("tile/0/256.p"));
	rename_count = 0;
	CHECK_OK(make_append(log, 1, 0, &e));
	CHECK(rename_count == 3); /* bundle, tile, checkpoint */
	CHECK_OK(make_append(log, 256, 0, &e));
	log_free(log);
	log = reopen();
	CHECK(root_is(log, 65793, 65793, 0));
	CHECK_OK(log_verify(log, &e));
	check_entry(log, 0);
	check_entry(log, 65535);
	check_entry(log, 65536);
	check_entry(log, 65792);
	CHECK_OK(log_consistency(log, 65535, &proof, &e));
	CHECK_OK(tree_check_consistency(65535, old_root, 65793, log_checkpoint(log)->root, &proof, &e));
	log_free(log);
	end();
}

static void
put_file(const char *path, const void *data, size_t len)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || io_write(fd, data, len, path, &e) == -1)
		abort();
	io_close(&fd);
}

/* log_open and log_verify as `stager verify` calls them; what one of them says. */
static enum err_code
verdict(void)
{
	struct log *log;

	e.code = ERR_NONE;
	e.text[0] = '\0';
	if ((log = log_open(dirfd, ORIGIN, key, &e)) != NULL) {
		if (log_verify(log, &e) == 0)
			e.code = ERR_NONE;
		log_free(log);
	}
	return e.code;
}

/* Change one file in every way: each is ERR_FORGED, and names the file (or, for a checkpoint, the step). */
static void
damage(const char *path, size_t step)
{
	const char *name = strncmp(path, "tile/", 5) == 0 ? path : "";
	struct buf file;

	buf_init(&file, 1 << 20);
	CHECK_OK(io_read_file(dirfd, path, &file, &e));
	for (size_t i = 0; i < file.len; i += step) {
		file.data[i] ^= (uint8_t)(1 << i % 8);
		put_file(path, file.data, file.len);
		CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
		file.data[i] ^= (uint8_t)(1 << i % 8);
		put_file(path, file.data, i);
		CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
	}
	CHECK_OK(buf_put_u8(&file, 0, &e));
	put_file(path, file.data, file.len);
	CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
	file.len--;
	CHECK(unlinkat(dirfd, path, 0) == 0);
	if (*name != '\0') {
		CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
		CHECK(mkdirat(dirfd, path, 0700) == 0);
		CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
		CHECK(unlinkat(dirfd, path, AT_REMOVEDIR) == 0);
		CHECK(mkfifoat(dirfd, path, 0600) == 0);
		CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
		CHECK(unlinkat(dirfd, path, 0) == 0);
		CHECK(symlinkat("/dev/null", dirfd, path) == 0);
		CHECK(verdict() == ERR_FORGED && strstr(e.text, name) != NULL);
		CHECK(unlinkat(dirfd, path, 0) == 0);
	}
	put_file(path, file.data, file.len);
	CHECK(verdict() == ERR_NONE);
	buf_free(&file);
}

static void
swap(const char *a, const char *b)
{
	CHECK(syscall(SYS_renameat2, dirfd, a, dirfd, b, 2 /* RENAME_EXCHANGE */) == 0);
}

static void
test_damage(void)
{
	static const struct {
		uint64_t size;
		const char *path;
		size_t step;
	} files[] = {
	    {4, "tile/0/000.p/4", 1},
	    {4, "tile/entries/000.p/4", 1},
	    {4, "checkpoint", 1},
	    {600, "tile/0/000", 97},
	    {600, "tile/0/001", 97},
	    {600, "tile/0/002.p/88", 31},
	    {600, "tile/1/000.p/2", 7},
	    {600, "tile/entries/000", 211},
	    {600, "tile/entries/001", 307},
	    {600, "tile/entries/002.p/88", 97},
	    {600, "checkpoint", 5},
	};
	uint64_t size = 0;
	struct log *log;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].size != size) {
			if (size != 0)
				end();
			start();
			log = reopen();
			size = files[i].size;
			CHECK_OK(make_grow(log, size, &e));
			log_free(log);
			CHECK(verdict() == ERR_NONE);
		}
		damage(files[i].path, files[i].step);
	}
	swap("tile/0/000", "tile/0/001");
	CHECK(verdict() == ERR_FORGED);
	swap("tile/entries/000", "tile/entries/001");
	CHECK(verdict() == ERR_FORGED);
	swap("tile/0/000", "tile/0/001");
	CHECK(verdict() == ERR_FORGED);
	swap("tile/entries/000", "tile/entries/001");
	CHECK(verdict() == ERR_NONE);

	/* A handle that proved the edge must prove each full tile when it meets it. */
	log = reopen();
	put_file("tile/0/000", "x", 1);
	{
		struct tree_proof proof;
		struct buf out;

		buf_init(&out, LOG_ENTRY_MAX);
		CHECK_ERR(log_inclusion(log, 3, &proof, &e), ERR_FORGED);
		CHECK_ERR(log_consistency(log, 3, &proof, &e), ERR_FORGED);
		CHECK_ERR(log_entry(log, 3, &out, &e), ERR_FORGED);
		CHECK_OK(log_entry(log, 300, &out, &e));
		buf_free(&out);
	}
	CHECK_ERR(log_verify(log, &e), ERR_FORGED);
	log_free(log);
	end();
}

/* Reading goes on at the old size while somebody else appends; a second writer is refused. */
static void
test_two(void)
{
	struct log *writer, *reader;

	start();
	writer = reopen();
	CHECK_OK(make_grow(writer, 200, &e));
	reader = reopen();
	CHECK_OK(make_grow(writer, 300, &e));
	CHECK(!exists("tile/0/000.p"));
	CHECK(root_is(reader, 200, 200, 0));
	CHECK_OK(log_verify(reader, &e));
	check_entry(reader, 0);
	check_entry(reader, 199);
	CHECK_ERR(make_append(reader, 1, 0, &e), ERR_REMOTE);
	CHECK_OK(make_append(writer, 1, 0, &e));
	CHECK(verdict() == ERR_NONE);
	log_free(reader);
	log_free(writer);
	end();
}

/* An append that fails at any of its renames: nothing is in the log; the next append has other entries. */
static void
test_failures(void)
{
	static const size_t shapes[][2] = {{0, 1}, {3, 250}, {255, 1}, {255, 2}, {256, 256}, {300, 256}};
	struct log *log;
	unsigned renames;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const uint64_t size = shapes[i][0], batch = shapes[i][1];

		renames = 1;
		for (unsigned at = 1; at <= renames; at++) {
			start();
			log = reopen();
			CHECK_OK(make_grow(log, size, &e));
			rename_count = 0;
			rename_fail_at = at;
			CHECK_ERR(make_append(log, batch, 1000, &e), ERR_SYSTEM);
			rename_fail_at = 0;
			CHECK(root_is(log, size, size, 0));
			CHECK(verdict() == ERR_NONE);
			/* Only where the checkpoint itself was under way is the handle of no more use. */
			rename_count = 0;
			if (make_append(log, batch, 0, &e) == -1) {
				CHECK(e.code == ERR_SYSTEM && at == renames);
				log_free(log);
				log = reopen();
				CHECK(root_is(log, size, size, 0));
				CHECK_OK(make_append(log, batch, 0, &e));
			} else {
				renames = rename_count;
				CHECK(at < renames);
			}
			CHECK(root_is(log, size + batch, size + batch, 0));
			CHECK(verdict() == ERR_NONE);
			log_free(log);
			end();
		}
		CHECK(renames >= 3);
	}
}

/* Killed right before or right after any rename: the log has all of the batch or none of it. */
static void
test_crashes(void)
{
	static const size_t shapes[][2] = {{0, 1}, {200, 20}, {200, 56}, {200, 256}, {256, 256}};
	struct log *log;
	int status;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const uint64_t size = shapes[i][0], batch = shapes[i][1];
		bool died = true, appended = false;

		for (unsigned at = 2; died; at++) {
			pid_t pid;

			start();
			log = reopen();
			CHECK_OK(make_grow(log, size, &e));
			if ((pid = fork()) == -1)
				abort();
			if (pid == 0) {
				rename_count = 0;
				*(at % 2 == 0 ? &rename_die_before : &rename_die_after) = at / 2;
				_exit(make_append(log, batch, 1000, &e) == -1);
			}
			log_free(log);
			CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
			died = WEXITSTATUS(status) == 9;
			CHECK(died || WEXITSTATUS(status) == 0);

			CHECK(verdict() == ERR_NONE);
			log = reopen();
			appended = log_checkpoint(log)->size != size;
			CHECK(root_is(log, size + (appended ? batch : 0), size, 1000));
			/* Over the leftovers, other entries; twice, so that what was partial becomes full. */
			CHECK_OK(make_append(log, 70, appended ? 1000 : 0, &e));
			CHECK_OK(make_append(log, 256, appended ? 1000 : 0, &e));
			CHECK(root_is(log, size + 326 + (appended ? batch : 0), size, appended ? 1000 : 0));
			CHECK(verdict() == ERR_NONE);
			log_free(log);
			end();
			CHECK(appended || died);
		}
		CHECK(appended);
	}
}

/* The files of an append, but the checkpoint of before: as after a power failure that took only the last
 * write. */
static void
test_old_checkpoint(void)
{
	static const uint64_t sizes[] = {1, 100, 255, 256, 511};
	static const size_t batches[] = {1, 155, 156, 256};
	struct log *log;
	struct buf note;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t k = 0; k < sizeof(batches) / sizeof(batches[0]); k++) {
			const uint64_t size = sizes[i];

			start();
			log = reopen();
			buf_init(&note, NOTE_MAX);
			CHECK_OK(make_grow(log, size, &e));
			CHECK_OK(log_note(log, &note, &e));
			CHECK_OK(make_append(log, batches[k], 5000, &e));
			log_free(log);
			put_file("checkpoint", note.data, note.len);
			CHECK(verdict() == ERR_NONE);
			log = reopen();
			CHECK(root_is(log, size, size, 0));
			CHECK_OK(make_append(log, 100, 7, &e));
			CHECK(root_is(log, size + 100, size, 7));
			CHECK(verdict() == ERR_NONE);
			log_free(log);
			buf_free(&note);
			end();
		}
}

int
main(void)
{
	make_key();
	test_empty();
	test_growth();
	test_large();
	test_damage();
	test_two();
	test_failures();
	test_crashes();
	test_old_checkpoint();
	secret_free(seed);
	return check_done();
}
