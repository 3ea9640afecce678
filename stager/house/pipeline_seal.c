/* Serving each set's stager-seal: files for its shards, syncing them, and taking their keys in. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "stager/ahead.h"
#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/ledger.h"

static int
create(int staging, const char *name, const char *ext, struct err *e)
{
	char path[48];
	int fd;

	(void)snprintf(path, sizeof(path), "%s.%s", name, ext);
	fd = openat(staging, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd == -1 ? err_sys(e, "%s: create", path) : fd;
}

/* A place for the files of the next shard; NULL where as many are open as may be. */
static struct writing *
free_place(struct sealing *s)
{
	for (size_t i = 0; i < SHARD_LANES; i++)
		if (!s->shards[i].open)
			return &s->shards[i];
	return NULL;
}

/* That of an open shard, by its name; NULL where it is none. */
static struct writing *
place_of(struct sealing *s, const char *name)
{
	char expected[32];

	for (size_t i = 0; i < SHARD_LANES; i++) {
		(void)snprintf(
		    expected, sizeof(expected), "shard-%05llu", (unsigned long long)s->shards[i].number);
		if (s->shards[i].open && strcmp(name, expected) == 0)
			return &s->shards[i];
	}
	return NULL;
}

/* stager-seal wants two files for its next shard. */
static int
shard_open(struct run *r, size_t set, struct json *j, struct err *e)
{
	struct sealing *s = &r->sets[set];
	const int staging = r->p->sets[set].staging;
	const char *name = json_need_string(j, "name", "stager-seal", e);
	struct writing *w;
	char expected[32];
	struct json *reply;
	bool index;
	int rc;

	if (name == NULL)
		return -1;
	index = strcmp(name, "index") == 0;
	w = !index ? free_place(s) : s->index.open ? NULL : &s->index;
	(void)snprintf(expected, sizeof(expected), "shard-%05llu", (unsigned long long)s->opened);
	if ((!index && strcmp(name, expected) != 0) || w == NULL || s->indexed)
		return err_set(e, ERR_INPUT, "stager-seal: asks for the wrong shard");
	*w = (struct writing){.open = true, .number = s->opened, .body = -1, .sums = -1};
	if (!index)
		s->opened++;
	if ((w->body = create(staging, name, "body", e)) == -1 ||
	    (w->sums = create(staging, name, "sums", e)) == -1)
		return -1;
	reply = json_object();
	rc = wire_send(s->seal.control, WIRE_SHARD_FILES, reply, (const int[]){w->body, w->sums}, 2, e);
	json_free(reply);
	return rc;
}

/* The data key goes from seal to stager-key as it is, wrapped for the vault; what comes back is for the
 * ledger. */
static int
shard_intake(struct run *r, const char *set, const struct shard_line *line, const struct json *header,
    uint8_t wrapped[static WRAPPED_LEN], struct err *e)
{
	char path[2 * MANIFEST_NAME_MAX + 64], commitment[2 * COMMITMENT_LEN + 1];
	struct json *j = json_object(), *got;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", r->p->version_id, set, line->name);
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

/* The line of a shard among those of its set, which make the table in the end. */
static int
keep_line(struct pipeline_set *p, uint64_t number, const struct shard_line *line, struct err *e)
{
	struct shard_line *grown;
	size_t cap;

	number -= p->first;
	if (number >= p->line_cap) {
		cap = (size_t)number + 64 + p->line_cap;
		if ((grown = reallocarray(p->lines, cap, sizeof(*grown))) == NULL)
			return err_set(e, ERR_SYSTEM, "shard table: out of memory");
		p->lines = grown;
		p->line_cap = cap;
	}
	p->lines[number] = *line;
	p->shards++;
	p->members += line->members;
	p->bytes += line->plain;
	return 0;
}

/* All shards in order, and the index behind them. */
static int
make_table(struct pipeline_set *p, const struct shard_line *index, struct err *e)
{
	for (uint64_t i = 0; i < p->shards; i++)
		if (table_encode_line(&p->lines[i], &p->table, e) == -1)
			return -1;
	return table_encode_line(index, &p->table, e);
}

/* Line and wrapped key into the ledger. */
static int
insert_row(struct run *r, const char *set, uint64_t number, const struct shard_line *line,
    const uint8_t wrapped[static WRAPPED_LEN], struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, 4096);
	if (table_encode_line(line, &text, e) == 0)
		rc = ledger_run(r->p->house->ledger, e, "INSERT INTO shard VALUES (?, ?, ?, ?, ?, ?)",
		    "ssisbb", r->p->version_id, set, (int64_t)number, line->name, text.data, text.len,
		    wrapped, (size_t)WRAPPED_LEN);
	buf_free(&text);
	return rc;
}

