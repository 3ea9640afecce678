/* stager-node fetch: sealed objects of a version into a folder near by. It holds no key, and has no socket. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "stager/c4gh.h"
#include "stager/carrier.h"
#include "stager/fetch.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/progress.h"
#include "stager/sandbox.h"

/* The version's folder below --to, made where it is missing, and ours alone while we are at it. */
static int
open_to(const char *path, const char *version_id, struct err *e)
{
	int to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder = -1, rc = -1;

	if (to == -1 && errno == ENOENT && (mkdir(path, 0700) == 0 || errno == EEXIST))
		to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to == -1)
		return err_sys(e, "%s: open", path);
	if (io_make_dirs(to, version_id, e) == -1)
		goto out;
	if ((folder = openat(to, version_id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1) {
		err_sys(e, "%s/%s: open", path, version_id);
		goto out;
	}
	/* Where a file system knows no locks (some Lustre mounts): two fetches at once do each other's work twice. */
	if (flock(folder, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK) {
		err_set(e, ERR_REMOTE, "%s/%s: another fetch is at work there", path, version_id);
		goto out;
	}
	rc = folder;
	folder = -1;
out:
	io_close(&folder);
	io_close(&to);
	return rc;
}

static int
say_words(const struct node_options *o, const char *version_id, const struct fetch_result *r, struct err *e)
{
	char line[MANIFEST_NAME_MAX + PATH_MAX + 256];
	int len = snprintf(line, sizeof(line),
	    "%s: set %s, %llu bodies, %.1f MB in %s; fetched now: %.1f MB\n", version_id, r->set,
	    (unsigned long long)r->shards, (double)r->bytes / 1e6, o->to, (double)r->fetched / 1e6);

	return len < 0 || (size_t)len >= sizeof(line)
		   ? err_set(e, ERR_SYSTEM, "standard output: a line that is too long")
		   : io_write(1, line, (size_t)len, "standard output", e);
}

static int
say_result(const struct node_options *o, const char *version_id, const struct fetch_result *r, struct err *e)
{
	struct json *j = json_object();
	struct buf line;
	int rc = -1;

	buf_init(&line, 4096);
	json_set_string(j, "version", version_id);
	json_set_string(j, "set", r->set);
	json_set_int(j, "shards", (int64_t)r->shards);
	json_set_int(j, "bytes", (int64_t)r->bytes);
	json_set_int(j, "fetched", (int64_t)r->fetched);
	json_set_int(j, "repaired", (int64_t)r->repaired);
	if (!o->json)
		rc = say_words(o, version_id, r, e);
	else if (json_encode(j, &line, e) == 0 && buf_put_u8(&line, '\n', e) == 0)
		rc = io_write(1, line.data, line.len, "standard output", e);
	json_free(j);
	buf_free(&line);
	return rc;
}

/* Two words for one thing: of the request, or by itself. */
static int
choose_version(const struct node_options *o, struct request *request, struct fetch *f, struct err *e)
{
	if (o->request != NULL) {
		if (node_read_request(o->request, request, e) == -1)
			return -1;
		if (o->version != NULL && strcmp(o->version, request->version_id) != 0)
			return err_set(e, ERR_USAGE, "--version: the request is for another one");
		f->version_id = request->version_id;
		f->statement = request->manifest;
		f->set = o->set != NULL ? o->set : request->set;
		return 0;
	}
	if (o->version == NULL)
		return err_set(e, ERR_USAGE, "fetch: --version or --request is wanted (see --help)");
	/* It becomes a folder's name. */
	if (strlen(o->version) != MANIFEST_ID_LEN ||
	    strspn(o->version, "abcdefghijklmnopqrstuvwxyz234567") != MANIFEST_ID_LEN)
		return err_set(
		    e, ERR_USAGE, "--version: a version's id is wanted, as `stager list` shows it");
	f->version_id = o->version;
	f->set = o->set;
	return 0;
}

int
node_fetch_main(const struct node_options *o, int argc, char **argv, struct err *e)
{
	struct sandbox box = {.allow = SANDBOX_FOREIGN | SANDBOX_THREADS | SANDBOX_FOLDER_WRITE |
				       SANDBOX_PASS_FD | SANDBOX_WAIT,
	    .memory = UINT64_C(768) << 20};
	struct progress progress;
	struct fetch f = {.rows = o->rows,
	    .row_count = o->row_count,
	    .progress = progress_show,
	    .ctx = &progress,
	    .folder = -1};
	struct node_source source = {.folder = -1};
	struct fetch_result result;
	struct house_card card;
	struct request request;
	struct sums *warm = NULL;
	int rc = -1;

	if (choose_version(o, &request, &f, e) == -1 || node_read_card(o->pin, &card, e) == -1 ||
	    (f.folder = open_to(o->to, f.version_id, e)) == -1 ||
	    node_source_open(o, f.version_id, NULL, false, &source, e) == -1)
		goto out;
	f.card = &card;
	f.store = source.store;
	progress_start(&progress);
	/* OpenSSL finds its algorithms while files can still be opened. */
	if ((warm = sums_new(e)) == NULL)
		goto out;
	box.folder = f.folder;
	if (sandbox_enter(&box, NULL, e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	rc = node_fetch(&f, &result, e);
	progress_end(&progress);
	if (rc == 0)
		rc = say_result(o, f.version_id, &result, e);
out:
	sums_free(warm);
	node_source_close(&source);
	io_close(&f.folder);
	return rc;
}
