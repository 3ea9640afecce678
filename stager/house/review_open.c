/* Ranges of a version's own shards, opened inside the house: ciphertext here, keys and plaintext in stager-key and stager-open. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review.h"
#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/ledger.h"

#define SUMS_MAX ((size_t)C4GH_SEGMENTS_MAX * SUM_LEN)

/* The sums of the segments that the range lies in, out of a file that is the one the shard table names. */
static int
range_sums(struct house_review *r, const struct shard_line *line, uint64_t offset, uint64_t len,
    struct json *j, struct err *e)
{
	uint64_t first = offset / C4GH_PLAIN_MAX, last = (offset + len - 1) / C4GH_PLAIN_MAX;
	char name[2 * MANIFEST_NAME_MAX];
	uint8_t digest[DIGEST_LEN];
	struct buf sums;
	int rc = -1;

	buf_init(&sums, SUMS_MAX);
	(void)snprintf(name, sizeof(name), "%s/%s.sums", r->set, line->name);
	if (version_read(r->h, r->v->id, name, &sums, e) == -1)
		goto out;
	digest_bytes(sums.data, sums.len, digest);
	if (sums.len != line->segments * SUM_LEN || !digest_equal(digest, line->sums)) {
		err_set(
		    e, ERR_FORGED, "%s: its sums are not the ones that the shard table names", line->name);
		goto out;
	}
	json_set(j, "sums", json_base64(sums.data + first * SUM_LEN, (size_t)(last - first + 1) * SUM_LEN));
	rc = 0;
out:
	buf_free(&sums);
	return rc;
}

/* The row's body, open. */
static int
row_body(struct house_review *r, const struct shard_line *line, struct err *e)
{
	char path[4 * MANIFEST_NAME_MAX];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "vault/%s/%s/%s.body", r->v->id, r->set, line->name);
	if ((fd = openat(r->h->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return err_sys(e, "%s: open", line->name);
	if (fstat(fd, &st) == -1 || (uint64_t)st.st_size != line->body) {
		err_set(e, ERR_FORGED, "%s: its body is of the wrong length", line->name);
		io_close(&fd);
	}
	return fd;
}

/* stager-key writes the row's data key into the pipe. */
static int
reveal(struct house_review *r, const struct shard_line *line, size_t row, int keys, struct err *e)
{
	struct ledger_query *q = ledger_query(r->h->ledger, e,
	    "SELECT wrapped, name FROM shard WHERE version = ? AND set_name = ? AND row = ?", "ssi", r->v->id,
	    r->set, (int64_t)row);
	char shard[4 * MANIFEST_NAME_MAX], commitment[2 * COMMITMENT_LEN + 1], wrapped[2 * WRAPPED_LEN + 1];
	struct json *j = json_object(), *ok = NULL;
	const void *data;
	size_t len;
	int more = ledger_next(q, e);

	if (more == 1) {
		data = ledger_blob(q, 0, &len);
		if (len == WRAPPED_LEN && strcmp(ledger_text(q, 1), line->name) == 0)
			hex_encode(data, len, wrapped);
		else
			more = 0;
	}
	ledger_end(q);
	if (more == 0)
		err_set(e, ERR_FORGED, "ledger: the key of %s is missing or damaged", line->name);
	if (more == 1) {
		(void)snprintf(shard, sizeof(shard), "%s/%s/%s", r->v->id, r->set, line->name);
		hex_encode(line->commitment, COMMITMENT_LEN, commitment);
		json_set_string(j, "shard", shard);
		json_set_string(j, "commitment", commitment);
		json_set_string(j, "wrapped", wrapped);
		if (wire_send(r->key.control, WIRE_KEY_LEND, j, &keys, 1, e) == -1 ||
		    (ok = wire_expect(r->key.control, WIRE_OK, NULL, 0, e)) == NULL)
			(void)helper_failed(&r->key, e);
	}
	json_free(j);
	json_free(ok);
	return ok == NULL ? -1 : 0;
}

int
review_open_range(
    struct house_review *r, size_t row, uint64_t offset, uint64_t len, bool sample, int *out, struct err *e)
{
	static const char *const argv[] = {"stager-open", NULL};
	const struct shard_line *line = &r->table->shards[row];
	int keys[2] = {-1, -1}, plain[2] = {-1, -1}, body = -1, rc = -1;
	struct json *j = json_object();

	json_set_int(j, "body", (int64_t)line->body);
	json_set_int(j, "offset", (int64_t)offset);
	json_set_int(j, "len", (int64_t)len);
	json_set(j, "sample", json_bool(sample));
	if (len == 0 || offset > line->plain || len > line->plain - offset) {
		err_set(e, ERR_FORGED, "%s: a member lies where none can", line->name);
		goto out;
	}
	if (range_sums(r, line, offset, len, j, e) == -1 || (body = row_body(r, line, e)) == -1)
		goto out;
	if (pipe2(keys, O_CLOEXEC) == -1 || pipe2(plain, O_CLOEXEC) == -1) {
		err_sys(e, "pipe");
		goto out;
	}
	if (r->open.control == -1 && helper_start(&r->open, argv, NULL, 0, e) == -1)
		goto out;
	if (wire_send(r->open.control, WIRE_SEALED, j, (const int[]){body, keys[0], plain[1]}, 3, e) == -1) {
		(void)helper_failed(&r->open, e);
		goto out;
	}
	/* Its ends are its own now: where it dies, nobody waits for a pipe that we hold open. */
	io_close(&keys[0]);
	io_close(&plain[1]);
	if (reveal(r, line, row, keys[1], e) == -1)
		goto out;
	*out = plain[0];
	plain[0] = -1;
	rc = 0;
out:
	json_free(j);
	io_close(&body);
	for (size_t i = 0; i < 2; i++) {
		io_close(&keys[i]);
		io_close(&plain[i]);
	}
	return rc;
}

int
review_opened(struct house_review *r, struct err *e)
{
	struct json *done = wire_expect(r->open.control, WIRE_DONE, NULL, 0, e);

	if (done == NULL)
		return helper_failed(&r->open, e);
	json_free(done);
	return 0;
}
