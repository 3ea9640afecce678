/* PUT: a file that goes out, looked at in the memory that it goes out from. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "send.h"
#include "stager/c4gh.h"
#include "stager/endpoint.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

struct put {
	const char *name;
	int fd;
	uint64_t size;
	int channel;
	bool silent;   /* nobody wants to hear of progress any more */
	uint8_t *sums; /* SUM_LEN a segment; NULL: not looked at */
	uint64_t segments;
};

/* All of the sums, which must hash to sha256. */
static int
load_sums(struct put *u, int fd, const uint8_t sha256[static SUM_LEN], struct err *e)
{
	struct sums *s = NULL;
	uint8_t digest[SUM_LEN];
	uint64_t plain;
	size_t len;
	int rc = -1;

	if (c4gh_body_shape(u->size, &u->segments, &plain, e) == -1)
		return -1;
	if (u->segments > C4GH_SEGMENTS_MAX)
		return err_set(e, ERR_LIMIT, "%s: too many segments", u->name);
	len = (size_t)u->segments * SUM_LEN;
	if ((u->sums = malloc(len)) == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", u->name);
	if ((s = sums_new(e)) == NULL)
		return -1;
	if (io_pread(fd, u->sums, len, 0, u->name, e) != (ssize_t)len ||
	    sums_update(s, u->sums, len, e) == -1 || sums_final(s, digest, e) == -1 ||
	    memcmp(digest, sha256, SUM_LEN) != 0)
		err_set(e, ERR_FORGED, "%s: its sums are not those of the shard table", u->name);
	else
		rc = 0;
	sums_free(s);
	return rc;
}

/*
 * That what is in memory belongs to segments that are whole: those that it begins or ends inside of are made up with
 * what the file has on the other side of the cut.
 */
static int
check_part(void *ctx, uint64_t offset, const uint8_t *data, size_t len, struct err *e)
{
	const struct put *u = ctx;
	struct sums *s = sums_new(e);
	uint8_t *segment = malloc(C4GH_SEGMENT_MAX), sum[SUM_LEN];
	uint64_t from, to;
	int rc = -1;

	if (segment == NULL)
		err_set(e, ERR_SYSTEM, "%s: out of memory", u->name);
	if (s == NULL || segment == NULL)
		goto out;
	for (uint64_t i = offset / C4GH_SEGMENT_MAX; i < u->segments; i++) {
		const uint8_t *at = segment;

		from = i * C4GH_SEGMENT_MAX;
		if (from >= offset + len)
			break;
		to = i + 1 == u->segments ? u->size : from + C4GH_SEGMENT_MAX;
		if (from >= offset && to <= offset + len) {
			at = data + (from - offset);
		} else {
			uint64_t in = from > offset ? from : offset,
				 out = to < offset + len ? to : offset + len;

			if (io_pread(u->fd, segment, (size_t)(to - from), from, u->name, e) !=
			    (ssize_t)(to - from)) {
				err_set(e, ERR_FORGED, "%s: cut short", u->name);
				goto out;
			}
			memcpy(segment + (in - from), data + (in - offset), (size_t)(out - in));
		}
		if (sums_segment(s, at, (size_t)(to - from), sum, e) == -1)
			goto out;
		if (memcmp(sum, u->sums + i * SUM_LEN, SUM_LEN) != 0) {
			err_set(e, ERR_FORGED, "%s: segment %" PRIu64 " is not as its sums say; not sent",
			    u->name, i);
			goto out;
		}
	}
	rc = 0;
out:
	free(segment);
	sums_free(s);
	return rc;
}

/* One at a time: endpoint.h. */
static void
sent(void *ctx, uint64_t bytes)
{
	struct put *u = ctx;
	struct json *j;

	if (u->silent)
		return;
	j = json_object();
	json_set_int(j, "bytes", (int64_t)bytes);
	u->silent = wire_send(u->channel, WIRE_SENT, j, NULL, 0, NULL) == -1;
	json_free(j);
}

int
send_put(struct endpoint *p, int channel, struct wire_message *m, const struct json *ask, struct json *answer,
    struct err *e)
{
	static const char *const keys[] = {"name", "sha256", "size", "sums", NULL};
	struct put u = {.channel = channel, .fd = m->fds[0]};
	uint8_t sha256[SUM_LEN];
	bool whole = json_get(ask, "sha256") != NULL, by_sums = json_get(ask, "sums") != NULL;
	struct endpoint_info info;
	int64_t size;
	int rc = -1;

	if (json_expect_keys(ask, keys, "PUT", e) == -1 ||
	    (u.name = json_need_string(ask, "name", "PUT", e)) == NULL ||
	    json_need_int(ask, "size", 0, JSON_INT_MAX, "PUT", &size, e) == -1 ||
	    ((whole || by_sums) &&
		json_need_hex(ask, whole ? "sha256" : "sums", sha256, sizeof(sha256), "PUT", e) == -1))
		return -1;
	if ((whole && by_sums) || m->fds[0] == -1 || by_sums != (m->fds[1] != -1))
		return err_set(e, ERR_INPUT, "PUT: its descriptors");
	u.size = (uint64_t)size;
	if (by_sums && load_sums(&u, m->fds[1], sha256, e) == -1)
		goto out;
	if (endpoint_put_checked(p, u.name, u.fd, u.size, whole ? sha256 : NULL, by_sums ? check_part : NULL,
		sent, &u, &info, e) == -1)
		goto out;
	json_set_int(answer, "size", (int64_t)info.size);
	json_set_string(answer, "tag", info.tag);
	rc = 0;
out:
	free(u.sums);
	return rc;
}
