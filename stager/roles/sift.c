/*
 * stager-sift: a sealed version's plaintext passes through it, and what is the listed persons' stays behind. It gets pipes and a list
 * of pseudonyms; no key, no name of anything; confined.
 */
#include <stdlib.h>
#include <string.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/manifest.h"
#include "stager/sandbox.h"
#include "stager/sift.h"
#include "stager/wire.h"

#define MEMORY_MAX (UINT64_C(256) << 20)

static const char program[] = "stager-sift", message[] = "control message";

struct sifting {
	struct sift_list *list;
	struct sift_index index;   /* that is read */
	struct sift_writer writer; /* of the one that is made */
	bool begun;
};

static int
take_list(struct sifting *s, const struct json *j, int fd, struct err *e)
{
	const struct json *others;
	int64_t count, spellings;
	uint8_t *pseudonyms = NULL;
	size_t len, all;
	int rc = -1;

	if (s->list != NULL || fd == -1)
		return err_set(e, ERR_INPUT, "%s: a list where none was due", message);
	if (json_need_int(j, "keys", 1, SIFT_LIST_MAX, message, &count, e) == -1 ||
	    json_need_int(j, "spellings", 0, SIFT_SPELLINGS_MAX, message, &spellings, e) == -1 ||
	    (others = json_need(j, "others", JSON_ARRAY, message, e)) == NULL)
		return -1;
	len = (size_t)count * SIFT_PSEUDONYM_LEN;
	all = len + (size_t)spellings * SIFT_SPELLING_LEN;
	if ((pseudonyms = malloc(all)) == NULL)
		return err_set(e, ERR_SYSTEM, "list: out of memory");
	if (io_pread(fd, pseudonyms, all, 0, "list", e) != (ssize_t)all)
		err_set(e, ERR_INPUT, "list: shorter than it is said to be");
	else if ((s->list = sift_list_new(pseudonyms, (size_t)count, e)) != NULL &&
		 (spellings == 0 ||
		     sift_list_spellings(s->list, pseudonyms + len, (size_t)spellings, e) == 0))
		rc = 0;
	for (size_t i = 0; rc == 0 && i < others->count; i++)
		rc = others->items[i]->type != JSON_STRING
			 ? err_set(e, ERR_INPUT, "%s: a type of reference is no text", message)
			 : sift_list_other(s->list, others->items[i]->string, e);
	explicit_bzero(pseudonyms, all);
	free(pseudonyms);
	return rc;
}

