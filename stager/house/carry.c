/* A version's shards on their way into another version of its dataset: what there is of it, and opening it. */
#include "carry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define TABLE_MAX (64u << 20)

void
carry_init(struct carry *c, struct house *h)
{
	*c = (struct carry){.h = h,
	    .key = HELPER_NONE,
	    .sift = HELPER_NONE,
	    .open = HELPER_NONE,
	    .open_index = HELPER_NONE,
	    .seal = HELPER_NONE,
	    .seal_index = HELPER_NONE};
}

void
carry_free(struct carry *c)
{
	helper_kill(&c->seal);
	helper_kill(&c->seal_index);
	helper_kill(&c->sift);
	helper_kill(&c->open);
	helper_kill(&c->open_index);
	helper_kill(&c->key);
	for (size_t i = 0; i < c->set_count; i++) {
		table_free(c->sets[i].table);
		free(c->sets[i].shards);
		free(c->sets[i].rows);
	}
	c->set_count = 0;
}

int
carry_start(struct carry *c, const char *type, struct json *entry, struct err *e)
{
	static const char *const argv[] = {"stager-sift", NULL};
	int rc = 0;

	json_set_string(entry, "dataset-id", c->base->dataset_id);
	json_set_string(entry, "version-id", c->base->id);
	if (!c->logged)
		rc = house_record(c->h, type, entry, c->base->id, (struct effect){.run = NULL}, NULL, e);
	c->logged = rc == 0;
	json_free(entry);
	if (rc == -1 || house_key_start(c->h, "open", false, &c->key, e) == -1 ||
	    house_kek(c->h, &c->key, c->base->dataset_id, e) == -1 ||
	    helper_start(&c->sift, argv, NULL, 0, e) == -1)
		return -1;
	return 0;
}

int
carry_end(struct carry *c, struct err *e)
{
	if (helper_end(&c->sift, e) == -1 || helper_end(&c->open, e) == -1 ||
	    helper_end(&c->open_index, e) == -1 || helper_end(&c->seal, e) == -1 ||
	    helper_end(&c->seal_index, e) == -1 || helper_end(&c->key, e) == -1)
		return -1;
	return 0;
}

struct json *
carry_ask(struct helper *x, enum wire_type ask, struct json *json, const int *fds, size_t count,
    enum wire_type answer, struct err *e)
{
	struct json *got = NULL;

	if (wire_send(x->control, ask, json, fds, count, e) == -1 ||
	    (got = wire_expect(x->control, answer, NULL, 0, e)) == NULL)
		(void)helper_failed(x, e);
	json_free(json);
	return got;
}

/* The data key from stager-key straight to x, which is not shown to us. */
static int
lend_key(struct carry *c, const char *shard, const struct shard_line *line,
    const uint8_t wrapped[static WRAPPED_LEN], int keys, struct err *e)
{
	struct json *j = json_object(), *ok;

	json_set_string(j, "shard", shard);
	json_set_hex(j, "commitment", line->commitment, COMMITMENT_LEN);
	json_set_hex(j, "wrapped", wrapped, WRAPPED_LEN);
	ok = carry_ask(&c->key, WIRE_KEY_LEND, j, &keys, 1, WIRE_OK, e);
	json_free(ok);
	return ok == NULL ? -1 : 0;
}

