/* A log in a folder of its own, beside the plain recomputation of its root; its renames can be made to fail. */
#ifndef TESTS_LOG_DISK_H
#define TESTS_LOG_DISK_H

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

static inline void
start(void)
{
	dirfd = make_folder(folder);
}

static inline void
end(void)
{
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
	io_close(&dirfd);
}

static inline struct log *
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
static inline void
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

static inline bool
root_is(const struct log *log, uint64_t size, uint64_t shift_from, uint64_t shift)
{
	uint8_t root[DIGEST_LEN];

	naive_root(0, size, shift_from, shift, root);
	return log_checkpoint(log)->size == size && memcmp(root, log_checkpoint(log)->root, DIGEST_LEN) == 0;
}

static inline bool
exists(const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline void
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

static inline void
put_file(const char *path, const void *data, size_t len)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || io_write(fd, data, len, path, &e) == -1)
		abort();
	io_close(&fd);
}

/* log_open and log_verify as `stager verify` calls them; what one of them says. */
static inline enum err_code
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

#endif