static int
read_index(struct sifting *s, const struct json *j, int fd, struct json *out, struct err *e)
{
	struct sift_found *found = NULL;
	int64_t plain, count, wide;
	struct json *list, *one;
	uint64_t samples;
	int rc = -1;

	if (json_need_int(j, "plain", 1, JSON_INT_MAX, message, &plain, e) == -1 ||
	    json_need_int(j, "shards", 1, MANIFEST_SHARDS_MAX, message, &count, e) == -1 ||
	    json_need_int(j, "wide", 0, 1, message, &wide, e) == -1)
		return -1;
	if ((found = calloc((size_t)count, sizeof(*found))) == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	if (sift_index_read(s->list, fd, (uint64_t)plain, wide == 1, found, (size_t)count, &samples, e) == -1)
		goto out;
	json_set(out, "shards", list = json_array());
	for (size_t i = 0; i < (size_t)count; i++) {
		json_push(list, one = json_array());
		json_push(one, json_int((int64_t)found[i].members));
		json_push(one, json_int((int64_t)found[i].listed));
		json_push(one, json_int(found[i].look));
	}
	json_set_int(out, "samples", (int64_t)samples);
	rc = 0;
out:
	free(found);
	return rc;
}

static int
begin(struct sifting *s, const struct json *j, int *fds, struct err *e)
{
	int64_t plain;

	if (s->begun || fds[0] == -1 || fds[1] == -1)
		return err_set(e, ERR_INPUT, "%s: an index where none was due", message);
	if (json_need_int(j, "plain", 1, JSON_INT_MAX, message, &plain, e) == -1)
		return -1;
	s->begun = true;
	s->writer.fd = fds[1];
	fds[1] = -1;
	if (sift_index_begin(&s->index, fds[0], (uint64_t)plain, e) == -1)
		return -1;
	fds[0] = -1;
	return 0;
}

/* One index is at its end; another goes on behind it. */
static int
go_on(struct sifting *s, const struct json *j, int *fds, struct err *e)
{
	int64_t plain;

	if (!s->begun || fds[0] == -1)
		return err_set(e, ERR_INPUT, "%s: an index where none was due", message);
	if (s->index.there)
		return err_set(e, ERR_FORGED, "index: it has more shards than its table");
	if (json_need_int(j, "plain", 1, JSON_INT_MAX, message, &plain, e) == -1)
		return -1;
	io_close(&s->index.fd);
	if (sift_index_begin(&s->index, fds[0], (uint64_t)plain, e) == -1)
		return -1;
	fds[0] = -1;
	return 0;
}

/* The lines of a shard on as those of shard `as`, or (as UINT64_MAX) away. */
static int
pass_lines(struct sifting *s, uint64_t shard, uint64_t as, uint64_t *members, struct err *e)
{
	*members = 0;
	if (s->index.there && s->index.line.shard < shard)
		return err_set(e, ERR_FORGED, "index: it has a shard that its table has not");
	while (s->index.there && s->index.line.shard == shard) {
		struct sift_line line = s->index.line;

		line.shard = as;
		if ((as != UINT64_MAX && sift_write_line(&s->writer, &line, e) == -1) ||
		    sift_index_next(&s->index, e) == -1)
			return -1;
		(*members)++;
	}
	return 0;
}

static int
keep(struct sifting *s, const struct json *j, struct json *out, struct err *e)
{
	int64_t shard, as;
	uint64_t members;

	if (!s->begun)
		return err_set(e, ERR_INPUT, "%s: no index is read", message);
	if (json_need_int(j, "shard", 0, MANIFEST_SHARDS_MAX, message, &shard, e) == -1 ||
	    json_need_int(j, "as", 0, MANIFEST_SHARDS_MAX, message, &as, e) == -1 ||
	    pass_lines(s, (uint64_t)shard, (uint64_t)as, &members, e) == -1)
		return -1;
	json_set_int(out, "members", (int64_t)members);
	return 0;
}

static int
pass_shard(struct sifting *s, const struct json *j, int *fds, struct json *out, struct err *e)
{
	struct sift_shard shard = {.in = fds[0], .out = fds[1]};
	int64_t number, as, plain, members, wide;
	uint64_t lines;

	if (fds[0] == -1 || (fds[1] != -1 && !s->begun))
		return err_set(e, ERR_INPUT, "%s: a shard where none was due", message);
	if (json_need_int(j, "shard", 0, MANIFEST_SHARDS_MAX, message, &number, e) == -1 ||
	    json_need_int(j, "as", 0, MANIFEST_SHARDS_MAX, message, &as, e) == -1 ||
	    json_need_int(j, "plain", 1, JSON_INT_MAX, message, &plain, e) == -1 ||
	    json_need_int(j, "members", 1, JSON_INT_MAX, message, &members, e) == -1 ||
	    json_need_int(j, "wide", 0, 1, message, &wide, e) == -1)
		return -1;
	if (shard.out != -1) {
		if (pass_lines(s, (uint64_t)number, UINT64_MAX, &lines, e) == -1)
			return -1;
		if (lines != (uint64_t)members)
			return err_set(e, ERR_FORGED, "index: another number of members than its table says");
	}
	shard.number = (uint64_t)as;
	shard.plain = (uint64_t)plain;
	shard.members = (uint64_t)members;
	shard.wide = wide == 1;
	shard.index = &s->writer;
	if (sift_shard_run(s->list, &shard, e) == -1)
		return -1;
	/* The pipe's end means something to its reader only once this is said. */
	io_close(&fds[1]);
	json_set_int(out, "bytes", (int64_t)shard.bytes);
	json_set_int(out, "members", (int64_t)shard.kept);
	json_set_int(out, "content", (int64_t)shard.content);
	json_set_int(out, "dropped", (int64_t)shard.dropped);
	json_set_int(out, "records", (int64_t)shard.records);
	return 0;
}

static int
end(struct sifting *s, struct json *out, struct err *e)
{
	if (!s->begun)
		return err_set(e, ERR_INPUT, "%s: no index is read", message);
	if (s->index.there)
		return err_set(e, ERR_FORGED, "index: it has more shards than its table");
	if (sift_write_end(&s->writer, e) == -1)
		return -1;
	io_close(&s->writer.fd);
	io_close(&s->index.fd);
	s->begun = false;
	json_set_int(out, "bytes", (int64_t)s->writer.bytes);
	json_set_int(out, "members", (int64_t)s->writer.members);
	s->writer = (struct sift_writer){.fd = -1};
	return 0;
}

static void
unmet(struct sifting *s, struct json *out)
{
	struct json *places;
	bool there = true;

	json_set(out, "places", places = json_array());
	for (size_t i = 0; there; i++)
		if (!sift_met(s->list, i, &there) && there)
			json_push(places, json_int((int64_t)i));
}

static int
answer(struct sifting *s, struct wire_message *m, struct err *e)
{
	struct json *j = json_parse(m->payload.data, m->payload.len, message, e), *out = json_object();
	bool silent = m->type == WIRE_SIFT_LIST || m->type == WIRE_SIFT_BEGIN || m->type == WIRE_SIFT_NEXT;
	/* An index can be read and passed on for nobody's sake. */
	bool anybody = m->type == WIRE_SIFT_SHARD || m->type == WIRE_SIFT_UNMET;
	int rc = -1;

	if (j == NULL)
		goto out;
	if (s->list == NULL && anybody) {
		err_set(e, ERR_INPUT, "%s: the list comes first", message);
		goto out;
	}
	rc = 0;
	switch (m->type) {
	case WIRE_SIFT_LIST:
		rc = take_list(s, j, m->fds[0], e);
		break;
	case WIRE_SIFT_INDEX:
		rc = read_index(s, j, m->fds[0], out, e);
		break;
	case WIRE_SIFT_BEGIN:
		rc = begin(s, j, m->fds, e);
		break;
	case WIRE_SIFT_NEXT:
		rc = go_on(s, j, m->fds, e);
		break;
	case WIRE_SIFT_KEEP:
		rc = keep(s, j, out, e);
		break;
	case WIRE_SIFT_SHARD:
		rc = pass_shard(s, j, m->fds, out, e);
		break;
	case WIRE_SIFT_END:
		rc = end(s, out, e);
		break;
	case WIRE_SIFT_UNMET:
		unmet(s, out);
		break;
	default:
		rc = err_set(e, ERR_INPUT, "%s: type %d is not due", message, (int)m->type);
	}
	if (rc == 0 && !silent)
		rc = wire_send(WIRE_FD, WIRE_SIFTED, out, NULL, 0, e);
out:
	json_free(j);
	json_free(out);
	return rc;
}

int
main(int argc, char **argv)
{
	const struct sandbox confined = {.allow = SANDBOX_PASS_FD, .folder = -1, .memory = MEMORY_MAX};
	struct sifting *s = NULL;
	struct err e = {.code = ERR_NONE};
	struct wire_message m;
	int rc = -1;

	sandbox_first();
	sandbox_help(argc, argv, program);
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		err_set(&e, ERR_SYSTEM, "out of memory");
		return err_report(program, &e);
	}
	s->writer.fd = s->index.fd = -1;
	if (sandbox_enter(&confined, NULL, &e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	do {
		wire_message_init(&m);
		if ((rc = wire_receive(WIRE_FD, &m, &e)) == 1 && answer(s, &m, &e) == -1)
			rc = -1;
		wire_message_free(&m);
	} while (rc == 1);
out:
	sift_list_free(s->list);
	explicit_bzero(s, sizeof(*s));
	free(s);
	return rc == 0 ? 0 : err_report(program, &e);
}
