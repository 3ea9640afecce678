/* stager-seal: scrubbed entries in on a pipe; sealed shards out, under data keys that it makes and never
 * shows. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "seal_stream.h"
#include "stager/ahead.h"
#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/sandbox.h"
#include "stager/secret.h"
#include "stager/shard.h"
#include "stager/wire.h"

#define ORDER_KEY_FD 4 /* where samples are shuffled */

static const char program[] = "stager-seal";

/* What is sealed, and what END said, whenever it came. */
struct work {
	struct ahead *units; /* a stream of entries each, in their order */
	bool ended;
	int64_t entries;
};

static int
take_end(struct work *work, const struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"entries", NULL};
	struct json *j = json_parse_canonical(m->payload.data, m->payload.len, "END", e);
	int rc = -1;

	if (j == NULL)
		return -1;
	if (work->ended)
		err_set(e, ERR_INPUT, "END: came twice");
	else if (json_expect_keys(j, keys, "END", e) == 0)
		rc = json_need_int(j, "entries", 0, JSON_INT_MAX, "END", &work->entries, e);
	json_free(j);
	if (rc == 0) {
		work->ended = true;
		ahead_end(work->units);
	}
	return rc;
}

static int
take_entries(struct work *work, struct wire_message *m, struct err *e)
{
	int fd = m->fds[0];

	if (fd == -1 || m->fds[1] != -1)
		return err_set(e, ERR_INPUT, "ENTRIES: not one descriptor");
	m->fds[0] = -1;
	return ahead_add(work->units, fd, e);
}

/*
 * One message. 1 where it is one of those that may come whatever we are at, and it was taken: the entries of one more
 * unit, or the END of them, which the supervisor sends when all has been scrubbed. Else 0, and it is the caller's.
 */
static int
take_message(struct work *work, struct wire_message *m, struct err *e)
{
	int got = wire_receive(WIRE_FD, m, e);

	if (got != 1)
		return got == -1 ? -1 : err_set(e, ERR_SYSTEM, "control socket: the other side went away");
	if (m->type == WIRE_ENTRIES)
		return take_entries(work, m, e) == -1 ? -1 : 1;
	if (m->type == WIRE_END)
		return take_end(work, m, e) == -1 ? -1 : 1;
	return 0;
}

/* Something is said while entries are waited for: no answer, for nothing was asked. */
static int
said(void *ctx, struct err *e)
{
	struct wire_message m;
	int rc;

	wire_message_init(&m);
	if ((rc = take_message(ctx, &m, e)) == 0)
		err_set(e, ERR_INPUT, "control socket: message %d where none was due", (int)m.type);
	wire_message_free(&m);
	return rc == 1 ? 0 : -1;
}

/* The answer of this type. */
static int
wait_for(enum wire_type type, struct work *work, int *fds, struct err *e)
{
	struct wire_message m;
	int rc = -1, taken;

	wire_message_init(&m);
	while ((taken = take_message(work, &m, e)) == 1) {
		wire_message_free(&m);
		wire_message_init(&m);
	}
	if (taken == -1)
		goto out;
	if (m.type != type) {
		err_set(e, ERR_INPUT, "control socket: message %d where %d was due", (int)m.type, (int)type);
		goto out;
	}
	if (fds != NULL) {
		if (m.fds[0] == -1 || m.fds[1] == -1) {
			err_set(e, ERR_INPUT, "control socket: a shard's files are missing");
			goto out;
		}
		for (size_t i = 0; i < 2; i++) {
			fds[i] = m.fds[i];
			m.fds[i] = -1;
		}
	}
	rc = 0;
out:
	wire_message_free(&m);
	return rc;
}

static int
shard_open(void *ctx, const char *name, int *body, int *sums, struct err *e)
{
	struct json *j = json_object();
	int fds[2] = {-1, -1}, rc;

	json_set_string(j, "name", name);
	rc = wire_send(WIRE_FD, WIRE_SHARD_OPEN, j, NULL, 0, e);
	json_free(j);
	if (rc == -1 || wait_for(WIRE_SHARD_FILES, ctx, fds, e) == -1)
		return -1;
	*body = fds[0];
	*sums = fds[1];
	return 0;
}