/* A shard is whole: sync it, take its key in, and write its row. */
static int
shard_done(struct run *r, size_t set, struct json *j, struct err *e)
{
	const struct json *header = json_need(j, "header", JSON_STRING, "stager-seal", e);
	struct pipeline_set *p = &r->p->sets[set];
	struct sealing *s = &r->sets[set];
	uint8_t wrapped[WRAPPED_LEN];
	struct shard_line line;
	struct writing *w;
	struct json *ok;
	bool index;
	int rc;

	if (header == NULL || table_decode_line(j, true, &line, e) == -1)
		return -1;
	index = strcmp(line.name, "index") == 0;
	w = !index ? place_of(s, line.name) : s->index.open ? &s->index : NULL;
	/* The index is of all shards that were begun. */
	if (w == NULL || (index && p->first + p->shards != s->opened))
		return err_set(e, ERR_INPUT, "stager-seal: finished a shard that it never began");
	if (check_length(w->body, line.body, line.name, e) == -1 ||
	    check_length(w->sums, line.segments * SUM_LEN, line.name, e) == -1)
		return -1;
	if (fsync(w->body) == -1 || fsync(w->sums) == -1)
		return err_sys(e, "%s: sync", line.name);
	io_close(&w->body);
	io_close(&w->sums);
	w->open = false;
	if (shard_intake(r, p->name, &line, header, wrapped, e) == -1 ||
	    insert_row(r, p->name, index ? p->first + p->shards : w->number, &line, wrapped, e) == -1 ||
	    (index ? make_table(p, &line, e) : keep_line(p, w->number, &line, e)) == -1)
		return -1;
	s->indexed = index;
	ok = json_object();
	rc = wire_send(s->seal.control, WIRE_OK, ok, NULL, 0, e);
	json_free(ok);
	return rc;
}

/* Not before it was told that there is no more, and not without the table's last row. */
static int
seal_done(struct sealing *s, const struct pipeline_set *p, const struct json *j, struct err *e)
{
	int64_t entries;

	if (json_need_int(j, "entries", 0, JSON_INT_MAX, "stager-seal", &entries, e) == -1)
		return -1;
	if (!s->ended || s->streams > 0 || s->indexed != (p->shards > 0))
		return err_set(e, ERR_INPUT, "stager-seal: done before all was sealed");
	if ((uint64_t)entries != s->total_entries || p->first + p->shards != s->opened || s->index.open)
		return err_set(
		    e, ERR_FORGED, "stager-seal: it sealed another number of members than it was given");
	s->done = true;
	return helper_end(&s->seal, e);
}

/* It has read the entries of a unit. */
static int
unit_read(struct sealing *s, struct err *e)
{
	if (s->streams == 0)
		return err_set(e, ERR_INPUT, "stager-seal: read a unit that it was not given");
	s->streams--;
	return 0;
}

int
pipeline_serve_seal(struct run *r, size_t set, struct err *e)
{
	struct wire_message m;
	struct json *j = NULL;
	int rc = -1, got;

	wire_message_init(&m);
	if ((got = wire_receive(r->sets[set].seal.control, &m, e)) != 1) {
		if (got == 0)
			err_set(e, ERR_SYSTEM, "stager-seal: went away");
		goto out;
	}
	if ((j = json_parse(m.payload.data, m.payload.len, "stager-seal", e)) == NULL)
		goto out;
	if (m.type == WIRE_SHARD_OPEN)
		rc = shard_open(r, set, j, e);
	else if (m.type == WIRE_SHARD_DONE)
		rc = shard_done(r, set, j, e);
	else if (m.type == WIRE_ENTRIES_READ)
		rc = unit_read(&r->sets[set], e);
	else if (m.type == WIRE_DONE)
		rc = seal_done(&r->sets[set], &r->p->sets[set], j, e);
	else
		err_set(e, ERR_INPUT, "stager-seal: message of type %d was not due", (int)m.type);
out:
	json_free(j);
	wire_message_free(&m);
	return rc;
}