int
carry_open_body(struct carry *c, struct helper *x, const char *file, const char *shard,
    const struct shard_line *line, const uint8_t wrapped[static WRAPPED_LEN], int *plain, struct err *e)
{
	static const char *const argv[] = {"stager-open", NULL};
	int body = -1, keys[2] = {-1, -1}, data[2] = {-1, -1}, rc = -1;
	struct json *j, *got = NULL;
	struct stat st;
	int64_t size;

	if ((body = openat(c->h->folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1 ||
	    fstat(body, &st) == -1 || (uint64_t)st.st_size != line->body) {
		err_set(e, ERR_FORGED, "%s: missing, or of the wrong length", file);
		goto out;
	}
	if (x->control == -1 && helper_start(x, argv, NULL, 0, e) == -1)
		goto out;
	if (pipe2(keys, O_CLOEXEC) == -1) {
		err_sys(e, "pipe");
		goto out;
	}
	if (pipeline_pipe(data, e) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "body", (int64_t)line->body);
	rc = wire_send(x->control, WIRE_UNSEAL, j, (const int[]){body, keys[0], data[1]}, 3, e);
	json_free(j);
	if (rc == -1) {
		(void)helper_failed(x, e);
		goto out;
	}
	rc = -1;
	/* Its ends are its own now: where it dies, nobody must wait for a reader or a writer that is us. */
	io_close(&keys[0]);
	io_close(&data[1]);
	if (lend_key(c, shard, line, wrapped, keys[1], e) == -1)
		goto out;
	io_close(&keys[1]);
	if ((got = wire_expect(x->control, WIRE_UNSEALED, NULL, 0, e)) == NULL) {
		(void)helper_failed(x, e);
		goto out;
	}
	if (json_need_int(got, "size", 0, JSON_INT_MAX, "stager-open", &size, e) == -1)
		goto out;
	if ((uint64_t)size != line->plain) {
		err_set(e, ERR_FORGED, "%s: not as long as its table says", file);
		goto out;
	}
	*plain = data[0];
	data[0] = -1;
	c->at = *line;
	rc = 0;
out:
	json_free(got);
	io_close(&body);
	for (size_t i = 0; i < 2; i++) {
		io_close(&keys[i]);
		io_close(&data[i]);
	}
	return rc == -1 ? err_context(e, "%s", line->name) : 0;
}

int
carry_open(
    struct carry *c, struct helper *x, const struct old_set *set, size_t row, int *plain, struct err *e)
{
	const struct shard_line *line = &set->table->shards[row];
	char file[5 * MANIFEST_NAME_MAX], shard[4 * MANIFEST_NAME_MAX];

	(void)snprintf(shard, sizeof(shard), "%s/%s/%s", c->base->id, set->name, line->name);
	(void)snprintf(file, sizeof(file), "vault/%s.body", shard);
	return carry_open_body(c, x, file, shard, line, set->shards[row].wrapped, plain, e);
}

int
carry_opened(struct helper *x, const struct shard_line *line, struct err *e)
{
	struct json *j = wire_expect(x->control, WIRE_DONE, NULL, 0, e);
	int64_t ordered = 0;
	int rc = -1;

	if (j == NULL)
		(void)helper_failed(x, e);
	else if ((rc = json_need_int(j, "ordered", 0, 1, "stager-open", &ordered, e)) == 0 && ordered == 0)
		rc = err_set(e, ERR_FORGED, "%s: its segments are not in our order", line->name);
	json_free(j);
	return rc;
}

/* What one sees of another's death, which is never the cause. */
static bool
only_saw_it(const struct err *e)
{
	return strstr(e->text, "Broken pipe") != NULL || strstr(e->text, "went away") != NULL ||
	       strstr(e->text, "cut short") != NULL || strstr(e->text, "bytes came") != NULL;
}

int
carry_failed(struct carry *c, struct err *e)
{
	struct helper *chain[] = {&c->open, &c->open_index, &c->sift, &c->seal, &c->seal_index};
	bool found = !only_saw_it(e);
	struct err own;

	for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++)
		io_close(&chain[i]->control);
	for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++) {
		own.code = ERR_NONE;
		if (chain[i]->child.pid == -1 || child_wait(&chain[i]->child, &own) == 0)
			continue;
		if (!found && own.code != ERR_NONE && !only_saw_it(&own)) {
			*e = own;
			found = true;
		}
	}
	return strncmp(e->text, c->at.name, strlen(c->at.name)) != 0 ? err_context(e, "%s", c->at.name) : -1;
}