void
shard_line_json(const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct json *j)
{
	json_set_string(j, "name", line->name);
	json_set_int(j, "body", (int64_t)line->body);
	json_set_int(j, "plain", (int64_t)line->plain);
	json_set_int(j, "segments", (int64_t)line->segments);
	json_set_int(j, "members", (int64_t)line->members);
	json_set_hex(j, "sums", line->sums, sizeof(line->sums));
	json_set_hex(j, "commitment", line->commitment, sizeof(line->commitment));
	json_set_hex(j, "header", header, HEADER_LEN);
}

static int
shard_done(void *ctx, const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct err *e)
{
	struct json *j = json_object();
	int rc;

	shard_line_json(line, header, j);
	rc = wire_send(WIRE_FD, WIRE_SHARD_DONE, j, NULL, 0, e);
	json_free(j);
	return rc == -1 ? -1 : wait_for(WIRE_OK, ctx, NULL, e);
}

static ssize_t
pull(void *ctx, void *out, size_t len, struct err *e)
{
	return ahead_read(ctx, out, len, e);
}

/* Every entry of one unit into the shards, straight to where it will be sealed. */
static int
seal_unit(struct shard_writer *w, struct entry_reader *in, uint8_t set, struct err *e)
{
	struct entry entry;
	uint8_t *space;
	size_t room, got;
	int rc;

	while ((rc = entry_next(in, &entry, e)) == 1) {
		/* What is another set's has no business in these shards, whoever sent it here. */
		if (entry.set != set)
			return err_set(e, ERR_INPUT, "entry stream: an entry of another set");
		if (shard_entry(w, &entry, e) == -1)
			return -1;
		for (;;) {
			if (shard_space(w, &space, &room, e) == -1)
				return -1;
			if (room == 0)
				break;
			if (entry_read(in, space, room, &got, e) == -1 || shard_filled(w, got, e) == -1)
				return -1;
		}
	}
	return rc;
}

/* The supervisor counts those that wait: of a push of many small units, they may come faster than they are sealed. */
static int
say_read(struct err *e)
{
	struct json *j = json_object();
	int rc = wire_send(WIRE_FD, WIRE_ENTRIES_READ, j, NULL, 0, e);

	json_free(j);
	return rc;
}

