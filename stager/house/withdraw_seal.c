/* The new version's shards: those that hold nothing of theirs as they are, the others opened, sifted and sealed anew; and its index. */
#include "withdraw.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/json.h"

/* A shard that holds something of theirs, without it. */
static int
sift_shard(struct withdrawal *w, struct making *m, size_t i, struct err *e)
{
	const struct shard_line *line = &m->set->table->shards[i];
	int files[2] = {-1, -1}, pipes[2] = {-1, -1}, rc = -1;
	int64_t bytes, members, dropped, records;
	struct json *j, *got = NULL;
	char name[16];

	(void)snprintf(name, sizeof(name), "shard-%05llu", (unsigned long long)m->next);
	if (carry_seal_begin(m, &w->carry.seal, name, files, &pipes[1], e) == -1 ||
	    carry_open(&w->carry, &w->carry.open, m->set, i, &pipes[0], e) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "shard", (int64_t)i);
	json_set_int(j, "as", (int64_t)m->next);
	json_set_int(j, "plain", (int64_t)line->plain);
	json_set_int(j, "members", (int64_t)line->members);
	json_set_int(j, "wide", w->wide);
	if (wire_send(w->carry.sift.control, WIRE_SIFT_SHARD, j, pipes, 2, e) == -1) {
		json_free(j);
		(void)helper_failed(&w->carry.sift, e);
		goto out;
	}
	json_free(j);
	/* Its ends are its own now. */
	io_close(&pipes[0]);
	io_close(&pipes[1]);
	if ((got = wire_expect(w->carry.sift.control, WIRE_SIFTED, NULL, 0, e)) == NULL) {
		(void)helper_failed(&w->carry.sift, e);
		goto out;
	}
	if (carry_opened(&w->carry.open, line, e) == -1 ||
	    json_need_int(got, "bytes", 0, JSON_INT_MAX, "stager-sift", &bytes, e) == -1 ||
	    json_need_int(got, "members", 0, JSON_INT_MAX, "stager-sift", &members, e) == -1 ||
	    json_need_int(got, "dropped", 0, JSON_INT_MAX, "stager-sift", &dropped, e) == -1 ||
	    json_need_int(got, "records", 0, JSON_INT_MAX, "stager-sift", &records, e) == -1)
		goto out;
	if ((uint64_t)members + (uint64_t)dropped != line->members) {
		err_set(e, ERR_FORGED, "stager-sift: members were lost");
		goto out;
	}
	rc = carry_seal_end(
	    m, &w->carry.seal, name, files, bytes, members, &m->set->rows[m->set->row_count], e);
	if (rc == -1)
		goto out;
	w->members += (uint64_t)dropped;
	w->records += (uint64_t)records;
	w->bytes += line->plain;
	if (w->ask->progress != NULL)
		w->ask->progress(w->ask->ctx, w->bytes, w->total);
	if (rc == 1) {
		m->set->members += (uint64_t)members;
		m->set->bytes += m->set->rows[m->set->row_count++].line.plain;
		m->next++;
	}
	rc = 0;
out:
	json_free(got);
	for (size_t k = 0; k < 2; k++) {
		io_close(&pipes[k]);
		io_close(&files[k]);
	}
	return rc;
}

static int
make_set(struct withdrawal *w, struct old_set *set, struct err *e)
{
	struct making m = {.c = &w->carry, .set = set, .folder = -1};
	int files[2] = {-1, -1}, rc = -1;
	char path[4 * MANIFEST_NAME_MAX];

	(void)snprintf(path, sizeof(path), "staging/%s/%s", w->id, set->name);
	if (io_make_dirs(w->h->folder, path, e) == -1)
		return -1;
	if ((m.folder = openat(w->h->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(e, "staging: open");
	if ((set->rows = calloc(set->table->count, sizeof(*set->rows))) == NULL) {
		err_set(e, ERR_SYSTEM, "withdraw: out of memory");
		goto out;
	}
	if (carry_index_begin(&m, files, e) == -1)
		goto out;
	for (size_t i = 0; i + 1 < set->table->count; i++)
		if ((set->shards[i].touched ? sift_shard(w, &m, i, e) : carry_keep(&m, i, e)) == -1)
			goto out;
	if (carry_index_end(&m, &set->table->shards[set->table->count - 1], files, e) == 0)
		rc = carry_table(&m, e);
out:
	io_close(&files[0]);
	io_close(&files[1]);
	io_close(&m.folder);
	return rc;
}

int
withdraw_seal(struct withdrawal *w, struct err *e)
{
	(void)snprintf(w->carry.id, sizeof(w->carry.id), "%s", w->id);
	w->bytes = w->total = 0;
	for (size_t i = 0; i < w->carry.set_count; i++)
		for (size_t k = 0; k + 1 < w->carry.sets[i].table->count; k++)
			if (w->carry.sets[i].shards[k].touched)
				w->total += w->carry.sets[i].table->shards[k].plain;
	for (size_t i = 0; i < w->carry.set_count; i++)
		if (make_set(w, &w->carry.sets[i], e) == -1)
			return carry_failed(&w->carry, e);
	return carry_end(&w->carry, e);
}
