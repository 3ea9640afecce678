/* stager-seal stream: what stager-sift leaves of a shard, and a new index, each a pipe of bytes, into sealed bodies. */
#include "seal_stream.h"

#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/shard.h"
#include "stager/wire.h"

/* Which descriptor of the message is what. */
enum { PLAIN_AT, BODY_AT, SUMS_AT, FDS };

static int
tell_done(const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct err *e)
{
	struct json *j = json_object();
	int rc;

	shard_line_json(line, header, j);
	rc = wire_send(WIRE_FD, WIRE_SHARD_DONE, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* The pipe ended; whether its writer was through with it only END says. Until then the last segment is not sealed. */
static int
finish(struct shard_stream *s, struct err *e)
{
	static const char *const keys[] = {"bytes", "members", NULL};
	struct json *end = wire_expect(WIRE_FD, WIRE_END, NULL, 0, e), *ok;
	struct shard_line line = {0};
	uint8_t header[HEADER_LEN];
	int64_t bytes, members;
	int rc = -1;

	if (end == NULL || json_expect_keys(end, keys, "END", e) == -1 ||
	    json_need_int(end, "bytes", 0, JSON_INT_MAX, "END", &bytes, e) == -1 ||
	    json_need_int(end, "members", 0, JSON_INT_MAX, "END", &members, e) == -1)
		goto out;
	if (shard_stream_len(s) != (uint64_t)bytes) {
		err_set(e, ERR_SYSTEM, "stream: %llu bytes came, %lld were sent",
		    (unsigned long long)shard_stream_len(s), (long long)bytes);
		goto out;
	}
	if (bytes == 0) {
		ok = json_object();
		rc = wire_send(WIRE_FD, WIRE_OK, ok, NULL, 0, e);
		json_free(ok);
		goto out;
	}
	if (shard_stream_finish(s, &line, header, e) == -1)
		goto out;
	line.members = (uint64_t)members;
	rc = tell_done(&line, header, e);
out:
	json_free(end);
	return rc;
}

static int
take_stream(struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"name", "vault", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	struct shard_stream *s = NULL;
	uint8_t vault[X25519_LEN];
	const char *name;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    (name = json_need_string(j, "name", "control message", e)) == NULL ||
	    json_need_hex(j, "vault", vault, sizeof(vault), "control message", e) == -1)
		goto out;
	for (size_t i = 0; i < FDS; i++) {
		if (m->fds[i] == -1) {
			err_set(e, ERR_INPUT, "control message: not three descriptors");
			goto out;
		}
	}
	s = shard_stream_new(name, m->fds[BODY_AT], m->fds[SUMS_AT], vault, e);
	m->fds[BODY_AT] = m->fds[SUMS_AT] = -1;
	if (s == NULL || shard_stream_fill(s, m->fds[PLAIN_AT], e) == -1)
		goto out;
	io_close(&m->fds[PLAIN_AT]);
	rc = finish(s, e);
out:
	shard_stream_free(s);
	json_free(j);
	return rc;
}

int
seal_streams(struct err *e)
{
	struct wire_message m;
	int rc;

	do {
		wire_message_init(&m);
		if ((rc = wire_receive(WIRE_FD, &m, e)) == 1) {
			if (m.type != WIRE_SEAL_STREAM)
				rc = err_set(e, ERR_INPUT, "control message: type %d where a stream was due",
				    (int)m.type);
			else if (take_stream(&m, e) == -1)
				rc = -1;
		}
		wire_message_free(&m);
	} while (rc == 1);
	return rc;
}
