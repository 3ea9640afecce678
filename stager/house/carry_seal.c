/* A new version's files out of another's: bodies that are shared, bodies and an index that are sealed anew out of a stream. */
#include "carry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"

#define TABLE_MAX (64u << 20)
#define COPY_STEP (8u << 20)

/* The same file in the new version: another name for it, so that either can go without the other. */
static int
link_file(struct making *m, const char *from, const char *to, const char *end, struct err *e)
{
	char old[4 * MANIFEST_NAME_MAX], name[48];
	struct stat st;
	int in = -1, out = -1, rc = -1;
	off_t copied = 0;
	ssize_t n;

	(void)snprintf(old, sizeof(old), "vault/%s/%s/%s.%s", m->c->base->id, m->set->name, from, end);
	(void)snprintf(name, sizeof(name), "%s.%s", to, end);
	if (linkat(m->c->h->folder, old, m->folder, name, 0) == 0)
		return 0;
	if (errno == ENOENT)
		return err_set(e, ERR_FORGED, "%s: missing", old);
	/* Too many names for one file, or a file system without them: a copy does as well. */
	if (errno != EMLINK && errno != EPERM && errno != EXDEV && errno != EOPNOTSUPP)
		return err_sys(e, "%s: link", old);
	if ((in = openat(m->c->h->folder, old, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1 ||
	    fstat(in, &st) == -1 ||
	    (out = openat(m->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1) {
		err_sys(e, "%s: copy", old);
		goto out;
	}
	while ((n = copy_file_range(in, NULL, out, NULL, COPY_STEP, 0)) > 0)
		copied += n;
	/* Some file systems say 0 where they cannot copy at all. */
	if (n == -1 || fsync(out) == -1)
		err_sys(e, "%s: copy", old);
	else if (copied != st.st_size)
		err_set(e, ERR_SYSTEM, "%s: copied in part", old);
	else
		rc = 0;
out:
	io_close(&in);
	io_close(&out);
	return rc;
}

/* Its key, wrapped for its new name. */
static int
rewrap(struct making *m, size_t i, struct new_row *row, struct err *e)
{
	const struct carry *c = m->c;
	char from[4 * MANIFEST_NAME_MAX], to[4 * MANIFEST_NAME_MAX];
	struct json *j = json_object(), *got;
	int rc;

	(void)snprintf(
	    from, sizeof(from), "%s/%s/%s", c->base->id, m->set->name, m->set->table->shards[i].name);
	(void)snprintf(to, sizeof(to), "%s/%s/%s", c->id, m->set->name, row->line.name);
	json_set_string(j, "from", from);
	json_set_string(j, "to", to);
	json_set_hex(j, "commitment", row->line.commitment, COMMITMENT_LEN);
	json_set_hex(j, "wrapped", m->set->shards[i].wrapped, WRAPPED_LEN);
	if ((got = helper_ask(&m->c->key, WIRE_KEY_REWRAP, j, WIRE_KEY_WRAPPED, e)) == NULL)
		return -1;
	rc = json_need_hex(got, "wrapped", row->wrapped, WRAPPED_LEN, "stager-key", e);
	json_free(got);
	return rc;
}

int
carry_link(struct making *m, size_t i, const char *name, struct err *e)
{
	struct new_row *row = &m->set->rows[m->set->row_count];
	const char *from = m->set->table->shards[i].name;

	row->line = m->set->table->shards[i];
	(void)snprintf(row->line.name, sizeof(row->line.name), "%s", name);
	if (link_file(m, from, name, "body", e) == -1 || link_file(m, from, name, "sums", e) == -1 ||
	    rewrap(m, i, row, e) == -1)
		return -1;
	m->set->row_count++;
	return 0;
}

int
carry_lines(struct making *m, uint64_t shard, uint64_t as, const struct shard_line *line, struct err *e)
{
	struct json *j = json_object(), *got;
	int64_t members;
	int rc;

	json_set_int(j, "shard", (int64_t)shard);
	json_set_int(j, "as", (int64_t)as);
	if ((got = helper_ask(&m->c->sift, WIRE_SIFT_KEEP, j, WIRE_SIFTED, e)) == NULL)
		return -1;
	rc = json_need_int(got, "members", 0, JSON_INT_MAX, "stager-sift", &members, e);
	json_free(got);
	if (rc == 0 && (uint64_t)members != line->members)
		rc = err_set(
		    e, ERR_FORGED, "index: %s has another number of members than its table says", line->name);
	return rc;
}

int
carry_keep(struct making *m, size_t i, struct err *e)
{
	const struct shard_line *line = &m->set->table->shards[i];
	char name[16];

	(void)snprintf(name, sizeof(name), "shard-%05u", (unsigned)m->next);
	if (carry_link(m, i, name, e) == -1 || carry_lines(m, i, m->next, line, e) == -1)
		return -1;
	m->set->members += line->members;
	m->set->bytes += line->plain;
	m->next++;
	return 0;
}

int
carry_seal_begin(
    struct making *m, struct helper *seal, const char *name, int files[2], int *plain, struct err *e)
{
	static const char *const argv[] = {"stager-seal", "stream", NULL};
	int data[2] = {-1, -1}, rc = -1;
	struct json *j;
	char path[32];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s.%s", name, i == 0 ? "body" : "sums");
		if ((files[i] = openat(m->folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) ==
		    -1) {
			err_sys(e, "%s: create", path);
			goto out;
		}
	}
	if (pipeline_pipe(data, e) == -1 ||
	    (seal->control == -1 && helper_start(seal, argv, NULL, 0, e) == -1))
		goto out;
	j = json_object();
	json_set_string(j, "name", name);
	json_set_hex(j, "vault", m->c->h->card.vault, X25519_LEN);
	rc = wire_send(seal->control, WIRE_SEAL_STREAM, j, (const int[]){data[0], files[0], files[1]}, 3, e);
	json_free(j);
	if (rc == -1) {
		(void)helper_failed(seal, e);
		goto out;
	}
	*plain = data[1];
	data[1] = -1;
out:
	io_close(&data[0]);
	io_close(&data[1]);
	return rc;
}

static int
check_file(int fd, uint64_t len, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || fsync(fd) == -1)
		return err_sys(e, "%s: sync", name);
	if ((uint64_t)st.st_size != len)
		return err_set(e, ERR_FORGED, "stager-seal: %s is not as long as it says", name);
	return 0;
}

/* The new key, taken in under the new name. */
static int
take_in(struct making *m, const struct json *done, struct new_row *row, struct err *e)
{
	const struct json *header = json_need(done, "header", JSON_STRING, "stager-seal", e);
	char path[4 * MANIFEST_NAME_MAX];
	struct json *j, *got;
	int rc;

	if (header == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%s/%s", m->c->id, m->set->name, row->line.name);
	j = json_object();
	json_set_string(j, "shard", path);
	json_set_hex(j, "commitment", row->line.commitment, COMMITMENT_LEN);
	json_set(j, "header", json_copy(header));
	if ((got = helper_ask(&m->c->key, WIRE_KEY_INTAKE, j, WIRE_KEY_WRAPPED, e)) == NULL)
		return -1;
	rc = json_need_hex(got, "wrapped", row->wrapped, WRAPPED_LEN, "stager-key", e);
	json_free(got);
	return rc;
}

int
carry_seal_end(struct making *m, struct helper *seal, const char *name, int files[2], int64_t bytes,
    int64_t members, struct new_row *row, struct err *e)
{
	struct json *j = json_object(), *done = NULL;
	char path[32];
	int rc = -1;

	json_set_int(j, "bytes", bytes);
	json_set_int(j, "members", members);
	if ((done = helper_ask(seal, WIRE_END, j, bytes == 0 ? WIRE_OK : WIRE_SHARD_DONE, e)) == NULL)
		goto out;
	if (bytes == 0) {
		for (size_t i = 0; i < 2; i++) {
			(void)snprintf(path, sizeof(path), "%s.%s", name, i == 0 ? "body" : "sums");
			if (unlinkat(m->folder, path, 0) == -1) {
				err_sys(e, "%s: remove", path);
				goto out;
			}
		}
		rc = 0;
		goto out;
	}
	if (table_decode_line(done, true, &row->line, e) == -1)
		goto out;
	if (strcmp(row->line.name, name) != 0 || row->line.plain != (uint64_t)bytes ||
	    row->line.members != (uint64_t)members) {
		err_set(e, ERR_FORGED, "stager-seal: it sealed something else than it was given");
		goto out;
	}
	if (check_file(files[0], row->line.body, name, e) == -1 ||
	    check_file(files[1], row->line.segments * SUM_LEN, name, e) == -1 ||
	    take_in(m, done, row, e) == -1)
		goto out;
	rc = 1;
out:
	json_free(done);
	return rc;
}

int
carry_index_begin(struct making *m, int files[2], struct err *e)
{
	const size_t index = m->set->table->count - 1;
	int pipes[2] = {-1, -1}, rc = -1;
	struct json *j = NULL;

	if (carry_seal_begin(m, &m->c->seal_index, "index", files, &pipes[1], e) == -1 ||
	    carry_open(m->c, &m->c->open_index, m->set, index, &pipes[0], e) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "plain", (int64_t)m->set->table->shards[index].plain);
	rc = wire_send(m->c->sift.control, WIRE_SIFT_BEGIN, j, pipes, 2, e);
	if (rc == -1)
		(void)helper_failed(&m->c->sift, e);
out:
	json_free(j);
	io_close(&pipes[0]);
	io_close(&pipes[1]);
	return rc;
}

int
carry_index_end(struct making *m, const struct shard_line *last, int files[2], struct err *e)
{
	struct json *got = helper_ask(&m->c->sift, WIRE_SIFT_END, json_object(), WIRE_SIFTED, e);
	int64_t bytes, members;
	int rc = -1;

	if (got == NULL || json_need_int(got, "bytes", 0, JSON_INT_MAX, "stager-sift", &bytes, e) == -1 ||
	    json_need_int(got, "members", 0, JSON_INT_MAX, "stager-sift", &members, e) == -1 ||
	    carry_opened(&m->c->open_index, last, e) == -1)
		goto out;
	if ((uint64_t)members != m->set->members) {
		err_set(
		    e, ERR_FORGED, "stager-sift: its index has another number of members than its shards");
		goto out;
	}
	rc = carry_seal_end(
	    m, &m->c->seal_index, "index", files, bytes, members, &m->set->rows[m->set->row_count], e);
	if (rc == 1) {
		m->set->row_count++;
		rc = 0;
	}
out:
	json_free(got);
	return rc;
}

int
carry_table(struct making *m, struct err *e)
{
	struct shard_table *again;
	struct buf text;
	int rc = -1;

	buf_init(&text, TABLE_MAX);
	for (size_t i = 0; i < m->set->row_count; i++)
		if (table_encode_line(&m->set->rows[i].line, &text, e) == -1)
			goto out;
	if (text.len > 0) {
		if ((again = table_decode(text.data, text.len, e)) == NULL)
			goto out;
		table_free(again);
		if (io_replace_file(m->folder, "shards.jsonl", text.data, text.len, 0600, e) == -1)
			goto out;
	}
	if (fsync(m->folder) == -1)
		err_sys(e, "staging: sync");
	else
		rc = 0;
out:
	buf_free(&text);
	return rc;
}
