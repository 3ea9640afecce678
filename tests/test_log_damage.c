/* The log on disk: damage of every byte, and appends that fail or die at every rename. */
#include "log_disk.h"

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
	test_damage();
	test_failures();
	test_crashes();
	test_old_checkpoint();
	secret_free(seed);
	return check_done();
}
