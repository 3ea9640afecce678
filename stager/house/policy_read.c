/* A policy from its files: the YAML and what stands beside it, given to stager-scrub, which resolves it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "children.h"
#include "stager/house.h"
#include "stager/io.h"
#include "stager/json.h"

#define YAML_MAX (1u << 20)
#define BESIDE_COUNT_MAX 32
#define BESIDE_BYTES_MAX (6u << 20)

/* A name that the confined program asks for: one part, no dot in front, and one of the two ends. */
static bool
name_ok(const char *name)
{
	size_t len = strlen(name);

	if (len < 5 || len > 100 || *name == '.' || strchr(name, '/') != NULL)
		return false;
	return strcmp(name + len - 4, ".csv") == 0 || strcmp(name + len - 4, ".txt") == 0;
}

/* The folder that the policy's file stands in. */
static int
folder_open(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL   ? strdup(".")
		       : slash == path ? strdup("/")
				       : strndup(path, (size_t)(slash - path));
	int fd;

	if (folder == NULL)
		return err_sys(e, "policy %s", path);
	if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		err_sys(e, "policy %s: its folder", path);
	free(folder);
	return fd;
}

/* One file of the folder, a regular one, as base64. NULL with e set. */
static struct json *
beside_read(int folder, const char *path, const char *name, size_t *left, struct err *e)
{
	/* O_NONBLOCK: opening a pipe must not wait. */
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	struct json *j = NULL;
	struct stat st;
	struct buf bytes;
	int fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof(how));

	buf_init(&bytes, BESIDE_BYTES_MAX + 1);
	if (fd == -1 && (errno == ENOENT || errno == ELOOP)) {
		err_set(
		    e, ERR_INPUT, "policy %s: there is no file %s beside it (a link is none)", path, name);
		goto out;
	}
	if (fd == -1 || fstat(fd, &st) == -1) {
		err_sys(e, "policy %s: %s beside it", path, name);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)*left) {
		err_set(e, ERR_INPUT, "policy %s: %s beside it is %s", path, name,
		    S_ISREG(st.st_mode) ? "too large, or they all are together (6 MiB)" : "no file");
		goto out;
	}
	if (io_read_all(fd, &bytes, name, e) == -1)
		goto out;
	if (bytes.len > *left) {
		err_set(e, ERR_INPUT, "policy %s: %s beside it grows", path, name);
		goto out;
	}
	*left -= bytes.len;
	j = json_base64(bytes.data, bytes.len);
out:
	io_close(&fd);
	buf_free(&bytes);
	return j;
}

/* The files that are wanted: {"files": [base64, in their order]}. NULL with e set. */
static struct json *
beside(const char *path, const struct json *wanted, struct err *e)
{
	const struct json *names = json_need(wanted, "files", JSON_ARRAY, "control message", e);
	struct json *j = json_object(), *files = json_array(), *one;
	size_t left = BESIDE_BYTES_MAX;
	int folder = -1;

	json_set(j, "files", files);
	if (names == NULL)
		goto fail;
	if (names->count > 0 && (folder = folder_open(path, e)) == -1)
		goto fail;
	for (size_t i = 0; i < names->count; i++) {
		const struct json *name = names->items[i];

		if (i == BESIDE_COUNT_MAX || name->type != JSON_STRING || !name_ok(name->string)) {
			err_set(e, ERR_INPUT, "policy %s: files are asked for that none may", path);
			goto fail;
		}
		if ((one = beside_read(folder, path, name->string, &left, e)) == NULL)
			goto fail;
		json_push(files, one);
	}
	io_close(&folder);
	return j;
fail:
	io_close(&folder);
	json_free(j);
	return NULL;
}

int
house_policy(const char *path, struct buf *resolved, struct err *e)
{
	static const char *const argv[] = {"stager-scrub", "policy", NULL};
	struct helper scrub = HELPER_NONE;
	struct json *j = NULL, *wanted = NULL, *got = NULL;
	struct buf yaml;
	int rc = -1, fd;

	buf_init(&yaml, YAML_MAX);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return err_sys(e, "policy %s: open", path);
	if (io_read_all(fd, &yaml, "policy", e) == -1)
		goto out;
	if (helper_start(&scrub, argv, NULL, 0, e) == -1)
		goto out;
	j = json_object();
	json_set(j, "yaml", json_base64(yaml.data, yaml.len));
	if ((wanted = helper_ask(&scrub, WIRE_SOURCE, j, WIRE_WANTED, e)) == NULL) {
		err_context(e, "policy %s", path);
		goto out;
	}
	if ((j = beside(path, wanted, e)) == NULL)
		goto out;
	got = helper_ask(&scrub, WIRE_BESIDE, j, WIRE_POLICY, e);
	if (got != NULL && helper_end(&scrub, e) == 0)
		rc = json_encode(got, resolved, e);
	else
		err_context(e, "policy %s", path);
out:
	json_free(wanted);
	json_free(got);
	helper_kill(&scrub);
	io_close(&fd);
	buf_free(&yaml);
	return rc;
}