/* The key of the order, where samples are shuffled, is on its descriptor 4. */
static int
start_one(struct run *r, size_t set, int64_t size, bool shuffled, struct err *e)
{
	static const char *const argv[] = {"stager-seal", NULL};
	struct sealing *s = &r->sets[set];
	char vault[2 * X25519_LEN + 1];
	struct json *j;
	int key = -1, rc;

	s->opened = r->p->sets[set].first;
	if ((rc = shuffled ? pipeline_order_key(r, &key, e) : 0) == 0)
		rc = helper_start(
		    &s->seal, argv, (const struct spawn_fd[]){{.from = key, .to = 4}}, shuffled ? 1 : 0, e);
	io_close(&key);
	if (rc == -1)
		return -1;
	helper_patience(&s->seal, r->p->stall);
	hex_encode(r->p->house->card.vault, X25519_LEN, vault);
	j = json_object();
	json_set_int(j, "ahead", (int64_t)pipeline_waiting_max(r->p));
	json_set_int(j, "lanes", shuffled ? SHARD_LANES : 1);
	json_set_int(j, "samples", (int64_t)r->p->sets[set].samples);
	json_set_int(j, "shards", (int64_t)r->p->sets[set].first);
	json_set_int(j, "set", (int64_t)set);
	json_set_int(j, "size", size);
	json_set_string(j, "vault", vault);
	return helper_tell(&s->seal, WIRE_SEAL, j, e);
}

void
pipeline_seal_init(struct run *r)
{
	const struct writing none = {.body = -1, .sums = -1};

	for (size_t i = 0; i < MANIFEST_SETS_MAX; i++) {
		r->sets[i] = (struct sealing){.seal = HELPER_NONE, .nowhere = -1, .index = none};
		for (size_t k = 0; k < SHARD_LANES; k++)
			r->sets[i].shards[k] = none;
	}
}

int
pipeline_seal_start(struct run *r, struct err *e)
{
	const struct json *shards = json_need(r->p->policy, "shards", JSON_OBJECT, "policy", e),
			  *order = json_get(shards, "order");
	int64_t size;

	if (r->p->dry) {
		for (size_t i = 0; i < r->p->set_count; i++) {
			r->sets[i].done = true;
			if ((r->sets[i].nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)) == -1)
				return err_sys(e, "/dev/null: open");
		}
		return 0;
	}
	if (shards == NULL ||
	    json_need_int(shards, "size", 1 << 20, INT64_C(5) << 30, "policy", &size, e) == -1 ||
	    house_key_start(r->p->house, "open", false, &r->key_open, e) == -1 ||
	    house_kek_make(r->p->house, &r->key_open, r->p->dataset_id, e) == -1)
		return -1;
	for (size_t i = 0; i < r->p->set_count; i++)
		if (start_one(r, i, size, order != NULL && strcmp(order->string, "shuffled") == 0, e) == -1)
			return -1;
	return 0;
}

bool
pipeline_seal_room(const struct run *r)
{
	for (size_t i = 0; i < r->p->set_count; i++)
		if (r->sets[i].streams == AHEAD_STREAMS_MAX)
			return false;
	return true;
}

int
pipeline_seal_unit(struct run *r, size_t set, int *writer, struct err *e)
{
	struct json *j;
	int fds[2], rc;

	if (r->p->dry) {
		*writer = fcntl(r->sets[set].nowhere, F_DUPFD_CLOEXEC, 0);
		return *writer == -1 ? err_sys(e, "/dev/null") : 0;
	}
	if (pipeline_pipe(fds, e) == -1)
		return -1;
	j = json_object();
	rc = wire_send(r->sets[set].seal.control, WIRE_ENTRIES, j, &fds[0], 1, e);
	json_free(j);
	(void)close(fds[0]);
	*writer = fds[1];
	r->sets[set].streams++;
	return rc;
}

int
pipeline_seal_end(struct run *r, struct err *e)
{
	for (size_t i = 0; i < r->p->set_count; i++) {
		struct json *j = json_object();
		int rc;

		json_set_int(j, "entries", (int64_t)r->sets[i].total_entries);
		rc = wire_send(r->sets[i].seal.control, WIRE_END, j, NULL, 0, e);
		json_free(j);
		if (rc == -1)
			return -1;
		r->sets[i].ended = true;
	}
	return 0;
}

void
pipeline_seal_free(struct run *r)
{
	for (size_t i = 0; i < MANIFEST_SETS_MAX; i++) {
		struct sealing *s = &r->sets[i];

		for (size_t k = 0; k <= SHARD_LANES; k++) {
			struct writing *w = k < SHARD_LANES ? &s->shards[k] : &s->index;

			io_close(&w->body);
			io_close(&w->sums);
		}
		io_close(&s->nowhere);
		helper_kill(&s->seal);
	}
}
