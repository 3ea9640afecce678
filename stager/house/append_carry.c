/* The shards of the version that a push adds to, in front of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "append.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

/* What the pipeline made of the new members stands here until it is one with the other. */
#define PART "index-new"

static struct pipeline_set *
set_of(struct push_job *job, const char *name)
{
	for (size_t i = 0; i < job->set_count; i++)
		if (strcmp(job->sets[i].name, name) == 0)
			return &job->sets[i];
	return NULL;
}

/* The log knows for which version the other is opened. */
static int
start(struct carry *c, struct err *e)
{
	struct json *entry = json_object();

	json_set_string(entry, "successor", c->id);
	return carry_start(c, "append-begin", entry, e);
}

int
append_numbers(struct push_job *job, const char *id, struct err *e)
{
	struct carry *c = &job->append->carry;
	struct pipeline_set *set;

	(void)snprintf(c->id, sizeof(c->id), "%s", id);
	if (carry_load(c, e) == -1)
		return -1;
	if (c->set_count == 0)
		return 0;
	if (start(c, e) == -1)
		return carry_failed(c, e);
	for (size_t i = 0; i < c->set_count; i++) {
		if ((set = set_of(job, c->sets[i].name)) == NULL)
			return err_set(e, ERR_FORGED, "ledger: version %s has a set that its policy has not",
			    c->base->id);
		set->first = c->sets[i].table->count - 1;
		if (carry_read_index(c, &c->sets[i], false, &set->samples, e) == -1)
			return carry_failed(c, e);
	}
	/* Until they are wanted again no program with a key waits. */
	return carry_end(c, e);
}

/* The pipeline's own index of the new members: its line, and its key. */
static int
part_row(struct making *m, const struct pipeline_set *set, struct new_row *row, struct err *e)
{
	struct ledger_query *q = ledger_query(m->c->h->ledger, e,
	    "SELECT line, wrapped FROM shard WHERE version = ? AND set_name = ? AND row = ?", "ssi", m->c->id,
	    set->name, (int64_t)(set->first + set->shards));
	int more = ledger_next(q, e), rc = -1;
	struct json *j = NULL;
	const void *data;
	size_t len;

	if (more == 1) {
		data = ledger_blob(q, 0, &len);
		if ((j = json_parse(data, len, "ledger: shard", e)) != NULL &&
		    table_decode_line(j, false, &row->line, e) == 0) {
			data = ledger_blob(q, 1, &len);
			if (len == WRAPPED_LEN) {
				memcpy(row->wrapped, data, len);
				rc = 0;
			} else {
				err_set(e, ERR_FORGED, "ledger: a shard's row of version %s is damaged",
				    m->c->id);
			}
		}
	} else if (more == 0) {
		err_set(e, ERR_FORGED, "ledger: the index of version %s is missing", m->c->id);
	}
	json_free(j);
	ledger_end(q);
	return rc;
}

static int
rename_part(struct making *m, const char *from, const char *to, struct err *e)
{
	static const char *const ends[] = {"body", "sums"};
	char old[32], name[32];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(old, sizeof(old), "%s.%s", from, ends[i]);
		if (to == NULL ? unlinkat(m->folder, old, 0) == -1
			       : (snprintf(name, sizeof(name), "%s.%s", to, ends[i]),
				     renameat(m->folder, old, m->folder, name) == -1))
			return err_sys(e, "staging: %s", old);
	}
	return 0;
}

/* Behind the old one's lines those of the new shards. */
static int
join_part(struct making *m, const struct pipeline_set *set, const struct new_row *part, struct err *e)
{
	char file[5 * MANIFEST_NAME_MAX], shard[4 * MANIFEST_NAME_MAX];
	struct json *j = json_object();
	int plain = -1, rc = -1;

	(void)snprintf(file, sizeof(file), "staging/%s/%s/" PART ".body", m->c->id, set->name);
	(void)snprintf(shard, sizeof(shard), "%s/%s/index", m->c->id, set->name);
	if (carry_open_body(m->c, &m->c->open_index, file, shard, &part->line, part->wrapped, &plain, e) ==
	    -1)
		goto out;
	json_set_int(j, "plain", (int64_t)part->line.plain);
	if (wire_send(m->c->sift.control, WIRE_SIFT_NEXT, j, &plain, 1, e) == -1) {
		(void)helper_failed(&m->c->sift, e);
		goto out;
	}
	/* Its end is its own now. */
	io_close(&plain);
	for (uint64_t i = 0; i < set->shards; i++)
		if (carry_lines(m, set->first + i, set->first + i, &set->lines[i], e) == -1)
			goto out;
	m->set->members += set->members;
	m->set->bytes += set->bytes;
	rc = 0;
out:
	json_free(j);
	io_close(&plain);
	return rc;
}