/* All units, each a stream of its own that ends between two entries. */
static int
seal_units(struct shard_writer *w, struct work *work, uint8_t set, struct err *e)
{
	struct entry_reader *in = malloc(sizeof(*in));
	int rc;

	if (in == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	while ((rc = ahead_next(work->units, e)) == 1) {
		entry_reader_pulling(in, pull, work->units);
		rc = seal_unit(w, in, set, e);
		entry_reader_free(in);
		if (rc == -1 || (rc = say_read(e)) == -1)
			break;
	}
	free(in);
	return rc;
}

static int
seal(struct err *e)
{
	static const char *const keys[] = {
	    "ahead", "lanes", "samples", "set", "shards", "size", "vault", NULL};
	struct work work = {.units = NULL};
	const struct shard_sink sink = {.ctx = &work, .open = shard_open, .done = shard_done};
	struct shard_writer *w = NULL;
	struct json *order = NULL, *done = NULL;
	uint8_t vault[X25519_LEN];
	int64_t ahead, lanes, set, size, shards, samples;
	struct secret *key = NULL;
	int rc = -1;

	if ((order = wire_expect(WIRE_FD, WIRE_SEAL, NULL, 0, e)) == NULL ||
	    json_expect_keys(order, keys, "SEAL", e) == -1 ||
	    json_need_int(order, "ahead", 0, AHEAD_MAX, "SEAL", &ahead, e) == -1 ||
	    json_need_int(order, "set", 0, ENTRY_SETS_MAX - 1, "SEAL", &set, e) == -1 ||
	    json_need_int(order, "lanes", 1, SHARD_LANES, "SEAL", &lanes, e) == -1 ||
	    json_need_int(order, "size", SHARD_TARGET_MIN, SHARD_TARGET_MAX, "SEAL", &size, e) == -1 ||
	    json_need_int(order, "shards", 0, MANIFEST_SHARDS_MAX, "SEAL", &shards, e) == -1 ||
	    json_need_int(order, "samples", 0, JSON_INT_MAX, "SEAL", &samples, e) == -1 ||
	    json_need_hex(order, "vault", vault, sizeof(vault), "SEAL", e) == -1 ||
	    (work.units = ahead_new((uint64_t)ahead, WIRE_FD, said, &work, e)) == NULL ||
	    (w = shard_new((uint64_t)size, vault, &sink, e)) == NULL)
		goto out;
	if (lanes > 1 &&
	    ((key = secret_read(ORDER_KEY_FD, SHARD_ORDER_KEY_LEN, "order of samples", e)) == NULL ||
		shard_shuffle(w, key, SHARD_WAITING_MAX, e) == -1))
		goto out;
	if (shard_continue(w, (uint64_t)shards, (uint64_t)samples, e) == -1)
		goto out;
	/*
	 * The last pipe ended; whether its writers were through with it only END says, and without it seal_units does not
	 * end. Until then the last shard is not finished, and so is nothing that could be taken for the whole.
	 */
	if (seal_units(w, &work, (uint8_t)set, e) == -1)
		goto out;
	if ((uint64_t)work.entries != shard_entries(w)) {
		err_set(e, ERR_SYSTEM, "entry stream: %llu entries came, %lld were sent",
		    (unsigned long long)shard_entries(w), (long long)work.entries);
		goto out;
	}
	if (shard_finish(w, e) == -1)
		goto out;
	done = json_object();
	json_set_int(done, "entries", (int64_t)shard_entries(w));
	json_set_int(done, "bytes", (int64_t)shard_bytes(w));
	rc = wire_send(WIRE_FD, WIRE_DONE, done, NULL, 0, e);
out:
	ahead_free(work.units);
	shard_free(w);
	secret_free(key);
	json_free(order);
	json_free(done);
	return rc;
}

/* OpenSSL looks for its algorithms where a confined program cannot. */
static int
warm(struct err *e)
{
	struct secret *key = NULL;
	struct c4gh *c = NULL;
	struct sums *s = NULL;
	uint8_t plain[1] = {0}, segment[C4GH_NONCE_LEN + 1 + C4GH_MAC_LEN], sum[SUM_LEN];
	int rc = -1;

	if ((key = secret_random(C4GH_KEY_LEN, e)) != NULL && (c = c4gh_new(key, true, e)) != NULL &&
	    (s = sums_new(e)) != NULL && c4gh_seal(c, 0, true, plain, sizeof(plain), segment, e) == 0 &&
	    sums_segment(s, segment, sizeof(segment), sum, e) == 0)
		rc = 0;
	sums_free(s);
	c4gh_free(c);
	secret_free(key);
	return rc;
}

int
main(int argc, char **argv)
{
	const struct sandbox confined = {
	    .allow = SANDBOX_PASS_FD | SANDBOX_SECRETS | SANDBOX_THREADS, .folder = -1};
	struct err e = {0};

	sandbox_first();
	sandbox_help(argc, argv, "stager-seal");
	if (secret_start(&e) == -1 || warm(&e) == -1 || sandbox_enter(&confined, NULL, &e) == -1)
		return err_report(program, &e);
	sandbox_prove(argc, argv);
	if (argc > 1 && strcmp(argv[1], "stream") == 0)
		return seal_streams(&e) == -1 ? err_report(program, &e) : 0;
	return seal(&e) == -1 ? err_report(program, &e) : 0;
}
