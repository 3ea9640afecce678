/* Serving stager-seal: files for its shards, syncing them, and taking their keys in. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/ledger.h"

/* stager-seal wants two files for its next shard. */
static int
shard_open(struct run *r, struct json *j, struct err *e)
{
	const char *name = json_need_string(j, "name", "stager-seal", e);
	bool index = name != NULL && strcmp(name, "index") == 0;
	int *body = index ? &r->index_body : &r->body, *sums = index ? &r->index_sums : &r->sums;
	char expected[32], path[48];
	struct json *reply;
	int rc;

	if (name == NULL)
		return -1;
	(void)snprintf(expected, sizeof(expected), "shard-%05llu", (unsigned long long)r->p->shards);
	if ((!index && strcmp(name, expected) != 0) || *body != -1 || r->indexed)
		return err_set(e, ERR_INPUT, "stager-seal: asks for the wrong shard");
	(void)snprintf(path, sizeof(path), "%s.body", name);
	if ((*body = openat(r->p->staging, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1)
		return err_sys(e, "%s: create", path);
	(void)snprintf(path, sizeof(path), "%s.sums", name);
	if ((*sums = openat(r->p->staging, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1)
		return err_sys(e, "%s: create", path);
	reply = json_object();
	rc = wire_send(r->seal.control, WIRE_SHARD_FILES, reply, (const int[]){*body, *sums}, 2, e);
	json_free(reply);
	return rc;
}

/* The data key goes from seal to stager-key as it is, wrapped for the vault; what comes back is for the
 * ledger. */
static int
shard_intake(struct run *r, const struct shard_line *line, const struct json *header,
    uint8_t wrapped[static WRAPPED_LEN], struct err *e)
{
	char path[2 * MANIFEST_NAME_MAX + 64], commitment[2 * COMMITMENT_LEN + 1];
	struct json *j = json_object(), *got;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", r->p->version_id, r->p->set, line->name);
	hex_encode(line->commitment, sizeof(line->commitment), commitment);
	json_set_string(j, "shard", path);
	json_set_string(j, "commitment", commitment);
	json_set(j, "header", json_copy(header));
	if ((got = helper_ask(&r->key_open, WIRE_KEY_INTAKE, j, WIRE_KEY_WRAPPED, e)) == NULL)
		return -1;
	rc = json_need_hex(got, "wrapped", wrapped, WRAPPED_LEN, "stager-key", e);
	json_free(got);
	return rc;
}

/* A shard's files have the lengths that its line says. */
static int
check_length(int fd, uint64_t len, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(e, "%s: stat", name);
	if ((uint64_t)st.st_size != len)
		return err_set(e, ERR_FORGED, "stager-seal: %s is not as long as it says", name);
	return 0;
}

/* A shard is whole: sync it, take its key in, and write its row. */
static int
shard_done(struct run *r, struct json *j, struct err *e)
{
	const struct json *header = json_need(j, "header", JSON_STRING, "stager-seal", e);
	struct shard_line line;
	struct pipeline *p = r->p;
	uint8_t wrapped[WRAPPED_LEN];
	struct json *ok;
	int *body, *sums, rc;
	size_t before = p->table.len;
	bool index;

	if (header == NULL || table_decode_line(j, true, &line, e) == -1)
		return -1;
	index = strcmp(line.name, "index") == 0;
	body = index ? &r->index_body : &r->body;
	sums = index ? &r->index_sums : &r->sums;
	if (*body == -1)
		return err_set(e, ERR_INPUT, "stager-seal: finished a shard that it never began");
	if (check_length(*body, line.body, line.name, e) == -1 ||
	    check_length(*sums, line.segments * SUM_LEN, line.name, e) == -1)
		return -1;
	if (fsync(*body) == -1 || fsync(*sums) == -1)
		return err_sys(e, "%s: sync", line.name);
	io_close(body);
	io_close(sums);
	if (shard_intake(r, &line, header, wrapped, e) == -1 || table_encode_line(&line, &p->table, e) == -1)
		return -1;
	if (ledger_run(p->house->ledger, e, "INSERT INTO shard VALUES (?, ?, ?, ?, ?, ?)", "ssisbb",
		p->version_id, p->set, (int64_t)p->shards, line.name, p->table.data + before,
		p->table.len - before, wrapped, sizeof(wrapped)) == -1)
		return -1;
	r->indexed = index;
	if (!index) {
		p->shards++;
		p->members += line.members;
		p->bytes += line.plain;
	}
	ok = json_object();
	rc = wire_send(r->seal.control, WIRE_OK, ok, NULL, 0, e);
	json_free(ok);
	return rc;
}

int
pipeline_serve_seal(struct run *r, struct err *e)
{
	struct wire_message m;
	struct json *j = NULL;
	int64_t entries;
	int rc = -1, got;

	wire_message_init(&m);
	if ((got = wire_receive(r->seal.control, &m, e)) != 1) {
		if (got == 0)
			err_set(e, ERR_SYSTEM, "stager-seal: went away");
		goto out;
	}
	if ((j = json_parse(m.payload.data, m.payload.len, "stager-seal", e)) == NULL)
		goto out;
	if (m.type == WIRE_SHARD_OPEN) {
		rc = shard_open(r, j, e);
	} else if (m.type == WIRE_SHARD_DONE) {
		rc = shard_done(r, j, e);
	} else if (m.type == WIRE_DONE) {
		if (json_need_int(j, "entries", 0, JSON_INT_MAX, "stager-seal", &entries, e) == -1)
			goto out;
		/* Not before it was told that there is no more, and not without the table's last row. */
		if (r->entries != -1 || r->indexed != (r->p->shards > 0)) {
			err_set(e, ERR_INPUT, "stager-seal: done before all was sealed");
			goto out;
		}
		if ((uint64_t)entries != r->total_entries || r->body != -1 || r->index_body != -1) {
			err_set(e, ERR_FORGED,
			    "stager-seal: it sealed another number of members than it was given");
			goto out;
		}
		r->seal_done = true;
		rc = helper_end(&r->seal, e);
	} else {
		err_set(e, ERR_INPUT, "stager-seal: message of type %d was not due", (int)m.type);
	}
out:
	json_free(j);
	wire_message_free(&m);
	return rc;
}