/* All of the old shards, and one index of them and of the new ones. */
static int
add_to(struct making *m, const struct pipeline_set *set, struct err *e)
{
	const size_t index = m->set->table->count - 1;
	int files[2] = {-1, -1}, rc = -1;
	struct new_row part;

	if (part_row(m, set, &part, e) == -1 || rename_part(m, "index", PART, e) == -1 ||
	    carry_index_begin(m, files, e) == -1)
		goto out;
	for (size_t i = 0; i < index; i++)
		if (carry_keep(m, i, e) == -1)
			goto out;
	if (carry_opened(&m->c->open_index, &m->set->table->shards[index], e) == -1 ||
	    join_part(m, set, &part, e) == -1 || carry_index_end(m, &part.line, files, e) == -1)
		goto out;
	rc = rename_part(m, PART, NULL, e);
out:
	io_close(&files[0]);
	io_close(&files[1]);
	return rc;
}

/* Nothing new came for this set: it is what it was. */
static int
keep_all(struct making *m, struct err *e)
{
	for (size_t i = 0; i < m->set->table->count; i++) {
		const struct shard_line *line = &m->set->table->shards[i];

		if (carry_link(m, i, line->name, e) == -1)
			return -1;
		if (i + 1 < m->set->table->count) {
			m->set->members += line->members;
			m->set->bytes += line->plain;
		}
	}
	return 0;
}

/* The whole set's table, as the push writes it out; and its rows. The new shards' rows are there. */
static int
settle_set(
    struct push_job *job, const char *id, struct pipeline_set *set, const struct old_set *old, struct err *e)
{
	const struct new_row *index = &old->rows[old->row_count - 1];
	struct buf line;
	int rc = -1;

	buf_init(&line, 4096);
	buf_clear(&set->table);
	for (size_t i = 0; i < old->row_count; i++) {
		const struct new_row *row = &old->rows[i];
		uint64_t at = row == index ? set->first + set->shards : i;

		if (row == index)
			for (uint64_t k = 0; k < set->shards; k++)
				if (table_encode_line(&set->lines[k], &set->table, e) == -1)
					goto out;
		buf_clear(&line);
		if (table_encode_line(&row->line, &line, e) == -1 ||
		    buf_put(&set->table, line.data, line.len, e) == -1 ||
		    ledger_run(job->h->ledger, e, "INSERT OR REPLACE INTO shard VALUES (?, ?, ?, ?, ?, ?)",
			"ssisbb", id, set->name, (int64_t)at, row->line.name, line.data, line.len,
			row->wrapped, sizeof(row->wrapped)) == -1)
			goto out;
	}
	set->shards += set->first;
	set->members = old->members;
	set->bytes = old->bytes;
	rc = 0;
out:
	buf_free(&line);
	return rc;
}

static int
carry_set(struct push_job *job, struct old_set *old, struct err *e)
{
	struct pipeline_set *set = set_of(job, old->name);
	struct making m = {.c = &job->append->carry, .set = old};

	if (set == NULL || (old->rows = calloc(old->table->count, sizeof(*old->rows))) == NULL)
		return err_set(e, ERR_SYSTEM, "push: out of memory");
	m.folder = set->staging;
	return set->shards > 0 ? add_to(&m, set, e) : keep_all(&m, e);
}

/* Nobody has decided against it meanwhile; from now on nobody does. */
static int
still_there(struct push_job *job, struct err *e)
{
	struct append *a = job->append;
	struct version *now;
	int rc = -1;

	if ((a->lock = house_lock(job->h, VERSION_LOCK, e)) == -1 ||
	    (now = version_load(job->h, a->base->id, e)) == NULL)
		return -1;
	if (strcmp(now->state, "LOGGED") != 0 && strcmp(now->state, "ACCEPTED") != 0 &&
	    strcmp(now->state, "SENT") != 0)
		err_set(e, ERR_REFUSED, "version %s: it is %s by now", now->id, now->state);
	else
		rc = 0;
	version_free(now);
	return rc;
}

/* What there is of the sources now, of the version and of this push. */
static int
join_pushed(struct push_job *job, struct err *e)
{
	struct append *a = job->append;
	uint8_t digest[DIGEST_LEN];
	struct pushed all;

	if (pushed_sort(&job->pushed, e) == -1 || pushed_merge(&a->pushed, &job->pushed, e) == -1)
		return -1;
	all = a->pushed;
	a->pushed = job->pushed;
	job->pushed = all;
	/* Never that of a push of all of it, whose shards are others. */
	digest_prefixed(
	    (const struct digest_part[]){{"append", 6}, {job->pushed.files.data, job->pushed.files.len}}, 2,
	    digest);
	hex_encode(digest, DIGEST_LEN, job->content);
	return 0;
}

int
append_carry(struct push_job *job, const char *id, struct err *e)
{
	struct carry *c = &job->append->carry;
	struct ledger *l = job->h->ledger;

	if (still_there(job, e) == -1 || join_pushed(job, e) == -1)
		return -1;
	if (c->set_count == 0)
		return 0;
	if (start(c, e) == -1)
		return carry_failed(c, e);
	for (size_t i = 0; i < c->set_count; i++)
		if (carry_set(job, &c->sets[i], e) == -1)
			return carry_failed(c, e);
	if (carry_end(c, e) == -1 || ledger_begin(l, e) == -1)
		return -1;
	for (size_t i = 0; i < c->set_count; i++)
		if (settle_set(job, id, set_of(job, c->sets[i].name), &c->sets[i], e) == -1)
			goto fail;
	if (ledger_commit(l, e) == 0)
		return 0;
fail:
	ledger_rollback(l);
	return -1;
}