/* The rows of a set as the ledger has them. */
static int
load_set(struct carry *c, struct old_set *set, struct err *e)
{
	struct ledger_query *q = ledger_query(c->h->ledger, e,
	    "SELECT line, wrapped FROM shard WHERE version = ? AND set_name = ? ORDER BY row", "ss",
	    c->base->id, set->name);
	struct buf text, wrapped;
	int more, rc = -1;
	size_t len;

	buf_init(&text, TABLE_MAX);
	buf_init(&wrapped, (size_t)(MANIFEST_SHARDS_MAX + 1) * WRAPPED_LEN);
	while ((more = ledger_next(q, e)) == 1) {
		const void *data = ledger_blob(q, 0, &len);

		if (buf_put(&text, data, len, e) == -1)
			goto out;
		data = ledger_blob(q, 1, &len);
		if (len != WRAPPED_LEN) {
			err_set(e, ERR_FORGED, "ledger: a shard's row of version %s is damaged", c->base->id);
			goto out;
		}
		if (buf_put(&wrapped, data, len, e) == -1)
			goto out;
	}
	if (more == -1)
		goto out;
	if ((set->table = table_decode(text.data, text.len, e)) == NULL) {
		e->code = ERR_FORGED;
		goto out;
	}
	if (wrapped.len != set->table->count * WRAPPED_LEN) {
		err_set(e, ERR_FORGED, "ledger: a shard's row of version %s is damaged", c->base->id);
		goto out;
	}
	if ((set->shards = calloc(set->table->count, sizeof(*set->shards))) == NULL) {
		err_set(e, ERR_SYSTEM, "withdraw: out of memory");
		goto out;
	}
	for (size_t i = 0; i < set->table->count; i++)
		memcpy(set->shards[i].wrapped, wrapped.data + i * WRAPPED_LEN, WRAPPED_LEN);
	rc = 0;
out:
	ledger_end(q);
	buf_free(&text);
	buf_free(&wrapped);
	return rc;
}

int
carry_load(struct carry *c, struct err *e)
{
	struct ledger_query *q = ledger_query(c->h->ledger, e,
	    "SELECT name FROM shard_set WHERE version = ? AND shards > 0 ORDER BY name", "s", c->base->id);
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		if (c->set_count == MANIFEST_SETS_MAX) {
			more = err_set(e, ERR_FORGED, "ledger: version %s: too many sets", c->base->id);
			break;
		}
		(void)snprintf(c->sets[c->set_count].name, sizeof(c->sets->name), "%s", ledger_text(q, 0));
		c->set_count++;
	}
	ledger_end(q);
	for (size_t i = 0; more == 0 && i < c->set_count; i++)
		more = load_set(c, &c->sets[i], e);
	return more;
}

int
carry_number(const struct json *list, size_t at, uint64_t *out, struct err *e)
{
	if (list->type != JSON_ARRAY || at >= list->count || list->items[at]->type != JSON_INT ||
	    list->items[at]->integer < 0)
		return err_set(e, ERR_INPUT, "stager-sift: no number where one was due");
	*out = (uint64_t)list->items[at]->integer;
	return 0;
}

int
carry_read_index(struct carry *c, struct old_set *set, bool wide, uint64_t *samples, struct err *e)
{
	const size_t index = set->table->count - 1;
	struct json *j, *got = NULL;
	const struct json *list;
	int plain = -1, rc = -1;
	int64_t highest;
	uint64_t look;

	if (carry_open(c, &c->open, set, index, &plain, e) == -1)
		goto out;
	j = json_object();
	json_set_int(j, "plain", (int64_t)set->table->shards[index].plain);
	json_set_int(j, "shards", (int64_t)index);
	json_set_int(j, "wide", wide);
	got = carry_ask(&c->sift, WIRE_SIFT_INDEX, j, &plain, 1, WIRE_SIFTED, e);
	if (got == NULL || (list = json_need(got, "shards", JSON_ARRAY, "stager-sift", e)) == NULL ||
	    json_need_int(got, "samples", 0, JSON_INT_MAX, "stager-sift", &highest, e) == -1)
		goto out;
	io_close(&plain);
	if (carry_opened(&c->open, &set->table->shards[index], e) == -1)
		goto out;
	if (list->count != index) {
		err_set(e, ERR_INPUT, "stager-sift: not a line for each shard");
		goto out;
	}
	for (size_t i = 0; i < index; i++) {
		struct old_shard *s = &set->shards[i];

		if (carry_number(list->items[i], 0, &s->members, e) == -1 ||
		    carry_number(list->items[i], 1, &s->listed, e) == -1 ||
		    carry_number(list->items[i], 2, &look, e) == -1)
			goto out;
		if (s->members != set->table->shards[i].members) {
			err_set(e, ERR_FORGED, "index: %s has another number of members than its table says",
			    set->table->shards[i].name);
			goto out;
		}
		s->look = look != 0;
		s->touched = s->listed > 0;
	}
	*samples = (uint64_t)highest;
	rc = 0;
out:
	io_close(&plain);
	json_free(got);
	return rc;
}
